"""The next issue as text: what is cut out of an issue's file, and that not another character changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rollovers import BODY, COURSES, DIARY, EXAMPLE, IN_BRACKETS, LINKS, after, rolled

from newsletter.load import load_issue

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "- type: article\n  title: News\n  body: Some words.\n"


# --- the head of the file ---


def test_the_head() -> None:
    """Subject, preheader and welcome go with the comments above them; those above the first key are the file's."""
    text = f"""\
# yaml-language-server: $schema=schema.json
# Ours.
subject: >-
  January
  news
# 1
preheader: A  # 2
# 3

welcome: |
  # Hello

  to you
  # 4

# 5
draft: true
# 6
sections:
{ARTICLE}
{LINKS}"""
    expected = f"""\
# yaml-language-server: $schema=schema.json
# Ours.
draft: true
# 3

# 6
sections:
{EXAMPLE}
{LINKS}"""
    assert expected == after(text)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("sections:\n", "sections:\n"),
        ("sections:\n\n", "sections:\n\n"),
        ("subject:\nsections:\n", "sections:\n"),
        ("draft: false  # 1\nsections:\n", "sections:\n"),
        ("---\n'subject': A\n'sections':\n", "'sections':\n"),
        ("? subject\n: A\n? sections\n:\n", "? sections\n:\n"),
    ],
)
def test_a_draft(head: str, expected: str) -> None:
    """Whatever its head, the new issue is a draft."""
    begin = "---\n" if head.startswith("---") else ""
    assert f"{begin}draft: true\n{expected}{EXAMPLE}\n{LINKS}" == after(f"{head}{ARTICLE}\n{LINKS}")


def test_a_special_edition_has_a_subject() -> None:
    """It must be given, so it is taken from the id."""
    text = after(f"subject: Ours\nsections:\n{LINKS}", source="2026-01-our-year", issue="2026-02-a-new-year")
    assert f"subject: A new year\ndraft: true\nsections:\n{EXAMPLE}\n{LINKS}" == text


# --- articles ---


def test_articles() -> None:
    """An example stands where the first article did, and all others leave nothing."""
    text = f"sections:\n{LINKS}\n# 1\n{ARTICLE}\n{ARTICLE}\n{LINKS}{ARTICLE}"
    assert f"draft: true\nsections:\n{LINKS}\n{EXAMPLE}\n{LINKS}" == after(text)
    text = f"sections:\n{LINKS}\n{ARTICLE}\n{DIARY}    - 31 January 2026 - A\n"
    assert f"draft: true\nsections:\n{LINKS}\n{EXAMPLE}" == after(text)


def test_an_example_is_left_once() -> None:
    """One that still stands there from last month is enough."""
    once = after(f"sections:\n{ARTICLE}\n{LINKS}")
    assert once == after(once)
    assert once == after(once.replace(EXAMPLE, f"{EXAMPLE}\n{ARTICLE}"))


def test_without_an_article() -> None:
    """The example stands above all sections when there was no article, too."""
    assert f"draft: true\nsections:\n  {indent(EXAMPLE, '  ').lstrip()}\n{indent(LINKS, '  ')}" == after(
        f"sections:\n{indent(LINKS, '  ')}"
    )


@pytest.mark.parametrize(("end", "expected"), [("", "\n"), ("\n", "\n"), ("\n\ncheck-ignore: [N210]\n",) * 2])
def test_nothing_but_articles(end: str, expected: str) -> None:
    """An issue without sections is one, with the brackets that YAML wants."""
    written = f"sections:  # 1\n{ARTICLE}\n{ARTICLE}".rstrip("\n") + end
    assert f"draft: true\nsections: []  # 1\n{IN_BRACKETS}".rstrip("\n") + expected == after(written)
    assert f"draft: true\n{IN_BRACKETS}sections: []\n" == after("sections: []\n")


def test_the_example_can_be_used(tmp_path: Path) -> None:
    """Without its signs it is a section, in which the checks of a send find what is to be filled in."""
    used = BODY.replace("# ", "").replace("https://", "https://example.org/")
    (tmp_path / "issues").mkdir()
    (tmp_path / "issues/2026-02.yaml").write_text(f"sections:\n{used}{LINKS}", "utf-8")
    assert ["[title]", "Favourites"] == [section.title for section in load_issue(tmp_path, "2026-02").sections]


