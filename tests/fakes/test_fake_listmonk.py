"""The fake of listmonk does what its API pages, its pages on templating and its source say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from fakes.drafts import draft, request, schedule, start
from fakes.plain import ask

if TYPE_CHECKING:
    from fakes.listmonk import FakeListmonk

AMINA, BEN = "amina@example.org", "ben@example.org"


@pytest.mark.parametrize(
    ("name", "words", "read"),
    [
        ("Amina Yusuf", "Dear {{ .Subscriber.FirstName }}", "Dear Amina"),
        ("Al Yusuf", "Dear {{ .Subscriber.FirstName }}", "Dear Yusuf"),
        ("", "Dear {{ .Subscriber.Name }}", "Dear amina"),
        ("A & B", "Dear {{ .Subscriber.Name }}", "Dear A &amp; B"),
        ("A & B", "Dear {{ .Subscriber.Name | Safe }}", "Dear A & B"),
        ("Amina", "<!--[if mso]>Outlook<![endif]-->{{ .Subscriber.Name }}", "Amina"),
        ("Amina", '{{ Safe "<!--[if mso]>" }}{{ .Subscriber.Name }}', "<!--[if mso]>Amina"),
        ("Amina", "3 < 4", "3 &lt; 4"),
        ("Amina", '{{ if eq .Subscriber.Name "Amina" }}yes{{ else }}no{{ end }}', "yes"),
    ],
)
def test_listmonk_fills_in(listmonk: FakeListmonk, name: str, words: str, read: str) -> None:
    """By Go's html/template: values escaped, comments left out, and a first name of three letters or more."""
    start(listmonk, draft(listmonk, listmonk.make_list("Practitioners", (AMINA, name)), words))
    assert [read] == [copy.html for copy in listmonk.copies]


@pytest.mark.parametrize("words", ["{{ .Nobody }}", "{{ nothing }}", "{{ if true }}", "{{ end }}", "a {{ b"])
def test_listmonk_takes_no_template_that_does_not_compile(listmonk: FakeListmonk, words: str) -> None:
    """It is refused before there is a campaign."""
    said = ask(listmonk, "POST", *request(listmonk, listmonk.make_list("Practitioners", (AMINA, "")), words))
    assert (400, True, []) == (said.status, "compiling" in said.json()["message"], listmonk.stages())


def test_listmonk_counts_opens_by_its_own_template(listmonk: FakeListmonk) -> None:
    """The one that comes with it does; a bare one does not, unless a link asks for it."""
    here = listmonk.make_list("Practitioners", (AMINA, ""))
    for words in ("<p>Words</p>", '<a href="https://example.org@TrackLink">it</a>'):
        start(listmonk, draft(listmonk, here, words))
    listmonk.unready()
    start(listmonk, draft(listmonk, here, "<p>Words</p>"))
    assert [False, True, True] == [bool(copy.tracked) for copy in listmonk.copies]


def test_listmonk_finds_people_by_sql(listmonk: FakeListmonk) -> None:
    """As much of it as asks for an address; any other is an error of its database."""
    listmonk.make_list("Practitioners", ("o'neil@example.org", ""), (BEN, ""))

    def found(query: str) -> list[str]:
        said = ask(listmonk, "GET", f"/api/subscribers?query={quote(query)}")
        return [one["email"] for one in said.json()["data"]["results"]] if said.status == 200 else ["refused"]

    assert ["o'neil@example.org"] == found("subscribers.email = 'o''neil@example.org'")
    assert ["o'neil@example.org", BEN] == found(f"subscribers.email IN ('o''neil@example.org', '{BEN}')")
    assert ["refused"] == found("subscribers.email = 'o'neil@example.org'")


