"""What newsletter.mime promises: fields that decode to what went in, and bodies that no mail server touches."""

from __future__ import annotations

import base64
import quopri
import re
from datetime import UTC, datetime, timedelta, timezone
from email.parser import BytesParser
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

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
    quoted_printable,
    read_mailboxes,
    slot_value,
    text_field,
)

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"

# Text as people and attackers write it: encoded words, line breaks, mixed words, blanks in rows.
words = st.one_of(
    st.sampled_from(
        ["=?utf-8?q?a=0D=0ABcc:_x=40y.z?=", "=?utf-8?b?w6k=?=", "=?", "?=", "\r\nBcc: x@y.z", "\n", "\u2028", " ", "  "]
    ),
    st.sampled_from(["January", "Müller,", '"Sam"', "<x@y.z>", "é", "🎉", FAMILY, "£5", "\\", "_", "=3D", "x" * 80]),
    st.text(max_size=12),
)
texts = st.lists(words, max_size=14).map("".join) | st.lists(words, max_size=14).map(" ".join)


def decoded(value: str) -> str:
    """Decode the encoded words of an unfolded header value by RFC 2047 §2 and §6.2, with no help from ``email``."""
    word = r"=\?utf-8\?[bq]\?[^? ]*\?="
    joined = re.sub(rf"({word})\s+(?={word})", r"\1", value)

    def plain(found: re.Match[str]) -> str:
        kind, content = found[1], found[2]
        data = base64.b64decode(content) if kind == "b" else quopri.decodestring(content, header=True)
        return data.decode()

    return re.sub(r"=\?utf-8\?([bq])\?([^? ]*)\?=", plain, joined)


def unfolded(field: str) -> str:
    """Undo folding by RFC 5322 §2.2.3 and drop the field's name."""
    return field.replace("\r\n", "").partition(": ")[2]


def assert_well_folded(field: str) -> None:
    """Lines stay within the limits of RFC 2047 §2 and RFC 5322 §2.1.1, and encoded words stand apart."""
    for number, line in enumerate(field.split("\r\n")):
        assert line.isascii()
        assert line.isprintable()
        assert line.strip()
        assert number == 0 or line[0] == " "
        assert len(line) <= (76 if "=?" in line else 998)
        assert "?==?" not in line
        assert all(len(word) <= 75 for word in re.findall(r"=\?[^ ]*\?=", line))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\r\nBcc: x@y.z", "A mail header cannot hold a line break"),
        ("=?utf-8?q?a=0D=0ABcc:_x=40y.z?= é", 'A mail header cannot hold text such as "=?...?="'),
        ("=?utf-8?q?=0A?=", 'A mail header cannot hold text such as "=?...?="'),
        ("=? a b ?=", 'A mail header cannot hold text such as "=?...?="'),
        ("January\n🎉", "A mail header cannot hold a line break"),
        ("a\u2028b", "A mail header cannot hold a line break"),
        ("a\u2029b", "A mail header cannot hold a line break"),
        ("a\x85b", "A mail header cannot hold a line break"),
        ("a\vb", "A mail header cannot hold a line break"),
        ("a\fb", "A mail header cannot hold a line break"),
        ("a\0b", "A mail header cannot hold a control character"),
        ("a\tb", "A mail header cannot hold a control character"),
        ("a\x9bb", "A mail header cannot hold a control character"),
        ("a\ud800b", "A mail header cannot hold a broken character"),
        ("a\u202eb", "A mail header cannot hold a character that reverses the writing"),
        ("a\u2066b", "A mail header cannot hold a character that reverses the writing"),
        ("a\u200bb", "A mail header cannot hold an invisible character"),
        ("a\ufeffb", "A mail header cannot hold an invisible character"),
        ("a\u200d\u200c\u200db", "A mail header cannot hold an invisible character"),
        ("x" * 201, "This is longer than 200 characters"),
        ("=?" * 2500, "This is longer than 200 characters"),
        ("", "There is no text here"),
        (" \u3000", "There is no text here"),
    ],
)
def test_text_that_could_harm_a_header_is_refused(text: str, reason: str) -> None:
    """The gate names the reason, and never repeats the text."""
    with pytest.raises(HeaderError) as refusal:
        header_text(text)
    assert reason == str(refusal.value)


