"""The fake of Mailgun does what its reference and manual say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fakes.plain import ask, send, send_mailgun

if TYPE_CHECKING:
    from fakes.mailgun import FakeMailgun

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"


def test_mailgun_shows_everybody_to_everybody(mailgun: FakeMailgun) -> None:
    """Without recipient variables all are visible in each copy, and nothing is put in; empty ones are enough."""
    send_mailgun(mailgun, [AMINA, BEN], tracked=False, **{"recipient-variables": ""})
    assert [(2, "Dear %recipient.who%")] * 2 == [(len(copy.visible), copy.text) for copy in mailgun.copies]
    send_mailgun(mailgun, [AMINA, BEN], tracked=False, **{"recipient-variables": "{}"})
    assert [[AMINA], [BEN]] == [copy.visible for copy in mailgun.copies[2:]]


def test_mailgun_puts_values_in_as_they_stand(mailgun: FakeMailgun) -> None:
    """In the subject, bodies and headers, unescaped; a key that somebody lacks stays, as a lone percent sign does."""
    values = json.dumps({AMINA: {"who": "A & <B>", "t": "x1"}, BEN: {"who": "Ben"}})
    more = {"h:List-Unsubscribe": "<https://example.org/?t=%recipient.t%>", "subject": "100% %recipient.who%"}
    send_mailgun(mailgun, [AMINA, BEN], tracked=False, **more, **{"recipient-variables": values})
    amina, ben = mailgun.copies
    assert ("100% A & <B>", "<p>Dear A & <B></p>") == (amina.subject, amina.html)
    assert "<https://example.org/?t=x1>" == amina.headers["List-Unsubscribe"]
    assert "<https://example.org/?t=%recipient.t%>" == ben.headers["List-Unsubscribe"]


def test_mailgun_answers_with_success_where_nothing_is(mailgun: FakeMailgun) -> None:
    """A path that leads nowhere is a 200 in plain text; a bad key is plain text, too."""
    said = ask(mailgun, "POST", "/messages", b"{}")
    assert (200, b"Mailgun Magnificent API") == (said.status, said.body)
    said = ask(mailgun, "GET", "/v3/mg.example.org/events", Authorization="Basic bm9uZQ==")
    assert (401, b"Forbidden") == (said.status, said.body)
    assert 404 == ask(mailgun, "GET", "/v3/other.example.org/events").status


def test_mailgun_limits_its_options(mailgun: FakeMailgun) -> None:
    """All fields of o:, h:, v: and t: together have 16 KB; recipient variables are not among them."""
    values = {"recipient-variables": json.dumps({AMINA: {"who": "x" * 20_000}})}
    assert 200 == send_mailgun(mailgun, [AMINA], tracked=False, **values).status
    said = send_mailgun(mailgun, [AMINA], tracked=False, **{"v:mine": "x" * 16_384})
    assert (400, True) == (said.status, "16KB" in said.json()["message"])


def test_mailgun_tells_what_became_of_a_copy(mailgun: FakeMailgun) -> None:
    """Events are found by tag and recipient, page by page; the page after the last is empty."""
    mailgun.leave(CARA, "bounced")
    number = send(mailgun, [AMINA, BEN, CARA]).json()["id"]
    page = ask(mailgun, "GET", "/v3/mg.example.org/events?tags=2026-01&ascending=yes&limit=4").json()
    follow = ask(mailgun, "GET", page["paging"]["next"].removeprefix(mailgun.url)).json()
    after = ask(mailgun, "GET", follow["paging"]["next"].removeprefix(mailgun.url)).json()
    told = {(one["event"], one["recipient"]) for one in page["items"] + follow["items"]}
    taken = {("accepted", one) for one in (AMINA, BEN, CARA)}
    assert {*taken, ("delivered", AMINA), ("delivered", BEN), ("failed", CARA)} == told
    assert (4, 2, 0) == tuple(len(one["items"]) for one in (page, follow, after))
    assert number == f"<{page['items'][0]['message']['headers']['message-id']}>"
    other = ask(
        mailgun, "GET", f"/v3/mg.example.org/events?tags=2026-02%20OR%202026-01&recipient={BEN}&event=delivered"
    )
    assert [BEN] == [one["recipient"] for one in other.json()["items"]]


def test_mailgun_counts(mailgun: FakeMailgun) -> None:
    """Metrics of a tag: who was suppressed has not bounced."""
    mailgun.leave(CARA, "unsubscribed")
    send(mailgun, [AMINA, BEN, CARA])
    mailgun.leave(AMINA, "complained")
    mailgun.leave(BEN, "bounced")
    metrics = ["accepted_count", "delivered_count", "bounced_count", "unsubscribed_count", "complained_count"]
    tag = {"attribute": "tag", "comparator": "=", "values": [{"label": "2026-01", "value": "2026-01"}]}
    asked = {"metrics": metrics, "dimensions": ["tag"], "filter": {"AND": [tag]}}
    (item,) = ask(mailgun, "POST", "/v1/analytics/metrics", asked).json()["items"]
    assert dict(zip(metrics, (3, 2, 1, 0, 1), strict=True)) == item["metrics"]


def test_mailgun_lists_who_left(mailgun: FakeMailgun) -> None:
    """Page by page until one is empty; up to 1,000 are added in a call, and one is taken off."""
    people = [f"p{number:04}@example.org" for number in range(1_001)]
    path = "/v3/mg.example.org/unsubscribes"
    records = [{"address": one, "tags": ["*"], "created_at": "Mon, 05 Jan 2026 09:00:00 +0000"} for one in people]
    assert [400, 200] == [ask(mailgun, "POST", path, part).status for part in (records, records[:5])]
    pages, target = [], f"{path}?limit=2"
    for _ in range(4):
        page = ask(mailgun, "GET", target).json()
        pages.append([item["address"] for item in page["items"]])
        target = page["paging"]["next"].removeprefix(mailgun.url)
    assert [people[0:2], people[2:4], people[4:5], []] == pages
    assert [200, 404] == [ask(mailgun, "DELETE", f"{path}/{people[0]}").status for _ in range(2)]


def test_mailgun_marks_are_found_after_a_percent_sign(mailgun: FakeMailgun) -> None:
    """What a link has escaped does not hide a variable behind it."""
    values = json.dumps({AMINA: {"t": "x1"}})
    send_mailgun(mailgun, [AMINA], tracked=False, text="leave%20%recipient.t% 5%", **{"recipient-variables": values})
    assert ["leave%20x1 5%"] == [copy.text for copy in mailgun.copies]
