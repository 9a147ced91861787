"""load → check → render → inline → check: the one pipeline behind every command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.bankholidays import bank_holidays
from newsletter.calendar import calendar_bytes, entries
from newsletter.checks import Context, Mail, check_issue, check_mail
from newsletter.errors import ConfigError, ContentError, TemplateError
from newsletter.files import write_whole
from newsletter.findings import Severity
from newsletter.images import read_picture
from newsletter.inline import inline
from newsletter.load import load_issue
from newsletter.memory import recall
from newsletter.message import Edition, InlineImage, Recipient, Sender, compose, copy_for, greet
from newsletter.model import Prose
from newsletter.past import moment_of
from newsletter.render import content_id, render
from newsletter.review import Discretion, Shown, excuse, switched_off_faults
from newsletter.written import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from newsletter.calendar import Entry
    from newsletter.config import Config, Workspace
    from newsletter.findings import Finding
    from newsletter.message import Message
    from newsletter.model import Issue, Picture
    from newsletter.weblinks import Verdict

_SAMPLE = ("sample@example.org", "Sam Sample", "Sam")


@dataclass(frozen=True, slots=True)
class Built:
    """An issue and what became of it: the edition that every list gets, and all that a person is to be told."""

    issue: Issue
    edition: Edition
    findings: tuple[Finding, ...]
    shown: Shown  # what may be told of the issue's words
    entries: tuple[Entry, ...] = ()  # its dates, the earliest first
    switched_off: frozenset[str] = frozenset()  # the codes of what newsletter.yaml kept back

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a send."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def build(
    workspace: Workspace, issue_id: str, *, on: date | None = None, verdicts: Mapping[str, Verdict] | None = None
) -> Built:
    """Build one issue of *workspace*. Writes nothing but caches.

    *on* is the day of sending, today if left out; *verdicts* are what fetching its links said. Raises UsageError for
    an unknown id, ContentError for a file that cannot be read as an issue, TemplateError with what was found so far.
    """
    config, root = workspace.config, workspace.root
    discretion = Discretion(root)
    try:
        issue = load_issue(root, issue_id, welcome=config.welcome or "")
    except ContentError as error:
        raise ContentError(error.message, discretion.findings(error.findings), error.hint) from None
    issue = replace(issue, standing=workspace.places, texts=(*issue.texts, *_standing_texts(config)))
    found = [*issue.findings, *switched_off_faults(workspace)]
    context = context_of(issue, workspace, on or datetime.now(config.zone).date(), verdicts or {})
    found += check_issue(context)
    dates = entries(issue, context.others, config)
    try:
        edition = _draw(issue, workspace, dates)
    except TemplateError as error:
        error.findings = discretion.findings(excuse(found, issue, config.checks.ignore).findings)
        raise
    found += check_mail(Mail(issue, edition, config.archive_url or "", config.theme.accent))
    excused = excuse(found, issue, config.checks.ignore)
    told = discretion.findings(excused.findings)
    return Built(issue, edition, told, discretion.words(issue), dates, excused.switched_off)


def _standing_texts(config: Config) -> Iterator[Prose]:
    """Yield what newsletter.yaml adds to every issue; its welcome is the issue's already."""
    for key in ("title", "organisation", "about", "postal_address"):
        if text := getattr(config, key):
            yield Prose(text, (key,))
    if config.theme.logo_alt:
        yield Prose(config.theme.logo_alt, ("theme", "logo_alt"))
    for name, chosen in config.lists.items():
        if chosen.title:
            yield Prose(chosen.title, ("lists", name, "title"))


def context_of(issue: Issue, workspace: Workspace, on: date, verdicts: Mapping[str, Verdict]) -> Context:
    """Return what the checks may know of *issue* when it is sent on the day *on*."""
    others, unread = recall(workspace, issue.id)
    years = {day.year for event in issue.events() if event.is_session for day in (event.span.first, event.span.last)}
    holidays = bank_holidays(years, cache=workspace.state / "cache" / "bank-holidays.json") if years else {}
    return Context(issue, on, workspace.config.zone, others, unread, holidays, verdicts)


