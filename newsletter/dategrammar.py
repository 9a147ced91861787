"""The grammar of dates: what an editor typed, taken apart but not yet understood.

    line    = ["from"] group { ("and" | "," | "to") group }
    group   = day { ("to" | "and" | ",") day } [times]
    day     = [weekday [","]] (figures | number [month [[","] year]])
    times   = [","] ["at" | "from"] stretch { ("and" | ",") stretch }
    stretch = moment ["to" moment]
    moment  = hour ["am" | "pm"] | clock ["am" | "pm" | "hours"] | ["12"] ("midday" | "noon" | "midnight")

It takes in more than a line may say (lists of days, months before days, years of two digits), so that
``newsletter.dates`` can name what is wrong and write what would be right. Nothing here raises.
Every part knows where it stands in the text: ``text[part.start:part.end]`` is how its author wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeVar

from newsletter.datewords import Token, read_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written; 0 and "" stand for what was left out. *figures* is a whole ``2026-02-03`` or ``03/02/2026``."""

    start: int
    end: int
    weekday: int | None = None
    number: int = 0
    month: int = 0
    year: str = ""
    figures: str = ""
    month_first: bool = False

    @property
    def has_month(self) -> bool:
        """Whether the day can stand without another after it to take its month from."""
        return bool(self.month or self.figures)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day as written: *half* is AM, PM or None.

    *named* is true of midday, noon and midnight, *padded* of a time with a leading zero, as in 09:00.
    """

    start: int
    end: int
    hour: int
    minute: int = 0
    half: int | None = None
    named: bool = False
    padded: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time alone, or from one time to another."""

    first: Moment
    last: Moment | None = None

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.first.start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return (self.last or self.first).end


@dataclass(frozen=True, slots=True)
class Group:
    """Days and the times that all of them share. Each of *days* is one day, or the days that "to" joins."""

    days: tuple[tuple[Day, ...], ...]
    times: tuple[Stretch, ...]
    link: str  # what joins it to the group before: "to", "and", or "" for the first


@dataclass(frozen=True, slots=True)
class Line:
    """The longest date at the start of a text, which ends at *end*."""

    groups: tuple[Group, ...]
    end: int


def parse_line(text: str) -> Line | None:
    """Return the longest date at the start of *text*, or None where there is none."""
    return _Parser(text).line()


def is_times(text: str) -> bool:
    """Tell whether *text* is times and nothing else; a bare number is not."""
    parser = _Parser(text)
    times = parser.times()
    if times is None or not parser.sees("end"):
        return False
    alone = times[0].first
    return len(times) > 1 or times[0].last is not None or alone.half is not None or alone.end - alone.start > 2


