"""One request over HTTP to one computer: the head of its answer, and nothing else.

The only user of urllib3. No second look-up of the name, no redirect, no body, no cookie, no password, no proxy of the
environment, and a time that slow answers cannot stretch.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING

from newsletter import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.connection import HTTPConnection

PORTS = {"http": 80, "https": 443}
_HEADERS = {
    "User-Agent": f"newsletter/{__version__} (checks the links of a newsletter before it is sent)",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class NoAnswerError(Exception):
    """There was no answer; its text says why, in words that go on after "could not tell: "."""


@dataclass(frozen=True, slots=True)
class Page:
    """A web address as a request needs it: *host* in ASCII, *target* with its path and query escaped."""

    scheme: str
    host: str
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer: its status, and the address it sends on to, if any."""

    status: int
    location: str

    def __str__(self) -> str:
        known = {status.value: status.phrase for status in HTTPStatus}
        return f"{self.status} {known.get(self.status, '')}".strip()


def page_of(url: str) -> Page:
    """Take the web address *url* apart. Raises NoAnswerError for what is none."""
    from urllib3.exceptions import LocationParseError  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    try:
        parts = parse_url(url)
    except LocationParseError:
        raise NoAnswerError("it leads to what is not a web address") from None
    if parts.scheme not in PORTS or not parts.host or parts.auth:
        raise NoAnswerError("it leads to what is not a web address")
    return Page(parts.scheme, parts.host, parts.port or PORTS[parts.scheme], parts.request_uri)


def ask(
    method: str, page: Page, at: tuple[str, int], *, seconds: float, tls: ssl.SSLContext, headers: Mapping[str, str]
) -> Head:
    """Ask for the head of *page* from the computer and port *at*; its certificate must be for the page's host.

    Raises NoAnswerError, after *seconds* at the latest; a slow handshake may take as long again.
    """
    try:
        with _connection(page, at, seconds, tls) as connection:
            headers = {"Host": page.host, **_HEADERS, **headers}
            connection.request(method, page.target, headers=headers, preload_content=False)
            answer = connection.getresponse()
            answer.close()
            location = answer.headers.get("Location", "")
            return Head(answer.status, location.encode("latin-1", "replace").decode("utf-8", "replace"))
    except ssl.SSLCertVerificationError as error:
        raise NoAnswerError(f"its certificate is not to be trusted: {error.verify_message.rstrip('.')}") from None
    except ssl.SSLError:
        raise NoAnswerError("no secure connection came about") from None


@contextmanager
def _connection(page: Page, at: tuple[str, int], seconds: float, tls: ssl.SSLContext) -> Iterator[HTTPConnection]:
    from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415
    from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415

    name = page.host.strip("[]")
    connection = (
        HTTPSConnection(*at, timeout=seconds, ssl_context=tls, server_hostname=name)
        if page.scheme == "https"
        else HTTPConnection(*at, timeout=seconds)
    )
    deadline = monotonic() + seconds
    # The timeout of a socket begins anew with every byte, so that a drip would go on for ever.
    watch = Timer(seconds, lambda: _cut(connection))
    watch.start()
    try:
        connection.connect()
        _be_in_time(deadline)  # the watch may have found nothing to cut
        yield connection
        _be_in_time(deadline)  # a head that was cut looks like one that ends
    except ssl.SSLError:
        raise
    except (OSError, HTTPException, HTTPError) as error:
        is_late = isinstance(error, TimeoutError | ReadTimeoutError) or monotonic() >= deadline
        raise NoAnswerError("it did not answer in time" if is_late else "the connection failed") from None
    finally:
        watch.cancel()
        connection.close()


def _be_in_time(deadline: float) -> None:
    if monotonic() >= deadline:
        raise TimeoutError


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):  # it may be gone already
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # TLS's own method is not for another thread
