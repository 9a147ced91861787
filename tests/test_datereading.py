"""Dates that cannot be read: each is refused with what is wrong and the line to write instead."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from newsletter.dates import DateError, read_span, split_event

if TYPE_CHECKING:
    from collections.abc import Callable

FEBRUARY = date(2026, 2, 1)
TIMES_AS_IN = 'Write times as in "9am", "3:30pm" or "15:30"; a place belongs under location:.'
WAIT = "Leave it out until the date is known: a course without sessions: sends its readers to the booking page."
BLOCK = "Write this, or note: in place of location:\n"
AS_IN = 'Write it as in "Tuesday 3 February 2026, 9am to 3:30pm".'


def refusal(read: Callable[[], object]) -> tuple[str, str]:
    """Return message and hint of the error that *read* must raise."""
    with pytest.raises(DateError) as caught:
        read()
    return caught.value.message, caught.value.hint


REFUSED = {
    "": ("the date is empty", AS_IN),
    " \u00a0": ("the date is empty", AS_IN),
    "3" * 201: ("the date is longer than 200 characters", AS_IN),
    "soon": ('cannot read a date in "soon"', AS_IN),
    "Tuesday 3": ('cannot read a date in "Tuesday 3"', AS_IN),
    "3 Blorp 2026": ('cannot read a date in "3 Blorp 2026"', AS_IN),
    "a\x00b\nc": ('cannot read a date in "a?b c"', AS_IN),
    "3 to 5 to 8 February 2026": ("a range of days has two ends", 'Write it as in "3 to 8 February 2026".'),
    # The year.
    "Tuesday 3 February, 9am to 3.30pm": (
        'the date "Tuesday 3 February" has no year',
        'Write it with its year: "Tuesday 3 February 2026, 9am to 3.30pm".',
    ),
    "3 to 8 Feb.": ('the date "8 Feb." has no year', 'Write it with its year: "3 to 8 Feb. 2026".'),
    "30 January": ('the date "30 January" has no year', 'Write it with its year: "30 January 2027".'),
    "Friday 30 January": (
        'the date "Friday 30 January" has no year',
        'Write it with its year: "Friday 30 January 2026".',
    ),
    "Thursday 7 January": (
        'the date "Thursday 7 January" has no year',
        'Write it with its year: "Thursday 7 January 2027".',
    ),
    "Monday 3 February": (
        'the date "Monday 3 February" has no year',
        'Write it with its year: "Monday 3 February 2025".',
    ),
    "Sunday 12 March": (
        'the date "Sunday 12 March" has no year',
        "Write the year, and look at the weekday: in 2026 it is another.",
    ),
    "Monday 30 March to 5 April": (
        'the date "5 April" has no year',
        'Write it with its year: "Monday 30 March to 5 April 2026".',
    ),
    "29 February": ('the date "29 February" has no year', 'Write it with its year: "29 February 2028".'),
    "29 December to 3 January": (
        'the date "29 December" has no year',
        'Write it with its year: "29 December 2026 to 3 January 2027".',
    ),
    "29 December to 3 January 2026": (
        'the date "29 December" has no year',
        'Write it with its year: "29 December 2025 to 3 January 2026".',
    ),
    "29 December 2025 to 3 January": (
        'the date "3 January" has no year',
        'Write it with its year: "29 December 2025 to 3 January 2026".',
    ),
    "3 February 10 to 11am": (
        'the date "3 February" has no year',
        'Write it with its year: "3 February 2026 10 to 11am".',
    ),
    "3 February 26": ('the year "26" has only two figures', 'Write "3 February 2026".'),
    "3 Feb 26 - 8 Feb '26": ('the year "26" has only two figures', 'Write "3 Feb 2026 - 8 Feb 2026".'),
    "3 Feb 24, 9am": ('the year "24" has only two figures', 'Write "3 Feb 2024, 9am".'),
    "10 February 1930": ('"1930" is no year from 2000 to 2099', 'If it is a time, write "10 February 2026, 19:30".'),
    "10 February 1400-1600": (
        '"1400" is no year from 2000 to 2099',
        'If it is a time, write "10 February 2026, 14:00-16:00".',
    ),
    "3 February 1975": ('"1975" is no year from 2000 to 2099', 'Write "3 February 2026".'),
    "3 February 20226": ('"20226" is no year from 2000 to 2099', 'Write "3 February 2026".'),
    "3 February 2100": ('"2100" is no year from 2000 to 2099', 'If it is a time, write "3 February 2026, 21:00".'),
    "1930-02-10": ('"1930" is no year from 2000 to 2099', 'Write the year, as in "3 February 2026".'),
    "03/02/1999": ('"1999" is no year from 2000 to 2099', 'Write the year, as in "3 February 2026".'),
    # No date yet, and a week.
    "TBC": ('"TBC" is no date yet', WAIT),
    "Date to be confirmed": ('"Date to be confirmed" is no date yet', WAIT),
    "w/c 23 March 2026": ('"w/c" is no date: a week has a first and a last day', 'Write "23 to 29 March 2026".'),
    "Week commencing Monday 30 March 2026": (
        '"Week commencing" is no date: a week has a first and a last day',
        'Write "30 March to 5 April 2026".',
    ),
    "w/c Monday 24 March 2026": (
        '"w/c" is no date: a week has a first and a last day',
        'Write them as in "23 to 29 March 2026", and look at the weekday.',
    ),
    "w/c 23 March": ('the date "23 March" has no year', 'Write it with its year: "w/c 23 March 2026".'),
    # The month.
    "3 Februry 2026": ('no month is called "Februry"', 'Did you mean "February"?'),
    "3 february to 8 mrch 2026": ('no month is called "mrch"', 'Did you mean "March"?'),
    "February 3 2026": ('the month stands before the day in "February 3 2026"', 'Write "3 February 2026".'),
    "Tues, Feb 3rd, 2026, 9am": (
        'the month stands before the day in "Tues, Feb 3rd, 2026"',
        'Write "Tuesday 3 February 2026, 9am".',
    ),
    "February 0": ('the month stands before the day in "February 0"', 'Write "0 February".'),
    "February 2028": ('"February 2028" has no day', 'Write "1 to 29 February 2028".'),
    "February '26": ('the year "\'26" has only two figures', 'Write "February 2026".'),
    # The day.
    "Wensday 3 February 2026": ('no weekday is called "Wensday"', 'Did you mean "Wednesday"?'),
    "31 February 2026": ("there is no 31 February 2026", "February 2026 has 28 days."),
    "31 February": ("there is no 31 February", "February has 29 days at most."),
    "0 March 2026": ("there is no 0 March 2026", "March 2026 has 31 days."),
    "2026-02-29": ("there is no 29 February 2026", "February 2026 has 28 days."),
    "2026-13-45": ('there is no date "2026-13-45"', 'Write the month as a word, as in "3 February 2026".'),
    "0026-02-03": ('there is no date "0026-02-03"', 'Write the month as a word, as in "3 February 2026".'),
    "45/13/2026": ('there is no date "45/13/2026"', 'Write the month as a word, as in "3 February 2026".'),
    "13/02/2026": ('"13/02/2026" writes the month in figures', 'Write "Friday 13 February 2026".'),
    "02.13.26": ('"02.13.26" writes the month in figures', 'Write "Friday 13 February 2026".'),
    "03-03-2026": ('"03-03-2026" writes the month in figures', 'Write "Tuesday 3 March 2026".'),
    "2026/02/03": ('"2026/02/03" writes the month in figures', 'Write "Tuesday 3 February 2026".'),
    "8 to 3 February 2026": (
        "the days run backwards: Tuesday 3 February 2026 is before Sunday 8 February 2026",
        'Did you mean "3 to 8 February 2026"?',
    ),
    # The times.
    "3 February 2026, 10am to 9am": ("the end, 9am, is not after the start, 10am", 'Did you mean "10am to 9pm"?'),
    "3 February 2026, 9am to 9am": ("the end, 9am, is not after the start, 9am", 'Did you mean "9am to 9pm"?'),
    "3 February 2026, 10pm to 1am": (
        "the end, 1am, is not after the start, 10pm",
        "Write the earlier time first; of what goes on past midnight, write the start alone.",
    ),
    "3 February 2026, 14:00 to 13:00": (
        "the end, 1pm, is not after the start, 2pm",
        "Write the earlier time first; of what goes on past midnight, write the start alone.",
    ),
    "3 February 2026, 11 to 10am": ("the end, 10am, is not after the start, 11am", 'Did you mean "11am to 10pm"?'),
    "3 February 2026, 13pm": ('there is no time "13pm"', 'Write times as in "9am", "3:30pm" or "15:30".'),
    "3 February 2026, 0am": ('there is no time "0am"', 'Write times as in "9am", "3:30pm" or "15:30".'),
    "3 February 2026, 9:75 to 10am": ('there is no time "9:75"', 'Write times as in "9am", "3:30pm" or "15:30".'),
    "3 February 2026, 9am to 24:00": ('there is no time "24:00"', 'Write times as in "9am", "3:30pm" or "15:30".'),
    "3 February 2026, 1000-1530": ('the time "1000-1530" has no colon', 'Write "3 February 2026, 10:00-15:30".'),
    "3 February 2026, 1400hrs": ('the time "1400hrs" has no colon', 'Write "3 February 2026, 14:00hrs".'),
    "3 February 2026 930am": ('the time "930am" has no colon', 'Write "3 February 2026 9:30am".'),
    "3 February 2026, 9am to 1030": ('the time "9am to 1030" has no colon', 'Write "3 February 2026, 9am to 10:30".'),
    "3 February 2026, 9.3pm": ('cannot read "9.3pm" as a time', TIMES_AS_IN),
    "3 February 2026, 9am hrs": ('cannot read "9am hrs" as a time', TIMES_AS_IN),
    "3 February 2026, 14 hrs": ('cannot read "14 hrs" as a time', TIMES_AS_IN),
    "3 February 2026, 9am to 3 o'clock": ('cannot read "9am to 3 o\'clock" as a time', TIMES_AS_IN),
    "3 February 2026 - 9am": ('the time "9am" wants a comma before it', 'Write "Tuesday 3 February 2026, 9am".'),
    "3 to 8 February 2026, 9am to 3pm": (
        "a range of days cannot have times",
        'Write one line a day, as in "Tuesday 3 February 2026, 9am to 3pm".',
    ),
    "3 February 2026, 9am to 4 February 2026, 3pm": (
        "a range of days cannot have times",
        'Write one line a day, as in "Tuesday 3 February 2026, 9am".',
    ),
    # More than one session. A weekday stays what its author wrote, right or wrong.
    "Tue 3 & Tue 10 Feb 2026": (
        "one session a line: this line has 2",
        "Write:\n- Tuesday 3 February 2026\n- Tuesday 10 February 2026",
    ),
    "Wed 3 and 10 February 2026, 9am to 3pm": (
        "one session a line: this line has 2",
        "Write:\n- Wednesday 3 February 2026, 9am to 3pm\n- Tuesday 10 February 2026, 9am to 3pm",
    ),
    "3, 10 and 17 February 2026": (
        "one session a line: this line has 3",
        "Write:\n- Tuesday 3 February 2026\n- Tuesday 10 February 2026\n- Tuesday 17 February 2026",
    ),
    "3 to 5, and 10 Feb 2026, Online": (
        "one session a line: this line has 2",
        "Write:\n- 3 to 5 February 2026, Online\n- Tuesday 10 February 2026, Online",
    ),
    "3 Feb 2026, 9am and 10 Mar 2026, 1pm": (
        "one session a line: this line has 2",
        "Write:\n- Tuesday 3 February 2026, 9am\n- Tuesday 10 March 2026, 1pm",
    ),
    "3 Feb 2026, 9am to 10am & 1pm to 2pm": (
        "one session a line: this line has 2",
        "Write:\n- Tuesday 3 February 2026, 9am to 10am\n- Tuesday 3 February 2026, 1pm to 2pm",
    ),
    # Words after it.
    "Tuesday 3 February 2026, 9am to 3.30pm, Online": (
        'words after the time: "Online" belongs under location: or note:',
        BLOCK + "- {date: Tuesday 3 February 2026, start: 9am, end: 3.30pm, location: Online}",
    ),
    "Tuesday 3 February 2026, 11-1pm (Online)": (
        'words after the time: "Online" belongs under location: or note:',
        BLOCK + "- {date: Tuesday 3 February 2026, start: 11, end: 1pm, location: Online}",
    ),
    "3 February 2026 at 10 Downing Street": (
        'words after the date: "10 Downing Street" belongs under location: or note:',
        BLOCK + "- {date: 3 February 2026, location: 10 Downing Street}",
    ),
    "3 February 2026, 9am, Room 3 Marsh House": (
        'words after the time: "Room 3 Marsh House" belongs under location: or note:',
        BLOCK + "- {date: 3 February 2026, start: 9am, location: Room 3 Marsh House}",
    ),
    "3 February 2026, 9am, Sundial 2": (
        'words after the time: "Sundial 2" belongs under location: or note:',
        BLOCK + "- {date: 3 February 2026, start: 9am, location: Sundial 2}",
    ),
    "Tue, 3 Feb 2026 9am: Room {3}: #1": (
        'words after the time: "Room {3}: #1" belongs under location: or note:',
        BLOCK + '- {date: "Tue, 3 Feb 2026", start: 9am, location: "Room {3}: #1"}',
    ),
    "3 February 2026, 9am to 10am 11am": (
        'cannot read "11am" at the end',
        'Write "Tuesday 3 February 2026, 9am to 10am".',
    ),
    "3 February 2026.": ('cannot read "." at the end', 'Write "Tuesday 3 February 2026".'),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items(), ids=[text[:60] or "empty" for text in REFUSED])
def test_says_what_is_wrong_and_what_to_write(text: str, expected: tuple[str, str]) -> None:
    """Each text that is no clear date is refused with what is wrong and what to write."""
    assert expected == refusal(lambda: read_span(text, near=FEBRUARY))


TWO_WAYS = {
    "03/02/2026": ('"03/02/2026" can be read two ways', 'Write "Tuesday 3 February 2026" or "Monday 2 March 2026".'),
    "3.2.2026, 9am": ('"3.2.2026" can be read two ways', 'Write "Tuesday 3 February 2026" or "Monday 2 March 2026".'),
    "03-02-26": ('"03-02-26" can be read two ways', 'Write "Tuesday 3 February 2026" or "Monday 2 March 2026".'),
    "3 February 2026, 6:30": ('"6:30" can be read two ways without am or pm', 'Write "6:30am" or "6:30pm".'),
    "3 February 2026, 3 - 5": ('"3 - 5" can be read two ways without am or pm', 'Write "3am to 5am" or "3pm to 5pm".'),
    "3 February 2026, 12 to 1": (
        '"12 to 1" can be read two ways without am or pm',
        'Write "midnight to 1am" or "midday to 1pm".',
    ),
    "3 February 2026, 9 to 3": ('"9 to 3" can be read two ways without am or pm', 'Write "9am to 3pm".'),
    "3 February 2026, 13:00 to 2:15": (
        '"13:00 to 2:15" can be read two ways without am or pm',
        'Write "1pm to 2:15pm".',
    ),
    "3 February 2026, 5 to 00:00": (
        '"5 to 00:00" can be read two ways without am or pm',
        'Write "5am to midnight" or "5pm to midnight".',
    ),
    "3 February 2026, 10-12am": (
        '"10-12am" can be read two ways, as "10" has no am or pm',
        'Write "10am to midday" or "10pm to midnight".',
    ),
    "3 February 2026, 07:00 - 9pm": (
        '"07:00 - 9pm" can be read two ways, as "07:00" has no am or pm',
        'Write "7am to 9pm" or "7pm to 9pm".',
    ),
    "3 February 2026, 07:00 to midnight": (
        '"07:00 to midnight" can be read two ways, as "07:00" has no am or pm',
        'Write "7am to midnight" or "7pm to midnight".',
    ),
    "3 February 2026, 1 to 12pm": (
        '"1 to 12pm" can be read two ways, as "1" has no am or pm',
        'Write "1am to midday" or "1pm to midnight".',
    ),
    "3 February 2026, 1 to noon": (
        '"1 to noon" can be read two ways, as "1" has no am or pm',
        'Write "1am to midday".',
    ),
}


@pytest.mark.parametrize(("text", "expected"), TWO_WAYS.items(), ids=list(TWO_WAYS))
def test_shows_both_readings(text: str, expected: tuple[str, str]) -> None:
    """What can be read two ways is refused as such, and the hint writes out each reading that is possible."""
    with pytest.raises(DateError) as caught:
        read_span(text)

    assert (*expected, True) == (caught.value.message, caught.value.hint, caught.value.two_ways)


@pytest.mark.parametrize("text", ["9am to 3.30pm", "at 9.30", "9 to 3", "midday", "9am, 1pm"])
def test_tells_a_time_without_its_date(text: str) -> None:
    """A time alone, as left by a comma in YAML's brackets, is marked as one for the caller to explain."""
    with pytest.raises(DateError) as caught:
        read_span(text)

    assert (
        f'a time without its date: "{text}"',
        f'Write the date before it: "Tuesday 3 February 2026, {text}".',
        True,
    ) == (caught.value.message, caught.value.hint, caught.value.time_only)


