"""Puts the lists of dates in an issue's file into order: whole items change places, with the comments that are theirs.

Where it is not certain whose a comment or a blank line is, a list stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.corrections import indent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.document import Document
    from newsletter.findings import Trail

_DASH = re.compile(" *- +")


@dataclass(frozen=True, slots=True)
class _Item:
    """The lines of an item, by their numbers from 0: its comments begin at *top*, it ends before *end*."""

    top: int
    dash: int
    end: int


def moves(document: Document, trail: Trail, order: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Return how the items of the list at *trail* come into *order*, the numbers they have now, the first first.

    Each move says which characters of the document's source, as start and end, come into the place of which, as start
    and end. There are none where it is not certain what belongs to an item.
    """
    lines = document.source.split("\n")
    items = _items(document, trail, len(order), lines)
    if not items or _is_about_all(items, order):
        return []
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = [(starts[item.top], starts[item.end] - 1) for item in items]
    return [(*spans[new], *spans[place]) for place, new in enumerate(order) if place != new]


def _items(document: Document, trail: Trail, count: int, lines: Sequence[str]) -> list[_Item]:
    """Return the items of a list, or none where it is not certain how they are parted."""
    if document.spellings[trail].style != "block" or trail not in document.keys:
        return []
    places = [document.places[*trail, number] for number in range(count)]
    if not all(_DASH.fullmatch(lines[place.line - 1][: place.column - 1]) for place in places):
        return []
    dashes = [place.line - 1 for place in places]
    ends = [item_end(document, (*trail, number), lines, dash) for number, dash in enumerate(dashes)]
    tops = [
        item_top(lines, dash, floor) for dash, floor in zip(dashes, [document.keys[trail].line, *ends], strict=False)
    ]
    gaps = {tuple(map(str.strip, lines[end:top])) for end, top in zip(ends, tops[1:], strict=False)}
    if len(gaps) > 1 or any(map(any, gaps)):  # blank lines that part groups, or a comment that stands alone
        return []
    return [_Item(*bounds) for bounds in zip(tops, dashes, ends, strict=True)]


def item_end(document: Document, trail: Trail, lines: Sequence[str], dash: int) -> int:
    """Return the line below an item: below its text, and below the comments that are indented further than its dash."""
    end = document.source.count("\n", 0, len(document.source[: document.spellings[trail].end].rstrip())) + 1
    while end < len(lines) and _is_comment(lines[end]) and indent(lines[end]) > indent(lines[dash]):
        end += 1
    return end


def item_top(lines: Sequence[str], dash: int, floor: int) -> int:
    """Return the first of the comment lines that stand directly above an item's *dash*, not above line *floor*."""
    while dash > floor and _is_comment(lines[dash - 1]):
        dash -= 1
    return dash


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _is_about_all(items: Sequence[_Item], order: Sequence[int]) -> bool:
    """Tell whether the comment above the first item, which is to move, may be the whole list's: no other has one."""
    has_comment = [item.top < item.dash for item in items]
    return has_comment[0] and order[0] != 0 and not any(has_comment[1:])
