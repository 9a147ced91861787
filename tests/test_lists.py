"""``newsletter lists`` and ``newsletter unsubscribe`` as a person meets them; no address is shown unasked."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest
from sends import talk

from newsletter.cli import cli
from newsletter.datewords import format_date
from newsletter.people import open_people
from newsletter.tokens import unsubscribe_token, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Done"]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and terminals")
PROGRAM = [sys.executable, "-m", "newsletter"]
PEOPLE = "email,name,source\nash@example.org,Ash Green,\nBo@example.org,Bo Reed,Conference\n"
FORM = ("--source", "Web form")
FILE_LIST = 'Not changed: the list "practitioners" is kept in lists/practitioners.csv.\n'


@pytest.fixture
def two_lists(workspace: Path) -> Path:
    """A workspace with a list in a file, one kept here, and a file to import."""
    config = workspace / "newsletter.yaml"
    config.write_text(config.read_text("utf-8") + "  schools: {title: Schools}\n", "utf-8")
    (workspace / "people.csv").write_text(PEOPLE, "utf-8")
    return workspace


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(two_lists: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that gives a command in the workspace; unless *in_full*, its output may hold no address."""
    monkeypatch.chdir(two_lists)
    for module, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))  # the program sets its own

    def give(*words: str, in_full: bool = False) -> Done:
        try:
            code = cli.main(list(words), prog_name="newsletter", standalone_mode=False) or 0
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        done = Done(code, *capsys.readouterr())
        for output in done[1:]:
            assert in_full or "@example" not in output.replace("...@example", "").replace("name@example", "")
        return done

    return give


def shown(run: Run, name: str = "schools") -> dict[str, Any]:
    """Return what ``lists show NAME`` tells a script."""
    done = run("lists", "show", name, "--json", "--show-addresses", in_full=True)
    return dict(json.loads(done.stdout)) if done.stdout else {"people": []}


def today() -> str:
    """Return the day in UTC, as files write it."""
    return datetime.now(UTC).date().isoformat()


def addresses(run: Run, name: str = "schools") -> list[str]:
    """Return who is on a list, and to be written to."""
    return [person["address"] for person in shown(run, name)["people"]]


def rows(text: str) -> list[list[str]]:
    """Return the cells of an export."""
    return list(csv.reader(io.StringIO(text)))


def token(workspace: Path, address: str = "ash@example.org", list_name: str = "schools") -> str:
    """Return the token that stands in the mail to *address*."""
    return unsubscribe_token(workspace_key(workspace / ".newsletter"), list_name=list_name, address=address)


# --- show -------------------------------------------------------------------------------------------------------------


def test_show_all(run: Run) -> None:
    """Without a name each list is a line with its counts and where it is kept."""
    run("lists", "import", "schools", "people.csv", *FORM)
    run("unsubscribe", "ben@example.org")
    expected = (
        "List              People  Skipped  Kept in\n"
        "practitioners          1        1  lists/practitioners.csv\n"
        "schools                2        0  .newsletter/people.db\n"
    )
    done = run("lists", "show")
    assert (0, expected, "") == (done.returncode, done.stdout, done.stderr)


def test_show_all_for_a_script(run: Run) -> None:
    """A script gets the same as JSON."""
    expected = [
        {
            "name": "practitioners", "title": "Practitioners", "kept_in": "lists/practitioners.csv", "count": 2,
            "skipped": {},
        },
        {"name": "schools", "title": "Schools", "kept_in": ".newsletter/people.db", "count": 0, "skipped": {}},
    ]  # fmt: skip
    assert {"lists": expected} == json.loads(run("lists", "show", "--json").stdout)


def test_a_broken_list_hides_no_other(run: Run, two_lists: Path) -> None:
    """A list that cannot be read is told, the others are shown all the same."""
    (two_lists / "lists/practitioners.csv").write_text("name\nAmina\n", "utf-8")
    done = run("lists", "show")
    assert (1, "error: lists/practitioners.csv cannot be used: 1 error") == (
        done.returncode, done.stderr.splitlines()[0],
    )  # fmt: skip
    assert [["practitioners", "-", "-"], ["schools", "0", "0"]] == [
        line.split()[:3] for line in done.stdout.splitlines()[1:]
    ]


