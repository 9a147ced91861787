"""What a wrong weekday's hint offers: the date as it is with its own weekday, and the nearest with the one stated."""

from __future__ import annotations

import pytest
from checks.bench import Example, diary, found, training


@pytest.mark.parametrize(
    ("written", "right", "other"),
    [
        ("Wednesday 3 February 2026", "Tuesday 3 February 2026", "Wednesday 4 February 2026"),
        ("Saturday 3 February 2026", "Tuesday 3 February 2026", "Saturday 31 January 2026"),
        ("Friday 3 February 2026", "Tuesday 3 February 2026", "Friday 6 February 2026"),
        ("Wednesday 31 December 2026", "Thursday 31 December 2026", "Wednesday 30 December 2026"),
        # What is right at one end of a range stays.
        (
            "Wednesday 3 to Sunday 8 February 2026",
            "Tuesday 3 to Sunday 8 February 2026",
            "Wednesday 4 to Sunday 8 February 2026",
        ),
        (
            "Tuesday 3 to Monday 8 February 2026",
            "Tuesday 3 to Sunday 8 February 2026",
            "Tuesday 3 to Monday 9 February 2026",
        ),
        ("Monday 3 to 9 February 2026", "Tuesday 3 to 9 February 2026", "Monday 2 to 9 February 2026"),
        # The days stay in their order: the nearest Friday would be behind the end.
        ("Friday 3 to 5 February 2026", "Tuesday 3 to 5 February 2026", "Friday 30 January to 5 February 2026"),
        ("3 to Monday 4 February 2026", "3 to Wednesday 4 February 2026", "3 to Monday 9 February 2026"),
        # Times stay; they do not stand where the times are to be written under keys of their own.
        (
            "Wednesday 3 February 2026, 9am to 3.30pm",
            "Tuesday 3 February 2026, 9am to 3:30pm",
            "Wednesday 4 February 2026, 9am to 3:30pm",
        ),
        # The year is last year's: with that of the issue, or with the next, the weekday fits.
        ("Tuesday 6 January 2025", "Tuesday 6 January 2026", "Monday 6 January 2025"),
        (
            "Tuesday 3 to Sunday 8 February 2025",
            "Tuesday 3 to Sunday 8 February 2026",
            "Monday 3 to Saturday 8 February 2025",
        ),
        ("Wednesday 31 December 2025 to Thursday 1 January 2026", "", ""),
        # In another year the weekday does not fit either, or the day is not there, or is too far from the issue.
        ("Wednesday 6 January 2025", "Monday 6 January 2025", "Wednesday 8 January 2025"),
        ("Monday 29 February 2024", "Thursday 29 February 2024", "Monday 26 February 2024"),
        ("Friday 1 January 2026", "Thursday 1 January 2026", "Friday 2 January 2026"),
    ],
)
def test_hint_offers_both_corrections(written: str, right: str, other: str) -> None:
    """A hint names the two lines that would be right; which one is meant, only the author knows."""
    findings = found(Example(diary(f"{written} - Day")), "N101")
    assert ([f'Write "{right}", or "{other}".'] if right else []) == [finding.hint for finding in findings]


def test_both_ends_of_a_range_move_together() -> None:
    """A week of which both weekdays are wrong is told once, and put right as a whole."""
    (finding,) = found(Example(diary("Monday 3 to Sunday 9 February 2026 - Week")), "N101")
    assert "Monday 3 February 2026 is a Tuesday, and Sunday 9 February 2026 is a Monday" == finding.message
    right, other = "Tuesday 3 to Monday 9 February 2026", "Monday 2 to Sunday 8 February 2026"
    assert f'Write "{right}", or "{other}".' == finding.hint


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (diary("Tuesday 6 January 2025 - Day", "10 February 2026 - Another"), {}),
        (diary("Tuesday 6 January 2029 - Day"), {}),
        (training("Wednesday 7 February 2026"), {}),
        (training("Wednesday 3 April 2026"), {}),
        (training("Monday 29 March 2026, 1.30am"), {}),
        (training("Monday 10 February 2026, 9am", "10 February 2026, 9am"), {}),
        (diary("10 March 2026 - A", "Monday 10 February 2026 - B"), {}),
        (diary("Tuesday 11 February 2026 - Day"), {"2025-12": diary("10 February 2026 - Day")}),
        (training("Tuesday 11 February 2026"), {"2025-12": training("10 February 2026")}),
        (training("Tuesday 11 February 2026"), {"2025-12": training("10 February 2026", "3 March 2026")}),
    ],
)
def test_one_slip_is_told_once(text: str, others: dict[str, str]) -> None:
    """Of a date whose weekday is wrong no other check speaks, here or in the issue beside it."""
    assert ["N101"] == [one.code for one in found(Example(text, others=others)) if one.code < "N114"]
    for id, other in others.items():  # noqa: A001
        assert [] == [one.code for one in found(Example(other, others={"2026-01": text}, id=id)) if one.code < "N114"]


def test_hint_says_the_day_alone() -> None:
    """The times of a session, which may stand under keys of their own, are no part of what is to be written."""
    session = "{date: Wednesday 3 February 2026, start: 9am, end: 3.30pm}"
    (finding,) = found(Example(training(session)), "N101")
    assert 'Write "Tuesday 3 February 2026", or "Wednesday 4 February 2026".' == finding.hint
