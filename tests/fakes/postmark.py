"""Postmark, as its API reference and support pages describe it (email, bulk, messages, stats, streams, suppressions).

What is not published is marked (u). Not here: stored templates, attachments, the account's own endpoints.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import getaddresses
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from fakes.ground import Copy, Fake, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_MESSAGES = 500  # a batch; bulk has no limit but its size
MOST_BYTES = 50 * 1024 * 1024  # a request
MOST_BYTES_EACH = 10 * 1024 * 1024  # a message
MOST_PEOPLE = 50  # a message
MOST_FOUND = 500  # a page
MOST_SUPPRESSIONS = 50  # a call
TEST_TOKEN = "POSTMARK_API_TEST"  # noqa: S105  everybody's: all is checked, nothing is sent

REASONS = {"bounced": "HardBounce", "complained": "SpamComplaint", "unsubscribed": "ManualSuppression"}
FOOTER = "Unsubscribe: "


class FakePostmark(Fake):
    """One server, which tracks opens and links unless a message says otherwise.

    Its streams are "outbound" and the broadcast stream "broadcast", where people can leave: there Postmark puts in a
    link of its own, unless its support has switched that off (*own_unsubscribe*).
    """

    key = "7c0f9d64-2b1a-4e8e-9a77-0123456789ab"
    secrets: ClassVar = {"POSTMARK_SERVER_TOKEN": key}
    streams: ClassVar = {"outbound": "Transactional", "broadcast": "Broadcasts"}

    def __init__(self, *, prefix: str = "", own_unsubscribe: bool = False) -> None:
        super().__init__(prefix=prefix)
        self.own_unsubscribe = own_unsubscribe
        self.sent: list[dict[str, Any]] = []  # as the search tells of them
        self.bulk: dict[str, dict[str, Any]] = {}
        self.figures: list[tuple[str, str]] = []  # what happened to the copies of a tag

    def let_in(self, seen: Seen) -> None:
        """Check the token, and that JSON is spoken."""
        if seen.headers.get("x-postmark-server-token") not in {self.key, TEST_TOKEN}:
            raise Refused(401, fault(10, "The Server Token you provided in the X-Postmark-Server-Token is not valid."))
        if seen.headers.get("accept") != "application/json":
            raise Refused(422, fault(409, "The 'Accept' header must be 'application/json'."))
        if seen.body and not seen.headers.get("content-type", "").startswith("application/json"):
            raise Refused(422, fault(409, "The 'Content-Type' header must be 'application/json'."))

    def missing(self, _seen: Seen) -> Answer:
        """Answer for what is not there."""
        return Answer("", 404)

    def busy(self, seconds: int = 2) -> Fault:  # noqa: ARG002  it does not tell
        """No header, no word of how long."""
        return answering(429, fault(429, "Rate limit exceeded."))

    def down(self) -> Fault:
        """Maintenance."""
        return answering(503, fault(100, "The Postmark API is offline for maintenance."))

    def happened(self, reason: str, copy: Copy) -> None:
        """Count it for the tag of the copy."""
        self.figures.append((reason, copy.reference))

    # Sending

    @answers("POST /email")
    def send(self, seen: Seen) -> Answer:
        """Take one message."""
        told = self.take(read(seen), seen)
        return Answer(told, 422 if told["ErrorCode"] else 200)

    @answers("POST /email/batch")
    def send_batch(self, seen: Seen) -> Answer:
        """Take up to 500 messages; what becomes of each is told in its place, and the answer is always a success."""
        messages = read(seen)
        if not isinstance(messages, list):
            raise Refused(422, fault(403, "Incompatible JSON"))
        if len(messages) > MOST_MESSAGES:
            raise Refused(422, fault(410, f"Too many batch messages: {MOST_MESSAGES} at most."))
        return Answer([self.take(message, seen) for message in messages])

    @answers("POST /email/bulk")
    def send_bulk(self, seen: Seen) -> Answer:
        """Take one body for any number of people, each with values of their own. What is wrong with one is not told."""
        asked = read(seen)
        if not asked.get("Messages"):
            raise Refused(422, fault(300, "Messages are missing."))
        for one in asked["Messages"]:
            parts = {name: asked.get(name, "") for name in ("Subject", "HtmlBody", "TextBody")}
            filled = {name: merged(text, one.get("TemplateModel", {}), name) for name, text in parts.items()}
            shared = {name: value for name, value in asked.items() if name != "Messages"}
            headers = [*asked.get("Headers", []), *one.get("Headers", [])]
            values = {**asked.get("Metadata", {}), **one.get("Metadata", {})}
            own = {"To": one["To"], "Headers": headers, "Metadata": values}
            self.take({**shared, **filled, **own}, seen)
        total = len(asked["Messages"])
        self.bulk[number := str(uuid4())] = {"TotalMessages": total, "SubmittedAt": stamp(self.now)}
        return Answer({"ID": number, "Status": "Accepted", "SubmittedAt": stamp(self.now)})

    @answers("GET /email/bulk/{number}")
    def find_bulk(self, _seen: Seen, number: str) -> Answer:
        """Say how far it is; its id is spelled in another way here."""
        if number not in self.bulk:
            raise Refused(404, fault(300, "Bulk request not found."))  # (u)
        return Answer({"Id": number, "Status": "Completed", "PercentageCompleted": 100.0, **self.bulk[number]})

    def take(self, message: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
        """Deliver one message, or say why not."""
        stream = message.get("MessageStream", "outbound")
        people = getaddresses([message[field] for field in ("To", "Cc", "Bcc") if message.get(field)])
        if wrong := self.wrong_with(message, stream, people):
            return wrong
        gone = [address for _, address in people if stream == "broadcast" and self.gone(address)]
        if len(gone) == len(people):
            said = "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: "
            said += f"{', '.join(gone)}. Inactive recipients are ones that have generated a hard bounce, a spam "
            return fault(406, said + "complaint, or a manual suppression.")
        number = str(uuid4())
        to = [address for _, address in people if address not in gone]
        if seen.headers["x-postmark-server-token"] != TEST_TOKEN:
            self.deliver(message, stream, to, number)
        return {
            "To": message["To"],
            "SubmittedAt": stamp(self.now),
            "MessageID": number,
            "ErrorCode": 0,
            "Message": "OK",
        }

    def wrong_with(self, message: Mapping[str, Any], stream: str, people: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Return what is wrong with a message, nothing if all is well."""
        bodies = [message.get(field) or "" for field in ("HtmlBody", "TextBody")]
        for field in ("From", "To"):
            for _, address in getaddresses([message.get(field, "")]):
                if self.is_bad(address):
                    return fault(300, f"Invalid '{field}' address: '{address}'.")
        if len(people) > MOST_PEOPLE:
            return fault(300, f"Recipients limit exceeded: {MOST_PEOPLE} at most.")
        if not any(bodies):
            return fault(300, "Provide either email TextBody or HtmlBody or both.")
        if sum(len(body.encode()) for body in bodies) > MOST_BYTES_EACH:
            return fault(300, "The message is too large.")  # (u) its words
        if stream not in self.streams:
            return fault(1235, f"The stream provided: '{stream}' does not exist on this server.")
        values = message.get("Metadata", {})
        if len(values) > 10 or any(not isinstance(v, str) or len(k) > 20 or len(v) > 80 for k, v in values.items()):
            return fault(300, "Metadata: 10 fields at most, names of 20 and values of 80 characters.")  # (u) its words
        return {}

    def deliver(self, message: Mapping[str, Any], stream: str, people: Sequence[str], number: str) -> None:
        """Deliver one message, to the few it may name: they see each other, but for Bcc."""
        names = {"From": "From", "To": "To", "Cc": "Cc", "Reply-To": "ReplyTo", "Subject": "Subject"}
        head = {name: message[field] for name, field in names.items() if message.get(field)}
        head |= {one["Name"]: one["Value"] for one in message.get("Headers", [])}
        html, text = message.get("HtmlBody") or "", message.get("TextBody") or ""
        tracks = message.get("TrackOpens", True), message.get("TrackLinks", "HtmlAndText")
        tracked = {"opens"} if tracks[0] else set()
        tracked |= {"clicks"} if tracks[1] != "None" else set()
        tag = message.get("Tag", "")
        for address in people:
            own, own_html, own_text = head, html, text
            if stream == "broadcast" and not self.own_unsubscribe:
                link = f"https://unsubscribe.example.net/{number}"
                own = {**head, "List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
                own_html, own_text = linked(html, link), linked(text, link)
            self.delivered.append(
                Copy(
                    address, head.get("Subject", ""), own_html, own_text, own, frozenset(tracked), number, self.now, tag
                )
            )
        who = [{"Email": address, "Name": name} for name, address in getaddresses([message["To"]])]
        told = {"Tag": tag, "MessageID": number, "To": who, "Cc": [], "Bcc": [], "Recipients": list(people)}
        told |= {"ReceivedAt": stamp(self.now), "From": message["From"], "Subject": message.get("Subject", "")}
        told |= {
            "Attachments": [],
            "Status": "Sent",
            "TrackOpens": tracks[0],
            "TrackLinks": tracks[1],
            "Sandboxed": False,
        }
        self.sent.append({**told, "Metadata": message.get("Metadata", {}), "MessageStream": stream})
        self.figures += [("sent", tag)] * len(people)

    # Looking up

    @answers("GET /messages/outbound")
    def search(self, seen: Seen) -> Answer:
        """Find messages, the newest first; without a stream those of "outbound"."""
        asked = {name: values[0] for name, values in seen.query.items()}
        if not {"count", "offset"} <= set(asked) or int(asked["count"]) > MOST_FOUND:
            raise Refused(422, fault(300, f"Parameters 'count' (at most {MOST_FOUND}) and 'offset' are required."))
        if int(asked["count"]) + int(asked["offset"]) > 10_000:
            raise Refused(422, fault(300, "'count' and 'offset' together may not exceed 10000."))
        found = [one for one in reversed(self.sent) if one["MessageStream"] == asked.get("messagestream", "outbound")]
        for name, value in asked.items():
            if name.startswith("metadata_"):
                found = [one for one in found if one["Metadata"].get(name.removeprefix("metadata_")) == value]
        found = [one for one in found if asked.get("tag", one["Tag"]) == one["Tag"]]
        found = [one for one in found if "recipient" not in asked or asked["recipient"] in one["Recipients"]]
        start = int(asked["offset"])
        return Answer({"TotalCount": len(found), "Messages": found[start : start + int(asked["count"])]})

    @answers("GET /stats/outbound")
    def count(self, seen: Seen) -> Answer:
        """Count what became of the copies of a tag."""
        tag = seen.query.get("tag", [None])[0]
        own = [what for what, its in self.figures if tag in {None, its}]
        stream = seen.query.get("messagestream", ["outbound"])[0]
        if stream not in {one["MessageStream"] for one in self.sent}:
            own = []
        sent, bounced, complained = (own.count(what) for what in ("sent", "bounced", "complained"))
        rates = {"BounceRate": 100 * bounced / (sent or 1), "SpamComplaintsRate": 100 * complained / (sent or 1)}
        zeros = dict.fromkeys(("SMTPApiErrors", "Opens", "UniqueOpens", "Tracked", "TotalClicks"), 0)
        return Answer({"Sent": sent, "Bounced": bounced, "SpamComplaints": complained, **rates, **zeros})

    @answers("GET /server")
    def server(self, _seen: Seen) -> Answer:
        """Tell of the server that the token is for."""
        tracking = {"TrackOpens": True, "TrackLinks": "HtmlAndText"}
        return Answer({"ID": 1, "Name": "Newsletter", "DeliveryType": "Live", "Color": "blue", **tracking})

    @answers("GET /message-streams/{stream}")
    def stream(self, _seen: Seen, stream: str) -> Answer:
        """Tell of a stream."""
        self.check_stream(stream)
        handling = "Postmark" if stream == "broadcast" and not self.own_unsubscribe else "None"
        told = {"ID": stream, "ServerID": 1, "Name": stream, "MessageStreamType": self.streams[stream]}
        return Answer({**told, "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": handling}})

    # Who has left

    @answers("GET /message-streams/{stream}/suppressions/dump")
    def dump(self, seen: Seen, stream: str) -> Answer:
        """Tell all who are not written to, on one page."""
        self.check_stream(stream)
        since, until = (seen.query.get(name, [default])[0] for name, default in (("fromdate", "0"), ("todate", "9")))
        reasons = seen.query.get("SuppressionReason", list(REASONS.values()))
        told = [
            {
                "EmailAddress": address,
                "SuppressionReason": REASONS[reason],
                "Origin": "Recipient",
                "CreatedAt": stamp(when),
            }
            for reason, people in self.left.items()
            for address, when in people.items()
            if stream == "broadcast" and REASONS[reason] in reasons and since <= stamp(when)[: len(since)]
        ]
        return Answer({"Suppressions": [one for one in told if one["CreatedAt"][: len(until)] <= until]})

    @answers("POST /message-streams/{stream}/suppressions", "POST /message-streams/{stream}/suppressions/delete")
    def change(self, seen: Seen, stream: str) -> Answer:
        """Add or take off up to 50 people; what becomes of each is told. Spam complaints cannot be taken off."""
        self.check_stream(stream)
        asked = [one["EmailAddress"].lower() for one in read(seen)["Suppressions"]]
        if len(asked) > MOST_SUPPRESSIONS:
            raise Refused(422, fault(300, f"{MOST_SUPPRESSIONS} at most."))  # (u) its words
        is_delete = seen.path.endswith("/delete")
        told = []
        for address in asked:
            has_failed = self.is_bad(address) or (is_delete and address in self.left["complained"])
            if is_delete and not has_failed:
                self.left["bounced"].pop(address, None)
                self.left["unsubscribed"].pop(address, None)
            elif not has_failed:
                self.left["unsubscribed"][address] = self.now
            status = "Failed" if has_failed else "Deleted" if is_delete else "Suppressed"
            message = "You do not have the required authority to change this suppression." if has_failed else None
            told.append({"EmailAddress": address, "Status": status, "Message": message})
        return Answer({"Suppressions": told})

    def check_stream(self, stream: str) -> None:
        """Know only the streams of this server. Raises Refused."""
        if stream not in self.streams:
            raise Refused(422, fault(1226, "The message stream for the provided 'ID' was not found."))


