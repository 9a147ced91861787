"""Providers: the ways mail leaves, one file each. A provider never sees an Issue, only a message and who is to get it.

Each file defines one Provider, of one of two shapes: a BatchProvider is handed the people, a few at a time; a
CampaignProvider keeps the list itself, and is asked to send one campaign to all of it. A provider declares its settings
(keys of newsletter.yaml), its features and its limits; shared code checks them before anything is sent. What each must
hold to:

- One copy a person, with that one recipient and no other. Opens and clicks are not tracked.
- A result is yielded as soon as it is known. Whoever is handed over and never told of is taken to be unknown.
- PLANNED is said only of a copy that was certainly not taken: its last byte never left, or a clear answer says so.
- To stop the whole send, all results known so far are yielded first, and then a NewsletterError is raised; a BusyError
  if waiting may help.
- No key and no address ever stands in a reason or an error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from newsletter import registry
from newsletter.errors import ConfigError, RefusedError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from importlib.metadata import EntryPoint, EntryPoints
    from pathlib import Path

    from newsletter.credentials import Secret
    from newsletter.message import Message, Recipient

PACKAGE = __name__
# What else a list in newsletter.yaml may say: a slip in one of these arrives here as a setting.
LIST_KEYS = frozenset({"title", "file", "source", "provider"})
_MOST_PEOPLE = 10**10  # more than there are


class Outcome(StrEnum):
    """What became of one copy. Free text never becomes an outcome."""

    ACCEPTED = "accepted"  # the provider has taken it
    REJECTED = "rejected"  # the provider will not take it
    UNKNOWN = "unknown"  # it may have been taken or not; never repeated by itself
    PLANNED = "planned"  # it certainly was not taken: it may be handed over again


@dataclass(frozen=True, slots=True)
class Send:
    """One message going to one list. *date* (aware) is the Date of every copy.

    *at* (aware) is when it is to leave, None for now. *greeting* is the workspace's pattern, as "Hello {first_name},",
    or empty: who is handed over by name has it ready, so only a campaign needs it.
    """

    message: Message = field(repr=False)
    date: datetime
    edition: int = 1
    is_test: bool = False
    at: datetime | None = None
    greeting: str = ""

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
class Schedule:
    """How a provider sends later: at full *step*s of the hour, at most *horizon* from now; maybe it *can_cancel*."""

    horizon: timedelta | None = None
    step: timedelta = timedelta(minutes=1)
    can_cancel: bool = True


@dataclass(frozen=True, slots=True)
class HostedAudience:
    """A list that a provider keeps: its *id* there, what it is called, and how many people get what is sent to it.

    Of its name what a terminal would obey is a question mark. Raises ValueError for what is no number of people.
    """

    id: str
    name: str
    people: int

    def __post_init__(self) -> None:
        if type(self.people) is not int or not 0 <= self.people < _MOST_PEOPLE:
            raise ValueError("no number of people")
        shown = "".join(sign if sign.isprintable() else "?" for sign in self.name)
        object.__setattr__(self, "name", shown)


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider counted of one send; None where it does not tell. Opens and clicks are never asked for.

    Raises ValueError for what is no number.
    """

    accepted: int | None = None
    delivered: int | None = None
    bounced: int | None = None
    unsubscribed: int | None = None
    complaints: int | None = None

    def __post_init__(self) -> None:
        if not all(isinstance(one, int | None) for one in astuple(self)):
            raise ValueError("a figure that is none")


@dataclass(frozen=True, slots=True)
class Departure:
    """That a provider knows of somebody who is not to be written to again. *when* is UTC.

    *reason* is "unsubscribed", "bounced" or "complained".
    """

    address: str = field(repr=False)
    reason: str
    when: datetime


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
    secrets: ClassVar[tuple[str, ...]] = ()  # the names of those it needs, as MAILGUN_API_KEY
    is_rehearsal: ClassVar[bool] = False  # nothing leaves this computer
    carries_images: ClassVar[bool] = False  # pictures may travel inside the message
    schedule: ClassVar[Schedule | None] = None  # None: it sends at once or not at all
    # The same copy handed over twice is one copy: what a crash left in doubt is simply handed over again.
    is_repeatable: ClassVar[bool] = False
    # For how long it promises to ignore the same batch with the same key; None: it promises nothing.
    ignores_repeats: timedelta | None = None
    batch: int = 50  # the most people handed over at once, and so the most that one crash leaves unknown
    # Where people are unsubscribed or deleted by hand in its console, for those things that it does not do for us.
    console: ClassVar[str] = ""
    # What its DKIM keys are called, where that is the same for all its customers, as "k2": doctor looks for them.
    selectors: ClassVar[tuple[str, ...]] = ()
    # To which address bounces go; the empty string is the From address, None a domain of the service's own.
    envelope_sender: str | None = None

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

    def where(self, send: Send) -> str:  # noqa: ARG002  a folder of files has one for each send
        """Return where the copies go, shown before and after a send."""
        return self.account

    def verify(self) -> tuple[str, ...]:
        """Ask whether we are let in, sending nothing; return what is said of account and key, a line each.

        Raises ConfigError for a key that is not good, RefusedError when nobody can be reached.
        """
        return ()

    def report(self, send: Send) -> Report:  # noqa: ARG002
        """Return what was counted of *send*. Raises RefusedError where nothing is told."""
        raise RefusedError(f"{type(self).__name__} tells no figures.", "What was accepted stands in newsletter status.")

    def departures(self, since: datetime | None) -> Iterator[Departure]:  # noqa: ARG002
        """Yield who has unsubscribed, bounced or complained since then (UTC), or ever; maybe some of before, too."""
        raise RefusedError(f"{type(self).__name__} does not tell who has left.", "Nothing was changed.")

    def cancel(self, send: Send, ids: Sequence[str]) -> None:  # noqa: ARG002
        """Take back a scheduled *send*, of which the service called the parts *ids*. Raises RefusedError.

        What has been taken back already, by a command that was cut off or by a person there, is no error.
        """
        raise RefusedError(f"{type(self).__name__} cannot take back what it was handed.", "Nothing was changed.")

    def close(self) -> None:  # noqa: B027  most have nothing to close
        """Let go of connections. Whatever fails here changes no outcome."""


