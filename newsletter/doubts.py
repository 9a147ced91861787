"""Second thoughts before a send: what an editor who is in a hurry would want to be asked.

From what the ledger knows of other sends of the same kind, rehearsals among rehearsals.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.datewords import format_moment
from newsletter.errors import RefusedError
from newsletter.records import State

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from newsletter.receipts import Receipt
    from newsletter.records import Order, Record

_CLOCK_SLACK = timedelta(minutes=1)  # what setting a clock by the network may take it back
_OTHER_SIZE = 40  # per cent more or fewer people than last time


def refuse_repeated(order: Order, records: Sequence[Record]) -> None:
    """Raise RefusedError when exactly this content has gone out: as another issue, or to this list before."""
    for record in records:
        if record.content != order.content or record.rehearsal != order.rehearsal:
            continue
        if record.issue != order.issue:
            hint = (
                f"Was issues/{record.issue}.yaml renamed or copied? If these are to go out again all the same, change\n"
                "a word first, so that readers see why."
            )
            raise RefusedError(f"Not sent: these very words went to {record.list_name} as issue {record.issue}.", hint)
        if record.list_name == order.list_name and record.edition != order.edition:
            hint = "A correction needs something corrected: change the issue, then give the same command again."
            raise RefusedError(f"Not sent: edition {record.edition} had these very words.", hint)


def clock_doubts(now: datetime, last_event: datetime | None, zone: ZoneInfo) -> Iterator[str]:
    """Yield what is odd about the clock: it dates every copy, and what may be repeated is reckoned by it."""
    if last_event and now < last_event - _CLOCK_SLACK:
        says, last = (format_moment(moment.astimezone(zone)) for moment in (now, last_event))
        yield f"This computer's clock says {says}, but the last entry of the ledger is of {last}."


def receipt_doubts(records: Sequence[Record], known: Container[str]) -> Iterator[str]:
    """Yield what is odd if real copies have left, and no receipt is of their sends: *known* are the receipts' uids.

    So it looks when two newsletters share one state folder: each would take the other's readers for its own.
    """
    left = (State.ACCEPTED, State.REJECTED, State.UNKNOWN)
    begun = [record for record in records if not record.rehearsal and any(record.counts[state] for state in left)]
    if begun and not any(record.uid in known for record in begun):
        yield "The ledger knows of sends that have no receipt in sent/: is NEWSLETTER_STATE another newsletter's?"


def list_doubts(unnamed: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield what is odd about lists that are kept and that newsletter.yaml does not name (`People.unnamed`)."""
    for name, (members, leavers) in unnamed.items():
        told = f'newsletter.yaml names no list "{name}" (people.db: {members:,} on it, {leavers:,} opted out of it).'
        hint = " If it was renamed, who opted out may be written to again: give it its old name, and change its title."
        yield told + (hint if leavers else "")


def opt_out_doubts(found: Iterable[Receipt], opt_outs: int) -> Iterator[str]:
    """Yield what is odd if there are fewer *opt_outs* than when the last of the receipts *found* was written."""
    last = max(found, key=lambda one: one.planned, default=None)
    if last and opt_outs < last.opt_outs:
        yield (
            f"people.db knows of {opt_outs:,} opt-outs, and of {last.opt_outs:,} when {last.issue} went to"
            f" {last.list_name}: an older copy was put back, and whoever it does not know would be written to again."
        )


def doubts(record: Record, records: Sequence[Record]) -> Iterator[str]:
    """Yield what is odd about a send that is about to begin, a sentence each; *records* are all, the newest first."""
    earlier = [other for other in _alike(record, records) if other.issue != record.issue]
    newer = max((other.issue for other in earlier), default="")
    if newer > record.issue:
        yield f"This list has had a newer issue already: {newer}."
    if earlier and (last := earlier[0]).total:
        change = (record.total - last.total) * 100 / last.total
        if abs(change) >= _OTHER_SIZE:
            more = "more" if change > 0 else "fewer"
            yield f"The list has {abs(change):.0f} % {more} people than last time, when there were {last.total:,}."


def _alike(of: Order | Record, records: Sequence[Record]) -> Iterator[Record]:
    return (record for record in records if (record.list_name, record.rehearsal) == (of.list_name, of.rehearsal))
