"""The web archive: a static website of all issues that may be seen, made of nothing but them.

    issues/*.yaml ─print_issue→ Printed ─pages, feed, search, calendars→ Leaf ─lay_down→ archive/

It has no clock and needs no server: same input, same bytes, and every link from one page to another is relative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.archive.feed import FEED, SITEMAP, atom, sitemap
from newsletter.archive.pages import Site, page_names, pages, static
from newsletter.archive.printed import PICTURES, LeftOut, Printed, print_issue, seed
from newsletter.archive.search import INDEX, search_index
from newsletter.archive.site import Laid, Leaf, digest, lay_down, leaf
from newsletter.archive.timetable import newest_first, timetable
from newsletter.build import read_logo
from newsletter.calendar import ALL, Entry, calendar_bytes, days_file, issue_file, newest
from newsletter.images import read_picture
from newsletter.load import issue_ids
from newsletter.receipts import receipts
from newsletter.render import content_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newsletter.config import Workspace


@dataclass(frozen=True, slots=True)
class Archive:
    """What became of the archive: the issues shown, those left out, and the files; None when nothing was written."""

    shown: tuple[Printed, ...]
    left_out: tuple[LeftOut, ...]
    laid: Laid | None

    @property
    def faulty(self) -> tuple[LeftOut, ...]:
        """The issues that are left out because something is wrong with them."""
        return tuple(one for one in self.left_out if not one.is_draft)


def write_archive(workspace: Workspace, folder: Path) -> Archive:
    """Write the archive of *workspace* into *folder*, where only what has changed is touched.

    Drafts and issues with errors are left out. Nothing is written when no issue is left. Raises ConfigError for a logo
    that cannot be read, TemplateError, and RefusedError where something that is not ours is in the way.
    """
    logo = read_logo(workspace)
    made_of = f"{seed(workspace)} {content_id(logo) if logo else ''} {static('quick-leave.js')}"
    common = digest(made_of.encode())
    found = [print_issue(workspace, issue, common) for issue in issue_ids(workspace.root)]
    left_out = tuple(one for one in found if isinstance(one, LeftOut))
    shown = newest_first([one for one in found if isinstance(one, Printed)])
    if not shown:
        return Archive(shown, left_out, None)
    site = Site(workspace, shown, timetable(shown), logo, common)
    return Archive(shown, left_out, lay_down(_leaves(site), folder))


def unpublished(workspace: Workspace, folder: Path) -> tuple[str, ...] | None:
    """Return the ids of the issues that were sent, by their receipts, and have no page in *folder*, the oldest first.

    None where nothing was sent. Raises ConfigError for a receipt that cannot be read.
    """
    sent = sorted({receipt.issue for receipt in receipts(workspace.root)})
    return tuple(issue for issue in sent if not (folder / f"{issue}.html").is_file()) if sent else None


def _leaves(site: Site) -> Iterator[Leaf]:
    """Yield every file of the archive."""
    config = site.config
    yield from pages(site)
    yield leaf(INDEX, search_index(site.issues))
    yield leaf(FEED, atom(site.issues, config))
    if config.archive_url and not config.noindex:  # a site map has only whole addresses
        yield leaf(SITEMAP, sitemap(page_names(site.issues), config))
    yield from _pictures(site)
    everything = [entry for issue in site.issues for entry in issue.entries]
    for entry in newest(everything):
        yield _calendar(site, entry.file, [entry])
    for issue in site.issues:
        days = [entry for entry in issue.entries if not entry.is_session]
        if issue.entries:
            yield _calendar(site, issue_file(issue.id), issue.entries, title=issue.subject)
        if days:
            yield _calendar(site, days_file(issue.id), days, title=issue.subject)
    if everything:
        yield _calendar(site, ALL, site.table.entries, title=config.title)


def _calendar(site: Site, name: str, entries: Iterable[Entry], title: str = "") -> Leaf:
    entries, zone = tuple(entries), site.config.zone
    made_of = digest(f"{site.common} {title!r} {entries!r}".encode())
    return Leaf(name, made_of, lambda: calendar_bytes(entries, zone=zone, title=title))


def _pictures(site: Site) -> Iterator[Leaf]:
    """Yield the pictures; each has its content's hash in its name."""
    root = site.workspace.root
    sources = {name: src for issue in site.issues for name, src in issue.pictures.items()}
    if site.logo and site.config.theme.logo:
        sources[content_id(site.logo)] = site.config.theme.logo
    for name, src in sources.items():
        yield Leaf(f"{PICTURES}/{name}", name, lambda src=src: read_picture(root, src).data)  # type: ignore[misc]