def test_listmonk_states_follow_each_other(listmonk: FakeListmonk) -> None:
    """A draft cannot be paused; what is scheduled can be paused; what is over can be neither changed nor run again."""
    here = listmonk.make_list("Practitioners", (AMINA, ""))
    key = schedule(listmonk, here, listmonk.now + timedelta(hours=1))
    path = f"/api/campaigns/{key}"
    moved = [ask(listmonk, "PUT", f"{path}/status", {"status": to}).status for to in ("paused", "draft", "running")]
    assert [400, 200, 200] == moved
    assert 400 == ask(listmonk, "PUT", path, {"name": "Else"}).status
    assert 400 == ask(listmonk, "PUT", f"{path}/status", {"status": "scheduled"}).status
    assert ({AMINA: 1}, ["finished"]) == (listmonk.got, listmonk.stages())


def test_listmonk_schedules_what_has_a_time(listmonk: FakeListmonk) -> None:
    """Without one it stays a draft, and a time that is over is refused."""
    here = listmonk.make_list("Practitioners", (AMINA, ""))
    key = draft(listmonk, here)
    assert 400 == ask(listmonk, "PUT", f"/api/campaigns/{key}/status", {"status": "scheduled"}).status
    late = listmonk.now - timedelta(minutes=1)
    assert 400 == ask(listmonk, "POST", *request(listmonk, here, "<p>Words</p>", late)).status
    assert ["draft"] == listmonk.stages()


def test_listmonk_finds_campaigns_by_words(listmonk: FakeListmonk) -> None:
    """In name or subject, by pages; a page beyond the last says a total of nothing."""
    here = listmonk.make_list("Practitioners", (AMINA, ""))
    draft(listmonk, here)
    told = ask(listmonk, "GET", "/api/campaigns?query=2026-01&per_page=all").json()["data"]
    assert (1, ["2026-01"]) == (told["total"], [one["name"] for one in told["results"]])
    assert 0 == ask(listmonk, "GET", "/api/campaigns?query=2026-02").json()["data"]["total"]
    assert 0 == ask(listmonk, "GET", "/api/campaigns?page=2").json()["data"]["total"]


def test_listmonk_test_copies_are_of_what_is_said(listmonk: FakeListmonk) -> None:
    """Not of what is kept; strangers among those named are passed over."""
    here = listmonk.make_list("Practitioners", (AMINA, ""), (BEN, ""))
    key = draft(listmonk, here, "<p>Kept</p>")
    said = request(listmonk, here, "<p>Said</p>")[1] | {"messenger": "email"}
    people = {"subscribers": [BEN, "zoe@example.org"]}
    assert 200 == ask(listmonk, "POST", f"/api/campaigns/{key}/test", said | people).status
    assert [(BEN, "<p>Said</p>")] == [(copy.to, copy.html) for copy in listmonk.copies]


def test_listmonk_takes_people_from_lists(listmonk: FakeListmonk) -> None:
    """By number, on the lists that are named; a list says how many are in each state."""
    here = listmonk.make_list("Practitioners", (AMINA, ""), (BEN, ""))
    (amina, _) = ask(listmonk, "GET", f"/api/subscribers?list_id={here}").json()["data"]["results"]
    body = {"ids": [amina["id"]], "action": "unsubscribe", "target_list_ids": [int(here)]}
    assert 200 == ask(listmonk, "PUT", "/api/subscribers/lists", body).status
    (told,) = ask(listmonk, "GET", "/api/lists").json()["data"]["results"]
    assert {"unsubscribed": 1, "unconfirmed": 1} == told["subscriber_statuses"]
    assert 200 == ask(listmonk, "DELETE", f"/api/subscribers/{amina['id']}").status
    assert [BEN] == list(listmonk.lists[here].people)


def test_listmonk_lists_what_came_back(listmonk: FakeListmonk) -> None:
    """Bounces and complaints, with their kind."""
    listmonk.make_list("Practitioners", (AMINA, ""), (BEN, ""))
    listmonk.leave(AMINA, "bounced")
    listmonk.leave(BEN, "complained")
    told = ask(listmonk, "GET", "/api/bounces").json()["data"]["results"]
    assert {(AMINA, "hard"), (BEN, "complaint")} == {(one["email"], one["type"]) for one in told}
