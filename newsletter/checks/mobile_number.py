"""A mobile number.

It is somebody's own, and a newsletter is passed on to people it was not meant for. Give the number of an office or a
switchboard. The mobile number of a service, such as a text line, can be excused. Source: Ofcom's numbering plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import MOBILE_NUMBER, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N154"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every UK mobile number."""
    for told in tell(context.issue, MOBILE_NUMBER, "a mobile number stands", CODE, "If it is a service's own"):
        yield Remark(*told)
