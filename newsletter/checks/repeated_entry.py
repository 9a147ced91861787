"""A booking link or an entry of the diary that stands twice.

Two courses with one booking link are mostly a slip of copying: readers would book the wrong course. A page where three
or more courses are booked may be meant, and is let pass. An entry of the diary that stands twice is read twice.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.model import Event, Issue, Target

CODE = "N137"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every second course of a booking link, and for every entry that was there before."""
    yield from _bookings(context.issue)
    yield from _entries(context)


def _bookings(issue: Issue) -> Iterator[Remark]:
    courses: defaultdict[str, dict[str, Target]] = defaultdict(dict)  # by the link and the name of the course
    for target in issue.targets():
        if target.trail[-1] == "book":
            courses[target.url.rstrip("/")].setdefault(" ".join(target.text.split()).casefold(), target)
    titles = {text.trail: text.text for text in issue.texts}
    for same in courses.values():
        if len(same) == 2:
            first, second = (issue.place(target.trail) for target in same.values())
            one, other = (titles.get((*target.trail[:-1], "title"), target.text) for target in same.values())
            url = next(iter(same.values())).url
            yield Remark(
                second,
                f'the booking link of "{other}" on line {second.line} is that of "{one}" on line {first.line}',
                f"Write each course's own link. {excusing(CODE, url)}",
                url,
            )


def _entries(context: Context) -> Iterator[Remark]:
    before: dict[object, Event] = {}
    for event in context.events():
        if not event.is_session:
            key = (" ".join(event.title.split()).casefold(), event.span.first, event.span.last, event.span.sort_key)
            first = before.setdefault(key, event)
            if first is not event:
                here, there = context.issue.place(event.trail), context.issue.place(first.trail)
                yield Remark(
                    here,
                    f'"{event.title}" on line {here.line} stands on line {there.line} already, on the same day',
                    "Delete one of the two.",
                    event.title,
                )
