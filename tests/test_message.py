"""What newsletter.message promises: one body for a list, one complete and safe message for each person."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.message import (
    GREETING,
    HEADERS,
    LIST_TITLE,
    UNSUBSCRIBE,
    Edition,
    HeaderError,
    InlineImage,
    Mailbox,
    Message,
    Recipient,
    Sender,
    _read_again,
    compose,
    copy_for,
    greet,
    list_unsubscribe,
    message_id,
    unsubscribe_link,
)

DATE = datetime(2026, 1, 5, 9, tzinfo=UTC)
LOGO = InlineImage("logo@newsletter", "png", "logo.png", b"\x89PNG\r\n" * 30)
EDITION = Edition(
    issue="2026-01",
    subject="January 2026 newsletter",
    preheader="Safer Internet Day",
    html=f'<p>{GREETING}</p>\n<p>To {LIST_TITLE} <a href="{UNSUBSCRIBE}">Unsubscribe</a></p>\n',
    text=f"{GREETING}\n\nTo {LIST_TITLE}\nUnsubscribe: {UNSUBSCRIBE}\n",
)
OFFICE = Mailbox("", "office@example.org")
PAGE = Sender(Mailbox("Leeds, News", "news@example.org"), OFFICE, "Leeds", "https://example.org/unsubscribe")
QUERY = replace(PAGE, unsubscribe_url="https://example.org/unsubscribe?list=a")
MAIL = replace(PAGE, unsubscribe_url=None)
SAM = Recipient("sam@example.org", "Sam Sample", "Hello Sam,", "tok-1")


def composed(edition: Edition = EDITION, sender: Sender = PAGE) -> Message:
    """Compose for the one list of these tests."""
    return compose(edition, sender, list_name="practitioners", list_title="Practitioners & partners")


def parsed(mail: bytes) -> EmailMessage:
    """Read *mail* as another program would."""
    found = BytesParser(policy=default).parsebytes(mail)
    assert isinstance(found, EmailMessage)
    return found


def bodies(mail: bytes) -> dict[str, str]:
    """Return the decoded text parts by their subtype, with the line ends they were written with."""
    parts = [part for part in parsed(mail).walk() if part.get_content_maintype() == "text"]
    return {part.get_content_subtype(): str(part.get_content()).replace("\r\n", "\n") for part in parts}


def test_a_copy_is_exactly_this() -> None:
    """Fixed headers in a fixed order, plain text before HTML, and nothing that nobody asked for."""
    message = composed()
    mark = message.digest[:32]
    expected = f"""\
From: "Leeds, News" <news@example.org>
Reply-To: <office@example.org>
To: Sam Sample <sam@example.org>
Subject: January 2026 newsletter
Date: Mon, 05 Jan 2026 09:00:00 +0000
Message-ID: {message_id(message, SAM)}
List-ID: Practitioners & partners <practitioners.example.org>
List-Unsubscribe: <https://example.org/unsubscribe?t=tok-1>,
 <mailto:office@example.org?subject=unsubscribe%20tok-1>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_{mark}"

--=_{mark}
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Hello Sam,=


To Practitioners & partners
Unsubscribe: https://example.org/unsubscribe?t=3D=
tok-1=


--=_{mark}
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<p>=
Hello Sam,=
</p>
<p>To Practitioners &amp; partners <a href=3D"https://example.org/unsubsc=
ribe?t=3D=
tok-1=
">Unsubscribe</a></p>

