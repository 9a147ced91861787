"""Dates in running text: what GOV.UK style writes otherwise is found with the words to write, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.dates import DateError, format_span, read_span
from newsletter.datestyle import odd

_SIGNS = "0123456789 .,:-\u2013\u00a0\n`*_\"'\u2018\u2019<>()[]thsndrdfampMFebSepJanuaryofe"


def mended(text: str) -> str:
    """Return *text* with everything mended that is found in it."""
    parts, after = [], 0
    for start, end, instead in odd(text):
        assert after <= start < end <= len(text)
        parts += [text[after:start], instead]
        after = end
    return "".join([*parts, text[after:]])


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("10 February", "10th February"),
        ("on 10 February 2026.", "on the 10th of February 2026."),
        ("10 February is the day", "The 10th of February is the day"),
        ("the 10 February session", "the 10th February session"),
        ("on Tuesday 10 February", "on Tuesday the 10th of February"),
        ("Tuesday 3 February 2026", "Tues 3rd Feb 2026"),
        ("Thursday 5 September", "Thurs. 5 Sept"),
        ("4 June 2017", "4 June, 2017"),
        ("4 June", "04 June"),
        ("4 June", "4 june"),
        ("3 to 8 February", "3-8 February"),
        ("3 to 8 February 2026", "3rd \u2013 8th Feb, 2026"),
        ("28 February to 2 March 2026", "28 Feb - 2 Mar 2026"),
        ("Saturday 7 to Sunday 8 March", "Saturday 7\u2013Sunday 8 March"),
        ("1, 2 and 3 March", "1st, 2nd and 3rd March"),
        ("1 April 2024 to 31 March 2025", "1st April 2024 to 31st March 2025"),
        ("Week 3 to 8 March", "Week 3-8 March"),
        ("Session 1 - 10 February", "Session 1 - 10th February"),
        ("February 2026", "Feb 2026"),
        ("in February.", "in Feb."),
        ("in February there", "in Feb. there"),
        ("2025 to 2026", "2025-26"),
        ("in 2025 to 2026", "in 2025-26"),
        ("from 3 to 5 May", "from 3 - 5 May"),
        ("Cohort 3 - 5 May", "Cohort 3 - 5th May"),
        ("It was 3 February \u2013 10 March is late", "It was 3rd February \u2013 10th March is late"),
        ("from 28 February to 2 March.", "from 28 Feb \u2013 2 Mar."),
        ("2018 to 2022", "2018\u20132022"),
        ("Monday to Friday", "Mon-Fri"),
        ("**10 February**", "**10th February**"),
        ("10\nFebruary", "10th\nFebruary"),
    ],
)  # fmt: skip
def test_dates_are_mended(expected: str, text: str) -> None:
    """A date gets its words in full, without ordinals and commas, and "to" in a range."""
    assert expected == mended(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("5:30pm", "5.30pm"),
        ("5:30pm on Friday", "5:30 p.m. on Friday"),
        ("at 9am. The room", "at 9 a.m. The room"),
        ("at 9am in the hall", "at 9 a.m. in the hall"),
        ("at 9am.", "at 9 a.m."),
        ("10am", "10:00am"),
        ("5:30pm", "1730hrs"),
        ("5:30pm", "17:30 hours"),
        ("at 2pm", "at 14:00"),
        ("midday", "12 noon"),
        ("midday", "12.00 noon"),
        ("before midday", "before noon"),
        ("midday", "12pm"),
        ("midnight", "12 midnight"),
        ("12:30pm", "12.30PM"),
        ("9:30am to 10:30am", "9.30am - 10.30am"),
        ("9am to 5pm", "9am\u20135pm"),
        ("9am until 5pm", "9am until 5.00pm"),
        ("10am to 11am", "10:00 to 11:00am"),
        ("9am to 11am", "9-11am"),
        ("from 9am to 11am", "from 9 to 11am"),
        ("11am to 1pm", "11-1pm"),
        ("9am to 5pm", "9-5pm"),
        ("midday to 2pm", "midday - 2pm"),
        ("9am to midday", "9am to 12pm"),
        ("1pm to 2:30pm", "13:00\u201314:30"),
        ("9am to 3:30pm", "0900-1530hrs"),
        ("Thursday 12 February 2026 at 10am to 11am", "Thursday 12 February 2026 at 10:00 to 11:00am"),
    ],
)
def test_times_are_mended(expected: str, text: str) -> None:
    """A time has a colon, no :00 and no blank, and is on the twelve-hour clock; 12 has a name."""
    assert expected == mended(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday 3 February 2026, 9am to 3:30pm",
        "3 to 8 February 2026",
        "28 February to 2 March 2026",
        "at 3:30",  # morning or afternoon
        "7:30 to 9:00",
        "9 to 11",
        "see 9 to 11am",
        "Session 1 - 10 February 2026",
        "Year 7-9am",
        "1200 hours of work",
        "09.30 hours of study",
        "20:20 vision",
        "24/7",
        "\u00a39.50 - 10.50",
        "version 2.10-2.12",
        "0113 496 0000",
        "13- to 17-year-olds",
        "3 may apply",
        "to the 1st May Fair",
        "Cohort 3 - 5 May",
        "We met on 3 February \u2013 10 March is too late",
        "our Annual report 2024-25",
        "the 2024-25 Annual Report",
        "[Annual report 2024-25](https://example.org/)",
        "## On 10th February",
        "10 march past",
        "Jan said",
        "Noon",
        "see 2026-30 schools",
        "2026-02-03",
        "the 10th",
        "`10th February`",
        "```\n10th February\n```",
        "[here](https://example.org/10th-February/9.30am)",
        "https://example.org/3-8%20February/2025-26",
        "\u2018Annual report 2024-25\u2019",
        '"Safe at 10.30pm"',
        "*Working together 2018-2020*",
        "10\n\nFebruary",
        "3rd\n\nMarch",
    ],
)
def test_what_is_right_or_unsure_stays(text: str) -> None:
    """What is in style, is no date, can be read in two ways, or is code, an address or a title stays as it is."""
    assert [] == list(odd(text))


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday 3rd Feb 2026, 9am to 3.30pm",
        "Thursday 12 March 2026, 9.30am - 10.30am",
        "Thursday 12 February 2026 at 10:00 to 11:00am",
        "Tues 3rd Feb 2026, 13:00\u201314:00",
        "28 Feb - 2 Mar 2026",
        "3-8 February 2026",
    ],
)
def test_what_is_mended_means_the_same(text: str) -> None:
    """The reader of dates takes the words before and after the mending for the same days and times."""
    assert format_span(read_span(text)) == format_span(read_span(mended(text)))


@given(st.text(st.sampled_from(_SIGNS), max_size=60) | st.text(max_size=60))
def test_mending_is_done_at_once(text: str) -> None:
    """Any text can be searched; stretches lie in order and apart, and each says something new."""
    before = 0
    for start, end, instead in odd(text):
        assert (True, True) == (before <= start < end <= len(text), instead != text[start:end])
        before = end


@given(
    st.integers(1, 31), st.sampled_from(["Jan", "Feb", "March", "Sept", "Dec"]), st.integers(0, 23), st.integers(0, 59)
)
def test_any_day_and_time_keeps_its_meaning(day: int, month: str, hour: int, minute: int) -> None:
    """A day with a time means the same before and after."""
    text = f"{day} {month} 2026 at {hour:02}.{minute:02}hrs"
    try:
        meant = read_span(text)
    except DateError:
        return
    assert format_span(meant) == format_span(read_span(mended(text)))
