"""The fake of Resend does what its description and its pages say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fakes.plain import ask, send

if TYPE_CHECKING:
    from fakes.resend import FakeResend

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"


def test_resend_keys(resend: FakeResend) -> None:
    """The same key and body within a day get the first answer and nothing more; another body is a 409."""
    mail = {"from": "n@example.org", "to": AMINA, "subject": "January", "text": "x"}
    said = [ask(resend, "POST", "/emails/batch", [mail], Idempotency_Key="k1") for _ in range(2)]
    assert (said[0].body, {AMINA: 1}) == (said[1].body, resend.got)
    other = ask(resend, "POST", "/emails/batch", [{**mail, "text": "y"}], Idempotency_Key="k1")
    assert (409, "invalid_idempotent_request") == (other.status, other.json()["name"])
    assert 400 == ask(resend, "POST", "/emails/batch", [mail], Idempotency_Key="k" * 257).status
    resend.ahead = timedelta(hours=24, seconds=1)
    ask(resend, "POST", "/emails/batch", [mail], Idempotency_Key="k1")
    assert {AMINA: 2} == resend.got


def test_resend_permissive(resend: FakeResend) -> None:
    """In that mode the right ones are taken, and the wrong ones told by their place."""
    shared = {"from": "n@example.org", "subject": "January", "text": "x"}
    mails = [{**shared, "to": "nobody"}, {**shared, "to": [BEN]}]
    said = ask(resend, "POST", "/emails/batch", mails, X_Batch_Validation="permissive").json()
    assert ([0], 1, {BEN: 1}) == ([one["index"] for one in said["errors"]], len(said["data"]), resend.got)


def test_resend_takes_back_what_is_scheduled(resend: FakeResend) -> None:
    """One email at a time, until it has left; a batch cannot be scheduled."""
    at = (resend.now + timedelta(hours=1)).isoformat()
    mail = {"from": "n@example.org", "to": AMINA, "subject": "January", "text": "x", "scheduled_at": at}
    assert 422 == ask(resend, "POST", "/emails/batch", [mail]).status
    ids = [ask(resend, "POST", "/emails", {**mail, "to": who}).json()["id"] for who in (AMINA, BEN)]
    assert 200 == ask(resend, "POST", f"/emails/{ids[0]}/cancel").status
    resend.ahead = timedelta(hours=2)
    assert {BEN: 1} == resend.got
    assert 422 == ask(resend, "POST", f"/emails/{ids[1]}/cancel").status
    assert ["canceled", "delivered"] == [ask(resend, "GET", f"/emails/{n}").json()["last_event"] for n in ids]


def test_resend_lists(resend: FakeResend) -> None:
    """Emails and those who left, the newest first, page after page."""
    resend.leave(CARA, "complained")
    send(resend, [AMINA, BEN, CARA])
    page = ask(resend, "GET", "/emails?limit=2").json()
    rest = ask(resend, "GET", f"/emails?limit=2&after={page['data'][-1]['id']}").json()
    assert (True, False) == (page["has_more"], rest["has_more"])
    told = [(one["to"], one["last_event"]) for one in page["data"] + rest["data"]]
    assert [([CARA], "suppressed"), ([BEN], "delivered"), ([AMINA], "delivered")] == told
    assert 201 == ask(resend, "POST", "/suppressions/batch/add", {"emails": [BEN]}).status
    left = ask(resend, "GET", "/suppressions").json()["data"]
    assert [(BEN, "manual"), (CARA, "complaint")] == [(one["email"], one["origin"]) for one in left]
    assert [200, 404] == [ask(resend, "DELETE", f"/suppressions/{BEN}").status for _ in range(2)]


def test_resend_has_two_kinds_of_busy(resend: FakeResend) -> None:
    """A rate that passes in seconds, and a quota that does not, under one status; they differ by name."""
    resend.next(resend.busy(3), resend.used_up())
    first, second = send(resend, [AMINA]), send(resend, [AMINA])
    assert (429, "rate_limit_exceeded", "3") == (first.status, first.json()["name"], first.headers["retry-after"])
    assert (429, "daily_quota_exceeded", False) == (
        second.status,
        second.json()["name"],
        "retry-after" in second.headers,
    )


def test_resend_counts(resend: FakeResend) -> None:
    """The emails that are named: who was suppressed was not sent to, who complained was."""
    resend.leave(CARA, "bounced")
    ids = [one["id"] for one in send(resend, [AMINA, BEN, CARA]).json()["data"]]
    resend.leave(BEN, "complained")
    target = f"/emails/metrics?metrics=sent,delivered,complained,suppressed&email_id={','.join(ids)}"
    expected = {"sent": 2, "delivered": 2, "complained": 1, "suppressed": 1}
    assert expected == ask(resend, "GET", target).json()["totals"]
    assert 422 == ask(resend, "GET", "/emails/metrics?email_id=" + ",".join(ids * 34)).status
