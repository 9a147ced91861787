"""``newsletter approve``: who stands for what readers get."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import as_json, complete_issue, examples, here
from newsletter.errors import ContentError, RefusedError, UsageError
from newsletter.terminal import (
    count,
    flowing,
    folded,
    near,
    printable,
    show_findings,
    show_json,
    show_next,
    show_result,
)

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.approvals import Approval
    from newsletter.build import Built
    from newsletter.config import Workspace


@examples("newsletter approve", 'newsletter approve 2026-01 --by "Sam Sample"')
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--by", metavar="NAME", help="Who approves. Left out: git's user.name, or your login name.")
@as_json
def approve(issue: str | None, by: str | None, *, as_json: bool) -> None:
    """Approve an issue: exactly what readers would get of it now.

    Without ISSUE it is the newest. It writes approvals/ISSUE.json, to be kept with the issue. Any later change of what
    readers get voids it. With approval: true in newsletter.yaml, nothing is sent without one.
    """
    from newsletter.approvals import approve, read_approval  # noqa: PLC0415
    from newsletter.build import build  # noqa: PLC0415
    from newsletter.load import newest  # noqa: PLC0415

    workspace = here()
    built = build(workspace, newest(workspace.root) if issue is None else issue)
    show_findings(built.findings, err=as_json)
    _refuse_unready(built)
    before = read_approval(workspace.root, built.issue.id)
    name, whence = (by, "") if by is not None else _own_name(workspace.root)
    approval = approve(workspace, built, name, datetime.now(UTC))
    if as_json:
        show_json(_facts(approval, built))
    else:
        _show(approval, before, built)
    if whence:
        told = f"The name is {whence}. To give another: newsletter approve {approval.issue} --by NAME"
        click.echo(folded(told, err=True), err=True)
    if not as_json:
        _show_next(approval, workspace)


def _refuse_unready(built: Built) -> None:
    subject = built.shown.subject
    if built.errors:
        hint = "Mend what is said above, then give the same command again."
        raise ContentError(f"{subject} has {count(len(built.errors), 'error')}, so it cannot be approved", (), hint)
    if built.issue.draft:
        hint = f"When it is ready, delete the line draft: true from issues/{built.issue.id}.yaml."
        raise RefusedError(f"{subject} is still a draft, so it cannot be approved", hint)


def _own_name(root: Path) -> tuple[str, str]:
    """Return the name that git knows in the folder *root*, else the login name, and which of the two it is.

    Raises UsageError without either.
    """
    import getpass  # noqa: PLC0415

    from newsletter.git import user_name  # noqa: PLC0415

    if name := user_name(root):
        return name, "git's user.name"
    try:
        return getpass.getuser(), "your login name"
    except (ImportError, KeyError, OSError):  # by system and version
        raise UsageError("this computer does not know your name", 'Give it, as in --by "Sam Sample".') from None


def _facts(approval: Approval, built: Built) -> dict[str, object]:
    from newsletter.approvals import approval_file  # noqa: PLC0415

    return {
        "issue": approval.issue, "subject": built.shown.subject, "contents": built.shown.contents,
        "digest": approval.digest, "by": approval.by, "when": approval.when.isoformat(),
        "file": approval_file(approval.issue),
    }  # fmt: skip


def _show(approval: Approval, before: Approval | None, built: Built) -> None:
    """Say what was approved and by whom."""
    from newsletter.approvals import approval_file  # noqa: PLC0415
    from newsletter.summary import checked  # noqa: PLC0415

    rows = (
        ("Contents", "; ".join(built.shown.contents)),
        ("Digest", approval.digest[:12]),
        ("Checked", checked(built)),
    )
    title = click.style(printable(built.shown.subject), bold=True)
    lines = [flowing(f"  {label:<11}{printable(text)}", indent=" " * 13) for label, text in rows if text]
    if approval == before:
        end = f"It was approved {approval.told}. Nothing was changed."
    else:
        end = f"Approved {approval.told}: {approval_file(approval.issue)}"
        end += f"\nThat replaces the approval {before.told}." if before else ""
    show_result("\n".join([title, *lines, *(folded(line) for line in printable(end).split("\n"))]))


def _show_next(approval: Approval, workspace: Workspace) -> None:
    from newsletter.approvals import FOLDER  # noqa: PLC0415

    keep = (f"git add {near(workspace.root / FOLDER)}", f'git commit -m "Approve {approval.issue}"')
    if len(workspace.config.lists) == 1:
        send = f"newsletter send {approval.issue} --list {next(iter(workspace.config.lists))}"
        show_next("keep it with the issue, then send it", *keep, send)
    else:
        show_next("keep it with the issue", *keep)
