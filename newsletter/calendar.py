"""The dates of an issue as calendar entries, and entries as an iCalendar file (RFC 5545).

A calendar program knows an entry by its UID, so an entry keeps that when its date moves; a higher SEQUENCE tells the
newer of two versions. Both come from what the issues said and from nothing else: the UID is made of the title and the
day that an issue *first* gave, and the SEQUENCE counts how often day, time, place or its being cancelled were said
anew. Of earlier issues, those of the twelve months before have a say.

    Issue, what earlier ones said ─entries→ Entry, Entry ─calendar_bytes→ an .ics file
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING
from unicodedata import normalize

from newsletter.clockrules import clock_rules
from newsletter.dates import Span, format_days, format_span
from newsletter.datewords import WEEKDAYS, format_date
from newsletter.lineage import trace
from newsletter.past import Name, earlier, is_monthly, moment_of, normal, said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    import icalendar

    from newsletter.clockrules import ClockRule
    from newsletter.config import Config
    from newsletter.lineage import Occurrence
    from newsletter.model import Event, Issue
    from newsletter.past import Past

FOLDER = "calendar"  # of the web archive
ALL = f"{FOLDER}/all.ics"  # everything still to come, to subscribe to
_SLUG = 60  # characters


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated event of an issue, as a calendar has it.

    *span* is in local times of the workspace's zone; *stamp* is when this version was made, 9am on the first of the
    month of *issue*, in UTC. *file* is where the entry stands alone, from the web archive's root on, and *label* the
    visible text of the link to it.
    """

    issue: str
    uid: str
    file: str
    sequence: int
    stamp: datetime
    title: str
    span: Span
    is_session: bool  # people go there at that time; else it is a day to know of
    is_cancelled: bool
    location: str
    note: str
    url: str
    description: str
    label: str

    @property
    def name(self) -> Name:
        """What it is called, as dates are told apart by."""
        return Name(self.is_session, normal(self.title))

    @property
    def sort_key(self) -> tuple[date, time, date, str]:
        """What to sort by: its start, and what is the same on every computer."""
        return (*self.span.sort_key, self.span.last, self.uid)


def issue_file(issue: str) -> str:
    """Return where the calendar of all dates of *issue* stands, from the web archive's root on."""
    return f"{FOLDER}/{issue}.ics"


def days_file(issue: str) -> str:
    """Return where the days to know of in *issue* stand, without its sessions, from the web archive's root on."""
    return f"{FOLDER}/{issue}.days.ics"  # no id of an issue has a dot in it


def entries(issue: Issue, others: Iterable[Past], config: Config) -> tuple[Entry, ...]:
    """Return the entries of *issue*, the earliest first; *others* are what other issues said, the oldest first.

    What is said twice is there once. Of a date whose weekday is wrong nobody knows which day is meant: it is left out.
    """
    told = trace([*earlier(others, issue.id), said(issue)])
    events: dict[tuple[Name, Span], Event] = {}
    for event in issue.events():
        events.setdefault((Name(event.is_session, normal(event.title)), event.span), event)
    found = [_entry(issue, events[key], occurrence, config) for key, occurrence in told.items()]
    labels = [entry.label for entry in found]
    return tuple(
        replace(entry, label=_label(format_span(entry.span), entry.title)) if labels.count(entry.label) > 1 else entry
        for entry in sorted(found, key=lambda entry: entry.sort_key)
    )


