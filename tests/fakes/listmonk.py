"""listmonk 6, as its API pages and its pages on templating describe it, with what they leave open read in its source.

What is not published is marked (u). Not here: opt-in campaigns, attachments, archives, transactional messages, and of
its searches by SQL all but those for an address, for a status and for a moment.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from fakes.campaigns import ListKeeper, one, page, whole
from fakes.gotemplates import Html, TemplateError, render
from fakes.ground import Copy, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakes.campaigns import Person

BARE = '{{ template "content" . }}'
OURS = (
    '<html><body>{{ template "content" . }}<p><a href="{{ UnsubscribeURL }}">Leave</a></p>{{ TrackView }}</body></html>'
)
CONTENT = re.compile(r'\{\{\s*template\s+"content"\s+\.\s*\}\}')
SHORT = re.compile(r"(https?://[^\s\"'<>]+?)@TrackLink")
KINDS = {"richtext", "html", "markdown", "plain", "visual"}
BOUNCES = {"bounced": "hard", "complained": "complaint"}
# From which states a person or a client may take a campaign to which.
MOVES = {
    "draft": {"scheduled"}, "scheduled": {"draft", "paused"}, "running": {"draft", "paused"}, "paused": {"running"},
    "cancelled": {"running", "paused"},
}  # fmt: skip


class FakeListmonk(ListKeeper):
    """One installation: its default template counts opens, another holds nothing but the words of a campaign."""

    key = "r3kP9xVbQ2mZ7tLwYc5Hn8DsJf4Gu6Ae"
    user = "newsletter"
    secrets = {"LISTMONK_API_TOKEN": key}  # noqa: RUF012
    stopped = "paused"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.templates: dict[int, dict[str, Any]] = {}
        for name, body in (("Default campaign template", OURS), ("Bare", BARE)):
            number = self.number()
            told = {"id": number, "name": name, "type": "campaign", "body": body, "is_default": body == OURS}
            self.templates[number] = told
        self.optins: dict[str, str] = {}

    def let_in(self, seen: Seen) -> None:
        """Check user and token, HTTP Basic or listmonk's own."""
        kind, _, said = seen.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            said = b64decode(said).decode()
        if kind not in {"Basic", "token"} or said != f"{self.user}:{self.key}":
            raise Refused(403, {"message": "Invalid API credentials"})

    def missing(self, _seen: Seen) -> Answer:
        """Say so."""
        return Answer({"message": "Not Found"}, 404)

    def unknown(self) -> Refused:
        """Say so; what is not there is a bad request."""
        return Refused(400, {"message": "Campaign not found."})

    def busy(self, _seconds: int = 2) -> Fault:
        """Say so, as a proxy before it may."""
        return answering(429, {"message": "Too Many Requests"})

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, {"message": "Error fetching campaign: pq: the database system is shutting down"})

    def unready(self) -> None:
        """Leave no template but the one that counts opens."""
        self.templates = {key: value for key, value in self.templates.items() if value["is_default"]}

    # Lists and people

    @answers("GET /api/lists")
    def show_lists(self, seen: Seen) -> Answer:
        """List them, with how many are in each state."""
        told = []
        for a in self.lists.values():
            optin = self.optins.get(a.id, "single")
            states = [self.subscription(person, optin) for person in a.people.values()]
            told.append({"id": int(a.id), "uuid": uid(a.id), "name": a.name, "type": "private", "optin": optin,
                         "subscriber_count": len(states),
                         "subscriber_statuses": {state: states.count(state) for state in set(states)}})  # fmt: skip
        return self.listed(seen, told)

    @answers("GET /api/subscribers")
    def show_subscribers(self, seen: Seen) -> Answer:
        """Find people: on a list, in a state there, by a piece of SQL."""
        found, wanted = [], one(seen.query, "list_id")
        state, query = one(seen.query, "subscription_status"), one(seen.query, "query")
        for person in {p.address: p for a in self.lists.values() for p in a.people.values()}.values():
            told = self.told_of(person)
            here = [
                b for b in told["lists"] if wanted in {"", str(b["id"])} and state in {"", b["subscription_status"]}
            ]
            if here and fits(told, query):
                found.append(told)
        return self.listed(seen, found)

    @answers("PUT /api/subscribers/lists")
    def manage(self, seen: Seen) -> Answer:
        """Change what people are on."""
        said = seen.json()
        if said["action"] not in {"add", "remove", "unsubscribe"}:
            raise Refused(400, {"message": "Invalid action"})
        for key in said["target_list_ids"]:
            people = self.lists[str(key)].people
            for person in [p for p in people.values() if p.number in said["ids"]]:
                self.set_status(person, "unsubscribed")
                if said["action"] == "remove":
                    del people[person.address.lower()]
        return Answer({"data": True})

    @answers("DELETE /api/subscribers/{key}")
    def forget(self, _seen: Seen, key: str) -> Answer:
        """Delete somebody from every list."""
        for a in self.lists.values():
            a.people = {name: person for name, person in a.people.items() if str(self.id_of(person)) != key}
        return Answer({"data": True})

    @answers("GET /api/bounces")
    def show_bounces(self, seen: Seen) -> Answer:
        """List what came back, and who complained."""
        told = [
            {"id": number, "type": BOUNCES[reason], "source": "api", "email": address, "created_at": when.isoformat()}
            for number, (reason, address, when) in enumerate(
                (reason, address, when) for reason in BOUNCES for address, when in self.left[reason].items()
            )
        ]
        return self.listed(seen, told)

    def id_of(self, person: Person) -> int:
        """Return somebody's number, the same on every list."""
        return min(p.number for a in self.lists.values() for p in a.people.values() if p.address == person.address)

    def told_of(self, person: Person) -> dict[str, Any]:
        """Return what is told of somebody."""
        lists = [
            {"id": int(a.id), "name": a.name, "subscription_status": self.subscription(p, self.optins.get(a.id, "")),
             "subscription_updated_at": p.changed.isoformat()}
            for a in self.lists.values() for p in a.people.values() if p.address == person.address
        ]  # fmt: skip
        return {"id": self.id_of(person), "uuid": uid(person.address), "email": person.address.lower(),
                "name": self.name_of(person), "attribs": {}, "status": "enabled", "lists": lists,
                "created_at": person.joined.isoformat(), "updated_at": person.changed.isoformat()}  # fmt: skip

    def subscription(self, person: Person, optin: str) -> str:
        """Return somebody's state on a list; a bounce or a complaint blocks them, and so unsubscribes them (u)."""
        if person.status:
            return "unsubscribed"
        return "confirmed" if optin == "double" else "unconfirmed"

    def name_of(self, person: Person) -> str:
        """Return the name; who gave none is called as the mailbox is."""
        return person.name or person.address.partition("@")[0]

    def listed(self, seen: Seen, items: list[Any]) -> Answer:
        """Return one page; there is no most, "all" is all."""
        count = len(items) + 1 if one(seen.query, "per_page") == "all" else whole(seen.query, "per_page", 20)
        number = max(whole(seen.query, "page", 1), 1)
        part = page(items, (number - 1) * count, count, len(items) + 1)
        return Answer(
            {"data": {"results": part, "total": len(items) if part else 0, "per_page": count, "page": number}}
        )

    # Templates and campaigns

    @answers("GET /api/templates")
    def show_templates(self, _seen: Seen) -> Answer:
        """List them, bodies and all."""
        return Answer({"data": list(self.templates.values())})

    @answers("GET /api/campaigns")
    def show_campaigns(self, seen: Seen) -> Answer:
        """Find campaigns whose name or subject holds some words."""
        words = one(seen.query, "query").lower()
        kinds = seen.query.get("status", [])
        found = [c for c in self.campaigns.values() if words in f"{c['name']} {c['subject']}".lower()]
        found = [c for c in found if not kinds or self.status(c) in kinds]
        return self.listed(seen, [self.told(c) for c in found])

    @answers("GET /api/campaigns/{key}")
    def show_campaign(self, _seen: Seen, key: str) -> Answer:
        """Show one."""
        return Answer({"data": self.told(self.campaign(key))})

    @answers("POST /api/campaigns")
    def create(self, seen: Seen) -> Answer:
        """Make a draft."""
        said = self.checked({"altbody": None, "send_at": None, "headers": [], "tags": [], "template_id": 0,
                             "messenger": "email", "content_type": "richtext", "type": "regular",
                             **seen.json()})  # fmt: skip
        number = self.number()
        made = {**said, "id": number, "uuid": uid(str(number)), "status": "draft", "created_at": self.now.isoformat()}
        self.campaigns[str(number)] = made
        return Answer({"data": self.told(made)})

    @answers("PUT /api/campaigns/{key}")
    def update(self, seen: Seen, key: str) -> Answer:
        """Change one that is no further than scheduled or paused."""
        campaign = self.campaign(key)
        if self.status(campaign) not in {"draft", "scheduled", "paused"}:
            raise Refused(400, {"message": "Cannot update a running or a finished campaign."})
        campaign |= self.checked({**campaign, "lists": [], **seen.json()})
        return Answer({"data": self.told(campaign)})

    @answers("PUT /api/campaigns/{key}/status")
    def move(self, seen: Seen, key: str) -> Answer:
        """Take it from one state to another."""
        campaign, to = self.campaign(key), seen.json()["status"]
        if self.status(campaign) not in MOVES.get(to, set()):
            raise Refused(400, {"message": f"Campaign cannot become {to} now"})  # (u) its words
        if to == "scheduled" and not campaign["send_at"]:
            raise Refused(400, {"message": "Campaign needs a `send_at` date to be scheduled"})
        if to in {"running", "scheduled"}:
            at = self.now if to == "running" else datetime.fromisoformat(campaign["send_at"])
            people = [p for key in campaign["lists"] for p in self.lists[str(key)].active()]
            self.deliver(campaign, {p.address.lower(): p for p in people}.values(), at)
            campaign["due"] = at
        else:
            self.withdraw(campaign)
        campaign["status"] = to
        return Answer({"data": self.told(campaign)})

    @answers("POST /api/campaigns/{key}/test")
    def send_test(self, seen: Seen, key: str) -> Answer:
        """Send what is said, not what is kept, to those of the addresses who are subscribers."""
        campaign, said = self.campaign(key), self.checked(seen.json())
        asked = {address.strip().lower() for address in said.get("subscribers", [])}
        people = {p.address.lower(): p for a in self.lists.values() for p in a.people.values()}
        known = [people[address] for address in asked & set(people)]
        if not known:
            raise Refused(400, {"message": "No known subscribers given."})
        self.deliver({**campaign, **said, "id": "test"}, known, self.now)
        return Answer({"data": True})

    @answers("DELETE /api/campaigns/{key}")
    def remove(self, _seen: Seen, key: str) -> Answer:
        """Delete it, whatever its state."""
        self.withdraw(self.campaign(key))
        del self.campaigns[key]
        return Answer({"data": True})

    def checked(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what was said. Raises Refused."""
        if not said["name"] or not said["subject"] or len(said["name"]) > 2_000:
            raise Refused(400, {"message": "Invalid length for `name`."})
        if not said["lists"] or {str(key) for key in said["lists"]} - set(self.lists):
            raise Refused(400, {"message": "Invalid list IDs."})
        if said["content_type"] not in KINDS or said["messenger"] != "email":
            raise Refused(400, {"message": "Unknown messenger"})
        if said.get("send_at") and datetime.fromisoformat(said["send_at"]) <= self.now:
            raise Refused(400, {"message": "Scheduled date should be in the future."})
        try:
            self.words({**said, "id": 0}, self.stranger("somebody@example.org"))
        except TemplateError as error:
            raise Refused(400, {"message": f"Error compiling campaign body: {error}"}) from None
        return said

    def status(self, campaign: Mapping[str, Any]) -> str:
        """Where it stands by now."""
        is_under_way = campaign["status"] in {"running", "scheduled"} and campaign["due"] <= self.now
        return "finished" if is_under_way else str(campaign["status"])

    def told(self, campaign: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of a campaign."""
        lists = [{"id": key, "name": self.lists[str(key)].name} for key in campaign["lists"]]
        sent, came_back = len(self.got_of(campaign)), self.counted(campaign, "bounced")
        return {**campaign, "due": None, "lists": lists, "status": self.status(campaign), "to_send": sent,
                "sent": sent, "bounces": came_back, "views": 0, "clicks": 0}  # fmt: skip

    # Copies

    def words(self, campaign: Mapping[str, Any], person: Person) -> tuple[str, str, str, bool]:
        """Return subject, HTML and text as one person reads them, and whether anything in them is counted."""
        name = self.name_of(person)
        long = next((word for word in name.split(" ") if len(word) > 2), name)
        data = {"Subscriber": {"Email": person.address.lower(), "Name": name, "FirstName": long, "Status": "enabled"},
                "Campaign": {"Name": campaign["name"], "Subject": campaign["subject"]}}  # fmt: skip
        link, seen = f"https://lists.example.org/subscription/{uid(person.address)}", set[str]()

        def count(kind: str, shown: str) -> Html:
            seen.add(kind)
            return Html(shown)

        own: dict[str, Callable[..., Any]] = {
            "Safe": Html, "UnsubscribeURL": lambda _: link, "MessageURL": lambda _: f"{link}/message",
            "TrackView": lambda _: count("opens", '<img src="https://lists.example.org/px" alt="">'),
            "TrackLink": lambda to, _: count("clicks", to),
        }  # fmt: skip
        fill = partial(render, data=data, functions=own)
        default = next(t["id"] for t in self.templates.values() if t["is_default"])
        outer = self.templates[campaign.get("template_id") or default]["body"]
        if campaign["content_type"] == "visual":
            outer = BARE
        body, text = (completed(campaign.get(part) or "") for part in ("body", "altbody"))
        html = fill(CONTENT.sub(lambda _: body, completed(outer)), is_html=True)
        if "{{" in text and "}}" in text:
            text = fill(text, is_html=True)
        return fill(campaign["subject"], is_html=False), html, text, bool(seen)

    def draw_up(self, campaign: Mapping[str, Any], person: Person) -> Copy:
        """Return a copy, with the header by which one leaves."""
        subject, html, text, is_tracked = self.words(campaign, person)
        leave = f"https://lists.example.org/subscription/{uid(person.address)}"
        head = {"From": campaign["from_email"], "To": f"{self.name_of(person)} <{person.address}>", "Subject": subject,
                "List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip
        for more in campaign["headers"]:
            head |= more
        tracked = frozenset({"opens", "clicks"} if is_tracked else ())
        return Copy(person.address, subject, html, text, head, tracked, str(campaign["id"]), self.now, campaign["name"])


def completed(template: str) -> str:
    """Write in full what listmonk lets one shorten: these functions alone in an action, and a tracked link."""
    template = re.sub(r"\{\{\s*(TrackView|UnsubscribeURL|MessageURL)\s*\}\}", r"{{ \1 . }}", template)
    return SHORT.sub(r'{{ TrackLink "\1" . }}', template)


def fits(told: Mapping[str, Any], query: str) -> bool:
    """Say whether somebody fits a piece of SQL: by an address, or by one of several."""
    if not query:
        return True
    known = re.fullmatch(r"subscribers\.email (?:=|IN) \(?((?:'(?:[^']|'')*'(?:, )?)+)\)?", query)
    if known is None:
        raise Refused(400, {"message": "Error querying subscribers: pq: syntax error"})
    asked = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", known[1])]
    return told["email"] in asked


def uid(of: str) -> str:
    """Return the UUID that something has."""
    return str(uuid5(NAMESPACE_URL, of))
