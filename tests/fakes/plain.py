"""A plain client for the tests of the fakes, neither ours nor a service's: one send to each, as its pages show it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fakes.brevo import FakeBrevo
from fakes.buttondown import FakeButtondown
from fakes.listmonk import FakeListmonk
from fakes.mailchimp import FakeMailchimp
from fakes.mailgun import FakeMailgun
from fakes.postmark import FakePostmark
from fakes.resend import FakeResend
from fakes.sendgrid import FakeSendGrid
from fakes.ses import FakeSes
from fakes.wire import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakes.ground import Fake

FAKES = (FakeMailgun, FakePostmark, FakeSendGrid, FakeSes, FakeResend)
BOUNDARY = "a-boundary-of-the-test"


@dataclass(frozen=True)
class Said:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


def ask(fake: Fake, method: str, target: str, body: Any = None, **headers: str) -> Said:
    """Ask with the right key; a *body* that is no bytes goes as JSON, and an underscore in a header is a dash."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    said = {"Content-Type": "application/json"} if body is not None else {}
    said |= key_of(fake, method, target, data) | {name.replace("_", "-"): value for name, value in headers.items()}
    link = urlsplit(fake.url)
    connection = HTTPConnection(str(link.hostname), link.port, timeout=10)
    try:
        connection.request(method, link.path + target, data or None, {"User-Agent": "test", **said})
        answer = connection.getresponse()
        return Said(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def key_of(fake: Fake, method: str, target: str, data: bytes) -> dict[str, str]:
    """Return the headers that let one in."""
    users = {FakeMailgun: "api", FakeMailchimp: "anystring", FakeListmonk: FakeListmonk.user}
    if user := users.get(type(fake)):
        return {"Authorization": "Basic " + b64encode(f"{user}:{fake.key}".encode()).decode()}
    if isinstance(fake, FakeBrevo):
        return {"api-key": fake.key}
    if isinstance(fake, FakeButtondown):
        return {"Authorization": f"Token {fake.key}"}
    if isinstance(fake, FakePostmark):
        return {"X-Postmark-Server-Token": fake.key, "Accept": "application/json"}
    if not isinstance(fake, FakeSes):
        return {"Authorization": f"Bearer {fake.key}"}
    parts = urlsplit(target)
    query: dict[str, list[str]] = {}
    for pair in filter(None, parts.query.split("&")):
        query.setdefault(pair.partition("=")[0], []).append(pair.partition("=")[2])
    date, scope, names = "20260105T090000Z", f"20260105/{fake.region}/ses/aws4_request", "x-amz-date"
    signature = fake.signature(Seen(method, parts.path, query, {"x-amz-date": date}, data), scope, names)
    said = f"AWS4-HMAC-SHA256 Credential={fake.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {"Authorization": said, "X-Amz-Date": date}


def form(fields: Sequence[tuple[str, str]]) -> tuple[bytes, dict[str, str]]:
    """Return a multipart form, and the header that says so."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode(), {
        "Content_Type": f"multipart/form-data; boundary={BOUNDARY}"
    }


def send(fake: Fake, people: Sequence[str], *, tracked: bool = False, **more: Any) -> Said:
    """Send to each of *people* a copy that greets them by their address, tagged "2026-01"; *more* is the service's."""
    shared: dict[str, Any]
    bodies: list[dict[str, Any]]
    if isinstance(fake, FakeMailgun):
        return send_mailgun(fake, people, tracked=tracked, **more)
    if isinstance(fake, FakePostmark):
        off = {} if tracked else {"TrackOpens": False, "TrackLinks": "None"}
        shared = {
            "From": "n@example.org",
            "MessageStream": "broadcast",
            "Subject": "January",
            "Tag": "2026-01",
            **off,
        }
        bodies = [{"To": one, "HtmlBody": f"<p>Dear {one}</p>", "TextBody": f"Dear {one}"} for one in people]
        return ask(fake, "POST", "/email/batch", [{**shared, **body, **more} for body in bodies])
    if isinstance(fake, FakeSendGrid):
        return send_sendgrid(fake, people, tracked=tracked, **more)
    if isinstance(fake, FakeSes):
        return send_ses(fake, people, tracked=tracked, **more)
    shared = {
        "from": "n@example.org",
        "subject": "January",
        "tags": [{"name": "issue", "value": "2026-01"}],
        **more,
    }
    bodies = [{"to": [one], "html": f"<p>Dear {one}</p>", "text": f"Dear {one}"} for one in people]
    return ask(fake, "POST", "/emails/batch", [{**shared, **body} for body in bodies])


def send_mailgun(fake: Fake, people: Sequence[str], *, tracked: bool, **more: str) -> Said:
    """Send one form with recipient variables."""
    fields = {"from": "n@example.org", "subject": "January", "html": "<p>Dear %recipient.who%</p>"}
    fields |= {"text": "Dear %recipient.who%", "o:tag": "2026-01"} | ({} if tracked else {"o:tracking": "no"})
    fields |= {"recipient-variables": json.dumps({one: {"who": one} for one in people})} | more
    body, head = form([*((k, v) for k, v in fields.items() if v), *(("to", one) for one in people)])
    return ask(fake, "POST", "/v3/mg.example.org/messages", body, **head)


def send_sendgrid(fake: Fake, people: Sequence[str], *, tracked: bool, **more: Any) -> Said:
    """Send one mail with a personalization for each."""
    off = {name: {"enable": False} for name in ("open_tracking", "click_tracking", "subscription_tracking")}
    content = [("text/plain", "Dear -who-"), ("text/html", "<p>Dear -who-</p>")]
    mail = {
        "from": {"email": "n@example.org"},
        "subject": "January",
        "categories": ["2026-01"],
        "content": [{"type": kind, "value": value} for kind, value in content],
        "personalizations": [{"to": [{"email": one}], "substitutions": {"-who-": one}} for one in people],
        **({} if tracked else {"tracking_settings": off}),
    }
    return ask(fake, "POST", "/v3/mail/send", mail | more)


def send_ses(fake: Fake, people: Sequence[str], *, tracked: bool, **more: Any) -> Said:
    """Send one inline template with an entry for each."""
    off = {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}}
    content = {"Subject": "January", "Html": "<p>Dear {{who}}</p>", "Text": "Dear {{who}}"}
    entries = [
        {
            "Destination": {"ToAddresses": [one]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"who": one})}},
        }
        for one in people
    ]
    call = {
        "FromEmailAddress": "n@example.org",
        "DefaultContent": {"Template": {"TemplateContent": content}},
        "DefaultEmailTags": [{"Name": "issue", "Value": "2026-01"}],
        "BulkEmailEntries": entries,
        **({} if tracked else {"ConfigurationOverrides": off}),
    }
    return ask(fake, "POST", "/v2/email/outbound-bulk-emails", call | more)
