"""SendGrid, as its descriptions tsg_mail_v3 and tsg_suppressions_v3 and its pages on errors and scheduled sends say.

What is not published is marked (u). Not here: templates, attachments, single sends, subusers.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from fakes.ground import Copy, Fake, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PERSONALIZATIONS = 1_000  # a call
MOST_PEOPLE = 1_000  # a call: to, cc and bcc
MOST_BYTES = 30 * 1024 * 1024  # a message
MOST_SUBSTITUTIONS = 10_000  # bytes, a personalization
MOST_ARGUMENTS = 10_000  # bytes of custom_args
MOST_CATEGORIES = 10
MOST_BATCHES = 10  # cancelled or paused at one time
LIMIT_SCHEDULE = timedelta(hours=72)
LIMIT_CANCEL = timedelta(minutes=10)  # before the time of sending
PAGE = 500  # suppressions
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to",
            "from", "subject", "reply-to", "cc", "bcc"}  # fmt: skip
KNOWN = {"personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
         "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
         "tracking_settings"}  # fmt: skip
LISTS = {"unsubscribes": "unsubscribed", "bounces": "bounced", "spam_reports": "complained"}


class FakeSendGrid(Fake):
    """An account that tracks opens and clicks and adds its unsubscribe link, unless a message says otherwise."""

    key = "SG.c2VuZGdyaWQ.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
    secrets: ClassVar = {"SENDGRID_API_KEY": key}
    group = 7  # the one unsubscribe group there is

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.batches: dict[str, str] = {}  # id: "", "pause" or "cancel"
        self.parts: dict[str, list[Copy]] = {}  # of a batch
        self.left_group: dict[str, datetime] = {}
        self.figures: list[tuple[str, str, str]] = []  # day, category, metric

    @property
    def copies(self) -> list[Copy]:
        """What has been delivered by now: nothing of a batch that was cancelled or paused."""
        with self.lock:
            held = {copy.id for number, parts in self.parts.items() if self.batches[number] for copy in parts}
            return [copy for copy in super().copies if copy.id not in held]

    def let_in(self, seen: Seen) -> None:
        """Check the key."""
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(401, fault("The provided authorization grant is invalid, expired, or revoked"))

    def missing(self, _seen: Seen) -> Answer:
        """Answer for what is not there."""
        return Answer(fault("not found"), 404)

    def busy(self, seconds: int = 2) -> Fault:
        """The headers say when to come back, in Unix time."""
        at = int(self.now.timestamp()) + seconds
        head = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(at)}
        return answering(429, fault("too many requests"), head)

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, fault("internal server error"))

    def happened(self, reason: str, copy: Copy) -> None:
        """Count it for the category of the copy."""
        self.note(copy, {v: k for k, v in LISTS.items()}[reason])

    def note(self, copy: Copy, metric: str) -> None:
        """Count something for each category of a copy."""
        self.figures += [(f"{self.now:%Y-%m-%d}", category, metric) for category in copy.reference.split("\n")]

    # Sending

    @answers("POST /v3/mail/send")
    def send(self, seen: Seen) -> Answer:
        """Take a message for up to 1,000 people, or nothing of it; what becomes of each is never told."""
        if len(seen.body) > MOST_BYTES:
            raise Refused(413, fault("content too large"))
        try:
            mail = seen.json()
        except ValueError:
            raise Refused(400, fault("Bad Request")) from None
        self.check(mail)
        number = uuid4().hex
        if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Answer(status=200, headers={"X-Message-Id": number})
        for one in mail["personalizations"]:
            for address in addresses(one):
                self.take(mail, one, address, f"{number}.{len(self.delivered)}")
        return Answer(status=202, headers={"X-Message-Id": number})

    def check(self, mail: dict[str, Any]) -> None:
        """Check the request. Raises Refused."""
        if unknown := sorted(set(mail) - KNOWN):
            raise Refused(400, fault(f"Additional property {unknown[0]} is not allowed"))
        parts = mail.get("personalizations")
        if not parts:
            raise Refused(400, fault("You must have at least one personalization.", "personalizations"))
        if len(parts) > MOST_PERSONALIZATIONS:
            said = f"limited to 1000 personalizations per API request. You have provided {len(parts)} personalizations."
            said = f"The personalization block is {said}"
            raise Refused(400, fault(said, "personalizations"))
        everybody = [address for one in parts for address in addresses(one)]
        if len(everybody) > MOST_PEOPLE:
            said = "There is a limit of 1000 total recipients (to + cc + bcc) per request."
            raise Refused(400, fault(said, "personalizations"))
        twice = [address for address, count in Counter(map(str.lower, everybody)).items() if count > 1]
        if twice:
            said = "Each unique email address in the personalizations array should only be included once."
            said += f" You have included [{twice[0]}] more than once."
            raise Refused(400, fault(said, "personalizations"))
        for place, one in enumerate(parts):
            self.check_part(one, f"personalizations.{place}")
        if self.is_bad(mail.get("from", {}).get("email", "")):
            raise Refused(400, fault("The from object must be provided for every email send.", "from.email"))
        self.check_content(mail)
        self.check_labels(mail)
        for when in (mail.get("send_at"), *(one.get("send_at") for one in parts)):
            if when is not None and datetime.fromtimestamp(when, UTC) - self.now > LIMIT_SCHEDULE:
                raise Refused(400, fault("Scheduling more than 72 hours in advance is forbidden.", "send_at"))

    def check_part(self, one: Mapping[str, Any], place: str) -> None:
        """Check one personalization. Raises Refused."""
        if not one.get("to"):
            raise Refused(400, fault("The to parameter is required for all personalization objects.", f"{place}.to"))
        if any(self.is_bad(address) for address in addresses(one)):
            raise Refused(400, fault("Does not contain a valid address.", f"{place}.to.0.email"))
        values = one.get("substitutions", {})
        if not all(isinstance(value, str) for value in values.values()):
            raise Refused(400, fault("The substitution values must be strings.", f"{place}.substitutions"))
        if sum(len(k.encode()) + len(v.encode()) for k, v in values.items()) > MOST_SUBSTITUTIONS:
            said = "The substitutions for any single personalization must not exceed 10000 bytes."
            raise Refused(400, fault(said, f"{place}.substitutions"))
        if reserved := [name for name in one.get("headers", {}) if name.lower() in RESERVED]:
            raise Refused(400, fault(f"The header {reserved[0]} is a reserved header.", f"{place}.headers"))

    def check_content(self, mail: Mapping[str, Any]) -> None:
        """Check what is written. Raises Refused."""
        if not (mail.get("subject") or all(one.get("subject") for one in mail["personalizations"])):
            raise Refused(400, fault("The subject is required.", "subject"))
        kinds = [part.get("type") for part in mail.get("content", [])]
        if not kinds or not all(part.get("value") for part in mail["content"]):
            raise Refused(400, fault("The content value must be a string at least one character in length.", "content"))
        if kinds not in (["text/plain"], ["text/html"], ["text/plain", "text/html"]):
            said = "If present, text/plain and text/html may only be provided once, text/plain first."
            raise Refused(400, fault(said, "content"))

    def check_labels(self, mail: Mapping[str, Any]) -> None:
        """Check categories, arguments, the batch and the group. Raises Refused."""
        names = mail.get("categories", [])
        if len(names) > MOST_CATEGORIES or len(set(names)) < len(names) or any(len(name) > 255 for name in names):
            raise Refused(400, fault("Categories: 10 at most, unique, of 255 characters.", "categories"))
        if len(json.dumps(mail.get("custom_args", {})).encode()) > MOST_ARGUMENTS:
            raise Refused(400, fault("Custom arguments may not exceed 10000 bytes.", "custom_args"))
        if "batch_id" in mail and mail["batch_id"] not in self.batches:
            raise Refused(400, fault("invalid batch id", "batch_id"))
        if mail.get("asm", {}).get("group_id", self.group) != self.group:
            raise Refused(400, fault("The group_id is not one of yours.", "asm.group_id"))

    def take(self, mail: dict[str, Any], one: dict[str, Any], address: str, number: str) -> None:
        """Deliver the copy of one person, or drop it for somebody who has left."""
        copy = self.copy(mail, one, address, number)
        self.note(copy, "requests")
        if "batch_id" in mail:
            self.parts.setdefault(mail["batch_id"], []).append(copy)
        if self.gone(address) or ("asm" in mail and address.lower() in self.left_group):
            drops = {"bounced": "bounce_drops", "complained": "spam_report_drops"}
            self.note(copy, drops.get(self.gone(address), "unsubscribe_drops"))
            return
        self.note(copy, "delivered")
        self.delivered.append(copy)

    def copy(self, mail: dict[str, Any], one: dict[str, Any], address: str, number: str) -> Copy:
        """Return the copy of one person: a key, with whatever marks it, gives way to its value as it stands."""

        def filled(text: str) -> str:
            for key, value in one.get("substitutions", {}).items():
                text = text.replace(key, value)
            return text

        parts = {part["type"]: filled(part["value"]) for part in mail["content"]}
        settings = mail.get("tracking_settings", {})
        if settings.get("subscription_tracking", {}).get("enable", True):
            parts = {kind: f"{text}\nhttps://unsubscribe.example.net/{number}" for kind, text in parts.items()}
        kinds = {"opens": "open_tracking", "clicks": "click_tracking"}
        tracked = frozenset(kind for kind, name in kinds.items() if settings.get(name, {}).get("enable", True))
        subject = filled(one.get("subject") or mail["subject"])
        head = {
            "From": shown(one.get("from") or mail["from"]),
            "To": ", ".join(map(shown, one["to"])),
            "Subject": subject,
        }
        if "cc" in one:
            head["Cc"] = ", ".join(map(shown, one["cc"]))
        if "reply_to" in mail:
            head["Reply-To"] = filled(shown(mail["reply_to"]))
        head |= mail.get("headers", {}) | one.get("headers", {})
        when = one.get("send_at", mail.get("send_at"))
        due = max(datetime.fromtimestamp(when, UTC), self.now) if when else self.now
        reference = "\n".join(mail.get("categories", []))
        html, text = parts.get("text/html", ""), parts.get("text/plain", "")
        return Copy(address, subject, html, text, head, tracked, number, due, reference)

    # Taking back

    @answers("POST /v3/mail/batch")
    def add_batch(self, _seen: Seen) -> Answer:
        """Make an id under which what is scheduled can be cancelled."""
        self.batches[number := uuid4().hex] = ""
        return Answer({"batch_id": number}, 201)

    @answers("GET /v3/mail/batch/{number}")
    def find_batch(self, _seen: Seen, number: str) -> Answer:
        """Say whether there is such an id."""
        if number not in self.batches:
            raise Refused(404, fault("batch id not found"))
        return Answer({"batch_id": number})

    @answers("POST /v3/user/scheduled_sends")
    def cancel(self, seen: Seen) -> Answer:
        """Cancel or pause a batch, ten minutes before its time at the latest."""
        asked = seen.json()
        number, status = asked.get("batch_id"), asked.get("status")
        if number not in self.batches or status not in {"cancel", "pause"}:
            raise Refused(400, fault("invalid batch id" if number not in self.batches else "invalid status"))
        if self.batches[number]:
            raise Refused(400, fault("a status for this batch id exists, try PATCH to update the status"))
        if sum(map(bool, self.batches.values())) >= MOST_BATCHES:
            raise Refused(400, fault("You may only have 10 batches cancelled or paused at one time."))  # (u) its words
        if any(copy.due - self.now < LIMIT_CANCEL for copy in self.parts.get(number, [])):
            raise Refused(
                400, fault("The batch cannot be cancelled within 10 minutes of its send time.")
            )  # (u) its words
        self.batches[number] = status
        return Answer({"batch_id": number, "status": status}, 201)

    @answers("GET /v3/user/scheduled_sends", "GET /v3/user/scheduled_sends/{number}")
    def cancelled(self, _seen: Seen, number: str = "") -> Answer:
        """Tell what is cancelled or paused."""
        told = [{"batch_id": key, "status": value} for key, value in self.batches.items() if value]
        return Answer([one for one in told if number in {"", one["batch_id"]}])

    @answers("DELETE /v3/user/scheduled_sends/{number}")
    def resume(self, _seen: Seen, number: str) -> Answer:
        """Let a batch go its way again."""
        if not self.batches.get(number):
            raise Refused(404, fault("batch id not found"))
        self.batches[number] = ""
        return Answer(status=204)

    # Looking up

    @answers("GET /v3/scopes")
    def scopes(self, _seen: Seen) -> Answer:
        """Tell what the key may do."""
        return Answer({"scopes": ["mail.send", "mail.batch.create", "suppression.read", "categories.stats.read"]})

    @answers("GET /v3/categories/stats")
    def count(self, seen: Seen) -> Answer:
        """Count by day and category; the first day must be given, and is where it starts."""
        start = seen.query.get("start_date", [""])[0]
        if not start or "categories" not in seen.query:
            raise Refused(400, fault("missing start_date" if not start else "missing categories"))
        today = f"{self.now:%Y-%m-%d}"
        end = seen.query.get("end_date", [today])[0]
        days = sorted({day for day, _, _ in self.figures if start <= day <= end} | {start})
        return Answer([{"date": day, "stats": list(self.counted(day, seen.query["categories"]))} for day in days])

    def counted(self, day: str, categories: list[str]) -> Iterator[dict[str, Any]]:
        """Yield the figures of a day."""
        names = ("blocks", "bounce_drops", "bounces", "clicks", "deferred", "delivered", "invalid_emails", "opens",
                 "processed", "requests", "spam_report_drops", "spam_reports", "unique_clicks", "unique_opens",
                 "unsubscribe_drops", "unsubscribes")  # fmt: skip
        for category in categories:
            found = Counter(metric for its, name, metric in self.figures if (its, name) == (day, category))
            found["processed"] = found["delivered"]
            yield {"type": "category", "name": category, "metrics": {name: found[name] for name in names}}

    # Who has left

    @answers("GET /v3/suppression/{kind}")
    def list_left(self, seen: Seen, kind: str) -> Answer:
        """Return a page of those who left, from a place in the list on; the last page is short."""
        if kind not in LISTS:
            raise Refused(404, fault("not found"))
        asked = {name: int(values[0]) for name, values in seen.query.items() if name != "email"}
        if not 1 <= asked.get("limit", PAGE) <= PAGE:
            raise Refused(400, fault("limit must be between 1 and 500", "limit"))
        more = {"bounces": {"reason": "550 5.1.1 no such user", "status": "5.1.1"}, "spam_reports": {"ip": "192.0.2.1"}}
        told = [
            {"created": int(when.timestamp()), "email": address, **more.get(kind, {})}
            for address, when in self.left[LISTS[kind]].items()
            if asked.get("start_time", 0) <= int(when.timestamp()) <= asked.get("end_time", 1 << 40)
        ]
        start = asked.get("offset", 0)
        return Answer(told[start : start + asked.get("limit", PAGE)])

    @answers("POST /v3/asm/suppressions/global", "POST /v3/asm/groups/{group}/suppressions")
    def add_left(self, seen: Seen, group: str = "") -> Answer:
        """Add people to the group; to a group that is not there means to all mail."""
        people = self.left_group if group == str(self.group) else self.left["unsubscribed"]
        asked = seen.json()["recipient_emails"]
        people.update({address.lower(): self.now for address in asked})
        return Answer({"recipient_emails": asked}, 201)

    @answers("GET /v3/asm/groups/{group}/suppressions")
    def list_group(self, _seen: Seen, group: str) -> Answer:
        """Tell who has left the group."""
        if group != str(self.group):
            raise Refused(404, fault("not found"))
        return Answer(list(self.left_group))

    @answers("DELETE /v3/asm/suppressions/global/{address}", "DELETE /v3/asm/groups/{group}/suppressions/{address}")
    def remove_left(self, _seen: Seen, address: str, group: str = "") -> Answer:
        """Write to somebody again."""
        (self.left_group if group else self.left["unsubscribed"]).pop(address.lower(), None)
        return Answer(status=204)


def fault(said: str, field: str | None = None) -> dict[str, Any]:
    """Return an error as SendGrid words it."""
    return {"errors": [{"message": said, "field": field}]}


def addresses(one: Mapping[str, Any]) -> list[str]:
    """Return everybody whom a personalization writes to."""
    return [person["email"] for field in ("to", "cc", "bcc") for person in one.get(field, [])]


def shown(person: Mapping[str, str]) -> str:
    """Return how somebody stands in a header."""
    return f'"{person["name"]}" <{person["email"]}>' if person.get("name") else person["email"]
