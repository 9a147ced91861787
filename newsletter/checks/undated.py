"""A course that has no dates.

Readers are sent to its booking page, or told that dates will follow. That is often right: so it is a note, a reminder
to ask whether the dates are known by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N109"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for everything that should have a date one day and has none."""
    for undated in context.issue.undated():
        yield Remark(
            context.issue.place(undated.trail),
            f'"{undated.title}" has no dates',
            "If they are known by now, write them below sessions: one on a line.",
            words=undated.title,
        )
