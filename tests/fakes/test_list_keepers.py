"""The fakes of the services that keep lists: what holds for all, so that a client's mistake shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fakes.brevo import FakeBrevo
from fakes.buttondown import FakeButtondown
from fakes.drafts import draft, greeting, request, schedule, start, try_out
from fakes.listmonk import FakeListmonk
from fakes.mailchimp import FakeMailchimp
from fakes.plain import ask

if TYPE_CHECKING:
    from datetime import datetime

    from fakes.campaigns import ListKeeper
    from fakes.plain import Said

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"
SEEN = {FakeMailchimp: "/campaigns", FakeBrevo: "/emailCampaigns", FakeListmonk: "/api/campaigns"}


def two(keeper: ListKeeper) -> str:
    """Make a list of two people, beside another with one, and return its id."""
    keeper.make_list("Everybody else", (CARA, "Cara Ellis"))
    return keeper.make_list("Practitioners", (AMINA, "Amina Yusuf"), (BEN, "Ben Okoro"))


def quarter(keeper: ListKeeper) -> datetime:
    """Return a full quarter of an hour that is to come, which every service takes."""
    soon = keeper.now + timedelta(minutes=30)
    return soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0)


def told(keeper: ListKeeper, key: str) -> Said:
    """Ask for what became of a campaign."""
    paths = {FakeMailchimp: f"/reports/{key}", FakeBrevo: f"/emailCampaigns/{key}?statistics=globalStats",
             FakeListmonk: f"/api/campaigns/{key}", FakeButtondown: f"/emails/{key}/analytics"}  # fmt: skip
    return ask(keeper, "GET", paths[type(keeper)])


def test_copies_as_they_are_delivered(keeper: ListKeeper) -> None:
    """Each person on the list gets one copy with their own name, in which they see nobody else."""
    assert start(keeper, draft(keeper, two(keeper))).status < 300
    copies = [(copy.to, copy.visible, copy.subject, copy.reference) for copy in keeper.copies]
    assert [(one, [one], "January", "2026-01") for one in (AMINA, BEN)] == copies
    assert ["<p>Dear Amina</p>", "<p>Dear Ben</p>"] == [
        copy.html.strip().split("</p>")[0] + "</p>" for copy in keeper.copies
    ]
    assert all("List-Unsubscribe" in copy.headers for copy in keeper.copies)


def test_a_wrong_key(keeper: ListKeeper) -> None:
    """Nothing is done for a stranger."""
    draft(keeper, two(keeper))
    name = "api-key" if isinstance(keeper, FakeBrevo) else "Authorization"
    refused = ask(keeper, "GET", SEEN.get(type(keeper), "/emails"), **{name: "token wrong:wrong"})
    assert (403 if isinstance(keeper, FakeListmonk) else 401) == refused.status
    assert keeper.key.encode() not in refused.body
    assert {} == keeper.got


def test_nothing_is_sent_twice(keeper: ListKeeper) -> None:
    """What has been sent cannot be sent again."""
    key = draft(keeper, two(keeper))
    assert [True, False] == [start(keeper, key).status < 300 for _ in range(2)]
    assert {AMINA: 1, BEN: 1} == keeper.got


def test_those_who_have_left_get_nothing(keeper: ListKeeper) -> None:
    """Whoever has unsubscribed, bounced or complained is on the list no more, and the others are."""
    here = two(keeper)
    for reason in keeper.reasons:
        keeper.leave(AMINA, reason)
        start(keeper, draft(keeper, here))
        keeper.join(here, AMINA)
    assert {BEN: len(keeper.reasons)} == keeper.got


def test_a_campaign_for_later(keeper: ListKeeper) -> None:
    """It leaves when it is due and not before, once."""
    schedule(keeper, two(keeper), quarter(keeper))
    assert {} == keeper.got
    keeper.ahead = timedelta(hours=1)
    assert {AMINA: 1, BEN: 1} == keeper.got


def test_a_campaign_that_a_person_stops(keeper: ListKeeper) -> None:
    """What had not left yet never does."""
    schedule(keeper, two(keeper), quarter(keeper))
    keeper.stop()
    keeper.ahead = timedelta(hours=1)
    assert ([keeper.stopped], {}) == (keeper.stages(), keeper.got)


def test_too_quick_and_out_of_order(keeper: ListKeeper) -> None:
    """Either way nothing is done."""
    key = draft(keeper, two(keeper))
    keeper.next(keeper.busy(7), keeper.down())
    first, second = start(keeper, key), start(keeper, key)
    assert (429, True, {}) == (first.status, second.status >= 500, keeper.got)


def test_a_test_copy_goes_to_nobody_else(keeper: ListKeeper) -> None:
    """And what it was drawn from is still a draft, that can be sent."""
    here = two(keeper)
    key = draft(keeper, here)
    assert try_out(keeper, key, here, [BEN]).status < 300
    assert {BEN: 1} == keeper.got
    assert start(keeper, key).status < 300
    assert {AMINA: 1, BEN: 2} == keeper.got


def test_a_test_copy_for_a_stranger(keeper: ListKeeper) -> None:
    """Brevo and listmonk know their own people alone."""
    here = two(keeper)
    said = try_out(keeper, draft(keeper, here), here, ["zoe@example.org"])
    knows_all = isinstance(keeper, FakeMailchimp | FakeButtondown)
    assert (knows_all, {"zoe@example.org": 1} if knows_all else {}) == (said.status < 300, keeper.got)


def test_what_became_of_it(keeper: ListKeeper) -> None:
    """Whoever bounced or left after it is counted once, with those it went to."""
    key = draft(keeper, two(keeper))
    start(keeper, key)
    keeper.leave(AMINA, "bounced")
    figures = told(keeper, key).json()
    if isinstance(keeper, FakeMailchimp):
        assert (2, 1) == (figures["emails_sent"], figures["bounces"]["hard_bounces"])
    elif isinstance(keeper, FakeBrevo):
        counted = figures["statistics"]["globalStats"]
        assert (2, 1) == (counted["sent"], counted["hardBounces"])
    elif isinstance(keeper, FakeListmonk):
        assert (2, 1) == (figures["data"]["sent"], figures["data"]["bounces"])
    else:
        assert (2, 1) == (figures["recipients"], figures["permanent_failures"])


def test_a_campaign_that_is_not_there(keeper: ListKeeper) -> None:
    """Said in the service's own status; nothing is sent."""
    two(keeper)
    assert (400 if isinstance(keeper, FakeListmonk) else 404) == start(keeper, "999").status
    assert {} == keeper.got


def test_what_is_not_documented_is_refused(keeper: ListKeeper) -> None:
    """A field that the description does not know makes no campaign; listmonk alone reads past it."""
    path, body = ("/campaigns", {"type": "regular", "settings": {"colour": "red"}})
    if not isinstance(keeper, FakeMailchimp):
        path, known = request(keeper, two(keeper), greeting(keeper))
        body = {**known, "colour": "red"}
    said = ask(keeper, "POST", path, body)
    reads_past = isinstance(keeper, FakeListmonk)
    assert (reads_past, reads_past) == (said.status < 300, bool(keeper.campaigns))
