"""The way of `resolve`: under the lock, from those who are unknown to what a person says became of them."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

import click

from newsletter.commands.history import evidence, has_ledger, newer_edition, next_step, read_recorded
from newsletter.errors import RefusedError, UsageError, did_you_mean
from newsletter.ledger import open_ledger
from newsletter.lock import locked
from newsletter.records import State
from newsletter.summary import arithmetic, command_for, show_rows, through
from newsletter.terminal import count, flowing, have_typed, show_next
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.config import Workspace
    from newsletter.ledger import Ledger
    from newsletter.records import Entry, Record


class Verdict(StrEnum):
    """What a person says of those who are unknown."""

    SENT = "sent"
    NOT_SENT = "not sent"


def settle(
    workspace: Workspace, which: tuple[str, str, int], verdict: Verdict | None, *, people: Sequence[str], yes: bool
) -> None:
    """Settle all who are unknown in the send *which* (issue, list, edition), or of them only *people*, by address.

    Without a *verdict* they are only shown. Raises UsageError and RefusedError, after which nothing was changed.
    """
    if not has_ledger(workspace):
        raise RefusedError("Not settled: nothing was sent yet.")
    state, secret = workspace.state, workspace_key(workspace.state)
    # Under the lock no send runs: whoever is still being handed over was left so by one that died, and is unknown.
    with locked(state / "lock"), open_ledger(state, secret) as ledger:
        ledger.recover()
        record = _find(ledger, *which)
        chosen = _chosen(ledger, record, {person_key(secret, address) for address in people})
        _show(ledger, record, chosen, workspace)
        follows = _follows(newer_edition(record, ledger.records()))
        _confirm(record, chosen, verdict, follows, by_address=bool(people), yes=yes)
        ledger.resolve(record, sent=verdict is Verdict.SENT, persons=[one.person for one in chosen])
        settled = read_recorded(ledger, ledger.record(record.id), ledger.records())
    click.echo(f"Settled: {count(len(chosen), 'person')}, {verdict}.")
    click.echo(flowing(f"  {arithmetic(settled.record)}", indent=" " * 4))
    if step := next_step([settled], workspace, full=True):
        show_next(*step)


def refuse_unnamed(workspace: Workspace) -> NoReturn:
    """Raise UsageError, with the commands that settle what there is to settle: nothing is settled by a guess."""
    commands: list[str] = []
    if has_ledger(workspace):
        with open_ledger(workspace.state, workspace_key(workspace.state)) as ledger:
            left = (State.UNKNOWN, State.SUBMITTING)  # the latter by a send that runs, or has died
            commands = [command_for(one, "resolve") for one in ledger.records() if any(map(one.counts.get, left))]
    hint = "\n".join(["Here somebody is unknown:", *commands]) if commands else "Nobody is unknown in any send."
    raise UsageError("which send is to be settled? ISSUE and --list name it", hint)


def _find(ledger: Ledger, issue: str, list_name: str, edition: int) -> Record:
    """Return the send, the real one if there was a rehearsal too. Raises UsageError when there is neither."""
    for rehearsal in (False, True):
        if record := ledger.find(issue, list_name, edition=edition, rehearsal=rehearsal):
            return record
    records = ledger.records()
    near = did_you_mean(list_name, {one.list_name for one in records} - {list_name})
    which = f"edition {edition} of {issue}" if edition > 1 else issue
    raise UsageError(f"{which} was never sent to {list_name}", near or "See what was sent: newsletter status")


def _chosen(ledger: Ledger, record: Record, persons: set[bytes]) -> tuple[Entry, ...]:
    """Return all who are unknown, or of them *persons*. Raises RefusedError for anybody who is not unknown."""
    unknown = tuple(ledger.people(record, State.UNKNOWN))
    hint = f"Only the unknown are settled. See who they are:\nnewsletter status {record.issue}"
    if not unknown:
        raise RefusedError("Not settled: nobody in this send is unknown.", hint)
    if strangers := persons - {one.person for one in unknown}:
        told = f"{len(strangers):,} {'is' if len(strangers) == 1 else 'are'}"
        raise RefusedError(f"Not settled: of the addresses given, {told} not among the unknown.", hint)
    return tuple(one for one in unknown if one.person in persons) if persons else unknown


def _show(ledger: Ledger, record: Record, chosen: Sequence[Entry], workspace: Workspace) -> None:
    """Show whom it is about, and all there is to settle them by."""
    rows = (("Issue", record.issue), ("List", record.list_name), ("Through", through(record.provider, record.account)))
    show_rows(record.subject, rows, err=False)
    handed, clear = ledger.handed_over(record), sys.stdout.isatty()
    for line in evidence(chosen, handed, workspace.config.zone, clear=clear):
        click.echo(line)


def _follows(corrected_by: int) -> dict[Verdict, str]:
    """Return what follows from each verdict; *corrected_by* is the edition that has taken the place of this one, or 0.

    Nobody gets one that was corrected: `send` refuses to go on with it.
    """
    again = "The next send writes to them: whoever has it after all gets it twice."
    if corrected_by:
        again = f"Nobody gets this edition any more: edition {corrected_by} has taken its place."
    return {Verdict.SENT: "They are not written to again.", Verdict.NOT_SENT: again}


def _confirm(
    record: Record, chosen: Sequence[Entry], verdict: Verdict | None, follows: Mapping[Verdict, str], *,
    by_address: bool, yes: bool,
) -> None:  # fmt: skip
    """Have the count typed, unless *yes*. Raises RefusedError for any other answer, UsageError without a *verdict*."""
    command = command_for(record, "resolve") + (" --address ADDRESS" if by_address else "")
    if verdict is None:
        hint = (
            f"Look in the records of {record.provider} whether they have it.\n"
            f"--sent: they have it. {follows[Verdict.SENT]}\n{command} --sent\n"
            f"--not-sent: they do not. {follows[Verdict.NOT_SENT]}\n{command} --not-sent"
        )
        raise UsageError("nothing was settled: --sent or --not-sent is missing", hint)
    if not yes:
        script = f"{command} --{verdict.replace(' ', '-')} --yes"
        have_typed(
            len(chosen), begin=follows[verdict], to=f"settle them as {verdict}", refusal="Not settled", script=script
        )
