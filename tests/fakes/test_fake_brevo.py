"""The fake of Brevo does what its API reference says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.brevo import AN_HOUR
from fakes.drafts import draft, request, schedule, start
from fakes.plain import ask

if TYPE_CHECKING:
    from fakes.brevo import FakeBrevo

AMINA, BEN = "amina@example.org", "ben@example.org"


def test_brevo_counts_the_calls_of_an_hour(brevo: FakeBrevo) -> None:
    """All but those for contacts; it says in a header of its own how long to wait."""
    brevo.make_list("Practitioners", (AMINA, ""))
    assert {200} == {ask(brevo, "GET", "/account").status for _ in range(AN_HOUR)}
    refused = ask(brevo, "GET", "/account")
    assert (429, "1800") == (refused.status, refused.headers["x-sib-ratelimit-reset"])
    assert 200 == ask(brevo, "GET", f"/contacts/{AMINA}").status


def test_brevo_leaves_an_empty_list_out(brevo: FakeBrevo) -> None:
    """No key is there where there is nothing, of campaigns and of lists."""
    assert {"count": 0} == ask(brevo, "GET", "/emailCampaigns").json()
    assert {"count": 0} == ask(brevo, "GET", "/contacts/lists").json()


def test_brevo_lists_the_newest_campaign_first(brevo: FakeBrevo) -> None:
    """Without its words, by pages, and by state where one is asked for."""
    here = brevo.make_list("Practitioners", (AMINA, ""))
    first, second = draft(brevo, here), draft(brevo, here)
    start(brevo, first)
    told = ask(brevo, "GET", "/emailCampaigns?limit=1").json()
    assert (2, [(int(second), "draft", "")]) == (
        told["count"], [(one["id"], one["status"], one["htmlContent"]) for one in told["campaigns"]])  # fmt: skip
    assert [int(first)] == [one["id"] for one in ask(brevo, "GET", "/emailCampaigns?status=sent").json()["campaigns"]]


def test_brevo_counts_opens_and_clicks_always(brevo: FakeBrevo) -> None:
    """No field of a campaign switches it off; the text part is made of the HTML."""
    start(
        brevo,
        draft(brevo, brevo.make_list("Practitioners", (AMINA, "")), '<p>See <a href="https://example.org">it</a></p>'),
    )
    (copy,) = brevo.copies
    assert (frozenset({"opens", "clicks"}), "See it https://example.org") == (copy.tracked, " ".join(copy.text.split()))


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Dear {{ contact.FIRSTNAME }}", "Dear &lt;Amina&gt;"),
        ("Dear {{ contact.NICKNAME | default('colleague') }}", "Dear colleague"),
        ("{% if contact.FIRSTNAME %}yes{% else %}no{% endif %}", "yes"),
        ("{{ contact.EMAIL }}", AMINA),
    ],
)
def test_brevo_fills_in(brevo: FakeBrevo, words: str, read: str) -> None:
    """In the manner of Django, each value escaped once."""
    start(brevo, draft(brevo, brevo.make_list("Practitioners", (AMINA, "<Amina> Yusuf")), words))
    assert [read] == [copy.html for copy in brevo.copies]


def test_brevo_will_not_change_what_is_on_its_way(brevo: FakeBrevo) -> None:
    """What is queued cannot be changed, deleted or sent; suspended, it never leaves."""
    key = schedule(brevo, brevo.make_list("Practitioners", (AMINA, "")), brevo.now + timedelta(hours=1))
    path = f"/emailCampaigns/{key}"
    refused = [ask(brevo, "PUT", path, {"subject": "Else"}), ask(brevo, "DELETE", path), start(brevo, key)]
    assert ["campaign_processing"] * 3 == [one.json()["code"] for one in refused]
    assert 204 == ask(brevo, "PUT", f"{path}/status", {"status": "suspended"}).status
    brevo.ahead = timedelta(hours=2)
    assert (["suspended"], {}) == (brevo.stages(), brevo.got)


def test_brevo_refuses_half_a_campaign(brevo: FakeBrevo) -> None:
    """Without words, on a list that is not there, and for a time that is over."""
    here = brevo.make_list("Practitioners", (AMINA, ""))
    path, body = request(brevo, here, "<p>Words</p>")
    assert 400 == ask(brevo, "POST", path, {**body, "recipients": {"listIds": [999]}}).status
    assert 400 == ask(brevo, "POST", path, {**body, "scheduledAt": (brevo.now - timedelta(days=1)).isoformat()}).status
    empty = ask(brevo, "POST", path, {**body, "htmlContent": ""}).json()["id"]
    assert (400, {}) == (start(brevo, str(empty)).status, brevo.got)


def test_brevo_leaves_figures_at_zero_unless_asked(brevo: FakeBrevo) -> None:
    """They come with a word in the query alone."""
    key = draft(brevo, brevo.make_list("Practitioners", (AMINA, ""), (BEN, "")))
    start(brevo, key)
    path = f"/emailCampaigns/{key}"
    assert {} == ask(brevo, "GET", path).json()["statistics"]["globalStats"]
    assert 2 == ask(brevo, "GET", f"{path}?statistics=globalStats").json()["statistics"]["globalStats"]["delivered"]


def test_brevo_knows_a_contact_on_every_list(brevo: FakeBrevo) -> None:
    """Blocked once, they get nothing of any list; deleted, they are on none."""
    lists = [brevo.make_list(name, (AMINA, ""), (BEN, "")) for name in ("Practitioners", "Schools")]
    assert 204 == ask(brevo, "PUT", f"/contacts/{AMINA}", {"emailBlacklisted": True}).status
    for here in lists:
        start(brevo, draft(brevo, here))
    assert {BEN: 2} == brevo.got
    assert 204 == ask(brevo, "DELETE", f"/contacts/{BEN}").status
    assert 404 == ask(brevo, "GET", f"/contacts/{BEN}").status
    assert [1, 1] == [len(brevo.lists[here].people) for here in lists]


def test_brevo_says_who_has_changed_since(brevo: FakeBrevo) -> None:
    """By a moment, the newest first, with a page's most."""
    here = brevo.make_list("Practitioners", *((f"p{number}@example.org", "") for number in range(501)))
    path = f"/contacts/lists/{here}/contacts"
    told = ask(brevo, "GET", f"{path}?limit=1000").json()
    assert (501, 500, "p500@example.org") == (told["count"], len(told["contacts"]), told["contacts"][0]["email"])
    brevo.ahead = timedelta(days=1)
    brevo.leave("p7@example.org", "bounced")
    since = (brevo.now - timedelta(hours=1)).isoformat().replace("+", "%2B")
    changed = ask(brevo, "GET", f"{path}?modifiedSince={since}").json()["contacts"]
    assert [("p7@example.org", True)] == [(one["email"], one["emailBlacklisted"]) for one in changed]
