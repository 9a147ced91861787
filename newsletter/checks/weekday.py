"""A weekday that is not that of its date.

Readers trust the weekday more than the number, and one of the two is a slip, often from copying last month's line.
The calendar cannot tell which: so nothing is mended, and the issue does not leave until one of them is put right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_days, format_span
from newsletter.datewords import WEEKDAYS, format_date
from newsletter.findings import Severity
from newsletter.past import month_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from newsletter.dates import Span
    from newsletter.model import Event

CODE = "N101"
SEVERITY = Severity.ERROR
_A_YEAR = timedelta(days=365)


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every event with a written weekday that is another than its day's own."""
    for event in context.issue.events():
        wrong = [(day, weekday) for day, weekday in event.span.stated if day.weekday() != weekday]
        if wrong:
            said = [f"{WEEKDAYS[weekday]} {format_date(day)}" for day, weekday in wrong]
            faults = [f"{words} is a {WEEKDAYS[day.weekday()]}" for words, (day, _) in zip(said, wrong, strict=True)]
            first, second = (f'"{_written(context, event, span)}"' for span in _meant(event.span, context.issue.id))
            yield Remark(
                context.issue.place(event.trail),
                ", and ".join(faults),
                f"Write {first}, or {second}.",
                words=said[0],
            )


def _meant(span: Span, issue: str) -> tuple[Span, Span]:
    """Return the two spans that are most likely meant, the first first.

    In January the year is last year's in most slips: that of the issue, or the next one, has the weekday then.
    """
    start = month_of(issue)
    for year in (start.year, start.year + 1):
        other = _in_year(span, year)
        if other and timedelta() <= other.first - start < _A_YEAR and other.is_sure:
            return other, span
    return span, _moved(span)


def _in_year(span: Span, year: int) -> Span | None:
    """Return *span* with its stated weekdays in another year; None where its days are not in that one."""

    def there(day: date) -> date:
        return day.replace(year=day.year + year - span.first.year)

    try:
        stated = tuple((there(day), weekday) for day, weekday in span.stated)
        return replace(span, first=there(span.first), last=there(span.last), stated=stated)
    except ValueError:  # 29 February
        return None


def _written(context: Context, event: Event, span: Span) -> str:
    """Return *span* as it may be written in the place of the event's: its times too, unless they have keys."""
    if span.is_range:
        ends = format_days(span).split(" to ")
        days = zip(ends, (span.first, span.last), (event.span.first, event.span.last), strict=True)
        stated = dict(event.span.stated)
        return " to ".join(f"{WEEKDAYS[day.weekday()]} {end}" if old in stated else end for end, day, old in days)
    has_keys = any(text.trail == (*event.trail, key) for text in context.issue.texts for key in event.keys[1:])
    return format_days(span) if has_keys else format_span(span)


def _moved(span: Span) -> Span:
    """Return the days nearest to *span* that have the weekdays it states. Those of a range stay in their order."""
    stated = dict(span.stated)
    firsts, lasts = _near(span.first, stated), _near(span.last, stated)
    if not span.is_range:
        return replace(span, first=firsts[0], last=firsts[0])
    pairs = [(first, last) for first, last in product(firsts, lasts) if first < last]
    first, last = min(pairs, key=lambda pair: abs(pair[0] - span.first) + abs(pair[1] - span.last))
    return replace(span, first=first, last=last)


def _near(day: date, stated: Mapping[date, int]) -> list[date]:
    """Return the days less than a week from *day* that have its stated weekday, the nearest first."""
    ahead = (stated.get(day, day.weekday()) - day.weekday()) % 7
    return sorted({day + timedelta(ahead), day + timedelta(ahead - 7 if ahead else 0)}, key=lambda one: abs(one - day))
