"""``newsletter lists`` and ``lists show``: who is on a list, and how much of that is shown to whom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import listdesk
from listdesk import FORM, posix, shown

from newsletter.datewords import format_date

if TYPE_CHECKING:
    from pathlib import Path

    from listdesk import Run

two_lists, run = listdesk.two_lists, listdesk.run

PROGRAM = [sys.executable, "-m", "newsletter"]


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
