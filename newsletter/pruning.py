"""Takes entries out of an issue's file: the lines that are theirs, or what stands between two commas in brackets.

A comment directly above an entry goes with it, and so do those below it that are indented further. Comments above the
first key of a file are the whole file's. Where gaps come together, the widest of their blank lines stays.
"""

from __future__ import annotations

import re
from itertools import accumulate, groupby, takewhile
from typing import TYPE_CHECKING

from newsletter.reordering import item_end, item_top

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from newsletter.document import Document
    from newsletter.findings import Trail

_ENDS_LINE = re.compile(r"[ \t]*,?[ \t]*(?:#.*)?")
_COMMA = re.compile(r"\s*,|")


def prune(document: Document, gone: Collection[Trail], put: Mapping[Trail, str]) -> list[tuple[int, int, str]]:
    """Return the edits that take out the entries at *gone*: from, to, and what comes there instead.

    They count in the document's source. No entry may be inside another. *put* are whole lines to stand where the entry
    at a trail begins, whether it goes or not. An entry that shares lines in a way that is not known stays.
    """
    lines = document.source.split("\n")
    cut: set[int] = set()
    above: dict[int, str] = {}
    edits: list[tuple[int, int, str]] = []
    for container in dict.fromkeys(trail[:-1] for trail in (*gone, *put)):
        owned = _owned(document, container, lines)
        theirs = [trail for trail in owned if trail in gone]
        above |= {owned[trail].start: put[trail] for trail in owned if trail in put and owned[trail]}
        if all(owned[trail] for trail in theirs):
            cut.update(line for trail in theirs for line in owned[trail])
            cut.update(_ends(owned, gone, put, lines))
        elif document.spellings[container].style == "flow":
            edits += _between_commas(document, [*owned], theirs)
    cut.update([*_spare(lines, cut, above)])
    starts = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    size = len(document.source)  # the last line may have no end
    edits += [(starts[line], min(starts[line + 1], size), "") for line in cut if starts[line] < size]
    return sorted([*edits, *((starts[line], starts[line], text) for line, text in above.items())])


def _owned(document: Document, container: Trail, lines: Sequence[str]) -> dict[Trail, range]:
    """Return each entry of a list, or of the file, with the lines that are its own; none where it shares them."""
    entries = [trail for trail in document.places if trail and trail[:-1] == container]
    floor = document.keys[container].line if container else document.keys[entries[0]].line - 1
    owned = dict.fromkeys(entries, range(0))
    for trail in entries:
        head = _head(document, trail, lines)
        if head is not None:
            owned[trail] = range(item_top(lines, head, floor), item_end(document, trail, lines, head))
            floor = owned[trail].stop
    return owned


def _head(document: Document, trail: Trail, lines: Sequence[str]) -> int | None:
    """Return the line, from 0, where the dash or key of an entry stands; None for one that shares a line."""
    container, place = trail[:-1], document.key_place(trail)
    line = place.line - 1
    if document.spellings[container].style == "flow":
        rest = document.source[document.spellings[trail].end :].partition("\n")[0]
        return None if lines[line][: place.column - 1].strip() or not _ENDS_LINE.fullmatch(rest) else line
    if isinstance(trail[-1], str):
        return line
    column = document.places[container].column - 1  # all dashes of a list stand in one column
    return next((n for n in range(line, -1, -1) if re.match(rf" {{{column}}}-(?:\s|$)", lines[n])), None)


def _between_commas(
    document: Document, entries: Sequence[Trail], gone: Collection[Trail]
) -> Iterator[tuple[int, int, str]]:
    """Yield the edits that take entries out of brackets, each run of them with the commas that parted it."""
    source = document.source
    spans = [(document.spellings[trail].start, document.spellings[trail].end) for trail in entries]
    for is_gone, group in groupby(range(len(entries)), key=lambda number: entries[number] in gone):
        run = [*group]
        start, end = spans[run[0]][0], spans[run[-1]][1]
        before = source[spans[run[0] - 1][1] : start] if run[0] else "\n"
        after = source[end : spans[run[-1] + 1][0]] if run[-1] + 1 < len(spans) else "\n"
        if not is_gone:
            continue
        if "\n" not in after:
            yield start, end + len(after), ""
        elif "\n" not in before:
            yield start - len(before), end, ""
        elif comma := _COMMA.match(source, end):  # between the lines stand comments that are the others'
            yield start, comma.end(), ""


def _ends(
    owned: Mapping[Trail, range], gone: Collection[Trail], put: Collection[Trail], lines: Sequence[str]
) -> Iterator[int]:
    """Yield the blank lines behind what goes at the beginning of a list, and before what goes at an end."""
    trails = [*owned]
    for trail in takewhile(gone.__contains__, trails[:-1] if len(trails[0]) > 1 else ()):
        yield from takewhile(lambda line: not lines[line].strip(), range(owned[trail].stop, len(lines)))
    for trail in takewhile(gone.__contains__, reversed(trails)):
        if trail not in put:
            yield from takewhile(lambda line: not lines[line].strip(), range(owned[trail].start - 1, -1, -1))


def _spare(lines: Sequence[str], cut: Collection[int], above: Mapping[int, str]) -> Iterator[int]:
    """Yield the blank lines that the lines *cut* leave too many: all but those of the widest gap."""
    begin = 0
    while begin < len(lines):
        end = begin
        while end < len(lines) and (end in cut or not lines[end].strip()) and (end == begin or end not in above):
            end += 1
        gaps = [[*run] for is_cut, run in groupby(range(begin, end), key=cut.__contains__) if not is_cut]
        widest = [] if above.get(begin, "").endswith("\n\n") else max(gaps, key=len, default=[])
        if any(line in cut for line in range(begin, end)):
            yield from (line for gap in gaps if gap is not widest for line in gap)
        begin = max(end, begin + 1)
