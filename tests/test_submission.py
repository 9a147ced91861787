"""Handing over by HTTP: what each way of answering, or of failing to, makes of the people of a batch."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import httpdesk
import pytest
from httpdesk import (
    ACCEPTED,
    JSON,
    KEY,
    NAME,
    PEOPLE,
    PLANNED,
    REJECTED,
    UNKNOWN,
    Service,
    Visit,
    came,
    outcomes,
    replies,
    says,
)

from newsletter.errors import ConfigError, RefusedError
from newsletter.providers import BusyError, Outcome, Result
from newsletter.providers._http import LIMIT_WAIT, judged
from newsletter.submission import Answer, way_of

if TYPE_CHECKING:
    from collections.abc import Callable

service = httpdesk.service


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
