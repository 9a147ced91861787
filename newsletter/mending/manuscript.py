"""An issue's file, to be edited: its very characters, what they say, and which of them a text is made of."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.document import parse_document
from newsletter.load import as_issue, texts_in
from newsletter.personal import private_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.config import Workspace
    from newsletter.document import Document
    from newsletter.findings import Trail
    from newsletter.model import Issue

_BOM = b"\xef\xbb\xbf"

Edit = tuple[int, int, str]  # from, to, and what comes there instead


@dataclass(frozen=True)
class Manuscript:
    """The bytes of an issue's file; what they say is read when it is asked for. Raises ContentError as reading does."""

    data: bytes = field(repr=False)
    workspace: Workspace
    issue_id: str

    @cached_property
    def document(self) -> Document:
        """The file as YAML."""
        return parse_document(self.data, f"issues/{self.issue_id}.yaml")

    @cached_property
    def issue(self) -> Issue:
        """The file as an issue."""
        welcome = self.workspace.config.welcome or ""
        return as_issue(self.document, self.workspace.root, self.issue_id, welcome=welcome)

    @cached_property
    def texts(self) -> dict[Trail, str]:
        """Every text of the file."""
        return dict(texts_in(self.document.value))

    @cached_property
    def written(self) -> str:
        """The characters of the file, with the line ends that it has."""
        return self.data.removeprefix(_BOM).decode()

    @cached_property
    def _breaks(self) -> list[int]:
        r"""Where in the document's source, which has ``\n`` alone, a ``\r\n`` stands in the file."""
        return [found.start() - number for number, found in enumerate(re.finditer("\r\n", self.written))]

    @cached_property
    def private(self) -> frozenset[str]:
        """The words of the file that are personal data."""
        texts = {self.document.source, *self.texts.values()}
        return frozenset(words for text in texts for words in private_words(text))

    def key_offset(self, trail: Trail) -> int:
        """Return where the last key of *trail* begins, in the document's source."""
        place = self.document.keys[trail]
        return sum(len(line) + 1 for line in self.document.source.split("\n")[: place.line - 1]) + place.column - 1

    def part(self, start: int, end: int) -> slice:
        """Return where in *written* the characters from *start* to *end* of the document's source are."""
        return slice(start + bisect_left(self._breaks, start), end + bisect_left(self._breaks, end))

    def spots(self, trail: Trail, words: str) -> dict[int, tuple[int, int]]:
        """Return where *words* begin in the text at *trail*, and for each the characters of the source that they are.

        A text may be broken into lines in the file where it has blanks. Nothing is returned where the file does not
        have the words as often as the text, as in quotes with signs that stand for others.
        """
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
        spelling, source = self.document.spellings[trail], self.document.source
        is_block = spelling.style in ("|", ">")
        start = source.find("\n", spelling.start) if is_block else spelling.start  # behind its comment
        inside = [found.start() for found in pattern.finditer(self.texts[trail])]
        outside = [found.span() for found in pattern.finditer(source, start, spelling.end)]
        return dict(zip(inside, outside, strict=True)) if len(inside) == len(outside) else {}

    def can_hold(self, trail: Trail, words: str) -> bool:
        """Tell whether *words* may stand in the text at *trail*: without quotes, a comma in brackets parts items."""
        spellings = self.document.spellings
        is_flow = any(spellings[trail[:n]].style == "flow" for n in range(len(trail)))
        return not (is_flow and "," in words and spellings[trail].style == "plain")

    def edited(self, edits: Iterable[Edit]) -> Manuscript:
        """Return the file with *edits*, which count in the document's source, and no other character changed."""
        parts, at = [], 0
        for start, end, instead in sorted(edits):
            part = self.part(start, end)
            parts += [self.written[at : part.start], instead]
            at = part.stop
        text = "".join([*parts, self.written[at:]])
        return replace(self, data=(_BOM if self.data.startswith(_BOM) else b"") + text.encode())
