"""The program, as tests run it: in a process of its own, which on Linux need not import it all over again."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROGRAM = [sys.executable, "-m", "newsletter"]
TESTS = Path(__file__).parent
_REHEARSAL = ["send", "--list", "practitioners", "--yes"]
_HELD = ("PYTHON", "LANG", "LC_", "TZ")  # what a Python obeys only at its start


class Command:
    """A command that has been forked and waits for `go`."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = self._number()

    def _number(self) -> int:
        said = self._told.recv(100)
        if not said:
            raise RuntimeError("the zygote has died")
        return int(said)

    def go(self) -> None:
        """Let it begin."""
        self._told.send(b"!")

    def wait(self) -> int:
        """Wait for its end and return the exit code; minus the signal if it was killed."""
        with self._told:
            return self._number()


class Zygote:
    """A process that forks commands; see ``zygote.py``."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked

    def fork(
        self, arguments: Sequence[str], folder: Path, *streams: int, env: Mapping[str, str] | None = None
    ) -> Command:
        """Fork ``newsletter`` with *arguments* in *folder*; its stdin, stdout and stderr are *streams*."""
        return Command(self._ask(arguments, folder, streams, os.environ if env is None else env, is_here=False))

    def rehearse(self, arguments: Sequence[str], folder: Path) -> int:
        """Run a command in the zygote itself, so that others need not work out again what a program does once."""
        with (
            TemporaryFile() as output,
            self._ask(arguments, folder, [output.fileno()] * 3, os.environ, is_here=True) as told,
        ):
            return int(told.recv(100))

    def _ask(
        self, arguments: Sequence[str], folder: Path, streams: Sequence[int], env: Mapping[str, str], *, is_here: bool
    ) -> socket.socket:
        command = {"arguments": list(arguments), "folder": str(folder), "environment": dict(env), "is_here": is_here}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._asked, [json.dumps(command).encode()], [*streams, theirs.fileno()])
        return ours


@contextmanager
def zygote(*setups: str, **environment: str) -> Iterator[Zygote]:
    """Start a zygote for one `with`; each of *setups*, ``module:function``, is called in it once all is imported."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    known = os.environ | {"PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [sys.executable, str(TESTS / "zygote.py"), *setups]
    with ours, subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=known) as process:
        theirs.close()
        try:
            yield Zygote(ours)
        finally:
            process.kill()


@cache
def shared() -> Zygote:
    """Return the zygote that the tests of this process share."""
    life = ExitStack()
    atexit.register(life.close)
    started = life.enter_context(zygote())
    with TemporaryDirectory() as folder:
        codes = [started.rehearse(words, Path(folder)) for words in (["init"], ["check"], _REHEARSAL)]
    assert [0, 0, 0] == codes
    return started


def _held(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_HELD)}


_AT_START = _held(os.environ)


def can_fork(env: Mapping[str, str]) -> bool:
    """Whether a forked command is the same as one that is started: what a process inherits must be as it was."""
    if sys.platform != "linux" or _held(env) != _AT_START:
        return False
    from resource import RLIM_INFINITY, RLIMIT_FSIZE, getrlimit  # noqa: PLC0415  Windows has none

    return getrlimit(RLIMIT_FSIZE)[0] == RLIM_INFINITY  # its output goes into files


def run(
    *arguments: str, cwd: Path, program: Sequence[str] = PROGRAM, **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run the program to its end, with nobody to answer, as `subprocess.run` does, whose *options* are known."""
    env = options.get("env") or os.environ
    if set(options) - {"env"} or program != PROGRAM or not can_fork(env):
        usual: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8"}
        return subprocess.run([*program, *arguments], cwd=cwd, timeout=120, check=False, **(usual | options))
    with Path(os.devnull).open("rb") as nothing, TemporaryFile() as out, TemporaryFile() as err:
        command = shared().fork(arguments, cwd, nothing.fileno(), out.fileno(), err.fileno(), env=env)
        command.go()
        code = command.wait()
        return subprocess.CompletedProcess([*PROGRAM, *arguments], code, _text(out), _text(err))


def begin(
    *arguments: str, cwd: Path, terminal: int, program: Sequence[str] = PROGRAM, **environment: str
) -> Command | subprocess.Popen[bytes]:
    """Start the program on a terminal; its `pid` is known, and `wait` returns its exit code."""
    env = os.environ | environment
    if program == PROGRAM and can_fork(env):
        command = shared().fork(arguments, cwd, terminal, terminal, terminal, env=env)
        command.go()
        return command
    return subprocess.Popen([*program, *arguments], cwd=cwd, env=env, stdin=terminal, stdout=terminal, stderr=terminal)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")
