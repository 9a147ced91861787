"""YAML text in, a plain and safe tree out: every scalar stays the text that was written, every value knows its place.

The only module that uses PyYAML, and of it only the parser: the tree is built here from events. So nothing is resolved
(``no``, ``9:30``, ``012`` stay text), and anchors, aliases, merge keys and tags are refused before they can grow.

Of a file that is not YAML the first fault is told, with the corrected line to paste: corrections.py finds it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsletter.corrections import ENTRY, NotYamlError, depth, diagnose, indent, quote, quoted_entry, spaced
from newsletter.findings import COMMENT_IN_TEXT, NOT_YAML, YAML_FEATURE, Finding, Place, Severity, Trail
from newsletter.rawtext import BEGIN, UNSEEN, decode, fault, read_data, unreadable, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from yaml.error import Mark

LIMIT_DEPTH = 20
LIMIT_NODES = 20_000

_LOST = re.compile(r"\s*#(?=\S)")  # a comment that was hardly meant as one


@dataclass(frozen=True, slots=True)
class Spelling:
    r"""How a value is written: *style* is ``plain``, ``'``, ``"``, ``|``, ``>``, ``block`` or, in brackets, ``flow``.

    *start* and *end* are offsets into the file's characters without byte order mark and with ``\n`` line ends.
    *text* is where the first line of a ``|`` or ``>`` text stands.
    """

    style: str
    start: int
    end: int
    text: Place | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, as dict, list and str only. Keys without a value are left out, but keep their place.

    *places* says where each value stands, *keys* where each key does; *findings* are warnings. *source* is the whole
    text, which the offsets of *spellings* count in.
    """

    file: str
    value: dict[str, Any]
    places: Mapping[Trail, Place]
    keys: Mapping[Trail, Place]
    spellings: Mapping[Trail, Spelling]
    findings: tuple[Finding, ...] = ()
    source: str = field(default="", repr=False)

    def place(self, trail: Trail, line_in_text: int = 0) -> Place:
        """Return where the value at *trail* stands, or its nearest known ancestor.

        In a ``|`` text it is the line *line_in_text*, counted from 0 at the first line of the text.
        """
        spelling = self.spellings.get(trail)
        if spelling and spelling.text and spelling.style == "|":
            return replace(spelling.text, line=spelling.text.line + line_in_text)
        while trail and trail not in self.places:
            trail = trail[:-1]
        return self.places.get(trail, Place(self.file))

    def spot(self, trail: Trail, words: str, nth: int = 0) -> Place:
        """Return where *words* stand, for the *nth* time from 0, in the text at *trail*; else where that text begins.

        A text may be broken into lines in the file where it has blanks, so any run of blanks is like any other.
        """
        spelling = self.spellings.get(trail)
        if spelling is None or not words.strip():
            return self.place(trail)
        parts = r"\s+".join(map(re.escape, words.split()))
        begins = _begins(parts, self.source, spelling.start, spelling.end)
        if nth >= len(begins):
            return self.place(trail)
        breaks = _begins("\n", self.source, 0, len(self.source))
        line = bisect_left(breaks, begins[nth])
        return Place(self.file, line + 1, begins[nth] - (breaks[line - 1] if line else -1))

    def key_place(self, trail: Trail) -> Place:
        """Return where the last key of *trail* stands; an item of a list has none, so there it is the item's place."""
        return self.keys.get(trail) or self.place(trail)


@lru_cache(maxsize=32)  # a text may have thousands of one fault, each to be found by its number
def _begins(pattern: str, source: str, start: int, end: int) -> tuple[int, ...]:
    return tuple(found.start() for found in re.compile(pattern).finditer(source, start, end))


def read_document(path: Path, file: str) -> Document:
    """Read the YAML file at *path*, which messages call *file*.

    Raises ContentError with every fault found, ConfigError when the file cannot be opened at all.
    """
    return parse_document(read_data(path, file), file)


def parse_document(data: bytes, file: str) -> Document:
    """Read *data*, the bytes of a YAML file that messages call *file*. Raises ContentError with every fault found."""
    text = decode(data, file)
    tree = _Tree(file, text.split("\n"))
    value = tree.read(text)
    if any(finding.severity is Severity.ERROR for finding in tree.findings):
        raise unreadable(file, tree.findings)
    return Document(file, value, tree.places, tree.keys, tree.spellings, tuple(tree.findings), text)


