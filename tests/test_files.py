"""Files are whole or not there, whatever goes wrong while they are written; private ones are their owner's alone."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of

from newsletter.files import private_folder, write_private, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes and no limits of this kind")
WRITERS = [write_whole, write_private]


def mode(path: Path) -> str:
    """The rights of *path*, as ``ls`` numbers them: "0600"."""
    return f"{stat.S_IMODE(path.stat().st_mode):04o}"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run the test under each umask; the one before comes back."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_written_can_be_read(write: Callable[[Path, bytes], object], tmp_path: Path) -> None:
    """A file holds what was written, its missing folders are made, and nothing else lies beside it."""
    path = tmp_path / "a" / "b" / "file.eml"
    write(path, b"whole\r\n")
    assert [(b"whole\r\n", "file.eml")] == [(file.read_bytes(), file.name) for file in path.parent.iterdir()]


def test_write_whole_replaces(tmp_path: Path) -> None:
    """A file that is there already is replaced by the new one."""
    path = tmp_path / "email.html"
    write_whole(path, b"old, and longer")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_write_private_keeps(tmp_path: Path) -> None:
    """A private file is never written twice: the first stays, and the second writer is told so."""
    path = tmp_path / "outbox" / "copy.eml"
    assert [True, False] == [write_private(path, b"first"), write_private(path, b"second")]
    assert [(b"first", "copy.eml")] == [(file.read_bytes(), file.name) for file in path.parent.iterdir()]


def test_write_private_keeps_where_links_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk without hard links (exFAT) a private file is written once all the same."""

    def refuse(*_paths: object, **_options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "outbox" / "copy.eml"
    assert [True, False] == [write_private(path, b"first"), write_private(path, b"second")]
    assert [(b"first", "copy.eml")] == [(file.read_bytes(), file.name) for file in path.parent.iterdir()]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("size", [1_001, 100_000])
def test_never_a_half(write: Callable[[Path, bytes], object], size: int, tmp_path: Path) -> None:
    """A file that the disk has no room for leaves nothing behind, and the error names it."""
    path = tmp_path / "message.eml"
    with small_disk_of(1_000):
        write(tmp_path / "fits.eml", b"x" * 1_000)
        with pytest.raises(OSError, match="too large") as raised:
            write(path, b"x" * size)
    assert str(path) == raised.value.filename
    assert ["fits.eml"] == [file.name for file in tmp_path.iterdir()]


def test_the_old_file_stays_when_there_is_no_room(tmp_path: Path) -> None:
    """A file that cannot be replaced keeps what it had."""
    path = tmp_path / "message.eml"
    write_whole(path, b"old")
    with small_disk_of(1_000), pytest.raises(OSError, match="too large"):
        write_whole(path, b"x" * 1_001)
    assert [(b"old", "message.eml")] == [(file.read_bytes(), file.name) for file in tmp_path.iterdir()]


@pytest.mark.parametrize("write", WRITERS)
def test_a_folder_in_the_way(write: Callable[[Path, bytes], object], tmp_path: Path) -> None:
    """A file where a folder should be is an OSError that names it, and stays."""
    (tmp_path / "build").write_text("a file", "utf-8")
    with pytest.raises(OSError, match="build"):
        write(tmp_path / "build" / "message.eml", b"x")
    assert ["build"] == [file.name for file in tmp_path.iterdir()]


@posix
def test_modes_of_private_files(umask: int, tmp_path: Path) -> None:
    """Whatever the umask, a private file is 0600 and each folder made for it 0700."""
    path = tmp_path / "state" / "outbox" / "copy.eml"
    write_private(path, b"x")
    assert ["0600", "0700", "0700"] == [mode(path), mode(path.parent), mode(path.parent.parent)]


@posix
def test_modes_of_public_files(umask: int, tmp_path: Path) -> None:
    """A public file has the rights that the umask leaves, as if an editor had saved it."""
    path = tmp_path / "build" / "email.html"
    write_whole(path, b"x")
    assert mode(path) == f"{0o666 & ~umask:04o}"


@posix
def test_a_file_in_a_private_folder_is_private(umask: int, tmp_path: Path) -> None:
    """Whatever is written into a folder of 0700 is 0600, as the design says of the state."""
    path = private_folder(tmp_path / "state") / "cache.html"
    write_whole(path, b"x")
    assert mode(path) == "0600"


@posix
def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    """A folder that somebody else made is not changed."""
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared").chmod(0o755)
    private_folder(tmp_path / "shared")
    assert mode(tmp_path / "shared") == "0755"


WRITER = """
import sys
from pathlib import Path
from newsletter.files import write_private, write_whole
folder = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    write_whole(folder / "same.eml", bytes([number % 256]) * 200_000)
    write_private(folder / f"{number}.eml", b"x" * 200_000)
"""


@posix
def test_killed_while_writing(tmp_path: Path) -> None:
    """After kill -9 at any moment every file with its own name is whole; what was under way has no such name."""
    for moment in range(1, 6):
        folder = tmp_path / str(moment)
        folder.mkdir()
        with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as process:
            while not (folder / f"{moment * 3}.eml").exists():
                assert process.poll() is None
            process.kill()
        whole = {(len(data := file.read_bytes()), len(set(data))) for file in folder.glob("[!.]*")}
        assert {(200_000, 1)} == whole
