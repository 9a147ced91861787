"""Mending dates: every form becomes the house style, and nothing around a date changes."""

from __future__ import annotations

import pytest
from mendings import DIARY, FORMS, TRAINING, after, lines, mended

from newsletter.errors import ContentError


@pytest.mark.parametrize(("written", "expected"), FORMS.items())
def test_forms(written: str, expected: str) -> None:
    """Every way to write a date becomes the house style, in a session and before the words of a diary."""
    assert f"{TRAINING}    - {expected}\n" == after(f"{TRAINING}    - {written}\n")
    assert f"{DIARY}  - {expected} – 3rd  time\n" == after(f"{DIARY}  - {written} – 3rd  time\n")


PLACES = {
    # Quotes, comments and blanks are the author's.
    "- '3 Feb 2026'": "- 'Tuesday 3 February 2026'",
    '-   " 3 Feb 2026, 9.30am "  # mind': '-   " Tuesday 3 February 2026, 9:30am "  # mind',
    "- 3 Feb 2026, 9am   ": "- Tuesday 3 February 2026, 9am   ",
    "- 3 Feb 2026 # 3 Feb 2026": "- Tuesday 3 February 2026 # 3 Feb 2026",
    "- >-  # 3 Feb 2026\n      3 Feb 2026\n": "- >-  # 3 Feb 2026\n      Tuesday 3 February 2026\n",
    "- Tues 3rd Feb 2026,\n      9.30am to noon": "- Tuesday 3 February 2026,\n      9:30am to midday",
    "- 3 Feb\n      2026": "- Tuesday 3 February 2026",
    # What has keys is mended under each of them.
    "- {date: 3 Feb 2026, start: 9.30, end: 10.30am, note: At 9.30}": (
        "- {date: Tuesday 3 February 2026, start: 9:30am, end: 10:30am, note: At 9.30}"
    ),
    "- date: '3 Feb 2026'\n      start: 11 to 1pm": "- date: 'Tuesday 3 February 2026'\n      start: 11am to 1pm",
    "- date: 3 Feb 2026 at 14.00\n      cancelled: true": "- date: Tuesday 3 February 2026, 2pm\n      cancelled: true",
    "- start: '13:00'\n      date: 3 Feb 2026": "- start: '1pm'\n      date: Tuesday 3 February 2026",
    # Within brackets a comma would part two items: what has one and no quotes stays.
    "- {date: 3 Feb 2026 9am, note: A}": "- {date: 3 Feb 2026 9am, note: A}",
    "- {date: '3 Feb 2026 9am', note: A}": "- {date: 'Tuesday 3 February 2026, 9am', note: A}",
    # Signs that stand for others hide where the words are.
    r'- "3 Feb 2026, 9am\u201310am"': r'- "3 Feb 2026, 9am\u201310am"',
    # A weekday that is wrong is left to its author.
    "- Wednesday 3rd Feb 2026, 9.30am": "- Wednesday 3rd Feb 2026, 9.30am",
    "- Mon 3rd to Sun 8th Feb 2026": "- Mon 3rd to Sun 8th Feb 2026",
}


@pytest.mark.parametrize(("written", "expected"), PLACES.items())
def test_places(written: str, expected: str) -> None:
    """Nothing around a date changes, and a date stays that cannot change alone."""
    tail = "    - Tuesday 3 March 2026, 9am to 10am\n"
    assert f"{TRAINING}    {expected}\n{tail}" == after(f"{TRAINING}    {written}\n{tail}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("- 3 Feb 2026: A day", "- Tuesday 3 February 2026: A day"),
        ("- '3 Feb 2026, 9.30am': A day", "- 'Tuesday 3 February 2026, 9:30am': A day"),
        ("- 3rd to 8th Feb 2026 - Week: one", "- 3 to 8 February 2026 - Week: one"),
        ("- {when: 3 Feb 2026, what: On 4th Feb}", "- {when: Tuesday 3 February 2026, what: On 4th Feb}"),
        ("- when: 3-8 Feb 2026\n    what: Week", "- when: 3 to 8 February 2026\n    what: Week"),
        ("- 3 Feb 2026 - A day\n    and 4th Feb", "- Tuesday 3 February 2026 - A day\n    and 4th Feb"),
    ],
)
def test_diary(written: str, expected: str) -> None:
    """Of an entry of the diary the date is mended, and never a word of what happens."""
    assert f"{DIARY}  {expected}\n" == after(f"{DIARY}  {written}\n")


def test_neighbours_of_a_wrong_weekday() -> None:
    """What stands beside a wrong weekday is mended; the list keeps its order, since one of its dates is not known."""
    written = ["- 9 March 2026 - A", "- Wednesday 3 Feb 2026 - B", "- 4 March 2026 - C"]
    expected = ["- Monday 9 March 2026 - A", "- Wednesday 3 Feb 2026 - B", "- Wednesday 4 March 2026 - C"]
    assert lines(DIARY, "\n".join(expected)) == after(lines(DIARY, "\n".join(written)))


@pytest.mark.parametrize("text", ["- 03/02/2026 - A", "- 3 Feb 2026 at 5 - A", "- 3 Feb - A"])
def test_what_cannot_be_read_is_not_mended(text: str) -> None:
    """A date that can be read in two ways, or in none, stops the whole issue: its fault is told instead."""
    with pytest.raises(ContentError):
        mended(f"{DIARY}  {text}\n  - 3 Feb 2026 - B\n")
