"""What is still to come, of all issues: courses with their sessions, and days to know of.

"To come" is seen from the first day of the newest issue's month: an archive has no clock, so that the same issues give
the same pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsletter.calendar import to_come
from newsletter.dates import Span, format_span
from newsletter.past import Name, is_monthly, month_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.archive.printed import Course, Printed
    from newsletter.calendar import Entry
    from newsletter.render import Adding


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a timetable: the day or days, what happens then and where that leads, and a soft line below."""

    when: Span
    text: str
    url: str
    under: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a course: when, what stands under that, and the link that adds it to a calendar."""

    when: Span
    under: str
    is_cancelled: bool
    adding: Adding | None


@dataclass(frozen=True, slots=True)
class Running:
    """A course that is still to come, as the newest issue with its dates has it. *anchor* is its place on the page."""

    title: str
    url: str
    anchor: str
    page: str
    subject: str
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """All that is to come. *undated* are the courses to which the newest issue gave no dates."""

    sessions: tuple[Entry, ...]
    days: tuple[Entry, ...]
    undated: tuple[Course, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Sessions and days, the earliest first."""
        return tuple(sorted((*self.sessions, *self.days), key=lambda entry: entry.sort_key))

    @property
    def courses(self) -> dict[Name, list[Entry]]:
        """The sessions of each course, by the start of its first."""
        found: dict[Name, list[Entry]] = {}
        for entry in self.sessions:
            found.setdefault(entry.name, []).append(entry)
        return found


def newest_first(issues: Sequence[Printed]) -> tuple[Printed, ...]:
    """Return *issues* with the newest first, a special edition below the monthly issue of its month."""
    return tuple(sorted(issues, key=lambda one: (one.id[:7], is_monthly(one.id), one.id), reverse=True))


def newest_of(issues: Sequence[Printed]) -> Printed:
    """Return the newest monthly issue; where all are special editions, the newest of those."""
    ordered = newest_first(issues)
    return next((one for one in ordered if is_monthly(one.id)), ordered[0])


def timetable(issues: Sequence[Printed]) -> Timetable:
    """Return what is to come of all that *issues* said."""
    newest = newest_of(issues)
    found = to_come((entry for one in issues for entry in one.entries), month_of(newest.id))
    sessions = tuple(entry for entry in found if entry.is_session)
    return Timetable(sessions, tuple(entry for entry in found if not entry.is_session), newest.undated)


def next_sessions(table: Timetable) -> tuple[Row, ...]:
    """Return the next session of each course that is not cancelled, with its place on the page of all courses."""
    rows = []
    for number, entries in enumerate(table.courses.values(), 1):
        left = [entry for entry in entries if not entry.is_cancelled]
        if left:
            day = replace(left[0].span, start=None, end=None)
            times = format_span(left[0].span).partition(", ")[2]
            rows.append(Row(day, left[0].title, f"training.html#course-{number}", times))
    return tuple(sorted(rows, key=lambda row: row.when.sort_key))


def running(table: Timetable, subjects: Mapping[str, str], links: Mapping[str, Adding]) -> tuple[Running, ...]:
    """Return the courses to come; *subjects* are by issue, *links*, which add sessions to a calendar, by UID."""
    return tuple(
        Running(
            entries[0].title,
            next((entry.url for entry in entries if entry.url), ""),
            f"course-{number}",
            f"{entries[0].issue}.html",
            subjects[entries[0].issue],
            tuple(Session(one.span, _under(one), one.is_cancelled, links.get(one.uid)) for one in entries),
        )
        for number, entries in enumerate(table.courses.values(), 1)
    )


def _under(session: Entry) -> str:
    return ". ".join(filter(None, (session.location, session.note)))


def days_to_know(table: Timetable) -> tuple[Row, ...]:
    """Return the days of the diary."""
    return tuple(Row(entry.span, entry.title, entry.url) for entry in table.days)
