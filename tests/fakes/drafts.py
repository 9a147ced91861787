"""A plain client for the fakes that keep lists: a draft, and what a person does with it, as their pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.brevo import FakeBrevo
from fakes.buttondown import MODE, FakeButtondown
from fakes.listmonk import FakeListmonk
from fakes.mailchimp import FakeMailchimp
from fakes.plain import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fakes.campaigns import ListKeeper
    from fakes.plain import Said

KEEPERS = (FakeMailchimp, FakeBrevo, FakeListmonk, FakeButtondown)
FIRST_NAME = {
    FakeMailchimp: "*|FNAME|*",
    FakeBrevo: "{{ contact.FIRSTNAME }}",
    FakeListmonk: "{{ .Subscriber.FirstName }}",
    FakeButtondown: "{{ subscriber.metadata.first_name }}",
}


def greeting(keeper: ListKeeper) -> str:
    """Return HTML that greets everybody by their first name."""
    return f"<p>Dear {FIRST_NAME[type(keeper)]}</p>"


def draft(keeper: ListKeeper, list_id: str, html: str = "", at: datetime | None = None) -> str:
    """Make a draft called "2026-01" for a list, due *at* a time if one is given; return its key."""
    html = html or greeting(keeper)
    if isinstance(keeper, FakeMailchimp):
        settings = {"subject_line": "January", "title": "2026-01", "from_name": "N", "reply_to": "n@example.org"}
        off = {"opens": False, "html_clicks": False, "text_clicks": False}
        body = {"type": "regular", "recipients": {"list_id": list_id}, "settings": settings, "tracking": off}
        key = ask(keeper, "POST", "/campaigns", body).json()["id"]
        ask(keeper, "PUT", f"/campaigns/{key}/content", {"html": html})
        return str(key)
    about = {"Buttondown_Context": list_id} if isinstance(keeper, FakeButtondown) else {}
    said = ask(keeper, "POST", *request(keeper, list_id, html, at), **about)
    told = said.json()
    return str(told["data"]["id"] if isinstance(keeper, FakeListmonk) else told["id"])


def request(keeper: ListKeeper, list_id: str, html: str, at: datetime | None = None) -> tuple[str, dict[str, Any]]:
    """Return where a draft is made, and the body, for a service that takes all in one request."""
    body: dict[str, Any] = {"subject": "January"}
    if isinstance(keeper, FakeBrevo):
        sender = {"name": "N", "email": "n@example.org"}
        body |= {"name": "2026-01", "sender": sender, "htmlContent": html, "recipients": {"listIds": [int(list_id)]}}
        return "/emailCampaigns", body | ({"scheduledAt": at.isoformat()} if at else {})
    if isinstance(keeper, FakeListmonk):
        bare = next((key for key, one in keeper.templates.items() if not one["is_default"]), 0)
        body |= {"name": "2026-01", "lists": [int(list_id)], "from_email": "N <n@example.org>", "body": html}
        body |= {"content_type": "html", "template_id": bare, "send_at": at.isoformat() if at else None}
        return "/api/campaigns", body
    body |= {"body": f"{MODE}fancy -->\n{html}", "metadata": {"newsletter": "2026-01"}, "status": "draft"}
    return "/emails", body | {"template": "naked", "publish_date": at.isoformat() if at else None}


def start(keeper: ListKeeper, key: str) -> Said:
    """Send a draft now."""
    if isinstance(keeper, FakeMailchimp):
        return ask(keeper, "POST", f"/campaigns/{key}/actions/send")
    if isinstance(keeper, FakeBrevo):
        return ask(keeper, "POST", f"/emailCampaigns/{key}/sendNow")
    if isinstance(keeper, FakeListmonk):
        return ask(keeper, "PUT", f"/api/campaigns/{key}/status", {"status": "running"})
    return dangerously(keeper, key, "about_to_send")


def dangerously(keeper: ListKeeper, key: str, status: str) -> Said:
    """Take an email at Buttondown to a state, with the header that a new key needs."""
    return ask(keeper, "PATCH", f"/emails/{key}", {"status": status}, X_Buttondown_Live_Dangerously="true")


def schedule(keeper: ListKeeper, list_id: str, at: datetime) -> str:
    """Make a draft and have it sent later; return its key."""
    key = draft(keeper, list_id, at=at)
    if isinstance(keeper, FakeMailchimp):
        ask(keeper, "POST", f"/campaigns/{key}/actions/schedule", {"schedule_time": at.isoformat()})
    elif isinstance(keeper, FakeListmonk):
        ask(keeper, "PUT", f"/api/campaigns/{key}/status", {"status": "scheduled"})
    elif isinstance(keeper, FakeButtondown):
        dangerously(keeper, key, "scheduled")
    return key


def try_out(keeper: ListKeeper, key: str, list_id: str, people: Sequence[str]) -> Said:
    """Send a draft to a few people by the service's own test call."""
    if isinstance(keeper, FakeMailchimp):
        said = {"test_emails": list(people), "send_type": "html"}
        return ask(keeper, "POST", f"/campaigns/{key}/actions/test", said)
    if isinstance(keeper, FakeBrevo):
        return ask(keeper, "POST", f"/emailCampaigns/{key}/sendTest", {"emailTo": list(people)})
    if isinstance(keeper, FakeListmonk):
        said = request(keeper, list_id, greeting(keeper))[1] | {"messenger": "email", "subscribers": list(people)}
        return ask(keeper, "POST", f"/api/campaigns/{key}/test", said)
    return ask(keeper, "POST", f"/emails/{key}/send-draft", {"recipients": list(people)})
