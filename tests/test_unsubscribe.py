"""``newsletter unsubscribe`` as a person meets it: by address or by token, from one list or from all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import listdesk
import pytest
from listdesk import FORM, addresses, posix
from sends import talk

from newsletter.people import open_people
from newsletter.tokens import person_key, unsubscribe_token, workspace_key

if TYPE_CHECKING:
    from pathlib import Path

    from listdesk import Run

two_lists, run = listdesk.two_lists, listdesk.run


def token(workspace: Path, address: str = "ash@example.org", list_name: str = "schools") -> str:
    """Return the token that stands in the mail to *address*."""
    key = workspace_key(workspace / ".newsletter")
    return unsubscribe_token(key, list_name=list_name, person=person_key(key, address))


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
    other = unsubscribe_token(bytes(32), list_name="schools", person=person_key(bytes(32), "ash@example.org"))
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
