"""The dialogue with a mail server: reached, encrypted, signed in, then one copy after another. Knows RFC 5321.

Each phase is driven singly, for a copy whose final dot was not yet on the way is certainly not delivered (RFC 5321
§4.1.1.4), while one whose dot was may be (RFC 1047). All our mail is 7-bit ASCII with CRLF line ends, so neither
8BITMIME nor SMTPUTF8 is ever asked for.
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.credentials import Secret
from newsletter.errors import ConfigError, RefusedError
from newsletter.mime import header_address
from newsletter.smtpwire import Answer, NonsenseError, Wire, what_broke

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Seconds, by our own clock: a byte now and then does not stretch them.
LIMIT_DIAL = 10.0  # for each IP address of the server
LIMIT_OPEN = 60.0  # from the connection to signed in: some servers greet late on purpose
LIMIT_ENVELOPE = 300.0  # for the envelope and the body of one copy: RFC 5321 §4.5.3.2
LIMIT_DOT = 600.0  # for the final dot and its answer: RFC 5321 §4.5.3.2.6
LIMIT_QUIT = 5.0

_CLOSING = 421  # "I am closing the connection", at any time: RFC 5321 §3.8


class NoServerError(Exception):
    """The server cannot be used now; waiting may mend it. No copy was taken. The text says why."""


class CutError(Exception):
    """The dialogue broke off before the final dot: the copy was certainly not taken. The text says how."""


class LostError(Exception):
    """The dialogue broke off from the final dot on: nobody can know whether the copy was taken. The text says how."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. Without *tls* the dialogue stays plain and signs in nowhere; *is_tls_first* is implicit TLS."""

    host: str
    port: int
    tls: ssl.SSLContext | None = field(repr=False)
    is_tls_first: bool = False
    user: str = ""
    password: Secret | None = None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def trust(ca: Path | None) -> ssl.SSLContext:
    """Return what servers must prove: TLS 1.2 or later, a certificate of *ca* (or else the system's), the host's name.

    Raises ConfigError when *ca* cannot be used.
    """
    try:
        tls = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        hint = "Name a file with certificates in PEM form."
        raise ConfigError("newsletter.yaml: network: ca: the file cannot be used", hint) from None
    tls.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return tls


def open_dialogue(server: Server) -> Dialogue:
    """Reach the *server*, encrypt and sign in.

    Raises NoServerError when waiting may mend it, else ConfigError or RefusedError with what to do. Without
    encryption the password is never sent.
    """
    try:
        reached = socket.create_connection((server.host, server.port), LIMIT_DIAL)  # tries each of its IP addresses
    except socket.gaierror:
        raise NoServerError(f"{server} cannot be reached: its name could not be looked up") from None
    except TimeoutError:
        raise NoServerError(f"{server} cannot be reached: it did not answer in time") from None
    except OSError as error:
        why = "it refused the connection" if isinstance(error, ConnectionRefusedError) else "there is no way to it"
        raise NoServerError(f"{server} cannot be reached: {why}") from None
    dialogue = Dialogue(server, reached)
    try:
        dialogue.begin()
    except BaseException as error:
        dialogue.hang_up()
        if isinstance(error, OSError):
            raise _opening_fault(server, error) from None
        raise
    return dialogue


