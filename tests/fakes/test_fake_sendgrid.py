"""The fake of SendGrid does what its descriptions and its page of errors say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fakes.plain import ask, send

if TYPE_CHECKING:
    from fakes.sendgrid import FakeSendGrid

AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"


def test_sendgrid_says_little(sendgrid: FakeSendGrid) -> None:
    """A 202 without a body; in the sandbox a 200 and nothing is delivered."""
    said = send(sendgrid, [AMINA])
    assert (202, b"", True) == (said.status, said.body, "x-message-id" in said.headers)
    assert 200 == send(sendgrid, [BEN], mail_settings={"sandbox_mode": {"enable": True}}).status
    assert {AMINA: 1} == sendgrid.got


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"content": []}, "content"),
        ({"subject": ""}, "subject"),
        ({"batch_id": "none"}, "batch_id"),
        ({"categories": [str(number) for number in range(11)]}, "categories"),
        ({"asm": {"group_id": 8}}, "asm.group_id"),
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": [{"email": AMINA}]}, {"to": [{"email": AMINA.upper()}]}]}, "personalizations"),
        ({"personalizations": [{"to": [{"email": AMINA}], "substitutions": {"-x-": "x" * 10_000}}]}, "substitutions"),
        ({"personalizations": [{"to": [{"email": AMINA}], "headers": {"Subject": "x"}}]}, "headers"),
        ({"send_at": 4_000_000_000}, "send_at"),
        ({"unheard": 1}, None),
    ],
)
def test_sendgrid_refuses(sendgrid: FakeSendGrid, more: dict[str, Any], field: str | None) -> None:
    """One mistake is a 400 that names the field, and nothing is sent."""
    said = send(sendgrid, [AMINA], **more)
    (error,) = said.json()["errors"]
    assert (400, {}) == (said.status, sendgrid.got)
    assert field == error["field"] or error["field"].endswith(f".{field}")


def test_sendgrid_adds_its_link_unless_told(sendgrid: FakeSendGrid) -> None:
    """Subscription tracking puts a link below, unless the mail says no."""
    send(sendgrid, [AMINA], tracked=True)
    send(sendgrid, [BEN])
    assert [True, False] == ["unsubscribe.example.net" in copy.text for copy in sendgrid.copies]


def test_sendgrid_takes_a_batch_back(sendgrid: FakeSendGrid) -> None:
    """What is scheduled under a batch's id can be cancelled until ten minutes before, and resumed."""
    at = int((sendgrid.now + timedelta(hours=1)).timestamp())
    ids = [ask(sendgrid, "POST", "/v3/mail/batch").json()["batch_id"] for _ in range(2)]
    for number, who in zip(ids, (AMINA, BEN), strict=True):
        assert 202 == send(sendgrid, [who], send_at=at, batch_id=number).status
    cancel = {"batch_id": ids[0], "status": "cancel"}
    assert [201, 400] == [ask(sendgrid, "POST", "/v3/user/scheduled_sends", cancel).status for _ in range(2)]
    assert [cancel] == ask(sendgrid, "GET", "/v3/user/scheduled_sends").json()
    sendgrid.ahead = timedelta(minutes=51)
    assert 400 == ask(sendgrid, "POST", "/v3/user/scheduled_sends", {**cancel, "batch_id": ids[1]}).status
    sendgrid.ahead = timedelta(hours=2)
    assert {BEN: 1} == sendgrid.got
    assert 204 == ask(sendgrid, "DELETE", f"/v3/user/scheduled_sends/{ids[0]}").status


def test_sendgrid_lists_who_left(sendgrid: FakeSendGrid) -> None:
    """From a place on, 500 at most, since a time; a group has a list of its own, for mail that names it."""
    for number in range(3):
        sendgrid.leave(f"p{number}@example.org", "bounced")
    page = ask(sendgrid, "GET", "/v3/suppression/bounces?limit=2&offset=2").json()
    assert ["p2@example.org"] == [one["email"] for one in page]
    later = int((sendgrid.now + timedelta(hours=1)).timestamp())
    assert [] == ask(sendgrid, "GET", f"/v3/suppression/bounces?start_time={later}").json()
    assert 400 == ask(sendgrid, "GET", "/v3/suppression/bounces?limit=501").status
    assert 201 == ask(sendgrid, "POST", "/v3/asm/groups/7/suppressions", {"recipient_emails": [AMINA]}).status
    send(sendgrid, [AMINA, BEN], asm={"group_id": 7})
    send(sendgrid, [AMINA])
    assert {AMINA: 1, BEN: 1} == sendgrid.got


def test_sendgrid_counts(sendgrid: FakeSendGrid) -> None:
    """By day and category."""
    sendgrid.leave(CARA, "unsubscribed")
    send(sendgrid, [AMINA, BEN, CARA])
    sendgrid.leave(BEN, "complained")
    today = f"{sendgrid.now:%Y-%m-%d}"
    (day,) = ask(sendgrid, "GET", f"/v3/categories/stats?start_date={today}&categories=2026-01").json()
    figures = day["stats"][0]["metrics"]
    assert (today, 3, 2, 1) == (day["date"], figures["requests"], figures["delivered"], figures["spam_reports"])
