"""What happens between two batches of a send: people leave, somebody asks to stop, a disk is full."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import deliveries
import pytest
from components import small_disk_of
from deliveries import UNKNOWN, Desk, Scripted, address, addresses
from ledgers import SECRET, crowd, planned

from newsletter.errors import ConfigError
from newsletter.ledger import FILE, open_ledger
from newsletter.mime import HeaderError
from newsletter.records import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.providers import Addressee, Result, Send

desk = deliveries.desk

# --- between two batches ----------------------------------------------------------------------------------------------


def test_who_has_left_since(desk: Desk) -> None:
    """Whoever left since the plan is asked for before each batch, and skipped with the reason (D26)."""
    desk.plan(4, size=2)
    one, two, three, four = crowd(*range(4))
    desk.leavers = {two.person: "unsubscribed", three.person: "erased", four.person: "complained"}
    provider = Scripted()
    assert [Counter(accepted=1, skipped=1), Counter(skipped=2)] == desk.run(provider)
    assert [[one.person, two.person], [three.person, four.person]] == desk.asked
    assert [addresses(0)] == provider.batches
    assert ["", "unsubscribed", "erased", "complained"] == [entry.reason for entry in desk.entries()]
    assert (0, 3, 4) == ((record := desk.record()).waiting, record.skipped, record.total)


def test_who_leaves_in_the_middle(desk: Desk) -> None:
    """Whoever leaves while the first batch is under way is not in the second."""
    desk.plan(3, size=1)
    with open_ledger(desk.state, SECRET) as ledger:
        delivery = desk.begin(ledger, provider := Scripted())
        next(delivery)
        desk.leavers = {crowd(2)[0].person: "unsubscribed"}
        assert [Counter(accepted=1), Counter(skipped=1)] == list(delivery)
    assert [addresses(0), addresses(1)] == provider.batches


def test_asked_to_stop(desk: Desk) -> None:
    """Asked to stop, it ends after the batch under way: all of that is recorded, and nobody else is touched."""
    desk.plan(6, size=2)
    provider = Scripted()
    desk.stops = lambda: len(provider.batches) == 2
    assert [Counter(accepted=2)] * 2 == desk.run(provider)
    assert ["accepted"] * 4 + ["planned"] * 2 == desk.stands()


def test_recorded_before_it_is_told(desk: Desk) -> None:
    """What became of a batch is on the disk before anybody is told, and that it is handed over before it is."""
    desk.plan(4, size=2)
    seen = list[list[str]]()

    class Watching(Scripted):
        def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
            seen.append(desk.stands())
            return super().submit(send, people, key=key)

    with open_ledger(desk.state, SECRET) as ledger:
        for _ in desk.begin(ledger, Watching()):
            seen.append(desk.stands())
    assert [
        ["submitting"] * 2 + ["planned"] * 2,
        ["accepted"] * 2 + ["planned"] * 2,
        ["accepted"] * 2 + ["submitting"] * 2,
        ["accepted"] * 4,
    ] == seen


def test_abandoned(desk: Desk) -> None:
    """Whoever stops listening after a batch changes nothing: the next run goes on with the next batch."""
    desk.plan(5, size=2)
    provider = Scripted()
    with open_ledger(desk.state, SECRET) as ledger:
        assert [Counter(accepted=2)] == list(islice(desk.begin(ledger, provider), 1))
    assert [Counter(accepted=2), Counter(accepted=1)] == desk.run(provider)
    assert [addresses(0, 1), addresses(2, 3), addresses(4)] == provider.batches


@pytest.mark.parametrize("ids", [True, False])
def test_the_outcome_cannot_be_recorded(ids: bool, desk: Desk) -> None:  # noqa: FBT001
    """A disk that is full just when the outcome is due stops all; who that was is told, and unknown later (G8)."""
    desk.plan(4, size=2)
    provider = Scripted({} if ids else {address(0): [UNKNOWN], address(1): [UNKNOWN]})
    with open_ledger(desk.state, SECRET) as ledger:
        delivery, settle = desk.begin(ledger, provider), ledger.settle

        def on_a_full_disk(*args: Any, **named: Any) -> None:
            with small_disk_of(512):
                settle(*args, **named)

        ledger.settle = on_a_full_disk  # type: ignore[method-assign]
        with pytest.raises(ConfigError) as caught:
            next(delivery)
        assert [2, 2] == [ledger.record(1).counts[one] for one in (State.SUBMITTING, State.PLANNED)]
    hint = "Check that the disk has room and that you may write there. Then give the same command again."
    told = "batch 1 was handed over, but what became of it could not be recorded"
    assert (caught.value.exit_code, caught.value.message, caught.value.hint) == (
        3,
        f"{told}: {FILE} cannot be written: disk I/O error",
        f"{hint}\nThe provider called it: id-1, id-2" if ids else hint,
    )
    assert ["submitting"] * 2 + ["planned"] * 2 == desk.stands()
    assert [Counter(accepted=2)] == desk.run(provider)
    assert ["unknown"] * 2 + ["accepted"] * 2 == desk.stands()


def test_the_intent_cannot_be_recorded(desk: Desk) -> None:
    """A disk that is full before a batch is handed over hands nothing over."""
    desk.plan(2)
    provider = Scripted()
    with open_ledger(desk.state, SECRET) as ledger, pytest.raises(ConfigError), small_disk_of(512):
        next(desk.begin(ledger, provider))
    assert ([], ["planned"] * 2) == (provider.batches, desk.stands())


def test_a_copy_that_cannot_be_made(desk: Desk) -> None:
    """Somebody whom no message can be addressed to stops the send before that batch, and nobody is in doubt."""
    with open_ledger(desk.state, SECRET) as ledger:
        planned(ledger, [*crowd(1), replace(crowd(2)[0], name="P2\nBcc: p3@example.org")])
    provider = Scripted()
    with pytest.raises(HeaderError):
        desk.run(provider)
    assert ([], ["planned"] * 2) == (provider.batches, desk.stands())
