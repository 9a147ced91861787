"""Mailgun, as its API reference and manual describe it (messages, events, metrics, suppressions).

What is not published is marked (u). Not here: mailing lists, templates, attachments, taking back what is scheduled,
metrics by anything but the tag.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from fakes.ground import Copy, Fake, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    Variables = dict[str, dict[str, Any]]

MOST_PEOPLE = 1_000  # a call
MOST_BYTES = 25 * 1024 * 1024  # a message
MOST_OPTIONS = 16 * 1024  # bytes of all fields that begin with o:, h:, v: or t:
MOST_EVENTS = 300  # a page
MOST_RECORDS = 1_000  # suppressions in one call
MOST_TAGS = 10  # a message
LIMIT_SCHEDULE = timedelta(days=7)  # the longest of any plan

VARIABLE = re.compile(r"%(recipient(?:[._][^%\s]+)?)%")
LISTS = {"unsubscribes": "unsubscribed", "bounces": "bounced", "complaints": "complained"}
# How the failed event of a copy that was suppressed gives the reason.
SUPPRESSED = {"bounced": ("bounce", 605), "unsubscribed": ("unsubscribe", 606), "complained": ("complaint", 607)}
OFF = ("no", "false")
SWITCHES = {"", "yes", "no", "true", "false", "htmlonly"}


class Form:
    """The fields of one call, several of a name kept."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.values: dict[str, list[str]] = {}
        for name, value in fields:
            self.values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        """Return every value of *name*."""
        return self.values.get(name, [])

    def one(self, name: str) -> str:
        """Return the last value of *name*, or the empty string."""
        return (self.all(name) or [""])[-1]

    def below(self, prefix: str) -> dict[str, str]:
        """Return what stands under names that begin so."""
        return {name.removeprefix(prefix): self.one(name) for name in self.values if name.startswith(prefix)}


