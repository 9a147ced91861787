"""Receipts of real sends are written once, whole, and without addresses."""

from __future__ import annotations

import os
import platform
import stat
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of
from receiptfiles import FILE, MEND, NAME, RECEIPT, posix, put, refusal

from newsletter.errors import ConfigError, RefusedError
from newsletter.receipts import computer_name, receipts, refuse_unknown, write_receipt

if TYPE_CHECKING:
    from pathlib import Path

# --- writing ---


def test_what_is_written(tmp_path: Path) -> None:
    """A receipt is a small file for people and for git: its keys sorted, a line each, without any address."""
    assert tmp_path / NAME == write_receipt(tmp_path, RECEIPT)
    assert (FILE.encode(), [tmp_path / NAME]) == ((tmp_path / NAME).read_bytes(), list((tmp_path / "sent").iterdir()))


def test_a_correction_has_a_file_of_its_own(tmp_path: Path) -> None:
    """The second edition of a send stands beside the first."""
    write_receipt(tmp_path, RECEIPT)
    write_receipt(tmp_path, replace(RECEIPT, edition=2, uid="77aa"))
    names = ["2026-01--practitioners--2.json", "2026-01--practitioners.json"]
    assert names == sorted(path.name for path in (tmp_path / "sent").iterdir())


@posix
def test_a_receipt_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is sent a power cut can take back neither the folder, nor the receipt, nor its name."""
    synced: list[Path] = []
    sync = os.fsync

    def watch(handle: int) -> None:
        found = os.fstat(handle)
        synced.extend(path for path in (tmp_path, *tmp_path.rglob("*")) if os.path.samestat(path.stat(), found))
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    write_receipt(tmp_path, RECEIPT)
    part, name = synced.pop(1), (tmp_path / NAME).name
    assert ([tmp_path, tmp_path / "sent"], True) == (synced, part.name.startswith(f".{name}."))
    write_receipt(tmp_path, RECEIPT)  # the run before this one may have been cut in between
    assert tmp_path / "sent" == synced[-1]


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_rights_of_a_receipt(tmp_path: Path, umask: int) -> None:
    """G28: a receipt holds nothing private, and has the rights of any other committed file."""
    before = os.umask(umask)
    try:
        path = write_receipt(tmp_path, RECEIPT)
    finally:
        os.umask(before)
    assert 0o666 & ~umask == stat.S_IMODE(path.stat().st_mode)


def test_a_resumed_send_finds_its_receipt(tmp_path: Path) -> None:
    """The receipt of the same send stays as it is while it is as far on, whatever has grown since."""
    write_receipt(tmp_path, RECEIPT)
    assert tmp_path / NAME == write_receipt(tmp_path, replace(RECEIPT, people=1_250, computer="renamed"))
    assert (RECEIPT,) == receipts(tmp_path)


@pytest.mark.parametrize(("events", "stands"), [(2, 3), (3, 3), (4, 4)])
def test_how_far_on_a_receipt_is(events: int, stands: int, tmp_path: Path) -> None:
    """One that is further on replaces that of the same send; one that is less far does not."""
    write_receipt(tmp_path, RECEIPT)
    assert tmp_path / NAME == write_receipt(tmp_path, replace(RECEIPT, events=events, computer="laptop"))
    assert (replace(RECEIPT, events=stands, computer="laptop" if events > 3 else "office-pc"),) == receipts(tmp_path)
    assert [tmp_path / NAME] == list((tmp_path / "sent").iterdir())


def test_a_receipt_of_before_opt_outs_were_counted(tmp_path: Path) -> None:
    """One that does not say how many had opted out is read all the same; of nobody, there can be no fewer."""
    put(tmp_path, FILE.replace('  "opt_outs": 5,\n', "").encode())
    assert (replace(RECEIPT, opt_outs=0),) == receipts(tmp_path)


def test_a_deleted_receipt_is_written_again(tmp_path: Path) -> None:
    """A send that the ledger knows is not refused for its missing receipt: there is one again."""
    write_receipt(tmp_path, RECEIPT).unlink()
    refuse_unknown(tmp_path, {RECEIPT.uid: 3})
    write_receipt(tmp_path, RECEIPT)
    assert (RECEIPT,) == receipts(tmp_path)


def test_the_name_of_another_send(tmp_path: Path) -> None:
    """Where another send has its receipt under that name, this one stops, and the file stays."""
    write_receipt(tmp_path, RECEIPT)
    with pytest.raises(RefusedError) as raised:
        write_receipt(tmp_path, replace(RECEIPT, uid="77aa", computer="laptop"))
    assert ("Not sent: sent/2026-01--practitioners.json is the receipt of another send.", 6) == (
        raised.value.message,
        raised.value.exit_code,
    )
    assert (
        "It is of 2026-01 to practitioners, planned on Monday 5 January 2026 at 9:04am UTC, "
        "on the computer office-pc.\n"
        "If that file was renamed or copied, put it back. If not, only that computer may send."
    ) == raised.value.hint
    assert FILE.encode() == (tmp_path / NAME).read_bytes()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsletter.errors import RefusedError
from newsletter.receipts import Receipt, write_receipt
now = datetime.now(UTC)
receipt = Receipt(sys.argv[2], "2026-01", "schools", 1, "smtp", "", "", 3, "", now, "")
print("ready", flush=True)
sys.stdin.read()
try:
    write_receipt(Path(sys.argv[1]), receipt)
except RefusedError as error:
    sys.exit(error.exit_code)
"""


