"""Mending: what changes in an issue's file, and that not another character does."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from conftest import NEWSLETTER_YAML, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.config import open_workspace
from newsletter.errors import ContentError
from newsletter.load import load_issue
from newsletter.mending import Mended, diff, mend

ID = "2026-01"
DIARY = "sections:\n- type: diary\n  title: Dates\n  dates:\n"
TRAINING = "sections:\n- type: training\n  title: Training\n  courses:\n  - title: A course\n    sessions:\n"
ARTICLE = "sections:\n- type: article\n  title: News\n  body: "


def mended(text: str | bytes, *, config: str = "") -> Mended:
    """Return what mending makes of an issue."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML) + config, "utf-8")
        (root / f"issues/{ID}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return mend(open_workspace(root), ID)


def after(text: str, **options: str) -> str:
    """Return the text of a mended issue."""
    return mended(text, **options).after.data.decode()


def lines(head: str, text: str) -> str:
    """Return the lines of *text* below *head*, of whose list they are, without its indent."""
    return head + "".join(
        f"  {line}\n" if line.strip() else f"{line}\n" for line in dedent(text).strip("\n").split("\n")
    )


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


# --- the forms of dates ---

FORMS = {
    "Tuesday 3 February 2026, 9am to 3.30pm": "Tuesday 3 February 2026, 9am to 3:30pm",
    "Thursday 12 March 2026, 9.30am - 10.30am": "Thursday 12 March 2026, 9:30am to 10:30am",
    "Thursday 12 February 2026 at 10:00 to 11:00am": "Thursday 12 February 2026, 10am to 11am",
    "24 February 2026, 10.00am to 11.30am": "Tuesday 24 February 2026, 10am to 11:30am",
    "12 March 2026, 9:30am to 10:30am": "Thursday 12 March 2026, 9:30am to 10:30am",
    "Tues 3rd Feb 2026, 13:00–14:00": "Tuesday 3 February 2026, 1pm to 2pm",
    "2026-02-03 09:00-15:30": "Tuesday 3 February 2026, 9am to 3:30pm",
    "from 3 February 2026, 11-1pm": "Tuesday 3 February 2026, 11am to 1pm",
    "3 February 2026, noon till midnight": "Tuesday 3 February 2026, midday to midnight",
    "3 to 8 February 2026": "3 to 8 February 2026",
    "3rd – 8th Feb 2026": "3 to 8 February 2026",
    "Tuesday 3 to Sunday 8 February 2026": "3 to 8 February 2026",
    "28 February to 2 March 2026": "28 February to 2 March 2026",
    "29 December 2025-3 January 2026": "29 December 2025 to 3 January 2026",
    "10 February 2026": "Tuesday 10 February 2026",
    "Tuesday 10 February 2026": "Tuesday 10 February 2026",
}


@pytest.mark.parametrize(("written", "expected"), FORMS.items())
def test_forms(written: str, expected: str) -> None:
    """Every way to write a date becomes the house style, in a session and before the words of a diary."""
    assert f"{TRAINING}    - {expected}\n" == after(f"{TRAINING}    - {written}\n")
    assert f"{DIARY}  - {expected} – 3rd  time\n" == after(f"{DIARY}  - {written} – 3rd  time\n")


PLACES = {
    # Quotes, comments and blanks are the author's.
    "- '3 Feb 2026'": "- 'Tuesday 3 February 2026'",
    '-   " 3 Feb 2026, 9.30am "  # mind': '-   " Tuesday 3 February 2026, 9:30am "  # mind',
    "- 3 Feb 2026, 9am   ": "- Tuesday 3 February 2026, 9am   ",
    "- 3 Feb 2026 # 3 Feb 2026": "- Tuesday 3 February 2026 # 3 Feb 2026",
    "- >-  # 3 Feb 2026\n      3 Feb 2026\n": "- >-  # 3 Feb 2026\n      Tuesday 3 February 2026\n",
    "- Tues 3rd Feb 2026,\n      9.30am to noon": "- Tuesday 3 February 2026,\n      9:30am to midday",
    "- 3 Feb\n      2026": "- Tuesday 3 February 2026",
    # What has keys is mended under each of them.
    "- {date: 3 Feb 2026, start: 9.30, end: 10.30am, note: At 9.30}": (
        "- {date: Tuesday 3 February 2026, start: 9:30am, end: 10:30am, note: At 9.30}"
    ),
    "- date: '3 Feb 2026'\n      start: 11 to 1pm": "- date: 'Tuesday 3 February 2026'\n      start: 11am to 1pm",
    "- date: 3 Feb 2026 at 14.00\n      cancelled: true": "- date: Tuesday 3 February 2026, 2pm\n      cancelled: true",
    "- start: '13:00'\n      date: 3 Feb 2026": "- start: '1pm'\n      date: Tuesday 3 February 2026",
    # Within brackets a comma would part two items: what has one and no quotes stays.
    "- {date: 3 Feb 2026 9am, note: A}": "- {date: 3 Feb 2026 9am, note: A}",
    "- {date: '3 Feb 2026 9am', note: A}": "- {date: 'Tuesday 3 February 2026, 9am', note: A}",
    # Signs that stand for others hide where the words are.
    r'- "3 Feb 2026, 9am\u201310am"': r'- "3 Feb 2026, 9am\u201310am"',
    # A weekday that is wrong is left to its author.
    "- Wednesday 3rd Feb 2026, 9.30am": "- Wednesday 3rd Feb 2026, 9.30am",
    "- Mon 3rd to Sun 8th Feb 2026": "- Mon 3rd to Sun 8th Feb 2026",
}


@pytest.mark.parametrize(("written", "expected"), PLACES.items())
def test_places(written: str, expected: str) -> None:
    """Nothing around a date changes, and a date stays that cannot change alone."""
    tail = "    - Tuesday 3 March 2026, 9am to 10am\n"
    assert f"{TRAINING}    {expected}\n{tail}" == after(f"{TRAINING}    {written}\n{tail}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("- 3 Feb 2026: A day", "- Tuesday 3 February 2026: A day"),
        ("- '3 Feb 2026, 9.30am': A day", "- 'Tuesday 3 February 2026, 9:30am': A day"),
        ("- 3rd to 8th Feb 2026 - Week: one", "- 3 to 8 February 2026 - Week: one"),
        ("- {when: 3 Feb 2026, what: On 4th Feb}", "- {when: Tuesday 3 February 2026, what: On 4th Feb}"),
        ("- when: 3-8 Feb 2026\n    what: Week", "- when: 3 to 8 February 2026\n    what: Week"),
        ("- 3 Feb 2026 - A day\n    and 4th Feb", "- Tuesday 3 February 2026 - A day\n    and 4th Feb"),
    ],
)
def test_diary(written: str, expected: str) -> None:
    """Of an entry of the diary the date is mended, and never a word of what happens."""
    assert f"{DIARY}  {expected}\n" == after(f"{DIARY}  {written}\n")


