"""When the clocks of a time zone change, as yearly rules: "the last Sunday of March".

Outlook takes from a file's time zone one yearly rule for the start of summer time and one for its end, and ignores
every list of single changes ([MS-STANOICAL] 2.2.47, [MS-OXCICAL] 2.1.3.1.1.19); a zone's data has such lists only.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

_YEARS = 10  # that a rule has to foretell; the last Sunday of a month is the fourth in some years, the fifth in others
_WEEK = 7 * 24 * 60  # minutes
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A change of the clocks that comes each year, on the *nth* (-1: the last) such weekday of its month.

    *onset* is the first one, in the local time that ends then; *before* and *after* are the offsets from UTC.
    """

    onset: datetime
    nth: int
    before: timedelta
    after: timedelta
    name: str

    @property
    def is_summer(self) -> bool:
        """Whether summer time begins."""
        return self.after > self.before


@lru_cache(maxsize=8)
def clock_rules(zone: ZoneInfo, year: int) -> tuple[ClockRule, ...] | None:
    """Return the changes of *zone* from the start of *year* on: none where the clocks never change.

    None, where they change by no such rule in the ten years from then on: by the moon, say.
    """
    years = [list(_changes(zone, one)) for one in range(year, year + _YEARS)]
    if len({len(changes) for changes in years}) > 1:
        return None
    rules = [_rule(changes) for changes in zip(*years, strict=True)]
    return None if None in rules else tuple(rule for rule in rules if rule)


def _changes(zone: ZoneInfo, year: int) -> Iterator[ClockRule]:
    """Yield the changes of one year, each on the nth of its weekday, counted from the month's start."""
    start, end = (datetime(one, 1, 1, tzinfo=UTC) for one in (year, year + 1))
    for week, next_week in pairwise([*(start + timedelta(weeks=week) for week in range(53)), end]):
        before, after = _offset(zone, week), _offset(zone, next_week)
        if before != after:
            moment = week + _MINUTE * bisect_left(range(_WEEK), 1, key=_is_other(zone, week))
            onset = (moment + before).replace(tzinfo=None)
            name = moment.astimezone(zone).tzname() or zone.key
            yield ClockRule(onset, (onset.day - 1) // 7 + 1, before, after, name)


def _rule(changes: tuple[ClockRule, ...]) -> ClockRule | None:
    """Return the rule that all *changes*, one a year, follow, None if there is none."""
    first = changes[0]
    kinds = {
        (one.onset.month, one.onset.weekday(), one.onset.time(), one.before, one.after, one.name) for one in changes
    }
    if len(kinds) > 1:
        return None
    if all(one.onset.day + 7 > monthrange(one.onset.year, one.onset.month)[1] for one in changes):
        return ClockRule(first.onset, -1, first.before, first.after, first.name)
    return first if len({one.nth for one in changes}) == 1 else None


def _is_other(zone: ZoneInfo, start: datetime) -> Callable[[int], bool]:
    """Return what tells whether the offset so many minutes after *start* is another than it was then."""
    return lambda minute: _offset(zone, start + minute * _MINUTE) != _offset(zone, start)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
