"""The words of dates: how a day and a time are printed, and a text taken apart into the words a date is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime, time

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

AM, PM = 0, 12  # the hours each adds to a twelve-hour clock


def format_date(day: date) -> str:
    """Return the day without its weekday: ``3 February 2026``."""
    return f"{day.day} {format_month(day)}"


def format_month(day: date) -> str:
    """Return the month that *day* is in: ``February 2026``."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def format_day(day: date) -> str:
    """Return the day with its weekday, worked out: ``Tuesday 3 February 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {format_date(day)}"


def format_time(t: time) -> str:
    """Return the time on the twelve-hour clock, as GOV.UK prints it: ``9am``, ``3:30pm``, ``midday``, ``midnight``."""
    if t.minute == 0 and t.hour in (0, 12):
        return "midday" if t.hour else "midnight"
    minutes = f":{t.minute:02}" if t.minute else ""
    return f"{(t.hour - 1) % 12 + 1}{minutes}{'am' if t.hour < 12 else 'pm'}"


def format_moment(moment: datetime) -> str:
    """Return the day and the time as they stand in *moment*: ``Monday 5 January 2026 at 9:04am``."""
    return f"{format_day(moment.date())} at {format_time(moment.time())}"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark. *value* is the month (1 to 12), the weekday (0 is Monday), or AM or PM."""

    kind: str
    text: str
    start: int
    end: int
    value: int = 0


def _vocabulary() -> dict[str, tuple[str, int]]:
    words = dict.fromkeys(("to", "till", "until"), ("to", 0))
    words |= {"and": ("and", 0), "at": ("at", 0), "from": ("at", 0), "am": ("half", AM), "pm": ("half", PM)}
    words |= {"midnight": ("named", AM), "midday": ("named", PM), "noon": ("named", PM)}
    words |= dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("hours", 0))
    for number, name in enumerate(MONTHS, 1):
        words |= {name[:length].casefold(): ("month", number) for length in (3, 4, len(name))}
    for number, name in enumerate(WEEKDAYS):
        words |= {name[:length].casefold(): ("weekday", number) for length in (3, len(name))}
    return words | {"tues": ("weekday", 1), "weds": ("weekday", 2), "thur": ("weekday", 3), "thurs": ("weekday", 3)}


_VOCABULARY = _vocabulary()

# Each alternative is bounded or a single run, so a text is read in one pass whatever it holds.
# Word processors put the hyphens U+2010 and U+2011 where a plain one was typed.
_TOKEN = re.compile(
    r"""
      (?P<figures> [0-9]{1,4} (?P<mark> [-./] ) [0-9]{1,2} (?P=mark) [0-9]{1,4} (?![0-9]) )
    | (?P<clock>   [0-9]{1,2} [:.] [0-9]{2} (?![0-9]) )
    | (?P<ordinal> [0-9]{1,2} (?: st | nd | rd | th ) (?![^\W\d_]) )
    | (?P<short>   ['\u2019] [0-9]{2} (?![0-9]) )
    | (?P<number>  [0-9]{1,2} (?![0-9]) )
    | (?P<year>    [1-9][0-9]{3} (?![0-9]) )
    | (?P<word>    [ap]\.m\b\.? | [^\W\d_]+ \.? )
    | (?P<to>      [-\u2010\u2011\u2013\u2014] )
    | (?P<and>     [&+] )
    | (?P<comma>   [,;] )
    | (?P<other>   [0-9]+ | \S )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the words, numbers and marks of *text* in order; blanks of any kind only part them."""
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "other", 0
        if kind == "word":
            kind, value = _VOCABULARY.get(match[0].replace(".", "").casefold(), ("word", 0))
        elif kind in ("number", "ordinal"):
            value = int(match[0] if kind == "number" else match[0][:-2])
        yield Token(kind, match[0], match.start(), match.end(), value)


# A time at the start of what follows a day, up to the four figures of its end: ", 1000-1530", "930am", "9am to 1030".
_TIME_AHEAD = re.compile(
    r"""
    [\s,]* (?: (?: at | from ) \s+ )? [0-9][0-9:.]* \s{0,3} (?: [ap]\.?m\b\.? | h(?: (?: ou )? rs? )?\b )?
    (?: \s{0,3} (?: to | till | until | [-\u2013\u2014] ) \s{0,3} [0-9]{3,4} (?![0-9]) )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NO_COLON = re.compile(r"(?<![0-9:.])(2[0-3]|[01]?[0-9])([0-5][0-9])(?![0-9:.])")


def with_colons(text: str, at: int) -> tuple[str, int]:
    """Return *text* with colons in the time that stands at *at*, ``14:00-16:00`` for ``1400-1600``, and its old end."""
    time = _TIME_AHEAD.match(text, at)
    end = time.end() if time else at
    return text[:at] + _NO_COLON.sub(r"\1:\2", text[at:end]) + text[end:], end


def strange_words(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each unknown word that stands where a month or a weekday should, with the kind and the names."""
    edge = Token("end", "", 0, 0)
    tokens = [edge, *read_tokens(text), edge, edge]
    for before, word, after, beyond in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if word.kind != "word":
            continue
        if before.kind in ("number", "ordinal") and after.kind != "word":
            yield word.text.rstrip("."), "month", MONTHS
        elif after.kind in ("number", "ordinal") and beyond.kind in ("month", "to", "and", "comma"):
            yield word.text.rstrip("."), "weekday", WEEKDAYS
