"""A link to a number, or into a network of one's own.

Readers cannot see whom a number belongs to, and mail filters take such links for fraud. An address such as
http://localhost or http://intranet opens at your desk and nowhere else: a link that no reader can open is an error.
Write the name of a website that everybody can open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import host_of, is_inside, is_number, is_public, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N162"
SEVERITY = Severity.WARNING

_NAMED = "Write the address with the name of a website, as in https://example.org/page."


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link to an IP address, however it is written, and to a name without a website."""
    for link in context.issue.links():
        host = host_of(link.url)
        if is_number(host):
            message, severity = _number(host)
            yield Remark(link.place, message, _NAMED, link.url, severity)
        elif is_inside(host):
            message = f'"{host}" is known only inside a network, so readers cannot open this link'
            yield Remark(link.place, message, _NAMED, link.url, Severity.ERROR)


def _number(host: str) -> tuple[str, Severity]:
    address = number_of(host)
    if address is None:
        return f'"{host}" is not the address of any computer', Severity.ERROR
    meant = "" if host == str(address) else f" ({address})"
    if is_public(address):
        return f'this link leads to the number "{host}"{meant}, not to a name', Severity.WARNING
    return f'"{host}"{meant} is not on the internet, so readers cannot open this link', Severity.ERROR
