"""Lists of people in files: who is mailed once, skipped or doubted, how each is greeted, and since when they agreed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from listfiles import ASH, FILE, HEAD, addresses, errors_in, many, read

from newsletter.audience import Audience, Person, first_name
from newsletter.findings import BAD_ADDRESS, BAD_LIST, DUPLICATE_ADDRESS, Finding, Place, Severity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("again", ["ash@example.org", "ASH@example.org", " ash@Example.ORG ", "\tash@example.org"])
def test_same_address_twice(tmp_path: Path, again: str) -> None:
    """An address in any case, with blanks around it, is mailed once; the warning names both lines (D10)."""
    person = Person("ash@example.org", "Ash Green", "Ash", "Web form", 2)
    warning = Finding(
        Place(FILE, 3),
        Severity.WARNING,
        DUPLICATE_ADDRESS,
        "line 2 has the same address as line 3: it is mailed once",
        "Take one of the two lines out.",
    )
    expected = Audience("practitioners", (person,), {"listed twice": 1}, (warning,))
    assert expected == read(tmp_path, HEAD + ASH + f"{again},Ash again\n")


def test_same_address_in_both_forms_of_a_domain(tmp_path: Path) -> None:
    """The two ways to write an international domain are one address, sent to as the A-label (D15)."""
    audience = read(tmp_path, HEAD + "u@ex\u00e4mple.org,U\nu@XN--exmple-cua.org,U\n")
    assert (["u@xn--exmple-cua.org"], {"listed twice": 1}) == (addresses(audience), audience.skipped)


@pytest.mark.parametrize("local", ["\u00fcser", "\u043f\u043e\u0447\u0442\u0430", "\u017fam"])
def test_local_part_beyond_ascii(tmp_path: Path, local: str) -> None:
    """An address that needs SMTPUTF8 is skipped with that reason; the others of the list are mailed (D16)."""
    audience = read(tmp_path, HEAD + f"{local}@example.org,U\n" + ASH)
    reason = (
        "letters with accents or of another script before the @: the mailing service would have to support SMTPUTF8"
    )
    warning = Finding(Place(FILE, 2), Severity.WARNING, BAD_ADDRESS, reason, "Ask for another address.")
    assert ({reason: 1}, (warning,)) == (audience.skipped, audience.findings)
    assert addresses(audience) == ["ash@example.org"]


def test_two_per_cent_are_skipped(tmp_path: Path) -> None:
    """Up to 2 % of the lines may have no address: they are skipped, each with a warning (D12)."""
    audience = read(tmp_path, HEAD + many(98) + "a@b,A\n,Bo\n")
    skipped = {"not an address": 1, "no address": 1}
    warnings = [
        Finding(Place(FILE, line), Severity.WARNING, BAD_ADDRESS, reason, "Mend the address, or take the line out.")
        for line, reason in [(100, "not an address"), (101, "no address")]
    ]
    assert (98, skipped, tuple(warnings)) == (len(audience.people), audience.skipped, audience.findings)


def test_more_than_two_per_cent_are_refused(tmp_path: Path) -> None:
    """Beyond 2 % it is not the list that was meant, and every such line is an error (D12)."""
    errors = [(line, BAD_ADDRESS, "not an address") for line in (99, 100, 101)]
    assert errors == errors_in(tmp_path, HEAD + many(97) + "a@b,A\nb@b,B\nc@b,C\n")
    assert errors_in(tmp_path, HEAD + many(48) + "a@b,A\n") == [(50, BAD_ADDRESS, "not an address")]
    assert errors_in(tmp_path, HEAD + ASH + "a@b,A\n") == [(3, BAD_ADDRESS, "not an address")]


def test_broken_lines_are_told_with_bad_addresses(tmp_path: Path) -> None:
    """All errors of a file come at once, in the order of its lines."""
    expected = [
        (2, BAD_ADDRESS, "not an address"),
        (3, BAD_LIST, "the line has 1 cells, but line 1 names 2 columns"),
        (4, BAD_ADDRESS, "no address"),
    ]
    assert expected == errors_in(tmp_path, HEAD + "a@b,A\nash@example.org\n,Bo\n")


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        *(
            (f"sam@{slip}", "the part after the @ looks mistyped", f'Did you mean "{meant}"?')
            for slip, meant in [
                ("gmial.com", "gmail.com"),
                ("GMAIL.con", "gmail.com"),
                ("hotmal.com", "hotmail.com"),
                ("outlok.com", "outlook.com"),
                ("yahooo.co.uk", "yahoo.co.uk"),
                ("nhs.ne", "nhs.net"),
            ]
        ),
        ("no-reply@example.org", "a no-reply address: nobody reads what is sent there", "Ask for another address."),
        ("noreply-news@example.org", "a no-reply address: nobody reads what is sent there", "Ask for another address."),
        ("DoNotReply@example.org", "a no-reply address: nobody reads what is sent there", "Ask for another address."),
        (
            "Info@example.org",
            "a shared mailbox, not one person's",
            "Make sure that those who read it agreed to be on this list.",
        ),
    ],
)
def test_doubtful_address(tmp_path: Path, address: str, message: str, hint: str) -> None:
    """Slips in the names of large providers, no-reply addresses, shared mailboxes: mailed, with a warning (D22)."""
    audience = read(tmp_path, HEAD + f"{address},Sam\n")
    warning = Finding(Place(FILE, 2), Severity.WARNING, BAD_ADDRESS, message, hint)
    assert (1, (warning,)) == (len(audience.people), audience.findings)


@pytest.mark.parametrize(
    "address",
    [
        *("a@mail.com", "a@ymail.com", "a@email.com", "a@gmx.com", "a@gmail.com", "a@yahoo.com.au", "a@hotmail.co.nz"),
        *("a@nhs.net", "a@nhs.uk", "a@leeds.gov.uk"),
        *("office@example.org", "informal@example.org", "noreen@example.org"),
    ],
)
def test_address_without_doubt(tmp_path: Path, address: str) -> None:
    """Providers that merely look like another, and words that merely begin alike, raise no doubt."""
    assert read(tmp_path, HEAD + f"{address},A\n").findings == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sam Sample", "Sam"),
        ("Sam", "Sam"),
        ("", ""),
        ("Anne-Marie O'Neil", "Anne-Marie"),
        ("Dr Sam Sample", ""),
        ("Dr. Sam Sample", ""),
        ("PROF Sample", ""),
        ("Pc 4021 Sample", ""),
        ("DI Sample", ""),
        ("Di Sample", "Di"),
        ("Drew Sample", "Drew"),
        ("Mx. Sample", ""),
        ("Smith, Sam", ""),
    ],
)
def test_first_name(name: str, expected: str) -> None:
    """The first word greets somebody, unless it is a title or the surname comes first."""
    assert expected == first_name(name)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-09-14", (2025, 9, 14)),
        ("2025-09-14T10:32:07Z", (2025, 9, 14)),
        ("2025-09-14 10:32", (2025, 9, 14)),
        ("14 September 2025", (2025, 9, 14)),
        ("Sunday 14 Sept 2025 at 9am", (2025, 9, 14)),
        ("14/09/2025", (2025, 9, 14)),
        ("03.03.2026", (2026, 3, 3)),
        ("", None),
    ],
)
@pytest.mark.parametrize("column", ["date", "Consented"])
def test_the_day_of_consent(column: str, written: str, day: tuple[int, int, int] | None, tmp_path: Path) -> None:
    """A column "date" or "consented" says on which day each agreed, in the ways in which forms and people write it."""
    audience = read(tmp_path, f'email,{column}\nash@example.org,"{written}"\n')
    assert ([date(*day) if day else None], ()) == ([one.consented for one in audience.people], audience.findings)


def test_consented_says_it_better_than_date(tmp_path: Path) -> None:
    """Where there are both columns, "consented" is the one that is meant."""
    audience = read(tmp_path, "email,date,consented\nash@example.org,1 May 2020,1 May 2025\n")
    assert [date(2025, 5, 1)] == [one.consented for one in audience.people]


@pytest.mark.parametrize(
    "written", ["03/02/2026", "spring", "14 September", "Monday 14 September 2025", "1 to 3 May 2025", "31/02/2025"]
)
def test_no_clear_day_of_consent(written: str, tmp_path: Path) -> None:
    """What is no day, could be two, or contradicts itself is warned of and passed over; nobody is lost by it."""
    audience = read(tmp_path, f"email,date\nash@example.org,{written}\n")
    hint = "Write it as in 14 September 2025, or 2025-09-14."
    message = 'the column "date" does not hold one clear day: it is passed over'
    warning = Finding(Place(FILE, 2), Severity.WARNING, BAD_LIST, message, hint)
    assert ([None], (warning,)) == ([one.consented for one in audience.people], audience.findings)