def test_show_one_masks_addresses(run: Run) -> None:
    """Where no terminal is, people are shown by the first letter and the domain, and no name."""
    run("unsubscribe", "ben@example.org")
    done = run("lists", "show", "practitioners")
    expected = (
        "Practitioners\n"
        "  Kept in        lists/practitioners.csv\n"
        "  People         1\n"
        "  Skipped        1: 1 unsubscribed\n"
        "a...@example.org\n"
    )
    assert (expected, "The addresses are masked: --show-addresses shows them.\n") == (done.stdout, done.stderr)
    script = json.loads(run("lists", "show", "practitioners", "--json").stdout)
    assert [{"address": "a...@example.org"}] == script["people"]


def test_show_one_in_full(run: Run) -> None:
    """--show-addresses shows them all the same; a script is told source and skipped too."""
    done = run("lists", "show", "practitioners", "--show-addresses", in_full=True)
    assert "amina@example.org                         Amina Khan" == done.stdout.splitlines()[-2]
    expected = {
        "name": "practitioners", "title": "Practitioners", "kept_in": "lists/practitioners.csv", "count": 2,
        "skipped": {}, "findings": [],
        "people": [
            {"address": "amina@example.org", "name": "Amina Khan", "source": "Test", "consented": None},
            {"address": "ben@example.org", "name": "Ben Okoro", "source": "Test", "consented": None},
        ],
    }  # fmt: skip
    assert expected == shown(run, "practitioners")


@posix
def test_a_terminal_shows_addresses(run: Run, two_lists: Path) -> None:
    """On a terminal a person sees who is on the list."""
    script = f"import pty, sys; sys.exit(pty.spawn({[*PROGRAM, 'lists', 'show', 'practitioners']!r}) >> 8)"
    done = subprocess.run([sys.executable, "-c", script], cwd=two_lists, capture_output=True, text=True, check=True)
    assert "amina@example.org" in done.stdout


def test_show_an_unknown_list(run: Run) -> None:
    """A list that is not in newsletter.yaml is a slip: the nearest name is told."""
    done = run("lists", "show", "school")
    assert (2, 'error: there is no list "school"\n  Did you mean "schools"?\n') == (done.returncode, done.stderr)


