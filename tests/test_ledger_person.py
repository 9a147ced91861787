"""What the ledger keeps about a person, and for how long, and its trail of every deed."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import ledgers
from ledgers import BEGIN, ORDER, crowd, handed_over, people, planned, raw, settled

from newsletter.ledger import FILE, Ledger
from newsletter.records import State

if TYPE_CHECKING:
    from pathlib import Path

state, ledger, _clock = ledgers.state, ledgers.ledger, ledgers._clock

# --- what is kept about a person, and for how long --------------------------------------------------------------------


def test_all_about_one_person(ledger: Ledger) -> None:
    """All that is recorded of one person is told, the oldest send first."""
    first = planned(ledger, crowd(1, 2))
    settled(ledger, first, State.ACCEPTED, State.REJECTED)
    second = planned(ledger, crowd(2, 3), issue="2026-02")
    expected = (
        (ledger.record(first.id), replace(crowd(2)[0], state=State.REJECTED)),
        (ledger.record(second.id), crowd(2)[0]),
    )
    assert (expected, ()) == (ledger.about(crowd(2)[0].person), ledger.about(crowd(9)[0].person))


def test_erased(ledger: Ledger, state: Path) -> None:
    """Somebody who is erased is skipped where they wait, keeps their state elsewhere, and their words are gone."""
    first = planned(ledger, crowd(1, 2))
    settled(ledger, first, State.ACCEPTED, State.UNKNOWN)
    second = planned(ledger, crowd(1, 2), issue="2026-02")
    person = crowd(1)[0].person
    assert (2, 0) == (ledger.erase(person), ledger.erase(crowd(9)[0].person))
    told = [(one.state, one.reason, one.address, one.name, one.greeting) for _, one in ledger.about(person)]
    assert [("accepted", "", "", "", ""), ("skipped", "erased", "", "", "")] == told
    assert [replace(crowd(2)[0], state=State.UNKNOWN), crowd(2)[0]] == [
        one for _, one in ledger.about(crowd(2)[0].person)
    ]
    assert [False, True] == [word in (state / FILE).read_bytes() for word in (b"p1@example.org", b"p2@example.org")]
    assert (2, 1) == (ledger.record(second.id).total, ledger.record(second.id).skipped)


def test_erased_while_unknown(ledger: Ledger) -> None:
    """Who was erased while it was not known whether they have it is never waited for again."""
    record = planned(ledger, crowd(1, 2))
    settled(ledger, record, State.UNKNOWN, State.UNKNOWN)
    ledger.erase(crowd(1)[0].person)
    ledger.resolve(record, sent=False)
    assert [("skipped", "erased"), ("planned", "settled: not sent")] == [
        (one.state, one.reason) for one in people(ledger, record)
    ]


def test_erased_while_handed_over(ledger: Ledger) -> None:
    """Who was erased after a crash of a rehearsal is skipped when it goes on."""
    record = planned(ledger, crowd(1, 2), rehearsal=True)
    handed_over(ledger, record)
    ledger.erase(crowd(1)[0].person)
    ledger.recover()
    assert [("skipped", "erased"), ("planned", "interrupted")] == [
        (one.state, one.reason) for one in people(ledger, record)
    ]


def test_retention(ledger: Ledger, state: Path) -> None:
    """Addresses are forgotten in sends in which nothing was done since, but not of those who are unknown."""
    old = planned(ledger, crowd(1, 2, 3, 4, 5, 6))
    batch = ledger.next_batch(old.id)
    assert batch is not None
    ledger.skip(batch, {batch.people[4].person: "unsubscribed"})
    ledger.submitting(batch)
    outcomes = (State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.PLANNED, State.ACCEPTED)
    persons = [one.person for n, one in enumerate(batch.people) if n != 4]
    ledger.settle(batch, [(person, state, "", "") for person, state in zip(persons, outcomes, strict=True)])
    last = ledger.record(old.id).last
    new = planned(ledger, crowd(1), issue="2026-02")
    settled(ledger, new, State.ACCEPTED)
    assert (0, 5, 0) == tuple(ledger.forget_addresses(last + timedelta(microseconds=n)) for n in (0, 1, 1))
    assert ["", "", "p3@example.org", "", "", ""] == [one.address for one in people(ledger, old)]
    assert crowd(1) == [replace(one, state=State.PLANNED) for one in people(ledger, new)]
    assert [False, True] == [word in (state / FILE).read_bytes() for word in (b"p2@example.org", b"p3@example.org")]
    assert ledger.knows(ORDER, crowd(1)[0].person)


def test_the_audit_trail(ledger: Ledger, state: Path) -> None:
    """Every deed stands in the trail: when, who, what. No address, name or key does."""
    record = planned(ledger, crowd(1, 2))
    settled(ledger, record, State.UNKNOWN, State.REJECTED)
    handed_over(ledger, planned(ledger, crowd(1), issue="2026-02"))
    ledger.recover()
    ledger.resolve(record, sent=True)
    ledger.erase(crowd(1)[0].person)
    ledger.forget_addresses(BEGIN + timedelta(days=1))
    assert ledger.audit(record) == (
        "2026-01-05T09:00:01.000000Z office planned 2 people",
        "2026-01-05T09:00:02.000000Z office settled batch 1",
        "2026-01-05T09:00:06.000000Z office settled: sent 1 person",
    )
    with raw(state) as connection:
        rows = connection.execute("SELECT pid, who, send, batch, what, detail FROM event ORDER BY id").fetchall()
    assert {(os.getpid(), "office")} == {row[:2] for row in rows}
    assert [row[2:] for row in rows] == [
        (1, None, "planned", "2 people"),
        (1, 1, "settled", ""),
        (2, None, "planned", "1 person"),
        (2, 1, "recovered", "1 person: unknown"),
        (1, None, "settled: sent", "1 person"),
        (None, None, "erased", "one person, in 2 sends"),
        (None, None, "retention", "1 addresses forgotten"),
    ]
    assert BEGIN + timedelta(seconds=8) == ledger.last_event()
