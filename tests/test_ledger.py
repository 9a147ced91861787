"""The ledger knows of everybody what became of their copy, and lets nobody stand anywhere else than they do."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from ledgers import ORDER, SECRET, crowd, handed_over, order, planned, states

from newsletter import __version__
from newsletter import ledger as module
from newsletter.database import transaction
from newsletter.elapsed import Stamp
from newsletter.errors import ConfigError, NewsletterError
from newsletter.ledger import ALREADY, ELSEWHERE, FILE, Ledger, open_ledger
from newsletter.ledger._book import written
from newsletter.records import Batch, Entry, Record, State
from newsletter.tokens import key_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NONE = dict.fromkeys(State, 0)
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


def counts(ledger: Ledger, record: Record) -> dict[State, int]:
    """How many stand where, without the states in which nobody stands."""
    return {state: number for state, number in ledger.record(record.id).counts.items() if number}


def settled(ledger: Ledger, record: Record, *outcomes: State) -> None:
    """Hand over the next batch; its people end as *outcomes*."""
    batch = handed_over(ledger, record)
    ledger.settle(batch, [(one.person, state, "", "") for one, state in zip(batch.people, outcomes, strict=True)])


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_a_new_ledger(ledger: Ledger) -> None:
    """In a new ledger nothing stands."""
    found = (ledger.records(), ledger.progress(), ledger.last_event(), ledger.about(b"p"), ledger.recover())
    assert ((), {}, None, (), 0) == found
    assert ledger.find("2026-01", "practitioners", edition=1, rehearsal=False) is None


def test_every_table_is_strict(ledger: Ledger, state: Path) -> None:
    """No column takes a value of another type."""
    with raw(state) as connection:
        rows = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall()
    assert {"send": 1, "batch": 1, "recipient": 1, "event": 1} == dict(rows)


def test_a_plan(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan is kept whole: the send, its message, and everybody, waiting in the order of the list."""
    uid = "9" * 32
    monkeypatch.setattr(module, "uuid4", lambda: type("", (), {"hex": uid}))
    record = planned(ledger, crowd(1, 2, 3), left_out={"listed twice": 2})
    expected = Record(
        1, uid, ORDER.rehearsal, "2026-01", "practitioners", 1, "smtp", "smtp.example.org as office", "January",
        "c" * 64, "v" * 64, BEGIN, BEGIN, NONE | {State.PLANNED: 3}, {"listed twice": 2},
    )  # fmt: skip
    after = replace(expected, last=BEGIN + timedelta(seconds=1))
    assert (expected, after) == (record, ledger.record(1))
    assert ((after,), {uid: 1}, after.last) == (ledger.records(), ledger.progress(), ledger.last_event())
    assert after == ledger.find("2026-01", "practitioners", edition=1, rehearsal=False)
    assert (3, 2, 5) == (after.waiting, after.skipped, after.total)
    assert (b"the message", crowd(1, 2, 3)) == (ledger.message(record), people(ledger, record))


def test_what_is_kept_beside_it(ledger: Ledger, state: Path) -> None:
    """With a send stands by which version of the program it was planned, and no key."""
    planned(ledger, crowd(1))
    with raw(state) as connection:
        rows = connection.execute("SELECT tool, hex(key_id) FROM send").fetchall()
    assert [(__version__, key_id(SECRET).hex().upper())] == rows
    assert SECRET not in (state / FILE).read_bytes()


def test_nothing_shows_an_address(ledger: Ledger) -> None:
    """What is printed in a log or a traceback shows nobody's address and not the message."""
    record = planned(ledger, crowd(1))
    shown = repr((ORDER, record, people(ledger, record), ledger.next_batch(record.id)))
    assert [False] * 3 == [word in shown for word in ("@", "Person", "the message")]


@pytest.mark.parametrize(
    ("number", "size", "batches"),
    [(0, 50, []), (1, 50, [1]), (50, 50, [50]), (51, 50, [50, 1]), (7, 3, [3, 3, 1]), (3, 1, [1, 1, 1])],
)
def test_batches(number: int, size: int, batches: list[int], ledger: Ledger) -> None:
    """No batch holds more than its size, all but the last hold as many, and all are numbered from 1."""
    record = planned(ledger, crowd(*range(number)), size=size)
    found, after = list[Batch](), 0
    while batch := ledger.next_batch(record.id, after=after):
        found.append(batch)
        after = batch.number
    assert batches == [len(batch.people) for batch in found]
    assert list(range(1, len(batches) + 1)) == [batch.number for batch in found]
    assert crowd(*range(number)) == [one for batch in found for one in batch.people]


def batch_keys(folder: Path, secret: bytes = SECRET, **changes: Any) -> list[str]:
    """The keys of three batches of a send that is planned in a ledger of its own."""
    with open_ledger(folder, secret) as ledger:
        record = planned(ledger, crowd(1, 2, 3), size=1, **changes)
        batches = [ledger.next_batch(record.id, after=number) for number in range(3)]
        keys = [ledger.submitting(batch) for batch in batches if batch]
    shutil.rmtree(folder)
    return keys


