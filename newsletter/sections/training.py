"""Training: courses with their sessions and a way to book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator

from newsletter.dates import DateError, format_day, read_span
from newsletter.findings import UNREADABLE_DATE
from newsletter.model import Event, Item, Prose, Section, Target, Undated
from newsletter.written import Fault, Line, Link, Markdown, When, Written, YesNo, line_or_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import CoreSchema


class Session(Written):
    """One date of a course, written as one line or with its keys.

    *date* is the whole of it, times included, however it was written.
    """

    date: When = Field(description="The day, with its year, and maybe its times.")
    start: Line | None = Field(None, description="When it begins: 9am.")
    end: Line | None = Field(None, description="When it ends: 3.30pm.")
    location: Line | None = Field(None, description="Where it is, when other sessions are elsewhere.")
    note: Line | None = Field(None, description="A few words under the date: Fully booked.")
    cancelled: YesNo = Field(default=False, description="true: it is shown struck through, as cancelled.")

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        if isinstance(value, list):
            raise _in_brackets(value)
        return {"date": value} if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _with_times(cls, value: Any, info: ValidationInfo) -> Any:
        """Join date, start and end to the line that an author would write, and read that."""
        if not isinstance(value, dict) or not isinstance(day := value.get("date"), str):
            return value
        times = [text for key in ("start", "end") if isinstance(text := value.get(key), str)]
        if "end" in value and "start" not in value:
            raise Fault(UNREADABLE_DATE, "an end without a start", "Add the start, as in start: 9am")
        line = ", ".join([day, *filter(None, [" to ".join(times)])])
        return {**value, "date": read_span(line, near=(info.context or {}).get("near"))}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return line_or_keys(handler(schema), "Tuesday 3 February 2026, 9am to 3.30pm")


class Course(Written):
    """A course: it may have a booking link and no dates yet."""

    title: Line = Field(description="The name of the course.")
    description: Markdown | None = Field(None, description="What it is about and who it is for, in Markdown.")
    sessions: tuple[Session, ...] = Field(
        (), description="The dates, one on a line: Tuesday 3 February 2026, 9am to 3.30pm. Left out: not known yet."
    )
    location: Line | None = Field(None, description="Where all sessions are that do not name their own place.")
    book: Link | None = Field(None, description="Where to book.")

    @field_validator("sessions", mode="before")
    @classmethod
    def _refuse_brackets(cls, value: Any) -> Any:
        """Explain ``[Tuesday 3 February 2026, 9am to 3.30pm]``: to YAML its comma parts two items."""
        if isinstance(value, list) and any(_is_time_alone(item) for item in value[1:]):
            raise _in_brackets(value)
        return value

    @property
    def in_order(self) -> tuple[Session, ...]:
        """The sessions by their start; those that start together stay as they were written."""
        return tuple(sorted(self.sessions, key=lambda session: session.date.sort_key))

    @property
    def shared_location(self) -> bool:
        """Whether the course's location holds for all of its sessions, and so is said once."""
        return self.location is not None and not any(session.location for session in self.sessions)

    @property
    def without_dates(self) -> str:
        """What readers are told in place of sessions."""
        return "Dates are on the booking page." if self.book else "Dates will follow."

    @property
    def booking(self) -> str:
        """The visible text of the booking link. Each says where it goes: WCAG 2.2, 2.4.4."""
        return f"Book your place on {self.title}"


class Training(Section):
    """Courses with their dates."""

    type: Literal["training"] = Field(description="Courses with their dates.")
    intro: Markdown | None = Field(None, description="The text above the courses, in Markdown.")
    courses: tuple[Course, ...] = Field(min_length=1, description="The courses, each with its title.")

    def prose(self) -> Iterator[Prose]:
        """Yield the introduction and the courses' descriptions."""
        if self.intro:
            yield Prose(self.intro, ("intro",))
        for index, course in enumerate(self.courses):
            if course.description:
                yield Prose(course.description, ("courses", index, "description"))

    def targets(self) -> Iterator[Target]:
        """Yield the booking links."""
        for index, course in enumerate(self.courses):
            if course.book:
                yield Target(course.booking, course.book, ("courses", index, "book"), lasting=True)

    def events(self) -> Iterator[Event]:
        """Yield every session, course by course."""
        for index, course in enumerate(self.courses):
            for number, session in enumerate(course.sessions):
                yield Event(
                    course.title,
                    session.date,
                    ("courses", index, "sessions", number),
                    url=course.book or "",
                    location=session.location or course.location or "",
                    note=session.note or "",
                    cancelled=session.cancelled,
                    is_session=True,
                    keys=("date", "start", "end"),
                )

    def undated(self) -> Iterator[Undated]:
        """Yield the courses without a session."""
        for index, course in enumerate(self.courses):
            if not course.sessions:
                yield Undated(course.title, ("courses", index))

    def items(self) -> Iterator[Item]:
        """Yield every course, and each before its sessions."""
        for index, course in enumerate(self.courses):
            yield Item("course", course.title, ("courses", index), url=course.book or "")
            for number in range(len(course.sessions)):
                yield Item("session", course.title, ("courses", index, "sessions", number))

    @property
    def outline(self) -> str:
        """Say how many courses there are and when the first session is: "6 courses, from Tuesday 3 February 2026"."""
        count = f"{len(self.courses)} {'course' if len(self.courses) == 1 else 'courses'}"
        days = [event.span.first for event in self.events() if not event.cancelled]
        return f"{count}, from {format_day(min(days))}" if days else count


def _in_brackets(items: list[Any]) -> Fault:
    """Return what to say of sessions in brackets, with their lines put together again."""
    lines: list[str] = []
    for item in items:
        if lines and _is_time_alone(item):
            lines[-1] += f", {item}"
        else:
            lines.append(f"- {item}")
    hint = "\n".join(["Write each session on a line of its own:", *lines])
    return Fault(UNREADABLE_DATE, "in brackets, a comma parts two items", hint)


def _is_time_alone(item: Any) -> bool:
    if not isinstance(item, str):
        return False
    try:
        read_span(item)
    except DateError as error:
        return error.time_only
    return False
