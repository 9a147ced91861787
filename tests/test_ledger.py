"""The ledger knows of everybody what became of their copy, and lets nobody stand anywhere else than they do."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import ledgers
import pytest
from ledgers import BEGIN, SECRET, crowd, handed_over, people, planned, raw, settled, states

from newsletter import ledger as module
from newsletter.database import transaction
from newsletter.elapsed import Stamp
from newsletter.errors import ConfigError
from newsletter.ledger import FILE, Ledger, open_ledger
from newsletter.records import Batch, Record, State

if TYPE_CHECKING:
    from pathlib import Path

state, ledger, _clock = ledgers.state, ledgers.ledger, ledgers._clock

# The arrows of the diagram: reliability.md 2.3, and what is settled later.
ARROWS = {
    State.PLANNED: {State.SUBMITTING, State.SKIPPED},
    State.SUBMITTING: {State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.PLANNED},
    State.UNKNOWN: {State.ACCEPTED, State.REJECTED, State.PLANNED},
    State.REJECTED: {State.PLANNED},
    State.ACCEPTED: set[State](),
    State.SKIPPED: set[State](),
}
# How somebody gets to a state.
WAYS = {
    State.PLANNED: (),
    State.SUBMITTING: (State.SUBMITTING,),
    State.UNKNOWN: (State.SUBMITTING, State.UNKNOWN),
    State.REJECTED: (State.SUBMITTING, State.REJECTED),
    State.ACCEPTED: (State.SUBMITTING, State.ACCEPTED),
    State.SKIPPED: (State.SKIPPED,),
}


def counts(ledger: Ledger, record: Record) -> dict[State, int]:
    """How many stand where, without the states in which nobody stands."""
    return {state: number for state, number in ledger.record(record.id).counts.items() if number}


# --- what the triggers hold -------------------------------------------------------------------------------------------


def moved(connection: sqlite3.Connection, *way: State) -> None:
    """Bring everybody along *way*, by SQL."""
    for state in way:
        connection.execute("UPDATE recipient SET state = ?", (state,))


@pytest.mark.parametrize(("begin", "end"), list(itertools.product(State, State)), ids=str)
def test_every_transition(begin: State, end: State, ledger: Ledger, state: Path) -> None:
    """Each of the 36 changes of state is possible if it is an arrow of the diagram, else refused even to raw SQL."""
    planned(ledger, crowd(1))
    with raw(state) as connection:
        moved(connection, *WAYS[begin])
        if end in ARROWS[begin]:
            moved(connection, end)
        else:
            with pytest.raises(sqlite3.IntegrityError, match=r"^illegal change of state$"):
                moved(connection, end)
    assert {"p1@example.org": end if end in ARROWS[begin] else begin} == states(state)


def test_an_earlier_ledger(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger from before the last step is brought up to date, keeps what it knows, and has the triggers of now."""
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "_TABLES", module._TABLES[:-1])
        with open_ledger(state, SECRET) as ledger:
            record = planned(ledger, crowd(1))
    with open_ledger(state, SECRET) as ledger:
        settled(ledger, record, State.ACCEPTED)
    assert {"p1@example.org": State.ACCEPTED} == states(state)
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with raw(state) as connection, open_ledger(state.with_name("fresh"), SECRET), raw(state.with_name("fresh")) as new:
        assert new.execute(triggers).fetchall() == connection.execute(triggers).fetchall()


