"""Dates in running text: where they stand, and those whose weekday is another than their own.

They are read with the grammar that reads the dates of sessions. Code, addresses and personal data are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.dategrammar import parse_line
from newsletter.datestyle import LINES
from newsletter.datewords import MONTHS, WEEKDAYS, format_date
from newsletter.personal import find
from newsletter.plain import BLANK, plain, untitled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsletter.dategrammar import Day
    from newsletter.model import Issue, Prose

_LONGEST = 200  # characters that a date is looked for in
_BACK, _AHEAD = 300, 100  # characters round a date, in which a year may say of when it speaks
_MONTHS_BACK = 4  # a date without a year is at most so long before its issue, else ahead of it
_SOON = timedelta(days=244)  # eight months
_RECENT = 2  # years: a date further off is history, and no slip in copying from another issue

_SHORT = "Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun"
DAY_NAME = rf"(?<!\w)(?:(?i:{'|'.join(WEEKDAYS)})|{_SHORT}|{_SHORT.upper()})\b"
MONTH_NAME = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in MONTHS).replace(
    "Sep", "Sept?"
)
_WEEKDAY = re.compile(rf"{DAY_NAME}(?=[.,]?\s{{1,16}}(?:[0-9]|(?i:{MONTH_NAME})\b))")
_YEAR = re.compile(r"(?<![\w/-])(?:19|20)[0-9]{2}(?![\w/-])")
_TIME = re.compile(r"\s?(?:(?:to|[-\u2013])\s?[0-9]{4}(?![0-9])|h(?:ou)?rs?\b)")  # "1400 to 1600", "1930 hrs"

_FULL_STOP = re.compile(rf"\b({'|'.join((*MONTHS, *WEEKDAYS))})\.", re.IGNORECASE)
_VERB = re.compile(r"\b(?:march|mar|may)\b(?!,?\s{1,3}[0-9]{4})")
_FILLER = re.compile(r"\bthe(?=\s{1,3}[0-9]{1,2}(?:st|nd|rd|th)\b)|(?<=[0-9](?:st|nd|rd|th)\s)of(?=\s)")
_BLOCK = re.compile(r"\n(?=[ \t>]{0,20}(?:\n|[-+*#|]|[0-9]{1,2}[.)]\s))")


@dataclass(frozen=True, slots=True)
class Slip:
    """A date at the characters from *start* to *end* of a text. Unless *is_sure*, its year had to be assumed."""

    start: int
    end: int
    message: str
    hint: str
    is_sure: bool = True


def running(issue: Issue) -> Iterator[Prose]:
    """Yield what an author wrote as sentences, in one or many lines; no dates of sessions and of the diary."""
    yield from issue.prose()
    yield from (text for text in issue.words() if text.trail[-1] in {*LINES, "title"})


@lru_cache(maxsize=64)  # three checks ask in turn
def wrong_weekdays(text: str, near: date) -> tuple[Slip, ...]:
    """Return the dates of *text*, in an issue of the month *near*, whose weekday is another than the one stated."""
    words = readable(text)
    own, at = own_words(text), 0
    found: list[Slip] = []
    while match := _WEEKDAY.search(words, at):
        at = match.end()
        days = [settled(words, day, near) for day in days_at(words, match.start())]
        if days:
            at = max(at, days[-1].end)
            around = words[max(0, match.start() - _BACK) : at + _AHEAD]
            slips = _wrong([day for day in days if not day.figures], near, around)
            slips += [slip for day in days if day.figures for slip in _wrong_figures(day)]
            found += [slip for slip in slips if slip.is_sure or BLANK not in own[slip.start : slip.end]]
    return tuple(apart(found, private(text)))


def covered(slips: Iterable[Slip]) -> set[int]:
    """Return the places in the text of all characters of *slips*."""
    return {at for slip in slips for at in range(slip.start, slip.end)}


def private(text: str) -> set[int]:
    """Return the places of all characters of personal data, of which other checks speak."""
    return {at for one in find(text) for at in range(one.start, one.end)}


def apart(slips: Iterable[Slip], taken: set[int]) -> Iterator[Slip]:
    """Yield the *slips* that share no character with those *taken*."""
    return (slip for slip in slips if taken.isdisjoint(range(slip.start, slip.end)))


def readable(text: str) -> str:
    """Return *text* with every character in its place, and what the grammar would take wrongly blanked out."""
    words = _BLOCK.sub(BLANK, plain(text)).replace("*", " ")
    words = _FULL_STOP.sub(rf"\1{BLANK}", words)  # "on Monday. 10 March is ..."
    words = _VERB.sub(lambda verb: BLANK * len(verb[0]), words)  # "on Friday, 3 may go"
    return _FILLER.sub(lambda filler: " " * len(filler[0]), words)


def own_words(text: str) -> str:
    """Return *text* with code, addresses and the titles of other things blanked out; its headings are its own."""
    return untitled(text.replace("#", " "))


def days_at(words: str, at: int) -> list[Day]:
    """Return the days that are written from *at* on."""
    line = parse_line(words[at : at + _LONGEST])
    days = [day for group in line.groups for ends in group.days for day in ends] if line else []
    return [replace(day, start=at + day.start, end=at + day.end) for day in days if day.number or day.figures]


def settled(words: str, day: Day, near: date) -> Day:
    """Return *day* with four figures for its year, or without what is none: "10 March 30 people", "10 March 1400"."""
    year = int(day.year[-2:]) + 2000 if len(day.year) < 4 and day.year else int(day.year or 0)
    is_year = 1900 <= year < 2100 if len(day.year) == 4 else abs(year - near.year) <= _RECENT
    if not day.year or (is_year and not _TIME.match(words, day.end)):
        return replace(day, year=str(year or ""))
    end = len(words[: day.end - len(day.year)].rstrip(" ,\n"))
    return replace(day, year="", end=end, weekday=day.weekday if is_year or len(day.year) < 4 else None)


def real_date(year: int, month: int, number: int) -> date | None:
    """Return that day, or None where there is none."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


