"""Dates: every form people write is read, and printed in one style; any other text is a DateError."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.dates import DateError, Span, format_day, format_span, format_time, read_span, split_event


def day(number: int, month: int = 2, start: str = "", end: str = "", year: int = 2026) -> Span:
    """Return the span of one day; times as in 09:00."""
    one = date(year, month, number)
    return Span(one, one, time.fromisoformat(start) if start else None, time.fromisoformat(end) if end else None)


def days(first: tuple[int, int], last: tuple[int, int], years: tuple[int, int] = (2026, 2026)) -> Span:
    """Return the span from the first (day, month) to the last."""
    return Span(date(years[0], first[1], first[0]), date(years[1], last[1], last[0]))


READ = {
    # As the newsletters of the partnership have them.
    "Tuesday 3 February 2026, 9am to 3.30pm": day(3, 2, "09:00", "15:30"),
    "Thursday 12 March 2026, 9.30am - 10.30am": day(12, 3, "09:30", "10:30"),
    "Thursday 12 February 2026 at 10:00 to 11:00am": day(12, 2, "10:00", "11:00"),
    "24 February 2026, 10.00am to 11.30am": day(24, 2, "10:00", "11:30"),
    "12 March 2026, 9:30am to 10:30am": day(12, 3, "09:30", "10:30"),
    "Tues 3rd Feb 2026, 13:00–14:00": day(3, 2, "13:00", "14:00"),
    "2026-02-03 09:00-15:30": day(3, 2, "09:00", "15:30"),
    "3 to 8 February 2026": days((3, 2), (8, 2)),
    "28 February to 2 March 2026": days((28, 2), (2, 3)),
    "29 December 2025 to 3 January 2026": days((29, 12), (3, 1), (2025, 2026)),
    "10 February 2026": day(10),
    # Words and marks that may be left out, and those that may stand for each other.
    "3 February 2026, at 9am": day(3, 2, "09:00"),
    "Tuesday, 3 February, 2026, from 9am till 10am": day(3, 2, "09:00", "10:00"),
    "From 3 until 8 February 2026": days((3, 2), (8, 2)),
    "3-8 February 2026": days((3, 2), (8, 2)),
    "3—8 February 2026": days((3, 2), (8, 2)),
    "3\u20118 February 2026": days((3, 2), (8, 2)),
    "28 Feb – 2 Mar 2026": days((28, 2), (2, 3)),
    "Monday 9 to Sunday 15 February 2026": days((9, 2), (15, 2)),
    "Mon 9 Feb 2026-Sun 15 Feb 2026": days((9, 2), (15, 2)),
    "2026-02-03 to 2026-02-08": days((3, 2), (8, 2)),
    "2026-02-03-2026-02-08": days((3, 2), (8, 2)),
    "3 February 2026 to 3 February 2026": day(3),
    "TUES. 3RD SEPT. 2026 AT NOON": day(3, 9, "12:00"),
    "weds 1st apri 2026": day(1, 4),
    "thurs 22nd janu 2026": day(22, 1),
    "thur 23rd july 2026": day(23, 7),
    " Tuesday\u00a03\u2009 February\n2026 ,\t9\u00a0am ": day(3, 2, "09:00"),
    "3feb2026 9am": day(3, 2, "09:00"),
    # Times.
    "3 February 2026, 9 a.m. to 3.30 p.m.": day(3, 2, "09:00", "15:30"),
    "3 February 2026, 9:30A.M": day(3, 2, "09:30"),
    "3 February 2026, midday": day(3, 2, "12:00"),
    "3 February 2026, 12 noon to 12 midnight": day(3, 2, "12:00", "00:00"),
    "3 February 2026, 12 midday to 1.15pm": day(3, 2, "12:00", "13:15"),
    "3 February 2026, midnight to 12.30am": day(3, 2, "00:00", "00:30"),
    "3 February 2026, 12am to 12pm": day(3, 2, "00:00", "12:00"),
    "3 February 2026, 22:00 to 00:00": day(3, 2, "22:00", "00:00"),
    "3 February 2026, 9": day(3, 2, "09:00"),
    "3 February 2026, 10 to 11": day(3, 2, "10:00", "11:00"),
    "3 February 2026, 7:00 to 19:00": day(3, 2, "07:00", "19:00"),
    "3 February 2026, 0:30": day(3, 2, "00:30"),
    # A side without am or pm.
    "3 February 2026, 11-1pm": day(3, 2, "11:00", "13:00"),
    "3 February 2026, 1-2pm": day(3, 2, "13:00", "14:00"),
    "3 February 2026, 12 to 1pm": day(3, 2, "12:00", "13:00"),
    "3 February 2026, 9 to 12pm": day(3, 2, "09:00", "12:00"),
    "3 February 2026, 11 to midday": day(3, 2, "11:00", "12:00"),
    "3 February 2026, 7 to midnight": day(3, 2, "19:00", "00:00"),
    "3 February 2026, midday to 2": day(3, 2, "12:00", "14:00"),
    "3 February 2026, 9am to 11": day(3, 2, "09:00", "11:00"),
    "3 February 2026, 9am to 3.30": day(3, 2, "09:00", "15:30"),
    "3 February 2026, 1pm to 2": day(3, 2, "13:00", "14:00"),
    "3 February 2026, 10am to 12": day(3, 2, "10:00", "12:00"),
    "3 February 2026, 10pm to 12": day(3, 2, "22:00", "00:00"),
    "3 February 2026, 13:00 to 2pm": day(3, 2, "13:00", "14:00"),
    "3 February 2026, 9am to 15:30": day(3, 2, "09:00", "15:30"),
    "3 February 2026, 10am-12am": day(3, 2, "10:00", "00:00"),
    "3 February 2026, 13:00-12am": day(3, 2, "13:00", "00:00"),
    "3 February 2026, 6 to 9am": day(3, 2, "06:00", "09:00"),
    # A leading zero is the 24-hour clock's, where the end lets it be; "hrs" is too.
    "3 February 2026, 09:00 to 10:00am": day(3, 2, "09:00", "10:00"),
    "3 February 2026, 09:00 to 3pm": day(3, 2, "09:00", "15:00"),
    "3 February 2026, 14.00-16.00hrs": day(3, 2, "14:00", "16:00"),
    "3 February 2026, 14:00 hours to 16:00h": day(3, 2, "14:00", "16:00"),
    # The first and the last year.
    "1 January 2000 to 31 December 2099": days((1, 1), (31, 12), (2000, 2099)),
}


@pytest.mark.parametrize(("text", "span"), READ.items(), ids=list(READ))
def test_reads_dates_as_people_write_them(text: str, span: Span) -> None:
    """Each form a person writes is read as what it means."""
    assert span == read_span(text)


def test_keeps_the_weekdays_as_written() -> None:
    """Weekdays are kept as their author wrote them, right or wrong, and make no difference to the value."""
    span = read_span("Monday 10 to Sun 15 February 2026")

    assert ((date(2026, 2, 10), 0), (date(2026, 2, 15), 6)) == span.stated
    assert days((10, 2), (15, 2)) == span


PRINTED = {
    "Tuesday 3 February 2026": day(3),
    "Tuesday 3 February 2026, 9am": day(3, 2, "09:00"),
    "Tuesday 3 February 2026, 9am to 3:30pm": day(3, 2, "09:00", "15:30"),
    "Tuesday 3 February 2026, midday to midnight": day(3, 2, "12:00", "00:00"),
    "Tuesday 3 February 2026, midnight to 12:05am": day(3, 2, "00:00", "00:05"),
    "9 to 15 February 2026": days((9, 2), (15, 2)),
    "28 February to 2 March 2026": days((28, 2), (2, 3)),
    "29 December 2025 to 3 January 2026": days((29, 12), (3, 1), (2025, 2026)),
    "3 February 2025 to 3 February 2026": days((3, 2), (3, 2), (2025, 2026)),
}


@pytest.mark.parametrize(("text", "span"), PRINTED.items(), ids=list(PRINTED))
def test_prints_one_house_style(text: str, span: Span) -> None:
    """A day carries its weekday, a range says once what its ends share, and midday and midnight have their names."""
    assert text == format_span(span)


def test_prints_a_day_and_a_time_alone() -> None:
    """The parts of a span can be printed by themselves."""
    expected = ("Tuesday 3 February 2026", "12:30pm")

    assert expected == (format_day(date(2026, 2, 3)), format_time(time(12, 30)))


def test_a_span_knows_its_length_its_order_and_its_end() -> None:
    """A span tells whether it is several days, what it sorts by, and whether its last day has passed."""
    week, morning = days((3, 2), (8, 2)), day(3, 2, "09:00")

    assert week.is_range
    assert not morning.is_range
    assert [week, morning] == sorted([morning, week], key=lambda span: span.sort_key)
    assert not week.is_over(date(2026, 2, 8))
    assert week.is_over(date(2026, 2, 9))


EVENTS = {
    "3 to 8 February 2026 - Sexual Abuse & Sexual Violence Week": (
        days((3, 2), (8, 2)),
        "Sexual Abuse & Sexual Violence Week",
    ),
    "10 February 2026 – Safer Internet Day": (day(10), "Safer Internet Day"),
    "10 February 2026\u00a0— Safer Internet Day": (day(10), "Safer Internet Day"),
    "10 February 2026: Safer Internet Day": (day(10), "Safer Internet Day"),
    "2026-02-10: Safer Internet Day": (day(10), "Safer Internet Day"),
    "10 February 2026 - 10 years of it: a look back - and on": (day(10), "10 years of it: a look back - and on"),
    "10 February 2026, 9am - 10am: Coffee": (day(10, 2, "09:00", "10:00"), "Coffee"),
    "10 February 2026, 9am - 10 years on": (day(10, 2, "09:00"), "10 years on"),
    "10 February 2026, 9am - 2026 in view": (day(10, 2, "09:00"), "2026 in view"),
    "10 February 2026 - 10 - 12 year olds": (day(10), "10 - 12 year olds"),
    "10 February 2026 at 10 - Coffee": (day(10, 2, "10:00"), "Coffee"),
    "10 February 2026, from 10 to 11 - Coffee": (day(10, 2, "10:00", "11:00"), "Coffee"),
    "10 February 2026, 10-11am: Coffee": (day(10, 2, "10:00", "11:00"), "Coffee"),
    "10 February 2026, 10.00 - Coffee": (day(10, 2, "10:00"), "Coffee"),
    "3 - 8 February 2026 - March 2026 in view": (days((3, 2), (8, 2)), "March 2026 in view"),
    f"10 February 2026 - {'x' * 1000}": (day(10), "x" * 1000),
}


@pytest.mark.parametrize(("text", "expected"), EVENTS.items(), ids=[text[:60] for text in EVENTS])
def test_parts_the_date_from_the_event(text: str, expected: tuple[Span, str]) -> None:
    """A diary line is the longest date at its start, a dash or a colon, and the event."""
    assert expected == split_event(text)


EATEN = {
    "10 February 2026, 10 - 12 year olds": ("10", "10 February 2026 - 10 - 12 year olds"),
    "10 February 2026 9 - 11 year olds: swimming": ("9", "10 February 2026 - 9 - 11 year olds: swimming"),
    "10 February 2026, 3 - 5 year olds": ("3", "10 February 2026 - 3 - 5 year olds"),
    "10 February 2026, 11 - plus exam": ("11", "10 February 2026 - 11 - plus exam"),
    "10 February 2026, 12-step programme": ("12", "10 February 2026 - 12-step programme"),
    "10 February 2026, 10 to 11 - Coffee": ("10 to 11", "10 February 2026 - 10 to 11 - Coffee"),
}


@pytest.mark.parametrize(("text", "expected"), EATEN.items(), ids=list(EATEN))
def test_a_bare_number_in_a_diary_is_no_time(text: str, expected: tuple[str, str]) -> None:
    """A number after the date, without am, pm, minutes or "at", may be the event's own, so it is never eaten."""
    number, line = expected
    with pytest.raises(DateError) as caught:
        split_event(text)

    assert (
        f'"{number}" can be read two ways: as a time, or as part of the event',
        f'Write "{line}", or a time as in "10am".',
    ) == (caught.value.message, caught.value.hint)


