"""What must hold before a send: whatever does not is refused, with what to do, while nothing has been sent.

A rehearsal needs only room to write. What makes a real send safe may be missing there: its record may lie on a synced
folder, and its sender may be an example.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.config import FILE
from newsletter.datewords import format_moment
from newsletter.errors import ConfigError
from newsletter.files import private_folder

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from newsletter.config import Config, Workspace

MOUNTS = Path("/proc/self/mountinfo")
ROOM = 20_000_000  # bytes that must be free
_FILLER = 1_000_000  # bytes written to see whether the disk takes them

# Names set aside for examples and for networks of one's own (RFC 2606, RFC 6761, RFC 6762): no mail gets there.
_NOWHERE = re.compile(r"(?:.*\.)?(?:example\.(?:org|com|net)|example|test|invalid|localhost|local)", re.IGNORECASE)
_EXAMPLE_STREET = "1 example street"  # what `newsletter init` writes, and this repository's own workspace

# Linux's names for what lies on another computer or is served by a program. Locks and syncs are promises of that one.
# fuseblk is a disk of this computer, as a USB stick with NTFS.
_REMOTE = re.compile(
    r"nfs4?|cifs|smb[23]?|smbfs|ncpfs?|9p|afs|coda|ceph|lustre|beegfs|gpfs|gfs2|ocfs2|orangefs|pvfs2|virtiofs"
    r"|vboxsf|prl_fs|drvfs|fakeowner|davfs|fuse|fuse\..*"
)
# How programs that copy a folder to other computers call it, in their own capitals: a user "box" syncs nothing.
_SYNCED = re.compile(
    r"(?:OneDrive|Dropbox|Google ?Drive|iCloud ?Drive|Nextcloud|ownCloud|pCloud|MEGA ?sync|SynologyDrive)(?!\w).*"
    r"|Box(?: Sync)?|My Drive|CloudStorage|Mobile Documents|.+ - Documents"  # the last is SharePoint's
)
_PRIVATE = ("key", "ledger.db", "people.db", "secrets.env")

_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # this program is younger


def preflight(workspace: Workspace, *, rehearsal: bool, now: datetime, mounts: Path = MOUNTS) -> None:
    """Raise ConfigError for the first thing that stands in the way of a send from *workspace*.

    *now* is what the clock says, aware. *mounts* is Linux's table of what is mounted where.
    """
    state = Path(os.path.realpath(workspace.state))
    if not rehearsal:
        refuse_shared_disk(state, workspace.root.name, mounts)
        _refuse_other_eyes(state)
        refuse_clock(now, workspace.config.zone)
        refuse_examples(workspace.config)
    refuse_full(state)


def refuse_shared_disk(state: Path, name: str, mounts: Path = MOUNTS) -> None:
    """Refuse a disk that other computers share: a lock holds on one, and what a sync puts back is an older ledger."""
    why = _shared(state, mounts)
    if why:
        local = _local_folder(name)
        if _shared(local, mounts):
            local = Path("/a/folder/on/this/computer")
        hint = (
            "Move that folder to a disk of this computer that is not synced, whole, and say where it is:\n"
            f"{_line_to_set(local, sys.platform)}\n"
            "Rehearsals, checks and everything else work where it is now."
        )
        raise ConfigError(f"a real send cannot keep its record in {state}: {why}", hint)


def _refuse_other_eyes(state: Path) -> None:
    """Refuse a state that is not its owner's alone: it holds addresses, and the key by which people are known."""
    if not hasattr(os, "geteuid"):
        return  # Windows gives a user's folders to that user alone
    for path in (state, *(state / name for name in _PRIVATE)):
        try:
            found = path.lstat()
        except OSError:
            continue  # not there yet; whether the folder can be used at all is seen by writing
        if found.st_uid != os.geteuid():
            raise ConfigError(f"{path} belongs to somebody else", "Send from the account that owns it.")
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            hint = f"Keep it to yourself, then give the same command again:\nchmod -R go= {shlex.quote(str(state))}"
            raise ConfigError(f"{path} is open to others on this computer", hint)


