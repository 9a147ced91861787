"""What must hold before a send: each refusal, word for word, and what a rehearsal is spared."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of

from newsletter.config import Workspace, open_workspace
from newsletter.errors import ConfigError
from newsletter.files import private_folder, write_private
from newsletter.preflight import MOUNTS, _kind_of_disk, _line_to_set, preflight
from newsletter.scaffold import make_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 1, 5, 9, 4, tzinfo=UTC)
ROOT = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
MOVE = (
    "Move that folder to a disk of this computer that is not synced, whole, and say where it is:\n"
    "{line}\n"
    "Rehearsals, checks and everything else work where it is now."
)
NO_MOUNTS = Path(os.devnull)  # where these tests themselves run has no say
ROOM = "Make room there, or mend the folder's rights, then give the same command again. Nothing has been sent."

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor mounts")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this table of mounts")


@pytest.fixture
def ready(workspace: Path) -> Workspace:
    """A workspace from which a real send may go."""
    config = workspace / "newsletter.yaml"
    text = config.read_text("utf-8").replace("@example.org", "@partnership.internal")
    config.write_text(text.replace("1 Example Street", "1 Long Lane"), "utf-8")
    private_folder(workspace / ".newsletter")
    return open_workspace(workspace)


def refusal(
    workspace: Workspace,
    *,
    rehearsal: bool = False,
    now: datetime = NOW,
    mounts: Path = NO_MOUNTS,
) -> tuple[str, str]:
    """Return message and hint of the refusal, two empty strings when there is none."""
    try:
        preflight(workspace, rehearsal=rehearsal, now=now, mounts=mounts)
    except ConfigError as error:
        return error.message, error.hint
    return "", ""


def run(*command: str) -> bool:
    """Say whether *command* is there and did its work."""
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A function that mounts a disk in memory of some size; skips where only root may."""
    mounted: list[Path] = []

    def disk(size: str, name: str = "disk") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        if not run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "newsletter-test", str(folder)):
            pytest.skip("only root on Linux can mount a disk")
        mounted.append(folder)
        return folder

    yield disk
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_all_is_well(ready: Workspace) -> None:
    """Where all is as it should be nothing is said, and nothing is left behind."""
    assert ("", "") == refusal(ready)
    assert [] == list(ready.state.iterdir())


def test_a_state_that_is_not_there_yet(ready: Workspace) -> None:
    """The first send of a workspace makes its state folder, for its owner alone."""
    ready.state.rmdir()
    assert ("", "") == refusal(ready)
    assert ("", "") == refusal(ready)


# --- a disk of this computer ---


