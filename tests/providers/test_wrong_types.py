"""Answers of the right shape in which something of another kind stands than the service has ever said."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from providers.batches import a_send, people

from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.ground import Fake
    from fakes.wire import Answer, Seen
    from providers.batches import Desk
    from providers.campaigns import Hall

    Question = Callable[[], object]
    Place = tuple[str | int, ...]

OTHERS: tuple[Any, ...] = (None, 5, ["odd"], {"odd": 1}, "9999-99-99T99:99:99Z")


def places(body: Any, above: Place = ()) -> Iterator[Place]:
    """Yield where something stands in *body*, of each list its first item."""
    items = body.items() if isinstance(body, dict) else enumerate(body[:1]) if isinstance(body, list) else ()
    for key, value in items:
        yield (*above, key)
        yield from places(value, (*above, key))


def with_other(body: Any, place: Place, other: Any) -> Any:
    """Return *body* with *other* at that place."""
    changed = inner = copy.deepcopy(body)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = other
    return changed


def bodies(fake: Fake, ask: Question) -> list[Any]:
    """Return what the service answers to a question, which may take several requests."""
    told: list[Any] = []

    def keep(_seen: Seen, answer: Answer) -> Answer:
        told.append(answer.body)
        return answer

    fake.after_processing = keep
    with suppress(NewsletterError):
        ask()
    return told


def answer_oddly(fake: Fake, ask: Question) -> int:
    """Ask again and again, each time with one thing exchanged, and return how often. A crash passes."""
    tried = 0
    for number, body in enumerate(bodies(fake, ask)):
        for place in places(body):
            count = iter(range(1_000))
            other = OTHERS[tried % len(OTHERS)]

            def exchange(
                _seen: Seen, answer: Answer, number: int = number, place: Place = place, other: Any = other,
                count: Iterator[int] = count,
            ) -> Answer:  # fmt: skip
                if next(count) != number:
                    return answer
                with suppress(LookupError, TypeError):  # the answer is another one this time
                    return replace(answer, body=with_other(answer.body, place, other))
                return answer

            fake.after_processing = exchange
            with suppress(NewsletterError):
                ask()
            tried += 1
    fake.after_processing = None
    return tried


def test_a_service_that_is_handed_people(desk: Desk) -> None:
    """Whatever it answers to a question, we answer in words."""
    desk.submit(people(4))
    for number, reason in enumerate(desk.fake.reasons):
        desk.fake.leave(f"p{number}@example.org", reason)
    for ask in (
        lambda: desk.open().verify(),
        lambda: list(desk.open().departures(None)),
        lambda: list(desk.open().look_up(a_send(), people(2))),
        lambda: desk.open().report(a_send()),
    ):
        answer_oddly(desk.fake, ask)
    answer_oddly(desk.fake, lambda: desk.submit(people(4)))


def test_a_service_that_keeps_lists(hall: Hall) -> None:
    """The same, where the list is kept there; and no campaign is started twice by whatever it says of itself."""
    hall.launch()
    hall.fake.leave("amina@example.org", "unsubscribed")
    for ask in (
        lambda: hall.open().audiences(),
        lambda: list(hall.open().members()),
        lambda: list(hall.open().departures(None)),
        lambda: hall.open().about("ben@example.org"),
        lambda: hall.open().verify(),
        lambda: hall.open().report(a_send(url=None)),
    ):
        assert answer_oddly(hall.fake, ask)
    given = dict(hall.fake.got)
    assert answer_oddly(hall.fake, hall.launch)
    assert given == hall.fake.got
