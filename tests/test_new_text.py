"""The next issue as text: what is cut out of an issue's file, and that not another character changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent, indent

import pytest
from conftest import NEWSLETTER_YAML
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.config import open_workspace
from newsletter.errors import ContentError
from newsletter.load import load_issue
from newsletter.rollover import Rollover, roll_over

EXAMPLE = """\
# An example: to use it, take the # and the space behind it out of each line below.
# - type: article
#   title: "[title]"
#   body: |
#     [text]
#   links:
#     - text: "[link]"
#       url: https://
"""
BODY = EXAMPLE.partition("\n")[2]
IN_BRACKETS = f"# An example, for a list without brackets:\n{BODY}"
LINKS = "- type: links\n  title: Favourites\n  links:\n    - {text: Our page, url: 'https://example.org/'}\n"
ARTICLE = "- type: article\n  title: News\n  body: Some words.\n"
DIARY = "- type: diary\n  title: Dates\n  dates:\n"
COURSES = "- type: training\n  title: Training\n  courses:\n"


def rolled(text: str | bytes, *, source: str = "2026-01", issue: str = "2026-02") -> Rollover:
    """Return what becomes of an issue."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
        (root / f"issues/{source}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return roll_over(open_workspace(root), source, issue)


def after(text: str, **options: str) -> str:
    """Return the text of the next issue."""
    return rolled(text, **options).after.data.decode()


def cut(sections: str) -> str:
    """Return what is left of *sections*, which begin with an example already, so that none is put there."""
    head = f"subject: News\nsections:\n{EXAMPLE}\n"
    text, head = after(head + dedent(sections)), head.replace("subject: News", "draft: true")
    assert text.startswith(head)
    return text.removeprefix(head)


# --- lists of lines ---

PAST, TO_COME = "Saturday 31 January 2026", "Sunday 1 February 2026"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # Comments directly above an item, beside it, and below it where they are indented further.
        (
            """\
            # 1
              # 2
            - 31 January 2026 - A  # 3
                # 4
            # 5
            - 1 February 2026 - B  # 6
              # 7
            """,
            """\
            # 5
            - 1 February 2026 - B  # 6
              # 7
            """,
        ),
        # A comment that stands alone stays.
        (
            """\
            - 1 February 2026 - B

            # alone

            - 31 January 2026 - A
            # below the list
            """,
            """\
            - 1 February 2026 - B

            # alone
            # below the list
            """,
        ),
        # Blank lines part what stays as they did.
        ("- 31 January 2026 - A\n\n- 1 February 2026 - B\n", "- 1 February 2026 - B\n"),
        ("- 1 February 2026 - B\n\n- 31 January 2026 - A\n", "- 1 February 2026 - B\n"),
        (
            "- 1 February 2026 - B\n\n- 31 January 2026 - A\n\n- 30 January 2026 - A\n\n- 2 February 2026 - C\n",
            "- 1 February 2026 - B\n\n- 2 February 2026 - C\n",
        ),
        # A dash alone in its line, texts of several lines, keys.
        (
            "-\n  # 1\n  when: 31 January 2026\n  what: |\n    A\n\n    # words\n- 1 February 2026 - B\n",
            "- 1 February 2026 - B\n",
        ),
        ("- # 1\n  31 January 2026 -\n    A\n- 1 February 2026: B\n", "- 1 February 2026: B\n"),
        ("- >-\n  31 January 2026\n  - A\n-   '1 February 2026 - B'", "-   '1 February 2026 - B'"),
        ("- 1 February 2026 - B\n- 31 January 2026 - A", "- 1 February 2026 - B\n"),
    ],
)
def test_lines(written: str, expected: str) -> None:
    """Of a list of lines whole items go, with the comments that are theirs."""
    assert DIARY + indent(dedent(expected), "    ") == cut(DIARY + indent(dedent(written), "    "))


def test_a_list_that_is_indented_like_its_key() -> None:
    """A dash may stand below the first letter of its key."""
    text = "- type: diary\n  title: Dates\n  dates:\n  - 31 January 2026 - A\n  - 1 February 2026 - B\n"
    assert text.replace("  - 31 January 2026 - A\n", "") == cut(text)


# --- lists in brackets ---

