"""What the ledger records: an order, the people of a send, and where each of them stands. Values, without any SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


ERASED = "(erased)"  # stands where an address was


class State(StrEnum):
    """Where one person of a send stands."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent, to which list, through what.

    *message* is the whole of it. *content* is the hash of what readers see, whatever the issue is called, *version*
    that of the message with its greeting. *at* (aware) is when the provider is to let it leave; None: at once.
    """

    issue: str
    list_name: str
    provider: str
    account: str
    subject: str
    content: str
    version: str
    message: bytes = field(repr=False)
    edition: int = 1
    rehearsal: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a send: *person* is the key that stands for the address, which is empty once it is erased.

    Of a campaign it is the whole list: its id at the provider stands for an address, and *copies* says how many people.
    """

    person: bytes
    address: str = field(repr=False)
    name: str = field(default="", repr=False)
    greeting: str = field(default="", repr=False)
    state: State = State.PLANNED
    reason: str = ""
    message_id: str = ""
    copies: int = 1
    row: int = field(default=0, repr=False, compare=False)  # where the ledger keeps it


@dataclass(frozen=True, slots=True)
class Batch:
    """Those who are handed over at once."""

    send: int
    number: int
    attempts: int
    people: tuple[Entry, ...] = field(repr=False)

    @property
    def is_doubtful(self) -> bool:
        """Whether it was handed over before, and nobody knows whether it was taken."""
        return any(one.state is State.UNKNOWN for one in self.people)


@dataclass(frozen=True, slots=True)
class Record:
    """A send as the ledger knows it; *planned*, *last*, when something was last done about it, and *at* are UTC."""

    id: int
    uid: str
    rehearsal: bool
    issue: str
    list_name: str
    edition: int
    provider: str
    account: str
    subject: str
    content: str
    version: str
    planned: datetime
    last: datetime
    counts: Mapping[State, int]
    left_out: Mapping[str, int]  # those of the list who were never planned, by reason
    at: datetime | None = None  # when the provider lets it leave; None: it left at once

    @property
    def waiting(self) -> int:
        """Those who are still to get a copy."""
        return self.counts[State.PLANNED] + self.counts[State.SUBMITTING]

    @property
    def skipped(self) -> int:
        """Those who get none on purpose, since before the plan or after it."""
        return self.counts[State.SKIPPED] + sum(self.left_out.values())

    @property
    def total(self) -> int:
        """Everybody on the list: accepted + rejected + skipped + unknown + waiting."""
        return sum(self.counts.values()) + sum(self.left_out.values())
