"""Reading YAML: what is wrong in a line is told with its place, and with the line to paste."""

from __future__ import annotations

import re

import pytest
import yamltexts
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from yamltexts import BEGIN, FILE, PLAIN, faults, parse

from newsletter.errors import ContentError
from newsletter.rawtext import LIMIT_BYTES

parser = yamltexts.parser

GENERIC = (
    "Look at this line and the one above: a key needs a colon and a space after it, what is opened must be closed, "
    "and keys that belong together begin in the same column."
)
ABOVE = "If it belongs to the text above, indent it further than that text's key."
LIST = "If it is a list, begin it on the line below its key."
SIMPLER = "Make it simpler, or split it."
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
        ("title: Safer: what\n  # later\nb: 1\n", "1:8", QUOTES, 'title: "Safer: what"'),
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


@pytest.mark.parametrize("character", ["\0", "\a", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\uffff"])
def test_unseen_characters(character: str) -> None:
    """Control characters are refused, written or escaped, and named by number: a terminal never gets them raw."""
    message = f"error N011: the character U+{ord(character):04X} cannot stand in text"
    hint = "  Delete it: it is invisible, and often comes in by pasting."

    assert faults(f"a: 1\nb: x{character}\nc: {character}") == [f"2:5: {message}\n{hint}", f"3:4: {message}\n{hint}"]
    assert faults(f'a: 1\nb: "x\\u{ord(character):04x}"') == [f"2:4: {message}\n{hint}"]
    assert faults(f'"\\u{ord(character):04x}": 1') == [f"1:1: {message}\n{hint}"]


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
