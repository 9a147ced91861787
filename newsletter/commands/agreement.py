"""What happens between a plan and its sending: it is looked at, doubted, and agreed to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.commands.briefing import show_plan
from newsletter.commands.desk import as_send
from newsletter.commands.plan import due_now, looked_at
from newsletter.commands.refusals import refuse_finished, refuse_late, refuse_other_provider, refuse_superseded
from newsletter.deliver import reconcile
from newsletter.doubts import clock_doubts, doubts, list_doubts, opt_out_doubts, receipt_doubts
from newsletter.errors import NewsletterError, RefusedError
from newsletter.ledger import ALREADY, ELSEWHERE
from newsletter.message import thaw
from newsletter.receipts import receipts
from newsletter.records import State
from newsletter.summary import as_json, command_for
from newsletter.terminal import by_reason, have_typed, show_doubts, show_next

if TYPE_CHECKING:
    from newsletter.commands.desk import Desk, Request
    from newsletter.commands.plan import Plan
    from newsletter.records import Record


def looked_up(known: Record, desk: Desk) -> Record:
    """Ask the provider about those who are unknown, where it can be asked; if not now, they stay so."""
    if not known.counts[State.UNKNOWN]:
        return known
    send = as_send(known, thaw(desk.ledger.message(known)), desk.workspace)
    try:
        settled = reconcile(known, desk.ledger, desk.provider, send, desk.secret)
    except NewsletterError as error:
        click.secho(f"The unknown could not be looked up: {error.message}", fg="yellow", err=True)
        return known
    if settled:
        click.echo(f"Looked up at {desk.provider.account}: {settled:,} of the unknown are settled.", err=True)
    return desk.ledger.record(known.id)


def agreed(request: Request, plan: Plan, desk: Desk, *, known: Record | None) -> Record:
    """Show what would be sent, have it confirmed, and plan it. Ends here if there is nothing to send, or a dry run."""
    record = looked_at(plan)
    waiting = due_now(record, desk)
    if known is not None:
        if waiting == 0:
            refuse_finished(request, record, desk)
        refuse_superseded(known, desk)
        refuse_other_provider(known, desk)
        refuse_late(request.at, known, desk.workspace.config.zone, datetime.now(UTC))
    show_plan(request, record, plan, desk)
    _refuse_unexpected(request, waiting)
    if waiting == 0:
        _end_empty(request, record)
    odd = _show_doubts(record, desk)
    if request.dry_run:
        _end_dry_run(request, record, desk.provider.where(as_send(record, plan.message, desk.workspace)))
    _ask(request, record, waiting, odd=odd)
    plan.recheck()
    with plan.begin(plan.whom()) as planned:
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
    reasons = f" ({by_reason(record.left_out)})" if record.left_out else ""
    click.echo(f"Nothing to send: nobody is left on this list{reasons}.", err=True)
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
        found = receipts(desk.workspace.root)
        odd += receipt_doubts(records, {receipt.uid for receipt in found})
        odd += opt_out_doubts(found, desk.people.opted_out())
        if not any(one.list_name == record.list_name and not one.rehearsal and one.id != record.id for one in records):
            odd += list_doubts(desk.people.unnamed(desk.workspace.config.lists))
        if record.account != desk.provider.account:
            odd.append(f"This send began through {record.account}. Now it would go on through {desk.provider.account}.")
    show_doubts(odd)
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


def _end_dry_run(request: Request, record: Record, where: str) -> None:
    """Say that nothing was sent; the plan is undone on the way out."""
    if request.as_json:
        click.echo(as_json(record, where=where))
    click.echo("Nothing was sent: this was a dry run.", err=request.as_json)
    show_next("rehearse it" if record.rehearsal else "send it", f"{command_for(record)}{_flags(request)}")
    raise click.exceptions.Exit(0)
