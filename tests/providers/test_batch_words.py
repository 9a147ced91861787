"""What is handed over, to the last field, and how it reads once the service has put each person's own words in."""

from __future__ import annotations

import re
from base64 import b64encode
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fakes.postmark import FakePostmark
from ledgers import SECRET
from providers.batches import ACCEPTED as ALL
from providers.batches import ACCIDENTS, BATCHES, KEY, Desk, a_send, all_of, key_of, people, person, submitted

from newsletter.tokens import read_token

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.ground import Copy
    from fakes.wire import Seen

AMINA, BEN = person("amina", called="Amina Khan", first_name="Amina"), person("ben")
A, B = AMINA.recipient.token, BEN.recipient.token
LINK = "https://example.org/unsubscribe?l=schools&t="
MAIL = "mailto:office@example.org?subject=unsubscribe%20"
SENDER = "Practitioner newsletter <newsletter@example.org>"
LIST = "Schools <schools.example.org>"
NASTY = '<b>O\'Neil & "Co" {{x}} %recipient.token% -NL_LEAVER- {{{ pm:unsubscribe }}}</b>'


def said(html_greeting: str, greeting: str, link: str) -> tuple[str, str]:
    """The words of the message with these in their places."""
    html_link = link.replace("&", "&amp;")
    return (
        f"<p>{html_greeting}</p><p>Term dates</p><p><a href='{html_link}'>Unsubscribe</a></p>",
        f"{greeting}\n\nTerm dates\n\nUnsubscribe: {link}\n",
    )


def leave(token: str) -> str:
    """The List-Unsubscribe of whoever has this token."""
    return f"<{LINK}{token}>, <{MAIL}{token}>"


