"""A session on a Saturday or a Sunday.

Training is rarely at a weekend, so most often the day or the month is a slip. Of a session that goes on for days only
the first and the last are looked at. Whoever writes the weekday too means it. Dates of the diary may be any day.
"""

from __future__ import annotations

from calendar import SATURDAY
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.dates import format_day
from newsletter.datewords import format_date
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N104"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every session that begins or ends at a weekend."""
    holidays = context.bank_holidays  # which N105 tells
    for event in context.events():
        if event.is_session and not event.cancelled:
            meant = {day for day, _ in event.span.stated}
            ends = [day for day in (event.span.first, event.span.last) if day not in meant]
            if day := next((day for day in ends if day.weekday() >= SATURDAY and day not in holidays), None):
                yield Remark(
                    context.issue.place(event.trail),
                    f"a session at the weekend: {format_day(day)}",
                    f"Look at the day and the month, or write {format_day(day)}. {excusing(CODE, format_date(day))}",
                    words=format_date(day),
                )
