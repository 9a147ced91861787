"""``newsletter resolve``: a person says whether those who are unknown have it."""

from __future__ import annotations

import click

from newsletter.commands.arguments import complete_issue, complete_list, examples, here, typed_address
from newsletter.errors import UsageError


@examples(
    "newsletter resolve 2026-01 --list practitioners",
    "newsletter resolve 2026-01 --list practitioners --sent",
    "newsletter resolve 2026-01 --list practitioners --address sam@example.org --not-sent",
)
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="To whom it was sent.")
@click.option("--edition", type=click.IntRange(1), default=1, metavar="N", help="Which edition, if not the first.")
@click.option("--address", "addresses", metavar="ADDRESS", multiple=True, help="This person alone; may be repeated.")
@click.option("--sent", is_flag=True, help="They have it, and are not written to again.")
@click.option("--not-sent", is_flag=True, help="They do not have it; the next send writes to them.")
@click.option("--yes", is_flag=True, help="Do not ask for the count to be typed.")
def resolve(
    issue: str | None, list_name: str | None, *,
    edition: int, addresses: tuple[str, ...], sent: bool, not_sent: bool, yes: bool,
) -> None:  # fmt: skip
    """Settle those of whom it is not known whether they have an issue.

    It shows who they are, when they were handed over and what was said of them; without --sent or --not-sent, no more
    than that.
    """
    from newsletter.commands.settlement import Verdict, refuse_unnamed, settle  # noqa: PLC0415

    if issue is None or list_name is None:
        refuse_unnamed(here())
    if sent and not_sent:
        raise UsageError("--sent and --not-sent cannot both be so", "Give one of them.")
    verdict = Verdict.SENT if sent else Verdict.NOT_SENT if not_sent else None
    people = [typed_address(address) for address in addresses]
    settle(here(), (issue, list_name, edition), verdict, people=people, yes=yes)
