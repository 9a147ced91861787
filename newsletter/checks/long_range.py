"""A range of days that is longer than a year.

Most often one of the two years is a slip. What really goes on for so long is no date to put in a diary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import Span, format_days
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N108"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every range of which the end lies more than a year after the start."""
    for event in context.events():
        first, last = event.span.first, event.span.last
        if (last.year - 1, last.month, last.day) > (first.year, first.month, first.day):
            yield Remark(
                context.issue.place(event.trail),
                f"{format_days(event.span)} is longer than a year",
                _hint(event.span),
                words=format_days(event.span),
            )


def _hint(span: Span) -> str:
    """Offer the same days within a year, which is most often what was meant."""
    for year in (span.first.year, span.first.year + 1):
        is_leap_day = (span.last.month, span.last.day) == (2, 29)
        if not is_leap_day and (last := span.last.replace(year=year)) > span.first:
            return f'Look at the years. Did you mean "{format_days(Span(span.first, last))}"?'
    return "Look at the years."
