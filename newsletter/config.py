"""The workspace: the folder with newsletter.yaml at its root, and what stands in that file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from newsletter.document import read_document
from newsletter.errors import ConfigError, ContentError, UsageError, did_you_mean
from newsletter.files import inside
from newsletter.findings import BAD_ADDRESS, BAD_TEXT, SECRET, UNSAFE_LINK, WRONG_KIND, Finding, Severity, Trail
from newsletter.message import Mailbox, parse_mailbox
from newsletter.mime import header_link
from newsletter.problems import told, validate
from newsletter.written import Fault, Line, Link, Markdown, Title, Written, YesNo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.document import Document
    from newsletter.model import Places

FILE = "newsletter.yaml"
STATE_VARIABLE = "NEWSLETTER_STATE"
# What keys for secrets are called; an author or an authority is none.
_SECRET = re.compile(
    "key|passw|passphrase|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|bearer|auth(?!or)|authori[sz]ation",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(\w+://)[^\s/@]*:[^\s/@]+@")  # a password in a web address
_HELD = re.compile(
    rf"([\w-]*(?:{_SECRET.pattern})[\w-]*[\"']?[ \t]*:[ \t]*)(?:[\[{{].*|[^\s,}}][^,}}\n]*)", re.IGNORECASE
)
_NAMED = (("lists",), ("providers",))  # the keys below these are names, and may be any word


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


def _list_link(url: str) -> str:
    """RFC 8058 wants https for the link that unsubscribes with one click."""
    try:
        return header_link(url)
    except ValueError as error:
        hint = "Write a web address that begins with https:// and has neither blanks nor commas."
        raise Fault(UNSAFE_LINK, "mail programs would not use this link to unsubscribe", hint) from error


def _written(pattern: str, example: str) -> AfterValidator:
    """Return the validator of texts that match *pattern* whole; its hint shows the *example*."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Fault(WRONG_KIND, f'"{text}" cannot stand here', f"Write it as in {example}.")
        return text

    return AfterValidator(check)


def _greeting(text: str) -> str:
    if found := re.search(r"[{}].*", text.replace("{first_name}", "")):
        raise Fault(
            BAD_TEXT, f'"{found[0]}" would be sent as it stands', "Only {first_name} is filled in for each person."
        )
    return text


def _web_page(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise Fault(UNSAFE_LINK, f'"{url}" is not a web page', "Write it as in https://example.org/page.")
    return url


def _folder(url: str) -> str:
    if set("?#") & set(url):
        raise Fault(UNSAFE_LINK, f'"{url}" is not a folder on the web', "Pages are added to it: leave out ? and #.")
    return url if url.endswith("/") else f"{url}/"


Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_mailbox)]
Colour = Annotated[str, _written(r"#[0-9a-fA-F]{6}", '"#1d70b8", in quotes')]
# No two hyphens in a row: "--" parts the issue from the list in the names of receipts.
ListName = Annotated[str, _written(r"(?!.{42})[a-z0-9]+(-[a-z0-9]+)*", "early-years, in small letters")]
Language = Annotated[str, _written(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "en-GB")]
Days = Annotated[str, _written(r"[1-9][0-9]{0,4} days?", "90 days")]


WebPage = Annotated[Link, AfterValidator(_web_page)]


class Theme(Written):
    """How the newsletter looks: one accent, from which every tone derives, and maybe a logo."""

    accent: Colour = "#1d70b8"
    logo: Line | None = None
    logo_alt: Line | None = None


class Accessibility(Written):
    """Whom readers tell about a barrier; for the archive's accessibility statement."""

    contact: Line
    url: WebPage | None = None


class Network(Written):
    """How this computer reaches the internet."""

    proxy: Link | None = None
    ca: Line | None = None


class Retention(Written):
    """How long addresses in the ledger and files in the outbox are kept: a number of days."""

    addresses: Days = "90 days"
    outbox: Days = "30 days"


class Checks(Written):
    """Which checks are switched off in the whole workspace."""

    ignore: tuple[Line, ...] = ()


class ListConfig(Written):
    """Where a list's people are kept. Other keys override the provider's settings for this list."""

    model_config = ConfigDict(extra="allow", frozen=True)

    title: Title | None = None
    file: Line | None = None
    source: Line | None = None
    provider: Line | None = None


