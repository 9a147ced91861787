"""Lists of people in files: what is read, what is skipped, what is refused, and in which line."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from listfiles import ASH, FILE, HEAD, NOT_UTF8, addresses, errors_in, findings, many, read

from newsletter.audience import Audience, Person
from newsletter.errors import ContentError
from newsletter.findings import BAD_ADDRESS, BAD_LIST, BAD_TEXT, Finding, Place, Severity
from newsletter.listfile import read_list

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFOs")


def refusal(path: Path) -> str:
    """Return the message of the one error for which the file is refused."""
    with pytest.raises(ContentError) as caught:
        read_list(path, FILE, name="practitioners")
    (finding,) = caught.value.findings
    return finding.message


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
