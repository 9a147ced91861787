"""The workspace: the folder with newsletter.yaml at its root, and what stands in that file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from newsletter.document import read_document
from newsletter.errors import ConfigError, ContentError, UsageError, did_you_mean
from newsletter.findings import BAD_ADDRESS, WRONG_KIND
from newsletter.message import Mailbox, parse_mailbox
from newsletter.model import Fault, Line, Link, Markdown, Written, YesNo
from newsletter.problems import validate

FILE = "newsletter.yaml"
STATE_VARIABLE = "NEWSLETTER_STATE"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Fault(WRONG_KIND, f'"{name}" is not a time zone', "Write it as in Europe/London.") from error
    return name


def _mailbox(text: str) -> str:
    try:
        parse_mailbox(text)
    except ValueError as error:
        hint = "Write a name and one address: Practitioner newsletter <newsletter@example.org>"
        raise Fault(BAD_ADDRESS, "this is not one mail address", hint) from error
    return text


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_mailbox)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
ListName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Theme(Written):
    """How the newsletter looks: one accent, from which every tone derives, and maybe a logo."""

    accent: Colour = "#1d70b8"
    logo: Line | None = None
    logo_alt: Line | None = None


class Accessibility(Written):
    """Whom readers tell about a barrier; for the archive's accessibility statement."""

    contact: Line
    url: Link | None = None


class Network(Written):
    """How this computer reaches the internet."""

    proxy: Link | None = None
    ca: Line | None = None


class Retention(Written):
    """How long addresses in the ledger and files in the outbox are kept: a number of days."""

    addresses: Annotated[str, StringConstraints(pattern=r"^\d+ days?$")] = "90 days"
    outbox: Annotated[str, StringConstraints(pattern=r"^\d+ days?$")] = "30 days"


class Checks(Written):
    """Which checks are switched off in the whole workspace."""

    ignore: tuple[Line, ...] = ()


class ListConfig(Written):
    """Where a list's people are kept. Other keys override the provider's settings for this list."""

    model_config = ConfigDict(extra="allow", frozen=True)

    title: Line | None = None
    file: Line | None = None
    source: Line | None = None
    provider: Line | None = None


class Config(Written):
    """Who we are and how we send. No secret stands here."""

    title: Line
    organisation: Line
    sender: Annotated[Address, Field(alias="from")]
    reply_to: Address | None = None
    postal_address: Line | None = None
    language: Language = "en-GB"
    timezone: Annotated[Line, AfterValidator(_zone)] = "Europe/London"
    website: Link | None = None
    about: Line | None = None
    accessibility: Accessibility | None = None
    archive_url: Annotated[Link, AfterValidator(_with_slash)] | None = None
    unsubscribe_url: Link | None = None
    quick_leave: Link | None = None
    theme: Theme = Theme()
    welcome: Markdown | None = None
    greeting: Line | None = None
    approval: YesNo = False
    provider: Line = "outbox"
    providers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    lists: dict[ListName, ListConfig] = Field(default_factory=dict)
    network: Network = Network()
    retention: Retention = Retention()
    checks: Checks = Checks()

    @property
    def from_mailbox(self) -> Mailbox:
        """The From of every message."""
        return parse_mailbox(self.sender)

    @property
    def reply_mailbox(self) -> Mailbox:
        """Where answers go: ``reply_to``, or the sender."""
        return parse_mailbox(self.reply_to or self.sender)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the workspace's times are meant."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that is a newsletter: its root, what newsletter.yaml says, and where its state is kept."""

    root: Path
    config: Config
    state: Path

    def list_config(self, name: str) -> ListConfig:
        """Return the list *name*. Raises UsageError, with the nearest name, when there is none."""
        found = self.config.lists.get(name)
        if found is None:
            known = ", ".join(self.config.lists) or "none yet"
            hint = did_you_mean(name, self.config.lists) or f"The lists in {FILE} are: {known}."
            raise UsageError(f'there is no list "{name}"', hint)
        return found

    def inside(self, file: str) -> Path:
        """Return the path of *file*, named from the root on. Raises ConfigError when it leads out of it."""
        path = self.root / file
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise ConfigError(f"{FILE}: {file} lies outside this workspace", "Put it inside, as in lists/name.csv.")
        return path


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above *start* that holds newsletter.yaml. Raises ConfigError."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return folder
    hint = "Change into your newsletter's folder, or make one: newsletter init my-newsletter"
    raise ConfigError(f"there is no {FILE} in this folder or above it", hint)


def open_workspace(start: Path) -> Workspace:
    """Read the workspace that *start* lies in. Raises ConfigError with every problem in newsletter.yaml."""
    root = find_root(start)
    try:
        document = read_document(root / FILE, FILE)
    except ContentError as error:
        raise ConfigError(f"{FILE} cannot be read", findings=error.findings) from error
    config, faults = validate(Config, document.value, document)
    if config is None:
        raise ConfigError(f"{FILE} cannot be used yet", findings=faults)
    return Workspace(root, config, state_folder(root))


def state_folder(root: Path) -> Path:
    """Return where the state is kept: ``.newsletter/``, or the folder that NEWSLETTER_STATE names."""
    named = os.environ.get(STATE_VARIABLE, "").strip()
    return Path(named).expanduser().resolve() if named else root / ".newsletter"
