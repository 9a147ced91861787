"""What a story of `test_machine` makes up: the clock, the service that mail goes to, and the workspace."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from newsletter.audience import Person
from newsletter.build import Built, build, compose_for
from newsletter.commands.desk import Request
from newsletter.config import Workspace, open_workspace
from newsletter.elapsed import Stamp
from newsletter.errors import RefusedError
from newsletter.people import ALL_LISTS
from newsletter.providers import Addressee, BatchProvider, Machine, Outcome, Result, Send
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsletter.message import Message

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = timedelta(hours=24)  # for which the service ignores repeats
ISSUES, LISTS, READERS = ("2026-01", "2026-02"), ("practitioners", "friends"), range(6)
# What may become of a request, and what is said of it; of the others nothing is ever heard.
TOOK, SAID = (
    {"took", "lost", "unsure"},
    {"took": "accepted", "refused": "rejected", "later": "planned", "unsure": "unknown"},
)
DEEDS = ("took", "took", "took", "refused", "later", "lost", "vanished", "unsure", "stop", "broken")
SETTINGS = """\
title: News
organisation: Partnership
from: News <news@example.gov.uk>
reply_to: office@example.gov.uk
postal_address: 1 High Street
provider: smtp
lists:
  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}
  friends: {title: Friends}
"""

# Whether it was a rehearsal, the issue, the edition, and the person's key.
Copy = tuple[bool, str, int, str]


class Broken(BaseException):
    """What nobody has foreseen: a fault of a provider's, or Ctrl-C pressed twice."""


@dataclass
class Clock:
    """The time that truly passed since `BEGIN`, and what the two clocks of a computer make of it."""

    passed: timedelta = timedelta()
    asleep: timedelta = timedelta()  # or switched off: the ticks stand still
    wrong: timedelta = timedelta()  # how far the clock on the wall is ahead
    boot: int = 1

    def now(self, _zone: object = None) -> datetime:
        """What the clock on the wall says."""
        return BEGIN + self.passed + self.wrong

    def stamp(self) -> Stamp:
        """What both say."""
        return Stamp(self.now(), str(self.boot), (self.passed - self.asleep) // timedelta(microseconds=1) * 1000)

    def wait(self, hours: int, *, asleep: bool) -> None:
        """Let so many hours pass."""
        self.passed += timedelta(hours=hours)
        self.asleep += timedelta(hours=hours if asleep else 0)


@dataclass
class World:
    """All that is no part of the program."""

    workspace: Workspace
    ignores_repeats: bool
    moment: Callable[[str], None]  # is called where something may happen: "asked", "taken"
    clock: Clock = field(default_factory=Clock)
    words: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ISSUES, 0))  # which wording an issue has now
    plans: dict[tuple[bool, str], str] = field(default_factory=dict)  # the message that each send was planned with
    opted: set[tuple[str, str]] = field(default_factory=set)  # list or ALL_LISTS, and person
    barred: frozenset[tuple[str, str]] = frozenset()  # those who had opted out before this batch
    deeds: Iterator[str] = field(default_factory=lambda: cycle(["took"]))
    taken: Counter[Copy] = field(default_factory=Counter)
    # What the service remembers by its key: when it came, for whom, and what it answered.
    known: dict[str, tuple[timedelta, list[str], Outcome]] = field(default_factory=dict)

    @property
    def secret(self) -> bytes:
        """The workspace's key."""
        return workspace_key(self.workspace.state)

    def message(self, issue: str, list_name: str) -> Message:
        """What would be planned now."""
        return _composed(issue, self.words[issue], list_name)

    def take(self, send: Send, one: Addressee, *, rehearsal: bool) -> None:
        """Keep a copy. Whoever opted out before this batch began gets none."""
        assert person_key(self.secret, one.recipient.address).hex() == one.key
        assert not {(ALL_LISTS, one.key), (send.message.list_name, one.key)} & self.barred, "opted out"
        self.taken[rehearsal, send.message.edition.issue, send.edition, one.key] += 1


