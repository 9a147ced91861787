"""Reading an issue: an Issue, or every problem in the file at once, each with its place and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import loading
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loading import article

from newsletter.errors import ContentError, NewsletterError
from newsletter.load import load_issue
from newsletter.model import Ignore, Issue

if TYPE_CHECKING:
    from collections.abc import Callable

load, faults = loading.load, loading.faults

LIST_HINT = '  Write each item on a line of its own, beginning with "- ".'
LINE_HINT = '  Write one line of text. Text with a comma, colon or bracket can stand in "quotes".'
EMPTY_HINT = "  Write something there, or take the key out."
TYPES_HINT = "  The types are: article, diary, links, training."
NOTHING = "issues/2026-01.yaml:1:11: warning N005: the issue has no sections\n  Write at least one."


# Everything at once

FAULTY = """\
subjct: January
draft: yes
welcome: |
  Hello

  [press](javascript:alert(1))
sections:
  - type: artcle
    title: One
  - type: article
    title: ""
    image: {src: images/none.png}
    links:
      - {text: Go, url: //example.org/x, note: no}
  - type: training
    title: Courses
    courses:
      - title: First
        sessions: [Tuesday 3 February 2026, 9am to 3.30pm]
        book: example.org/book
      - sessions: 3 February 2026
  - type: diary
    title: Dates
    dates:
      - 10 February - Safer Internet Day
      - {when: 03/02/2026, what: Two ways}
  - just text
"""
FAULTS = """\
issues/2026-01.yaml:1:1: error N004: unknown key "subjct"
  Did you mean "subject"?
issues/2026-01.yaml:2:8: error N006: "yes" is neither true nor false
  Write true or false.
issues/2026-01.yaml:6:3: error N009: "javascript:alert(1)" is not a link that can be sent
  A link begins with https://, http://, mailto: or tel:.
issues/2026-01.yaml:8:11: error N004: "artcle" is not a section type
  Did you mean "article"?
issues/2026-01.yaml:10:5: error N005: "body" is missing
  Add a line that begins with body:.
issues/2026-01.yaml:11:12: error N005: "title" is empty
  Write something there, or take the key out.
issues/2026-01.yaml:12:12: error N005: "alt" is missing
  Add a line that begins with alt:.
issues/2026-01.yaml:12:18: error N010: there is no picture "images/none.png"
  Put the file there, or mend the name.
issues/2026-01.yaml:14:25: error N009: "//example.org/x" is not a link that can be sent
  A link begins with https://, http://, mailto: or tel:.
issues/2026-01.yaml:14:42: error N004: unknown key "note"
  The keys here are: text, url.
issues/2026-01.yaml:19:19: error N007: in brackets, a comma parts two items
  Write each session on a line of its own:
  - Tuesday 3 February 2026, 9am to 3.30pm
issues/2026-01.yaml:20:15: error N009: "example.org/book" is not a link that can be sent
  Write "https://example.org/book".
issues/2026-01.yaml:21:9: error N005: "title" is missing
  Add a line that begins with title:.
issues/2026-01.yaml:21:19: error N006: "sessions" should be a list, and is text
  Write each item on a line of its own, beginning with "- ".
issues/2026-01.yaml:25:9: error N007: the date "10 February" has no year
  Write it with its year: "10 February 2026 - Safer Internet Day".
issues/2026-01.yaml:26:16: error N008: "03/02/2026" can be read two ways
  Write "Tuesday 3 February 2026" or "Monday 2 March 2026".
issues/2026-01.yaml:27:5: error N006: a section should be a group of keys
  Begin it with its type, as in type: article. The types are: article, diary, links, training.
"""


def test_every_fault_of_a_file_is_told_at_once(load: Callable[..., Issue]) -> None:
    """A file with a dozen faults is refused with all of them, in the order of their places."""
    with pytest.raises(ContentError) as caught:
        load(FAULTY)
    assert caught.value.message == "issues/2026-01.yaml cannot be used yet"
    assert FAULTS == "".join(f"{finding}\n" for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subject: Hi\n", '1:1: error N005: "sections" is missing\n  Add a line that begins with sections:.'),
        ("sections:\n", '1:10: error N005: "sections" is empty\n  Write something after the colon.'),
        ("sections: {}\n", f'1:11: error N006: "sections" should be a list, and is a group of keys\n{LIST_HINT}'),
        ("sections: text\n", f'1:11: error N006: "sections" should be a list, and is text\n{LIST_HINT}'),
        ("sections: [{title: Hi}]\n", f"1:12: error N005: a section needs its type\n{TYPES_HINT}"),
        ("sections: [{type: [diary]}]\n", f"1:19: error N005: a section needs its type\n{TYPES_HINT}"),
        (
            "sections: [{type: __init__}]\n",
            '1:19: error N004: "__init__" is not a section type\n  There is: article, diary, links, training.',
        ),
        ('subject: "  "\nsections: []\n', f'1:10: error N005: "subject" is empty\n{EMPTY_HINT}'),
        (
            "subject: [Draft] \nsections: []\n",
            f'1:10: error N006: "subject" should be text, and is a list\n{LINE_HINT}',
        ),
        (
            "subject: {}\nsections: []\n",
            f'1:10: error N006: "subject" should be text, and is a group of keys\n{LINE_HINT}',
        ),
        (article("body: [x]"), '4:11: error N006: "body" should be text, and is a list\n' + LINE_HINT),
        (article('body: "  "'), f"4:11: error N005: there is no text here\n{EMPTY_HINT}"),
        (
            article("body: x", "image: images/a.png"),
            (
                '5:12: error N006: "image" should be keys and values, and is text\n'
                "  Write it as in image: {src: ..., alt: ...}"
            ),
        ),
        (
            article("body: x", "courses: []"),
            '5:5: error N004: unknown key "courses"\n  The keys here are: title, type, body, image, links.',
        ),
        ("ignores: [N121]\nsections: []\n", '1:1: error N004: unknown key "ignores"\n  Did you mean "check-ignore"?'),
        (
            "sections:\n- type: training\n  title: T\n  courses: {title: Hi}\n",
            f'4:12: error N006: "courses" should be a list, and is a group of keys\n{LIST_HINT}',
        ),
        ("sections:\n- type: links\n  title: T\n  links: []\n", f'4:10: error N005: "links" is empty\n{EMPTY_HINT}'),
    ],
)
def test_what_is_of_the_wrong_kind_is_told(faults: Callable[..., list[str]], text: str, expected: str) -> None:
    """A value of the wrong kind, an empty one and a missing one are told where they stand."""
    assert [expected] == faults(text)


def test_section_title_without_text_is_missing(faults: Callable[..., list[str]]) -> None:
    """A title without a value is told as empty; one that is misspelt is told as that, and not as missing too."""
    text = "sections:\n  - type: article\n    title:\n    body: x\n  - type: article\n    tilte: Hi\n    body: x\n"
    empty = '3:11: error N005: "title" is empty\n  Write something after the colon.'
    misspelt = '6:5: error N004: unknown key "tilte"\n  Did you mean "title"?'
    assert [empty, misspelt] == faults(text)


def test_hint_of_a_year_is_that_of_the_issue(faults: Callable[..., list[str]]) -> None:
    """A date without its year is offered with the year in which it lies nearest to the issue."""
    text = "sections:\n  - {type: diary, title: D, dates: [10 January - A, {when: 20 December, what: B}]}\n"
    said = "\n".join(faults(text, "2025-12"))
    assert ['"10 January 2026 - A"', '"20 December 2025"'] == re.findall(r'its year: (".*?")', said)


def test_long_words_are_told_in_short_and_harmless(faults: Callable[..., list[str]]) -> None:
    """A message never holds more than a line of the author's words, nor a character that turns a terminal."""
    first, second = faults(f"{'k' * 900}: x\ndraft: 'a\u202eb'\nsections: []\n")
    assert f'1:1: error N004: unknown key "{"k" * 184}...' == first.split("\n")[0]
    assert '2:8: error N006: "a?b" is neither true nor false\n  Write true or false.' == second


# Defaults


def test_defaults_are_filled_in(load: Callable[..., Issue]) -> None:
    """An issue without sections is valid: its subject is of its month, it is no draft, and a warning says so."""
    issue = load("sections: []\n", welcome="Hello")
    assert ("2026-01", "January 2026 newsletter", "", False, "Hello", (), ()) == (
        issue.id, issue.subject, issue.preheader, issue.draft, issue.welcome, issue.sections, issue.ignores,
    )  # fmt: skip
    assert [NOTHING] == [str(finding) for finding in issue.findings]


def test_what_is_written_wins_over_the_defaults(load: Callable[..., Issue]) -> None:
    """Subject, preheader, draft and welcome are the author's where they are given."""
    issue = load("subject: S\npreheader: P\ndraft: TRUE\nwelcome: W\nsections: []\n", welcome="Hello")
    assert ("S", "P", True, "W") == (issue.subject, issue.preheader, issue.draft, issue.welcome)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["One"], "One"),
        (["One", "Two"], "One · Two"),
        (["a" * 50, "b" * 47], f"{'a' * 50} · {'b' * 47}"),
        (["a" * 50, "b" * 48], "a" * 50),
        (["a" * 90, "to b", "c"], f"{'a' * 90} · to b"),
        (["a" * 92, "to be cut", "c"], f"{'a' * 92} · to be"),
        (["a" * 120], "a" * 100),
    ],
)
def test_preheader_comes_from_the_titles(load: Callable[..., Issue], titles: list[str], expected: str) -> None:
    """Without a preheader the sections' titles stand in, cut at a word before 100 characters."""
    sections = "".join(f"  - {{type: article, title: {title}, body: x}}\n" for title in titles)
    assert expected == load(f"sections:\n{sections}").preheader