def test_neighbours_of_a_wrong_weekday() -> None:
    """What stands beside a wrong weekday is mended; the list keeps its order, since one of its dates is not known."""
    written = ["- 9 March 2026 - A", "- Wednesday 3 Feb 2026 - B", "- 4 March 2026 - C"]
    expected = ["- Monday 9 March 2026 - A", "- Wednesday 3 Feb 2026 - B", "- Wednesday 4 March 2026 - C"]
    assert lines(DIARY, "\n".join(expected)) == after(lines(DIARY, "\n".join(written)))


@pytest.mark.parametrize("text", ["- 03/02/2026 - A", "- 3 Feb 2026 at 5 - A", "- 3 Feb - A"])
def test_what_cannot_be_read_is_not_mended(text: str) -> None:
    """A date that can be read in two ways, or in none, stops the whole issue: its fault is told instead."""
    with pytest.raises(ContentError):
        mended(f"{DIARY}  {text}\n  - 3 Feb 2026 - B\n")


# --- order ---


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            """
            # the later one
            - Friday 6 March 2026 - C  # here
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A

                # below it
            - Wednesday 4 February 2026 - B
            """,
            None,
            id="a comment that stands alone",
        ),
        pytest.param(
            """
            # the later one
            - Friday 6 March 2026 - C  # here
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A
                # below it
            - Wednesday 4 February 2026 - B
            """,
            """
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A
                # below it
            - Wednesday 4 February 2026 - B
            # the later one
            - Friday 6 March 2026 - C  # here
            """,
            id="comments go along",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C
                # below it
            - Wednesday 4 February 2026 - B
            - Tuesday 3 February 2026 - A
            """,
            """
            - Tuesday 3 February 2026 - A
            - Wednesday 4 February 2026 - B
            - Friday 6 March 2026 - C
                # below it
            """,
            id="a comment further in is that of the item above",
        ),
        pytest.param(
            """
            # in any order
            - Friday 6 March 2026 - C
            - Tuesday 3 February 2026 - A
            """,
            None,
            id="a comment that may be the list's",
        ),
        pytest.param(
            """
            # in any order

            - Friday 6 March 2026 - C
            - Tuesday 3 February 2026 - A
            # more to come
            """,
            """
            # in any order

            - Tuesday 3 February 2026 - A
            - Friday 6 March 2026 - C
            # more to come
            """,
            id="comments around the list stay",
        ),
        pytest.param(
            """
            # the first
            - Tuesday 3 February 2026 - A
            - Friday 6 March 2026 - C
            - Wednesday 4 February 2026 - B
            """,
            """
            # the first
            - Tuesday 3 February 2026 - A
            - Wednesday 4 February 2026 - B
            - Friday 6 March 2026 - C
            """,
            id="what comes first stays first",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C

            - Tuesday 3 February 2026 - A

            # with a comment
            - Wednesday 4 February 2026 -
              B
            """,
            """
            - Tuesday 3 February 2026 - A

            # with a comment
            - Wednesday 4 February 2026 -
              B

            - Friday 6 March 2026 - C
            """,
            id="a blank line between all",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C
            - Wednesday 4 March 2026 - D

            - Tuesday 3 February 2026 - A
            """,
            None,
            id="groups",
        ),
        pytest.param(
            """
            -
              when: Friday 6 March 2026
              what: C
            - Tuesday 3 February 2026 - A
            """,
            None,
            id="a dash alone",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - B
            - Friday 6 March 2026 - A
            - Tuesday 3 February 2026 - Z
            - Tuesday 3 February 2026 - Y
            """,
            """
            - Tuesday 3 February 2026 - Z
            - Tuesday 3 February 2026 - Y
            - Friday 6 March 2026 - B
            - Friday 6 March 2026 - A
            """,
            id="what is at once keeps its order",
        ),
    ],
)
def test_order(written: str, expected: str | None) -> None:
    """An item moves with its comments; a list stays where it is not certain whose a line is."""
    found = mended(lines(DIARY, written))
    assert (lines(DIARY, expected or written), int(expected is not None)) == (found.after.data.decode(), found.lists)


