"""A weekday that is not that of its date.

Readers trust the weekday more than the number, and one of the two is a slip, often from copying last month's line.
The calendar cannot tell which: so nothing is mended, and the issue does not leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.dates import format_day
from newsletter.datewords import WEEKDAYS, format_date
from newsletter.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.model import Issue

CODE = "N101"


def check(issue: Issue) -> Iterator[Finding]:
    """Yield a finding for every date whose written weekday is another than its own."""
    for event in issue.events():
        for day, weekday in event.span.stated:
            if day.weekday() != weekday:
                yield Finding(
                    issue.places.place(event.trail),
                    Severity.ERROR,
                    CODE,
                    f"{WEEKDAYS[weekday]} {format_date(day)} is a {WEEKDAYS[day.weekday()]}",
                    f'Write "{format_day(day)}", or change the date.',
                )