FINAL = "the audit trail is append-only"
BEGINS = "a recipient begins as planned"
NOWHERE = "FOREIGN KEY constraint failed"
RECORDED = "what was planned stays recorded"
SEND_COLUMNS = ("id", "uid", "rehearsal", "issue", "list", "edition", "content", "version", "message")
PERSON_COLUMNS = ("id", "rehearsal", "issue", "edition", "person", "send", "batch")
SAME = "UNIQUE constraint failed: recipient.rehearsal, recipient.issue, recipient.edition, recipient.person"
REFUSED = {
    "DELETE FROM event": FINAL,
    "UPDATE event SET utc = ''": FINAL,
    "UPDATE event SET detail = ''": FINAL,
    "DELETE FROM send": RECORDED,
    "DELETE FROM batch": RECORDED,
    "DELETE FROM recipient": RECORDED,
    **{f"UPDATE send SET {name} = {name}": "a send stays what it is" for name in SEND_COLUMNS},  # noqa: S608
    **{f"UPDATE recipient SET {name} = {name}": "a recipient stays who it is" for name in PERSON_COLUMNS},  # noqa: S608
    "UPDATE recipient SET state = 'sent'": "illegal change of state",
    "UPDATE recipient SET state = NULL": "NOT NULL constraint failed: recipient.state",
    "INSERT INTO recipient VALUES (9, 0, '', 1, x'00', 1, 1, '', '', '', 'accepted', 0, '', '', 1)": BEGINS,
    "INSERT INTO recipient VALUES (9, 0, '', 1, x'00', 1, 9, '', '', '', 'planned', 0, '', '', 1)": NOWHERE,
    "INSERT INTO recipient SELECT 9, 0, issue, 1, person, 1, 1, '', '', '', 'planned', 0, '', '', 1 FROM recipient": (
        SAME
    ),
    "UPDATE batch SET attempts = 'x'": "cannot store TEXT value in INTEGER column batch.attempts",
    "UPDATE batch SET number = 9": NOWHERE,
    "UPDATE batch SET send = 9": NOWHERE,
}


@pytest.mark.parametrize(("statement", "reason"), REFUSED.items(), ids=REFUSED)
def test_what_is_refused(statement: str, reason: str, ledger: Ledger, state: Path) -> None:
    """What was planned and done is neither removed nor rewritten, whatever the program does."""
    planned(ledger, crowd(1))
    with raw(state) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError) as caught:
            connection.execute(statement)
    assert reason == str(caught.value)


# --- handing over -----------------------------------------------------------------------------------------------------


def test_the_intent(ledger: Ledger, state: Path) -> None:
    """Once `submitting` has returned another process sees it: who is being handed over, and how often."""
    record = planned(ledger, crowd(1, 2, 3), size=2)
    batch = handed_over(ledger, record)
    assert Batch(record.id, 1, 0, tuple(crowd(1, 2))) == batch
    with raw(state) as connection:
        rows = connection.execute("SELECT batch, state FROM recipient ORDER BY id").fetchall()
        tries = connection.execute("SELECT number, attempts FROM batch").fetchall()
    assert [(1, "submitting"), (1, "submitting"), (2, "planned")] == rows
    assert [(1, 1), (2, 0)] == tries
    after = ledger.next_batch(record.id)
    assert after is not None
    assert (2, tuple(crowd(3))) == (after.number, after.people)


def test_what_became_of_them(ledger: Ledger) -> None:
    """Each gets state, reason and the provider's id; of whom nothing was said, it is not known. Order plays no part."""
    record = planned(ledger, crowd(1, 2, 3, 4), left_out={"opted out": 1})
    batch = handed_over(ledger, record)
    one, two, three, four = batch.people
    ledger.settle(
        batch,
        [
            (three.person, State.PLANNED, "450 later", ""),
            (two.person, State.REJECTED, "550 no such person", ""),
            (one.person, State.ACCEPTED, "", "id-1"),
        ],
    )
    assert people(ledger, record) == [
        replace(one, state=State.ACCEPTED, message_id="id-1"),
        replace(two, state=State.REJECTED, reason="550 no such person"),
        replace(three, state=State.PLANNED, reason="450 later"),
        replace(four, state=State.UNKNOWN, reason="no answer"),
    ]
    ended = ledger.record(record.id)
    assert (1, 1, 5) == (ended.waiting, ended.skipped, ended.total)
    again = ledger.next_batch(record.id)
    assert again is not None
    assert (1, 1, ["p3@example.org"]) == (
        again.number,
        again.attempts,
        [one.address for one in again.people],
    )


