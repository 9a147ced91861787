"""From an edition to mail: one body for a list, encoded once, and one complete message for each person.

    Edition ─compose(sender, list)→ Message ─copy_for(recipient, date)→ bytes

All that differs from person to person is marked in the encoded body, so that a copy is a join of byte strings.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsletter.mime import (
    HeaderError,
    Mailbox,
    date_field,
    encoded_template,
    header_address,
    header_link,
    header_text,
    image_part,
    multipart,
    named_field,
    parse_mailbox,
    read_fields,
    read_mailboxes,
    read_text,
    slot_value,
    text_field,
    text_head,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "GREETING", "HEADERS", "LIST_TITLE", "UNSUBSCRIBE",
    "Edition", "HeaderError", "InlineImage", "Mailbox", "Message", "Recipient", "Sender",
    "compose", "copy_for", "freeze", "greet", "header_address", "header_text",
    "list_unsubscribe", "message_id", "parse_mailbox", "thaw", "unsubscribe_link",
]  # fmt: skip

# Placeholders in html and text. Letters and underscores only: premailer, URL quoting and quoted-printable leave them.
GREETING = "NL_GREETING_NL"  # per person: "Hello Sam," or "Hello,"
UNSUBSCRIBE = "NL_UNSUBSCRIBE_NL"  # per person: the link that unsubscribes, https or mailto
LIST_TITLE = "NL_LIST_TITLE_NL"  # per list: "Practitioners"

_WHO = "\ud800"  # where the token stands in an unsubscribe link: half a character, which no text that encodes can hold
_SLOTS = f"{GREETING}|{_WHO}"
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{0,200}")

# The header fields of every copy, in this order. The -Post field stands only beside an https link.
HEADERS = (
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-ID",
    "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture that travels inside the message; the html shows it as ``cid:`` and its *content_id*."""

    content_id: str
    subtype: str
    filename: str
    data: bytes

    def __post_init__(self) -> None:
        if self.subtype not in {"png", "jpeg", "gif"}:
            raise HeaderError("A picture inside a message is a PNG, a JPEG or a GIF")
        if not re.fullmatch(r"[A-Za-z0-9._@-]{1,100}", self.content_id):
            raise HeaderError("A picture's content id is letters, digits, dots, dashes and underscores")


