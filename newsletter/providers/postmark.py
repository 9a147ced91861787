"""Postmark: up to 500 messages in one request, each with what became of it in the answer.

Settings: stream (broadcast); batch (50: Postmark knows no idempotency key, so that is the most that one crash leaves
unknown; 500 at most); url. Secret: POSTMARK_SERVER_TOKEN. On a broadcast stream Postmark keeps its own list of who has
unsubscribed, unless its support has switched that off, and its own link and header for it: they stand in each message,
and `newsletter lists sync` brings those people back. Elsewhere the link is ours. Sources: the Email, Message Streams,
Suppressions, Messages and Stats pages of https://postmarkapp.com/developer, and
https://postmarkapp.com/support/article/1208-how-to-add-an-unsubscribe-link.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from newsletter.message import list_unsubscribe
from newsletter.mime import named_value
from newsletter.providers import Addressee, Departure, Outcome, Report, Result, Send
from newsletter.providers._http import Verdict, judged
from newsletter.providers._merge import Pattern, Syntax, our_link, slot, values, words
from newsletter.providers._service import HttpBatch, number, service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.submission import Answer, Request

MOST = 500  # messages in one request
MOST_LEFT = 100_000_000  # bytes: who has left is told on one page
_UNSUBSCRIBE = "{{{ pm:unsubscribe }}}"
_BEGIN = ("{{",)
_INACTIVE = 406  # has bounced, complained or unsubscribed there
# What holds for everybody: sender not confirmed, out of credit, account under review, stream unknown.
_OF_ALL = {10, 400, 401, 405, 412, 413, 1226, 1235}
_MAINTENANCE = 100  # "offline for maintenance": nothing was taken
_NOT_NOW = {_MAINTENANCE, 429, *_OF_ALL}
_REASONS = {"HardBounce": "bounced", "SpamComplaint": "complained", "ManualSuppression": "unsubscribed"}


class Postmark(HttpBatch):
    """Hands copies to Postmark."""

    settings: ClassVar[frozenset[str]] = frozenset({"stream", "batch", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("POSTMARK_SERVER_TOKEN",)
    console: ClassVar[str] = "your server > the stream > Suppressions, in https://account.postmarkapp.com"
    most_bytes: ClassVar[int] = 50_000_000

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.stream = text({"stream": "broadcast", **settings}, "stream", "broadcast", pattern=r"[a-z0-9-]{1,50}")
        self.batch = number(settings, "batch", self.batch, most=MOST)
        headers = {"X-Postmark-Server-Token": machine.secret("POSTMARK_SERVER_TOKEN").reveal()}
        self.service = service(machine, settings, "https://api.postmarkapp.com", headers)
        self._keeps_leavers: bool | None = None

    @property
    def account(self) -> str:
        """The stream."""
        return f"Postmark, stream {self.stream}"

    def prepare(self, send: Send) -> None:  # noqa: ARG002
        """Ask, once, whether Postmark takes unsubscribes itself on this stream."""
        if self._keeps_leavers is None:
            handling = self._stream()["SubscriptionManagementConfiguration"]
            self._keeps_leavers = handling["UnsubscribeHandlingType"] == "Postmark"

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:  # noqa: ARG002
        """Return the request that hands over the copies of *people*; the words are encoded once for all of them."""
        pattern = _pattern(send, self.stream, keeps_leavers=bool(self._keeps_leavers))
        copies = pattern.listed({**values(one.recipient, _BEGIN), "to": _to(one)} for one in people)
        return self.service.request("POST", "/email/batch", copies)

    def read(self, answer: Answer, people: Sequence[Addressee]) -> list[Result]:
        """Read what became of each, in their order."""
        return [_result(one, told) for one, told in zip(people, answer.json(), strict=True)]

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer. What is wrong for everybody is told in the result of each."""
        told = _told(answer)
        codes = {code if isinstance(code := one.get("ErrorCode"), int) else -1 for one in told}
        if answer.status == 200 and codes and codes <= _OF_ALL:
            return judged(replace(answer, status=403, body=json.dumps(told[0]).encode()))
        return judged(answer, unavailable=Outcome.PLANNED if codes == {_MAINTENANCE} else Outcome.UNKNOWN)

    def look_up(self, send: Send, people: Sequence[Addressee]) -> Iterator[Result]:
        """Yield that those were accepted of whom Postmark has a message of this send."""
        for person in people:
            asked = {"recipient": person.recipient.address, "tag": send.name, "count": 1, "offset": 0,
                     "messagestream": self.stream}  # fmt: skip
            for found in self._get(f"/messages/outbound?{urlencode(asked)}")["Messages"]:
                to = {address.casefold() for address in found["Recipients"]}
                if found["Tag"] == send.name and person.recipient.address.casefold() in to:
                    yield Result(person.key, Outcome.ACCEPTED, "looked up", found["MessageID"])

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the stream's list of suppressions."""
        asked = f"?fromdate={since.astimezone(UTC):%Y-%m-%d}" if since else ""
        request = self.service.request("GET", f"/message-streams/{quote(self.stream)}/suppressions/dump{asked}")
        for one in self.service.told(replace(request, most=MOST_LEFT))["Suppressions"]:
            reason = _REASONS.get(one["SuppressionReason"], "unsubscribed")
            yield Departure(one["EmailAddress"], reason, datetime.fromisoformat(one["CreatedAt"]).astimezone(UTC))

    def report(self, send: Send) -> Report:
        """Return what Postmark counted of the messages that bear the send's tag."""
        asked = urlencode({"tag": send.name, "messagestream": self.stream, "fromdate": f"{send.date:%Y-%m-%d}"})
        counted = self._get(f"/stats/outbound?{asked}")
        sent, bounced = counted["Sent"], counted["Bounced"]
        return Report(sent, sent - bounced, bounced, None, counted["SpamComplaints"])

    def verify(self) -> tuple[str, ...]:
        """Ask for the server and the stream that the token is for."""
        server = self._get("/server")
        stream = self._stream()
        return (f"the token opens the server {server['Name']}, stream {stream['ID']} ({stream['MessageStreamType']})",)

    def _stream(self) -> Any:
        return self._get(f"/message-streams/{quote(self.stream)}")

    def _get(self, path: str) -> Any:
        return self.service.told(self.service.request("GET", path))


