"""Providers: the ways mail leaves, one file each. A provider never sees an Issue, only a message and who is to get it.

Each file defines one Provider. It declares its settings (keys of newsletter.yaml) and its limits; shared code checks
them before anything is sent. What a provider must hold to:

- One copy a person, with that one recipient and no other.
- A result is yielded as soon as it is known. Whoever is handed over and never told of is taken to be unknown.
- PLANNED is said only of a copy that was certainly not taken: its last byte never left, or a clear answer says so.
- To stop the whole send, all results known so far are yielded first, and then a NewsletterError is raised; a BusyError
  if waiting may help.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from newsletter import registry
from newsletter.errors import ConfigError, RefusedError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from newsletter.credentials import Secret
    from newsletter.message import Message, Recipient

PACKAGE = __name__
# What else a list in newsletter.yaml may say: a slip in one of these arrives here as a setting.
LIST_KEYS = frozenset({"title", "file", "source", "provider"})


class Outcome(StrEnum):
    """What became of one copy. Free text never becomes an outcome."""

    ACCEPTED = "accepted"  # the provider has taken it
    REJECTED = "rejected"  # the provider will not take it
    UNKNOWN = "unknown"  # it may have been taken or not; never repeated by itself
    PLANNED = "planned"  # it certainly was not taken: it may be handed over again


@dataclass(frozen=True, slots=True)
class Send:
    """One message going to one list. *date* (aware) is the Date of every copy."""

    message: Message = field(repr=False)
    date: datetime
    edition: int = 1
    is_test: bool = False

    @property
    def name(self) -> str:
        """How files about this send are named: ``2026-01--practitioners``, or with ``--2`` its second edition."""
        name = f"{self.message.edition.issue}--{self.message.list_name}"
        end = "test" if self.is_test else str(self.edition) if self.edition > 1 else ""
        return f"{name}--{end}" if end else name  # no list's name holds "--"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is to get a copy. *key* names them in this workspace without telling the address."""

    key: str
    recipient: Recipient = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the copy of *key*; *reason* is for people to read and holds no address, *id* is the provider's."""

    key: str
    outcome: Outcome
    reason: str = ""
    id: str = ""


class BusyError(RefusedError):
    """The provider wants to be left alone for so many *seconds*; 0 when it does not say for how long."""

    def __init__(self, message: str, hint: str = "", *, seconds: float = 0.0) -> None:
        super().__init__(message, hint)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Machine:
    """What a provider may use of this computer.

    *state* is the workspace's state folder. *secret* returns a secret by its name, as ``SMTP_PASSWORD``, and raises
    ConfigError when there is none. *ca* is a file of certificates to trust instead of the system's, *proxy* a URL.
    """

    state: Path
    secret: Callable[[str], Secret]
    ca: Path | None = None
    proxy: str | None = None


class Provider(ABC):
    """A way for mail to leave."""

    settings: ClassVar[frozenset[str]] = frozenset()  # keys it reads in newsletter.yaml
    is_rehearsal: ClassVar[bool] = False  # nothing leaves this computer
    # The same copy handed over twice is one copy: what a crash left in doubt is simply handed over again.
    is_repeatable: ClassVar[bool] = False
    # For how long it promises to ignore the same batch with the same key; None: it promises nothing.
    ignores_repeats: timedelta | None = None
    batch: int = 50  # the most people handed over at once, and so the most that one crash leaves unknown

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        name = type(self).__name__.lower()
        if unknown := sorted(set(settings) - self.settings):
            hint = did_you_mean(unknown[0], self.settings | LIST_KEYS) or f"Take {unknown[0]} out of newsletter.yaml."
            raise ConfigError(f'newsletter.yaml: {name} has no setting "{unknown[0]}"', hint)
        self.machine = machine

    @property
    @abstractmethod
    def account(self) -> str:
        """The account or server that mail leaves by, without any key: a send that goes on must find the same one."""

    @abstractmethod
    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Hand over one copy for each of at most *batch* people, and yield what became of each.

        *key* is the idempotency key of this batch, the same whenever it is handed over.
        """

    def where(self, send: Send) -> str:  # noqa: ARG002  a folder of files has one for each send
        """Return where the copies go, shown before and after a send."""
        return self.account

    def close(self) -> None:  # noqa: B027  most have nothing to close
        """Let go of connections. Whatever fails here changes no outcome."""


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers, sorted."""
    return registry.names(PACKAGE)


def provider_type(name: str) -> type[Provider]:
    """Return the provider *name*: the one Provider that its file defines. Raises UsageError with the nearest name."""
    module = registry.plugin(PACKAGE, name, kind="provider")
    return cast("type[Provider]", registry.defined_in(module, Provider))