--=_{mark}--
"""
    assert expected.replace("\n", "\r\n").encode() == copy_for(message, SAM, date=DATE)


def test_without_a_page_people_leave_by_mail() -> None:
    """The token rides in the subject, in header and bodies alike, and nothing claims to work by one click."""
    mail = copy_for(composed(sender=MAIL), SAM, date=DATE)
    link = "mailto:office@example.org?subject=unsubscribe%20tok-1"
    assert [name for name in HEADERS if name != "List-Unsubscribe-Post"] == parsed(mail).keys()
    assert f"<{link}>" == parsed(mail)["List-Unsubscribe"]
    assert all(link in body for body in bodies(mail).values())


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/u", "https://example.org/u?t=tok"),
        ("https://example.org/u?list=a", "https://example.org/u?list=a&t=tok"),
        ("https://example.org/u?", "https://example.org/u?t=tok"),
        ("https://example.org/u?list=a&", "https://example.org/u?list=a&t=tok"),
        ("https://example.org/u#form", "https://example.org/u?t=tok#form"),
        ("https://example.org/u?list=a#form?", "https://example.org/u?list=a&t=tok#form?"),
        (None, "mailto:office@example.org?subject=unsubscribe%20tok"),
    ],
)
def test_the_token_joins_the_unsubscribe_link(url: str | None, link: str) -> None:
    """A query and a fragment that are there already stay."""
    assert link == unsubscribe_link(replace(PAGE, unsubscribe_url=url), "tok")


def test_an_address_is_quoted_in_a_mail_link() -> None:
    """What would end the address or begin a field is percent-encoded (RFC 6068)."""
    sender = replace(MAIL, reply_to=Mailbox("", "a&b?c%d+e@example.org"))
    assert list_unsubscribe(sender, "tok") == ("<mailto:a%26b%3Fc%25d+e@example.org?subject=unsubscribe%20tok>",)


def test_a_long_unsubscribe_address_stays_whole() -> None:
    """One click is lost when the link is encoded or cut, so the field is folded after its comma only."""
    page = "https://example.org/" + "x" * 300
    head = copy_for(composed(sender=replace(PAGE, unsubscribe_url=page)), SAM, date=DATE).partition(b"\r\n\r\n")[0]
    assert f"List-Unsubscribe: <{page}?t=tok-1>,\r\n <mailto:".encode() in head


def test_pictures_travel_beside_the_html() -> None:
    """The HTML and its pictures are one related part, and the plain text stands outside it."""
    mail = copy_for(composed(replace(EDITION, images=(LOGO, replace(LOGO, content_id="b")))), SAM, date=DATE)
    text, related = parsed(mail).iter_parts()
    html, logo, other = related.iter_parts()
    types = [part.get_content_type() for part in (parsed(mail), text, related, html, logo, other)]
    assert types == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png",
    ]  # fmt: skip
    assert related["Content-Type"].params["type"] == "text/html"
    assert logo.items() == [
        ("Content-Type", "image/png"),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-ID", "<logo@newsletter>"),
        ("Content-Disposition", 'inline; filename="logo.png"'),
    ]
    assert logo.get_content() == LOGO.data
    assert bodies(mail) == bodies(copy_for(composed(), SAM, date=DATE))


letters = st.text(st.characters(exclude_categories=["Cs"]))
marked = st.lists(st.sampled_from([GREETING, UNSUBSCRIBE, LIST_TITLE, ".", "From ", "\n", "=", "é" * 40]) | letters)
names = st.text("aé🎉 ,\"'<>&=.@\\-", min_size=1, max_size=180).filter(str.strip) | st.just("")
tokens = st.text("aZ09._~-", max_size=200)


@settings(deadline=None)
@given(marked.map("".join), names, tokens, st.sampled_from([PAGE, QUERY, MAIL]))
def test_both_bodies_decode_to_the_edition_with_its_placeholders_replaced(
    words: str, name: str, token: str, sender: Sender
) -> None:
    """Escaped in the HTML, plain in the text, and otherwise to the letter, whatever stands around a placeholder."""
    try:
        person = Recipient("sam@example.org", name, name, token)
    except HeaderError:
        return
    words = words.replace("\r\n", "\n")
    mail = copy_for(composed(replace(EDITION, html=words, text=words), sender), person, date=DATE)
    link = unsubscribe_link(sender, token)
    values = {GREETING: name, UNSUBSCRIBE: link, LIST_TITLE: "Practitioners & partners"}

    def filled(values: dict[str, str]) -> str:
        return re.sub("|".join(values), lambda found: values[found[0]], words)

    expected = {"plain": filled(values), "html": filled({key: escape(value) for key, value in values.items()})}
    assert expected == bodies(mail)
    body = mail.partition(b"\r\n\r\n")[2]
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in body.split(b"\r\n"))


@settings(deadline=None)
@given(names, names, names.filter(bool))
def test_a_copy_has_the_fixed_headers_and_one_recipient(name: str, sender: str, subject: str) -> None:
    """No name and no subject adds a field, takes one away, or brings a second person in."""
    try:
        person, writer = Recipient("sam@example.org", name), replace(PAGE, mailbox=Mailbox(sender, "news@example.org"))
        message = composed(replace(EDITION, subject=subject), writer)
    except HeaderError:
        return
    found = parsed(copy_for(message, person, date=DATE))
    assert list(HEADERS) == found.keys()
    assert [address.addr_spec for address in found["To"].addresses] == ["sam@example.org"]
    assert [address.addr_spec for address in found["From"].addresses] == ["news@example.org"]
    assert subject == found["Subject"]


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: x@y.z", "=?utf-8?q?a=0D=0ABcc:_x=40y.z?= é", "January\n🎉", "a\u2028b", "a\x85b", "a\vb", "a\fb",
        "a\0b", "a\ud800b", "a\u202eb", "a\u200bb", "x" * 5000, "   ",
    ],
)  # fmt: skip
def test_harmful_text_reaches_no_header(text: str) -> None:
    """Subject, list title, sender, reader: each place has the same gate in front of it."""
    with pytest.raises(HeaderError):
        composed(replace(EDITION, subject=text))
    with pytest.raises(HeaderError):
        compose(EDITION, PAGE, list_name="practitioners", list_title=text)
    with pytest.raises(HeaderError):
        compose(EDITION, PAGE, list_name=text, list_title="Practitioners")
    with pytest.raises(HeaderError):
        Mailbox(text, "news@example.org")
    with pytest.raises(HeaderError):
        Recipient("sam@example.org", name=text)
    with pytest.raises(HeaderError):
        Recipient(f"{text}@example.org")
    with pytest.raises(HeaderError):
        Recipient("sam@example.org", token=text)
    with pytest.raises(HeaderError):
        replace(PAGE, unsubscribe_url=f"https://example.org/{text}, <")
    with pytest.raises(HeaderError):
        replace(LOGO, content_id=text)


@pytest.mark.parametrize("field", ["html", "text"])
def test_half_a_character_is_never_taken_for_a_place_to_put_a_token(field: str) -> None:
    """A body that cannot be encoded makes no message at all."""
    with pytest.raises(UnicodeEncodeError):
        composed(replace(EDITION, **{field: "a \ud800"}))  # type: ignore[arg-type]


def test_an_image_is_of_a_kind_that_mail_readers_show() -> None:
    """SVG is not."""
    with pytest.raises(HeaderError, match="PNG"):
        replace(LOGO, subtype="svg+xml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: January 2026 newsletter\r\n", b"Subject: January 2026 newsletter\r\nBcc: x@example.org\r\n"),
        (b"Subject: January 2026 newsletter\r\n", b"Subject: January\r\n"),
        (b"Subject: January 2026 newsletter\r\n", b""),
        (b"Subject: January 2026 newsletter\r\n", b"Subject: January 2026 newsletter\r\n\r\n"),
        (b'"Leeds, News" <', b"Leeds, News <"),
        (b"<office@example.org>", b"<office@example.org>, <x@example.org>"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: =?utf-8?q?=3Chttps"),
    ],
)
def test_a_header_that_came_out_otherwise_than_meant_is_refused(before: bytes, after: bytes) -> None:
    """The sample copy that compose reads again would show any fault of the writing itself."""
    message = composed()
    _read_again(message)
    pieces = tuple(p.replace(before, after) if isinstance(p, bytes) else p for p in message.pieces)
    assert pieces != message.pieces
    with pytest.raises(HeaderError):
        _read_again(replace(message, pieces=pieces))


def test_no_message_is_made_whose_headers_came_out_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Composing itself looks again."""
    monkeypatch.setattr("newsletter.message.text_field", lambda field, text: f"{field}: {text}\r\nBcc: x@example.org")
    with pytest.raises(HeaderError, match="other header fields"):
        composed()


