"""What `send` sends: a plan made anew, or one that the ledger knows; and everything that stops it before it begins."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from newsletter.approvals import refuse_unapproved
from newsletter.audience import Audience
from newsletter.build import build, compose_for
from newsletter.credentials import read_secret
from newsletter.deliver import due, entries
from newsletter.doubts import refuse_repeated
from newsletter.errors import ConfigError, ContentError, NewsletterError, RefusedError, UsageError
from newsletter.ledger import open_ledger
from newsletter.load import issue_ids
from newsletter.lock import locked
from newsletter.message import freeze, thaw
from newsletter.people import list_audience, open_people
from newsletter.preflight import preflight
from newsletter.providers import Machine, Send, provider_type
from newsletter.receipts import refuse_unknown
from newsletter.records import Order, State
from newsletter.summary import addressed, command_for, contents, moment, resumed, show_rows
from newsletter.terminal import count, show_findings
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from newsletter.build import Built
    from newsletter.config import Workspace
    from newsletter.ledger import Ledger
    from newsletter.message import Message
    from newsletter.people import People
    from newsletter.providers import Provider
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


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a send is made with, opened for as long as it lasts."""

    workspace: Workspace
    provider: Provider
    people: People
    ledger: Ledger
    secret: bytes = field(repr=False)
    last_event: datetime | None  # when something was last done about any send, UTC


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be sent: *message*, which was *built* just now unless the ledger knows it already.

    *begin* plans it for an audience in one transaction, kept if its `with` ends well; *audience* reads the list anew.
    *recheck* raises RefusedError when the issue is not any more what was shown.
    """

    message: Message = field(repr=False)
    built: Built | None = field(repr=False)
    audience: Callable[[], Audience]
    begin: Callable[[Audience], AbstractContextManager[Record]]
    recheck: Callable[[], None]


@contextmanager
def open_desk(workspace: Workspace, provider: Provider) -> Iterator[Desk]:
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


def new_plan(request: Request, desk: Desk) -> Plan:
    """Build and check a send that the ledger does not know yet. Raises ContentError and RefusedError."""
    workspace = desk.workspace
    built = build(workspace, request.issue)
    refuse_unready(built)
    if workspace.config.approval:
        refuse_unapproved(workspace, built)
    message = compose_for(request.list_name, built.edition, workspace)
    order = _order(request, desk, message)
    _refuse_edition(request, desk)
    refuse_repeated(order, desk.ledger.records())

    @contextmanager
    def begin(audience: Audience) -> Iterator[Record]:
        people = entries(audience.people, secret=desk.secret, greeting=workspace.config.greeting or "")
        with desk.ledger.planning(order, people, left_out=audience.skipped, size=desk.provider.batch) as record:
            yield record

    def recheck() -> None:
        if build(workspace, request.issue).edition.digest != built.edition.digest:
            raise RefusedError(
                "Not sent: the issue has changed since it was shown.", "Give the same command to see it again."
            )

    return Plan(message, built, lambda: _audience(request, desk), begin, recheck)


def known_plan(request: Request, desk: Desk, known: Record) -> Plan:
    """Go on with a send that the ledger knows, with the message that was planned then."""
    message = thaw(desk.ledger.message(known))

    @contextmanager
    def begin(audience: Audience) -> Iterator[Record]:
        greeting = desk.workspace.config.greeting or ""
        people = entries(audience.people, secret=desk.secret, greeting=greeting)
        size, retry = desk.provider.batch, request.retry_rejected
        left_out = audience.skipped if request.include_new else None
        with desk.ledger.reopening(known, people, left_out=left_out, size=size, retry_rejected=retry) as record:
            yield record

    def audience() -> Audience:
        return _audience(request, desk) if request.include_new else Audience(request.list_name, (), {}, ())

    return Plan(message, None, audience, begin, lambda: None)


def looked_at(plan: Plan) -> Record:
    """Return the send as it would be, and show what is odd about its list; nothing of it is kept.

    So nothing is held while somebody thinks, and what is planned in the end is what is there then.
    """
    audience = plan.audience()
    show_findings(audience.findings, err=True)
    with suppress(_Undone), plan.begin(audience) as record:
        _undo()
    return record


def due_now(record: Record, desk: Desk) -> int:
    """Return how many people would be written to now."""
    return due(record, desk.ledger, desk.provider, partial(desk.people.suppressed, record.list_name))


class _Undone(Exception):
    """Ends a transaction of which nothing is to be kept."""


def _undo() -> NoReturn:
    raise _Undone


def _audience(request: Request, desk: Desk) -> Audience:
    return list_audience(desk.workspace, request.list_name, desk.people)


def usual_edition(request: Request, desk: Desk) -> int:
    """Return the edition that is meant where none is named: the first one.

    In a rehearsal, which nobody gets, it is the newest; and a new one once that is over and the issue has changed.
    """
    rehearsed = [
        record
        for record in desk.ledger.records()
        if desk.provider.is_rehearsal
        and record.rehearsal
        and (record.issue, record.list_name) == (request.issue, request.list_name)
    ]
    if not rehearsed:
        return 1
    newest = max(rehearsed, key=lambda record: record.edition)
    is_there = request.issue in issue_ids(desk.workspace.root)
    return newest.edition + (newest.waiting == 0 and is_there and _has_changed(newest, desk))


def _has_changed(record: Record, desk: Desk) -> bool:
    """Say whether the issue is not any more what was planned; one that cannot be built now has changed, too."""
    try:
        edition = build(desk.workspace, record.issue).edition
        message = compose_for(record.list_name, edition, desk.workspace)
    except NewsletterError:
        return True
    return _version(message, desk.workspace) != record.version


def _version(message: Message, workspace: Workspace) -> str:
    return sha256(f"{message.digest} {workspace.config.greeting or ''}".encode()).hexdigest()


def _order(request: Request, desk: Desk, message: Message) -> Order:
    return Order(
        issue=request.issue,
        list_name=request.list_name,
        provider=provider_name(desk.workspace, request.list_name),
        account=desk.provider.account,
        subject=message.edition.subject,
        content=message.edition.content,
        version=_version(message, desk.workspace),
        message=freeze(message),
        edition=request.edition,
        rehearsal=desk.provider.is_rehearsal,
    )


def provider_name(workspace: Workspace, list_name: str) -> str:
    """Return the provider that the list goes out through."""
    return workspace.list_config(list_name).provider or workspace.config.provider


def open_provider(workspace: Workspace, list_name: str) -> Provider:
    """Return the provider of a list, with its settings. Raises ConfigError for settings that it does not know."""
    config, chosen, name = workspace.config, workspace.list_config(list_name), provider_name(workspace, list_name)
    settings = {**config.providers.get(name, {}), **(chosen.model_extra or {})}
    machine = Machine(
        workspace.state,
        lambda secret: read_secret(secret, state=workspace.state, list_name=list_name),
        ca=workspace.inside(config.network.ca) if config.network.ca else None,
        proxy=config.network.proxy,
    )
    try:
        return provider_type(name)(settings, machine)
    except UsageError as error:
        raise ConfigError(f"newsletter.yaml: {error.message}", error.hint) from error


# --- what stops it ----------------------------------------------------------------------------------------------------


def refuse_unready(built: Built, *, draft: bool = False) -> None:
    """Stop before anything is planned: errors first, then a draft, unless it may be one."""
    show_findings(built.findings, err=True)
    if built.errors:
        raise ContentError(f"Not sent: {built.shown.subject} has {count(len(built.errors), 'error')}.", ())
    if built.issue.draft and not draft:
        hint = f"When it is ready, delete the line draft: true from issues/{built.issue.id}.yaml."
        raise RefusedError(f"Not sent: {built.shown.subject} is still a draft.", hint)


def _refuse_edition(request: Request, desk: Desk) -> None:
    """Refuse to correct what was never sent."""
    before = request.edition - 1
    rehearsal = desk.provider.is_rehearsal
    if before and not desk.ledger.find(request.issue, request.list_name, edition=before, rehearsal=rehearsal):
        raise UsageError(f"there is no edition {before} to correct", "Leave out --edition to send the issue.")


def refuse_other_provider(known: Record, desk: Desk) -> None:
    """Refuse to go on through another provider: it knows nothing of those who are in doubt."""
    name, provider = provider_name(desk.workspace, known.list_name), desk.provider
    if known.provider == name and (known.account == provider.account or provider.ignores_repeats is None):
        return
    hint = f"Set newsletter.yaml back to {known.provider}, {known.account}, until this send is over."
    raise RefusedError(f"Not sent: this send began through {known.provider}, {known.account}.", hint)


def refuse_superseded(known: Record, desk: Desk) -> None:
    """Refuse to go on with what has been corrected since: readers would get the mistake after the correction."""
    later = desk.ledger.find(known.issue, known.list_name, edition=known.edition + 1, rehearsal=known.rehearsal)
    if later is not None:
        hint = f"Whoever is on the list has the correction, or gets it:\n{command_for(later)}"
        raise RefusedError(f"Not sent: edition {later.edition} has corrected this one.", hint)


def refuse_finished(request: Request, record: Record, desk: Desk) -> None:
    """Refuse a send that is over, and say what there is left to do about it."""
    what = "was rehearsed for" if record.rehearsal else "went to"
    when = moment(record.last, desk.workspace.config.zone)
    title = desk.workspace.list_config(record.list_name).title or record.list_name
    hint = "\n".join(
        (*_left_to_do(request, record, desk), "Next: see what was sent", f"  newsletter status {record.issue}")
    )
    raise RefusedError(f"Not sent: this issue {what} {title} on {when}.", hint)


def _left_to_do(request: Request, record: Record, desk: Desk) -> Iterator[str]:
    """Yield how it ended, and which options go on from there."""
    if unknown := record.counts[State.UNKNOWN]:
        yield f"{unknown:,} may have it or not: newsletter resolve {record.issue} --list {record.list_name}"
        return
    if request.retry_rejected or request.include_new:
        yield "There is nobody new, and nobody to try again."
        return
    yield f"Accepted {record.counts[State.ACCEPTED]:,}. Nobody is left to send to."
    if rejected := record.counts[State.REJECTED]:
        yield f"Rejected {rejected:,}. To try them once more, add --retry-rejected"
    if new := _count_new(request, record, desk):
        yield f"{count(new, 'person')} joined since. To send to them as well, add --include-new"
    if _has_changed(record, desk):
        yield f"The issue has changed since. To send it to everybody once more, add --edition {record.edition + 1}"


def _count_new(request: Request, record: Record, desk: Desk) -> int:
    """Return how many of the list have joined since; a list that cannot be read now has no say."""
    try:
        people = list_audience(desk.workspace, request.list_name, desk.people).people
    except NewsletterError:
        return 0
    return sum(not desk.ledger.knows(record, person_key(desk.secret, one.address)) for one in people)


# --- what is shown ----------------------------------------------------------------------------------------------------


def show_plan(request: Request, record: Record, plan: Plan, desk: Desk) -> None:
    """Show what is about to happen, to whom, and from whom; one that was built before goes on as it was planned."""
    message, built = plan.message, plan.built
    chosen = desk.workspace.list_config(record.list_name)
    where = desk.provider.where(as_send(record, message, desk.workspace))
    about = addressed(
        record, title=message.list_title, kept=chosen.file or "kept here", sender=message.sender.sender, where=where
    )
    if built is None:
        rows = (("Issue", record.issue), *about, *resumed(record), *_changed(record, desk))
    else:
        issue, *others, checked = contents(built)
        rows = (issue, *others, *about, checked)
    subject = record.subject if built is None else built.shown.subject
    show_rows(subject, rows, err=request.as_json)


def _changed(record: Record, desk: Desk) -> tuple[tuple[str, str], ...]:
    """Return the row that says so if the issue is not any more as it was planned."""
    if not _has_changed(record, desk):
        return ()
    when = moment(record.planned, desk.workspace.config.zone)
    told = f"the issue has changed since; what was planned on {when} goes out, unchanged"
    return (("Changed", f"{told}. To send it as it is now: --edition {record.edition + 1}"),)


def as_send(record: Record, message: Message, workspace: Workspace) -> Send:
    """Return what a provider is told about *record*: its copies are dated when they were planned."""
    return Send(message, record.planned.astimezone(workspace.config.zone), record.edition)
