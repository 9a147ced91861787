"""What stands in the copies of a campaign, and in the requests that make them, service by service."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from fakes.buttondown import FakeButtondown
from providers.batches import ACCEPTED, ACCIDENTS, a_send
from providers.campaigns import KEEPERS, NAME, Hall

from newsletter.message import compose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fakes.ground import Copy

BOLD = '<b>O\'Neil & "Co"</b>'


def shown(html: str) -> str:
    """Return what a browser shows of HTML, in one line."""
    text = str(lxml.html.document_fromstring(html).text_content())
    return re.sub(r"\s+", " ", text).strip()


def one_copy(hall: Hall, name: str) -> Copy:
    """Send to one person called *name* alone, and return their copy."""
    for person in list(hall.fake.lists[hall.list].people.values()):
        hall.fake.set_status(person, "unsubscribed")
    hall.fake.join(hall.list, "p7@example.org", name)
    assert ACCEPTED == hall.launch().outcome
    (copy,) = hall.fake.copies
    return copy


@pytest.mark.parametrize(("name", "greeting"), [("Amina Khan", "Hello Amina,"), ("", "Hello,"), ("Jo Li", "Hello Jo,")])
def test_the_greeting(name: str, greeting: str, hall: Hall) -> None:
    """By the first name, in HTML and in text; whoever gave none is greeted without."""
    copy = one_copy(hall, name)
    assert f"{greeting}Term datesUnsubscribe" == shown(copy.html)
    assert re.match(rf"\s*{greeting}\s+Term dates\s", copy.text)


def test_a_name_that_looks_like_html(hall: Hall) -> None:
    """It is shown as it was given, and is no HTML."""
    copy = one_copy(hall, BOLD)
    first = BOLD.partition(" ")[0]
    assert f"Hello {first}," in shown(copy.html)
    assert "<b>" not in copy.html
    if hall.keeper.own_text:
        assert f"Hello {first}," in copy.text


def test_what_an_author_wrote_by_accident(hall: Hall) -> None:
    """Whatever the service would take for its own stands in each copy as it was written."""
    words = f"{ACCIDENTS} {{% if x %}} {{# y #}} {{{{ .Subscriber.Email }}}} *|UNSUB|* https://example.org@TrackLink"
    few = "{{x}} {{{y}}} *|FNAME|* {% if x %} {# y #} https://example.org@TrackLink"
    told = hall.launch(words=f" {words}", subject=few)
    assert ACCEPTED == told.outcome
    for copy in hall.fake.copies:
        assert words in shown(copy.html)
        assert few == copy.subject.replace("\u2060", "").replace("%40", "@")
        if hall.keeper.own_text:
            text = copy.text.replace("\u2060", "").replace("%40", "@")
            assert words in text
        assert hall.keeper.untracked != bool(copy.tracked)


def test_subject_and_the_way_out(hall: Hall) -> None:
    """The link to leave is the service's own, in HTML, in text and in the header, and each person's differs."""
    hall.launch()
    links = set()
    for copy in hall.fake.copies:
        link = copy.headers["List-Unsubscribe"].strip("<>")
        assert f"href='{link}'" in unescape(copy.html)
        assert link in copy.text
        assert "List-Unsubscribe=One-Click" == copy.headers["List-Unsubscribe-Post"]
        assert "January 2026 newsletter" == copy.subject == copy.headers["Subject"]
        links.add(link)
    assert 3 == len(links)
    assert not any("NL_" in copy.html + copy.text for copy in hall.fake.copies)


def test_outlook_keeps_its_comments(hall: Hall) -> None:
    """What stands in comments is for Outlook: it arrives."""
    send = a_send(url=None)
    ghost = '<!--[if mso]><table role="presentation"><tr><td width="600"><![endif]-->'
    edition = replace(send.message.edition, html=send.message.edition.html.replace("<p>", f"{ghost}<p>", 1))
    message = compose(edition, send.message.sender, list_name="schools", list_title="Schools")
    assert ACCEPTED == hall.open().launch(replace(send, message=message)).outcome
    assert all(ghost in copy.html for copy in hall.fake.copies)


def first_call(hall: Hall, route: str) -> Mapping[str, Any]:
    """Return what the first request that begins so says in JSON."""
    return dict(json.loads(hall.fake.calls(route)[0].body))


HTML = "<p>{}</p><p>Term dates</p><p><a href='{}'>Unsubscribe</a></p>"
REQUESTS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "mailchimp": [
        ("POST /campaigns", {
            "type": "regular", "recipients": {"list_id": "LIST"},
            "settings": {
                "subject_line": "January 2026 newsletter", "preview_text": "What is new", "title": NAME,
                "from_name": "Practitioner newsletter", "reply_to": "newsletter@example.org", "inline_css": False,
                "auto_footer": False,
            },
            "tracking": {"opens": False, "html_clicks": False, "text_clicks": False},
        }),
        ("PUT /campaigns", {
            "html": HTML.format("*|IF:FNAME|*Hello *|FNAME|*,*|ELSE:|*Hello,*|END:IF|*", "*|UNSUB|*"),
            "plain_text": "*|IF:FNAME|*Hello *|FNAME|*,*|ELSE:|*Hello,*|END:IF|*\n\nTerm dates\n\n"
            "Unsubscribe: *|UNSUB|*\n",
        }),
    ],
    "brevo": [
        ("POST /emailCampaigns", {
            "name": NAME, "tag": NAME, "subject": "January 2026 newsletter",
            "htmlContent": HTML.format(
                "{% if contact.FIRSTNAME %}Hello {{ contact.FIRSTNAME }},{% else %}Hello,{% endif %}",
                "{{ unsubscribe }}",
            ),
            "sender": {"name": "Practitioner newsletter", "email": "newsletter@example.org"},
            "replyTo": "office@example.org", "recipients": {"listIds": ["LIST"]}, "inlineImageActivation": False,
            "mirrorActive": False,
        }),
    ],
    "buttondown": [
        ("POST /emails", {
            "subject": "January 2026 newsletter", "status": "draft", "metadata": {"newsletter": NAME},
            "archival_mode": "disabled", "commenting_mode": "disabled", "template": "naked",
            "body": "<!-- buttondown-editor-mode: plaintext -->\n" + HTML.format(
                "{% if subscriber.metadata.first_name %}Hello {{ subscriber.metadata.first_name|force_escape }},"
                "{% else %}Hello,{% endif %}",
                "{{ unsubscribe_url }}",
            ),
        }),
    ],
    "listmonk": [
        ("POST /api/campaigns", {
            "name": NAME, "subject": "January 2026 newsletter", "lists": ["LIST"], "type": "regular",
            "from_email": "Practitioner newsletter <newsletter@example.org>", "messenger": "email",
            "content_type": "html", "template_id": 102, "headers": [{"Reply-To": "office@example.org"}],
            "send_at": None,
            "body": HTML.format(
                "{{ $name := trim .Subscriber.Name }}"
                '{{ if eq (lower $name) "" (lower (first (splitList "@" .Subscriber.Email))) }}Hello,'
                '{{ else }}Hello {{ (first (splitList " " $name)) }},{{ end }}',
                "{{ UnsubscribeURL }}",
            ),
            "altbody": '{{ Safe "" }}{{ $name := trim .Subscriber.Name }}'
            '{{ if eq (lower $name) "" (lower (first (splitList "@" .Subscriber.Email))) }}{{ Safe "Hello," }}'
            '{{ else }}{{ Safe "Hello " }}{{ Safe (first (splitList " " $name)) }}{{ Safe "," }}{{ end }}'
            '{{ Safe "\\n\\nTerm dates\\n\\nUnsubscribe: " }}{{ UnsubscribeURL }}{{ Safe "\\n" }}',
        }),
    ],
}  # fmt: skip


def test_the_whole_request(hall: Hall) -> None:
    """What makes the campaign, word for word: nothing more is said than we mean."""
    hall.launch()
    for route, expected in REQUESTS[hall.keeper.name]:
        known = json.dumps(expected).replace('"LIST"', hall.list if hall.list.isdigit() else f'"{hall.list}"')
        assert json.loads(known) == first_call(hall, route)


def test_every_service_has_its_request() -> None:
    """Whoever adds a service writes down what it is asked."""
    assert {keeper.name for keeper in KEEPERS} == set(REQUESTS)


def test_the_start_of_an_email_at_buttondown(tmp_path: Path) -> None:
    """It bears a key, so that a repeat is one, and the word without which a new key sends nothing."""
    keeper = next(one for one in KEEPERS if one.name == "buttondown")
    with keeper.fake() as fake:
        hall = Hall(keeper, fake, tmp_path)
        assert ACCEPTED == hall.launch().outcome
        start = fake.calls("PATCH /emails")[-1]
        assert {"status": "about_to_send"} == start.json()
        assert "true" == start.headers["x-buttondown-live-dangerously"]
        keys = [seen.headers.get("x-idempotency-key", "") for seen in (fake.calls("POST /emails")[0], start)]
        assert [64, 64] == [len(key) for key in keys]


@pytest.mark.parametrize(("name", "value", "why"), [
    ("email_address", "other@example.org", "it sends from another address than from: says"),
    ("reply_to_address", "other@example.org", "answers go to another address than reply_to: says"),
    ("test_mode", True, "it is in test mode, in which nothing is sent"),
    ("enabled_features", ["tracking"], "opens or clicks are counted"),
])  # fmt: skip
def test_a_newsletter_at_buttondown_that_says_otherwise(name: str, value: Any, why: str, tmp_path: Path) -> None:
    """What cannot be said of one email stands in the settings there: where that does not fit, nothing leaves."""
    keeper = next(one for one in KEEPERS if one.name == "buttondown")
    with FakeButtondown() as fake:
        fake.settings[name] = value
        error = Hall(keeper, fake, tmp_path).launch().error
        assert error is not None
        assert (f"Not sent: of the newsletter Schools at Buttondown, {why}.", {}) == (error.message, fake.got)
        assert [] == fake.stages()
