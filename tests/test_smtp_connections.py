"""SMTP: servers out of reach, several connections, and connections that the server ends."""

from __future__ import annotations

import socket
from dataclasses import replace
from itertools import repeat
from threading import Barrier, Event
from threading import enumerate as threads
from typing import TYPE_CHECKING, Any

import pytest
import smtpdesk
from smtpdesk import ACCEPTED, AMINA, BEN, NOON, PLANNED, SEND, once, outcomes, person
from smtpserver import MailServer, cut

from newsletter.providers import Machine, Result
from newsletter.providers.smtp import Smtp

if TYPE_CHECKING:
    from collections.abc import Callable

authority, tls, _loopback, server, machine, smtp = (
    smtpdesk.authority,
    smtpdesk.tls,
    smtpdesk._loopback,
    smtpdesk.server,
    smtpdesk.machine,
    smtpdesk.smtp,
)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "its name could not be looked up"),
        (ConnectionRefusedError(), "it refused the connection"),
        (OSError(101, "Network is unreachable"), "there is no way to it"),
        (TimeoutError(), "it did not answer in time"),
    ],
)
def test_a_server_out_of_reach(
    smtp: Callable[..., Smtp], server: MailServer, monkeypatch: pytest.MonkeyPatch, fault: OSError, words: str
) -> None:
    """All wait, and each result says that the server cannot be reached and why (F1)."""

    def fail(*_: Any) -> socket.socket:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", fail)
        results = sorted(smtp().submit(SEND, [AMINA, BEN]), key=lambda result: result.key)
    reason = f"localhost:{server.port} cannot be reached: {words}"
    assert [Result(one.key, PLANNED, reason) for one in (AMINA, BEN)] == results
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp())


@pytest.mark.usefixtures("_loopback")
def test_a_port_where_nobody_listens(machine: Machine) -> None:
    """A refused connection, for real."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (result,) = Smtp({"host": "127.0.0.1", "port": port}, machine).submit(SEND, [AMINA])
    assert Result("key-amina", PLANNED, f"127.0.0.1:{port} cannot be reached: it refused the connection") == result


def test_ipv6_that_leads_nowhere(
    server: MailServer, smtp: Callable[..., Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first IP address of the name does not answer, the next one is tried (F29)."""
    way = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    found = [(socket.AF_INET6, *way, ("::1", server.port, 0, 0)), (socket.AF_INET, *way, ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp())


def test_several_connections(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Each person gets one copy over one of the connections, which stay for the next batch and end politely."""
    people = [person(f"reader-{number}") for number in range(40)]
    provider = smtp(connections=4)
    all_four = Barrier(4)
    server.script["MAIL"] = repeat(lambda _: all_four.wait(20) >= 0, 4)
    assert [ACCEPTED] * 40 == outcomes(provider, *people)
    assert [ACCEPTED] * 40 == outcomes(provider, *people)
    assert sorted([one.recipient.address for one in people] * 2) == server.took()
    provider.close()
    assert (4, 4) == (server.count("connect"), server.count("QUIT"))


def test_fewer_connections_than_we_would_like(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Where a server allows one connection at a time, everybody gets a copy over that one."""
    server.script["connect"] = iter([None, "421 4.7.0 Too many", "421 4.7.0 Too many"])
    people = [person(f"reader-{number}") for number in range(9)]
    results = outcomes(smtp(connections=3), *people)
    assert ([ACCEPTED] * 9, 9) == (results, len(server.took()))


@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_server_that_ends_what_is_idle(server: MailServer, smtp: Callable[..., Smtp], security: str) -> None:
    """A connection that the server closed between two batches is replaced, and costs nobody an attempt."""
    provider = smtp(security=security)
    gone = Event()

    def end(visit: Any) -> None:
        visit.say("250 2.0.0 Ok: queued as 4F0001\n421 4.4.2 Idle for too long")
        visit.request.close()
        gone.set()
        raise EOFError

    server.script["taken"] = once(end)
    assert [ACCEPTED] == outcomes(provider, AMINA)
    assert gone.wait(20)
    server.script["RCPT"] = once(cut)
    assert ([ACCEPTED], 3) == (outcomes(provider, BEN), server.count("connect"))


def test_a_batch_closed_early(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """When nobody asks for more results nothing more is begun, and the threads end."""
    held, go_on = Event(), Event()

    def hold(visit: Any) -> bool:
        held.set()
        return go_on.wait(20)

    server.script["MAIL"] = iter([None, hold])
    before = set(threads())
    provider = smtp()
    results = provider.submit(SEND, [person(f"reader-{number}") for number in range(9)])
    assert ACCEPTED == next(results).outcome
    assert held.wait(20)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    provider.close()
    go_on.set()
    for thread in set(threads()) - before:
        if "run" in thread.name:
            thread.join(20)
    assert (2, 1) == (server.count("MAIL"), server.count("QUIT"))
    assert ["reader-0@example.org", "reader-1@example.org"] == server.took()


def test_a_fault_of_ours(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """An error that nobody foresaw reaches the one who asked, and leaves no thread waiting."""
    naive = replace(SEND, date=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        list(smtp().submit(naive, [AMINA, BEN]))