@pytest.mark.parametrize(
    "text", ["January 2026", "a  b", " é ", FAMILY, "❤️ £5 off?", "می\u200cخواهم", "x" * 200, "what =? why"]
)
def test_text_as_people_write_it_passes_unchanged(text: str) -> None:
    """The gate mends nothing."""
    assert text == header_text(text)


@pytest.mark.parametrize(
    "address",
    [
        "", "sam", "@example.org", "sam@", "a@b@example.org", "a@example.org, b@example.org", "a@example.org b@e.org",
        "a@example.org\r\nBcc: b@example.org", "a@example.org\n", " a@example.org", "<a@example.org>", "Sam <a@e.org>",
        '"a b"@example.org', "é@example.org", "a@exämple.org", ".a@example.org", "a..b@example.org", "a@.example.org",
        "=?utf-8?q?a?=@example.org", "a=?x@example.org", "a;b@example.org", "a(b)@example.org", "a\0@example.org",
        "x" * 250 + "@example.org",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    """Neither a second recipient nor a header hides in an address."""
    with pytest.raises(HeaderError, match="not exactly one email address"):
        header_address(address)


@pytest.mark.parametrize(
    "address", ["sam@example.org", "o'neil+news@mail.example.org", "a.b-c_d@xn--bcher-kva.example.org"]
)
def test_an_ordinary_address_passes_unchanged(address: str) -> None:
    """Apostrophes, plus signs and encoded domains are ordinary."""
    assert address == header_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "http://example.org/u", "javascript:alert(1)", "//example.org", "https://example.org/a b", "https://example.org/a,b",
        "https://example.org/>", "https://example.org/é", "https://example.org/\r\nBcc:", "https://" + "x" * 501,
    ],
)  # fmt: skip
def test_what_a_list_header_cannot_link_to_is_refused(url: str) -> None:
    """One click works by https alone, and a comma or a bracket would end the link."""
    with pytest.raises(HeaderError, match="not a web address"):
        header_link(url)


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("office@example.org", Mailbox("", "office@example.org")),
        ("  office@example.org ", Mailbox("", "office@example.org")),
        ("<office@example.org>", Mailbox("", "office@example.org")),
        ("Practitioner newsletter <news@example.org>", Mailbox("Practitioner newsletter", "news@example.org")),
        ("St. Mary's (Leeds) <news@example.org>", Mailbox("St. Mary's (Leeds)", "news@example.org")),
        ('"Müller, \\"J\\"" <news@example.org>', Mailbox('Müller, "J"', "news@example.org")),
        ("Zoë 🎉 <news@example.org>", Mailbox("Zoë 🎉", "news@example.org")),
    ],
)
def test_a_mailbox_is_read_as_people_write_it(text: str, mailbox: Mailbox) -> None:
    """A name in front, in quotes if it has a comma, or an address alone."""
    assert mailbox == parse_mailbox(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Sam", "a@example.org, b@example.org", "A <a@example.org>, B <b@example.org>",
        "a@example.org, B <b@example.org>", "Müller, Jürgen <a@example.org>", "Team: a@example.org;", "Sam <>",
        "Sam <a@example.org> x", "Sam <a@example.org", "<<a@example.org>>",
        '"Sam <a@example.org>', "a\r\nBcc: x <a@example.org>", '" " <a@example.org>', "=?utf-8?q?x?= <a@example.org>",
    ],
)  # fmt: skip
def test_what_is_not_exactly_one_mailbox_is_refused(text: str) -> None:
    """Nothing is guessed where a second address could be meant."""
    with pytest.raises(HeaderError) as refusal:
        parse_mailbox(text)
    assert "example.org" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("January 2026 newsletter", "Subject: January 2026 newsletter"),
        ("two  blanks", "Subject: two  blanks"),
        ("x" * 150, "Subject: " + "x" * 150),
        ("word " * 14 + "end", "Subject: " + "word " * 12 + "word\r\n word end"),
        ("w" * 66 + " " + "x" * 75 + " y", "Subject: " + "w" * 66 + "\r\n " + "x" * 75 + "\r\n y"),
        ("Caf\u00e9", "Subject: =?utf-8?b?Q2Fmw6k=?="),
        (" edge", "Subject: =?utf-8?q?_edge?="),
        ("what =? why", "Subject: =?utf-8?q?what_=3D=3F_why?="),
    ],
)
def test_a_subject_is_written_raw_where_it_can_be(text: str, field: str) -> None:
    """Plain ASCII is folded before blanks; everything else becomes encoded words."""
    assert field == text_field("Subject", text)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("", "To: <sam@example.org>"),
        ("Sam Sample", "To: Sam Sample <sam@example.org>"),
        ("Sample, Sam", 'To: "Sample, Sam" <sam@example.org>'),
        ("St. Mary", 'To: "St. Mary" <sam@example.org>'),
        ('Sam "S" \\', 'To: "Sam \\"S\\" \\\\" <sam@example.org>'),
        ("<evil@example.org>", 'To: "<evil@example.org>" <sam@example.org>'),
        ("a  b", 'To: "a  b" <sam@example.org>'),
        ("Zoë, Ltd", "To: =?utf-8?b?Wm/DqywgTHRk?= <sam@example.org>"),
        ("🎉", "To: =?utf-8?b?8J+OiQ==?= <sam@example.org>"),
        ("x" * 70, "To: " + "x" * 70 + "\r\n <sam@example.org>"),
    ],
)
def test_a_display_name_is_quoted_or_encoded_as_it_needs(name: str, field: str) -> None:
    """No name breaks out of its place in front of the one address."""
    assert field == named_field("To", name, "sam@example.org")


