"""A date of birth.

With a name or a place it is enough to know a child by. Found are dates after "date of birth", "DOB", "born", "b." or
"birthday"; not ranges such as "children born between ...", and no one born before 1900. Take it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import BIRTH_DATE, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N153"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every date of birth."""
    for told in tell(context.issue, BIRTH_DATE, "a date of birth stands", CODE, "If it is none, or a public figure's"):
        yield Remark(*told)
