"""Reading YAML: text stays text, every value knows its place, and what is wrong is told with the line to paste."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from newsletter.document import Document, Spelling, parse_document, read_document
from newsletter.errors import ConfigError, ContentError
from newsletter.findings import Place
from newsletter.rawtext import LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "issues/2026-01.yaml"
SAVE = "Save the file as UTF-8: in Notepad, choose File, Save as, Encoding: UTF-8."
BEGIN = "Write a key, a colon and a value on each line."
PLAIN = f"Make it a plain text file. {BEGIN}"
GENERIC = (
    "Look at this line and the one above: a key needs a colon and a space after it, what is opened must be closed, "
    "and keys that belong together begin in the same column."
)
ABOVE = "If it belongs to the text above, indent it further than that text's key."
LIST = "If it is a list, begin it on the line below its key."
SIMPLER = "Make it simpler, or split it."


@pytest.fixture(scope="module", params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run every test with libyaml's parser and with PyYAML's own, which word and place their errors differently."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pure":
            patch.delattr(yaml, "CSafeLoader", raising=False)
        yield


def parse(text: str | bytes) -> Document:
    """Return what *text* says, as an issue."""
    return parse_document(text if isinstance(text, bytes) else text.encode(), FILE)


def faults(text: str | bytes) -> list[str]:
    """Return what is said of *text*: each finding without the name of the file, its hint on lines of their own."""
    with pytest.raises(ContentError) as caught:
        parse(text)
    assert caught.value.message == f"{FILE} cannot be read"
    return [str(finding).removeprefix(f"{FILE}:") for finding in caught.value.findings]


@pytest.mark.parametrize(
    "written",
    [
        *("9:30", "no", "No", "off", "y", "true", "012", "1_000", "1.10", "+447911123456", "2026-02-10", "2026-13-45"),
        *(
            "=",
            "0x1F",
            "1e3",
            ".inf",
            "NULL",
            "None",
            "9" * 5000,
            "https://example.org/a#b",
            "caf\u00e9 \u2013 \U0001f600",
        ),
    ],
)
def test_scalars_stay_as_written(written: str) -> None:
    """Nothing that YAML would resolve to a number, a date or a truth is anything but the text that was written."""
    assert parse(f"title: {written}\n").value == {"title": written}
    assert parse(f"{written[:99]}: a\n").value == {written[:99]: "a"}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark(newline: str, mark: str) -> None:
    """Windows' and old Macs' line ends and Notepad's byte order mark change neither values nor places."""
    lines = ["on: x", "body: |", "  one", "", "  two", "last: y", ""]
    document = parse(mark + newline.join(lines))

    assert document == parse("\n".join(lines))
    assert document.value == {"on": "x", "body": "one\n\ntwo\n", "last": "y"}
    assert document.place(("last",)) == Place(FILE, 6, 7)


def test_empty_values() -> None:
    """A key without a value is left out and keeps its place; an empty item stays, so that positions stay right."""
    document = parse('a:\nb: ~\nc: null\nd: ""\ne: ["", x]\nf:\n-\n- x\ng: {h, i: }\n')

    assert document.value == {"d": "", "e": ["", "x"], "f": ["", "x"], "g": {}}
    assert document.place(("b",)) == Place(FILE, 2, 4)
    assert document.key_place(("b",)) == Place(FILE, 2, 1)


def test_a_comma_that_parts_a_text_is_told() -> None:
    """Inside {} a comma ends a value: what stands behind it would be lost, so it is an error that says how to write."""
    with pytest.raises(ContentError) as caught:
        parse("a: 1\nb: {text: Smith, Jane, why: x}\n")
    assert [
        (
            'in {} a comma parts two entries, so "Jane" has no value',
            'A text with a comma stands in quotes: text: "Smith, Jane".',
        )
    ] == [(finding.message, finding.hint) for finding in caught.value.findings]
    assert Place(FILE, 2, 18) == caught.value.findings[0].place


SOURCE = """\
# A comment
sections:
  - type: article
    body: |

      First
      Second
    note: >-
      Folded
    links: [{text: "A", url: 'b'}]
"""


