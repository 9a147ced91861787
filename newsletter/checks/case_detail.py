"""Detail of a child's case.

A letter for a name, an age and a place are often enough for those who know the family. Say what was learned without
them. A name such as Child A may stand in a sentence that tells of a published review; else excuse it. Groups such as
"children aged 5 to 11" are left alone, and so is who said what is quoted: "..." (girl, 15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import CASE, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N157"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every detail that tells of one child or family."""
    for told in tell(context.issue, CASE, "detail of one person's case stands", CODE, "If it is published or made up"):
        yield Remark(*told)
