"""load → check → render → inline → check: the one pipeline behind every command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.checks import check_issue, check_mail
from newsletter.errors import ConfigError
from newsletter.files import write_whole
from newsletter.findings import Finding, Severity
from newsletter.images import read_picture
from newsletter.inline import inline
from newsletter.load import load_issue
from newsletter.message import Edition, InlineImage, Recipient, Sender, compose, copy_for, greet
from newsletter.render import content_id, render
from newsletter.written import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.config import Config, Workspace
    from newsletter.message import Message
    from newsletter.model import Issue, Picture

_SAMPLE = ("sample@example.org", "Sam Sample", "Sam")


@dataclass(frozen=True, slots=True)
class Built:
    """An issue and what became of it: the edition that every list gets, and everything found on the way."""

    issue: Issue
    edition: Edition
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a send."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def build(workspace: Workspace, issue_id: str) -> Built:
    """Build one issue of *workspace*. Writes nothing but the inlining cache.

    Raises UsageError for an unknown id, ContentError for a file that cannot be read as an issue, TemplateError.
    """
    config = workspace.config
    issue = load_issue(workspace.root, issue_id, welcome=config.welcome or "")
    found = [*issue.findings, *check_issue(issue)]
    logo = _logo(workspace)
    drawn = render(issue, config, root=workspace.root, logo=logo)
    html = inline(drawn.html, cache_folder=workspace.state / "cache" / "inline")
    pictures = [*([logo] if logo else []), *issue.pictures.values()]
    edition = Edition(issue.id, issue.subject, issue.preheader, html, drawn.text, _inside(pictures, config))
    found += check_mail(issue, edition)
    ignored = {*config.checks.ignore, *(ignore.code for ignore in issue.ignores if not ignore.text)}
    kept = (finding for finding in found if finding.code not in ignored or finding.severity is Severity.ERROR)
    return Built(issue, edition, tuple(sorted(kept, key=lambda finding: (finding.place, finding.code))))


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
    date = datetime(int(edition.issue[:4]), int(edition.issue[5:7]), 1, 9, tzinfo=config.zone)
    message = compose_for(next(iter(config.lists), "readers"), edition, workspace)
    return copy_for(message, Recipient(where, name, greeting, token), date=date)


def write(built: Built, workspace: Workspace, folder: Path) -> None:
    """Write what the sample person gets into *folder*: ``email.html``, ``email.txt`` and ``message.eml``.

    Pictures that travel inside the message lie beside ``email.html``, so that a browser shows it whole.
    """
    data = sample(built.edition, workspace)
    text, html = bodies(data)
    for image in built.edition.images:
        write_whole(folder / image.filename, image.data)
        html = html.replace(f"cid:{image.content_id}", image.filename)
    write_whole(folder / "email.html", html.encode())
    write_whole(folder / "email.txt", text.encode())
    write_whole(folder / "message.eml", data)


def bodies(data: bytes) -> tuple[str, str]:
    """Return the text and the HTML of a complete message, as its reader gets them."""
    from email import message_from_bytes  # noqa: PLC0415
    from email.policy import default  # noqa: PLC0415

    message = message_from_bytes(data, policy=default)
    text, html = (part.get_content() if (part := message.get_body((kind,))) else "" for kind in ("plain", "html"))
    return text.replace("\r\n", "\n"), html.replace("\r\n", "\n")


def _logo(workspace: Workspace) -> Picture | None:
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
