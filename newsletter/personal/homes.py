"""Home addresses: a full postcode beside a person's name.

Each function takes the signs of an unveiled text, and yields where such a thing begins and ends.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS, WEEKDAYS
from newsletter.personal.givennames import GIVEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    Spans = Iterator[tuple[int, int]]

# The 124 postcode areas of Royal Mail, and the letters that stand in the inward half.
_AREA = (
    "A[BL]|B[ABDHLNRSTB]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    "|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_POSTCODE = partial(
    re.compile, rf"(?<![0-9A-Za-z])(?:{_AREA})\d[0-9A-Z]? ?\d[ABD-HJLNP-UW-Z]{{2}}(?![0-9A-Za-z])", re.IGNORECASE
)
_MAYBE_POSTCODE = re.compile(r"\d ?\d[ABD-HJLNP-UW-Z]{2}(?![0-9A-Z])", re.IGNORECASE)
_REACH = 100  # how far back an address may begin
_TITLED = r"(?:Mr|Mrs|Ms|Miss|Mx|Master|MR|MRS|MS|MISS)\.? (?:[A-Z]\.? ?){0,2}[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?"
_NAMED = r"[A-Z][\w'’-]+(?: [A-Z]\.?(?= ))?(?: (?:(?:al|ap|bin|de|la|van|von) )?[A-Z][\w'’-]+){0,2}"
_THEIRS = "(?: (?:mum|mother|mam|dad|father|nan|gran|parents?|family|carers?|foster carers?|sister|brother|home))?"
_INITIALS = r"[A-Z]\.? ?(?:[A-Z]\.? )?[A-Z][\w'’-]{2,}"
# a name and what stands between it and the postcode: "Jane Smith, 4 Elm Road, ", "Amina Khan ("
_ADDRESS = partial(
    re.compile,  # tried at every word: "Ask: Jane Smith, ..." begins with a name that is none
    rf"\b(?=(?P<name>{_TITLED}|{_INITIALS}|{_NAMED})(?P<rest>{_THEIRS}"
    r"(?: ?[,(:;|-]| (?:of|at|lives at|lived at|living at))+ ?"
    r"(?:(?:[Ff]lat |[Aa]partment |no\.? )?(?:[A-Z0-9][\w'’/-]*|of|on|in|the)(?:[,.]? |[,|;]))*|[, ]{1,2})$)",
)
# He lives at 22b Bath Street; home address is 4 Elm Road
_LIVED_AT = partial(
    re.compile,
    r"\b(?:(?:lives?|lived|living) (?:at|in)|home address(?: is| was)?:?|(?:the )?family home(?: is)?(?: at)?,?) ?"
    r"(?:[\w'’/-]+(?:[,.]? |,)){0,8}$",
    re.IGNORECASE,
)
_STREET = (
    r"\b(?:avenue|ave|bank|close|crescent|drive|gardens|gate|green|grove|hill|lane|mews|mount|place|quarter|quay|rise"
    r"|road|rd|row|square|street|st|terrace|view|walk|way|wharf|yard)\b"
)
_STREETS = partial(re.compile, _STREET, re.IGNORECASE)
_PLACES = partial(
    re.compile,
    r"\b(?:academy|arena|barracks|block|building|business|campus|cathedral|cent(?:re|er)|chapel|church|clinic|club"
    r"|college|company|council|courts?|department|estate|foundation|gallery|group|hall|hospital|hotel|house|hub"
    r"|inn|institute|library|limited|ltd|mill|mosque|museum|nursery|offices?|park|partnership|practice|pub|rooms?"
    r"|school|service|services|stadium|station|studios?|suite|surgery|team|temple|theatre|tower|trust|university|works"
    r"|wing|ward)\b"
    rf"(?! {_STREET})",  # Mill Lane and Park View are streets
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?<!\d)\d{1,4} ?- ?\d{1,4} ")  # 4-8 Rodney Street: no one's home is so wide
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "master"}
_HONOURED = {"st", "saint", "sir", "dame", "king", "queen", "prince", "princess", "lord", "lady"}  # of a venue's name
# "4 Elm Road", "Flat 2, 118b Harehills Lane": where somebody lives, unless a venue's name stands beside it
_DOOR = partial(
    re.compile,
    rf"[ ,(:;|-]+(?:(?:of|at) )?(?:(?:flat|apartment) \w{{1,4}},? )?\d{{1,4}}[a-z]?,? (?:[\w'’-]+ ){{0,3}}{_STREET}",
    re.IGNORECASE,
)
# Words of a name that is no person's, and what leads up to a venue's
_NO_ONES = frozenset(
    """
    action advice age aid alley angel ark arms art arts association awareness bakery ballet bank bar board book
    books bookshop boys bradford bridge briefing bus cafe caffe car care castle cathedral charity child children
    childrens citizens city coffee coffeehouse common community conference connect contact cooperative corner
    council course court cross dance data day dental digital disabled duty east eastern entrance event events
    exchange express families family farm field film films fire first floor food foods forum friends from garden
    girls great green grove gym hall head health help here hill holy home homes horse hospice hotels housing
    initiative inn junction justice kitchen launch law leeds leisure level library lodge london lower lunch manager
    market media meet meeting mental middle mind module more music national network new north northern office old
    open opera our park parking people pizza place play playgroup plus police port post preschool press print
    project quarter radio rainbow recovery red register restaurant review room route royal safe safeguarding seminar
    session shop social society solicitors south southern spa sports square start station store street studio
    support taxis team the to together town training travel trustees union united upper venue village visit voice
    waste water welcome well west western where white women womens work workshop yorkshire young youth zone
    """.split()  # noqa: SIM905
) | {name.casefold() for name in (*MONTHS, *WEEKDAYS)}
_VENUE_CUE = re.compile(
    r"(?:\b(?:at|in|near|opposite|outside|behind|visit|venue|where|location|address|place|office|hosts?|hosted by"
    r"|based)[:,]? (?:the )?|(?-i:[A-Z])[\w'’-]+ )$",
    re.IGNORECASE,
)
_HOMES = partial(re.compile, r"\b(?:flat|apartment|cottage)\b", re.IGNORECASE)


def homes(signs: str) -> Spans:
    """Full postcodes of people's homes, from the name on: beside a person's name, and no name of a venue."""
    if not _MAYBE_POSTCODE.search(signs):
        return
    for found in _POSTCODE().finditer(signs):
        begin = max(0, found.start() - _REACH)
        before = signs[begin : found.start()]
        if lived := _LIVED_AT().search(before):
            yield begin + lived.start(), found.end()
            continue
        for address in _ADDRESS().finditer(before):
            if _is_home(address["name"], address["rest"], before[: address.start()]):
                yield begin + address.start(), found.end()
                break


def _is_home(name: str, rest: str, before: str) -> bool:
    if _PLACES().search(name) or _STREETS().search(name) or (_PLACES().search(rest) and not _HOMES().search(rest)):
        return False
    if _RANGE.search(rest):
        return False
    words = name.casefold().replace(".", " ").split()
    has_number = any(word[0].isdigit() for word in rest.split())
    is_near = has_number or len(rest.replace(",", " ").split()) <= 2
    first = next((n for n, word in enumerate(words) if word in GIVEN or word in _TITLES), None)
    if first is not None:
        ahead = [*before.casefold().split(), *words[:first]][-1:]  # St John Ambulance is no John
        is_honoured = bool(_HONOURED.intersection(ahead))
        return is_near and (has_number or first < len(words) - 1) and not is_honoured
    return len(words) > 1 and bool(_DOOR().match(rest)) and _may_be_a_person(words, before)


def _may_be_a_person(words: list[str], before: str) -> bool:
    """Whether nothing says that a name is a place's or a service's: by a list of names, many would not be found."""
    is_no_one = _NO_ONES.intersection(words) or any(re.search("['’]s?$", word) for word in words)
    return not is_no_one and not _VENUE_CUE.search(before)
