"""List files: who is on a list that is kept in a CSV file, each of them once.

    file -> lines -> rows -> Audience

A list file is CSV in UTF-8 whose first line names the columns: `email`, and where wanted `name`, `first_name`,
`source`, `consented` or `date` (the day on which they agreed) and others. It is read line by line, not as one stream: a
cell may not hold a line break, so that a quote which somebody forgot to close can never swallow the people after it,
and every fault is told with the line that it stands in. No more of it is held than a line, so that a list may be long.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import stat
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TextIO

from newsletter.addresses import NEEDS_SMTPUTF8, canonical, doubts, read_address
from newsletter.audience import Audience, Person, Roll, UnfitError, clear_day, first_name, fit_words, has_control
from newsletter.errors import ContentError
from newsletter.findings import BAD_ADDRESS, BAD_LIST, BAD_TEXT, DUPLICATE_ADDRESS, Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

LISTED_TWICE = "listed twice"


def read_list(path: Path, file: str, *, name: str, source: str = "") -> Audience:
    """Read the list *name* from *path*; messages call it *file*. *source* is whence consent came where no cell says so.

    Raises ContentError, with all findings at once, when the file is not a list, when a line is broken, when nobody is
    left to mail, or when more than 2 % of the lines have no usable address: up to that, they are skipped and warned of.
    Of many findings of a kind the first 20 are told, and how many more there are.
    """
    reading = _Reading(file, source)
    try:
        with _open(path) as text:
            reading.take_all(_lines(text), most=os.fstat(text.fileno()).st_size // _SHORTEST_LINE)
    except _FaultError as fault:
        reading.report(Severity.ERROR, *fault.args)
    return reading.audience(name)


def read_rows(path: Path, file: str) -> Iterator[tuple[int, str, dict[str, str] | None]]:
    """Yield every line of a list file: its number, its text with its end, and its cells by column; errors name *file*.

    All texts in a row, in UTF-8, are the file but for its byte order mark. The cells are {} down to the names of the
    columns, and None where a quote is not closed or cells are missing. Raises ContentError when it is no list.
    """
    above: list[tuple[int, str]] = []

    def noted() -> Iterator[tuple[int, str]]:
        for line, written in lines:
            above.append((line, written))
            yield line, written

    try:
        with _open(path) as text:
            lines = _lines(text)
            header = _read_header(noted())
            yield from ((line, written, {}) for line, written in above)
            for line, written in lines:
                yield line, written, _named_cells(header, line, written)
    except _FaultError as fault:
        line, message, hint, code = fault.args
        finding = Finding(Place(file, line), Severity.ERROR, code, message, hint)
        raise ContentError(f"{file} cannot be read", [finding]) from None


def _named_cells(header: _Header, line: int, text: str) -> dict[str, str] | None:
    """Return the cells of a line; a column without a name is called by its number."""
    try:
        cells = _cells(line, text, header.delimiter)
    except _FaultError:
        return None
    names = (name or f"column {number}" for number, name in enumerate(header.columns, start=1))
    if not any(cells):
        return {}
    return dict(zip(names, cells, strict=True)) if len(cells) == len(header.columns) else None


class _FaultError(Exception):
    """What stops a file or a line from being read, where, and what to do."""

    def __init__(self, line: int, message: str, hint: str = "", code: str = BAD_LIST) -> None:
        super().__init__(line, message, hint, code)


class _Findings:
    """The findings of one kind: the first 20, and how many there are."""

    def __init__(self) -> None:
        self.count = 0
        self._told: list[Finding] = []

    def add(self, finding: Finding) -> None:
        self.count += 1
        if self.count <= _TOLD + 1:
            self._told.append(finding)

    def __iter__(self) -> Iterator[Finding]:
        yield from self._told[:_TOLD]
        for first in self._told[_TOLD:]:
            yield replace(first, message=f"and {self.count - _TOLD:,} more like it", hint="")


class _Reading:
    """The people, the skipped and the findings of one file while they gather."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source = file, source
        self.people = Roll()
        self.skipped: Counter[str] = Counter()
        self.findings: defaultdict[tuple[Severity, str], _Findings] = defaultdict(_Findings)
        self.invalid = _Findings()
        self.rows = self.errors = self.read_to = 0

    def report(self, severity: Severity, line: int, message: str, hint: str = "", code: str = BAD_LIST) -> None:
        self.errors += severity is Severity.ERROR
        self.findings[severity, code].add(Finding(Place(self.file, line), severity, code, message, hint))

    def take_all(self, lines: Iterator[tuple[int, str]], *, most: int) -> None:
        """Read all lines, of which there are *most* at most; no more once enough is wrong with what will be refused."""
        header = _read_header(lines)
        if header.delimiter != ",":
            self.report(Severity.NOTE, header.line, _SEPARATED[header.delimiter])
        for line, written in lines:
            self.take(line, written, header)
            invalid = self.invalid.count if _too_many(self.invalid.count, most) else 0
            if self.errors + invalid >= _ENOUGH:
                self.read_to = line
                return

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
        day = self.consented(line, row)
        self.take_person(Person(address, name, given or first_name(name), source or self.source, line, day))

    def consented(self, line: int, row: dict[str, str]) -> date | None:
        """Return the day on which somebody agreed, None where no cell says so. One that cannot be read is warned of."""
        column = "consented" if "consented" in row else "date"
        if (written := row.get(column, "")) and clear_day(written) is None:
            message = f'the column "{column}" does not hold one clear day: it is passed over'
            self.report(Severity.WARNING, line, message, "Write it as in 14 September 2025, or 2025-09-14.")
        return clear_day(written)

    def refuse(self, line: int, reason: str) -> None:
        """Skip a line without a usable address. One that only needs SMTPUTF8 is no mistake, nor counted as one."""
        self.skipped[reason] += 1
        if reason == NEEDS_SMTPUTF8:
            self.report(Severity.WARNING, line, reason, _ASCII, BAD_ADDRESS)
        else:
            self.invalid.add(Finding(Place(self.file, line), Severity.WARNING, BAD_ADDRESS, reason, _MEND))

    def take_person(self, person: Person) -> None:
        """Take *person* in if their address is met for the first time; warn when it is not, or looks odd."""
        first, line = self.people.add(canonical(person.address), person), person.line
        if first != line:
            self.skipped[LISTED_TWICE] += 1
            message = f"line {first} has the same address as line {line}: it is mailed once"
            self.report(Severity.WARNING, line, message, "Take one of the two lines out.", DUPLICATE_ADDRESS)
            return
        for message, hint in doubts(person.address):
            self.report(Severity.WARNING, line, message, hint, BAD_ADDRESS)

    def audience(self, name: str) -> Audience:
        """Return what was read. Raises ContentError where any of it is an error."""
        refused = _too_many(self.invalid.count, self.rows)
        errors = self.errors + (self.invalid.count if refused else 0)
        if not errors and not self.people:
            self.report(Severity.ERROR, 1, "no recipients", _EXAMPLE)
            errors = 1
        invalid = (replace(found, severity=Severity.ERROR) if refused else found for found in self.invalid)
        findings = [*(finding for found in self.findings.values() for finding in found), *invalid]
        findings.sort(key=lambda finding: finding.place)
        if errors:
            told = f"{self.file} cannot be used: {errors:,} {'error' if errors == 1 else 'errors'}"
            end = f" down to line {self.read_to:,}, where reading ended" if self.read_to else ""
            raise ContentError(told + end, findings)
        return Audience(name, self.people, dict(self.skipped), tuple(findings))


