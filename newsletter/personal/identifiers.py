"""What names one person by its form: NHS and National Insurance numbers, mobile numbers, personal mail addresses.

Each function takes the signs of an unveiled text, and yields where such a thing begins and ends.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Spans = Iterator[tuple[int, int]]

# What there must be at all, looked for first. The patterns below, made with `partial`, are compiled where they are
# needed at all: that takes longer than to read most issues.
_TEN_DIGITS = re.compile(r"\d(?:[ ./_-]{0,3}\d){9}")
_SIX_DIGITS = re.compile(r"\d\d(?:[ ._-]{0,3}\d\d){2}")

_GAP = "[ ./_-]{1,3}"
_TEN = partial(
    re.compile,
    rf"(?<![0-9A-Za-z])(?<!\d[./:-])(?:\d{{10}}|\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}|\d{{5}}{_GAP}\d{{5}}"
    r"|\d(?:[ -]\d){9})"
    r"(?![0-9A-Za-z])(?![./:-]\d)",
)
_CALLED_NHS = partial(
    re.compile,
    r"\b(?:(?P<chi>CHI)|NHS)(?P<number>[ _-]?(?:numbers?|num|no|nr|id))?[^0-9A-Za-z]{0,4}(?:(?:is|was) )?"
    r"(?P<ten>\d(?:[ ./_-]{0,3}\d){9})(?![ ./_-]{0,3}\d)",
    re.IGNORECASE,
)
_BEFORE = 24  # how far back a word is read that says what a number is
_DIALLED = partial(
    re.compile,
    r"(?:\+\d{1,3}|\b00\d{2,3})[ -]*(?:\(0\))?[ -]*$|\(0\) ?$"
    r"|\b(?:tel|telephone|phone|call|ring|fax|meeting|webinar|zoom|isbn)\b[^0-9]{0,8}$",
    re.IGNORECASE,
)
_COUNTED = partial(
    re.compile,
    r"\b(?:ref|reference|order|invoice|booking|ticket|event|charity|company|account|licen[cs]e|uprn|uln"
    r"|course|code|session|module)s?\b"
    r"[^0-9]{0,12}$",
    re.IGNORECASE,
)

# HMRC's National Insurance Manual, NIM39110: letters and prefixes that are never given, and the suffix A to D.
_PREFIX = "(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_SIX = r"(?:[ ._-]{0,3}\d\d){3}"
_NINO = partial(re.compile, rf"(?<![0-9A-Za-z]){_PREFIX}{_SIX}[ ._-]{{0,3}}[A-D](?![0-9A-Za-z])", re.IGNORECASE)
_CALLED_NINO = partial(
    re.compile,
    r"\b(?:national insurance(?: (?:number|num|no)\b)?|NI (?:number|num|no)\b|NINO\b)[^0-9A-Za-z]{0,4}(?:(?:is|was) )?"
    rf"(?P<nino>{_PREFIX}{_SIX}(?:[ ._-]{{0,3}}[A-D])?)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_CODED = re.compile(r"..2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]).")  # CE260312A: a course by its day
_WORDS = {"am", "an", "as", "at", "be", "by", "he", "me", "my", "or", "re", "we"}

# Ofcom's plan: 07 and nine digits more are mobile and personal numbers, those kept for drama among them.
_MOBILE = partial(
    re.compile,
    r"(?<!\d)(?:\(?(?:\+|00) ?44\)?[ .+-]{0,3}(?:\(0\)|0)?|(?<=wa\.me/)44|(?<=phone=)44|(?<![A-Za-z+])(?:\(0\)|\(?0))"
    r"(?!7[ .-]\d\d?[ .-]\d)[ .-]{0,2}7(?:[ .()_+-]{0,3}\d){9}(?!\d)"
    r"|(?<![0-9A-Za-z/])07\d{3}/\d{3}/?\d{3}(?!\d)|(?<=[(\[])07\d{3}, ?\d{6}(?=[)\]])",
)
_TEN_DIGITS_FROM_7 = re.compile(r"7(?:[ .,()/_+-]{0,3}\d){9}")
_DAY_LIKE = re.compile(r"\(?07[ .-]\d\d[ .-]")

_HOSTS = (
    *("gmail", "googlemail", "hotmail", "outlook", "live", "msn", "yahoo", "ymail", "rocketmail", "icloud", "me"),
    *(
        "mac",
        "aol",
        "btinternet",
        "btopenworld",
        "talktalk",
        "tiscali",
        "virginmedia",
        "virgin",
        "blueyonder",
        "ntlworld",
    ),
    *("sky", "proton", "protonmail", "pm", "gmx", "mail", "fastmail", "tutanota", "tuta", "plus", "orange", "wanadoo"),
    *("freeserve", "fsmail", "lineone", "supanet", "hey", "yandex", "zoho"),
)
# Where the name alone would say too much: mail.leeds.gov.uk is none, and sky.uk is where Sky's people work.
_ONLY = {
    "me": "com", "mac": "com", "sky": "com", "proton": "me", "pm": "me", "mail": "com", "plus": "(?:com|net)",
    "hey": "com", "live": r"(?:com|co\.uk)", "virgin": "net", "orange": "(?:net|fr)", "outlook": r"(?:com|co\.uk)",
    "zoho": "com", "icloud": "com", "tuta": "(?:com|io)",
}  # fmt: skip
_DOT = r"(?: ?[.]| ?[\[(]dot[\])] ?)"
_HOST = "|".join(f"{host}{_DOT}{_ONLY.get(host, '[a-z]{2,3}(?:[.][a-z]{2})?')}" for host in _HOSTS)
_FILE = r"\.(?:png|jpe?g|gif|webp|svg|pdf|html?|docx?|txt|eml)\b"
_AT = partial(
    re.compile,
    rf"(?: ?\[at\] ?| ?\(at\) ?|(?P<word> at )| @ |@ ?)(?:{_HOST})(?![\w-])(?:(?={_FILE})|(?!\.[a-z0-9]))",
    re.IGNORECASE,
)
_MAYBE_AT = re.compile(r"[@\[(](?:(?<=@)|at[\])])| at \w+ ?[.\[(]", re.IGNORECASE)
_BOX = re.compile(r"[a-z][\w+-]*(?:\.\w[\w.+-]*|\d+|_\w+)", re.IGNORECASE)  # "look at gmail.com" names none
_LOCAL = re.compile(r"[\w.+'%-]{1,64}$")


def nhs_numbers(signs: str) -> Spans:
    """Ten digits with the right check digit; with "NHS number" beside them, any ten digits."""
    if not _TEN_DIGITS.search(signs):
        return
    for found in _CALLED_NHS().finditer(signs):
        digits = _digits(found["ten"])
        if (digits[0] != "0" or found["chi"]) and (found["number"] or _checks(digits)):
            yield found.span("ten")
    for found in _TEN().finditer(signs):
        start, end = found.span()
        before = signs[max(0, start - _BEFORE) : start]
        is_other = _DIALLED().search(before) or (found[0].isdigit() and _COUNTED().search(before))
        if _is_issued(_digits(found[0])) and not is_other and not _is_in_web_address(signs, start):
            yield start, end


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _checks(digits: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=False))
    return -total % 11 == int(digits[9])


def _is_issued(digits: str) -> bool:
    """Whether NHS numbers begin like that: 4, 6 and 7, 9 in tests, 3 in Northern Ireland, a day of birth in Scotland.

    One that begins with 0 could be Scottish, but is a telephone number.
    """
    is_day = 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12
    return _checks(digits) and (digits[0] in "34679" or (digits[0] in "12" and is_day))


def _is_in_web_address(signs: str, at: int) -> bool:
    begins = max(signs.rfind(" ", max(0, at - 300), at), at - 300) + 1
    word = signs[max(0, begins) : at]
    return "://" in word or "www." in word


def insurance_numbers(signs: str) -> Spans:
    """National Insurance numbers by HMRC's rules; with their name beside them, those without a suffix too."""
    if not _SIX_DIGITS.search(signs):
        return
    for found in _CALLED_NINO().finditer(signs):
        yield found.span("nino")
    for found in _NINO().finditer(signs):
        written = found[0]
        is_prose = written[:2] in _WORDS and not written[2].isdigit()
        is_article = written[-2] == " " and written[-1].islower() and not written.islower()
        before = signs[max(0, found.start() - _BEFORE) : found.start()]
        is_code = written.isalnum() and (_CODED.match(written) or _COUNTED().search(before))
        if not is_prose and not is_article and not is_code and not _is_in_web_address(signs, found.start()):
            yield found.span()


def mobile_numbers(signs: str) -> Spans:
    """UK mobile numbers, in any writing."""
    if not _TEN_DIGITS_FROM_7.search(signs):
        return
    for found in _MOBILE().finditer(signs):
        if not _DAY_LIKE.match(found[0]):
            yield found.span()


def personal_mail(signs: str) -> Spans:
    """Mail addresses where people have a mailbox of their own; those at work are for all to know."""
    if not _MAYBE_AT.search(signs):
        return
    for found in _AT().finditer(signs):
        at = found.start()
        local = _LOCAL.search(signs, max(0, at - 64), at)
        if local and (not found["word"] or _BOX.fullmatch(local[0])):
            yield local.start(), found.end()