@pytest.mark.parametrize(
    ("trail", "line_in_text", "value", "key"),
    [
        ((), 0, (2, 1), (2, 1)),
        (("sections",), 0, (3, 3), (2, 1)),
        (("sections", 0), 0, (3, 5), (3, 5)),
        (("sections", 0, "type"), 0, (3, 11), (3, 5)),
        (("sections", 0, "type"), 7, (3, 11), (3, 5)),
        (("sections", 0, "body"), 0, (5, 7), (4, 5)),
        (("sections", 0, "body"), 2, (7, 7), (4, 5)),
        (("sections", 0, "note"), 1, (8, 11), (8, 5)),
        (("sections", 0, "links", 0, "url"), 0, (10, 30), (10, 25)),
        (("sections", 0, "title"), 3, (3, 5), (3, 5)),
        (("sections", 9, "links", 0), 0, (3, 3), (3, 3)),
        (("nowhere", 1), 0, (2, 1), (2, 1)),
    ],
)
def test_places(trail: tuple[str | int, ...], line_in_text: int, value: tuple[int, int], key: tuple[int, int]) -> None:
    """A value's place is where it stands, a key's where the key does; what is unknown stands with its ancestor."""
    document = parse(SOURCE)

    assert document.place(trail, line_in_text) == Place(FILE, *value)
    assert document.key_place(trail) == Place(FILE, *key)


def test_spellings() -> None:
    """Of each value it is known how it was written, from which character to which."""
    spellings = parse(SOURCE).spellings
    section = ("sections", 0)
    seen = {
        trail: (spelling.style, SOURCE[spelling.start : spelling.end].splitlines()[-1].strip())
        for trail, spelling in spellings.items()
    }

    assert seen == {
        (): ("block", "links: [{text: \"A\", url: 'b'}]"),
        ("sections",): ("block", "links: [{text: \"A\", url: 'b'}]"),
        section: ("block", "links: [{text: \"A\", url: 'b'}]"),
        (*section, "type"): ("plain", "article"),
        (*section, "body"): ("|", "Second"),
        (*section, "note"): (">", "Folded"),
        (*section, "links"): ("flow", "[{text: \"A\", url: 'b'}]"),
        (*section, "links", 0): ("flow", "{text: \"A\", url: 'b'}"),
        (*section, "links", 0, "text"): ('"', '"A"'),
        (*section, "links", 0, "url"): ("'", "'b'"),
    }
    assert spellings["sections", 0, "note"].text == Place(FILE, 9, 7)
    assert parse("a: b").spellings["a",] == Spelling("plain", 3, 4)


QUOTES = "a colon inside text needs quotes around the text"
OPENED = "the quotation mark opened here is never closed"
WHOLE = "text that begins with a quotation mark needs quotes around all of it"


def begins(character: str) -> str:
    """Return the message of text that YAML takes for something else by its first *character*."""
    return f"text that begins with {character} needs quotes around it"