@pytest.mark.parametrize("text", ["10", "soon", "3 February", "03/02/2026"])
def test_nothing_else_is_a_time_alone(text: str) -> None:
    """A bare number, a word or a date at fault is no time alone."""
    with pytest.raises(DateError) as caught:
        read_span(text)

    assert not caught.value.time_only


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "Thursday 12 March, 9.30am": "Thursday 12 March 2026, 9.30am",
        "Friday 12 March": "Friday 12 March 2027",
        "12 March": "12 March 2027",
    }.items(),
)
def test_guesses_the_nearest_year_in_which_the_weekday_is_right(text: str, expected: str) -> None:
    """A stated weekday chooses the year, past or to come; without one it is the next such day."""
    _, hint = refusal(lambda: read_span(text, near=date(2026, 11, 1)))

    assert f'Write it with its year: "{expected}".' == hint


def test_guesses_no_year_without_the_issue() -> None:
    """Without the month of the issue the hint shows where a year goes, and guesses none."""
    hint = 'Write the year, as in "3 February 2026".'

    assert ('the date "3 May" has no year', hint) == refusal(lambda: read_span("3 May"))
    assert ('"1400" is no year from 2000 to 2099', hint) == refusal(lambda: read_span("3 May 1400"))


@pytest.mark.parametrize(
    "words", ["Online", "Room 3: first floor", "a, b", "{x}", "x #1", "- y", 'the "Hub"', "&a", "x:"]
)
def test_the_block_to_paste_is_yaml(words: str) -> None:
    """The block a hint writes for words after the time can be pasted: YAML reads those words from it."""
    _, hint = refusal(lambda: read_span(f"Tue, 3 February 2026, 9.30am ({words})"))

    block = yaml.load(hint.removeprefix(BLOCK), Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes text only
    assert [{"date": "Tue, 3 February 2026", "start": "9.30am", "location": words}] == block


NO_EVENTS = {
    "": ("the date is empty", AS_IN),
    "Safer Internet Day": ('cannot read a date in "Safer Internet Day"', AS_IN),
    "10 February 2026": ("a date without its event", 'Write "Tuesday 10 February 2026 - " and then what happens.'),
    "10 February 2026 - ": ("a date without its event", 'Write "Tuesday 10 February 2026 - " and then what happens.'),
    "10 February 2026, Safer Internet Day": (
        'no " - " between the date and the event',
        'Write "10 February 2026 - Safer Internet Day".',
    ),
    "10 February 2026-Safer Internet Day": (
        'no " - " between the date and the event',
        'Write "10 February 2026 - Safer Internet Day".',
    ),
    "10 February 2026 - 9am to 10am": (
        'a time where the event should be: "9am to 10am"',
        'Write "Tuesday 10 February 2026, 9am to 10am - " and then what happens.',
    ),
    "3 to 8 February - Awareness week": (
        'the date "8 February" has no year',
        'Write it with its year: "3 to 8 February 2026 - Awareness week".',
    ),
    "3 to 8 Februry 2026 - Awareness week": ('no month is called "Februry"', 'Did you mean "February"?'),
    "3 February to 8 Mrch 2026 - Awareness week": ('no month is called "Mrch"', 'Did you mean "March"?'),
    "February 2026 - History Month": ('"February 2026" has no day', 'Write "1 to 28 February 2026 - History Month".'),
    "10 February 1400 - webinar": (
        '"1400" is no year from 2000 to 2099',
        'If it is a time, write "10 February 2026, 14:00 - webinar".',
    ),
    "10 February 2026, 1400-1600 - Census 2031": (
        'the time "1400-1600" has no colon',
        'Write "10 February 2026, 14:00-16:00 - Census 2031".',
    ),
    "10 February 2026, 9.3pm - Coffee": ('cannot read "9.3pm - Coffee" as a time', TIMES_AS_IN),
    "TBC - Coffee": ('"TBC" is no date yet', WAIT),
    "w/c 23 March 2026 - Neurodiversity week": (
        '"w/c" is no date: a week has a first and a last day',
        'Write "23 to 29 March 2026 - Neurodiversity week".',
    ),
    "3 and 10 February 2026: Drop-in": (
        "one session a line: this line has 2",
        "Write:\n- Tuesday 3 February 2026 - Drop-in\n- Tuesday 10 February 2026 - Drop-in",
    ),
}


@pytest.mark.parametrize(("text", "expected"), NO_EVENTS.items(), ids=[text or "empty" for text in NO_EVENTS])
def test_says_what_a_diary_line_wants(text: str, expected: tuple[str, str]) -> None:
    """A diary line without a clear date, an event or a mark between them is refused with what to write."""
    assert expected == refusal(lambda: split_event(text, near=FEBRUARY))