class Config(Written):
    """Who we are and how we send. No secret stands here."""

    title: Title
    organisation: Title
    sender: Annotated[Address, Field(alias="from")]
    reply_to: Address | None = None
    postal_address: Line | None = None
    language: Language = "en-GB"
    timezone: Annotated[Line, AfterValidator(_zone)] = "Europe/London"
    website: WebPage | None = None
    about: Line | None = None
    accessibility: Accessibility | None = None
    archive_url: Annotated[WebPage, AfterValidator(_folder)] | None = None
    unsubscribe_url: Annotated[Link, AfterValidator(_list_link)] | None = None
    quick_leave: WebPage | None = None
    noindex: YesNo = False
    theme: Theme = Theme()
    welcome: Markdown | None = None
    greeting: Annotated[Line, AfterValidator(_greeting)] | None = None
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
    """A folder that is a newsletter: its root, what newsletter.yaml says and where, and where its state is kept."""

    root: Path
    config: Config
    state: Path
    places: Places | None = field(default=None, repr=False, compare=False)

    @property
    def ca(self) -> Path | None:
        """The certificates that newsletter.yaml names, None for the system's. Raises ConfigError as `inside`."""
        ca = self.config.network.ca
        return self.inside(ca) if ca else None

    def list_config(self, name: str) -> ListConfig:
        """Return the list *name*. Raises UsageError, with the nearest name, when there is none."""
        found = self.config.lists.get(name)
        if found is None:
            known = ", ".join(self.config.lists) or "none yet"
            hint = did_you_mean(name, self.config.lists) or f"The lists in {FILE} are: {known}."
            raise UsageError(f'there is no list "{name}"', hint)
        return found

    def list_title(self, name: str) -> str:
        """Return what the list *name* is called: its title, or else its name. Raises as `list_config`."""
        return self.list_config(name).title or name

    def inside(self, file: str) -> Path:
        """Return the path of *file*, named from the root on. Raises ConfigError when it leads out of it."""
        path = inside(self.root, file)
        if path is None:
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
        raise ConfigError(f"{FILE} cannot be read", findings=[_discreet(found) for found in error.findings]) from error
    config, faults = validate(Config, document.value, document)
    secrets = list(_secrets(document, document.value))
    known = {secret.place for secret in secrets}
    # A setting that YAML took for a comment is an error here: it would silently be the default.
    lost = [_discreet(replace(finding, severity=Severity.ERROR)) for finding in document.findings]
    faults = [*secrets, *lost, *(fault for fault in faults if fault.place not in known)]
    if faults or config is None:
        faults.sort(key=lambda finding: (finding.place, finding.code))
        raise ConfigError(f"{FILE} cannot be used yet", findings=faults)
    return Workspace(root, config, state_folder(root), document)


def _discreet(finding: Finding) -> Finding:
    """Return *finding* without the line to paste where that line holds a secret."""
    held = re.search(rf"(?:{_SECRET.pattern})[\w-]*:", finding.hint, re.IGNORECASE)
    return replace(finding, hint="Take it out: it looks like a secret, which must not stand here.") if held else finding


def _secrets(document: Document, value: Any, trail: Trail = ()) -> Iterator[Finding]:
    """Yield a finding for every key that is called like a secret, whatever it holds, and every login in an address.

    This file is shared, in git.
    """
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        is_name = isinstance(key, int) or (trail in _NAMED and isinstance(inner, dict))
        is_login = trail[:1] in _NAMED and isinstance(inner, str) and _LOGIN.match(inner)
        if not is_login and (is_name or not _SECRET.search(str(key))):
            yield from _secrets(document, inner, (*trail, key))
        else:
            hint = (
                "Make a new one at your provider, since this file may have been shared, and put that where secrets\n"
                "belong: in the environment, or in .newsletter/secrets.env."
            )
            place = document.key_place((*trail, key))
            yield told(place, SECRET, f'"{key}" looks like a secret, which must not stand in this file', hint)


def without_secrets(text: str) -> str:
    """Return the *text* of newsletter.yaml, to quote a line of it, without what looks like a secret in it."""
    return _LOGIN.sub(r"\1...@", _HELD.sub(r"\1...", text))


def state_folder(root: Path) -> Path:
    """Return where the state is kept: ``.newsletter/``, or where NEWSLETTER_STATE says. Raises ConfigError."""
    named = os.environ.get(STATE_VARIABLE, "").strip()
    if not named:
        return root / ".newsletter"
    if not Path(named).expanduser().is_absolute():
        # A path from wherever one happens to stand would be another state, and so a second send.
        hint = "Write it from the top, as in /home/you/newsletter-state."
        raise ConfigError(f"{STATE_VARIABLE} is not a whole path: {named}", hint)
    return Path(named).expanduser()
