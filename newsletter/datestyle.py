"""Dates and times in running text that GOV.UK style writes otherwise, and how it writes them.

Told is only what can be read in one way, so that it may be mended without asking. GOV.UK's A to Z of style: "4 June
2017", "10 November to 21 December", "tax year 2011 to 2012", "5:30pm", "10am to 11am", "midday".
"""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS, WEEKDAYS, format_time
from newsletter.plain import GAP, untitled

if TYPE_CHECKING:
    from collections.abc import Iterator

    _Found = tuple[int, int, str]

LINES = frozenset({"note", "preheader", "subject"})  # single lines of an author's words; a title is a name

_NAMES = {name[:n]: name for name in (*MONTHS, *WEEKDAYS) for n in (3, len(name))}
_NAMES |= {"Sept": "September", "Tues": "Tuesday", "Weds": "Wednesday", "Thur": "Thursday", "Thurs": "Thursday"}
_NAMES |= {name.lower(): full for name, full in _NAMES.items() if full in MONTHS and full not in ("March", "May")}

_DASH = rf"(?>(?:{GAP})?[-\u2010\u2011\u2013\u2014](?:{GAP})?)"


def _one_of(names: tuple[str, ...]) -> str:
    """Return a pattern for *names* in full or short. A dot after one is its own only where the sentence goes on."""
    words = sorted((name for name, full in _NAMES.items() if full in names), key=len, reverse=True)
    return rf"(?:{'|'.join(words)})\b(?:\.(?={GAP}[a-z0-9]))?"


_MONTH, _WEEKDAY = _one_of(MONTHS), _one_of(WEEKDAYS)
_DAY = rf"(?:{_WEEKDAY},?{GAP}(?:the{GAP})?)?(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?(?![\w:])"
_DAYS = rf"{_DAY}(?:(?:{_DASH}|,{GAP}(?:and{GAP})?|{GAP}(?:to|and|&){GAP}){_DAY}){{0,5}}"
_DATE = rf"{_DAYS}{GAP}(?:of{GAP})?{_MONTH}(?:,?{GAP}(?:19|20)[0-9][0-9]\b)?"
_DATES = re.compile(rf"(?<![\w.,:/\u00a3$#-]){_DATE}(?:(?P<join>{_DASH}){_DATE})?")
_YEARS = re.compile(r"(?<![\w./-])((?:19|20)[0-9][0-9])[-\u2013]((?:[0-9][0-9]){1,2})(?![\w/]|-\w)")
_WEEK = re.compile(rf"\b({_WEEKDAY}){_DASH}({_WEEKDAY})(?![\w-])")
_MONTH_ALONE = re.compile(rf"\b(?:Feb|Sept)\b(?:\.(?={GAP}[a-z0-9]))?(?![\w-])")

_MENDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b0?([0-9]{1,2})(?:st|nd|rd|th)?\b"), r"\1"),
    (re.compile(rf"(?<=[0-9]){GAP}of(?=\s)"), ""),
    (re.compile(rf"(?<=[a-z.,]){GAP}the(?=\s)"), ""),
    (re.compile(_DASH), " to "),
    (re.compile(r"(?<=[a-z.]),(?=\s+[0-9]{4})"), ""),
)
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th)")
_THE = re.compile(r"\b[Tt]he\s{1,3}$")
_NOUN = re.compile(r"\s{1,3}[a-z]")  # "the 10 February session" keeps its "the"
_WORD = re.compile(r"([A-Za-z]+)\.?")

