"""A send hands each person over once, records what became of it before it tells, and its numbers always add up."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from components import small_disk_of
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import SECRET, crowd, planned, states

from newsletter.audience import Person
from newsletter.deliver import ROUNDS, Run, deliver, due, entries, submit_test
from newsletter.errors import ConfigError, RefusedError
from newsletter.ledger import FILE, Ledger, open_ledger
from newsletter.message import Edition, Mailbox, Recipient, Sender, compose
from newsletter.mime import HeaderError
from newsletter.providers import BatchProvider, BusyError, Machine, Outcome, Result, Send
from newsletter.records import Entry, Record, State
from newsletter.tokens import person_key, read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsletter.providers import Addressee

WHO = Mailbox("Practitioner newsletter", "newsletter@example.org")
EDITION = Edition(
    "2026-01", "January", "", "<p>NL_GREETING_NL</p><a href='NL_UNSUBSCRIBE_NL'>x</a>", "NL_GREETING_NL\n"
)
MESSAGE = compose(EDITION, Sender(WHO, WHO, "Example"), list_name="practitioners", list_title="Practitioners")
SEND = Send(MESSAGE, datetime(2026, 1, 5, 9, 4, tzinfo=UTC))
ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
AGAIN = "Give the same command again when that is mended: it goes on where it stopped."

# What a provider does about one person: it says an outcome, or nothing, or raises.
Act = Outcome | BaseException | None


class Scripted(BatchProvider):
    """A provider that keeps what it received, and does about each person what its script says; at the end it accepts.

    *script* names addresses, and what happens each time that one is handed over. An exception ends the batch.
    """

    def __init__(self, script: Mapping[str, Sequence[Act]] | None = None) -> None:
        super().__init__({}, Machine(Path(), lambda _name: pytest.fail("no secret is needed")))
        self.script = {address: list(acts) for address, acts in (script or {}).items()}
        self.batches = list[list[str]]()
        self.keys = list[str]()
        self.handed = list[Recipient]()

    @property
    def account(self) -> str:
        """It has none."""
        return "scripted"

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Take the copies."""
        assert SEND is send
        self.batches.append([person.recipient.address for person in people])
        self.keys.append(key)
        for person in people:
            acts = self.script.get(person.recipient.address)
            act = acts.pop(0) if acts else ACCEPTED
            if isinstance(act, BaseException):
                raise act
            self.handed.append(person.recipient)
            if act is not None:
                reason = {ACCEPTED: "", REJECTED: "550 no", UNKNOWN: "cut off", PLANNED: "450 later"}[act]
                yield Result(person.key, act, reason, f"id-{len(self.handed)}" if act is ACCEPTED else "")


class Repeatable(Scripted):
    """One to which a copy may be handed over twice."""

    is_repeatable = True


class Idempotent(Scripted):
    """One that ignores a repeat for 100 seconds."""

    ignores_repeats = timedelta(seconds=100)


class Desk:
    """A ledger on the disk, a send that is planned in it, and how long was waited."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.waits = list[float]()
        self.leavers = dict[bytes, str]()
        self.asked = list[list[bytes]]()
        self.stops: Callable[[], bool] = lambda: False

    def suppressed(self, persons: Sequence[bytes]) -> Mapping[bytes, str]:
        """Return which of them have left."""
        self.asked.append(list(persons))
        return {person: self.leavers[person] for person in persons if person in self.leavers}

    def plan(self, number: int, *, size: int = 50, **changes: Any) -> None:
        """Plan a send to so many people."""
        with open_ledger(self.state, SECRET) as ledger:
            planned(ledger, crowd(*range(number)), size=size, **changes)

    def run(self, provider: BatchProvider) -> list[Counter[State]]:
        """Go on with the send as the command does, and return what was told of each batch."""
        with open_ledger(self.state, SECRET) as ledger:
            ledger.recover()
            return list(self.begin(ledger, provider))

    def begin(self, ledger: Ledger, provider: BatchProvider) -> Iterator[Counter[State]]:
        """Begin to deliver."""
        run = Run(SECRET, self.suppressed, lambda: self.stops(), self.waits.append)  # noqa: PLW0108  it may change
        return deliver(ledger.record(1), ledger, provider, SEND, run)

    def stands(self) -> list[str]:
        """Where everybody stands, in the order of the list."""
        return [str(state) for state in states(self.state).values()]

    def entries(self) -> list[Entry]:
        """Everybody."""
        with open_ledger(self.state, SECRET) as ledger:
            return list(ledger.people(ledger.record(1), *State))

    def record(self) -> Record:
        """The send."""
        with open_ledger(self.state, SECRET) as ledger:
            return ledger.record(1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk at which nothing is planned yet."""
    return Desk(tmp_path / ".newsletter")


def address(number: int) -> str:
    """The address of one of the crowd."""
    return f"p{number}@example.org"


def addresses(*numbers: int) -> list[str]:
    """The addresses of some of the crowd."""
    return [address(number) for number in numbers]


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


