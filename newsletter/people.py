"""People: who is on a list, each of them once, with the address in the form in which it is sent.

    file -> text -> lines -> rows -> Audience

A list file is CSV in UTF-8 whose first line names the columns: `email`, and where wanted `name`, `first_name`, `source`
and others. It is read line by line, not as one stream: a cell may not hold a line break, so that a quote which somebody
forgot to close can never swallow the people after it, and every fault is told with the line that it stands in.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from newsletter.addresses import NEEDS_SMTPUTF8, canonical, doubts, read_address
from newsletter.errors import ContentError
from newsletter.findings import BAD_ADDRESS, BAD_LIST, BAD_TEXT, DUPLICATE_ADDRESS, Finding, Place, Severity
from newsletter.mime import HeaderError, header_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list. *address* has its local part as written and its domain as a lower-case A-label (RFC 5890)."""

    address: str
    name: str
    first_name: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line of the list that is not mailed, and why: "listed twice", "not an address"."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of one list in the order of its lines, those skipped, and the warnings and notes to show."""

    name: str
    people: tuple[Person, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]


def read_list(path: Path, file: str, *, name: str, source: str = "") -> Audience:
    """Read the list *name* from *path*; messages call it *file*. *source* is whence consent came where no cell says so.

    Raises ContentError, with all findings at once, when the file is not a list, when a line is broken, when nobody is
    left to mail, or when more than 2 % of the lines have no usable address: up to that, they are skipped and warned of.
    """
    reading = _Reading(file, source)
    try:
        reading.take_all(_read_text(path))
    except _FaultError as fault:
        reading.report(Severity.ERROR, *fault.args)
    return reading.audience(name)


def first_name(name: str) -> str:
    """Return the word of *name* to greet somebody by: the first, unless it is a title or *name* is as "Smith, Sam"."""
    word, _, _ = name.partition(" ")
    return "" if "," in name or _TITLE.fullmatch(word.rstrip(".")) else word


class _FaultError(Exception):
    """What stops a file or a line from being read, where, and what to do."""

    def __init__(self, line: int, message: str, hint: str = "", code: str = BAD_LIST) -> None:
        super().__init__(line, message, hint, code)