# --- excuses ---

WEEKEND = f"{COURSES}    - {{title: Course, sessions: [{{date: 31 January 2026}}, {{date: 1 February 2026}}]}}\n"
NAMED = "{code: N104, text: Sunday 1 February 2026, why: Meant}"
GONE = "{code: N104, text: Saturday 31 January 2026, why: Meant}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # N104 finds the session on a Sunday, and N161 nothing.
        ("[N104, N161]", "[N104]"),
        ("\n  # 1\n  - N161\n  # 2\n  - N104\n", "\n  # 2\n  - N104\n"),
        (f"[{GONE}, {NAMED}]", f"[{NAMED}]"),
        # The finished email, or the day of sending, may need it: one for a text goes when its text does.
        ("[N210, N102]", "[N210, N102]"),
        (
            "[{code: N102, text: Course, why: a}, {code: N102, text: Gone, why: a}]",
            "[{code: N102, text: Course, why: a}]",
        ),
    ],
)
def test_excuses(written: str, expected: str) -> None:
    """What check-ignore excuses nothing with any more goes."""
    text = f"sections:\n{EXAMPLE}\n{WEEKEND}# 1\ncheck-ignore: "
    over = "{date: 31 January 2026}, "
    assert f"draft: true\n{text}{expected}".replace(over, "") == after(text + written)


def test_the_last_excuse() -> None:
    """With the last excuse the key goes."""
    text = f"sections:\n{EXAMPLE}\n{LINKS}"
    found = rolled(f"{text}\n# 1\ncheck-ignore:\n  - N161  # 2\n  - {GONE}\n")
    assert f"draft: true\n{text}" == found.after.data.decode()
    why = "it finds nothing in what is kept"
    told = [("N161 below check-ignore", why, ""), ("N104 below check-ignore", why, "Saturday 31 January 2026")]
    assert told == [(left.what, left.why, left.more) for left in found.over]


# --- any issue ---

OVER, KEPT = ["31 January 2026", "Sat 31 Jan 2026"], ["1 February 2026", "Sun 1 Feb 2026", "31 January to 1 March 2026"]


@dataclass(frozen=True)
class Part:
    """Something in a list: whether it goes, how it is written, and what is to be left of it if it stays."""

    is_over: bool
    whole: str
    left: str

    @property
    def tag(self) -> str:
        """A comment that is to go or to stay with it."""
        return "# over" if self.is_over else "# kept"


@st.composite
def dates(draw: st.DrawFn, line: str, *keys: str) -> tuple[bool, str, str]:
    """A list of dates in any of the ways to write it, and what is to be left of it; first, whether nothing is.

    Each is written as *line* or with *keys*, which have {} where the day stands.
    """
    flags = draw(st.lists(st.booleans(), min_size=1, max_size=4))
    written = [[text.format(draw(st.sampled_from(OVER if flag else KEPT))) for text in (line, *keys)] for flag in flags]
    style = draw(st.sampled_from(["lines", "brackets", "brackets in lines"]))
    if style == "lines":
        texts = [draw(st.sampled_from([said, f"'{said}'", f">-\n  {said}", f"# {said}\n{said}", "\n".join(named),
                 f"{{{', '.join(named)}}}"])) for said, *named in written]  # fmt: skip
        return all(flags), *draw(lists([Part(flag, text, text) for flag, text in zip(flags, texts, strict=True)]))
    texts = [draw(st.sampled_from([f'"{said}"', f"{{{', '.join(named)}}}"])) for said, *named in written]
    parts = [Part(flag, text, text) for flag, text in zip(flags, texts, strict=True)]
    if style == "brackets":
        whole, left = (
            ", ".join(one.whole for one in some) for some in (parts, [one for one in parts if not one.is_over])
        )
        return all(flags), f" [{whole}]  # kept\n", f" [{left}]  # kept\n"
    lined = [f"    {one.tag}\n    {one.whole},  {one.tag}\n" for one in parts]
    left = "".join(text for text, flag in zip(lined, flags, strict=True) if not flag)
    return all(flags), f" [\n{''.join(lined)}  ]\n", f" [\n{left}  ]\n"


