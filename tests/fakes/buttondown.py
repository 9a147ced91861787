"""Buttondown, as its published description (OpenAPI) and its pages describe it: emails, subscribers, newsletters.

What is not published is marked (u). Not here: tags, paid subscriptions, archives, automations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fakes.brevo import as_text
from fakes.campaigns import ListKeeper, one, whole
from fakes.djangolike import render
from fakes.ground import Copy, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.campaigns import List, Person

PAGE = 100
STATUSES = {
    "draft", "managed_by_rss", "about_to_send", "scheduled", "in_flight", "paused", "deleted", "errored", "sent",
    "imported", "throttled", "resending", "transactional", "suppressed",
}  # fmt: skip
FIELDS = {
    "attachments", "publish_date", "subject", "slug", "description", "canonical_url", "image", "body", "archival_mode",
    "email_type", "status", "metadata", "secondary_id", "filters", "template", "commenting_mode", "related_email_ids",
    "featured", "should_trigger_pay_per_email_billing",
}  # fmt: skip
TYPES = {"": "regular", "unsubscribed": "unsubscribed", "bounced": "undeliverable", "complained": "complained"}
MODE = "<!-- buttondown-editor-mode: "


class FakeButtondown(ListKeeper):
    """One account with newsletters; opens and clicks are counted where a newsletter has that switched on."""

    key = "1f0e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    secrets = {"BUTTONDOWN_API_KEY": key}  # noqa: RUF012
    stopped = "paused"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.settings: dict[str, Any] = {
            "enabled_features": ["archives", "portal"], "test_mode": False, "from_name": "Practitioner newsletter",
            "email_address": "newsletter@example.org", "reply_to_address": "office@example.org",
        }  # fmt: skip
        self.is_confirmed = False  # whether this key has ever sent
        self.answered: dict[str, Answer] = {}  # what was said to a key of a repeat

    def let_in(self, seen: Seen) -> None:
        """Check the key; the word before it is Token."""
        if seen.headers.get("authorization") != f"Token {self.key}":
            raise Refused(401, {"code": "unauthorized", "detail": "Invalid token.", "metadata": {}})

    def process(self, seen: Seen) -> Answer:
        """Answer a repeat with the same key as before; a refusal is not kept (u)."""
        with self.lock:
            key = seen.headers.get("x-idempotency-key", "")
            if key and key in self.answered:
                return self.answered[key]
            answer = super().process(seen)
            if key and answer.status < 400:
                self.answered[key] = answer
            return answer

    def missing(self, _seen: Seen) -> Answer:
        """Say so."""
        return self.unknown().answer

    def unknown(self) -> Refused:
        """Say so."""
        return Refused(404, {"code": "not_found", "detail": "Not Found", "metadata": {}})

    def busy(self, seconds: int = 2) -> Fault:
        """Say for how long, twice."""
        head = {"Retry-After": str(seconds), "X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0"}
        return answering(429, {"code": "rate_limited", "detail": "Too many requests", "metadata": {}}, head)

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, "<h1>Server Error (500)</h1>", {"Content-Type": "text/html"})

    def unready(self) -> None:
        """Count opens and clicks in all that is sent."""
        self.settings["enabled_features"] = ["archives", "tracking"]

    def list_id(self) -> str:
        """A TypeID."""
        return f"news_{self.number():026}"

    # Newsletters and subscribers

    @answers("GET /accounts/me")
    def account(self, _seen: Seen) -> Answer:
        """Say whose account this is."""
        return Answer({"username": "partnership", "email_address": "it@partnership.internal"})

    @answers("GET /newsletters")
    def show_newsletters(self, seen: Seen) -> Answer:
        """List them, with their settings."""
        told = [{"id": a.id, "name": a.name, "username": a.name.lower().replace(" ", "-"), "description": "",
                 "creation_date": self.now.isoformat(), "api_key": "secret", **self.settings}
                for a in self.lists.values()]  # fmt: skip
        return self.listed(seen, told)

    @answers("GET /subscribers")
    def show_subscribers(self, seen: Seen) -> Answer:
        """List those of a newsletter, by type and by when they left."""
        found, kinds = [], seen.query.get("type", [])
        for person in self.context(seen).people.values():
            told = self.told_of(person)
            names = ("unsubscription_date", "undeliverability_date")
            begins = {name: one(seen.query, f"{name}__start") for name in names}
            if any(begin and (told[name] or "") < begin for name, begin in begins.items()):
                continue
            wanted = one(seen.query, "email_address").lower()
            if wanted in told["email_address"].lower() and (not kinds or told["type"] in kinds):
                found.append(told)
        return self.listed(seen, found)

    @answers("GET /subscribers/{address}")
    def show_subscriber(self, seen: Seen, address: str) -> Answer:
        """Show one."""
        return Answer(self.told_of(self.subscriber(seen, address)))

    @answers("PATCH /subscribers/{address}")
    def update_subscriber(self, seen: Seen, address: str) -> Answer:
        """Change one."""
        person = self.subscriber(seen, address)
        if seen.json().get("type") == "unsubscribed":
            self.set_status(person, "unsubscribed")
        return Answer(self.told_of(person))

    @answers("DELETE /subscribers/{address}")
    def forget(self, seen: Seen, address: str) -> Answer:
        """Delete one."""
        del self.context(seen).people[self.subscriber(seen, address).address.lower()]
        return Answer(status=204)

    def context(self, seen: Seen) -> List:
        """Return the newsletter that is meant; without a word of it, the first. Raises Refused."""
        wanted = seen.headers.get("buttondown-context", "") or next(iter(self.lists))
        if wanted not in self.lists:
            raise self.unknown()
        return self.lists[wanted]

    def subscriber(self, seen: Seen, address: str) -> Person:
        """Return somebody. Raises Refused."""
        people = self.context(seen).people
        if address.lower() not in people:
            raise self.unknown()
        return people[address.lower()]

    def told_of(self, person: Person) -> dict[str, Any]:
        """Return what is told of a subscriber."""
        when = person.changed.isoformat()
        metadata = {"first_name": person.first_name} if person.name else {}
        return {"id": f"sub_{person.number:026}", "email_address": person.address, "type": TYPES[person.status],
                "creation_date": person.joined.isoformat(), "metadata": metadata, "notes": "", "tags": [],
                "source": "import", "unsubscription_date": when if person.status == "unsubscribed" else None,
                "undeliverability_date": when if person.status == "bounced" else None}  # fmt: skip

    def listed(self, seen: Seen, items: list[Any]) -> Answer:
        """Return one page, and the address of the next."""
        number = whole(seen.query, "page", 1)
        part = items[(number - 1) * PAGE : number * PAGE]
        query = urlencode({**seen.query, "page": [str(number + 1)]}, doseq=True)
        follows = f"{self.url}{seen.path}?{query}" if number * PAGE < len(items) else None
        return Answer({"results": part, "next": follows, "previous": None, "count": len(items)})

    # Emails

    @answers("GET /emails")
    def show_emails(self, seen: Seen) -> Answer:
        """List those of a newsletter."""
        context, kinds, others = (self.context(seen).id, *(seen.query.get(n, []) for n in ("status", "-status")))
        found = [c for c in self.campaigns.values() if c["list"] == context and self.status(c) not in others]
        return self.listed(seen, [self.told(c) for c in found if not kinds or self.status(c) in kinds])

    @answers("POST /emails")
    def create(self, seen: Seen) -> Answer:
        """Make an email, which is sent at once unless its status says otherwise."""
        said = self.checked(seen.json())
        if not said.get("subject"):
            raise refused("subject_invalid", "A subject is required.")
        made = {"id": f"em_{self.number():026}", "creation_date": self.now.isoformat(), "list": self.context(seen).id,
                "metadata": {}, "body": "", "due": None, **said, "status": "draft"}  # fmt: skip
        self.move(made, said.get("status", "about_to_send"), seen)
        self.campaigns[made["id"]] = made
        return Answer(self.told(made), 201)

    @answers("GET /emails/{key}")
    def show_email(self, _seen: Seen, key: str) -> Answer:
        """Show one."""
        return Answer(self.told(self.campaign(key)))

    @answers("PATCH /emails/{key}")
    def update(self, seen: Seen, key: str) -> Answer:
        """Change one, its state too."""
        campaign, said = self.campaign(key), self.checked(seen.json())
        if set(said) - {"status", "publish_date"} and self.status(campaign) not in {"draft", "scheduled"}:
            raise refused("email_invalid", "The email has been sent.")  # (u) its words
        to = said.pop("status", None)
        campaign |= said
        if to:
            self.move(campaign, to, seen)
        return Answer(self.told(campaign))

    @answers("DELETE /emails/{key}")
    def remove(self, _seen: Seen, key: str) -> Answer:
        """Delete one."""
        self.withdraw(self.campaign(key))
        del self.campaigns[key]
        return Answer(status=204)

    @answers("POST /emails/{key}/send-draft")
    def send_draft(self, seen: Seen, key: str) -> Answer:
        """Send it to a few people, marked as a preview."""
        campaign = self.campaign(key)
        test = {**campaign, "id": "test", "subject": f"[PREVIEW] {campaign['subject']}"}
        self.deliver(test, [self.stranger(address) for address in seen.json()["recipients"]], self.now)
        return Answer(status=200)

    @answers("GET /emails/{key}/analytics")
    def analytics(self, _seen: Seen, key: str) -> Answer:
        """Count what became of it."""
        campaign = self.campaign(key)
        sent, failed = len(self.got_of(campaign)), self.counted(campaign, "bounced")
        return Answer({
            "recipients": sent, "deliveries": sent - failed, "opens": 0, "clicks": 0, "temporary_failures": 0,
            "permanent_failures": failed, "unsubscriptions": self.counted(campaign, "unsubscribed"),
            "complaints": self.counted(campaign, "complained"),
        })  # fmt: skip

    def checked(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what was said. Raises Refused."""
        if set(said) - FIELDS or said.get("status", "draft") not in STATUSES:
            wrong = [{"type": "extra_forbidden", "loc": ["body"], "msg": "Extra inputs are not permitted"}]
            raise Refused(422, {"detail": wrong})
        if str(said.get("body", "")).startswith("---"):
            raise refused("body_contains_frontmatter", "The body begins with frontmatter.")
        return dict(said)

    def move(self, campaign: dict[str, Any], to: str, seen: Seen) -> None:
        """Take an email from one state to another. Raises Refused."""
        if to == "draft":
            self.withdraw(campaign)
        elif to in {"about_to_send", "scheduled"} and self.status(campaign) in {"draft", "scheduled"}:
            if not self.is_confirmed and seen.headers.get("x-buttondown-live-dangerously") != "true":
                detail = (
                    "Creating an email with status 'about_to_send' requires the X-Buttondown-Live-Dangerously header."
                )
                raise refused("sending_requires_confirmation", detail)
            if to == "scheduled" and not campaign.get("publish_date"):
                raise refused("publish_date_missing", "A scheduled email needs a publish date.")
            at = self.now if to == "about_to_send" else datetime.fromisoformat(campaign["publish_date"])
            if at < self.now - timedelta(minutes=1):
                raise refused("publish_date_invalid", "The publish date is in the past.")
            self.is_confirmed, campaign["due"] = True, at
            if not self.settings["test_mode"]:
                self.deliver(campaign, self.lists[campaign["list"]].active(), at)
        else:
            raise refused("status_invalid", f"An email cannot go from {self.status(campaign)} to {to}.")
        campaign["status"] = to

    def status(self, campaign: Mapping[str, Any]) -> str:
        """Where it stands by now."""
        is_over = campaign["status"] in {"about_to_send", "scheduled"} and campaign["due"] <= self.now
        return "sent" if is_over else str(campaign["status"])

    def told(self, campaign: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of an email."""
        return {**campaign, "due": None, "status": self.status(campaign), "source": "api", "absolute_url": "",
                "modification_date": campaign["creation_date"]}  # fmt: skip

    # Copies

    def draw_up(self, campaign: Mapping[str, Any], person: Person) -> Copy:
        """Put the values in; the newsletter says who sends, and the text is made of the HTML (u)."""
        body = campaign["body"]
        if body.startswith(MODE):
            body = body.partition("-->")[2].lstrip("\n")
        leave = f"https://buttondown.com/unsubscribe/{person.number}"
        told = self.told_of(person)
        about = {"email": person.address, "id": told["id"], "metadata": told["metadata"]}
        data = {"subscriber": about, "unsubscribe_url": leave, "manage_subscription_url": f"{leave}/manage"}
        html, subject = render(body, data, is_html=True), render(campaign["subject"], data, is_html=False)
        if campaign.get("template") != "naked":
            html = f"<html><body>{html}<p><a href='{leave}'>Unsubscribe</a></p></body></html>"
        mine = self.settings
        head = {"From": f"{mine['from_name']} <{mine['email_address']}>", "To": person.address, "Subject": subject,
                "Reply-To": mine["reply_to_address"], "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip
        tracked = frozenset({"opens", "clicks"} if "tracking" in mine["enabled_features"] else ())
        return Copy(person.address, subject, html, as_text(html), head, tracked, str(campaign["id"]), self.now,
                    str(campaign["metadata"].get("newsletter", "")))  # fmt: skip


def refused(code: str, detail: str) -> Refused:
    """Return an error as Buttondown writes it."""
    return Refused(400, {"code": code, "detail": detail, "metadata": {}})
