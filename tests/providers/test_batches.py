"""The contract of a service that is handed people: what each way of answering, or of failing to, makes of them."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from fakes.wire import Answer, endless, hanging, portal, redirect, reset_after, reset_before, truncated
from fakes.wire import answering as answering_with
from providers.batches import (
    ACCEPTED,
    BATCHES,
    PLANNED,
    REJECTED,
    UNKNOWN,
    Batch,
    a_send,
    all_of,
    people,
    person,
    submitted,
)
from providers.waits import SERVER_TIME, WAITS

from newsletter.errors import ConfigError, RefusedError
from newsletter.providers import BatchProvider, BusyError, provider_names, provider_type
from newsletter.providers._service import HttpBatch

if TYPE_CHECKING:
    from fakes.wire import Fault
    from providers.batches import Desk

FOUR = people(4)


def test_every_service_is_here() -> None:
    """Whoever adds a service that is handed people adds its row to the contract."""
    kinds = {name: provider_type(name) for name in provider_names()}
    services = {name for name, kind in kinds.items() if issubclass(kind, HttpBatch)}
    assert {batch.name for batch in BATCHES} == services
    assert all(issubclass(kinds[name], BatchProvider) for name in services)


def test_accepted(desk: Desk) -> None:
    """Each gets one copy, in which they see nobody else, and of which no opening and no click is told."""
    told = desk.submit(FOUR)
    assert (all_of(ACCEPTED, FOUR), None) == (told.outcomes, told.error)
    assert all(result.id and result.id.isprintable() for result in told.results)
    copies = {copy.to: (copy.visible, copy.tracked, copy.reference) for copy in desk.fake.copies}
    assert {one.recipient.address: ([one.recipient.address], frozenset(), "2026-01--schools") for one in FOUR} == copies
    assert len(FOUR) == len(desk.fake.copies)
    assert 1 == len(desk.fake.calls(desk.batch.route))


def test_one_bad_address(desk: Desk) -> None:
    """It alone is rejected, though a service may refuse all for it; the others get one copy each."""
    those = people(9)
    desk.fake.refuse("p5@example.org")
    told = desk.submit(those)
    assert {**all_of(ACCEPTED, those), "p5": REJECTED} == told.outcomes
    assert None is told.error
    assert {f"p{n}@example.org": 1 for n in range(9) if n != 5} == desk.fake.got
    assert "example.org" not in next(one.reason for one in told.results if one.key == "p5")


def test_many_bad_addresses(desk: Desk) -> None:
    """As long as some are taken it is not our fault: whoever is bad is rejected, and everybody else has a copy."""
    those = people(40)
    for number in range(1, 40, 3):
        desk.fake.refuse(f"p{number}@example.org")
    told = desk.submit(those)
    bad = {f"p{n}": REJECTED for n in range(1, 40, 3)}
    assert ({**all_of(ACCEPTED, those), **bad}, None) == (told.outcomes, told.error)
    assert {f"p{n}@example.org": 1 for n in range(40) if n % 3 != 1} == desk.fake.got


def test_all_addresses_are_bad(desk: Desk) -> None:
    """Where one after another would be blamed, it stops after ten: what is wrong is then in all that we send."""
    those = people(32)
    for one in those:
        desk.fake.refuse(one.recipient.address)
    told = desk.submit(those)
    if not desk.batch.blames_all:
        assert (all_of(REJECTED, those), None) == (told.outcomes, told.error)
        return
    assert isinstance(told.error, RefusedError)
    assert "Paused: 10 people in a row were refused" in told.error.message
    assert {**all_of(PLANNED, those), **all_of(REJECTED, those[:10])} == told.outcomes


@pytest.mark.parametrize("status", [404, 413, 415])
def test_the_request_itself_is_refused(status: int, desk: Desk) -> None:
    """Whatever is wrong with all of it is our fault: everybody is rejected, and the send stops."""
    desk.fake.next(answering_with(status, {"message": "no"}), on=desk.batch.route)
    told = desk.submit(FOUR)
    assert all_of(REJECTED, FOUR) == told.outcomes
    assert isinstance(told.error, RefusedError)


@pytest.mark.parametrize("status", [401, 403])
def test_the_key_is_refused(status: int, desk: Desk) -> None:
    """Nobody was taken, and the send stops: waiting mends nothing."""
    desk.fake.next(answering_with(status, {"message": "no"}), on=desk.batch.route)
    told = desk.submit(FOUR)
    assert all_of(PLANNED, FOUR) == told.outcomes
    assert isinstance(told.error, ConfigError)


@pytest.mark.parametrize(("headers", "said", "seconds"), WAITS)
def test_too_quick(headers: dict[str, str], said: str, seconds: float, desk: Desk) -> None:
    """Nobody was taken; for how long to wait is read from whatever the service says it by, and clamped."""
    desk.fake.next(answering_with(429, {"message": said}, {**SERVER_TIME, **headers}), on=desk.batch.route)
    told = desk.submit(FOUR)
    assert all_of(PLANNED, FOUR) == told.outcomes
    assert isinstance(told.error, BusyError)
    assert seconds == told.error.seconds


def test_too_quick_in_its_own_words(desk: Desk) -> None:
    """The same, as the service itself says it."""
    desk.fake.next(desk.fake.busy(2), on=desk.batch.route)
    told = desk.submit(FOUR)
    assert all_of(PLANNED, FOUR) == told.outcomes
    assert isinstance(told.error, BusyError)
    assert told.error.seconds == pytest.approx(desk.batch.busy, abs=1)  # Unix time knows no fractions


def in_doubt(batch: Batch) -> list[tuple[Fault, bool, bool]]:
    """Return ways of failing after which nobody can tell; whether all was taken, and whether it stops the send."""
    stopping = [portal(), redirect("http://127.0.0.1:9/"), redirect("/elsewhere", 302), answering_with(299, "?")]
    failing = [answering_with(status, {"message": "oh"}) for status in (408, 409, 500, 502, 503, 504)]
    told = answering_with(200, {"errors": [{"message": "no"}], "message": "no", "ErrorCode": 300}, done=True)
    lost = [(reset_after(), True, False), (told, True, False)]
    if batch.unreadable is UNKNOWN:
        lost += [(truncated(), True, False), (endless(), True, False)]
    return [
        (reset_before(), False, False),
        *lost,
        *((f, False, True) for f in stopping),
        *((f, False, False) for f in failing),
    ]


@pytest.mark.parametrize("number", range(15))
def test_nobody_can_tell(number: int, desk: Desk) -> None:
    """What may have been taken is unknown, once and for all: no redirect is followed, and nothing is tried again."""
    ways = in_doubt(desk.batch)
    if number >= len(ways):
        return  # this service says all by its status: a body that is lost says nothing
    fault, is_taken, is_stopped = ways[number]
    desk.fake.next(fault, on=desk.batch.route)
    told = desk.submit(FOUR)
    assert all_of(UNKNOWN, FOUR) == told.outcomes
    assert is_stopped == isinstance(told.error, RefusedError)
    assert (len(FOUR) if is_taken else 0) == len(desk.fake.copies)
    assert 1 >= len([seen for seen in desk.fake.log if seen.method == "POST"])


@pytest.mark.parametrize("fault", [truncated(), endless()])
def test_a_lost_body(fault: Fault, desk: Desk) -> None:
    """Where a success says nothing but that all was taken, all was, though nobody knows by which name."""
    desk.fake.next(fault, on=desk.batch.route)
    told = desk.submit(FOUR)
    assert (all_of(desk.batch.unreadable, FOUR), None) == (told.outcomes, told.error)
    assert len(FOUR) == len(desk.fake.copies)


def test_no_answer_in_time(desk: Desk) -> None:
    """The whole request has its time; then everybody is unknown."""
    desk.fake.next(hanging(), on=desk.batch.route)
    told = desk.submit(FOUR, seconds=0.4)
    assert all_of(UNKNOWN, FOUR) == told.outcomes
    assert all("did not answer in time" in one.reason for one in told.results)


def test_the_service_fails(desk: Desk) -> None:
    """Its own failure leaves everybody unknown, unless it says that it has taken nothing."""
    desk.fake.next(desk.fake.down(), on=desk.batch.route)
    told = desk.submit(FOUR)
    assert (all_of(desk.batch.down, FOUR), None) == (told.outcomes, told.error)
    assert {} == desk.fake.got


def test_nobody_is_there(desk: Desk) -> None:
    """A service that cannot be reached has taken nobody."""
    provider = desk.open()
    if hasattr(provider, "prepare"):
        provider.prepare(a_send())
    desk.fake._server.server_close()
    desk.fake._server.shutdown()
    told = submitted(provider, a_send(), FOUR)
    assert all_of(PLANNED, FOUR) == told.outcomes


@pytest.mark.parametrize("status", [200, 299, 302, 400, 401, 403, 404, 409, 422, 429, 500])
def test_no_key_is_told(status: int, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a service says, neither key nor address stands in a reason, an error, a log or what Python prints."""
    caplog.set_level(logging.DEBUG)
    keys = list(desk.fake.secrets.values())
    said = {"message": f"{' '.join(keys)} of amina@example.org", "ErrorCode": 405, "id": keys[0]}
    desk.fake.next(answering_with(status, said, {"X-Debug": keys[0]}), on=desk.batch.route)
    provider = desk.open()
    told = submitted(provider, a_send(), [person("amina", called="Amina Khan")])
    error = f"{told.error!r} {told.error and told.error.hint}"
    shown = f"{told.results} {error} {vars(provider)} {provider.service} {provider.account} {caplog.text}"
    assert [] == [key for key in [*keys, "amina@example.org"] if key in shown]


def test_no_key_in_an_id(desk: Desk) -> None:
    """A service that says the key back where it names a message is not believed."""

    def echoed(_seen: Any, answer: Answer) -> Answer:
        key = next(iter(desk.fake.secrets.values()))
        return Answer(
            json.loads(json.dumps(answer.body).replace("@mg.example.org", key)), answer.status, {"X-Message-Id": key}
        )

    desk.fake.after_processing = echoed
    told = desk.submit(FOUR)
    assert [] == [key for key in desk.fake.secrets.values() if key in repr(told.results)]
