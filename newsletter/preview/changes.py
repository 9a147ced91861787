"""Files that change while somebody works on them: watchfiles says when to look, their stamps say what is true.

So nothing is told twice, what an editor puts down beside a file does not count, and where a file system tells of no
changes, as a network drive may, they are still seen within half a second.
"""

from __future__ import annotations

import stat
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from watchfiles import awatch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from pathlib import Path

    Stamps = dict[Path, tuple[int, int]]

_FOLDERS = ("issues", "templates", "images")
_PAUSE = 400  # ms: the longest that a change may go unseen, and that Ctrl-C may take
_QUIET, _LONGEST = 15, 60  # ms: an editor may write a file in several steps


async def changes(root: Path) -> AsyncIterator[None]:
    """Yield whenever something of the workspace *root* has changed of which an email is made."""
    known = stamps(root)
    while True:
        folders = list(_folders(root))
        with suppress(FileNotFoundError):  # one of them went away just now
            async with aclosing(_glances(folders)) as glances:
                async for _ in glances:
                    if (now := stamps(root)) != known:
                        known = now
                        yield
                    if list(_folders(root)) != folders:  # a new one is to be watched as well
                        break


def _glances(folders: list[Path]) -> AsyncGenerator[object, None]:
    """Return what ends a wait whenever something may have happened in one of the *folders*."""
    return awatch(
        *folders, recursive=False, watch_filter=None, step=_QUIET, debounce=_LONGEST, rust_timeout=_PAUSE,
        yield_on_timeout=True,
    )  # fmt: skip


def stamps(root: Path) -> Stamps:
    """Return each file of the workspace *root* of which an email is made, with what tells its states apart."""
    found: Stamps = {}
    for folder in _folders(root):
        with suppress(OSError):  # what went away meanwhile is seen at the next look
            for path in folder.iterdir():
                now = path.stat()
                if stat.S_ISREG(now.st_mode) and not path.name.startswith("."):
                    found[path] = now.st_mtime_ns, now.st_size
    return found


def _folders(root: Path) -> Iterator[Path]:
    yield root
    for name in _FOLDERS:
        if (root / name).is_dir():
            yield root / name
            yield from sorted(path for path in (root / name).rglob("*") if path.is_dir())
