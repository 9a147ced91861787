"""Lists of people in files: what is read, what is skipped, what is refused, and in which line."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from components import small_disk_of
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.audience import Audience, Person, Roll, first_name
from newsletter.errors import ConfigError, ContentError
from newsletter.findings import BAD_ADDRESS, BAD_LIST, BAD_TEXT, DUPLICATE_ADDRESS, Finding, Place, Severity
from newsletter.listfile import read_list

FILE = "lists/practitioners.csv"
HEAD = "email,name\n"
ASH = "ash@example.org,Ash Green\n"

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFOs")


def read(folder: Path, content: str | bytes) -> Audience:
    """Read a list file with *content*."""
    path = folder / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_list(path, FILE, name="practitioners", source="Web form")
    return replace(found, people=tuple(found.people))


def findings(folder: Path, content: str | bytes) -> tuple[Finding, ...]:
    """Return the findings for which *content* is refused; none of them may show an address."""
    with pytest.raises(ContentError) as caught:
        read(folder, content)
    assert not [f for f in caught.value.findings if re.search(r"[\w>]@\w", f.message + f.hint)]
    return caught.value.findings


def errors_in(folder: Path, content: str | bytes) -> list[tuple[int, str, str]]:
    """Return line, code and message of the errors for which *content* is refused."""
    found = findings(folder, content)
    return [(f.place.line, f.code, f.message) for f in found if f.severity is Severity.ERROR]


def refusal(path: Path) -> str:
    """Return the message of the one error for which the file is refused."""
    with pytest.raises(ContentError) as caught:
        read_list(path, FILE, name="practitioners")
    (finding,) = caught.value.findings
    return finding.message


def addresses(audience: Audience) -> list[str]:
    """Return the addresses to be mailed."""
    return [person.address for person in audience.people]


def many(count: int) -> str:
    """Return *count* good lines."""
    return "".join(f"person{number}@example.org,Person {number}\n" for number in range(count))


def test_whole_list(tmp_path: Path) -> None:
    """A list becomes its people, with what each cell says, defaults for what it does not say, and lines of the file."""
    content = (
        "email,name,first_name,source,role\n"
        "Ash.Green@Example.ORG,Ash  Green,,,Teacher\n"
        "\n"
        ",,,,\n"
        'siobhan@example.org,"O\'Connor, Siobha\u0301n",Siobh\u00e1n,Conference,Nurse\n'
    )
    expected = Audience(
        "practitioners",
        (
            Person("Ash.Green@example.org", "Ash Green", "Ash", "Web form", 2),
            Person("siobhan@example.org", "O'Connor, Siobh\u00e1n", "Siobh\u00e1n", "Conference", 5),
        ),
        {},
        (),
    )
    assert expected == read(tmp_path, content)


def test_committed_sample() -> None:
    """The sample in the repository is a list without a single finding."""
    path = Path(__file__).parents[1] / FILE
    audience = read_list(path, FILE, name="practitioners")
    names = ["Aisha", "Siobh\u00e1n", "Daniel", "Marta", "Tyrone", ""]
    assert (names, ()) == ([person.first_name for person in audience.people], audience.findings)
    assert {"example.org"} == {address.partition("@")[2] for address in addresses(audience)}
    assert all(person.source for person in audience.people)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + ASH).encode(),
        (HEAD + ASH).replace("\n", "\r\n"),
        (HEAD + ASH).replace("\n", "\r"),
        (HEAD + ASH).removesuffix("\n"),
        "\n,\n" + HEAD + ASH,
        " Email , NAME\n" + ASH,
        "name,email,,\nAsh Green,ash@example.org,,\n",
        '"email","name"\n"ash@example.org", "Ash Green"\n',
    ],
    ids=["BOM", "CRLF", "CR", "no end", "blank lines first", "spelling of columns", "columns without name", "quotes"],
)
def test_harmless_variants(tmp_path: Path, content: str | bytes) -> None:
    """What spreadsheets do to a CSV file changes neither who is read nor anything else (D1, D4)."""
    audience = read(tmp_path, content)
    (person,) = audience.people
    assert (person.address, person.name, audience.findings) == ("ash@example.org", "Ash Green", ())


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators(tmp_path: Path, separator: str, word: str) -> None:
    """Semicolons and tabs are read as what they are, and a note says so (D3)."""
    audience = read(tmp_path, (HEAD + ASH).replace(",", separator))
    note = Finding(Place(FILE), Severity.NOTE, BAD_LIST, f"the columns are separated by {word}, and read so")
    assert (["ash@example.org"], (note,)) == (addresses(audience), audience.findings)


def spreadsheet() -> bytes:
    """Return a file that begins as .xlsx files do."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return stream.getvalue()