def test_keys_of_batches(state: Path) -> None:
    """The same message to the same people has the same key wherever it is handed over; whatever differs, another."""
    keys = batch_keys(state)
    others = [
        batch_keys(state, b"l" * 32),
        batch_keys(state, issue="2026-02"),
        batch_keys(state, list_name="schools"),
        batch_keys(state, edition=2),
        batch_keys(state, version="w" * 64),
        batch_keys(state, rehearsal=True),
    ]
    assert keys == batch_keys(state)
    assert 21 == len({key for some in (keys, *others) for key in some})
    assert {32} == {len(key) for key in keys}


def test_the_key_of_fewer_people(ledger: Ledger) -> None:
    """A batch of which somebody has left is another request, so it has another key; in any order it is the same."""
    record = planned(ledger, crowd(1, 2, 3), size=3)
    batch = ledger.next_batch(record.id)
    assert batch is not None
    one, two, three = batch.people
    keys = [
        ledger.submitting(replace(batch, people=people))
        for people in ((one, two, three), (three, two, one), (one, two))
    ]
    assert (keys[0], 2) == (keys[1], len(set(keys)))


def test_one_transaction(ledger: Ledger) -> None:
    """An error before the `with` of a plan ends, such as a count typed wrong, leaves nothing of it (G25)."""

    def refuse(record: Record) -> NoReturn:
        assert 3 == record.waiting
        raise NewsletterError("Not sent: 3 was not typed.")

    with pytest.raises(NewsletterError), ledger.planning(ORDER, crowd(1, 2, 3), left_out={}, size=2) as record:
        refuse(record)
    assert ((), {}, None) == (ledger.records(), ledger.progress(), ledger.last_event())


def test_a_list_that_fails_halfway(ledger: Ledger) -> None:
    """When reading the list fails after 100 people, none of them is planned."""

    def failing() -> Iterator[Entry]:
        yield from crowd(*range(100))
        raise ValueError("line 101")

    with pytest.raises(ValueError, match="line 101"):
        planned(ledger, failing())
    assert () == ledger.records()
    assert 100 == planned(ledger, crowd(*range(100))).waiting


KILLED = """
import sys
from pathlib import Path
from newsletter.ledger import open_ledger
from ledgers import ORDER, SECRET, crowd
def people():
    yield from crowd(*range(int(sys.argv[2])))
    print("halfway", flush=True)
    sys.stdin.read()
with open_ledger(Path(sys.argv[1]), SECRET) as ledger:
    ledger._db.execute("PRAGMA cache_size = 5")  # so that half of the plan is in the file, not in memory
    with ledger.planning(ORDER, people(), left_out={}, size=50):
        pass
"""