# --- between two batches ----------------------------------------------------------------------------------------------


def test_who_has_left_since(desk: Desk) -> None:
    """Whoever left since the plan is asked for before each batch, and skipped with the reason (D26)."""
    desk.plan(4, size=2)
    one, two, three, four = crowd(*range(4))
    desk.leavers = {two.person: "unsubscribed", three.person: "erased", four.person: "complained"}
    provider = Scripted()
    assert [Counter(accepted=1, skipped=1), Counter(skipped=2)] == desk.run(provider)
    assert [[one.person, two.person], [three.person, four.person]] == desk.asked
    assert [addresses(0)] == provider.batches
    assert ["", "unsubscribed", "erased", "complained"] == [entry.reason for entry in desk.entries()]
    assert (0, 3, 4) == ((record := desk.record()).waiting, record.skipped, record.total)


def test_who_leaves_in_the_middle(desk: Desk) -> None:
    """Whoever leaves while the first batch is under way is not in the second."""
    desk.plan(3, size=1)
    with open_ledger(desk.state, SECRET) as ledger:
        delivery = desk.begin(ledger, provider := Scripted())
        next(delivery)
        desk.leavers = {crowd(2)[0].person: "unsubscribed"}
        assert [Counter(accepted=1), Counter(skipped=1)] == list(delivery)
    assert [addresses(0), addresses(1)] == provider.batches


def test_asked_to_stop(desk: Desk) -> None:
    """Asked to stop, it ends after the batch under way: all of that is recorded, and nobody else is touched."""
    desk.plan(6, size=2)
    provider = Scripted()
    desk.stops = lambda: len(provider.batches) == 2
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert ["accepted"] * 4 + ["planned"] * 2 == desk.stands()


def test_recorded_before_it_is_told(desk: Desk) -> None:
    """What became of a batch is on the disk before anybody is told, and that it is handed over before it is."""
    desk.plan(4, size=2)
    seen = list[list[str]]()

    class Watching(Scripted):
        def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
            seen.append(desk.stands())
            return super().submit(send, people, key=key)

    with open_ledger(desk.state, SECRET) as ledger:
        for _ in desk.begin(ledger, Watching()):
            seen.append(desk.stands())
    assert [
        ["submitting"] * 2 + ["planned"] * 2,
        ["accepted"] * 2 + ["planned"] * 2,
        ["accepted"] * 2 + ["submitting"] * 2,
        ["accepted"] * 4,
    ] == seen


def test_abandoned(desk: Desk) -> None:
    """Whoever stops listening after a batch changes nothing: the next run goes on with the next batch."""
    desk.plan(5, size=2)
    provider = Scripted()
    with open_ledger(desk.state, SECRET) as ledger:
        assert [Counter(accepted=2)] == list(islice(desk.begin(ledger, provider), 1))
    assert [Counter(accepted=2), Counter(accepted=1)] == desk.run(provider)
    assert [addresses(0, 1), addresses(2, 3), addresses(4)] == provider.batches


@pytest.mark.parametrize("ids", [True, False])
def test_the_outcome_cannot_be_recorded(ids: bool, desk: Desk) -> None:  # noqa: FBT001
    """A disk that is full just when the outcome is due stops all; who that was is told, and unknown later (G8)."""
    desk.plan(4, size=2)
    provider = Scripted({} if ids else {address(0): [UNKNOWN], address(1): [UNKNOWN]})
    with open_ledger(desk.state, SECRET) as ledger:
        delivery, settle = desk.begin(ledger, provider), ledger.settle

        def on_a_full_disk(*args: Any, **named: Any) -> None:
            with small_disk_of(512):
                settle(*args, **named)

        ledger.settle = on_a_full_disk  # type: ignore[method-assign]
        with pytest.raises(ConfigError) as caught:
            next(delivery)
        assert [2, 2] == [ledger.record(1).counts[one] for one in (State.SUBMITTING, State.PLANNED)]
    hint = "Check that the disk has room and that you may write there. Then give the same command again."
    told = "batch 1 was handed over, but what became of it could not be recorded"
    assert (caught.value.exit_code, caught.value.message, caught.value.hint) == (
        3,
        f"{told}: {FILE} cannot be written: disk I/O error",
        f"{hint}\nThe provider called it: id-1, id-2" if ids else hint,
    )
    assert ["submitting"] * 2 + ["planned"] * 2 == desk.stands()
    assert [Counter(accepted=2)] == desk.run(provider)
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


def test_the_intent_cannot_be_recorded(desk: Desk) -> None:
    """A disk that is full before a batch is handed over hands nothing over."""
    desk.plan(2)
    provider = Scripted()
    with open_ledger(desk.state, SECRET) as ledger, pytest.raises(ConfigError), small_disk_of(512):
        next(desk.begin(ledger, provider))
    assert ([], ["planned"] * 2) == (provider.batches, desk.stands())


