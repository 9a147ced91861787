"""``newsletter cancel``: a scheduled send is taken back before it leaves."""

from __future__ import annotations

import click

from newsletter.commands.arguments import complete_issue, complete_list, examples, here


@examples("newsletter cancel 2026-01 --list partners")
@click.command
@click.argument("issue", shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", required=True, shell_complete=complete_list, help="To whom.")
@click.option("--edition", type=click.IntRange(1), default=1, metavar="N", help="2: a correction.")
@click.option("--yes", is_flag=True, help="Do not ask for the count to be typed.")
def cancel(issue: str, list_name: str, *, edition: int, yes: bool) -> None:
    """Take back a send that was to leave later, where the provider can.

    Nobody gets it then. To send it after all is a new edition.
    """
    from newsletter.commands.withdrawal import withdraw  # noqa: PLC0415  it brings the databases with it

    withdraw(here(), issue, list_name, edition=edition, yes=yes)
