"""What a send plans is kept whole or not at all, and brings nobody an issue twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import ledgers
import pytest
from ledgers import BEGIN, ORDER, SECRET, crowd, order, people, planned, raw, settled

from newsletter import __version__
from newsletter import ledger as module
from newsletter.errors import NewsletterError
from newsletter.ledger import ALREADY, ELSEWHERE, FILE, Ledger, open_ledger
from newsletter.records import Batch, Entry, Record, State
from newsletter.tokens import key_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

state, ledger, _clock = ledgers.state, ledgers.ledger, ledgers._clock

NONE = dict.fromkeys(State, 0)


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
