"""``newsletter archive``: all issues as a website of plain files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import examples, here
from newsletter.terminal import count, folded, near, printable, show_findings, show_next, show_result

if TYPE_CHECKING:
    from newsletter.archive import Archive
    from newsletter.archive.printed import LeftOut
    from newsletter.config import Workspace


@examples("newsletter archive", "newsletter archive --output public/newsletter", "newsletter archive --check")
@click.command
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write here instead of into archive/.")
@click.option("--check", "is_check", is_flag=True, help="Write nothing: say which sent issues are not there.")
def archive(output: Path | None, *, is_check: bool) -> None:
    """Write all issues as a website: a page each, training and diary, search, feed and calendars.

    Drafts are left out, and so are issues with errors: then it ends with 1. The same issues give the same bytes, and
    only what has changed is written. Whatever else lies in the folder is left alone. Every page has Quick leave.
    """
    workspace = here()
    folder = output or workspace.root / "archive"
    if is_check:
        _check(workspace, folder)
        return
    from newsletter.archive import write_archive  # noqa: PLC0415

    done = write_archive(workspace, folder)
    for one in done.left_out:
        _show_left_out(one)
    if done.laid is None:
        click.echo("Nothing was written: there is no issue to show.", err=True)
        raise click.exceptions.Exit(1)
    for name in done.laid.left_alone:
        click.echo(f"{near(folder / name)}: left alone, since somebody changed it. Delete it yourself.", err=True)
    show_result(_told(done, folder))
    if done.faulty:
        show_next("mend the errors above, then", "newsletter archive")
        raise click.exceptions.Exit(1)
    _show_next(workspace, folder)


def _check(workspace: Workspace, folder: Path) -> None:
    """Say which issues were sent and have no page in *folder*; end with 1 when there is any."""
    from newsletter.archive import unpublished  # noqa: PLC0415

    missing = unpublished(workspace, folder)
    if missing is None:
        show_result("No issue has been sent yet. A rehearsal does not count.")
        return
    if not missing:
        show_result(f"Every issue that was sent is in {near(folder)}/.")
        return
    show_result("\n".join(f"{issue}: sent, but not in {near(folder)}/." for issue in missing))
    show_next("write the archive, then publish it", "newsletter archive")
    raise click.exceptions.Exit(1)


def _show_left_out(one: LeftOut) -> None:
    from newsletter.findings import Severity  # noqa: PLC0415

    errors = tuple(finding for finding in one.errors if finding.severity is Severity.ERROR)
    show_findings(errors, err=True)
    click.echo(f"Left out {one.issue}: {printable(one.message)}.", err=True)


def _told(done: Archive, folder: Path) -> str:
    """Say what stands in *folder* now, and how much of it is new."""
    laid = done.laid
    changes = [(len(laid.written), "written"), (len(laid.removed), "removed")] if laid else []
    files = ", ".join(f"{count(number, 'file')} {what}" for number, what in changes if number) or "nothing had changed"
    return f"{near(folder)}/: {count(len(done.shown), 'issue')}, {files}."


def _show_next(workspace: Workspace, folder: Path) -> None:
    if workspace.config.archive_url is None:
        hint = "Set archive_url in newsletter.yaml to where this folder is published: emails then link to it."
        click.echo(folded(hint, err=True), err=True)
    show_next("look at it in a browser", f"{near(folder)}/index.html")
