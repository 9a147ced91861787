"""An invisible character, or one that turns the direction.

Such characters come in by pasting from web pages, PDF files and chats. They break words for search and for screen
readers, can make an address look like another, and count as a trick of spammers. Type the word again without them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from html import unescape
from itertools import groupby
from typing import TYPE_CHECKING
from unicodedata import bidirectional, category, name

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.model import Prose

CODE = "N128"
SEVERITY = Severity.WARNING

_OVERRIDES = "\u202d\u202e"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"  # right where writing from right to left stands
_JOINERS = "\u200c\u200d"  # right between letters that join, and inside emoji
_TAGS = "\U000e0020-\U000e007f"  # right in the flags of England, Scotland and Wales
_HIDDEN = re.compile(
    f"[\u00ad\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\u206a-\u206f\u2800\u3164\ufeff\ufff9-\ufffb{_OVERRIDES}{_DIRECTIONS}{_JOINERS}{_TAGS}]"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});")


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for each line of a text that has such characters, at the first of them."""
    markdown = {text.trail for text in context.issue.prose()}
    for text in context.issue.words():
        found = sorted(_hidden(text, is_markdown=text.trail in markdown))
        for _, line in groupby(found, key=_line_of(text.text)):
            (start, end, sign), *more = line
            what = f"U+{ord(sign):04X}, {name(sign, 'without a name').lower()}"
            count = f"{len(more) + 1} invisible characters stand in this line; the first is {what}"
            yield Remark(
                context.issue.spot(text, start, end),
                count if more else f"an invisible character stands in this text: {what}",
                "Delete them: they often come in by pasting." if more else "Delete it: it often comes in by pasting.",
                text.text[start:end],
            )


def _line_of(text: str) -> Callable[[tuple[int, int, str]], int]:
    ends = [match.start() for match in re.finditer("\n", text)]
    return lambda found: bisect_left(ends, found[0])


def _hidden(text: Prose, *, is_markdown: bool) -> Iterator[tuple[int, int, str]]:
    has_right_to_left = any(bidirectional(sign) in {"R", "AL"} for sign in text.text)
    for match in _HIDDEN.finditer(text.text):
        if not _is_right(match[0], text.text, match.start(), has_right_to_left=has_right_to_left):
            yield *match.span(), match[0]
    if is_markdown:  # in which &#8203; becomes that character, but not in code
        for match in _ENTITY.finditer(plain(text.text)):
            sign = unescape(match[0])
            if _HIDDEN.fullmatch(sign) and not _is_right(
                sign, text.text, match.start(), has_right_to_left=has_right_to_left
            ):
                yield *match.span(), sign


def _is_right(sign: str, text: str, at: int, *, has_right_to_left: bool) -> bool:
    """Tell whether the character belongs where it stands."""
    before = text[at - 1 : at]
    if re.match(f"[{_JOINERS}]", sign):
        return bool(before) and (before > "\u0590" and category(before)[0] in "LMS")
    if re.match(f"[{_TAGS}]", sign):
        return before == "\N{WAVING BLACK FLAG}" or bool(re.match(f"[{_TAGS}]", before))
    return has_right_to_left and bool(re.match(f"[{_DIRECTIONS}]", sign))