def newest(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries *found* in any number of issues, each once and as the newest issue has it, by their start."""
    latest = {entry.uid: entry for entry in sorted(found, key=lambda entry: entry.issue)}
    return tuple(sorted(latest.values(), key=lambda entry: entry.sort_key))


def to_come(found: Iterable[Entry], since: date) -> tuple[Entry, ...]:
    """Return of the entries *found* in any number of issues those not over on *since*, as the newest issue has them.

    Cancelled ones are there too. Where a later monthly issue has other dates under the name of an entry, and not this
    one, the later issue holds.
    """
    found = tuple(found)
    monthly = sorted((entry for entry in found if is_monthly(entry.issue)), key=lambda entry: entry.issue)
    speaks = {entry.name: entry.issue for entry in monthly}
    return tuple(
        entry
        for entry in newest(found)
        if not entry.span.is_over(since) and (not is_monthly(entry.issue) or entry.issue == speaks[entry.name])
    )


def bounds(span: Span, zone: ZoneInfo) -> tuple[date, date | None]:
    """Return when *span* starts and ends: without times as days, of which the end is the day after the last one.

    With times both are aware datetimes in *zone*; the end is None where nobody gave one.
    """
    if span.start is None:
        return span.first, span.last + timedelta(days=1)  # RFC 5545, 3.6.1: DTEND is exclusive
    start = datetime.combine(span.first, span.start, zone)
    if span.end is None:
        return start, None
    is_midnight = span.end == time.min  # the one that ends the day
    return start, datetime.combine(span.first + timedelta(days=is_midnight), span.end, zone)


def calendar_bytes(found: Iterable[Entry], *, zone: ZoneInfo, title: str = "") -> bytes:
    """Return an iCalendar file of the entries *found*, whose times are in *zone*. Same input, same bytes.

    *title* is the name of a calendar; an entry that stands alone gets none (Outlook: [MS-OXCICAL] 2.1.3.1.1.17).
    """
    from icalendar import Calendar  # noqa: PLC0415  a sixth of a second that little needs

    found = tuple(found)
    calendar = Calendar()
    calendar.add("PRODID", "-//newsletter//calendar//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")  # to keep, not to answer
    if title:
        calendar.add("X-WR-CALNAME", title)
    years = [entry.span.first.year for entry in found if entry.span.start is not None]
    rules = clock_rules(zone, min(years) - 1) if years else None
    if rules is not None:
        calendar.add_component(_timezone(zone, min(years) - 1, rules))
    for entry in found:
        # Outlook takes no zone whose clocks change by no yearly rule: there, times are told in UTC.
        calendar.add_component(_component(entry, zone, in_utc=rules is None))
    data: bytes = calendar.to_ical()
    return data


def _entry(issue: Issue, event: Event, occurrence: Occurrence, config: Config) -> Entry:
    title = normal(event.title)
    origin = f"{event.is_session} {occurrence.first} {occurrence.nth} {title}"
    digest = sha256(origin.encode()).hexdigest()
    days = format_days(event.span) if event.span.is_range else format_date(event.span.first)
    is_one_year = event.span.first.year == event.span.last.year
    return Entry(
        issue.id,
        f"{digest[:32]}@{config.from_mailbox.address.rpartition('@')[2]}",
        f"{FOLDER}/{_slug(title)}.{digest[:8]}.ics",
        occurrence.changes,
        moment_of(issue.id, config.zone).astimezone(UTC),
        event.title,
        event.span,
        event.is_session,
        event.cancelled,
        event.location,
        event.note,
        event.url,
        "\n".join([*([event.url] if event.url else []), f"{issue.subject}, {config.organisation}"]),
        _label(days.removesuffix(f" {event.span.last.year}") if is_one_year else days, event.title),
    )


def _label(when: str, title: str) -> str:
    return f"Add {when} to your calendar: {title}"


def _slug(title: str) -> str:
    """Return *title* as a part of a web address: small letters without accents, digits and hyphens."""
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG].strip("-") or "date"


def _component(entry: Entry, zone: ZoneInfo, *, in_utc: bool) -> icalendar.Event:
    from icalendar import Event  # noqa: PLC0415

    component = Event()
    component.add("UID", entry.uid)
    component.add("DTSTAMP", entry.stamp)
    component.add("SEQUENCE", entry.sequence)
    for key, moment in zip(("DTSTART", "DTEND"), bounds(entry.span, zone), strict=True):
        if moment is not None:
            component.add(key, moment.astimezone(UTC) if in_utc and isinstance(moment, datetime) else moment)
    # Programs that keep what they once took in, as Outlook does, show a status to nobody.
    component.add("SUMMARY", _text()(f"Cancelled: {entry.title}" if entry.is_cancelled else entry.title))
    for key, words in (("LOCATION", entry.location), ("DESCRIPTION", entry.description)):
        if words:
            component.add(key, _text()(words))
    if entry.url:
        component.add("URL", entry.url)
    component.add("STATUS", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    component.add("TRANSP", "OPAQUE" if entry.is_session and not entry.is_cancelled else "TRANSPARENT")
    return component


@cache
def _text() -> type[icalendar.vText]:
    r"""Return the kind of text that RFC 5545, 3.3.11 describes: icalendar takes K:\North for two lines."""
    from icalendar import vText  # noqa: PLC0415

    class Text(vText):
        def to_ical(self) -> bytes:
            """Return the text with its backslashes, semicolons, commas and line breaks escaped."""
            escaped = self.replace("\\", r"\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
            return escaped.encode()

    return Text


def _timezone(zone: ZoneInfo, year: int, rules: tuple[ClockRule, ...]) -> icalendar.Timezone:
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard  # noqa: PLC0415

    component = Timezone()
    component.add("TZID", zone.key)
    for rule in rules:
        part = TimezoneDaylight() if rule.is_summer else TimezoneStandard()
        weekday = WEEKDAYS[rule.onset.weekday()][:2].upper()
        part.add("DTSTART", rule.onset)
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": rule.onset.month, "BYDAY": f"{rule.nth}{weekday}"})
        _add_offsets(part, rule.before, rule.after, rule.name)
        component.add_component(part)
    if not rules:
        start = datetime(year, 1, 1, tzinfo=zone)
        offset = start.utcoffset() or timedelta()
        part = TimezoneStandard()
        part.add("DTSTART", start.replace(tzinfo=None))
        _add_offsets(part, offset, offset, start.tzname() or zone.key)
        component.add_component(part)
    return component


def _add_offsets(part: icalendar.Component, before: timedelta, after: timedelta, name: str) -> None:
    part.add("TZOFFSETFROM", before)
    part.add("TZOFFSETTO", after)
    part.add("TZNAME", name)
