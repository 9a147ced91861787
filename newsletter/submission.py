"""One request to a provider's service, sent whole to the computer that was named, and its answer.

The first byte of the request parts what was certainly not sent from what may have arrived: the two errors here are told
apart by where we stood, never by the kind of an exception. A connection serves one request, so that none is lost on one
that the other side has already closed. No redirect is followed, nothing is tried again, and neither .netrc nor the
environment has a say. Knows no provider and no message.
"""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from newsletter import __version__, http
from newsletter.dialogue import trust
from newsletter.errors import ConfigError, NewsletterError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from newsletter.http import Page

# Seconds, by our own clock: a byte now and then does not stretch them.
LIMIT_DIAL = 10.0  # for each IP address
LIMIT_ALL = 120.0  # from the first IP address to the end of the answer: Mailchimp takes as long itself
LIMIT_BODY = 1_000_000  # bytes of an answer


class NotSentError(Exception):
    """Nothing of the request has left; the text says why. *stop* is what to raise where trying again mends nothing."""

    def __init__(self, why: str, stop: NewsletterError | None = None) -> None:
        super().__init__(why)
        self.stop = stop


class NoAnswerError(Exception):
    """The request may have arrived, and no answer came; the text says what broke."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a service. *headers* hold its key and *body* people: neither is ever shown.

    *most* is how many bytes the answer may have.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    most: int = field(default=LIMIT_BODY, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What *host* answered; the names of *headers* in small letters. A *body* that did not come whole is empty."""

    host: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    is_whole: bool = True

    def json(self) -> Any:
        """Return what the body says. Raises ValueError when that cannot be read."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None


@dataclass(frozen=True, slots=True)
class Way:
    """How services are reached: what they must prove, maybe a proxy, and the seconds for one request."""

    tls: ssl.SSLContext = field(repr=False)
    proxy: Page | None = None
    seconds: float = LIMIT_ALL


def way_of(ca: Path | None = None, proxy: str | None = None, *, seconds: float = LIMIT_ALL) -> Way:
    """Return the way that newsletter.yaml asks for. Raises ConfigError when *ca* or *proxy* cannot be used."""
    page = _page(proxy) if proxy else None
    if proxy and (page is None or page.scheme != "http"):
        raise ConfigError("newsletter.yaml: network: proxy: this is no proxy", "Write it as in http://proxy:8080.")
    return Way(trust(ca), page, seconds)


def submit(request: Request, way: Way) -> Answer:
    """Send *request* on a connection of its own, and return the answer to it.

    Raises NotSentError while no byte of it has left, and from then on NoAnswerError. Looking up a name takes as long as
    this computer allows; all else ends within the seconds of *way*.
    """
    end = monotonic() + way.seconds
    page = _page(request.url)
    if page is None or (page.scheme == "http" and not _is_this_computer(page.host)):
        hint = "It begins with https://. Only a service on this very computer is spoken to without encryption."
        raise _stopped(ConfigError("newsletter.yaml: this is not the web address of a service. Nothing was sent", hint))
    with closing(_reach(page, way, end)) as connected:
        line = _Line(connected, end)
        is_cut = _write(line, request, page)
        try:
            answer = _read(line, request, page.host)
        except (OSError, HTTPException) as error:
            raise NoAnswerError(f"{_what_broke(page, error)}; it may have had the request") from None
    if is_cut and answer.status < 400:  # a refusal may come early; nothing else can be an answer to the whole
        raise NoAnswerError(f"{page.host} hung up; it may have had the request")
    return answer


class _Line(RawIOBase):
    """A connected socket with an end to its time, for `http.client`. *has_begun*: a byte may have left by it."""

    def __init__(self, connected: socket.socket, end: float) -> None:
        self.has_begun = False
        self.heard = BufferedReader(self)  # one for all answers: the next may be in it already
        self._socket, self._end = connected, end

    def allow(self) -> socket.socket:
        """Return the socket, for one step within the time that is left. Raises TimeoutError."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket

    def makefile(self, _mode: str) -> BufferedReader[_Line]:
        """Return what is heard."""
        return self.heard

    def sendall(self, data: bytes) -> None:
        """Send *data* whole."""
        waiting = memoryview(data)
        while waiting:
            ready = self.allow()
            self.has_begun = True
            waiting = waiting[ready.send(waiting) :]

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Wait for some bytes; 0 when the other side has ended."""
        return self.allow().recv_into(buffer)


def _reach(page: Page, way: Way, end: float) -> socket.socket:
    """Return an encrypted connection to the very host of *page*, unless it is this computer. Raises NotSentError."""
    first = way.proxy if way.proxy and page.scheme == "https" else page
    connected = _dial(first, end)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the body must not wait for its head
        if first is not page:
            _tunnel(_Line(connected, end), page, first)
        if page.scheme == "http":
            return connected
        # An end without notice could be anybody's: it is an error, not an end.
        return way.tls.wrap_socket(
            _Line(connected, end).allow(), server_hostname=page.host.strip("[]"), suppress_ragged_eofs=False
        )
    except BaseException as error:
        connected.close()
        if isinstance(error, OSError | HTTPException):
            raise _opening_fault(page, error) from None
        raise


def _dial(page: Page, end: float) -> socket.socket:
    """Connect to the first of the host's IP addresses that can be reached: from here some may not (IPv6)."""
    try:
        found = socket.getaddrinfo(page.host.strip("[]"), page.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSentError(f"{page.host} cannot be reached: its name could not be looked up") from None
    why = "there is no way to it"
    for address in dict.fromkeys(str(where[0]) for *_, where in found):
        seconds = max(min(LIMIT_DIAL, end - monotonic()), 0.001)  # 0 would not wait at all
        try:
            return socket.create_connection((address, page.port), seconds)
        except TimeoutError:
            why = "it did not answer in time"
        except OSError as error:
            why = "it refused the connection" if isinstance(error, ConnectionRefusedError) else "there is no way to it"
    raise NotSentError(f"{page.host} cannot be reached: {why}")


def _tunnel(line: _Line, page: Page, proxy: Page) -> None:
    """Have the *proxy* connect us to the host of *page*; it sees nothing but its name."""
    to = f"{page.host}:{page.port}"
    line.sendall(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n".encode("ascii"))
    status = _head(line, "CONNECT").status
    if not 200 <= status < 300:
        raise NotSentError(f"{page.host} cannot be reached: the proxy {proxy.host} answered {status}")


def _opening_fault(page: Page, error: Exception) -> NotSentError:
    """Return what *error* means before anything was sent: whether waiting may mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = (
            "Ask those who run your network. If they look into encrypted connections, name the file of their\n"
            'authority under "network: ca" in newsletter.yaml.'
        )
        why = error.verify_message.rstrip(".")
        return _stopped(
            RefusedError(f"the certificate of {page.host} cannot be trusted: {why}. Nothing was sent", hint)
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        hint = "Check its web address in newsletter.yaml. TLS 1.2 is needed."
        return _stopped(
            RefusedError(f"{page.host} and this computer found no encryption in common. Nothing was sent", hint)
        )
    return NotSentError(f"{page.host} cannot be reached: {_what_broke(page, error)}")


def _stopped(stop: NewsletterError) -> NotSentError:
    return NotSentError(stop.message, stop)


def _write(line: _Line, request: Request, page: Page) -> bool:
    """Send the *request*; return whether it broke off on the way. Raises NotSentError while nothing has left."""
    connection = HTTPConnection(page.host.strip("[]"))
    connection.sock = cast("socket.socket", line)
    host = page.host if page.port == http.PORTS[page.scheme] else f"{page.host}:{page.port}"
    ours = {"Host": host, "User-Agent": f"newsletter/{__version__}", "Connection": "close"}
    try:
        connection.request(request.method, page.target, request.body, {**request.headers, **ours})
    except OSError as error:
        if not line.has_begun:
            raise _opening_fault(page, error) from None
        return True
    except (ValueError, HTTPException):  # before all else; what they say may hold the header
        hint = "Copy the provider's key again: it holds what cannot stand in a request."
        raise _stopped(ConfigError(f"the request to {page.host} cannot be written. Nothing was sent", hint)) from None
    return False


def _head(line: _Line, method: str) -> HTTPResponse:
    """Read the head of the answer, past those that only announce it (1xx). http.client bounds lines and headers."""
    while True:
        response = HTTPResponse(cast("socket.socket", line), method=method)
        response.begin()
        if not 100 <= response.status < 200:
            return response
        response.fp = None  # type: ignore[assignment]  # or it would be closed for the next one too


def _read(line: _Line, request: Request, host: str) -> Answer:
    """Read the answer. A body that is cut off, late or too long is none, but what the head says stands."""
    response = _head(line, request.method)
    headers = {name.lower(): value for name, value in response.getheaders()}
    try:
        body = response.read(request.most + 1)
        is_whole = len(body) <= request.most and not response.length
    except (OSError, HTTPException):
        is_whole = False
    return Answer(host, response.status, headers, body if is_whole else b"", is_whole)


def _what_broke(page: Page, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"{page.host} did not answer in time"
    is_nonsense = isinstance(error, HTTPException) and not isinstance(error, ConnectionError)
    return f"the answer of {page.host} made no sense" if is_nonsense else f"{page.host} hung up"


def _page(url: str) -> Page | None:
    try:
        return http.page_of(url)
    except http.NoAnswerError:
        return None


def _is_this_computer(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
