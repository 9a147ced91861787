"""A send through a mailing service from the command line, to the fake of it: as an editor lives through it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.mailgun import FakeMailgun
from fakes.postmark import FakePostmark
from fakes.sendgrid import FakeSendGrid
from fakes.wire import reset_after
from pytest_socket import enable_socket, socket_allow_hosts
from sends import reconfigure, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.ground import Fake

SEND = ("send", "2026-01", "--list", "schools", "--yes")
ROUTE = "POST /v3/mg.example.org/messages"
EVERYBODY = Counter(f"p{number}@example.org" for number in range(5))


@pytest.fixture
def mailgun() -> Iterator[FakeMailgun]:
    """Mailgun, on loopback."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    with FakeMailgun() as fake:
        yield fake


@pytest.fixture
def schools(ready: Path, mailgun: FakeMailgun, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that sends through it, two people a call, to a list that is kept here."""
    reconfigure(ready, "newsletter@example.org", "newsletter@partnership.internal")
    reconfigure(ready, "office@example.org", "office@partnership.internal")
    reconfigure(ready, "Example House, 1 Example Street", "Town Hall, High Street")
    settings = f"mailgun: {{domain: mg.example.org, batch: 2, url: {mailgun.url}}}"
    reconfigure(
        ready, "lists:\n", f"provider: mailgun\nproviders:\n  {settings}\nlists:\n  schools: {{title: Schools}}\n"
    )
    monkeypatch.setenv("MAILGUN_API_KEY", mailgun.key)
    rows = "".join(f"p{number}@example.org,P{number} Person\n" for number in range(5))
    (ready / "schools.csv").write_text(f"email,name\n{rows}", "utf-8")
    code, _, said = run(ready, "lists", "import", "schools", "schools.csv", "--source", "Asked at the conference")
    assert 0 == code, said
    return ready


def test_a_lost_answer(schools: Path, mailgun: FakeMailgun) -> None:
    """Interrupted, it ends with two unknown (5); the same command looks them up, and nobody gets it twice (6)."""
    mailgun.next(reset_after(), on=ROUTE)
    code, _, said = run(schools, *SEND)
    assert (5, True) == (code, "of 2 it is not known whether they have it" in said), said
    assert EVERYBODY == mailgun.got
    code, _, said = run(schools, *SEND)
    assert 6 == code, said
    assert "Looked up at Mailgun, mg.example.org: 2 of the unknown are settled." in said
    assert "Not sent: this issue went to Schools" in said
    assert (EVERYBODY, 3) == (mailgun.got, len(mailgun.calls(ROUTE)))
    code, told, said = run(schools, "status", "2026-01")
    assert (0, True) == (code, "5 accepted" in f"{told}{said}".lower() or "accepted 5" in f"{told}{said}".lower()), told
    assert mailgun.key not in f"{told}{said}"


def test_cancelled_in_part(schools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whom it is not known whether they are to get it is told as well, and so does the exit code: 5."""
    with FakeSendGrid() as sendgrid:
        monkeypatch.setenv("SENDGRID_API_KEY", sendgrid.key)
        text = (schools / "newsletter.yaml").read_text("utf-8").replace("mailgun", "sendgrid")
        text = re.sub("{domain.*}", f"{{batch: 2, url: {sendgrid.url}}}", text)
        (schools / "newsletter.yaml").write_text(text, "utf-8")
        sendgrid.next(reset_after(), on="POST /v3/mail/send")
        at = (datetime.now(UTC) + timedelta(hours=30)).strftime("%Y-%m-%d %H:%M")
        code, _, said = run(schools, *SEND, "--at", at)
        assert (5, True) == (code, "Accepted 3 + Rejected 0 + Skipped 0 + Unknown 2" in said), said
        code, told, said = run(schools, "cancel", "2026-01", "--list", "schools", "--yes")
    assert (5, True) == (code, "Cancelled: 3 people will not get it." in told), said
    assert "2 people may have it or not" in said


def test_what_became_of_it(schools: Path, mailgun: FakeMailgun) -> None:
    """What Mailgun counted is shown; who has left there leaves the list here, once."""
    code, _, said = run(schools, *SEND)
    assert (0, EVERYBODY) == (code, mailgun.got), said
    for number, reason in enumerate(("bounced", "unsubscribed", "complained")):
        mailgun.leave(f"p{number}@example.org", reason)
    code, told, said = run(schools, "report", "2026-01", "--json")
    assert 0 == code, said
    (figures,) = json.loads(told)["sends"]
    names = ("provider", "accepted", "delivered", "bounced", "unsubscribed", "complaints", "error")
    assert ["mailgun", 5, 5, 1, 1, 1, None] == [figures[name] for name in names]
    code, told, said = run(schools, "report")
    assert (0, ["schools", "5", "5", "1", "1", "1"]) == (code, told.splitlines()[-1].split())
    code, told, said = run(schools, "lists", "sync", "schools", "--json")
    assert 0 == code, said
    assert 3 == sum(value for value in counted(json.loads(told)))
    code, told, said = run(schools, "lists", "sync", "schools", "--json")
    assert (0, 0) == (code, sum(counted(json.loads(told)))), said
    code, told, _ = run(schools, "lists", "show", "schools", "--json")
    assert 2 == len(json.loads(told)["people"]), told


def test_later(schools: Path, mailgun: FakeMailgun) -> None:
    """It leaves at its time; Mailgun cannot take it back, which `cancel` says (6)."""
    at = datetime.now(UTC) + timedelta(days=1)
    code, _, said = run(schools, *SEND, "--at", f"{at:%Y-%m-%d} 09:00")
    assert 0 == code, said
    assert ([], 5) == (mailgun.copies, len(mailgun.delivered))
    code, _, said = run(schools, "cancel", "2026-01", "--list", "schools", "--yes")
    assert 6 == code
    assert "Not cancelled: Mailgun, mg.example.org cannot take back what it was handed." in said
    mailgun.ahead = timedelta(days=3)
    assert EVERYBODY == mailgun.got
    far = datetime.now(UTC) + timedelta(days=30)
    code, _, said = run(schools, *SEND, "--at", f"{far:%Y-%m-%d} 09:00")
    assert (6, True) == (code, "too far ahead" in said)


def test_another_provider(schools: Path, mailgun: FakeMailgun, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Changing the provider is one line; what people get is the same, to the last letter."""
    other = tmp_path_factory.mktemp("other") / "w"
    shutil.copytree(schools, other)
    with FakePostmark(own_unsubscribe=True) as postmark:
        for workspace in (schools, other):
            reconfigure(workspace, "providers:\n", f"providers:\n  postmark: {{url: {postmark.url}}}\n")
        reconfigure(other, "provider: mailgun", "provider: postmark")
        before, after = ((one / "newsletter.yaml").read_text("utf-8").splitlines() for one in (schools, other))
        assert 1 == sum(old != new for old, new in zip(before, after, strict=True))
        assert 0 == run(schools, *SEND)[0]
        code, _, said = run(other, *SEND, env=os.environ | {"POSTMARK_SERVER_TOKEN": postmark.key})
        assert 0 == code, said
        assert words_of(mailgun) == words_of(postmark)
        assert EVERYBODY == postmark.got


def words_of(fake: Fake) -> dict[str, list[str | None]]:
    """What each person got."""
    heads = ("From", "To", "Reply-To", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post")
    return {
        copy.to: [copy.subject, copy.html.strip(), copy.text.strip(), *(copy.headers.get(name) for name in heads)]
        for copy in fake.copies
    }


def counted(told: object) -> list[int]:
    """Every number in what a command told as JSON."""
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return [told] if isinstance(told, int) else [number for part in parts for number in counted(part)]