class _Parser:
    """One method a rule. A rule that does not fit answers None; what it took is given back by ``attempt``."""

    def __init__(self, text: str) -> None:
        self._unread = chain(read_tokens(text), repeat(Token("end", "", len(text), len(text))))
        self._tokens: list[Token] = []  # read as far as a rule has looked: most texts end soon
        self._at = 0

    def sees(self, *kinds: str) -> bool:
        return self._next.kind in kinds

    def take(self, *kinds: str) -> Token | None:
        if not self.sees(*kinds):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def attempt(self, rule: Callable[[], _Part | None]) -> _Part | None:
        mark = self._at
        found = rule()
        if found is None:
            self._at = mark
        return found

    @property
    def _next(self) -> Token:
        while len(self._tokens) <= self._at:
            self._tokens.append(next(self._unread))
        return self._tokens[self._at]

    @property
    def _start(self) -> int:
        return self._next.start

    @property
    def _end(self) -> int:
        return self._tokens[self._at - 1].end

    def line(self) -> Line | None:
        self.take("at")
        first = self.group("", self.attempt(self.month_first))
        if first is None:
            return None
        groups = [first]
        while following := self.attempt(self.next_group):
            groups.append(following)
        return Line(tuple(groups), self._end)

    def next_group(self) -> Group | None:
        link = self.link()
        return self.group(link) if link else None

    def group(self, link: str, opening: Day | None = None) -> Group | None:
        days = self.days(opening)
        return Group(days, self.attempt(self.times) or (), link) if days else None

    def link(self) -> str:
        if self.take("to"):
            return "to"
        comma = self.take("comma")
        return "and" if self.take("and") or comma else ""

    def days(self, opening: Day | None) -> tuple[tuple[Day, ...], ...]:
        """Take days as far as one has its month: in "3 February 2026 - 10 years on" the 10 is not a day."""
        link, day = "", opening or self.attempt(self.day)
        found: list[tuple[str, Day, int]] = []
        while day:
            found.append((link, day, self._at))
            link = self.link()
            day = self.attempt(self.day) if link else None
        while found and not found[-1][1].has_month:
            found.pop()
        ranges: list[tuple[Day, ...]] = []
        for link, day, self._at in found:
            if link == "to":
                ranges[-1] += (day,)
            else:
                ranges.append((day,))
        return tuple(ranges)

    def day(self) -> Day | None:
        start, weekday = self._start, self.weekday()
        if figures := self.take("figures"):
            return Day(start, self._end, weekday, figures=figures.text)
        number = self.take("ordinal", "number")
        if number is None:
            return None
        month = self.take("month")
        year = self.attempt(self.year) if month else None
        return Day(start, self._end, weekday, number.value, month.value if month else 0, year or "")

    def month_first(self) -> Day | None:
        """Take "February 3 2026" or "February 2026": people write both, and neither is a day to us."""
        start, weekday = self._start, self.weekday()
        month = self.take("month")
        number = self.take("ordinal", "number") if month else None
        year = self.attempt(self.year) if month else None
        if month is None or not (number or year):
            return None
        return Day(start, self._end, weekday, number.value if number else 0, month.value, year or "", month_first=True)

    def weekday(self) -> int | None:
        found = self.take("weekday")
        if found:
            self.take("comma")
        return found.value if found else None

    def year(self) -> str | None:
        """Take a year of four digits, or two where they cannot be the hour of a time."""
        comma = self.take("comma")
        if year := self.take("year", "short"):
            return year.text
        number = self.take("number")
        if comma or number is None or len(number.text) == 1:
            return None
        time = self.attempt(self.rest_of_time) if number.value <= 24 else None
        return None if time else number.text

    def rest_of_time(self) -> Token | None:
        named = self.take("half", "named")
        return named or (self.take("number", "clock", "named") if self.take("to") else None)

    def times(self) -> tuple[Stretch, ...] | None:
        self.take("comma")
        self.take("at")
        first = self.stretch()
        if first is None:
            return None
        found = [first]
        while following := self.attempt(self.next_stretch):
            found.append(following)
        return tuple(found)

    def next_stretch(self) -> Stretch | None:
        return self.stretch() if self.link() == "and" else None

    def stretch(self) -> Stretch | None:
        first = self.moment()
        return Stretch(first, self.attempt(self.end_of_stretch)) if first else None

    def end_of_stretch(self) -> Moment | None:
        return self.moment() if self.take("to") else None

    def moment(self) -> Moment | None:
        """Take a time. A bare number with a word after it is none: "10 Downing Street", "4 March"."""
        if named := self.take("named"):
            return Moment(named.start, named.end, 12, half=named.value, named=True)
        clock = self.take("clock", "number")
        if clock is None:
            return None
        hour, minute = [int(part) for part in re.split("[.:]", clock.text + ":0")[:2]]
        half = self.take("half")
        named = self.take("named") if (hour, minute, half) == (12, 0, None) else None
        if clock.kind == "number" and not half and self.sees("word", "month", "hours"):
            return None
        found = half or named or self.take("hours")
        value = found.value if found and found.kind != "hours" else None
        padded = clock.text.startswith("0")
        return Moment(clock.start, self._end, hour, minute, value, named=bool(named), padded=padded)
