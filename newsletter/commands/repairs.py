"""What ``newsletter check --fix`` and ``--diff`` do before the checks run."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from newsletter.errors import NewsletterError
from newsletter.terminal import count, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.config import Workspace
    from newsletter.mending import Mended

_COLOURS = {"---": None, "+++": None, "@": "cyan", "-": "red", "+": "green"}


def mend_issues(workspace: Workspace, issues: Iterable[str], *, fix: bool, diff: bool) -> bool:
    """Mend *issues* if *fix*, print the difference if *diff*, and say whether something is left to mend.

    An issue that cannot be read is left alone; its faults are told by the checks. Raises RefusedError and OSError.
    """
    from newsletter.mending import mend, write  # noqa: PLC0415

    is_left = False
    for issue in issues:
        mended = None
        with suppress(NewsletterError):
            mended = mend(workspace, issue)
        if mended is None or not mended.is_changed:
            continue
        if diff:
            _show(mended)
        if fix:
            write(mended)
        click.echo(_told(mended, is_done=fix), err=True)
        is_left = is_left or not fix
    return is_left


def _show(mended: Mended) -> None:
    from newsletter.mending import diff  # noqa: PLC0415

    for line in diff(mended):
        colour = next((colour for lead, colour in _COLOURS.items() if line.startswith(lead)), None)
        click.echo(click.style(printable(line), fg=colour) if colour else printable(line))


def _told(mended: Mended, *, is_done: bool) -> str:
    """Say in a line what was mended: "issues/2026-01.yaml: mended 6 dates, put 1 list in order"."""
    dates = f"{'mended' if is_done else 'mend'} {count(mended.dates, 'date')}" if mended.dates else ""
    lists = f"put {count(mended.lists, 'list')} in order" if mended.lists else ""
    return f"{mended.file}: {'' if is_done else 'would '}{', '.join(filter(None, [dates, lists]))}"
