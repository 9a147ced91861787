"""What the benchmarks share: a run and what it cost, turns, medians, and the rows of the table.

The memory of a child is the most it ever had, as wait4 tells it; Linux counts what the process that starts a child has
itself, since that is what the child is until its program is loaded. So each benchmark runs in a process of its own that
imports little (benchmarks/run.py sees to that).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parent.parent
NEWSLETTER = [sys.executable, "-m", "newsletter"]

T = TypeVar("T")


class Unmeasured(Exception):
    """Why something cannot be measured here."""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured: turns of each, *people* of a send, the *most* people for memory; *peers* is kept."""

    rounds: int
    people: int
    most: int
    peers: Path


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. *holds* is None where nothing is asked for."""

    what: str
    goal: str
    measured: str
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took: seconds by the clock and of CPU, and the most memory in MiB."""

    seconds: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Run:
    """One send: people a second by the clock, seconds of CPU for 1,000 people, and the most memory in MiB."""

    rate: float
    cpu: float
    memory: float


class Sink:
    """The mail server that takes everything and counts it, a process of its own."""

    program = "sink.py"

    def __init__(self) -> None:
        command = [sys.executable, str(ROOT / "benchmarks" / self.program)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._read())

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def taken(self) -> int:
        """Return how many copies it has taken so far."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._read())


def spend(command: Sequence[object], folder: Path) -> Spent:
    """Run *command* in *folder* to its end, and return what it took. Stops the benchmark if it fails."""
    begun = perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))[:200]}: exit {process.returncode}\n{said[-2000:]}")
    unit = 1024**2 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB on Linux
    return Spent(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def measured(command: Sequence[object], folder: Path, sink: Sink, people: int) -> Run:
    """Run *command* in *folder*; its own count is the sink's, or the run is worth nothing."""
    before = sink.taken()
    spent = spend(command, folder)
    taken = sink.taken() - before
    if taken != people:
        sys.exit(f"{' '.join(map(str, command))[:200]}: the sink took {taken:,} of {people:,}")
    return Run(people / spent.seconds, spent.cpu / people * 1000, spent.memory)


def in_turn(runs: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Run each in turn, *rounds* times, so that a machine that drifts is as slow for one as for the other."""
    found: dict[str, list[T]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return found


def middle(runs: Sequence[T]) -> T:
    """Return the median of *runs*: of numbers, or of each field of what has several, as Spent and Run have."""
    if isinstance(runs[0], float):
        return median(runs)  # type: ignore[type-var]
    kind: Any = type(runs[0])
    return kind(*(median(getattr(run, field) for run in runs) for field in kind.__slots__))  # type: ignore[no-any-return]


def medians(runs: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, T]:
    """Run each in turn and return the medians."""
    return {name: middle(found) for name, found in in_turn(runs, rounds).items()}


def slower(what: str, goal: float, peer: str, own: Spent, other: Spent) -> Row:
    """Return the row of a goal that *own* takes at most *goal* times what *other* does, by the clock and of CPU."""
    clock, cpu = own.seconds / other.seconds, own.cpu / other.cpu
    took = f"{own.seconds * 1000:,.0f} ms against {other.seconds * 1000:,.0f} ms"
    return Row(what, f"<= {goal} x {peer}", f"CPU {cpu:.2f} x, clock {clock:.2f} x ({took})", max(clock, cpu) <= goal)


def quicker(what: str, goal: float, peer: str, own: Run, other: Run) -> Row:
    """Return the row of a goal that *own* hands over at least *goal* times as many people a second as *other*."""
    ratio = own.rate / other.rate
    rates = f"{own.rate:,.0f}/s against {other.rate:,.0f}/s"
    return Row(what, f">= {goal} x {peer}", f"{ratio:.1f} x ({rates})", ratio >= goal)


def alone(rows: Callable[[Options], list[Row]]) -> None:
    """Measure the rows of one benchmark and print them."""
    with TemporaryDirectory() as name:
        parser = options_of("One benchmark: prints its rows and writes nothing.")
        for row in rows(chosen(parser.parse_args(), Path(name))):
            print(f"{row.what} | {row.goal} | {row.measured} | {verdict(row)}", flush=True)


def options_of(description: str) -> argparse.ArgumentParser:
    """Return the options that all benchmarks take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each; of quick things three times as many")
    parser.add_argument("--people", type=int, default=10_000, help="of a send (default 10,000)")
    parser.add_argument(
        "--most", type=int, default=50_000, help="people for the memory (default 50,000; whole 1000000)"
    )
    parser.add_argument("--peers", type=Path, help="keep the installed peers in this folder for the next time")
    return parser


def chosen(given: argparse.Namespace, temporary: Path) -> Options:
    """Return the options *given*; without a folder for the peers they go into the *temporary* one."""
    peers = (given.peers or temporary / "peers").resolve()
    peers.mkdir(parents=True, exist_ok=True)
    return Options(given.rounds, given.people, given.most, peers)


def verdict(row: Row) -> str:
    """Return what the table's last column says."""
    return {True: "yes", False: "**no**", None: ""}[row.holds]
