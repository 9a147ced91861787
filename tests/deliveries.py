"""A send that is planned at a desk, and providers that do with each person what their script says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import SECRET, crowd, planned, states

from newsletter.deliver import Run, deliver
from newsletter.ledger import Ledger, open_ledger
from newsletter.message import Edition, Mailbox, Recipient, Sender, compose
from newsletter.providers import BatchProvider, Machine, Outcome, Result, Send
from newsletter.records import Entry, Record, State

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsletter.providers import Addressee

WHO = Mailbox("Practitioner newsletter", "newsletter@example.org")
EDITION = Edition(
    "2026-01", "January", "", "<p>NL_GREETING_NL</p><a href='NL_UNSUBSCRIBE_NL'>x</a>", "NL_GREETING_NL\n"
)
MESSAGE = compose(EDITION, Sender(WHO, WHO, "Example"), list_name="practitioners", list_title="Practitioners")
SEND = Send(MESSAGE, datetime(2026, 1, 5, 9, 4, tzinfo=UTC))
ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
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
