"""What the parts of a date mean: its days and times, or a ``DateError`` that says what to write instead.

Wherever it can be worked out, the hint is the author's own line, put right. No clock: a year left out is asked for.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, time
from itertools import product
from typing import TYPE_CHECKING

from newsletter.datewords import AM, MONTHS, PM, WEEKDAYS, format_day, format_time, with_colons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.dategrammar import Day, Moment, Stretch

_MIDNIGHT = 24 * 60  # in minutes, as all times here until they are settled
_MORNING = 7 * 60  # nobody means an earlier time without writing am
_YEARS = range(2000, 2100)
_NO_YEAR = f'"{{}}" is no year from {_YEARS[0]} to {_YEARS[-1]}'
_AS_IN = 'Write the year, as in "3 February 2026".'
_MANY_FIGURES = re.compile(r",?\s*([0-9]{4,}|[0-9]{3}(?=\s*[ap]\.?m\b))", re.IGNORECASE)  # where the year should be


class DateError(ValueError):
    """A text that is not one clear date.

    *message* says what is wrong, *hint* what to write, in one or more lines. *two_ways* is true where more than one
    reading is possible, *time_only* where the text is a good time and nothing else.
    """

    def __init__(self, message: str, hint: str, *, two_ways: bool = False, time_only: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.two_ways = two_ways
        self.time_only = time_only


def tidy(text: str, longest: int = 60) -> str:
    """Return *text* fit to be quoted in a line: blanks single, nothing unprintable, cut at *longest* characters."""
    line = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 3] + "..."


# Days


def read_days(text: str, days: Sequence[Day], near: date | None) -> list[date]:
    """Return the date of each of *days* of *text*; one without month or year takes that of the day after it.

    *near* is about when they are, for the hint where the year is missing. Raises DateError.
    """
    _refuse_short_years(text, days)
    for day in days:
        if day.year and int(day.year) not in _YEARS:
            raise _no_such_year(text, day, day.end - len(day.year), near)
    _refuse_month_first(text, days[0])
    if not (days[-1].year or days[-1].figures):
        raise _no_year(text, days, near)
    found: list[date] = []
    for day in reversed(days):
        found.insert(0, _read_day(text, day, found[0] if found else None))
    return found


def _read_day(text: str, day: Day, following: date | None) -> date:
    if day.figures:
        return _read_figures(day.figures)
    if following is None:
        return _real_date(int(day.year), day.month, day.number)
    if day.month > following.month and not day.year:
        # "29 December to 3 January 2026": a guess at the year would be right mostly, and wrong in print.
        raise _year_wanted(text, [(day, following.year - 1)])
    return _real_date(int(day.year or following.year), day.month or following.month, day.number)


def _real_date(year: int, month: int, number: int) -> date:
    length = monthrange(year, month)[1]
    if not 1 <= number <= length:
        name = f"{MONTHS[month - 1]} {year}"
        raise DateError(f"there is no {number} {name}", f"{name} has {length} days.")
    return date(year, month, number)


def _read_figures(figures: str) -> date:
    """Read ``2026-02-03``; refuse any other order of figures, with what it may mean in words."""
    mark = next(letter for letter in figures if not letter.isdigit())
    parts = figures.split(mark)
    is_iso = len(parts[0]) == 4
    year, month, number = (int(part) for part in (parts if is_iso else parts[::-1]))
    year += 2000 if len(parts[0 if is_iso else 2]) == 2 else 0
    if year >= 1000 and year not in _YEARS:
        raise DateError(_NO_YEAR.format(year), _AS_IN)
    if is_iso and mark == "-" and 1 <= month <= 12 and year in _YEARS:
        return _real_date(year, month, number)
    orders = [(year, month, number)] if is_iso else [(year, month, number), (year, number, month)]
    readings = [format_day(date(*order)) for order in dict.fromkeys(orders) if _exists(*order)]
    if len(readings) == 2:
        raise DateError(f'"{figures}" can be read two ways', _write(*readings), two_ways=True)
    if readings:
        raise DateError(f'"{figures}" writes the month in figures', _write(*readings))
    raise DateError(f'there is no date "{figures}"', 'Write the month as a word, as in "3 February 2026".')


def _exists(year: int, month: int, number: int) -> bool:
    return year in _YEARS and 1 <= month <= 12 and 1 <= number <= monthrange(year, month)[1]


def _refuse_month_first(text: str, day: Day) -> None:
    if not day.month_first:
        return
    month, written = MONTHS[day.month - 1], tidy(text[day.start : day.end])
    weekday = "" if day.weekday is None else f"{WEEKDAYS[day.weekday]} "
    if day.year and not day.number:
        mended = f"1 to {monthrange(int(day.year), day.month)[1]} {month} {day.year}"
        raise DateError(f'"{written}" has no day', _write(_replace(text, day.start, day.end, mended)))
    mended = f"{weekday}{day.number} {month} {day.year}".strip()
    raise DateError(
        f'the month stands before the day in "{written}"', _write(_replace(text, day.start, day.end, mended))
    )


def _refuse_short_years(text: str, days: Sequence[Day]) -> None:
    short = [day for day in days if 0 < len(day.year) < 4]
    for day in reversed(short):
        text = _replace(text, day.end - len(day.year), day.end, f"20{day.year[-2:]}")
    if short:
        raise DateError(f'the year "{short[0].year}" has only two figures', _write(text))


def _no_year(text: str, days: Sequence[Day], near: date | None) -> DateError:
    last, before = days[-1], days[-2] if len(days) > 1 else None
    if before and before.year:
        near = date(int(before.year), before.month, 1)
    if not 1 <= last.number <= monthrange(2000, last.month)[1]:
        month = MONTHS[last.month - 1]
        return DateError(
            f"there is no {last.number} {month}", f"{month} has {monthrange(2000, last.month)[1]} days at most."
        )
    if figures := _MANY_FIGURES.match(text, last.end):
        return _no_such_year(text, last, figures.start(1), near)
    written = tidy(text[last.start : last.end])
    if near is None:
        return DateError(f'the date "{written}" has no year', _AS_IN)
    year = _likely_year(days, near)
    if not _fits(days, year):
        hint = f"Write the year, and look at the weekday: in {year} it is another."
        return DateError(f'the date "{written}" has no year', hint)
    wanted = [(last, year)]
    if before and before.month > last.month and not before.year:
        wanted.insert(0, (before, year - 1))
    return _year_wanted(text, wanted)


def _no_such_year(text: str, day: Day, start: int, near: date | None) -> DateError:
    """Return the error for the figures at *start*, which stand for the year: a slip, or a time as in 1400."""
    after = text[start:].lstrip("0123456789")
    message = _NO_YEAR.format(tidy(text[start : len(text) - len(after)]))
    if near is None:
        return DateError(message, _AS_IN)
    year, mended = _likely_year([day], near), with_colons(text, start)[0]
    if mended == text:
        return DateError(message, _write(f"{text[:start]}{year}{after}"))
    line = tidy(f"{mended[:start]}{year}, {mended[start:]}", 240)
    return DateError(message, f'If it is a time, write "{line}".')


def _year_wanted(text: str, wanted: Sequence[tuple[Day, int]]) -> DateError:
    written = tidy(text[wanted[0][0].start : wanted[0][0].end])
    for day, year in reversed(wanted):
        text = _replace(text, day.end, day.end, f" {year}")
    return DateError(f'the date "{written}" has no year', f'Write it with its year: "{tidy(text, 240)}".')


def _likely_year(days: Sequence[Day], near: date) -> int:
    """Return the year that the last of *days* most likely has in the issue of *near*.

    Where weekdays are stated it is the nearest in which they fit, two years off at most; else the next such day's.
    """
    day = days[-1]
    years = [year for year in range(near.year - 2, near.year + 9) if _exists(year, day.month, day.number)]
    ahead = {year: (date(year, day.month, day.number) - near).days for year in years}
    close = [year for year in years if abs(ahead[year]) <= 731 and _fits(days, year)]
    if close and any(day.weekday is not None for day in days):
        return min(close, key=lambda year: abs(ahead[year]))
    return next((year for year in years if ahead[year] >= 0), near.year)


def _fits(days: Sequence[Day], year: int) -> bool:
    """Tell whether every stated weekday is right where the last of *days* is in *year*."""
    month = 0
    for day in reversed(days):
        year -= day.month > month > 0  # "29 December to 3 January"
        month = day.month or month
        is_stated = day.weekday is not None and _exists(year, month, day.number)
        if is_stated and date(year, month, day.number).weekday() != day.weekday:
            return False
    return True


def _replace(text: str, start: int, end: int, words: str) -> str:
    return text[:start] + words + text[end:]


def _write(*lines: str) -> str:
    return "Write " + " or ".join(f'"{tidy(line, 240)}"' for line in lines) + "."


# Times


def read_times(text: str, stretch: Stretch) -> tuple[time, time | None]:
    """Return the start and, where there is one, the end that *stretch* of *text* says; 00:00 as an end is midnight.

    A side without am or pm takes the other's, unless that would run backwards; without any it is the 24-hour clock.
    Raises DateError.
    """
    first, last = stretch.first, stretch.last
    for moment in [first, last] if last else [first]:
        _refuse_no_such_time(text, moment)
    _refuse_two_ways(text, stretch)
    if last is None:
        return _time(_minutes(first, first.half)), None
    starts = [_minutes(first, half) for half in _start_halves(first, last)]
    ends = [_minutes(last, half) or _MIDNIGHT for half in _end_halves(first, last)]
    running = [(start, end) for start, end in product(starts, ends) if start < end]
    if not running:
        raise _backwards(starts[0], ends[0])
    if _is_in_doubt(first, last, running):
        raise _two_halves(text, stretch, last)
    return _time(running[0][0]), _time(running[0][1])


def _is_settled(moment: Moment) -> bool:
    """Tell whether a time needs no other to be understood; 0 and 13 to 23 are hours of the 24-hour clock only."""
    return moment.half is not None or not 1 <= moment.hour <= 12


def _start_halves(first: Moment, last: Moment) -> tuple[int | None, ...]:
    if _is_settled(first) or last.half is None:
        return (first.half,)
    return (PM, AM) if last.named else (last.half, AM)  # "7 to midnight" begins in the evening


def _end_halves(first: Moment, last: Moment) -> tuple[int | None, ...]:
    if _is_settled(last) or first.half is None:
        return (last.half,)
    return (PM, AM) if last.hour == 12 else (first.half, PM)  # "10am to 12" ends at midday, "10pm to 12" at midnight


def _minutes(moment: Moment, half: int | None) -> int:
    hour = moment.hour if half is None else moment.hour % 12 + half
    return hour * 60 + moment.minute


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _refuse_no_such_time(text: str, moment: Moment) -> None:
    if moment.hour > 23 or moment.minute > 59 or (moment.half is not None and not 1 <= moment.hour <= 12):
        written = tidy(text[moment.start : moment.end])
        raise DateError(f'there is no time "{written}"', 'Write times as in "9am", "3:30pm" or "15:30".')


def _refuse_two_ways(text: str, stretch: Stretch) -> None:
    moments = [moment for moment in (stretch.first, stretch.last) if moment]
    if any(moment.half is not None for moment in moments) or not any(1 <= moment.hour < 7 for moment in moments):
        return
    if ways := list(_ways(*moments)):
        written = tidy(text[stretch.start : stretch.end])
        raise DateError(f'"{written}" can be read two ways without am or pm', _write(*ways), two_ways=True)


def _is_in_doubt(first: Moment, last: Moment, running: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the am or pm of the end leaves it open which one the start has.

    "10-12am" is mostly a slip for midday, "1 to 12pm" would begin in the night, "07:00 - 9pm" mixes the two clocks.
    """
    if _is_settled(first) or last.half is None:
        return False
    if last.half == AM and not last.named:
        return last.hour == 12
    return running[0][0] < _MORNING or (first.padded and len(running) > 1)


