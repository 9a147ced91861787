"""SPF: which servers may send for a domain. Only what would make every receiver ignore or refuse it is looked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.doctor.names import Names

LIMIT_LOOKUPS = 10  # RFC 7208 §4.6.4
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_MECHANISM = re.compile(r"[+?~-]?(?:(all)|(include|exists):(\S+)|(a|mx|ptr)([:/]\S+)?|(ip4|ip6):(\S+))", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)", re.IGNORECASE)


class SpfError(Exception):
    """A record that receivers take for broken ("permerror"); the text says why."""


def read_spf(names: Names, domain: str) -> str:
    """Return the SPF record of *domain*, the empty string when it has none. Raises SpfError for several of them."""
    found = [text for text in names.texts(domain) if _RECORD.match(text)]
    if len(found) > 1:
        raise SpfError(f"{domain} has {len(found)} SPF records, and may have one")
    return found[0] if found else ""


def last_word(record: str) -> str:
    """Return what *record* says of all other servers: "-all", "~all", "?all", "+all"; or "" where it does not say."""
    for term in record.split()[1:]:
        if term.lower() == "all":
            return "+all"
        if re.fullmatch(r"[+?~-]all", term, re.IGNORECASE):
            return term.lower()
        if term.lower().startswith("redirect="):
            return term
    return ""


def count_lookups(names: Names, domain: str, record: str) -> int:
    """Return how many lookups a receiver needs for *record*, the SPF record of *domain*, those it includes counted.

    Raises SpfError for more than are allowed, and for what no receiver understands.
    """
    number = 0
    waiting = [(domain, record)]
    while waiting:
        owner, text = waiting.pop()
        for needs, target in _terms(owner, text):
            number += needs
            if number > LIMIT_LOOKUPS:
                raise SpfError(f"the SPF record of {domain} needs more than {LIMIT_LOOKUPS} lookups")
            if target and "%" not in target:  # what a macro stands for, only the receiver knows
                if not (inner := read_spf(names, target)):
                    raise SpfError(f"the SPF record of {owner} includes {target}, which has none")
                waiting.append((target, inner))
    return number


def _terms(owner: str, record: str) -> Iterator[tuple[int, str]]:
    """Yield for each term of *record* how many lookups it needs itself, and the domain whose record it takes in."""
    for term in record.split()[1:]:
        if found := _MECHANISM.fullmatch(term):
            kind = next(filter(None, found.groups())).lower()
            yield int(kind not in {"all", "ip4", "ip6"}), found[3] if kind == "include" else ""
            if kind == "all":
                return  # nothing after it is looked at
        elif found := _MODIFIER.fullmatch(term):
            is_redirect = found[1].lower() == "redirect"
            yield int(is_redirect), found[2] if is_redirect else ""
        else:
            raise SpfError(f'the SPF record of {owner} holds "{term}", which is no SPF')
