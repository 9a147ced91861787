"""A send hands each person over once, records what became of it before it tells, and its numbers always add up."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import deliveries
import pytest
from deliveries import ACCEPTED, PLANNED, REJECTED, SEND, UNKNOWN, Act, Desk, Scripted, address, addresses
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import SECRET, crowd, states

from newsletter.audience import Person
from newsletter.deliver import ROUNDS, entries, submit_test
from newsletter.errors import ConfigError, RefusedError
from newsletter.ledger import open_ledger
from newsletter.message import Recipient
from newsletter.providers import Outcome, Result, Send
from newsletter.records import Entry, Record, State
from newsletter.tokens import person_key, read_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Addressee

desk = deliveries.desk

AGAIN = "Give the same command again when that is mended: it goes on where it stopped."


class Repeatable(Scripted):
    """One to which a copy may be handed over twice."""

    is_repeatable = True


# --- who is handed over -----------------------------------------------------------------------------------------------


def test_entries() -> None:
    """People are planned under the key of their address however it is written, with a greeting if there is one."""
    people = (
        Person("Amina@Example.org", "Amina Khan", "Amina", "Test", 2),
        Person("ben@example.org", "", "", "Test", 3),
    )
    amina, ben = (person_key(SECRET, one) for one in ("amina@example.org", "ben@example.org"))
    assert list(entries(people, secret=SECRET, greeting="Hello {first_name},")) == [
        Entry(amina, "Amina@Example.org", "Amina Khan", "Hello Amina,"),
        Entry(ben, "ben@example.org", "", "Hello,"),
    ]
    assert ["", ""] == [one.greeting for one in entries(people, secret=SECRET, greeting="")]


def test_everybody_once(desk: Desk) -> None:
    """Each is handed over once, in the order of the list, with their own name, greeting and token."""
    desk.plan(5, size=2)
    provider = Scripted()
    became = desk.run(provider)
    assert [Counter(accepted=2), Counter(accepted=2), Counter(accepted=1)] == became
    assert [addresses(0, 1), addresses(2, 3), addresses(4)] == provider.batches
    assert [(one.address, one.name, one.greeting) for one in crowd(*range(5))] == [
        (one.address, one.name, one.greeting) for one in provider.handed
    ]
    assert [("practitioners", one.person) for one in crowd(*range(5))] == [
        read_token(SECRET, one.token) for one in provider.handed
    ]
    assert 3 == len(set(provider.keys))
    assert [(State.ACCEPTED, f"id-{n}") for n in range(1, 6)] == [(one.state, one.message_id) for one in desk.entries()]
    assert ([], []) == (desk.waits, desk.run(provider))


def test_a_test_touches_no_list(desk: Desk) -> None:
    """A test copy goes to whom it is for and nobody else, under a name that tells nothing."""
    provider = Scripted({"sam@example.org": [REJECTED]})
    people = [Recipient("sam@example.org"), Recipient("kim@example.org")]
    results = submit_test(SEND, provider, people)
    assert ([REJECTED, ACCEPTED], people) == ([one.outcome for one in results], provider.handed)
    assert [32, 32] == [len(one.key) for one in results]


# --- what became of them, row by row of reliability.md 2.4 ------------------------------------------------------------


def test_some_are_rejected(desk: Desk) -> None:
    """A clear no to one person is final for that person alone."""
    desk.plan(3)
    provider = Scripted({address(1): [REJECTED]})
    assert [Counter(accepted=2, rejected=1)] == desk.run(provider)
    assert [("accepted", ""), ("rejected", "550 no"), ("accepted", "")] == [(e.state, e.reason) for e in desk.entries()]
    assert [] == desk.run(provider)


def test_nothing_is_said_of_somebody(desk: Desk) -> None:
    """Who was handed over and of whom nothing was said is unknown, and is not handed over again."""
    desk.plan(3)
    provider = Scripted({address(1): [None]})
    assert [Counter(accepted=2, unknown=1)] == desk.run(provider)
    assert [("accepted", ""), ("unknown", "no answer"), ("accepted", "")] == [
        (one.state, one.reason) for one in desk.entries()
    ]
    assert ([], [addresses(0, 1, 2)]) == (desk.run(provider), provider.batches)


def test_said_to_be_unknown(desk: Desk) -> None:
    """An answer that was cut off makes one person unknown, with the reason."""
    desk.plan(2)
    assert [Counter(accepted=1, unknown=1)] == desk.run(Scripted({address(0): [UNKNOWN]}))
    assert [("unknown", "cut off"), ("accepted", "")] == [(one.state, one.reason) for one in desk.entries()]


@pytest.mark.parametrize(
    "error", [ConfigError("401 who are you"), KeyboardInterrupt(), OSError(104, "reset")], ids=repr
)
def test_an_error_in_the_middle(error: BaseException, desk: Desk) -> None:
    """What was said before a provider gave up, or before a second Ctrl-C, is kept; the rest of the batch is unknown."""
    desk.plan(6, size=4)
    provider = Scripted({address(1): [REJECTED], address(2): [error]})
    with pytest.raises(type(error)) as caught:
        desk.run(provider)
    assert error is caught.value
    assert ["accepted", "rejected", "unknown", "unknown", "planned", "planned"] == desk.stands()
    assert [Counter(accepted=2)] == desk.run(provider)
    assert [addresses(0, 1, 2, 3), addresses(4, 5)] == provider.batches


def test_where_a_repeat_does_no_harm(desk: Desk) -> None:
    """Where the same copy may be handed over twice, nobody is ever unknown: the rest waits, and goes on."""
    desk.plan(4)
    provider = Repeatable({address(1): [None], address(2): [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt):
        desk.run(provider)
    assert ["accepted", "planned", "planned", "planned"] == desk.stands()
    assert [Counter(accepted=3)] == desk.run(provider)


def test_turned_away_for_now(desk: Desk) -> None:
    """Who is turned away for now is tried again when the others are through, and then has it."""
    desk.plan(4, size=2)
    provider = Scripted({address(0): [PLANNED, PLANNED]})
    assert [Counter(planned=1, accepted=1), Counter(accepted=2), Counter(planned=1), Counter(accepted=1)] == desk.run(
        provider
    )
    assert [addresses(0, 1), addresses(2, 3), addresses(0), addresses(0)] == provider.batches
    assert ([5.0, 1.0, 5.0], ["accepted"] * 4) == (desk.waits, desk.stands())


def test_turned_away_every_time(desk: Desk) -> None:
    """After the third time in one run somebody still waits; nobody is given up, and the next run tries again."""
    desk.plan(2)
    provider = Scripted({address(0): [PLANNED] * (ROUNDS + 1)})
    desk.run(provider)
    assert (ROUNDS, ["planned", "accepted"]) == (len(provider.batches), desk.stands())
    assert ("450 later", 1) == (desk.entries()[0].reason, desk.record().waiting)
    desk.run(provider)
    assert ["accepted", "accepted"] == desk.stands()


@pytest.mark.parametrize(
    ("acts", "reason", "left"),
    [(PLANNED, "450 later", "planned"), (UNKNOWN, "cut off", "unknown"), (None, "no answer", "unknown")],
)
def test_three_batches_in_a_row(acts: Act, reason: str, left: str, desk: Desk) -> None:
    """When of three batches in a row nobody was taken or refused, the send pauses and says what it was told."""
    desk.plan(10, size=2)
    provider = Scripted({address(n): [acts] for n in range(10)})
    with pytest.raises(RefusedError) as caught:
        desk.run(provider)
    told = (caught.value.exit_code, caught.value.message, caught.value.hint)
    assert (6, "Paused: three batches in a row failed.", f"What was said: {reason}.\n{AGAIN}") == told
    assert ([1.0, 2.0], [left] * 6 + ["planned"] * 4) == (desk.waits, desk.stands())
    assert 4 + 6 * (left == "planned") == sum(became[State.ACCEPTED] for became in desk.run(Scripted()))


@pytest.mark.parametrize("saving", [ACCEPTED, REJECTED, "skipped"])
def test_not_in_a_row(saving: Outcome | str, desk: Desk) -> None:
    """A batch in which somebody was taken, refused or skipped shows that the line is up: the count begins again."""
    desk.plan(5, size=1)
    provider = Scripted({address(n): [UNKNOWN] for n in (0, 1, 3, 4)})
    if isinstance(saving, Outcome):
        provider.script[address(2)] = [saving]
    else:
        desk.leavers = {crowd(2)[0].person: "unsubscribed"}
    desk.run(provider)
    assert (["unknown"] * 2 + [str(saving)] + ["unknown"] * 2, [1.0, 2.0, 1.0, 2.0]) == (desk.stands(), desk.waits)


# --- whatever happens -------------------------------------------------------------------------------------------------

KILLED = RuntimeError("killed")
ACTS = st.sampled_from([ACCEPTED, REJECTED, UNKNOWN, PLANNED, None, KILLED, ConfigError("401")])


class Once(Scripted):
    """A provider that minds being given anybody again who may have a copy, and in whose hands a process may die."""

    def __init__(self, script: Mapping[str, Sequence[Act]]) -> None:
        super().__init__(script)
        self.maybe = set[str]()  # who may have it, for all that was said
        self.is_over = False

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Take the copies."""
        given = {person.key: person.recipient.address for person in people}
        assert set() == self.maybe & set(given.values())
        self.maybe |= set(given.values())
        turned_away = set()
        try:
            for result in super().submit(send, people, key=key):
                yield result
                turned_away |= {given[result.key]} if result.outcome is PLANNED else set()
        except RuntimeError:  # killed: nothing that was said is recorded
            self.is_over, turned_away = True, set()
            raise
        finally:
            self.maybe -= turned_away