# Weekdays


@dataclass(frozen=True, slots=True)
class _Dated:
    """A day as written, with the year and month that it has by itself or from the days beside it."""

    day: Day
    year: int
    month: int

    @property
    def date(self) -> date | None:
        return real_date(self.year, self.month, self.day.number)

    def fits(self, later: int = 0) -> bool:
        """Tell whether the weekday is right, if one is stated, so many years *later*."""
        found = real_date(self.year + later, self.month, self.day.number)
        return self.day.weekday is None or (found is not None and found.weekday() == self.day.weekday)


def _wrong(days: Sequence[Day], near: date, around: str) -> list[Slip]:
    """Return the slips in *days*, which stand in one line; *around* is the text beside them."""
    if not days:
        return []
    dated, is_sure = _dated(days, near), any(day.year for day in days)
    if all(one.fits() for one in dated):
        return []
    year = dated[-1].year
    if not is_sure and any(_all_fit(dated, int(said) - year) for said in _YEAR.findall(around)):
        return []
    tried = _other_years(dated[-1], near) if is_sure else (year - 1, year + 1)
    others = [one for one in tried if _all_fit(dated, one - year)]
    if others and len(days) > 1:
        wrong = next(one for one in dated if not one.fits())
        hint = f"Every weekday fits in {others[0]}: write that year if it is meant. If not, look at the weekdays."
        return [Slip(days[0].start, days[-1].end, _message(wrong, is_sure=is_sure), hint, is_sure)]
    return [_slip(dated, index, others, is_sure=is_sure) for index, one in enumerate(dated) if not one.fits()]


def _other_years(last: _Dated, near: date) -> tuple[int, ...]:
    """Return the years that may be meant where another is written: none for a day that an issue would write of."""
    is_close = last.date and near <= last.date < near + _SOON
    return () if is_close or abs(last.year - near.year) > _RECENT else (near.year, near.year + 1)


def _all_fit(dated: Sequence[_Dated], later: int) -> bool:
    return all(one.fits(later) for one in dated)


