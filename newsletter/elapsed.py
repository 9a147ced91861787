"""How much time has passed, when the clock may have been set and the computer may have slept or been started anew.

An idempotency key protects for so many minutes and no longer: to think that less has passed would be a second copy.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux: another one after each start of the computer


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment by both clocks: *utc* is aware and may be set by anybody, *ticks* are nanoseconds since *boot*."""

    utc: datetime
    boot: str
    ticks: int


def stamp() -> Stamp:
    """Return this moment."""
    return Stamp(datetime.now(UTC), _boot(), time.monotonic_ns())


def elapsed(since: Stamp, now: Stamp) -> timedelta | None:
    """Return the time from *since* to *now*, the longer of what both clocks say; None when the clock was set back."""
    wall = now.utc - since.utc
    if wall < timedelta():
        return None
    if now.boot and now.boot == since.boot:  # the ticks of another start tell nothing
        return max(wall, timedelta(microseconds=(now.ticks - since.ticks) // 1000))
    return wall


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""  # not Linux: the clock on the wall is all there is
