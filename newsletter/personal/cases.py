"""Detail of one child's or family's case: a letter for a name, an age, a place.

Each function takes the signs of an unveiled text, and yields where such a thing begins and ends.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS
from newsletter.personal.givennames import GIVEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    Spans = Iterator[tuple[int, int]]

_MONTH = "|".join(month[:3] for month in MONTHS)
_NUMBER = (
    r"(?i:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen)"
)
_NO_GROUP = (  # what would make a single age the age of a group
    r"(?![\w%]|:\d)(?!\.\d)(?! ?(?:to|-|/|\+|plus|or|and (?:over|under|above|below|up)|months? to|years? to) ?)"
    rf"(?! (?:{_MONTH})[a-z]*\b)(?! ?(?:am|pm|noon|minutes|hours|days|places|sessions)\b)"
)
_NOT_SINCE = r"(?! (?:on|ago|later|after|since|before|earlier)\b)"  # three years on
# 7; seven years; 9 months old
_YEARS = rf"(?:{_NUMBER}(?:[ -](?:years?|months?|weeks?|days?)(?:[ -]olds?|{_NOT_SINCE}))?{_NO_GROUP})"
# 7 where only an age can stand, as in: Child A is 7 and; girl, 9, from Armley
_BARE = rf"{_YEARS}(?=[),.;:\]]|$| (?:from|of|in|who|was|is|has|had|lives)\b)"
# what follows a child, as in: , aged 7; , 7,; who is aged seven
_AGED = (
    r"[ ,(\[-]{1,3}(?i:(?:who )?(?:is|was) )?"
    rf"(?:(?i:aged?|age of)[ :]{{1,2}}{_YEARS}|(?<=[,(]){_BARE}|(?<=, ){_BARE})"
)
# Child A; Baby P; Child B, 7; FAMILY C
_CASE = partial(
    re.compile,
    r"\b(?:[Cc]hild|[Bb]aby|[Ii]nfant|[Ss]ibling|[Bb]oy|[Gg]irl|[Yy]oung [Pp]erson|[Mm]other|[Ff]ather|[Ff]amily"
    r"|CHILD|BABY|INFANT|SIBLING|YOUNG PERSON|FAMILY) (?P<letter>[A-Z]\d?)(?![\w'’&+/@-])(?!\.[A-Za-z0-9])"
    rf"(?P<age>{_AGED}| (?i:is|was) {_BARE}| {_BARE})?",
)
# mother of X; the father of Child B
_KIN_OF = partial(
    re.compile,
    r"\b(?i:mother|father|mum|dad|parents?|sister|brother|sibling|grandmother|grandfather|aunt|uncle|carers?) of "
    r"(?:[Cc]hild |[Bb]aby )?[A-Z](?![\w'’&+/@-])(?!\.[A-Za-z])",
)
_GENERIC = "baby|child|infant|teenager|toddler|pupil|student|young person|sibling"
_KIN = "son|daughter|brother|sister|nephew|niece|grandson|granddaughter|stepson|stepdaughter|twin"
_RELATED = f"boy|girl|{_KIN}"
# boy, aged 9; his daughter, aged 12; a child aged 7 from Middleton
_SINGLE = partial(
    re.compile,
    rf"\b(?P<one>(?:(?P<generic>{_GENERIC})|{_RELATED}){_AGED})\)?(?P<more>,? (?:from|of|in|at|who|was|had)\b)?",
    re.IGNORECASE,
)
# My son Tom, 7; her niece Maya, aged 9
_NAMED = partial(
    re.compile,
    rf"(?:\b(?i:my|his|her|their|our)|['’]s) (?i:{_KIN}) [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?{_AGED}",
)
# siblings aged 2, 4 and 7
_SEVERAL = partial(
    re.compile,
    r"\b(?:siblings|twins|brothers|sisters|sons|daughters)[ ,(]{1,2}aged? \d{1,2}(?:, ?\d{1,2}){0,6},? and \d{1,2}"
    r"(?![\w%+-])(?! (?:to|or|and over)\b)",
    re.IGNORECASE,
)
_BRIEFLY = "(?:yo|y/o)"
# a 7-year-old girl from Harehills; 7yo boy who had; the 16-year-old was
_OLD = partial(
    re.compile,
    rf"\b(?:(?:{_NUMBER}|\d\d)[ -](?:year|month|week|day)s?[ -]old|\d{{1,2}} ?{_BRIEFLY})"
    rf"(?: (?:{_GENERIC}|{_RELATED}|mother|father|mum|dad|man|woman|schoolboy|schoolgirl))?,?"
    r"(?: (?:from|in|of|living in|who lives in|at) (?:the )?(?!(?:UK|England|Britain|Wales)\b)(?-i:[A-Z])[\w'-]+"
    r"| (?:was|had|has been|died|disclosed|who (?:was|had|died|lives?|is|has))\b)",
    re.IGNORECASE,
)
# 7yo and 7 y/o as case notes have it; not for a 7yo, and not 7yo and over
_NOTED = partial(re.compile, rf"(?<![\w.-])\d{{1,2}} ?{_BRIEFLY}\b(?! ?(?:and|or|to|[+&/-]))", re.IGNORECASE)
# Ella, 7; J.B. (aged 9); Connor Walsh is 8
_PERSON = partial(re.compile, rf"\b(?P<name>[A-Z]\. ?[A-Z]\.|[A-Z]{{2}}|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){{0,2}}){_AGED}")
# Aged just four, Riley
_PERSON_AFTER = partial(re.compile, rf"\b[Aa]ged (?:just |only )?{_YEARS}, (?P<name>[A-Z]\. ?[A-Z]\.|[A-Z][\w'’-]+)")
_NO_INITIALS = {"CE", "CP", "DA", "DV", "FE", "HE", "HR", "ID", "IT", "MP", "NI", "PC", "PE", "RE", "SW", "TV", "UK"}
_CASE_WORD = partial(
    re.compile,
    r"\b(?:CP plan|child protection plan|foster (?:care|carers?|family|home|placement)|removed from|placed with"
    r"|known to (?:us|the|our|her|his|their|social|children|police|services|early|CAMHS|MASH)|overdos(?:e|ed)|MACE"
    r"|abused|hit by|step-?(?:father|mother|dad|mum)|disclosed|told (?:(?:her|his|their|a|the) )?(?:teacher|school)"
    r"|taken into care|missing from)\b",
    re.IGNORECASE,
)
_ANY_AGED = partial(
    re.compile,
    r"\b(?:for|any|every|each|per|under|over|to|from|and|or|with|between|than|an?)(?: an?)? $",
    re.IGNORECASE,
)
_LETTER = re.compile(r" [A-Z]\d?(?![\w'’&+/@-])")
_AGE = re.compile(  # looked for first: all that tells one person's age is near one of these
    rf"(?:^|[ ,(\[-])(?:age[d ]|old\b|(?<=[,(\[]) ?{_NUMBER}\b)|\d ?y/?o\b", re.IGNORECASE
)
_ANY = partial(re.compile, r"\b(?:your|every|each|any|per|no)(?: own)?(?: \w+ or)? $", re.IGNORECASE)
_AN = re.compile(r"\b[Aa]n? $")  # "a family F night": a pseudonym has no article
_SIDE = re.compile(  # "Girl B team"
    r" (?:teams?|squads?|sides?|class(?:es)?|sets?|leagues?|cohorts?|finals?|games?|nights?|matche?s?)\b", re.IGNORECASE
)
_ARTICLE = partial(re.compile, r"\b(?:an?|one|the|for|their|our) $", re.IGNORECASE)
_PUBLISHED = partial(re.compile, r"\b(?:published|learning|lessons|case of|years? (?:on|after|later))\b", re.IGNORECASE)
_REVIEW = partial(re.compile, r"\b(?:reviews?|SCRs?|L?CSPRs?|inquir(?:y|ies)|reports?)\b", re.IGNORECASE)
# what stands before "girl, 15" below what she said
_QUOTED = re.compile(r"[\"'”’»_] ?[(\[-]{1,2} ?$")
_SENTENCE = re.compile(r"[.!?][\"'”’)]? (?=[\"'“‘(]?[A-Z])")
_ADULT = 18
_SPAN = 200  # how far from a name the rest of its sentence is read


def cases(signs: str) -> Spans:
    """Detail of one child's or family's case: a letter for a name, an age and a place for one person."""
    if _LETTER.search(signs):
        for found in (*_KIN_OF().finditer(signs), *_CASE().finditer(signs)):
            if not _is_reviewed(signs, found) and (found.lastgroup != "letter" or _is_pseudonym(signs, found)):
                yield found.span()
    has_case_word = bool(_CASE_WORD().search(signs))
    for near in _near_ages(signs):
        yield from (found.span() for found in _OLD().finditer(signs, *near))
        yield from (found.span() for found in _NAMED().finditer(signs, *near))
        yield from (found.span() for found in _NOTED().finditer(signs, *near) if _is_noted(signs, found))
        yield from (found.span() for found in _SEVERAL().finditer(signs, *near))
        if has_case_word:
            yield from _in_care(signs, near)
        yield from (found.span("one") for found in _SINGLE().finditer(signs, *near) if _is_one(signs, found))


def _near_ages(signs: str) -> Spans:
    """Yield the stretches that may tell an age; those that overlap as one."""
    begin = end = 0
    for age in _AGE.finditer(signs):
        if age.start() - 48 > end:
            if end:
                yield begin, end
            begin = max(0, age.start() - 48)
        end = age.end() + 80
    if end:
        yield begin, end


def _in_care(signs: str, near: tuple[int, int]) -> Spans:
    """Yield a name or initials with one age, in a sentence with a word of a case."""
    for pattern in (_PERSON(), _PERSON_AFTER()):
        for found in pattern.finditer(signs, *near):
            if (
                _is_person(found["name"])
                and _is_childs(found[0])
                and _CASE_WORD().search(_sentence(signs, *found.span()))
            ):
                yield found.span()


def _is_childs(words: str) -> bool:
    """Whether the age is none of a grown-up's, and no number of a note: Adam (1), Beth (2)."""
    is_note = words[-2:] in {"(1", "(2", "(3"}
    return not is_note and all(int(number) < _ADULT for number in re.findall(r"\d+", words))


