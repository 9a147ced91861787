"""What an issue is: frozen values without I/O, the words everything above speaks in.

Places are named by a `Trail`, the path of keys and positions that leads to a value: ``("sections", 0, "title")``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from newsletter.dates import Span  # noqa: TC001  as every field of a dataclass
from newsletter.findings import Finding, Place, Trail  # noqa: TC001  likewise
from newsletter.prose import links
from newsletter.written import Line, Written, without_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from newsletter.prose import ProseLink


def _seen(src: str, info: ValidationInfo) -> str:
    """Let the reading of pictures have its say: the context's ``picture`` raises Fault for what is none."""
    if look := (info.context or {}).get("picture"):
        look(src)
    return src


@dataclass(frozen=True, slots=True)
class Prose:
    """A Markdown text and where it stands."""

    text: str
    trail: Trail


@dataclass(frozen=True, slots=True)
class Target:
    """A link as a reader meets it: its visible text, where it leads, and where it is written."""

    text: str
    url: str
    trail: Trail
    lasting: bool = False  # it stands in issue after issue and leads to the same place: a favourite, a booking


@dataclass(frozen=True, slots=True)
class Linked:
    """A link and its place in the file: its visible text, and where it leads."""

    text: str
    url: str
    place: Place


@dataclass(frozen=True, slots=True)
class Event:
    """Something with a date: a session of a course, or an entry of the diary."""

    title: str
    span: Span
    trail: Trail
    url: str = ""
    location: str = ""
    note: str = ""  # a few words about it: fully booked
    cancelled: bool = False
    is_session: bool = False  # people go there at that time; else it is a day to know of
    keys: tuple[str, ...] = field(default=(), compare=False)  # its day, start and end, where each has a key of its own


@dataclass(frozen=True, slots=True)
class News:
    """Something to read that one issue has and no other: its title and its whole text, and where the title stands."""

    title: str
    text: str
    trail: Trail


@dataclass(frozen=True, slots=True)
class Item:
    """Something that goes into the next issue or is left out, with all below it; *kind* is the word for one such."""

    kind: str
    title: str
    trail: Trail
    url: str = ""


@dataclass(frozen=True, slots=True)
class Undated:
    """Something that readers would expect a date of and that has none yet: a course without sessions."""

    title: str
    trail: Trail