# Properties

CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0, fold=0))
DAYS = st.dates(date(2000, 1, 1), date(2097, 10, 1))  # years end with 2099, and a range may last 800 days


@st.composite
def any_span(draw: st.DrawFn) -> Span:
    """Draw a day, a day with a start, a day with both times, or a range."""
    first = draw(DAYS)
    kind = draw(st.sampled_from(["day", "range", "start", "times"]))
    if kind == "range":
        return Span(first, first + timedelta(days=draw(st.integers(1, 800))))
    if kind == "day":
        return Span(first, first)
    start, end = draw(CLOCK), draw(CLOCK)
    runs = kind == "times" and (start < end or end == time())
    return Span(first, first, start, end if runs else None)


def write_day(draw: st.DrawFn, one: date) -> str:
    """Write a day in one of the ways people do."""
    weekday = draw(st.sampled_from(["", f"{one:%A} ", f"{one:%a}, ", f"{one:%A}. ", f"{one:%a} ".upper()]))
    ending = "th" if 4 <= one.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(one.day % 10, "th")
    number = draw(st.sampled_from([f"{one.day}", f"{one.day:02}", f"{one.day}{ending}"]))
    month = draw(st.sampled_from([f"{one:%B}", f"{one:%b}", f"{one:%b}.", f"{one:%B}".lower(), f"{one:%B}"[:4]]))
    return draw(st.sampled_from([f"{weekday}{number} {month} {one.year}", one.isoformat()]))


