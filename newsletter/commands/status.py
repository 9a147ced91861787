"""``newsletter status``: what was sent, to how many, and what became of it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import MASKED, as_json, complete_issue, complete_list, examples, here, show_addresses
from newsletter.errors import NewsletterError, UsageError
from newsletter.terminal import show_doubts, show_json, show_next, show_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.commands.history import Recorded
    from newsletter.config import Workspace
    from newsletter.records import Record


@examples(
    "newsletter status",
    "newsletter status 2026-01 --list practitioners",
    "newsletter status 2026-01 --show-addresses > january.txt",
    "newsletter status 2026-01 --audit",
)
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="To this list alone.")
@show_addresses
@click.option("--audit", is_flag=True, help="Also what was done when, and by whom.")
@as_json
def status(issue: str | None, list_name: str | None, *, show_addresses: bool, audit: bool, as_json: bool) -> None:
    """Show what was sent, and to how many.

    Without ISSUE it is a line for each send, the newest first; with ISSUE also who was rejected, and of whom it is
    not known whether they have it. Where the output is no terminal, addresses are masked. It changes nothing, and works
    while a send is running.
    """
    from newsletter.commands.history import as_dict  # noqa: PLC0415

    if audit and issue is None:
        raise UsageError("the audit trail is shown for one issue", "Name it: newsletter status ISSUE --audit")
    workspace = here()
    sends = _read(workspace, issue, list_name)
    full, clear = issue is not None, show_addresses or sys.stdout.isatty()
    if not (as_json or full):
        _show_doubts(workspace)
    if as_json:
        told = [as_dict(one, workspace, full=full, clear=clear, audit=audit) for one in sends]
        show_json({"sends": told})
    elif sends:
        _show(sends, workspace, full=full, clear=clear, audit=audit)
    else:
        whom = f" to {list_name}" if list_name else ""
        click.echo(f"{issue} was not sent{whom} yet." if full else f"Nothing was sent{whom} yet.")


def _show(sends: Sequence[Recorded], workspace: Workspace, *, full: bool, clear: bool, audit: bool) -> None:
    """Print the table, or *full* each send with who is where, and what to do next."""
    from newsletter.commands.history import in_full, next_step, table  # noqa: PLC0415

    if full:
        show_result("\n\n".join(in_full(one, workspace, clear=clear, audit=audit) for one in sends))
        if not clear and any(one.rejected or one.unknown for one in sends):
            click.echo(MASKED, err=True)
    else:
        show_result(table(sends, workspace.config.zone))
    if step := next_step(sends, workspace, full=full):
        show_next(*step)


def _show_doubts(workspace: Workspace) -> None:
    """Say which lists are kept that newsletter.yaml does not name: who has left one may be written to by another."""
    from newsletter.doubts import list_doubts  # noqa: PLC0415
    from newsletter.people import FILE, open_people  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    if not os.path.lexists(workspace.state / FILE):  # to ask for the key would make it
        return
    with suppress(NewsletterError), open_people(workspace.state, workspace_key(workspace.state)) as people:
        show_doubts(list_doubts(people.unnamed(workspace.config.lists)))


def _read(workspace: Workspace, issue: str | None, list_name: str | None) -> tuple[Recorded, ...]:
    """Return what is recorded of the sends that are asked for, the newest first; nothing while there is no ledger.

    The ledger is closed before anything is shown: somebody who pages through the output must not hold up a send.
    """
    from newsletter.commands.history import Recorded, has_ledger, newer_edition, read_recorded  # noqa: PLC0415
    from newsletter.ledger import open_ledger  # noqa: PLC0415
    from newsletter.load import issue_file  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    records: tuple[Record, ...] = ()
    sends: tuple[Recorded, ...] = ()
    if has_ledger(workspace):
        with open_ledger(workspace.state, workspace_key(workspace.state)) as ledger:
            records = ledger.records()
            chosen = [one for one in records if issue in {None, one.issue} and list_name in {None, one.list_name}]
            sends = tuple(
                read_recorded(ledger, one, records)
                if issue
                else Recorded(one, superseded_by=newer_edition(one, records))
                for one in chosen
            )
    # What was never sent and is not there is a slip.
    if issue is not None and issue not in {one.issue for one in records}:
        issue_file(workspace.root, issue)
    if list_name is not None and list_name not in {one.list_name for one in records}:
        workspace.list_config(list_name)
    return sends