def test_four_writers_at_once(tmp_path: Path) -> None:
    """Of four computers that share the folder, one has its receipt there and three are refused."""
    with ExitStack() as stack:
        commands = ([sys.executable, "-c", WRITER, str(tmp_path), str(number)] for number in range(4))
        writers = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for command in commands
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert b"ready\n" == writer.stdout.readline()
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.close()  # all are off at once
    codes = [writer.returncode for writer in writers]
    assert [0] + [6] * 3 == sorted(codes)
    assert [f"{codes.index(0)}"] == [receipt.uid for receipt in receipts(tmp_path)]


def test_no_half_receipt(tmp_path: Path) -> None:
    """G26: a receipt that the disk has no room for leaves nothing behind, and nothing is sent."""
    with small_disk_of(100), pytest.raises(ConfigError) as raised:
        write_receipt(tmp_path, RECEIPT)
    message = "sent/2026-01--practitioners.json cannot be written: File too large"
    hint = "Check that you may write there and that the disk has room, then give the same command again."
    assert (message, hint) == (raised.value.message, raised.value.hint)
    assert [] == list((tmp_path / "sent").iterdir())


def test_a_cut_write_is_no_receipt(tmp_path: Path) -> None:
    """G26: what a kill in the middle of writing leaves, and other files of people's, are no receipts."""
    write_receipt(tmp_path, RECEIPT)
    for name in (".2026-02--practitioners.json.x7f3", ".hidden.json", "README.md"):
        (tmp_path / "sent" / name).write_text("{", "utf-8")
    assert (RECEIPT,) == receipts(tmp_path)


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    """A file in the place of the folder is told of, writing and reading."""
    (tmp_path / "sent").write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"sent/2026-01--practitioners\.json cannot be written: "):
        write_receipt(tmp_path, RECEIPT)
    assert ("sent/ cannot be read: Not a directory", MEND) == refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("office-pc", "office-pc"),
        ("  Sam's\x1b[2J\n Mac\u202e ", "Sam's [2J Mac"),
        ("x" * 300, "x" * 64),
        ("", "without a name"),
    ],
)
def test_the_name_of_a_computer(name: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer's name is one short line, whatever it is called."""
    monkeypatch.setattr(platform, "node", lambda: name)
    assert told == computer_name()
