"""The checks of dates: weekdays, the calendar, the clocks, and the order in the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from checks.bench import Example, diary, found, training
from conftest import NEWSLETTER_YAML

from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.errors import ContentError
from newsletter.findings import Severity
from newsletter.mending import mend

DATES = tuple(f"N1{number:02}" for number in range(1, 11))


def told(text: str, *codes: str, on: date = date(2026, 1, 5), id: str = "2026-01") -> list[tuple[int, str]]:  # noqa: A002
    """Return the line and the message of what is found in an issue."""
    return [(finding.place.line, finding.message) for finding in found(Example(text, on=on, id=id), *codes)]


def courses(*titled: tuple[str, str]) -> str:
    """Return an issue of one course for each title, with one session."""
    blocks = "".join(f"  - title: {title}\n    sessions:\n    - {session}\n" for title, session in titled)
    return f"sections:\n- type: training\n  title: Training dates\n  courses:\n{blocks}"


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


# N104 weekend, N105 bank holiday


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ("7 February 2026", "a session at the weekend: Saturday 7 February 2026"),
        ("8 February 2026, 9am", "a session at the weekend: Sunday 8 February 2026"),
        ("7 to 8 February 2026", "a session at the weekend: Saturday 7 February 2026"),
        ("6 to 8 February 2026", "a session at the weekend: Sunday 8 February 2026"),
        ("Saturday 7 February 2026", ""),  # whoever writes the weekday means it
        ("Friday 6 to Sunday 8 February 2026", ""),
        ("5 to 10 February 2026", ""),  # it goes on after the weekend
        ("9 February 2026", ""),
        ("{date: 7 February 2026, cancelled: true}", ""),
        ("3 April 2026, 9am", "a session on a bank holiday: Friday 3 April 2026 (Good Friday)"),
        ("25 December 2027", "a session on a bank holiday: Saturday 25 December 2027 (Christmas Day)"),
        ("2 to 3 April 2026", "a session on a bank holiday: Friday 3 April 2026 (Good Friday)"),
        ("28 December 2026", "a session on a bank holiday: Monday 28 December 2026 (Boxing Day (substitute day))"),
        ("1 to 9 April 2026", ""),  # it goes on after the holidays
        ("{date: 3 April 2026, cancelled: true}", ""),
    ],
)
def test_days_off(session: str, expected: str) -> None:
    """A session that begins or ends on a day off is told with the day, unless it is cancelled."""
    assert ([(10, expected)] if expected else []) == told(training(session), "N104", "N105")


def test_a_diary_may_have_any_day() -> None:
    """Days to know of are never told for their weekday or for a bank holiday, beside a session or alone."""
    text = diary("7 February 2026 - One", "3 April 2026 - Two", "25 December 2026 - Three")
    assert [] == told(text, "N104", "N105")
    assert [] == told(training("2 April 2026") + text.partition("sections:\n")[2], "N104", "N105")


def test_a_course_at_a_weekend_can_be_excused() -> None:
    """What the hint offers for check-ignore takes this finding out, and that of another day stays."""
    text = training("7 February 2026, 9am to midday", "14 February 2026, 9am to midday")
    first, second = found(Example(text), "N104")
    excuse = first.hint.splitlines()[1]
    assert '- {code: N104, text: "7 February 2026", why: "the reason"}' == excuse
    assert [second] == found(Example(f"{text}check-ignore:\n{excuse}\n"), "N104", "N016")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (diary("4 January 2026 - Day"), "N102", "4 January 2026"),
        (diary("2 to 4 January 2026 - Days"), "N102", "2 to 4 January 2026"),
        (training("10 Feb 2026, 9am", "10 Feb 2026, 9am"), "N103", "10 February 2026"),
        (training("3 April 2026"), "N105", "3 April 2026"),
        (training("29 March 2026, 1.30am"), "N106", "29 March 2026"),
        (diary("4 January 2029 - Day"), "N107", "4 January 2029"),
        (diary("2 to 4 January 2029 - Days"), "N107", "2 to 4 January 2029"),
        (diary("2 January 2026 to 4 March 2027 - Days"), "N108", "2 January 2026 to 4 March 2027"),
        (courses(("Family help", "")).replace("    sessions:\n    - \n", ""), "N109", "Family help"),
    ],
)
def test_what_is_meant_can_be_excused(text: str, code: str, words: str) -> None:
    """An author excuses one finding by its date as the message has it, or a course by its title."""
    assert 1 == len(found(Example(text), code))
    excuse = f"check-ignore:\n- {{code: {code}, text: {words}, why: it is meant}}\n"
    assert [] == found(Example(text + excuse), code, "N016")


# N106 clock change


def test_a_skipped_and_a_repeated_hour() -> None:
    """A start or an end in the hour of London's clock change is told with what the clocks do; once a session."""
    text = training(
        "29 March 2026, 1am to 1.59am",
        "28 March 2026, 11pm to midnight",
        "29 March 2026, midnight to 1.15am",
        "29 March 2026, 12.59am to 2am",
        "25 October 2026, 12.30am to 1.30am",
        "25 October 2026, 2am",
        "{date: 25 October 2026, start: 1am, cancelled: true}",
    )
    assert [
        (10, "1am does not exist on Sunday 29 March 2026: the clocks go forward"),
        (12, "1:15am does not exist on Sunday 29 March 2026: the clocks go forward"),
        (14, "1:30am comes twice on Sunday 25 October 2026: the clocks go back"),
    ] == told(text, "N106")


