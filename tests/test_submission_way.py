"""Handing over by HTTP: the way to a service, in both directions: connections, proxies, encryption and the key."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httpdesk
import pytest
from httpdesk import (
    ACCEPTED,
    JSON,
    KEY,
    NAME,
    PLANNED,
    REJECTED,
    UNKNOWN,
    Service,
    Visit,
    came,
    encrypts,
    outcomes,
    replies,
    request,
    says,
    usual,
)

from newsletter import submission
from newsletter.errors import ConfigError
from newsletter.submission import Answer, NoAnswerError, NotSentError, Request, submit, way_of

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

authority, service, ca = httpdesk.authority, httpdesk.service, httpdesk.ca

# --- the way ----------------------------------------------------------------------------------------------------------


def test_an_early_refusal_is_heard(service: Service) -> None:
    """A service may refuse before it has read it all: what it says is known, whatever breaks on our side."""

    def refuse(visit: Visit) -> None:
        visit.request.recv(1000)
        visit.say(f"HTTP/1.1 413 Too Large\r\n{JSON}Content-Length: 2\r\n\r\n{{}}")
        visit.request.shutdown(socket.SHUT_WR)
        while visit.request.recv(65_536):
            pass

    service.act = refuse
    results, _ = came(service, body=b"x" * 2_000_000)
    assert [REJECTED, REJECTED] == outcomes(results)


@pytest.mark.parametrize(("status", "answers"), [(200, False), (403, True)])
def test_after_a_cut_only_a_refusal_counts(
    service: Service, monkeypatch: pytest.MonkeyPatch, status: int, *, answers: bool
) -> None:
    """A 200 cannot be the answer to what was not sent whole."""
    service.act = lambda visit: visit.say(f"HTTP/1.1 {status} Some\r\nContent-Length: 0\r\n\r\n")
    whole = submission._Line.sendall

    def half(line: Any, data: bytes) -> None:
        whole(line, data[:10])
        raise BrokenPipeError

    monkeypatch.setattr(submission._Line, "sendall", half)
    if answers:
        assert status == submit(request(service.url), usual()).status
    else:
        with pytest.raises(NoAnswerError):
            submit(request(service.url), usual())


@pytest.mark.parametrize("lead", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_what_only_announces_an_answer_is_passed_over(service: Service, lead: str) -> None:
    """Some send many of these before the answer (F23)."""
    early = f"HTTP/1.1 {lead}\r\nLink: x\r\n\r\n"
    service.act = says(early * 500, f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 10\r\n\r\n", '["a", "b"]')
    assert [ACCEPTED, ACCEPTED] == outcomes(came(service)[0])


def test_a_chunked_answer_is_read(service: Service) -> None:
    """Whole, in pieces."""
    chunks = '4\r\n["a"\r\n6\r\n, "b"]\r\n0\r\n\r\n'
    service.act = says(f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n", chunks)
    assert [ACCEPTED, ACCEPTED] == outcomes(came(service)[0])


def test_each_request_has_a_connection_of_its_own(service: Service) -> None:
    """None is lost on a connection that the other side has closed."""
    came(service)
    came(service)
    assert [True, True] == ["Connection: close" in head for head, _ in service.requests]


def test_with_encryption(service: Service, authority: trustme.CA, ca: Path) -> None:
    """An authority of one's own is trusted when it is named."""
    encrypts(service, authority)
    assert [ACCEPTED, ACCEPTED] == outcomes(came(service, way_of(ca))[0])


def test_an_encrypted_answer_without_its_end_is_cut(service: Service, authority: trustme.CA, ca: Path) -> None:
    """Without a length, only TLS's own notice says that nobody cut the answer short (F7)."""
    encrypts(service, authority)
    service.act = says(f"HTTP/1.1 200 OK\r\n{JSON}\r\n", '["a", "b"]')  # and no notice
    assert [UNKNOWN, UNKNOWN] == outcomes(came(service, way_of(ca))[0])