class Service(BatchProvider):
    """Hands over to the service: as one request where that ignores repeats, else one by one."""

    batch = 2

    def __init__(self, world: World) -> None:
        super().__init__({}, Machine(world.workspace.state, lambda _name: pytest.fail("no secret is needed")))
        self.world = world
        self.ignores_repeats = WINDOW if world.ignores_repeats and not self.is_rehearsal else None

    @property
    def account(self) -> str:
        """There is one."""
        return "service"

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Hand over the message that was planned, whatever the issue says now."""
        now = self.world.message(send.message.edition.issue, send.message.list_name).digest
        assert self.world.plans.get((self.is_rehearsal, send.name), now) == send.message.digest
        assert len({one.key for one in people}) == len(people) <= self.batch
        self.world.moment("asked")
        try:
            if self.ignores_repeats:
                yield from self._at_once(send, people, key)
            else:
                for one in people:
                    yield from self._request(send, [one], next(self.world.deeds))
        finally:
            self.world.barred = frozenset(self.world.opted)

    def _at_once(self, send: Send, people: Sequence[Addressee], key: str) -> Iterator[Result]:
        """Answer a key that is known as before; one that comes back with other people is refused, as Resend does."""
        world, keys = self.world, [one.key for one in people]
        when, same, answer = world.known.get(key, (-WINDOW, [], Outcome.PLANNED))
        if world.clock.passed - when < WINDOW:
            yield from (Result(one, answer if same == keys else Outcome.PLANNED, "known") for one in keys)
            return
        deed = next(world.deeds)
        if deed in {*TOOK, "refused"}:
            answer = Outcome.ACCEPTED if deed in TOOK else Outcome.REJECTED
            world.known[key] = world.clock.passed, keys, answer
        yield from self._request(send, people, deed)

    def _request(self, send: Send, people: Sequence[Addressee], deed: str) -> Iterator[Result]:
        if deed == "stop":
            raise RefusedError("Stopped: the account is closed.")
        if deed == "broken":
            raise Broken
        if deed in TOOK:
            for one in people:
                self.world.take(send, one, rehearsal=self.is_rehearsal)
        self.world.moment("taken")
        if deed in SAID:
            yield from (Result(one.key, Outcome(SAID[deed]), deed) for one in people)


class Rehearsal(Service):
    """The same, but nothing leaves this computer, and the same copy twice is one."""

    is_rehearsal: ClassVar[bool] = True
    is_repeatable: ClassVar[bool] = True


def request(issue: str, list_name: str, edition: int = 1, **options: bool) -> Request:
    """What somebody asks for who types the count."""
    usual = dict.fromkeys(("dry_run", "yes", "include_new", "retry_rejected", "as_json"), False)
    return Request(issue=issue, list_name=list_name, edition=edition, expect=None, **usual | options, at=None)


def person(one: int) -> Person:
    """Reader number *one*."""
    return Person(f"reader{one}@example.org", "", "", "Test", 1)


def lay_out(folder: Path) -> Workspace:
    """Make a workspace without any issues or people."""
    (folder / "issues").mkdir()
    (folder / "lists").mkdir()
    (folder / "newsletter.yaml").write_text(SETTINGS, "utf-8")
    return open_workspace(folder)


@cache
def built(issue: str, words: int) -> Built:
    """An issue in one of its wordings."""
    first = _built(issue)
    edition = replace(first.edition, text=f"{first.edition.text}\nWording {words} of {issue}.\n")
    return replace(first, edition=edition, findings=())


@cache
def _composed(issue: str, words: int, list_name: str) -> Message:
    with tempfile.TemporaryDirectory() as folder:
        return compose_for(list_name, built(issue, words).edition, lay_out(Path(folder)))


@cache
def _built(issue: str) -> Built:
    with tempfile.TemporaryDirectory() as folder:
        workspace = lay_out(Path(folder))
        text = "preheader: New\nsections:\n  - {type: article, title: New, body: The office is open.}\n"
        (workspace.root / f"issues/{issue}.yaml").write_text(text, "utf-8")
        return build(workspace, issue)