@settings(deadline=None)
@given(texts)
@example("=?utf-8?q?a=0D=0ABcc:_x=40y.z?= é")
@example("a  é   b " + "ü" * 190)
def test_a_subject_is_refused_or_decodes_to_itself(text: str) -> None:
    """Two independent decoders find the same words and blanks, in a header of one field."""
    try:
        field = text_field("Subject", header_text(text))
    except HeaderError:
        return
    assert_well_folded(field)
    parsed = BytesParser(policy=default).parsebytes(field.encode() + b"\r\n\r\nbody")
    assert text == decoded(unfolded(field))
    assert [("Subject", text)] == parsed.items()
    assert parsed.get_payload() == "body"


@settings(deadline=None)
@given(texts, st.sampled_from(["a@example.org", "o'neil+x{y}@mail.example.org", "x" * 60 + "@example.org"]))
@example("Müller, Jürgen", "a@example.org")
def test_a_name_is_refused_or_decodes_to_itself_beside_one_address(name: str, address: str) -> None:
    """Whatever the name, the field holds exactly one mailbox."""
    try:
        mailbox = Mailbox(name, address)
    except HeaderError:
        return
    field = named_field("To", mailbox.name, mailbox.address)
    assert_well_folded(field)
    header = BytesParser(policy=default).parsebytes(field.encode() + b"\r\n\r\n")
    assert [mailbox] == read_mailboxes(unfolded(field))
    # This reader adds and drops blanks in encoded names (Python 3.11), so it is asked for all but them.
    (found,) = header["To"].addresses
    assert ("".join(name.split()), address) == ("".join(found.display_name.split()), found.addr_spec)


def test_a_date_keeps_its_zone() -> None:
    """English names in every locale, and the offset the date came with."""
    assert date_field(datetime(2026, 1, 5, 9, tzinfo=UTC)) == "Date: Mon, 05 Jan 2026 09:00:00 +0000"
    summer = timezone(timedelta(hours=1))
    assert date_field(datetime(2026, 7, 31, 23, 59, 1, tzinfo=summer)) == "Date: Fri, 31 Jul 2026 23:59:01 +0100"


