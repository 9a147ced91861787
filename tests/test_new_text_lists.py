"""The next issue as text: what is cut out of lists, in lines or in brackets, of courses and of sections."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from rollovers import COURSES, DIARY, EXAMPLE, IN_BRACKETS, LINKS, after, rolled

from newsletter.errors import ContentError


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
