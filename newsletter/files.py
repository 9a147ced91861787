"""Writing files so that nobody ever sees half of one, whatever happens in between."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_whole(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write *data* to *path*: a reader sees the old file or the new one. Its folder is made when it is missing.

    *mode* are the rights that the file gets, if not the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _part(path, data) as part:
        # What lies in a private folder is private.
        part.chmod(0o666 & ~_umask() & path.parent.stat().st_mode if mode is None else mode)
        part.replace(path)


def write_private(path: Path, data: bytes) -> bool:
    """Write *data* to *path* for its owner alone (0600). False when a file is there already.

    Folders that are missing are made for the owner alone (0700); one that is there keeps its mode.

    When this returns True the file and its name have reached the disk, so that a power cut cannot take them back.
    """
    private_folder(path.parent)
    if not _write_new(path, data, mode=0o600):
        return False
    _sync_folder(path.parent)
    return True


def write_once(path: Path, data: bytes) -> bool:
    """Write *data* to *path*, with the usual rights. False when a file is there already.

    Its folder is made when it is missing. Either way the file and its name have reached the disk afterwards, so that a
    power cut cannot take them back.
    """
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(path.parent.parent)
    made = _write_new(path, data, mode=0o666 & ~_umask())
    _sync_folder(path.parent)  # also for a name that a run before this one took and was cut before it could sync
    return made


def replace_durably(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write *data* to *path* as `write_whole` does, and have the file and its name on the disk."""
    write_whole(path, data, mode=mode)
    _sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove the file *path* if it is there, so that no power cut brings it back."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def inside(root: Path, name: str) -> Path | None:
    """Return the file *name*, a path from *root* on, with all links followed; None when it leads out of *root*."""
    path = Path(os.path.realpath(root / name))  # unlike resolve(), it minds no link that leads to itself
    return path if path.is_relative_to(os.path.realpath(root)) else None


def private_folder(path: Path) -> Path:
    """Make the folder *path* for its owner alone (0700), as every folder on the way that is missing; return it."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)  # whatever the umask says
    return path


def _write_new(path: Path, data: bytes, *, mode: int) -> bool:
    with _part(path, data) as part:
        part.chmod(mode)
        try:
            take_name(part, path)
        except FileExistsError:
            return False
    return True


@contextmanager
def _part(path: Path, data: bytes) -> Iterator[Path]:
    """Write *data* beside *path* and have it on the disk; what is left of it afterwards is removed.

    An OSError in between names *path*: the part's own name means nothing to a person, and a full disk names no file.
    """
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def take_name(part: Path, path: Path) -> None:
    """Give *part* the name *path* unless it is taken: FileExistsError."""
    if os.name == "nt":
        part.rename(path)  # refuses there to replace a file
        return
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # exFAT and some network folders have no hard links
        if path.exists():
            raise FileExistsError from None
        part.rename(path)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder cannot be opened there, and NTFS logs its names
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    # The umask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
