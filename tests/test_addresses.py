"""Addresses: what is one, how it is sent, and how two are compared."""

from __future__ import annotations

import string

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.addresses import canonical, read_address

UNSEEN = "not an address: there is a character in it that cannot be seen"
NO_ADDRESS = [
    ("a@b", "not an address"),
    ("a@b..org", "not an address"),
    ("a@b.org.", "not an address"),
    ("a@example.test", "not an address"),
    ("a@localhost", "not an address"),
    ("a=?x?=@example.org", "not an address"),  # readers would decode it inside a header
    ("a@[192.0.2.1]", "not an address"),
    ('"a b"@example.org', "not an address"),
    (".a@example.org", "not an address"),
    ("a b@example.org", "not an address"),
    ("a@-example.org", "not an address"),
    ("a@ex--ample.org", "not an address"),
    ("a@example.org,", "not an address"),
    ("a@example.org;c", "not an address"),
    ("someone", "not an address"),
    ("@example.org", "not an address"),
    ("a@", "not an address"),
    ("a\uff20example.org", "not an address"),
    (f"{'x' * 65}@example.org", "not an address"),
    (f"a@{'x' * 64}.org", "not an address"),
    (f"{'x' * 64}@{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 3}.org", "not an address"),
    ("", "no address"),
    (" \t", "no address"),
    ("a@example.org\u00a0", UNSEEN),
    ("a\u200b@example.org", UNSEEN),
    ("a@example.org\r\nBcc: b", UNSEEN),
    ("\udc80@example.org", UNSEEN),
    ("A <a@example.org>", "not an address: it stands in <>; write it alone, and the name in its own column"),
    ("<a@example.org>", "not an address: it stands in <>; write it alone, and the name in its own column"),
    ("MailTo:a@example.org", 'not an address: it begins with "mailto:"'),
]


@pytest.mark.parametrize(("text", "reason"), NO_ADDRESS, ids=[ascii(text[:24]) for text, _ in NO_ADDRESS])
def test_no_address(text: str, reason: str) -> None:
    """What is not an address is refused with a reason that does not repeat it (D12, D14)."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared whole
        read_address(text)
    assert reason == str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Sam.O'Neil+news@Example.ORG\t", "Sam.O'Neil+news@example.org"),
        ("u@ex\u00e4mple.org", "u@xn--exmple-cua.org"),
        ("U@EX\u00c4MPLE.org", "U@xn--exmple-cua.org"),
        ("=cmd|'/c'!a1@example.org", "=cmd|'/c'!a1@example.org"),
        ("=cmd|x@example.org", "=cmd|x@example.org"),
        ("INFO@example.org", "INFO@example.org"),
        ("INFO@ex\u00e4mple.org", "INFO@xn--exmple-cua.org"),
        (f"{'x' * 64}@example.org", f"{'x' * 64}@example.org"),
        (f"a@{'x' * 63}.org", f"a@{'x' * 63}.org"),
        (f"{'x' * 64}@{'y' * 60}.{'y' * 60}.{'y' * 60}.yy.org", f"{'x' * 64}@{'y' * 60}.{'y' * 60}.{'y' * 60}.yy.org"),
    ],
)
def test_address_as_sent(text: str, expected: str) -> None:
    """The local part stays as written, the domain becomes a lower-case A-label (D14, D15, D17)."""
    assert expected == read_address(text)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" Sam@Example.ORG\n", "sam@example.org"),
        ("stra\u00dfe@ex\u00e4mple.org", "strasse@xn--exmple-cua.org"),
        ("Jose\u0301@EX\u00c4MPLE.org", "jos\u00e9@xn--exmple-cua.org"),
        ("a.b+c@gmail.com", "a.b+c@gmail.com"),
    ],
)
def test_canonical(address: str, expected: str) -> None:
    """Addresses that reach the same person have one canonical form; dots and tags are left alone."""
    assert expected == canonical(address)


@pytest.mark.parametrize("text", ["", "sam", "@", "sam@", "@example.org", "sam@\u00e4..org", "sam@\u2488.org"])
def test_canonical_refuses(text: str) -> None:
    """What cannot be an address has no canonical form, and the error does not repeat it."""
    with pytest.raises(ValueError, match=r"^not an address$"):
        canonical(text)


ATOM = st.text(string.ascii_letters + string.digits + "_'+-", min_size=1, max_size=70)
LABEL = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=66)
PLAIN = st.builds(
    lambda atoms, labels: f"{'.'.join(atoms)}@{'.'.join(labels)}",
    st.lists(ATOM, min_size=1, max_size=3),
    st.lists(LABEL | st.sampled_from(["org", "uk", "test", "xn--exmple-cua"]), min_size=1, max_size=5),
)


def library(text: str) -> str | None:
    """Return what email-validator makes of a plain *text*, or None when it refuses it."""
    try:
        domain = validate_email(text, check_deliverability=False, strict=True).ascii_domain
    except ValueError:
        return None
    return f"{text.partition('@')[0]}@{domain}"


def ours(text: str) -> str | None:
    """Return what we make of *text*, or None when we refuse it."""
    try:
        return read_address(text)
    except ValueError:
        return None


@given(PLAIN)
@example(f"{'x' * 64}@{'y' * 63}.{'y' * 63}.{'y' * 58}.org")
@example(f"{'x' * 64}@{'y' * 63}.{'y' * 63}.{'y' * 57}.org")
def test_quick_way_is_the_library_s(text: str) -> None:
    """The short way for plain addresses accepts and returns exactly what email-validator does."""
    assert library(text) == ours(text)


@pytest.mark.parametrize("domain", SPECIAL_USE_DOMAIN_NAMES)
def test_special_domains(domain: str) -> None:
    """No domain set aside for special use slips through the short way, however it is nested."""
    assert (ours(f"sam@a.{domain}"), ours(f"sam@a.b.{domain.upper()}")) == (None, None)


@given(PLAIN | st.emails())
def test_canonical_is_stable(text: str) -> None:
    """Sending form and canonical form of an address have the same canonical form."""
    if address := ours(text):
        assert canonical(text) == canonical(address) == canonical(canonical(address))