@pytest.mark.parametrize("number", [0, 1, 2500, 5000])
def test_killed_while_planning(number: int, state: Path) -> None:
    """A process that is killed while it plans 5,000 people leaves nothing; the next run plans them all (G25)."""
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}  # noqa: PTH120
    command = [sys.executable, "-c", KILLED, str(state), str(number)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:  # type: ignore[call-overload]
        assert "halfway\n" == process.stdout.readline()
        process.kill()
    if number == 5000:
        assert (state / f"{FILE}-journal").exists()
    with open_ledger(state, SECRET) as ledger:
        assert () == ledger.records()
        assert 5000 == planned(ledger, crowd(*range(5000))).waiting


# --- one issue, one person, one copy ----------------------------------------------------------------------------------


def test_on_two_lists(ledger: Ledger) -> None:
    """Who is on two lists gets an issue by the first; the second counts them by how they stand there (D11, G17)."""
    first = planned(ledger, crowd(1, 2, 3))
    second = planned(ledger, crowd(0, 2, 3, 4), size=1, left_out={"opted out": 1}, list_name="schools")
    waiting = ELSEWHERE[State.PLANNED]
    assert (crowd(0, 4), {"opted out": 1, waiting: 2}) == (people(ledger, second), second.left_out)
    assert (2, 3, 5) == (second.waiting, second.skipped, second.total)
    settled(ledger, first, State.ACCEPTED, State.REJECTED, State.UNKNOWN)
    third = planned(ledger, crowd(1, 2, 3, 4), list_name="trainers")
    told = {ALREADY: 1, ELSEWHERE[State.REJECTED]: 1, ELSEWHERE[State.UNKNOWN]: 1, waiting: 1}
    assert ([], told, None) == (people(ledger, third), third.left_out, ledger.next_batch(third.id))


def test_twice_on_one_list(ledger: Ledger) -> None:
    """Whoever stands twice in what is planned gets one copy."""
    record = planned(ledger, crowd(1, 1, 2, 1), size=1)
    assert (crowd(1, 2), {"listed twice": 2}) == (people(ledger, record), record.left_out)


def test_twice_far_apart(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are looked up at once, nobody is planned twice, and all batches but the last are full."""
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    record = planned(ledger, crowd(1, 2, 1, 3, 4, 2, 5), size=3)
    first = ledger.next_batch(record.id)
    second = ledger.next_batch(record.id, after=1)
    assert first is not None
    assert second is not None
    assert (tuple(crowd(1, 2, 3)), tuple(crowd(4, 5)), None) == (
        first.people, second.people, ledger.next_batch(record.id, after=2)
    )  # fmt: skip
    assert {"listed twice": 2} == record.left_out


@pytest.mark.parametrize("changes", [{"edition": 2}, {"issue": "2026-02"}, {"rehearsal": True}])
def test_no_fence(changes: dict[str, Any], ledger: Ledger) -> None:
    """A correction, another issue and a rehearsal reach those who have had this one."""
    first = planned(ledger, crowd(1, 2))
    other = planned(ledger, crowd(1, 2), **changes)
    assert [crowd(1, 2), crowd(1, 2)] == [people(ledger, record) for record in (first, other)]
    found = [
        ledger.find(one.issue, "practitioners", edition=one.edition, rehearsal=one.rehearsal) for one in (first, other)
    ]
    assert [first.id, other.id] == [one.id for one in found if one]
    assert (other.id, first.id) == tuple(record.id for record in ledger.records())


def test_planned_twice(ledger: Ledger) -> None:
    """The same send is never planned a second time, whatever the program thinks."""
    planned(ledger, crowd(1))
    with pytest.raises(sqlite3.IntegrityError):
        planned(ledger, crowd(2))
    assert 1 == len(ledger.records())


def test_who_is_known(ledger: Ledger) -> None:
    """It is known who has an issue or is to get it, by whichever list, and a rehearsal does not count."""
    planned(ledger, crowd(1))
    planned(ledger, crowd(2), list_name="schools", rehearsal=True)
    orders = (order(), order(list_name="schools"), order(edition=2), order(rehearsal=True))
    persons = [one.person for one in crowd(1, 2)]
    assert [[True, False], [True, False], [False, False], [False, True]] == [
        [ledger.knows(one, person) for person in persons] for one in orders
    ]


def test_who_joined_since(ledger: Ledger) -> None:
    """Reopened, a send plans only those whom the issue has not reached or been planned for (D25)."""
    record = planned(ledger, crowd(1, 2, 3), size=2, left_out={"opted out": 1})
    planned(ledger, crowd(4), list_name="schools")
    settled(ledger, record, State.ACCEPTED, State.REJECTED)
    with ledger.reopening(record, crowd(5, 1, 2, 3, 4, 6), left_out=None, size=2, retry_rejected=False) as grown:
        assert {"opted out": 1} == grown.left_out
    entries = [(one.address, one.state) for one in people(ledger, record)]
    assert entries == [
        ("p1@example.org", State.ACCEPTED),
        ("p2@example.org", State.REJECTED),
        *((f"p{n}@example.org", State.PLANNED) for n in (3, 5, 6)),
    ]
    batches = [ledger.next_batch(record.id, after=number) for number in (0, 2, 3)]
    assert [(2, crowd(3)), (3, crowd(5, 6))] == [(one.number, list(one.people)) for one in batches if one]
    assert "reopened 2 new, 0 rejected" in ledger.audit(record)[-1]


def test_nobody_joined_since(ledger: Ledger) -> None:
    """Reopened for nobody, nothing changes, and nothing is noted."""
    record = planned(ledger, crowd(1, 2))
    before = ledger.record(record.id)
    with ledger.reopening(record, crowd(1), left_out=None, size=50, retry_rejected=True):
        pass
    assert before == ledger.record(record.id)


def test_the_rejected_again(ledger: Ledger) -> None:
    """The rejected are planned again when that is asked for, nobody else, and none who was erased."""
    record = planned(ledger, crowd(1, 2, 3, 4))
    settled(ledger, record, State.REJECTED, State.REJECTED, State.UNKNOWN, State.ACCEPTED)
    ledger.erase(crowd(2)[0].person)
    with ledger.reopening(record, (), left_out=None, size=50, retry_rejected=True):
        pass
    assert [State.PLANNED, State.REJECTED, State.UNKNOWN, State.ACCEPTED] == [
        one.state for one in people(ledger, record)
    ]
    assert "reopened 0 new, 1 rejected" in ledger.audit(record)[-1]


def test_reopening_is_one_transaction(ledger: Ledger) -> None:
    """An error before the `with` ends leaves the send as it was."""

    def interrupt(grown: Record) -> NoReturn:
        assert 2 == grown.waiting
        raise KeyboardInterrupt

    record = planned(ledger, crowd(1))
    settled(ledger, record, State.REJECTED)
    before = ledger.record(record.id)
    with (
        pytest.raises(KeyboardInterrupt),
        ledger.reopening(record, crowd(2), left_out=None, size=50, retry_rejected=True) as grown,
    ):
        interrupt(grown)
    assert before == ledger.record(record.id)


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
