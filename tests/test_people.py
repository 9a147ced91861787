"""The store of people: lists kept here, opt-outs that nothing takes back, and lists that behave alike wherever kept."""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.addresses import canonical
from newsletter.audience import Added, Audience, Person
from newsletter.config import open_workspace
from newsletter.errors import ConfigError, ContentError
from newsletter.findings import Severity
from newsletter.listfile import read_list
from newsletter.people import list_audience, open_people
from newsletter.tokens import person_key, read_token, unsubscribe_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.people import People

SECRET = bytes(range(32))
DAY = date(2025, 9, 14)
ASH = Person("ash@example.org", "Ash Green", "Ash", "Web form", 1, DAY)
BO = Person("bo@example.org", "Bo Reed", "Bo", "Conference", 2, DAY)
BY_HAND = "by hand"

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and links")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """The store of a new workspace."""
    with open_people(tmp_path / "state", SECRET) as people:
        yield people


def on(people: People, list_name: str = "schools") -> list[str]:
    """Return the addresses that are to be written to."""
    return [person.address for person in people.audience(list_name).people]


def test_reading_makes_nothing(people: People, tmp_path: Path) -> None:
    """Where no people.db is, nobody is kept and nobody has opted out, and asking makes none."""
    answers = (
        people.unnamed(()),
        people.suppressed("schools", [bytes(16)]),
        people.remove("schools", "ash@example.org"),
    )
    assert ({}, {}, False) == answers
    assert [] == on(people)
    assert not (tmp_path / "state").exists()


def test_people_come_back_as_they_were_added(people: People) -> None:
    """Whoever is added is on that list alone, in the order in which they came, with all that was said of them."""
    assert Added(new=2) == people.add("schools", [BO, ASH])
    assert Added(new=1) == people.add("nurses", [ASH])
    found = people.audience("schools")
    expected = Audience("schools", (replace(BO, line=1), replace(ASH, line=2)), {}, ())
    assert expected == replace(found, people=tuple(found.people))
    assert {"nurses": (1, 0), "schools": (2, 0)} == people.unnamed(())


def test_who_is_there_stays_as_they_are(people: People) -> None:
    """Somebody added again, in any spelling, is counted as known, and nothing about them changes."""
    people.add("schools", [ASH])
    again = replace(ASH, address="ASH@example.org", name="Somebody Else", source="Another form")
    assert Added(new=1, known=1) == people.add("schools", [again, BO])
    assert [ASH, replace(BO, line=2)] == list(people.audience("schools").people)


def test_all_are_added_or_nobody(people: People) -> None:
    """An error half-way leaves the list as it was."""

    def cut() -> Iterator[Person]:
        yield from (replace(ASH, address=f"p{number}@example.org") for number in range(1200))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        people.add("schools", cut())
    assert {} == people.unnamed(())


def test_nobody_without_a_source(people: People) -> None:
    """Each person kept here has a consent source, or nobody is added."""
    with pytest.raises(ValueError, match="consent source"):
        people.add("schools", [ASH, replace(BO, source="")])
    assert {} == people.unnamed(())


def test_consent_is_dated(people: People, tmp_path: Path) -> None:
    """With each person the day of consent is kept, or that of adding where none is known, and the moment of adding."""
    people.add("schools", [ASH, replace(BO, consented=None)])
    with sqlite3.connect(tmp_path / "state/people.db") as db:
        today = "CASE consent_day WHEN substr(added_utc, 1, 10) THEN 'today' ELSE consent_day END"
        rows = db.execute(f"SELECT source, {today}, added_utc LIKE '%+00:00' FROM member")  # noqa: S608
        assert [("Web form", "2025-09-14", 1), ("Conference", "today", 1)] == rows.fetchall()
    db.close()


def test_what_is_kept_of_lists_that_nobody_names(people: People) -> None:
    """Of each list that has another name by now it is known how many are on it, and how many have left it."""
    assert ({}, 0) == (people.unnamed(()), people.opted_out())
    people.add("schools", [ASH, BO])
    people.add("nurses", [ASH])
    for reason in ("unsubscribed", "bounced"):
        people.unsubscribe("ash@example.org", "schools", reason=reason, source=BY_HAND)
    people.unsubscribe("bo@example.org", "friends", source=BY_HAND)
    people.unsubscribe("bo@example.org", source=BY_HAND)
    expected = {"friends": (0, 1), "nurses": (1, 0), "schools": (2, 1)}
    assert (expected, {"nurses": (1, 0)}) == (people.unnamed(()), people.unnamed(["schools", "friends"]))


def test_opt_outs_never_become_fewer(people: People) -> None:
    """Their number tells an older file from a newer one: whoever is erased, added or removed takes none away."""
    people.add("schools", [ASH])
    people.unsubscribe("ash@example.org", source=BY_HAND)
    people.unsubscribe("ASH@example.org", source=BY_HAND)
    people.forget(people.key("ash@example.org"))
    people.unsubscribe("ash@example.org", reason="erased", source=BY_HAND)
    assert 2 == people.opted_out()


def test_removed_is_gone(people: People, tmp_path: Path) -> None:
    """Who is removed, in any spelling, is off that list alone; nothing of the address stays where it stood."""
    people.add("schools", [ASH, BO])
    assert (True, False) == (people.remove("schools", " ASH@Example.org"), people.remove("schools", "ash@example.org"))
    assert ["bo@example.org"] == on(people)
    assert b"ash@example.org" not in (tmp_path / "state/people.db").read_bytes()


SPELLINGS = [
    ("ash@example.org", "ASH@example.org"),
    ("Ash.Green@example.org", " ash.green@EXAMPLE.org "),
    ("u@xn--exmple-cua.org", "u@ex\u00e4mple.org"),
    ("u@xn--exmple-cua.org", "U@exa\u0308mple.ORG"),
    ("siobh\u00e1n@example.org", "siobha\u0301n@example.org"),
]


@pytest.mark.parametrize(("listed", "left"), [*SPELLINGS, *((left, listed) for listed, left in SPELLINGS)])
def test_an_opt_out_is_never_revived(people: People, listed: str, left: str) -> None:
    """Who has opted out stays out, however the address is written, before and after an import (D24)."""
    people.unsubscribe(left, source=BY_HAND)
    assert Added(new=1, opted_out=1) == people.add("schools", [replace(ASH, address=listed), BO])
    assert ["bo@example.org"] == on(people)
    assert people.suppressed("schools", [people.key(listed)]) == {people.key(left): "unsubscribed"}


def test_one_list_or_all(people: People) -> None:
    """An opt-out of one list leaves the others; one of all lists holds for every list there is or will be."""
    for name in ("schools", "nurses"):
        people.add(name, [ASH, BO])
    people.unsubscribe("ash@example.org", "schools", source=BY_HAND)
    people.unsubscribe("bo@example.org", source=BY_HAND)
    assert ([], ["ash@example.org"]) == (on(people), on(people, "nurses"))
    assert {"unsubscribed": 2} == people.audience("schools").skipped
    assert {people.key("bo@example.org"): "unsubscribed"} == people.suppressed("unheard-of", map(people.key, BOTH))


BOTH = (ASH.address, BO.address)


def test_a_token_is_enough(people: People) -> None:
    """The key that an unsubscribe token carries is the one by which people are known here."""
    people.add("schools", [ASH, BO])
    token = unsubscribe_token(SECRET, list_name="schools", person=person_key(SECRET, "Ash@example.org"))
    name, key = read_token(SECRET, token)
    for _ in range(2):  # twice is once (I12)
        people.unsubscribe_key(key, name, source="token")
    assert ["bo@example.org"] == on(people)


def test_the_gravest_reason_is_told(people: People) -> None:
    """Where several reasons hold, that of the person comes before that of the post, and erasure before all."""
    for reason in ("bounced", "unsubscribed", "complained", "erased"):
        people.unsubscribe("ash@example.org", "schools", reason=reason, source=BY_HAND)
        people.unsubscribe("ash@example.org", reason="bounced", source=BY_HAND)
        assert {people.key("ash@example.org"): reason} == people.suppressed("schools", [people.key("ash@example.org")])


def test_who_has_left_among_others(people: People) -> None:
    """Picked out of a list that is kept elsewhere, however they are written there; what is no address is nobody."""
    people.unsubscribe("ash@example.org", source=BY_HAND)
    assert ["Ash@Example.org"] == list(people.leavers("schools", ["bo@example.org", "no address", "Ash@Example.org"]))


@pytest.mark.parametrize("ahead", [0, 3650])
def test_since_when_to_ask(people: People, ahead: int) -> None:
    """Until when it was asked is remembered; by a clock that was ahead, who left since would never be heard of."""
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=ahead)
    assert {} == people.sync("schools", "Mailgun", (), until=until)
    assert (None if ahead else until) == people.synced("schools", "Mailgun")


def test_unheard_of_reasons_are_refused(people: People) -> None:
    """A slip in a reason is a fault of the program, and is not kept."""
    with pytest.raises(sqlite3.IntegrityError):
        people.unsubscribe("ash@example.org", reason="tired", source=BY_HAND)


def test_suppressed_for_any_number(people: People) -> None:
    """Any number of people may be asked for at once; who has not opted out is not in the answer."""
    keys = [person_key(SECRET, f"person{number}@example.org") for number in range(2000)]
    for number in (0, 499, 500, 1999):
        people.unsubscribe_key(keys[number], "schools", reason="bounced", source=BY_HAND)
    expected = {keys[number]: "bounced" for number in (0, 499, 500, 1999)}
    assert (expected, {}) == (people.suppressed("schools", iter(keys)), people.suppressed("nurses", keys))


def test_seen_at_once_elsewhere(people: People, tmp_path: Path) -> None:
    """An opt-out that another process records is seen by one that has long been open (D26)."""
    key = people.key("ash@example.org")
    assert people.suppressed("schools", [key]) == {}
    with open_people(tmp_path / "state", SECRET) as other:
        other.unsubscribe("ash@example.org", source=BY_HAND)
        assert {key: "unsubscribed"} == people.suppressed("schools", [key])
        other.unsubscribe("ash@example.org", source=BY_HAND, reason="complained")
    assert {key: "complained"} == people.suppressed("schools", [key])


@pytest.mark.parametrize("statement", ["DELETE FROM opt_out", "UPDATE opt_out SET reason = 'bounced'"])
def test_the_file_itself_holds_opt_outs(people: People, tmp_path: Path, statement: str) -> None:
    """No statement, of this program or another, takes an opt-out back."""
    people.unsubscribe("ash@example.org", source=BY_HAND)
    db = sqlite3.connect(tmp_path / "state/people.db")
    with pytest.raises(sqlite3.IntegrityError, match="an opt-out stays"):
        db.execute(statement)
    db.close()


def test_an_opt_out_holds_no_address(people: People, tmp_path: Path) -> None:
    """Of somebody who is on no list here, nothing is kept that tells the address."""
    people.unsubscribe("ash@example.org", source=BY_HAND)
    kept = (tmp_path / "state/people.db").read_bytes()
    assert (False, True) == (b"ash" in kept, people.key("ash@example.org") in kept)


def test_another_key_is_refused(tmp_path: Path) -> None:
    """With another key nobody would be found among the opt-outs: nothing is answered, instead of nobody."""
    with open_people(tmp_path, SECRET) as people:
        people.unsubscribe("ash@example.org", source=BY_HAND)
    with open_people(tmp_path, bytes(32)) as people, pytest.raises(ConfigError, match="made with another key"):
        people.suppressed("schools", [bytes(16)])


@pytest.mark.parametrize("content", [b"", b"email\nash@example.org\n", b"SQLite format 3\0" + bytes(100)])
def test_a_damaged_file_is_not_taken_for_an_empty_one(tmp_path: Path, content: bytes) -> None:
    """What is no database of people is refused, and stays as it is."""
    (tmp_path / "people.db").write_bytes(content)
    with pytest.raises(ConfigError), open_people(tmp_path, SECRET) as people:
        people.suppressed("schools", [bytes(16)])
    assert content == (tmp_path / "people.db").read_bytes()


@posix
def test_a_link_to_nowhere_is_not_taken_for_nothing(tmp_path: Path) -> None:
    """A people.db that cannot be reached is not one without opt-outs."""
    (tmp_path / "people.db").symlink_to(tmp_path / "gone.db")
    with pytest.raises(ConfigError), open_people(tmp_path, SECRET) as people:
        people.unnamed(())


@posix
def test_the_file_is_private(people: People, tmp_path: Path) -> None:
    """Folder and file are for their owner alone."""
    people.add("schools", [ASH])
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state", tmp_path / "state/people.db")]
    assert [0o700, 0o600] == modes


# --- lists, wherever they are kept ------------------------------------------------------------------------------------


@pytest.fixture
def two_lists(workspace: Path) -> Path:
    """A workspace with the same two people on a list in a file and on one kept here."""
    config = workspace / "newsletter.yaml"
    config.write_text(config.read_text("utf-8") + "  schools: {title: Schools}\n", "utf-8")
    return workspace


@pytest.mark.parametrize("name", ["practitioners", "schools"])
def test_lists_behave_alike(two_lists: Path, name: str) -> None:
    """In a file or in people.db: the same people, and those who have opted out counted by reason."""
    workspace = open_workspace(two_lists)
    with open_people(workspace.state, SECRET) as people:
        listed = read_list(two_lists / "lists/practitioners.csv", "list", name="schools", source="Test")
        people.add("schools", listed.people)
        before = list_audience(workspace, name, people)
        people.unsubscribe("BEN@example.org", name, reason="bounced", source=BY_HAND)
        after = list_audience(workspace, name, people)
    told = [(person.address, person.name, person.first_name, person.source) for person in before.people]
    amina = ("amina@example.org", "Amina Khan", "Amina", "Test")
    assert (name, [amina, ("ben@example.org", "Ben Okoro", "Ben", "Test")], {}) == (before.name, told, before.skipped)
    assert (["Amina Khan"], {"bounced": 1}) == ([person.name for person in after.people], after.skipped)


@pytest.mark.parametrize("name", ["practitioners", "schools"])
def test_all_may_have_opted_out(two_lists: Path, name: str) -> None:
    """A list of which everybody has left is a list with nobody to write to, and no error."""
    workspace = open_workspace(two_lists)
    with open_people(workspace.state, SECRET) as people:
        people.add("schools", [replace(ASH, address=f"{one}@example.org") for one in ("amina", "ben")])
        for one in ("amina", "ben"):
            people.unsubscribe(f"{one}@example.org", source=BY_HAND)
        audience = list_audience(workspace, name, people)
    assert (0, {"unsubscribed": 2}) == (len(audience.people), audience.skipped)


def test_skips_of_the_file_are_counted_too(two_lists: Path) -> None:
    """What the file's own lines are skipped for stands beside who has opted out; a person listed twice is one."""
    lines = "email\n" + "".join(f"p{number}@example.org\n" for number in range(60)) + "P1@example.org\nnobody\n"
    (two_lists / "lists/practitioners.csv").write_text(lines, "utf-8")
    workspace = open_workspace(two_lists)
    with open_people(workspace.state, SECRET) as people:
        people.unsubscribe("p1@example.org", source=BY_HAND)
        audience = list_audience(workspace, "practitioners", people)
    assert {"unsubscribed": 1, "listed twice": 1, "not an address": 1} == audience.skipped
    assert (59, 2) == (len(audience.people), sum(f.severity is Severity.WARNING for f in audience.findings))


