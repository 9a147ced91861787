"""Mailchimp Marketing, as its API reference describes it (lists, members, campaigns, reports), with one data centre.

What is not published is marked (u). Not here: segments, templates, folders, tests by A/B, what a campaign may cost.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import datetime, timedelta
from hashlib import md5
from html import escape
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fakes.campaigns import ListKeeper, chosen, one, page, whole
from fakes.ground import Copy, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.campaigns import List, Person

MOST = 1_000  # a page; 10 where nothing is asked for
QUARTER = timedelta(minutes=15)
TAG = re.compile(r"\*\|(IF:(\w+)|ELSE:|END:IF|HTML:\w+|\w+)\|\*")
STATUSES = {"": "subscribed", "unsubscribed": "unsubscribed", "bounced": "cleaned", "complained": "unsubscribed"}
SETTINGS = {
    "subject_line", "preview_text", "title", "from_name", "reply_to", "use_conversation", "to_name", "folder_id",
    "authenticate", "auto_footer", "inline_css", "auto_tweet", "auto_fb_post", "fb_comments", "template_id",
}  # fmt: skip
TRACKING = {"opens": True, "html_clicks": True, "text_clicks": True}


class FakeMailchimp(ListKeeper):
    """One account."""

    key = "5f2b1c9d8e7a6f50413243546576879a-us6"
    secrets = {"MAILCHIMP_API_TOKEN": key}  # noqa: RUF012
    stopped = "paused"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.faulty: list[dict[str, Any]] = []  # what the checklist says beside what it finds itself
        self.forgotten: set[str] = set()  # deleted for good: nobody may bring them in again

    def let_in(self, seen: Seen) -> None:
        """Check the key: HTTP Basic with any user."""
        kind, _, said = seen.headers.get("authorization", "").partition(" ")
        if kind != "Basic" or b64decode(said).decode().partition(":")[2] != self.key:
            detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
            raise problem(401, "API Key Invalid", detail)

    def missing(self, _seen: Seen) -> Answer:
        """Say so."""
        return self.unknown().answer

    def unknown(self) -> Refused:
        """Say so."""
        return problem(404, "Resource Not Found", "The requested resource could not be found.")

    def busy(self, _seconds: int = 2) -> Fault:
        """Say that there are too many connections; never for how long to wait."""
        said = problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
        return answering(429, said.answer.body, said.answer.headers)

    def overloaded(self) -> Fault:
        """Turn a client away before it is looked at: a page, and the status of a bad permission."""
        return answering(403, "<html>Access Denied</html>", {"Content-Type": "text/html"})

    def down(self) -> Fault:
        """An error of its own."""
        said = problem(500, "Internal Server Error", "An unexpected internal error has occurred.")
        return answering(500, said.answer.body, said.answer.headers)

    def unready(self) -> None:
        """Find something missing that only Mailchimp knows of."""
        said = "Your account must be verified before you send."
        self.faulty.append({"type": "error", "id": 901, "heading": "Account", "details": said})

    def list_id(self) -> str:
        """Ten characters."""
        return token_hex(5)

    # Lists

    @answers("GET /ping")
    def ping(self, _seen: Seen) -> Answer:
        """Say that all is well."""
        return Answer({"health_status": "Everything's Chimpy!"})

    @answers("GET /lists")
    def show_lists(self, seen: Seen) -> Answer:
        """List the audiences."""
        told = [{"id": a.id, "name": a.name, "stats": {"member_count": len(a.active())}} for a in self.lists.values()]
        return self.listed(seen, "lists", told)

    @answers("GET /lists/{list_id}/members")
    def show_members(self, seen: Seen, list_id: str) -> Answer:
        """List members by status, and by when they last changed."""
        people = [self.member(person) for person in self.get_list(list_id).people.values()]
        if status := one(seen.query, "status"):
            people = [person for person in people if person["status"] == status]
        if since := one(seen.query, "since_last_changed"):
            begin = datetime.fromisoformat(since)
            people = [person for person in people if datetime.fromisoformat(person["last_changed"]) >= begin]
        return self.listed(seen, "members", people)

    @answers("GET /lists/{list_id}/members/{key}")
    def show_member(self, _seen: Seen, list_id: str, key: str) -> Answer:
        """Show one."""
        return Answer(self.member(self.person(list_id, key)))

    @answers("PUT /lists/{list_id}/members/{key}")
    def put_member(self, seen: Seen, list_id: str, key: str) -> Answer:
        """Add or change one; who was deleted for good cannot be brought back."""
        said, known = seen.json(), self.get_list(list_id).people
        address = said["email_address"]
        if key != name_of(address) or "status_if_new" not in said:
            raise problem(400, "Invalid Resource", "The resource submitted could not be validated.")
        if address.lower() in self.forgotten:
            detail = f"{address} was permanently deleted and cannot be re-imported."
            raise problem(400, "Forgotten Email Not Subscribed", detail)
        is_new = address.lower() not in known
        person = self.join(list_id, address) if is_new else known[address.lower()]
        status = said["status_if_new"] if is_new else said.get("status", STATUSES[person.status])
        self.set_status(person, {"subscribed": "", "unsubscribed": "unsubscribed", "cleaned": "bounced"}[status])
        return Answer(self.member(person))

    @answers("POST /lists/{list_id}/members/{key}/actions/delete-permanent")
    def forget(self, _seen: Seen, list_id: str, key: str) -> Answer:
        """Delete one for good."""
        address = self.person(list_id, key).address.lower()
        del self.lists[list_id].people[address]
        self.forgotten.add(address)
        return Answer(status=204)

    def get_list(self, list_id: str) -> List:
        """Return a list. Raises Refused."""
        if list_id not in self.lists:
            raise self.unknown()
        return self.lists[list_id]

    def person(self, list_id: str, key: str) -> Person:
        """Return a member by the MD5 of the address. Raises Refused."""
        for address, person in self.get_list(list_id).people.items():
            if name_of(address) == key:
                return person
        raise self.unknown()

    def member(self, person: Person) -> dict[str, Any]:
        """Return what is told of a member."""
        first, _, last = person.name.partition(" ")
        return {
            "id": name_of(person.address), "email_address": person.address, "full_name": person.name,
            "status": STATUSES[person.status], "merge_fields": {"FNAME": first, "LNAME": last},
            "last_changed": person.changed.isoformat(), "timestamp_signup": person.joined.isoformat(),
            "source": "Import",
        }  # fmt: skip

    def listed(self, seen: Seen, name: str, items: list[Any]) -> Answer:
        """Return one page, of each the fields that were asked for."""
        part = page(items, whole(seen.query, "offset", 0), whole(seen.query, "count", 10), MOST)
        told = {name: part, "total_items": len(items), "_links": []}
        fields = one(seen.query, "fields")
        return Answer(chosen(told, fields.split(",")) if fields else told)

    # Campaigns

    @answers("GET /campaigns")
    def show_campaigns(self, seen: Seen) -> Answer:
        """List them, maybe of one audience."""
        wanted = one(seen.query, "list_id")
        found = [c for c in self.campaigns.values() if wanted in {"", c["recipients"]["list_id"]}]
        return self.listed(seen, "campaigns", [self.told(c) for c in found])

    @answers("POST /campaigns")
    def create(self, seen: Seen) -> Answer:
        """Make a draft; what is not said is tracked."""
        said = seen.json()
        if said.get("type") not in {"regular", "plaintext", "absplit", "rss", "variate"}:
            raise problem(400, "Invalid Resource", "The resource submitted could not be validated.")
        number = self.number()
        made = {"id": token_hex(5), "web_id": number, "type": said["type"], "status": "save", "html": "", "text": "",
                "create_time": f"{self.now:%Y-%m-%dT%H:%M:%S+00:00}", "recipients": {"list_id": ""},
                "settings": {}, "tracking": TRACKING, "due": None}  # fmt: skip
        self.change(made, said)
        self.campaigns[made["id"]] = made
        return Answer(self.told(made))

    @answers("GET /campaigns/{key}")
    def show_campaign(self, _seen: Seen, key: str) -> Answer:
        """Show one."""
        return Answer(self.told(self.campaign(key)))

    @answers("PATCH /campaigns/{key}")
    def update(self, seen: Seen, key: str) -> Answer:
        """Change a draft."""
        campaign, said = self.draft(key), seen.json()
        if not {"subject_line", "from_name", "reply_to"} <= set(said.get("settings", {})):
            raise problem(400, "Invalid Resource", "The resource submitted could not be validated.")
        self.change(campaign, said)
        return Answer(self.told(campaign))

    @answers("PUT /campaigns/{key}/content")
    def put_content(self, seen: Seen, key: str) -> Answer:
        """Put the words in; without plain text Mailchimp makes some."""
        campaign, said = self.draft(key), seen.json()
        campaign |= {"html": said["html"], "text": said.get("plain_text") or re.sub(r"<[^>]+>", "", said["html"])}
        return Answer({"html": campaign["html"], "plain_text": campaign["text"], "archive_html": ""})

    @answers("GET /campaigns/{key}/send-checklist")
    def show_checklist(self, _seen: Seen, key: str) -> Answer:
        """Say what is missing."""
        items = self.faults(self.campaign(key))
        fine = {"type": "success", "id": 200, "heading": "List", "details": "Your campaign will be delivered."}
        return Answer({"is_ready": not items, "items": [*items, fine]})

    @answers("POST /campaigns/{key}/actions/test")
    def send_test(self, seen: Seen, key: str) -> Answer:
        """Send a draft to a few people, on a list or not."""
        campaign, said = self.draft(key), seen.json()
        if said["send_type"] not in {"html", "plaintext"} or not campaign["html"]:
            raise problem(400, "Bad Request", "There is nothing to send.")  # (u) its words
        for address in said["test_emails"]:
            self.deliver({**campaign, "id": "test"}, [self.stranger(address)], self.now)
        return Answer(status=204)

    @answers("POST /campaigns/{key}/actions/send")
    def send_now(self, _seen: Seen, key: str) -> Answer:
        """Send it, once."""
        self.start(self.draft(key), self.now)
        return Answer(status=204)

    @answers("POST /campaigns/{key}/actions/schedule")
    def schedule(self, seen: Seen, key: str) -> Answer:
        """Send it later, at a full quarter of an hour."""
        campaign, at = self.draft(key), datetime.fromisoformat(seen.json()["schedule_time"])
        if at <= self.now or at.minute % 15 or at.second or at.utcoffset() != timedelta(0):
            raise problem(400, "Bad Request", "Invalid schedule time: use a quarter hour in the future, in UTC.")
        self.start(campaign, at)
        return Answer(status=204)

    @answers("POST /campaigns/{key}/actions/unschedule")
    def unschedule(self, _seen: Seen, key: str) -> Answer:
        """Make a draft of it again."""
        campaign = self.campaign(key)
        if self.status(campaign) != "schedule":
            raise problem(400, "Bad Request", "The campaign is not scheduled.")  # (u) its words
        self.withdraw(campaign)
        campaign |= {"status": "save", "due": None}
        return Answer(status=204)

    @answers("DELETE /campaigns/{key}")
    def remove(self, _seen: Seen, key: str) -> Answer:
        """Delete it, unless it is on its way."""
        if self.status(self.campaign(key)) in {"schedule", "sending"}:
            raise problem(400, "Bad Request", "The campaign cannot be deleted now.")  # (u) its words
        del self.campaigns[key]
        return Answer(status=204)

    @answers("GET /reports/{key}")
    def report(self, _seen: Seen, key: str) -> Answer:
        """Count what became of it."""
        campaign = self.campaign(key)
        if self.status(campaign) != "sent":
            raise self.unknown()
        bounces = {"hard_bounces": self.counted(campaign, "bounced"), "soft_bounces": 0, "syntax_errors": 0}
        complained = self.counted(campaign, "complained")
        return Answer({
            "id": key, "emails_sent": len(self.got_of(campaign)), "bounces": bounces, "abuse_reports": complained,
            "unsubscribed": self.counted(campaign, "unsubscribed"), "opens": {"unique_opens": 0},
        })  # fmt: skip

    def change(self, campaign: dict[str, Any], said: Mapping[str, Any]) -> None:
        """Take what was said. Raises Refused."""
        settings, tracking = said.get("settings", {}), said.get("tracking", {})
        if set(settings) - SETTINGS or not all(isinstance(value, bool) for value in tracking.values()):
            raise problem(400, "Invalid Resource", "The resource submitted could not be validated.")
        if "recipients" in said:
            self.get_list(said["recipients"]["list_id"])
            campaign["recipients"] = said["recipients"]
        campaign["settings"] = {**campaign["settings"], **settings}
        campaign["tracking"] = {**campaign["tracking"], **tracking}

    def draft(self, key: str) -> dict[str, Any]:
        """Return a campaign that may still be changed. Raises Refused."""
        campaign = self.campaign(key)
        if self.status(campaign) not in {"save", "paused"}:
            raise problem(400, "Bad Request", "The campaign has been sent or is being sent.")  # (u) its words
        return campaign

    def start(self, campaign: dict[str, Any], at: datetime) -> None:
        """Send it to everybody who is subscribed. Raises Refused when the checklist is not all right."""
        if self.faults(campaign):
            raise problem(400, "Bad Request", "Your Campaign is not ready to send.")
        people = self.lists[campaign["recipients"]["list_id"]].active()
        campaign |= {"status": "schedule", "due": at}
        self.deliver(campaign, people, at)

    def status(self, campaign: Mapping[str, Any]) -> str:
        """Where it stands by now."""
        is_over = campaign["status"] == "schedule" and campaign["due"] <= self.now
        return "sent" if is_over else str(campaign["status"])

    def faults(self, campaign: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what is missing in a campaign."""
        settings, there = campaign["settings"], self.lists.get(campaign["recipients"]["list_id"])
        checks = {
            "List": there and there.active(), "Subject": settings.get("subject_line"), "Content": campaign["html"],
            "From": settings.get("from_name") and settings.get("reply_to"),
        }  # fmt: skip
        wrong = [name for name, is_right in checks.items() if not is_right]
        missing = [{"type": "error", "id": 1, "heading": name, "details": "This is missing."} for name in wrong]
        return missing + self.faulty

    def told(self, campaign: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of a campaign; never its words."""
        kept = {name: campaign[name] for name in ("id", "web_id", "type", "create_time", "recipients", "settings")}
        return {**kept, "status": self.status(campaign), "tracking": campaign["tracking"], "emails_sent": 0}

    # Copies

    def draw_up(self, campaign: Mapping[str, Any], person: Person) -> Copy:
        """Put the merge tags in; a footer with a link to leave is added where there is none."""
        settings, tracking = campaign["settings"], campaign["tracking"]
        leave = f"https://example.us6.list-manage.com/unsubscribe?u=1&id={person.number}"
        html, text = campaign["html"], campaign["text"]
        if "*|UNSUB|*" not in html:
            html += '<p><a href="*|UNSUB|*">unsubscribe from this list</a></p>'
        fields = {"FNAME": person.first_name, "LNAME": person.name.partition(" ")[2], "EMAIL": person.address}
        values = {**fields, "UNSUB": leave, "ARCHIVE": "https://mailchi.mp/1"}
        subject = merged(settings["subject_line"], values, is_html=False)
        head = {
            "From": f"{settings['from_name']} <{settings['reply_to']}>", "To": person.address, "Subject": subject,
            "Reply-To": settings["reply_to"], "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }  # fmt: skip
        clicks = {"clicks"} if tracking["html_clicks"] or tracking["text_clicks"] else set()
        is_tracked = frozenset(({"opens"} if tracking["opens"] else set()) | clicks)
        bodies = merged(html, values, is_html=True), merged(text, values, is_html=False)
        return Copy(person.address, subject, *bodies, head, is_tracked, str(campaign["id"]), self.now,
                    settings.get("title", ""))  # fmt: skip


def merged(text: str, values: Mapping[str, str], *, is_html: bool) -> str:
    """Put merge tags in, conditions too. In HTML values are escaped (u), but of a tag that says HTML: itself.

    What Mailchimp does not know it leaves out.
    """
    done, is_shown = [], [True]
    place = 0
    for tag in TAG.finditer(text):
        done.append(text[place : tag.start()] if all(is_shown) else "")
        place = tag.end()
        if tag[2]:
            is_shown.append(bool(values.get(tag[2])))
        elif tag[1] == "ELSE:":
            is_shown[-1] = not is_shown[-1]
        elif tag[1] == "END:IF":
            is_shown.pop()
        elif all(is_shown):
            value = values.get(tag[1].removeprefix("HTML:"), "")
            done.append(escape(value) if is_html and not tag[1].startswith("HTML:") else value)
    return "".join([*done, text[place:]])


def name_of(address: str) -> str:
    """Return how a member is called: the MD5 of the address in small letters."""
    return md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def problem(status: int, title: str, detail: str) -> Refused:
    """Return an error as Mailchimp writes it."""
    body = {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status,
            "detail": detail, "instance": "5b1b2c3d-0000"}  # fmt: skip
    return Refused(status, body, {"Content-Type": "application/problem+json; charset=utf-8"})