def mailgun(seen: Seen) -> None:
    """A form, with the values of each person under their bare address."""
    html, text = said("%recipient.greeting_html%", "%recipient.greeting%", f"{LINK}%recipient.token%")
    variables = (
        f'{{"amina@example.org": {{"greeting_html": "Hello Amina,", "greeting": "Hello Amina,", "token": "{A}"}}, '
        f'"ben@example.org": {{"greeting_html": "Hello,", "greeting": "Hello,", "token": "{B}"}}}}'
    )
    expected = [
        ("from", SENDER), ("to", "Amina Khan <amina@example.org>"), ("to", "ben@example.org"),
        ("subject", "January 2026 newsletter"), ("text", text), ("html", html), ("recipient-variables", variables),
        ("o:tag", "2026-01--schools"), ("o:tracking", "no"), ("o:tracking-clicks", "no"), ("o:tracking-opens", "no"),
        ("h:Reply-To", "office@example.org"), ("h:List-ID", LIST),
        ("h:List-Unsubscribe", leave("%recipient.token%")), ("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]  # fmt: skip
    assert expected == seen.form()
    key = b64encode(b"api:key-5f2b1c9d8e7a6f504132435465768798").decode()
    assert f"Basic {key}" == seen.headers["authorization"]


def postmark(seen: Seen) -> None:
    """A whole message for each."""

    def message(to: str, greeting: str, token: str) -> dict[str, Any]:
        html, text = said(greeting, greeting, f"{LINK}{token}")
        return {
            "From": SENDER, "To": to, "ReplyTo": "office@example.org", "Subject": "January 2026 newsletter",
            "HtmlBody": html, "TextBody": text, "MessageStream": "broadcast", "Tag": "2026-01--schools",
            "TrackOpens": False, "TrackLinks": "None",
            "Headers": [
                {"Name": "List-ID", "Value": LIST}, {"Name": "List-Unsubscribe", "Value": leave(token)},
                {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            ],
        }  # fmt: skip

    expected = [message("Amina Khan <amina@example.org>", "Hello Amina,", A), message("ben@example.org", "Hello,", B)]
    assert expected == seen.json()
    assert "7c0f9d64-2b1a-4e8e-9a77-0123456789ab" == seen.headers["x-postmark-server-token"]
    assert ("application/json", "application/json") == (seen.headers["accept"], seen.headers["content-type"])


def sendgrid(seen: Seen) -> None:
    """One mail, with a personalization for each."""
    html, text = said("-NL_GREETING_HTML-", "-NL_GREETING-", f"{LINK}-NL_LEAVER-")

    def personal(to: dict[str, str], greeting: str, token: str) -> dict[str, Any]:
        put_in = {"-NL_GREETING_HTML-": greeting, "-NL_GREETING-": greeting, "-NL_LEAVER-": token}
        return {"to": [to], "substitutions": put_in, "headers": {"List-Unsubscribe": leave(token)}}

    off = {"enable": False}
    expected = {
        "personalizations": [
            personal({"email": "amina@example.org", "name": "Amina Khan"}, "Hello Amina,", A),
            personal({"email": "ben@example.org"}, "Hello,", B),
        ],
        "from": {"email": "newsletter@example.org", "name": "Practitioner newsletter"},
        "reply_to": {"email": "office@example.org"},
        "subject": "January 2026 newsletter",
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
        "headers": {"List-ID": LIST, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "categories": ["2026-01--schools"],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False}, "open_tracking": off,
            "subscription_tracking": off, "ganalytics": off,
        },
    }  # fmt: skip
    assert expected == seen.json()
    assert seen.headers["authorization"].startswith("Bearer SG.")


def ses(seen: Seen) -> None:
    """One template, with an entry for each; that it is signed the fake has found."""
    html, text = said("{{greeting_html}}", "{{greeting}}", f"{LINK}{{{{token}}}}")

    def entry(to: str, greeting: str, token: str) -> dict[str, Any]:
        put_in = f'{{"greeting_html": "{greeting}", "greeting": "{greeting}", "token": "{token}"}}'
        return {
            "Destination": {"ToAddresses": [to]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": put_in}},
            "ReplacementHeaders": [
                {"Name": "List-Unsubscribe", "Value": leave(token)},
                {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            ],
        }

    template = {
        "TemplateContent": {"Subject": "January 2026 newsletter", "Html": html, "Text": text},
        "TemplateData": '{"greeting_html": "", "greeting": "", "token": ""}',
        "Headers": [{"Name": "List-ID", "Value": LIST}],
    }
    expected = {
        "FromEmailAddress": SENDER,
        "ReplyToAddresses": ["office@example.org"],
        "DefaultContent": {"Template": template},
        "DefaultEmailTags": [{"Name": "newsletter", "Value": "2026-01--schools"}],
        "BulkEmailEntries": [
            entry("Amina Khan <amina@example.org>", "Hello Amina,", A), entry("ben@example.org", "Hello,", B)
        ],
        "ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}},
    }  # fmt: skip
    assert expected == seen.json()


def resend(seen: Seen) -> None:
    """A whole message for each, and the key of the batch."""

    def message(to: str, greeting: str, token: str) -> dict[str, Any]:
        html, text = said(greeting, greeting, f"{LINK}{token}")
        headers = {"List-ID": LIST, "List-Unsubscribe": leave(token)}
        return {
            "from": SENDER, "to": [to], "reply_to": "office@example.org", "subject": "January 2026 newsletter",
            "html": html, "text": text, "tags": [{"name": "newsletter", "value": "2026-01--schools"}],
            "headers": {**headers, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        }  # fmt: skip

    assert [message("amina@example.org", "Hello Amina,", A), message("ben@example.org", "Hello,", B)] == seen.json()
    assert KEY == seen.headers["idempotency-key"]
    assert seen.headers["authorization"].startswith("Bearer re_")


REQUESTS = {"mailgun": mailgun, "postmark": postmark, "sendgrid": sendgrid, "ses": ses, "resend": resend}


def test_the_whole_request(desk: Desk) -> None:
    """Each service gets what its pages ask for, and nothing else; twice the same, twice the same bytes."""
    for _ in range(2):
        told = desk.submit([AMINA, BEN])
        assert (all_of(ALL, [AMINA, BEN]), None) == (told.outcomes, told.error)
    first, second = desk.fake.calls(desk.batch.route)
    REQUESTS[desk.batch.name](first)
    assert first.body == second.body
    assert first.headers["user-agent"].startswith("newsletter/")
    assert first.connection != second.connection


def test_greetings(desk: Desk) -> None:
    """Whoever has a name is greeted by it, and whoever has none without a gap."""
    desk.submit([AMINA, BEN])
    texts = {copy.to: (copy.html.partition("</p>")[0], copy.text.partition("\n")[0]) for copy in desk.fake.copies}
    assert {
        "amina@example.org": ("<p>Hello Amina,", "Hello Amina,"),
        "ben@example.org": ("<p>Hello,", "Hello,"),
    } == texts
    told = {copy.to: copy.headers for copy in desk.fake.copies}
    for head in told.values():
        assert (SENDER, LIST) == (head["From"].replace('"', ""), head["List-ID"])


def test_a_name_is_a_name(desk: Desk) -> None:
    """Whatever stands in a name is read as it was written: no element, no placeholder, nobody else's."""
    desk.submit([person("amina", called="Amina Khan", first_name=NASTY)])
    (copy,) = desk.fake.copies
    assert f"Hello {NASTY}," in as_read(copy.html)
    assert f"Hello {NASTY}," in copy.text.replace("\u2060", "")
    assert "<b>" not in copy.html
    assert A not in copy.html.partition("Term dates")[0]


def test_what_authors_write(desk: Desk) -> None:
    """What another would take for a placeholder comes out as it was written, in HTML, text and subject."""
    url = "https://example.org/?a={{b}}&c=%recipient.d%&e=-NL_F-"
    sent = a_send(words=f" {ACCIDENTS} <%asm_group_unsubscribe_url%> {url}", subject=f"About {ACCIDENTS}")
    assert all_of(ALL, [AMINA]) == submitted(desk.open(), sent, [AMINA]).outcomes
    (copy,) = desk.fake.copies
    assert f"About {ACCIDENTS}" == copy.subject.replace("\u2060", "")
    assert f"Term dates {ACCIDENTS} <%asm_group_unsubscribe_url%> {url}" in as_read(copy.html)
    words, _, rest = copy.text.replace("\u2060", "").partition("https://")
    assert f"Term dates {ACCIDENTS} <%asm_group_unsubscribe_url%> " in words
    assert url == unquote(f"https://{rest.split()[0]}")


@pytest.mark.parametrize("url", ["https://example.org/unsubscribe?l=schools", None])
def test_everybody_leaves_by_their_own_link(url: str | None, desk: Desk) -> None:
    """The link in HTML, in text and in the header is the person's own; one click only where there is a page for it."""
    those = people(3)
    desk.submit(those, url=url)
    for one, copy in zip(those, sorted(desk.fake.copies, key=lambda copy: copy.to), strict=True):
        assert one.recipient.address == copy.to
        links = [*in_bodies(copy), *re.findall("<(.*?)>", copy.headers["List-Unsubscribe"])]
        assert (4 if url else 3) == len(links)
        assert {("schools", key_of(one.key))} == {read_token(SECRET, token_of(link)) for link in links}
        expected = "List-Unsubscribe=One-Click" if url else None
        assert expected == copy.headers.get("List-Unsubscribe-Post")


def test_postmark_lets_people_leave_by_itself(tmp_path: Path) -> None:
    """Where Postmark keeps who has left, its own link stands where ours would, and its own header."""
    (batch,) = [one for one in BATCHES if one.name == "postmark"]
    with FakePostmark() as fake:
        Desk(batch, fake, tmp_path).submit([AMINA, BEN])
        for copy in fake.copies:
            own = f"https://unsubscribe.example.net/{copy.id}"
            assert [own, own] == in_bodies(copy)
            assert f"<{own}>" == copy.headers["List-Unsubscribe"]
            assert 1 == copy.html.count("unsubscribe.example.net")
        assert 2 == len({copy.id for copy in fake.copies})


def as_read(html: str) -> str:
    """What a browser shows of this."""
    return unescape(html)


def in_bodies(copy: Copy) -> list[str]:
    """The links by which one leaves, in HTML and in text."""
    (html,) = re.findall(r"<a href='(.*?)'>Unsubscribe</a>", copy.html)
    (text,) = re.findall(r"^Unsubscribe: (.*)$", copy.text, re.MULTILINE)
    return [unescape(html), text]


def token_of(link: str) -> str:
    """The token in a link by https or by mail."""
    query = parse_qs(urlsplit(link).query)
    return query["t"][0] if "t" in query else query["subject"][0].removeprefix("unsubscribe ")