NOT_UTF8 = "the file is not saved as UTF-8: a character here cannot be read"
NOT_CLOSED = "a quote opened at line 2 is not closed there"


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        pytest.param(
            (HEAD + ASH + "z@example.org,Zoë\n").encode("cp1252"), [(3, BAD_LIST, NOT_UTF8)], id="cp1252 (D2)"
        ),
        pytest.param(
            HEAD.encode() + b"\x80@example.org,A\n", [(2, BAD_LIST, NOT_UTF8)], id="cp1252 at the margin (D2)"
        ),
        pytest.param(
            (HEAD + ASH).encode("utf-16"),
            [(1, BAD_LIST, "the file is saved as UTF-16, not as UTF-8")],
            id="UTF-16 (D2)",
        ),
        pytest.param(
            (HEAD + ASH).encode("utf-16-le"),
            [(1, BAD_LIST, "a NUL byte: this is not a text file")],
            id="UTF-16 without BOM (D2)",
        ),
        pytest.param("email,Name, name \n", [(1, BAD_LIST, 'two columns are called "name"')], id="column twice (D5)"),
        pytest.param("E-mail,name\n" + ASH, [(1, BAD_LIST, 'no column is called "email"')], id="no email (D4)"),
        pytest.param(
            ASH + ASH,
            [(1, BAD_LIST, "the first line is already a person: it does not name the columns")],
            id="no header",
        ),
        pytest.param(
            "email,na\x1bme\n",
            [(1, BAD_TEXT, "a control character in the names of the columns")],
            id="escape in header",
        ),
        pytest.param(
            HEAD + "ash@example.org,Ash\u200bGreen\nbo@example.org," + "b" * 101 + "\n",
            [
                (2, BAD_TEXT, 'the column "name": a mail header cannot hold an invisible character'),
                (3, BAD_LIST, 'more than 100 characters in the column "name"'),
            ],
            id="names that no header can hold",
        ),
        pytest.param(
            HEAD + "ash@example.org\nb@example.org,Bo,Teacher\n",
            [
                (2, BAD_LIST, "the line has 1 cells, but line 1 names 2 columns"),
                (3, BAD_LIST, "the line has 3 cells, but line 1 names 2 columns"),
            ],
            id="missing and extra cells (D6)",
        ),
        pytest.param(
            HEAD + 'ash@example.org,"Ash\n' + many(3), [(2, BAD_LIST, NOT_CLOSED)], id="quote never closed (D7)"
        ),
        pytest.param(
            HEAD + 'ash@example.org,"Ash\n' + 'b@example.org,"Bo, Nurse"\n',
            [(2, BAD_LIST, NOT_CLOSED)],
            id="quote closed by the next one (D7)",
        ),
        pytest.param(
            HEAD + 'ash@example.org,"Ash" Green\n', [(2, BAD_LIST, NOT_CLOSED)], id="quotes around half a cell (D7)"
        ),
        pytest.param(
            HEAD + ASH + 'x@example.org,"X\nBcc: e@example.org"\n',
            [
                (3, BAD_LIST, "a quote opened at line 3 is not closed there"),
                (4, BAD_LIST, "the line has 1 cells, but line 1 names 2 columns"),
            ],
            id="line break in a name (D8)",
        ),
        pytest.param(
            HEAD + "x@example.org,X\x0bBcc: e\n",
            [(2, BAD_TEXT, 'a control character in the column "name"')],
            id="vertical tab in a name (D8)",
        ),
        pytest.param(
            HEAD + "x@example.org,X\u2028Bcc: e\n",
            [(2, BAD_TEXT, 'a control character in the column "name"')],
            id="line separator in a name (D8)",
        ),
        pytest.param(
            "email,first_name,source\na@example.org,\x1b[31mA,\nb@example.org,B,\u202etxet\n",
            [
                (2, BAD_TEXT, 'a control character in the column "first_name"'),
                (3, BAD_TEXT, 'a control character in the column "source"'),
            ],
            id="escape and turned text (D8)",
        ),
        pytest.param(
            HEAD + "ash@example.org,A\0sh\n", [(2, BAD_LIST, "a NUL byte: this is not a text file")], id="NUL (D9)"
        ),
        pytest.param(
            HEAD + f"ash@example.org,{'A' * 10_001}\n",
            [(2, BAD_LIST, "a cell is longer than 10,000 characters")],
            id="long cell (D9)",
        ),
        pytest.param(
            HEAD + f"ash@example.org,{'A' * 200_000}\n",
            [(2, BAD_LIST, "a cell is longer than 10,000 characters")],
            id="cell beyond the csv module (D9)",
        ),
        pytest.param(
            HEAD + many(100) + "a@example.org;c@example.org,Two\n",
            [(102, BAD_ADDRESS, 'more than one "@" in the email cell')],
            id="two addresses in a cell, even in a long list (D13)",
        ),
        pytest.param("", [(1, BAD_LIST, "the file is empty: no recipients")], id="empty (D18)"),
        pytest.param("\n \n,,\n", [(1, BAD_LIST, "the file is empty: no recipients")], id="blank (D18)"),
        pytest.param(HEAD, [(1, BAD_LIST, "no recipients")], id="header only (D18)"),
        pytest.param(HEAD + "\u00fcser@example.org,U\n", [(1, BAD_LIST, "no recipients")], id="nobody left (D18)"),
        pytest.param(spreadsheet(), [(1, BAD_LIST, "this is a spreadsheet, not a CSV file")], id="xlsx (D27)"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            [(1, BAD_LIST, "this is a spreadsheet, not a CSV file")],
            id="xls (D27)",
        ),
    ],
)
def test_refused(tmp_path: Path, content: str | bytes, errors: list[tuple[int, str, str]]) -> None:
    """What is no list, or a broken one, is refused with all its errors, each with its line, none with an address."""
    assert errors == errors_in(tmp_path, content)