def write_time(draw: st.DrawFn, t: time) -> str:
    """Write a time in one of the ways people do, always with am or pm, or past doubt on the 24-hour clock."""
    hour, half = (t.hour - 1) % 12 + 1, "am" if t.hour < 12 else "pm"
    ways = [
        f"{hour}.{t.minute:02}{half}",
        f"{hour}:{t.minute:02} {half[0]}.m.",
        f"{hour:02}:{t.minute:02}{half.upper()}",
    ]
    if t.minute == 0:
        ways += [f"{hour}{half}", f"{hour} {half}", *({0: ["midnight"], 12: ["noon", "12 noon"]}.get(t.hour, []))]
    if t.hour > 12 or t.hour == 0:
        ways += [f"{t.hour:02}:{t.minute:02}", f"{t.hour:02}.{t.minute:02}"]
    return draw(st.sampled_from(ways))


@st.composite
def any_style(draw: st.DrawFn) -> tuple[str, Span]:
    """Draw a span and one way of writing it."""
    span = draw(any_span())
    to = draw(st.sampled_from([" to ", " till ", " until ", "-", " - ", "–", " — "]))
    text = write_day(draw, span.first)
    if span.is_range:
        text += to + write_day(draw, span.last)
    if span.start is not None:
        text += draw(st.sampled_from([" ", ", ", " at ", ", from ", "\u00a0"])) + write_time(draw, span.start)
    if span.end is not None:
        text += to + write_time(draw, span.end)
    return text, span