def test_a_copy_that_cannot_be_made(desk: Desk) -> None:
    """Somebody whom no message can be addressed to stops the send before that batch, and nobody is in doubt."""
    with open_ledger(desk.state, SECRET) as ledger:
        planned(ledger, [*crowd(1), replace(crowd(2)[0], name="P2\nBcc: p3@example.org")])
    provider = Scripted()
    with pytest.raises(HeaderError):
        desk.run(provider)
    assert ([], ["planned"] * 2) == (provider.batches, desk.stands())


# --- where a repeat is ignored ----------------------------------------------------------------------------------------


def interrupted(desk: Desk, provider: Scripted) -> None:
    """Interrupt the first batch of two people before anything is said of it."""
    desk.plan(4, size=2)
    provider.script[address(0)] = [KeyboardInterrupt(), *provider.script.get(address(0), [])]
    with pytest.raises(KeyboardInterrupt):
        desk.run(provider)
    assert ["unknown"] * 2 + ["planned"] * 2 == desk.stands()


def test_repeated_with_the_same_key(desk: Desk) -> None:
    """Where a repeat is ignored, what is unknown is handed over again first: the same people, the same key."""
    interrupted(desk, provider := Idempotent())
    with open_ledger(desk.state, SECRET) as ledger:
        record = ledger.record(1)
        assert (4, 2) == tuple(due(record, ledger, one, lambda _people: {}) for one in (provider, Scripted()))
        left = due(record, ledger, provider, lambda people: dict.fromkeys(people, "unsubscribed"))
        assert left == 2  # without somebody it would be another request
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert [addresses(0, 1), addresses(0, 1), addresses(2, 3)] == provider.batches
    assert (provider.keys[0], ["accepted"] * 4) == (provider.keys[1], desk.stands())


@pytest.mark.parametrize("act", [PLANNED, UNKNOWN, None])
def test_a_repeat_that_tells_nothing(act: Act, desk: Desk) -> None:
    """Who is turned away at a repeat may have been taken the first time: they stay unknown."""
    interrupted(desk, provider := Idempotent({address(n): [act] * 9 for n in (0, 1)}))
    desk.run(provider)
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


def test_no_repeat_for_who_has_left(desk: Desk) -> None:
    """A batch of which somebody has left since is not repeated: without them it would be another request."""
    interrupted(desk, provider := Idempotent())
    desk.leavers = {crowd(1)[0].person: "unsubscribed"}
    desk.run(provider)
    assert [addresses(0, 1), addresses(2, 3)] == provider.batches
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


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


class Busy(Scripted):
    """One that asks to wait, so many *times*, and takes everything then."""

    def __init__(self, times: int, seconds: float = 30.0) -> None:
        super().__init__()
        self.times, self.seconds = times, seconds

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Take nobody, or all."""
        if self.times == 0:
            yield from super().submit(send, people, key=key)
            return
        self.times -= 1
        yield from (Result(one.key, PLANNED, "429") for one in people)
        raise BusyError("Paused: 429", seconds=self.seconds)


def test_a_provider_that_asks_to_wait_is_asked_again(desk: Desk) -> None:
    """As long as it says; nobody gets two, and no other batch goes before."""
    desk.plan(4, size=2)
    provider = Busy(7)
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert ([30.0] * 7, [2, 2]) == (desk.waits, [len(batch) for batch in provider.batches])


def test_who_asks_to_wait_for_ever_is_left_alone(desk: Desk) -> None:
    """After eight tries the send pauses, with everybody still planned (F16)."""
    desk.plan(4, size=2)
    provider = Busy(100)
    with pytest.raises(BusyError):
        desk.run(provider)
    assert (92, [30.0] * 7, ["planned"] * 4) == (provider.times, desk.waits, desk.stands())


def test_who_does_not_say_how_long_is_given_more_time_each_time(desk: Desk) -> None:
    """With chance in it, so that not all who wait come back at once (F16)."""
    desk.plan(2)
    with pytest.raises(BusyError):
        desk.run(Busy(100, 0.0))
    assert [True] * 7 == [0 <= wait <= 2**tried for tried, wait in enumerate(desk.waits, 1)]
    assert 7 == len(set(desk.waits))


def test_somebody_who_waits_can_be_stopped(desk: Desk) -> None:
    """Whoever presses Ctrl-C in a wait of minutes does not sit through seven more."""
    desk.plan(2)
    desk.stops = lambda: len(desk.waits) > 0
    provider = Busy(100)
    desk.run(provider)
    assert (99, ["planned"] * 2) == (provider.times, desk.stands())


def test_who_leaves_during_a_wait_gets_nothing(desk: Desk) -> None:
    """Opt-outs are looked at again before each try."""
    desk.plan(2)
    provider = Busy(1)
    leaver = desk.entries()[0].person
    wait = desk.waits.append
    desk.waits = type("Waits", (list,), {"append": lambda _, s: (wait(s), desk.leavers.update({leaver: "left"}))})()
    desk.run(provider)
    assert (["skipped", "accepted"], [1]) == (desk.stands(), [len(batch) for batch in provider.batches])
