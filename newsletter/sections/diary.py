"""Dates for the diary: days or ranges of days, each with what happens then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, model_validator

from newsletter.dates import format_day, split_event
from newsletter.findings import WRONG_KIND
from newsletter.model import Event, Item, Section, Target
from newsletter.written import Fault, Line, Link, When, Written, line_or_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import CoreSchema


class DiaryDate(Written):
    """An entry of the diary, written as one line (``10 February 2026 - Safer Internet Day``) or with its keys."""

    when: When = Field(description="A day or a range of days, with the year: 3 to 8 February 2026.")
    what: Line = Field(description="What happens then.")
    url: Link | None = Field(None, description="Where to read more.")

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, dict) and len(value) == 1:
            # YAML takes "- 10 February 2026: Safer Internet Day" for a key and its value; the author wrote a line.
            (key, text), *_ = value.items()
            value = value if key in cls.model_fields else _line(key, text)
        if not isinstance(value, str):
            return value
        span, what = split_event(value, near=(info.context or {}).get("near"))
        return {"when": span, "what": what}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return line_or_keys(handler(schema), "10 February 2026 - Safer Internet Day")


class Diary(Section):
    """Dates to keep free. Readers meet them sorted by their start."""

    type: Literal["diary"] = Field(description="Dates for the diary.")
    dates: tuple[DiaryDate, ...] = Field(
        min_length=1, description="The dates, one on a line: 10 February 2026 - Safer Internet Day. In any order."
    )

    @property
    def in_order(self) -> tuple[DiaryDate, ...]:
        """The dates by their start; those that start together stay as they were written."""
        return tuple(sorted(self.dates, key=lambda entry: entry.when.sort_key))

    def targets(self) -> Iterator[Target]:
        """Yield the links of the dates that have one."""
        for index, entry in enumerate(self.dates):
            if entry.url:
                yield Target(entry.what, entry.url, ("dates", index, "url"))

    def events(self) -> Iterator[Event]:
        """Yield the dates as they were written."""
        for index, entry in enumerate(self.dates):
            yield Event(entry.what, entry.when, ("dates", index), url=entry.url or "", keys=("when",))

    def items(self) -> Iterator[Item]:
        """Yield the dates as they were written."""
        for index, entry in enumerate(self.dates):
            yield Item("diary date", entry.what, ("dates", index))

    @property
    def outline(self) -> str:
        """Say how many dates there are and when the first one is: "4 dates, from Tuesday 3 February 2026"."""
        count = len(self.dates)
        return f"{count} {'date' if count == 1 else 'dates'}, from {format_day(self.in_order[0].when.first)}"


def _line(day: str, what: Any) -> str:
    """Return the line that YAML parted at its colon. Raises Fault when there are more lines below it."""
    if isinstance(what, str):
        return f"{day}: {what}"
    words = [item for item in what if isinstance(item, str)] if isinstance(what, list) else []
    hint = "\n".join(
        ["Write the day and what happens on one line:", *(f"- {day} - {word}" for word in words or ["..."])]
    )
    raise Fault(WRONG_KIND, "a date of the diary is one line, with nothing below it", hint)