def _two_halves(text: str, stretch: Stretch, last: Moment) -> DateError:
    written, start = (tidy(text[part.start : part.end]) for part in (stretch, stretch.first))
    ways = _ways(stretch.first, replace(last, half=None) if last.hour == 12 and not last.named else last)
    return DateError(f'"{written}" can be read two ways, as "{start}" has no am or pm', _write(*ways), two_ways=True)


def _ways(first: Moment, last: Moment | None = None) -> Iterator[str]:
    """Yield in words what times without am or pm may mean: each start, with the first end that can follow it."""
    for start in _both(first):
        if last is None:
            yield format_time(_time(start))
        elif ends := [end for end in (minutes or _MIDNIGHT for minutes in _both(last)) if end > start]:
            yield f"{format_time(_time(start))} to {format_time(_time(min(ends)))}"


def _both(moment: Moment) -> list[int]:
    halves = (moment.half,) if _is_settled(moment) else (AM, PM)
    return [_minutes(moment, half) for half in halves]


def _backwards(start: int, end: int) -> DateError:
    first, last, later = (format_time(_time(minutes)) for minutes in (start, end, end + 12 * 60))
    swapped = f'Did you mean "{first} to {later}"?' if start < end + 12 * 60 < _MIDNIGHT else ""
    return DateError(
        f"the end, {last}, is not after the start, {first}",
        swapped or "Write the earlier time first; of what goes on past midnight, write the start alone.",
    )
