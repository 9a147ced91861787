"""Approvals: what is written, what is read, and what is none."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import approving
import pytest
from approving import NOW, approved, changed, refusal

from newsletter.approvals import read_approval
from newsletter.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ready = approving.ready

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these pipes nor these links")


# What is written


def test_the_file(ready: Path) -> None:
    """The file holds issue, subject, digest, name and moment in the workspace's zone, keys sorted, each line ended."""
    approval = approved(ready)
    assert (
        "{\n"
        '  "by": "Amina Khan",\n'
        f'  "digest": "{approval.digest}",\n'
        '  "issue": "2026-01",\n'
        '  "subject": "January 2026 newsletter",\n'
        '  "when": "2026-07-06T09:04:30+01:00"\n'
        "}\n"
    ).encode() == (ready / "approvals/2026-01.json").read_bytes()
    assert [ready / "approvals/2026-01.json"] == list((ready / "approvals").iterdir())


def test_what_is_written_is_read(ready: Path) -> None:
    """A record is read as it was written, whatever letters and marks the name has, and the moment keeps its offset."""
    written = approved(ready, by='Zoë "Zo" O\\Brien')
    found = read_approval(ready, "2026-01")
    assert found == written
    assert ('Zoë "Zo" O\\Brien', timedelta(hours=1)) == (found.by, found.when.utcoffset())


def test_none_yet(ready: Path) -> None:
    """Without a file there is no approval, and the refusal says what to type."""
    assert read_approval(ready, "2026-01") is None
    told = "Not sent: January 2026 newsletter is not approved yet."
    assert (told, "Have it looked at, then:\nnewsletter approve 2026-01") == refusal(ready)


def test_the_same_again_changes_nothing(ready: Path) -> None:
    """The same person approving the same bytes later leaves the file as it is, to the moment it was written."""
    first = approved(ready)
    before = (ready / "approvals/2026-01.json").stat()
    assert first == approved(ready, now=NOW + timedelta(days=1))
    after = (ready / "approvals/2026-01.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("by", ["Ben Okoro", "Amina Khan"])
def test_a_new_approval_replaces(by: str, ready: Path) -> None:
    """Another person's approval, or one of changed bytes, takes the place of the earlier one."""
    approved(ready)
    if by == "Amina Khan":
        changed("issues/2026-01.yaml", "The words", "New words")(ready)
    later = approved(ready, by=by, now=NOW + timedelta(days=1))
    assert (by, NOW.replace(microsecond=0) + timedelta(days=1)) == (later.by, later.when)
    assert (later, None) == (read_approval(ready, "2026-01"), refusal(ready))


@pytest.mark.parametrize(
    "by", ["", "  ", "Amina\nKhan", "Amina \x1b[31mKhan", "Amina \u202eKhan", "amina@example.org", "x" * 201]
)
def test_what_is_no_name(by: str, ready: Path) -> None:
    """What is no name on one line approves nothing; an address is none, for the file goes to everybody."""
    with pytest.raises(UsageError) as caught:
        approved(ready, by=by)
    hint = 'Give a name and no address, as in --by "Sam Sample".'
    assert ("this is not a name to approve with", hint) == (caught.value.message, caught.value.hint)
    assert not (ready / "approvals").exists()


# What is no approval

BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no JSON": lambda _: b"approved",
    "no group of keys": lambda _: b'["2026-01"]',
    "no text": lambda data: data.replace(b'"Amina Khan"', b"true"),
    "a key less": lambda data: re.sub(rb'  "by".*\n', b"", data),
    "a key more": lambda data: data.replace(b"{\n", b'{\n  "also": "this",\n'),
    "a key twice": lambda data: data.replace(b"{\n", b'{\n  "by": "Ben Okoro",\n'),
    "half of it": lambda data: data[: len(data) // 2],
    "more behind it": lambda data: data + b"{}",
    "marks of a merge": lambda data: b"<<<<<<< HEAD\n" + data,
    "half a digest": lambda data: re.sub(rb'(?<="digest": ").{32}', b"", data),
    "no moment": lambda data: data.replace(b"2026-07-06T", b"2026-13-06T"),
    "no zone": lambda data: data.replace(b"+01:00", b""),
    "no name": lambda data: data.replace(b"Amina Khan", b" "),
    "a name of two lines": lambda data: data.replace(b"Amina Khan", rb"Amina\nKhan"),
    "not UTF-8": lambda data: data.replace(b"Amina", b"\xff\xfe"),
    "half a character": lambda data: data.replace(b"Amina Khan", rb"Amina \ud800"),
    "nested deep": lambda _: b"[" * 4000,
    "far too long": lambda data: data + b" " * 10_000_000,
}


def broken(root: Path) -> tuple[str, str]:
    """Return what is said of the approval in *root*, once read and once written."""
    with pytest.raises(ConfigError) as read:
        refusal(root)
    with pytest.raises(ConfigError) as written:
        approved(root)
    assert read.value.message == written.value.message
    return read.value.message, read.value.hint


HINT = "Remove that file, look at the issue again, then: newsletter approve 2026-01"


@pytest.mark.parametrize("damage", list(BROKEN.values()), ids=list(BROKEN))
def test_a_broken_file_approves_nothing(damage: Callable[[bytes], bytes], ready: Path) -> None:
    """A file that is not what was written is named, is no approval, and is never written over."""
    approved(ready)
    path = ready / "approvals/2026-01.json"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    message = "approvals/2026-01.json is not what newsletter approve 2026-01 wrote there, so it approves nothing"
    assert ((message, HINT), damaged) == (broken(ready), path.read_bytes())


def test_a_folder_of_that_name(ready: Path) -> None:
    """A folder where the file should be is told as such."""
    (ready / "approvals/2026-01.json").mkdir(parents=True)
    assert ("approvals/2026-01.json is not an ordinary file, so it approves nothing", HINT) == broken(ready)


@posix
def test_a_pipe(ready: Path) -> None:
    """A pipe is not read, for it might never end."""
    (ready / "approvals").mkdir()
    os.mkfifo(ready / "approvals/2026-01.json")
    assert ("approvals/2026-01.json is not an ordinary file, so it approves nothing", HINT) == broken(ready)


@posix
@pytest.mark.parametrize("link", ["approvals", "approvals/2026-01.json"])
def test_a_link_outside(link: str, ready: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is read or written through a link that leads out of the workspace."""
    approved(ready)
    (ready / link).rename(tmp_path_factory.mktemp("outside") / "target")
    target = next((tmp_path_factory.getbasetemp()).glob("outside*/target"))
    (ready / link).symlink_to(target)
    told = "approvals/2026-01.json is a link that leads out of this workspace, so it approves nothing"
    assert (told, HINT) == broken(ready)
