"""What goes over the wire to a mail server and back: whole commands, whole answers, and the time they may take.

Knows the grammar of SMTP answers (RFC 5321 §4.2), and nothing of the order in which things are said.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from newsletter.credentials import without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_ANSWER = 65_536  # bytes of one answer, all its lines
LONGEST_READ = 1000  # characters of an answer, of what is to be shown of it
LONGEST_REASON = 200  # characters
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)", re.ASCII)  # RFC 3463
_ADDRESS_LIKE = re.compile(r"<?[^\s<>@]+(?:@|%40|=40)[^\s<>,;]+>?", re.IGNORECASE)


class NonsenseError(OSError):
    """What the server said is not SMTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered to *step*, as ``RCPT``, or ``.`` for the final dot."""

    step: str
    code: int
    text: str = field(repr=False)

    def said(self, local_part: str = "") -> str:
        """Return the answer fit to show; see `fit_to_show`.

        Of an answer to signing in it is the codes alone: servers repeat there what they were sent.
        """
        text = self.status if self.step == "AUTH" else self.text
        return f"{self.code} {fit_to_show(text, local_part)}".strip()[:LONGEST_REASON]

    @property
    def status(self) -> str:
        """The enhanced status code, as ``5.7.1`` (RFC 3463), or nothing."""
        found = _ENHANCED.match(self.text.partition("\n")[0])
        return found[0] if found else ""

    @property
    def queue_id(self) -> str:
        """The name under which the server queued the copy; where it is not told in a known way, all the server said."""
        said = self.said()[4:]
        found = re.search(r"\bqueued as ([\w.-]+)|\bid=([\w.-]+)", said)  # Postfix, Exim
        return (found[1] or found[2] if found else _ENHANCED.sub("", said).strip())[:100]


def fit_to_show(text: str, local_part: str = "") -> str:
    """Return what a server said as one line of printable ASCII, without secrets, addresses, and *local_part* of one."""
    text = without_secrets(text)
    line = re.sub(r"[^!-~]+", " ", text[:LONGEST_READ])
    if len(text) > LONGEST_READ:
        line = line.rpartition(" ")[0]  # half an address is not known for one
    line = _ADDRESS_LIKE.sub("(address)", line)
    if local_part:
        line = re.sub(rf"(?<![\w.-]){re.escape(local_part)}(?![\w.-])", "(name)", line, flags=re.IGNORECASE)
    return line[:LONGEST_REASON]


def what_broke(error: OSError) -> str:
    """Return, for people, why a dialogue broke off."""
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return "the server's answer made no sense" if isinstance(error, NonsenseError) else "the server hung up"


class Wire:
    """A connection for one thread. Every method raises OSError, also for what is not SMTP and when time is up."""

    def __init__(self, connected: socket.socket) -> None:
        # The final dot is a write of its own, and must not wait until the body before it is acknowledged.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._heard = b""  # what has been received and not yet read
        self._end = monotonic()

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody in between can read along."""
        return isinstance(self._socket, ssl.SSLSocket)

    @property
    def own_address(self) -> str:
        """The IP address from which we speak."""
        return str(self._socket.getsockname()[0]).partition("%")[0]

    def allow(self, seconds: float) -> None:
        """Let all that follows take *seconds* together, by our own clock: a byte now and then stretches nothing."""
        self._end = monotonic() + seconds

    def encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        """Shake hands with *host*, and forget what was heard before: anybody may have said it (CVE-2011-0411)."""
        self._heard = b""
        self._socket.settimeout(self._left())
        self._socket = tls.wrap_socket(self._socket, server_hostname=host)

    def has_ended(self) -> bool:
        """Return whether the other side has hung up, or said something that nobody asked, while it was waiting."""
        self._socket.settimeout(0)
        try:
            self._heard += self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return bool(self._heard)
        except OSError:
            pass
        return True

    def expect_silence(self) -> None:
        """Raise OSError when the other side has hung up, or answered what it was not asked yet."""
        if self.has_ended():
            raise NonsenseError if self._heard else ConnectionError

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.close()

    def ask(self, step: str, command: str) -> Answer:
        """Send one *command*, which has no line end yet, and return the answer to it."""
        self.write(f"{command}\r\n".encode("ascii"))
        return self.read(step)

    def write(self, data: bytes) -> None:
        """Send *data* whole."""
        if self._heard:
            raise NonsenseError  # an answer that came before its question would be taken for that of the next
        waiting = memoryview(data)
        while waiting:
            self._socket.settimeout(self._left())
            waiting = waiting[self._socket.send(waiting) :]

    def read(self, step: str) -> Answer:
        """Return the next answer, all its lines."""
        lines: list[str] = []
        codes: set[bytes] = set()
        limit = LIMIT_ANSWER
        while True:
            line = self._read_line(limit)
            limit -= len(line)
            found = _LINE.fullmatch(line.rstrip(b"\r\n"))
            codes |= {found[1] if found else b""}
            if not found or len(codes) > 1:
                raise NonsenseError
            lines.append((found[3] or b"").decode("utf-8", "replace"))
            if found[2] != b"-":
                return Answer(step, int(found[1]), _one_text(lines))

    def _left(self) -> float:
        """Return the seconds that are left, never 0, which would mean no limit."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _read_line(self, limit: int) -> bytes:
        while not (end := self._heard.find(b"\n") + 1):
            if len(self._heard) > limit:
                break
            self._socket.settimeout(self._left())
            received = self._socket.recv(4096)
            if not received:
                raise ConnectionError
            self._heard += received
        if not 0 < end <= limit:
            raise NonsenseError
        line, self._heard = self._heard[:end], self._heard[end:]
        return line


def _one_text(lines: Sequence[str]) -> str:
    """Join the *lines* of an answer; the enhanced status code, which stands in each, is kept in the first."""
    return "\n".join([*lines[:1], *(_ENHANCED.sub("", line).lstrip() for line in lines[1:])])