def test_a_list_with_nobody_is_an_error(two_lists: Path) -> None:
    """A list kept here to which nobody was ever added has no recipients, and the hint says how to add some (D18)."""
    workspace = open_workspace(two_lists)
    with open_people(workspace.state, SECRET) as people, pytest.raises(ContentError) as caught:
        list_audience(workspace, "schools", people)
    assert 'the list "schools" has no recipients' == caught.value.message
    assert "newsletter lists import schools" in caught.value.hint


# --- whatever happens -------------------------------------------------------------------------------------------------

WRITTEN = ("ash@example.org", "Bo.Reed+news@exa-mple.org", "u@ex\u00e4mple.org")
RESPELL: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.swapcase,
    lambda address: f" {address}\t",
    lambda address: address.replace("\u00e4", "a\u0308"),
    lambda address: canonical(address).upper(),
)
ACTS = st.tuples(
    st.sampled_from(["add", "import", "remove", "leave", "leave all"]),
    st.sampled_from(WRITTEN),
    st.sampled_from(RESPELL),
)


def do(people: People, folder: Path, act: str, address: str) -> None:
    """Do one *act* to the list "schools"."""
    if act == "add":
        people.add("schools", [replace(ASH, address=address.strip())])
    elif act == "import":
        (folder / "import.csv").write_text(f"email,name\n{address},A\n", "utf-8")
        people.add("schools", read_list(folder / "import.csv", "import.csv", name="schools", source="Form").people)
    elif act == "remove":
        people.remove("schools", address)
    else:
        people.unsubscribe(address, "schools" if act == "leave" else "", source=BY_HAND)


@settings(max_examples=40)
@given(st.lists(ACTS, max_size=10))
def test_who_has_left_is_never_in_an_audience(acts: list[tuple[str, str, Callable[[str], str]]]) -> None:
    """Whatever is added, imported and removed, in whatever spelling: who has opted out is out, the others are in."""
    listed: set[str] = set()
    left: set[str] = set()
    with TemporaryDirectory() as name, open_people(Path(name) / "state", SECRET) as people:
        for act, address, respell in acts:
            do(people, Path(name), act, respell(address))
            if act in {"add", "import"} and address not in left:
                listed.add(address)
            elif act == "remove":
                listed.discard(address)
            elif act.startswith("leave"):
                left.add(address)
            found = people.audience("schools")
            assert {canonical(one) for one in listed - left} == {canonical(one.address) for one in found.people}
            assert len(listed & left) == sum(found.skipped.values())
        (Path(name) / "file.csv").write_text("email\n" + "\n".join(map(str.upper, WRITTEN)) + "\n", "utf-8")
        audience = people.without_opted_out(read_list(Path(name) / "file.csv", "file.csv", name="schools", source="x"))
        assert {canonical(one) for one in set(WRITTEN) - left} == {canonical(one.address) for one in audience.people}
