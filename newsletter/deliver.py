"""Message + people + provider → what became of each copy. Each person gets one copy, whatever is repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
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


def plan(message: Message, audience: Audience, provider: Provider, *, key: bytes) -> Plan:
    """Plan a send of *message* to *audience*; *key* is the workspace's. Writes and sends nothing.

    Raises RefusedError when the provider holds copies of another version.
    """
    send = Send(message.edition.issue, audience.name, message.digest)
    done = provider.done(send)
    people = [(address_key(key, canonical(person.address)).hex()[:32], person) for person in audience.people]
    waiting = tuple((name, person) for name, person in people if name not in done)
    theirs = [done[name] for name, _ in people if name in done]
    return Plan(send, message, audience, waiting, len(theirs), max(theirs, default=None))


def deliver(
    plan: Plan,
    provider: Provider,
    *,
    key: bytes,
    greeting: str,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Result]:
    """Hand the waiting copies over, a batch at a time, and yield each result as it comes.

    *greeting* is the workspace's pattern, or empty; *now* (aware) is the Date of every copy. Between two batches
    *stopping* is asked whether to end there. That loses nothing: the same plan made anew holds those who still wait.
    """
    for start in range(0, len(plan.waiting), provider.batch):
        if stopping():
            return
        batch = plan.waiting[start : start + provider.batch]
        copies = [_copy(plan, name, person, key=key, greeting=greeting, now=now) for name, person in batch]
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


def _copy(plan: Plan, name: str, person: Person, *, key: bytes, greeting: str, now: datetime) -> Copy:
    words = greet(greeting, person.first_name) if greeting else ""
    token = unsubscribe_token(key, list_name=plan.send.list_name, address=person.address)
    recipient = Recipient(person.address, person.name, words, token)
    return Copy(name, person.address, copy_for(plan.message, recipient, date=now))
