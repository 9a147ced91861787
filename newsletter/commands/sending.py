"""The way of a send: under the lock, from the plan to the last line, whatever happens in between."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from newsletter.addresses import read_address
from newsletter.build import build, compose_for
from newsletter.commands.planning import (
    as_send,
    due_now,
    known_plan,
    looked_at,
    new_plan,
    open_desk,
    open_provider,
    refuse_finished,
    refuse_other_provider,
    refuse_superseded,
    refuse_unready,
    show_plan,
    usual_edition,
)
from newsletter.deliver import Run, deliver, last_word, submit_test
from newsletter.doubts import clock_doubts, doubts, receipt_doubts
from newsletter.errors import NewsletterError, RefusedError, UsageError
from newsletter.ledger import ALREADY, ELSEWHERE
from newsletter.load import ISSUE_ID, issue_file
from newsletter.message import Recipient, greet
from newsletter.mime import LONGEST_TEXT
from newsletter.preflight import preflight
from newsletter.providers import Outcome, Send
from newsletter.receipts import Receipt, computer_name, receipts, write_receipt
from newsletter.records import State
from newsletter.retention import retain
from newsletter.summary import as_json, command_for, show_report, show_unfinished
from newsletter.terminal import count, deferred_stop, have_typed, near, progress, show_error, show_next
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsletter.commands.planning import Desk, Plan, Request
    from newsletter.config import Workspace
    from newsletter.message import Message
    from newsletter.providers import Provider
    from newsletter.records import Record

_MOST_TESTS = 10


def run_send(request: Request, workspace: Workspace, *, tests: tuple[str, ...]) -> None:
    """Send what was asked for, or with *tests* one marked copy to each of these addresses.

    Ends as the command does: by a NewsletterError, or by click's Exit with its code.
    """
    with closing(open_provider(workspace, request.list_name)) as provider:
        if tests:
            _send_tests(request, workspace, provider, tests)
        else:
            _send(request, workspace, provider)


def _send(request: Request, workspace: Workspace, provider: Provider) -> None:
    if not ISSUE_ID.fullmatch(request.issue):  # one that is gone may be half sent; what is no id never was
        issue_file(workspace.root, request.issue)
    with open_desk(workspace, provider) as desk:
        desk.ledger.recover()
        request = replace(request, edition=request.edition or usual_edition(request, desk))
        known = desk.ledger.find(
            request.issue, request.list_name, edition=request.edition, rehearsal=provider.is_rehearsal
        )
        plan = new_plan(request, desk) if known is None else known_plan(request, desk, known)
        record = _agreed(request, plan, desk, known=known)
        try:
            _run(request, record, plan.message, desk, receipt=_begin(record, desk))
        finally:
            _tidy(desk)


def _agreed(request: Request, plan: Plan, desk: Desk, *, known: Record | None) -> Record:
    """Show what would be sent, have it confirmed, and plan it. Ends here if there is nothing to send, or a dry run."""
    record = looked_at(plan)
    waiting = due_now(record, desk)
    if known is not None:
        if waiting == 0:
            refuse_finished(request, record, desk)
        refuse_superseded(known, desk)
        refuse_other_provider(known, desk)
    show_plan(request, record, plan, desk)
    _refuse_unexpected(request, waiting)
    if waiting == 0:
        _end_empty(request, record)
    odd = _show_doubts(record, desk)
    if request.dry_run:
        _end_dry_run(request, record, desk.provider.where(as_send(record, plan.message, desk.workspace)))
    _ask(request, record, waiting, odd=odd)
    plan.recheck()
    with plan.begin(plan.audience()) as planned:
        if due_now(planned, desk) != waiting:
            hint = "Give the same command to see it again."
            raise RefusedError("Not sent: the list has changed since it was shown.", hint)
    return planned


def _refuse_unexpected(request: Request, waiting: int) -> None:
    if request.expect not in {None, waiting}:
        hint = "If that is right, give the command again with the right number."
        raise RefusedError(f"Not sent: {waiting:,} would get it, not {request.expect:,}.", hint)


def _end_empty(request: Request, record: Record) -> None:
    """Say why there is nobody to send to; with exit code 6 if some are held up in the send to another list."""
    if request.as_json:
        click.echo(as_json(record, where=""))
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in record.left_out.items())
    click.echo(f"Nothing to send: nobody is left on this list ({reasons}).", err=True)
    if set(record.left_out) & (set(ELSEWHERE.values()) - {ALREADY}):
        show_next("see how the other send stands", f"newsletter status {record.issue}")
        raise click.exceptions.Exit(6)
    raise click.exceptions.Exit(0)


def _show_doubts(record: Record, desk: Desk) -> bool:
    """Show what is odd about it, and return whether anything is."""
    records = desk.ledger.records()
    odd = list(doubts(record, records))
    if not record.rehearsal:
        odd += clock_doubts(datetime.now(UTC), desk.last_event, desk.workspace.config.zone)
        odd += receipt_doubts(records, {receipt.uid for receipt in receipts(desk.workspace.root)})
        if record.account != desk.provider.account:
            odd.append(f"This send began through {record.account}. Now it would go on through {desk.provider.account}.")
    for doubt in odd:
        click.secho(doubt, fg="yellow", err=True)
    return bool(odd)


def _ask(request: Request, record: Record, waiting: int, *, odd: bool) -> None:
    """Have the count typed, unless ``--yes`` says so. Raises RefusedError for any other answer, or nobody to ask."""
    command = f"{command_for(record)}{_flags(request)}"
    if request.yes:
        if odd and request.expect is None:
            hint = f"If that is right, say so:\n{command} --yes --expect {waiting}"
            raise RefusedError("Not sent: something is odd about it.", hint)
        return
    done = record.counts[State.ACCEPTED]
    begin = f"{done:,} have it already; the others would get it now." if done else "Nothing has been sent yet."
    if record.rehearsal:
        begin = "A rehearsal: nothing leaves this computer."
    have_typed(waiting, begin=begin, to="send", refusal="Not sent", script=f"{command} --yes")


def _flags(request: Request) -> str:
    return " --include-new" * request.include_new + " --retry-rejected" * request.retry_rejected


# --- sending ----------------------------------------------------------------------------------------------------------


def _end_dry_run(request: Request, record: Record, where: str) -> None:
    """Say that nothing was sent; the plan is undone on the way out."""
    if request.as_json:
        click.echo(as_json(record, where=where))
    click.echo("Nothing was sent: this was a dry run.", err=request.as_json)
    show_next("rehearse it" if record.rehearsal else "send it", f"{command_for(record)}{_flags(request)}")
    raise click.exceptions.Exit(0)


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
    send = as_send(record, message, desk.workspace)
    stopped: NewsletterError | None = None
    with deferred_stop() as stopping:
        leavers = partial(desk.people.suppressed, record.list_name)
        run = Run(desk.secret, leavers, stopping, _waiter(stopping))
        try:
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
    title = desk.workspace.list_config(ended.list_name).title or ended.list_name
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
        show_next("see who was rejected, and why", f"newsletter status {ended.issue}")
        raise click.exceptions.Exit(4)


# --- a test -----------------------------------------------------------------------------------------------------------


def _send_tests(request: Request, workspace: Workspace, provider: Provider, tests: tuple[str, ...]) -> None:
    """Send one marked copy to each address: no list is read, and no ledger knows of it."""
    people = _test_recipients(tests, workspace)
    workspace_key(workspace.state)  # whoever finds copies without a key must think that it was lost
    built = build(workspace, request.issue)
    refuse_unready(built, draft=True)
    if not provider.is_rehearsal:
        preflight(workspace, rehearsal=False, now=datetime.now(UTC))
    marked = replace(built.edition, subject=f"[Test] {built.edition.subject}"[:LONGEST_TEXT])
    send = Send(compose_for(request.list_name, marked, workspace), datetime.now(workspace.config.zone), is_test=True)
    results = submit_test(send, provider, people)
    refused = [result for result in results if result.outcome is not Outcome.ACCEPTED]
    for number, result in enumerate(results, 1):
        if result in refused:
            click.echo(f"Test copy {number} of {len(people)}: {result.outcome}. {result.reason}", err=True)
    if refused or len(results) < len(people):
        raise RefusedError("Not all test copies were taken.", "No list was touched. Mend it, and try again.")
    click.echo(f"{count(len(people), 'test copy')} of {built.shown.subject}: {near(provider.where(send))}")
    click.echo("The subject begins with [Test]. No list was touched.")
    if provider.is_rehearsal:
        click.echo("A rehearsal: nothing left this computer.")


def _test_recipients(tests: tuple[str, ...], workspace: Workspace) -> list[Recipient]:
    if len(tests) > _MOST_TESTS:
        raise UsageError(f"a test goes to {_MOST_TESTS} addresses at most", "For more people, make a list.")
    greeting = greet(workspace.config.greeting, "Sam") if workspace.config.greeting else ""
    people = []
    for number, text in enumerate(tests, 1):
        try:
            people.append(Recipient(read_address(text), "", greeting, "test"))
        except ValueError as error:
            raise UsageError(f"the test address number {number} cannot be used: {error}", "") from None
    return people
