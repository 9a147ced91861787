"""How quickly copies are handed to a mailing service over HTTP, beside django-anymail and beside json with requests.

    .venv/bin/python benchmarks/send_http.py [PEOPLE]

The peer is installed by name into a temporary folder. Each program hands the same email, built from this repository's
January issue, to the same sink (benchmarks/httpsink.py), which counts people: with another count than the client's own
a run is worth nothing. Ours plans and records everybody in a ledger on the disk. Programs take turns; medians are told,
and last what the sink itself can take.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from send_smtp import Run, Sink, bodies, measured, told

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
SETTINGS = {"mailgun": {"domain": "mg.example.org"}}

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


class HttpSink(Sink):
    """The service, a process of its own."""

    program = "httpsink.py"


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with TemporaryDirectory() as name:
        folder, sink = Path(name), HttpSink()
        text, html = bodies(folder, Sink())
        for file, program in {"ours": OURS, "peer": ANYMAIL, "plain": REQUESTS, "raw": RAW}.items():
            (folder / f"{file}.py").write_text(program, "utf-8")

        def run(program: str, *arguments: object, python: str = sys.executable, number: int = people) -> Run:
            words = [python, str(folder / f"{program}.py"), *map(str, arguments), str(text), str(html)]
            return measured(words, folder, sink, number)

        def ours(name: str, size: int, number: int) -> Run:
            settings = {**SETTINGS.get(name, {}), "batch": str(size)}
            return run("ours", name, sink.port, number, json.dumps(settings), number=number)

        runs: dict[str, Callable[[], Run]] = {"Mailgun, 1,000 a call": partial(ours, "mailgun", 1000, people)}
        if peer := installed(folder, "django-anymail[mailgun]"):
            runs["  django-anymail"] = partial(run, "peer", sink.port, people, python=peer)
        half = people // 4 // 500 * 500
        for service, size in (("postmark", 500), ("resend", 100)):
            runs[f"{service.capitalize()}, {size} a call"] = partial(ours, service, size, half)
            runs[f"  json + requests, {size} a call"] = partial(run, "plain", sink.port, half, size, number=half)
        runs["what the sink takes of full messages"] = partial(
            run, "raw", sink.port, people // 500 * 500, number=people // 500 * 500
        )
        results: dict[str, list[Run]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for which, one in runs.items():
                results[which].append(one())
        before = Run(0, 0, 0)
        for which, measurements in results.items():
            middle = told(which, measurements)
            if which.startswith("  "):
                rate, cpu = before.rate / middle.rate, middle.cpu / before.cpu
                print(f"    {rate:.1f} x as quick (goal 3), CPU 1/{cpu:.1f}")
            before = middle


def installed(folder: Path, *packages: str) -> str | None:
    """Install *packages* by name into *folder* and return its Python; None where that cannot be done."""
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv/bin/python")
    return None if subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=False).returncode else python


if __name__ == "__main__":
    main()