@pytest.mark.parametrize(
    ("text", "place", "message", "fixed"),
    [
        ("s:\n  - title: Safer: what\n", "2:12", QUOTES, '  - title: "Safer: what"'),
        ('title: Say: "hi" and it\'s\n', "1:8", QUOTES, "title: 'Say: \"hi\" and it''s'"),
        ("- title: A: b\n  body: c\n", "1:10", QUOTES, '- title: "A: b"'),
        ("title: A: b # later\n", "1:8", QUOTES, 'title: "A: b"  # later'),
        ("title: A: b #1\n", "1:8", QUOTES, 'title: "A: b #1"'),
        ("title: Hello:\n", "1:8", QUOTES, 'title: "Hello:"'),
        ("- Safer Internet Day: what: now\n", "1:3", QUOTES, '- "Safer Internet Day: what: now"'),
        ("Postal address: a: b\n", "1:17", QUOTES, 'Postal address: "a: b"'),
        ("title: Safer: what\n  goes on\nb: 1\n", "1:8", QUOTES, 'title: "Safer: what goes on"'),
        ("- {text: A: b, url: x}\n", "1:10", QUOTES, '- {text: "A: b", url: x}'),
        ("title: @lscp\n", "1:8", begins("@"), 'title: "@lscp"'),
        ("title: `code`\n", "1:8", begins("`"), 'title: "`code`"'),
        ("title: %\n", "1:8", begins("%"), 'title: "%"'),
        ("title: *bold* text\n", "1:8", begins("*"), 'title: "*bold* text"'),
        ("title: *bold text\n", "1:8", begins("*"), 'title: "*bold text"'),
        ("title: & Co\n", "1:8", begins("&"), 'title: "& Co"'),
        ("title: |text\n", "1:8", begins("|"), 'title: "|text"'),
        ("title: > text\n  on\n", "1:8", begins(">"), 'title: "> text on"'),
        ("title: [Draft] x\n", "1:8", begins("["), 'title: "[Draft] x"'),
        ("- {x} y\n", "1:3", begins("{"), '- "{x} y"'),
        ("title: ? x\n", "1:8", begins("?"), 'title: "? x"'),
        ("title: : x\n", "1:8", begins(":"), 'title: ": x"'),
        ("title: , x\n", "1:8", begins(","), 'title: ", x"'),
        ('title: "Smart" phones\n', "1:8", WHOLE, "title: '\"Smart\" phones'"),
        ('title: "Smart" or "clever"\n', "1:8", WHOLE, 'title: \'"Smart" or "clever"\''),
        ('title: "He said "hi" to it"\n', "1:8", WHOLE, "title: 'He said \"hi\" to it'"),
        ("title: 'It's here'\n", "1:8", WHOLE, 'title: "It\'s here"'),
        ('title: "Hello\nb: "World"\n', "1:8", OPENED, 'title: "Hello"'),
        ('title: "Hello\nb: 1\nc: d: e\n', "1:8", OPENED, 'title: "Hello"'),
        ("a: 1\ntitle: 'Hello\nb: 1\nc: 2\n", "2:8", OPENED, 'title: "Hello"'),
        ('a: "C:\\Users"\n', "1:4", "a backslash needs single quotes around the text", "a: 'C:\\Users'"),
        ("a: [b, {c: d\ne: 1\n", "1:4", "the bracket opened here is never closed", "a: [b, {c: d}]"),
        ("title:Hello\n", "1:6", "a space is missing after the colon", "title: Hello"),
        ("- title:Hello\n  b: 1\n", "1:8", "a space is missing after the colon", "- title: Hello"),
        ("a: 1\ntitle:@He\nb: 1\n", "2:6", "a space is missing after the colon", 'title: "@He"'),
        ("sections\n  - a: 1\n", "1:1", "a colon is missing after the key", "sections:"),
        ("title Hello\nb: 1\n", "1:1", "a colon is missing after the key", "title: Hello"),
        ("s: - a: 1\n", "1:4", "a list begins on the line below its key", "s:\n  - a: 1"),
    ],
)
def test_corrected_line(text: str, place: str, message: str, fixed: str) -> None:
    """Of the commonest mistakes the corrected line is told, to be pasted as it is."""
    hint = "\n".join(f"  {line}" for line in fixed.splitlines())

    assert faults(text) == [f"{place}: error N001: {message}\n  Write it as:\n{hint}"]


@pytest.mark.parametrize(
    ("text", "place", "spaces", "lead", "fixed"),
    [
        (
            "s:\n  - t: a\n    x: y\n   b: 1\nq: 1\n",
            "4:4",
            "3 spaces",
            "Indent it by 4 spaces, like line 3:",
            "    b: 1",
        ),
        ("t: x\n  b: y\n", "2:3", "2 spaces", "Do not indent it, like line 1:", "b: y"),
        ("s:\n  - a: 1\n  title: x\n", "3:3", "2 spaces", "Indent it by 4 spaces:", "    title: x"),
        ("s:\n- a: b\n - c: d\n", "3:2", "1 space", "Do not indent it, like line 2:", "- c: d"),
        ("a: |\n    text\n  More\nb: 1\n", "3:3", "2 spaces", "Indent it by 4 spaces, like line 2:", "    More"),
    ],
)
def test_indentation(text: str, place: str, spaces: str, lead: str, fixed: str) -> None:
    """A line that fits nowhere is told with the likeliest column, in words too: the message itself is indented."""
    message = f"this line is indented by {spaces}, which does not fit the lines above it"

    assert faults(text) == [f"{place}: error N001: {message}\n  {lead}\n  {fixed}"]


