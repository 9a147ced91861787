"""Calendar entries of issues: what they say, and how they keep their identity from issue to issue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from newsletter.build import build
from newsletter.calendar import Entry, bounds, days_file, entries, issue_file, newest, to_come
from newsletter.config import open_workspace
from newsletter.dates import format_span, read_span
from newsletter.load import load_issue
from newsletter.memory import recall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Tell = Callable[..., tuple[Entry, ...]]

LONDON = ZoneInfo("Europe/London")
TENTH, SEVENTEENTH = "10 March 2026, 9am to 10am", "17 March 2026, 9am to 10am"


@pytest.fixture
def tell(workspace: Path, write_issue: Callable[..., Path]) -> Tell:
    """A function that writes an issue with these sessions of Neglect and days of the diary, and returns its entries."""

    def write(id_: str, *sessions: str, diary: tuple[str, ...] = (), course: str = "Neglect") -> tuple[Entry, ...]:
        parts = ["subject: News\nsections:\n"]
        if sessions:
            parts.append(f'  - {{type: training, title: T, courses: [{{title: "{course}", location: Online,')
            parts.append(
                '      book: "https://example.org/book", sessions:\n        [' + ", ".join(sessions) + "]}]}\n"
            )
        if diary:
            parts.append("  - {type: diary, title: D, dates: [" + ", ".join(diary) + "]}\n")
        write_issue("".join(parts), id_)
        opened = open_workspace(workspace)
        return entries(load_issue(workspace, id_), recall(opened, id_)[0], opened.config)

    return write


def on(day: str, more: str = "") -> str:
    """Return a session as YAML: its day and times, and *more* keys."""
    return f'{{date: "{day}"{more}}}'


def versions(*issues: tuple[Entry, ...]) -> list[list[tuple[str, int, bool]]]:
    """Return UID, SEQUENCE and whether it is cancelled of each entry, by issue; UIDs as letters by their first use."""
    letters: dict[str, str] = {}
    return [
        [(letters.setdefault(one.uid, chr(ord("a") + len(letters))), one.sequence, one.is_cancelled) for one in issue]
        for issue in issues
    ]


def test_all_that_a_session_says(tell: Tell) -> None:
    """A session is told whole: when, where, where to book, and who says so. Its UID is the same for ever."""
    expected = Entry(
        issue="2026-07",
        uid="92239c834b87961c229af39fbc721120@example.org",
        file="calendar/neglect.92239c83.ics",
        sequence=0,
        stamp=datetime(2026, 7, 1, 8, tzinfo=UTC),  # 9am in London, in summer
        title="Neglect",
        span=read_span("7 July 2026, 9am to 3:30pm"),
        is_session=True,
        is_cancelled=False,
        location="Online",
        note="",
        url="https://example.org/book",
        description="https://example.org/book\nNews, Example Partnership",
        label="Add 7 July to your calendar: Neglect",
    )
    (found,) = tell("2026-07", on("7 July 2026, 9am to 3.30pm"))
    assert (expected, UTC) == (found, found.stamp.tzinfo)


def test_all_that_a_day_of_the_diary_says(tell: Tell) -> None:
    """A day to know of is told with what there is to read; its file has a name for people."""
    expected = Entry(
        issue="2026-07",
        uid="6144566df51e0cd42e66c105a5b4dae0@example.org",
        file="calendar/deja-vu-and-what-s-next.6144566d.ics",
        sequence=0,
        stamp=datetime(2026, 7, 1, 8, tzinfo=UTC),
        title="Déjà vu & what s next",
        span=read_span("8 to 9 July 2026"),
        is_session=False,
        is_cancelled=False,
        location="",
        note="",
        url="",
        description="News, Example Partnership",
        label="Add 8 to 9 July to your calendar: Déjà vu & what s next",
    )
    assert (expected,) == tell("2026-07", diary=("8 to 9 July 2026 - Déjà vu & what s next",))


def test_a_date_that_moves_keeps_its_uid(tell: Tell) -> None:
    """Moved, at another time, elsewhere, cancelled: the UID stays, and SEQUENCE rises by one each time."""
    months = (
        tell("2026-01", on(TENTH)),
        tell("2026-02", on(TENTH)),
        tell("2026-03", on(SEVENTEENTH)),
        tell("2026-04", on("17 March 2026, 2pm to 3pm")),
        tell("2026-05", on("17 March 2026, 2pm to 3pm", ", location: Town Hall")),
        tell("2026-06", on("17 March 2026, 2pm to 3pm", ", location: Town Hall, cancelled: true")),
    )
    states = [(0, False), (0, False), (1, False), (2, False), (3, False), (4, True)]
    assert [[("a", *state)] for state in states] == versions(*months)
    assert len({one.file for (one,) in months}) == 1


def test_the_same_title_in_other_signs(tell: Tell) -> None:
    """A title with other quotes, dashes, capitals or "&" for "and" is the same, in the file's name too."""
    first, second = (
        tell("2026-01", on(TENTH), course="CSE hasn't gone - and how"),
        tell("2026-02", on(TENTH), course="CSE hasn’t gone – & How"),
    )
    assert (first[0].uid, first[0].file) == (second[0].uid, second[0].file)
    assert first[0].file.startswith("calendar/cse-hasnt-gone-and-how.")


