"""The folder that the archive stands in: what is written there, what is taken away, and what is never touched.

Beside the pages lies a list of the files that are ours, with two hashes each: of what the file was made of, and of what
was written. So a file is drawn anew only when something it is made of has changed, or when it is not as it was left;
and what is not on the list is nobody's business here: it is neither written over nor removed.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.errors import RefusedError
from newsletter.files import inside, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

LIST = ".newsletter-archive.json"
_LARGEST = 64 * 1024 * 1024  # bytes
_UNKNOWN = ("", "")

Known = dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One file of the archive: its *name* from the root on, the hash of what it is *made_of*, and how to make it."""

    name: str
    made_of: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of the folder: the names of the files written and removed, and those that others had changed."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    left_alone: tuple[str, ...]


def leaf(name: str, data: bytes | str) -> Leaf:
    """Return the leaf of a file that is made already."""
    data = data.encode() if isinstance(data, str) else data
    return Leaf(name, digest(data), lambda: data)


def digest(data: bytes) -> str:
    """Return the SHA-256 of *data*, in hexadecimal."""
    return sha256(data).hexdigest()


def lay_down(leaves: Iterable[Leaf], folder: Path) -> Laid:
    """Have exactly *leaves* in *folder*, but for what is not ours there.

    Raises RefusedError, and writes nothing, where a file that is not ours has the name of a leaf, or where a link leads
    out of the folder.
    """
    wanted = {one.name: one for one in leaves}
    known = _read_list(folder)
    for name, one in wanted.items():
        _refuse_foreign(folder, one, is_ours=name in known)
    # Ours from here on, so that a run that is cut leaves nothing that the next one would not know.
    _write_list(folder, known | {name: _UNKNOWN for name in wanted if name not in known})
    now: Known = {}
    written = [one.name for one in wanted.values() if _lay(one, folder, known, now)]
    gone = {name: _remove(folder, name, known[name][1]) for name in sorted(known.keys() - wanted.keys())}
    _write_list(folder, now)
    return Laid(
        tuple(written),
        tuple(name for name, is_removed in gone.items() if is_removed),
        tuple(name for name, is_removed in gone.items() if is_removed is False),
    )


def _lay(one: Leaf, folder: Path, known: Mapping[str, tuple[str, str]], now: Known) -> bool:
    """Have *one* in *folder* and note it in *now*; tell whether it had to be written."""
    made_of, left = known.get(one.name, _UNKNOWN)
    there = _digest_of(folder / one.name)
    if there and (made_of, left) == (one.made_of, there):
        now[one.name] = one.made_of, there
        return False
    data = one.make()
    now[one.name] = one.made_of, digest(data)
    if there == digest(data):
        return False
    write_whole(folder / one.name, data)
    return True


def _refuse_foreign(folder: Path, one: Leaf, *, is_ours: bool) -> None:
    path = folder / one.name
    if inside(folder, one.name) is None:
        hint = "Take that link away, or give another folder with --output."
        raise RefusedError(f"Not written: {one.name} in {folder.as_posix()} leads out of that folder.", hint)
    if is_ours or not os.path.lexists(path) or _digest_of(path) == digest(one.make()):
        return
    hint = "Nothing of yours is written over. Move it away, or give an empty folder with --output."
    raise RefusedError(f"Not written: {path.as_posix()} is not a file that newsletter wrote.", hint)


def _remove(folder: Path, name: str, left: str) -> bool | None:
    """Remove the file *name* as it was *left*; None when it is gone, False when it is not ours any more."""
    path = folder / name
    if not os.path.lexists(path):
        return None
    if inside(folder, name) is None or _digest_of(path) != left:
        return False
    path.unlink()
    return True


def _digest_of(path: Path) -> str:
    """Return the digest of the file *path*, empty for what is none: a link, a folder, a pipe."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        return digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _read_list(folder: Path) -> Known:
    """Return the files that are ours. A list that is none is taken for an empty one: then nothing is ours."""
    path = folder / LIST
    try:
        if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > _LARGEST:
            return {}
        told = json.loads(path.read_bytes())
        return {name: (one["made of"], one["written"]) for name, one in told.items() if _is_name(name)}
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return {}


def _is_name(name: str) -> bool:
    """Tell whether *name* is one that a leaf may have: whoever edits the list must not lead us elsewhere."""
    parts = name.split("/")
    return not set(name) & set("\\:\0") and all(part and not part.startswith(".") for part in parts)


def _write_list(folder: Path, known: Known) -> None:
    told = {name: {"made of": made_of, "written": written} for name, (made_of, written) in sorted(known.items())}
    data = (json.dumps(told, indent=1) + "\n").encode()
    if _digest_of(folder / LIST) != digest(data):
        write_whole(folder / LIST, data)
