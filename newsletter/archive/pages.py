"""The pages of the archive and their style sheet, drawn by the templates below ``templates/archive/``."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.archive.feed import FEED
from newsletter.archive.linkeddata import linked_data
from newsletter.archive.printed import adding, show
from newsletter.archive.site import Leaf, digest, leaf
from newsletter.archive.timetable import days_to_know, newest_of, next_sessions, running
from newsletter.calendar import ALL, issue_file
from newsletter.render import draw
from newsletter.theme import tones

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.archive.printed import Printed
    from newsletter.archive.timetable import Timetable
    from newsletter.config import Config, Workspace
    from newsletter.model import Picture

_NEUTRAL = "https://www.bbc.co.uk/weather"  # where GOV.UK's "Exit this page" leads, too
_ASIDE = 4  # courses, and days, that the front page shows
_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Site:
    """All that pages are made of. *issues* are shown, the newest first; *common* is the hash of what all share."""

    workspace: Workspace
    issues: tuple[Printed, ...]
    table: Timetable
    logo: Picture | None
    common: str

    @property
    def config(self) -> Config:
        """What newsletter.yaml says."""
        return self.workspace.config

    @property
    def has_dates(self) -> bool:
        """Whether any issue ever had a date, and so there is a calendar to subscribe to."""
        return any(issue.entries for issue in self.issues)


def static(name: str) -> str:
    """Return one of the scripts, without blank lines."""
    lines = (_STATIC / name).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if line.strip()) + "\n"


def pages(site: Site) -> Iterator[Leaf]:
    """Yield the leaves of all pages and of what they load, but for pictures. Raises TemplateError."""
    shared = _shared(site)

    def page(file: str, **values: Any) -> Leaf:
        return leaf(file, _draw(site, f"archive/{file}", shared, file.removesuffix(".html"), values))

    yield page("index.html", **_front(site))
    yield page("training.html", **_training(site))
    yield page("diary.html", **_diary(site))
    yield page("search.html")
    yield page("accessibility.html", **_statement(site.config))
    yield leaf("style.css", draw("archive/style.css", _colours(site.config), root=site.workspace.root))
    yield leaf("search.js", static("search.js"))
    for number, issue in enumerate(site.issues):
        later = site.issues[number - 1] if number else None
        earlier = site.issues[number + 1] if number + 1 < len(site.issues) else None
        yield _issue_page(site, shared, issue, earlier, later)


def _issue_page(
    site: Site, shared: dict[str, Any], issue: Printed, earlier: Printed | None, later: Printed | None
) -> Leaf:
    """Return the page of *issue*: it is only drawn when something it is made of has changed."""
    beside = [(one.page, one.subject) if one else None for one in (earlier, later)]
    made_of = digest(f"{site.common} {issue.made_of} {[*issue.pictures]} {beside} {site.has_dates}".encode())

    def make() -> bytes:
        values = {
            "issue": issue,
            "earlier": earlier,
            "later": later,
            "issue_calendar": issue_file(issue.id) if issue.entries else "",
            "linked_data": linked_data(issue.entries, site.config),
        }
        return _draw(site, "archive/issue.html", shared, issue.id, values).encode()

    return Leaf(issue.page, made_of, make)


def _draw(site: Site, template: str, shared: dict[str, Any], name: str, values: dict[str, Any]) -> str:
    address = "" if name == "index" else f"{name}.html"
    canonical = f"{site.config.archive_url}{address}" if site.config.archive_url else ""
    return draw(template, {"linked_data": "", **shared, **values, "canonical": canonical}, root=site.workspace.root)


def _shared(site: Site) -> dict[str, Any]:
    """Return what every page shows or obeys."""
    config, script = site.config, static("quick-leave.js")
    return {
        "language": config.language,
        "title": config.title,
        "organisation": config.organisation,
        "about": config.about or "",
        "postal_address": config.postal_address or "",
        "website": config.website or "",
        "logo": show(site.logo) if site.logo else None,
        "logo_alt": config.theme.logo_alt or config.organisation,
        "leave": config.quick_leave or _NEUTRAL,
        "leave_script": script,
        "policy": _policy(script),
        "noindex": config.noindex,
        "feed": FEED,
        "calendar": ALL if site.has_dates else "",
    }


def _policy(script: str) -> str:
    """Return what a page may load (Content-Security-Policy): what lies beside it, and the one script that is in it.

    To some browsers 'self' means nothing in a page that was opened as a file; file: lets nothing in from elsewhere.
    """
    ours = "'self' file:"
    mark = b64encode(sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src {ours} 'sha256-{mark}'; style-src {ours}; img-src {ours}; "
        "form-action 'none'; base-uri 'none'"
    )


def _colours(config: Config) -> dict[str, Any]:
    palette = tones(config.theme.accent)
    return {"light": palette.light, "dark": palette.dark}


def _front(site: Site) -> dict[str, Any]:
    sessions, days = next_sessions(site.table), days_to_know(site.table)
    return {
        "newest": newest_of(site.issues),
        "years": [(year, list(issues)) for year, issues in groupby(site.issues, key=lambda one: one.id[:4])],
        "sessions": sessions[:_ASIDE],
        "courses": len(site.table.courses),
        "days": days[:_ASIDE],
    }


def _training(site: Site) -> dict[str, Any]:
    subjects = {issue.id: issue.subject for issue in site.issues}
    table = site.table
    return {
        "courses": running(table, subjects, adding(table.sessions)),
        "undated": table.undated,
        "linked_data": linked_data(table.sessions, site.config),
    }


def _diary(site: Site) -> dict[str, Any]:
    days, links = site.table.days, adding(site.table.days)
    return {
        "rows": [(row, links.get(entry.uid)) for row, entry in zip(days_to_know(site.table), days, strict=True)],
        "linked_data": linked_data(days, site.config),
    }


def _statement(config: Config) -> dict[str, Any]:
    """Return what the accessibility statement says of us: whom to tell, and where more is said."""
    given = config.accessibility
    contact = given.contact if given else config.reply_mailbox.address
    is_address = "@" in contact and not set(contact) & set(" \t,;")
    return {"contact": contact, "is_address": is_address, "more": (given.url if given else None) or ""}


def page_names(issues: Sequence[Printed]) -> tuple[str, ...]:
    """Return the names of all pages from the archive's root on; that of the front page is the root itself."""
    return ("", "training.html", "diary.html", "search.html", "accessibility.html", *(one.page for one in issues))
