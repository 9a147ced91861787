"""The programs that hand the same email to a service over HTTP: ours, django-anymail, json with requests, and the bare.

Each is started with the sink's port, how many people there are, and the files of text and HTML.
"""

from __future__ import annotations

OURS = """\
import json, sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from newsletter.credentials import Secret
from newsletter.deliver import Run, deliver
from newsletter.ledger import open_ledger
from newsletter.message import Edition, Mailbox, Sender, compose, freeze
from newsletter.providers import Machine, Send, provider_type
from newsletter.records import Entry, Order
from newsletter.tokens import person_key

name, port, people, settings, text, html = sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]
text, html = (open(path, encoding="utf-8").read().replace("TOKEN", "NL_UNSUBSCRIBE_NL") for path in (text, html))
secret, who = b"k" * 32, Mailbox("News", "news@example.org")
edition = Edition("2026-01", "January 2026 newsletter", "", f"<p>NL_GREETING_NL</p>{html}", f"NL_GREETING_NL {text}")
message = compose(edition, Sender(who, who, "Partnership"), list_name="schools", list_title="Schools")
settings = {**json.loads(settings), "url": f"http://127.0.0.1:{port}"}
with TemporaryDirectory() as folder, open_ledger(Path(folder), secret) as ledger:
    provider = provider_type(name)(settings, Machine(Path(folder), lambda name: Secret("key-0123456789")))
    send = Send(message, datetime(2026, 1, 5, 9, tzinfo=UTC))
    order = Order("2026-01", "schools", name, provider.account, "January", "c", "v", freeze(message))
    whom = (Entry(person_key(secret, a), a, f"Person {n}", f"Hello Person {n},")
            for n in range(people) for a in (f"p{n}@example.org",))
    with ledger.planning(order, whom, left_out={}, size=provider.batch) as record:
        pass
    run = Run(secret, lambda _people: {}, lambda: False, lambda _seconds: sys.exit("asked to wait"))
    assert {"accepted": people} == dict(sum(deliver(record, ledger, provider, send, run), Counter()))
"""

ANYMAIL = """\
import sys
import django
from django.conf import settings
port, people = int(sys.argv[1]), int(sys.argv[2])
text, html = (open(path, encoding="utf-8").read().replace("TOKEN", "%recipient.token%") for path in sys.argv[3:])
settings.configure(EMAIL_BACKEND="anymail.backends.mailgun.EmailBackend", ANYMAIL={
    "MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mg.example.org", "MAILGUN_API_URL": f"http://127.0.0.1:{port}/v3"})
django.setup()
from django.core.mail import EmailMultiAlternatives, get_connection
with get_connection() as connection:
    for start in range(0, people, 1000):
        numbers = range(start, min(start + 1000, people))
        message = EmailMultiAlternatives(
            "January 2026 newsletter", f"%recipient.greeting% {text}", "News <news@example.org>",
            [f"Person {n} <p{n}@example.org>" for n in numbers], connection=connection)
        message.attach_alternative(f"<p>%recipient.greeting_html%</p>{html}", "text/html")
        message.merge_data = {
            f"p{n}@example.org": {
                "greeting": f"Hello Person {n},", "greeting_html": f"Hello Person {n},", "token": f"t{n:08}"}
            for n in numbers}
        message.tags = ["2026-01"]
        message.track_opens = message.track_clicks = False
        message.send()
"""

REQUESTS = """\
import sys
import requests
port, people, size = map(int, sys.argv[1:4])
text, html = (open(path, encoding="utf-8").read() for path in sys.argv[4:])
with requests.Session() as session:
    for start in range(0, people, size):
        batch = [{
            "From": "News <news@example.org>", "To": f"Person {n} <p{n}@example.org>",
            "Subject": "January 2026 newsletter", "MessageStream": "broadcast", "Tag": "2026-01",
            "HtmlBody": f"<p>Hello Person {n},</p>" + html.replace("TOKEN", f"t{n:08}"),
            "TextBody": f"Hello Person {n}, " + text.replace("TOKEN", f"t{n:08}"),
            "Headers": [{"Name": "List-Unsubscribe", "Value": f"<mailto:o@example.org?subject=t{n:08}>"}],
            "TrackOpens": False, "TrackLinks": "None",
        } for n in range(start, min(start + size, people))]
        key = {"X-Postmark-Server-Token": "k"}
        answer = session.post(f"http://127.0.0.1:{port}/email/batch", json=batch, headers=key)
        assert answer.status_code == 200 and len(answer.json()) == len(batch)
"""

RAW = """\
import http.client, json, sys
port, people = map(int, sys.argv[1:3])
text, html = (open(path, encoding="utf-8").read() for path in sys.argv[3:])
body = json.dumps([{"To": "p@example.org", "HtmlBody": html, "TextBody": text}] * 500, separators=(",", ":")).encode()
for _ in range(people // 500):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/email/batch", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
"""
