"""The proof: whatever fails, at whatever moment, nobody gets two, nobody is lost, and nothing is claimed in vain."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import pytest
from faultloop import PEOPLE, Fault, Tally, loop, zygote
from pytest_socket import enable_socket
from smtpserver import MailServer, running

from newsletter.ledger import open_ledger
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEND = ("send", "2026-01", "--list", "practitioners", "--yes")
ISSUE = """\
    preheader: What is new
    sections:
      - type: article
        title: What is new
        body: The office is open again.
"""
# What a send asks of the disk: SQLite writes with pwrite64 and syncs with fdatasync, Python with write and fsync.
# Each has a loop of its own, since strace counts each for itself; of two names for one call a system has one.
WRITES, SYNCS, NAMES = ("pwrite64", "write"), ("fdatasync", "fsync"), ("unlink,unlinkat", "link,linkat")
KILLS = [Fault(call, "kill") for call in (*WRITES, *SYNCS, *NAMES)]
ERRORS = [Fault(call, "ENOSPC") for call in WRITES] + [Fault(call, "EIO") for call in (*SYNCS, *NAMES)]
BETWEEN = [Fault("fdatasync", "kill"), Fault("fdatasync", "EIO")]  # before and after all that the ledger knows
NETWORK = [
    *(Fault(call, "kill") for call in ("connect", "sendto", "recvfrom")),
    Fault("connect", "ENETUNREACH"),
    Fault("sendto", "ECONNRESET"),
    Fault("recvfrom", "ECONNRESET"),
]


class OutboxWorld:
    """A workspace whose provider is the outbox."""

    is_repeatable = True
    has_ledger = True  # whether one is there, and empty, when a run begins

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / ".newsletter"

    def renew(self) -> None:
        """Empty the state, but for the caches and the key."""
        for name in ("ledger.db", "ledger.db-journal", "people.db", "lock"):
            (self.state / name).unlink(missing_ok=True)
        for part in self.state.glob(".ledger.db.*"):
            part.unlink()
        shutil.rmtree(self.state / "outbox", ignore_errors=True)
        if self.has_ledger:
            with open_ledger(self.state, workspace_key(self.state)):
                pass

    def received(self) -> Counter[str]:
        """Read every message in the outbox, whole, and count whom it is for."""
        files = [path for path in (self.state / "outbox").rglob("*.eml") if path.name[0] != "."]
        assert {True} >= {path.read_bytes().endswith(b"--\r\n") for path in files}, "half a message"
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return Counter(mail["To"].addresses[0].addr_spec for mail in mails)


def lay_out(folder: Path, settings: str = "") -> None:
    """Make a workspace with one issue and the people of the loop."""
    (folder / "issues").mkdir(parents=True)
    (folder / "lists").mkdir()
    (folder / "issues/2026-01.yaml").write_text(dedent(ISSUE), "utf-8")
    (folder / "lists/practitioners.csv").write_text("\n".join(("email", *PEOPLE, "")), "utf-8")
    head = "title: News\norganisation: Partnership\n"
    lists = "lists:\n  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}\n"
    sender = "from: News <news@example.gov.uk>\npostal_address: 1 High Street\n"
    (folder / "newsletter.yaml").write_text(head + sender + settings + lists, "utf-8")


class Server(ThreadingHTTPServer):
    """The other end of ``providers/scripted.py``: what it has taken, by address; once for each key, if *idempotent*."""

    daemon_threads = True

    def __init__(self, *, idempotent: bool) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.idempotent = idempotent
        self.taken: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.lock = Lock()

    def take(self, request: dict[str, Any]) -> list[str]:
        """Take each copy of a request and give it an id."""
        with self.lock:
            if not (self.idempotent and request["key"] in self.keys):
                self.taken.update(request["to"])
            self.keys.add(request["key"])
        return [f"id-{number}" for number, _ in enumerate(request["to"])]

    def handle_error(self, *_of: object) -> None:
        """Say nothing of clients that have been killed."""


class Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_POST(self) -> None:
        """Take a whole request; one that was cut is none."""
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return
        answer = json.dumps(self.server.take(json.loads(body))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_of: object) -> None:
        """Log nothing."""


class ServerWorld(OutboxWorld):
    """A workspace whose provider is a server: real sends, with receipts, of which nothing can be taken back."""

    is_repeatable = False

    def __init__(self, folder: Path, server: Any) -> None:
        super().__init__(folder)
        self.server = server

    def renew(self) -> None:
        """Forget all that was sent, on either side."""
        super().renew()
        shutil.rmtree(self.folder / "sent", ignore_errors=True)
        self.forget()

    def forget(self) -> None:
        """Forget what the server took."""
        self.server.taken.clear()
        self.server.keys.clear()

    def received(self) -> Counter[str]:
        """Count what the server took."""
        with self.server.lock:
            taken: Counter[str] = self.server.taken
            return +taken


class MailWorld(ServerWorld):
    """A workspace whose provider is a mail server."""

    def forget(self) -> None:
        """Forget what the mail server took."""
        self.server.accepted.clear()

    def received(self) -> Counter[str]:
        """Count what the mail server took, after its final dot."""
        return Counter(self.server.took())


@contextmanager
def served(*, idempotent: bool) -> Iterator[Server]:
    """Serve until the `with` ends."""
    enable_socket()
    with Server(idempotent=idempotent) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


CAREFUL = ("small_batches", "no_waiting", "scripted_provider", "built_once")
CARELESS = (*CAREFUL, "without_intent")


def lay_out_http(folder: Path, server: Server) -> ServerWorld:
    """Make a workspace that sends to *server*."""
    promise = "'yes'" if server.idempotent else "'no'"
    settings = f"provider: scripted\nproviders:\n  scripted: {{port: {server.server_port}, idempotent: {promise}}}\n"
    lay_out(folder, settings)
    return ServerWorld(folder, server)


def proven(world: OutboxWorld, fault: Fault, scratch: Path, *setups: str) -> Tally:
    """Go through a loop and show its figures."""
    with zygote(world.folder, *(f"faultsetups:{name}" for name in setups)) as started:
        tally = loop(world, fault, started, scratch, SEND)
    sys.stdout.write(f"{fault}: {tally}\n")  # pytest -s shows the figures
    return tally


@pytest.mark.parametrize("fault", [*KILLS, *ERRORS], ids=str)
def test_the_outbox_survives(fault: Fault, tmp_path: Path) -> None:
    """Whatever the disk does at whatever moment of a rehearsal, each person has one whole copy in the end."""
    lay_out(tmp_path / "w")
    tally = proven(OutboxWorld(tmp_path / "w"), fault, tmp_path, *CAREFUL)
    assert [] == tally.problems
    assert tally.tried > 0
    assert (tally.tried + 2, 0) == (tally.finished, tally.unknown)


def test_the_first_send_of_all_survives(tmp_path: Path) -> None:
    """Also a send that has to make the ledger can be killed at any moment."""
    lay_out(tmp_path / "w")
    world = OutboxWorld(tmp_path / "w")
    world.has_ledger = False
    tally = proven(world, BETWEEN[0], tmp_path, *CAREFUL)
    assert [] == tally.problems
    assert (tally.tried + 2, 0) == (tally.finished, tally.unknown)


@pytest.mark.parametrize("fault", [*BETWEEN, KILLS[4], *NETWORK], ids=str)
def test_a_service_over_http_survives(fault: Fault, tmp_path: Path) -> None:
    """Whatever fails on the way to a service, nobody gets two, nobody is lost, and at most one batch is in doubt."""
    with served(idempotent=False) as server:
        tally = proven(lay_out_http(tmp_path / "w", server), fault, tmp_path, *CAREFUL)
    assert [] == tally.problems
    assert tally.tried > 0
    assert tally.worst <= 2


@pytest.mark.parametrize("fault", [*BETWEEN, *NETWORK], ids=str)
def test_a_service_that_ignores_repeats_leaves_no_doubt(fault: Fault, tmp_path: Path) -> None:
    """Where the service promises to ignore repeats everybody is accepted in the end, and nobody gets two."""
    with served(idempotent=True) as server:
        tally = proven(lay_out_http(tmp_path / "w", server), fault, tmp_path, *CAREFUL)
    assert [] == tally.problems
    assert tally.tried > 0
    assert (tally.tried + 2, 0) == (tally.finished, tally.unknown)


@pytest.mark.parametrize("fault", [*KILLS[1:], *BETWEEN[1:], *NETWORK], ids=str)
def test_a_mail_server_survives(fault: Fault, tmp_path: Path) -> None:
    """Whatever fails on the way to a mail server, nobody gets two or is lost, and at most one batch is in doubt."""
    enable_socket()
    with running(MailServer()) as server:
        where = f"{{host: 127.0.0.1, port: {server.port}, security: none, connections: 1, batch: 2}}"
        lay_out(tmp_path / "w", f"provider: smtp\nproviders:\n  smtp: {where}\n")
        tally = proven(MailWorld(tmp_path / "w", server), fault, tmp_path, *CAREFUL)
    assert [] == tally.problems
    assert tally.tried > 0
    assert tally.worst <= 2


def test_the_loop_finds_a_program_that_records_after_sending(tmp_path: Path) -> None:
    """The negative control: without the intent on the disk first, the same loop finds people who got two."""
    with served(idempotent=False) as server:
        tally = proven(lay_out_http(tmp_path / "w", server), BETWEEN[0], tmp_path, *CARELESS)
    assert tally.doubles > 0
    assert any("doubles" in problem for problem in tally.problems)
