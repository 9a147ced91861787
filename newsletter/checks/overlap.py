"""Two sessions of one course at once.

It is most often a line that was copied and whose date was not changed, or a session that stands in two places. Courses
are the same when their titles are, whatever their case, dashes and apostrophes. Sessions at different places may be
at once, and a day without times takes up all of it. A range of days is compared only with the same range.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_span
from newsletter.datewords import format_date
from newsletter.findings import Severity
from newsletter.past import normal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from newsletter.dates import Span
    from newsletter.model import Event

CODE = "N103"
SEVERITY = Severity.WARNING
_MIDNIGHT = 24 * 60


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every session that is at once with one above it in the file."""
    courses: dict[Hashable, list[Event]] = defaultdict(list)
    for event in context.events():
        if event.is_session and not event.cancelled:
            courses[normal(event.title), normal(event.location), event.span.first, event.span.last].append(event)
    for sessions in courses.values():
        for event, other in _at_once(sessions):
            yield Remark(
                context.issue.place(event.trail),
                f"two sessions of one course at once: also on line {context.issue.place(other.trail).line}, "
                f"{format_span(other.span)}",
                "Take one out, or change its date. If both are meant, give each its own location:.",
                words=format_date(event.span.first),
            )


def _at_once(sessions: Sequence[Event]) -> Iterator[tuple[Event, Event]]:
    """Yield pairs of *sessions* of one day that overlap, the one that stands later in the file first."""
    numbered = sorted(enumerate(sessions), key=lambda one: (_minutes(one[1].span)[0], one[0]))
    longest: tuple[int, Event] | None = None  # of those that have begun, the one that ends last
    for number, event in numbered:
        begin, end = _minutes(event.span)
        if longest and begin < _minutes(longest[1].span)[1]:
            first, second = sorted([longest, (number, event)], key=lambda one: one[0])
            yield second[1], first[1]
        if longest is None or end > _minutes(longest[1].span)[1]:
            longest = number, event


def _minutes(span: Span) -> tuple[int, int]:
    """Return when the span begins and ends in its day; without an end it is a moment, without times the whole day."""
    if span.start is None:
        return 0, _MIDNIGHT
    begin = span.start.hour * 60 + span.start.minute
    if span.end is None:
        return begin, begin + 1
    return begin, (span.end.hour * 60 + span.end.minute) or _MIDNIGHT
