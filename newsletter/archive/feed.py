"""What programs read to hear of new issues: an Atom feed (RFC 4287) and a site map (sitemaps.org).

Atom is a dozen elements, so it is written with the standard library: a library for feeds would bring two others along
and no element more.
"""

from __future__ import annotations

from datetime import UTC
from html import escape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from newsletter.past import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsletter.archive.printed import Printed
    from newsletter.config import Config

FEED = "feed.xml"
SITEMAP = "sitemap.xml"
_NEWEST = 20  # entries; a reader of feeds keeps the older ones
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "http://www.w3.org/XML/1998/namespace"


def atom(issues: Sequence[Printed], config: Config) -> bytes:
    """Return the feed of *issues*, the newest first. Its links are whole where the archive's address is known.

    An id says which issue it is and not where that stands, so that it lasts when the archive moves (RFC 4151). An entry
    dates from 9am on the first of the issue's month in the workspace's zone: there is no clock here.
    """
    base = config.archive_url or ""
    name = f"tag:{config.from_mailbox.address.rpartition('@')[2]},2026:newsletter"
    feed = Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": config.language})
    _add(feed, "id", name)
    _add(feed, "title", f"{config.title}, {config.organisation}")
    if config.about:
        _add(feed, "subtitle", config.about)
    _add(feed, "updated", _moment(issues[0], config))
    _add(SubElement(feed, f"{{{_ATOM}}}author"), "name", config.organisation)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{base}{FEED}")
    _add(feed, "link", rel="alternate", type="text/html", href=base or "index.html")
    for issue in issues[:_NEWEST]:
        entry = SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "id", f"{name}/{issue.id}")
        _add(entry, "title", issue.subject)
        for key in ("published", "updated"):
            _add(entry, key, _moment(issue, config))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{base}{issue.page}")
        _add(entry, "summary", issue.preheader)
        _add(entry, "content", _contents(issue, base), type="html")
    return _written(feed, _ATOM)


def sitemap(pages: Iterable[str], config: Config) -> bytes:
    """Return the site map of *pages*, by their names from the archive's root on; its addresses must be whole."""
    root = Element(f"{{{_SITEMAPS}}}urlset")
    for page in pages:
        SubElement(SubElement(root, f"{{{_SITEMAPS}}}url"), f"{{{_SITEMAPS}}}loc").text = f"{config.archive_url}{page}"
    return _written(root, _SITEMAPS)


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = text


def _contents(issue: Printed, base: str) -> str:
    """Return what is in *issue* as HTML: each section, and a link to it. To read it is to have Quick leave at hand."""
    rows = (
        f'<li><a href="{escape(base)}{issue.page}#section-{number}">{escape(part.title)}</a></li>'
        for number, part in enumerate(issue.parts, 1)
    )
    return f"<p>{escape(issue.preheader)}</p><ul>{''.join(rows)}</ul>"


def _moment(issue: Printed, config: Config) -> str:
    return moment_of(issue.id, config.zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(root: Element, namespace: str) -> bytes:
    register_namespace("", namespace)
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
