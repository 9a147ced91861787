"""Sends as they stand in a ledger, made through the ledger itself, and commands about them on a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from newsletter.elapsed import Stamp
from newsletter.ledger import Ledger, open_ledger
from newsletter.message import Edition, Mailbox, Sender, compose, freeze
from newsletter.people import open_people
from newsletter.records import Entry, Order, Record, State
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PROGRAM = [sys.executable, "-m", "newsletter"]
MORNING = datetime(2026, 1, 5, 9, 4, tzinfo=UTC)
ACCEPTED, REJECTED, UNKNOWN = State.ACCEPTED, State.REJECTED, State.UNKNOWN
PLANNED, SKIPPED, SUBMITTING = State.PLANNED, State.SKIPPED, State.SUBMITTING

# What became of somebody: address, name, state and reason.
Fate = tuple[str, str, State, str]


@dataclass(frozen=True)
class Made:
    """A send to make: everybody in one batch, handed over *at* (UTC). With SUBMITTING it is cut off there."""

    fates: Sequence[Fate] = ()
    issue: str = "2026-01"
    list_name: str = "practitioners"
    at: datetime = MORNING
    left_out: Mapping[str, int] = field(default_factory=dict)
    edition: int = 1
    rehearsal: bool = False
    provider: str = "smtp"
    account: str = "smtp.example.org:587"


_WHO = Mailbox("Sample", "newsletter@partnership.internal")
_MESSAGE = freeze(
    compose(
        Edition("2026-01", "Subject", "", "<p>Words</p>", "Words"),
        Sender(_WHO, _WHO, "Partnership"),
        list_name="practitioners",
        list_title="Practitioners",
    )
)


def everybody(state: State, number: int, *, reason: str = "", start: int = 0) -> list[Fate]:
    """So many people with the same fate, numbered from *start*."""
    return [(f"p{n}@example.org", f"Person {n}", state, reason) for n in range(start, start + number)]


@contextmanager
def ledger_of(workspace: Path) -> Iterator[Ledger]:
    """The ledger of a workspace, open."""
    state = workspace / ".newsletter"
    with open_ledger(state, workspace_key(state)) as ledger:
        yield ledger


def make(workspace: Path, *sends: Made) -> None:
    """Put *sends* into the ledger of *workspace*, as if each had run at its time."""
    state = workspace / ".newsletter"
    with open_people(state, workspace_key(state)) as people:
        people.make(is_first=True)
    for send in sends:
        written = send.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with (
            patch("newsletter.ledger._now", return_value=written),
            patch("newsletter.ledger._who", return_value="sam"),
            patch("newsletter.ledger.stamp", return_value=Stamp(send.at, "", 0)),
            ledger_of(workspace) as ledger,
        ):
            _run(ledger, send, workspace_key(workspace / ".newsletter"))


def _run(ledger: Ledger, send: Made, secret: bytes) -> None:
    order = Order(
        send.issue, send.list_name, send.provider, send.account, f"Issue {send.issue}", "content", "version", _MESSAGE,
        send.edition, send.rehearsal,
    )  # fmt: skip
    people = [Entry(person_key(secret, address), address, name) for address, name, _, _ in send.fates]
    with ledger.planning(order, people, left_out=send.left_out, size=max(len(people), 1)) as record:
        pass
    batch = ledger.next_batch(record.id)
    if batch is None:
        return
    fates = {person_key(secret, address): (state, reason) for address, _, state, reason in send.fates}
    ledger.skip(batch, {one: reason for one, (state, reason) in fates.items() if state is SKIPPED})
    if {state for state, _ in fates.values()} <= {PLANNED, SKIPPED}:
        return
    ledger.submitting(batch)
    if SUBMITTING not in {state for state, _ in fates.values()}:
        ledger.settle(batch, [(one, *fate, "") for one, fate in fates.items() if fate[0] is not SKIPPED])


def find(workspace: Path, issue: str = "2026-01", list_name: str = "practitioners") -> Record:
    """The real send of *issue* to a list."""
    with ledger_of(workspace) as ledger:
        record = ledger.find(issue, list_name, edition=1, rehearsal=False)
    assert record is not None
    return record


def run(workspace: Path, *arguments: str, **options: Any) -> tuple[int, str, str]:
    """Run the program as a user does, with nobody to answer: its exit code, and what it said on stdout and stderr."""
    done = subprocess.run(
        [*PROGRAM, *arguments], cwd=workspace, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        encoding="utf-8", timeout=120, **options,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def talk(workspace: Path, *arguments: str, typed: bytes | signal.Signals = b"") -> tuple[int, str]:
    """Run the program on a real terminal and type, or send a signal, when it asks.

    Return the exit code and what the terminal showed.
    """
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments], cwd=workspace, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm"},
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
            if typed and shown.endswith(b"to stop: "):
                if isinstance(typed, signal.Signals):
                    process.send_signal(typed)
                    typed = b"\n"  # wakes a program that had not begun to read when the signal came
                os.write(ours, typed)
                typed = b""
        process.wait(60)
    os.close(ours)
    return process.returncode, re.sub(r"\x1b\[[;?\d]*[a-zA-Z]", "", shown.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


@contextmanager
def another_send(workspace: Path) -> Iterator[None]:
    """Another process that holds the lock of *workspace*, with a plan that it has written and not yet kept."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(workspace / ".newsletter")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.kill()


_HOLDER = """
import sys
from pathlib import Path
from newsletter.people import open_people
from newsletter.ledger import open_ledger
from newsletter.lock import locked
from newsletter.records import Entry, Order
from newsletter.tokens import workspace_key

state = Path(sys.argv[1])
order = Order("2026-02", "practitioners", "smtp", "x", "February", "other", "version", b"{}")
people = [Entry(b"0123456789abcdef", "zoe@example.org")]
with locked(state / "lock"), open_ledger(state, workspace_key(state)) as ledger:
    with ledger.planning(order, people, left_out={}, size=50):
        print("held", flush=True)
        sys.stdin.read()
"""
