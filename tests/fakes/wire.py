"""HTTP below the fakes of mailing services: requests as they came, and the ways in which an answer goes wrong.

A fault has its moment: UNREAD, when the head has come and the body is left unread; READ, when the request is here and
nothing has been done; PROCESSED, when all has been done and the answer is about to leave. Its act returns True to go on
as usual.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import sys
import traceback
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakes.ground import Fake


@dataclass(frozen=True)
class Seen:
    """A request as it came. Names of *headers* are in small letters, *path* is still quoted, *body* is unpacked.

    *connection* is the client's port: one connection, one number.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    connection: int = 0

    def json(self) -> Any:
        """Return what the body says. Raises ValueError."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str]]:
        """Return the fields of a form, multipart or not, in their order."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return parse_qsl(self.body.decode(), keep_blank_values=True)
        boundary = re.search(r'boundary="?([^";]+)', kind)
        parts = (b"\r\n" + self.body).split(b"\r\n--" + boundary[1].encode()) if boundary else []
        heads = [part.partition(b"\r\n\r\n") for part in parts[1:-1]]  # what is before and after belongs to nobody
        return [(re.findall(r'\bname="([^"]*)"', head.decode())[0], value.decode()) for head, _, value in heads]


@dataclass(frozen=True)
class Answer:
    """What a service says. A *body* that is neither text nor bytes goes out as JSON; None is no body at all."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def head(self) -> dict[str, str]:
        """Return the headers, with the kind of the body unless they tell."""
        plain = "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/json"
        return {**({} if self.body is None else {"Content-Type": plain}), **self.headers}

    def data(self) -> bytes:
        """Return the body's bytes."""
        body = "" if self.body is None else self.body if isinstance(self.body, str | bytes) else json.dumps(self.body)
        return body.encode() if isinstance(body, str) else body


class Moment(Enum):
    """When a fault strikes."""

    UNREAD = "unread"
    READ = "read"
    PROCESSED = "processed"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    moment: Moment
    act: Callable[[Visit, Answer | None], bool]


def answering(status: int, body: Any = None, headers: Mapping[str, str] | None = None, *, done: bool = False) -> Fault:
    """Answer so; nothing has been done, or with *done* all of it."""

    def act(visit: Visit, _answer: Answer | None) -> bool:
        visit.say(Answer(body, status, headers or {}))
        return False

    return Fault(Moment.PROCESSED if done else Moment.READ, act)


def redirect(to: str, status: int = 307) -> Fault:
    """Send the client elsewhere."""
    return answering(status, "", {"Location": to})


def portal() -> Fault:
    """The page that a guest network shows before it lets anybody out: HTML, and a cheerful 200."""
    return answering(200, "<!doctype html><title>Welcome to our wifi</title>", {"Content-Type": "text/html"})


def truncated() -> Fault:
    """All is done, and half of the answer's body comes."""

    def act(visit: Visit, answer: Answer | None) -> bool:
        data = answer.data() if answer else b""
        visit.say(answer or Answer(), cut=len(data) // 2)
        return False

    return Fault(Moment.PROCESSED, act)


def endless() -> Fault:
    """All is done, and the answer's body never ends; until the client hangs up."""

    def act(visit: Visit, answer: Answer | None) -> bool:
        visit.send_response((answer or Answer()).status)
        visit.send_header("Content-Type", "application/json")
        visit.end_headers()
        while not visit.fake.over.is_set():
            visit.wfile.write(b" " * 65_536)
        return False

    return Fault(Moment.PROCESSED, act)


def reset_before() -> Fault:
    """The connection is cut before the body is read: nothing has been done."""
    return Fault(Moment.UNREAD, lambda visit, _answer: visit.cut())


def reset_after() -> Fault:
    """All is done, and the connection is cut: the answer is lost."""
    return Fault(Moment.PROCESSED, lambda visit, _answer: visit.cut())


def hanging(moment: Moment = Moment.PROCESSED) -> Fault:
    """Nothing happens until the test sets `Fake.released`; then all goes on, or if the test is over, nothing."""

    def act(visit: Visit, _answer: Answer | None) -> bool:
        visit.fake.released.wait()
        return not visit.fake.over.is_set()

    return Fault(moment, act)


class Visit(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a body waits until its head is confirmed
    server: Server

    @property
    def fake(self) -> Fake:
        """The service."""
        return self.server.fake

    def serve(self) -> None:
        """Read a request and answer it, or do what the test says instead."""
        path = urlsplit(self.path).path
        if not path.startswith(self.fake.prefix):
            self.say(Answer("404 page not found", 404))
            return
        fault = self.fake.fault_for(self.command, path := path[len(self.fake.prefix) :])
        if self.is_over(fault, Moment.UNREAD):
            return
        seen = self.read(path)
        self.fake.log.append(seen)
        if self.is_over(fault, Moment.READ):
            return
        answer = self.fake.process(seen)
        if self.fake.after_processing:
            told = self.fake.after_processing(seen, answer)
            answer, fault = (told, fault) if isinstance(told, Answer) else (answer, told or fault)
        if not self.is_over(fault, Moment.PROCESSED, answer):
            self.say(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815  http.server's names

    def is_over(self, fault: Fault | None, moment: Moment, answer: Answer | None = None) -> bool:
        """Let *fault* act if this is its moment, and say whether the visit ends with it."""
        if fault is None or fault.moment is not moment or fault.act(self, answer):
            return False
        self.close_connection = True
        return True

    def read(self, path: str) -> Seen:
        """Read the body."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length := int(headers.get("content-length", 0)))
        if len(body) < length:
            raise ConnectionAbortedError  # half a request is none
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(urlsplit(self.path).query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        return Seen(self.command, path, query, headers, body, self.client_address[1])

    def say(self, answer: Answer, cut: int | None = None) -> None:
        """Send an answer whose body ends after *cut* bytes."""
        self.send_response(answer.status)
        for name, value in {**answer.head(), "Content-Length": str(len(answer.data()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.data()[:cut])

    def cut(self) -> bool:
        """Reset the connection: what the other side sends meets nobody."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())  # at once: socketserver would take leave politely first
        return False

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


class Server(ThreadingTCPServer):  # http.server's own asks a name server for the name of this computer
    """Listens on loopback, at a port of the system's choice."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, fake: Fake) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.fake = fake

    def handle_error(self, *_visit: Any) -> None:
        """Keep what went wrong in the fake for the test; that a client hung up is none of it."""
        if not isinstance(sys.exception(), ConnectionError):
            self.fake.errors.append(traceback.format_exc())
