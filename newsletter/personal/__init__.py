"""Personal data in text: what must not leave in a newsletter, found by shape and, where there is one, by checksum.

It is found as a reader would see it: across line breaks, in links, behind entities, escapes and invisible signs.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.personal.births import births, told_days
from newsletter.personal.cases import cases
from newsletter.personal.homes import homes
from newsletter.personal.identifiers import insurance_numbers, mobile_numbers, nhs_numbers, personal_mail
from newsletter.personal.unveiled import unveil

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.findings import Place
    from newsletter.model import Issue, Prose

NHS_NUMBER = "NHS number"
INSURANCE_NUMBER = "National Insurance number"
BIRTH_DATE = "date of birth"
MOBILE_NUMBER = "mobile number"
PERSONAL_MAIL = "personal mail address"
HOME = "home address"
CASE = "detail of a case"

_FINDERS = {
    NHS_NUMBER: nhs_numbers,
    INSURANCE_NUMBER: insurance_numbers,
    BIRTH_DATE: births,
    MOBILE_NUMBER: mobile_numbers,
    PERSONAL_MAIL: personal_mail,
    HOME: homes,
    CASE: cases,
}
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_LONE_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Private:
    """Personal data of a *kind* at the characters from *start* to *end* of a text."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=512)  # seven checks ask in turn for the texts of an issue
def find(text: str) -> tuple[Private, ...]:
    """Return the personal data in *text*, by where it begins, the longest first."""
    plain = unveil(text)
    spans = {(kind, *plain.span(*span)) for kind, finder in _FINDERS.items() for span in finder(plain.signs)}
    return tuple(sorted((Private(*span) for span in spans), key=lambda one: (one.start, -one.end, one.kind)))


def tell(issue: Issue, kind: str, what: str, code: str, otherwise: str) -> Iterator[tuple[Place, str, str, str]]:
    """Yield the place, message, hint and words of a remark for all personal data of a *kind* in *issue*.

    *what* says what stands there, and *otherwise* when it may stay, as in "If it is none".
    """
    hint = (
        f"Take it out. {otherwise}, excuse this one text with this line below check-ignore:\n"
        f'- {{code: {code}, text: "...", why: "..."}}'
    )
    for text in issue.texts:
        for found in _apart(text, kind):
            yield issue.spot(text, found.start, found.end), f"{what} here", hint, text.text[found.start : found.end]


def _apart(text: Prose, kind: str) -> Iterator[Private]:
    """Yield what is found of a *kind*; what overlaps, once. A venue's address and our own are no one's home."""
    if kind == HOME and text.trail[-1] in {"location", "postal_address"}:
        return
    done = 0
    for found in find(text.text):
        if found.kind == kind and found.start >= done:
            done = found.end
            yield found


def private_words(text: str) -> Iterator[str]:
    """Yield the personal data in *text* as written."""
    return (text[found.start : found.end] for found in find(text))


def mask(text: str) -> str:
    """Return *text* with stars for the personal data that is found in it, where no file tells of more."""
    return Mask()(text)


class Mask:
    """Stars out personal data: what is found in a text, and all that tells of the *known* private texts.

    A known one is recognised in other marks and capitals, and a piece of it when the piece tells enough: of a date
    none does. A day is known in any spelling, where its month and year stand beside it.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        told = [(words, [days for _, _, days in told_days(unveil(words).signs)]) for words in known]
        self._days = {day for _, dates in told for days in dates for day in days}
        spelt = [_spell(words) for words, dates in told if not dates or _is_more(words)]
        self._whole = {one.letters for one in spelt if one.letters}
        # What follows each word of a known text, sorted: the nearest to any text stands beside its place.
        self._tails = sorted({one.letters[begin:] for one in spelt for begin, _ in one.tokens})
        self._longest = max(map(len, self._whole), default=0)

    def __call__(self, text: str) -> str:
        """Return *text* with stars for personal data; blanks and line breaks stay."""
        # Messages quote a sign that nobody sees as "?", so each may be one.
        spans = {span for read in {text, text.replace("?", "\N{SOFT HYPHEN}")} for span in self._spans(read)}
        parts, done = [], 0
        for start, end in sorted(spans):
            parts.append(text[done : max(done, start)])
            parts.append(re.sub(r"\S", "*", text[max(done, start) : max(done, end)]))
            done = max(done, end)
        return "".join([*parts, text[done:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        yield from ((one.start, one.end) for one in find(text))
        yield from self._echoes(text) if self._tails else ()
        yield from self._dates(text) if self._days else ()

    def _dates(self, text: str) -> Iterator[tuple[int, int]]:
        plain = unveil(text)
        return (plain.span(start, end) for start, end, days in told_days(plain.signs) if days & self._days)

    def _echoes(self, text: str) -> Iterator[tuple[int, int]]:
        spelt = _spell(text)
        ends = [end for _, end in spelt.tokens]
        for first, (begin, _) in enumerate(spelt.tokens):
            rest = spelt.letters[begin : begin + self._longest]
            at = bisect(self._tails, rest)
            near = self._tails[max(0, at - 1) : at + 1]
            shared = max(_shared(rest, tail) for tail in near)
            last = bisect(ends, begin + shared) - 1
            while last >= first and not self._tells(spelt.letters[begin : ends[last]], last - first + 1):
                last -= 1
            if last >= first:
                yield spelt.places[begin][0], spelt.places[ends[last] - 1][1]

    def _tells(self, letters: str, tokens: int) -> bool:
        digits = sum(map(str.isdigit, letters))
        if letters in self._whole or (digits >= 4 and not _LONE_YEAR.fullmatch(letters)):
            return True
        return tokens > 1 and len(letters) >= (6 if digits else 8)


def _is_more(words: str) -> bool:
    """Say whether *words* that hold a day are more than a day of birth: the number AB 12 03 56 C reads as one, too."""
    return not {BIRTH_DATE} >= {one.kind for one in find(words)}


def _shared(one: str, other: str) -> int:
    """Return how many letters two texts have in common at their beginnings."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@dataclass(frozen=True, slots=True)
class _Spelt:
    """The letters and figures of a text, in lower case; where each stands, and where each word begins and ends."""

    letters: str
    places: list[tuple[int, int]]
    tokens: list[tuple[int, int]]


def _spell(text: str) -> _Spelt:
    plain = unveil(text)
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    tokens: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(plain.signs):
        begin = len(places)
        for at in range(*token.span()):
            small = plain.signs[at].casefold()
            letters.append(small)
            places += [(plain.starts[at], plain.ends[at])] * len(small)
        tokens.append((begin, len(places)))
    return _Spelt("".join(letters), places, tokens)