def test_only_what_came_before_counts(tell: Tell) -> None:
    """What a later issue says changes no entry of an earlier one: an email that was sent stays right."""
    before = tell("2026-02", on(TENTH))
    tell("2026-03", on(SEVENTEENTH))
    assert before == tell("2026-02", on(TENTH))
    tell("2026-01", on("3 March 2026, 9am to 10am"))
    assert before != tell("2026-02", on(TENTH))


def test_what_is_left_out_and_what_is_there_once(tell: Tell) -> None:
    """A date with a wrong weekday has no entry, one that is said twice has one; the earliest is the first."""
    found = tell(
        "2026-01", on("Monday 10 March 2026"), on(SEVENTEENTH), on(TENTH), on(TENTH), diary=("11 March 2026 - A",)
    )
    assert ["Tuesday 10 March 2026, 9am to 10am", "Wednesday 11 March 2026", "Tuesday 17 March 2026, 9am to 10am"] == [
        format_span(one.span) for one in found
    ]


def test_labels_tell_dates_apart(tell: Tell) -> None:
    """The text of each link names title and date: with the times where two are on one day, with years over New Year."""
    found = tell(
        "2026-01",
        on(TENTH),
        on("10 March 2026, 1pm to 2pm"),
        on("30 March to 2 April 2026"),
        on("30 December 2026 to 2 January 2027"),
    )
    assert [
        "Add Tuesday 10 March 2026, 9am to 10am to your calendar: Neglect",
        "Add Tuesday 10 March 2026, 1pm to 2pm to your calendar: Neglect",
        "Add 30 March to 2 April to your calendar: Neglect",
        "Add 30 December 2026 to 2 January 2027 to your calendar: Neglect",
    ] == [one.label for one in found]


def test_the_newest_version(tell: Tell) -> None:
    """Of many issues' entries each is there once, as the newest issue has it, whatever their order."""
    january, february = tell("2026-01", on(TENTH), diary=("4 March 2026 - A",)), tell("2026-02", on(SEVENTEENTH))
    assert (january[0], february[0]) == newest([*february, *january])


def test_what_is_still_to_come(tell: Tell) -> None:
    """What ends on the day or later is to come, cancelled or not, told once and by the newest issue that tells it."""
    issues = (
        tell("2026-01", on(TENTH), on(SEVENTEENTH), diary=("3 to 4 March 2026 - A", "2 March 2026 - B")),
        tell("2026-02", on(TENTH), on(SEVENTEENTH, ", cancelled: true"), diary=("1 March 2026 - C",)),
    )
    found = to_come([one for issue in issues for one in issue], date(2026, 3, 4))
    assert [("A", 0, False), ("Neglect", 0, False), ("Neglect", 1, True)] == [
        (one.title, one.sequence, one.is_cancelled) for one in found
    ]


def test_a_later_monthly_issue_holds(tell: Tell) -> None:
    """A date of a course that the newest issue lists without it is not to come; what it does not name at all still is.

    A special edition picks what it shows: what it alone has stays, and it takes nothing away.
    """
    issues = (
        tell("2026-01", on(TENTH), diary=("11 March 2026 - A",)),
        tell("2026-01-extra", on("12 March 2026")),
        tell("2026-02", on("29 April 2026")),
        tell("2026-02-extra", on("30 April 2026")),
    )
    found = to_come([one for issue in issues for one in issue], date(2026, 1, 1))
    assert ["11 March", "12 March", "29 April", "30 April"] == [one.label[4 : one.label.index(" to")] for one in found]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("10 July 2026", (date(2026, 7, 10), date(2026, 7, 11))),
        ("30 July to 1 August 2026", (date(2026, 7, 30), date(2026, 8, 2))),
        ("10 July 2026, 9am", (datetime(2026, 7, 10, 9, tzinfo=LONDON), None)),
        ("10 July 2026, 9am to midday", tuple(datetime(2026, 7, 10, hour, tzinfo=LONDON) for hour in (9, 12))),
        (
            "31 July 2026, 9pm to midnight",
            (datetime(2026, 7, 31, 21, tzinfo=LONDON), datetime(2026, 8, 1, tzinfo=LONDON)),
        ),
    ],
)
def test_bounds(span: str, expected: tuple[date, date | None]) -> None:
    """Days end with the day after the last, midnight is that of the next day, and no end is made up."""
    assert expected == bounds(read_span(span), LONDON)


def test_where_calendars_stand() -> None:
    """An issue's calendar, and that of its days to know of, are called after it, and after no other issue."""
    assert ("calendar/2026-01.ics", "calendar/2026-01.days.ics") == (issue_file("2026-01"), days_file("2026-01"))
    assert issue_file("2026-01-days") != days_file("2026-01")


def test_a_build_has_its_entries(own_copy: Path) -> None:
    """What `build` returns has the entries of its issue, with what the issue before it said in mind."""
    found = {one.title: one.sequence for one in build(open_workspace(own_copy), "2026-01").entries}
    assert {"Sexual Abuse & Sexual Violence Week": 1} == {
        title: sequence for title, sequence in found.items() if sequence
    }
    assert len(found) == 9
