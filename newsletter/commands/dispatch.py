"""The way of a send: under the lock, from the plan to the last line, whatever happens in between."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from newsletter.commands.agreement import agreed, looked_up
from newsletter.commands.desk import as_send, open_desk
from newsletter.commands.plan import due_now, known_plan, new_plan, usual_edition
from newsletter.commands.refusals import refuse_unschedulable
from newsletter.commands.trial import send_tests
from newsletter.deliver import Run, deliver, last_word, take_off
from newsletter.errors import NewsletterError
from newsletter.load import ISSUE_ID, issue_file
from newsletter.providers import CampaignProvider
from newsletter.receipts import Receipt, computer_name, write_receipt
from newsletter.records import State
from newsletter.retention import retain
from newsletter.summary import as_json, show_report, show_unfinished
from newsletter.terminal import count, deferred_stop, progress, show_error, show_next
from newsletter.transport import open_provider

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsletter.commands.desk import Desk, Request
    from newsletter.config import Workspace
    from newsletter.message import Message
    from newsletter.providers import AnyProvider
    from newsletter.records import Record


def run_send(request: Request, workspace: Workspace, *, tests: tuple[str, ...]) -> None:
    """Send what was asked for, or with *tests* one marked copy to each of these addresses.

    Ends as the command does: by a NewsletterError, or by click's Exit with its code.
    """
    with closing(open_provider(workspace, request.list_name)) as provider:
        if request.at is not None:
            refuse_unschedulable(request.at, provider, datetime.now(UTC))
        if tests:
            send_tests(request, workspace, provider, tests)
        else:
            _send(request, workspace, provider)


def _send(request: Request, workspace: Workspace, provider: AnyProvider) -> None:
    if not ISSUE_ID.fullmatch(request.issue):  # one that is gone may be half sent; what is no id never was
        issue_file(workspace.root, request.issue)
    with open_desk(workspace, provider) as desk:
        desk.ledger.recover()
        request = replace(request, edition=request.edition or usual_edition(request, desk))
        known = desk.ledger.find(
            request.issue, request.list_name, edition=request.edition, rehearsal=provider.is_rehearsal
        )
        if known is not None:
            known = looked_up(known, desk)
        plan = new_plan(request, desk) if known is None else known_plan(request, desk, known)
        record = agreed(request, plan, desk, known=known)
        try:
            _run(request, record, plan.message, desk, receipt=_begin(record, desk))
        finally:
            _tidy(desk)


def _begin(record: Record, desk: Desk) -> Path | None:
    """Note that a real send begins and write its receipt, before the first byte; return the receipt's path."""
    if record.rehearsal:
        return None
    desk.ledger.begin(record)
    return _write_receipt(record, desk)


def _write_receipt(record: Record, desk: Desk) -> Path:
    receipt = Receipt(
        uid=record.uid,
        issue=record.issue,
        list_name=record.list_name,
        edition=record.edition,
        provider=record.provider,
        account=record.account,
        subject=record.subject,
        people=sum(record.counts.values()),
        digest=record.version,
        planned=record.planned,
        computer=computer_name(),
        events=desk.ledger.progress()[record.uid],
        opt_outs=desk.people.opted_out(),
    )
    return write_receipt(desk.workspace.root, receipt)


def _tidy(desk: Desk) -> None:
    """Forget what is past its retention. Whatever stands in the way stops nothing."""
    try:
        left = retain(desk.workspace, desk.ledger, datetime.now(UTC))
    except (NewsletterError, OSError):
        return
    if left:
        click.echo(f"Past its time, and cannot be removed from the outbox: {count(left, 'file')}.", err=True)