def test_nothing_was_said(ledger: Ledger) -> None:
    """Where the same copy may be handed over twice, those of whom nothing was said simply wait."""
    record = planned(ledger, crowd(1, 2), rehearsal=True)
    ledger.settle(handed_over(ledger, record), (), otherwise=State.PLANNED)
    assert {State.PLANNED: 2} == counts(ledger, record)


def test_a_result_from_elsewhere(ledger: Ledger) -> None:
    """What is said of somebody who is not in the batch changes nobody."""
    record = planned(ledger, crowd(1, 2), size=1)
    batch = handed_over(ledger, record)
    ledger.settle(batch, [(crowd(2)[0].person, State.ACCEPTED, "", ""), (b"nobody", State.ACCEPTED, "", "")])
    assert [State.UNKNOWN, State.PLANNED] == [one.state for one in people(ledger, record)]


def test_an_illegal_result(ledger: Ledger) -> None:
    """A result for somebody who was settled before undoes all that was said at once, and is an error of ours."""
    record = planned(ledger, crowd(1, 2))
    batch = handed_over(ledger, record)
    ledger.settle(batch, [(batch.people[0].person, State.ACCEPTED, "", "")])
    with pytest.raises(sqlite3.IntegrityError):
        ledger.settle(batch, [(one.person, State.REJECTED, "", "") for one in batch.people])
    assert {State.ACCEPTED: 1, State.UNKNOWN: 1} == counts(ledger, record)


def test_skipped_after_all(ledger: Ledger) -> None:
    """Who has left since the plan is skipped, with the reason, and is counted so (D26)."""
    record = planned(ledger, crowd(1, 2), left_out={"listed twice": 1})
    batch = ledger.next_batch(record.id)
    assert batch is not None
    ledger.skip(batch, {batch.people[0].person: "unsubscribed"})
    assert people(ledger, record) == [replace(crowd(1)[0], state=State.SKIPPED, reason="unsubscribed"), *crowd(2)]
    after = ledger.record(record.id)
    assert (1, 2, 3) == (after.waiting, after.skipped, after.total)


# --- after a crash, and settled by hand -------------------------------------------------------------------------------


def test_taking_over(ledger: Ledger, state: Path) -> None:
    """What a process that died was handing over is unknown; of a rehearsal it waits again. Nobody else moves."""
    real = planned(ledger, crowd(1, 2, 3, 4), size=2)
    trial = planned(ledger, crowd(1, 2), size=1, rehearsal=True)
    settled(ledger, real, State.ACCEPTED, State.REJECTED)
    handed_over(ledger, real)
    handed_over(ledger, trial)
    with open_ledger(state, SECRET) as after:
        assert (2, 0) == (after.recover(), after.recover())
        assert [
            ("accepted", ""), ("rejected", ""), ("unknown", "interrupted"), ("unknown", "interrupted"),
        ] == [(one.state, one.reason) for one in people(after, real)]  # fmt: skip
        assert [("planned", "interrupted"), ("planned", "")] == [
            (one.state, one.reason) for one in people(after, trial)
        ]
        assert "recovered batch 2 2 people: unknown" in after.audit(real)[-1]
        assert "recovered batch 1 1 person: planned" in after.audit(trial)[-1]


@pytest.mark.parametrize(("sent", "end", "reason"), [(True, "accepted", "sent"), (False, "planned", "not sent")])
def test_settled_by_hand(sent: bool, end: str, reason: str, ledger: Ledger) -> None:  # noqa: FBT001
    """A person settles those who are unknown, or some of them: sent, or to be written to again. Nobody else moves."""
    record = planned(ledger, crowd(1, 2, 3, 4))
    settled(ledger, record, State.UNKNOWN, State.UNKNOWN, State.REJECTED, State.ACCEPTED)
    chosen = [one.person for one in crowd(2, 3, 4, 5)]
    assert 1 == ledger.resolve(record, sent=sent, persons=chosen)
    assert ["unknown", end, "rejected", "accepted"] == [one.state for one in people(ledger, record)]
    assert (1, 0) == (ledger.resolve(record, sent=sent), ledger.resolve(record, sent=sent))
    assert [(end, f"settled: {reason}")] * 2 == [(one.state, one.reason) for one in people(ledger, record)[:2]]
    assert f"settled: {reason} 1 person" in ledger.audit(record)[2]


