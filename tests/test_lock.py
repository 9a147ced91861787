"""One send at a time: the lock is held by one process, and freed however that process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import ConfigError, RefusedError
from newsletter.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REFUSED = (
    "Not done: another send is running in this workspace.",
    "Let that one end, or stop it with Ctrl-C. It loses nothing.",
)
HOLD = """
import sys
from pathlib import Path
from newsletter.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
# One send after another in the workspace, each as soon as it may; no wait for a database covers up a wrong order.
SENDS = """
import os, sys
from pathlib import Path
from newsletter import database
from newsletter.commands.desk import open_desk
from newsletter.transport import open_provider
from newsletter.config import open_workspace
from newsletter.errors import RefusedError
from ledgers import crowd, planned
database._WAIT = 0
workspace = open_workspace(Path(sys.argv[1]))
provider = open_provider(workspace, "practitioners")
print("ready", flush=True)
sys.stdin.readline()
done = 0
while done < 9:
    try:
        with open_desk(workspace, provider) as desk:
            planned(desk.ledger, crowd(1), issue=f"{os.getpid()}-{done}", rehearsal=True)
            done += 1
    except RefusedError as error:
        assert error.message.startswith("Not done: another send is running"), error.message
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock is."""
    return tmp_path / "state" / "lock"


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its stdin is closed."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "held\n" == process.stdout.readline()
        yield process


def refusal(path: Path) -> tuple[str, str]:
    """Try to take the lock, which must be refused; return message and hint."""
    with pytest.raises(RefusedError) as caught, locked(path):
        pass
    return caught.value.message, caught.value.hint


def test_held_by_another_process(path: Path) -> None:
    """While another process holds it, we are refused at once, in words; when that one has ended, it is ours."""
    with holder(path):
        assert REFUSED == refusal(path)
        assert REFUSED == refusal(path)
    with locked(path):
        pass


def test_held_by_ourselves(path: Path) -> None:
    """Not even the process that holds it gets it a second time."""
    with locked(path):
        assert REFUSED == refusal(path)


def test_freed_when_its_holder_is_killed(path: Path) -> None:
    """A holder that is killed frees it: the system does, not the holder."""
    with holder(path) as process:
        process.kill()
        process.wait()
        with locked(path):
            pass


def test_freed_after_an_error(path: Path) -> None:
    """An error within frees it."""
    with pytest.raises(KeyboardInterrupt), locked(path):
        raise KeyboardInterrupt
    with locked(path):
        pass


def test_never_removed(path: Path) -> None:
    """The file stays, the same one: who removes a lock file lets two in."""
    with locked(path):
        first = path.stat()
    with locked(path):
        pass
    assert (first.st_ino, ["lock"]) == (path.stat().st_ino, [file.name for file in path.parent.iterdir()])
    if os.name != "nt":
        assert (0o100600, 0o40700) == (first.st_mode, path.parent.stat().st_mode)


def test_not_inherited(path: Path) -> None:
    """A child that outlives us does not hold it on."""
    wait = [sys.executable, "-c", "import sys; print('alive', flush=True); sys.stdin.read()"]
    with locked(path):
        child = subprocess.Popen(wait, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=False)
        assert child.stdout is not None
        assert "alive\n" == child.stdout.readline()
    with child, locked(path):
        assert child.poll() is None


def to_a_file(path: Path) -> None:
    """A link to another file."""
    path.symlink_to(path.with_name("other"))
    path.with_name("other").write_text("other", "utf-8")


@pytest.mark.parametrize(
    ("make", "reason"),
    [(lambda path: path.mkdir(), "Is a directory"), (to_a_file, "Too many levels of symbolic links")],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other words and no such links")
def test_what_is_no_lock(make: Callable[[Path], None], reason: str, path: Path) -> None:
    """A folder or a link of that name is told in words and stays."""
    path.parent.mkdir()
    make(path)
    before = path.lstat()
    with pytest.raises(ConfigError) as caught, locked(path):
        pass
    hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
    assert (f"lock cannot be used: {reason}", hint) == (caught.value.message, caught.value.hint)
    assert before == path.lstat()


@pytest.mark.slow
def test_the_databases_are_closed_first(workspace: Path) -> None:
    """Of four processes that send one after another, nine times each, none ever finds a database busy (G16)."""
    command = [sys.executable, "-c", SENDS, str(workspace)]
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}  # noqa: PTH120
    processes = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(4)
    ]
    assert ["ready\n"] * 4 == [process.stdout.readline() for process in processes if process.stdout]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [("", "", 0)] * 4 == [(*process.communicate(), process.returncode) for process in processes]
