"""What the fakes of mailing services share: the faults that a test can script, and what stays done behind them."""

from __future__ import annotations

from datetime import timedelta
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fakes.ground import Fake, Refused, answers
from fakes.mailgun import FakeMailgun
from fakes.plain import ask, send, send_mailgun
from fakes.wire import (
    Answer,
    Fault,
    Moment,
    Seen,
    answering,
    endless,
    hanging,
    portal,
    redirect,
    reset_after,
    reset_before,
    truncated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.wire import Visit

AMINA, BEN = "amina@example.org", "ben@example.org"


@pytest.fixture
def fake(mailgun: FakeMailgun) -> FakeMailgun:
    """One of them."""
    return mailgun


def test_an_answer_in_place_of_the_service(fake: FakeMailgun) -> None:
    """A scripted answer is given once, and nothing is done; with *done* all is done, and the answer says otherwise."""
    fake.next(answering(503, {"message": "no"}, {"Retry-After": "7"}), answering(502, "no", done=True))
    said = send(fake, [AMINA])
    assert (503, "7", {"message": "no"}, {}) == (said.status, said.headers["retry-after"], said.json(), fake.got)
    assert (502, {AMINA: 1}) == (send(fake, [AMINA]).status, fake.got)
    assert (200, {AMINA: 2}) == (send(fake, [AMINA]).status, fake.got)


def test_ways_that_lead_elsewhere(fake: FakeMailgun) -> None:
    """A redirect and the page of a guest network: neither has done anything."""
    fake.next(redirect("http://127.0.0.1:1/"), portal())
    assert (307, "http://127.0.0.1:1/") == ((said := send(fake, [AMINA])).status, said.headers["location"])
    assert (200, "text/html") == ((said := send(fake, [AMINA])).status, said.headers["content-type"])
    assert {} == fake.got


def test_an_answer_that_is_cut(fake: FakeMailgun) -> None:
    """All is done, and half an answer comes."""
    fake.next(truncated())
    with pytest.raises(IncompleteRead):
        send(fake, [AMINA])
    assert {AMINA: 1} == fake.got


def test_an_answer_that_never_ends(fake: FakeMailgun) -> None:
    """It goes on for as long as somebody listens; a client that hangs up is no fault of the fake."""
    fake.next(endless())
    link = urlsplit(fake.url)
    connection = HTTPConnection(str(link.hostname), link.port, timeout=10)
    connection.request("GET", "/v3/mg.example.org/bounces")
    assert 5_000_000 == len(connection.getresponse().read(5_000_000))
    connection.close()


def test_resets(fake: FakeMailgun) -> None:
    """Before the body is read nothing has been done nor seen; after it all has been done, and the answer is lost."""
    fake.next(reset_before(), reset_after())
    for seen, got in ((0, {}), (1, {AMINA: 1})):
        with pytest.raises((ConnectionResetError, RemoteDisconnected, BrokenPipeError)):
            send(fake, [AMINA])
        assert (seen, got) == (len(fake.log), fake.got)


@pytest.mark.parametrize(("moment", "before"), [(Moment.READ, {}), (Moment.PROCESSED, {AMINA: 1})])
def test_hanging(fake: FakeMailgun, moment: Moment, before: dict[str, int]) -> None:
    """It does nothing until told, and then goes on as ever."""
    reached = Event()

    def act(visit: Visit, answer: Answer | None) -> bool:
        reached.set()
        return hanging(moment).act(visit, answer)

    fake.next(Fault(moment, act))
    client = Thread(target=send, args=(fake, [AMINA]), daemon=True)
    client.start()
    assert reached.wait(10)
    assert (before, True) == (fake.got, client.is_alive())
    fake.released.set()
    client.join(10)
    assert ({AMINA: 1}, False) == (fake.got, client.is_alive())


def test_a_fault_waits_for_its_request(fake: FakeMailgun) -> None:
    """One that is for a path lets others pass."""
    fake.next(answering(500), on="POST /v3/mg.example.org/messages")
    assert [200, 500, 200] == [ask(fake, "GET", "/v3/mg.example.org/bounces").status] + [
        send(fake, [AMINA]).status for _ in range(2)
    ]


def test_after_processing(fake: FakeMailgun) -> None:
    """A test may step in between what is done and what is said: look, say something else, or lose the answer."""
    steps: Iterator[Answer | Fault | None] = iter([None, Answer("later", 202), reset_after()])
    seen: list[tuple[str, int]] = []

    def step(request: Seen, _answer: Answer) -> Answer | Fault | None:
        seen.append((request.path, fake.got[AMINA]))
        return next(steps)

    fake.after_processing = step
    assert [200, 202] == [send(fake, [AMINA]).status for _ in range(2)]
    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        send(fake, [AMINA])
    assert [("/v3/mg.example.org/messages", count) for count in (1, 2, 3)] == seen


def test_half_a_request_is_none(fake: FakeMailgun) -> None:
    """A client that hangs up in the middle of its request has asked for nothing."""
    link = urlsplit(fake.url)
    connection = HTTPConnection(str(link.hostname), link.port, timeout=10)
    connection.putrequest("POST", "/v3/mg.example.org/messages")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"from=")
    connection.close()
    assert 200 == send(fake, [BEN]).status
    assert [BEN] == [copy.to for copy in fake.copies]
    assert 1 == len(fake.log)


