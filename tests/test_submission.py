"""Handing over by HTTP: what each way of answering, or of failing to, makes of the people of a batch.

The server speaks bare TCP, for most of what is here no proper web server would ever do.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
from functools import cache, partial
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter import submission
from newsletter.credentials import Secret
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.message import Recipient
from newsletter.providers import Addressee, BusyError, Outcome, Result
from newsletter.providers._http import LIMIT_WAIT, exchange, judged
from newsletter.submission import Answer, NoAnswerError, NotSentError, Request, Way, submit, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
KEY = "key-4f9a0c1b2d3e4f5a"
PEOPLE = [Addressee(name, Recipient(f"{name}@example.org", "", "", "token")) for name in ("amina", "ben")]
NAME = "mail.example.org"  # which leads to loopback here
JSON = "Content-Type: application/json\r\n"


class Visit(StreamRequestHandler):
    """One connection to the service; it does what the service's *act* says."""

    server: Service

    def handle(self) -> None:
        """Encrypt, and act."""
        try:
            if self.server.tls:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.rfile = self.request.makefile("rb")
            self.server.act(self)
        except OSError:
            self.server.cut.set()

    def finish(self) -> None:
        """Close what was opened."""
        self.rfile.close()
        self.request.close()

    def read(self) -> None:
        """Read a whole request and write it down."""
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        self.server.requests.append((head.decode("latin-1"), self.rfile.read(length)))

    def say(self, *pieces: bytes | str) -> None:
        """Send *pieces* as they are."""
        for piece in pieces:
            self.request.sendall(piece if isinstance(piece, bytes) else piece.encode("latin-1"))

    def reset(self) -> None:
        """Hang up without a word."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Service(ThreadingTCPServer):
    """A service on loopback."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.tls: ssl.SSLContext | None = None
        self.act: Callable[[Visit], None] = replies(200, json.dumps(["a", "b"]))
        self.requests: list[tuple[str, bytes]] = []
        self.cut = Event()  # somebody hung up on us
        self.over = Event()  # the test has ended
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v3/messages"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


def replies(status: int, body: str | bytes = "", *, headers: str = JSON) -> Callable[[Visit], None]:
    """Return an act: read the request whole, and answer properly."""

    def act(visit: Visit) -> None:
        data = body if isinstance(body, bytes) else body.encode()
        visit.read()
        visit.say(f"HTTP/1.1 {status} Some\r\n{headers}Content-Length: {len(data)}\r\n\r\n", data)

    return act


