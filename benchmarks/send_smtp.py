"""How quickly copies are handed to a mail server, beside EmailMessage with smtplib and beside mailmerge.

    .venv/bin/python benchmarks/send_smtp.py [PEOPLE]

All of them send the same two bodies, personalised, over one connection to the same sink, which counts; they take turns,
and medians are told. Ours is `newsletter send` from its start to its end, its ledger on. mailmerge is installed into a
temporary folder; where that fails it is left out. Then the same send to PEOPLE and to a hundredth of them, for the
memory, and the time that the ledger takes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
ROUNDS = 3
PEERS_PEOPLE = 500  # the slow ones: their speed does not change with the number

SMTPLIB = """\
import smtplib, sys
from email.message import EmailMessage
from email.policy import SMTP
port, people = int(sys.argv[1]), int(sys.argv[2])
text, html = (open(name, encoding="utf-8").read() for name in sys.argv[3:])
with smtplib.SMTP("127.0.0.1", port) as server:
    for number in range(people):
        token = f"t{number:08}"
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = "Newsletter <news@example.org>", f"Person {number} <p{number}@example.org>"
        message["Subject"] = "January 2026 newsletter"
        message["List-Unsubscribe"] = f"<mailto:o@example.org?subject={token}>"
        message.set_content(text.replace("TOKEN", token))
        message.add_alternative(html.replace("TOKEN", token), subtype="html")
        server.send_message(message)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: people a second by the clock, seconds of CPU for 1,000 people, and the most memory in MiB."""

    rate: float
    cpu: float
    memory: float


class Sink:
    """The mail server, a process of its own."""

    program = "sink.py"

    def __init__(self) -> None:
        program = [sys.executable, str(ROOT / "benchmarks" / self.program)]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._read())

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def taken(self) -> int:
        """Return how many messages it has taken so far."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._read())


def measured(command: list[str], folder: Path, sink: Sink, people: int) -> Run:
    """Run *command* in *folder*; its own count is the sink's, or the run is worth nothing."""
    before, begun = sink.taken(), perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    seconds = perf_counter() - begun
    taken = sink.taken() - before
    if os.waitstatus_to_exitcode(status) or taken != people:
        sys.exit(f"{command[:3]}: exit {os.waitstatus_to_exitcode(status)}, {taken} of {people} taken\n{said[-2000:]}")
    return Run(people / seconds, (used.ru_utime + used.ru_stime) / people * 1000, used.ru_maxrss / 1024)


def workspace(folder: Path, sink: Sink, people: int, *, connections: int = 1, batch: int = 50) -> Path:
    """Make a workspace with the project's own January issue and *people* on its list."""
    (folder / "issues").mkdir(parents=True)
    (folder / "lists").mkdir()
    shutil.copytree(ROOT / "images", folder / "images")
    issue = (ROOT / "issues/2026-01.yaml").read_text("utf-8")
    (folder / "issues/2026-01.yaml").write_text(issue, "utf-8")
    (folder / "newsletter.yaml").write_text(
        "title: Practitioner newsletter\norganisation: Partnership\nfrom: News <news@partnership.internal>\n"
        "reply_to: office@partnership.internal\npostal_address: 1 High Street\nprovider: smtp\nproviders:\n"
        f"  smtp: {{host: 127.0.0.1, port: {sink.port}, security: none, connections: {connections}, batch: {batch}}}\n"
        "lists:\n  practitioners: {file: lists/practitioners.csv, source: Benchmark}\n",
        "utf-8",
    )
    with (folder / "lists/practitioners.csv").open("w", encoding="utf-8") as file:
        file.write("email,name\n")
        file.writelines(f"p{number}@example.org,Person {number}\n" for number in range(people))
    return folder


def ours(folder: Path, sink: Sink, people: int, **settings: int) -> Run:
    """Send with this program."""
    made = workspace(folder, sink, people, **settings)
    command = [sys.executable, "-m", "newsletter", "send", "2026-01", "--list", "practitioners", "--yes"]
    return measured(command, made, sink, people)


