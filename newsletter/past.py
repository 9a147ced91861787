"""What an issue said that another may repeat or contradict, and the issues that it is held to.

Titles are the same when they say the same: whatever their case, quotes, apostrophes, dashes and blanks, and whether
they have "&" or "and". Accents count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from newsletter.dates import Span  # noqa: TC001  as every field of a dataclass
from newsletter.datewords import format_month
from newsletter.findings import Place  # noqa: TC001  likewise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from newsletter.model import Issue

_QUOTES = "'\"`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u02bc\u00ab\u00bb\u2039\u203a"
_UNSEEN = "\u00ad\u200b\u2060\ufeff"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SHORT = 600  # characters: about a hundred words
_ALIKE = {ord(sign): "" for sign in _QUOTES + _UNSEEN} | {ord(sign): " " for sign in _DASHES} | {ord("&"): " and "}


@dataclass(frozen=True, slots=True)
class Dated:
    """A diary event or a session of a course, as an issue gave it."""

    title: str
    span: Span
    place: Place
    is_session: bool = False
    cancelled: bool = False
    is_sure: bool = True  # its weekday, if it has one, is that of its day
    location: str = ""

    @property
    def sort_key(self) -> tuple[date, time, date]:
        """What to sort by: its start, then its end."""
        return (*self.span.sort_key, self.span.last)


@dataclass(frozen=True, slots=True)
class Kept:
    """A link that stands in issue after issue: a favourite, or the booking of a course."""

    text: str
    url: str
    place: Place
    days: tuple[date, ...] = ()  # the first days of the sessions that it books


@dataclass(frozen=True, slots=True)
class Told:
    """An article: its title, and the digest of its text."""

    title: str
    digest: str
    place: Place


class Name(NamedTuple):
    """What dates are told apart by: a course and a day in the diary may share their words."""

    is_session: bool
    title: str


@dataclass(frozen=True)
class Past:
    """What an issue said."""

    issue: str
    subject: str
    draft: bool = False
    events: tuple[Dated, ...] = ()
    kept: tuple[Kept, ...] = ()
    news: tuple[Told, ...] = ()

    @cached_property
    def dates(self) -> Mapping[Name, Sequence[Dated]]:
        """The events by what they are called."""
        return by_name(self.events)

    @cached_property
    def addresses(self) -> Mapping[str, Sequence[Kept]]:
        """The links by their words."""
        return by_words(self.kept)


def said(issue: Issue) -> Past:
    """Return what *issue* says."""
    return Past(issue.id, issue.subject, issue.draft, dates_in(issue), links_in(issue), news_in(issue))


def dates_in(issue: Issue) -> tuple[Dated, ...]:
    """Return the sessions and diary events of *issue*."""
    return tuple(
        Dated(
            event.title,
            replace(event.span, stated=()),
            issue.places.place(event.trail),
            event.is_session,
            event.cancelled,
            event.span.is_sure,
            event.location,
        )
        for event in issue.events()
    )


def links_in(issue: Issue) -> tuple[Kept, ...]:
    """Return the links of *issue* that should lead to the same place in each issue."""
    sessions = [event for event in issue.events() if event.is_session]
    return tuple(
        Kept(
            link.text,
            link.url,
            issue.places.place(link.trail),
            tuple(event.span.first for event in sessions if event.trail[: len(link.trail) - 1] == link.trail[:-1]),
        )
        for link in issue.targets()
        if link.lasting
    )


def news_in(issue: Issue) -> tuple[Told, ...]:
    """Return what *issue* should be the only one to have. A short text, such as whom to ring, may stand in each."""
    return tuple(
        Told(news.title, sha256(_alike(news.text).encode()).hexdigest(), issue.places.place(news.trail))
        for news in issue.news()
        if len(news.text) >= _SHORT
    )


def by_name(events: Iterable[Dated]) -> dict[Name, list[Dated]]:
    """Return *events* by what they are called, in the order of their first mention."""
    named: dict[Name, list[Dated]] = {}
    for event in events:
        named.setdefault(Name(event.is_session, normal(event.title)), []).append(event)
    return named


def are_sure(*lists: Iterable[Dated]) -> bool:
    """Tell whether the day of each event is known: where a weekday is wrong, the issue that has it is told of that."""
    return all(event.is_sure for events in lists for event in events)


def by_words(links: Iterable[Kept]) -> dict[str, list[Kept]]:
    """Return *links* by their words."""
    worded: dict[str, list[Kept]] = {}
    for link in links:
        worded.setdefault(normal(link.text), []).append(link)
    return worded


@lru_cache(maxsize=4096)  # the same titles stand in issue after issue
def normal(title: str) -> str:
    """Return *title* in the form in which titles are compared."""
    return _alike(title)


def _alike(text: str) -> str:
    return " ".join(normalize("NFC", text).translate(_ALIKE).casefold().split())


def month_of(issue: str) -> date:
    """Return the first day of the month of the issue with this id."""
    return date(int(issue[:4]), int(issue[5:7]), 1)


def moment_of(issue: str, zone: ZoneInfo) -> datetime:
    """Return what the issue with this id is dated where no clock is asked: 9am on the first of its month in *zone*."""
    return datetime.combine(month_of(issue), time(9), zone)


def is_monthly(issue: str) -> bool:
    """Tell whether the id *issue* is that of a monthly issue, and not of a special edition."""
    return len(issue) == len("2026-01")


def months_between(one: str, other: str) -> int:
    """Return how many months the issue *other* is after *one*."""
    a, b = month_of(one), month_of(other)
    return (b.year - a.year) * 12 + b.month - a.month


def earlier(others: Iterable[Past], issue: str) -> list[Past]:
    """Return those of *others* that come before *issue*: drafts too, for they are meant to leave before it."""
    return [past for past in others if past.issue < issue]


def nearest(others: Sequence[Past], issue: str) -> list[Past]:
    """Return the newest of *others* before *issue*, and the first after it; a draft that comes after has no say yet."""
    later = [past for past in others if past.issue > issue and not past.draft]
    return [*earlier(others, issue)[-1:], *later[:1]]


def called(other: str, issue: str) -> str:
    """Return how to speak of the issue *other* in a finding about *issue*."""
    if not is_monthly(other):
        return f"the special edition {other}"
    away = months_between(issue, other)
    if abs(away) == 1:
        return "last month's issue" if away < 0 else "next month's issue"
    return f"the {format_month(month_of(other))} issue"


def line(place: Place) -> str:
    """Return *place* as hints name it: the file and the line."""
    return f"{place.file}:{place.line}"
