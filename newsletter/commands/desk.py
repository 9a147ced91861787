"""The desk that a send is made at: what was asked for, and all that it is made with, opened."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.build import build, compose_for
from newsletter.errors import NewsletterError
from newsletter.ledger import open_ledger
from newsletter.lock import locked
from newsletter.people import open_people
from newsletter.preflight import preflight
from newsletter.providers import Send
from newsletter.receipts import refuse_unknown
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.config import Workspace
    from newsletter.ledger import Ledger
    from newsletter.message import Message
    from newsletter.people import People
    from newsletter.providers import AnyProvider
    from newsletter.records import Record


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    issue: str
    list_name: str
    edition: int  # 0: the usual one
    dry_run: bool
    yes: bool
    expect: int | None
    include_new: bool
    retry_rejected: bool
    as_json: bool
    at: datetime | None = None  # aware


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a send is made with, opened for as long as it lasts."""

    workspace: Workspace
    provider: AnyProvider
    people: People
    ledger: Ledger
    secret: bytes = field(repr=False)
    last_event: datetime | None  # when something was last done about any send, UTC


@contextmanager
def open_desk(workspace: Workspace, provider: AnyProvider) -> Iterator[Desk]:
    """Open what a send needs, under the lock: nobody else sends in this workspace until it is closed."""
    rehearsal, state = provider.is_rehearsal, workspace.state
    preflight(workspace, rehearsal=rehearsal, now=datetime.now(UTC))
    secret = workspace_key(state)
    # The databases are closed before the lock is let go: whoever takes it next must not find them busy.
    with locked(state / "lock"), open_people(state, secret) as people, open_ledger(state, secret) as ledger:
        if not rehearsal:
            refuse_unknown(workspace.root, ledger.progress())
            people.make(is_first=all(record.rehearsal for record in ledger.records()))
        yield Desk(workspace, provider, people, ledger, secret, ledger.last_event())


def has_changed(record: Record, desk: Desk) -> bool:
    """Say whether the issue is not any more what was planned; one that cannot be built now has changed, too."""
    try:
        edition = build(desk.workspace, record.issue).edition
        message = compose_for(record.list_name, edition, desk.workspace)
    except NewsletterError:
        return True
    return version_of(message, desk.workspace) != record.version


def version_of(message: Message, workspace: Workspace) -> str:
    """Return the SHA-256 of all that is planned: the message and the greeting."""
    return sha256(f"{message.digest} {workspace.config.greeting or ''}".encode()).hexdigest()


def as_send(record: Record, message: Message, workspace: Workspace) -> Send:
    """Return what a provider is told about *record*: its copies are dated when they were planned."""
    config = workspace.config
    at = record.at.astimezone(config.zone) if record.at else None
    return Send(message, record.planned.astimezone(config.zone), record.edition, at=at, greeting=config.greeting or "")
