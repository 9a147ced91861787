"""An NHS number.

It names one patient, and opens their records to whoever asks with it. Found are ten digits whose last is right for
the others (the NHS Data Dictionary's check by 11), and any ten digits called an NHS number. Take it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import NHS_NUMBER, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N151"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every NHS number."""
    for told in tell(context.issue, NHS_NUMBER, "an NHS number stands", CODE, "If it is none"):
        yield Remark(*told)
