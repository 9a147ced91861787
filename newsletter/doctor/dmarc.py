"""DMARC: what receivers are asked to do with mail that nobody can prove to be the domain's (RFC 9989, before 7489)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.doctor.names import Names

WISHES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for mail in the name of a domain.

    *at* is the domain whose record says so, *wish* one of WISHES, and *organisation* the domain whose subdomains count
    as the same; with *is_strict* the very same domain alone counts for SPF. *fault* is why the record is no good.
    """

    at: str
    wish: str = "none"
    organisation: str = ""
    is_strict: bool = False
    fault: str = ""

    def covers(self, domain: str, sender: str) -> bool:
        """Say whether SPF of *domain*, to which bounces go, proves mail in the name of *sender*."""
        return domain == sender or (not self.is_strict and f".{domain}".endswith(f".{self.organisation}"))


def read_policy(names: Names, domain: str) -> Policy | None:
    """Return the policy for mail in the name of *domain*, None where nobody has one.

    It is looked for there and upwards, as receivers do (RFC 9989 §4.10), who know no list of public suffixes any more.
    """
    labels = domain.split(".")
    found: list[tuple[str, dict[str, str]]] = []
    for place in (".".join(labels[start:]) for start in range(len(labels))):
        records = [text for text in names.texts(f"_dmarc.{place}") if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        if len(records) > 1 and place == domain:
            return Policy(place, fault=f"{place} has {len(records)} records, and may have one")
        if len(records) == 1:
            found.append((place, tags_of(records[0])))
    if not found:
        return None
    at, tags = found[0]
    wish = tags.get("p", "none") if at == domain else tags.get("sp", tags.get("p", "none"))
    if wish.lower() not in WISHES:
        return Policy(at, fault=f'the record of {at} asks for "{wish}", which is none of {", ".join(WISHES)}')
    return Policy(at, wish.lower(), _organisation(domain, found), is_strict=tags.get("aspf", "r").lower() == "s")


def _organisation(domain: str, found: list[tuple[str, dict[str, str]]]) -> str:
    """Return the uppermost domain with a record; one that is a public suffix (psd=y), as gov.uk, is nobody's own."""
    own = [place for place, tags in found if tags.get("psd", "u").lower() != "y"]
    if own:
        return own[-1]
    suffix = found[0][0]
    return ".".join(domain.split(".")[-len(suffix.split(".")) - 1 :])


def tags_of(text: str) -> dict[str, str]:
    """Return the tags of a DMARC record or a DKIM key: "v=DMARC1; p=none" (RFC 6376 §3.2)."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, _, value in pairs}
