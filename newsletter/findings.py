"""What is wrong, where, and what to do: the values that reading and checking produce."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from unicodedata import category, east_asian_width

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode's names for controls, invisible signs and odd line ends
_MARKS = {"Mn", "Me"}

Trail = tuple[str | int, ...]  # the keys and positions that lead to a value in a file: ("sections", 0, "title")


class Severity(StrEnum):
    """How much a finding weighs: an error stops a send, a warning stops ``--strict``, a note stops nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file of the workspace. *file* has forward slashes on every system; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: *message* says what is wrong in a line, *hint* what to do, in one or more lines.

    *words* are the very words meant, by which an author excuses them; they are never printed. *excerpt* is the line of
    the file, for a person to see the fault in it.
    """

    place: Place
    severity: Severity
    code: str
    message: str
    hint: str = ""
    words: str = field(default="", repr=False)
    excerpt: str = ""

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, width: int = 72) -> list[str]:
        """Return what a person is shown, with an excerpt of at most *width* columns."""
        head = f"{self.place}: {self.severity} {self.code}: {self.message}"
        return [head, *self.pointed(width), *(f"  {line}" for line in self.hint.splitlines())]

    def pointed(self, width: int = 72) -> list[str]:
        """Return the excerpt, cut to *width* columns, and below it the caret that points at the fault's column."""
        line, at = self.excerpt, self.place.column - 1
        if not line.strip() or at > len(line):
            return []
        begin = min(len(line) - len(line.lstrip()), at)
        near = max(begin, at - width)  # lines may be very long, and have many faults
        before, after = _drawable(line[near:at]), _drawable(line[at : at + width + 1]).rstrip()
        if near > begin or _columns(before) > width - 12:  # too far to the right: the fault goes into the middle
            before = "..." + _fitting(before[::-1], width // 2)[::-1]
        room = width - _columns(before)
        after = after if _columns(after) <= room else _fitting(after, room - 3) + "..."
        return [f"    {before}{after}", f"    {' ' * _columns(before)}^"]


def _drawable(line: str) -> str:
    """Return *line* with a sign one column wide for each that has no width of its own, or that turns the writing."""
    return "".join(" " if sign == "\t" else "?" if category(sign) in _UNSEEN else sign for sign in line)


def _columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes up: East Asian letters and emoji two, accents none."""
    return sum(0 if category(sign) in _MARKS else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _fitting(text: str, width: int) -> str:
    """Return as much of the beginning of *text* as goes into *width* columns."""
    taken = accumulate(map(_columns, text))
    return text[: sum(column <= width for column in taken)]


# Codes are fixed once given. N0xx: the file could not be read as an issue, a list or a configuration.
# N1xx and N2xx belong to newsletter/checks/, one file each.
NOT_YAML = "N001"
YAML_FEATURE = "N002"
COMMENT_IN_TEXT = "N003"
UNKNOWN_KEY = "N004"
MISSING_KEY = "N005"
WRONG_KIND = "N006"
UNREADABLE_DATE = "N007"
TWO_WAY_DATE = "N008"
UNSAFE_LINK = "N009"
BAD_IMAGE = "N010"
BAD_TEXT = "N011"
BAD_LIST = "N012"
BAD_ADDRESS = "N013"
DUPLICATE_ADDRESS = "N014"
SECRET = "N015"  # noqa: S105  it holds none
IDLE_IGNORE = "N016"

CODES = {  # what each code of reading means, for `newsletter check --explain`
    NOT_YAML: """The text is not YAML, not UTF-8, too large, or empty.

An issue is a plain text file of keys and values. The hint shows the line as YAML would read it.""",
    YAML_FEATURE: """The file uses something of YAML that is not read here.

Anchors, aliases, merge keys, tags, several documents and repeated keys are easy to write by accident and hard to see;
some can grow a small file into a huge one. Write the values out, each key once.""",
    COMMENT_IN_TEXT: """Text after " #" was taken for a comment.

YAML reads " #" as the beginning of a comment, so what follows would be lost. Put quotes around the text.""",
    UNKNOWN_KEY: """A key that nothing reads.

It is often a slip of the pen: the hint names the nearest key there is.""",
    MISSING_KEY: """Something that must be there is missing.

The hint says which key to add.""",
    WRONG_KIND: """A value of another kind than expected, such as a list where text should be.

The hint shows the form to write.""",
    UNREADABLE_DATE: """A date or time that cannot be read.

Dates are written as people write them, always with the year: Tuesday 3 February 2026, 9am to 3.30pm.""",
    TWO_WAY_DATE: """A date or time that can be read in two ways.

03/02/2026 is February to some readers and March to others; "at 5" may be morning or evening. The hint shows both.""",
    UNSAFE_LINK: """A link that cannot stand in an email.

Links begin with https://, http://, mailto: or tel:, and say plainly where they lead.""",
    BAD_IMAGE: """A picture that cannot be used.

Pictures are PNG, JPEG or GIF files of up to 1 MB inside the newsletter's folder.""",
    BAD_TEXT: """Text with characters that cannot be sent.

Control characters and the like are invisible, often come in by pasting, and can break a mail's headers.""",
    BAD_LIST: """A list of people that cannot be read.

A list is a CSV file with a column "email".""",
    BAD_ADDRESS: """Something that is not a mail address.

The message names the line, never the address.""",
    DUPLICATE_ADDRESS: """An address that stands in a list twice.

Each person gets one copy.""",
    SECRET: """A password or key in newsletter.yaml.

The file is shared, in git. Secrets belong in the environment or in .newsletter/secrets.env.""",
    IDLE_IGNORE: """A check is switched off for nothing.

The code does not exist, finds nothing here any more, or stops a send and so cannot be switched off as a whole. An
excuse that is not needed would hide the next fault.""",
}
