"""Dates as people write them, and the one way we print them.

``read_span`` and ``split_event`` turn an author's text into a ``Span``, or raise a ``DateError`` whose hint is,
wherever it can be worked out, the very line to write. ``format_span`` prints GOV.UK's style of dates and times
("Tuesday 3 February 2026, 9am to 3:30pm"), and what it prints can be read in again.

    text ─ datewords → tokens ─ dategrammar → line ─ datereading → dates and times ─ dates → Span
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.dategrammar import is_times, parse_line
from newsletter.datereading import DateError, read_days, read_times, tidy
from newsletter.datewords import WEEKDAYS, format_date, format_day, format_time, strange_words, with_colons
from newsletter.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.dategrammar import Day, Group, Line

__all__ = [
    "DateError", "Span", "format_day", "format_days", "format_span", "format_time", "read_span", "restored_span",
    "split_event",
]  # fmt: skip

_LONGEST = 200  # characters; the longest date anybody needs has about sixty
_AS_IN = 'Write it as in "Tuesday 3 February 2026, 9am to 3:30pm".'
_SEPARATOR = re.compile(r"(?:\s+[-\u2013\u2014]|\s*:)\s+(?=\S)")
_UNKNOWN = re.compile(
    r"(?:date\w?\s+)?(?:t\.?b\.?[acd]\b|to be (?:confirmed|announced|arranged|decided))", re.IGNORECASE
)
_WAIT = "Leave it out until the date is known: a course without sessions: sends its readers to the booking page."
_WEEK = re.compile(r"(?:w[/.]?c\b|(?:week|w/?k)[ /]+(?:commencing|beginning|of|c\b))[\s.:,]*", re.IGNORECASE)
_TORN_TIME = re.compile(r"\.[0-9]|\s*h(?:(?:ou)?rs?)?\b", re.IGNORECASE)  # the rest of "9.3pm", of "9am hrs"
_FIGURES = re.compile(r"(?:(?:to|till|until|and)\s+)?[0-9]", re.IGNORECASE)
_NUMBERED_PLACE = re.compile(r"[0-9]{1,3}[a-z]?,?\s+[A-Z]")  # 10 Downing Street
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .'/&\u2013-]|:(?=\S))*")  # needs no quotes inside YAML's braces


@dataclass(frozen=True, slots=True)
class Span:
    """When something is: one day, maybe with times, or a range of days, which has none.

    *start* and *end* are local times in the workspace's zone; an *end* of 00:00 is the midnight that ends the day.
    *stated* holds the weekdays the author wrote, right or wrong, as (day, 0 for Monday).
    """

    first: date
    last: date
    start: time | None = None
    end: time | None = None
    stated: tuple[tuple[date, int], ...] = field(default=(), compare=False)

    @property
    def is_range(self) -> bool:
        """Whether it is more than one day."""
        return self.first < self.last

    @property
    def is_sure(self) -> bool:
        """Whether each weekday that its author wrote is that of its day: else nobody knows which day is meant."""
        return all(day.weekday() == weekday for day, weekday in self.stated)

    @property
    def sort_key(self) -> tuple[date, time]:
        """What to sort by: its start. A day without times begins with the day."""
        return self.first, self.start or time.min

    def is_over(self, on: date) -> bool:
        """Tell whether its last day lies before *on*."""
        return self.last < on


def restored_span(kept: Mapping[str, Any]) -> Span:
    """Return the span whose fields are *kept* in their ISO form, but for the weekdays that were stated."""
    start, end = (time.fromisoformat(kept[key]) if kept[key] else None for key in ("start", "end"))
    return Span(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), start, end)


def format_span(span: Span) -> str:
    """Return the span in the house style: one day has its weekday, a range says only once what its ends share."""
    times = [format_time(t) for t in (span.start, span.end) if t is not None]
    return ", ".join(part for part in (format_days(span), " to ".join(times)) if part)


def format_days(span: Span) -> str:
    """Return the span in the house style without its times."""
    if span.is_range:
        return f"{_format_first(span.first, span.last)} to {format_date(span.last)}"
    return format_day(span.first)


def _format_first(first: date, last: date) -> str:
    day, month, year = format_date(first).split()
    if first.year != last.year:
        return f"{day} {month} {year}"
    return day if first.month == last.month else f"{day} {month}"


def read_span(text: str, *, near: date | None = None) -> Span:
    """Return the span that *text* says, all of it.

    *near*, the first day of the issue's month, serves only the hint where the year is missing. Raises DateError.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise DateError(f"the date is longer than {_LONGEST} characters", _AS_IN)
    line = _parse(text, near)
    rest = text[line.end :]
    if rest:
        _refuse_misspelt(text)
        _refuse_odd_time(text, line)
    span = _one_span(text, line, near)
    if rest:
        raise _words_after(text, line, span)
    return span