@dataclass(frozen=True, slots=True)
class Edition:
    """What an issue becomes once built: the same for every list and every person."""

    issue: str
    subject: str
    preheader: str
    html: str
    text: str
    images: tuple[InlineImage, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of everything a reader could see, and of the issue's id, in hexadecimal."""
        return _digest(self.issue.encode(), self.content.encode())

    @property
    def content(self) -> str:
        """The SHA-256 of everything a reader could see, whatever the issue is called."""
        words = (self.subject, self.preheader, self.html, self.text)
        images = ((i.content_id.encode(), i.subtype.encode(), i.filename.encode(), i.data) for i in self.images)
        return _digest(*(word.encode() for word in words), *(part for image in images for part in image))


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: *mailbox* is the From, *reply_to* takes answers and, without an *unsubscribe_url*, the leavers."""

    mailbox: Mailbox
    reply_to: Mailbox
    organisation: str
    unsubscribe_url: str | None = None

    def __post_init__(self) -> None:
        if self.unsubscribe_url is not None:
            header_link(self.unsubscribe_url)

    @property
    def domain(self) -> str:
        """What follows the @ in the From address; Message-ID and List-ID live there."""
        return self.mailbox.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person: *greeting* is ready to print, *token* is URL-safe and says who leaves; raises `HeaderError`."""

    address: str
    name: str = ""
    greeting: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        header_address(self.address)
        if self.name:
            header_text(self.name)
        if not _TOKEN.fullmatch(self.token):
            raise HeaderError("An unsubscribe token is letters, digits, dots, dashes, underscores and tildes")


@dataclass(frozen=True, slots=True)
class Message:
    """An edition addressed to one list by one sender; complete but for what differs from person to person.

    *edition* has the list's title in place. *digest* covers edition, sender and list. *pieces* is the whole mail:
    bytes that are ready, and between them the names of the slots that `copy_for` fills.
    """

    edition: Edition
    sender: Sender
    list_name: str
    list_title: str
    digest: str
    pieces: tuple[bytes | str, ...] = field(repr=False)

    @property
    def list_id(self) -> str:
        """The list's name for ever, without brackets: ``practitioners.example.org`` (RFC 2919)."""
        return f"{self.list_name}.{self.sender.domain}"


def greet(pattern: str, first_name: str) -> str:
    """Return "Hello Sam," for the pattern "Hello {first_name},"; without a name "Hello,"."""
    if name := first_name.strip():
        return pattern.replace("{first_name}", name)
    return re.sub(r"\s*\{first_name\}", "", pattern).lstrip(" ,")


def unsubscribe_link(sender: Sender, token: str) -> str:
    """Return the link by which the person leaves for whom *token* stands; *token* may be a provider's merge field."""
    if sender.unsubscribe_url is None:
        return _unsubscribe_mail(sender, token)
    page, mark, fragment = sender.unsubscribe_url.partition("#")
    joint = "" if page.endswith(("?", "&")) else "&" if "?" in page else "?"
    return f"{page}{joint}t={token}{mark}{fragment}"


def list_unsubscribe(sender: Sender, token: str) -> tuple[str, ...]:
    """Return the entries of the List-Unsubscribe field, best first; a comma and a blank join them (RFC 2369)."""
    mail = f"<{_unsubscribe_mail(sender, token)}>"
    return (mail,) if sender.unsubscribe_url is None else (f"<{unsubscribe_link(sender, token)}>", mail)


def message_id(message: Message, recipient: Recipient) -> str:
    """Return the Message-ID of this person's copy: the same at every attempt, in the sender's own domain."""
    parts = (message.digest, recipient.token, recipient.address)
    return f"<{_digest(*(part.encode() for part in parts))[:32]}@{message.sender.domain}>"


def compose(edition: Edition, sender: Sender, *, list_name: str, list_title: str) -> Message:
    """Address *edition* to a list. Same input, same bytes.

    Raises `HeaderError` for a subject, title or list name that no header can hold, and if a sample copy, read again as
    a stranger would read it, has another set of headers or other values than were meant.
    """
    header_text(edition.subject)
    header_text(list_title)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,3}", list_name):
        raise HeaderError("A list's name is letters, digits, dashes and underscores")
    own = replace(
        edition,
        html=edition.html.replace(LIST_TITLE, escape(list_title)),
        text=edition.text.replace(LIST_TITLE, list_title),
    )
    addressed = Message(own, sender, list_name, list_title, _message_digest(own, sender, list_name, list_title), ())
    message = replace(addressed, pieces=(*_head(addressed), *_body(addressed)))
    _read_again(message)
    return message


def copy_for(message: Message, recipient: Recipient, *, date: datetime) -> bytes:
    """Return the complete RFC 5322 message, CRLF line ends, for exactly one *recipient*.

    *date* is aware and stands in the Date field in its own zone; a naive one raises ValueError.
    """
    token = slot_value(recipient.token)
    slots = {
        "To": _line(named_field("To", recipient.name, recipient.address)),
        "Date": _line(date_field(date)),
        "Message-ID": _line(f"Message-ID: {message_id(message, recipient)}"),
        "token": recipient.token.encode(),
        f"plain {_WHO}": token,
        f"html {_WHO}": token,
        f"plain {GREETING}": slot_value(recipient.greeting),
        f"html {GREETING}": slot_value(escape(recipient.greeting)),
    }
    return b"".join([piece if isinstance(piece, bytes) else slots[piece] for piece in message.pieces])


def freeze(message: Message) -> bytes:
    """Return *message* as bytes, from which `thaw` makes it again, to the last byte of each copy."""
    edition, sender = message.edition, message.sender
    images = [(i.content_id, i.subtype, i.filename, b64encode(i.data).decode("ascii")) for i in edition.images]
    return json.dumps(
        {
            "edition": [edition.issue, edition.subject, edition.preheader, edition.html, edition.text],
            "images": images,
            "sender": [sender.mailbox.name, sender.mailbox.address, sender.reply_to.name, sender.reply_to.address],
            "organisation": sender.organisation,
            "unsubscribe_url": sender.unsubscribe_url,
            "list": [message.list_name, message.list_title],
        }
    ).encode()


def thaw(frozen: bytes) -> Message:
    """Return the message of which *frozen* was made."""
    found = json.loads(frozen)
    images = tuple(InlineImage(name, kind, file, b64decode(data)) for name, kind, file, data in found["images"])
    name, address, reply_name, reply_address = found["sender"]
    who = Mailbox(name, address), Mailbox(reply_name, reply_address)
    list_name, list_title = found["list"]
    issue, subject, preheader, html, text = found["edition"]
    edition = Edition(issue, subject, preheader, html, text, images)
    sender = Sender(*who, found["organisation"], found["unsubscribe_url"])
    return compose(edition, sender, list_name=list_name, list_title=list_title)