def test_error_says_how_many(tmp_path: Path) -> None:
    """The error names the file as its reader knows it, and carries warnings and notes with its errors."""
    content = "email;name\nash@example.org\nno-reply@example.org;\n;Nobody\n"
    with pytest.raises(ContentError) as caught:
        read(tmp_path, content)
    assert str(caught.value) == f"{FILE} cannot be used: 2 errors"
    expected = [(1, Severity.NOTE), (2, Severity.ERROR), (3, Severity.WARNING), (4, Severity.ERROR)]
    assert expected == [(finding.place.line, finding.severity) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("E-mail,name", 'Did you mean "E-mail"? Rename it to "email".'),
        ("Name,Email address", 'Did you mean "Email address"? Rename it to "email".'),
        ("name,emial", 'Did you mean "emial"? Rename it to "email".'),
        ("name,role", 'Let the first line name the columns, as "email,name", and give each person a line below.'),
    ],
)
def test_email_column_is_suggested(tmp_path: Path, header: str, hint: str) -> None:
    """Without a column "email" the hint names the one that looks like it (D4)."""
    assert [hint] == [finding.hint for finding in findings(tmp_path, header + "\n")]


def test_how_to_save_is_told(tmp_path: Path) -> None:
    """Whoever has the wrong encoding or a spreadsheet is told how to save it (D2, D27)."""
    for content in ("Zo\u00eb".encode("cp1252"), HEAD.encode("utf-16"), spreadsheet()):
        assert "CSV UTF-8" in findings(tmp_path, content)[0].hint