def _dated(days: Sequence[Day], near: date) -> list[_Dated]:
    """Return *days* with their years: each from the day after it, else before it, else by the issue's month *near*."""
    months = [day.month for day in days]
    years = [int(day.year or 0) for day in days]
    for at in reversed(range(len(days) - 1)):
        months[at] = months[at] or months[at + 1]
    if not any(years):
        ahead = (months[-1] - near.month + _MONTHS_BACK) % 12 - _MONTHS_BACK
        years[-1] = near.year + (near.month - 1 + ahead) // 12
    for at in reversed(range(len(days) - 1)):
        if not years[at] and years[at + 1]:
            years[at] = years[at + 1] - (months[at] > months[at + 1])
    for at in range(1, len(days)):
        years[at] = years[at] or years[at - 1] + (months[at] < months[at - 1])
    return [_Dated(*one) for one in zip(days, years, months, strict=True)]


def _message(wrong: _Dated, *, is_sure: bool) -> str:
    if wrong.date is None:
        return f"there is no {wrong.day.number} {MONTHS[wrong.month - 1]} {wrong.year}"
    name, own = WEEKDAYS[wrong.day.weekday or 0], WEEKDAYS[wrong.date.weekday()]
    if is_sure:
        return f"{name} {format_date(wrong.date)} is a {own}"
    return f"{name} {wrong.day.number} {MONTHS[wrong.month - 1]} is a {own}, if {wrong.year} is meant"


def _slip(dated: Sequence[_Dated], index: int, others: Sequence[int], *, is_sure: bool) -> Slip:
    """Return the slip of one day, with all that it may be meant for; *others* are years in which it is right."""
    wrong, day = dated[index], dated[index].day
    lines = [_in_words(wrong, found) for found in _meant(dated, index)]
    there = [f"{WEEKDAYS[day.weekday or 0]} {day.number} {MONTHS[wrong.month - 1]} {year}" for year in others[:1]]
    if is_sure:
        lines = there + lines
    hint = f"Write {either(lines)}." if lines else "Look it up, and write the day that is meant."
    if there and not is_sure:
        hint += f' If {others[0]} is meant, write "{there[0]}".'
    return Slip(day.start, day.end, _message(wrong, is_sure=is_sure), hint, is_sure)


def _meant(dated: Sequence[_Dated], index: int) -> Iterator[date]:
    """Yield the date as it is, and the nearest with its weekday that leaves the days in their order."""
    wrong, day = dated[index].date, dated[index].day
    if wrong is None or day.weekday is None:
        return
    yield wrong
    beside = [one.date for one in dated[max(0, index - 1) : index + 2] if one.date]
    ahead = (day.weekday - wrong.weekday()) % 7
    for away in sorted((ahead, ahead - 7), key=abs):
        there = wrong + timedelta(days=away)
        if all((one < there) == (one < wrong) and one != there for one in beside if one != wrong):
            yield there
            return


def _in_words(wrong: _Dated, meant: date) -> str:
    """Return the date *meant* with what the author wrote of the wrong one: without its year where that had none."""
    parts = [f"{WEEKDAYS[meant.weekday()]} {meant.day}"]
    if wrong.day.month or meant.month != wrong.month:
        parts.append(MONTHS[meant.month - 1])
    if wrong.day.year or meant.year != wrong.year:
        parts.append(str(meant.year))
    return " ".join(parts)


def either(lines: Sequence[str]) -> str:
    """Return the *lines* in quotes, for a person to choose from."""
    quoted = [f'"{line}"' for line in lines]
    return ", or ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)


def readings(figures: str) -> list[date]:
    """Return the dates that 2026-02-03 or 03/02/2026 may be: of two, the one with the day first is the first."""
    first, middle, last = map(int, re.split("[-./]", figures))
    year = last if last > 99 else 2000 + last
    orders = [(first, middle, last)] if first > 99 else [(year, middle, first), (year, first, middle)]
    return [day for order in dict.fromkeys(orders) if (day := real_date(*order))]


def _wrong_figures(day: Day) -> Iterator[Slip]:
    """Yield the slip of a day in figures whose weekday fits in no way to read them."""
    found = readings(day.figures)
    if day.weekday is None or not found or any(one.weekday() == day.weekday for one in found):
        return
    as_read = replace(day, figures="", number=found[0].day, month=found[0].month, year=str(found[0].year))
    yield _slip([_Dated(as_read, found[0].year, found[0].month)], 0, (), is_sure=True)