def test_through_a_proxy(service: Service, authority: trustme.CA, ca: Path) -> None:
    """The proxy learns the name alone; the key goes to whom the certificate names, and to nobody else."""
    encrypts(service, authority)
    tls, service.tls = service.tls, None
    assert tls is not None

    def connect(visit: Visit) -> None:
        visit.read()
        visit.say("HTTP/1.1 200 Connected\r\n\r\n")
        visit.request = tls.wrap_socket(visit.request, server_side=True)
        visit.rfile = visit.request.makefile("rb")
        replies(200, '["a", "b"]')(visit)

    service.act = connect
    service.url = f"https://{NAME}/"
    results, _ = came(service, way_of(ca, f"http://127.0.0.1:{service.port}"))
    assert [ACCEPTED, ACCEPTED] == outcomes(results)
    (to_proxy, _), (to_service, _) = service.requests
    assert (True, False, True) == (f"Host: {NAME}:443" in to_proxy, KEY in to_proxy, f"Host: {NAME}\r\n" in to_service)


@pytest.mark.parametrize("proxy", ["https://proxy:8080", "proxy", "ftp://proxy", "http://user:pass@proxy"])
def test_a_proxy_that_is_none_is_refused(proxy: str) -> None:
    """Before anything is handed over."""
    with pytest.raises(ConfigError, match="network: proxy"):
        way_of(proxy=proxy)


def test_a_broken_ipv6_is_no_harm(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first address leads nowhere the next is tried (F29)."""
    resolve = socket.getaddrinfo

    def both(host: str, port: int, *rest: Any, **named: Any) -> Any:
        dead = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))] if host == "localhost" else []
        return dead + resolve("127.0.0.1" if dead else host, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", both)
    service.url = f"http://localhost:{service.port}/"
    assert [ACCEPTED, ACCEPTED] == outcomes(came(service)[0])


def test_the_environment_has_no_say(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No password of .netrc takes the place of the key (E10), and no proxy of the environment is asked (E11)."""
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("machine 127.0.0.1 login a password b\n", "utf-8")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert [ACCEPTED, ACCEPTED] == outcomes(came(service)[0])
    ((head, _),) = service.requests
    assert [f"Authorization: Bearer {KEY}"] == [line for line in head.split("\r\n") if line.startswith("Authorization")]
    names = {line.partition(":")[0] for line in head.split("\r\n")[1:] if line}
    expected = {
        "Host",
        "Accept-Encoding",
        "Content-Length",
        "User-Agent",
        "Connection",
        "Authorization",
        "Content-Type",
    }
    assert (expected, True) == (names, "Accept-Encoding: identity" in head)


@pytest.mark.parametrize("url", ["http://mail.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/", "nonsense", ""])
def test_no_key_goes_out_in_plain_sight(service: Service, url: str) -> None:
    """Only this very computer is spoken to without encryption."""
    service.url = url
    results, stop = came(service)
    assert ([PLANNED, PLANNED], True) == (outcomes(results), isinstance(stop, ConfigError))


@pytest.mark.parametrize("value", ["a\r\nBcc: b", "\u043a\u043b\u044e\u0447"])
def test_a_key_that_no_header_can_hold_stops(service: Service, value: str) -> None:
    """It is said before anything leaves, and the key is not."""
    asked = Request("POST", service.url, {"Authorization": value}, b"")
    with pytest.raises(NotSentError) as caught:
        submit(asked, usual())
    assert isinstance(caught.value.stop, ConfigError)
    assert ([], False) == (service.requests, value in f"{caught.value!r} {caught.value.stop.hint}")


def test_nothing_tells_the_key() -> None:
    """Neither a request nor an answer shows what it holds."""
    asked = request("http://127.0.0.1/?key=" + KEY)
    answer = Answer(NAME, 200, {"x": KEY}, KEY.encode())
    assert ("Request(method='POST')", f"Answer(host='{NAME}', status=200, is_whole=True)") == (
        repr(asked),
        repr(answer),
    )