def test_special_edition_needs_its_subject(faults: Callable[..., list[str]], load: Callable[..., Issue]) -> None:
    """A special edition has no month's name to go by: it must say what it is about."""
    hint = "Add a line subject: with what it is about."
    expected = f"1:1: error N005: a special edition needs its own subject\n  {hint}"
    assert [expected] == faults("sections: []\n", "2026-01-extra")
    assert [expected.replace("1:1", "1:9")] == faults("subject:\nsections: []\n", "2026-01-extra")
    assert "Extra" == load("subject: Extra\nsections: []\n", "2026-01-extra").subject


def test_checks_are_switched_off_by_code_or_for_one_text(load: Callable[..., Issue]) -> None:
    """A check is named by its code alone, or with the text and the reason."""
    issue = load("check-ignore: [N121, {code: N131, text: Jo Bloggs, why: She agreed}, {code: N141}]\nsections: []\n")
    at = [("check-ignore", index) for index in range(3)]
    assert (
        Ignore("N121", trail=at[0]),
        Ignore("N131", "Jo Bloggs", "She agreed", at[1]),
        Ignore("N141", trail=at[2]),
    ) == issue.ignores


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("N121", f'1:15: error N006: "check-ignore" should be a list, and is text\n{LIST_HINT}'),
        (
            "[[N121]]",
            '1:16: error N006: "check-ignore" should be keys and values, and is a list\n  Write it as in - {code: ...}',
        ),
        ('[""]', f'1:16: error N005: "code" is empty\n{EMPTY_HINT}'),
        ("[{text: a, why: b}]", '1:16: error N005: "code" is missing\n  Add a line that begins with code:.'),
        (
            "[{code: N1, text: a}]",
            '1:16: error N005: "text" and "why" belong together\n  Write both, or only the code.',
        ),
        ("[{code: N1, texts: a}]", '1:27: error N004: unknown key "texts"\n  Did you mean "text"?'),
    ],
)
def test_check_ignore_of_another_form_is_told(faults: Callable[..., list[str]], written: str, expected: str) -> None:
    """What is no list of codes is told at the item."""
    assert [expected] == faults(f"check-ignore: {written}\nsections: []\n")