def fault(code: int, said: str) -> dict[str, Any]:
    """Return an error as Postmark words it."""
    return {"ErrorCode": code, "Message": said}


def read(seen: Seen) -> Any:
    """Return what a request says. Raises Refused."""
    if len(seen.body) > MOST_BYTES:
        raise Refused(413, fault(300, "The request is too large."))  # (u) its words
    try:
        return seen.json()
    except ValueError:
        raise Refused(422, fault(402, "Invalid JSON")) from None


def stamp(when: datetime) -> str:
    """Return a time as Postmark writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def merged(text: str, model: Mapping[str, Any], field: str) -> str:
    """Put values in as Mustachio does: escaped in HTML, unless in three braces; nothing for what is missing."""

    def value(found: re.Match[str]) -> str:
        if found[2].startswith("pm:"):
            return found[0]
        put_in = str(model.get(found[2], ""))
        return escape(put_in) if field == "HtmlBody" and not found[1] else put_in

    if re.search(r"\{\{[#/^>]", text):
        raise NotImplementedError(text)
    return re.sub(r"\{\{(\{?)\s*([^{}]+?)\s*\}?\}\}", value, text)


def linked(body: str, link: str) -> str:
    """Put the link of the broadcast stream where the body wants it, or else below."""
    put_in, count = re.subn(r"\{\{\{?\s*pm:unsubscribe(_url)?\s*\}?\}\}", link, body)
    return put_in if count or not body else f"{body}\n{FOOTER}{link}"
