"""Amazon SES: up to 50 people in one request, whose words SES puts into one body.

Settings: region (eu-west-2); profile; configuration_set; batch (50); url. Secrets are where Amazon's own tools look:
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the computer. botocore finds them and signs the
request (``pip install "newsletter[ses]"``); it is sent as all others are, and never repeated. Sources: the SES API v2
reference, its service description 2019-09-27, and the page "Using templates to send personalized email" of its guide.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from newsletter.errors import ConfigError
from newsletter.message import list_unsubscribe
from newsletter.mime import named_value
from newsletter.providers import Addressee, Departure, Outcome, Result, Send
from newsletter.providers._asking import fresh
from newsletter.providers._http import Verdict, judged
from newsletter.providers._merge import Syntax, our_link, values, words
from newsletter.providers._service import HttpBatch, number, service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.submission import Answer, Request

MOST = 50  # people in one request
_LEAVER = "{{token}}"
_BEGIN = ("{{",)
_OWN_FAULT = {"MESSAGE_REJECTED", "INVALID_PARAMETER"}  # whatever else is wrong is not wrong with this one person
_BUSY = {"LimitExceededException", "TooManyRequestsException"}
_SHUT = {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"}
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")  # the last one if it is for a while
_UNTRACKED = {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}
_REASONS = {"BOUNCE": "bounced", "COMPLAINT": "complained"}


class SES(HttpBatch):
    """Hands copies to Amazon SES."""

    settings: ClassVar[frozenset[str]] = frozenset({"region", "profile", "configuration_set", "batch", "url"})
    console: ClassVar[str] = "Suppression list, in https://console.aws.amazon.com/ses"
    most_bytes: ClassVar[int] = 1_000_000  # with the words in the request itself

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.region = text({"region": "eu-west-2", **settings}, "region", "eu-west-2", pattern="[a-z0-9-]{5,30}")
        self.batch = number(settings, "batch", MOST, most=MOST)
        self._set = str(settings.get("configuration_set") or "")
        self._signer = _signer(machine, self.region, settings.get("profile"))
        self.service = service(machine, settings, f"https://email.{self.region}.amazonaws.com", {})

    @property
    def account(self) -> str:
        """The region: the key names the account."""
        return f"Amazon SES, {self.region}"

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:  # noqa: ARG002
        """Return the signed request that hands over the copies of *people*."""
        message = send.message
        greeting = ("{{greeting_html}}", "{{greeting}}")
        ready = words(send, Syntax(greeting, our_link(send, _LEAVER), _BEGIN))
        sample = dict.fromkeys(("greeting_html", "greeting", "token"), "")
        content = {
            "FromEmailAddress": named_value(message.sender.mailbox.name, message.sender.mailbox.address),
            "ReplyToAddresses": [named_value(message.sender.reply_to.name, message.sender.reply_to.address)],
            "DefaultContent": {
                "Template": {
                    "TemplateContent": {"Subject": ready.subject, "Html": ready.html, "Text": ready.text},
                    "TemplateData": json.dumps(sample),
                    "Headers": [{"Name": "List-ID", "Value": named_value(message.list_title, message.list_id)}],
                }
            },
            "DefaultEmailTags": [{"Name": "newsletter", "Value": send.name}],
            "BulkEmailEntries": [_entry(one, send) for one in people],
            "ConfigurationOverrides": {"Tracking": _UNTRACKED},
        }
        if self._set:
            content["ConfigurationSetName"] = self._set
        return self._signed(self.service.request("POST", "/v2/email/outbound-bulk-emails", content))

    def read(self, answer: Answer, people: Sequence[Addressee]) -> list[Result]:
        """Read what became of each, in their order."""
        return [_result(one, told) for one, told in zip(people, answer.json()["BulkEmailEntryResults"], strict=True)]

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer: its kind stands in a header."""
        kind = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
        if kind in _BUSY:
            return judged(replace(answer, status=429))
        if kind in _SHUT:
            return judged(replace(answer, status=403))
        return judged(answer)

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the account's suppression list, for bounces and complaints; SES knows no unsubscribes."""
        asked: list[tuple[str, str]] = [("Reason", "BOUNCE"), ("Reason", "COMPLAINT"), ("PageSize", "1000")]
        if since:
            asked.append(("StartDate", f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
        token, found = "", None
        while True:
            query = urlencode([*asked, *([("NextToken", token)] if token else [])], quote_via=quote)
            page = self._get(f"/v2/email/suppression/addresses?{query}")
            found = fresh(page["SuppressedDestinationSummaries"], found)
            for one in found:
                when = datetime.fromtimestamp(float(one["LastUpdateTime"]), UTC)
                yield Departure(one["EmailAddress"], _REASONS[one["Reason"]], when)
            token = page.get("NextToken") or ""
            if not token:
                return

    def verify(self) -> tuple[str, ...]:
        """Ask what the account may send."""
        account = self._get("/v2/email/account")
        if not account["SendingEnabled"]:
            raise ConfigError("this account of Amazon SES may not send now", "See its SES console for the reason.")
        quota = account["SendQuota"]
        sandbox = "" if account["ProductionAccessEnabled"] else "; a sandbox: to verified addresses only"
        return (f"the key is good; {quota['SentLast24Hours']:,.0f} of {quota['Max24HourSend']:,.0f} a day{sandbox}",)

    def _get(self, path: str) -> Any:
        return self.service.told(self._signed(self.service.request("GET", path)), judge=self.judge)

    def _signed(self, request: Request) -> Request:
        """Return *request* with the signature of AWS (SigV4) among its headers."""
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415

        unsigned = AWSRequest(request.method, request.url, dict(request.headers), request.body)
        self._signer.add_auth(unsigned)
        return replace(request, headers=dict(unsigned.headers.items()))


def _signer(machine: Machine, region: str, profile: object) -> Any:
    """Return botocore's signer, with our secrets or what Amazon's own tools would use. Raises ConfigError for none."""
    try:
        from botocore.auth import SigV4Auth  # noqa: PLC0415
        from botocore.credentials import Credentials  # noqa: PLC0415
    except ImportError:
        hint = 'Install what it needs: pip install "newsletter[ses]"'
        raise ConfigError("Amazon SES needs botocore, which is not installed", hint) from None
    kept = [] if profile else [_kept(machine, name) for name in _SECRETS]
    own = Credentials(*kept) if kept and all(kept[:2]) else _found(profile)
    return SigV4Auth(own, "ses", region)


def _kept(machine: Machine, name: str) -> str | None:
    try:
        return machine.secret(name).reveal()
    except ConfigError:
        return None


def _found(profile: object) -> Any:
    """Return what botocore finds: in the environment, in Amazon's own files, or as the role of this computer."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    try:
        found = Session(profile=str(profile) if profile else None).get_credentials()
    except BotoCoreError:
        found = None
    if found is None:
        hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has them."
        raise ConfigError("there is no key for Amazon SES", hint)
    return found


def _entry(one: Addressee, send: Send) -> dict[str, Any]:
    """Return what is one person's: they alone stand in To."""
    sender = send.message.sender
    headers = [("List-Unsubscribe", ", ".join(list_unsubscribe(sender, one.recipient.token)))]
    if sender.unsubscribe_url:
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return {
        "Destination": {"ToAddresses": [named_value(one.recipient.name, one.recipient.address)]},
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(values(one.recipient, _BEGIN))}
        },
        "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in headers],
    }


def _result(one: Addressee, told: Mapping[str, Any]) -> Result:
    status, why = told["Status"], f"{told['Status']} {told.get('Error') or ''}"
    if status == "SUCCESS":
        return Result(one.key, Outcome.ACCEPTED, id=told["MessageId"])
    return Result(one.key, Outcome.REJECTED if status in _OWN_FAULT else Outcome.PLANNED, why)
