"""The fault loop: fail the first, second, third ... system call of a send, until nothing is left to fail.

After each fault the same command is given again until the send is over; then it is counted what each person got and
what the ledger says. The method is SQLite's own (https://sqlite.org/testing.html, "I/O error testing").
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from program import Zygote

_CLEAN_RUNS = 2  # how many runs in a row without the fault end a loop
_RESUMES = 6  # how often the command is given again, at the most


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the *k*-th of certain system calls: ``kill`` or an error such as ``ENOSPC``."""

    calls: str  # as strace names it: "pwrite64", or "link,linkat" where systems differ
    what: str

    @property
    def injection(self) -> str:
        """What strace is told to do."""
        return "signal=KILL" if self.what == "kill" else f"error={self.what}"

    def __str__(self) -> str:
        return f"{self.what} at {self.calls}"


class World(Protocol):
    """Where a send goes: it counts what reached whom, and knows nothing of the ledger."""

    folder: Path  # the workspace
    state: Path  # its .newsletter

    def renew(self) -> None:
        """Begin again: nothing sent, nothing received."""

    def received(self) -> Counter[str]:
        """How many copies each address got."""


@dataclass(slots=True)
class Tally:
    """What a loop found."""

    runs: int = 0
    tried: int = 0  # in how many of them the fault happened
    finished: int = 0  # sends that ended with everybody accepted
    doubles: int = 0
    lost: int = 0  # neither received nor told to be unknown
    false_accepted: int = 0
    unknown: int = 0  # people that it ended in doubt about
    worst: int = 0  # the most of them after one fault
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"tried {self.tried:3}, doubles {self.doubles}, lost {self.lost}, "
            f"false accepted {self.false_accepted}, unknown {self.unknown:3}"
        )


def attempt(
    started: Zygote, arguments: Sequence[str], folder: Path, scratch: Path, fault: str = ""
) -> tuple[int, str, bool]:
    """Run ``newsletter`` with *arguments* in *folder* and return exit code, output, and whether *fault* happened.

    *fault* is strace's description of an injection, as ``pwrite64:signal=KILL:when=3``.
    """
    trace = scratch / "trace"
    trace.unlink(missing_ok=True)
    with open(os.devnull, "rb") as nothing, (scratch / "output").open("w+b") as output:  # noqa: PTH123  a device
        command = started.fork(arguments, folder, nothing.fileno(), output.fileno(), output.fileno())
        with _traced(command.pid, fault, trace) if fault else nullcontext():
            command.go()
            code = command.wait()
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    happened = fault != "" and (b"(INJECTED)" in trace.read_bytes() or b"killed by SIGKILL" in trace.read_bytes())
    return code, said, happened


@contextmanager
def _traced(pid: int, fault: str, trace: Path) -> Iterator[None]:
    """Have strace inject *fault* into *pid*, from before the `with` begins until the process ends."""
    calls = fault.partition(":")[0]
    strace = subprocess.Popen(
        ["strace", "-f", "-o", str(trace), "-e", f"trace={calls}", "-e", f"inject={fault}", "-p", str(pid)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert strace.stderr is not None
    line = strace.stderr.readline()  # "strace: Process 4711 attached"
    assert "attached" in line, line
    drain = threading.Thread(target=strace.stderr.read)
    drain.start()
    try:
        yield
    finally:
        strace.wait(60)
        drain.join()
        strace.stderr.close()


def loop(world: World, fault: Fault, started: Zygote, scratch: Path, arguments: Sequence[str]) -> Tally:
    """Let *fault* happen at its first call, its second, and so on, until it happens no more; return what was found."""
    tally, clean, k = Tally(), 0, 0
    while clean < _CLEAN_RUNS:
        k += 1
        world.renew()
        injection = f"{fault.calls}:{fault.injection}:when={k}"
        code, output, happened = attempt(started, arguments, world.folder, scratch, injection)
        clean = 0 if happened else clean + 1
        tally.runs += 1
        if happened:
            tally.tried += 1
        _check_output(fault, k, code, output, tally)
        _check(world, f"{fault}, number {k}, just after", tally, over=False)
        for _ in range(_RESUMES):
            code, output, _ = attempt(started, arguments, world.folder, scratch)
            _check_output(fault, k, code, output, tally)
            if code in {0, 5} or "Nobody is left" in output or "may have it or not" in output:
                break
        else:
            tally.problems.append(f"{fault}, number {k}: never over; the last word was {code}: {output[-100:]}")
        _check(world, f"{fault}, number {k}, at the end", tally, over=True)
    return tally


def _check_output(fault: Fault, k: int, code: int, output: str, tally: Tally) -> None:
    """No traceback, no address, and an exit code that is promised."""
    if "Traceback" in output or "fault of its own" in output:
        tally.problems.append(f"{fault}, number {k}: {output[-200:]}")
    if PEOPLE[0][-12:] in output:
        tally.problems.append(f"{fault}, number {k}: an address in the output: {output[-100:]}")
    if code not in {0, 3, 5, 6, -signal.SIGKILL}:
        tally.problems.append(f"{fault}, number {k}: exit code {code}: {output[-100:]}")


def _check(world: World, when: str, tally: Tally, *, over: bool) -> None:
    """Hold the six invariants against what was received, as the world counts it."""
    received = world.received()
    doubles = sum(number - 1 for number in received.values())  # I1
    states = _states(world.state)
    accepted = {address for address, state in states.items() if state == "accepted"}
    doubtful = {address for address, state in states.items() if state in {"unknown", "submitting"}}
    false = len(accepted - set(received))  # I2
    untold = set(received) - accepted - doubtful  # I3
    if not world_is_repeatable(world) and untold:
        tally.problems.append(f"{when}: {len(untold)} have it and the ledger does not say so")
    tally.doubles += doubles
    tally.false_accepted += false
    if doubles or false:
        tally.problems.append(f"{when}: {doubles} doubles, {false} falsely accepted")
    if not over:
        return
    waiting = [address for address, state in states.items() if state in {"planned", "submitting"}]
    lost = set(PEOPLE) - set(received) - doubtful  # I4
    tally.lost += len(lost) + len(waiting)
    if lost or waiting or set(states) != set(PEOPLE):
        tally.problems.append(f"{when}: {len(lost)} lost, {len(waiting)} waiting, {len(states)} of {len(PEOPLE)} known")
    tally.unknown += len(doubtful)
    tally.worst = max(tally.worst, len(doubtful))
    tally.finished += not doubtful


def world_is_repeatable(world: World) -> bool:
    """Whether a copy handed over twice is one copy there, as in the outbox."""
    return bool(getattr(world, "is_repeatable", False))


def _states(state: Path) -> dict[str, str]:
    """What the ledger says of each address; the database itself must be sound (I5)."""
    if not (state / "ledger.db").exists():
        return {}
    # Read as the next run will: with a journal that a crash has left rolled back.
    database = sqlite3.connect(state / "ledger.db")
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return dict(database.execute("SELECT address, state FROM recipient").fetchall())
    finally:
        database.close()


PEOPLE = tuple(f"reader{number:02}@example.org" for number in range(4))  # two batches
