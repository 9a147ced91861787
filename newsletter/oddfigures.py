"""Dates in running text that are in figures or American, and how the house style writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS, WEEKDAYS, format_date, format_day
from newsletter.textdates import (
    DAY_NAME,
    MONTH_NAME,
    Slip,
    apart,
    covered,
    days_at,
    either,
    own_words,
    private,
    readable,
    readings,
    real_date,
    settled,
    wrong_weekdays,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_FIGURES = re.compile(
    rf"(?<![\w./:#\u00a3$@+-])(?:{DAY_NAME},?\s{{1,4}})?(?P<figures>"
    r"(?:19|20)[0-9]{2}(?P<a>[-./])[0-9]{1,2}(?P=a)[0-9]{1,2}"
    r"|[0-9]{1,2}(?P<b>[-./])[0-9]{1,2}(?P=b)(?:19|20)[0-9]{2}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}"
    r")(?![\w/%-]|[.:]\w)"
)
_REFERENCE = re.compile(
    r"\b(?:applications?|cases?|files?|groups?|ids?|no|numbers?|ref(?:erence)?s?|rooms?|sections?|v|versions?|years?)"
    r"[.:]?\s{0,3}$",
    re.IGNORECASE,
)
_NEAR = 16  # characters before a number, which say what it is
_CLOSE = 3  # years: of two figures, only such as these are a year

_MONTH = re.compile(rf"(?<!\w)(?:{DAY_NAME}[.,]?\s{{1,4}})?(?:{MONTH_NAME})\b\.?(?=\s{{1,4}}[0-9])")
_AFTER_DAY = re.compile(r"(?<![0-9])[0-9]{1,2}(?:st|nd|rd|th)?\s{1,4}(?:of\s{1,4})?$")
_ON = re.compile(r"\b[Oo]n\s{1,4}$")
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)\b")


@lru_cache(maxsize=64)  # two checks ask in turn
def odd_figures(text: str, near: date) -> tuple[Slip, ...]:
    """Return such dates of *text*, in an issue of the month *near*; none whose weekday is told of as wrong."""
    words = readable(own_words(text))
    found = [*_in_figures(words, near), *_american(words, near)]
    return tuple(apart(found, private(text) | covered(wrong_weekdays(text, near))))


def _in_figures(words: str, near: date) -> Iterator[Slip]:
    for match in _FIGURES.finditer(words):
        figures, days = match["figures"], readings(match["figures"])
        if _REFERENCE.search(words, max(0, match.start() - _NEAR), match.start()):
            continue
        if match["a"] or match["b"] or any(abs(day.year - near.year) <= _CLOSE for day in days):
            weekday = words[match.start() : match.start("figures")]
            fitting = [day for day in days if weekday and weekday[:3].title() == WEEKDAYS[day.weekday()][:3]]
            if fault := _fault(figures, fitting or days):
                write = format_day if weekday else format_date
                hint = f"Write {either([write(day) for day in fitting or days])}." if days else ""
                yield Slip(*match.span(), fault, hint or 'Write the month as a word, as in "3 February 2026".')


def _fault(figures: str, days: list[date]) -> str:
    """Return what is wrong with a date in figures; the empty string where they are none."""
    first, mark, middle = re.split("([-./])", figures)[:3]
    if not days:
        is_meant = mark == "/" and max(int(first), int(middle)) <= 31
        return f'there is no date "{figures}"' if is_meant else ""
    if len(days) > 1:
        return f'"{figures}" can be read two ways'
    is_american = len(first) < 3 and int(first) == days[0].month != days[0].day
    return f'"{figures}" has the month before the day' if is_american else f'"{figures}" writes the month in figures'


def _american(words: str, near: date) -> Iterator[Slip]:
    for match in _MONTH.finditer(words):
        start = match.start()
        before = max(0, start - _NEAR), start
        days = [] if _AFTER_DAY.search(words, *before) else days_at(words, start)
        if not days or not days[0].month_first:
            continue
        day = settled(words, days[0], near)
        written = words[start : day.end]
        is_date = day.year or day.weekday is not None or _ORDINAL.search(written) or _ON.search(words, *before)
        if is_date and real_date(int(day.year or 2000), day.month, day.number):
            weekday = "" if day.weekday is None else WEEKDAYS[day.weekday]
            meant = " ".join(f"{weekday} {day.number} {MONTHS[day.month - 1]} {day.year}".split())
            message = f'"{" ".join(written.split())}" has the month before the day'
            yield Slip(start, day.end, message, f'Write "{meant}".')
