"""A date more than two years after its issue.

Hardly anything is announced so early: most often the year is a slip. What counts is the month in the issue's name,
not today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_days
from newsletter.datewords import MONTHS, format_date
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N107"
SEVERITY = Severity.WARNING
_YEARS = 2


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every event that begins later than 24 months after the first day of the issue's month."""
    year, month = (int(part) for part in context.issue.id.split("-")[:2])
    for event in context.events():
        first = event.span.first
        if (first.year - _YEARS, first.month, first.day) > (year, month, 1):
            yield Remark(
                context.issue.place(event.trail),
                f"{format_days(event.span)} is more than two years after {MONTHS[month - 1]} {year}",
                "Look at the year. A date that is so far ahead can wait for a later issue.",
                words=format_days(event.span) if event.span.is_range else format_date(first),
            )
