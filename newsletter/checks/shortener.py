"""A link through a shortener, which hides where it leads.

Readers in the public sector are taught not to open what they cannot see, filters block such links, the service counts
who opens them, and the link dies with it. Open it once, and write the address where you end up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import host_of, is_shortener

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N164"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link to a well-known shortener."""
    for link in context.issue.links():
        host = host_of(link.url).removeprefix("www.")
        if is_shortener(host):
            hint = "Open it, and write the address where you end up."
            yield Remark(link.place, f"{host} hides where this link leads", hint, link.url)
