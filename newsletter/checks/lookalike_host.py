"""A host with letters that can pass for those of another.

The Cyrillic "a" looks like the Latin one, and so a false website like a true one. The finding shows the host as
computers know it (xn--...): compare it with the website's own. A Welsh name such as tŷ.cymru may be right, and can be
excused.
Source: Unicode Technical Standard 39, "Unicode security mechanisms".
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import host_of, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N163"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link to a host that is not ASCII, or written in punycode."""
    for link in context.issue.links():
        host = host_of(link.url)
        if host.isascii() and not any(label.startswith("xn--") for label in host.split(".")):
            continue
        shown = readable(host)
        scripts = _scripts(shown)
        letters = "letters beyond a to z" if scripts == ["Latin"] else f"{' and '.join(scripts)} letters"
        hint = "Compare it with the website's own address, and copy that from a page you trust."
        yield Remark(link.place, f'"{shown}" has {letters}: its true name is {host}', hint, link.url)


def _scripts(host: str) -> list[str]:
    """Return the scripts that *host* without its last part is written in: "Cyrillic", "Latin"."""
    letters = host.rpartition(".")[0] or host
    return sorted({unicodedata.name(sign, "unknown").split()[0].capitalize() for sign in letters if sign.isalpha()})
