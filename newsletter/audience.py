"""The people of one list as every part of the program knows them, wherever the list is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import finalize

from newsletter.errors import ConfigError
from newsletter.findings import BAD_LIST, BAD_TEXT
from newsletter.mime import HeaderError, header_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsletter.findings import Finding

# The controls of ASCII and of Unicode, and those that turn the direction of text round.
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_NAME = 100  # characters
_TITLE = re.compile(
    "(?i:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|rev|revd|reverend|cllr|councillor|hon"
    "|pc|ps|ds|dc|dci|dcs|sgt|sergeant|insp|inspector|supt)|DI"  # Di is a name
)
_FIGURES = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{4}", re.ASCII)
_COLUMNS = "address, name, first_name, source, line, consented"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list. *address* has its local part as written and its domain as a lower-case A-label (RFC 5890).

    *source* says how they came to be on it, *line* where in the list they stand, *consented* on which day they agreed,
    where that is known.
    """

    address: str = field(repr=False)
    name: str = field(repr=False)
    first_name: str = field(repr=False)
    source: str
    line: int
    consented: date | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of the list *name* in its order, how many are *skipped* for which reason, and the findings to show."""

    name: str
    people: Collection[Person] = field(repr=False)
    skipped: Mapping[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of people who were to be added: *new*, already *known* and left as they were, or *opted_out*."""

    new: int = 0
    known: int = 0
    opted_out: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """All that is said of somebody on a list that is kept here; *added* is UTC."""

    list_name: str
    address: str = field(repr=False)
    name: str = field(repr=False)
    first_name: str = field(repr=False)
    source: str
    consent_day: date
    added: datetime


@dataclass(frozen=True, slots=True)
class OptOut:
    """That somebody is not to be written to by a list, or by any: *list_name* is empty then. *recorded* is UTC."""

    list_name: str
    reason: str
    source: str
    recorded: datetime


class Roll(Collection[Person]):
    """People in a temporary file, each of them once: a million take no more memory than a thousand.

    The file has no name, is nobody else's, and is gone with this value; a small roll never leaves memory.
    """

    def __init__(self) -> None:
        import sqlite3  # noqa: PLC0415

        self._full = sqlite3.OperationalError
        # An empty name asks for a temporary file (https://sqlite.org/inmemorydb.html#temp_db). Nothing is ever
        # committed, and its cache is half a MB whatever the system's default is.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        finalize(self, self._db.close)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA cache_size = -500")
        self._db.execute(
            "CREATE TABLE roll(line INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
            " address TEXT, name TEXT, first_name TEXT, source TEXT, consented INTEGER)"
        )
        self._db.execute("BEGIN")
        self._count = 0

    def add(self, key: str, person: Person) -> int:
        """Add *person*, in the place of their line, unless somebody with *key* is there. Return the line of that one.

        Raises ConfigError when there is no room for the temporary file.
        """
        day = person.consented.toordinal() if person.consented else None
        values = (key, person.address, person.name, person.first_name, person.source, person.line, day)
        try:
            done = self._db.execute(
                f"INSERT INTO roll(key, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO NOTHING",  # noqa: S608
                values,
            )
        except self._full as error:
            hint = "Make room where temporary files are kept, or set TMPDIR to a folder with room."
            raise ConfigError("the list has no room in the folder for temporary files", hint) from error
        self._count += done.rowcount
        if done.rowcount:
            return person.line
        (line,) = self._db.execute("SELECT line FROM roll WHERE key = ?", (key,)).fetchone()
        return int(line)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Person]:
        for address, name, first, source, line, day in self._db.execute(f"SELECT {_COLUMNS} FROM roll ORDER BY line"):  # noqa: S608
            yield Person(address, name, first, source, line, date.fromordinal(day) if day else None)

    def __contains__(self, person: object) -> bool:
        return any(person == one for one in self)


class UnfitError(ValueError):
    """Words about a person that cannot be kept: what is wrong, what to do, and the code for it."""

    def __init__(self, message: str, hint: str, code: str = BAD_TEXT) -> None:
        super().__init__(message, hint, code)
        self.message, self.hint = message, hint


def fit_words(text: str, where: str) -> str:
    """Return *text* fit to be shown and to stand in a mail header, each run of blanks as one.

    *where* says in messages what is at fault, as 'the column "name"'. Raises UnfitError.
    """
    if not text:
        return ""
    if _CONTROL.search(text):
        raise UnfitError(f"a control character in {where}", "Type the text anew.")
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(words) > _LONGEST_NAME:
        raise UnfitError(f"more than {_LONGEST_NAME} characters in {where}", "Shorten it.", BAD_LIST)
    try:
        return header_text(words) if words else ""  # here, so that no name stops a send that has begun
    except HeaderError as error:
        message = f"{where}: {str(error)[0].lower()}{str(error)[1:]}"
        raise UnfitError(message, "Type the text anew.") from None


@lru_cache(maxsize=1_000)  # people come in groups
def clear_day(text: str) -> date | None:
    """Return the day that *text* says, whatever its time; None where it says none, or could say two: 03/02/2026."""
    from newsletter.dates import DateError, read_span  # noqa: PLC0415  few lists need it
    from newsletter.textdates import readings  # noqa: PLC0415

    with suppress(ValueError):  # as forms write it: 2025-09-14T10:32:07Z
        return datetime.fromisoformat(text).date()
    if _FIGURES.fullmatch(text):
        days = readings(text)
        return days[0] if len(days) == 1 else None
    with suppress(DateError):
        span = read_span(text)
        return span.first if span.is_sure and not span.is_range else None
    return None


def has_control(text: str) -> bool:
    """Say whether *text* holds what no line of a list may: a control, or what turns the direction of writing."""
    return bool(_CONTROL.search(text))


def first_name(name: str) -> str:
    """Return the word of *name* to greet somebody by: the first, unless it is a title or *name* is as "Smith, Sam"."""
    word, _, _ = name.partition(" ")
    return "" if "," in name or _TITLE.fullmatch(word.rstrip(".")) else word
