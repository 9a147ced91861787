"""Calendar files as other programs read them: lines, time zones, times, and what Outlook asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.calendar import Entry, calendar_bytes
from newsletter.clockrules import clock_rules
from newsletter.dates import Span, read_span

LONDON = ZoneInfo("Europe/London")
SESSION = Entry(
    issue="2026-01",
    uid="0db1e07a427fe17b634c51f3521185a0@example.org",
    file="calendar/neglect.0db1e07a.ics",
    sequence=2,
    stamp=datetime(2026, 1, 1, 9, tzinfo=UTC),
    title="Neglect; what it is, and how to see it",
    span=read_span("7 July 2026, 9am to 3:30pm"),
    is_session=True,
    is_cancelled=False,
    location="Room 1, Town Hall",
    note="Fully booked",
    url="https://example.org/book?a=1,2",
    description="https://example.org/book?a=1,2\nJanuary 2026 newsletter, Example Partnership",
    label="Add 7 July to your calendar: Neglect",
)
DAYS = replace(
    SESSION,
    uid="427d4b8e83330a7d8d20273742e7e5d5@example.org",
    sequence=0,
    title="Children’s Mental Health Week",
    span=read_span("9 to 15 February 2026"),
    is_session=False,
    location="",
    url="",
    description="January 2026 newsletter, Example Partnership",
)
VTIMEZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:20250330T010000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251026T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
"""
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//newsletter//calendar//EN\nMETHOD:PUBLISH\n"
SESSION_LINES = """\
BEGIN:VEVENT
SUMMARY:Neglect\\; what it is\\, and how to see it
DTSTART;TZID=Europe/London:20260707T090000
DTEND;TZID=Europe/London:20260707T153000
DTSTAMP:20260101T090000Z
UID:0db1e07a427fe17b634c51f3521185a0@example.org
SEQUENCE:2
DESCRIPTION:https://example.org/book?a=1\\,2\\nJanuary 2026 newsletter\\, Exa
 mple Partnership
LOCATION:Room 1\\, Town Hall
STATUS:CONFIRMED
TRANSP:OPAQUE
URL:https://example.org/book?a=1,2
END:VEVENT
"""
DAYS_LINES = """\
BEGIN:VEVENT
SUMMARY:Children’s Mental Health Week
DTSTART;VALUE=DATE:20260209
DTEND;VALUE=DATE:20260216
DTSTAMP:20260101T090000Z
UID:427d4b8e83330a7d8d20273742e7e5d5@example.org
SEQUENCE:0
DESCRIPTION:January 2026 newsletter\\, Example Partnership
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
"""


def text_of(*entries: Entry, zone: ZoneInfo = LONDON, title: str = "") -> str:
    """Return the file of *entries* with plain line ends, after a look that each was CRLF."""
    data = calendar_bytes(entries, zone=zone, title=title)
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    return data.decode().replace("\r\n", "\n")


def read(data: bytes) -> tuple[Any, list[Any]]:
    """Return the calendar in *data* as icalendar reads it, and its events, which are without faults."""
    calendar: Any = icalendar.Calendar.from_ical(data)
    events = calendar.walk("VEVENT")
    assert [] == [fault for one in calendar.walk() for fault in one.errors]
    return calendar, events


def test_a_calendar_whole() -> None:
    """A session at its local time, with the zone's rules, and days with the day after the last as their end."""
    expected = f"{HEAD}X-WR-CALNAME:January 2026\n{VTIMEZONE}{DAYS_LINES}{SESSION_LINES}END:VCALENDAR\n"
    assert expected == text_of(DAYS, SESSION, title="January 2026")


def test_one_session_alone() -> None:
    """A file of one has no name: to Outlook a name says that it is a calendar, and not one appointment to save."""
    assert f"{HEAD}{VTIMEZONE}{SESSION_LINES}END:VCALENDAR\n" == text_of(SESSION)


def test_days_need_no_zone() -> None:
    """Where nothing has a time, no time zone is told."""
    assert f"{HEAD}{DAYS_LINES}END:VCALENDAR\n" == text_of(DAYS)


def test_a_cancelled_session() -> None:
    """It says so in its status, in its title for programs that show none, and leaves the time free."""
    lines = SESSION_LINES.replace("CONFIRMED", "CANCELLED").replace("OPAQUE", "TRANSPARENT")
    lines = lines.replace("SUMMARY:", "SUMMARY:Cancelled: ")
    assert f"{HEAD}{VTIMEZONE}{lines}END:VCALENDAR\n" == text_of(replace(SESSION, is_cancelled=True))


def test_a_start_without_an_end() -> None:
    """No end is made up where nobody gave one."""
    _, (event,) = read(calendar_bytes([replace(SESSION, span=read_span("7 July 2026, 9am"))], zone=LONDON))
    assert (datetime(2026, 7, 7, 9, tzinfo=LONDON), None) == (event.decoded("DTSTART"), event.get("DTEND"))


def test_a_backslash_begins_no_new_line() -> None:
    """A backslash is one, also before an N, which icalendar takes for a line break."""
    assert "\nLOCATION:K:\\\\North\\; \\\\n\n" in text_of(replace(SESSION, location=r"K:\North; \n"))