def _unsubscribe_mail(sender: Sender, token: str) -> str:
    return f"mailto:{quote(sender.reply_to.address, safe='@+')}?subject=unsubscribe%20{token}"


def _message_digest(edition: Edition, sender: Sender, list_name: str, list_title: str) -> str:
    who = (sender.mailbox.name, sender.mailbox.address, sender.reply_to.name, sender.reply_to.address)
    words = (edition.digest, *who, sender.organisation, sender.unsubscribe_url or "", list_name, list_title)
    return _digest(*(word.encode() for word in words))


def _digest(*parts: bytes) -> str:
    """Hash *parts*, each behind its length, so that no two different sequences read the same."""
    return sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()


def _head(message: Message) -> Iterator[bytes | str]:
    """Yield the header fields in the order of `HEADERS`, but for Content-Type, which the body brings."""
    sender = message.sender
    yield _line(named_field("From", sender.mailbox.name, sender.mailbox.address))
    yield _line(named_field("Reply-To", sender.reply_to.name, sender.reply_to.address))
    yield "To"
    yield _line(text_field("Subject", message.edition.subject))
    yield "Date"
    yield "Message-ID"
    yield _line(named_field("List-ID", message.list_title, message.list_id))
    yield from _list_unsubscribe_line(sender)
    if sender.unsubscribe_url is not None:
        yield _line("List-Unsubscribe-Post: List-Unsubscribe=One-Click")  # RFC 8058 §3.1, to the letter
    yield _line("MIME-Version: 1.0")


def _list_unsubscribe_line(sender: Sender) -> Iterator[bytes | str]:
    """Yield the field with a slot for each token; unencoded, and folded only after a comma, or one click is lost."""
    first, *others = ",\r\n ".join(list_unsubscribe(sender, _WHO)).split(_WHO)
    yield f"List-Unsubscribe: {first}".encode("ascii")
    for piece in others:
        yield "token"
        yield piece.encode("ascii")
    yield b"\r\n"


def _line(text: str) -> bytes:
    return text.encode("ascii") + b"\r\n"


def _body(message: Message) -> Iterator[bytes | str]:
    """Yield Content-Type and body: plain text first, HTML last, which readers take for the better (RFC 2046 §5.1.4)."""
    edition, mark, link = message.edition, message.digest, unsubscribe_link(message.sender, _WHO)
    plain_text = edition.text.replace(UNSUBSCRIBE, link)
    html_text = edition.html.replace(UNSUBSCRIBE, escape(link))
    plain = (text_head("plain"), *encoded_template("plain", plain_text, _SLOTS))
    html = (text_head("html"), *encoded_template("html", html_text, _SLOTS))
    if edition.images:
        pictures = [(image_part(i.subtype, i.content_id, i.filename, i.data),) for i in edition.images]
        html = tuple(multipart('related; type="text/html"', mark[32:], (html, *pictures)))
    return multipart("alternative", mark[:32], (plain, html))


def _read_again(message: Message) -> None:
    """Raise `HeaderError` if a sample copy, read as a stranger reads it, has other headers than were meant."""
    sender, sample = message.sender, Recipient("sample@example.org", 'Sample, "Sam"')
    fields = read_fields(copy_for(message, sample, date=datetime(2026, 1, 5, 9, tzinfo=UTC)))
    post = () if sender.unsubscribe_url else ("List-Unsubscribe-Post",)
    if [name for name, _ in fields] != [name for name in HEADERS if name not in post]:
        raise HeaderError("The mail has other header fields than it should")
    header = dict(fields)
    people = {"From": sender.mailbox, "Reply-To": sender.reply_to, "To": Mailbox(sample.name, sample.address)}
    meant: dict[str, object] = {name: [person] for name, person in people.items()} | {
        "Subject": message.edition.subject,
        "List-Unsubscribe": ", ".join(list_unsubscribe(sender, sample.token)),
    }
    found: dict[str, object] = {name: read_mailboxes(header[name]) for name in people} | {
        "Subject": read_text(header["Subject"]),
        "List-Unsubscribe": header["List-Unsubscribe"],
    }
    for name, value in meant.items():
        if found[name] != value:
            raise HeaderError(f"The {name} field reads differently once it is written")
