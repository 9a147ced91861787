"""A link that begins with http:// where https:// is usual.

What goes over http:// can be read and changed on the way, and some browsers warn of it. Nearly every website has moved
to https:// since; the old form often lives on in copied links.
Source: NCSC, "Using TLS to protect data"; GOV.UK service manual, "Using HTTPS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import clean, has_name, host_of, is_shortener

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N161"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link without encryption to a host with a name."""
    for link in context.issue.links():
        host = host_of(link.url)
        # A number, a name of a network and a shortener are faults of their own.
        if link.url.lower().startswith("http://") and has_name(host) and not is_shortener(host):
            hint = f"Open {clean(link.url)}, and write that if it works."
            yield Remark(link.place, "this link is not encrypted: it begins with http://", hint, link.url)