def test_where_clocks_follow_no_yearly_rule() -> None:
    """Outlook knows yearly rules alone, so in Cairo or Casablanca, whose clocks follow Ramadan, times are in UTC."""
    text = text_of(SESSION, zone=ZoneInfo("Africa/Casablanca"))
    assert "\nDTSTART:20260707T080000Z\nDTEND:20260707T143000Z\n" in text
    assert "VTIMEZONE" not in text


# --- what other programs make of it ---


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300).map(str.strip)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Return any span that an author can write."""
    first = draw(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
    kind = draw(st.sampled_from(["days", "start", "times"]))
    if kind == "days":
        return Span(first, first + timedelta(days=draw(st.integers(0, 400))))
    start = draw(st.times(time(0), time(22)))
    start = start.replace(second=0, microsecond=0)
    end = draw(st.sampled_from([time(0), time(22, 30), time(23, 59)])) if kind == "times" else None
    return Span(first, first, start, end)


anything = st.builds(
    replace,
    st.just(SESSION),
    title=words,
    location=words,
    description=st.lists(words, max_size=3).map("\n".join),
    span=spans(),
    is_session=st.booleans(),
    is_cancelled=st.booleans(),
)


@given(st.lists(anything, min_size=1, max_size=3), words)
def test_whatever_is_written_comes_back(entries: list[Entry], title: str) -> None:
    """Any words and dates are read back as they were, from lines of at most 75 octets, each whole in UTF-8."""
    data = calendar_bytes(entries, zone=LONDON, title=title)
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines]
    calendar, events = read(data)
    assert title == str(calendar.get("X-WR-CALNAME", ""))
    told = [
        (str(event.get("SUMMARY")), str(event.get("LOCATION", "")), str(event.get("DESCRIPTION", "")))
        for event in events
    ]
    said = [("Cancelled: " * one.is_cancelled + one.title, one.location, one.description) for one in entries]
    assert said == told
    assert [one.span for one in entries] == [span_of(event) for event in events]


def span_of(event: Any) -> Span:
    """Return when *event* is, as an author would say it."""
    start = event.decoded("DTSTART")
    end: Any = event.decoded("DTEND") if "DTEND" in event else None
    if not isinstance(start, datetime):
        return Span(start, end - timedelta(days=1))
    assert start.tzinfo == LONDON
    return Span(start.date(), start.date(), start.time(), end.time() if end else None)


# One of each kind: by the last Sunday, by the nth, in the south, by half an hour, none at all, with a negative winter.
@pytest.mark.parametrize(
    "name",
    ["Europe/London", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kolkata", "Europe/Dublin"],
)
def test_the_zone_s_rules_are_the_zone_s(name: str) -> None:
    """By the rules in the file, noon of each day of ten years is when the zone's own data says (read by dateutil)."""
    tz: Any = import_module("dateutil.tz")
    zone = ZoneInfo(name)
    read_zone = tz.tzical(StringIO(text_of(SESSION, zone=zone))).get(name)
    noons = [datetime(2026, 1, 1, 12) + timedelta(days=day) for day in range(3650)]  # noqa: DTZ001
    assert [] == [
        noon for noon in noons if noon.replace(tzinfo=read_zone).utcoffset() != noon.replace(tzinfo=zone).utcoffset()
    ]


@pytest.mark.parametrize("name", ["Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])
def test_outlook_can_take_the_zone(name: str) -> None:
    """Each zone has at most one rule for the start and one for the end of summer time, yearly, on one weekday.

    That is what Outlook imports; lists of single changes it ignores ([MS-STANOICAL] 2.2.47).
    """
    (zone,) = read(calendar_bytes([SESSION], zone=ZoneInfo(name)))[0].walk("VTIMEZONE")
    kinds = [part.name for part in zone.subcomponents]
    assert len(kinds) == len(set(kinds))
    assert [] == [part for part in zone.subcomponents if "RDATE" in part]
    rules = [part["RRULE"].to_ical().decode() for part in zone.subcomponents if "RRULE" in part]
    assert [] == [rule for rule in rules if not re.fullmatch(r"FREQ=YEARLY;BYDAY=-?\d[A-Z]{2};BYMONTH=\d+", rule)]


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("Europe/London", 2025, [(3, -1), (10, -1)]),
        ("America/New_York", 2025, [(3, 2), (11, 1)]),
        ("America/Asuncion", 2014, [(3, 4), (10, 1)]),  # the fourth Sunday: in some years the last
        ("Asia/Tokyo", 2025, []),
        ("America/Santiago", 2025, None),  # the Sunday after the 2nd: in some years the first
        ("Europe/Paris", 1990, None),  # from 1996 on a month later
        ("Africa/Casablanca", 2025, None),  # by the moon
    ],
)
def test_rules_of_zones(name: str, year: int, expected: list[tuple[int, int]] | None) -> None:
    """A rule is the month and which of its Sundays; where ten years keep to none, none is told."""
    rules = clock_rules(ZoneInfo(name), year)
    assert expected == (None if rules is None else [(rule.onset.month, rule.nth) for rule in rules])
