"""Dates of birth: days that are said to be somebody's, and how else such a day may be told.

Each function takes the signs of an unveiled text, and yields where such a thing begins and ends.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    Spans = Iterator[tuple[int, int]]
    Day = tuple[int, int, int]

_MONTH = "|".join(rf"{month[:3]}(?:{month[3:]})?" if month != "September" else "Sept?(?:ember)?" for month in MONTHS)
_DAY = r"\d{1,2} ?(?:st|nd|rd|th)?"
# 12 March 2015; Thursday the 12th of March 2015; March 12, 2015; 12.3.15; 2015-03-12; 12032015
_DATE = (
    rf"(?:(?:{'|'.join(day[:3] for day in WEEKDAYS)})[a-z]{{0,6}}[., ]{{1,2}}(?:the )?)?"
    rf"(?:\d{{4}} ?[-/.] ?\d{{1,2}} ?[-/.] ?\d{{1,2}}|\d{{1,2}} ?[-/. ] ?\d{{1,2}} ?[-/. ] ?(?:\d{{4}}|\d\d)|\d{{8}}"
    rf"|{_DAY}(?: of)?[ .,/-]{{0,2}}(?:{_MONTH})[ .,/'-]{{0,3}}(?:\d{{4}}|\d\d)"
    rf"|(?:{_MONTH})[ .-]{{1,2}}{_DAY}[ ,.-]{{1,2}}\d{{4}})(?![0-9A-Za-z])"
)
# The same in any marks, wherever it stands: 12_03_2015, 3rd-Feb-2015, 2015 February 3
_GAP = "[ ,._/'-]{0,3}"
_SHORT = r"(?:(?:19|20)\d\d(?!\d)|\d\d(?![0-9A-Za-z]|[.:]\d))"
_TOLD = partial(
    re.compile,
    rf"(?<!\d)(?:\d{{8}}(?!\d)|\d{{4}}[ ./_-]{{1,3}}\d{{1,2}}[ ./_-]{{1,3}}\d{{1,2}}(?!\d)"
    rf"|\d{{1,2}}[ ./_-]{{1,3}}\d{{1,2}}[ ./_-]{{1,3}}{_SHORT}|{_DAY}(?: (?:day )?of)?{_GAP}(?:{_MONTH}){_GAP}{_SHORT}"
    rf"|\d{{4}}{_GAP}(?:{_MONTH}){_GAP}\d{{1,2}}(?!\d))|(?<![A-Za-z])(?:{_MONTH}){_GAP}{_DAY}{_GAP}(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
# DOB 12/03/2015; date of birth is 12 March 2015; born on the 12th; Jo, b. 12.3.15; her birthday, 12 March 2015
_BORN = partial(
    re.compile,
    r"(?:\b(?:d ?\. ?o ?\. ?b ?\.?|dob|dates? of birth|birth ?date)(?![A-Za-z])[^0-9A-Za-z]{0,6}"
    rf"(?:(?:is|was|of|on) )?|(?P<born>\bborn(?: on)?(?: the)?:?,? )"
    rf"|(?<![\w.])(?P<b>(?-i:b)\. ?)|(?P<birthday>\bbirthday[:,]? (?:(?:is|was)(?: on)? )?))(?P<day>{_DATE})",
    re.IGNORECASE,
)
# 12/03/2015, DOB
_AFTER_BIRTH = partial(re.compile, rf"(?P<day>{_DATE}) ?[(\[] ?(?:d\.? ?o\.? ?b\b|date of birth)", re.IGNORECASE)
_BIRTH_CUES = ("born", "birth", "dob", "d.o", "d. o", "d o b", "d .", "b.")
_ON = partial(re.compile, r" ?(?:to|and|until|or|-) ?(?:\d|before|after|later)", re.IGNORECASE)
_MANY = partial(
    re.compile,
    r"\b(?:children|babies|those|pupils|people|anyone|everyone|students|infants|girls|boys|patients|adults"
    r"|partnership|charity|service|project|campaign|idea|network|organisation)\b[^.]{0,24}$",
    re.IGNORECASE,
)
_CHILD = r"(?:\w+ )?(?:baby|child|infant|person|pupil|student)(?: who (?:is|was)| was)? $"
_ANY_ONE = partial(re.compile, rf"\b(?:any|every|each|your) {_CHILD}", re.IGNORECASE)
# A baby born on 3 February 2026 will be eligible
_ONE = partial(re.compile, rf"\ban? {_CHILD}", re.IGNORECASE)
_WILL = partial(
    re.compile,
    r",? (?:will|would|can|could|may|might|must|should|starts?|gets?|reaches|turns|qualifies|is (?:eligible|entitled))"
    r"\b",
    re.IGNORECASE,
)
_LISTED = partial(
    re.compile, r"\b(?:a[.)] |(?:option|part|group|class|session|set|choice|plan|dates?) $)", re.IGNORECASE
)
# our 10th birthday
_NTH = partial(re.compile, r"(?:\d(?:st|nd|rd|th)|\b(?:first|second|third|\w+th|our)) $", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_EARLIEST = 1900  # who was born before is in the history books


def births(signs: str) -> Spans:
    """Dates that are said to be those of a birth; not those that bound an age group, or of long ago."""
    small = signs.casefold()
    if not any(cue in small for cue in _BIRTH_CUES):
        return
    for found in _BORN().finditer(signs):
        start, end = found.span("day")
        if _is_recent(found["day"]) and not _is_no_ones(signs, found):
            yield start, end
    for found in _AFTER_BIRTH().finditer(signs):
        if _is_recent(found["day"]):
            yield found.span("day")


def _is_no_ones(signs: str, found: re.Match[str]) -> bool:
    """Whether the day is that of an age group, of anyone, of an anniversary, or of a list's point b."""
    before = signs[max(0, found.start() - 40) : found.start()]
    if found["b"]:
        return bool(_LISTED().search(signs, max(0, found.start() - 200), found.start()))
    if found["birthday"]:
        return bool(_NTH().search(before) or _MANY().search(before))
    if not found["born"]:
        return False
    end = found.end("day")
    is_any = _ANY_ONE().search(before) or (_ONE().search(before) and _WILL().match(signs, end))
    return bool(is_any or _MANY().search(before) or _ON().match(signs, end))


def _is_recent(day: str) -> bool:
    years = [int(year) for year in _YEAR.findall(day) if not day.isdigit()]
    return not years or max(years) >= _EARLIEST


def told_days(signs: str) -> Iterator[tuple[int, int, set[Day]]]:
    """Yield where a whole date is told, in any spelling, and the days it may mean: 03/02/2015 is two."""
    for found in _TOLD().finditer(signs):
        yield *found.span(), set(_days(found[0]))


def _days(told: str) -> Iterator[Day]:
    """Yield each reading of a date, the year first; whether there was such a day does not matter."""
    numbers = [int(number) for number in re.findall(r"\d+", told)]
    if told.isdigit():
        yield int(told[:4]), int(told[4:6]), int(told[6:])
        numbers = [int(told[:2]), int(told[2:4]), int(told[4:])]
    first, last = numbers[0], numbers[-1]
    if first >= 100:
        first, last = last, first
    named = re.search(_MONTH, told, re.IGNORECASE)
    for year in [last] if last >= 100 else [1900 + last, 2000 + last]:
        if named:
            yield year, next(n for n, month in enumerate(MONTHS, 1) if month[:3] == named[0][:3].title()), first
        else:
            yield from ((year, numbers[1], first), (year, first, numbers[1]))