class _Reading:
    """The people, the skipped and the findings of one file while they gather."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source = file, source
        self.people: list[Person] = []
        self.skipped: list[Skipped] = []
        self.findings: list[Finding] = []
        self.invalid: list[Finding] = []
        self.lines: dict[str, int] = {}  # canonical address -> the line that it is mailed for
        self.rows = 0

    def report(self, severity: Severity, line: int, message: str, hint: str = "", code: str = BAD_LIST) -> None:
        self.findings.append(Finding(Place(self.file, line), severity, code, message, hint))

    def take_all(self, text: str) -> None:
        lines = enumerate(io.StringIO(text, newline=""), start=1)
        header = _read_header(lines)
        if header.delimiter != ",":
            self.report(Severity.NOTE, header.line, _SEPARATED[header.delimiter])
        for line, written in lines:
            self.take(line, written, header)

    def take(self, line: int, text: str, header: _Header) -> None:
        """Read one line; if its cells are all empty it is passed over."""
        try:
            if row := header.row(line, text):
                self.rows += 1
                self.take_row(line, row)
        except _FaultError as fault:
            self.report(Severity.ERROR, *fault.args)

    def take_row(self, line: int, row: dict[str, str]) -> None:
        name, given, source = (_words(line, row, column) for column in ("name", "first_name", "source"))
        if row["email"].count("@") > 1:
            raise _FaultError(line, 'more than one "@" in the email cell', _ONE_EACH, BAD_ADDRESS)
        try:
            address = read_address(row["email"])
        except ValueError as error:
            self.refuse(line, str(error))
            return
        if self.is_new(line, address):
            self.people.append(Person(address, name, given or first_name(name), source or self.source, line))

    def refuse(self, line: int, reason: str) -> None:
        """Skip a line without a usable address. One that only needs SMTPUTF8 is no mistake, nor counted as one."""
        self.skipped.append(Skipped(line, reason))
        findings, hint = (self.findings, _ASCII) if reason == NEEDS_SMTPUTF8 else (self.invalid, _MEND)
        findings.append(Finding(Place(self.file, line), Severity.WARNING, BAD_ADDRESS, reason, hint))

    def is_new(self, line: int, address: str) -> bool:
        """Say whether *address* is met for the first time; warn when it is not, or looks odd."""
        first = self.lines.setdefault(canonical(address), line)
        if first != line:
            self.skipped.append(Skipped(line, "listed twice"))
            message = f"line {first} has the same address as line {line}: it is mailed once"
            self.report(Severity.WARNING, line, message, "Take one of the two lines out.", DUPLICATE_ADDRESS)
            return False
        for message, hint in doubts(address):
            self.report(Severity.WARNING, line, message, hint, BAD_ADDRESS)
        return True

    def audience(self, name: str) -> Audience:
        """Return what was read. Raises ContentError where any of it is an error."""
        refused = len(self.invalid) * 50 > self.rows  # 2 %: beyond that it is hardly the file that was meant
        findings = [*self.findings, *(replace(f, severity=Severity.ERROR) if refused else f for f in self.invalid)]
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if not errors and not self.people:
            findings.append(Finding(Place(self.file), Severity.ERROR, BAD_LIST, "no recipients", _EXAMPLE))
            errors = 1
        findings.sort(key=lambda finding: finding.place)
        if errors:
            raise ContentError(f"{self.file} cannot be used: {errors} {'error' if errors == 1 else 'errors'}", findings)
        return Audience(name, tuple(self.people), tuple(self.skipped), tuple(findings))


# --- the file ---------------------------------------------------------------------------------------------------------

_LARGEST_FILE = 64 * 1024 * 1024  # bytes
_LONGEST_CELL = 10_000  # characters
_SPREADSHEET = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods; .xls
_SEPARATED = {
    ";": "the columns are separated by semicolons, and read so",
    "\t": "the columns are separated by tabs, and read so",
}
_SAVE_AS = "In Excel: File, Save As, CSV UTF-8 (Comma delimited). Elsewhere: save as CSV with the encoding UTF-8."
_EXAMPLE = 'Let the first line name the columns, as "email,name", and give each person a line below.'
_ONE_EACH = "Give each person a line of their own."
_ASCII = "Ask for another address."
_MEND = "Mend the address, or take the line out."
_CLOSE = 'Quotes go in pairs around a whole cell, as "Smith, Sam". A cell cannot hold a line break.'


def _read_text(path: Path) -> str:
    data = _read_bytes(path)
    if data.startswith(_SPREADSHEET):
        raise _FaultError(1, "this is a spreadsheet, not a CSV file", f"Export it as CSV. {_SAVE_AS}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _FaultError(1, "the file is saved as UTF-16, not as UTF-8", _SAVE_AS)
    try:
        return data.decode("utf-8-sig")  # Excel puts a BOM in front of what it saves as UTF-8
    except UnicodeDecodeError as error:
        line = len((error.object[: error.start] + b".").splitlines())
        raise _FaultError(line, "the file is not saved as UTF-8: a character here cannot be read", _SAVE_AS) from None


def _read_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a FIFO would wait for ever
            raise _FaultError(1, "this is not a file with text in it", "Name a CSV file.")
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        raise _FaultError(1, "there is no such file", "Check its name in newsletter.yaml.") from None
    except OSError as error:
        raise _FaultError(1, f"the file cannot be read: {error.strerror}", "Check who may read it.") from None
    if len(data) > _LARGEST_FILE:
        raise _FaultError(1, "the file is larger than 64 MB", "Is it the right one? If so, divide it.")
    return data


@dataclass(frozen=True, slots=True)
class _Header:
    """The line that names the columns: trimmed, case-folded, blanks within as underscores."""

    line: int
    delimiter: str
    columns: tuple[str, ...]

    def row(self, line: int, text: str) -> dict[str, str]:
        """Return the cells of a line by the names of their columns; nothing for a line without any."""
        cells = _cells(line, text, self.delimiter)
        if not any(cells):
            return {}
        if len(cells) != len(self.columns):
            message = f"the line has {len(cells)} cells, but line {self.line} names {len(self.columns)} columns"
            raise _FaultError(line, message, 'A separator inside a cell needs quotes around the cell: "Smith, Sam".')
        return dict(zip(self.columns, cells, strict=True))


def _read_header(lines: Iterable[tuple[int, str]]) -> _Header:
    for line, text in lines:
        delimiter = max(",;\t", key=text.count)
        cells = _cells(line, text, delimiter)
        if any(cells):
            columns = tuple(cell.casefold().replace(" ", "_") for cell in cells)
            _check_header(line, cells, columns)
            return _Header(line, delimiter, columns)
    raise _FaultError(1, "the file is empty: no recipients", _EXAMPLE)


def _check_header(line: int, cells: list[str], columns: tuple[str, ...]) -> None:
    if "@" in "".join(cells):
        raise _FaultError(line, "the first line is already a person: it does not name the columns", _EXAMPLE)
    if _CONTROL.search("".join(cells)):
        raise _FaultError(line, "a control character in the names of the columns", "Type the line anew.", BAD_TEXT)
    twice = [column for column, count in Counter(columns).items() if column and count > 1]
    if twice:
        raise _FaultError(line, f'two columns are called "{twice[0][:40]}"', "Rename or remove one of them.")
    if "email" not in columns:
        near = [cell for cell in cells if "mail" in cell.casefold()] or get_close_matches("email", cells, n=1)
        hint = f'Did you mean "{near[0][:40]}"? Rename it to "email".' if near else _EXAMPLE
        raise _FaultError(line, 'no column is called "email"', hint)


def _cells(line: int, text: str, delimiter: str) -> list[str]:
    if "\0" in text:
        raise _FaultError(line, "a NUL byte: this is not a text file", _SAVE_AS)
    try:
        row = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error:
        if len(text) <= csv.field_size_limit():
            raise _FaultError(line, f"a quote opened at line {line} is not closed there", _CLOSE) from None
        row = [text]
    if len(text) > _LONGEST_CELL and len(max(row, key=len)) > _LONGEST_CELL:
        raise _FaultError(line, "a cell is longer than 10,000 characters", "Is this the right file?")
    return [cell.strip(" \t\r\n") for cell in row]


# --- a row ------------------------------------------------------------------------------------------------------------

# The controls of ASCII and of Unicode, and those that turn the direction of text round.
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_NAME = 100  # characters
_TITLE = re.compile(
    "(?i:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|rev|revd|reverend|cllr|councillor|hon"
    "|pc|ps|ds|dc|dci|dcs|sgt|sergeant|insp|inspector|supt)|DI"  # Di is a name
)


def _words(line: int, row: dict[str, str], column: str) -> str:
    """Return a cell fit to be shown and to stand in a mail header, each run of blanks as one; empty if none."""
    text = row.get(column, "")
    if _CONTROL.search(text):
        raise _FaultError(line, f'a control character in the column "{column}"', "Type the text anew.", BAD_TEXT)
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(words) > _LONGEST_NAME:
        raise _FaultError(line, f'more than {_LONGEST_NAME} characters in the column "{column}"', "Shorten it.")
    try:
        return header_text(words) if words else ""  # here, so that no name stops a send that has begun
    except HeaderError as error:
        message = f'the column "{column}": {str(error)[0].lower()}{str(error)[1:]}'
        raise _FaultError(line, message, "Type the text anew.", BAD_TEXT) from None
