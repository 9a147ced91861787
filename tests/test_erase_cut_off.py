"""``newsletter erase`` reaches every place, and may be cut off at any moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import erasures
import pytest
from components import missing, small_disk_of
from erasures import ERASE, LEFT, posix, reasons
from faultloop import attempt
from program import Zygote, zygote
from sends import run
from subjects import AFTER, BEFORE, FILE, SAM, hold_sam, names_sam

from newsletter import holdings
from newsletter.config import open_workspace
from newsletter.holdings import PLACES, Held, Place, Subject, look, open_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

held = erasures.held


def erasable(workspace: Path) -> int:
    """How many things are held of Sam that can be erased."""
    with open_subject(open_workspace(workspace), SAM) as subject:
        return sum(not held.stays for holdings in look(subject).values() for held in holdings)


# --- all places, and whatever is cut off ---


def test_both_commands_reach_each_place(held: Path) -> None:
    """Each place finds something of Sam's by itself, and nothing any more once it is emptied by itself."""
    with open_subject(open_workspace(held), SAM) as subject:
        for place in PLACES:
            found = list(place.look(subject))
            place.erase(subject)
            left = list(place.look(subject))
            assert (True, []) == (found != [], [one for one in left if not one.stays]), place.name


def test_a_new_place_is_reached_by_both(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that is added to PLACES is looked at by one command and emptied by the other, without more ado."""
    diary = {SAM}

    def look_up(subject: Subject) -> Iterator[Held]:
        return (Held("the diary", {}) for one in diary if one == subject.address)

    place = Place("diary", "In the diary", look_up, lambda subject: diary.discard(subject.address))
    monkeypatch.setattr(holdings, "PLACES", (*PLACES, place))
    monkeypatch.chdir(held)
    shown = in_process("subject-access", SAM)
    erased = in_process(*ERASE)
    assert ("In the diary: 1\n  the diary\n" in shown, "In the diary, 1:\n    the diary\n" in erased) == (True, True)
    assert set() == diary


def in_process(*words: str) -> str:
    """What a command prints when it is given in this very process."""
    from click.testing import CliRunner  # noqa: PLC0415

    from newsletter.cli import cli  # noqa: PLC0415

    return CliRunner().invoke(cli, list(words)).stdout


@posix
def test_no_power_cut_brings_anything_back(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder in which a file was removed or replaced is on the disk, as it is in the end."""
    synced: dict[Path, set[str]] = {}
    sync = os.fsync

    def watch(handle: int) -> None:
        for folder in filter(Path.is_dir, held.rglob("*")):
            if os.path.samestat(folder.stat(), os.fstat(handle)):
                synced[folder] = {path.name for path in folder.iterdir()}
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    with open_subject(open_workspace(held), SAM) as subject:
        for place in PLACES[3:]:  # what SQLite does not keep
            place.erase(subject)
    copies = held / ".newsletter/outbox/2026-01--practitioners"
    folders = (held / "lists", held / ".newsletter/cache", copies, copies.with_name("2026-01--practitioners--test"))
    assert {folder: {path.name for path in folder.iterdir()} for folder in folders} == synced


@posix
@pytest.mark.parametrize("size", [0, 20_000, 200_000])  # below the databases, and between them and the list file
def test_a_full_disk_loses_nothing(size: int, held: Path) -> None:
    """Whatever could not be written is as it was, and the same command does it once there is room."""
    padding = "".join(f"p{number}@example.org,Person {number},\r\n" for number in range(10_000))
    (held / FILE).write_bytes(BEFORE.replace("samx", f"{padding}samx").encode())
    with small_disk_of(size):
        code, _, err = run(held, *ERASE)
    assert (3, True) == (code, "Then give the same command again." in err or "has room" in err), err
    assert BEFORE.replace("samx", f"{padding}samx").encode() == (held / FILE).read_bytes()
    assert 0 == run(held, *ERASE)[0]
    assert AFTER.replace("samx", f"{padding}samx").encode() == (held / FILE).read_bytes()
    assert LEFT == list(names_sam(held))


@pytest.fixture
def started(workspace: Path) -> Iterator[Zygote]:
    """A zygote that forks the program."""
    if shutil.which("strace") is None:
        missing("strace (Debian package strace)")
    with zygote() as started:
        assert 0 == started.rehearse(ERASE, workspace)
        yield started


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    # One call at a time: strace counts each kind by itself, so that of two the rarer would never have its turn.
    "fault",
    ["pwrite64:signal=KILL", "write:signal=KILL", "unlink:signal=KILL", "rename:signal=KILL", "write:error=ENOSPC"],
)
def test_it_may_be_cut_off_anywhere(
    fault: str, workspace: Path, started: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At whichever write or removal it ends, the same command again completes it, and no list is ever half."""
    kept, scratch = tmp_path_factory.mktemp("kept") / "workspace", tmp_path_factory.mktemp("scratch")
    hold_sam(workspace)
    shutil.copytree(workspace, kept)
    happened, k, whole = True, 0, erasable(workspace)
    while happened:
        k += 1
        shutil.rmtree(workspace)
        shutil.copytree(kept, workspace)
        code, output, happened = attempt(started, ERASE, workspace, scratch, f"{fault}:when={k}")
        assert SAM not in output.lower()
        assert code in {0, 3, -9}, output
        assert (workspace / FILE).read_bytes() in {BEFORE.encode(), AFTER.encode()}
        assert erasable(workspace) == whole or "erased" in reasons(workspace), "taken out before it was kept out"
        again = attempt(started, ERASE, workspace, scratch)
        assert again[0] == 0, again
        assert (AFTER.encode(), LEFT) == ((workspace / FILE).read_bytes(), list(names_sam(workspace))), k
        assert "erased" in reasons(workspace)
        assert [FILE] == [f"lists/{path.name}" for path in (workspace / "lists").iterdir()]
    assert k > 1
