"""``newsletter report``: what the provider counted."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import click

from newsletter.commands.arguments import as_json, complete_issue, complete_list, examples, here
from newsletter.errors import NewsletterError, RefusedError, UsageError
from newsletter.terminal import show_json, show_result

if TYPE_CHECKING:
    from newsletter.config import Workspace
    from newsletter.providers import Report, Send
    from newsletter.records import Record

_FIGURES = ("accepted", "delivered", "bounced", "unsubscribed", "complaints")


class Counted(NamedTuple):
    """A send and what its provider counted of it, or why it does not tell."""

    record: Record
    report: Report | None
    why: str = ""


@examples("newsletter report", "newsletter report 2026-01 --list partners --json")
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="Of this list alone.")
@as_json
def report(issue: str | None, list_name: str | None, *, as_json: bool) -> None:
    """Show what the provider counted of an issue: accepted, delivered, bounced, unsubscribed, complaints.

    Without ISSUE it is the one that was sent last. Opens and clicks are not tracked, and so not shown.
    """
    workspace = here()
    sends = _sends(workspace, issue, list_name)
    counted = [_counted(workspace, record, send) for record, send in sends]
    if as_json:
        show_json({"sends": [_as_dict(one) for one in counted]})
    else:
        show_result("\n".join(_table(counted)))
    if all(one.report is None for one in counted):
        raise RefusedError(
            "No provider told any figures.", f"newsletter status {sends[0][0].issue} says what was accepted."
        )


def _sends(workspace: Workspace, issue: str | None, list_name: str | None) -> list[tuple[Record, Send]]:
    """Return the real sends that are asked for, the newest first. Raises UsageError when there are none."""
    from newsletter.commands.desk import as_send  # noqa: PLC0415
    from newsletter.commands.history import has_ledger  # noqa: PLC0415
    from newsletter.ledger import open_ledger  # noqa: PLC0415
    from newsletter.message import thaw  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    found: list[tuple[Record, Send]] = []
    if has_ledger(workspace):
        with open_ledger(workspace.state, workspace_key(workspace.state)) as ledger:
            real = [one for one in ledger.records() if not one.rehearsal and list_name in {None, one.list_name}]
            asked = issue or next((one.issue for one in real), None)
            chosen = [one for one in real if one.issue == asked]
            found = [(one, as_send(one, thaw(ledger.message(one)), workspace)) for one in chosen]
    if not found:
        what, whom = f"{issue} was not" if issue else "nothing was", f" to {list_name}" if list_name else ""
        raise UsageError(f"{what} sent{whom} yet", "newsletter status says what was. Rehearsals have no report.")
    return found


def _counted(workspace: Workspace, record: Record, send: Send) -> Counted:
    from newsletter.transport import open_provider  # noqa: PLC0415

    try:
        with closing(open_provider(workspace, record.list_name)) as provider:
            return Counted(record, provider.report(send))
    except NewsletterError as error:
        return Counted(record, None, error.message)


def _table(counted: list[Counted]) -> list[str]:
    width = max(len("List"), *(len(_name(one.record)) for one in counted))
    lines = [
        f"{'List':<{width}}  {'Accepted':>9} {'Delivered':>9} {'Bounced':>9} {'Unsubscribed':>12} {'Complaints':>10}"
    ]
    for one in counted:
        if one.report is None:
            lines.append(f"{_name(one.record):<{width}}  {one.why}")
            continue
        cells = [_number(getattr(one.report, name)) for name in _FIGURES]
        row = f"{cells[0]:>9} {cells[1]:>9} {cells[2]:>9} {cells[3]:>12} {cells[4]:>10}"
        lines.append(f"{_name(one.record):<{width}}  {row}")
    return [f"{counted[0].record.issue}: {counted[0].record.subject}", "", *lines]


def _name(record: Record) -> str:
    return record.list_name if record.edition == 1 else f"{record.list_name}, edition {record.edition}"


def _number(figure: int | None) -> str:
    return "-" if figure is None else f"{figure:,}"


def _as_dict(one: Counted) -> dict[str, object]:
    from dataclasses import asdict  # noqa: PLC0415

    record, figures = one.record, asdict(one.report) if one.report else dict.fromkeys(_FIGURES)
    known = {"issue": record.issue, "list": record.list_name, "edition": record.edition, "provider": record.provider}
    return {**known, **figures, "error": one.why or None}
