"""A list of links worth keeping, each with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from newsletter.model import Item, Section, Target
from newsletter.written import Line, Link, Written

if TYPE_CHECKING:
    from collections.abc import Iterator


class Favourite(Written):
    """A link and what it is good for."""

    text: Line = Field(description="The words of the link. They say where it leads.")
    url: Link = Field(description="Where it leads: https://, http://, mailto: or tel:.")
    note: Line | None = Field(None, description="What a reader finds there, in a sentence.")


class Links(Section):
    """Links worth keeping, such as "Save to your favourites"."""

    type: Literal["links"] = Field(description="Links worth keeping.")
    links: tuple[Favourite, ...] = Field(min_length=1, description="The links, each with text, url and maybe a note.")

    def targets(self) -> Iterator[Target]:
        """Yield the links."""
        for index, favourite in enumerate(self.links):
            yield Target(favourite.text, favourite.url, ("links", index, "url"), lasting=True)

    def items(self) -> Iterator[Item]:
        """Yield the links."""
        for index, favourite in enumerate(self.links):
            yield Item("favourite", favourite.text, ("links", index))