@pytest.mark.parametrize(
    ("text", "place", "lead", "fixed"),
    [
        ("\ttitle: x\n", "1:1", "Do not indent it:", "title: x"),
        ("s:\n\t- a: 1\n", "2:1", "Indent it by 2 spaces:", "  - a: 1"),
        ("s:\n  - a: 1\n\t- a: 2\n", "3:1", "Indent it by 2 spaces, like line 2:", "  - a: 2"),
        ("a: |\n\tText\n", "2:1", "Indent it by 2 spaces:", "  Text"),
    ],
)
def test_tabs(text: str, place: str, lead: str, fixed: str) -> None:
    """A line that begins with a tab is told with the number of spaces to put there."""
    message = "tabs are not allowed for indentation"

    assert faults(text) == [f"{place}: error N001: {message}\n  {lead}\n  {fixed}"]


@pytest.mark.parametrize(
    ("text", "place", "spaces", "fixed"),
    [
        ("s:\n  - body: |\n    hello there\n    you\n", "3:5", 6, "      hello there"),
        ("s:\n  - t: a\n    body: >-  # text\n\n    Hello there\n\n    You\n", "5:5", 6, "      Hello there"),
        ("body: |\nhello\nb: 1\n", "2:1", 2, "  hello"),
        ("body: |\nHello there\n", "2:1", 2, "  Hello there"),
    ],
)
def test_text_below_its_key(text: str, place: str, spaces: int, fixed: str) -> None:
    """Text below `body: |` that is not indented is told as what it is, and not as a key without a colon."""
    message = "the text of body: must be indented further than body:"
    lead = f"Indent all its lines by {spaces} spaces, beginning with this one:"

    assert faults(text) == [f"{place}: error N001: {message}\n  {lead}\n  {fixed}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "d:\n  - 12 March 2026\n   - 19 March 2026\n   - 26 March 2026\n  - x\n",
            [
                ("3:4", "item", "Indent it by 2 spaces, like line 2:\n    - 19 March 2026"),
                ("4:4", "item", "Indent it by 2 spaces, like line 2:\n    - 26 March 2026"),
            ],
        ),
        ("d:\n- a\n  on\n  -\n", [("4:3", "item", "Do not indent it, like line 2:\n  -")]),
        (
            "d: a\n  - b\n",
            [("2:3", "text", "Begin a list on the line below its key. If it is text, put quotes around all of it.")],
        ),
    ],
)
def test_item_that_became_text(text: str, expected: list[tuple[str, str, str]]) -> None:
    """An item that is indented too far would silently be read as part of the one above: an error, with its line."""
    message = 'this line begins with "- " but stands further in than the {} above, so it became part of it'

    assert faults(text) == [f"{place}: error N002: {message.format(what)}\n  {hint}" for place, what, hint in expected]