def _too_many(invalid: int, rows: int) -> bool:
    """Say whether so many *rows* have no usable address that it is hardly the file that was meant: more than 2 %."""
    return invalid * 50 > rows


# --- the file ---------------------------------------------------------------------------------------------------------

_LARGEST_FILE = 64 * 1024 * 1024  # bytes
_LONGEST_CELL = 10_000  # characters
_LONGEST_LINE = 1_000_000  # characters
_SHORTEST_LINE = 5  # bytes of a line with somebody on it, and its end: a@b.c
_ENOUGH = 1_000  # errors, after which nobody is helped by more
_TOLD = 20  # findings of a kind: a person reads no more, and a file of nothing else fills no memory
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


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    """Open a list file for one `with`. Raises _FaultError, also for what goes wrong within."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # to open a FIFO would wait for ever
            raise _FaultError(1, "this is not a file with text in it", "Name a CSV file.")
        if found.st_size > _LARGEST_FILE:
            raise _FaultError(1, "the file is larger than 64 MB", "Is it the right one? If so, divide it.")
        with path.open("rb") as stream:
            _refuse_spreadsheet(stream.read(4))
            stream.seek(0)
            # Excel puts a BOM in front of what it saves as UTF-8. What is not UTF-8 becomes halves of characters, so
            # that it is met in its own line and not where the stream was read ahead.
            with io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="") as text:
                yield text
    except FileNotFoundError:
        raise _FaultError(1, "there is no such file", "Check its name, and the folder it is in.") from None
    except OSError as error:
        raise _FaultError(1, f"the file cannot be read: {error.strerror}", "Check who may read it.") from None


def _refuse_spreadsheet(begin: bytes) -> None:
    if begin.startswith(_SPREADSHEET):
        raise _FaultError(1, "this is a spreadsheet, not a CSV file", f"Export it as CSV. {_SAVE_AS}")
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _FaultError(1, "the file is saved as UTF-16, not as UTF-8", _SAVE_AS)


def _lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers. Raises _FaultError at the first that is no text, or too long."""
    for number, line in enumerate(iter(lambda: text.readline(_LONGEST_LINE + 1), ""), start=1):
        if len(line) > _LONGEST_LINE:
            raise _FaultError(number, "the line is longer than 1,000,000 characters", "Is this the right file?")
        try:
            line.encode()
        except UnicodeEncodeError:
            message = "the file is not saved as UTF-8: a character here cannot be read"
            raise _FaultError(number, message, _SAVE_AS) from None
        yield number, line


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
    if has_control("".join(cells)):
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


def _words(line: int, row: dict[str, str], column: str) -> str:
    """Return a cell fit to be shown and to stand in a mail header; empty if none."""
    try:
        return fit_words(row.get(column, ""), f'the column "{column}"')
    except UnfitError as error:
        raise _FaultError(line, *error.args) from None
