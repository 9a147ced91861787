"""What tests of the ledger share: an order, people who are to get it, and a workspace's key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsletter.ledger import open_ledger
from newsletter.records import Entry, Order, State
from newsletter.tokens import person_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from newsletter.ledger import Ledger
    from newsletter.records import Batch, Record

SECRET = b"k" * 32
ORDER = Order(
    "2026-01", "practitioners", "smtp", "smtp.example.org as office", "January", "c" * 64, "v" * 64, b"the message"
)


def order(**changes: Any) -> Order:
    """The January issue for practitioners by SMTP, but for *changes*."""
    return replace(ORDER, **changes)


def crowd(*numbers: int) -> list[Entry]:
    """The people of these numbers: p7@example.org, P7 Person, who is greeted by name."""
    return [
        Entry(person_key(SECRET, f"p{n}@example.org"), f"p{n}@example.org", f"P{n} Person", f"Hello P{n},")
        for n in numbers
    ]


def planned(
    ledger: Ledger, people: Iterable[Entry], *, size: int = 50, left_out: Mapping[str, int] | None = None, **other: Any
) -> Record:
    """Plan a send of `order` to *people*."""
    with ledger.planning(order(**other), people, left_out=left_out or {}, size=size) as record:
        pass
    return record


def handed_over(ledger: Ledger, record: Record, *, after: int = 0) -> Batch:
    """Have the next batch of *record* be under way."""
    batch = ledger.next_batch(record.id, after=after)
    assert batch is not None
    ledger.submitting(batch)
    return batch


def states(state: Path) -> dict[str, State]:
    """What the ledger says of each address, read anew."""
    with open_ledger(state, SECRET) as ledger:
        return {one.address: one.state for record in ledger.records() for one in ledger.people(record, *State)}
