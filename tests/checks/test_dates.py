"""The checks of dates: weekdays, what is over, what overlaps, and the order in the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from checks.bench import Example, diary, found, training
from checks.datebench import courses, told
from conftest import NEWSLETTER_YAML

from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.findings import Severity
from newsletter.mending import mend

DATES = tuple(f"N1{number:02}" for number in range(1, 11))


# N101 weekday


def test_wrong_weekday_is_told() -> None:
    """Each date whose weekday is another is an error at its line; what is right or unsaid is none."""
    text = (
        "sections:\n- type: diary\n  title: D\n  dates:\n"
        "  - Wednesday 3 February 2026 - One\n  - Tuesday 3 February 2026 - Two\n  - 3 February 2026 - Three\n"
        "  - Monday 3 to Monday 9 February 2026 - Four\n"
        "- type: training\n  title: T\n  courses:\n  - title: C\n    sessions:\n"
        "      - Sunday 10 February 2026, 9am to 10am\n"
    )
    findings = found(Example(text), "N101")
    assert [
        (5, 5, "Wednesday 3 February 2026 is a Tuesday"),
        (8, 5, "Monday 3 February 2026 is a Tuesday"),
        (14, 9, "Sunday 10 February 2026 is a Tuesday"),
    ] == [(one.place.line, one.place.column, one.message) for one in findings]
    assert {Severity.ERROR} == {one.severity for one in findings}


# N102 over


def test_what_is_over_is_told_at_its_line() -> None:
    """Each day, session or range that ended before the day of sending is told, and nothing else."""
    text = diary("3 January 2026 - One", "29 December 2025 to 4 January 2026 - Two", "4 to 5 January 2026 - Three")
    assert [
        (7, "Saturday 3 January 2026 is over on 5 January 2026, the day of sending"),
        (8, "29 December 2025 to 4 January 2026 is over on 5 January 2026, the day of sending"),
    ] == told(text, "N102")


def test_times_do_not_count_for_what_is_over() -> None:
    """A session of the day of sending is not over, whatever its hour."""
    assert [] == told(training("5 January 2026, 9am to 9.05am", "6 January 2026"), "N102")


def test_an_issue_of_the_past_is_told_once() -> None:
    """Where all dates are over there is one finding, at the first, with the command that checks it as it was."""
    text = diary("12 February 2026 - One", "10 February 2026 - Two", "3 to 8 March 2026 - Three")
    (finding,) = found(Example(text, on=date(2026, 7, 1), id="2026-01-special"), "N102")
    message = "all 3 dates of this issue are over on 1 July 2026"
    hint = "Change them. To check an issue of the past as of its own month: "
    command = "newsletter check 2026-01-special --on 2026-01-01"
    assert (7, message, hint + command) == (
        finding.place.line, finding.message, finding.hint,
    )  # fmt: skip


def test_the_only_date_of_an_issue_is_told_as_any_other() -> None:
    """An issue with one date is no issue of the past."""
    expected = [(7, "Sunday 4 January 2026 is over on 5 January 2026, the day of sending")]
    assert expected == told(diary("4 January 2026 - One"), "N102")


def test_a_cancelled_session_is_never_over() -> None:
    """Nobody misses what is cancelled, and it does not make all others an issue of the past."""
    text = training("{date: 2 January 2026, cancelled: true}", "4 January 2026", "10 February 2026")
    assert [(11, "Sunday 4 January 2026 is over on 5 January 2026, the day of sending")] == told(text, "N102")
    text = training("{date: 2 January 2026, cancelled: true}")
    assert [] == told(text, "N102")


# N103 overlap

TEN = "10 February 2026, {}"


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        (("9am to midday", "9am to midday"), [(11, 10)]),
        (("9am to midday", "10am to 11am"), [(11, 10)]),
        (("10am to 11am", "9am to midday"), [(11, 10)]),
        (("9am to midday", "11am"), [(11, 10)]),
        (("9am", "9am"), [(11, 10)]),
        (("10pm to midnight", "11pm"), [(11, 10)]),
        (("9am to 5pm", "10am to 11am", "2pm to 3pm"), [(11, 10), (12, 10)]),
        (("9am to 10am", "2pm to 3pm", "9.30am to 2.30pm"), [(12, 10), (12, 11)]),
        (("9am to midday", "midday to 1pm"), []),
        (("9am to midday", "midday"), []),
        (("9am", "10am"), []),
        (("10pm to midnight", "9am to 10am"), []),
    ],
)
def test_times_that_overlap(sessions: tuple[str, ...], expected: list[tuple[int, int]]) -> None:
    """A session is told at its line with the line of the one above; one that begins as another ends is not."""
    findings = told(training(*(TEN.format(times) for times in sessions)), "N103")
    head = "two sessions of one course at once: also on line "
    lines = sorted((line, int(message.removeprefix(head).partition(",")[0])) for line, message in findings)
    assert expected == lines


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        (("10 February 2026", "Tue 10 Feb 2026"), "Tuesday 10 February 2026"),
        (("3 to 5 February 2026", "3 to 5 February 2026"), "3 to 5 February 2026"),
        (("10 February 2026", "10 February 2026, 9am"), "Tuesday 10 February 2026"),
        (("3 to 5 February 2026", "4 to 6 February 2026"), ""),
        (("3 to 5 February 2026", "3 February 2026"), ""),
        (("{date: 10 February 2026, cancelled: true}", "10 February 2026"), ""),
        (("{date: 10 February 2026, location: Hub}", "{date: 10 February 2026, location: Hall}"), ""),
        (("{date: 10 February 2026, location: Hub}", "{date: 2026-02-10, location: hub}"), "Tuesday 10 February 2026"),
        (("9 February 2026, 9am", "10 February 2026, 9am"), ""),
    ],
)  # fmt: skip
def test_sessions_that_stand_twice(sessions: tuple[str, str], expected: str) -> None:
    """Days without times are told only when they are the same; cancelled ones and those elsewhere never."""
    message = f"two sessions of one course at once: also on line 10, {expected}"
    assert ([(11, message)] if expected else []) == told(training(*sessions), "N103")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("FAMILY HELP & YOU - who's who", 1),
        ("Family Help and you \u2013 who\u2019s who", 1),
        ("Family help and you, who is who", 0),
    ],
)
def test_courses_are_the_same_by_their_words(other: str, expected: int) -> None:
    """Case, dashes, apostrophes and "&" make no other course of one."""
    session = "10 February 2026, 9am to midday"
    text = courses(('"Family help and you - who\'s who"', session), (f'"{other}"', session))
    assert expected == len(told(text, "N103"))


def test_a_diary_may_say_what_a_course_says() -> None:
    """Only sessions are compared: a day to know of may stand beside the course of its name."""
    text = diary("10 February 2026, 9am - Family help", "10 February 2026, 9am - Family help")
    assert [] == told(text, "N103")


# N109 undated, N110 unsorted


def test_courses_without_dates() -> None:
    """Each of them is noted by its name, with or without a way to book; a cancelled date is a date."""
    text = (
        "sections:\n- type: training\n  title: T\n  courses:\n  - title: One\n    book: https://example.org/1\n"
        "  - title: Two\n    sessions: []\n  - title: Three\n    sessions: [{date: 3 February 2026, cancelled: true}]\n"
    )
    assert [(5, '"One" has no dates'), (7, '"Two" has no dates')] == told(text, "N109")


def test_each_list_is_told_once() -> None:
    """A list is noted at its first entry that stands after a later one; each course and each diary is a list."""
    text = (
        "sections:\n- type: training\n  title: T\n  courses:\n  - title: One\n    sessions:\n"
        "    - 10 February 2026, 2pm\n    - 10 February 2026, 9.30am\n    - 3 February 2026\n"
        "  - title: Two\n    sessions:\n    - 3 February 2026\n    - 4 February 2026\n"
        "- type: diary\n  title: D\n  dates:\n  - 2 February 2026 - A\n  - 9 to 15 February 2026 - B\n"
        "  - when: 6 February 2026\n    what: C\n"
        "- type: diary\n  title: E\n  dates:\n  - 1 February 2026 - A\n"
    )
    one = "Tuesday 10 February 2026, 9:30am stands below Tuesday 10 February 2026, 2pm"
    two = "Friday 6 February 2026 stands below 9 to 15 February 2026"
    assert [(8, f"not in order: {one}"), (19, f"not in order: {two}")] == told(text, "N110")


@pytest.mark.parametrize(
    ("dates", "advice"),
    [
        ("\n  - 9 March 2026 - A\n  - 2 March 2026 - B\n", "To sort the file: newsletter check 2026-01 --fix"),
        (
            "\n  - 9 March 2026 - A\n  - 10 March 2026 - B\n\n  - 2 March 2026 - C\n",
            "To sort the file, move line 8, and what belongs to it, above line 5.",
        ),
        (
            "\n  - 1 March 2026 - A\n  - 9 March 2026 - B\n  # a group\n\n  - 2 March 2026 - C\n",
            "To sort the file, move line 9, and what belongs to it, above line 6.",
        ),
        (" [9 March 2026 - A, 2 March 2026 - B]\n", "Write Monday 2 March 2026 before Monday 9 March 2026."),
    ],
)
def test_advice_on_order_is_true(dates: str, advice: str) -> None:
    """The fix is offered only where it helps; else the hint says which line to move above which."""
    text = f"sections:\n- type: diary\n  title: D\n  dates:{dates}"
    (finding,) = found(Example(text), "N110")
    assert f"Readers see the dates sorted. {advice}" == finding.hint
    with TemporaryDirectory() as folder:
        (Path(folder) / "issues").mkdir()
        (Path(folder) / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
        (Path(folder) / "issues/2026-01.yaml").write_text(text, "utf-8")
        assert ("--fix" in advice) == bool(mend(open_workspace(Path(folder)), "2026-01").lists)


# The partnership's own issues

OVER = "is over on 26 January 2026, the day of sending"


@pytest.mark.parametrize(
    ("issue", "on", "expected"),
    [
        ("2025-12", "2025-12-01", ["N110"]),
        (
            "2025-12",
            "2026-01-26",
            [f"N102 Wednesday 21 January 2026 {OVER}", f"N102 Sunday 11 January 2026 {OVER}", "N110"],
        ),
        ("2026-01", "2026-01-05", ["N109", "N110"]),
        ("2026-01", "2026-06-01", ["N102 all 12 dates of this issue are over on 1 June 2026", "N109", "N110"]),
        ("2025-09-annual-report", "2026-06-01", []),
    ],
)
def test_our_own_issues(own_copy: Path, issue: str, on: str, expected: list[str]) -> None:
    """The issues have the faults that their author left in them, and no other."""
    built = build(open_workspace(own_copy), issue, on=date.fromisoformat(on))
    findings = [one for one in built.findings if one.code in DATES]
    assert expected == [f"{one.code} {one.message}" if one.code == "N102" else one.code for one in findings]
