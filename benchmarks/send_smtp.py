"""How quickly copies are handed to a mail server, beside EmailMessage with smtplib and beside mailmerge.

    .venv/bin/python benchmarks/send_smtp.py

All of them send the same two bodies, personalised, over one connection to the same sink, which counts; they take turns.
Ours is `newsletter send` from its start to its end, its ledger on. Then what the sink takes from a client that only
repeats one ready message, so that it is seen not to be what is measured; and the same send to a thousand people and to
many, for the memory.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from measuring import (
    NEWSLETTER,
    ROOT,
    Options,
    Row,
    Run,
    Sink,
    Unmeasured,
    alone,
    measured,
    medians,
    quicker,
)
from peers import python_with

if TYPE_CHECKING:
    from collections.abc import Callable

PEERS_PEOPLE = 500  # the slow ones: their speed does not change with the number
FEW = 1_000
GOALS = {"EmailMessage + smtplib": (6, 8), "mailmerge": (15, 25)}  # times as quick, and this part of the CPU

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

RAW = """\
import socket, sys
port, people = int(sys.argv[1]), int(sys.argv[2])
body = b"".join(open(name, "rb").read().replace(b"\\n", b"\\r\\n") for name in sys.argv[3:])
envelope = b"MAIL FROM:<n@example.org>\\r\\nRCPT TO:<p@example.org>\\r\\nDATA\\r\\n"
with socket.create_connection(("127.0.0.1", port)) as server, server.makefile("rb") as answers:
    answers.readline()
    server.sendall(envelope)
    for number in range(people):
        for _ in range(3):
            answers.readline()
        server.sendall(body + b"\\r\\n.\\r\\n" + (envelope if number + 1 < people else b""))
        assert answers.readline().startswith(b"250")
"""


def rows(options: Options) -> list[Row]:
    """Return the rows of speed and of memory."""
    sink = Sink()
    with TemporaryDirectory() as name:
        return speed(Path(name), sink, options) + memory(Path(name), sink, options.most)


def speed(folder: Path, sink: Sink, options: Options) -> list[Row]:
    """Return the rows of a send over one connection."""
    turn, (text, html) = count(), bodies(folder, sink)
    for name, program in {"peer": SMTPLIB, "raw": RAW}.items():
        (folder / f"{name}.py").write_text(program, "utf-8")

    def script(name: str, people: int) -> Run:
        return measured([sys.executable, folder / f"{name}.py", sink.port, people, text, html], folder, sink, people)

    runs: dict[str, Callable[[], Run]] = {
        "ours": lambda: ours(folder / f"ours{next(turn)}", sink, options.people),
        "raw": partial(script, "raw", options.people),
        "EmailMessage + smtplib": partial(script, "peer", PEERS_PEOPLE),
    }
    why = ""
    try:
        runs["mailmerge"] = mailmerge(folder, text, html, sink, options)
    except Unmeasured as reason:
        why = f"not measured: {reason}"
    took = medians(runs, options.rounds)
    what = f"SMTP, ledger on, 1 connection, {options.people:,} people"
    found = []
    for peer, (rate, cpu) in GOALS.items():
        if peer in took:
            found += [quicker(what, rate, peer, took["ours"], took[peer]), cheaper(cpu, peer, took["ours"], took[peer])]
        else:
            found.append(Row(what, f">= {rate} x {peer}, CPU <= 1/{cpu}", why))
    return [*found, quicker("what the SMTP sink takes", 1.5, "ours", took["raw"], took["ours"])]


def cheaper(part: int, peer: str, own: Run, other: Run) -> Row:
    """Return the row of a goal that *own* takes at most one *part*th of the CPU time of *other*."""
    ratio = other.cpu / own.cpu
    both = f"{own.cpu:.2f} s for 1,000 against {other.cpu:.2f} s"
    return Row("its CPU", f"<= 1/{part} of {peer}", f"1/{ratio:.0f} ({both})", ratio >= part)


def memory(folder: Path, sink: Sink, most: int) -> list[Row]:
    """Return the rows of the peak memory at *most* people."""
    few, many = (ours(folder / f"memory{n}", sink, n, connections=4, batch=500).memory for n in (FEW, most))
    what = f"peak memory at {most:,} people" + ("" if most >= 1_000_000 else " (for 1,000,000: --most 1000000)")
    return [
        Row(
            what, f"<= 1.1 x that at {FEW:,}", f"{many / few:.2f} x ({many:.1f} MiB, {few:.1f} MiB)", many <= 1.1 * few
        ),
        Row("the same", "<= 96 MiB", f"{many:.1f} MiB", many <= 96),
    ]


def ours(folder: Path, sink: Sink, people: int, **settings: int) -> Run:
    """Send with this program."""
    made = workspace(folder, sink, people, **settings)
    return measured([*NEWSLETTER, "send", "2026-01", "--list", "practitioners", "--yes"], made, sink, people)


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


def bodies(folder: Path, sink: Sink) -> tuple[Path, Path]:
    """Return files with the text and the HTML that ours sends, the token as TOKEN."""
    made = workspace(folder / "bodies", sink, 1)
    subprocess.run([*NEWSLETTER, "build", "2026-01"], cwd=made, check=True, capture_output=True)
    built = made / "build/2026-01"
    for name in ("email.txt", "email.html"):
        text = (built / name).read_text("utf-8")
        (built / name).write_text(re.sub(r"unsubscribe%20\w+", "unsubscribe%20TOKEN", text), "utf-8")
    return built / "email.txt", built / "email.html"


def mailmerge(folder: Path, text: Path, html: Path, sink: Sink, options: Options) -> Callable[[], Run]:
    """Return a run of mailmerge. Raises Unmeasured where it cannot be installed."""
    program = python_with(options.peers, "mailmerge").with_name("mailmerge")
    (folder / "mailmerge_server.conf").write_text(
        f"[smtp_server]\nhost = 127.0.0.1\nport = {sink.port}\nsecurity = Never\n", "utf-8"
    )
    files = ((text, "plain"), (html, "html"))
    parts = [(path.read_text("utf-8").replace("TOKEN", "{{token}}"), kind) for path, kind in files]
    head = "TO: {{email}}\nSUBJECT: January 2026 newsletter\nFROM: News <news@example.org>\nMIME-Version: 1.0\n"
    mark = 'Content-Type: multipart/alternative; boundary="b0undary"\n\n'
    body = "".join(f"--b0undary\nContent-Type: text/{kind}; charset=utf-8\n\n{content}\n" for content, kind in parts)
    (folder / "mailmerge_template.txt").write_text(f"{head}{mark}{body}--b0undary--\n", "utf-8")
    lines = "".join(f"p{number}@example.org,t{number:08}\n" for number in range(PEERS_PEOPLE))
    (folder / "mailmerge_database.csv").write_text(f"email,token\n{lines}", "utf-8")
    return lambda: measured([program, "--no-dry-run", "--no-limit"], folder, sink, PEERS_PEOPLE)


if __name__ == "__main__":
    alone(rows)
