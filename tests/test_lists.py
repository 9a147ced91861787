"""``newsletter lists import``, ``export``, ``add`` and ``remove`` as a person meets them."""

from __future__ import annotations

import csv
import io
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import listdesk
import pytest
from listdesk import FORM, PEOPLE, addresses, posix, shown

if TYPE_CHECKING:
    from pathlib import Path

    from listdesk import Run

two_lists, run = listdesk.two_lists, listdesk.run

FILE_LIST = 'Not changed: the list "practitioners" is kept in lists/practitioners.csv.\n'


def today() -> str:
    """Return the day in UTC, as files write it."""
    return datetime.now(UTC).date().isoformat()


def rows(text: str) -> list[list[str]]:
    """Return the cells of an export."""
    return list(csv.reader(io.StringIO(text)))


# --- import -----------------------------------------------------------------------------------------------------------


def test_import(run: Run) -> None:
    """Who is new is added, with the source of their line or else --source; the summary says what became of whom."""
    done = run("lists", "import", "schools", "people.csv", *FORM)
    told = "Imported for Schools from people.csv.\n  New            2\n"
    assert (0, told, "Next: see the list\n  newsletter lists show schools\n") == (
        done.returncode, done.stdout, done.stderr,
    )  # fmt: skip
    expected = [
        {"address": "ash@example.org", "name": "Ash Green", "source": "Web form", "consented": today()},
        {"address": "Bo@example.org", "name": "Bo Reed", "source": "Conference", "consented": today()},
    ]
    assert expected == shown(run)["people"]


def test_import_again(run: Run, two_lists: Path) -> None:
    """An import never removes, changes or revives anybody, in whatever case the address is written (D24, D10)."""
    run("lists", "import", "schools", "people.csv", *FORM)
    run("unsubscribe", "ash@example.org", "--list", "schools")
    again = "email,name\nASH@Example.org,Ash\nbo@EXAMPLE.org,Robert\nbo@example.org,Bo\ncy@example.org,Cy\n"
    (two_lists / "again.csv").write_text(again, "utf-8")
    done = run("lists", "import", "schools", "again.csv", "--source", "Another form")
    expected = (
        "Imported for Schools from again.csv.\n"
        "  New            1\n"
        "  Already there  1, left as they are\n"
        "  Opted out      1, and they stay out\n"
        "  Skipped        1: 1 listed twice\n"
    )
    assert (0, expected) == (done.returncode, done.stdout)
    assert "again.csv:4:1: warning N014: line 3 has the same address as line 4: it is mailed once" in done.stderr
    found = shown(run)
    assert [("Bo@example.org", "Bo Reed"), ("cy@example.org", "Cy")] == [
        (person["address"], person["name"]) for person in found["people"]
    ]
    assert {"unsubscribed": 1} == found["skipped"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("e-mail\nash@example.org\n", "broken.csv:1:1: error N012"),
        ("email\n" + PEOPLE.replace("email", "x@example.org"), "cells, but line 1 names"),
        ("email\nash@example.org;bo@example.org\n", 'more than one "@" in the email cell'),
        ("email\n", "no recipients"),
    ],
)
def test_a_broken_file_imports_nobody(run: Run, two_lists: Path, content: str, told: str) -> None:
    """Every check of a list file holds for an import, and any error keeps all of it out (D1 to D16)."""
    (two_lists / "broken.csv").write_text(content, "utf-8")
    done = run("lists", "import", "schools", "broken.csv", *FORM)
    assert (1, "") == (done.returncode, done.stdout)
    assert told in done.stderr
    assert not (two_lists / ".newsletter/people.db").exists()


def test_import_of_no_file(run: Run) -> None:
    """A file that is not there is told by its name."""
    done = run("lists", "import", "schools", "none.csv", *FORM)
    assert (1, "none.csv:1:1: error N012: there is no such file") == (done.returncode, done.stderr.splitlines()[0])


@pytest.mark.parametrize("command", [("import", "schools", "people.csv"), ("add", "schools", "ash@example.org")])
def test_a_source_is_required(run: Run, two_lists: Path, command: tuple[str, ...]) -> None:
    """Nobody is put on a list without a word on how they came to agree; without --source, the line to type is told."""
    done = run("lists", *command)
    line = " ".join(command).replace("ash@example.org", "ADDRESS")
    told = (
        "error: --source is missing, and nobody is put on a list without it\n"
        '  Say how they came to agree, as in "Sign-up form, autumn 2025":\n'
        f'  newsletter lists {line} --source "HOW THEY CAME TO AGREE"\n'
    )
    assert (2, "", told) == done
    for source in (("--source", "  "), ("--source", "a\x1b[31m"), ("--source", "x" * 101)):
        done = run("lists", *command, *source)
        assert (2, "") == (done.returncode, done.stdout)
    assert not (two_lists / ".newsletter/people.db").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("import", "practitioners", "people.csv", *FORM),
        ("add", "practitioners", "ash@example.org", *FORM),
        ("remove", "practitioners", "ben@example.org"),
    ],
)
def test_a_list_in_a_file_is_changed_there(run: Run, two_lists: Path, command: tuple[str, ...]) -> None:
    """What would change a list in a file refuses, names the file and leaves it."""
    before = (two_lists / "lists/practitioners.csv").read_bytes()
    done = run("lists", *command)
    hint = "  Change lists/practitioners.csv itself: it is read at each send.\n"
    assert (6, FILE_LIST + hint) == (done.returncode, done.stderr)
    assert before == (two_lists / "lists/practitioners.csv").read_bytes()