# What bears a number of its own: "session 1 - 10 February" is no range of days, "room 9-11am" none of times.
_NUMBERED = re.compile(
    r"\b(?:age[ds]?|appendix|chapter|course|group|level|module|no|number|pages?|part|room|section|session|stage|step"
    r"|tier|unit|webinar|workshop|years?|(?P<maybe>days?|weeks?))\.?\s{1,2}$",
    re.IGNORECASE,
)
# A word before "3 - 5 May" or "2024-25" may belong to it: "Cohort 3", "Annual report 2024-25". These do not.
_INTRODUCES = re.compile(
    r"(?:^|[^\w\s]\s{0,3}|\n|\b(?:and|are|between|by|dates?|during|for|from|in|is|of|on|or|since|the|to|until|was|were"
    r"|years?)\s{1,3})\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"\s{1,3}[A-Z]")  # "The 1st May Fair"
_END = re.compile(r"\s*(?:\Z|\n|[.,;:!?)])")
_RANGE = re.compile(rf"[0-9]{{1,2}}{_DASH}(?=[0-9])")

# A dot after "p.m." that ends the sentence stays.
_HALF = r"(?:am|pm|AM|PM|[aApP]\.[mM](?:\.(?!\s{0,9}(?:\Z|[A-Z\u2018\u201c(])))?)(?!\w)"
_MOMENT = r"""
    (?: (?P<@twelve> 12 (?:[:.]00)? [^\S\n]{0,2} )? (?P<@named> [Nn]oon | [Mm]idday | [Mm]idnight ) \b
      | (?P<@hour> 2[0-4] | [01]?[0-9] ) (?: (?P<@mark> [:.]? ) (?P<@minute> [0-5][0-9] ) )?
        (?: [^\S\n]{0,2} (?P<@half> HALF ) | (?P<@hours> [^\S\n]{0,2} h(?:ou)?rs?\b ) | (?![\w%]|[.:,]?[0-9]) ) )
""".replace("HALF", _HALF)
_TIMES = re.compile(
    rf"(?<![\w.,:/\u00a3$#+-]) {_MOMENT.replace('@', 'a')}"
    rf"(?: (?P<join> {_DASH} | {GAP}(?:to|till|until){GAP} ) {_MOMENT.replace('@', 'b')} )?",
    re.VERBOSE,
)
_AT = re.compile(r"\b(?:at|from|by|until|before|after|between)\s{1,3}$", re.IGNORECASE)
_AMOUNT = re.compile(r"\s{1,3}(?:of|per|an?|each|every|in|long)\b")
_NEAR = 16  # characters before a number, which say what it counts


def odd(text: str) -> Iterator[_Found]:
    """Yield where in the Markdown *text* a date or time stands that is not in GOV.UK style, and what to write there.

    In order and apart from each other. Code, addresses, and titles in quotes or italics are left as they are.
    """
    words = untitled(text)
    found = [*_dates(words), *_years(words), *_week(words), *_months_alone(words), *_times(words)]
    after = 0
    for start, end, instead in sorted(found):
        if start >= after and instead != words[start:end]:
            yield start, end, instead
            after = end


def _dates(words: str) -> Iterator[_Found]:
    for match in _DATES.finditer(words):
        spans = [match.span()]
        if match["join"] and match["join"][0].isspace() and not _END.match(words, match.end()):
            spans = [
                (match.start(), match.start("join")),
                (match.end("join"), match.end()),
            ]  # the dash is the sentence's
        for start, end in spans:
            if not _NAME.match(words, end):
                yield _date(words, start, end)


def _date(words: str, start: int, end: int) -> _Found:
    dash, numbered = _RANGE.match(words, start, end), _before(_NUMBERED, words, start)
    is_loose = dash and any(sign.isspace() for sign in dash[0]) and not _before(_INTRODUCES, words, start)
    if dash and (is_loose or (numbered and not numbered["maybe"])):
        start = dash.end()
    date = words[start:end]
    is_sure = " of " in " ".join(date.split()) or (_ORDINAL.search(date) and not _NOUN.match(words, end))
    if is_sure and (the := _before(_THE, words, start)):
        start = the.start()
    for pattern, instead in _MENDS:
        date = pattern.sub(instead, date)
    return start, end, _in_full(date)


def _years(words: str) -> Iterator[_Found]:
    for match in _YEARS.finditer(words):
        first, last = int(match[1]), int(match[1][: 4 - len(match[2])] + match[2])
        is_years = _before(_INTRODUCES, words, match.start()) and not _NAME.match(words, match.end())
        if is_years and first < last <= first + (1 if len(match[2]) == 2 else 30):
            yield *match.span(), f"{first} to {last}"


def _week(words: str) -> Iterator[_Found]:
    for match in _WEEK.finditer(words):
        yield *match.span(), " to ".join(map(_in_full, match.groups()))


def _months_alone(words: str) -> Iterator[_Found]:
    for match in _MONTH_ALONE.finditer(words):
        yield *match.span(), _in_full(match[0])


def _in_full(words: str) -> str:
    return _WORD.sub(lambda word: _NAMES.get(word[1], word[0]), words)


def _before(pattern: re.Pattern[str], words: str, at: int) -> re.Match[str] | None:
    return pattern.search(words, max(0, at - _NEAR), at)


def _times(words: str) -> Iterator[_Found]:
    for match in _TIMES.finditer(words):
        if match["join"] and (both := _stretch(match, words)):
            join = " to " if re.fullmatch(_DASH, match["join"]) else match["join"]
            yield *match.span(), join.join(map(format_time, both))
            continue
        spans = [match.span()]
        if match["join"]:
            spans = [(match.start(), match.start("join")), (match.end("join"), match.end())]
        for side, (start, end) in zip("ab", spans, strict=False):
            moment = _stated(match, side)
            if moment is None and _before(_AT, words, start) and match[f"{side}mark"] == ":":
                moment = _clock(match, side)
            if moment and not (match[f"{side}hours"] and _AMOUNT.match(words, end)):
                yield start, end, format_time(moment)


def _stretch(match: re.Match[str], words: str) -> tuple[time, time] | None:
    """Return the times of a range; None where it is none, or can be read in two ways."""
    first, last = _stated(match, "a"), _stated(match, "b")
    if first is None and match["bhalf"] and last and _is_hour(match, words):
        first = _half(match, "a", is_pm=last.hour >= 12)
        first = first if first and first < last else _half(match, "a", is_pm=False)
    elif match["bhours"] or (match["amark"] == match["bmark"] == ":"):
        first, last = first or _clock(match, "a"), last or _clock(match, "b")
        if first and last and first >= last:
            return None
    return (first, last) if first and last else None


def _is_hour(match: re.Match[str], words: str) -> bool:
    """Tell whether the number that begins a range is an hour: "10:00 to 11am", "9-11am", not "room 9 - 11am"."""
    if match["aminute"]:
        return True
    is_dash = re.fullmatch(_DASH, match["join"])
    return bool(not _before(_NUMBERED, words, match.start()) if is_dash else _before(_AT, words, match.start()))


def _stated(match: re.Match[str], side: str) -> time | None:
    """Return the time that says itself which half of the day it is in."""
    if named := match[f"{side}named"]:
        is_style = not match[f"{side}twelve"] and (named != "noon" or match["join"])
        return None if is_style and not match["join"] else time(0 if named.lower() == "midnight" else 12)
    if half := match[f"{side}half"]:
        return _half(match, side, is_pm=half[0] in "pP")
    if match[f"{side}hours"] and match[f"{side}minute"]:
        is_tight = not match[f"{side}hours"][0].isspace()
        return _clock(match, side) if match[f"{side}mark"] or is_tight else None  # "1200 hours" are many
    return None


def _half(match: re.Match[str], side: str, *, is_pm: bool) -> time | None:
    hour, minute = int(match[f"{side}hour"] or 0), int(match[f"{side}minute"] or 0)
    if not 1 <= hour <= 12:
        return None
    return time(hour % 12 + (12 if is_pm else 0), minute)


def _clock(match: re.Match[str], side: str) -> time | None:
    """Return a time on the 24-hour clock. A single figure, or one before 7am, may be meant for the afternoon."""
    hour, minute = match[f"{side}hour"] or "", match[f"{side}minute"]
    if len(hour) < 2 or not minute or not 7 <= int(hour) <= 23:
        return None
    return time(int(hour), int(minute))
