"""A home address: a full postcode beside a person's name.

A postcode is a dozen homes, and with a name it is a front door: for a family in hiding the worst there is. Venues and
offices are left alone, and so is a street address without a name: most are venues. Take the address out, or name the
place without the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import HOME, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N156"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every home address."""
    for told in tell(context.issue, HOME, "a person's name and a full postcode stand", CODE, "If it is no one's home"):
        yield Remark(*told)
