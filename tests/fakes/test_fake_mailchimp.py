"""The fake of Mailchimp does what its API reference says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.drafts import draft, start
from fakes.mailchimp import name_of
from fakes.plain import ask

if TYPE_CHECKING:
    from fakes.mailchimp import FakeMailchimp

AMINA, BEN = "amina@example.org", "ben@example.org"


def test_mailchimp_knows_people_by_a_hash(mailchimp: FakeMailchimp) -> None:
    """The MD5 of the address in small letters; the reference's own example."""
    assert "62eeb292278cc15f5817cb78f7790b08" == name_of("Urist.McVankab@freddiesjokes.com")
    here = mailchimp.make_list("Practitioners", (AMINA, "Amina Yusuf"))
    path = f"/lists/{here}/members"
    assert "Amina Yusuf" == ask(mailchimp, "GET", f"{path}/{name_of(AMINA.upper())}").json()["full_name"]
    assert 404 == ask(mailchimp, "GET", f"{path}/{AMINA}").status


def test_mailchimp_members_are_added_and_changed(mailchimp: FakeMailchimp) -> None:
    """By one call, which must say what a new one becomes."""
    here = mailchimp.make_list("Practitioners")
    path, body = f"/lists/{here}/members/{name_of(AMINA)}", {"email_address": AMINA}
    assert 400 == ask(mailchimp, "PUT", path, body).status
    assert "subscribed" == ask(mailchimp, "PUT", path, {**body, "status_if_new": "subscribed"}).json()["status"]
    changed = ask(mailchimp, "PUT", path, {**body, "status_if_new": "subscribed", "status": "unsubscribed"}).json()
    assert "unsubscribed" == changed["status"]


def test_mailchimp_forgets_for_good(mailchimp: FakeMailchimp) -> None:
    """Whoever was deleted permanently cannot be brought back."""
    here = mailchimp.make_list("Practitioners", (AMINA, ""))
    path = f"/lists/{here}/members/{name_of(AMINA)}"
    assert 204 == ask(mailchimp, "POST", f"{path}/actions/delete-permanent").status
    again = ask(mailchimp, "PUT", path, {"email_address": AMINA, "status_if_new": "subscribed"})
    assert (400, "Forgotten Email Not Subscribed") == (again.status, again.json()["title"])


def test_mailchimp_pages_are_short_unless_asked(mailchimp: FakeMailchimp) -> None:
    """Ten where nothing is asked for, a thousand at the most; of each the fields that are named."""
    here = mailchimp.make_list("Practitioners", *((f"p{number}@example.org", "") for number in range(1_001)))
    path = f"/lists/{here}/members?fields=members.email_address,total_items"

    def length(query: str) -> int:
        return len(ask(mailchimp, "GET", path + query).json()["members"])

    assert [10, 1_000, 1] == [length(query) for query in ("", "&count=2000", "&count=1000&offset=1000")]
    (told,) = ask(mailchimp, "GET", f"{path}&count=1").json()["members"]
    assert ["email_address"] == list(told)


def test_mailchimp_says_who_has_changed_since(mailchimp: FakeMailchimp) -> None:
    """By status and moment; a bounce is called cleaned."""
    here = mailchimp.make_list("Practitioners", (AMINA, ""), (BEN, ""))
    mailchimp.ahead = timedelta(days=1)
    mailchimp.leave(BEN, "bounced")
    since = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+", "%2B")
    found = ask(mailchimp, "GET", f"/lists/{here}/members?since_last_changed={since}").json()["members"]
    assert [(BEN, "cleaned")] == [(one["email_address"], one["status"]) for one in found]
    assert [] == ask(mailchimp, "GET", f"/lists/{here}/members?status=archived").json()["members"]


def test_mailchimp_checks_before_it_sends(mailchimp: FakeMailchimp) -> None:
    """What the checklist misses, sending refuses."""
    key = draft(mailchimp, mailchimp.make_list("Nobody"))
    checklist = ask(mailchimp, "GET", f"/campaigns/{key}/send-checklist").json()
    wrong = [item["heading"] for item in checklist["items"] if item["type"] == "error"]
    assert (False, ["List"]) == (checklist["is_ready"], wrong)
    assert (400, {}) == (start(mailchimp, key).status, mailchimp.got)


