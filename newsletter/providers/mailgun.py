"""Mailgun: up to 1,000 people in one request, whose words Mailgun puts into one body.

Settings: domain; region (us or eu); batch (50: Mailgun knows no idempotency key, so that is the most that one crash
leaves unknown; 1,000 at most); url. Secret: MAILGUN_API_KEY. Sources: the messages, suppressions, events and metrics
pages of https://documentation.mailgun.com/docs/mailgun/api-reference.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from newsletter.errors import ConfigError
from newsletter.message import list_unsubscribe
from newsletter.mime import named_value
from newsletter.providers import Addressee, Departure, Outcome, Report, Result, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._http import Verdict, judged, said
from newsletter.providers._merge import Syntax, our_link, values, words
from newsletter.providers._service import HttpBatch, number, service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.submission import Answer, Request

REGIONS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}
MOST = 1000  # people in one request
_LEAVER = "%recipient.token%"
_BEGIN = ("%recipient", "%unsubscribe", "%tag_", "%mailing_list")
_REFUSED_TO = re.compile(rb"(?<![\w-])'?to'? parameter")  # what it says of an address, in quotes or not
_SUPPRESSIONS = {"unsubscribes": "unsubscribed", "bounces": "bounced", "complaints": "complained"}


class Mailgun(HttpBatch):
    """Hands copies to Mailgun."""

    settings: ClassVar[frozenset[str]] = frozenset({"domain", "region", "batch", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("MAILGUN_API_KEY",)
    schedule: ClassVar[Schedule | None] = Schedule(horizon=timedelta(days=3), can_cancel=False)
    console: ClassVar[str] = "Sending > Suppressions, in https://app.mailgun.com"
    unreadable: ClassVar[Outcome] = Outcome.ACCEPTED  # one answer for all of them
    most_bytes: ClassVar[int] = 25_000_000

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.domain = text(settings, "domain", "mg.example.org", pattern=r"[A-Za-z0-9.-]{1,253}")
        region = str(settings.get("region", "us"))
        if region not in REGIONS:
            hint = "Without this line it is us."
            raise ConfigError("newsletter.yaml: mailgun: region: this is neither us nor eu", hint)
        self.batch = number(settings, "batch", self.batch, most=MOST)
        self.envelope_sender = f"bounce@{self.domain}"  # so Mailgun writes it; doctor looks at that domain
        login = b64encode(b"api:" + machine.secret("MAILGUN_API_KEY").reveal().encode()).decode("ascii")
        self.service = service(machine, settings, REGIONS[region], {"Authorization": f"Basic {login}"})

    @property
    def account(self) -> str:
        """The domain."""
        return f"Mailgun, {self.domain}"

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:
        """Return the request that hands over the copies of *people*: a form, as Mailgun wants it."""
        boundary = f"newsletter-{key or 'test'}"
        body = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in _fields(send, people)
        )
        kind = f"multipart/form-data; boundary={boundary}"
        ended = f"{body}--{boundary}--\r\n".encode()
        return self.service.request("POST", f"/v3/{quote(self.domain)}/messages", ended, Content_Type=kind)

    def read(self, answer: Answer, people: Sequence[Addressee]) -> list[Result]:
        """Read the one id that all of them share."""
        name = answer.json()["id"]
        return [Result(one.key, Outcome.ACCEPTED, id=name) for one in people]

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer. One address that Mailgun does not take refuses all; without an id it is no success."""
        if answer.status == 400 and _REFUSED_TO.search(answer.body):
            return Verdict(Outcome.REJECTED, said(answer), blames_one=True)
        verdict = _judged(answer)
        if verdict.outcome is Outcome.ACCEPTED and b'"id"' not in answer.body and answer.body:
            return Verdict(Outcome.UNKNOWN, said(answer))
        return verdict

    def look_up(self, send: Send, people: Sequence[Addressee]) -> Iterator[Result]:
        """Yield that those were accepted of whom Mailgun's events say so; it keeps them for three days at least."""
        wanted = {person.recipient.address.casefold(): person.key for person in people}
        for event in self._events(send):
            if send.name.casefold() not in map(str.casefold, event.get("tags") or ()):
                continue  # tags are the same in capitals or not
            if key := wanted.pop(str(event.get("recipient", "")).casefold(), None):
                yield Result(key, Outcome.ACCEPTED, "looked up", event["message"]["headers"]["message-id"])

    def _events(self, send: Send) -> Iterator[Mapping[str, Any]]:
        begin = send.date.timestamp() - 60
        asked = {"tags": send.name, "event": "accepted", "begin": f"{begin:.0f}", "ascending": "yes", "limit": 300}
        yield from self._pages(f"/v3/{quote(self.domain)}/events?{urlencode(asked)}")

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        """Yield what stands on all pages; the last one is empty."""
        page, items = self._told(self.service.request("GET", path)), None
        while page["items"]:
            items = fresh(page["items"], items)
            yield from items
            page = self._told(self.service.follow(page["paging"]["next"]))

    def _told(self, request: Request) -> Any:
        return self.service.told(request, judge=_judged)

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the domain's lists of those who are not to be written to."""
        for kind, reason in _SUPPRESSIONS.items():
            for item in self._pages(f"/v3/{quote(self.domain)}/{kind}?limit=1000"):
                when = parsedate_to_datetime(item["created_at"]).astimezone(UTC)
                if since is None or when >= since:
                    yield Departure(item["address"], reason, when)

    def report(self, send: Send) -> Report:
        """Return what Mailgun counted of the messages that bear the send's tag."""
        names = ["accepted_outgoing_count", "delivered_count", "bounced_count", "unsubscribed_count",
                 "complained_count"]  # fmt: skip
        asked = {
            "start": format_datetime(send.date.astimezone(UTC) - timedelta(days=1)),
            "end": format_datetime(datetime.now(UTC)),
            "metrics": names,
            "include_aggregates": True,
            "filter": {
                "AND": [{"attribute": "tag", "comparator": "=", "values": [{"label": send.name, "value": send.name}]}]
            },
        }
        counted = self._told(self.service.request("POST", "/v1/analytics/metrics", asked))["aggregates"]["metrics"]
        return Report(*(counted.get(name) for name in names))

    def verify(self) -> tuple[str, ...]:
        """Ask for one event of the domain, which the least of keys may read."""
        self._told(self.service.request("GET", f"/v3/{quote(self.domain)}/events?limit=1"))
        return (f"the key reads the domain {self.domain}",)