def test_same_input_same_bytes() -> None:
    """Nothing random and no clock: composing twice gives one message."""
    edition = replace(EDITION, subject="Café", images=(LOGO,))
    assert copy_for(composed(edition), SAM, date=DATE) == copy_for(composed(edition), SAM, date=DATE)


def test_a_message_id_is_each_persons_own() -> None:
    """It differs by person, issue and list, stays the same at every attempt, and lives in the sender's domain."""
    message = composed()
    others = [
        message_id(message, replace(SAM, address="jo@example.org")),
        message_id(message, replace(SAM, token="tok-2")),  # noqa: S106
        message_id(composed(replace(EDITION, subject="February")), SAM),
        message_id(compose(EDITION, PAGE, list_name="schools", list_title="Practitioners & partners"), SAM),
    ]
    assert len({message_id(message, SAM), *others}) == 5
    assert message_id(message, SAM) == message_id(composed(), replace(SAM, name="Samuel"))
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message_id(message, SAM))


def test_every_field_counts_in_the_digest_of_an_edition() -> None:
    """Nor can a character move from one field to the next unseen."""
    edition = Edition("2026-01", "a", "b", "c", "d", (LOGO,))
    changed = [replace(edition, **{field.name: "x"}) for field in fields(Edition) if field.name != "images"]  # type: ignore[arg-type]
    moved = [replace(edition, subject="ab", preheader=""), replace(edition, subject="", preheader="ab")]
    logos = (
        replace(LOGO, content_id="x"),
        replace(LOGO, subtype="gif"),
        replace(LOGO, filename="x"),
        replace(LOGO, data=b"x"),
    )
    pictured = [replace(edition, images=images) for images in [(), (LOGO, LOGO), *((logo,) for logo in logos)]]
    variants = [edition, *changed, *moved, *pictured]
    assert len(variants) == len({variant.digest for variant in variants})
    assert all(re.fullmatch("[0-9a-f]{64}", variant.digest) for variant in variants)


