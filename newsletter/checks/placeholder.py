"""Text that is still to be filled in.

"TBC", "TODO", "XX February" or "[name]" is a note to oneself: readers would get it as it stands. Write what belongs
there, or leave the sentence out until it is known. Where the words are meant, excuse them under check-ignore.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.datewords import MONTHS
from newsletter.findings import Severity
from newsletter.plain import GAP, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N120"
SEVERITY = Severity.ERROR

_OF = r"(?:course|event|contact|first|last|full|family|start|end|job|school|team|web|phone|email|speaker)[\ _-]?"
_FILL_IN = (
    "names?|surname|dates?|day|month|year|times?|venue|location|place|address|link|url|title|text|organi[sz]ation"
    "|email|phone|number|details|course|speaker|contact|image|photo|picture|quote|website|tb[acd]|todo|x{1,20}"
)
_BRACKETED = (
    r"(?:please\ |to\ )?(?:insert|add|enter|confirm|follow)\b[^\[\]<>\n]{0,60}"
    r"|to\ (?:come|be\ (?:added|announced|confirmed))"
    rf"|(?:(?:your|the)[\ _-])?(?:{_OF})?(?:{_FILL_IN})(?:\ here)?"
)
_MONTH = "|".join((*MONTHS, *(f"{month[:3]}\\b" for month in MONTHS)))
_OPEN = re.compile(
    rf"""
      (?: (?<![\w\[]) \[ \s? (?:{_BRACKETED}) \s? \] (?![\](:\[]) )
    | \[ email \s protected \]
    | \bError!\ (?:Hyperlink\ reference\ not\ valid|Reference\ source\ not\ found|Bookmark\ not\ defined)\.?
    | (?<![^\s(\[]) (?: \?{{3,40}} (?![\w?]) | \?{{2,40}} (?:am|pm|st|nd|rd|th)? {GAP} (?:{_MONTH}) )
    | \b d{{1,2}} [/.-] m{{1,3}} [/.-] y{{2,4}} \b | (?<!_) _{{5,100}}
    | (?-i: \bX{{1,20}} ) (?:st|nd|rd|th) {GAP} (?:of{GAP})? (?:{_MONTH})
    | (?<!the\ )(?<!\ba\ )(?<!this\ )(?<!that\ )(?<!these\ ) \b(?:dates?|times?|venue|location|link|room)\ to\ follow\b
    | (?: (?<!<) < \s? (?:{_BRACKETED}) \s? > (?!>) )
    | (?<![\w.-]) (?: t\.b\.[acd]\b\.? | tb[acd] (?![\w-]) )
    | (?-i: \bTODO\b ) (?! [\s-]{{1,3}} lists?\b ) | \btodo: | (?-i: \bFIXME\b )
    | \b(?: lorem{GAP}ipsum | dolor{GAP}sit{GAP}amet )\b
    | (?<![\w-]) (?-i: x{{2,40}} | X{{2,40}} ) (?: am | pm | st | nd | rd | th )? (?![\w-])
    | \binsert{GAP} (?: [\w'\u2019-]{{1,20}}{GAP} ){{0,4}} here\b
    | \byour{GAP}(?:text|title|name|heading){GAP}here\b | \b(?:text|title|heading|content){GAP}goes{GAP}here\b
    | \bclick{GAP} (?:or{GAP}tap{GAP})? (?:here{GAP})? to{GAP}(?:enter|add){GAP}(?:a{GAP})?(?:text|title|date)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# "Part XX" is a number, "insert the card here" an instruction.
_ROMAN = re.compile(
    r"\b(?:annex|bowl|appendix|article|book|chapter|figure|part|pope|schedule|section|table|title|vol(?:ume)?)\.?\s$",
    re.IGNORECASE,
)
_AFTER_ROMAN = re.compile(
    r"[\s-](?:(?:and|or)\sXY\b|century\b|chromosome|(?:[A-Z][\w'-]{1,20}\s){0,2}(?:Games|Olympi\w{1,8}|Congress|Summit)\b)",
    re.IGNORECASE,
)

_NAMED = re.compile(
    r"\b(TB[ACD])\s\(T[\w'\u2019-]{1,20}\sB(?!e\b)[\w'\u2019-]{1,20}\s[ACD]"
    r"|\bT[\w'\u2019-]{1,20}\sB(?!e\b)[\w'\u2019-]{1,20}\s[ACD][\w'\u2019-]{1,20}\s\((TB[ACD])\)"
)
_FORM = re.compile(r"(?:\b(?:as|form|format|in|like|style)\s|[(\"'\u2018\u201c])$", re.IGNORECASE)
_QUOTES = {'""', "''", "\u2018\u2019", "\u201c\u201d"}


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every piece of text that waits for another."""
    names = _explained(context)
    for text in context.issue.words():
        words, lower = plain(text.text), text.text.casefold()
        for match in _OPEN.finditer(words):
            start, end = match.span()
            if match[0] not in names and not _is_meant(words, start, end) and not _is_link(match[0], lower):
                found = " ".join(match[0].split())
                message, hint = _told(found)
                place = context.issue.spot(text, start, end)
                yield Remark(place, message, f"{hint} {excusing(CODE, found)}", match[0])


def _told(found: str) -> tuple[str, str]:
    if found.casefold() == "[email protected]":
        hint = "Open that page, and write the mail address that it shows."
        return f'"{found}" stands where the website that this was copied from hid a mail address', hint
    if found.startswith("Error!"):
        return f'"{found}" is what Word writes for a link that it has lost', "Write the link or the words anew."
    return f'"{found}" is still to be filled in', "Write what belongs there, or leave it out until it is known."


def _explained(context: Context) -> set[str]:
    """Return the abbreviations that the issue explains as another name: the TBC (Teenage Boys' Club)."""
    texts = [text.text for text in context.issue.words()]
    return {found[1] or found[2] for text in texts for found in _NAMED.finditer(text)}


def _is_meant(words: str, start: int, end: int) -> bool:
    """Tell whether what looks open belongs there: a numeral, a quotation, a form of date, a rule of Markdown."""
    found, before, after = words[start:end], words[max(0, start - 40) : start], words[end : end + 1]
    if found in ("XX", "XXX"):
        return bool(_ROMAN.search(before[-12:]) or _AFTER_ROMAN.match(words, end))
    if found[0] in "dD" and found[-1] in "yY":
        return bool(_FORM.search(before))
    if found[0] == "_":
        line = words[words.rfind("\n", 0, start) + 1 : start] + words[end:].partition("\n")[0]
        return not line.strip(" _\t")
    return bool(before) and before[-1] + after in _QUOTES


def _is_link(found: str, lower: str) -> bool:
    """Tell whether [name] is a link, whose address Markdown lets stand elsewhere as [name]: https://..."""
    return found.startswith("[") and f"{found}:".casefold() in lower
