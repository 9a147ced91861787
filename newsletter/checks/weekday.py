"""A weekday that is not that of its date.

Readers trust the weekday more than the number, and one of the two is a slip, often from copying last month's line.
The calendar cannot tell which: so nothing is mended, and the issue does not leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.dates import format_day
from newsletter.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.model import Issue

CODE = "N101"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check(issue: Issue) -> Iterator[Finding]:
    """Yield a finding for every date whose written weekday is another than its own."""
    for event in issue.events():
        for day, weekday in event.span.stated:
            if day.weekday() != weekday:
                truth, stated = format_day(day), _WEEKDAYS[weekday]
                written = truth.split(" ", 1)[1]
                yield Finding(
                    issue.places.place(event.trail),
                    Severity.ERROR,
                    CODE,
                    f"{stated} {written} is a {_WEEKDAYS[day.weekday()]}",
                    f'Write "{truth}", or change the date.',
                )
