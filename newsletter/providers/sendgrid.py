"""SendGrid: up to 1,000 people in one request, whose words SendGrid puts into one body.

Settings: region (global or eu); batch (50: SendGrid knows no idempotency key, so that is the most that one crash leaves
unknown; 1,000 at most); url. Secret: SENDGRID_API_KEY. Source: the v3 API reference of
https://www.twilio.com/docs/sendgrid/api-reference.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from newsletter.errors import ConfigError, RefusedError
from newsletter.message import list_unsubscribe
from newsletter.mime import named_value
from newsletter.providers import Addressee, Departure, Outcome, Report, Result, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._http import Verdict, judged, said
from newsletter.providers._merge import Syntax, our_link, values, words
from newsletter.providers._service import HttpBatch, number, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.message import Mailbox
    from newsletter.providers import Machine
    from newsletter.submission import Answer, Request

REGIONS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
MOST = 1000  # people in one request
# Its keys are whatever we choose.
_LEAVER, _HTML, _TEXT = "-NL_LEAVER-", "-NL_GREETING_HTML-", "-NL_GREETING-"
_BEGIN = ("-nl_", "<%asm_", "[unsubscribe]", "[weblink]")
_SUPPRESSIONS = {"unsubscribes": "unsubscribed", "bounces": "bounced", "spam_reports": "complained"}
_PAGE = 500
_PERSONAL = re.compile(rb'"field"\s*:\s*"personalizations\b')  # as in "personalizations.0.to.0.email"


class SendGrid(HttpBatch):
    """Hands copies to SendGrid."""

    settings: ClassVar[frozenset[str]] = frozenset({"region", "batch", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("SENDGRID_API_KEY",)
    schedule: ClassVar[Schedule | None] = Schedule(horizon=timedelta(hours=72))
    console: ClassVar[str] = "Suppressions, in https://app.sendgrid.com"
    unreadable: ClassVar[Outcome] = Outcome.ACCEPTED  # 202 says that all was taken, and no more

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.region = str(settings.get("region", "global"))
        if self.region not in REGIONS:
            hint = "Without this line it is global."
            raise ConfigError("newsletter.yaml: sendgrid: region: this is neither global nor eu", hint)
        self.batch = number(settings, "batch", self.batch, most=MOST)
        headers = {"Authorization": f"Bearer {machine.secret('SENDGRID_API_KEY').reveal()}"}
        self.service = service(machine, settings, REGIONS[self.region], headers)
        self._scheduled = ""  # what SendGrid calls all that leaves at the same time

    @property
    def account(self) -> str:
        """The region: a key alone names the account."""
        return "SendGrid" if self.region == "global" else "SendGrid, EU"

    def prepare(self, send: Send) -> None:
        """Ask for a name, by which what is to leave later can be taken back."""
        if send.at and not self._scheduled:
            self._scheduled = self._ask("POST", "/v3/mail/batch", b"")["batch_id"]

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:  # noqa: ARG002
        """Return the request that hands over the copies of *people*."""
        message, off = send.message, {"enable": False}
        ready = words(send, Syntax((_HTML, _TEXT), our_link(send, _LEAVER), _BEGIN))
        one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if message.sender.unsubscribe_url else {}
        content: dict[str, Any] = {
            "personalizations": [_personal(one, send) for one in people],
            "from": _mailbox(message.sender.mailbox),
            "reply_to": _mailbox(message.sender.reply_to),
            "subject": ready.subject,
            "content": [{"type": "text/plain", "value": ready.text}, {"type": "text/html", "value": ready.html}],
            "headers": {"List-ID": named_value(message.list_title, message.list_id), **one_click},
            "categories": [send.name],
            "tracking_settings": {
                "click_tracking": {**off, "enable_text": False}, "open_tracking": off, "subscription_tracking": off,
                "ganalytics": off,
            },
        }  # fmt: skip
        if send.at:
            content |= {"send_at": int(send.at.timestamp()), "batch_id": self._scheduled}
        return self.service.request("POST", "/v3/mail/send", content)

    def read(self, answer: Answer, people: Sequence[Addressee]) -> list[Result]:
        """Read the name of the request, or of all that leaves at the same time."""
        name = self._scheduled or answer.headers.get("x-message-id", "")
        return [Result(one.key, Outcome.ACCEPTED, id=name) for one in people]

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer. What is wrong with one person refuses all of a request."""
        if answer.status == 400 and _PERSONAL.search(answer.body):
            return Verdict(Outcome.REJECTED, said(answer), blames_one=True)
        verdict = judged(answer, media="" if answer.status == 202 else "json")
        if verdict.outcome is Outcome.ACCEPTED and b'"errors"' in answer.body:
            return Verdict(Outcome.UNKNOWN, said(answer))
        return verdict

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the account's lists of suppressions."""
        for kind, reason in _SUPPRESSIONS.items():
            offset, found = 0, None
            while True:
                begun = {"start_time": int(since.timestamp())} if since else {}
                asked = urlencode({**begun, "limit": _PAGE, "offset": offset})
                found = fresh(self._ask("GET", f"/v3/suppression/{kind}?{asked}", kind=list), found)
                for one in found:
                    yield Departure(one["email"], reason, datetime.fromtimestamp(one["created"], UTC))
                if len(found) < _PAGE:
                    break
                offset += _PAGE

    def report(self, send: Send) -> Report:
        """Return what SendGrid counted in the category of the send."""
        asked = urlencode({"categories": send.name, "start_date": f"{send.date:%Y-%m-%d}"})
        days = self._ask("GET", f"/v3/categories/stats?{asked}", kind=list)
        figures = [stat["metrics"] for day in days for stat in day["stats"] if stat["name"] == send.name]
        names = ("requests", "delivered", "bounces", "unsubscribes", "spam_reports")
        return Report(*(sum(one[name] for one in figures) for name in names))

    def cancel(self, send: Send, ids: Sequence[str]) -> None:  # noqa: ARG002
        """Cancel all that leaves at the same time; up to ten minutes before it does."""
        if not ids:
            raise RefusedError("SendGrid did not say what it calls this send.", "Cancel it in the console of SendGrid.")
        for name in ids:
            kept = self._ask("GET", f"/v3/user/scheduled_sends/{name}", kind=list)
            if not any(one["status"] == "cancel" for one in kept):  # else it was, and we were cut off: no second time
                self._ask("POST", "/v3/user/scheduled_sends", {"batch_id": name, "status": "cancel"})

    def verify(self) -> tuple[str, ...]:
        """Ask what the key may do."""
        scopes = self._ask("GET", "/v3/scopes")["scopes"]
        if "mail.send" not in scopes:
            hint = "Make a key with Mail Send in Settings > API Keys."
            raise ConfigError("this key of SendGrid may not send mail", hint)
        return (f"the key may send mail, and has {len(scopes):,} scopes",)

    def _ask(self, method: str, path: str, content: Any = None, kind: type = dict) -> Any:
        return self.service.told(self.service.request(method, path, content), kind=kind)


def _personal(one: Addressee, send: Send) -> dict[str, Any]:
    """Return what is one person's: they alone stand in To."""
    put, recipient = values(one.recipient, _BEGIN), one.recipient
    return {
        "to": [{"email": recipient.address, **({"name": recipient.name} if recipient.name else {})}],
        "substitutions": {_HTML: put["greeting_html"], _TEXT: put["greeting"], _LEAVER: put["token"]},
        "headers": {"List-Unsubscribe": ", ".join(list_unsubscribe(send.message.sender, recipient.token))},
    }


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    return {"email": mailbox.address, **({"name": mailbox.name} if mailbox.name else {})}
