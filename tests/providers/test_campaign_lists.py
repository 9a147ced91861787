"""The contract of a service that keeps the list: who is on it, who has left, and what came of a campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.wire import answering, endless, portal, reset_after, reset_before, truncated
from providers.batches import ACCEPTED, a_send
from providers.campaigns import AMINA, BEN, CARA, NAME

from newsletter.errors import ConfigError, NewsletterError, RefusedError

if TYPE_CHECKING:
    from fakes.campaigns import ListKeeper
    from fakes.wire import Fault
    from providers.campaigns import Hall


def test_audiences_by_id_and_by_name(hall: Hall) -> None:
    """By its id, or by its name in any letters; what is near is suggested."""
    other = hall.fake.make_list("Nurses", ("dee@example.org", "Dee"))
    known = {one.id: (one.name, one.people) for one in hall.open().audiences()}
    assert {hall.list: ("Schools", 3), other: ("Nurses", 1)} == known
    assert [hall.list] * 3 == [hall.open(audience=a).audience().id for a in (hall.list, "Schools", "sChools")]
    with pytest.raises(ConfigError, match='has no audience "Shools"') as error:
        hall.open(audience="Shools").audience()
    assert "Schools" in error.value.hint


def test_two_audiences_of_the_same_name(hall: Hall) -> None:
    """Neither is chosen; by its id each can be."""
    other = hall.fake.make_list("Schools")
    with pytest.raises(ConfigError, match="has several audiences"):
        hall.open().audience()
    assert other == hall.open(audience=other).audience().id


def test_many_audiences_members_and_campaigns(hall: Hall) -> None:
    """All pages are read."""
    provider = hall.open(audience=hall.list)
    for number in range(1_001):
        hall.fake.join(hall.list, f"p{number}@example.org", "P")
    members = list(provider.members())
    assert (1_004, 1_004) == (len(members), len(set(members)))
    vars(hall.fake)["used"] = -1_000  # Brevo's calls of this hour: it allows a hundred
    audience = provider.audience()
    for number in range(1, 102):
        provider.create(a_send(url=None), audience, f"older-{number}")
    assert ACCEPTED == provider.launch(a_send(url=None)).outcome
    assert [1, 1, 0] == [len(provider.find(name)) for name in (NAME, "older-1", "older")]
    for number in range(61):
        hall.fake.make_list(f"List {number}")
    assert 62 == len(provider.audiences())


def test_members(hall: Hall) -> None:
    """Those who get what is sent, and nobody who has left."""
    hall.fake.leave(BEN, "unsubscribed")
    hall.fake.leave(CARA, "bounced")
    assert [AMINA] == list(hall.open().members())


def test_unsubscribe(hall: Hall) -> None:
    """They get nothing more, whatever letters the address is written in; a stranger is no error."""
    hall.open().unsubscribe("Ben@Example.org")
    hall.open().unsubscribe("stranger@example.org")
    assert [AMINA, CARA] == sorted(hall.open().members())
    hall.launch()
    assert {AMINA: 1, CARA: 1} == hall.fake.got


def test_about_and_erase(hall: Hall) -> None:
    """What is held about somebody is told, and deleted; of a stranger nothing is held."""
    held = " ".join(hall.open().about(BEN).values())
    assert "Ben" in held
    assert [{}, False] == [hall.open().about("be@example.org"), hall.open().erase("be@example.org")]
    assert [True, False] == [hall.open().erase(BEN) for _ in range(2)]
    assert {} == hall.open().about(BEN)
    assert [AMINA, CARA] == sorted(hall.open().members())


def leave_all(fake: ListKeeper) -> None:
    """Let each of the three leave, for a reason of their own."""
    for address, reason in zip((AMINA, BEN, CARA), ("unsubscribed", "bounced", "complained"), strict=True):
        fake.leave(address, reason)


def test_departures(hall: Hall) -> None:
    """Who left is told with the reason where the service tells it; asked again the same, and since then nobody."""
    leave_all(hall.fake)
    told = {(one.address, one.reason) for one in hall.open().departures(None)}
    expected = set(zip((AMINA, BEN, CARA), hall.keeper.left, strict=True))
    assert expected <= told
    assert {address for address, _ in expected} == {address for address, _ in told}
    assert told == {(one.address, one.reason) for one in hall.open().departures(datetime.now(UTC) - timedelta(days=7))}
    since = {one.address for one in hall.open().departures(datetime.now(UTC) + timedelta(days=2))}
    assert since <= {CARA}  # where no moment of a complaint is told, it is told again
    assert all(one.when.utcoffset() == timedelta(0) for one in hall.open().departures(None))


def test_report(hall: Hall) -> None:
    """What became of the copies, as far as the service tells; of what was never sent nothing."""
    with pytest.raises(RefusedError):
        hall.open().report(a_send(url=None))
    hall.launch()
    leave_all(hall.fake)
    assert hall.keeper.figures == hall.open().report(a_send(url=None))


def test_verify(hall: Hall) -> None:
    """The key and the audience are tried, and nothing is sent."""
    assert (hall.keeper.verified,) == hall.open().verify()
    hall.fake.next(answering(401, {"message": "no", "detail": "no"}))
    with pytest.raises(ConfigError):
        hall.open().verify()
    assert ([], {}) == (hall.fake.stages(), hall.fake.got)


def test_behind_a_gateway(hall: Hall) -> None:
    """The path of the web address is kept."""
    with hall.keeper.fake(prefix="/gateway/v0") as fake:
        fake.make_list("Schools", (AMINA, "Amina"))
        provider = hall.open(url=f"{fake.url}/")
        assert ACCEPTED == provider.launch(a_send(url=None)).outcome
        assert {AMINA: 1} == fake.got


NONSENSE = [
    portal(), truncated(), endless(), reset_before(), reset_after(), answering(200, []), answering(200, {"odd": 1}),
    answering(200, "[" * 5_000, {"Content-Type": "application/json"}),
]  # fmt: skip


@pytest.mark.parametrize("fault", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_to_a_question(fault: Fault, hall: Hall) -> None:
    """Whatever is asked: one line that says so, and no more."""
    for ask in (lambda p: p.audiences(), lambda p: list(p.members()), lambda p: list(p.departures(None))):
        hall.fake.next(fault)
        with pytest.raises(NewsletterError):
            ask(hall.open(seconds=5))
