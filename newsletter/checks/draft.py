"""The issue is still a draft.

While draft: true stands in it, everything but sending works. Take the line out when the issue is ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N132"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for a draft."""
    if context.issue.draft:
        hint = "It cannot be sent. When it is ready, delete the line draft: true."
        yield Remark(context.issue.place(("draft",)), "the issue is still a draft", hint)
