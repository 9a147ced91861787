"""Retention: what is past its time is forgotten and removed, and nothing else is."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sends import ACCEPTED, PLANNED, REJECTED, SKIPPED, UNKNOWN, Made, everybody, ledger_of, make

from newsletter.config import open_workspace
from newsletter.message import UNSUBSCRIBE, Edition, Mailbox, Sender, compose
from newsletter.providers import Send
from newsletter.records import State
from newsletter.retention import retain
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these rights nor these links")
not_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
NOW = datetime(2026, 7, 6, 9, 4, tzinfo=UTC)
DAY = timedelta(days=1)
COPY = "00112233445566778899aabbccddeeff.eml"
FATES = [
    ("amina@example.org", "Amina Khan", ACCEPTED, ""),
    ("ben@example.org", "Ben Okoro", REJECTED, "no such mailbox"),
    ("cara@example.org", "Cara Dunne", UNKNOWN, "no answer"),
    ("dee@example.org", "Dee Moss", PLANNED, "turned away for now"),
    ("eve@example.org", "Eve Reid", SKIPPED, "unsubscribed"),
]


@pytest.fixture(autouse=True)
def _key(workspace: Path) -> None:
    """The workspace has its key: an outbox without one is refused."""
    workspace_key(workspace / ".newsletter")


def run(workspace: Path) -> int:
    """Do what is due."""
    with ledger_of(workspace) as ledger:
        return retain(open_workspace(workspace), ledger, NOW)


def put(workspace: Path, names: Sequence[str], *, old: timedelta) -> None:
    """Write files into the outbox that are so *old*."""
    for name in names:
        path = workspace / ".newsletter/outbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, ((NOW - old).timestamp(),) * 2)


def left(workspace: Path) -> list[str]:
    """All that lies in the outbox, folders too."""
    outbox = workspace / ".newsletter/outbox"
    return sorted(path.relative_to(outbox).as_posix() for path in outbox.rglob("*"))


def addresses(workspace: Path) -> list[str]:
    """Whose address the ledger still holds."""
    with ledger_of(workspace) as ledger:
        people = [one for record in ledger.records() for one in ledger.people(record, *State)]
    return [one.address for one in people if one.address]


# --- the ledger ---


@pytest.mark.parametrize(
    ("old", "kept"),
    [
        (91 * DAY, ["cara@example.org"]),
        (89 * DAY, [address for address, *_ in FATES]),
    ],
    ids=["past", "not yet"],
)
def test_addresses(old: timedelta, kept: list[str], workspace: Path) -> None:
    """After 90 days the ledger forgets addresses, but of those who are unknown; whoever waits till then is skipped."""
    make(workspace, Made(FATES, at=NOW - old))
    assert (0, kept) == (run(workspace), addresses(workspace))
    with ledger_of(workspace) as ledger:
        (record,) = ledger.records()
    late = 1 if old > 90 * DAY else 0
    usual = {state: 0 if state is State.SUBMITTING else 1 for state in State}
    assert usual | {State.PLANNED: 1 - late, State.SKIPPED: 1 + late} == record.counts


def test_another_time(workspace: Path) -> None:
    """newsletter.yaml says how many days, and one day is a day."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("retention: {addresses: 1 day, outbox: 2 days}\n")
    make(workspace, Made(FATES[:2], at=NOW - 2 * DAY))
    put(workspace, [f"a--b/{COPY}"], old=3 * DAY)
    put(workspace, [f"a--c/{COPY}"], old=DAY)
    assert (0, [], ["a--c", f"a--c/{COPY}"]) == (run(workspace), addresses(workspace), left(workspace))


# --- the outbox ---


def test_copies(workspace: Path) -> None:
    """Copies, test copies and the parts of copies go after 30 days, with the folders that are empty then."""
    put(workspace, [f"2026-05--practitioners/{COPY}", f"2026-05--practitioners/.{COPY}.k3_x9abc"], old=31 * DAY)
    put(workspace, [f"2026-05--practitioners--test/{COPY}"], old=31 * DAY)
    put(workspace, [f"2026-06--practitioners/{COPY}"], old=31 * DAY)
    put(workspace, ["2026-06--practitioners/new.eml"], old=29 * DAY)
    assert (0, ["2026-06--practitioners", "2026-06--practitioners/new.eml"]) == (run(workspace), left(workspace))


def test_what_is_not_ours(workspace: Path) -> None:
    """Whatever else somebody put into the outbox stays, however old."""
    names = ["a--b/notes.txt", "a--b/.hidden.eml", "a--b/.x.eml.bak", "a--b/deeper/x.eml", "x.eml", "a--b/x.eml.txt"]
    put(workspace, names, old=400 * DAY)
    (workspace / ".newsletter/outbox/a--b/folder.eml").mkdir()
    before = left(workspace)
    assert (0, before) == (run(workspace), left(workspace))


@pytest.mark.parametrize("edition", [1, 2])
def test_a_rehearsal_that_is_not_over(edition: int, workspace: Path) -> None:
    """The copies of a rehearsal in which somebody still waits stay, in the folder that the outbox calls so."""
    make(workspace, Made(everybody(PLANNED, 1), rehearsal=True, edition=edition, at=NOW - 80 * DAY))
    who = Mailbox("Sample", "newsletter@example.org")
    message = compose(
        Edition("2026-01", "Subject", "Preheader", f"<p>{UNSUBSCRIBE}</p>", UNSUBSCRIBE),
        Sender(who, who, "Example", None),
        list_name="practitioners",
        list_title="Practitioners",
    )
    folder = Send(message, NOW, edition).name
    put(workspace, [f"{folder}/{COPY}", f"2026-01--practitioners--9/{COPY}"], old=80 * DAY)
    assert (0, [folder, f"{folder}/{COPY}"]) == (run(workspace), left(workspace))


def test_a_real_send_that_is_not_over(workspace: Path) -> None:
    """A real send in which somebody waits keeps no copies of a rehearsal."""
    make(workspace, Made(everybody(PLANNED, 1)))
    put(workspace, [f"2026-01--practitioners/{COPY}"], old=31 * DAY)
    assert (0, []) == (run(workspace), left(workspace))


@posix
@pytest.mark.parametrize("linked", ["", "a--b", f"a--b/{COPY}"], ids=["outbox", "folder", "file"])
def test_links(linked: str, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No link is followed: what it leads to stays, and so does the link."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a--b"
    elsewhere.mkdir()
    file = elsewhere / COPY
    file.write_bytes(b"mine")
    os.utime(file, (0, 0))
    outbox = workspace / ".newsletter/outbox"
    targets = {"": elsewhere.parent, "a--b": elsewhere, f"a--b/{COPY}": file}
    place, target = outbox / linked, targets[linked]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    os.utime(place, (0, 0), follow_symlinks=False)
    assert (0, b"mine", True) == (run(workspace), file.read_bytes(), place.is_symlink())


@posix
@not_root
def test_a_copy_that_cannot_be_removed(workspace: Path) -> None:
    """What cannot be removed is counted, and all else is done."""
    put(workspace, [f"a--b/{COPY}", f"c--d/{COPY}"], old=31 * DAY)
    folder = workspace / ".newsletter/outbox/a--b"
    folder.chmod(0o500)
    assert (1, ["a--b", f"a--b/{COPY}"]) == (run(workspace), left(workspace))
    folder.chmod(0o700)


def test_no_outbox(workspace: Path) -> None:
    """Where there is no outbox there is nothing to do."""
    assert (0, False) == (run(workspace), (workspace / ".newsletter/outbox").exists())
