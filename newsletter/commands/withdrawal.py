"""How a scheduled send is taken back: at the provider first, then in the ledger."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.commands.desk import as_send, open_desk
from newsletter.commands.refusals import refuse_other_provider
from newsletter.errors import RefusedError, UsageError
from newsletter.message import thaw
from newsletter.records import State
from newsletter.summary import command_for, moment, show_unfinished
from newsletter.terminal import count, have_typed
from newsletter.transport import open_provider

if TYPE_CHECKING:
    from newsletter.commands.desk import Desk
    from newsletter.config import Workspace
    from newsletter.records import Record


def withdraw(workspace: Workspace, issue: str, list_name: str, *, edition: int, yes: bool) -> None:
    """Have a scheduled send cancelled. Raises UsageError when there is none, RefusedError when it cannot be done."""
    with closing(open_provider(workspace, list_name)) as provider, open_desk(workspace, provider) as desk:
        desk.ledger.recover()  # whoever was being handed over by a send that died is unknown
        record = desk.ledger.find(issue, list_name, edition=edition, rehearsal=provider.is_rehearsal)
        if record is None:
            raise UsageError(f"{issue} was not sent to {list_name}", f"newsletter status {issue} says what was.")
        _refuse_gone(record, desk)
        refuse_other_provider(record, desk)
        people = record.counts[State.ACCEPTED]
        if not yes:
            script = f"{command_for(record, 'cancel')} --yes"
            have_typed(people, begin="Nobody has it yet.", to="cancel", refusal="Not cancelled", script=script)
        send = as_send(record, thaw(desk.ledger.message(record)), workspace)
        accepted = desk.ledger.people(record, State.ACCEPTED)
        provider.cancel(send, tuple(dict.fromkeys(one.message_id for one in accepted if one.message_id)))
        desk.ledger.cancel(record)
        ended = desk.ledger.record(record.id)
    click.echo(f"{click.style('Cancelled', fg='green')}: {count(people, 'person')} will not get it.")
    click.echo(f"  To send it after all: newsletter send {issue} --list {list_name} --edition {edition + 1}")
    if ended.counts[State.UNKNOWN]:
        show_unfinished(ended)
        raise click.exceptions.Exit(5)


def _refuse_gone(record: Record, desk: Desk) -> None:
    """Refuse what was not scheduled, has been cancelled, or has left."""
    if record.at is None:
        raise RefusedError("Not cancelled: it was not scheduled, it went at once.", "Nothing was changed.")
    unknown = record.counts[State.UNKNOWN]
    if not record.counts[State.ACCEPTED] and not unknown:
        raise RefusedError("Not cancelled: nothing of it is waiting to leave.", "Nothing was changed.")
    if record.at <= datetime.now(UTC):
        when = moment(record.at, desk.workspace.config.zone)
        raise RefusedError(
            f"Not cancelled: it left on {when}.", f"To correct it, see newsletter send {record.issue} --edition."
        )
    if desk.provider.schedule is None or not desk.provider.schedule.can_cancel:
        hint = "Ask those who run the service, at once."
        raise RefusedError(f"Not cancelled: {desk.provider.account} cannot take back what it was handed.", hint)
    if not record.counts[State.ACCEPTED]:
        told = f"Not cancelled: of {count(unknown, 'person')} it is not known whether it is waiting to leave."
        settle = f"{command_for(record, 'resolve')} --sent"
        raise RefusedError(told, f"If it is there, stop it there; or settle it as sent, and cancel it then:\n{settle}")
