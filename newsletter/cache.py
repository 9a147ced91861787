"""What is kept to save time: whole or not at all, for its owner alone, and never the reason why something fails.

The first line of a file is the hash of the rest. That tells a damaged file, not a forged one: whoever can write into
the state folder can send whatever they like.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.files import private_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 8 * 1024 * 1024  # bytes
_MOST = 500  # files in a folder; what is older than those goes
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def kept(path: Path) -> bytes | None:
    """Return what was kept at *path*, or None when there is nothing whole. A pipe or a link there is nothing, too."""
    try:
        handle = os.open(path, _FLAGS)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            data = file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST else b""
    except OSError:
        return None
    head, _, body = data.partition(b"\n")
    return body if sha256(body).hexdigest().encode() == head else None


def keep(path: Path, body: bytes) -> None:
    """Keep *body* at *path*, and of the folder's files the newest. What cannot be written costs time, nothing else."""
    try:
        private_folder(path.parent)
        write_whole(path, sha256(body).hexdigest().encode() + b"\n" + body)
        files = [(entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(path.parent) if entry.is_file()]
        for _, oldest in sorted(files)[:-_MOST]:
            os.unlink(oldest)  # noqa: PTH108  it is a string
    except OSError:
        return
