"""What an issue is: frozen values without I/O, the words everything above speaks in.

Places are named by a `Trail`, the path of keys and positions that leads to a value: ``("sections", 0, "title")``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from newsletter.dates import Span  # noqa: TC001  as every field of a dataclass
from newsletter.findings import Finding, Place, Trail  # noqa: TC001  likewise
from newsletter.written import Line, Written, without_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date


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


@dataclass(frozen=True, slots=True)
class Event:
    """Something with a date: a session of a course, or an entry of the diary."""

    title: str
    span: Span
    trail: Trail
    url: str = ""
    location: str = ""
    cancelled: bool = False


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

    Trails in the answers start at the section itself.
    """

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


@dataclass(frozen=True, slots=True)
class Ignore:
    """A check that the author has switched off: everywhere in the issue, or for one *text* with the reason *why*."""

    code: str
    text: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of the newsletter, whole and valid, with its defaults filled in."""

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


Found = TypeVar("Found", Prose, Target, Event)


def _under(index: int, found: Found) -> Found:
    return replace(found, trail=("sections", index, *found.trail))
