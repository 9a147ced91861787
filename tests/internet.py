"""An internet of our own below the real guard, with servers that behave badly.

Names resolve to public addresses, which pass the guard as it is; only then the way to them leads to loopback.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter.linkcheck import (
    NoSuchNameError,
    Wire,
    fetch_links,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newsletter.weblinks import Verdict

PUBLIC, OTHER, INSIDE = "93.184.216.34", "93.184.216.35", "10.0.0.1"


class Visit(StreamRequestHandler):
    """One request to the server: it is written down, and answered as its page does."""

    server: Site
    disable_nagle_algorithm = True  # what is said in pieces need not wait for the client

    def handle(self) -> None:
        """Read a request and answer it."""
        if self.server.tls:
            try:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            except (ssl.SSLError, OSError):
                return
            self.rfile = self.request.makefile("rb")
        method, path, _ = self.rfile.readline().decode().split(" ")
        headers = dict(line.decode().strip().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
        self.server.requests.append((method, headers["Host"], path))
        self.server.headers.append(headers)
        try:
            self.server.pages[path](self, method)
        except OSError:
            self.server.cut.set()

    def finish(self) -> None:
        """Close what was opened."""
        self.rfile.close()
        self.request.close()


class Site(ThreadingTCPServer):
    """A server on loopback whose *pages* say how each path behaves."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.tls = tls
        self.pages: dict[str, Callable[[Visit, str], None]] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.cut = Event()  # somebody hung up on us


@dataclass
class Internet:
    """Names, and one server for http and one for https behind every public address."""

    http: Site
    https: Site
    tls: ssl.SSLContext
    names: dict[str, list[str]] = field(default_factory=lambda: {"example.org": [PUBLIC]})
    looked_up: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, _port: int) -> list[str]:
        """Look a name up."""
        self.looked_up.append(host)
        if host not in self.names:
            raise NoSuchNameError(host)
        return self.names[host]

    def dial(self, address: str, port: int) -> tuple[str, int]:
        """Lead the way to one of the two servers."""
        self.dialled.append((address, port))
        host, port = (self.https if port == 443 else self.http).server_address[:2]
        return str(host), port

    def wire(self, seconds: float = 5) -> Wire:
        """Return the way into this internet."""
        return Wire(self.resolve, self.dial, seconds, self.tls)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our servers' certificates."""
    return trustme.CA()


@pytest.fixture
def net(authority: trustme.CA) -> Iterator[Internet]:
    """An internet with two servers; nothing but loopback can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(ours)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.org").configure_cert(theirs)
    with Site() as http, Site(theirs) as https:
        for site in (http, https):
            Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Internet(http, https, ours)
        for site in (http, https):
            site.shutdown()


def answer(status: int, location: str = "", *, head: int = 0) -> Callable[[Visit, str], None]:
    """Return a page that answers with *status*, and with *head* when only its head is asked for."""

    def act(visit: Visit, method: str) -> None:
        code = head if head and method == "HEAD" else status
        lead = f"Location: {location}\r\n" if location else ""
        visit.request.sendall(f"HTTP/1.1 {code} Some\r\n{lead}Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n".encode())

    return act


def fetched(net: Internet, cache: Path, *urls: str, seconds: float = 5) -> dict[str, Verdict]:
    """Return the verdicts on *urls*."""
    return dict(fetch_links(urls, cache / "links.json", net.wire(seconds)))
