"""Brevo, as its API reference describes it (email campaigns, contacts, lists), in campaign mode.

What is not published is marked (u). Opens and clicks are counted in every campaign: the most that an account can ask
for is that they are counted without names. Not here: templates, segments, tests by A/B, transactional email.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fakes.campaigns import ListKeeper, one, page, whole
from fakes.djangolike import render
from fakes.ground import Copy, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.campaigns import Person

MOST = 100  # campaigns a page; 50 where nothing is asked for
MOST_LISTS = 50
MOST_CONTACTS = 500
AN_HOUR = 100  # calls to all but contacts and transactional email
FIELDS = {
    "tag", "sender", "name", "htmlContent", "htmlUrl", "templateId", "scheduledAt", "subject", "previewText", "replyTo",
    "toField", "recipients", "attachmentUrl", "inlineImageActivation", "mirrorActive", "footer", "header",
    "utmCampaign", "params", "sendAtBestTime", "abTesting", "unsubscriptionPageId", "updateFormId",
}  # fmt: skip


class FakeBrevo(ListKeeper):
    """One account."""

    key = "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"
    secrets = {"BREVO_API_KEY": key}  # noqa: RUF012
    stopped = "suspended"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.used = 0  # of the calls of this hour

    def let_in(self, seen: Seen) -> None:
        """Check the key; all but contacts are counted by the hour."""
        if seen.headers.get("api-key") != self.key:
            raise Refused(401, {"code": "unauthorized", "message": "Key not found"})
        if not seen.path.startswith("/contacts"):
            self.used += 1
            if self.used > AN_HOUR:
                said = {"code": "too_many_requests", "message": "Rate limit exceeded"}
                raise Refused(429, said, {"x-sib-ratelimit-limit": "100", "x-sib-ratelimit-reset": "1800"})

    def missing(self, _seen: Seen) -> Answer:
        """Say so."""
        return self.unknown().answer

    def unknown(self) -> Refused:
        """Say so."""
        return Refused(404, {"code": "document_not_found", "message": "Campaign ID does not exist"})

    def busy(self, seconds: int = 2) -> Fault:
        """Say for how long in a header of its own."""
        head = {"x-sib-ratelimit-limit": "100", "x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": str(seconds)}
        return answering(429, {"code": "too_many_requests", "message": "Rate limit exceeded"}, head)

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, {"code": "internal_error", "message": "Internal server error"})

    # Lists and contacts

    @answers("GET /account")
    def account(self, _seen: Seen) -> Answer:
        """Say whose account this is."""
        return Answer({"companyName": "Partnership", "plan": [{"type": "free", "credits": 300}]})

    @answers("GET /contacts/lists")
    def show_lists(self, seen: Seen) -> Answer:
        """List them."""
        told = [{"id": int(a.id), "name": a.name, "folderId": 1, "uniqueSubscribers": len(a.active()),
                 "totalSubscribers": len(a.active()), "totalBlacklisted": len(a.people) - len(a.active())}
                for a in self.lists.values()]  # fmt: skip
        part = page(told, whole(seen.query, "offset", 0), whole(seen.query, "limit", 10), MOST_LISTS)
        return Answer({"lists": part, "count": len(told)} if part else {"count": len(told)})

    @answers("GET /contacts/lists/{key}/contacts")
    def show_contacts(self, seen: Seen, key: str) -> Answer:
        """List who is on a list, maybe those who changed since then."""
        if key not in self.lists:
            raise Refused(404, {"code": "document_not_found", "message": "List ID does not exist"})
        people = sorted(self.lists[key].people.values(), key=lambda person: -person.number)
        if since := one(seen.query, "modifiedSince"):
            people = [person for person in people if person.changed >= datetime.fromisoformat(since)]
        part = page(people, whole(seen.query, "offset", 0), whole(seen.query, "limit", 50), MOST_CONTACTS)
        return Answer({"contacts": [self.told_of(person) for person in part], "count": len(people)})

    @answers("GET /contacts/{address}")
    def show_contact(self, _seen: Seen, address: str) -> Answer:
        """Show one."""
        return Answer({**self.told_of(self.contact(address)), "statistics": {}})

    @answers("PUT /contacts/{address}")
    def update_contact(self, seen: Seen, address: str) -> Answer:
        """Change one, on every list."""
        self.contact(address)
        if seen.json().get("emailBlacklisted"):
            for a in self.lists.values():
                if person := a.people.get(address.lower()):
                    self.set_status(person, "unsubscribed")
        return Answer(status=204)

    @answers("DELETE /contacts/{address}")
    def forget(self, _seen: Seen, address: str) -> Answer:
        """Delete one."""
        self.contact(address)
        for a in self.lists.values():
            a.people.pop(address.lower(), None)
        return Answer(status=204)

    def contact(self, address: str) -> Person:
        """Return somebody. Raises Refused."""
        for a in self.lists.values():
            if person := a.people.get(address.lower()):
                return person
        raise Refused(404, {"code": "document_not_found", "message": "Contact does not exist"})

    def told_of(self, person: Person) -> dict[str, Any]:
        """Return what is told of a contact."""
        first, _, last = person.name.partition(" ")
        here = [int(a.id) for a in self.lists.values() if person.address.lower() in a.people]
        attributes = {name: value for name, value in (("FIRSTNAME", first), ("LASTNAME", last)) if value}
        return {"email": person.address, "id": person.number, "emailBlacklisted": bool(person.status),
                "smsBlacklisted": False, "createdAt": stamp(person.joined), "modifiedAt": stamp(person.changed),
                "listIds": here, "listUnsubscribed": None, "attributes": attributes}  # fmt: skip

    # Campaigns

    @answers("GET /emailCampaigns")
    def show_campaigns(self, seen: Seen) -> Answer:
        """List them, the newest first."""
        kind = one(seen.query, "status")
        found = [c for c in reversed(self.campaigns.values()) if kind in {"", self.status(c)}]
        part = page(found, whole(seen.query, "offset", 0), whole(seen.query, "limit", 50), MOST)
        told = [{**self.told(c), "htmlContent": ""} for c in part]
        return Answer({"campaigns": told, "count": len(found)} if told else {"count": len(found)})

    @answers("POST /emailCampaigns")
    def create(self, seen: Seen) -> Answer:
        """Make a draft, or what is scheduled if a time is said."""
        said = seen.json()
        if not said.get("name") or not {"email", "id"} & set(said.get("sender", {})):
            raise Refused(400, {"code": "missing_parameter", "message": "name is missing"})
        made = {"id": self.number(), "status": "draft", "createdAt": stamp(self.now), "recipients": {}, "due": None}
        self.change(made, said)
        self.campaigns[str(made["id"])] = made
        return Answer({"id": made["id"]}, 201)

    @answers("GET /emailCampaigns/{key}")
    def show_campaign(self, seen: Seen, key: str) -> Answer:
        """Show one; figures are zero unless they are asked for."""
        campaign = self.campaign(key)
        asked = one(seen.query, "statistics") == "globalStats"
        return Answer({**self.told(campaign), "statistics": {"globalStats": self.figures(campaign) if asked else {}}})

    @answers("PUT /emailCampaigns/{key}")
    def update(self, seen: Seen, key: str) -> Answer:
        """Change one that has not left."""
        self.change(self.unsent(key), seen.json())
        return Answer(status=204)

    @answers("POST /emailCampaigns/{key}/sendNow")
    def send_now(self, _seen: Seen, key: str) -> Answer:
        """Send it, once."""
        self.start(self.unsent(key), self.now)
        return Answer(status=204)

    @answers("POST /emailCampaigns/{key}/sendTest")
    def send_test(self, seen: Seen, key: str) -> Answer:
        """Send it to a few contacts; with a stranger among them to nobody (u)."""
        campaign, asked = self.unsent(key), [address.lower() for address in seen.json().get("emailTo", [])]
        people = {p.address.lower(): p for a in self.lists.values() for p in a.people.values()}
        if strangers := [address for address in asked if address not in people]:
            said = {"code": "invalid_parameter", "message": "Some emails do not exist", "unexistingEmails": strangers}
            raise Refused(400, said)
        self.deliver({**campaign, "id": "test"}, [people[address] for address in asked], self.now)
        return Answer(status=204)

    @answers("PUT /emailCampaigns/{key}/status")
    def move(self, seen: Seen, key: str) -> Answer:
        """Change its state by hand."""
        campaign, to = self.campaign(key), seen.json()["status"]
        kinds = {"suspended", "archive", "darchive", "sent", "queued", "replicate", "replicateTemplate", "draft"}
        if to not in kinds or self.status(campaign) == "sent":
            raise Refused(400, {"code": "invalid_parameter", "message": "Invalid status"})
        self.withdraw(campaign)
        campaign["status"] = to
        return Answer(status=204)

    @answers("DELETE /emailCampaigns/{key}")
    def remove(self, _seen: Seen, key: str) -> Answer:
        """Delete it, unless it is on its way."""
        if self.status(self.campaign(key)) == "queued":
            raise Refused(400, {"code": "campaign_processing", "message": "Campaign is being processed"})
        del self.campaigns[key]
        return Answer(status=204)

    def change(self, campaign: dict[str, Any], said: Mapping[str, Any]) -> None:
        """Take what was said. Raises Refused."""
        if set(said) - FIELDS:
            raise Refused(400, {"code": "invalid_parameter", "message": f"{min(set(said) - FIELDS)} is not allowed"})
        lists = {str(key) for key in said.get("recipients", {}).get("listIds", [])}
        if lists - set(self.lists):
            raise Refused(400, {"code": "invalid_parameter", "message": "List ids are invalid"})
        campaign |= said
        if at := said.get("scheduledAt"):
            self.start(campaign, datetime.fromisoformat(at))

    def unsent(self, key: str) -> dict[str, Any]:
        """Return a campaign that has not left. Raises Refused."""
        campaign = self.campaign(key)
        if self.status(campaign) in {"sent", "archive"}:
            raise Refused(400, {"code": "campaign_sent", "message": "Campaign already sent"})
        if self.status(campaign) in {"queued", "in_process"}:
            raise Refused(400, {"code": "campaign_processing", "message": "Campaign is already being processed"})
        return campaign

    def start(self, campaign: dict[str, Any], at: datetime) -> None:
        """Send it to everybody on its lists who gets anything at all."""
        keys = campaign["recipients"].get("listIds", [])
        people = {p.address.lower(): p for key in keys for p in self.lists[str(key)].active()}
        is_whole = campaign.get("subject") and campaign.get("htmlContent")
        if not (people and is_whole) or at < self.now - timedelta(minutes=1):
            raise Refused(400, {"code": "missing_parameter", "message": "Campaign is not complete"})
        campaign |= {"status": "queued", "due": at}
        self.deliver(campaign, people.values(), at)

    def status(self, campaign: Mapping[str, Any]) -> str:
        """Where it stands by now."""
        is_over = campaign["status"] == "queued" and campaign["due"] and campaign["due"] <= self.now
        return "sent" if is_over else str(campaign["status"])

    def told(self, campaign: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of a campaign."""
        to = {"lists": campaign["recipients"].get("listIds", []), "exclusionLists": []}
        return {**campaign, "recipients": to, "due": None, "type": "classic", "status": self.status(campaign),
                "testSent": False, "header": "", "footer": "", "modifiedAt": campaign["createdAt"],
                "statistics": {}}  # fmt: skip

    def figures(self, campaign: Mapping[str, Any]) -> dict[str, int]:
        """Count what became of it."""
        sent, bounced = len(self.got_of(campaign)), self.counted(campaign, "bounced")
        return {"sent": sent, "delivered": sent - bounced, "hardBounces": bounced, "softBounces": 0, "uniqueViews": 0,
                "unsubscriptions": self.counted(campaign, "unsubscribed"),
                "complaints": self.counted(campaign, "complained")}  # fmt: skip

    # Copies

    def draw_up(self, campaign: Mapping[str, Any], person: Person) -> Copy:
        """Put the values in; Brevo makes the text of the HTML, and counts opens and clicks."""
        contact = self.told_of(person)["attributes"] | {"EMAIL": person.address}
        leave = f"https://example.r.sp1-brevo.net/mk/un/{person.number}"
        data = {"contact": contact, "unsubscribe": leave, "mirror": "https://example.r.sp1-brevo.net/mk/mr/1"}
        html, subject = (render(campaign[part], data, is_html=part != "subject") for part in ("htmlContent", "subject"))
        sender = campaign["sender"]
        head = {"From": f"{sender.get('name', '')} <{sender['email']}>", "To": person.address, "Subject": subject,
                "Reply-To": campaign.get("replyTo", sender["email"]), "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip
        return Copy(person.address, subject, html, as_text(html), head, frozenset({"opens", "clicks"}),
                    str(campaign["id"]), self.now, campaign["name"])  # fmt: skip


def as_text(html: str) -> str:
    """Return the text that a service makes of HTML: words, and links behind them."""
    html = re.sub(r"(?s)<head.*?</head>|<!--.*?-->|<a [^>]*href=[\"']([^\"']*)[^>]*>(.*?)</a>", r"\2 \1", html)
    return re.sub(r"<[^>]+>", " ", html)


def stamp(when: datetime) -> str:
    """Return a moment as Brevo writes it."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"