def test_text_may_go_on_with_a_dash_inside() -> None:
    """A hyphen within a line, one without a blank, and one in quotes or in a text of its own are text."""
    document = parse("a: b\n  c - d\n  -e\nf: 'g\n  - h'\ni: |\n  - j\n")

    assert document.value == {"a": "b c - d -e", "f": "g - h", "i": "- j\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: 1\nand Hello\nc: 1\n",
            f"2:1: error N001: a colon is missing after the key\n  Write it as:\n  and: Hello\n  {ABOVE}",
        ),
        (
            "a: 1\nAnd so on\nc: 1\n",
            f"2:1: error N001: this line has no key and no colon\n  Put a key and a colon before it. {ABOVE}",
        ),
        ("a: 1\n...\nb: 1\n", f"3:1: error N001: this cannot be read as YAML\n  {GENERIC}"),
        ("a: x\n- b\n", f"2:1: error N001: this cannot be read as YAML\n  {GENERIC}"),
        (
            "title: - x\n",
            f'1:8: error N001: {begins("-")}\n  Write it as:\n  title: "- x"\n  {LIST}',
        ),
        ("", f"1:1: error N001: the file is empty\n  {BEGIN}"),
        ("# Nothing\n\n# yet\n", f"1:1: error N001: the file is empty\n  {BEGIN}"),
        ("---\n", f"1:1: error N001: the file is empty\n  {BEGIN}"),
        (
            "# List\n- a\n",
            f"2:1: error N001: expected keys with their values, found a list\n  {BEGIN}",
        ),
        ("Hello\n", f"1:1: error N001: expected keys with their values, found text\n  {BEGIN}"),
        (
            "---\na: 1\n---\nb: 1\n",
            "3:1: error N002: a second document begins here\n  Keep one: take out the line ---.",
        ),
        (
            "? [a]\n: b\n",
            "1:3: error N002: a key must be a word, not a list or a group of keys\n  Write it as in title: Hello",
        ),
        ("{a: b}: c\n", f"1:1: error N001: this is not YAML but JSON\n  {PLAIN}"),
        (
            "a: b\n? {c: d}\n",
            "2:3: error N002: a key must be a word, not a list or a group of keys\n  Write it as in title: Hello",
        ),
        ("?\n: c\n", "1:2: error N002: a key is missing before the colon\n  Write it as in title: Hello"),
        ("a: " + "[" * 2000, f"1:23: error N002: nested too deeply\n  {SIMPLER}"),
        ("- " * 30, f"1:41: error N002: nested too deeply\n  {SIMPLER}"),
        ("a:\n" + "- b\n" * 20_000, f"19999:3: error N002: more than 20,000 values\n  {SIMPLER}"),
        (
            "a: " + "b" * LIMIT_BYTES,
            "1:1: error N001: the file is larger than 512 kB\n  Shorten it; pictures belong in images/.",
        ),
        ('[{"a": 1}]', f"1:1: error N001: expected keys with their values, found a list\n  {BEGIN}"),
    ],
)
def test_refusals(text: str, expected: str) -> None:
    """What is no mapping, or too much of one, is refused where it stands."""
    assert faults(text) == [expected]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\r\nb: It\x92s\r\n", f"2:1: error N001: the text is not UTF-8 at line 2\n  {SAVE}"),
        (b"\xef\xbb\xbfa: 1\rb: \xe9", f"2:1: error N001: the text is not UTF-8 at line 2\n  {SAVE}"),
        ("a: 1".encode("utf-16"), f"1:1: error N001: the file is UTF-16, not UTF-8\n  {SAVE}"),
        ("a: 1".encode("utf-16-le"), f"1:1: error N001: the file is UTF-16, not UTF-8\n  {SAVE}"),
        ("a: 1".encode("utf-16-be"), f"1:1: error N001: the file is UTF-16, not UTF-8\n  {SAVE}"),
        (b'\xef\xbb\xbf\n {"a": 1}', f"1:1: error N001: this is not YAML but JSON\n  {PLAIN}"),
        (b"\n<!DOCTYPE html>", f"1:1: error N001: this is not YAML but a web page (HTML)\n  {PLAIN}"),
        (
            b"PK\x03\x04\x14",
            f"1:1: error N001: this is not YAML but a zip archive, such as a Word or Excel file\n  {PLAIN}",
        ),
        (b"\xd0\xcf\x11\xe0", f"1:1: error N001: this is not YAML but an old Word or Excel file\n  {PLAIN}"),
        (b"%PDF-1.7", f"1:1: error N001: this is not YAML but a PDF file\n  {PLAIN}"),
        (b"{\\rtf1", f"1:1: error N001: this is not YAML but a rich text file\n  {PLAIN}"),
    ],
)
def test_files_of_another_kind(data: bytes, expected: str) -> None:
    """Bytes that are no UTF-8 text, and files of other programs, are named for what they are."""
    assert faults(data) == [expected]


