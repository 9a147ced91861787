"""What tests of the ledger share: an order, people who are to get it, a ledger, and its file as others open it."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsletter import ledger as module
from newsletter.ledger import FILE, Ledger, open_ledger
from newsletter.ledger._book import written
from newsletter.records import Batch, Entry, Order, Record, State
from newsletter.tokens import person_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SECRET = b"k" * 32
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
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


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the state of a workspace is kept."""
    return tmp_path / ".newsletter"


@pytest.fixture
def ledger(state: Path) -> Iterator[Ledger]:
    """An open ledger in which nothing stands yet."""
    with open_ledger(state, SECRET) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves one second whenever it is read, and an operator who is called office."""
    ticks = itertools.count()
    monkeypatch.setattr(module, "_now", lambda: written(BEGIN + timedelta(seconds=next(ticks))))
    monkeypatch.setattr(module, "_who", lambda: "office")


@contextmanager
def raw(state: Path) -> Iterator[sqlite3.Connection]:
    """The ledger's file as another program would open it."""
    with closing(sqlite3.connect(state / FILE, isolation_level=None)) as connection:
        yield connection


def people(ledger: Ledger, record: Record) -> list[Entry]:
    """Everybody of a send."""
    return list(ledger.people(record, *State))


def settled(ledger: Ledger, record: Record, *outcomes: State) -> None:
    """Hand over the next batch; its people end as *outcomes*."""
    batch = handed_over(ledger, record)
    ledger.settle(batch, [(one.person, state, "", "") for one, state in zip(batch.people, outcomes, strict=True)])
