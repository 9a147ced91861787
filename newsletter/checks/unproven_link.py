"""A link of which fetching does not tell whether it works.

Some websites answer only to people, some were too slow, and a link that does something when it is opened, such as
cancelling or confirming, is never fetched. Open it yourself once before the newsletter leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N167"
SEVERITY = Severity.NOTE
IS_STEADY = False


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link that was fetched, or could not be, without an answer that proves something."""
    for link in context.issue.links():
        verdict = context.verdicts.get(link.url)
        if verdict and verdict.answer is Answer.UNSURE:
            message = f"could not tell whether this link works: {verdict.why}"
            yield Remark(link.place, message, "Open it in a browser to see.", link.url)
