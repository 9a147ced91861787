"""What this computer brings: its Python, its clock, its keyring, and the place where the state is kept."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from newsletter import ledger
from newsletter.credentials import keyring_name
from newsletter.datewords import format_moment
from newsletter.doctor import Diagnosis, Level, ok, told, warning
from newsletter.doubts import clock_doubts
from newsletter.errors import ConfigError, NewsletterError
from newsletter.preflight import MOUNTS, refuse_clock, refuse_examples, refuse_full, refuse_shared_disk
from newsletter.terminal import near
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from newsletter.config import Workspace

# The first release of each without CVE-2024-6923 and CVE-2026-1299: its email package lets header lines be smuggled in.
_SOUND = {(3, 11): 15, (3, 12): 13, (3, 13): 12, (3, 14): 3}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def python(version: tuple[int, int, int] | None = None) -> Iterator[Diagnosis]:
    """Say whether this Python, or the *version* given, has known faults."""
    major, minor, micro = version or sys.version_info[:3]
    sound = _SOUND.get((major, minor), 0)
    if micro >= sound:
        yield ok(f"Python {major}.{minor}.{micro}")
    else:
        hint = f"Install {major}.{minor}.{sound} or later. Until then this program keeps to its own guard against them."
        yield warning(f"Python {major}.{minor}.{micro} has known faults in writing email (CVE-2026-1299)", hint)


def clock(workspace: Workspace, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the clock, which says *now*, can be right: by the age of this program, and by the ledger."""
    zone = workspace.config.zone
    try:
        refuse_clock(now, zone)
        doubts = list(clock_doubts(now, _last_event(workspace.state), zone))
    except NewsletterError as fault:
        yield told(fault)
        return
    yield from (warning(doubt.removesuffix("."), "Set the clock: it dates every copy.") for doubt in doubts)
    if not doubts:
        yield ok(f"The clock says {format_moment(now.astimezone(zone))}, {zone.key}")


def _last_event(state: Path) -> datetime | None:
    """Return when something was last done about a send; to open a ledger that is not there would make it."""
    if not os.path.lexists(state / ledger.FILE):
        return None
    with ledger.open_ledger(state, workspace_key(state)) as opened:
        return opened.last_event()


def keyring() -> Iterator[Diagnosis]:
    """Say whether secrets can be kept in a keyring."""
    name = keyring_name()
    yield ok(f"Keyring: {name}" if name else "No keyring: secrets come from the environment or secrets.env")


def proxy(workspace: Workspace) -> Iterator[Diagnosis]:
    """Say that a proxy of the environment is not used. What it holds is not shown: it may be a password."""
    found = next((name for name in _PROXIES if os.environ.get(name)), "")
    if found and not workspace.config.network.proxy:
        hint = 'If the internet is reached through it, say so in newsletter.yaml: network: {proxy: "http://proxy:8080"}'
        yield warning(f"{found} is set, and not used", hint)


def readiness(workspace: Workspace, *, for_real: bool, mounts: Path = MOUNTS) -> Iterator[Diagnosis]:
    """Say what would have a real send refused; a warning only where nothing is sent *for_real*, in a rehearsal."""
    level = Level.ERROR if for_real else Level.WARNING
    state = workspace.state.resolve()
    try:
        refuse_shared_disk(state, workspace.root.name, mounts)
        if state.exists():
            refuse_full(state)
            yield ok(f"{near(workspace.state)} has room, and lies on a disk of this computer")
        else:
            yield ok(f"{near(workspace.state)} is not there yet: the first send makes it")
    except ConfigError as fault:
        yield told(fault, level=level)
    try:
        refuse_examples(workspace.config)
        yield ok("newsletter.yaml says who sends, and from where")
    except ConfigError as fault:
        yield told(fault, level=level)
