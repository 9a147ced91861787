"""Batches that are handed over again: where a repeat is ignored, and where a provider asks to wait."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import deliveries
import pytest
from deliveries import PLANNED, UNKNOWN, Act, Desk, Scripted, address, addresses
from ledgers import SECRET, crowd

from newsletter.deliver import due
from newsletter.ledger import open_ledger
from newsletter.providers import BusyError, Result, Send

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.providers import Addressee

desk = deliveries.desk


class Idempotent(Scripted):
    """One that ignores a repeat for 100 seconds."""

    ignores_repeats = timedelta(seconds=100)


# --- where a repeat is ignored ----------------------------------------------------------------------------------------


def interrupted(desk: Desk, provider: Scripted) -> None:
    """Interrupt the first batch of two people before anything is said of it."""
    desk.plan(4, size=2)
    provider.script[address(0)] = [KeyboardInterrupt(), *provider.script.get(address(0), [])]
    with pytest.raises(KeyboardInterrupt):
        desk.run(provider)
    assert ["unknown"] * 2 + ["planned"] * 2 == desk.stands()


def test_repeated_with_the_same_key(desk: Desk) -> None:
    """Where a repeat is ignored, what is unknown is handed over again first: the same people, the same key."""
    interrupted(desk, provider := Idempotent())
    with open_ledger(desk.state, SECRET) as ledger:
        record = ledger.record(1)
        assert (4, 2) == tuple(due(record, ledger, one, lambda _people: {}) for one in (provider, Scripted()))
        left = due(record, ledger, provider, lambda people: dict.fromkeys(people, "unsubscribed"))
        assert left == 2  # without somebody it would be another request
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert [addresses(0, 1), addresses(0, 1), addresses(2, 3)] == provider.batches
    assert (provider.keys[0], ["accepted"] * 4) == (provider.keys[1], desk.stands())


@pytest.mark.parametrize("act", [PLANNED, UNKNOWN, None])
def test_a_repeat_that_tells_nothing(act: Act, desk: Desk) -> None:
    """Who is turned away at a repeat may have been taken the first time: they stay unknown."""
    interrupted(desk, provider := Idempotent({address(n): [act] * 9 for n in (0, 1)}))
    desk.run(provider)
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


def test_no_repeat_for_who_has_left(desk: Desk) -> None:
    """A batch of which somebody has left since is not repeated: without them it would be another request."""
    interrupted(desk, provider := Idempotent())
    desk.leavers = {crowd(1)[0].person: "unsubscribed"}
    desk.run(provider)
    assert [addresses(0, 1), addresses(2, 3)] == provider.batches
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


class Busy(Scripted):
    """One that asks to wait, so many *times*, and takes everything then."""

    def __init__(self, times: int, seconds: float = 30.0) -> None:
        super().__init__()
        self.times, self.seconds = times, seconds

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Take nobody, or all."""
        if self.times == 0:
            yield from super().submit(send, people, key=key)
            return
        self.times -= 1
        yield from (Result(one.key, PLANNED, "429") for one in people)
        raise BusyError("Paused: 429", seconds=self.seconds)


def test_a_provider_that_asks_to_wait_is_asked_again(desk: Desk) -> None:
    """As long as it says; nobody gets two, and no other batch goes before."""
    desk.plan(4, size=2)
    provider = Busy(7)
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert ([30.0] * 7, [2, 2]) == (desk.waits, [len(batch) for batch in provider.batches])


def test_who_asks_to_wait_for_ever_is_left_alone(desk: Desk) -> None:
    """After eight tries the send pauses, with everybody still planned (F16)."""
    desk.plan(4, size=2)
    provider = Busy(100)
    with pytest.raises(BusyError):
        desk.run(provider)
    assert (92, [30.0] * 7, ["planned"] * 4) == (provider.times, desk.waits, desk.stands())


def test_who_does_not_say_how_long_is_given_more_time_each_time(desk: Desk) -> None:
    """With chance in it, so that not all who wait come back at once (F16)."""
    desk.plan(2)
    with pytest.raises(BusyError):
        desk.run(Busy(100, 0.0))
    assert [True] * 7 == [0 <= wait <= 2**tried for tried, wait in enumerate(desk.waits, 1)]
    assert 7 == len(set(desk.waits))


def test_somebody_who_waits_can_be_stopped(desk: Desk) -> None:
    """Whoever presses Ctrl-C in a wait of minutes does not sit through seven more."""
    desk.plan(2)
    desk.stops = lambda: len(desk.waits) > 0
    provider = Busy(100)
    desk.run(provider)
    assert (99, ["planned"] * 2) == (provider.times, desk.stands())


def test_who_leaves_during_a_wait_gets_nothing(desk: Desk) -> None:
    """Opt-outs are looked at again before each try."""
    desk.plan(2)
    provider = Busy(1)
    leaver = desk.entries()[0].person
    wait = desk.waits.append
    desk.waits = type("Waits", (list,), {"append": lambda _, s: (wait(s), desk.leavers.update({leaver: "left"}))})()
    desk.run(provider)
    assert (["skipped", "accepted"], [1]) == (desk.stands(), [len(batch) for batch in provider.batches])
