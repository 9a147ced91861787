"""A link that carries what tracks its readers.

Addresses copied from a mail or a social network often end in utm_source=... or fbclid=...: it tells the website where
a reader came from, sometimes who it is. The page is the same without; the hint writes the address so.
Source: ICO guidance on storage and access technologies (PECR), "link decoration and navigational tracking".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import clean, host_of, trackers

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N165"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link with parameters that only track."""
    for link in context.issue.links():
        if host_of(link.url) and (names := trackers(link.url)):
            message = f"this link carries what tracks readers: {', '.join(dict.fromkeys(names))}"
            yield Remark(link.place, message, f"Write: {clean(link.url)}", link.url)
