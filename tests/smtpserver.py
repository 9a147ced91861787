"""A scripted mail server on loopback: it does to the letter what a test says at each step, and counts what it took.

The steps, in the order of a dialogue: connect, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body, dot, taken, RSET, QUIT.
``server.script["RCPT"] = iter(["451 4.7.1 Try later"])`` answers so once, and then as usual; ``repeat`` says it always.
An entry is an answer, an act such as `cut`, or None for what is usual; an act that returns True goes on as usual.
At "dot" the copy has not been taken yet, at "taken" it has.
"""

from __future__ import annotations

import re
import socket
import struct
from base64 import b64decode
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    Act = Callable[["Visit"], bool | None]


class MailServer(ThreadingTCPServer):
    """What it offers and does, and what it has seen; *user* and *password* are those that it lets in."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext | None = None, *, is_tls_first: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.tls, self.is_tls_first = tls, is_tls_first
        self.offers = ["PIPELINING", "SIZE 50000000", "AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES"]
        self.user, self.password = "newsletter", "correct horse"
        self.script: dict[str, Iterator[str | Act | None]] = {}
        self.people: dict[str, str | Act] = {}  # as in the script, to RCPT, by recipient
        self.accepted: list[tuple[str, bytes]] = []  # recipient and message, for every copy taken
        self.seen: list[str] = []  # every step
        self.lines: list[str] = []  # every command
        self.faults: list[str] = []  # what a client must never do
        self.over = Event()  # the test is over: let go of everybody

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def took(self) -> list[str]:
        """Return who got a copy, sorted; somebody who got two stands there twice."""
        return sorted(recipient for recipient, _ in self.accepted)

    def count(self, step: str) -> int:
        """Return how often *step* was reached."""
        return self.seen.count(step)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong here for the test."""
        self.faults.append("the server failed")
        super().handle_error(request, client_address)