def test_the_digest_of_a_message_covers_its_sender_and_its_list() -> None:
    """Two messages that differ in anything at all have different digests."""
    senders = [
        PAGE, MAIL, QUERY, replace(PAGE, organisation="x"), replace(PAGE, mailbox=OFFICE),
        replace(PAGE, mailbox=Mailbox("Leeds", "news@example.org")),
        replace(PAGE, reply_to=Mailbox("x", OFFICE.address)),
        replace(PAGE, reply_to=Mailbox("", "x@example.org")),
    ]  # fmt: skip
    messages = [composed(sender=sender) for sender in senders]
    messages.append(composed(replace(EDITION, preheader="x")))
    messages.append(compose(EDITION, PAGE, list_name="schools", list_title="Practitioners & partners"))
    untitled = replace(EDITION, html="", text="")
    messages += [compose(untitled, PAGE, list_name="schools", list_title=title) for title in ("A", "B")]
    assert len(messages) == len({message.digest for message in messages})


@pytest.mark.parametrize(
    ("pattern", "name", "greeting"),
    [
        ("Hello {first_name},", "Sam", "Hello Sam,"),
        ("Hello {first_name},", " Sam ", "Hello Sam,"),
        ("Hello {first_name},", "", "Hello,"),
        ("Hello {first_name},", "  ", "Hello,"),
        ("{first_name}, good morning", "", "good morning"),
        ("{first_name}", "", ""),
        ("", "Sam", ""),
        ("Hello {first_name},", "{first_name.__class__}", "Hello {first_name.__class__},"),
    ],
)
def test_a_greeting_has_a_form_without_a_name(pattern: str, name: str, greeting: str) -> None:
    """The name is put in as it is; without one its blank goes too."""
    assert greeting == greet(pattern, name)


def test_a_copy_needs_a_date_with_a_zone() -> None:
    """A naive date would mean another hour on another computer."""
    with pytest.raises(ValueError, match="time zone"):
        copy_for(composed(), SAM, date=datetime(2026, 1, 5, 9))  # noqa: DTZ001


def test_importing_loads_nothing_of_the_email_package() -> None:
    """It is needed once a message is composed, and `newsletter --help` composes none."""
    code = "import sys, newsletter.message; print([name for name in sys.modules if name.startswith('email')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
