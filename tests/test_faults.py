"""The proof: whatever fails, at whatever moment, nobody gets two, nobody is lost, and nothing is claimed in vain."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import pytest
from components import missing
from faultloop import Fault, Tally, attempt, loop
from faultworlds import OutboxWorld, http, outbox, smtp
from program import Zygote, zygote
from pytest_socket import enable_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

Bench: TypeAlias = tuple[OutboxWorld, Zygote]

SEND = ("send", "2026-01", "--list", "practitioners", "--yes")
# What a send asks of the disk: SQLite writes with pwrite64 and syncs with fdatasync, Python with write and fsync.
# Each has a loop of its own, since strace counts each for itself; of two names for one call a system has one.
WRITES, SYNCS, NAMES = ("pwrite64", "write"), ("fdatasync", "fsync"), ("unlink,unlinkat", "link,linkat")
DISK = [
    *(Fault(call, "kill") for call in (*WRITES, *SYNCS, *NAMES)),
    *(Fault(call, "ENOSPC") for call in WRITES),
    *(Fault(call, "EIO") for call in (*SYNCS, *NAMES)),
]
# Where inside a transaction a write fails is the ledger's affair, the same whoever the batch goes to: those loops, by
# far the longest, are gone through where nothing can be handed over twice, and where everything can.
FEW_WRITES = [fault for fault in DISK if fault.calls != "pwrite64"]
NETWORK = [
    *(Fault(call, "kill") for call in ("connect", "sendto", "recvfrom")),
    Fault("connect", "ENETUNREACH"),
    Fault("sendto", "ECONNRESET"),
    Fault("recvfrom", "ECONNRESET"),
]
KILLED_BETWEEN = Fault("fdatasync", "kill")  # before and after all that the ledger knows
CAREFUL = ("small_batches", "small_filler", "no_authorities", "no_waiting", "scripted_provider", "built_once")
CARELESS = (*CAREFUL, "without_intent")


@pytest.fixture(scope="module")
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the system has that: the loops sync thousands of times, and no power is ever cut."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own in it
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def rehearsal(quick_folder: Path) -> Iterator[Bench]:
    """A workspace that sends into the outbox."""
    with outbox(quick_folder / "outbox") as world, ready(world, *CAREFUL) as bench:
        yield bench


@pytest.fixture(scope="module")
def service(quick_folder: Path) -> Iterator[Bench]:
    """A workspace that sends to a service over HTTP."""
    with http(quick_folder / "http") as world, ready(world, *CAREFUL) as bench:
        yield bench


@pytest.fixture(scope="module")
def careful_service(quick_folder: Path) -> Iterator[Bench]:
    """A workspace that sends to a service over HTTP which promises to ignore repeats."""
    with http(quick_folder / "careful", idempotent=True) as world, ready(world, *CAREFUL) as bench:
        yield bench


@pytest.fixture(scope="module")
def mail_host(quick_folder: Path) -> Iterator[Bench]:
    """A workspace that sends to a mail server."""
    with smtp(quick_folder / "smtp") as world, ready(world, *CAREFUL) as bench:
        yield bench


@contextmanager
def ready(world: OutboxWorld, *setups: str) -> Iterator[Bench]:
    """Send once from *world*, in a zygote that is left for the loops."""
    if shutil.which("strace") is None:
        missing("strace (Debian package strace)")
    setups = tuple(f"faultsetups:{name}" for name in setups)
    with zygote(*setups, FAULT_WORKSPACE=str(world.folder)) as started:
        assert 0 == started.rehearse(SEND, world.folder)
        yield world, started


def proven(bench: Bench, fault: Fault, scratch: Path) -> Tally:
    """Go through a loop and show its figures."""
    enable_socket()
    world, started = bench
    tally = loop(world, fault, started, scratch, SEND)
    sys.stdout.write(f"\n{world.name:<21} {fault!s:<26} {tally}\n")  # pytest -s shows the figures
    return tally


@pytest.mark.parametrize("fault", DISK, ids=str)
def test_the_outbox_survives(fault: Fault, rehearsal: Bench, tmp_path: Path) -> None:
    """Whatever the disk does at whatever moment of a rehearsal, each person has one whole copy in the end."""
    tally = proven(rehearsal, fault, tmp_path)
    assert [] == tally.problems
    assert tally.tried > 0
    assert (tally.runs, 0) == (tally.finished, tally.unknown)


def test_the_first_send_of_all_survives(rehearsal: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a send that has to make the ledger can be killed at any moment."""
    monkeypatch.setattr(rehearsal[0], "has_ledger", False)
    tally = proven(rehearsal, KILLED_BETWEEN, tmp_path)
    assert [] == tally.problems
    assert tally.tried > 0
    assert (tally.runs, 0) == (tally.finished, tally.unknown)


@pytest.mark.parametrize("fault", [*DISK, *NETWORK], ids=str)
def test_a_service_over_http_survives(fault: Fault, service: Bench, tmp_path: Path) -> None:
    """Whatever fails on the way to a service, nobody gets two, nobody is lost, and at most one batch is in doubt."""
    tally = proven(service, fault, tmp_path)
    assert [] == tally.problems
    assert tally.tried > 0
    assert tally.worst <= 2


@pytest.mark.parametrize("fault", [*FEW_WRITES, *NETWORK], ids=str)
def test_a_service_that_ignores_repeats_leaves_no_doubt(fault: Fault, careful_service: Bench, tmp_path: Path) -> None:
    """Where the service promises to ignore repeats everybody is accepted in the end, and nobody gets two."""
    tally = proven(careful_service, fault, tmp_path)
    assert [] == tally.problems
    assert tally.tried > 0
    assert (tally.runs, 0) == (tally.finished, tally.unknown)


@pytest.mark.parametrize("fault", [*FEW_WRITES, *NETWORK], ids=str)
def test_a_mail_server_survives(fault: Fault, mail_host: Bench, tmp_path: Path) -> None:
    """Whatever fails on the way to a mail server, nobody gets two or is lost, and at most one batch is in doubt."""
    tally = proven(mail_host, fault, tmp_path)
    assert [] == tally.problems
    assert tally.tried > 0
    assert tally.worst <= 2


@pytest.mark.parametrize("calls", ["write", "fsync", "rename,renameat"])
def test_a_build_that_is_killed_leaves_no_half_file(calls: str, rehearsal: Bench, tmp_path: Path) -> None:
    """G26: whenever a build is killed, each file that can be seen is there whole."""
    world, started = rehearsal
    build, folder = ("build", "2026-01"), world.folder / "build/2026-01"
    assert 0 == attempt(started, build, world.folder, tmp_path)[0]
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    tried, happened = 0, True
    while happened:
        shutil.rmtree(folder)
        happened = attempt(started, build, world.folder, tmp_path, f"{calls}:signal=KILL:when={tried + 1}")[2]
        seen = {path.name: path.read_bytes() for path in folder.glob("[!.]*")}
        assert seen == {name: data for name, data in whole.items() if name in seen}
        tried += happened
    assert whole == seen
    assert tried >= len(whole)


def test_the_loop_finds_a_program_that_records_after_sending(tmp_path: Path) -> None:
    """The negative control: without the intent on the disk first, the same loop finds people who got two."""
    with http(tmp_path / "w") as world, ready(world, *CARELESS) as bench:
        tally = proven(bench, KILLED_BETWEEN, tmp_path)
    assert tally.doubles > 0
    assert any("doubles" in problem for problem in tally.problems)
