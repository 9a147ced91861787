"""A list pasted from Word, with its bullets as text.

To Markdown the lines are one paragraph, so readers get them run together, and screen readers do not say that there is
a list. Begin each of its lines with a hyphen and a blank.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N133"
SEVERITY = Severity.NOTE

_BULLET = re.compile(
    r"^[^\S\n]{0,40}(?P<mark>[\u2022\u00b7\u25aa\u25ab\u25cf\u25cb\u25e6\u25a0\u2023\u2043\u00a7\uf0a7\uf0b7\uf0d8])"
    r"[^\S\n]{0,20}(?=\S)",
    re.MULTILINE,
)
# A dash may begin a line of a sentence, and "o" is a word in Welsh: these are bullets only as a list of their own.
_MAYBE = re.compile(r"^[^\S\n]{0,40}(?P<mark>[\u2013\u2014]|o)[^\S\n]{1,20}(?=\S)", re.MULTILINE)


def check(context: Context) -> Iterator[Remark]:
    """Yield one remark for each list of such lines, at the first of them."""
    for text in context.issue.prose():
        words = plain(text.text)
        for bullets in _lists([*_BULLET.finditer(words)] or _listed(words), words):
            first = bullets[0]
            line = text.text[first.end() :].split("\n", 1)[0].strip()
            lines = "a line begins" if len(bullets) == 1 else f"{len(bullets)} lines begin"
            yield Remark(
                context.issue.spot(text, *first.span("mark")),
                f'{lines} with "{first["mark"]}", which makes no list',
                f"Begin each with a hyphen and a blank:\n- {line}",
                first["mark"],
            )


def _listed(words: str) -> list[re.Match[str]]:
    """Return the lines that begin with a dash or an "o", where there are two and the first begins a paragraph."""
    found = [*_MAYBE.finditer(words)]
    begins = found and not words[: found[0].start()].rstrip(" \t").removesuffix("\n").rpartition("\n")[2].strip()
    return found if len(found) > 1 and begins else []


def _lists(bullets: list[re.Match[str]], words: str) -> Iterator[list[re.Match[str]]]:
    """Yield the *bullets* list by list: a paragraph or a heading between two of them ends a list."""
    begin = 0
    for at, bullet in enumerate(bullets[1:], 1):
        between = [line.strip() for line in words[bullets[at - 1].end() : bullet.start()].strip().split("\n")]
        if "" in between or any(line.startswith("#") for line in between[1:]):
            yield bullets[begin:at]
            begin = at
    if bullets:
        yield bullets[begin:]