@pytest.mark.parametrize(
    ("zone", "session", "expected"),
    [
        ("America/New_York", "8 March 2026, 2.30am", ["2:30am does not exist on Sunday 8 March 2026"]),
        ("America/New_York", "29 March 2026, 1.30am", []),
        ("Australia/Lord_Howe", "5 April 2026, 1.45am", ["1:45am comes twice on Sunday 5 April 2026"]),
        ("Australia/Lord_Howe", "5 April 2026, 1.15am", []),  # it turns by half an hour
        ("Asia/Beirut", "28 March 2026, 11pm to midnight", ["midnight does not exist on Sunday 29 March 2026"]),
        ("Asia/Beirut", "29 March 2026, 9am to midnight", []),
        ("Asia/Tokyo", "29 March 2026, 1.30am to 2am", []),
    ],
)
def test_the_clocks_are_those_of_the_workspace(zone: str, session: str, expected: list[str]) -> None:
    """Every zone has its own nights, and an end at midnight is that of the next day."""
    findings = found(Example(training(session), config=f"timezone: {zone}\n"), "N106")
    assert expected == [finding.message.rpartition(": ")[0] for finding in findings]


# N107 far off, N108 long range


@pytest.mark.parametrize(
    ("issue", "day", "expected"),
    [
        ("2026-01", "1 January 2028", ""),
        ("2026-01", "Sunday 2 January 2028", "Sunday 2 January 2028 is more than two years after January 2026"),
        ("2026-12", "1 December 2028", ""),
        ("2026-12", "2 December 2028", "Saturday 2 December 2028 is more than two years after December 2026"),
        ("2026-01-special", "3 to 8 February 2029", "3 to 8 February 2029 is more than two years after January 2026"),
        ("2024-02", "29 February 2028", "Tuesday 29 February 2028 is more than two years after February 2024"),
        ("2026-01", "28 December 2027 to 8 January 2028", ""),
        ("2026-01", "3 February 2006", ""),
    ],
)
def test_far_off(issue: str, day: str, expected: str) -> None:
    """What counts is the month of the issue: the day of sending, here years later, does not."""
    findings = told(diary(f"{day} - Day"), "N107", id=issue, on=date(2030, 1, 1))
    assert ([(7, expected)] if expected else []) == findings


@pytest.mark.parametrize(
    ("days", "hint"),
    [
        ("3 February 2026 to 4 February 2027", 'Look at the years. Did you mean "3 to 4 February 2026"?'),
        ("29 December 2025 to 3 January 2027", 'Look at the years. Did you mean "29 December 2025 to 3 January 2026"?'),
        ("3 February 2026 to 3 February 2028", 'Look at the years. Did you mean "3 February 2026 to 3 February 2027"?'),
        ("3 February 2026 to 29 February 2028", "Look at the years."),
        ("29 February 2024 to 1 March 2025", 'Look at the years. Did you mean "29 February to 1 March 2024"?'),
        ("3 February 2026 to 3 February 2027", ""),
        ("1 January 2026 to 31 December 2026", ""),
        ("29 February 2024 to 28 February 2025", ""),
    ],
)
def test_long_range(days: str, hint: str) -> None:
    """A range that is longer than a year is told, with the same days within a year where there are such."""
    findings = found(Example(diary(f"{days} - Day")), "N108")
    assert ([(7, f"{days} is longer than a year", hint)] if hint else []) == [
        (one.place.line, one.message, one.hint) for one in findings
    ]


@pytest.mark.parametrize("text", [diary("8 to 3 February 2026 - Week"), training("8 to 3 February 2026")])
def test_a_range_that_runs_backwards_is_no_issue(text: str) -> None:
    """Reading refuses it, so that it is an error of its own line wherever it stands."""
    with pytest.raises(ContentError) as refused:
        found(Example(text))
    (finding,) = refused.value.findings
    message = "the days run backwards: Tuesday 3 February 2026 is before Sunday 8 February 2026"
    assert (Severity.ERROR, "N007", message, 'Did you mean "3 to 8 February 2026"?') == (
        finding.severity, finding.code, finding.message, finding.hint,
    )  # fmt: skip


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