def split_event(text: str, *, near: date | None = None) -> tuple[Span, str]:
    """Return the longest date at the start of *text*, and the event that " - ", " – ", " — " or ": " parts from it.

    *near* as for ``read_span``. Raises DateError.
    """
    text = text.strip()
    line = _parse(text[:_LONGEST], near)
    separator = _SEPARATOR.match(text, line.end)
    if separator is None:
        _refuse_misspelt(text[:_LONGEST])
        _refuse_odd_time(text, line)
    _refuse_bare_number(text, line)
    span = _one_span(text, line, near)
    if separator is None or is_times(text[separator.end() :]):
        raise _no_event(text, line, span)
    return span, text[separator.end() :]


def _parse(text: str, near: date | None) -> Line:
    line = parse_line(text)
    if line:
        return line
    if not text:
        raise DateError("the date is empty", _AS_IN)
    if unknown := _UNKNOWN.match(text):
        raise DateError(f'"{tidy(unknown[0])}" is no date yet', _WAIT)
    _refuse_week(text, near)
    _refuse_misspelt(text)
    if is_times(text):
        raise DateError(
            f'a time without its date: "{tidy(text)}"',
            f'Write the date before it: "Tuesday 3 February 2026, {tidy(text)}".',
            time_only=True,
        )
    raise DateError(f'cannot read a date in "{tidy(text)}"', _AS_IN)


def _refuse_week(text: str, near: date | None) -> None:
    """Refuse "w/c 23 March 2026", which is a range of days."""
    week = _WEEK.match(text)
    line = parse_line(" " * week.end() + text[week.end() :]) if week else None
    if week is None or line is None:
        return
    span = _one_span(text, line, near)
    days = span if span.is_range else Span(span.first, span.first + timedelta(days=6))
    mended = tidy(format_span(days) + text[line.end :], _LONGEST)
    raise DateError(
        f'"{tidy(week[0])}" is no date: a week has a first and a last day',
        f'Write "{mended}".' if span.is_sure else 'Write them as in "23 to 29 March 2026", and look at the weekday.',
    )


def _days_end(line: Line) -> int:
    return line.groups[-1].days[-1][-1].end


def _refuse_odd_time(text: str, line: Line) -> None:
    """Refuse what is meant for a time and cannot be read as one: "1400-1600", "930am", "9.3pm", "14 hrs"."""
    at = _days_end(line)
    mended, end = with_colons(text, at)
    longer = parse_line(mended[: _LONGEST + 9])
    if mended != text and longer and (longer.end == len(mended) or _SEPARATOR.match(mended, longer.end)):
        written = tidy(text[at:end].strip(" ,"))
        raise DateError(f'the time "{written}" has no colon', f'Write "{tidy(mended, 240)}".')
    if _TORN_TIME.match(text, line.end):
        raise _no_time(text[at:])


def _refuse_bare_number(text: str, line: Line) -> None:
    """Refuse to take the 10 of "10 February 2026, 10 - 12 year olds" for a time: it is its event's."""
    at, times = _days_end(line), line.groups[-1].times
    moments = [moment for moment in (times[0].first, times[0].last) if moment] if times else []
    bare = [moment for moment in moments if text[moment.start : moment.end].isdigit()]
    if not bare or bare != moments or text[at : moments[0].start].strip(" ,"):  # what else stands there is "at"
        return
    event = tidy(f"{text[:at]} - {text[moments[0].start :]}", _LONGEST)
    raise DateError(
        f'"{tidy(text[moments[0].start : moments[-1].end])}" can be read two ways: as a time, or as part of the event',
        f'Write "{event}", or a time as in "10am".',
        two_ways=True,
    )


def _no_time(words: str) -> DateError:
    written = tidy(words.strip(" ,;:\u2013\u2014-"))
    return DateError(
        f'cannot read "{written}" as a time',
        'Write times as in "9am", "3:30pm" or "15:30"; a place belongs under location:.',
    )


def _refuse_misspelt(text: str) -> None:
    for word, kind, names in strange_words(text):
        if hint := did_you_mean(word, names):
            raise DateError(f'no {kind} is called "{tidy(word)}"', hint)


