"""A personal mail address.

An address at Gmail, Outlook or a home's internet provider belongs to a person, not to a post: it outlives the job and
cannot be handed over. Give the address at work, or a shared one. A small group's only address can be excused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.personal import PERSONAL_MAIL, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N155"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every mail address at a host of personal mailboxes."""
    for told in tell(
        context.issue, PERSONAL_MAIL, "a personal mail address stands", CODE, "If it is a group's only one"
    ):
        yield Remark(*told)