def _events(text: str) -> Iterator[Any]:
    import yaml  # noqa: PLC0415  # not needed by commands that read nothing

    line = 0
    event: Any
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            line = event.end_mark.line
            yield event
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        context: Any = error.context_mark or mark
        is_stray = error.context == "while scanning a simple key"
        raise NotYamlError(mark.line, mark.column, context.line, context.line if is_stray else None) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the pure parser stumbles over "\U99999999"
        raise NotYamlError(line, 0, line) from None


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


class _Tree:
    """Builds the tree from the parser's events, and gathers places and faults on the way."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.text = ""
        self.places: dict[Trail, Place] = {}
        self.keys: dict[Trail, Place] = {}
        self.spellings: dict[Trail, Spelling] = {}
        self.findings: list[Finding] = []
        self.folded: list[Any] = []  # plain scalars that go on for more lines than one
        self.nodes = 0
        self.end = 0  # the offset after the last character that belongs to a value

    def read(self, text: str) -> dict[str, Any]:
        """Return what the only document in *text* says; its faults are in *findings*, or raised as ContentError."""
        self.text = text
        self.events = _events(text)
        value: Any = None
        try:
            while _kind(event := self._next()) != "StreamEnd":
                if _kind(event) == "DocumentStart" and self.places:
                    self._fault(event.start_mark, "a second document begins here", "Keep one: take out the line ---.")
                    break
                if _kind(event) == "DocumentStart":
                    value = self._node(self._next(), ())
        except NotYamlError as wrong:
            last = diagnose(self.file, self.lines, wrong, _events)
            earlier = [finding for finding in self.findings if finding.place.line != last.place.line]
            raise unreadable(self.file, [*earlier, last]) from None
        if not isinstance(value, dict):
            return self._no_mapping(value)
        for event in self.folded:
            self._refuse_swallowed_items(event)
        return value

    def _next(self) -> Any:
        event = next(self.events)
        if event.end_mark.index > event.start_mark.index:  # the end of a block has no width
            self.end = event.end_mark.index
        return event

    def _no_mapping(self, value: Any) -> dict[str, Any]:
        place = self.places.get((), Place(self.file))
        mend = next(spaced(self.lines, place.line - 1), None) if isinstance(value, str) else None
        if mend:
            self.findings.append(mend.finding(self.file, place.line))
        elif value is not None:
            found = "a list" if isinstance(value, list) else "text"
            message = f"expected keys with their values, found {found}"
            self.findings.append(fault(place, NOT_YAML, message, BEGIN))
        elif not self.findings:
            self.findings.append(fault(Place(self.file), NOT_YAML, "the file is empty", BEGIN))
        return {}

    def _node(self, event: Any, trail: Trail) -> Any:
        self._admit(event, len(trail))
        self.places[trail] = self._place(event.start_mark)
        build = {"Scalar": self._scalar, "SequenceStart": self._sequence, "MappingStart": self._mapping}.get(
            _kind(event)
        )
        value = build(event, trail) if build else None
        self._spell(event, trail)
        return value

    def _admit(self, event: Any, depth: int) -> None:
        """Refuse what is not read here; what is beyond a limit, at once."""
        self.nodes += 1
        is_too_deep = depth >= LIMIT_DEPTH and _kind(event).endswith("Start")
        if is_too_deep or self.nodes > LIMIT_NODES:
            message = "nested too deeply" if is_too_deep else f"more than {LIMIT_NODES:,} values"
            self._fault(event.start_mark, message, "Make it simpler, or split it.")
            raise unreadable(self.file, self.findings)
        if _kind(event) == "Alias":
            self._feature(event.start_mark, "aliases (words that begin with *) are not supported")
        elif getattr(event, "anchor", None) is not None:
            self._feature(event.start_mark, "anchors (words that begin with &) are not supported")
        if getattr(event, "tag", None) is not None:
            self._feature(event.start_mark, "tags (words that begin with !) are not supported")

    def _feature(self, mark: Mark, message: str, hint: str = "Write it out.") -> None:
        """Refuse what has a meaning in YAML that the author may not know of."""
        mend = next(quote(self.lines, mark.line), None)
        if mend and mend.column == mark.column + 1:
            hint = f"If it is text, write it as:\n{mend.fixed}"
        self._fault(mark, message, hint)

    def _fault(self, mark: Mark, message: str, hint: str) -> None:
        self.findings.append(fault(self._place(mark), YAML_FEATURE, message, hint))

    def _place(self, mark: Mark) -> Place:
        line = min(mark.line + 1, len(self.lines))  # libyaml's end of a file is a line further
        return Place(self.file, line, mark.column + 1)

    def _scalar(self, event: Any, trail: Trail) -> str | None:
        value: str = event.value
        if event.style:
            if found := UNSEEN.search(value):  # out of an escape such as "\e"
                self.findings.append(unseen(self.places[trail], found[0]))
            return value
        if event.end_mark.line > event.start_mark.line:
            self.folded.append(event)
        self._warn_of_comment(event)
        return None if value in ("", "~", "null") else value

    def _refuse_swallowed_items(self, event: Any) -> None:
        """Refuse a line that was meant as an item of a list: further in than the item above, YAML adds it to that."""
        first = event.start_mark.line
        column, is_item = indent(self.lines[first]), self.lines[first].lstrip(" ").startswith("- ")
        for n in range(first + 1, min(event.end_mark.line + 1, len(self.lines))):
            line = self.lines[n].strip()
            if not re.match(r"-(?:\s|$)", line):
                continue
            what, hint = "text", "Begin a list on the line below its key. If it is text, put quotes around all of it."
            if is_item:
                what, hint = "item", f"{depth(self.lines, n, column)}\n{' ' * column}{line}"
            message = f'this line begins with "- " but stands further in than the {what} above, so it became part of it'
            place = Place(self.file, n + 1, indent(self.lines[n]) + 1)
            self.findings.append(fault(place, YAML_FEATURE, message, hint))

    def _warn_of_comment(self, event: Any) -> None:
        """Warn of text that is lost after a ``#``. One that is followed by a blank is meant as a comment."""
        start, end = event.start_mark, event.end_mark
        # An empty value may stand behind the last line.
        if end.line == len(self.lines) or not (lost := _LOST.match(self.lines[end.line], end.column)):
            return
        entry = ENTRY.fullmatch(self.lines[start.line])
        place = Place(self.file, end.line + 1, lost.end())
        begins = len(entry["lead"]) if entry and event.value else end.column
        is_whole = entry and start.line == end.line and begins == start.column
        hint = (
            f"Write it as:\n{quoted_entry(entry['lead'], entry['value'])}"
            if entry and is_whole
            else "Put quotes around the text."
        )
        message = "the text from # on is taken for a comment; use quotes"
        self.findings.append(Finding(place, Severity.WARNING, COMMENT_IN_TEXT, message, hint))

    def _sequence(self, _event: Any, trail: Trail) -> list[Any]:
        items: list[Any] = []
        while _kind(event := self._next()) != "SequenceEnd":
            item = self._node(event, (*trail, len(items)))
            items.append("" if item is None else item)  # so that the items after an empty one keep their position
        return items

    def _mapping(self, begin: Any, trail: Trail) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        alone: list[tuple[Mark, str]] = []  # {text: Smith, Jane}: to YAML "Jane" is a key, and would be lost
        while _kind(event := self._next()) != "MappingEnd":
            key = self._key(event, trail)
            value_event = self._next()
            value = self._node(value_event, (*trail, key))
            if value is not None:
                entries[key] = value
            elif begin.flow_style and ":" not in self.text[event.end_mark.index : value_event.end_mark.index]:
                alone.append((event.start_mark, key))
        for mark, key in alone if entries else ():
            message = f'in {{}} a comma parts two entries, so "{key[:40]}" has no value'
            self._fault(mark, message, 'A text with a comma stands in quotes: text: "Smith, Jane".')
        return entries

    def _key(self, event: Any, trail: Trail) -> str:
        mark, example = event.start_mark, "Write it as in title: Hello"
        if _kind(event) != "Scalar":
            self._feature(mark, "a key must be a word, not a list or a group of keys", example)
            self._node(event, (*trail, ""))
            return ""
        self._admit(event, len(trail))
        key: str = event.value
        if found := UNSEEN.search(key):
            self.findings.append(unseen(self._place(mark), found[0]))
        elif not key:
            self._fault(mark, "a key is missing before the colon", example)
        elif key == "<<":
            self._fault(mark, "merge keys (<<) are not supported", "Write the keys out.")
        elif first := self.keys.get((*trail, key)):
            message = f'the key "{key[:40]}" on line {mark.line + 1} is already on line {first.line}'
            self._fault(mark, message, "Keep one of the two.")
        self.keys.setdefault((*trail, key), self._place(mark))
        return key

    def _spell(self, event: Any, trail: Trail) -> None:
        flow: bool | None = getattr(event, "flow_style", None)
        style = (getattr(event, "style", None) or "plain") if flow is None else "flow" if flow else "block"
        start, text = event.start_mark, None
        below = range(start.line + 1, len(self.lines)) if style in ("|", ">") else ()
        if first := next((self.lines[n] for n in below if self.lines[n].strip()), ""):
            text = Place(self.file, start.line + 2, indent(first) + 1)
        self.spellings[trail] = Spelling(style, start.index, max(start.index, self.end), text)
