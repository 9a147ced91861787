"""Addresses: the form in which one is sent, the form in which two are compared, and what looks odd about one."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.mime import HeaderError, header_address

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_AN_ADDRESS = "not an address"
NEEDS_SMTPUTF8 = (
    "letters with accents or of another script before the @: the mailing service would have to support SMTPUTF8"
)

# The common form, quick to tell: email-validator accepts all of it that ends in a public top-level domain.
_PLAIN = re.compile(
    r"(?P<local>(?![^@]{65})[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*)@"
    r"(?P<domain>(?:(?![^.]{64})[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?P<top>[a-z]{2,63}))",
    re.IGNORECASE | re.ASCII,
)

_PROVIDERS = (
    *("gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com", "yahoo.co.uk"),
    *("icloud.com", "btinternet.com", "nhs.net"),
)
_NO_REPLY = re.compile(r"(?:no|do[-._]?not)[-._]?reply.*")
# Mostly of RFC 2142. Not office@: it is how a school is reached.
_ROLE = re.compile("abuse|admin|enquiries|hostmaster|info|mailer-daemon|postmaster|root|sales|support|webmaster")


def canonical(address: str) -> str:
    """Return *address* in the form in which addresses are compared; what is sent keeps the writer's case.

    Trimmed, NFC, the local part case-folded, the domain a lower-case A-label. Dots and "+tag" count: what a provider
    makes of them is not ours to guess. Raises ValueError, without the address, when it cannot be one.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not local or not domain:
        raise ValueError(_NOT_AN_ADDRESS)
    return f"{unicodedata.normalize('NFC', local.casefold())}@{_a_label(domain)}"


def read_address(text: str) -> str:
    """Return the address in *text* as it is sent: blanks around it gone, its domain a lower-case A-label.

    Raises ValueError with the reason, never the address, when it is not one (RFC 5321, with its limits of 64 characters
    before the @ and 254 in all) or cannot be sent to without SMTPUTF8 (RFC 6531). Nothing is looked up on the network.
    """
    text = text.strip(" \t")
    plain = _PLAIN.fullmatch(text)
    if plain and len(text) <= 254 and _is_public(plain["top"]):
        return f"{plain['local']}@{plain['domain'].lower()}"
    address = _read_unusual(text)
    try:
        return header_address(address)  # the gate of every header: found here, no address stops a send that has begun
    except HeaderError:
        raise ValueError(_NOT_AN_ADDRESS) from None


def masked(address: str) -> str:
    """Return ``j...@example.org``: who knows the address knows it again, and nobody else can write to it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}...@{domain}"


def doubts(address: str) -> Iterator[tuple[str, str]]:
    """Yield what looks odd about a valid *address*, and what to do: it is one, but hardly the one that was meant."""
    local, _, domain = address.casefold().rpartition("@")
    if near := _slip(domain):
        yield "the part after the @ looks mistyped", f'Did you mean "{near}"?'
    if _NO_REPLY.fullmatch(local):
        yield "a no-reply address: nobody reads what is sent there", "Ask for another address."
    if _ROLE.fullmatch(local):
        yield "a shared mailbox, not one person's", "Make sure that those who read it agreed to be on this list."


@lru_cache(maxsize=10_000)
def _slip(domain: str) -> str:
    """Return the large provider that *domain* misspells; the first letter is hardly ever the wrong one."""
    alike = [provider for provider in _PROVIDERS if provider[0] == domain[0]]
    near = get_close_matches(domain, alike, n=1, cutoff=0.885)  # gmial.com scores 0.89, yahoo.com.au 0.86
    return near[0] if near and domain not in alike else ""


@lru_cache(maxsize=2_000)
def _is_public(top: str) -> bool:
    """Say whether *top* is not set aside, as "test" and "local" are (RFC 6761)."""
    try:
        return bool(_read_unusual(f"a@a.{top}"))
    except ValueError:
        return False


def _read_unusual(text: str) -> str:
    from email_validator import validate_email  # noqa: PLC0415

    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except ValueError:
        raise ValueError(_why_not(text)) from None
    if not found.ascii_email:
        raise ValueError(NEEDS_SMTPUTF8)
    return f"{text.rpartition('@')[0]}@{found.ascii_domain}"


def _why_not(text: str) -> str:
    if not text:
        return "no address"
    if not text.isprintable():
        return f"{_NOT_AN_ADDRESS}: there is a character in it that cannot be seen"
    if "<" in text:
        return f"{_NOT_AN_ADDRESS}: it stands in <>; write it alone, and the name in its own column"
    if text.casefold().startswith("mailto:"):
        return f'{_NOT_AN_ADDRESS}: it begins with "mailto:"'
    return _NOT_AN_ADDRESS


def _a_label(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    import idna  # noqa: PLC0415

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        raise ValueError(_NOT_AN_ADDRESS) from None
