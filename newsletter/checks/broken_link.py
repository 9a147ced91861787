"""A link that leads nowhere.

The website said that there is no such page (404, 410), or there is no such website. Readers lose trust with every one.
Open it in a browser: the page has often moved. Only "newsletter check --links" looks, since it asks the internet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N166"
SEVERITY = Severity.WARNING
IS_STEADY = False


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link that was fetched and is broken."""
    for link in context.issue.links():
        verdict = context.verdicts.get(link.url)
        if verdict and verdict.answer is Answer.BROKEN:
            hint = f"Open {link.url} to see. Then write where the page is now, or take the link out."
            yield Remark(link.place, f"this link is broken: {verdict.why}", hint, link.url)