@contextmanager
def running(server: MailServer) -> Iterator[MailServer]:
    """Serve until the block ends."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


class Visit(BaseRequestHandler):
    """One connection."""

    server: MailServer

    def setup(self) -> None:
        """Send each answer at once: the system would hold a second one back until the first is confirmed."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # noqa: FBT003

    def handle(self) -> None:
        """Talk until one side hangs up."""
        self.heard, self.is_encrypted = bytearray(), False
        self.sender, self.recipient = "", ""
        with suppress(OSError, EOFError):
            if self.server.is_tls_first:
                self.encrypt()
            self.act("connect", "220 mail.example.org ESMTP")
            while True:
                self.obey(self.line().decode())
        with suppress(OSError):
            self.request.close()

    def obey(self, command: str) -> None:
        """Answer a command."""
        self.server.lines.append(command)
        if self.heard and "PIPELINING" not in self.server.offers:
            self.server.faults.append("pipelined without being asked to")
        step, _, rest = command.partition(" ")
        {"EHLO": self.ehlo, "STARTTLS": self.starttls, "AUTH": self.auth, "MAIL": self.mail, "RCPT": self.rcpt,
         "DATA": self.data, "RSET": self.rset, "QUIT": self.quit}[step](rest)  # fmt: skip

    def act(self, step: str, usual: str) -> bool:
        """Do what the script says at *step*, or else answer as *usual* if at all; return whether to go on."""
        self.server.seen.append(step)
        act = next(self.server.script.get(step, iter(())), None)
        if callable(act):
            if not act(self):
                return False
            act = None
        answer = act or usual
        if answer:
            self.say(answer)
        if answer.startswith("421"):
            raise EOFError
        return not answer or (step != "dot" and answer[:1] in {"2", "3"})

    def say(self, answer: str) -> None:
        """Send an answer, which may have several lines."""
        self.request.sendall(answer.replace("\n", "\r\n").encode("latin-1") + b"\r\n")

    def line(self, end: bytes = b"\r\n") -> bytes:
        """Return what comes before *end*, which is taken too."""
        seen = 0
        while (at := self.heard.find(end, seen)) < 0:
            seen = max(0, len(self.heard) - len(end))
            received = self.request.recv(65_536)
            if not received:
                raise EOFError
            self.heard += received
        line = bytes(self.heard[:at])
        del self.heard[: at + len(end)]
        return line

    def encrypt(self) -> None:
        """Shake hands."""
        assert self.server.tls
        self.heard.clear()
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.is_encrypted = True

    def ehlo(self, _rest: str) -> None:
        """Say what is offered: AUTH only where it is encrypted, STARTTLS where it is not."""
        offers = [offer for offer in self.server.offers if self.is_encrypted or not offer.startswith("AUTH")]
        starttls = ["STARTTLS"] if self.server.tls and not self.is_encrypted else []
        lines = ["mail.example.org", *offers, *starttls]
        self.act("EHLO", "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def starttls(self, _rest: str) -> None:
        """Begin to encrypt."""
        if self.act("STARTTLS", "220 2.0.0 Go ahead"):
            self.encrypt()

    def auth(self, rest: str) -> None:
        """Let the user in, by PLAIN or LOGIN."""
        if not self.is_encrypted:
            self.server.faults.append("a password in plain sight")
        if rest.startswith("PLAIN "):
            _, user, password = b64decode(rest[6:]).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = b64decode(self.line()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = b64decode(self.line()).decode()
        is_known = (user, password) == (self.server.user, self.server.password)
        self.act("AUTH", "235 2.7.0 Welcome" if is_known else f"535 5.7.8 {user} <{user}@example.org> is not known")

    def mail(self, rest: str) -> None:
        """Begin a transaction."""
        if self.sender:
            self.server.faults.append("MAIL inside a transaction")
        if self.act("MAIL", "250 2.1.0 Ok"):
            self.sender = address_in(rest)

    def rcpt(self, rest: str) -> None:
        """Take one recipient."""
        recipient = address_in(rest)
        if self.recipient:
            self.server.faults.append("two recipients")
        if recipient in self.server.people:
            self.server.script["RCPT"] = iter([self.server.people[recipient]])
        if self.act("RCPT", "250 2.1.5 Ok" if self.sender else "503 5.5.1 MAIL first"):
            self.recipient = recipient

    def data(self, _rest: str) -> None:
        """Take the message, and queue it under a number."""
        if not self.act("DATA", "354 Go on" if self.recipient else "554 5.5.1 No valid recipients"):
            return
        self.act("body", "")
        message = self.line(b"\r\n.\r\n") + b"\r\n"
        recipient, self.sender, self.recipient = self.recipient, "", ""
        if self.act("dot", ""):
            self.server.accepted.append((recipient, message.replace(b"\r\n..", b"\r\n.")))
            self.act("taken", f"250 2.0.0 Ok: queued as 4F{len(self.server.accepted):04}")

    def rset(self, _rest: str) -> None:
        """Forget the transaction."""
        self.sender, self.recipient = "", ""
        self.act("RSET", "250 2.0.0 Ok")

    def quit(self, _rest: str) -> None:
        """Say goodbye."""
        self.act("QUIT", "221 2.0.0 Bye")
        raise EOFError


def address_in(rest: str) -> str:
    """Return the address in the argument of MAIL or RCPT."""
    found = re.fullmatch(r"(?:FROM|TO):<([^<>\s]*)>(?: SIZE=\d+)?", rest)
    assert found, rest
    return found[1]


def cut(visit: Visit) -> None:
    """Hang up, as a cut line does."""
    visit.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise EOFError


def leave(visit: Visit) -> None:
    """Hang up in good order, in the middle of an answer."""
    visit.request.sendall(b"250 2.0.0 O")
    raise EOFError


def silent(visit: Visit) -> None:
    """Answer nothing at all."""
    visit.server.over.wait()
    raise EOFError


def drip(visit: Visit) -> None:
    """Answer with a byte now and then, without an end."""
    visit.request.sendall(b"250 ")
    while not visit.server.over.wait(0.02):
        visit.request.sendall(b"a")


def flood(visit: Visit) -> None:
    """Answer with one line that never ends."""
    while True:
        visit.request.sendall(b"250 " + b"a" * 65_536)


def ramble(visit: Visit) -> None:
    """Answer with lines that never end."""
    while True:
        visit.request.sendall(b"250-and so on\r\n" * 1000)


def nonsense(visit: Visit) -> None:
    """Answer in no language, and wait."""
    visit.request.sendall(b"\0\1HTTP/1.1 200 OK\r\n")
    silent(visit)