# --- what may be repeated ---------------------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let it be so many seconds after the beginning."""
    now = Stamp(BEGIN + timedelta(seconds=seconds), "boot", int(seconds * 1e9))
    monkeypatch.setattr(module, "stamp", lambda: now)


def repeatable(ledger: Ledger, record: Record) -> list[Batch]:
    """What may be repeated within a minute of the first time."""
    return list(ledger.doubtful(record.id, within=timedelta(minutes=1)))


def test_what_may_be_repeated(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that is unknown as a whole may be repeated for a time, counted from when it was first handed over."""
    record = planned(ledger, crowd(1, 2, 3), size=2)
    at(monkeypatch, 0)
    batch = handed_over(ledger, record)
    ledger.recover()
    unknown = tuple(replace(one, state=State.UNKNOWN, reason="interrupted") for one in crowd(1, 2))
    at(monkeypatch, 50)
    assert [replace(batch, attempts=1, people=unknown)] == repeatable(ledger, record)
    ledger.submitting(repeatable(ledger, record)[0])
    assert [replace(batch, attempts=2, people=unknown)] == repeatable(ledger, record)
    for second, expected in ((59.999, 1), (60, 0), (-1, 0)):  # -1: somebody has set the clock back
        at(monkeypatch, second)
        assert expected == len(repeatable(ledger, record))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((State.UNKNOWN, State.ACCEPTED), None),
        ((State.UNKNOWN, State.REJECTED), None),
        ((State.UNKNOWN, State.PLANNED), None),
        ((State.UNKNOWN, State.PLANNED), State.ACCEPTED),
        ((State.UNKNOWN, State.PLANNED), State.REJECTED),
        ((State.UNKNOWN, State.PLANNED), State.PLANNED),
    ],
)
def test_another_request(first: tuple[State, State], second: State | None, ledger: Ledger) -> None:
    """A batch of which some are known is never repeated: it would be another request than the first."""
    record = planned(ledger, crowd(1, 2))
    settled(ledger, record, *first)
    if second:
        settled(ledger, record, second)
    assert [] == repeatable(ledger, record)


def test_erased_and_then_repeated(ledger: Ledger) -> None:
    """A batch of which somebody was erased cannot be repeated: nobody knows the address."""
    record = planned(ledger, crowd(1, 2))
    settled(ledger, record, State.UNKNOWN, State.UNKNOWN)
    assert 1 == len(repeatable(ledger, record))
    ledger.erase(crowd(1)[0].person)
    assert [] == repeatable(ledger, record)


def test_another_key(state: Path) -> None:
    """A ledger that was made with another key is refused, and stays as it is (D: who has had what is not known)."""
    with open_ledger(state, SECRET) as ledger:
        planned(ledger, crowd(1))
    before = (state / FILE).read_bytes()
    with pytest.raises(ConfigError) as caught, open_ledger(state, b"l" * 32):
        pass
    hint = "Copy both from the same backup: with another key nobody can tell who has had which issue."
    told = ("ledger.db was made with another key than the one beside it", hint)
    assert (told, before) == ((caught.value.message, caught.value.hint), (state / FILE).read_bytes())


def test_a_ledger_from_elsewhere(state: Path, tmp_path: Path) -> None:
    """The people kept here and the ledger are never taken for one another."""
    with open_ledger(state, SECRET):
        pass
    content = bytearray((state / FILE).read_bytes())
    content[68:72] = (0x4E4C5045).to_bytes(4)
    (state / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match=r"^ledger\.db is another program's database$"), open_ledger(state, SECRET):
        pass


def test_a_nested_error_keeps_the_ledger_open(ledger: Ledger) -> None:
    """After an error in one transaction the next one is as good as any."""
    with pytest.raises(KeyboardInterrupt), transaction(ledger._db):
        raise KeyboardInterrupt
    assert 1 == planned(ledger, crowd(1)).waiting
