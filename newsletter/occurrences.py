"""Which dates of two issues are one and the same occurrence, and what became of it.

Titles alone do not say so: a forum comes every month, an awareness day every year. Two dates of one title are held
against each other only

- when they begin on the same day: then their last day and their times should agree. What only one of them says, such as
  an end, is no difference.
- in the diary, when the title has one day in each issue and both are still to come: they are taken for one event that
  was moved, if they lie less than three weeks apart. Beyond that it is more often next month's forum.
- for a course, when one session that was still to come has vanished and one new session has appeared, likewise less
  than three weeks away and in the same place in the row: with no other session of the two issues between them. So a
  list that drops its first session and adds one behind the others is a list that goes on, and nothing was moved.

"Still to come" is by the day of sending and by the month of the later issue, whichever is later. A cancelled session
has not vanished, and its times no longer matter.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from newsletter.dates import Span
    from newsletter.past import Dated

_THREE_WEEKS = 21  # days


def differing(mine: Sequence[Dated], theirs: Sequence[Dated]) -> Iterator[tuple[Dated, Dated]]:
    """Yield what begins on the same day in both and then goes on differently. All have one title."""
    ours, others = _by_day(mine), _by_day(theirs)
    for day in ours:
        if day in others:
            yield from zip(*_unmatched(ours[day], others[day]), strict=False)


def moved(earlier: Sequence[Dated], later: Sequence[Dated], since: date) -> tuple[Dated, Dated] | None:
    """Return what was moved to another day, as the *earlier* issue and the *later* one have it. All have one title."""
    if earlier[0].is_session:
        vanished = gone(earlier, later, since)
        days = {session.span.first for session in earlier}
        fresh = [session for session in later if not session.cancelled and session.span.first not in days]
    else:
        vanished, fresh = list(earlier), list(later)
    if len(vanished) != 1 or len(fresh) != 1:
        return None
    pair = vanished[0], fresh[0]
    first, last = sorted(event.span.first for event in pair)
    is_to_come = not any(event.span.is_over(since) for event in pair)
    is_near = 0 < (last - first).days < _THREE_WEEKS
    is_parted = any(first < event.span.first < last for event in (*earlier, *later))
    return pair if is_to_come and is_near and not is_parted else None


def gone(earlier: Sequence[Dated], later: Sequence[Dated], since: date) -> list[Dated]:
    """Return the sessions of the *earlier* issue, not over on *since*, on whose day the *later* one has none."""
    days = {session.span.first for session in later}
    return [
        session
        for session in earlier
        if not session.cancelled and not session.span.is_over(since) and session.span.first not in days
    ]


def _by_day(events: Sequence[Dated]) -> dict[date, dict[Span, Dated]]:
    """Return *events* by their first day, what is said twice once, without those that are cancelled."""
    days: dict[date, dict[Span, Dated]] = {}
    for event in events:
        if not event.cancelled:
            days.setdefault(event.span.first, {}).setdefault(event.span, event)
    return days


def _unmatched(ours: dict[Span, Dated], others: dict[Span, Dated]) -> tuple[list[Dated], list[Dated]]:
    """Return those of one day that have no like in the other issue, each list by its times."""
    left = {span: event for span, event in ours.items() if span not in others}
    right = {span: event for span, event in others.items() if span not in ours}
    for more, less in ((left, right), (right, left)):
        for span in list(more):
            shorter = (replace(span, end=None), replace(span, start=None, end=None))
            if like := next((one for one in shorter if one in less), None):  # it says less, and denies nothing
                del more[span], less[like]
    by_start = attrgetter("sort_key")
    return sorted(left.values(), key=by_start), sorted(right.values(), key=by_start)
