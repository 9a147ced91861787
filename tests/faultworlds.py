"""The worlds of the fault loop: workspaces, the other ends that their sends go to, and what arrived there."""

from __future__ import annotations

import json
import shutil
import socket
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import BaseServer
from textwrap import dedent
from threading import Thread
from typing import TYPE_CHECKING, Any

from faultloop import PEOPLE
from pytest_socket import enable_socket
from smtpserver import MailServer, running

from newsletter.ledger import open_ledger
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ISSUE = """\
    preheader: What is new
    sections:
      - type: article
        title: What is new
        body: The office is open again.
"""


class OutboxWorld:
    """A workspace whose provider is the outbox."""

    name = "outbox"
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


class ServerWorld(OutboxWorld):
    """A workspace whose provider is a server: real sends, with receipts, of which nothing can be taken back.

    The server serves one visitor after another. So whoever is let out has seen those before him out.
    """

    is_repeatable = False
    farewell = b"GET / HTTP/1.0\r\n\r\n"

    def __init__(self, folder: Path, server: Any, name: str) -> None:
        super().__init__(folder)
        self.server, self.name = server, name

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
        """Count what the server took, also of somebody who was killed; every receipt that can be seen is whole."""
        for receipt in (self.folder / "sent").glob("[!.]*"):
            json.loads(receipt.read_bytes())
        with socket.create_connection(self.server.server_address, timeout=60) as last_visitor:
            last_visitor.sendall(self.farewell)
            while last_visitor.recv(1000):
                pass
        return self.taken()

    def taken(self) -> Counter[str]:
        """Count what the server took."""
        return Counter(self.server.taken)


class MailWorld(ServerWorld):
    """A workspace whose provider is a mail server."""

    farewell = b"QUIT\r\n"

    def forget(self) -> None:
        """Forget what the mail server took."""
        self.server.accepted.clear()

    def taken(self) -> Counter[str]:
        """Count what the mail server took, after its final dot."""
        return Counter(self.server.took())


class PatientMailServer(MailServer):
    """A mail server for one visitor at a time."""

    process_request = BaseServer.process_request


class Server(HTTPServer):
    """The other end of ``providers/scripted.py``: what it has taken, by address; once for each key, if *idempotent*."""

    def __init__(self, *, idempotent: bool) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.idempotent = idempotent
        self.taken: Counter[str] = Counter()
        self.keys: set[str] = set()

    def take(self, request: dict[str, Any]) -> list[str]:
        """Take each copy of a request and give it an id."""
        if not (self.idempotent and request["key"] in self.keys):
            self.taken.update(request["to"])
        self.keys.add(request["key"])
        return [f"id-{number}" for number, _ in enumerate(request["to"])]

    def handle_error(self, *_of: object) -> None:
        """Say nothing of clients that have been killed."""


class Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    wbufsize = -1  # one answer is one write: so it is read alike in every run
    timeout = 1  # seconds without a byte of a request that was cut, then it hangs up, as servers do

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


def lay_out(folder: Path, settings: str = "") -> None:
    """Make a workspace with one issue and the people of the loop."""
    (folder / "issues").mkdir(parents=True)
    (folder / "lists").mkdir()
    (folder / "issues/2026-01.yaml").write_text(dedent(ISSUE), "utf-8")
    (folder / "lists/practitioners.csv").write_text("\n".join(("email", *PEOPLE, "")), "utf-8")
    head = "title: News\norganisation: Partnership\n"
    lists = "lists:\n  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}\n"
    sender = "from: News <news@example.gov.uk>\nreply_to: office@example.gov.uk\npostal_address: 1 High Street\n"
    (folder / "newsletter.yaml").write_text(head + sender + settings + lists, "utf-8")


@contextmanager
def outbox(folder: Path) -> Iterator[OutboxWorld]:
    """Lay out a workspace that rehearses."""
    lay_out(folder)
    yield OutboxWorld(folder)


@contextmanager
def http(folder: Path, *, idempotent: bool = False) -> Iterator[ServerWorld]:
    """Lay out a workspace that sends to a service over HTTP, which runs until the `with` ends.

    If *idempotent*, it takes a request that comes again with the same key once.
    """
    enable_socket()
    promise = "'yes'" if idempotent else "'no'"
    with Server(idempotent=idempotent) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        where = f"{{port: {server.server_port}, idempotent: {promise}}}"
        lay_out(folder, f"provider: scripted\nproviders:\n  scripted: {where}\n")
        yield ServerWorld(folder, server, "HTTP, ignores repeats" if idempotent else "HTTP")
        server.shutdown()


@contextmanager
def smtp(folder: Path) -> Iterator[MailWorld]:
    """Lay out a workspace that sends to a mail server, which runs until the `with` ends."""
    enable_socket()
    with running(PatientMailServer()) as server:
        where = f"{{host: 127.0.0.1, port: {server.port}, security: none, connections: 1, batch: 2}}"
        lay_out(folder, f"provider: smtp\nproviders:\n  smtp: {where}\n")
        yield MailWorld(folder, server, "SMTP")