@st.composite
def lists(draw: st.DrawFn, parts: list[Part]) -> tuple[str, str]:
    """A list of lines below its key, and what is to be left of it."""
    gap = draw(st.sampled_from(["", "\n", "\n\n"]))
    whole, left = [], []
    for one in parts:
        is_line = "\n" not in one.whole
        above = f"{one.tag}\n" if draw(st.booleans()) else ""
        beside = f"  {one.tag}" if is_line and draw(st.booleans()) else ""
        below = f"    {one.tag}\n" if is_line and draw(st.booleans()) else ""
        texts = [f"{above}- {indent(text.rstrip(), '  ').lstrip()}{beside}\n{below}" for text in (one.whole, one.left)]
        whole.append(indent(texts[0], "  "))
        left += [] if one.is_over else [indent(texts[1], "  ")]
    return f"\n{gap.join(whole)}", f"\n{gap.join(left)}"


@st.composite
def courses(draw: st.DrawFn) -> Part:
    """A course, with dates or without."""
    head, tail = "title: Course\n", draw(st.sampled_from(["", "book: https://example.org/  # kept\n"]))
    if draw(st.booleans()):
        return Part(is_over=False, whole=head + tail, left=head + tail)
    is_over, whole, left = draw(dates("{}", "date: {}", "location: Here"))
    tail = tail.replace("# kept", "# over" if is_over else "# kept")
    whole = whole.replace("# kept", "# over") if is_over else whole
    return Part(is_over, f"{head}sessions:{whole}{tail}", f"{head}sessions:{left}{tail}")


@st.composite
def sections(draw: st.DrawFn) -> Part:
    """A section of any type."""
    kind = draw(st.sampled_from(["article", "diary", "links", "training"]))
    head = f"type: {kind}\ntitle: A\n"
    if kind == "article":
        text = f"{head}body: |\n  Words.\n\n  # Heading\n"
        return Part(is_over=True, whole=text, left=text)
    if kind == "links":
        text = f"{head}links:\n# kept\n- text: A\n  url: https://example.org/  # kept\n"
        return Part(is_over=False, whole=text, left=text)
    if kind == "diary":
        is_over, whole, left = draw(dates("{} - A", "when: {}", "what: A"))
        key = "dates"
    else:
        some = draw(st.lists(courses(), min_size=1, max_size=3))
        is_over, key = all(one.is_over for one in some), "courses"
        whole, left = draw(lists(some))
    whole = whole.replace("# kept", "# over") if is_over else whole
    return Part(is_over, f"{head}{key}:{whole}", f"{head}{key}:{left}")


@st.composite
def issues(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """An issue with an example, and the next one: the same text but for its head and what is over."""
    first = draw(sections().filter(lambda one: not one.is_over))  # the example above it ends in a blank line
    some = [first, *draw(st.lists(sections(), max_size=4))]
    whole, left = draw(lists(some))
    full = "# Ours\nsubject: >\n  News\n# over\npreheader: 'A'  # over\n"
    head = draw(st.sampled_from(["", "subject: News\n", full]))
    tail = draw(st.sampled_from(["", "# kept\n", "\n# kept\n"])) if not some[-1].is_over else ""
    below = f"sections:  # kept\n{EXAMPLE}"
    old = f"{head}{below}{whole}{tail}"
    new = f"{head.partition('subject')[0]}draft: true\n{below}{left}{tail}"
    end, bom = draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from(["", "\ufeff"]))
    whole, left = ((bom + text).replace("\n", end) for text in (old, new))
    return whole.encode(), left.encode()


@settings(max_examples=60)
@given(issues())
def test_any_issue(issue: tuple[bytes, bytes]) -> None:
    """What is carried is the same but for what is cut out of it, and it says what it is expected to say."""
    old, expected = issue
    found = rolled(old)
    new = found.after.data
    assert expected == new
    assert (0, old.count(b"# kept")) == (new.count(b"# over"), new.count(b"# kept"))
    rest = iter(old.decode())
    assert all(sign in rest for sign in new.decode().replace("draft: true", "", 1).lstrip("\ufeff\r\n"))
    kept = [(one.title, one.span) for one in found.before.issue.events() if one.span.last >= date(2026, 2, 1)]
    assert kept == [(one.title, one.span) for one in found.after.issue.events()]
    assert found.after.issue.draft


@settings(max_examples=20)
@given(issues())
def test_twice(issue: tuple[bytes, bytes]) -> None:
    """The issue of the same month out of a new one is that again."""
    once = rolled(issue[0]).after.data
    assert once == rolled(once).after.data
