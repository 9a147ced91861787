"""The words of a Markdown text alone: code and addresses are blanked out, and every character keeps its place."""

from __future__ import annotations

import re
from functools import lru_cache

GAP = r"(?=\s)(?>[^\S\n]{0,4}\n?[^\S\n]{0,12})"  # a pattern: blanks, and at most one end of a line, tried in one way
BLANK = "\ufffc"  # stands for each character taken out: no letter, no digit, no blank

# Each alternative is bounded, or ends at the first character that it cannot hold: one pass, whatever the text.
_ADDRESS = re.compile(
    r"""
      \]\( [^()\s]{0,2000} (?: \( [^()\s]{0,500} \) [^()\s]{0,500} )? (?: \s{1,3} "[^"]{0,200}" )? \)
    | ^\ {0,3} \[ [^\]\n]{1,200} \]: [^\n]{0,2000}      # [name]: address
    | (?<![a-z]) (?: https?:// | mailto: | tel: | www\. ) [^\s<>()\[\]]{0,2000}
    | (?<![\w.+-]) [\w.+-]{1,64} @ [\w-]{1,63} (?: \.[\w-]{1,63} ){1,8}
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_TICKS = re.compile(r"`+|~{3,}")
_QUOTED = re.compile(
    r"""
      \u2018 (?=\S) [^\u2018]{1,200}? (?<=\S) \u2019 (?!\w)
    | \u201c (?=\S) [^\u201c\u201d]{1,200} \u201d
    | (?<!\w) (?P<mark> ["'] ) (?=\S) (?: (?! (?P=mark) ) . ){1,200}? (?<=\S) (?P=mark) (?!\w)
    | (?<![\w*]) (?P<star> [*_] ) (?=[A-Z]) (?! (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\ )
      [^*_]{1,200} (?P=star) (?![\w*])
    """,
    re.VERBOSE | re.DOTALL,
)


# The words of a link, and a heading.
_TITLE = re.compile(r"(?<=\[)[^\[\]]{1,300}(?=\][(\[])|^\ {0,3}\#{1,6}\s[^\n]*", re.MULTILINE)


@lru_cache(maxsize=256)  # a dozen checks ask, of the same few texts
def plain(text: str) -> str:
    """Return *text* with code and addresses blanked out."""
    return _ADDRESS.sub(_blank, _without_code(text))


def unquoted(text: str) -> str:
    """Return *text* with titles, which stand in quotes or in italics, blanked out."""
    return _QUOTED.sub(_blank, text)


def untitled(text: str) -> str:
    """Return *text* as `plain` does, and without titles: in quotes, in italics, of links and of headings."""
    return unquoted(plain(_TITLE.sub(_blank, text)))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", BLANK, match[0])


def _without_code(text: str) -> str:
    """Blank out what stands between two runs of as many ticks."""
    runs = [match.span() for match in _TICKS.finditer(text)]
    nearest: dict[str, int] = {}  # where the next run like this begins
    closing: list[int] = []
    for start, end in reversed(runs):
        closing.append(nearest.get(text[start:end], 0))
        nearest[text[start:end]] = end
    parts, at = [], 0
    for (start, _), end in zip(runs, reversed(closing), strict=True):
        if start >= at and end:
            parts += [text[at:start], re.sub(r"[^\n]", BLANK, text[start:end])]
            at = end
    return "".join([*parts, text[at:]])
