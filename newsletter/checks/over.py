"""A date that is over on the day of sending.

Readers take a past date for a slip, and lose a place they thought they could still book. It often comes in with last
month's text. The day of sending is today unless --on names another; a cancelled session does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_days
from newsletter.datewords import format_date
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N102"
SEVERITY = Severity.WARNING
IS_STEADY = False


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every event that is over; one alone for an issue of which all are."""
    events = [event for event in context.events() if not event.cancelled]
    over = [event for event in events if event.span.is_over(context.on)]
    if len(over) == len(events) > 1:
        issue = context.issue.id
        yield Remark(
            context.issue.place(over[0].trail),
            f"all {len(over)} dates of this issue are over on {format_date(context.on)}",
            "Change them. To check an issue of the past as of its own month: "
            f"newsletter check {issue} --on {issue[:7]}-01",
        )
        return
    for event in over:
        yield Remark(
            context.issue.place(event.trail),
            f"{format_days(event.span)} is over on {format_date(context.on)}, the day of sending",
            "Take it out, or change the date.",
            words=format_days(event.span) if event.span.is_range else format_date(event.span.first),
        )
