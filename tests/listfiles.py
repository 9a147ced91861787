"""List files that a test writes and reads: who is on them, or what they are refused for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import ContentError
from newsletter.findings import Finding, Severity
from newsletter.listfile import read_list

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.audience import Audience

FILE = "lists/practitioners.csv"
HEAD = "email,name\n"
ASH = "ash@example.org,Ash Green\n"


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


def addresses(audience: Audience) -> list[str]:
    """Return the addresses to be mailed."""
    return [person.address for person in audience.people]


def many(count: int) -> str:
    """Return *count* good lines."""
    return "".join(f"person{number}@example.org,Person {number}\n" for number in range(count))


NOT_UTF8 = "the file is not saved as UTF-8: a character here cannot be read"
