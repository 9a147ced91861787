"""One send at a time: a lock that the system frees when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.errors import ConfigError, RefusedError
from newsletter.files import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock *path* for one `with`.

    The file stays where it is: whoever removes a lock file lets two in. Raises RefusedError while another process holds
    it, ConfigError when it cannot be used.
    """
    try:
        private_folder(path.parent)
        # Not inherited: a child that outlives us would hold it on. Python opens files so (PEP 446).
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
        raise ConfigError(f"{path.name} cannot be used: {error.strerror}", hint) from error
    try:
        _take(handle)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        hint = "Let that one end, or stop it with Ctrl-C. It loses nothing."
        raise RefusedError("Not done: another send is running in this workspace.", hint) from None
