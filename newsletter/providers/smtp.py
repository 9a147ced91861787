"""SMTP: any mail server, over an encrypted connection. Each copy is one transaction with exactly one recipient.

Settings: host; port (587, or 465 with ``security: tls``); security: starttls, tls, or none for a server on this very
computer; user, whose password is the secret SMTP_PASSWORD; envelope_sender, to which bounces go (the From address);
connections; batch. A proxy for the web carries no mail: ``network: proxy`` changes nothing here.
"""

from __future__ import annotations

import re
from collections import deque
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

from newsletter.dialogue import CutError, LostError, NoServerError, Server, open_dialogue, trust
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.message import copy_for
from newsletter.mime import HeaderError, header_address
from newsletter.providers import Addressee, BatchProvider, Outcome, Result, Send

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from newsletter.dialogue import Dialogue
    from newsletter.providers import Machine
    from newsletter.smtpwire import Answer

PORTS = {"starttls": 587, "tls": 465, "none": 25}  # by security: RFC 6409 §3.1, RFC 8314 §3.3
# Round trips decide the speed, so several; and three is what Exchange Online lets one mailbox have at once.
CONNECTIONS = 3
# What breaks in a row on one connection and those that replace it: a cut counts once, a lost copy twice, for each is a
# person who may have two. Then the server is left alone until the next batch.
PATIENCE = 3
_SIGN_IN_FIRST = 530  # whoever the copy is for: RFC 4954 §6
_TOO_LARGE = 552  # in answer to MAIL, whoever the copy is for: RFC 1870 §6.1
_HOST = re.compile(r"(?!.{254})(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}")


class Smtp(BatchProvider):
    """Hands each copy to a mail server (SMTP)."""

    carries_images: ClassVar[bool] = True
    settings: ClassVar[frozenset[str]] = frozenset(
        {"host", "port", "security", "user", "envelope_sender", "connections", "batch"}
    )

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.batch = _number(settings, "batch", self.batch, most=1000)
        self._connections = _number(settings, "connections", CONNECTIONS, most=20)
        self.server = _server(settings, machine)
        self.envelope_sender = _envelope_sender(settings)
        self.kept: deque[Dialogue] = deque()  # those that are ready for another copy
        self.is_closed = False

    @property
    def account(self) -> str:
        """The server, and as whom we sign in there."""
        return f"{self.server.user} at {self.server}" if self.server.user else str(self.server)

    def verify(self) -> tuple[str, ...]:
        """Reach the server, encrypt, sign in, and take leave."""
        try:
            open_dialogue(self.server).quit()
        except NoServerError as absent:
            raise RefusedError(f"{absent}.", "Check the network, and give the same command again.") from None
        return (f"{self.server} {f'lets {self.server.user} in' if self.server.user else 'can be reached'}",)

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:  # noqa: ARG002
        """Hand the copies over on several connections, and yield what became of each.

        SMTP knows no *key*. Where the server cannot be used for now, everybody left is PLANNED with that reason.
        Raises ConfigError and RefusedError, after all results, for what waiting does not mend. When the generator is
        closed early nothing more is begun, and what is on the way ends within the time limits of a dialogue.
        """
        turn = _Turn(people)
        workers = [_Worker(self, send, turn) for _ in people[: self._connections]]
        try:
            for worker in workers:
                Thread(target=worker.run, daemon=True).start()
            yield from turn.results(len(workers))
        finally:
            turn.end()
        yield from turn.left()
        if turn.fault:
            raise turn.fault

    def close(self) -> None:
        """Take leave of the server."""
        self.is_closed = True
        while self.kept:
            self.kept.pop().quit()


