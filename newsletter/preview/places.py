"""Where in the email a finding shows: the words that a reader sees there, and words near them that say which ones.

A finding knows its place in the file. What stands at that place comes out of the email's templates in a form of its
own: a date in the house's style, a Markdown line without its marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from newsletter.dates import format_span
from newsletter.findings import Place
from newsletter.prose import to_html

if TYPE_CHECKING:
    from newsletter.findings import Finding, Trail
    from newsletter.model import Issue

_TAG = re.compile(r"<[^>]*>")
_INBOX = {"subject", "preheader"}


@dataclass(frozen=True, slots=True)
class Seen:
    """The *words* to look for in the email; of several such the one nearest to *near*. Blanks are single."""

    words: str
    near: str = ""


def where(finding: Finding, issue: Issue) -> Seen | None:
    """Return where in the email of *issue* a reader meets what *finding* is about; None when nowhere."""
    if finding.place == Place(finding.place.file):
        return None
    trails = {*(text.trail for text in issue.texts), *(event.trail for event in issue.events())}
    trails |= {found.trail for found in issue.undated()} | {found.trail for found in issue.targets()}
    before = [(place, trail) for trail in trails if (place := issue.place(trail)) <= finding.place]
    before = [one for one in before if one[0].file == finding.place.file]
    if not before:
        return None
    place, trail = max(before, key=lambda one: (one[0], len(one[1])))
    return _seen(trail, finding.place.line - place.line, issue)


def _seen(trail: Trail, line: int, issue: Issue) -> Seen | None:
    """Return what stands at *trail*, *line* lines below its first."""
    if trail[0] in _INBOX:
        return Seen(issue.subject) if trail[0] == "subject" else None
    section = issue.sections[trail[1]].title if trail[0] == "sections" and isinstance(trail[1], int) else ""
    for event in issue.events():
        if trail[: len(event.trail)] == event.trail:
            return Seen(_plain(format_span(event.span)), _plain(event.title))
    for target in issue.targets():
        if target.trail == trail:
            return Seen(_plain(target.text), _plain(section))
    text = next((text.text for text in issue.texts if text.trail == trail), "")
    lines = text.split("\n")
    shown = _plain(unescape(_TAG.sub("", to_html(lines[min(line, len(lines) - 1)] if lines else ""))))
    return Seen(shown or _plain(section), _plain(section)) if shown or section else None


def _plain(text: str) -> str:
    return " ".join(text.split())
