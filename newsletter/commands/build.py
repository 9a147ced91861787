"""``newsletter build``: YAML in, inline-styled email out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.commands.arguments import as_json, complete_issue, examples, here, issues_meant
from newsletter.errors import NewsletterError
from newsletter.terminal import folded, near, show_error, show_findings, show_json, show_next

if TYPE_CHECKING:
    from newsletter.config import Workspace


@examples("newsletter build", "newsletter build 2026-01 2025-12", "newsletter build --all --output /tmp/emails")
@click.command
@click.argument("issues", metavar="[ISSUE]...", nargs=-1, shell_complete=complete_issue)
@click.option("--all", "every", is_flag=True, help="Build every issue there is.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write here instead of into build/.")
@as_json
def build(issues: tuple[str, ...], output: Path | None, *, every: bool, as_json: bool) -> None:
    """Build the email of an issue: the newest, or those named.

    Writes email.html, email.txt and message.eml into build/ISSUE/, and calendar.ics if the issue has a date. The same
    input gives the same bytes.
    """
    from newsletter.load import misnamed  # noqa: PLC0415

    workspace = here()
    wanted = issues_meant(workspace, issues, every=every)
    results = [_build_one(workspace, issue, output, quiet=as_json) for issue in wanted]
    strays = misnamed(workspace.root) if every else ()
    for name in strays:
        click.echo(f"issues/{name}: not built, its name is no issue id. Name it as in 2026-01.yaml.", err=True)
    if as_json:
        show_json(results)
    failed = [result["exit_code"] for result in results if result["exit_code"]]
    if strays or failed:
        raise click.exceptions.Exit(max(failed, default=1))
    if not as_json:
        _show_next(workspace, results[-1])


def _build_one(workspace: Workspace, issue: str, output: Path | None, *, quiet: bool) -> dict[str, Any]:
    """Build and write one issue and print what was found; of one that cannot be built, the reasons."""
    from newsletter.build import build, write  # noqa: PLC0415
    from newsletter.reports import as_dict, verdict  # noqa: PLC0415

    folder = (output or workspace.root / "build") / issue
    try:
        built = build(workspace, issue)
    except NewsletterError as error:
        if click.get_current_context().find_root().params["debug"]:
            raise
        if not quiet:
            show_error(error, results=True)
        found = [as_dict(finding) for finding in error.findings]
        return {"issue": issue, "exit_code": error.exit_code, "error": error.message, "findings": found}
    write(built, workspace, folder)
    shown = near(folder)
    if not quiet:
        show_findings(built.findings)
        click.echo(folded(f"{verdict(built)} Wrote {shown}/."))
    return {
        "issue": issue,
        "exit_code": 0,
        "folder": shown,
        "subject": built.shown.subject,
        "draft": built.issue.draft,
        "html_bytes": len(built.edition.html.encode()),
        "findings": [as_dict(finding) for finding in built.findings],
    }


def _show_next(workspace: Workspace, result: dict[str, Any]) -> None:
    if any(finding["severity"] == "error" for finding in result["findings"]):
        show_next("mend the errors above, then", f"newsletter build {result['issue']}")
        return
    send = f"newsletter send {result['issue']} --list {next(iter(workspace.config.lists), 'NAME')} --dry-run"
    show_next("look at it in a browser, then rehearse the send", f"{result['folder']}/email.html", send)