def test_missing_file(tmp_path: Path) -> None:
    """A list that is not there is said to be so."""
    assert refusal(tmp_path / "none.csv") == "there is no such file"


@posix
@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_only_regular_files(tmp_path: Path, kind: str) -> None:
    """A FIFO, a device or a folder is refused, without waiting for it or reading on for ever."""
    path = {"fifo": tmp_path / "fifo", "device": Path("/dev/zero"), "folder": tmp_path}[kind]
    if kind == "fifo":
        os.mkfifo(path)
    assert refusal(path) == "this is not a file with text in it"


def test_huge_file(tmp_path: Path) -> None:
    """A file of more than 64 MB is refused before it is decoded."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(64 * 1024 * 1024 + 1)
    assert refusal(path) == "the file is larger than 64 MB"


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


@given(st.binary() | st.text(alphabet='email,;\t\n\r"@. abc\0').map(str.encode))
@example(b'email\n"')
@example(b"email\n\x00")
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a file holds, it is a list or it is refused; nothing else happens."""
    try:
        found = read(tmp_path_factory.mktemp("any"), content)
    except ContentError as error:
        is_sound = Severity.ERROR in {finding.severity for finding in error.findings}
    else:
        is_sound = bool(found.people) and Severity.ERROR not in {finding.severity for finding in found.findings}
    assert is_sound