A, B, C = '"31 January 2026 - A"', '"1 February 2026 - B"', "{when: 2 February 2026, what: C}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"[{A}, {B}, {C}]  # 1", f"[{B}, {C}]  # 1"),
        (f"[{B}, {A}, {C}]", f"[{B}, {C}]"),
        (f"[{B}, {C}, {A}]", f"[{B}, {C}]"),
        (f"[ {B} ,{A},{A},{C},]", f"[ {B} ,{C},]"),
        (f"[ {B}, {A}, ]", f"[ {B}, ]"),
        (f"[\n  # 1\n  {A},  # 2\n  # 3\n  {B}  # 4\n]", f"[\n  # 3\n  {B}  # 4\n]"),
        (f"[\n  {B},  # 1\n  # 2\n  {A}\n  # 3\n]", f"[\n  {B},  # 1\n  # 3\n]"),
        (f"[{A},\n # 1\n {B}]", f"[\n # 1\n {B}]"),
        (f"[{B},  # 1\n {A}, {A}]", f"[{B},  # 1\n ]"),
        (f"[{B}, {A},\n # 1\n {C}]", f"[{B},\n # 1\n {C}]"),
        (f"[\n  {B},\n  {{when: 31 January 2026,\n   what: A}},\n]", f"[\n  {B},\n]"),
        ("[31 January 2026: A, 1 February 2026: B]", "[1 February 2026: B]"),
    ],
)
def test_brackets(written: str, expected: str) -> None:
    """Of a list in brackets the items go with the commas that parted them; other people's comments stay."""
    head = "- type: diary\n  title: Dates\n  dates: "
    assert head + indent(expected, "    ").lstrip() + "\n" == cut(head + indent(written, "    ").lstrip() + "\n")


def test_everything_in_brackets() -> None:
    """Sections may stand in brackets, too; the example then stands above their key."""
    text = (
        f"sections: [{{type: article, title: News, body: Words}}, {{type: diary, title: Dates, dates: [{A}, {B}]}}]\n"
    )
    expected = f"sections: [{{type: diary, title: Dates, dates: [{B}]}}]\n"
    assert f"draft: true\n{IN_BRACKETS}{expected}" == after(text)
    assert f"draft: true\n{IN_BRACKETS}{expected}" == after(after(text))


def test_a_file_in_braces_is_refused() -> None:
    """What cannot be cut as lines is not carried forward by half."""
    with pytest.raises(ContentError, match=r"issues/2026-01\.yaml is laid out in a way that cannot be cut"):
        rolled("---\n{subject: News, sections: []}\n")


# --- courses and sections ---


def test_courses() -> None:
    """A course goes with the last of its dates; one that never had any stays; one whose dates are in part over, too."""
    over = "    # 1\n    - title: Over\n      sessions: [31 January 2026]\n      book: https://example.org/\n"
    half = (
        "    - title: A\n      sessions:\n        # 2\n        - 30 January 2026\n        # 3\n        - 1 May 2026\n"
    )
    never = "    # 4\n    - title: Never\n      book: https://example.org/never\n"
    left = half.replace("        # 2\n        - 30 January 2026\n", "")
    assert f"{COURSES}{left}\n{never}" == cut(f"{COURSES}{over}\n{half}\n{never}")


def test_a_section_of_which_all_is_over() -> None:
    """A section goes with the last of what it has, comments and gaps too."""
    text = f"# Favourites\n{LINKS}\n# 1\n{DIARY}    - 31 January 2026 - A\n\n{COURSES}    - {{title: A}}\n"
    assert f"# Favourites\n{LINKS}\n{COURSES}    - {{title: A}}\n" == cut(text)


def test_a_range_ends_when_its_last_day_does() -> None:
    """What ends on the first day of the month is still to come."""
    text = f"{DIARY}    - 29 December 2025 to 1 February 2026 - A\n    - 1 December 2025 to 31 January 2026 - B\n"
    assert f"{DIARY}    - 29 December 2025 to 1 February 2026 - A\n" == cut(text)


def test_what_is_cancelled_stays() -> None:
    """A session that does not take place is told of until its day."""
    line = "    - {title: A, sessions: [{date: 1 February 2026, cancelled: true}]}\n"
    assert COURSES + line == cut(COURSES + line)


def test_a_wrong_weekday_stays() -> None:
    """Nobody knows which day is meant, so its author has to say."""
    lines = "    - Monday 31 January 2026 - A\n    - {when: Monday 31 January 2026, what: B}\n"
    assert DIARY + lines == cut(DIARY + lines)


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
