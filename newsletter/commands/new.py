"""``newsletter new``: the next issue, with all that is still to come."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import complete_issue, examples, here
from newsletter.terminal import count, flowing, printable, show_next, show_result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.model import Item
    from newsletter.rollover import Rollover


@examples("newsletter new", "newsletter new 2026-03 --dry-run", "newsletter new 2026-02-training --from 2026-01")
@click.command
@click.argument("issue", required=False)
@click.option(
    "--from", "source", metavar="ISSUE", shell_complete=complete_issue,
    help="Carry forward from this issue, not from the newest.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the new issue, and write nothing.")
def new(issue: str | None, source: str | None, *, dry_run: bool) -> None:
    """Begin the issue of the month after the newest, or the one named, as a draft.

    What is still to come is carried forward from the newest issue as it was written, comments and all: sessions,
    courses, diary dates, favourites. It says what was left out, and why. A file that is there is never changed.
    """
    from newsletter.load import newest  # noqa: PLC0415
    from newsletter.rollover import next_id, roll_over, shown, write  # noqa: PLC0415

    workspace = here()
    wanted = next_id(workspace.root, issue)
    rollover = roll_over(workspace, source or newest(workspace.root), wanted)
    if dry_run:
        show_result(shown(rollover).removesuffix("\n"))
        click.echo(_told(rollover, "Would make"), err=True)
        show_next("write it", " ".join(["newsletter new", wanted, *([f"--from {source}"] if source else [])]))
        return
    write(rollover)
    show_result(_told(rollover, "Made"))
    show_next("write this month's articles, delete the line draft: true, then", f"newsletter check {wanted}")


def _told(rollover: Rollover, done: str) -> str:
    """Say what was made of which issue, what was kept, and what was left out and why."""
    head = f"{done} issues/{rollover.after.issue_id}.yaml from issues/{rollover.before.issue_id}.yaml, a draft."
    labels = ["  Kept       ", "  Left out   ", *[" " * 13] * len(rollover.over)]
    told = map("".join, zip(labels, [_kept(rollover), *_left_out(rollover)], strict=False))
    lines = [flowing(line, indent=" " * 15) for row in told for line in printable(row).split("\n")]
    return "\n".join([click.style(head, bold=True), *lines])


def _kept(rollover: Rollover) -> str:
    """Return "6 courses with 7 sessions, 4 diary dates, 2 favourites"."""
    told = ""
    before = ""  # the kind before, which may have the next one inside
    for kind, number in Counter(item.kind for item in rollover.kept).items():
        is_inside = _stands_in(rollover.kept, kind, before)
        told += f"{' with ' if is_inside else ', ' if told else ''}{count(number, kind)}"
        before = kind
    excuses = f"{', '.join(rollover.excuses)} below check-ignore" if rollover.excuses else ""
    return ", ".join(filter(None, [told, excuses])) or "nothing"


def _stands_in(items: Sequence[Item], kind: str, other: str) -> bool:
    """Tell whether things of this *kind* stand inside those of the *other*, as sessions do in courses."""
    first = next(item for item in items if item.kind == kind)
    return any(item.kind == other and item.trail == first.trail[: len(item.trail)] for item in items)


def _left_out(rollover: Rollover) -> Iterator[str]:
    """Yield what was left out and why, in a line or two each."""
    for left in rollover.over:
        more = [f"({left.more})"] if left.more else []
        yield f"\n{' ' * 15}".join(filter(None, [f"{left.what}: {left.why}", *more, left.url]))
    kinds = Counter(item.kind for item in rollover.own)
    if own := [*(count(number, kind) for kind, number in kinds.items()), *rollover.keys]:
        words = ", ".join(own)
        yield f"{words[0].upper()}{words[1:]}: each issue has its own"