class Image(Written):
    """A picture of the workspace. An empty *alt* says that it is decoration."""

    src: Annotated[Line, AfterValidator(_seen)] = Field(
        description="The file, from the newsletter's folder on: images/picture.png. PNG, JPEG or GIF, up to 1 MB."
    )
    alt: Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(without_placeholder)] = Field(
        description='What the picture shows, for those who do not see it. "" when it is only decoration.'
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as read from its file: its bytes, kind ("png", "jpeg" or "gif") and size in pixels."""

    name: str
    kind: str
    data: bytes = field(repr=False)
    width: int
    height: int


class Section(Written):
    """The base of all section types. It answers what the rest asks; a type answers what concerns it.

    Trails in the answers start at the section itself. *skeleton* is an example to write one by, as lines of YAML, of a
    type that each issue has its own of.
    """

    skeleton: ClassVar[str] = ""

    title: Line = Field(description="The heading of the section.")

    def prose(self) -> Iterator[Prose]:
        """Yield every Markdown text in the section."""
        yield from ()

    def targets(self) -> Iterator[Target]:
        """Yield every link that has a key of its own; those inside Markdown are found in the prose."""
        yield from ()

    def events(self) -> Iterator[Event]:
        """Yield everything with a date, in the order readers meet it."""
        yield from ()

    def undated(self) -> Iterator[Undated]:
        """Yield everything that has no date yet and should have one some day."""
        yield from ()

    def news(self) -> Iterator[News]:
        """Yield what is new in the section; what comes again by design, such as a course, is none."""
        yield from ()

    def items(self) -> Iterator[Item]:
        """Yield what it is made of, each before what stands below it; where it is one thing, that is itself."""
        yield Item("section", self.title, ())

    def images(self) -> Iterator[tuple[Trail, Image]]:
        """Yield every picture the section shows."""
        yield from ()

    def over(self, on: date) -> Iterator[Event]:
        """Yield the events that are over on the day *on*."""
        return (event for event in self.events() if event.span.is_over(on))

    @property
    def outline(self) -> str:
        """Return the soft line that stands under the title in the list of contents, or the empty string."""
        return ""


class Places(Protocol):
    """Whatever knows where in its file a value stands."""

    def place(self, trail: Trail, line_in_text: int = 0) -> Place:
        """Return where the value at *trail* stands, or its nearest known ancestor."""

    def spot(self, trail: Trail, words: str, nth: int = 0) -> Place:
        """Return where *words* stand, for the *nth* time from 0, in the text at *trail*, or where that begins."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """A check that the author has switched off: everywhere in the issue, or for one *text* with the reason *why*."""

    code: str
    text: str = ""
    why: str = ""
    trail: Trail = ()

    def means(self, words: str) -> bool:
        """Tell whether *words* stand in its text as words of their own, whatever their case and blanks."""
        return bool(words.strip()) and holds(self.text, words)


_STANDING = {
    ("title",),
    ("organisation",),
    ("about",),
    ("postal_address",),
    ("theme",),
    ("lists",),
}  # newsletter.yaml's


def holds(text: str, words: str) -> bool:
    """Tell whether *text* has *words* in it as words of their own, whatever the case and blanks of either."""
    words, text = (" ".join(one.split()).casefold() for one in (words, text))
    return bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text))


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of the newsletter, whole and valid, with its defaults filled in.

    *texts* are all that an author wrote, links too, each once with its trail, and at the end what newsletter.yaml adds
    to every issue; *stated* are the keys of the file that have a value.
    """

    id: str
    subject: str
    preheader: str
    draft: bool
    welcome: str  # Markdown; empty when neither the issue nor the workspace gives one
    sections: tuple[Section, ...]
    ignores: tuple[Ignore, ...]
    pictures: Mapping[str, Picture] = field(repr=False)
    places: Places = field(repr=False, compare=False)
    findings: tuple[Finding, ...] = ()  # what reading had to say that is no error
    texts: tuple[Prose, ...] = field(default=(), repr=False)
    stated: frozenset[str] = frozenset()
    standing: Places | None = field(default=None, repr=False, compare=False)  # newsletter.yaml, for its welcome

    def place(self, trail: Trail, line_in_text: int = 0) -> Place:
        """Return where the value at *trail* stands; a standing welcome stands in newsletter.yaml."""
        return self._file_of(trail).place(trail, line_in_text)

    def spot(self, text: Prose, start: int, end: int) -> Place:
        """Return where the characters from *start* to *end* of *text* stand in the file."""
        words = text.text[start:end]
        before = bisect_right(_begins(words, text.text), start - len(words)) if words else 0
        return self._file_of(text.trail).spot(text.trail, words, before)

    def _file_of(self, trail: Trail) -> Places:
        is_standing = trail[:1] in _STANDING or (trail == ("welcome",) and "welcome" not in self.stated)
        return self.standing if is_standing and self.standing else self.places

    def words(self) -> Iterator[Prose]:
        """Yield every text that a reader reads: all that the author wrote but links and the files of pictures."""
        for text in self.texts:
            if text.trail[-1] not in {"url", "book", "src"}:
                yield text

    def links(self) -> Iterator[Linked]:
        """Yield every link of the issue, those with a key of their own and those inside Markdown."""
        for target in self.targets():
            yield Linked(target.text, target.url, self.place(target.trail))
        for text in self.prose():
            for link in links(text.text):
                yield Linked(link.text, link.url, self._place_of(text, link))

    def _place_of(self, text: Prose, link: ProseLink) -> Place:
        """Return where the address of *link* stands, or its line where the address was written in another way."""
        start = sum(len(line) + 1 for line in text.text.split("\n")[: link.line])
        at = text.text.find(link.url, start)
        return self.place(text.trail, link.line) if at < 0 else self.spot(text, at, at + len(link.url))

    def prose(self) -> Iterator[Prose]:
        """Yield every Markdown text of the issue, the welcome first."""
        if self.welcome:
            yield Prose(self.welcome, ("welcome",))
        for index, section in enumerate(self.sections):
            yield from (_under(index, found) for found in section.prose())

    def targets(self) -> Iterator[Target]:
        """Yield every link of the issue that has a key of its own."""
        for index, section in enumerate(self.sections):
            yield from (_under(index, found) for found in section.targets())

    def events(self) -> Iterator[Event]:
        """Yield every dated event of the issue."""
        for index, section in enumerate(self.sections):
            yield from (_under(index, found) for found in section.events())

    def undated(self) -> Iterator[Undated]:
        """Yield everything in the issue that has no date yet and should have one some day."""
        for index, section in enumerate(self.sections):
            yield from (_under(index, found) for found in section.undated())

    def news(self) -> Iterator[News]:
        """Yield everything in the issue that should be in no other."""
        for index, section in enumerate(self.sections):
            yield from (_under(index, found) for found in section.news())


@lru_cache(maxsize=32)  # a text may have thousands of one fault
def _begins(words: str, text: str) -> tuple[int, ...]:
    return tuple(found.start() for found in re.finditer(re.escape(words), text))


Found = TypeVar("Found", Prose, Target, Event, Undated, News)


def _under(index: int, found: Found) -> Found:
    return replace(found, trail=("sections", index, *found.trail))