def _opening_fault(server: Server, error: OSError) -> Exception:
    """Return what *error* means before anything was handed over: whether waiting may mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = (
            'Check "host" in newsletter.yaml, or ask those who run the server. If the authority is your own\n'
            'organisation\'s, name its file under "network: ca".'
        )
        why = error.verify_message.rstrip(".")
        return ConfigError(f"the certificate of {server} cannot be trusted: {why}. Nothing was sent", hint)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        hint = 'Check "port" and "security" in newsletter.yaml: 587 is usually starttls, 465 tls. TLS 1.2 is needed.'
        return RefusedError(f"{server} and this computer found no encryption in common. Nothing was sent", hint)
    return NoServerError(f"{server} cannot be reached: {what_broke(error)}")


class Dialogue:
    """One connection to a server, for one thread. `open_dialogue` makes one that is ready."""

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self.is_over = False
        self._server = server
        self._wire = Wire(connected)
        self._offers: dict[str, str] = {}
        self._wire.allow(LIMIT_OPEN)

    @property
    def size_limit(self) -> int:
        """The most bytes that a copy may have (RFC 1870); 0 when the server does not say."""
        offer = self._offers.get("SIZE", "")
        return int(offer) if re.fullmatch(r"\d{1,15}", offer) else 0

    @property
    def could_sign_in(self) -> bool:
        """Whether people sign in at this server, and we did not."""
        return "AUTH" in self._offers and not self._server.user

    def begin(self) -> None:
        """Wait for the greeting, encrypt, and sign in. Raises as `open_dialogue`, and OSError."""
        server = self._server
        if server.tls and server.is_tls_first:
            self._wire.encrypt(server.tls, server.host)
        self._welcome(self._wire.read("greeting"))
        self._introduce()
        if server.tls and not server.is_tls_first:
            self._start_tls(server.tls)
            self._introduce()  # what was offered before may have been anybody's: RFC 3207 §4.2
        if server.user and server.password:
            self._sign_in(server.user, server.password)

    def hand_over(self, sender: str, recipient: str, data: bytes) -> Answer:
        """Hand over *data*, a whole message with CRLF line ends, for exactly one *recipient*; return what settled it.

        That is the answer to the final dot, or else the first refusal; the dialogue may then be over. Raises
        NoServerError when time ran out before the final dot, CutError and LostError, after which it is over, and
        `HeaderError` if an address is not exactly one.
        """
        envelope = self._envelope(header_address(sender), header_address(recipient), len(data))
        try:
            return self._hand_over(envelope, data)
        except (NoServerError, CutError, LostError):
            self.hang_up()
            raise

    def notice_end(self) -> None:
        """Hang up if the server has, as it does when nothing was said for some minutes."""
        if not self.is_over and self._wire.has_ended():
            self.hang_up()

    def quit(self) -> None:
        """End the dialogue politely. What fails here changes nothing."""
        self._wire.allow(LIMIT_QUIT)
        with suppress(OSError):
            self._wire.ask("QUIT", "QUIT")
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection, whatever its state."""
        self.is_over = True
        self._wire.close()

    def _hand_over(self, envelope: Sequence[tuple[str, str]], data: bytes) -> Answer:
        self._wire.allow(LIMIT_ENVELOPE)
        try:
            if refusal := self._announce(envelope):
                return refusal
            self._wire.write(data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data)
            self._wire.expect_silence()  # a yes from before the dot would be taken for the answer to it
        except TimeoutError as error:
            raise NoServerError(f"{what_broke(error)} before it had the whole message") from None
        except OSError as error:
            raise CutError(f"{what_broke(error)} before it had the whole message") from None
        self._wire.allow(LIMIT_DOT)
        try:
            self._wire.write(b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")
            return self._settled(self._wire.read("."))
        except OSError as error:
            raise LostError(f"{what_broke(error)} after it had the message, so it may have taken it") from None

    def _welcome(self, answer: Answer) -> None:
        if answer.code < 300:
            return
        if answer.code < 500:
            raise NoServerError(f"{self._server} cannot be reached: {answer.said()}")
        hint = "Ask those who run the server to let this computer send through it."
        raise RefusedError(f"{self._server} does not talk to this computer: {answer.said()}", hint)

    def _introduce(self) -> None:
        """Say EHLO and keep what is offered. The name is an address literal: no computer's name leaves the house."""
        ours = self._wire.own_address
        answer = self._wire.ask("EHLO", f"EHLO [{'IPv6:' if ':' in ours else ''}{ours}]")
        self._welcome(answer)
        lines = (line.upper().replace("AUTH=", "AUTH ", 1).partition(" ") for line in answer.text.split("\n")[1:])
        self._offers = {keyword: offer.strip() for keyword, _, offer in lines}

    def _start_tls(self, tls: ssl.SSLContext) -> None:
        answer = self._wire.ask("STARTTLS", "STARTTLS") if "STARTTLS" in self._offers else None
        if answer and 400 <= answer.code < 500:
            raise NoServerError(f"{self._server} cannot be reached: {answer.said()}")
        if not answer or answer.code >= 300:
            hint = 'Ask those who run the server for its port with encryption. With 465, set "security: tls".'
            raise RefusedError(f"{self._server} offers no encryption (STARTTLS). Nothing was sent, no password", hint)
        self._wire.encrypt(tls, self._server.host)

    def _sign_in(self, user: str, password: Secret) -> None:
        """Sign in with PLAIN (RFC 4616) or LOGIN, whichever is offered."""
        if not self._wire.is_encrypted:
            raise RefusedError(f"{self._server} is not encrypted. No password was sent", 'Set "security: starttls".')
        offered = self._offers.get("AUTH", "").split()
        if "PLAIN" in offered:
            proof = Secret(f"\0{user}\0{password.reveal()}")  # so that it too is known for one
            answer = self._wire.ask("AUTH", f"AUTH PLAIN {_base64(proof.reveal())}")
        elif "LOGIN" in offered:
            answer = self._wire.ask("AUTH", "AUTH LOGIN")
            for word in (user, password.reveal()):
                answer = self._wire.ask("AUTH", _base64(word)) if answer.code == 334 else answer
        else:
            hint = 'Take "user" out of newsletter.yaml if none is needed, or ask which port people sign in at.'
            raise ConfigError(f"{self._server} offers no way to sign in that can be used (PLAIN or LOGIN)", hint)
        if 400 <= answer.code < 500:
            raise NoServerError(f"{self._server} cannot be reached: {answer.said()}")
        if answer.code >= 300:
            hint = 'Check "user" under smtp in newsletter.yaml, and the secret SMTP_PASSWORD.'
            raise ConfigError(f"{self._server} did not accept the user and password: {answer.said()}", hint)

    def _envelope(self, sender: str, recipient: str, size: int) -> tuple[tuple[str, str], ...]:
        told = f" SIZE={size}" if "SIZE" in self._offers else ""
        return (("MAIL", f"MAIL FROM:<{sender}>{told}"), ("RCPT", f"RCPT TO:<{recipient}>"), ("DATA", "DATA"))

    def _announce(self, envelope: Sequence[tuple[str, str]]) -> Answer | None:
        """Announce a copy; return the first refusal, or None when the server waits for the body."""
        is_piped = "PIPELINING" in self._offers  # one round trip, not three: RFC 2920
        if is_piped:
            self._wire.write("".join(f"{command}\r\n" for _, command in envelope).encode("ascii"))
        for number, (step, command) in enumerate(envelope, start=1):
            answer = self._wire.read(step) if is_piped else self._wire.ask(step, command)
            if answer.code == _CLOSING:
                raise ConnectionError
            if answer.code >= 400:
                self._start_over(envelope[number:] if is_piped else ())
                return answer
            if (answer.code == 354) != (step == "DATA"):
                raise NonsenseError
        return None

    def _start_over(self, unread: Sequence[tuple[str, str]]) -> None:
        """Get ready for another copy after a refusal; a dialogue that cannot is over. The refusal stands."""
        try:
            # A server that waits for a body although it refused the person gets none: we hang up before any dot.
            is_waiting = 354 in [self._wire.read(step).code for step, _ in unread]
            is_ready = not is_waiting and self._wire.ask("RSET", "RSET").code < 300
        except OSError:
            is_ready = False
        if not is_ready:
            self.hang_up()

    def _settled(self, answer: Answer) -> Answer:
        if 300 <= answer.code < 400:
            raise NonsenseError
        if answer.code == _CLOSING:
            self.hang_up()
        return answer


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")
