"""An issue beside last month's: which dates both have, and have otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.dates import format_span
from newsletter.occurrences import differing, moved
from newsletter.past import is_monthly, month_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsletter.past import Dated, Past


@dataclass(frozen=True, slots=True)
class Changed:
    """A date that two issues have otherwise: what it is called, and how each of them tells it."""

    title: str
    then: str
    now: str


def last_month(issue: str, ids: Iterable[str]) -> str:
    """Return the newest monthly issue of *ids* before *issue*; the empty string when there is none."""
    return max((other for other in ids if other < issue and is_monthly(other)), default="")


def changed(then: Past, now: Past) -> Iterator[Changed]:
    """Yield each date that was changed from the issue *then* to the issue *now*, in the order of *now*."""
    for name, here in now.dates.items():
        there = then.dates.get(name, ())
        for before, after in _pairs(there, here, now.issue) if there else ():
            yield Changed(after.title, _told(before), _told(after))


def _pairs(there: Sequence[Dated], here: Sequence[Dated], issue: str) -> Iterator[tuple[Dated, Dated]]:
    """Yield what differs, then and now. All have one title."""
    yield from ((then, now) for now, then in differing(here, there))
    if pair := moved(there, here, month_of(issue)):
        yield pair
    told = {event.span: event for event in there}
    for event in here:
        before = told.get(event.span)
        if before and before.cancelled != event.cancelled:
            yield before, event


def _told(event: Dated) -> str:
    return f"{'Cancelled: ' if event.cancelled else ''}{format_span(event.span)}"
