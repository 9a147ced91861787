"""A National Insurance number.

It names one person for life, for work, tax and benefits. Found are two letters, six digits and a letter from A to D, by
the rules of HMRC's manual (NIM39110). Take it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import INSURANCE_NUMBER, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N152"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every National Insurance number."""
    for told in tell(context.issue, INSURANCE_NUMBER, "a National Insurance number stands", CODE, "If it is none"):
        yield Remark(*told)