@settings(max_examples=100)  # each writes to the disk what a send writes
@given(
    scripts=st.lists(st.lists(ACTS, max_size=3), max_size=6),
    size=st.integers(1, 3),
    stops=st.lists(st.integers(0, 3), max_size=3),
    leaver=st.integers(0, 5),
)
def test_whatever_happens(scripts: list[list[Act]], size: int, stops: list[int], leaver: int) -> None:
    """Whatever is answered, killed and resumed, the numbers add up, and nobody is handed over again who may have it."""
    with TemporaryDirectory() as folder:
        desk, provider = Desk(Path(folder)), Once({address(n): acts for n, acts in enumerate(scripts)})
        desk.plan(len(scripts), size=size, left_out={"opted out": 2})
        desk.leavers = {crowd(leaver)[0].person: "unsubscribed"}
        final = dict[str, State]()
        for stop in (*stops, *[99] * len(scripts)):
            _go_on(desk, provider, stop, planned=len(scripts) + 2)
            now = {one: state for one, state in states(desk.state).items() if state not in {"planned", "submitting"}}
            assert final == {one: now[one] for one in final}
            final = now
        waiting = {one for one, state in states(desk.state).items() if state in {"planned", "submitting"}}
        assert set() == waiting - {one for one, acts in provider.script.items() if acts} - provider.maybe


def _go_on(desk: Desk, provider: Once, stop: int, *, planned: int) -> None:
    """Give the command again: it ends after *stop* batches, or as the provider has it; meanwhile the numbers add up."""
    provider.is_over = False
    with open_ledger(desk.state, SECRET) as ledger:
        ledger.recover()
        settle = ledger.settle

        def unless_killed(*args: Any, **named: Any) -> None:
            if provider.is_over:
                raise KILLED
            settle(*args, **named)

        ledger.settle = unless_killed  # type: ignore[method-assign]
        with suppress(ConfigError, RefusedError, RuntimeError):
            for _ in islice(desk.begin(ledger, provider), stop):
                _adds_up(ledger.record(1), planned)
        _adds_up(ledger.record(1), planned)


def _adds_up(record: Record, planned: int) -> None:
    settled = (record.counts[State.ACCEPTED], record.counts[State.REJECTED], record.counts[State.UNKNOWN])
    assert planned == record.total == sum(settled) + record.skipped + record.waiting
