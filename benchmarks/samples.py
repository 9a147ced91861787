"""The issues that are measured: 12 KB each, of as many months as wanted, with all kinds of sections."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ISSUE_BYTES = 12 * 1024
FIRST = (2015, 1)

CONFIG = """\
title: Practitioner newsletter
organisation: Example Partnership
from: Practitioner newsletter <newsletter@example.org>
reply_to: office@example.org
postal_address: Example House, 1 Example Street
lists:
  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Benchmark}
"""


def month(number: int) -> date:
    """Return the first day of the month *number* months after FIRST."""
    years, months = divmod(FIRST[1] - 1 + number, 12)
    return date(FIRST[0] + years, months + 1, 1)


def workspace(folder: Path, count: int) -> Path:
    """Make *folder* a workspace of *count* monthly issues, and return it."""
    (folder / "issues").mkdir(parents=True)
    (folder / "newsletter.yaml").write_text(CONFIG, "utf-8")
    for number in range(count):
        (folder / f"issues/{month(number):%Y-%m}.yaml").write_text(issue(number), "utf-8")
    return folder


def issue(number: int) -> str:
    """Return an issue of 12 KB: courses with sessions, a diary, and articles until it is long enough."""
    first = month(number)
    name = f"{calendar.month_name[first.month]} {first.year}"
    days = [first + timedelta(days=offset) for offset in range(28) if (first + timedelta(days=offset)).weekday() < 5]
    text = (
        f"subject: {name} newsletter\npreheader: What is new in {name}, and the training you can book\nsections:\n"
        f"  - type: training\n    title: Training in {name}\n    courses:\n"
    )
    text += "".join(_course(course, name, first, days) for course in range(6))
    text += "  - type: diary\n    title: Dates for your diary\n    dates:\n"
    text += "".join(f"      - {day.day} {name} - Awareness day {n + 1} of {name}\n" for n, day in enumerate(days[:8]))
    part = 0
    while len(text.encode()) < ISSUE_BYTES:
        part += 1
        text += _article(part, name, first)
    return text


def _course(number: int, name: str, first: date, days: list[date]) -> str:
    sessions = (days[number + n * 3] for n in range(3))
    return (
        f"      - title: Course {number + 1} of {name}\n"
        f"        book: https://example.org/training/{first:%Y-%m}/{number}\n        sessions:\n"
    ) + "".join(f"          - {day:%A} {day.day} {name}, 9am to 3:30pm\n" for day in sessions)


def _article(part: int, name: str, first: date) -> str:
    words = (f"      Paragraph {n} of part {part} in {name} says what teams in the city do.\n\n" for n in range(8))
    link = f'{{text: Read part {part} of {name}, url: "https://example.org/{first:%Y-%m}/{part}"}}'
    return (
        f"  - type: article\n    title: What changed in {name}, part {part}\n    body: |\n"
        + "".join(words)
        + f"    links:\n      - {link}\n"
    )