def _one_span(text: str, line: Line, near: date | None) -> Span:
    spans = [span for group in line.groups for span in _spans(text, group, near)]
    crowded = [span for span in spans if span.is_range and span.start]
    if crowded or any(group.link == "to" for group in line.groups):
        span = (crowded or spans)[0]
        line_a_day = _format_stated(replace(span, last=span.first))
        raise DateError("a range of days cannot have times", f'Write one line a day, as in "{line_a_day}".')
    if len(spans) > 1:
        rest = re.sub("^: ", "- ", tidy(text[line.end :], _LONGEST))  # ": " would be a key to YAML
        gap = "" if rest[:1] in ("", ",") else " "
        lines = [f"- {_format_stated(span)}{gap}{rest}" for span in spans]
        raise DateError(f"one session a line: this line has {len(spans)}", "\n".join(["Write:", *lines]))
    return spans[0]


def _spans(text: str, group: Group, near: date | None) -> list[Span]:
    days = [day for ends in group.days for day in ends]
    dates = dict(zip(days, read_days(text, days, near), strict=True))
    ranges = [_range(ends, dates) for ends in group.days]
    times = [read_times(text, stretch) for stretch in group.times]
    return [replace(span, start=start, end=end) for span in ranges for start, end in times] or ranges


def _range(days: tuple[Day, ...], dates: dict[Day, date]) -> Span:
    first, last = dates[days[0]], dates[days[-1]]
    if len(days) > 2:
        raise DateError("a range of days has two ends", 'Write it as in "3 to 8 February 2026".')
    if last < first:
        raise DateError(
            f"the days run backwards: {format_day(last)} is before {format_day(first)}",
            f'Did you mean "{format_span(Span(last, first))}"?',
        )
    stated = tuple((dates[day], day.weekday) for day in days if day.weekday is not None)
    return Span(first, last, stated=stated)


def _format_stated(span: Span) -> str:
    """Return the house style with the weekday its author wrote: a wrong one is never silently mended."""
    line = format_span(span)
    for day, weekday in span.stated:
        line = line.replace(format_day(day), f"{WEEKDAYS[weekday]} {format_date(day)}")
    return line


def _words_after(text: str, line: Line, span: Span) -> DateError:
    words, days, times = _words(text[line.end :]), line.groups[0].days[0], line.groups[0].times
    if not words or (times and is_times(words)):
        return DateError(f'cannot read "{tidy(text[line.end :])}" at the end', f'Write "{_format_stated(span)}".')
    if is_times(words):
        hint = f'Write "{_format_stated(span)}, {tidy(words)}".'
        return DateError(f'the time "{tidy(words)}" wants a comma before it', hint)
    if _FIGURES.match(words) and not _NUMBERED_PLACE.match(words):
        raise _no_time(text[_days_end(line) :])
    parts = {"date": text[days[0].start : days[-1].end]}
    for stretch in times:
        parts["start"] = text[stretch.first.start : stretch.first.end]
        if stretch.last:
            parts["end"] = text[stretch.last.start : stretch.last.end]
    block = ", ".join(f"{key}: {_yaml(part)}" for key, part in {**parts, "location": words}.items())
    return DateError(
        f'words after the {"time" if times else "date"}: "{tidy(words)}" belongs under location: or note:',
        f"Write this, or note: in place of location:\n- {{{block}}}",
    )


def _words(rest: str) -> str:
    """Return the words that follow a date, without what joined them to it."""
    words = re.sub(r"^[\s,;:.\u2013\u2014-]+(at\s+)?", "", rest, flags=re.IGNORECASE).rstrip(" ,;")
    if words[:1] + words[-1:] == "()":
        words = words[1:-1]
    return words if any(letter.isalnum() for letter in words) else ""


def _yaml(text: str) -> str:
    """Return *text* as a value that may stand within braces in YAML."""
    line = tidy(text, _LONGEST)
    return line if _PLAIN.fullmatch(line) else json.dumps(line, ensure_ascii=False)


def _no_event(text: str, line: Line, span: Span) -> DateError:
    event = re.sub(r"^[\s,;:.(\u2013\u2014-]+", "", text[line.end :])
    if is_times(event):
        hint = f'Write "{_format_stated(span)}, {tidy(event)} - " and then what happens.'
        return DateError(f'a time where the event should be: "{tidy(event)}"', hint)
    if not event:
        return DateError("a date without its event", f'Write "{_format_stated(span)} - " and then what happens.')
    written = text[line.groups[0].days[0][0].start : line.end]
    return DateError('no " - " between the date and the event', f'Write "{tidy(written)} - {tidy(event)}".')
