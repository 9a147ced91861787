"""A mail server that does what a test says, and the provider that hands two people over to it."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts
from smtpserver import MailServer, running

from newsletter.credentials import Secret
from newsletter.message import Edition, Mailbox, Message, Recipient, Sender, compose
from newsletter.providers import Addressee, Machine, Outcome, Send
from newsletter.providers.smtp import Smtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
FROM = Sender(Mailbox("News", "news@example.org"), Mailbox("", "office@example.org"), "Example Partnership")
EDITION = Edition("2026-01", "January 2026 newsletter", "Dates", "<p>Hello</p>\n", "Hello\n.\n..\nBye\n")
MESSAGE = compose(EDITION, FROM, list_name="practitioners", list_title="Practitioners")
SEND = Send(MESSAGE, NOON)


def person(name: str) -> Addressee:
    """Somebody called *name*."""
    return Addressee(f"key-{name}", Recipient(f"{name}@example.org", token=f"token-{name}"))


AMINA, BEN = person("amina"), person("ben")
BOTH = ["amina@example.org", "ben@example.org"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our server's certificate."""
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """The server's side of an encrypted connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def _loopback() -> None:
    """Let this computer be reached, and nothing else."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture
def server(_loopback: None, tls: ssl.SSLContext) -> Iterator[MailServer]:
    """A server that can encrypt."""
    with running(MailServer(tls)) as one:
        yield one
    assert [] == one.faults


@pytest.fixture
def machine(tmp_path: Path, authority: trustme.CA) -> Machine:
    """A computer that trusts the authority and knows the password."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return Machine(tmp_path, lambda name: Secret({"SMTP_PASSWORD": "correct horse"}[name]), tmp_path / "ca.pem")


@pytest.fixture
def smtp(server: MailServer, machine: Machine) -> Iterator[Callable[..., Smtp]]:
    """A function that makes the provider for the server, with one connection unless other settings say more."""
    made: list[Smtp] = []

    def make(**settings: Any) -> Smtp:
        made.append(Smtp({"host": "localhost", "port": server.port, "connections": 1, **settings}, machine))
        return made[-1]

    yield make
    for one in made:
        one.close()


def outcomes(provider: Smtp, *people: Addressee, message: Message = MESSAGE) -> list[Outcome]:
    """Submit to *people*, Amina and Ben if nobody is named, and return what became of each, in their order."""
    people = people or (AMINA, BEN)
    results = {result.key: result.outcome for result in provider.submit(replace(SEND, message=message), people)}
    return [results[one.key] for one in people]


def once(act: Any) -> Iterator[Any]:
    """Do *act* the first time."""
    return iter([act])


always = repeat
