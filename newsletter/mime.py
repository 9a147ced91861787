"""Mail as bytes: header fields, quoted-printable, multipart. Knows the RFCs, and nothing of newsletters.

Headers are written here and not by ``EmailMessage``, which encodes long web addresses (one-click unsubscribe is then
lost), changes blanks in mixed subjects, and let a crafted subject add a header of its own (CVE-2024-6923).
"""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

LINE = 76  # the most octets of an encoded line: RFC 2045 §6.7, RFC 2047 §2
LONGEST_TEXT = 200  # characters of a subject or a name; mailboxes show 60 at most

_REFUSED = {
    "a line break": r"[\n\v\f\r\x85\u2028\u2029]",
    "a control character": r"[\x00-\x1f\x7f-\x9f]",
    "a character that reverses the writing": r"[\u202a-\u202e\u2066-\u2069]",
    # Single joiners stay: they hold emoji and Persian words together.
    "an invisible character": r"[\u200b\u2060-\u2064\ufeff]|[\u200c-\u200f]{2}",
    "a broken character": r"[\ud800-\udfff]",
    # Readers decode this even inside plain text, so it could bring in any of the above.
    'text such as "=?...?="': r"=\?.*\?=",
}
_REASONS = tuple(_REFUSED)
_UNFIT = re.compile("|".join(f"({pattern})" for pattern in _REFUSED.values()))

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"(?!.*(?:=\?|\?=))(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_PHRASE = re.compile(rf"{_ATOM}(?: {_ATOM})*")  # needs no quotes: RFC 5322 §3.2.3
_WORD_MARK = re.compile(r"=\?|\?=")  # of an encoded word: RFC 2047 §2
_WEB_ADDRESS = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&'()*+;=%-]{1,500}")  # RFC 3986, less the comma

# Quoted-printable, RFC 2045 §6.7: what is written as =XX; a line too long; up to 73 octets at its head, never ending
# inside an =XX; what mail servers act on at the start of a line: SMTP's dot and the mailbox format's "From ".
_UNSAFE = re.compile(rb"[^\n -<>-~]| (?=\n|\Z)")
_LONG_LINE = re.compile(rb"^[^\n]{74,}", re.MULTILINE)
_HEAD = re.compile(rb".{71}(?:[^=]{2}|[^=](?==)|(?==))(?=.)")
_ACTED_ON = re.compile(rb"^(?:\.|F(?=rom ))", re.MULTILINE)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HeaderError(ValueError):
    """Something that cannot stand in a mail header; the message says why, in words for an editor."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name, which may be empty, and exactly one address; raises `HeaderError` for anything else."""

    name: str
    address: str

    def __post_init__(self) -> None:
        header_address(self.address)
        if self.name:
            header_text(self.name)


def header_text(text: str) -> str:
    """Return *text* as it is if it can stand in a header field, else raise `HeaderError`.

    The one gate for every subject, name and title. Nothing is mended: what was approved is what is sent.
    """
    if not text.strip():
        raise HeaderError("There is no text here")
    if len(text) > LONGEST_TEXT:
        raise HeaderError(f"This is longer than {LONGEST_TEXT} characters")
    if found := _UNFIT.search(text):
        raise HeaderError(f"A mail header cannot hold {_REASONS[(found.lastindex or 1) - 1]}")
    return text


def header_address(address: str) -> str:
    """Return *address* as it is if it is exactly one bare ASCII address, else raise `HeaderError`."""
    if not _ADDRESS.fullmatch(address):
        raise HeaderError("This is not exactly one email address in plain ASCII")
    return address


def header_link(url: str) -> str:
    """Return *url* as it is if it is https and fit for a list header (RFC 2369, RFC 8058), else raise `HeaderError`."""
    if not _WEB_ADDRESS.fullmatch(url):
        raise HeaderError("This is not a web address that starts with https:// and has no blanks or commas")
    return url