@lru_cache(maxsize=1)
def _pattern(send: Send, stream: str, *, keeps_leavers: bool) -> Pattern:
    message, headers = send.message, {"List-ID": named_value(send.message.list_title, send.message.list_id)}
    link = (_UNSUBSCRIBE, _UNSUBSCRIBE)
    if not keeps_leavers:
        link = our_link(send, slot("token"))
        headers["List-Unsubscribe"] = ", ".join(list_unsubscribe(message.sender, slot("token")))
        if message.sender.unsubscribe_url:
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    ready = words(send, Syntax((slot("greeting_html"), slot("greeting")), link, _BEGIN))
    content = {
        "From": named_value(message.sender.mailbox.name, message.sender.mailbox.address),
        "To": slot("to"),
        "ReplyTo": named_value(message.sender.reply_to.name, message.sender.reply_to.address),
        "Subject": ready.subject,
        "HtmlBody": ready.html,
        "TextBody": ready.text,
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        "MessageStream": stream,
        "Tag": send.name,
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    return Pattern(content)


def _to(one: Addressee) -> str:
    return named_value(one.recipient.name, one.recipient.address)


def _result(one: Addressee, told: Mapping[str, Any]) -> Result:
    code, reason = int(told["ErrorCode"]), f"{told['ErrorCode']} {told.get('Message', '')}"
    if code == 0:
        return Result(one.key, Outcome.ACCEPTED, id=told["MessageID"])
    if code == _INACTIVE:
        reason = "406 inactive at Postmark: has bounced, complained or unsubscribed there"
    return Result(one.key, Outcome.PLANNED if code in _NOT_NOW else Outcome.REJECTED, reason)


def _told(answer: Answer) -> list[dict[str, Any]]:
    """Return what was told of each message, or of the whole request; nothing if that cannot be read."""
    try:
        told = answer.json()
    except ValueError:
        return []
    every = told if isinstance(told, list) else [told]
    return every if all(isinstance(one, dict) for one in every) else []
