"""A link whose text names another website than it leads to.

A text such as "gov.uk" that leads elsewhere is the mark of fraud: filters look for it, and readers are taught to.
Often it is only a link that was changed in one of its two places. Name the website that it leads to, or say in words
what is there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.weblinks import are_kin, host_of, is_shortener

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N168"
SEVERITY = Severity.WARNING

_NAME = re.compile(r"(?<![\w@.-])(https?://|www\.)?((?:[\w-]+\.)+[a-z]{2,})(?![\w@-])", re.IGNORECASE)
# A word with a dot in it is mostly none: "Report.pdf". These ends are those of websites.
_ENDS = {"uk", "com", "org", "net", "gov", "edu", "eu", "int", "info", "ie", "scot", "wales", "cymru", "london"}

_SISTERS = re.compile(r"([^.]+)\.(?:co\.uk|org\.uk|com|org|net)")
_COMPANY = re.compile(r"[A-Z][a-z\d-]+\.(?:com|co\.uk|org|net)")
_LEADS = re.compile(r"(?:\b(?:at|from|on|open|see|to|visit)|[:,(-])$", re.IGNORECASE)


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link whose text names websites, none of which it leads to."""
    for link in context.issue.links():
        host = host_of(link.url)
        if not host or is_shortener(host):  # a fault of its own
            continue
        named = [name for found in _NAME.finditer(link.text) if (name := _website(found, link.text))]
        if named and not any(are_kin(name, host) or _are_sisters(name, host) for name in named):
            hint = "Write the website that the link leads to, or change the link."
            yield Remark(link.place, f'the text says "{named[0]}", but the link leads to {host}', hint, link.url)


def _are_sisters(one: str, other: str) -> bool:
    """Tell whether two hosts differ only in a common ending: bbc.co.uk and bbc.com."""
    names = [_SISTERS.fullmatch(host.removeprefix("www.")) for host in (one, other)]
    return names[0] is not None and names[1] is not None and names[0][1] == names[1][1]


def _website(found: re.Match[str], text: str) -> str:
    name = found[2].lower()
    is_company = _is_company(found, text)
    is_meant = bool(found[1]) or (name.rpartition(".")[2] in _ENDS and not is_company)
    return host_of(f"https://{name}").removeprefix("www.") if is_meant else ""


def _is_company(found: re.Match[str], text: str) -> bool:
    """Tell whether the name is one of many words, and no place to go: "How to use Booking.com safely"."""
    before, after = text[: found.start()], text[found.end() :]
    return bool(
        _COMPANY.fullmatch(found[2]) and before.split() and after.split() and not _LEADS.search(before.rstrip())
    )