def test_whole_requests_are_kept(fake: FakeMailgun) -> None:
    """The log has each request whole, whatever became of it, and says over which connection it came."""
    send(fake, [AMINA])
    ask(fake, "GET", "/v3/mg.example.org/bounces?limit=5", Authorization="Basic bm9uZQ==")
    sent, asked = fake.log
    assert ("POST", "/v3/mg.example.org/messages", "n@example.org") == (
        sent.method,
        sent.path,
        dict(sent.form())["from"],
    )
    assert ("GET", {"limit": ["5"]}, b"", "test") == (
        asked.method,
        asked.query,
        asked.body,
        asked.headers["user-agent"],
    )
    assert sent.connection != asked.connection
    assert ([sent], [asked]) == (fake.calls("POST /v3/mg"), fake.calls("GET /v3/mg.example.org/bounces"))


def test_a_service_behind_a_gateway() -> None:
    """With a path before all others nothing is served without it."""
    with FakeMailgun(prefix="/gateway/mail") as fake:
        assert 200 == send(fake, [AMINA]).status
        link = urlsplit(fake.url)
        connection = HTTPConnection(str(link.hostname), link.port, timeout=10)
        connection.request("GET", "/v3/mg.example.org/bounces")
        assert 404 == connection.getresponse().status
        connection.close()


def test_the_clock(fake: FakeMailgun) -> None:
    """What is due later is delivered once the test has let the time pass."""
    at = (fake.now + timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    send_mailgun(fake, [AMINA], tracked=False, **{"o:deliverytime": at})
    assert {} == fake.got
    fake.ahead = timedelta(hours=3)
    assert {AMINA: 1} == fake.got


class Broken(Fake):
    """A fake with a mistake."""

    @answers("GET /mistake")
    def mistake(self, _seen: Seen) -> Answer:
        """Fail."""
        raise ZeroDivisionError

    @answers("GET /refused")
    def no(self, _seen: Seen) -> Answer:
        """Say no."""
        raise Refused(409, "no")

    def let_in(self, seen: Seen) -> None:
        """Let everybody in."""


def test_a_mistake_in_a_fake_fails_the_test() -> None:
    """Its client sees a lost connection, and the test is told why; that a service says no is no mistake."""
    fake = Broken().__enter__()
    assert 409 == ask(fake, "GET", "/refused").status
    with pytest.raises((ConnectionResetError, RemoteDisconnected)):
        ask(fake, "GET", "/mistake")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        fake.__exit__(None, None, None)
