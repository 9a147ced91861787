"""Mending: what changes in an issue's file, and that not another character does."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mendings import DIARY, FORMS, ID, TRAINING, after, mended

from newsletter.config import open_workspace
from newsletter.load import load_issue
from newsletter.mending import Mended, diff, mend

ARTICLE = "sections:\n- type: article\n  title: News\n  body: "


def event_lines(found: Mended) -> list[str]:
    """Return the lines that mending put into a file."""
    return [line[1:].strip() for line in diff(found)[2:] if line.startswith("+")]


# --- this repository's own issues ---

OWN = {
    "2024-01-about-us": "",
    "2025-04-priorities": "",
    "2025-09-annual-report": "",
    "2025-12": """
        -          - 12 March 2026, 9:30am to 10:30am
        +          - Thursday 12 March 2026, 9:30am to 10:30am
        -          - 24 February 2026, 10am to 11:30am
        +          - Tuesday 24 February 2026, 10am to 11:30am
        -          - 12 February 2026, 10am to 11am
        -          - 26 March 2026, 10am to 11am
        +          - Thursday 12 February 2026, 10am to 11am
        +          - Thursday 26 March 2026, 10am to 11am
        -      - 11 January 2026 - National Human Trafficking Awareness Day
        +      - Sunday 11 January 2026 - National Human Trafficking Awareness Day
        +      - Friday 6 February 2026 - International Day of Zero Tolerance of FGM
        -      - 6 February 2026 - International Day of Zero Tolerance of FGM
        -      - 10 February 2026 - Safer Internet Day
        +      - Tuesday 10 February 2026 - Safer Internet Day
        """,
    "2026-01": """
        -          - Tuesday 3 February 2026, 9am to 3.30pm
        -          - Tuesday 10 February 2026, 9am to 3.30pm
        +          - Tuesday 3 February 2026, 9am to 3:30pm
        +          - Tuesday 10 February 2026, 9am to 3:30pm
        -          - Thursday 12 March 2026, 9.30am - 10.30am
        +          - Thursday 12 March 2026, 9:30am to 10:30am
        -          - Tuesday 24 February 2026, 10.00am to 11.30am
        +          - Tuesday 24 February 2026, 10am to 11:30am
        -          - Thursday 12 February 2026 at 10:00 to 11:00am
        -          - Thursday 26 March 2026 at 10:00 to 11:00am
        +          - Thursday 12 February 2026, 10am to 11am
        +          - Thursday 26 March 2026, 10am to 11am
        +      - Friday 6 February 2026 - International Day of Zero Tolerance of FGM
        -      - 6 February 2026 - International Day of Zero Tolerance of FGM
        -      - when: 10 February 2026
        +      - when: Tuesday 10 February 2026
        """,
}


@pytest.mark.parametrize("issue", sorted(path.stem for path in (ROOT / "issues").glob("*.yaml")))
def test_own_issues(issue: str) -> None:
    """These lines of our own issues change, and no others."""
    changed = [line for line in diff(mend(open_workspace(ROOT), issue))[2:] if line[0] in "+-"]
    assert dedent(OWN[issue]).strip("\n").split("\n") == (changed or [""])


# --- running text ---


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("|\n    On 10th February 2026, 9.30am\n    - 10.30am.", "|\n    On 10 February 2026, 9:30am\n    to 10:30am."),
        (">\n    On the 10th\n    February.", ">\n    On 10 February."),
        (">\n    On 10th\n    February.", ">\n    On 10\n    February."),
        ('"On 10th February"  # 10th February', '"On 10 February"  # 10th February'),
        (r'"On 10th February\u2026 9.30am"', r'"On 10 February\u2026 9:30am"'),
        ("|  # not on 10th February\n    On 10th February.", "|  # not on 10th February\n    On 10 February."),
        # What is right in one place may be wrong in another.
        ("|\n    At 9:30am and at 9.30am, 19.30am.", "|\n    At 9:30am and at 9:30am, 19.30am."),
        # The weekday is wrong: left.
        ("On Wednesday 10th February 2026 at 9.30am", "On Wednesday 10th February 2026 at 9:30am"),
        ("On Tuesday 10th February 2026", "On Tuesday 10 February 2026"),
        ("[10th February](https://example.org/10th%20February)", None),
        (
            "On 10th February [Plan 2024-25](https://example.org/)",
            "On 10 February [Plan 2024-25](https://example.org/)",
        ),
        (
            "|\n    ## Plan of 10th February\n\n    On 10th February",
            "|\n    ## Plan of 10th February\n\n    On 10 February",
        ),
        ("'On `10th February`'", "'On `10th February`'"),
    ],
)
def test_prose(written: str, expected: str | None) -> None:
    """In running text dates and times are mended where GOV.UK style is certain, and lines stay broken as they are."""
    if expected is None:
        written = f"'{written}'"
        expected = written
    assert f"{ARTICLE}{expected}\n" == after(f"{ARTICLE}{written}\n")


def test_lines_of_text() -> None:
    """Notes, the subject and the preheader are mended; titles, and what a course is called, are not."""
    written = "subject: News of 3rd Feb\npreheader: Until 9.30am\n" + TRAINING.replace(
        "A course", "From 9.30am"
    ).replace("Training", "Training from 3rd Feb")
    session = "    - date: Tuesday 3 February 2026\n      note: Tea at 9.30am\n      location: Room 9.30am\n"
    expected = written.replace("3rd Feb", "3 February", 1).replace("Until 9.30", "Until 9:30")
    assert f"{expected}{session.replace('Tea at 9.30', 'Tea at 9:30')}" == after(written + session)


@pytest.mark.parametrize(
    ("ignore", "config", "expected"),
    [
        ("check-ignore: [N131]\n", "", ["- Tuesday 3 February 2026 - A", "- Friday 6 March 2026 - B"]),
        ("check-ignore: [N110]\n", "", ["Until 9:30am", "- Friday 6 March 2026 - B", "- Tuesday 3 February 2026 - A"]),
        ("", "checks: {ignore: [N110, N131]}\n", ["- Friday 6 March 2026 - B", "- Tuesday 3 February 2026 - A"]),
        (
            "check-ignore:\n- {code: N131, text: until 9.30AM, why: a}\n- {code: N103, text: 6 Mar 2026, why: b}\n",
            "",
            ["- Tuesday 3 February 2026 - A"],
        ),
    ],
)
def test_what_is_excused_stays(ignore: str, config: str, expected: list[str]) -> None:
    """A check that is switched off mends nothing, and words that the author has excused stay as they are."""
    text = f"{ignore}preheader: Until 9.30am\n{DIARY}  - 6 Mar 2026 - B\n  - 3 Feb 2026 - A\n"
    found = event_lines(mended(text, config=config))
    assert [line.removeprefix("preheader: ") for line in found] == expected


def test_the_standing_welcome_stays() -> None:
    """The welcome of newsletter.yaml is in another file, even where the issue has the same key without a value."""
    text = f"welcome:\n{ARTICLE}Hello\n"
    assert text == after(text, config="welcome: Until 9.30am\n")


# --- any issue ---

DATES = [*FORMS, "Wednesday 3 Feb 2026", "Mon 3 to Sun 8 Feb 2026", "3rd Feb 2027"]
EVENTS = ["Week", "Tea, 9.30am", "A: b # c", "Third of 4 Feb"]
GAPS = ["", "", "\n", "  # 3rd Feb 2026\n", "\n  # 3rd Feb\n", "      # 3rd Feb\n", "  # 3rd Feb\n\n"]


@st.composite
def entries(draw: st.DrawFn) -> str:
    """An entry of the diary, in any of the ways to write one."""
    day, words = draw(st.sampled_from(DATES)), draw(st.sampled_from(EVENTS))
    quote, tail = draw(st.sampled_from("'\"")), draw(st.sampled_from(["", " ", "  # 3rd Feb"]))
    plain = words.replace(": ", " ").replace(" #", "")
    forms = [
        f"{day} - {plain}{tail}",
        f"{day}: {plain}{tail}",
        f"{quote}{day}  -  {words}{quote}{tail}",
        f"{day}  -\n      {plain}{tail}",
        f"{{when: {quote}{day}{quote}, what: {plain.replace(',', '')}}}{tail}",
        f"when: {day}\n    what:  {plain}{tail}\n    # 3rd Feb",
        f">-  # 3rd Feb\n      {day} - {words}\n      3rd Feb",
    ]
    return f"  - {draw(st.sampled_from(forms))}\n"


@st.composite
def issues(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """An issue with an article above a diary: all that is above the diary's entries, and the rest.

    The entries are in any order, with comments, blank lines and odd spacing.
    """
    gap = st.sampled_from([draw(st.sampled_from(GAPS))] * 8 + GAPS)
    text = "".join(part for entry in draw(st.lists(entries(), min_size=1, max_size=6)) for part in (entry, draw(gap)))
    body = draw(st.sampled_from(["On 3rd Feb at 9.30am", "At 9.30am -\n      10.30am", "Nothing"]))
    head = f"subject: The 3rd Feb\nsections:\n- type: article\n  title: News\n  body: |\n      {body}\n"
    head += DIARY.removeprefix("sections:\n")
    text = text.rstrip("\n") + draw(st.sampled_from(["", "\n", "\n\n"]))
    end, bom = draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from(["", "\ufeff"]))
    return tuple(part.replace("\n", end).encode() for part in (bom + head, text))  # type: ignore[return-value]


def events(data: bytes) -> list[str]:
    """Return the events of an issue, sorted."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "issues").mkdir()
        (Path(folder) / f"issues/{ID}.yaml").write_bytes(data)
        return sorted(repr((one.title, one.span.first, one.span.last, one.span.start, one.span.end, one.url))
                      for one in load_issue(Path(folder), ID).events())  # fmt: skip


def undated(data: bytes) -> list[bytes]:
    """Return the lines without a figure."""
    return [line for line in data.splitlines() if not re.search(rb"[0-9]", line)]


@settings(max_examples=100)
@given(issues())
def test_any_issue(parts: tuple[bytes, bytes]) -> None:
    """Mending keeps all events, comments and line ends, and every line but those with a date and those that move."""
    old, (above, below) = b"".join(parts), map(undated, parts)
    found = mended(old)
    new = undated(found.after.data)
    assert events(old) == events(found.after.data)
    assert (above, sorted(below)) == (new[: len(above)], sorted(new[len(above) :]))
    assert below == new[len(above) :] or found.lists
    for kept in (rb"#[^\r\n]*", rb"\r?\n|\xef\xbb\xbf"):
        assert sorted(re.findall(kept, old)) == sorted(re.findall(kept, found.after.data))


@settings(max_examples=100)
@given(issues())
def test_mending_twice(parts: tuple[bytes, bytes]) -> None:
    """There is nothing to mend in what was mended."""
    once = mended(b"".join(parts))
    twice = mended(once.after.data)
    assert (once.after.data, 0, 0) == (twice.after.data, twice.dates, twice.lists)