def _is_person(name: str) -> bool:
    if name.isupper() and len(name.replace(".", "")) < 3:
        return name not in _NO_INITIALS
    return any(word in GIVEN for word in re.split(r"[ '’-]", name.casefold()))


def _sentence(signs: str, start: int, end: int) -> str:
    """Return the sentence around the signs from *start* to *end*, as far as it is near."""
    begin = max(0, start - _SPAN)
    for stop in _SENTENCE.finditer(signs, begin, end + _SPAN):
        if stop.end() <= start:
            begin = stop.end()
        elif stop.start() >= end:
            return signs[begin : stop.start()]
    return signs[begin : end + _SPAN]


def _is_noted(signs: str, found: re.Match[str]) -> bool:
    return not _ANY_AGED().search(signs[max(0, found.start() - 16) : found.start()])


def _is_one(signs: str, found: re.Match[str]) -> bool:
    """Whether one child is meant, not any: "your daughter aged 12", "a child aged 2 can have a free place"."""
    before = signs[max(0, found.start() - 24) : found.start()]
    is_generic = found["generic"] and _ARTICLE().search(before) and not found["more"]
    return not _ANY().search(before) and not is_generic and not _QUOTED.search(before)


def _is_reviewed(signs: str, found: re.Match[str]) -> bool:
    """Whether a published review gave this name: its sentence says so."""
    return bool(_REVIEW().search(_sentence(signs, *found.span())))


def _is_pseudonym(signs: str, found: re.Match[str]) -> bool:
    """Whether "Child A" without an age is a child, and not a published review of that name or a piece of a heading."""
    start, end = found.span()
    before, after = signs[max(0, start - 60) : start], signs[end : end + 60]
    if _AN.search(before) or _SIDE.match(after) or _PUBLISHED().search(before) or _PUBLISHED().search(after):
        return False
    words = {"A": " [A-Z]", "I": " [A-Za-z]"}.get(found["letter"])
    return not words or not (re.match(words, after) or _ANY().search(before) or _ARTICLE().search(before))
