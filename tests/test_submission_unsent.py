"""Handing over by HTTP: whatever goes wrong before the first byte leaves everybody planned."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any

import httpdesk
import pytest
from httpdesk import NAME, PEOPLE, PLANNED, Service, Visit, came, encrypts, outcomes, replies, request

from newsletter import submission
from newsletter.errors import RefusedError
from newsletter.providers import Result
from newsletter.submission import NotSentError, way_of

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

authority, service, ca = httpdesk.authority, httpdesk.service, httpdesk.ca

# --- §2.4, row by row -------------------------------------------------------------------------------------------------


def stay(visit: Visit) -> None:
    """Say nothing and stay."""
    visit.server.over.wait(20)


def no_name(*_of: object, **_named: object) -> Any:
    """Know no name."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_connection(*_of: object) -> Any:
    """Wait in vain."""
    raise TimeoutError


@pytest.mark.parametrize(
    ("where", "what", "why"),
    [
        ("getaddrinfo", no_name, "its name could not be looked up"),
        ("create_connection", no_connection, "it did not answer in time"),
    ],
)
def test_who_cannot_be_reached_leaves_all_planned(
    service: Service, monkeypatch: pytest.MonkeyPatch, where: str, what: Any, why: str
) -> None:
    """A name that is not known, and a computer that does not answer (F1): nothing was sent."""
    service.url = f"https://{NAME}/"
    monkeypatch.setattr(socket, where, what)
    reason = f"{NAME} cannot be reached: {why}"
    assert ([Result(one.key, PLANNED, reason) for one in PEOPLE], None) == came(service)


def test_a_connection_refused_leaves_all_planned(service: Service) -> None:
    """Nobody listens (F1)."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        service.url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    results, stop = came(service)
    assert ([PLANNED, PLANNED], None) == (outcomes(results), stop)
    assert results[0].reason.endswith("it refused the connection")


def test_a_handshake_that_breaks_off_leaves_all_planned(service: Service) -> None:
    """The other side hangs up before anything is encrypted."""
    service.act = lambda visit: visit.request.recv(1)
    service.url = f"https://{NAME}:{service.port}/"
    results, stop = came(service)
    assert ([PLANNED, PLANNED], None) == (outcomes(results), stop)


def test_a_handshake_that_never_ends_leaves_all_planned(service: Service) -> None:
    """The deadline holds for encryption too."""
    service.act = stay
    service.url = f"https://{NAME}:{service.port}/"
    results, stop = came(service, way_of(seconds=0.3))
    assert ([PLANNED, PLANNED], None) == (outcomes(results), stop)


@pytest.mark.parametrize("fault", ["unknown authority", "wrong name"])
def test_a_certificate_that_cannot_be_trusted_stops(
    service: Service, authority: trustme.CA, ca: Path, fault: str
) -> None:
    """Nothing is sent, trying again would mend nothing, and no way round is offered (F2)."""
    encrypts(service, authority, "example.com" if fault == "wrong name" else NAME)
    results, stop = came(service, way_of(ca if fault == "wrong name" else None))
    assert [PLANNED, PLANNED] == outcomes(results)
    assert isinstance(stop, RefusedError)
    assert "cannot be trusted" in stop.message
    assert [] == service.requests


def test_encryption_of_long_ago_stops(service: Service, authority: trustme.CA, ca: Path) -> None:
    """TLS 1.2 is the least (F2): here the server knows nothing of what we offer."""
    encrypts(service, authority)
    assert service.tls is not None
    service.tls.minimum_version = ssl.TLSVersion.TLSv1_3
    way = way_of(ca)
    assert ssl.TLSVersion.TLSv1_2 == way.tls.minimum_version
    way.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    results, stop = came(service, way)
    assert ([PLANNED, PLANNED], True) == (outcomes(results), isinstance(stop, RefusedError))


def test_a_proxy_that_refuses_leaves_all_planned(service: Service) -> None:
    """What the proxy says to CONNECT is no answer of the service, whatever its status."""
    service.act = replies(403, "amina@example.org is not allowed")
    service.url = f"https://{NAME}/"
    results, stop = came(service, way_of(proxy=f"http://127.0.0.1:{service.port}"))
    reason = f"{NAME} cannot be reached: the proxy 127.0.0.1 answered 403"
    assert ([Result(one.key, PLANNED, reason) for one in PEOPLE], None) == (results, stop)
    assert [True] == [head.startswith(f"CONNECT {NAME}:443 ") for head, _ in service.requests]


def test_time_that_is_up_before_the_first_byte_leaves_all_planned(service: Service) -> None:
    """Only from the first byte on may it have arrived."""
    page = submission._page(service.url)
    assert page is not None
    with socket.create_connection(("127.0.0.1", service.port)) as connected:
        line = submission._Line(connected, end=0.0)
        with pytest.raises(NotSentError):
            submission._write(line, request(service.url), page)
    assert not line.has_begun
