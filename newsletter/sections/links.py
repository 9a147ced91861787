"""A list of links worth keeping, each with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from newsletter.model import Line, Link, Section, Target, Written

if TYPE_CHECKING:
    from collections.abc import Iterator


class Favourite(Written):
    """A link and what it is good for."""

    text: Line
    url: Link
    note: Line | None = None


class Links(Section):
    """Links worth keeping, such as "Save to your favourites"."""

    type: Literal["links"]
    links: Annotated[tuple[Favourite, ...], Field(min_length=1)]

    def targets(self) -> Iterator[Target]:
        """Yield the links."""
        for index, favourite in enumerate(self.links):
            yield Target(favourite.text, favourite.url, ("links", index, "url"))