# Whatever is written

TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "article",
        "diary",
        "links",
        "training",
        "3 February 2026",
        "9am",
        "https://example.org",
        "true",
        "[x](y:z)",
        "N121",
    ]
)
KEYS = st.sampled_from(
    [
        "subject",
        "preheader",
        "draft",
        "welcome",
        "sections",
        "check-ignore",
        "type",
        "title",
        "body",
        "image",
        "src",
        "alt",
        "links",
        "text",
        "url",
        "note",
        "intro",
        "courses",
        "description",
        "sessions",
        "date",
        "start",
        "end",
        "location",
        "cancelled",
        "book",
        "dates",
        "when",
        "what",
        "code",
        "why",
        "tilte",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)
SECTIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["article", "diary", "links", "training"]), "title": TEXT},
    optional=dict.fromkeys(("body", "image", "links", "intro", "courses", "dates"), VALUES),
)

ISSUES = st.fixed_dictionaries(
    {"sections": st.lists(SECTIONS, max_size=3) | VALUES},
    optional={"subject": TEXT, "welcome": TEXT, "draft": TEXT, "check-ignore": VALUES},
)


@settings(deadline=None, max_examples=150)
@given(ISSUES)
@example({"sections": [{"type": "article", "title": "A", "body": "999999999. " * 30 + "words"}]})
def test_whatever_is_written_is_an_issue_or_findings(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    """Any text under the known keys is read as an issue, or refused with findings that lie inside the file."""
    root = tmp_path_factory.mktemp("any")
    (root / "issues").mkdir()
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_style='"')
    (root / "issues/2026-01.yaml").write_text(text, "utf-8", newline="\n")
    try:
        findings = load_issue(root, "2026-01").findings
    except NewsletterError as error:
        findings = error.findings
        assert findings
    lines = re.split(r"\r\n|\r|\n", text)
    for finding in findings:
        assert finding.place.file == "issues/2026-01.yaml"
        assert 1 <= finding.place.line <= len(lines)
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1]) + 1
        assert "\n" not in finding.message
