"""What the checks of dates find in an issue, and issues of courses to try them on."""

from __future__ import annotations

from datetime import date

from checks.bench import Example, found


def told(text: str, *codes: str, on: date = date(2026, 1, 5), id: str = "2026-01") -> list[tuple[int, str]]:  # noqa: A002
    """Return the line and the message of what is found in an issue."""
    return [(finding.place.line, finding.message) for finding in found(Example(text, on=on, id=id), *codes)]


def courses(*titled: tuple[str, str]) -> str:
    """Return an issue of one course for each title, with one session."""
    blocks = "".join(f"  - title: {title}\n    sessions:\n    - {session}\n" for title, session in titled)
    return f"sections:\n- type: training\n  title: Training dates\n  courses:\n{blocks}"
