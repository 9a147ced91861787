"""The fake of Buttondown does what its published description and its pages say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.drafts import dangerously, draft, request, schedule, start, try_out
from fakes.plain import ask

if TYPE_CHECKING:
    from fakes.buttondown import FakeButtondown

AMINA, BEN = "amina@example.org", "ben@example.org"


def test_buttondown_wants_a_new_key_to_mean_it(buttondown: FakeButtondown) -> None:
    """The first time that a key sends, a header must say so; afterwards none need."""
    here = buttondown.make_list("Practitioners", (AMINA, ""))
    first, second = draft(buttondown, here), draft(buttondown, here)
    refused = ask(buttondown, "PATCH", f"/emails/{first}", {"status": "about_to_send"})
    assert ("sending_requires_confirmation", {}) == (refused.json()["code"], buttondown.got)
    dangerously(buttondown, first, "about_to_send")
    assert 200 == ask(buttondown, "PATCH", f"/emails/{second}", {"status": "about_to_send"}).status
    assert {AMINA: 2} == buttondown.got


def test_buttondown_sends_what_is_created_without_a_word(buttondown: FakeButtondown) -> None:
    """An email without a status leaves at once."""
    path, body = request(buttondown, buttondown.make_list("Practitioners", (AMINA, "")), "<p>Words</p>")
    del body["status"]
    assert 201 == ask(buttondown, "POST", path, body, X_Buttondown_Live_Dangerously="true").status
    assert {AMINA: 1} == buttondown.got


def test_buttondown_answers_a_repeat_as_before(buttondown: FakeButtondown) -> None:
    """The same key makes one email; another makes another."""
    path, body = request(buttondown, buttondown.make_list("Practitioners", (AMINA, "")), "<p>Words</p>")
    made = [ask(buttondown, "POST", path, body, X_Idempotency_Key=key).json()["id"] for key in ("one", "one", "two")]
    assert (made[0], 2) == (made[1], len(buttondown.campaigns))
    assert made[2] != made[0]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("subject", "", "subject_invalid"), ("body", "---\ntitle: x", "body_contains_frontmatter")],
)
def test_buttondown_refuses(buttondown: FakeButtondown, field: str, value: str, code: str) -> None:
    """With a code, and makes no email."""
    path, body = request(buttondown, buttondown.make_list("Practitioners"), "<p>Words</p>")
    said = ask(buttondown, "POST", path, {**body, field: value})
    assert (400, code, {}) == (said.status, said.json()["code"], buttondown.campaigns)


@pytest.mark.parametrize("status", ["sent", "in_flight", "paused", "flying"])
def test_buttondown_states_follow_each_other(buttondown: FakeButtondown, status: str) -> None:
    """A draft becomes nothing but scheduled or about to be sent."""
    key = draft(buttondown, buttondown.make_list("Practitioners", (AMINA, "")))
    assert dangerously(buttondown, key, status).status in {400, 422}
    assert (["draft"], {}) == (buttondown.stages(), buttondown.got)


def test_buttondown_schedules_what_has_a_date(buttondown: FakeButtondown) -> None:
    """And takes it back as a draft; a date that is over is refused."""
    here = buttondown.make_list("Practitioners", (AMINA, ""))
    assert "publish_date_missing" == dangerously(buttondown, draft(buttondown, here), "scheduled").json()["code"]
    late = draft(buttondown, here, at=buttondown.now - timedelta(hours=1))
    assert "publish_date_invalid" == dangerously(buttondown, late, "scheduled").json()["code"]
    key = schedule(buttondown, here, buttondown.now + timedelta(hours=1))
    assert 200 == ask(buttondown, "PATCH", f"/emails/{key}", {"status": "draft"}).status
    buttondown.ahead = timedelta(hours=2)
    assert ({"draft"}, {}) == (set(buttondown.stages()), buttondown.got)


def test_buttondown_speaks_of_the_first_newsletter(buttondown: FakeButtondown) -> None:
    """Unless a header names another; one that is not there is an error."""
    first = buttondown.make_list("Practitioners", (AMINA, ""))
    second = buttondown.make_list("Schools", (BEN, ""))

    def people(**head: str) -> list[str]:
        return [one["email_address"] for one in ask(buttondown, "GET", "/subscribers", **head).json()["results"]]

    assert [[AMINA], [AMINA], [BEN]] == [
        people(), people(buttondown_context=first), people(buttondown_context=second)]  # fmt: skip
    assert 404 == ask(buttondown, "GET", "/subscribers", buttondown_context="news_0").status


def test_buttondown_gives_a_hundred_a_page(buttondown: FakeButtondown) -> None:
    """With the address of the next."""
    buttondown.make_list("Practitioners", *((f"p{number}@example.org", "") for number in range(101)))
    first = ask(buttondown, "GET", "/subscribers?type=regular").json()
    assert (101, 100) == (first["count"], len(first["results"]))
    last = ask(buttondown, "GET", first["next"].removeprefix(buttondown.url)).json()
    assert (1, None) == (len(last["results"]), last["next"])


def test_buttondown_says_who_left_and_when(buttondown: FakeButtondown) -> None:
    """By type and by the day; a bounce is called undeliverable."""
    buttondown.make_list("Practitioners", (AMINA, ""), (BEN, ""))
    assert 200 == ask(buttondown, "PATCH", f"/subscribers/{AMINA}", {"type": "unsubscribed"}).status
    buttondown.leave(BEN, "bounced")
    told = ask(buttondown, "GET", "/subscribers?type=unsubscribed&type=undeliverable").json()["results"]
    dates = ("unsubscription_date", "undeliverability_date")
    left = {one["email_address"]: [bool(one[name]) for name in dates] for one in told}
    assert {AMINA: [True, False], BEN: [False, True]} == left
    later = (buttondown.now + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert [] == ask(buttondown, "GET", f"/subscribers?unsubscription_date__start={later}").json()["results"]


def test_buttondown_counts_where_a_newsletter_has_it_on(buttondown: FakeButtondown) -> None:
    """It is no field of an email."""
    here = buttondown.make_list("Practitioners", (AMINA, ""))
    start(buttondown, draft(buttondown, here))
    buttondown.unready()
    start(buttondown, draft(buttondown, here))
    assert [set(), {"opens", "clicks"}] == [set(copy.tracked) for copy in buttondown.copies]


def test_buttondown_leaves_a_naked_email_alone(buttondown: FakeButtondown) -> None:
    """The word for the editor is left out; with another template a link to leave is put below."""
    here = buttondown.make_list("Practitioners", (AMINA, "Amina"))
    start(buttondown, draft(buttondown, here, "<p>Words</p>"))
    key = draft(buttondown, here, "<p>Words</p>")
    ask(buttondown, "PATCH", f"/emails/{key}", {"template": "modern"})
    start(buttondown, key)
    bare, dressed = (copy.html for copy in buttondown.copies)
    assert ("<p>Words</p>", True) == (bare, "https://buttondown.com/unsubscribe/" in dressed)


def test_buttondown_marks_a_preview(buttondown: FakeButtondown) -> None:
    """In its subject, so that nobody takes it for the issue."""
    here = buttondown.make_list("Practitioners")
    try_out(buttondown, draft(buttondown, here), here, [AMINA])
    assert ["[PREVIEW] January"] == [copy.subject for copy in buttondown.copies]


def test_buttondown_delivers_nothing_in_test_mode(buttondown: FakeButtondown) -> None:
    """And says that it is sent."""
    buttondown.settings["test_mode"] = True
    start(buttondown, draft(buttondown, buttondown.make_list("Practitioners", (AMINA, ""))))
    assert (["sent"], {}) == (buttondown.stages(), buttondown.got)
