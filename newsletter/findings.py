"""What is wrong, where, and what to do: the values that reading and checking produce."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    """One fault: *message* says what is wrong in a line, *hint* what to do, in one or more lines."""

    place: Place
    severity: Severity
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.place}: {self.severity} {self.code}: {self.message}"
        return "\n".join([head, *(f"  {line}" for line in self.hint.splitlines())])


# Codes are fixed once given. N0xx: the file could not be read as an issue, a list or a configuration.
# N1xx and N2xx belong to newsletter/checks/, one file each.
NOT_YAML = "N001"  # the text is not YAML, not UTF-8, too large, or empty
YAML_FEATURE = "N002"  # anchors, aliases, merge keys, tags, repeated keys, several documents, too deep
COMMENT_IN_TEXT = "N003"  # text after " #" was taken for a comment
UNKNOWN_KEY = "N004"
MISSING_KEY = "N005"
WRONG_KIND = "N006"  # a list where text should be, and the like
UNREADABLE_DATE = "N007"
TWO_WAY_DATE = "N008"
UNSAFE_LINK = "N009"  # not https, http, mailto or tel
BAD_IMAGE = "N010"
BAD_TEXT = "N011"  # control characters, or text that cannot stand in a mail header
BAD_LIST = "N012"  # a list file cannot be read
BAD_ADDRESS = "N013"
DUPLICATE_ADDRESS = "N014"
