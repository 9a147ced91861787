"""The checks of single dates: days off, the change of the clocks, and days that are far off."""

from __future__ import annotations

from datetime import date

import pytest
from checks.bench import Example, diary, found, training
from checks.datebench import courses, told

from newsletter.errors import ContentError
from newsletter.findings import Severity

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
