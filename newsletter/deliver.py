"""Message + people + provider → what became of each copy. Each person gets one copy, whatever is repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.addresses import canonical
from newsletter.message import Recipient, copy_for, greet
from newsletter.providers import Copy, Outcome, Send
from newsletter.tokens import address_key, unsubscribe_token

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from newsletter.message import Message
    from newsletter.people import Audience, Person
    from newsletter.providers import Provider, Result


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets *message*: *waiting* are the people still without a copy, by key, *done* those who have theirs."""

    send: Send
    message: Message = field(repr=False)
    audience: Audience = field(repr=False)
    greeting: str  # the workspace's pattern, or empty
    waiting: tuple[tuple[str, Person], ...] = field(repr=False)
    done: int
    last_done: datetime | None  # when the newest of the done copies was delivered, UTC

    @property
    def planned(self) -> int:
        """Every line of the list: those who get a copy and those skipped."""
        return len(self.audience.people) + len(self.audience.skipped)


@dataclass(frozen=True, slots=True)
class Tally:
    """The arithmetic of a send: planned = accepted + rejected + skipped + unknown + waiting."""

    planned: int
    accepted: int
    rejected: int
    skipped: int
    unknown: int

    @property
    def waiting(self) -> int:
        """Those whose turn has not come: none, once a send has ended."""
        return self.planned - self.accepted - self.rejected - self.skipped - self.unknown


def plan(message: Message, audience: Audience, provider: Provider, *, secret: bytes, greeting: str) -> Plan:
    """Plan a send of *message* to *audience*; *secret* is the workspace's key, *greeting* its pattern or empty.

    Writes and sends nothing.
    Raises RefusedError when the provider holds copies of another version.
    """
    version = sha256(f"{message.digest} {greeting}".encode()).hexdigest()  # of all that a reader may see
    send = Send(message.edition.issue, audience.name, version)
    done = provider.done(send)
    people = [(address_key(secret, canonical(person.address)).hex()[:32], person) for person in audience.people]
    waiting = tuple((key, person) for key, person in people if key not in done)
    theirs = [done[key] for key, _ in people if key in done]
    return Plan(send, message, audience, greeting, waiting, len(theirs), max(theirs, default=None))


def deliver(
    plan: Plan,
    provider: Provider,
    *,
    secret: bytes,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Result]:
    """Hand the waiting copies over, a batch at a time, and yield each result as it comes.

    *now* (aware) is the Date of every copy. Between two batches
    *stopping* is asked whether to end there. That loses nothing: the same plan made anew holds those who still wait.
    """
    for start in range(0, len(plan.waiting), provider.batch):
        if stopping():
            return
        batch = plan.waiting[start : start + provider.batch]
        copies = [_copy(plan, key, person, secret=secret, now=now) for key, person in batch]
        yield from provider.submit(plan.send, copies)


def tally(plan: Plan, outcomes: Counter[Outcome]) -> Tally:
    """Return the arithmetic of *plan* after *outcomes*."""
    return Tally(
        planned=plan.planned,
        accepted=plan.done + outcomes[Outcome.ACCEPTED],
        rejected=outcomes[Outcome.REJECTED],
        skipped=len(plan.audience.skipped),
        unknown=outcomes[Outcome.UNKNOWN],
    )


def _copy(plan: Plan, key: str, person: Person, *, secret: bytes, now: datetime) -> Copy:
    words = greet(plan.greeting, person.first_name) if plan.greeting else ""
    token = unsubscribe_token(secret, list_name=plan.send.list_name, address=person.address)
    recipient = Recipient(person.address, person.name, words, token)
    return Copy(key, person.address, copy_for(plan.message, recipient, date=now))