# --- export -----------------------------------------------------------------------------------------------------------


def test_export_is_safe_for_spreadsheets(run: Run) -> None:
    """Each cell is quoted, and one that a spreadsheet would run gets an apostrophe in front (D17)."""
    for address, name in [("=cmd|x@example.org", "=1+1"), ("+a@example.org", "-Al"), ("b@example.org", "@sum")]:
        run("lists", "add", "schools", address, "--name", name, *FORM)
    done = run("lists", "export", "schools", in_full=True)
    expected = [
        ["email", "name", "first_name", "source", "consented"],
        ["'=cmd|x@example.org", "'=1+1", "'=1+1", "Web form", today()],
        ["'+a@example.org", "'-Al", "'-Al", "Web form", today()],
        ["b@example.org", "'@sum", "'@sum", "Web form", today()],
    ]
    assert (expected, "3 people.\n") == (rows(done.stdout), done.stderr)
    assert all(line.startswith('"') for line in done.stdout.splitlines())


def test_export_of_a_list_in_a_file(run: Run) -> None:
    """A list in a file is exported alike, without those who have opted out, and says how many."""
    run("unsubscribe", "ben@example.org")
    done = run("lists", "export", "practitioners", in_full=True)
    assert [["amina@example.org", "Amina Khan", "Amina", "Test", ""]] == rows(done.stdout)[1:]
    assert "1 person; left out 1: 1 unsubscribed.\n" == done.stderr


def test_export_can_be_imported(run: Run, two_lists: Path) -> None:
    """What one list exports another takes in, with the source and the day of each consent."""
    people = "email,source,date\namina@example.org,Conference,14/09/2025\nben@example.org,,1 June 2024\n"
    (two_lists / "lists/practitioners.csv").write_text(people, "utf-8")
    assert run("lists", "export", "practitioners", "--output", "out.csv").returncode == 0
    run("lists", "import", "schools", "out.csv", "--source", "not used")
    assert ["2025-09-14", "2024-06-01"] == [person["consented"] for person in shown(run)["people"]]
    assert shown(run, "practitioners")["people"] == shown(run)["people"]
    assert (two_lists / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # for Excel


def test_export_writes_over_nothing(run: Run, two_lists: Path) -> None:
    """A file that is there stays as it is."""
    done = run("lists", "export", "practitioners", "--output", "people.csv")
    assert (6, "error: people.csv is there already\n") == (done.returncode, done.stderr.splitlines(keepends=True)[0])
    assert PEOPLE == (two_lists / "people.csv").read_text("utf-8")


@posix
def test_an_export_is_private(run: Run, two_lists: Path) -> None:
    """An exported file is for its owner alone."""
    run("lists", "export", "practitioners", "--output", "out.csv")
    assert 0o600 == stat.S_IMODE((two_lists / "out.csv").stat().st_mode)


# --- add, remove ------------------------------------------------------------------------------------------------------


def test_add_and_remove(run: Run) -> None:
    """One person is put on a list and taken off it; each said once more is no harm, and says so."""
    add = ("lists", "add", "schools", "ash@example.org", "--name", "Ash Green", "--source", "Telephone")
    remove = ("lists", "remove", "schools", "ASH@example.org")
    assert "Added to Schools: a...@example.org\n" == run(*add).stdout
    ash = {"address": "ash@example.org", "name": "Ash Green", "source": "Telephone", "consented": today()}
    assert [ash] == shown(run)["people"]
    assert "Already on Schools: a...@example.org\n" == run(*add).stdout
    assert "Removed from Schools: A...@example.org\n" == run(*remove).stdout
    done = run(*remove)
    assert (0, "Not on Schools: A...@example.org\n") == (done.returncode, done.stdout)


def test_add_somebody_who_has_opted_out(run: Run) -> None:
    """Somebody who has opted out is not added by hand either."""
    run("unsubscribe", "ash@example.org")
    done = run("lists", "add", "schools", "Ash@example.org", *FORM)
    assert (6, "Not added: this person has opted out of Schools.") == (
        done.returncode, done.stderr.splitlines()[0],
    )  # fmt: skip
    assert [] == addresses(run)


def test_add_warns_of_slips(run: Run) -> None:
    """An address that looks mistyped is added with a warning (D22)."""
    done = run("lists", "add", "schools", "sam@gmial.com", *FORM)
    assert "Added to Schools: s...@gmial.com\n" == done.stdout
    assert 'warning: the part after the @ looks mistyped\n  Did you mean "gmail.com"?\n' == done.stderr


@pytest.mark.parametrize("address", ["a@b", "mailto:ash@example.org", "Ash <ash@example.org>", "\u00fcser@example.org"])
@pytest.mark.parametrize(
    "command", [("lists", "add", "schools", "", *FORM), ("lists", "remove", "schools", ""), ("unsubscribe", "")]
)
def test_what_is_no_address(run: Run, two_lists: Path, command: tuple[str, ...], address: str) -> None:
    """What cannot be sent to is refused, with the reason and without the address (D12, D16)."""
    done = run(*(word or address for word in command))
    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("error: the address cannot be used: ")
    assert not (two_lists / ".newsletter/people.db").exists()
