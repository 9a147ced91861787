"""Services that are handed people and do not tell the truth: nobody is said to have a copy by the word of another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from providers.batches import a_send, people, submitted
from providers.test_wrong_types import bodies

from newsletter.errors import RefusedError

if TYPE_CHECKING:
    from fakes.ground import Fake
    from fakes.wire import Answer, Seen
    from providers.batches import Desk
    from providers.campaigns import Hall


def test_looked_up_in_another_send(desk: Desk) -> None:
    """A service that finds more than it was asked for settles nobody: they had another edition, or were others."""
    other, those, provider = replace(a_send(), edition=2), people(4), desk.open()
    submitted(provider, other, those)
    answers = iter(bodies(desk.fake, lambda: list(provider.look_up(other, those))))
    assert (4 if desk.batch.settled == "looked up" else 0) == len(list(provider.look_up(other, those)))
    desk.fake.after_processing = lambda _seen, answer: replace(answer, body=next(answers))
    assert [] == list(provider.look_up(a_send(), those))


def go_on_for_ever(fake: Fake) -> None:
    """Let every page be full, and the first one, whichever is asked for."""
    first: dict[str, Any] = {}

    def again(seen: Seen, answer: Answer) -> Answer:
        body = first.setdefault(seen.path, json.loads(json.dumps(answer.body)))
        if isinstance(body, list):
            return replace(answer, body=(body * 500)[:500])
        if isinstance(body.get("data"), dict):
            body["data"]["results"] = (body["data"]["results"] * 1_000)[:1_000]
        if "paging" in body:
            body["paging"]["next"] = f"{fake.url}{seen.path}"
        if "next" in body:
            body["next"] = f"{fake.url}{seen.path}"
        return replace(answer, body={**body, "count": 10**9, "total_items": 10**9, "has_more": True, "NextToken": "1"})

    fake.after_processing = again


def test_pages_without_end(desk: Desk) -> None:
    """A page that comes again is no next one: whoever is asked for all that left does not go on for ever."""
    for number, reason in enumerate(desk.fake.reasons):
        desk.fake.leave(f"p{number}@example.org", reason)
    go_on_for_ever(desk.fake)
    if desk.batch.name == "postmark":  # it tells them all at once
        return
    with pytest.raises(RefusedError, match="the same page twice"):
        list(desk.open().departures(None))


def test_pages_of_a_list_without_end(hall: Hall) -> None:
    """The same of who is on a list."""
    provider = hall.open()
    assert hall.list == provider.audience_id
    go_on_for_ever(hall.fake)
    with pytest.raises(RefusedError, match="the same page twice"):
        list(provider.members())
