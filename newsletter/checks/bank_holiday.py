"""A session on a bank holiday in England and Wales.

Offices and schools are closed then, so most often the date is a slip. Of a session that goes on for days only the first
and the last are looked at. Dates of the diary are days to know of, and may be any day.
The days are those of https://www.gov.uk/bank-holidays, with the days in place of those at a weekend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.dates import format_day
from newsletter.datewords import format_date
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N105"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every session that begins or ends on a bank holiday."""
    for event in context.events():
        if event.is_session and not event.cancelled:
            ends = (event.span.first, event.span.last)
            if day := next((day for day in ends if day in context.bank_holidays), None):
                yield Remark(
                    context.issue.place(event.trail),
                    f"a session on a bank holiday: {format_day(day)} ({context.bank_holidays[day]})",
                    f"Look at the date. {excusing(CODE, format_date(day))}",
                    words=format_date(day),
                )
