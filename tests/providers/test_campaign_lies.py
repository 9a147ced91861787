"""Services that keep lists and do not tell the truth: what is ours is sent, or nothing is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from providers.batches import ACCEPTED, a_send
from providers.campaigns import ALL_HAVE_IT, NAME
from providers.test_wrong_types import bodies

from newsletter.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.ground import Fake
    from fakes.wire import Answer, Seen
    from providers.campaigns import Hall

DEE = "dee@example.org"


def rewrite(fake: Fake, change: Callable[[Seen, Any], Any]) -> None:
    """Let *change* write anew what every answer says in JSON."""

    def lie(seen: Seen, answer: Answer) -> Answer:
        return replace(answer, body=change(seen, json.loads(json.dumps(answer.body))))

    fake.after_processing = lie


# --- campaigns of our name ---


def test_another_list_had_a_campaign_of_our_name(hall: Hall) -> None:
    """What was sent to others is not taken for ours: two newsletters may share an account, and call a list the same."""
    hall.fake.make_list("Others", (DEE, "Dee"))
    assert ACCEPTED == hall.open(audience="Others").launch(a_send(url=None)).outcome
    assert ACCEPTED == hall.launch().outcome
    assert ALL_HAVE_IT | {DEE: 1} == hall.fake.got
    assert hall.keeper.figures.accepted != hall.open(audience="Others").report(a_send(url=None)).accepted


def test_another_list_has_a_draft_of_our_name(hall: Hall) -> None:
    """It is not ours to fill, to start or to delete."""
    hall.fake.make_list("Others", (DEE, "Dee"))
    others = hall.open(audience="Others")
    theirs = {others.create(a_send(url=None), others.audience(), NAME) for _ in range(2)}
    told = hall.launch()
    assert (ACCEPTED, ALL_HAVE_IT) == (told.outcome, hall.fake.got)
    assert told.result is not None
    assert {*theirs, told.result.id} == set(hall.fake.campaigns)


def test_the_state_of_another_campaign(hall: Hall) -> None:
    """Asked how far ours is, it answers of another one: that one is not started, and ours is not said to be."""
    provider = hall.open()
    other = provider.create(a_send(url=None), provider.audience(), "older")

    def mistake(seen: Seen, body: Any) -> Any:
        there = body["data"] if isinstance(body, dict) and "data" in body else body
        if seen.method == "GET" and seen.path.rpartition("/")[2] in hall.fake.campaigns:
            there["id"] = other
        return body

    rewrite(hall.fake, mistake)
    told = hall.launch()
    assert isinstance(told.error, RefusedError)
    assert {} == hall.fake.got


# --- figures ---


@pytest.mark.parametrize("odd", ["many", 1.5, -3, None, [1], 10**30])
def test_a_number_of_people_that_is_none(odd: Any, hall: Hall) -> None:
    """It is told in words, before anybody reckons with it."""

    def miscount(_seen: Seen, body: Any) -> Any:
        text = json.dumps(body)
        for name in ("uniqueSubscribers", "member_count", "confirmed", "unconfirmed", "count"):
            text = text.replace(f'"{name}": 3', f'"{name}": {json.dumps(odd)}')
        return json.loads(text)

    rewrite(hall.fake, miscount)
    with pytest.raises(RefusedError, match="answered, but not what it is known to"):
        hall.open().audiences()


def test_figures_that_are_none(hall: Hall) -> None:
    """Nothing is told of what was counted, rather than nonsense."""
    hall.launch()

    def miscount(_seen: Seen, body: Any) -> Any:
        return json.loads(re.sub(r'"(\w*sent|recipients)": 3', r'"\1": 2.5', json.dumps(body)))

    rewrite(hall.fake, miscount)
    with pytest.raises(RefusedError, match="answered, but not what it is known to"):
        hall.open().report(a_send(url=None))


# --- people ---


def test_others_than_were_asked_for(hall: Hall) -> None:
    """Whoever else it finds is neither told of, nor unsubscribed, nor erased."""
    told = bodies(hall.fake, lambda: list(hall.open().members()))
    everybody = max(told, key=lambda body: len(json.dumps(body)))

    def find_all(seen: Seen, body: Any) -> Any:
        return everybody if {"query", "email_address"} & seen.query.keys() else body

    rewrite(hall.fake, find_all)
    assert {} == hall.open().about("stranger@example.org")
    assert not hall.open().erase("stranger@example.org")
    hall.open().unsubscribe("stranger@example.org")
    hall.fake.after_processing = None
    assert sorted(ALL_HAVE_IT) == sorted(hall.open().members())