def test_list_names_are_completed(two_lists: Path) -> None:
    """A shell completes the names of lists, for each command that takes one."""
    for words in ("lists show", "lists import", "lists export", "lists add", "lists remove", "unsubscribe --list"):
        asked = {"COMP_WORDS": f"newsletter {words} sch", "COMP_CWORD": str(len(words.split()) + 1)}
        done = subprocess.run(
            PROGRAM, cwd=two_lists, env={**os.environ, "_NEWSLETTER_COMPLETE": "bash_complete", **asked},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout == "plain,schools\n", words


def test_show_since_when(run: Run, two_lists: Path) -> None:
    """Where it is known, the day on which somebody agreed stands in their line, be the list in a file or kept here."""
    people = "email,name,Date\namina@example.org,Amina Khan,2025-09-14\nben@example.org,Ben Okoro,\n"
    (two_lists / "lists/practitioners.csv").write_text(people, "utf-8")
    expected = [
        "amina@example.org                         Amina Khan          14 September 2025",
        "ben@example.org                           Ben Okoro",
    ]
    for name in ("practitioners", "schools"):
        done = run("lists", "show", name, "--show-addresses", in_full=True)
        assert expected == done.stdout.splitlines()[-2:]
        run("lists", "import", "schools", "lists/practitioners.csv", *FORM)
        today_in_words = format_date(datetime.now(UTC).date())
        expected[1] = f"ben@example.org                           Ben Okoro           {today_in_words}"
    assert f"a...@example.org{' ' * 46}14 September 2025" in run("lists", "show", "schools").stdout


def test_a_list_that_is_named_no_more(run: Run, two_lists: Path) -> None:
    """Who has left a list that was renamed is told of, by `lists show` and by `status`, while it has the other name."""
    config = two_lists / "newsletter.yaml"
    before = config.read_text("utf-8")
    run("lists", "import", "schools", "people.csv", *FORM)
    run("unsubscribe", "ash@example.org", "--list", "schools")
    assert "" == run("lists", "show").stderr
    config.write_text(before.replace("schools:", "early-years:"), "utf-8")
    told = (
        'newsletter.yaml names no list "schools" (people.db: 2 on it, 1 opted out of it). If it was renamed, who opted '
        "out may be written to again: give it its old name, and change its title.\n"
    )
    done = run("lists", "show")
    assert (0, told, True) == (done.returncode, done.stderr, "early-years" in done.stdout)
    assert told == run("status").stderr
    config.write_text(before, "utf-8")
    assert "" == run("lists", "show").stderr


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


# --- unsubscribe ------------------------------------------------------------------------------------------------------

ALL = (
    "A...@example.org is unsubscribed from all lists, and no import changes that.\n"
    "Not changed: lists/practitioners.csv. An address there is left out at each send.\n"
)
NOWHERE = (
    f"{ALL.splitlines(keepends=True)[0]}"
    "A...@example.org was on no list here. If that is a slip, unsubscribe the right address as well.\n"
)


def test_unsubscribe_from_all(run: Run, two_lists: Path) -> None:
    """An address leaves all lists; twice is once (I12). One that is on none is told so, and kept out all the same."""
    run("lists", "import", "schools", "people.csv", *FORM)
    before = (two_lists / "lists/practitioners.csv").read_bytes()
    for address in ("Amina@example.org", "Ash@example.org", "Ash@example.org", "Anybody@example.org"):
        done = run("unsubscribe", address)
        assert (0, NOWHERE if "Any" in address else ALL, "") == (done.returncode, done.stdout, done.stderr)
    add = run("lists", "add", "schools", "anybody@example.org", *FORM)
    assert "Not added: this person has opted out of Schools." == add.stderr.splitlines()[0]
    assert (["ben@example.org"], ["Bo@example.org"]) == (addresses(run, "practitioners"), addresses(run))
    assert before == (two_lists / "lists/practitioners.csv").read_bytes()


def test_unsubscribe_from_one(run: Run) -> None:
    """With --list the other lists stay."""
    run("lists", "import", "schools", "people.csv", *FORM)
    run("lists", "add", "schools", "ben@example.org", *FORM)
    done = run("unsubscribe", "ben@example.org", "--list", "schools")
    assert "b...@example.org is unsubscribed from Schools, and no import changes that.\n" == done.stdout
    assert "ben@example.org" in addresses(run, "practitioners")
    assert ["ash@example.org", "Bo@example.org"] == addresses(run)
    told = run("unsubscribe", "amina@example.org", "--list", "schools").stdout
    assert "a...@example.org was not on it. If that is a slip, unsubscribe the right address as well." in told


def test_unsubscribe_where_a_file_cannot_be_read(run: Run, two_lists: Path) -> None:
    """Nobody is said to be on no list while a list cannot be read; the opt-out is recorded all the same."""
    (two_lists / "lists/practitioners.csv").write_text("e-mail\nben@example.org\n", "utf-8")
    done = run("unsubscribe", "anybody@example.org")
    assert (0, ALL.replace("A...", "a...")) == (done.returncode, done.stdout)


def test_unsubscribe_where_a_provider_keeps_a_list(run: Run, two_lists: Path) -> None:
    """Who is on a list that a provider keeps is not known here, so nobody is said to be on none."""
    config = two_lists / "newsletter.yaml"
    config.write_text(f"{config.read_text('utf-8')}  partners: {{provider: mailchimp, audience: a1b2}}\n", "utf-8")
    for words in ((), ("--list", "partners")):
        assert "slip" not in run("unsubscribe", "anybody@example.org", *words).stdout
    assert "slip" in run("unsubscribe", "anybody@example.org", "--list", "schools").stdout


@posix
def test_unsubscribe_on_a_terminal(two_lists: Path) -> None:
    """There the address is shown as it was typed, so that a slip is seen."""
    code, shown = talk(two_lists, "unsubscribe", "sma@example.org")
    assert (0, "sma@example.org was on no list here. If that is a slip,") == (code, shown.splitlines()[1][:55])


def test_unsubscribe_from_no_list(run: Run, two_lists: Path) -> None:
    """A list that newsletter.yaml does not name is refused with the nearest name, and nothing is recorded."""
    done = run("unsubscribe", "ben@example.org", "--list", "shcools")
    told = 'error: there is no list "shcools"\n  Did you mean "schools"?\n'
    assert (2, "", told) == (done.returncode, done.stdout, done.stderr)
    assert not (two_lists / ".newsletter/people.db").exists()


@pytest.mark.parametrize("typed", ["{}", "unsubscribe {}", "  Unsubscribe  {} ", "two words: unsubscribe {}"])
def test_unsubscribe_by_token(run: Run, two_lists: Path, typed: str) -> None:
    """A token, pasted alone or as the whole subject, in quotes or without, takes its person off its list."""
    run("lists", "import", "schools", "people.csv", *FORM)
    words = typed.format(token(two_lists))
    arguments = words.split(": ")[1].split() if words.startswith("two words") else [words]
    for _ in range(2):
        done = run("unsubscribe", *arguments)
        told = "The person of this token is unsubscribed from Schools, and no import changes that.\n"
        assert (0, told) == (done.returncode, done.stdout)
    assert ["Bo@example.org"] == addresses(run)


def test_a_token_outlives_its_list(run: Run, two_lists: Path) -> None:
    """Mail stays in mailboxes longer than lists keep their names: nobody can tell which list it is now, so all."""
    told = (
        "The person of this token is unsubscribed from all lists, and no import changes that.\n"
        'It is from all, since newsletter.yaml names no list "old-list".\n'
        "Not changed: lists/practitioners.csv. An address there is left out at each send.\n"
    )
    assert "ben@example.org" in addresses(run, "practitioners")
    done = run("unsubscribe", token(two_lists, "ben@example.org", "old-list"))
    assert (0, told, "") == (done.returncode, done.stdout, done.stderr)
    assert "ben@example.org" not in addresses(run, "practitioners")


def test_a_token_of_another_list(run: Run, two_lists: Path) -> None:
    """A token names its list itself; --list cannot make it another."""
    done = run("unsubscribe", token(two_lists), "--list", "practitioners")
    assert (2, "") == (done.returncode, done.stdout)
    assert not (two_lists / ".newsletter/people.db").exists()


def spoilt(good: str) -> dict[str, str]:
    """Return what arrives instead of a token."""
    other = unsubscribe_token(bytes(32), list_name="schools", address="ash@example.org")
    changed = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    return {
        "changed": changed, "cut": good[:-4], "another key": other, "empty": "", "10 kB": "A" * 10_000,
        "unicode": f"{good}\u00e9", "two": f"{good} {good}", "blank": " ", "other list": good[:-30] + "A" * 30,
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(spoilt("A" * 60)))
def test_what_is_no_token(run: Run, two_lists: Path, kind: str) -> None:
    """Whatever is wrong with a token, the answer is the same, and nobody leaves (I10)."""
    done = run("unsubscribe", spoilt(token(two_lists))[kind])
    expected = (
        "error: this is neither an address nor a token of this workspace\n"
        "  Paste the whole token from the subject of the mail, or give the person's address.\n"
    )
    assert (2, expected) == (done.returncode, done.stderr)
    assert not (two_lists / ".newsletter/people.db").exists()


def test_the_opt_out_says_how_it_is_known(run: Run, two_lists: Path) -> None:
    """What the command records is what the store answers: unsubscribed, from all lists."""
    run("unsubscribe", "ash@example.org")
    state = two_lists / ".newsletter"
    with open_people(state, workspace_key(state)) as people:
        key = people.key("ASH@example.org")
        assert {key: "unsubscribed"} == people.suppressed("schools", [key])