def told(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    """Return the lines and messages of *findings*."""
    return [(finding.place.line, finding.message) for finding in findings]


def test_many_findings_of_a_kind(tmp_path: Path) -> None:
    """Of many findings of one kind the first 20 are told, then how many more there are; other kinds stay visible."""
    content = HEAD + many(2500) + "".join(f"person{number}@example.org,Twice\n" for number in range(1, 1025))
    audience = read(tmp_path, content + "a@b,A\nno-reply@example.org,N\n")
    twice = [
        (2501 + number, f"line {number + 2} has the same address as line {2501 + number}") for number in range(1, 21)
    ]
    expected = [
        *((line, f"{message}: it is mailed once") for line, message in twice),
        (2522, "and 1,004 more like it"),
        (3526, "not an address"),
        (3527, "a no-reply address: nobody reads what is sent there"),
    ]
    assert expected == told(audience.findings)
    assert (2501, {"listed twice": 1024, "not an address": 1}) == (len(audience.people), audience.skipped)


def test_many_errors_are_all_counted(tmp_path: Path) -> None:
    """The error says how many errors there are, told one by one or not; a kind of warning hides no kind of error."""
    content = HEAD + "a@b,A\n" * 300 + "ash@example.org\n" * 21
    with pytest.raises(ContentError) as caught:
        read(tmp_path, content)
    assert str(caught.value) == f"{FILE} cannot be used: 321 errors"
    lines = [*range(2, 22), 22, *range(302, 322), 322]
    assert lines == [line for line, _ in told(caught.value.findings)]
    assert [(22, "and 280 more like it"), (322, "and 1 more like it")] == [
        (line, message) for line, message in told(caught.value.findings) if "more like it" in message
    ]


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


@pytest.mark.parametrize(
    ("bad", "ended", "code"),
    [("a@b,A\n", 9_602, BAD_ADDRESS), ("ash@example.org\n", 1_001, BAD_LIST), ("a@b;c@d,A\n", 1_001, BAD_ADDRESS)],
)
def test_a_hostile_list_is_not_read_to_its_end(bad: str, ended: int, code: str, tmp_path: Path) -> None:
    """Where it is certain that a list is refused, and enough is wrong with it, reading ends; the first are told."""
    with pytest.raises(ContentError) as caught:
        read(tmp_path, HEAD + bad * 400_000)
    found = re.fullmatch(
        rf"{FILE} cannot be used: ([\d,]+) errors down to line ([\d,]+), where reading ended", caught.value.message
    )
    assert found, caught.value.message
    assert [ended - 1, ended] == [int(number.replace(",", "")) for number in found.groups()]
    assert [(line, code) for line in range(2, 23)] == [(one.place.line, one.code) for one in caught.value.findings]


def test_what_may_still_be_mended_is_read_on(tmp_path: Path) -> None:
    """A thousand bad addresses at the top of a long enough list refuse nobody below them: 2 % is of the whole list."""
    audience = read(tmp_path, HEAD + "a@b,A\n" * 1_000 + many(49_000))
    assert (49_000, {"not an address": 1_000}) == (len(audience.people), audience.skipped)


def test_what_is_no_text_far_inside(tmp_path: Path) -> None:
    """The line of a character that cannot be read is its own, however far the file is read ahead of it (D2)."""
    content = (
        (HEAD + ASH + "no-reply@example.org,N\n" + many(500)).encode() + b"zo\xeb@example.org,Z\n" + many(5).encode()
    )
    expected = [(3, "a no-reply address: nobody reads what is sent there"), (504, NOT_UTF8)]
    assert expected == told(findings(tmp_path, content))


def test_a_file_of_one_line(tmp_path: Path) -> None:
    """A file without line ends is not read to its end to find one (D9)."""
    message = "the line is longer than 1,000,000 characters"
    assert errors_in(tmp_path, HEAD + ASH + "x" * 3_000_000) == [(3, BAD_LIST, message)]


def test_people_can_be_gone_through_again(tmp_path: Path) -> None:
    """The people of a list are counted and gone through as often as wanted, also two at a time."""
    path = tmp_path / "list.csv"
    path.write_text(HEAD + ASH + "bo@example.org,Bo\n", "utf-8")
    people = read_list(path, FILE, name="practitioners").people
    names = ["Ash Green", "Bo"]
    assert [(a, b) for a in names for b in names] == [(one.name, two.name) for one in people for two in people]
    assert (2, True) == (len(people), next(iter(people)) in people)


def test_no_room_for_a_long_list() -> None:
    """Where temporary files have no room, that is said, and how to give them some."""
    people = Roll()

    def fill() -> None:
        for number in range(100_000):
            people.add(str(number), Person(f"person{number}@example.org", "", "", "Form", number))

    with small_disk_of(500_000), pytest.raises(ConfigError, match="no room in the folder for temporary files"):
        fill()


MEASURE = """\
import sys, tracemalloc
from pathlib import Path
from newsletter.listfile import read_list
warm = read_list(Path(sys.argv[1]), "list.csv", name="practitioners")
tracemalloc.start()
audience = read_list(Path(sys.argv[2]), "list.csv", name="practitioners")
assert all(person.line for person in audience.people)
print(tracemalloc.get_traced_memory()[1])
"""


def peak_of_reading(folder: Path, content: str) -> int:
    """Return the most memory, in bytes, that reading a list of *content* takes of Python: a process of its own."""
    for name, text in (("warm", HEAD + ASH), ("list", content)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
    files = [str(folder / f"{name}.csv") for name in ("warm", "list")]
    done = subprocess.run([sys.executable, "-c", MEASURE, *files], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("line", ["p{}@example.org,P\n", "noreply{}@example.org,P\n", "ash@example.org,{}\n", "\n,\n"])
def test_memory_does_not_grow_with_the_list(tmp_path: Path, line: str) -> None:
    """Sixteen times as many people, warnings or empty lines take no more memory."""
    small, large = (
        peak_of_reading(tmp_path, HEAD + ASH + "".join(line.format(number) for number in range(count)))
        for count in (500, 8_000)
    )
    assert large < small + 100_000


def test_large_list(tmp_path: Path) -> None:
    """A hundred thousand people are read, each of them (D21)."""
    audience = read(tmp_path, HEAD + many(100_000))
    assert (len(set(addresses(audience))), max(person.line for person in audience.people)) == (100_000, 100_001)