def test_flow_lists_stay() -> None:
    """A list in brackets is not put into order; its dates are mended."""
    text = "    sessions: [{}, {}]\n"
    head = TRAINING.replace("    sessions:\n", "")
    expected = head + text.format("Friday 6 March 2026", "Tuesday 3 February 2026")
    assert expected == after(head + text.format("6 Mar 2026", "Tuesday 3 February 2026"))


def test_sessions_are_put_into_order_course_by_course() -> None:
    """Each course's sessions are a list of their own; one with keys moves as a whole."""
    first = "    - 6 Mar 2026, 9am\n    - date: 3 Feb 2026\n      note: Full\n"
    last = "  - title: Another\n    sessions:\n    - 7 March 2026\n    - 1 March 2026\n    book: https://example.org/\n"
    found = mended(TRAINING + first + last)
    assert (
        f"{TRAINING}    - date: Tuesday 3 February 2026\n      note: Full\n    - Friday 6 March 2026, 9am\n"
        "  - title: Another\n    sessions:\n    - Sunday 1 March 2026\n    - Saturday 7 March 2026\n"
        "    book: https://example.org/\n"
    ) == found.after.data.decode()
    assert (4, 2) == (found.dates, found.lists)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(bom: bytes, end: bytes, *, last: bool) -> None:
    """Line ends, the byte order mark and a missing last newline are kept, also where items change places."""

    def file(*items: str) -> bytes:
        text = (DIARY + "".join(f"  {item}\n" for item in items)).encode()
        return bom + (text if last else text[:-1]).replace(b"\n", end)

    written = file("- when: 6 Mar 2026", "  what: >-", "    Later", "    on", "# first", "- 3rd Feb 2026 - A")
    expected = file(
        "# first", "- Tuesday 3 February 2026 - A", "- when: Friday 6 March 2026", "  what: >-", "    Later", "    on"
    )
    assert expected == mended(written).after.data


def test_a_mend_that_changes_more_is_left_out() -> None:
    """A text that has its last newline from the file's would lose it at the end: its list stays, the dates change."""
    written = f"{DIARY}  - when: 6 Mar 2026\n    what: >\n      B\n  - 3 Feb 2026 - A"
    found = mended(written)
    expected = written.replace("6 Mar", "Friday 6 March").replace("3 Feb", "Tuesday 3 February")
    assert (expected, 2, 0) == (found.after.data.decode(), found.dates, found.lists)


def test_mixed_line_ends() -> None:
    """Each line keeps its own end inside an item; between items it stays where it is."""
    written = f"{DIARY}  - when: 6 Mar 2026\r\n    what: B\n  - 3 Feb 2026 - A\r\n"
    assert f"{DIARY}  - Tuesday 3 February 2026 - A\n  - when: Friday 6 March 2026\r\n    what: B\r\n" == after(written)


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
