"""What became of each date from issue to issue: since when it is told of, where it has moved, how often it has changed.

A date of an issue goes on with what earlier issues had on its day, at the same times if there is such, and else with
what `occurrences.moved` takes for moved to its day since the last monthly issue. Otherwise it is a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from newsletter.occurrences import moved
from newsletter.past import is_monthly, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from newsletter.dates import Span
    from newsletter.past import Dated, Name, Past


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date through the issues: the day that was first given for it, and what the last of them said.

    *nth* tells apart, from 0, those of one name that were first given for one day. *changes* is how often day, time,
    place or its being cancelled were said anew.
    """

    first: date
    nth: int
    changes: int
    said: Dated

    def retold(self, event: Dated) -> Occurrence:
        """Return the occurrence with what a later issue says of it."""
        return replace(self, changes=self.changes + (_facts(event) != _facts(self.said)), said=event)


def trace(history: Iterable[Past]) -> Mapping[tuple[Name, Span], Occurrence]:
    """Return the dates of the last issue of *history*, the oldest first; those with a wrong weekday are left out.

    What an issue says twice is one date.
    """
    known: dict[Name, list[Occurrence]] = {}
    listed: dict[Name, Sequence[Dated]] = {}  # by the last monthly issue: special editions pick what they show
    here: dict[tuple[Name, Span], Occurrence] = {}
    for past in history:
        here = {}
        for name, events in past.dates.items():
            before = known.setdefault(name, [])
            for old, new in _followed(before, events, listed.get(name, ()), past.issue):
                here[name, new.said.span] = new
                before[:] = [*(one for one in before if one is not old), new]
            if is_monthly(past.issue):
                listed[name] = events
    return here


def _followed(
    known: Sequence[Occurrence], events: Sequence[Dated], last: Sequence[Dated], issue: str
) -> Iterator[tuple[Occurrence | None, Occurrence]]:
    """Yield of each date of *events* what it was, or None, and what it is now. All have one name.

    *known* is all that earlier issues said, *last* what the last monthly one did.
    """
    left = list(known)
    new: dict[Span, Dated] = {}
    for event in sorted(events, key=attrgetter("sort_key")):
        if event.is_sure:
            new.setdefault(event.span, event)
    for is_it in (_has_times_of, _has_day_of):
        for event in list(new.values()):
            if old := next((one for one in left if is_it(one, event)), None):
                left.remove(old)
                yield old, old.retold(new.pop(event.span))
    pair = moved(last, events, month_of(issue)) if last and is_monthly(issue) else None
    old = next((one for one in left if pair and one.said.span == pair[0].span), None)
    if pair and old and pair[1].span in new:
        yield old, old.retold(new.pop(pair[1].span))
    days = [one.first for one in known]
    for event in new.values():
        yield None, Occurrence(event.span.first, days.count(event.span.first), 0, event)
        days.append(event.span.first)


def _has_times_of(old: Occurrence, event: Dated) -> bool:
    return old.said.span == event.span


def _has_day_of(old: Occurrence, event: Dated) -> bool:
    return old.said.span.first == event.span.first


def _facts(event: Dated) -> tuple[Span, str, bool]:
    return event.span, event.location, event.cancelled