class FakeMailgun(Fake):
    """One account with one domain, whose opens and clicks are tracked unless a message says otherwise."""

    key = "key-5f2b1c9d8e7a6f504132435465768798"
    secrets: ClassVar = {"MAILGUN_API_KEY": key}
    domain = "mg.example.org"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.events: list[dict[str, Any]] = []
        self.only: dict[str, list[str]] = {}  # address: the tags it has unsubscribed from, where not from all

    def let_in(self, seen: Seen) -> None:
        """Check the key: HTTP Basic, the user is "api"."""
        if seen.headers.get("authorization") != "Basic " + b64encode(f"api:{self.key}".encode()).decode():
            raise Refused(401, "Forbidden")

    def missing(self, _seen: Seen) -> Answer:
        """Answer as Mailgun does on any path that leads nowhere: with a success."""
        return Answer("Mailgun Magnificent API")

    def busy(self, seconds: int = 2) -> Fault:
        """The wait stands in the text alone."""
        said = f"Domain {self.domain} is not allowed to send: account-requests-per-sec limit exceeded, try again after"
        return answering(429, {"message": f"{said} {seconds} seconds"})

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, {"message": "Internal Server Error"})

    def happened(self, reason: str, copy: Copy) -> None:
        """Let the event bear the tags of the copy."""
        more = {"severity": "permanent", "reason": "bounce"} if reason == "bounced" else {}
        self.tell("failed" if reason == "bounced" else reason, copy, self.now, **more)

    def tell(self, event: str, copy: Copy, at: datetime, **more: Any) -> None:
        """Write an event down."""
        head = {"to": copy.headers["To"], "from": copy.headers["From"], "subject": copy.headers["Subject"]}
        told: dict[str, Any] = {"id": f"event-{len(self.events)}", "event": event, "timestamp": at.timestamp()}
        told |= {"recipient": copy.to, "tags": copy.reference.split("\n"), "log-level": "info", **more}
        message = {"headers": {**head, "message-id": copy.id}, "attachments": [], "size": len(copy.html + copy.text)}
        self.events.append({**told, "message": message})

    # Sending

    @answers("POST /v3/{domain}/messages")
    def send(self, seen: Seen, domain: str) -> Answer:
        """Take a message for up to 1,000 people, or nothing of it."""
        self.check_domain(domain)
        form = Form(seen.form())
        people = {field: getaddresses(form.all(field)) for field in ("from", "to", "cc", "bcc")}
        variables = self.check(form, people, len(seen.body))
        number = f"{self.now:%Y%m%d%H%M%S}.{len(self.log):016x}@{domain}"
        for name, address in people["to"] + people["cc"] + people["bcc"]:
            self.take(self.copy(form, name, address, variables), f"<{number}>", form)
        return Answer({"id": f"<{number}>", "message": "Queued. Thank you."})

    def check(self, form: Form, people: Mapping[str, list[tuple[str, str]]], size: int) -> Variables | None:
        """Return the recipient variables, if any. Raises Refused."""
        if size > MOST_BYTES:
            raise Refused(413, {"message": "Request Entity Too Large"})  # (u) its words
        for field in ("from", "to", "subject"):
            if not form.one(field):
                raise Refused(400, {"message": f"{field} parameter is missing"})
        if not (form.one("text") or form.one("html")):
            said = "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
            raise Refused(400, {"message": said})
        for field, named in people.items():
            if any(self.is_bad(address) for _, address in named):
                raise Refused(400, {"message": f"{field} parameter is not a valid address. please check documentation"})
        if sum(map(len, people.values())) - 1 > MOST_PEOPLE:
            raise Refused(400, {"message": f"to parameter exceeds {MOST_PEOPLE} recipients"})  # (u) its words
        options = [(k, v) for k, vs in form.values.items() for v in vs if k[:2] in {"o:", "h:", "v:", "t:"}]
        if sum(len(f"{k}{v}".encode()) for k, v in options) > MOST_OPTIONS:
            said = "Send options (parameters starting with o:, h:, or v:) are limited to 16KB total"
            raise Refused(400, {"message": said})
        self.check_options(form)
        return self.variables(form)

    def check_options(self, form: Form) -> None:
        """Check tags and the time. Raises Refused."""
        tags = form.all("o:tag")
        if len(tags) > MOST_TAGS or any(len(tag) > 128 or not tag.isascii() for tag in tags):
            raise Refused(400, {"message": "tags must be ASCII, 128 characters at most, 10 a message"})  # (u) its words
        if not {form.one(f"o:tracking{end}") for end in ("", "-clicks", "-opens")} <= SWITCHES:
            raise Refused(400, {"message": "o:tracking is not a valid boolean"})  # (u) its words
        if (at := form.one("o:deliverytime")) and moment(at) - self.now > LIMIT_SCHEDULE:
            raise Refused(400, {"message": "o:deliverytime is too far in the future"})  # (u) its words

    def variables(self, form: Form) -> Variables | None:
        """Return the recipient variables, None when there are none at all: {} is some."""
        if not form.all("recipient-variables"):
            return None
        try:
            read = json.loads(form.one("recipient-variables"))
        except ValueError:
            read = None
        if not isinstance(read, dict) or not all(isinstance(value, dict) for value in read.values()):
            raise Refused(400, {"message": "recipient-variables parameter is not a valid JSON"})  # (u) its words
        return read

    def copy(self, form: Form, name: str, address: str, variables: Variables | None) -> Copy:
        """Return the copy of one person. Without recipient variables everybody can read who else is written to."""
        head = {name: form.one(name.lower()) for name in ("From", "Subject")} | form.below("h:")
        if form.all("cc"):
            head["Cc"] = ", ".join(form.all("cc"))
        whole = f"{name} <{address}>" if name else address
        to = ", ".join(form.all("to")) if variables is None else whole
        known = {"recipient": whole, "recipient_email": address, "recipient_name": name}
        own = {f"recipient.{key}": str(value) for key, value in (variables or {}).get(address, {}).items()}
        put_in = known | own if variables is not None and form.one("o:testmode") != "yes" else {}

        def filled(text: str) -> str:
            return VARIABLE.sub(lambda found: put_in.get(found[1], found[0]), text)

        head = {key: filled(value) for key, value in head.items()}
        due = max(moment(form.one("o:deliverytime")), self.now) if form.one("o:deliverytime") else self.now
        html, text = filled(form.one("html")), filled(form.one("text"))
        reference = "\n".join(form.all("o:tag"))
        return Copy(address, head["Subject"], html, text, {"To": to, **head}, tracked(form), "", due, reference)

    def take(self, copy: Copy, number: str, form: Form) -> None:
        """Deliver a copy, or drop it for somebody who has left: Mailgun accepts those, too."""
        copy = replace(copy, id=number.strip("<>"), headers={**copy.headers, "Message-Id": number})
        self.tell("accepted", copy, self.now, method="HTTP")
        reason = self.gone(copy.to)
        if reason == "unsubscribed" and not {"*", *form.all("o:tag")} & {*self.only.get(copy.to.lower(), ["*"])}:
            reason = ""
        if reason:
            why, code = SUPPRESSED[reason]
            more = {"severity": "permanent", "reason": f"suppress-{why}", "delivery-status": {"code": code}}
            self.tell("failed", copy, copy.due, **more)
        else:
            self.delivered += [copy] if form.one("o:testmode") != "yes" else []
            self.tell("delivered", copy, copy.due)

    # Looking up

    @answers("GET /v3/{domain}/events", "GET /v3/{domain}/events/{page}")
    def find_events(self, seen: Seen, domain: str, page: str = "") -> Answer:
        """Return a page of events; beyond the last one it is empty, and only that says that it was the last."""
        self.check_domain(domain)
        asked, start = json.loads(urlsafe_b64decode(page)) if page else ({k: v[0] for k, v in seen.query.items()}, 0)
        if "begin" in asked and "end" not in asked and "ascending" not in asked:
            raise Refused(400, {"message": "'ascending' must be provided if the range end is not specified"})
        found = [event for event in self.events if self.is_asked(event, asked)]
        found.sort(key=lambda event: float(event["timestamp"]), reverse=asked.get("ascending") != "yes")
        limit = min(int(asked.get("limit", 100)), MOST_EVENTS)

        def link(at: int) -> str:
            token = urlsafe_b64encode(json.dumps([asked, max(at, 0)]).encode()).decode()
            return f"{self.url}/v3/{domain}/events/{token}"

        paging = {"next": link(start + limit), "previous": link(start - limit)}
        return Answer({"items": found[start : start + limit], "paging": paging})

    def is_asked(self, event: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
        """Say whether an event that has happened fits a query; a value may be several with OR between them."""
        when = event["timestamp"]
        if when > self.now.timestamp():
            return False
        turned = asked.get("ascending") != "yes" and "begin" in asked and "end" in asked
        start, end = (asked.get(name, "") for name in (("end", "begin") if turned else ("begin", "end")))
        if (start and when < moment(start).timestamp()) or (end and when > moment(end).timestamp()):
            return False
        head = event["message"]["headers"]
        fields = {"event": [event["event"]], "tags": event["tags"], "recipient": [event["recipient"]]}
        fields |= {"message-id": [head["message-id"]], "subject": [head["subject"]], "to": [head["to"]]}
        fields |= {"severity": [event.get("severity", "")], "from": [head["from"]]}
        return all(
            {part.strip(' "') for part in asked[k].split(" OR ")} & {*v} for k, v in fields.items() if k in asked
        )

    @answers("POST /v1/analytics/metrics")
    def count(self, seen: Seen) -> Answer:
        """Count events, by tag or as they are; without a start those of seven days."""
        asked = seen.json()
        start = moment(asked["start"]) if "start" in asked else self.now - timedelta(days=7)
        end = moment(asked["end"]) if "end" in asked else self.now
        found = [e for e in self.events if start.timestamp() <= e["timestamp"] < end.timestamp() + 1]  # whole seconds
        parts, by = asked.get("filter", {}).get("AND", []), asked.get("dimensions", [])
        if by not in ([], ["tag"]) or any((one["attribute"], one["comparator"]) != ("tag", "=") for one in parts):
            raise NotImplementedError
        for values in ({value["value"] for value in part["values"]} for part in parts):
            found = [e for e in found if values & {*e["tags"]}]
        names = asked.get("metrics", [])
        items: list[dict[str, Any]] = [] if by else [{"dimensions": [], "metrics": counts(found, names)}]
        for tag in sorted({tag for e in found for tag in e["tags"]}) if by else []:
            own = [{"dimension": "tag", "value": tag, "display_value": tag}]
            items.append({"dimensions": own, "metrics": counts([e for e in found if tag in e["tags"]], names)})
        told = {"start": format_datetime(start), "end": format_datetime(end), "resolution": "day", "items": items}
        totals = {"aggregates": {"metrics": counts(found, names)}} if asked.get("include_aggregates") else {}
        return Answer({**told, **totals, "pagination": {"sort": "", "skip": 0, "limit": 10, "total": len(items)}})

    # Who has left

    @answers("GET /v3/{domain}/{kind}")
    def list_left(self, seen: Seen, domain: str, kind: str) -> Answer:
        """Return a page of those who left; beyond the last one it is empty."""
        people = self.people(domain, kind)
        limit = min(int(seen.query.get("limit", ["100"])[0]), MOST_RECORDS)
        page, at = seen.query.get("page", ["first"])[0], seen.query.get("address", [""])[0]
        addresses = [one for one in sorted(people) if page != "next" or one > at]
        if page in {"previous", "last"}:
            addresses = [one for one in addresses if page == "last" or one < at][-limit:]
        items = [self.record(kind, one) for one in addresses[:limit]]
        ends = {"next": items[-1]["address"] if items else at, "previous": items[0]["address"] if items else at}

        def link(page: str) -> str:
            query = {"page": page, "address": ends.get(page, ""), "limit": limit}
            return f"{self.url}/v3/{domain}/{kind}?{urlencode(query)}"

        return Answer({"items": items, "paging": {name: link(name) for name in ("first", "last", "next", "previous")}})

    @answers("POST /v3/{domain}/{kind}")
    def add_left(self, seen: Seen, domain: str, kind: str) -> Answer:
        """Add one person by a form, or up to 1,000 as JSON."""
        people = self.people(domain, kind)
        is_json = seen.headers.get("content-type", "").startswith("application/json")
        records: list[dict[str, Any]] = seen.json() if is_json else [{**dict(seen.form())}]
        if len(records) > MOST_RECORDS:
            raise Refused(400, {"message": "Batch size should be less than 1000"})
        if any(self.is_bad(record.get("address", "")) for record in records):
            raise Refused(400, {"message": "Invalid address"})  # (u) its words
        for record in records:
            address = record["address"].lower()
            people[address] = moment(record["created_at"]) if record.get("created_at") else self.now
            if kind == "unsubscribes":
                tags = record.get("tags", record.get("tag", "*"))
                self.only[address] = tags if isinstance(tags, list) else [tags]
        return Answer({"message": f"{len(records)} addresses have been added to the {kind} table"})

    @answers("DELETE /v3/{domain}/{kind}/{address}")
    def remove_left(self, _seen: Seen, domain: str, kind: str, address: str) -> Answer:
        """Write to this person again."""
        if self.people(domain, kind).pop(address.lower(), None) is None:
            raise Refused(404, {"message": f"Address not found in {kind} table"})
        return Answer({"message": f"{kind.capitalize()} address has been removed", "address": address})

    def record(self, kind: str, address: str) -> dict[str, Any]:
        """Return what is told of one person."""
        own = {"unsubscribes": {"tags": self.only.get(address, ["*"])}, "complaints": {}}
        told = {"address": address, "created_at": f"{self.left[LISTS[kind]][address]:%a, %d %b %Y %H:%M:%S UTC}"}
        return told | own.get(kind, {"code": "550", "error": "No such mailbox"})

    def people(self, domain: str, kind: str) -> dict[str, datetime]:
        """Return those on one of the three lists. Raises Refused."""
        if kind not in LISTS:
            raise Refused(200, "Mailgun Magnificent API")
        self.check_domain(domain)
        return self.left[LISTS[kind]]

    def check_domain(self, domain: str) -> None:
        """Know only one's own domain. Raises Refused."""
        if domain != self.domain:
            raise Refused(404, {"message": f"Domain not found: {domain}"})


def moment(said: str) -> datetime:
    """Read Unix time, or a date of RFC 2822."""
    try:
        return datetime.fromtimestamp(float(said), UTC)
    except ValueError:
        return parsedate_to_datetime(said).astimezone(UTC)


def tracked(form: Form) -> frozenset[str]:
    """Return what is tracked: all that this domain tracks, unless the message says no."""
    both = form.one("o:tracking") or "yes"
    return frozenset(kind for kind in ("opens", "clicks") if (form.one(f"o:tracking-{kind}") or both) not in OFF)


def counts(events: list[dict[str, Any]], names: list[str]) -> dict[str, int]:
    """Return the metrics that were asked for; of those that were suppressed none has bounced."""
    kinds = Counter(e["event"] for e in events)
    why = Counter(e["reason"] for e in events if e["event"] == "failed")
    known = {f"{kind}_count": kinds[kind] for kind in ("accepted", "delivered", "failed", "unsubscribed", "complained")}
    known |= {"accepted_outgoing_count": kinds["accepted"], "permanent_failed_count": kinds["failed"]}
    known |= {"bounced_count": why["bounce"], "hard_bounces_count": why["bounce"], "soft_bounces_count": 0}
    known |= {"suppressed_bounces_count": why["suppress-bounce"], "sent_count": kinds["delivered"] + why["bounce"]}
    known |= {"suppressed_unsubscribed_count": why["suppress-unsubscribe"]}
    known |= {"suppressed_complaints_count": why["suppress-complaint"], "processed_count": kinds["accepted"]}
    return {name: known[name] for name in names}
