"""Resend, as its description resend.yaml and its pages on errors, batches and idempotency keys say.

What is not published is marked (u). Not here: broadcasts, contacts, templates, attachments.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from fakes.ground import Copy, Fake, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MESSAGES = 100  # a batch
MOST_PEOPLE = 50  # a message
MOST_BYTES = 40 * 1024 * 1024  # a message, attachments encoded
MOST_KEY = 256  # characters of an idempotency key
MOST_SUPPRESSIONS = 100  # a call
MOST_COUNTED = 100  # ids in one question for figures
LIMIT_KEY = timedelta(hours=24)
LIMIT_SCHEDULE = timedelta(days=30)
ORIGINS = {"bounced": "bounce", "complained": "complaint", "unsubscribed": "manual"}
KNOWN = {"from", "to", "subject", "bcc", "cc", "reply_to", "html", "text", "template", "headers", "scheduled_at",
         "attachments", "tags", "topic_id"}  # fmt: skip


class FakeResend(Fake):
    """A team with one domain. Opens and clicks are tracked by the domain alone (*tracks*): no message can say no."""

    key = "re_abcdefgh_0123456789ABCDEFGHIJKLMN"
    secrets: ClassVar = {"RESEND_API_KEY": key}
    domain = "example.org"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.tracks: frozenset[str] = frozenset()
        self.emails: dict[str, dict[str, Any]] = {}  # by id, the oldest first
        self.kept: dict[str, tuple[datetime, str, bytes, Answer]] = {}  # what came and was said, by idempotency key
        self.numbers: dict[str, str] = {}  # of suppressions, by address

    @property
    def copies(self) -> list[Copy]:
        """What has been delivered by now: nothing that was cancelled."""
        with self.lock:
            return [copy for copy in super().copies if self.emails[copy.id]["last_event"] != "canceled"]

    def let_in(self, seen: Seen) -> None:
        """Check the key, and that the client says who it is."""
        if not seen.headers.get("user-agent"):
            raise refused(403, "forbidden", "error code: 1010")  # (u)
        if not seen.headers.get("authorization", "").startswith("Bearer "):
            raise refused(401, "missing_api_key", "Missing API key in the authorization header.")
        if seen.headers["authorization"] != f"Bearer {self.key}":
            raise refused(403, "invalid_api_key", "API key is invalid.")

    def missing(self, _seen: Seen) -> Answer:
        """Answer for what is not there."""
        return Answer(fault(404, "not_found", "The requested endpoint does not exist."), 404)

    def busy(self, seconds: int = 2) -> Fault:
        """The headers say when to come back, in seconds."""
        head = {"ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": str(seconds)}
        said = "Too many requests. Please limit the number of requests per second."
        return answering(429, fault(429, "rate_limit_exceeded", said), {**head, "retry-after": str(seconds)})

    def used_up(self) -> Fault:
        """The day's quota: the same status, and waiting a little does not help."""
        return answering(429, fault(429, "daily_quota_exceeded", "You have reached your daily email quota."))

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, fault(500, "internal_server_error", "An unexpected error occurred."))

    def happened(self, reason: str, copy: Copy) -> None:
        """Let the email tell of it."""
        if reason != "unsubscribed":
            self.emails[copy.id]["last_event"] = reason

    def number(self, address: str) -> str:
        """Return the id of a suppression."""
        return self.numbers.setdefault(address.lower(), str(uuid4()))

    # Sending

    @answers("POST /emails")
    def send(self, seen: Seen) -> Answer:
        """Take one message, maybe for later."""

        def answer() -> Answer:
            mail = self.read(seen, dict)
            if wrong := self.wrong_with(mail):
                raise refused(422, "validation_error", wrong)
            return Answer({"id": self.take(mail)})

        return self.once(seen, answer)

    @answers("POST /emails/batch")
    def send_batch(self, seen: Seen) -> Answer:
        """Take up to 100 messages, all or none; in permissive mode those that are right, and what is wrong is told."""

        def answer() -> Answer:
            mails = self.read(seen, list)
            if not 1 <= len(mails) <= MOST_MESSAGES:
                raise refused(422, "validation_error", f"A batch has 1 to {MOST_MESSAGES} emails.")  # (u) its words
            wrong = {place: said for place, mail in enumerate(mails) if (said := self.wrong_with(mail, in_batch=True))}
            if wrong and seen.headers.get("x-batch-validation") != "permissive":
                raise refused(422, "validation_error", next(iter(wrong.values())))
            told = [{"id": self.take(mail)} for place, mail in enumerate(mails) if place not in wrong]
            errors = [{"index": place, "message": said} for place, said in wrong.items()]
            is_permissive = seen.headers.get("x-batch-validation") == "permissive"
            return Answer({"data": told, **({"errors": errors} if is_permissive else {})})

        return self.once(seen, answer)

    def once(self, seen: Seen, answer: Any) -> Answer:
        """Answer, or with a key of the last 24 hours say again what was said, having done nothing. Raises Refused."""
        key = seen.headers.get("idempotency-key")
        if key is None:
            told: Answer = answer()
            return told
        if not 1 <= len(key) <= MOST_KEY:
            raise refused(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        when, path, body, told = self.kept.get(key, (self.now, "", b"", Answer()))
        if key in self.kept and self.now - when < LIMIT_KEY:
            if (path, body) != (seen.path, seen.body):
                said = "This idempotency key has been used on a request that had a different payload."
                raise refused(409, "invalid_idempotent_request", said)
            return told
        told = answer()
        self.kept[key] = (self.now, seen.path, seen.body, told)
        return told

    def read(self, seen: Seen, kind: type) -> Any:
        """Return what a request says. Raises Refused."""
        try:
            asked = seen.json()
        except ValueError:
            asked = None
        if not isinstance(asked, kind):
            raise refused(400, "validation_error", "The request body is not valid JSON.")  # (u) its words
        return asked

    def wrong_with(self, mail: Mapping[str, Any], *, in_batch: bool = False) -> str:
        """Return what is wrong with a message, the empty string if all is well."""
        for field in ("from", "to", "subject"):
            if not mail.get(field):
                return f"Missing `{field}` field."
        if unknown := sorted(set(mail) - KNOWN):
            return f"Unknown field `{unknown[0]}`."  # (u): whether it is refused
        people = everybody(mail)
        if len(named(mail, "to")) > MOST_PEOPLE:
            return f"The `to` field has {MOST_PEOPLE} addresses at most."  # (u) its words
        if any(map(self.is_bad, people)) or self.is_bad(getaddresses([mail["from"]])[0][1]):
            return "Invalid `to` field. The email address needs to follow the `email@example.com` format."
        if not (mail.get("html") or mail.get("text")):
            return "Missing `html` or `text` field."
        return self.wrong_beside(mail, in_batch=in_batch)

    def wrong_beside(self, mail: Mapping[str, Any], *, in_batch: bool) -> str:
        """Return what is wrong with size, tags and time."""
        if len(json.dumps(mail)) > MOST_BYTES:
            return "The email is too large."  # (u) its words
        for tag in mail.get("tags", []):
            if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag[part]) for part in ("name", "value")):
                return "Tags should only contain ASCII letters, numbers, underscores, or dashes."
        if in_batch and {"attachments", "scheduled_at"} & set(mail):
            return "Attachments and scheduling are not supported in a batch."  # (u) for scheduling: pages disagree
        if "scheduled_at" in mail and moment(mail["scheduled_at"]) - self.now > LIMIT_SCHEDULE:
            return "The `scheduled_at` field is too far in the future."  # (u) its words
        return ""

    def take(self, mail: Mapping[str, Any]) -> str:
        """Deliver a message and return its id; those who have left get nothing, which only the look-up tells."""
        number = str(uuid4())
        due = max(moment(mail["scheduled_at"]), self.now) if "scheduled_at" in mail else self.now
        gone = [address for address in everybody(mail) if self.gone(address)]
        lists = {name: named(mail, name) for name in ("to", "cc", "bcc", "reply_to")}
        told = {
            "object": "email",
            "id": number,
            "message_id": f"<{number}@{self.domain}>",
            "from": mail["from"],
            **lists,
        }
        told |= {
            "created_at": self.now.isoformat(),
            "subject": mail["subject"],
            "scheduled_at": mail.get("scheduled_at"),
        }
        event = "suppressed" if gone else "scheduled" if due > self.now else "delivered"
        self.emails[number] = {**told, "html": mail.get("html", ""), "text": mail.get("text", ""), "last_event": event}
        head = {"From": mail["from"], "Subject": mail["subject"], "To": ", ".join(lists["to"])}
        head |= {name: ", ".join(lists[k]) for name, k in (("Cc", "cc"), ("Reply-To", "reply_to")) if lists[k]}
        head |= mail.get("headers", {})
        reference = "\n".join(tag["value"] for tag in mail.get("tags", []))
        html, text = mail.get("html", ""), mail.get("text", "")
        for address in everybody(mail):
            if address not in gone:
                copy = Copy(address, mail["subject"], html, text, head, self.tracks, number, due, reference)
                self.delivered.append(copy)
        return number

    # Looking up, and taking back

    @answers("GET /emails")
    def list_emails(self, seen: Seen) -> Answer:
        """Return a page of emails, the newest first, after the one named."""
        return self.page(seen, [self.shown(one) for one in reversed(self.emails.values())])

    @answers("GET /emails/metrics")
    def count(self, seen: Seen) -> Answer:
        """Count what became of the emails named, at most 100, or of all."""
        asked = {name: ",".join(values).split(",") for name, values in seen.query.items()}
        if "dimensions" in asked:
            raise NotImplementedError
        if len(asked.get("email_id", [])) > MOST_COUNTED:
            raise refused(422, "validation_error", "The `email_id` list has 100 ids at most.")  # (u) its words
        events = [self.shown(self.emails[one])["last_event"] for one in asked.get("email_id", self.emails)]
        delivered = events.count("delivered") + events.count("complained")
        known = {name: events.count(name) for name in ("complained", "suppressed", "bounced")}
        known |= {"delivered": delivered, "sent": delivered + known["bounced"], "unsubscribed": 0}
        totals = {name: known[name] for name in asked.get("metrics", known)}
        told = {"object": "metrics", "end_date": self.now.isoformat(), "granularity": "daily", "totals": totals}
        start = asked.get("start_date", [(self.now - timedelta(days=6)).isoformat()])[0]
        return Answer({**told, "start_date": start, "metrics": list(totals), "dimensions": []})

    @answers("GET /emails/{number}")
    def find_email(self, _seen: Seen, number: str) -> Answer:
        """Return one email."""
        if number not in self.emails:
            raise refused(404, "not_found", "Email not found")
        return Answer(self.shown(self.emails[number]))

    @answers("POST /emails/{number}/cancel")
    def cancel(self, _seen: Seen, number: str) -> Answer:
        """Take back what is scheduled."""
        email = self.emails.get(number)
        if email is None or self.shown(email)["last_event"] != "scheduled":
            raise refused(422, "validation_error", "Email is not scheduled")  # (u) its words
        email["last_event"] = "canceled"
        return Answer({"object": "email", "id": number})

    @answers("GET /domains")
    def domains(self, seen: Seen) -> Answer:
        """Tell of the domain, and whether it tracks."""
        tracking = {"open_tracking": "opens" in self.tracks, "click_tracking": "clicks" in self.tracks}
        told = {"id": str(uuid4()), "name": self.domain, "status": "verified", "region": "eu-west-1", **tracking}
        return self.page(seen, [{**told, "created_at": self.now.isoformat()}])

    def shown(self, email: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is told of an email: what was scheduled is delivered once its time has come."""
        is_over = email["last_event"] == "scheduled" and moment(email["scheduled_at"]) <= self.now
        return {**email, "last_event": "delivered" if is_over else email["last_event"]}

    # Who has left

    @answers("GET /suppressions")
    def list_left(self, seen: Seen) -> Answer:
        """Return a page of those who left, the newest first."""
        origin = seen.query.get("origin", [""])[0]
        told = [
            {"id": self.number(address), "email": address, "origin": ORIGINS[reason], "source_id": None,
             "created_at": when.isoformat()}
            for reason, people in self.left.items() for address, when in people.items()
        ]  # fmt: skip
        told.sort(key=lambda one: str(one["created_at"]), reverse=True)
        return self.page(seen, [one for one in told if origin in {"", one["origin"]}])

    @answers("POST /suppressions", "POST /suppressions/batch/add")
    def add_left(self, seen: Seen) -> Answer:
        """Add one person, or up to 100."""
        asked = self.read(seen, dict)
        people = asked.get("emails", [asked.get("email", "")])
        if len(people) > MOST_SUPPRESSIONS or any(map(self.is_bad, people)):
            raise refused(422, "validation_error", f"1 to {MOST_SUPPRESSIONS} valid addresses.")  # (u) its words
        for address in people:
            self.left["unsubscribed"][address.lower()] = self.now
        told = [{"object": "suppression", "id": self.number(one)} for one in people]
        return Answer({"data": told} if "emails" in asked else told[0], 201)

    @answers("DELETE /suppressions/{who}")
    def remove_left(self, _seen: Seen, who: str) -> Answer:
        """Write to somebody again, named by address or by id."""
        address = next((one for one, number in self.numbers.items() if number == who), who.lower())
        if not any(people.pop(address, None) for people in self.left.values()):
            raise refused(404, "not_found", "Suppression not found")
        return Answer({"object": "suppression", "id": self.number(address), "deleted": True})

    def page(self, seen: Seen, told: list[dict[str, Any]]) -> Answer:
        """Return a page: up to 100 after the id that the client saw last. Raises Refused."""
        limit = int(seen.query.get("limit", ["20"])[0])
        if not 1 <= limit <= 100:
            raise refused(422, "validation_error", "The `limit` is 1 to 100.")  # (u) its words
        if "after" in seen.query:
            told = told[[one["id"] for one in told].index(seen.query["after"][0]) + 1 :]
        return Answer({"object": "list", "has_more": len(told) > limit, "data": told[:limit]})


def fault(status: int, name: str, said: str) -> dict[str, Any]:
    """Return an error as Resend words it."""
    return {"statusCode": status, "name": name, "message": said}


def refused(status: int, name: str, said: str) -> Refused:
    """Return a refusal."""
    return Refused(status, fault(status, name, said))


def named(mail: Mapping[str, Any], field: str) -> list[str]:
    """Return those in a field, which is one address or a list."""
    value = mail.get(field) or []
    return [value] if isinstance(value, str) else value


def everybody(mail: Mapping[str, Any]) -> list[str]:
    """Return the addresses of all whom a message goes to."""
    return [address for name in ("to", "cc", "bcc") for _, address in getaddresses(named(mail, name))]


def moment(said: str) -> datetime:
    """Read a time of ISO 8601."""
    return datetime.fromisoformat(said).astimezone(UTC)
