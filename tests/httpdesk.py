"""A service on loopback that answers a batch as a test says, and two people handed over to it.

It speaks bare TCP, for most of what is tried here no proper web server would ever do.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
from functools import cache
from itertools import takewhile
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter.credentials import Secret
from newsletter.errors import NewsletterError
from newsletter.message import Recipient
from newsletter.providers import Addressee, Outcome, Result
from newsletter.providers._http import exchange
from newsletter.submission import Answer, Request, Way, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
KEY = "key-4f9a0c1b2d3e4f5a"
PEOPLE = [Addressee(name, Recipient(f"{name}@example.org", "", "", "token")) for name in ("amina", "ben")]
NAME = "mail.example.org"  # which leads to loopback here
JSON = "Content-Type: application/json\r\n"


class Visit(StreamRequestHandler):
    """One connection to the service; it does what the service's *act* says."""

    server: Service
    disable_nagle_algorithm = True  # what is said in pieces need not wait for the client

    def handle(self) -> None:
        """Encrypt, and act."""
        try:
            if self.server.tls:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.rfile = self.request.makefile("rb")
            self.server.act(self)
        except OSError:
            self.server.cut.set()

    def finish(self) -> None:
        """Close what was opened."""
        self.rfile.close()
        self.request.close()

    def read(self) -> None:
        """Read a whole request and write it down."""
        head = b"".join(takewhile(lambda line: line != b"\r\n", self.rfile))
        if not head:
            raise ConnectionAbortedError("the client has hung up without a word")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        self.server.requests.append((head.decode("latin-1"), self.rfile.read(length)))

    def say(self, *pieces: bytes | str) -> None:
        """Send *pieces* as they are."""
        for piece in pieces:
            self.request.sendall(piece if isinstance(piece, bytes) else piece.encode("latin-1"))

    def reset(self) -> None:
        """Hang up without a word."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Service(ThreadingTCPServer):
    """A service on loopback."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.tls: ssl.SSLContext | None = None
        self.act: Callable[[Visit], None] = replies(200, json.dumps(["a", "b"]))
        self.requests: list[tuple[str, bytes]] = []
        self.cut = Event()  # somebody hung up on us
        self.over = Event()  # the test has ended
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v3/messages"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


def replies(status: int, body: str | bytes = "", *, headers: str = JSON) -> Callable[[Visit], None]:
    """Return an act: read the request whole, and answer properly."""

    def act(visit: Visit) -> None:
        data = body if isinstance(body, bytes) else body.encode()
        visit.read()
        visit.say(f"HTTP/1.1 {status} Some\r\n{headers}Content-Length: {len(data)}\r\n\r\n", data)

    return act


def says(*pieces: bytes | str) -> Callable[[Visit], None]:
    """Return an act: read the request whole, send *pieces*, hang up."""

    def act(visit: Visit) -> None:
        visit.read()
        visit.say(*pieces)

    return act


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our servers' certificates."""
    return trustme.CA()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that takes everything; its name leads to loopback, and nothing else can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    resolve = socket.getaddrinfo

    def known(host: str, *rest: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host == NAME else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with Service() as service:
        Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield service
        service.over.set()
        service.shutdown()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    """The file of the authority that is trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


def encrypts(service: Service, authority: trustme.CA, name: str = NAME) -> None:
    """Let *service* be one with TLS."""
    service.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(service.tls)
    service.url = f"https://{NAME}:{service.port}/v3/messages"


def read(answer: Answer, people: Sequence[Addressee]) -> list[Result]:
    """Read the answer of a service: for each person an id, or why not."""
    return [
        Result(one.key, REJECTED, each["error"]) if isinstance(each, dict) else Result(one.key, ACCEPTED, id=each)
        for one, each in zip(people, answer.json(), strict=True)
    ]


def request(url: str, body: bytes = b'{"to": "amina@example.org"}') -> Request:
    """Return a request that holds a key and a person."""
    return Request("POST", url, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}, body)


@cache
def usual() -> Way:
    """Return the way without any settings; the system's authorities take their time to read."""
    return way_of(seconds=20)


def came(service: Service, way: Way | None = None, **how: Any) -> tuple[list[Result], NewsletterError | None]:
    """Hand the two people over; return what became of them and what stopped the send. Nothing of that tells on them."""
    Secret(KEY)
    results: list[Result] = []
    stop = None
    body = how.pop("body", b'{"to": "amina@example.org"}')
    try:
        results += exchange(request(service.url, body), PEOPLE, way or usual(), how.pop("read", read), **how)
    except NewsletterError as error:
        stop = error
    told = " ".join([*(one.reason for one in results), *((stop.message, stop.hint) if stop else ())])
    assert [] == [word for word in (KEY, "amina@", "Traceback") if word in told]
    return results, stop


def outcomes(results: Sequence[Result]) -> list[Outcome]:
    """Return what became of each."""
    return [one.outcome for one in results]