def says(*pieces: bytes | str) -> Callable[[Visit], None]:
    """Return an act: read the request whole, send *pieces*, hang up."""

    def act(visit: Visit) -> None:
        visit.read()
        visit.say(*pieces)

    return act


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our servers' certificates."""
    return trustme.CA()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that takes everything; its name leads to loopback, and nothing else can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    resolve = socket.getaddrinfo

    def known(host: str, *rest: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host == NAME else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with Service() as service:
        Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield service
        service.over.set()
        service.shutdown()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    """The file of the authority that is trusted."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


def encrypts(service: Service, authority: trustme.CA, name: str = NAME) -> None:
    """Let *service* be one with TLS."""
    service.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(service.tls)
    service.url = f"https://{NAME}:{service.port}/v3/messages"


def read(answer: Answer, people: Sequence[Addressee]) -> list[Result]:
    """Read the answer of a service: for each person an id, or why not."""
    return [
        Result(one.key, REJECTED, each["error"]) if isinstance(each, dict) else Result(one.key, ACCEPTED, id=each)
        for one, each in zip(people, answer.json(), strict=True)
    ]


def request(url: str, body: bytes = b'{"to": "amina@example.org"}') -> Request:
    """Return a request that holds a key and a person."""
    return Request("POST", url, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}, body)


@cache
def usual() -> Way:
    """Return the way without any settings; the system's authorities take their time to read."""
    return way_of(seconds=20)


def came(service: Service, way: Way | None = None, **how: Any) -> tuple[list[Result], NewsletterError | None]:
    """Hand the two people over; return what became of them and what stopped the send. Nothing of that tells on them."""
    Secret(KEY)
    results: list[Result] = []
    stop = None
    body = how.pop("body", b'{"to": "amina@example.org"}')
    try:
        results += exchange(request(service.url, body), PEOPLE, way or usual(), how.pop("read", read), **how)
    except NewsletterError as error:
        stop = error
    told = " ".join([*(one.reason for one in results), *((stop.message, stop.hint) if stop else ())])
    assert [] == [word for word in (KEY, "amina@", "Traceback") if word in told]
    return results, stop


def outcomes(results: Sequence[Result]) -> list[Outcome]:
    """Return what became of each."""
    return [one.outcome for one in results]


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


def close(visit: Visit) -> None:
    """Hang up without having read anything."""


def read_and_close(visit: Visit) -> None:
    """Hang up when all is read."""
    visit.read()


def read_and_reset(visit: Visit) -> None:
    """Break the connection when all is read."""
    visit.read()
    visit.reset()


def silent(visit: Visit) -> None:
    """Read and never answer."""
    visit.read()
    visit.server.over.wait(20)


def drip(visit: Visit) -> None:
    """Answer with a byte now and then, and never come to an end."""
    visit.read()
    visit.say("HTTP/1.1 200 OK\r\nX-Long: ")
    while not visit.server.over.wait(0.02):
        visit.say("a")


def drip_before(visit: Visit) -> None:
    """Announce an answer, again and again."""
    visit.read()
    while not visit.server.over.wait(0.001):
        visit.say("HTTP/1.1 100 Continue\r\n\r\n")


def reset_on_the_way(visit: Visit) -> None:
    """Break the connection while the request is on its way."""
    visit.request.recv(1000)
    visit.reset()


@pytest.mark.parametrize(
    "act",
    [
        close, read_and_close, read_and_reset, silent, drip, drip_before,
        says(b"\0\1\2\r\n\r\n"), says(b"SSH-2.0-x\r\n"), says("HTTP/1.1 2"),
        says("HTTP/1.1 200 OK\r\nX: ", "a" * 100_000, "\r\n\r\n"),
        says("HTTP/1.1 200 OK\r\n", "X: a\r\n" * 1000, "\r\n"),
    ],
    ids=[
        "F3 closed", "F4 closed", "F4 reset", "F5 silent", "F6 drip", "F23 flood of 100", "nonsense",
        "another protocol", "half a line", "F22 long header", "F22 many headers",
    ],
)  # fmt: skip
def test_no_answer_after_the_first_byte_is_unknown(service: Service, act: Callable[[Visit], None]) -> None:
    """Whatever breaks once a byte may have left, nobody knows, and nothing is sent again."""
    service.act = act
    results, stop = came(service, way_of(seconds=0.5))
    assert ([UNKNOWN, UNKNOWN], None) == (outcomes(results), stop)
    assert 1 >= len(service.requests)
    assert results[0].reason.endswith("it may have had the request")


def test_a_network_that_dies_while_sending_is_unknown(service: Service) -> None:
    """Two megabytes break off in the middle (F28)."""
    service.act = reset_on_the_way
    results, stop = came(service, body=b"x" * 2_000_000)
    assert ([UNKNOWN, UNKNOWN], None) == (outcomes(results), stop)


def test_a_whole_answer_is_accepted(service: Service) -> None:
    """A 2xx as specified: each has the result that the service gave them."""
    results, stop = came(service)
    assert ([Result("amina", ACCEPTED, id="a"), Result("ben", ACCEPTED, id="b")], None) == (results, stop)
    ((head, body),) = service.requests
    assert ("POST /v3/messages HTTP/1.1", b'{"to": "amina@example.org"}') == (head.split("\r\n")[0], body)


def test_a_whole_answer_may_be_mixed(service: Service) -> None:
    """Some are accepted and some are not (F20); an address in the reason is hidden."""
    service.act = replies(202, json.dumps(["a", {"error": "no such person as ben@example.org\n"}]))
    expected = [Result("amina", ACCEPTED, id="a"), Result("ben", REJECTED, "no such person as (address) ")]
    assert (expected, None) == came(service)


CUT = {
    "length": says(f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 99\r\n\r\n", '["a", "b"]'),
    "no length": says(f"HTTP/1.1 200 OK\r\n{JSON}\r\n", '["a", '),
    "chunk": says(f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n", 'ff\r\n["a", "b"]'),
    "no last chunk": says(f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n", 'a\r\n["a", "b"]\r\n'),
    "no JSON": replies(200, '["a", "b"'),
    "deep": replies(200, "[" * 100_000),
    "long number": replies(200, "9" * 5000),
    "odd": replies(200, '{"a": null}'),
    "empty": replies(200),
    "gzip": replies(200, b"\x1f\x8b" + b"\0" * 1000, headers=f"{JSON}Content-Encoding: gzip\r\n"),
    "long": replies(200, json.dumps(["a" * 2_000_000, "b"])),
}


@pytest.mark.parametrize("cut", CUT)
@pytest.mark.parametrize("unreadable", [ACCEPTED, UNKNOWN])
def test_a_2xx_that_cannot_be_read_is_what_the_provider_says(service: Service, cut: str, unreadable: Outcome) -> None:
    """Taken, without ids, where one result is for all; unknown where each has one of their own (F7, F22, F24)."""
    service.act = CUT[cut]
    results, stop = came(service, unreadable=unreadable)
    assert ([unreadable, unreadable], ["", ""], None) == (outcomes(results), [one.id for one in results], stop)
    assert (1, True) == (len(service.requests), all("cannot be read" in one.reason for one in results))


def test_a_body_without_end_is_cut(service: Service) -> None:
    """A service that never stops is left (F22)."""

    def endless(visit: Visit) -> None:
        visit.read()
        visit.say(f"HTTP/1.1 200 OK\r\n{JSON}\r\n")
        while True:
            visit.say(b"a" * 65_536)

    service.act = endless
    results, _ = came(service)
    assert [UNKNOWN, UNKNOWN] == outcomes(results)
    assert service.cut.wait(20)


@pytest.mark.parametrize("headers", ["Content-Type: text/html\r\n", ""])
def test_a_page_of_the_network_stops(service: Service, headers: str) -> None:
    """A 200 of another kind comes from somebody else, such as a hotel's network (F8): unknown, and nothing more."""
    service.act = replies(200, "<html>Welcome, please sign in", headers=headers)
    results, stop = came(service)
    assert [UNKNOWN, UNKNOWN] == outcomes(results)
    assert isinstance(stop, RefusedError)
    assert "is not the answer of 127.0.0.1" in stop.message


def test_half_a_head_is_no_success(service: Service) -> None:
    """A 200 that breaks off before it says what it is (F7)."""
    service.act = says("HTTP/1.1 200 OK\r\nContent-Ty")
    results, stop = came(service)
    assert ([UNKNOWN, UNKNOWN], True) == (outcomes(results), isinstance(stop, RefusedError))


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_never_followed(service: Service, status: int) -> None:
    """Neither as a GET nor as another POST (F9, F10): one request, unknown, and a stop."""
    service.act = replies(status, headers=f"Location: {service.url}/login\r\n")
    results, stop = came(service)
    assert ([UNKNOWN, UNKNOWN], 1) == (outcomes(results), len(service.requests))
    assert isinstance(stop, RefusedError)
    assert f"127.0.0.1 sends on to another address ({status})" in stop.message


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_a_refusal_of_the_request_itself_is_rejected_and_stops(service: Service, status: int) -> None:
    """The same would come of every batch (F11). What was said is shown, without addresses and keys."""
    service.act = replies(status, json.dumps({"message": f"bad: amina@example.org, {KEY}"}))
    results, stop = came(service)
    assert [Result(one.key, REJECTED, f'{status} {{"message": "bad: (address), ***"}}') for one in PEOPLE] == results
    assert isinstance(stop, RefusedError)
    assert f"127.0.0.1 refuses the request itself: {results[0].reason}" == stop.message


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_stops_with_everybody_planned(service: Service, status: int) -> None:
    """One request is enough to know (E5, F12)."""
    service.act = replies(status, f'{{"message": "Invalid key {KEY}"}}')
    results, stop = came(service)
    assert ([PLANNED, PLANNED], 1) == (outcomes(results), len(service.requests))
    assert isinstance(stop, ConfigError)


@pytest.mark.parametrize("status", [408, 409])
def test_a_conflict_is_unknown(service: Service, status: int) -> None:
    """The first try may be on its way there still (F13): the next round asks again, where repeats are ignored."""
    service.act = replies(status, "{}")
    results, stop = came(service)
    assert ([UNKNOWN, UNKNOWN], None, 1) == (outcomes(results), stop, len(service.requests))


NOW = "Date: Mon, 05 Jan 2026 09:00:00 GMT\r\n"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("Retry-After: 30\r\n", 30),
        (f"Retry-After: Mon, 05 Jan 2026 09:00:40 GMT\r\n{NOW}", 40),
        (f"Retry-After: Mon, 05 Jan 2026 08:00:00 GMT\r\n{NOW}", 0),
        (f"Retry-After: Tue, 05 Jan 2027 09:00:00 GMT\r\n{NOW}", LIMIT_WAIT),
        ("Retry-After: Mon, 05 Jan 2026 09:00:40 GMT\r\n", 0),
        ("Retry-After: 31536000\r\n", LIMIT_WAIT),
        ("Retry-After: -1\r\n", 0),
        ("Retry-After: soon\r\n", 0),
        ("Retry-After: \xb2\r\n", 0),
        (f"Retry-After: {'9' * 5000}\r\n", 0),
        ("", 0),
    ],
)  # fmt: skip
def test_too_many_requests_leave_all_planned(service: Service, headers: str, seconds: float) -> None:
    """Nothing was taken; it is told how long to wait, at most 15 minutes (F15)."""
    service.act = replies(429, "{}", headers=headers)
    results, stop = came(service)
    assert ([PLANNED, PLANNED], 1) == (outcomes(results), len(service.requests))
    assert isinstance(stop, BusyError)
    assert seconds == stop.seconds


@pytest.mark.parametrize("status", [500, 501, 502, 504, 520, 599])
def test_a_fault_of_the_service_is_unknown(service: Service, status: int) -> None:
    """It may have taken everything before (F17): one request and no other."""
    service.act = replies(status, "{}")
    results, stop = came(service)
    assert ([UNKNOWN, UNKNOWN], None, 1) == (outcomes(results), stop, len(service.requests))


@pytest.mark.parametrize("means", [PLANNED, UNKNOWN])
def test_503_is_what_the_provider_says(service: Service, means: Outcome) -> None:
    """Only where it is documented that nothing was taken are all planned (F18)."""
    service.act = replies(503, "{}")
    results, stop = came(service, judge=partial(judged, unavailable=means))
    assert ([means, means], None) == (outcomes(results), stop)


@pytest.mark.parametrize("status", [101, 402, 407, 418, 451, 600, 999])
def test_a_status_that_nobody_expects_is_unknown_and_stops(status: int) -> None:
    """What the table does not name is never taken for a success or for a refusal."""
    verdict = judged(Answer(NAME, status))
    assert (UNKNOWN, True) == (verdict.outcome, isinstance(verdict.stop, RefusedError))


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        (["amina"], ["amina"]),
        (["amina", "ben", ""], ["amina", "ben"]),
        (["amina", "ben", "cara"], ["amina", "ben"]),
        (["amina", "amina"], []),
        (["amina", "ben", "ben"], ["amina"]),
        ([], []),
    ],
    ids=["fewer", "more", "another", "twice", "one twice", "none"],
)
def test_results_that_do_not_match_stop(service: Service, keys: list[str], known: list[str]) -> None:
    """Who has not exactly one result is unknown, which nobody has to say, and the send stops (F19)."""
    results, stop = came(service, read=lambda *_: [Result(key, ACCEPTED) for key in keys])
    assert (known, True) == ([one.key for one in results], isinstance(stop, RefusedError))


def test_the_order_of_results_means_nothing(service: Service) -> None:
    """A provider may tell them in any order (F19)."""
    backwards = [Result("ben", ACCEPTED), Result("amina", ACCEPTED)]
    assert (backwards, None) == came(service, read=lambda *_: backwards)


def test_names_of_messages_are_cleaned(service: Service) -> None:
    """None, ten kilobytes, and what would move a terminal's cursor (F21)."""
    service.act = replies(200, json.dumps([None, "\x1b[2J\r\n<a b@c>" + "x" * 10_000]))
    results, _ = came(service)
    assert ["", "[2J<ab@c>" + "x" * 191] == [one.id for one in results]


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
