"""Workspaces to send from, sends as they stand in a ledger, and commands about them, also on a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import program
import pytest
from program import PROGRAM as PROGRAM  # noqa: PLC0414  for those who start it otherwise

from newsletter.elapsed import Stamp
from newsletter.ledger import Ledger, open_ledger
from newsletter.message import Edition, Mailbox, Sender, compose, freeze
from newsletter.people import open_people
from newsletter.records import Entry, Order, Record, State
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from email.message import EmailMessage

    Run = Callable[..., subprocess.CompletedProcess[str]]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, modes or terminals")
# The same, but what was turned away for now is tried again at once.
_HASTY = f"""
import sys
sys.path.append({str(Path(__file__).parent)!r})
from faultsetups import no_waiting
from newsletter.cli import main
no_waiting()
main()
"""
HASTY = [sys.executable, "-c", _HASTY]
SEND = ("send", "--list", "practitioners", "--yes")
AGAIN = "newsletter send 2026-01 --list practitioners"
OUTBOX = ".newsletter/outbox/2026-01--practitioners"
ISSUE = """
    subject: January 2026 newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News
        body: Some words.
      - type: diary
        title: Dates for your diary
        dates:
          - Tuesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
"""
_WHEN = re.compile(r"on \w+ \d+ \w+ \d{4} at [\d:]+[ap]m|on \w+ \d+ \w+ \d{4} at mid\w+")
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


def write_people(workspace: Path, number: int, *, list_name: str = "practitioners", start: int = 0) -> None:
    """Put *number* people on a list, and nobody else: p0@example.org, or from *start* on."""
    write_list(workspace, *(f"p{n}@example.org,Person {n}" for n in range(start, start + number)), list_name=list_name)


def write_list(workspace: Path, *rows: str, list_name: str = "practitioners") -> None:
    """Put the people of *rows*, "address,name", on a list, and nobody else."""
    (workspace / f"lists/{list_name}.csv").write_text("\n".join(["email,name", *rows]) + "\n", "utf-8")


def reconfigure(workspace: Path, old: str, new: str) -> None:
    """Replace *old* by *new* in newsletter.yaml; it must stand there once."""
    path = workspace / "newsletter.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def mails(workspace: Path) -> list[EmailMessage]:
    """Every message in the outbox, read as a mail program does."""
    return [
        message_from_bytes(file.read_bytes(), policy=default) for file in sorted((workspace / OUTBOX).glob("*.eml"))
    ]


def recipients(workspace: Path) -> Counter[str]:
    """How many messages the outbox holds for each address."""
    return Counter(address.addr_spec for mail in mails(workspace) for address in mail["To"].addresses)


def without_time(text: str) -> str:
    """*text* with the moments in it taken out."""
    return _WHEN.sub("on DAY", text)


def figures(done: subprocess.CompletedProcess[str]) -> list[int]:
    """The arithmetic that *done* told: planned, accepted, rejected, skipped, unknown, waiting. It must add up."""
    lines = [line for line in f"{done.stdout}{done.stderr}".splitlines() if line.startswith("  Planned ")]
    assert len(lines) == 1, lines
    planned, *others = (int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", lines[0]))
    assert planned == sum(others)
    return [planned, *others, *[0] * (5 - len(others))]


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
    done = program.run(*arguments, cwd=workspace, program=PROGRAM, **options)
    return done.returncode, done.stdout, done.stderr


def start(workspace: Path, *options: str, program: list[str] = PROGRAM, **settings: Any) -> subprocess.Popen[str]:
    """Start a send that runs on while the test does something else; what it says is read from its pipes."""
    return subprocess.Popen(
        [*program, *SEND, *options], cwd=workspace, encoding="utf-8",
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings,
    )  # fmt: skip


def talk(
    workspace: Path,
    *arguments: str,
    typed: bytes | signal.Signals = b"",
    meanwhile: Callable[[], object] = lambda: None,
    **environment: str,
) -> tuple[int, str]:
    """Run the program on a real terminal; once it asks, do what is to be done *meanwhile*, and type or send a signal.

    Return the exit code and what the terminal showed.
    """
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    process = program.begin(
        *arguments, cwd=workspace, terminal=theirs, program=PROGRAM, **{"TERM": "xterm"} | environment
    )
    os.close(theirs)
    shown, asked = b"", False
    while chunk := _read(ours):
        shown += chunk
        if not asked and b"to stop: " in shown:
            asked = True
            meanwhile()
            if isinstance(typed, signal.Signals):
                os.kill(process.pid, typed)
                typed = b"\n"  # wakes a program that had not begun to read when the signal came
            os.write(ours, typed)
    code = process.wait()
    os.close(ours)
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    return code, re.sub(r"\x1b\[[;?\d]*[a-zA-Z]", "", text)


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
