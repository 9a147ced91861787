"""Lists of people in files: long and hostile ones, which take no more memory and no more words than others."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of
from listfiles import ASH, FILE, HEAD, NOT_UTF8, addresses, errors_in, findings, many, read

from newsletter.audience import Person, Roll
from newsletter.errors import ConfigError, ContentError
from newsletter.findings import BAD_ADDRESS, BAD_LIST, Finding
from newsletter.listfile import read_list

if TYPE_CHECKING:
    from pathlib import Path


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