@pytest.mark.parametrize("character", ["\0", "\a", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\uffff"])
def test_unseen_characters(character: str) -> None:
    """Control characters are refused, written or escaped, and named by number: a terminal never gets them raw."""
    message = f"error N011: the character U+{ord(character):04X} cannot stand in text"
    hint = "  Delete it: it is invisible, and often comes in by pasting."

    assert faults(f"a: 1\nb: x{character}\nc: {character}") == [f"2:5: {message}\n{hint}", f"3:4: {message}\n{hint}"]
    assert faults(f'a: 1\nb: "x\\u{ord(character):04x}"') == [f"2:4: {message}\n{hint}"]
    assert faults(f'"\\u{ord(character):04x}": 1') == [f"1:1: {message}\n{hint}"]


def test_every_feature_at_once() -> None:
    """All that the house does not read is told in one go, each with its line."""
    command = '"!!python/object/apply:os.system [ls]"'
    source = f"a: *x\nb: &y z\n<<: *q\nc: !d e\na: 2\nf: {command[1:-1]}\n"
    text = "If it is text, write it as:"

    assert faults(source) == [
        f'1:4: error N002: aliases (words that begin with *) are not supported\n  {text}\n  a: "*x"',
        f'2:4: error N002: anchors (words that begin with &) are not supported\n  {text}\n  b: "&y z"',
        "3:1: error N002: merge keys (<<) are not supported\n  Write the keys out.",
        "3:5: error N002: aliases (words that begin with *) are not supported\n  Write it out.",
        f'4:4: error N002: tags (words that begin with !) are not supported\n  {text}\n  c: "!d e"',
        '5:1: error N002: the key "a" on line 5 is already on line 1\n  Keep one of the two.',
        f"6:4: error N002: tags (words that begin with !) are not supported\n  {text}\n  f: {command}",
    ]


LAUGHS = "a0: &a0 lol\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 25))


@pytest.mark.parametrize("bomb", [LAUGHS, MERGES, "a: &a [*a]", "a: &a\n  *a : *a\n"])
def test_bombs(bomb: str) -> None:
    """Bombs are refused for their anchors and aliases; nothing is ever copied."""
    found = faults(bomb)

    assert any("anchors" in fault for fault in found)
    assert any("aliases" in fault for fault in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: 50% off #1\n", ['1:16: warning N003: {}\n  Write it as:\n  title: "50% off #1"']),
        ("a: 1\nb:\n  - Item #2 # note\n", ['3:10: warning N003: {}\n  Write it as:\n  - "Item #2"  # note']),
        ("a: one\n  two #3\n", ["2:7: warning N003: {}\n  Put quotes around the text."]),
        ("a: [x, y #3\n  ]\n", ["1:10: warning N003: {}\n  Put quotes around the text."]),
        ("a: x # comment\n", []),
        ("a: x #\n", []),
        ("accent: #1d70b8\n", ['1:9: warning N003: {}\n  Write it as:\n  accent: "#1d70b8"']),
        ("a: C#1\n", []),
        ('a: "x" #1\n', []),
        ("a: |\n  text #1\n", []),
    ],
)
def test_text_taken_for_a_comment(text: str, expected: list[str]) -> None:
    """Text after a blank and # is dropped by YAML: a warning, unless a blank after it shows that it was meant so."""
    found = [str(finding).removeprefix(f"{FILE}:") for finding in parse(text).findings]
    message = "the text from # on is taken for a comment; use quotes"

    assert [re.sub(r"\n +- ", "\n  - ", line) for line in found] == [line.format(message) for line in expected]


def test_read_document(tmp_path: Path) -> None:
    """A file is read by its path and named as the messages shall name it."""
    path = tmp_path / "a b \U0001f600.yaml"
    path.write_bytes(b"title: Hello\r\n")

    assert read_document(path, FILE) == parse("title: Hello\n")


def test_large_file(tmp_path: Path) -> None:
    """Of a file of 5 GB no more is read than it takes to refuse it."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(5 * 1024**3)

    with pytest.raises(ContentError) as caught:
        read_document(path, FILE)
    assert [finding.message for finding in caught.value.findings] == ["the file is larger than 512 kB"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices are files on POSIX only")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_only_ordinary_files(tmp_path: Path, kind: str) -> None:
    """A pipe and an endless device are refused without being opened."""
    path = tmp_path / "2026-01.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")

    with pytest.raises(ContentError) as caught:
        read_document(path, FILE)
    assert [finding.message for finding in caught.value.findings] == ["this is not an ordinary file"]


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    """A folder, a missing file and an impossible name are told in one line, as faults of the machine."""
    told = []
    for path in (tmp_path, tmp_path / "none.yaml", tmp_path / ("x" * 4096), tmp_path / "nul\0"):
        with pytest.raises(ConfigError) as caught:
            read_document(path, FILE)
        told.append(caught.value.message)

    assert told == [
        f"{FILE} is a folder, not a file",
        f"{FILE} cannot be opened: no such file or directory",
        f"{FILE} cannot be opened: file name too long",
        f"{FILE} cannot be opened: its name cannot be that of a file",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such permission")
def test_file_that_may_not_be_read() -> None:
    """A file without read permission is told in one line; root, who may read all, becomes somebody else for it."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "2026-01.yaml"
        path.touch(mode=0o000)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65_534)
        try:
            with pytest.raises(ConfigError, match=f"^{FILE} cannot be opened: permission denied$"):
                read_document(path, FILE)
        finally:
            os.seteuid(before)


