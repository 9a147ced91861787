"""Providers: the ways mail leaves, one file each. A provider never sees an Issue, only copies that are ready to go.

Each file defines one Provider. It declares its settings (keys of newsletter.yaml) and its limits; shared code checks
them before anything is sent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from newsletter import registry
from newsletter.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

PACKAGE = __name__
# What else a list in newsletter.yaml may say: a slip in one of these arrives here as a setting.
LIST_KEYS = frozenset({"title", "file", "source", "provider"})


class Outcome(StrEnum):
    """What became of one copy. Free text never becomes an outcome."""

    ACCEPTED = "accepted"  # the provider has taken it
    REJECTED = "rejected"  # the provider will not take it
    UNKNOWN = "unknown"  # it may have been taken or not; never repeated by itself


@dataclass(frozen=True, slots=True)
class Send:
    """One issue going to one list. *digest* is that of the message, so that no send mixes two versions."""

    issue: str
    list_name: str
    digest: str

    @property
    def name(self) -> str:
        """How files about this send are named: ``2026-01--practitioners``."""
        return f"{self.issue}--{self.list_name}"


@dataclass(frozen=True, slots=True)
class Copy:
    """The message as one person gets it. *key* names the person in this workspace without telling the address."""

    key: str
    address: str = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the copy *key*; *reason* is for people to read and holds no address."""

    key: str
    outcome: Outcome
    reason: str = ""


class Provider(ABC):
    """A way for mail to leave."""

    settings: ClassVar[frozenset[str]] = frozenset()  # keys it reads in newsletter.yaml
    is_rehearsal: ClassVar[bool] = False  # nothing leaves this computer
    batch: ClassVar[int] = 50  # the most copies handed over at once, and so the most that one crash leaves unknown

    def __init__(self, settings: Mapping[str, Any], *, state: Path) -> None:
        if unknown := sorted(set(settings) - self.settings):
            hint = did_you_mean(unknown[0], self.settings | LIST_KEYS) or f"Take {unknown[0]} out of newsletter.yaml."
            raise ConfigError(f'newsletter.yaml: {type(self).__name__.lower()} has no setting "{unknown[0]}"', hint)
        self.state = state

    @abstractmethod
    def done(self, send: Send) -> Mapping[str, datetime]:
        """Return the keys of the copies that are certainly delivered already, and when (UTC).

        Raises RefusedError when what is there belongs to another version of the message.
        """

    @abstractmethod
    def submit(self, send: Send, copies: Sequence[Copy]) -> Sequence[Result]:
        """Hand over at most *batch* copies and return one result for each, in their order."""

    @abstractmethod
    def where(self, send: Send) -> str:
        """Return where the copies go, a folder or an account: shown before and after a send."""


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers, sorted."""
    return registry.names(PACKAGE)


def provider_type(name: str) -> type[Provider]:
    """Return the provider *name*: the one Provider that its file defines. Raises UsageError with the nearest name."""
    module = registry.plugin(PACKAGE, name, kind="provider")
    return cast("type[Provider]", registry.defined_in(module, Provider))
