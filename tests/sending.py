"""A workspace to send from: its issue, its lists, what was sent, and the command on a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    Run = Callable[..., subprocess.CompletedProcess[str]]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, modes or terminals")
PROGRAM = [sys.executable, "-m", "newsletter"]
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


def talk(
    workspace: Path,
    typed: bytes | signal.Signals,
    *options: str,
    meanwhile: Callable[[], object] = lambda: None,
    **environment: str,
) -> tuple[int, str]:
    """Send on a real terminal; type once the question is there. Return the exit code and what the terminal showed."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *SEND[:3], *options], cwd=workspace, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm"} | environment,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        asked = False
        while chunk := _read(ours):
            shown += chunk
            if not asked and b"to stop: " in shown:
                asked = True
                meanwhile()
                if isinstance(typed, signal.Signals):
                    process.send_signal(typed)
                    typed = b"\n"  # wakes a program that had not begun to read when the signal came
                os.write(ours, typed)
        process.wait(60)
    os.close(ours)
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    return process.returncode, re.sub(r"\x1b\[[;?\d]*[a-zA-Z]", "", text)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


def start(workspace: Path, *options: str, program: list[str] = PROGRAM, **settings: Any) -> subprocess.Popen[str]:
    """Start a send that runs on while the test does something else; what it says is read from its pipes."""
    return subprocess.Popen(
        [*program, *SEND, *options], cwd=workspace, encoding="utf-8",
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings,
    )  # fmt: skip