def _run(request: Request, record: Record, message: Message, desk: Desk, *, receipt: Path | None) -> None:
    """Deliver under a progress bar, report, and end with the exit code."""
    send = as_send(replace(record, at=request.at or record.at), message, desk.workspace)
    stopped: NewsletterError | None = None
    with deferred_stop() as stopping:
        leavers = partial(desk.people.suppressed, record.list_name)
        run = Run(desk.secret, leavers, stopping, _waiter(stopping))
        try:
            _take_off_leavers(record, desk)
            _deliver(deliver(record, desk.ledger, desk.provider, send, run), due_now(record, desk))
        except NewsletterError as error:
            stopped = error
        except KeyboardInterrupt:  # asked twice: what is on its way now is left to itself
            desk.ledger.recover()
        interrupted = stopping()
    ended = desk.ledger.record(record.id)
    if receipt is not None:
        _write_receipt(ended, desk)  # an older copy of the ledger is known by it
    where = desk.provider.where(send)
    if request.as_json:
        click.echo(as_json(ended, where=where, receipt=receipt))
    if stopped is not None:
        _end_stopped(ended, stopped)
    if interrupted and ended.waiting:
        done = ended.counts[State.ACCEPTED]
        total = done + ended.waiting + ended.counts[State.UNKNOWN]
        click.echo(f"\nInterrupted: {done:,} of {total:,} have it. Nobody will get it twice.", err=True)
        show_unfinished(ended, stopped=True)
        raise click.exceptions.Exit(130)
    _end(ended, request, desk, where=where, receipt=receipt)


def _take_off_leavers(record: Record, desk: Desk) -> None:
    """See to it that a list which the provider keeps has nobody on it who has opted out here."""
    if isinstance(desk.provider, CampaignProvider):
        gone = take_off(desk.provider, partial(desk.people.leavers, record.list_name))
        if gone:
            click.echo(f"Unsubscribed at {desk.provider.account}, since they have opted out here: {gone:,}.", err=True)


def _end_stopped(ended: Record, stopped: NewsletterError) -> None:
    """Say what stopped the send, and how far it got; with somebody unknown the exit code is 5, whatever it was."""
    show_error(stopped)
    show_unfinished(ended)
    raise click.exceptions.Exit(5 if ended.counts[State.UNKNOWN] else stopped.exit_code)


def _deliver(became: Iterator[Counter[State]], total: int) -> None:
    """Run a delivery to its end below a bar that tells how many are done, how quickly, and how long it will take."""
    begun, done = time.monotonic(), 0

    def pace() -> str:
        if not done:
            return f"0 of {total:,}"
        rate = done / max(time.monotonic() - begun, 1e-6)
        return f"{done:,} of {total:,}  {rate:,.0f}/s  {(total - done) / rate:.0f}s left"

    def each() -> Iterator[State]:
        nonlocal done
        for states in became:
            for state in states.elements():
                if state is not State.PLANNED:
                    done += 1
                    yield state

    for _ in progress(each(), length=total, info=pace):
        pass


def _waiter(stopping: Callable[[], bool]) -> Callable[[float], None]:
    """Return a function that waits for so many seconds, or until somebody asks to stop."""

    def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while not stopping() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    return wait


def _end(ended: Record, request: Request, desk: Desk, *, where: str, receipt: Path | None) -> None:
    """Report a send that ran to its end; exit 5 with somebody unknown, 6 with somebody waiting, 4 with rejected."""
    title = desk.workspace.list_title(ended.list_name)
    counts = ended.counts
    if counts[State.UNKNOWN] or ended.waiting:
        waiting = f"{count(ended.waiting, 'person')} still waiting" if ended.waiting else ""
        unknown = f"of {counts[State.UNKNOWN]:,} it is not known whether they have it" if counts[State.UNKNOWN] else ""
        click.echo(f"Paused: {' and '.join(filter(None, (waiting, unknown)))}.", err=True)
        if said := last_word(desk.ledger, ended):
            click.echo(f"  {said}", err=True)
        show_unfinished(ended)
        raise click.exceptions.Exit(5 if counts[State.UNKNOWN] else 6)
    if not request.as_json:
        show_report(ended, title=title, zone=desk.workspace.config.zone, where=where, receipt=receipt)
    if counts[State.REJECTED]:
        if request.as_json:
            show_next("see who was rejected, and why", f"newsletter status {ended.issue}")
        raise click.exceptions.Exit(4)