def parse_mailbox(text: str) -> Mailbox:
    """Read ``Name <address>``, ``"Name, with comma" <address>`` or a bare address.

    Raises `HeaderError` for anything that is not exactly one mailbox.
    """
    text = text.strip()
    if "<" not in text:
        return Mailbox("", text)
    found = re.fullmatch(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^",;:@<>\\]*))<([^<>]*)>', text)
    if not found:
        raise HeaderError('Write one name and one address, as in "Name <address>"; a name with a comma goes in quotes')
    quoted, plain, address = found.groups(default="")
    return Mailbox(re.sub(r"\\(.)", r"\1", quoted) or plain.strip(), address)


def text_field(field: str, text: str) -> str:
    """Return the line or lines ``Field: text``; text that is not plain ASCII as encoded words (RFC 2047)."""
    if _is_plain(text):
        return f"{field}: {_fold(text, len(field) + 2)}"
    return f"{field}: {_encode(text, field)}"


def named_field(field: str, name: str, identifier: str) -> str:
    """Return the line or lines ``Field: name <identifier>``, the name quoted or encoded as it needs."""
    head = f"{field}: {_phrase(name, field)}" if name else f"{field}:"
    column = len(head.rpartition("\n")[2])
    gap = " " if column + len(identifier) + 3 <= LINE or not name else "\r\n "
    return f"{head}{gap}<{identifier}>"


def named_value(name: str, identifier: str) -> str:
    """Return ``name <identifier>`` on one line, as a service's API takes it; without a name the *identifier* alone."""
    return f"{_phrase(name, '')} <{identifier}>".replace("\r\n", "") if name else identifier


def date_field(date: datetime) -> str:
    """Return ``Date: ...`` for an aware *date*, in its own zone (RFC 5322 §3.3); raise ValueError for a naive one."""
    if date.utcoffset() is None:
        raise ValueError("a message needs a date with a time zone")
    day = (
        f"{_DAYS[date.weekday()]}, {date.day:02} {_MONTHS[date.month - 1]} {date.year:04}"  # strftime obeys the locale
    )
    return f"Date: {day} {date:%H:%M:%S %z}"


def quoted_printable(text: str) -> bytes:
    """Return *text* in UTF-8 and quoted-printable: lines of at most 76 octets, none that starts with a dot or "From ".

    The last line has no end, so that a part ends where its text does.
    """
    escaped = _UNSAFE.sub(_escape, text.replace("\r\n", "\n").encode())
    folded = _LONG_LINE.sub(lambda line: _HEAD.sub(rb"\g<0>=\n", line[0]), escaped)
    return _ACTED_ON.sub(_escape, folded).replace(b"\n", b"\r\n")


def encoded_template(kind: str, text: str, slots: str) -> Iterator[bytes | str]:
    """Yield *text* in quoted-printable, and ``kind placeholder`` as ``str`` for what the pattern *slots* finds in it.

    Every slot, and what follows it, starts a line: fill it with `slot_value`.
    """
    *pieces, last = re.split(f"({slots})", text)
    for piece, placeholder in zip(pieces[::2], pieces[1::2], strict=True):
        encoded = quoted_printable(piece)
        yield encoded if encoded.endswith(b"\n") or not encoded else encoded + b"=\r\n"
        yield f"{kind} {placeholder}"
    yield quoted_printable(last)


def slot_value(text: str) -> bytes:
    """Return *text* as the filling of a slot of `encoded_template`, with the soft line break that ends it."""
    return quoted_printable(text) + b"=\r\n" if text else b""


def multipart(kind: str, mark: str, parts: Sequence[Sequence[bytes | str]]) -> Iterator[bytes | str]:
    """Yield a multipart entity of *kind*, such as ``alternative``, with its Content-Type line.

    A part is a sequence of pieces, of which those in ``str`` are passed on as they are. The boundary holds ``=_``,
    which neither quoted-printable nor base64 can write (RFC 2045 §6.7): no content, now or later, can hold it.
    """
    boundary = f"=_{mark}"
    yield f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n'.encode()
    for part in parts:
        yield f"\r\n--{boundary}\r\n".encode()
        yield from part
    yield f"\r\n--{boundary}--\r\n".encode()


def text_head(subtype: str) -> bytes:
    """Return the header of a text part, with the blank line after it."""
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
    )


def image_part(subtype: str, content_id: str, filename: str, data: bytes) -> bytes:
    """Return a whole image part that the HTML beside it shows by ``cid:`` (RFC 2392)."""
    safe_name = re.sub(r"[^A-Za-z0-9._-]+", "-", filename)[-60:]
    head = (
        f"Content-Type: image/{subtype}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{content_id}>\r\nContent-Disposition: inline; filename="{safe_name}"\r\n\r\n'
    )
    return head.encode() + encodebytes(data).rstrip().replace(b"\n", b"\r\n")


def read_fields(mail: bytes) -> list[tuple[str, str]]:
    """Return the header fields of *mail* in order, unfolded and still encoded, as another program would find them."""
    from email.parser import BytesHeaderParser  # noqa: PLC0415

    found = BytesHeaderParser().parsebytes(mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    return [(field, re.sub(r"\r\n(?=[ \t])", "", str(value))) for field, value in found.items()]


def read_text(value: str) -> str:
    """Return an unfolded header *value* with its encoded words decoded."""
    from email.header import decode_header  # noqa: PLC0415

    pieces = decode_header(value)
    return "".join(piece if isinstance(piece, str) else piece.decode(charset or "ascii") for piece, charset in pieces)


def read_mailboxes(value: str) -> list[Mailbox]:
    """Return every mailbox in an unfolded header *value*."""
    from email.utils import getaddresses  # noqa: PLC0415

    return [Mailbox(read_text(name), address) for name, address in getaddresses([value])]


def _is_plain(text: str) -> bool:
    """Whether *text* can stand raw: folding loses blanks at its ends, and only encoded words may look like them."""
    return text.isascii() and text == text.strip() and not _WORD_MARK.search(text)


def _encode(text: str, field: str) -> str:
    from email.header import Header  # noqa: PLC0415

    return Header(text, "utf-8", maxlinelen=75, header_name=field).encode(linesep="\r\n")


def _phrase(name: str, field: str) -> str:
    if not _is_plain(name):
        return _encode(name, field)
    if _PHRASE.fullmatch(name):
        return _fold(name, len(field) + 2)
    return _fold('"' + re.sub(r'(["\\])', r"\\\1", name) + '"', len(field) + 2)


def _fold(text: str, column: int) -> str:
    """Break plain *text* before a blank where a line would pass the limit; the first line starts at *column*."""
    if column + len(text) <= LINE:
        return text
    lines, room = [""], LINE - column
    for word in re.findall(" *[^ ]+", text):
        if lines[-1] and len(lines[-1]) + len(word) > room:
            lines.append("")
            room = LINE
        lines[-1] += word
    return "\r\n".join(lines)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % found[0][0]
