"""What single types of sections promise beyond the contract of all."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sectiontexts import load

from newsletter.errors import ContentError
from newsletter.load import load_issue

if TYPE_CHECKING:
    from pathlib import Path

# What single types promise


def test_dates_are_sorted_by_start_then_as_written(own_copy: Path) -> None:
    """Readers meet diary dates and sessions by their start; those that start together stay as they were written."""
    lines = [
        "10 February 2026 - D",
        "3 to 8 February 2026 - B",
        "3 February 2026 - C",
        "28 January to 9 March 2026 - A",
    ]
    issue = load(
        own_copy,
        "type: diary\ntitle: T\ndates:\n" + "".join(f"  - {line}\n" for line in lines),
        "type: training\ntitle: T\ncourses:\n  - title: C\n    sessions:\n"
        "      - 3 February 2026, 2pm to 3pm\n      - 3 February 2026, 9am to 10am\n      - 3 February 2026\n"
        "      - {date: 3 February 2026, start: 9am, end: 11am}\n",
    )
    diary, training = (section.model_copy() for section in issue.sections)
    assert ["A", "B", "C", "D"] == [entry.what for entry in getattr(diary, "in_order")]  # noqa: B009 - the base has none
    (course,) = getattr(training, "courses")  # noqa: B009
    times = [(s.date.start and s.date.start.hour, s.date.end and s.date.end.hour) for s in course.in_order]
    assert [(None, None), (9, 10), (9, 11), (14, 15)] == times


@pytest.mark.parametrize(
    "entry",
    [
        "- 10 February 2026: Safer Internet Day",
        "- 10 February 2026 - Safer Internet Day",
        "- '10 February 2026 – Safer Internet Day'",
        "- {10 February 2026: Safer Internet Day}",
    ],
)
def test_diary_line_may_be_parted_by_a_colon(own_copy: Path, entry: str) -> None:
    """YAML takes a line with a colon for a key and its value; it is read as the line it was."""
    (event,) = load(own_copy, f"type: diary\ntitle: T\ndates:\n  {entry}\n").events()
    assert ("Safer Internet Day", date(2026, 2, 10)) == (event.title, event.span.first)


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        (
            "- Safer Internet Day\n      - Another",
            ["- 10 February 2026 - Safer Internet Day", "- 10 February 2026 - Another"],
        ),
        ("what: Safer Internet Day", ["- 10 February 2026 - ..."]),
        ("- what: Safer Internet Day", ["- 10 February 2026 - ..."]),
    ],
)
def test_diary_line_has_nothing_below_it(own_copy: Path, below: str, lines: list[str]) -> None:
    """A list or keys below a date are refused with the lines to write."""
    with pytest.raises(ContentError) as caught:
        load(own_copy, f"type: diary\ntitle: T\ndates:\n  - 10 February 2026:\n      {below}\n")
    (finding,) = caught.value.findings
    hint = "\n".join(["Write the day and what happens on one line:", *lines])
    assert ("issues/2026-01.yaml:5:7", "N006", "a date of the diary is one line, with nothing below it", hint) == (
        str(finding.place), finding.code, finding.message, finding.hint,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sessions", "place", "lines"),
    [
        (" [Tuesday 3 February 2026, 9am to 3.30pm]", "6:15", ["Tuesday 3 February 2026, 9am to 3.30pm"]),
        (
            " [3 February 2026, 9am to 10am, 4 February 2026, 2pm to 3pm]",
            "6:15",
            ["3 February 2026, 9am to 10am", "4 February 2026, 2pm to 3pm"],
        ),
        ("\n    - [3 February 2026, 9am to 10am]", "7:7", ["3 February 2026, 9am to 10am"]),
    ],
)
def test_sessions_in_brackets_are_put_together(own_copy: Path, sessions: str, place: str, lines: list[str]) -> None:
    """In brackets a comma parts the time from its date: the hint has the lines as they were meant."""
    text = f"sections:\n- type: training\n  title: T\n  courses:\n  - title: C\n    sessions:{sessions}\n"
    (own_copy / "issues/2026-01.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError) as caught:
        load_issue(own_copy, "2026-01")
    hint = "\n".join(["Write each session on a line of its own:", *(f"- {line}" for line in lines)])
    assert [(f"issues/2026-01.yaml:{place}", "N007", hint)] == [
        (str(f.place), f.code, f.hint) for f in caught.value.findings
    ]


def test_days_in_brackets_are_sessions(own_copy: Path) -> None:
    """Brackets round dates without times are a list like any other."""
    issue = load(
        own_copy, "type: training\ntitle: T\ncourses:\n  - title: C\n    sessions: [3 February 2026, 4 March 2026]\n"
    )
    assert [date(2026, 2, 3), date(2026, 3, 4)] == [event.span.first for event in issue.events()]


def test_end_needs_a_start(own_copy: Path) -> None:
    """A session with an end and no start is told at the session."""
    with pytest.raises(ContentError) as caught:
        load(
            own_copy,
            "type: training\ntitle: T\ncourses:\n  - title: C\n    sessions:\n      - {date: 3 May 2026, end: 9am}\n",
        )
    (finding,) = caught.value.findings
    assert ("issues/2026-01.yaml:7:11", "an end without a start", "Add the start, as in start: 9am") == (
        str(finding.place), finding.message, finding.hint,
    )  # fmt: skip