class BatchProvider(Provider):
    """One that is handed the people: the list is kept here."""

    @abstractmethod
    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Hand over one copy for each of at most *batch* people, and yield what became of each.

        *key* is the idempotency key of this batch, the same whenever it is handed over.
        """

    def look_up(self, send: Send, people: Sequence[Addressee]) -> Iterator[Result]:  # noqa: ARG002
        """Yield a result for those of *people*, who may have their copy or not, of whom the service knows more."""
        yield from ()


class CampaignProvider(Provider):
    """One that keeps the list: it is asked for one campaign, which cannot be started twice.

    So whatever is in doubt is handed over again: the campaign is found by its reference, `Send.name`, and its state is
    read before it is started.
    """

    ignores_repeats = timedelta(days=3650)
    batch = 1

    @abstractmethod
    def audiences(self) -> tuple[HostedAudience, ...]:
        """Return the lists that are kept there."""

    @property
    @abstractmethod
    def chosen(self) -> str:
        """The id or the name of the list to send to, as newsletter.yaml has it."""

    @abstractmethod
    def launch(self, send: Send) -> Result:
        """Have *send* sent to the whole list, once; the key of the result is empty, its id the campaign's."""

    @abstractmethod
    def launch_test(self, send: Send, addresses: Sequence[str]) -> None:
        """Have one copy sent to each of *addresses*, by the service's own test. Raises NewsletterError."""

    @abstractmethod
    def members(self) -> Iterator[str]:
        """Yield the address of everybody who would get what is sent to the list."""

    @abstractmethod
    def unsubscribe(self, address: str) -> None:
        """See to it that *address* gets nothing more that is sent to the list."""

    @abstractmethod
    def about(self, address: str) -> Mapping[str, str]:
        """Return what the service holds about *address* on this list, empty if nothing."""

    @abstractmethod
    def erase(self, address: str) -> bool:
        """Delete *address* from the service for good, and say whether it was there."""

    def audience(self) -> HostedAudience:
        """Return the list to send to. Raises ConfigError, with the nearest name, when there is none or several."""
        there = self.audiences()
        found = [one for one in there if one.id == self.chosen]
        found = found or [one for one in there if one.name.casefold() == self.chosen.casefold()]
        if len(found) == 1:
            return found[0]
        names = [one.name for one in there]
        told = f"There are: {', '.join(names)}." if names else "There is none yet: make one there."
        hint = "Name it by its id." if found else did_you_mean(self.chosen, names) or told
        which = "several audiences" if found else "no audience"
        raise ConfigError(f'{type(self).__name__} has {which} "{self.chosen}"', hint)


AnyProvider: TypeAlias = BatchProvider | CampaignProvider


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers, sorted; those of other people's packages among them."""
    return tuple(sorted({*registry.names(PACKAGE), *(point.name for point in _entry_points())}))


def provider_type(name: str) -> type[AnyProvider]:
    """Return the provider *name*: the one that its file defines, or what another package declares under that name.

    Raises UsageError with the nearest name, ConfigError for a package whose provider cannot be used.
    """
    others = () if name in registry.names(PACKAGE) else tuple(_entry_points())
    for point in others:
        if point.name == name:
            return _loaded(point)
    module = registry.plugin(PACKAGE, name, kind="provider", others=[point.name for point in others])
    return cast("type[AnyProvider]", registry.defined_in(module, Provider))


def _entry_points() -> EntryPoints:
    from importlib.metadata import entry_points  # noqa: PLC0415  it looks through all that is installed

    return entry_points(group=PACKAGE)


def _loaded(point: EntryPoint) -> type[AnyProvider]:
    hint = "Ask those who made it, or install another version of it."
    try:
        found = point.load()
    except Exception as error:  # a stranger's module may raise anything
        raise ConfigError(f'the provider "{point.name}" cannot be loaded: {type(error).__name__}', hint) from error
    if not (isinstance(found, type) and issubclass(found, BatchProvider | CampaignProvider)):
        raise ConfigError(f'the provider "{point.name}" is none: {point.value} is not a provider class', hint)
    return found
