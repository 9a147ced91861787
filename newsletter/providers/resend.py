"""Resend: up to 100 messages in one request, all of them or none, and a repeat with the same key is ignored for a day.

Settings: batch (100); url. Secret: RESEND_API_KEY. Opens and clicks are tracked or not by the domain's own settings
there: a domain that tracks is refused. Source: https://resend.com/docs and its published API description.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from newsletter.errors import ConfigError, RefusedError
from newsletter.message import list_unsubscribe
from newsletter.mime import named_value
from newsletter.providers import Addressee, Departure, Outcome, Result, Send
from newsletter.providers._asking import fresh
from newsletter.providers._http import Verdict, judged, said
from newsletter.providers._merge import Pattern, Syntax, our_link, slot, values, words
from newsletter.providers._service import HttpBatch, number, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.submission import Answer, Request

MOST = 100  # messages in one request
_BEGIN = ("{{{",)
_RESTRICTED = "restricted_api_key"  # the name of the error for a key that may do nothing but send
_REASONS = {"bounce": "bounced", "complaint": "complained"}


class Resend(HttpBatch):
    """Hands copies to Resend."""

    settings: ClassVar[frozenset[str]] = frozenset({"batch", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("RESEND_API_KEY",)
    console: ClassVar[str] = "Audiences and Suppressions, in https://resend.com"
    ignores_repeats = timedelta(hours=24)
    batch = MOST

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.batch = number(settings, "batch", MOST, most=MOST)
        headers = {"Authorization": f"Bearer {machine.secret('RESEND_API_KEY').reveal()}"}
        self.service = service(machine, settings, "https://api.resend.com", headers)
        self._is_looked_at = False

    @property
    def account(self) -> str:
        """There is one account behind a key."""
        return "Resend"

    def prepare(self, send: Send) -> None:
        """Refuse, once, a domain that tracks its readers; a key that may only send cannot ask."""
        if self._is_looked_at:
            return
        domain = send.message.sender.domain
        for one in self._domains() or ():
            if one["name"].casefold() == domain.casefold() and (one.get("open_tracking") or one.get("click_tracking")):
                hint = "Switch off open and click tracking in the domain's settings at https://resend.com/domains."
                raise ConfigError(f"Resend tracks the readers of {domain}", hint)
        self._is_looked_at = True

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:
        """Return the request that hands over the copies of *people*; the words are encoded once for all of them."""
        copies = _pattern(send).listed({**values(one.recipient, _BEGIN), "to": one.recipient.address} for one in people)
        named = {"Idempotency_Key": key} if key else {}
        return self.service.request("POST", "/emails/batch", copies, **named)

    def read(self, answer: Answer, people: Sequence[Addressee]) -> list[Result]:
        """Read the ids, in the order of *people*."""
        named = answer.json()["data"]
        return [Result(one.key, Outcome.ACCEPTED, id=told["id"]) for one, told in zip(people, named, strict=True)]

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer. A message that is not valid refuses all of a request; 429 may also be the day's quota."""
        if answer.status == 429 and b"quota_exceeded" in answer.body:
            hint = "Give the same command again when there is more: it goes on where it stopped."
            stop = RefusedError("Paused: the quota of this Resend account is used up.", hint)
            return Verdict(Outcome.PLANNED, said(answer), stop)
        if answer.status in {400, 422} and b"validation_error" in answer.body:
            return Verdict(Outcome.REJECTED, said(answer), blames_one=True)
        return judged(answer)

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the account's list of suppressions."""
        after, found = "", None
        while True:
            page = self._get(f"/suppressions?limit=100{after}")
            found = fresh(page["data"], found)
            for one in found:
                when = datetime.fromisoformat(one["created_at"]).astimezone(UTC)
                if since is None or when >= since:
                    yield Departure(one["email"], _REASONS.get(one.get("origin", ""), "unsubscribed"), when)
            if not page.get("has_more") or not found:
                return
            after = f"&after={found[-1]['id']}"

    def verify(self) -> tuple[str, ...]:
        """Ask for the domains; a key that may only send is as good."""
        domains = self._domains()
        if domains is None:
            return ("the key may send, and nothing else: tracking and suppressions cannot be looked at",)
        verified = sum(one["status"] == "verified" for one in domains)
        return (f"the key is good; {verified:,} of {len(domains):,} domains are verified",)

    def _domains(self) -> list[Any] | None:
        """Return the domains of the account; None where the key may only send, and so may not ask."""
        found = self._get("/domains", judge=_lenient)
        return None if found.get("name") == _RESTRICTED else list(found["data"])

    def _get(self, path: str, judge: Callable[[Answer], Verdict] = judged) -> Any:
        return self.service.told(self.service.request("GET", path), judge=judge)


def _lenient(answer: Answer) -> Verdict:
    is_restricted = f'"{_RESTRICTED}"'.encode() in answer.body
    return Verdict(Outcome.ACCEPTED) if is_restricted else judged(answer)


@lru_cache(maxsize=1)
def _pattern(send: Send) -> Pattern:
    message = send.message
    ready = words(send, Syntax((slot("greeting_html"), slot("greeting")), our_link(send, slot("token")), _BEGIN))
    headers = {
        "List-ID": named_value(message.list_title, message.list_id),
        "List-Unsubscribe": ", ".join(list_unsubscribe(message.sender, slot("token"))),
    }
    if message.sender.unsubscribe_url:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    content = {
        "from": named_value(message.sender.mailbox.name, message.sender.mailbox.address),
        "to": [slot("to")],
        "reply_to": named_value(message.sender.reply_to.name, message.sender.reply_to.address),
        "subject": ready.subject,
        "html": ready.html,
        "text": ready.text,
        "headers": headers,
        "tags": [{"name": "newsletter", "value": send.name}],
    }
    return Pattern(content)