class _Turn:
    """One batch: who is waiting, and what is known. Shared by the threads; a deque's steps are atomic."""

    def __init__(self, people: Sequence[Addressee]) -> None:
        self.fault: Exception | None = None  # what stops the whole send
        self.is_over = False
        self._waiting = deque(people)
        self._tried: set[str] = set()  # the keys of those whose first attempt was cut off
        self._known: SimpleQueue[Result | None] = SimpleQueue()
        self._why = ""

    def take(self) -> Addressee | None:
        """Return the next person, or None when there is nothing more to begin."""
        try:
            return None if self.is_over else self._waiting.popleft()
        except IndexError:
            return None

    def put_back(self, person: Addressee, why: str) -> None:
        """Let *person*, whose copy was certainly not taken, have one more try, and only one."""
        self._why = why
        if person.key in self._tried:
            self.tell(Result(person.key, Outcome.PLANNED, why))
        else:
            self._tried.add(person.key)
            self._waiting.append(person)

    def tell(self, result: Result | None) -> None:
        """Pass on a result, or None when a thread ends."""
        self._known.put(result)

    def end(self, fault: Exception | None = None) -> None:
        """Begin nothing more; the first *fault* is the one that counts."""
        self.is_over = True
        self.fault = self.fault or fault

    def results(self, threads: int) -> Iterator[Result]:
        """Yield each result as it becomes known, until all *threads* have ended."""
        while threads:
            try:
                result = self._known.get(timeout=1)  # without a limit, Windows would not see Ctrl-C
            except Empty:
                continue
            if result:
                yield result
            else:
                threads -= 1

    def left(self) -> Iterator[Result]:
        """Yield that nothing became of those still waiting."""
        return (Result(person.key, Outcome.PLANNED, self._why) for person in self._waiting)


class _Worker:
    """Hands over one copy after another on a connection of its own; runs in a thread."""

    def __init__(self, smtp: Smtp, send: Send, turn: _Turn) -> None:
        self._smtp, self._send, self._turn = smtp, send, turn
        self._sender = smtp.envelope_sender or send.message.sender.mailbox.address
        self._dialogue: Dialogue | None = None
        self._breaks = 0

    def run(self) -> None:
        """Work until nobody is waiting or the server had better be left alone."""
        try:
            while (person := self._turn.take()) and self._serve(person):
                pass
        except Exception as error:  # noqa: BLE001  raised again by the thread that asked
            self._turn.end(error)
        self._lay_down()
        self._turn.tell(None)

    def _serve(self, person: Addressee) -> bool:
        """Hand over the copy of *person*, tell what is known, and return whether to go on."""
        turn = self._turn
        try:
            turn.tell(self._hand_over(person))
        except LostError as lost:
            turn.tell(Result(person.key, Outcome.UNKNOWN, str(lost)))
            self._breaks += 2
        except NoServerError as absent:
            turn.put_back(person, str(absent))
            return False
        except CutError as cut:
            turn.put_back(person, str(cut))
            self._breaks += 1
        except NewsletterError as fault:
            turn.put_back(person, fault.message)
            turn.end(fault)
            return False
        else:
            self._breaks = 0
        return self._breaks < PATIENCE

    def _hand_over(self, person: Addressee) -> Result:
        """Return what became of the copy. Raises the errors of a dialogue, and those that stop the whole send."""
        dialogue, message = self._ready(), self._send.message
        data = copy_for(message, person.recipient, date=self._send.date)
        if 0 < dialogue.size_limit < len(data):
            if dialogue.size_limit < sum(len(piece) for piece in message.pieces if isinstance(piece, bytes)):
                raise _too_large(self._smtp.server, f"{dialogue.size_limit:,} bytes at most")
            reason = f"the message has {len(data):,} bytes, and the server takes {dialogue.size_limit:,} at most"
            return Result(person.key, Outcome.REJECTED, reason)
        answer = dialogue.hand_over(self._sender, person.recipient.address, data)
        if answer.code < 300:
            return Result(person.key, Outcome.ACCEPTED, id=answer.queue_id)
        reason = answer.said(person.recipient.address.rpartition("@")[0])
        if answer.code < 500:
            return Result(person.key, Outcome.PLANNED, reason)
        if answer.step == "RCPT" and answer.status.startswith("5.7.") and dialogue.could_sign_in:
            raise _sign_in_wanted(self._smtp.server, reason)
        if answer.step == "MAIL" or answer.code == _SIGN_IN_FIRST:
            raise _refusal_of_all(self._smtp.server, answer)
        return Result(person.key, Outcome.REJECTED, reason)

    def _ready(self) -> Dialogue:
        """Return a dialogue that is ready: the present one, one kept from an earlier batch, or a new one."""
        if self._dialogue:
            self._dialogue.notice_end()
        while self._dialogue is None or self._dialogue.is_over:
            try:
                self._dialogue = self._smtp.kept.pop()
            except IndexError:
                self._dialogue = open_dialogue(self._smtp.server)
            else:
                self._dialogue.notice_end()
        return self._dialogue

    def _lay_down(self) -> None:
        """Keep the connection for the next batch."""
        if self._dialogue and not self._dialogue.is_over:
            self._smtp.kept.append(self._dialogue)
            if self._smtp.is_closed:
                self._smtp.close()