def is_plain(value: Any) -> bool:
    """Tell whether *value* is made of dict, list and str alone."""
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(item) for key, item in value.items())
    return all(map(is_plain, value)) if isinstance(value, list) else type(value) is str


SIGNS = """-:?,[]{}#&*!|>%@`'"\\ \n\t=~<"""
BITS = [
    "\n  ",
    "- ",
    ": ",
    "a: ",
    "b",
    "---\n",
    "...\n",
    "<<: ",
    "*a",
    "&a ",
    "!!int ",
    "\r\n",
    "\ufeff",
    "\u2028",
    "\x1b",
]
ODD = ['"\\U99999999"', '"\\ud800"', "%YAML 1.1\n", "%YAML " + "9" * 5000]
FRAGMENTS = st.lists(st.sampled_from([*SIGNS, *BITS, *ODD]), max_size=30).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(), st.text().map(str.encode), FRAGMENTS.map(str.encode)))
@example(b'a: "\\U99999999"')
@example(b"? a")
@example(b"%YAML " + b"9" * 5000 + b".1\n---\na: 1\n")
def test_any_bytes(data: bytes) -> None:
    """Any bytes give a plain tree or findings within the file that are safe to print; nothing else is ever raised."""
    last = len(re.findall(rb"\r\n?|\n", data)) + 1
    try:
        document = parse(data)
    except ContentError as error:
        found = error.findings
        assert found
    else:
        found = document.findings
        assert is_plain(document.value)
        assert set(document.places) == set(document.spellings)
        assert all(1 <= place.line <= last for place in document.places.values())
    for finding in found:
        assert 1 <= finding.place.line <= last
        assert finding.place.column >= 1
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", f"{finding}")


WORDS = st.sampled_from(
    [
        "Safer",
        "a\tb",
        "caf\u00e9",
        ":",
        "it's",
        '"hi"',
        "\\",
        "C:\\new",
        "#1",
        "a:",
        "[x]",
        "{y}",
        "@",
        "\u2013",
        "a, b",
        "*b*",
        "100%",
    ]
)
FIRST = st.sampled_from([*"@`%*&!,]}|>?:", "- ", "[Draft] ", "{x} ", "Safer: ", "*bold*", "&Co ", "!new ", '"Smart" '])
TEXTS = st.builds(lambda first, words: (first + " ".join(words)).strip(), FIRST, st.lists(WORDS, max_size=5))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(["title: ", "    title: ", "  - title: ", "- "]))
def test_corrected_line_means_the_text(text: str, lead: str) -> None:
    """The line to paste, read alone, says exactly what the author evidently meant."""
    assume(not (lead == "- " and text.startswith(("Safer: ", "- ", "?", ":"))))  # that is a key, or a list
    assume(not (text.startswith("- ") and ": " in f"{text} "))  # so is that
    assume(not (text.startswith('"') and text.endswith('"')))  # either a quotation or a part of one
    above = "" if lead == "title: " else "a:\n"
    try:
        findings = parse(f"{above}{lead}{text}\n").findings
    except ContentError as error:
        findings = error.findings
    assume(findings)
    fixed = findings[0].hint.splitlines()[1]

    value = parse(above + fixed).value
    items = value["a"] if above else value
    item = items[0] if isinstance(items, list) else items
    assert fixed.startswith(lead)
    assert text == (item["title"] if isinstance(item, dict) else item)