@given(any_span())
@example(day(3, 2, "00:00", "00:00"))
def test_reads_what_it_prints(span: Span) -> None:
    """Every span is read back from its own print as the same span, and prints the same again."""
    text = format_span(span)

    assert span == read_span(text)
    assert text == format_span(read_span(text))
    assert (span, "an event") == split_event(f"{text} - an event")


@given(any_style())
def test_style_makes_no_difference(written: tuple[str, Span]) -> None:
    """A span is the same however its author writes it."""
    text, span = written

    assert span == read_span(text)


WORDS = """
    0 3 03 31 10 12 26 '26 2026 9999 1st 32nd 2026-02-03 03/02/2026 Tuesday Tue, Wensday Feb February Feb. Februry
    9am 9.30pm 13:00 0:30 99:99 a.m. pm noon midnight to - – and & , ; at from ( ) : . Online
"""
FRAGMENTS = st.lists(st.sampled_from([*WORDS.split(), "\u00a0", " - ", "\n"]), max_size=12).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)


@given(text=st.text() | FRAGMENTS, near=st.none() | st.dates())
@example(text="February 0", near=None)
@example(text="February '26", near=None)
@example(text="29 February", near=date.max)
@example(text="29 February", near=date.min)
@example(text="9" * 5000, near=None)
def test_any_text_is_a_span_or_a_date_error(text: str, near: date | None) -> None:
    """Whatever is written, the answer is a span that can be printed, or an error whose message is one clean line."""
    for read in (read_span, split_event):
        lines = [""]
        try:
            read(text, near=near)
        except DateError as error:
            lines = [error.message, *error.hint.split("\n")]
        assert all(line.isprintable() for line in lines)


@given(FRAGMENTS)
def test_what_is_read_is_stable(text: str) -> None:
    """Whatever can be read prints as something that reads the same."""
    try:
        span = read_span(text)
    except DateError:
        return
    assert span == read_span(format_span(span))
