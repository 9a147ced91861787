"""A web address where the words of a link should be.

A screen reader spells it out sign by sign, it breaks lines on phones, and it does not say what is behind it. A mail
address, a telephone number, or the bare name of a site such as leeds.gov.uk may stand as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.linkwords import where_said
from newsletter.weblinks import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N125"
SEVERITY = Severity.WARNING

_ADDRESS = re.compile(r"https?://\S+|(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}[/?#]\S+", re.IGNORECASE)
_SHOWN = 60  # characters


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link whose words are a web address."""
    said = where_said(context.issue)
    for link in context.issue.links():
        if _ADDRESS.fullmatch(link.text):
            text = link.text if len(link.text) <= _SHOWN else f"{link.text[:_SHOWN]}..."
            yield Remark(
                said.get(link.place, link.place),
                f'a web address stands as the words of a link: "{text}"',
                f"Say what readers find there; in Markdown, write [the name of the page]({clean(link.url)}).",
                link.text,
            )