def refuse_clock(now: datetime, zone: ZoneInfo) -> None:
    """Refuse a clock that cannot be right, as after a flat battery: it dates every copy."""
    if now < _EARLIEST:
        says = f"this computer's clock says {format_moment(now.astimezone(zone))}, which cannot be"
        raise ConfigError(says, "Set the clock, then give the same command again.")


def refuse_examples(config: Config) -> None:
    """Refuse what is missing in newsletter.yaml or still an example, all at once: readers must know who writes."""
    senders = {"from": config.from_mailbox, "reply_to": config.reply_mailbox if config.reply_to else None}
    faults = [
        f"{key} is at {domain}, where no mail arrives"
        for key, mailbox in senders.items()
        if mailbox and is_example(domain := mailbox.address.rpartition("@")[2])
    ]
    if config.reply_to is None:
        faults.append("reply_to is missing")
    if not config.postal_address:
        faults.append("postal_address is missing")
    elif _EXAMPLE_STREET in config.postal_address.casefold():
        faults.append("postal_address is an example")
    if faults:
        hint = f"Write your own into {FILE}. Until then only the outbox can be used: it sends nothing."
        raise ConfigError(f"{FILE} is not ready for a real send: {'; '.join(faults)}", hint)


def refuse_full(state: Path) -> None:
    """Refuse a folder without room, and try it out: free space alone knows no quota, limit or write protection."""
    hint = "Make room there, or mend the folder's rights, then give the same command again. Nothing has been sent."
    try:
        private_folder(state)
        if shutil.disk_usage(state).free < ROOM:
            raise ConfigError(f"less than {ROOM // 1_000_000} MB of room is left in {state}", hint)
        with tempfile.TemporaryFile(dir=state) as filler:
            filler.write(os.urandom(_FILLER))  # noughts take no room on a disk that packs what it holds
            filler.flush()
            os.fsync(filler.fileno())
    except OSError as error:
        raise ConfigError(f"{state} cannot be written to: {error.strerror}", hint) from error


def is_example(domain: str) -> bool:
    """Say whether *domain* is one to which no mail ever gets."""
    return _NOWHERE.fullmatch(domain) is not None


def _shared(folder: Path, mounts: Path) -> str:
    """Return in words why *folder*, all links followed, is not this computer's alone; the empty string when it is."""
    if synced := next((part for part in folder.parts if _SYNCED.fullmatch(part)), None):
        return f'all in "{synced}" is synced with other computers'
    kind = _kind_of_disk(folder, mounts)
    return f"it lies on a network disk, or one that a program serves ({kind})" if _REMOTE.fullmatch(kind) else ""


def _kind_of_disk(folder: Path, mounts: Path) -> str:
    """Return what Linux calls the file system that holds *folder*, "cifs" for Windows' network drives."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415

        return "cifs" if ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == 4 else ""  # DRIVE_REMOTE
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").split("\n")
    except OSError:
        return ""  # macOS has no such table
    best, kind = 0, ""
    for line in filter(None, lines):
        # 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw (proc_pid_mountinfo(5))
        before, _, after = line.partition(" - ")
        where = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), before.split(" ")[4])
        if folder.is_relative_to(where) and len(where) >= best:  # of two in one place the later lies on top
            best, kind = len(where), after.split(" ")[0]
    return kind


def _local_folder(name: str) -> Path:
    """Return where this system keeps what a program remembers, for the workspace *name*."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home() raises where there is none
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local")
    elif sys.platform == "darwin":
        base = home / "Library/Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or home / ".local/state")
    return Path(os.path.realpath(base / "newsletter" / name))


def _line_to_set(folder: Path, system: str) -> str:
    """Return the line that sets NEWSLETTER_STATE to *folder* on a *system* as `sys.platform` names it."""
    if system == "win32":
        return f'setx NEWSLETTER_STATE "{folder}"\nand open a new window, where it is known.'
    return f"export NEWSLETTER_STATE={shlex.quote(str(folder))}"
