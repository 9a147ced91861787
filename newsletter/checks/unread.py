"""An issue of the months around this one that cannot be read.

What it said is not known, so nothing here could be compared with it. It stops nothing. The check of that issue says
what is wrong with its file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Place, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N116"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield one remark for all issues that could not be read."""
    if context.unread:
        count = "another issue" if len(context.unread) == 1 else f"{len(context.unread)} other issues"
        ids = " ".join(file.removeprefix("issues/").removesuffix(".yaml") for file in context.unread)
        yield Remark(
            Place(f"issues/{context.issue.id}.yaml"),
            f"{count} could not be read, so nothing was compared with {'it' if len(context.unread) == 1 else 'them'}",
            f"Not read: {', '.join(context.unread)}. To see why: newsletter check {ids}",
        )
