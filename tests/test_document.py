"""Reading YAML: text stays text, every value knows its place, and what is wrong is told with the line to paste."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yamltexts
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yamltexts import FILE, PLAIN, faults, parse

from newsletter.document import Spelling, read_document
from newsletter.errors import ConfigError, ContentError
from newsletter.findings import Place

parser = yamltexts.parser

SAVE = "Save the file as UTF-8: in Notepad, choose File, Save as, Encoding: UTF-8."


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
@example(b"- {a: x  ,  , b: 'c'}")
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
