"""A time in the hour that the clocks skip or repeat.

When the clocks go forward an hour of that night does not exist; when they go back it comes twice, and nobody can tell
which of the two is meant. Most often am was written for pm. The clocks are those of timezone: in newsletter.yaml.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_day, format_time
from newsletter.datewords import format_date
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.dates import Span

CODE = "N106"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every event that begins or ends in such an hour."""
    for event in context.events():
        for moment in () if event.cancelled else _moments(event.span):
            # In a skipped hour and in a repeated one the two folds are two times (PEP 495).
            before, after = (moment.replace(tzinfo=context.zone, fold=fold).utcoffset() for fold in (0, 1))
            if before == after or before is None or after is None:
                continue
            fault = "does not exist" if before < after else "comes twice"
            turn = "forward" if before < after else "back"
            day = moment.date()
            yield Remark(
                context.issue.place(event.trail),
                f"{format_time(moment.time())} {fault} on {format_day(day)}: the clocks go {turn}",
                'Look at the time: "am" may stand for "pm". If it is meant, write one before or after that hour.',
                words=format_date(day),
            )
            break


def _moments(span: Span) -> Iterator[datetime]:
    """Yield the start and the end, where there are such."""
    if span.start is not None:
        yield datetime.combine(span.first, span.start)
    if span.end is not None:
        is_midnight = span.end == time.min  # the one that ends the day
        yield datetime.combine(span.last + timedelta(days=is_midnight), span.end)