def _judged(answer: Answer) -> Verdict:
    """Judge an answer by its status; but a path that leads nowhere is answered by a cheerful 200."""
    if answer.status != 200 or b"Magnificent API" not in answer.body:
        return judged(answer)
    lost, hint = "the web address leads to Mailgun, but to nothing there", "Check url: and domain: in newsletter.yaml."
    return Verdict(Outcome.PLANNED, lost, ConfigError(lost, f"{hint} Nobody got anything by this request."))


def _fields(send: Send, people: Sequence[Addressee]) -> Iterator[tuple[str, str]]:
    """Yield the fields of the form. Without recipient-variables everybody would see everybody's address."""
    message, greeting = send.message, ("%recipient.greeting_html%", "%recipient.greeting%")
    ready = words(send, Syntax(greeting, our_link(send, _LEAVER), _BEGIN))
    yield "from", named_value(message.sender.mailbox.name, message.sender.mailbox.address)
    for person in people:
        yield "to", named_value(person.recipient.name, person.recipient.address)
    yield "subject", ready.subject
    yield "text", ready.text
    yield "html", ready.html
    yield "recipient-variables", json.dumps({one.recipient.address: values(one.recipient, _BEGIN) for one in people})
    yield "o:tag", send.name
    for name in ("o:tracking", "o:tracking-clicks", "o:tracking-opens"):
        yield name, "no"
    if send.at:
        yield "o:deliverytime", format_datetime(send.at)
    yield "h:Reply-To", named_value(message.sender.reply_to.name, message.sender.reply_to.address)
    yield "h:List-ID", named_value(message.list_title, message.list_id)
    yield "h:List-Unsubscribe", ", ".join(list_unsubscribe(message.sender, _LEAVER))
    if message.sender.unsubscribe_url:
        yield "h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