def test_a_date_without_a_zone_is_refused() -> None:
    """Nobody could say when it was."""
    with pytest.raises(ValueError, match="time zone"):
        date_field(datetime(2026, 1, 5, 9))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", b""),
        ("plain\n", b"plain\r\n"),
        ("a\r\nb", b"a\r\nb"),
        ("a=b\té", b"a=3Db=09=C3=A9"),
        ("blank at the end \n ", b"blank at the end=20\r\n=20"),
        (".\n.leading\n..", b"=2E\r\n=2Eleading\r\n=2E."),
        ("From me\nFrom\nfrom me", b"=46rom me\r\nFrom\r\nfrom me"),
        ("lone\rreturn", b"lone=0Dreturn"),
        ("x" * 73, b"x" * 73),
        ("x" * 74, b"x" * 73 + b"=\r\nx"),
        ("x" * 72 + "==", b"x" * 72 + b"=\r\n=3D=3D"),
        ("x" * 71 + "é!", b"x" * 71 + b"=\r\n=C3=A9!"),
        ("x" * 70 + "é!", b"x" * 70 + b"=C3=\r\n=A9!"),
        ("x" * 73 + ".From ", b"x" * 73 + b"=\r\n=2EFrom=20"),
    ],
)
def test_quoted_printable_is_exactly_this(text: str, encoded: bytes) -> None:
    """Soft breaks never cut an escape, and nothing at a line's start or end is left for a server to change."""
    assert encoded == quoted_printable(text)


@settings(deadline=None)
@given(
    st.lists(st.text() | st.sampled_from([".", "From ", " ", "\t", "\n", "\r\n", "=", "é" * 50, "x" * 1200])).map(
        "".join
    )
)
def test_quoted_printable_decodes_to_what_went_in(text: str) -> None:
    """Any text survives, in lines that are safe on every road."""
    lines = quoted_printable(text).split(b"\r\n")
    for line in lines:
        assert len(line) <= 76
        assert re.fullmatch(rb"[ -~]*", line)
        assert not line.startswith((b".", b"From "))
        assert not line.endswith(b" ")
    assert text.replace("\r\n", "\n") == quopri.decodestring(b"\n".join(lines)).decode()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["NAME", "LINK"]) | st.text(max_size=90)).map("".join),
    st.text("az=.é🎉\"'<>& From", max_size=300),
    st.text("az=.&", max_size=300),
)
def test_a_filled_template_decodes_to_the_text_with_its_placeholders_replaced(text: str, name: str, link: str) -> None:
    """Slots survive encoding whole wherever they stand, and any filling reads as it is."""
    values = {"x NAME": slot_value(name), "x LINK": slot_value(link)}
    filled = b"".join(p if isinstance(p, bytes) else values[p] for p in encoded_template("x", text, "NAME|LINK"))
    meant = re.sub("NAME|LINK", lambda found: name if found[0] == "NAME" else link, text.replace("\r\n", "\n"))
    assert meant == quopri.decodestring(filled.replace(b"\r\n", b"\n")).decode()
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in filled.split(b"\r\n"))


def test_a_slot_starts_a_line() -> None:
    """A soft break goes before it only where a line has begun."""
    expected = [b"", "x NAME", b" and=20=\r\n", "x LINK", b"\r\n", "x NAME", b""]
    assert expected == list(encoded_template("x", "NAME and LINK\nNAME", "NAME|LINK"))


def test_a_multipart_passes_slots_on() -> None:
    """The boundary, which encoded content cannot hold, stands around each part."""
    expected = [
        b'Content-Type: multipart/mixed;\r\n boundary="=_abc"\r\n',
        b"\r\n--=_abc\r\n",
        b"one",
        "slot",
        b"\r\n--=_abc\r\n",
        b"two",
        b"\r\n--=_abc--\r\n",
    ]
    assert expected == list(multipart("mixed", "abc", [(b"one", "slot"), (b"two",)]))


def test_an_image_part_is_inline_and_its_file_name_safe() -> None:
    """What is not plain in a file name becomes a hyphen; lines hold 76 characters."""
    expected = (
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo@x>\r\n"
        b'Content-Disposition: inline; filename="Gr-e-1-.png"\r\n\r\n' + b"QUFB" * 19 + b"\r\nQUFB"
    )
    assert expected == image_part("png", "logo@x", 'Grüße" 1\r\n.png', b"A" * 60)