def _too_large(server: Server, said: str) -> RefusedError:
    hint = "Make the issue's images smaller or fewer, or ask those who run the server to take larger messages."
    return RefusedError(f"the message is too large for {server}: {said}", hint)


def _sign_in_wanted(server: Server, said: str) -> ConfigError:
    """Return what stops the send: nobody signed in where people do, and so everybody would be refused."""
    hint = (
        'People sign in at this server: set "user" under smtp in newsletter.yaml, and the secret SMTP_PASSWORD.\n'
        "If no user is needed, ask those who run the server why it refused."
    )
    return ConfigError(f"{server} refused a copy, and nobody has signed in there: {said}", hint)


def _refusal_of_all(server: Server, answer: Answer) -> NewsletterError:
    """Return what stops the send: the server refuses the copy for a reason that holds for everybody."""
    if answer.code == _TOO_LARGE:
        return _too_large(server, answer.said())
    hint = (
        'Set "envelope_sender" under smtp in newsletter.yaml to an address that this server lets you send from,\n'
        'and "user" if people sign in there.'
    )
    return ConfigError(f"{server} takes no mail from this envelope sender: {answer.said()}", hint)


def _server(settings: Mapping[str, Any], machine: Machine) -> Server:
    host, user = settings.get("host"), settings.get("user", "")
    if not isinstance(host, str) or not (_ip_address(host) or _HOST.fullmatch(host)):
        raise _wrong("host", "this is not the name of a mail server", "Write the name alone, as in smtp.example.org.")
    security = settings.get("security", "starttls")
    if not isinstance(security, str) or security not in PORTS:
        raise _wrong("security", "this is none of starttls, tls, none", "Without this line it is starttls.")
    if not isinstance(user, str) or not user.isprintable() or ("user" in settings and not user):
        raise _wrong("user", "this is not the name of a user", "Put it in quotes, or leave the line out.")
    port = _number(settings, "port", PORTS[security], most=65_535)
    if security == "none":
        if not _is_this_computer(host):
            hint = "Only a server on this very computer, such as localhost, is spoken to without encryption."
            raise _wrong("security", "none would send people's addresses in plain sight", hint)
        if user:
            raise _wrong("user", "nobody signs in without encryption", "Set security to starttls, or leave out user.")
        return Server(host, port, None)
    password = machine.secret("SMTP_PASSWORD") if user else None
    return Server(host, port, trust(machine.ca), is_tls_first=security == "tls", user=user, password=password)


def _envelope_sender(settings: Mapping[str, Any]) -> str:
    """Return the address for bounces, or nothing where it is to be the From address."""
    if "envelope_sender" not in settings:
        return ""
    try:
        return header_address(str(settings["envelope_sender"]))
    except HeaderError:
        raise _wrong("envelope_sender", "this is not one address", "Write it as in bounces@example.org.") from None


def _number(settings: Mapping[str, Any], key: str, default: int, *, most: int) -> int:
    written = str(settings.get(key, default))  # newsletter.yaml is read as text
    if not re.fullmatch("[0-9]{1,9}", written) or not 1 <= int(written) <= most:
        raise _wrong(key, f"this is not a whole number from 1 to {most:,}", f"Without this line it is {default}.")
    return int(written)


def _wrong(key: str, why: str, hint: str) -> ConfigError:
    return ConfigError(f"newsletter.yaml: smtp: {key}: {why}", hint)


def _is_this_computer(host: str) -> bool:
    address = _ip_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
