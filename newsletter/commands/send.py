"""``newsletter send``: each person once."""

from __future__ import annotations

import click

from newsletter.commands.arguments import as_json, complete_issue, complete_list, examples, here, typed_time
from newsletter.errors import UsageError


@examples(
    "newsletter send --list practitioners --dry-run",
    "newsletter send 2026-01 --list practitioners --test me@example.org",
    "newsletter send 2026-01 --list practitioners",
    "newsletter send 2026-01 --list practitioners --yes --expect 1248",
)
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="To whom.")
@click.option("--dry-run", is_flag=True, help="Do everything but the sending.")
@click.option(
    "--test", "tests", metavar="ADDRESS", multiple=True, help="One marked copy to ADDRESS; no list is touched."
)
@click.option("--yes", is_flag=True, help="Do not ask for the count to be typed.")
@click.option("--expect", type=click.IntRange(0), metavar="N", help="Refuse any other number of people than N.")
@click.option("--include-new", is_flag=True, help="Also to those who joined since this issue was sent.")
@click.option("--retry-rejected", is_flag=True, help="Once more to those who were rejected.")
@click.option("--edition", type=click.IntRange(1), metavar="N", help="2: a correction, to everybody again.")
@click.option("--at", metavar="TIME", help='Later, where the provider can: "2026-01-05 09:00".')
@as_json
def send(
    issue: str | None, list_name: str | None, *, dry_run: bool, tests: tuple[str, ...], yes: bool, expect: int | None,
    include_new: bool, retry_rejected: bool, edition: int | None, at: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Send an issue to a list, each person once.

    Without ISSUE it is the newest. The same command again goes on with a send that was interrupted, and refuses one
    that is finished.
    """
    from newsletter.commands.desk import Request  # noqa: PLC0415  it brings the databases with it
    from newsletter.commands.dispatch import run_send  # noqa: PLC0415
    from newsletter.load import newest  # noqa: PLC0415

    workspace = here()
    if list_name is None:
        known = ", ".join(workspace.config.lists) or "none yet"
        raise UsageError("to whom? --list is missing", f"The lists are: {known}.")
    moment = typed_time(at, workspace.config.zone) if at is not None else None
    if tests and (dry_run or include_new or retry_rejected or as_json or expect is not None or edition or at):
        raise UsageError("--test goes with --list alone", "It touches no list, so there is nothing else to say of it.")
    # An empty one, as a script's unset variable is, must never become the newest.
    chosen = newest(workspace.root) if issue is None else issue
    request = Request(
        chosen, list_name, edition or 0, dry_run, yes, expect, include_new, retry_rejected, as_json, moment
    )
    run_send(request, workspace, tests=tests)