def bodies(folder: Path, sink: Sink) -> tuple[Path, Path]:
    """Return files with the text and the HTML that ours sends, the token as TOKEN."""
    made = workspace(folder / "bodies", sink, 1)
    subprocess.run([sys.executable, "-m", "newsletter", "build", "2026-01"], cwd=made, check=True, capture_output=True)
    built = made / "build/2026-01"
    for name in ("email.txt", "email.html"):
        text = (built / name).read_text("utf-8")
        (built / name).write_text(re.sub(r"unsubscribe%20\w+", "unsubscribe%20TOKEN", text), "utf-8")
    return built / "email.txt", built / "email.html"


def mailmerge(folder: Path, text: Path, html: Path, sink: Sink) -> Callable[[], Run] | None:
    """Return a run of mailmerge, installed by name into *folder*; None where that cannot be done."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    if subprocess.run([python, "-m", "pip", "install", "-q", "mailmerge"], check=False).returncode:
        return None
    (folder / "mailmerge_server.conf").write_text(
        f"[smtp_server]\nhost = 127.0.0.1\nport = {sink.port}\nsecurity = Never\n", "utf-8"
    )
    files = ((text, "plain"), (html, "html"))
    parts = [(path.read_text("utf-8").replace("TOKEN", "{{token}}"), kind) for path, kind in files]
    head = "TO: {{email}}\nSUBJECT: January 2026 newsletter\nFROM: News <news@example.org>\nMIME-Version: 1.0\n"
    mark = 'Content-Type: multipart/alternative; boundary="b0undary"\n\n'
    body = "".join(f"--b0undary\nContent-Type: text/{kind}; charset=utf-8\n\n{content}\n" for content, kind in parts)
    (folder / "mailmerge_template.txt").write_text(f"{head}{mark}{body}--b0undary--\n", "utf-8")
    rows = "".join(f"p{number}@example.org,t{number:08}\n" for number in range(PEERS_PEOPLE))
    (folder / "mailmerge_database.csv").write_text(f"email,token\n{rows}", "utf-8")
    command = [str(folder / "venv/bin/mailmerge"), "--no-dry-run", "--no-limit"]
    return lambda: measured(command, folder, sink, PEERS_PEOPLE)


def told(name: str, runs: list[Run]) -> Run:
    """Print the medians of *runs* and return them."""
    middle = Run(*(statistics.median(getattr(run, key) for run in runs) for key in ("rate", "cpu", "memory")))
    print(f"{name:<42}{middle.rate:>9,.0f}/s {middle.cpu:>9.3f} s CPU/1,000 {middle.memory:>8.1f} MiB", flush=True)
    return middle


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sink = Sink()
    with TemporaryDirectory() as name:
        folder = Path(name)
        text, html = bodies(folder, sink)
        (folder / "peer.py").write_text(SMTPLIB, "utf-8")
        plain = [sys.executable, str(folder / "peer.py"), str(sink.port), str(PEERS_PEOPLE), str(text), str(html)]
        merge = mailmerge(folder, text, html, sink)
        results: dict[str, list[Run]] = {"ours": [], "smtplib": [], "mailmerge": []}
        for number in range(ROUNDS):
            results["ours"].append(ours(folder / f"ours{number}", sink, people))
            results["smtplib"].append(measured(plain, folder, sink, PEERS_PEOPLE))
            if merge is not None:
                results["mailmerge"].append(merge())
        own = told(f"newsletter, 1 connection, {people:,} people", results["ours"])
        for name_, goal_rate, goal_cpu in (("smtplib", 6, 8), ("mailmerge", 15, 25)):
            if results[name_]:
                peer = told(name_, results[name_])
                rate, cpu = own.rate / peer.rate, peer.cpu / own.cpu
                print(f"  {rate:.1f} x as quick (goal {goal_rate}), CPU 1/{cpu:.0f} (goal 1/{goal_cpu})")
        small = told(f"newsletter, {people // 100:,} people", [ours(folder / "small", sink, people // 100)])
        print(f"  memory: {own.memory / small.memory:.2f} x that of {people // 100:,} people (goal 1.1, and 96 MiB)")
        four = ours(folder / "four", sink, people, connections=4, batch=500)
        told("newsletter, 4 connections, batches of 500", [four])
        print(json.dumps({"sink": sink.taken()}))


if __name__ == "__main__":
    main()
