"""What ``init`` lays down: the files beside this one, with their dates set to the weeks ahead."""

from __future__ import annotations

import calendar
import json
from datetime import date, timedelta
from pathlib import Path
from string import Template

from newsletter.datewords import format_date, format_day, format_month
from newsletter.errors import RefusedError
from newsletter.files import write_private, write_whole
from newsletter.schema import issue_schema

_FILES = {
    "newsletter.yaml": "newsletter.yaml",
    "sample.yaml": "issues/{issue}.yaml",
    "practitioners.csv": "lists/practitioners.csv",
    "gitignore": ".gitignore",
}
_SESSIONS = (0, 9, 15)  # the sample's sessions, in days after the first: a Tuesday, a Thursday and a Wednesday


def make_workspace(folder: Path, *, today: date) -> tuple[str, tuple[str, ...]]:
    """Write a new workspace into *folder*; return the sample issue's id and the files made, with forward slashes.

    Raises RefusedError, and writes nothing, when any of the files is there already.
    """
    issue = f"{today:%Y-%m}"
    files = {name.format(issue=issue): _text(source, today) for source, name in _FILES.items()}
    files["issues/schema.json"] = json.dumps(issue_schema(), indent=2, ensure_ascii=False) + "\n"
    for name in files:
        if (folder / name).exists():
            raise RefusedError(
                f"{(folder / name).as_posix()} is there already, nothing was written", "Choose an empty folder."
            )
    people = "lists/practitioners.csv"
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / people, files[people].encode())
    for name, text in files.items():
        if name != people:
            write_whole(folder / name, text.encode())
    return issue, tuple(files)


def _text(source: str, today: date) -> str:
    """Return one of the files, its dates in the future of *today*, on the weekdays that suit them."""
    text = (Path(__file__).parent / source).read_text("utf-8")
    tuesday = _next_weekday(today + timedelta(days=28), calendar.TUESDAY)
    while any(_is_holiday(tuesday + timedelta(days=later)) for later in _SESSIONS):
        tuesday += timedelta(days=7)
    _, thursday, wednesday = (tuesday + timedelta(days=later) for later in _SESSIONS)
    monday = tuesday + timedelta(days=13)
    return Template(text).substitute(
        month=format_month(today),
        tuesday=format_day(tuesday),
        thursday=format_day(thursday),
        wednesday=format_day(wednesday),
        week=f"{format_date(monday)} to {format_date(monday + timedelta(days=6))}",
        day=format_date(tuesday + timedelta(days=1)),
    )


def _is_holiday(day: date) -> bool:
    """Tell whether a Tuesday, Wednesday or Thursday may be a bank holiday in England and Wales: only at Christmas."""
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 3)


def _next_weekday(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)