@linux
@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "fuse", "fuse.sshfs", "virtiofs"])
def test_a_network_disk(ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """G14: a state on a network or FUSE disk is refused, with a local folder and the line to set; no rehearsal is."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"{ROOT}90 27 0:50 / {tmp_path} rw shared:1 - {kind} //server/share rw\n", "utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/sam smith/state")
    line = f"export NEWSLETTER_STATE='/home/sam smith/state/newsletter/{tmp_path.name}'"
    message = (
        f"a real send cannot keep its record in {tmp_path}/.newsletter: "
        f"it lies on a network disk, or one that a program serves ({kind})"
    )
    assert (message, MOVE.format(line=line)) == refusal(ready, mounts=mounts)
    assert ("", "") == refusal(ready, rehearsal=True, mounts=mounts)


@linux
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "ecryptfs", "vfat", "fuseblk"])
def test_a_disk_of_this_computer(ready: Workspace, tmp_path: Path, kind: str) -> None:
    """A disk of this computer will do, whatever its kind, also where a network disk is mounted beside or below."""
    mounts = tmp_path / "mountinfo"
    network = "- nfs4 server:/ rw"
    mounts.write_text(
        f"{ROOT}90 27 0:50 / {tmp_path.parent} rw {network}\n91 90 8:1 / {tmp_path} rw - {kind} /dev/sda1 rw\n"
        f"92 91 0:51 / {tmp_path}/.news rw {network}\n93 91 0:52 / {tmp_path}/.newsletter/cache rw {network}\n",
        "utf-8",
    )
    assert ("", "") == refusal(ready, mounts=mounts)


@linux
def test_of_two_disks_in_one_place_the_later_counts(ready: Workspace, tmp_path: Path) -> None:
    """What is mounted over another hides it."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"{ROOT}90 27 0:50 / / rw - nfs4 server:/ rw\n", "utf-8")
    assert "(nfs4)" in refusal(ready, mounts=mounts)[0]
    mounts.write_text(f"90 27 0:50 / / rw - nfs4 server:/ rw\n{ROOT}", "utf-8")
    assert ("", "") == refusal(ready, mounts=mounts)


@linux
def test_where_even_the_home_is_on_the_network(
    ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G14: no folder is named that would be refused as well."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"{ROOT}90 27 0:50 / {tmp_path} rw - nfs4 server:/ rw\n", "utf-8")
    line = "export NEWSLETTER_STATE=/a/folder/on/this/computer"
    assert MOVE.format(line=line) == refusal(ready, mounts=mounts)[1]


@linux
def test_the_real_table_of_mounts(mount: Callable[..., Path]) -> None:
    """The kernel's own table is read, names with blanks and all: a disk in memory is found to be one."""
    folder = mount("64k", "a disk \\ é")
    where = (folder, folder / "not there yet", Path("/proc/self"))
    assert ["tmpfs", "tmpfs", "proc"] == [_kind_of_disk(path, MOUNTS) for path in where]


@pytest.mark.parametrize(
    "name",
    [
        "OneDrive", "OneDrive - Leeds City Council", "OneDrive-Personal", "Dropbox", "Dropbox (Team)", "Google Drive",
        "GoogleDrive-team", "My Drive", "iCloud Drive", "iCloudDrive", "Mobile Documents", "CloudStorage", "Box",
        "Box Sync", "Nextcloud", "Team Site - Documents",
    ],
)  # fmt: skip
def test_a_synced_folder(ready: Workspace, tmp_path: Path, name: str) -> None:
    """G14: a folder that a program copies to other computers is refused by its name; no rehearsal is."""
    state = private_folder(tmp_path / name / "newsletter" / ".newsletter")
    real = os.path.realpath(state)
    message = f'a real send cannot keep its record in {real}: all in "{name}" is synced with other computers'
    assert message == refusal(replace(ready, state=state))[0]
    assert ("", "") == refusal(replace(ready, state=state), rehearsal=True)


@posix
def test_a_link_to_a_synced_folder(ready: Workspace, tmp_path: Path) -> None:
    """G14: where the state really lies is what counts, whatever leads there."""
    (tmp_path / "link").symlink_to(private_folder(tmp_path / "Dropbox" / ".newsletter"))
    message, _ = refusal(replace(ready, state=tmp_path / "link"))
    assert message.endswith('/Dropbox/.newsletter: all in "Dropbox" is synced with other computers')


@pytest.mark.parametrize("name", ["box", "dropboxes", "OneDrives", "Inbox", "Documents", "My Drives", "nextcloud"])
def test_a_name_like_that_of_a_synced_folder(ready: Workspace, tmp_path: Path, name: str) -> None:
    """A folder or a user whose name only looks like it is nobody's sync."""
    assert ("", "") == refusal(replace(ready, state=private_folder(tmp_path / name / ".newsletter")))


def test_the_line_that_moves_the_state() -> None:
    """Each system is told its own line, which holds blanks together."""
    windows = PureWindowsPath(r"C:\Users\Sam Smith\AppData\Local\newsletter\leeds")
    assert [
        f'setx NEWSLETTER_STATE "{windows}"\nand open a new window, where it is known.',
        "export NEWSLETTER_STATE='/home/sam smith/leeds'",
    ] == [_line_to_set(Path(str(windows)), "win32"), _line_to_set(Path("/home/sam smith/leeds"), "linux")]


# --- its owner's alone ---


@posix
@pytest.mark.parametrize("name", ["", "key", "ledger.db", "people.db", "secrets.env"])
@pytest.mark.parametrize("mode", [0o040, 0o001])
def test_open_to_others(ready: Workspace, name: str, mode: int) -> None:
    """G28: a state that others may look into is refused, with the line that mends all of it; not in a rehearsal."""
    for file in ("key", "ledger.db", "people.db", "secrets.env"):
        write_private(ready.state / file, b"x")
    path = ready.state / name
    path.chmod(path.stat().st_mode | mode)
    hint = f"Keep it to yourself, then give the same command again:\nchmod -R go= {ready.state}"
    assert (f"{path} is open to others on this computer", hint) == refusal(ready)
    assert ("", "") == refusal(ready, rehearsal=True)
    subprocess.run(shlex.split(hint.splitlines()[1]), check=True)
    assert ("", "") == refusal(ready)


@posix
@pytest.mark.parametrize("name", ["", "ledger.db"])
def test_somebody_elses(ready: Workspace, name: str) -> None:
    """G9: a state or a ledger that belongs to another account is refused: that one could not send any more."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    write_private(ready.state / "ledger.db", b"x")
    os.chown(ready.state / name, 12_345, -1)
    told = (f"{ready.state / name} belongs to somebody else", "Send from the account that owns it.")
    assert told == refusal(ready)


# --- the clock ---


def test_after_a_flat_battery(ready: Workspace) -> None:
    """G22: a clock that says 1970 is refused, in the time of the workspace; summer or winter makes no difference."""
    message = "this computer's clock says Thursday 1 January 1970 at 1am, which cannot be"
    told = (message, "Set the clock, then give the same command again.")
    assert told == refusal(ready, now=datetime(1970, 1, 1, tzinfo=UTC))  # in 1970 London kept summer time all year
    assert ("", "") == refusal(ready, now=datetime(2026, 1, 1, tzinfo=UTC))


# --- who writes ---


def test_examples_are_told_at_once(workspace: Path, tmp_path: Path) -> None:
    """What `newsletter init` writes is refused whole, each key by its name; not in a rehearsal."""
    make_workspace(tmp_path / "new", today=NOW.date())
    message = (
        "newsletter.yaml is not ready for a real send: from is at example.org, where no mail arrives; "
        "reply_to is at example.org, where no mail arrives; postal_address is an example"
    )
    hint = "Write your own into newsletter.yaml. Until then only the outbox can be used: it sends nothing."
    for root in (tmp_path / "new", workspace):
        private_folder(root / ".newsletter")
        assert (message, hint) == refusal(open_workspace(root))
        assert ("", "") == refusal(open_workspace(root), rehearsal=True)


def test_our_own_workspace_is_an_example(ready: Workspace) -> None:
    """This repository's newsletter.yaml sends nothing as it stands."""
    ours = open_workspace(Path(__file__).parent.parent)
    assert 3 == refusal(replace(ready, config=ours.config))[0].count(" is ") - 1


@pytest.mark.parametrize("keys", [("reply_to",), ("postal_address",), ("reply_to", "postal_address")])
def test_what_may_not_be_left_out(keys: tuple[str, ...], ready: Workspace) -> None:
    """Readers must be told where answers go, and who writes; a rehearsal may leave that open."""
    bare = replace(ready, config=ready.config.model_copy(update=dict.fromkeys(keys)))
    told = "; ".join(f"{key} is missing" for key in keys)
    assert f"newsletter.yaml is not ready for a real send: {told}" == refusal(bare)[0]
    assert ("", "") == refusal(bare, rehearsal=True)


@pytest.mark.parametrize(
    ("domain", "refused"),
    [
        *((domain, True) for domain in (
            "example.org", "Example.COM", "example.net", "mail.example.org", "leeds.example", "leeds.test",
            "leeds.invalid", "pc.local", "localhost", "pc.localhost",
        )),
        *((domain, False) for domain in ("myexample.org", "example.org.uk", "latest", "local.gov.uk", "test.uk")),
    ],
)  # fmt: skip
def test_domains_where_no_mail_arrives(ready: Workspace, domain: str, refused: bool) -> None:  # noqa: FBT001
    """RFC 2606, 6761 and 6762 set names aside; only those and what lies below them are refused."""
    config = ready.config.model_copy(update={"sender": f"Us <us@{domain}>"})
    told = f"newsletter.yaml is not ready for a real send: from is at {domain}, where no mail arrives"
    assert (told if refused else "") == refusal(replace(ready, config=config))[0]


# --- room ---

REHEARSAL = pytest.mark.parametrize("rehearsal", [True, False])


@REHEARSAL
def test_a_small_disk(ready: Workspace, mount: Callable[..., Path], rehearsal: bool) -> None:  # noqa: FBT001
    """G7: a disk of 64 kB is refused before anything is sent, rehearsing too."""
    state = mount("64k")
    told = (f"less than 20 MB of room is left in {state}", ROOM)
    assert told == refusal(replace(ready, state=state), rehearsal=rehearsal)
    run("mount", "-o", "remount,size=30m", str(state))
    assert ("", "") == refusal(replace(ready, state=state), rehearsal=rehearsal)


@REHEARSAL
def test_room_that_cannot_be_used(ready: Workspace, rehearsal: bool) -> None:  # noqa: FBT001
    """G7, G24: where a limit or a quota grants no megabyte, free space on the disk is no help."""
    with small_disk_of(100_000):
        told = refusal(ready, rehearsal=rehearsal)
    assert (f"{ready.state} cannot be written to: File too large", ROOM) == told
    assert [] == list(ready.state.iterdir())


@posix
@REHEARSAL
def test_a_read_only_folder(ready: Workspace, mount: Callable[..., Path], rehearsal: bool) -> None:  # noqa: FBT001
    """G9: a folder on a read-only disk is refused, rehearsing too."""
    state = mount("30m")
    run("mount", "-o", "remount,ro", str(state))
    told = (f"{state} cannot be written to: Read-only file system", ROOM)
    assert told == refusal(replace(ready, state=state), rehearsal=rehearsal)


@posix
@REHEARSAL
def test_a_folder_without_the_right_to_write(ready: Workspace, rehearsal: bool) -> None:  # noqa: FBT001
    """G9: a folder in which the account may not write is refused, rehearsing too."""
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    ready.state.chmod(0o500)
    told = refusal(ready, rehearsal=rehearsal)
    ready.state.chmod(0o700)
    assert (f"{ready.state} cannot be written to: Permission denied", ROOM) == told


@REHEARSAL
def test_a_file_in_the_way(ready: Workspace, rehearsal: bool) -> None:  # noqa: FBT001
    """A file where the folder should be is refused, and stays."""
    state = ready.root / "state"
    write_private(state, b"x")
    message, hint = refusal(replace(ready, state=state), rehearsal=rehearsal)
    assert (True, ROOM) == (bool(re.fullmatch(rf"{re.escape(str(state))} cannot be written to: .+", message)), hint)
    assert b"x" == state.read_bytes()
