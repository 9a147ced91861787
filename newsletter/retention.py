"""Retention: addresses in the ledger and copies in the outbox are kept for so many days, and not longer."""

from __future__ import annotations

import re
import stat
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.receipts import send_name

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.ledger import Ledger

# A copy, and the part of one that a run left behind when it was killed.
_COPY = re.compile(r"[^.].*\.eml|\..+\.eml\.[a-z0-9_]{8}")


def retain(workspace: Workspace, ledger: Ledger, now: datetime) -> int:
    """Forget the addresses and remove the copies that are past their time at *now* (aware).

    Who is unknown stays until that is settled, and the copies of a rehearsal that is not over until it is. Only under
    the lock. Returns how many copies could not be removed; the next call tries again.
    """
    kept = workspace.config.retention
    ledger.forget_addresses(now - _days(kept.addresses))
    before, failed = now - _days(kept.outbox), 0
    unfinished = {
        send_name(record.issue, record.list_name, record.edition)
        for record in ledger.records()
        if record.rehearsal and (record.waiting or record.last > before)
    }
    for folder in _folders(workspace.state / "outbox"):
        if folder.name not in unfinished:
            failed += _empty(folder, before.timestamp())
    return failed


def _days(text: str) -> timedelta:
    """Return the time that "90 days" says."""
    return timedelta(days=int(text.split(maxsplit=1)[0]))


def _folders(outbox: Path) -> list[Path]:
    """Return the folders in *outbox*, but none that only a link leads to."""
    if outbox.is_symlink() or not outbox.is_dir():
        return []
    return [folder for folder in outbox.iterdir() if folder.is_dir() and not folder.is_symlink()]


def _empty(folder: Path, before: float) -> int:
    """Remove the copies last written *before* then, in seconds since 1970; return how many stay against that."""
    failed = 0
    for file in list(folder.iterdir()):
        if not _COPY.fullmatch(file.name):
            continue
        try:
            found = file.lstat()
            if stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                file.unlink()
        except OSError:
            failed += 1
    with suppress(OSError):  # there is something in it still
        folder.rmdir()
    return failed
