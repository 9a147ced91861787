"""Text that was decoded wrongly on its way here.

"childrenâ€™s" was "children’s" before a program read UTF-8 as something else; readers see it as it stands. The hint has
the word as it was, where that can be worked out. It often comes in by copying from an export or an old mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N129"
SEVERITY = Severity.WARNING

LOST = "\N{REPLACEMENT CHARACTER}"


def _read(byte: int) -> str:
    """Return the sign that a program shows for a byte: Windows has signs where Latin-1 has control characters."""
    return bytes([byte]).decode("cp1252", "replace").replace(LOST, chr(byte))


_BYTES = {_read(byte): byte for byte in range(0x80, 0x100)}
_NEXT = re.escape("".join(_read(byte) for byte in range(0x80, 0xC0)))
# Only what no language writes. A capital letter and a quotation mark would decode too, so no mark follows a letter.
_MARKS = set("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u2122\u20ac\u00ab\u00bb")
_LETTER = "".join(sorted({_read(byte) for byte in range(0x80, 0xC0)} - _MARKS))
_WRONG = re.compile(
    rf"\u00c2[\u00a0-\u00bf]|[\u00c3-\u00c5][{re.escape(_LETTER)}]|\u00e2[\u20ac\u201a\u201e\u2020\u02c6][{_NEXT}]"
    rf"|\u00ef(?:\u00bb\u00bf|\u00bf\u00bd)|\u00f0\u0178[{_NEXT}]{{2}}|\u00e2\u20ac|{LOST}"
)
_SHOWN = 60  # characters


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every word that was decoded wrongly."""
    for text in context.issue.words():
        for start, end in _words(text.text):
            word = text.text[start:end]
            yield Remark(
                context.issue.spot(text, start, end),
                f'"{word[:_SHOWN]}" was decoded wrongly',
                _hint(_mended(word)),
                word,
            )


def _words(text: str) -> Iterator[tuple[int, int]]:
    after = 0
    for match in _WRONG.finditer(text):
        if match.start() >= after:
            start, after = match.span()
            while start and not text[start - 1].isspace():
                start -= 1
            while after < len(text) and not text[after].isspace():
                after += 1
            yield start, after


def _mended(word: str) -> str:
    """Return *word* as it was; some were read wrongly more than once."""
    for _ in range(3):
        if _WRONG.search(word):
            word = _as_a_whole(word) or _WRONG.sub(_decoded, word)
    return " ".join(word.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "").split())


def _as_a_whole(word: str) -> str:
    """Return *word* as it was when all of it was read wrongly in one way, else the empty string."""
    try:
        return bytes(ord(sign) if sign.isascii() else _BYTES[sign] for sign in word).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""


def _decoded(match: re.Match[str]) -> str:
    if match[0] == "\u00e2\u20ac":  # the third byte of a closing quotation mark has no sign, and is often dropped
        return "\N{RIGHT DOUBLE QUOTATION MARK}"
    try:
        return bytes(_BYTES[sign] for sign in match[0]).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return match[0]


def _hint(mended: str) -> str:
    if LOST in mended:
        return "Type the word again: a letter of it is lost."
    return f'Write "{mended[:_SHOWN]}".' if mended else "Delete it: it stands for no letter."