@pytest.mark.parametrize("minute", [1, 14, 31])
def test_mailchimp_sends_at_quarters_of_an_hour(mailchimp: FakeMailchimp, minute: int) -> None:
    """Any other minute is refused, and so is what is over."""
    key = draft(mailchimp, mailchimp.make_list("Practitioners", (AMINA, "")))
    path = f"/campaigns/{key}/actions/schedule"
    hour = (mailchimp.now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    for at in (hour.replace(minute=minute), hour - timedelta(hours=4)):
        assert 400 == ask(mailchimp, "POST", path, {"schedule_time": at.isoformat()}).status
    assert 204 == ask(mailchimp, "POST", path, {"schedule_time": hour.isoformat()}).status
    assert ["schedule"] == mailchimp.stages()


def test_mailchimp_takes_a_schedule_back(mailchimp: FakeMailchimp) -> None:
    """It is a draft again; while it is scheduled it can neither be changed nor deleted."""
    key = draft(mailchimp, mailchimp.make_list("Practitioners", (AMINA, "")))
    hour = (mailchimp.now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    ask(mailchimp, "POST", f"/campaigns/{key}/actions/schedule", {"schedule_time": hour.isoformat()})
    assert 400 == ask(mailchimp, "DELETE", f"/campaigns/{key}").status
    assert 400 == ask(mailchimp, "PUT", f"/campaigns/{key}/content", {"html": "<p>Else</p>"}).status
    assert 204 == ask(mailchimp, "POST", f"/campaigns/{key}/actions/unschedule").status
    mailchimp.ahead = timedelta(hours=3)
    assert (["save"], {}) == (mailchimp.stages(), mailchimp.got)
    assert 204 == ask(mailchimp, "DELETE", f"/campaigns/{key}").status


def test_mailchimp_tracks_what_it_is_not_told(mailchimp: FakeMailchimp) -> None:
    """And puts a link to leave below what has none."""
    here = mailchimp.make_list("Practitioners", (AMINA, ""))
    settings = {"subject_line": "January", "from_name": "N", "reply_to": "n@example.org"}
    body = {"type": "regular", "recipients": {"list_id": here}, "settings": settings}
    key = ask(mailchimp, "POST", "/campaigns", body).json()["id"]
    ask(mailchimp, "PUT", f"/campaigns/{key}/content", {"html": "<p>Words</p>"})
    start(mailchimp, key)
    (copy,) = mailchimp.copies
    assert (frozenset({"opens", "clicks"}), "Words") == (copy.tracked, copy.text)
    assert "list-manage.com/unsubscribe?u=1" in copy.html


@pytest.mark.parametrize(
    ("name", "words", "read"),
    [
        ("Amina <b>", "Dear *|FNAME|* *|LNAME|*", "Dear Amina &lt;b&gt;"),
        ("Amina <b>", "*|HTML:LNAME|*", "<b>"),
        ("", "Dear *|IF:FNAME|**|FNAME|**|ELSE:|*colleague*|END:IF|*!", "Dear colleague!"),
        ("Amina", "Dear *|IF:FNAME|**|FNAME|**|ELSE:|*colleague*|END:IF|*!", "Dear Amina!"),
        ("Amina", "*|NOBODY|*.", "."),
        ("Amina", "* |FNAME| *", "* |FNAME| *"),
    ],
)
def test_mailchimp_fills_in(mailchimp: FakeMailchimp, name: str, words: str, read: str) -> None:
    """Tags and conditions; what it does not know it leaves out."""
    start(mailchimp, draft(mailchimp, mailchimp.make_list("Practitioners", (AMINA, name)), f"{words}*|UNSUB|*"))
    (copy,) = mailchimp.copies
    assert read == copy.html.partition("https://")[0]


def test_mailchimp_settings_that_a_change_must_name(mailchimp: FakeMailchimp) -> None:
    """A change repeats subject, sender and reply address."""
    key = draft(mailchimp, mailchimp.make_list("Practitioners", (AMINA, "")))
    settings: dict[str, Any] = {"subject_line": "February"}
    assert 400 == ask(mailchimp, "PATCH", f"/campaigns/{key}", {"settings": settings}).status
    settings |= {"from_name": "N", "reply_to": "n@example.org"}
    changed = ask(mailchimp, "PATCH", f"/campaigns/{key}", {"settings": settings}).json()
    assert "February" == changed["settings"]["subject_line"]
