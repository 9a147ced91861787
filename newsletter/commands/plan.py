"""What `send` sends, and to whom: made anew, or as the ledger knows it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from newsletter.approvals import refuse_unapproved
from newsletter.build import build, compose_for
from newsletter.commands.desk import has_changed, version_of
from newsletter.commands.refusals import refuse_edition, refuse_images, refuse_unpublished, refuse_unready
from newsletter.deliver import due, entries, hosted
from newsletter.doubts import refuse_repeated
from newsletter.errors import RefusedError
from newsletter.load import issue_ids
from newsletter.message import freeze, thaw
from newsletter.people import list_audience
from newsletter.providers import CampaignProvider
from newsletter.records import Order
from newsletter.terminal import show_findings
from newsletter.transport import provider_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from newsletter.build import Built
    from newsletter.commands.desk import Desk, Request
    from newsletter.findings import Finding
    from newsletter.message import Message
    from newsletter.records import Entry, Record


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to get it, as the ledger takes them, and how many are *skipped* for which reason. Read once."""

    entries: Iterable[Entry] = field(repr=False)
    skipped: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be sent: *message*, which was *built* just now unless the ledger knows it already.

    *begin* plans it for those people in one transaction, kept if its `with` ends well; *whom* reads the list anew.
    *recheck* raises RefusedError when the issue is not any more what was shown.
    """

    message: Message = field(repr=False)
    built: Built | None = field(repr=False)
    whom: Callable[[], Whom]
    begin: Callable[[Whom], AbstractContextManager[Record]]
    recheck: Callable[[], None]


def new_plan(request: Request, desk: Desk) -> Plan:
    """Build and check a send that the ledger does not know yet. Raises ContentError and RefusedError."""
    workspace = desk.workspace
    built = build(workspace, request.issue)
    refuse_unready(built)
    if workspace.config.approval and not (desk.provider.is_rehearsal or request.dry_run):
        refuse_unapproved(workspace, built)
    message = compose_for(request.list_name, built.edition, workspace)
    refuse_images(message, desk.provider)
    if not desk.provider.is_rehearsal:
        refuse_unpublished(message, workspace)
    order = _order(request, desk, message)
    refuse_edition(request, desk)
    refuse_repeated(order, desk.ledger.records())

    @contextmanager
    def begin(whom: Whom) -> Iterator[Record]:
        with desk.ledger.planning(order, whom.entries, left_out=whom.skipped, size=desk.provider.batch) as record:
            yield record

    def recheck() -> None:
        if build(workspace, request.issue).edition.digest != built.edition.digest:
            raise RefusedError(
                "Not sent: the issue has changed since it was shown.", "Give the same command to see it again."
            )

    return Plan(message, built, lambda: _whom(request, desk), begin, recheck)


def known_plan(request: Request, desk: Desk, known: Record) -> Plan:
    """Go on with a send that the ledger knows, with the message that was planned then."""
    message = thaw(desk.ledger.message(known))

    @contextmanager
    def begin(whom: Whom) -> Iterator[Record]:
        size, retry = desk.provider.batch, request.retry_rejected
        left_out = whom.skipped if request.include_new else None
        with desk.ledger.reopening(known, whom.entries, left_out=left_out, size=size, retry_rejected=retry) as record:
            yield record

    def whom() -> Whom:
        return _whom(request, desk) if request.include_new else Whom((), {})

    return Plan(message, None, whom, begin, lambda: None)


def looked_at(plan: Plan) -> Record:
    """Return the send as it would be, and show what is odd about its list; nothing of it is kept.

    So nothing is held while somebody thinks, and what is planned in the end is what is there then.
    """
    whom = plan.whom()
    show_findings(whom.findings, err=True)
    with suppress(_Undone), plan.begin(whom) as record:
        _undo()
    return record


def due_now(record: Record, desk: Desk) -> int:
    """Return how many people would be written to now."""
    return due(record, desk.ledger, desk.provider, partial(desk.people.suppressed, record.list_name))


class _Undone(Exception):
    """Ends a transaction of which nothing is to be kept."""


def _undo() -> NoReturn:
    raise _Undone


def _whom(request: Request, desk: Desk) -> Whom:
    if isinstance(desk.provider, CampaignProvider):
        return Whom((hosted(desk.provider.audience(), secret=desk.secret),), {})
    audience, greeting = list_audience(desk.workspace, request.list_name, desk.people), desk.workspace.config.greeting
    people = entries(audience.people, secret=desk.secret, greeting=greeting or "")
    return Whom(people, audience.skipped, audience.findings)


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
    return newest.edition + (newest.waiting == 0 and is_there and has_changed(newest, desk))


def _order(request: Request, desk: Desk, message: Message) -> Order:
    return Order(
        issue=request.issue,
        list_name=request.list_name,
        provider=provider_name(desk.workspace, request.list_name),
        account=desk.provider.account,
        subject=message.edition.subject,
        content=message.edition.content,
        version=version_of(message, desk.workspace),
        message=freeze(message),
        edition=request.edition,
        rehearsal=desk.provider.is_rehearsal,
        at=request.at,
    )