def _draw(issue: Issue, workspace: Workspace, dates: tuple[Entry, ...]) -> Edition:
    """Return what readers get. Raises TemplateError."""
    config = workspace.config
    logo = read_logo(workspace)
    drawn = render(issue, config, root=workspace.root, logo=logo, dates=dates)
    html = inline(drawn.html, cache_folder=workspace.state / "cache" / "inline")
    pictures = [*([logo] if logo else []), *issue.pictures.values()]
    return Edition(issue.id, issue.subject, issue.preheader, html, drawn.text, _inside(pictures, config))


def compose_for(list_name: str, edition: Edition, workspace: Workspace) -> Message:
    """Compose *edition* for the list *list_name*, from the sender that newsletter.yaml names."""
    config = workspace.config
    sender = Sender(config.from_mailbox, config.reply_mailbox, config.organisation, config.unsubscribe_url)
    title = workspace.list_config(list_name).title or list_name.replace("-", " ").capitalize()
    return compose(edition, sender, list_name=list_name, list_title=title)


def sample(edition: Edition, workspace: Workspace) -> bytes:
    """Return the message that the sample person of the first list would get.

    Its date is 9am on the first of the issue's month in the workspace's zone, its token comes from the content:
    same input, same bytes.
    """
    config = workspace.config
    where, name, first_name = _SAMPLE
    greeting = greet(config.greeting, first_name) if config.greeting else ""
    token = sha256(f"sample {edition.digest}".encode()).hexdigest()[:32]
    message = compose_for(next(iter(config.lists), "readers"), edition, workspace)
    return copy_for(message, Recipient(where, name, greeting, token), date=moment_of(edition.issue, config.zone))


def write(built: Built, workspace: Workspace, folder: Path) -> None:
    """Write what the sample person gets into *folder*: ``email.html``, ``email.txt`` and ``message.eml``.

    Pictures that travel inside the message lie beside ``email.html``, so that a browser shows it whole. An issue with
    a date has its ``calendar.ics``, too; that of one with none any more is taken away.
    """
    data = sample(built.edition, workspace)
    text, html = bodies(data)
    for image in built.edition.images:
        write_whole(folder / image.filename, image.data)
        html = html.replace(f"cid:{image.content_id}", image.filename)
    write_whole(folder / "email.html", html.encode())
    write_whole(folder / "email.txt", text.encode())
    write_whole(folder / "message.eml", data)
    calendar = folder / "calendar.ics"
    if built.entries:
        zone = workspace.config.zone
        write_whole(calendar, calendar_bytes(built.entries, zone=zone, title=built.issue.subject))
    else:
        calendar.unlink(missing_ok=True)


def bodies(data: bytes) -> tuple[str, str]:
    """Return the text and the HTML of a complete message, as its reader gets them."""
    from email import message_from_bytes  # noqa: PLC0415
    from email.policy import default  # noqa: PLC0415

    message = message_from_bytes(data, policy=default)
    text, html = (part.get_content() if (part := message.get_body((kind,))) else "" for kind in ("plain", "html"))
    return text.replace("\r\n", "\n"), html.replace("\r\n", "\n")


def read_logo(workspace: Workspace) -> Picture | None:
    """Return the logo that newsletter.yaml names, None when it names none. Raises ConfigError."""
    src = workspace.config.theme.logo
    if src is None:
        return None
    try:
        return read_picture(workspace.root, src)
    except Fault as fault:
        raise ConfigError(f"newsletter.yaml: theme: logo: {fault.message}", fault.hint) from fault


def _inside(pictures: list[Picture], config: Config) -> tuple[InlineImage, ...]:
    """Return the pictures as parts of the message, unless a hosted archive lets them be linked."""
    if config.archive_url:
        return ()
    named = {content_id(picture): picture for picture in pictures}
    return tuple(InlineImage(name, picture.kind, name, picture.data) for name, picture in named.items())
