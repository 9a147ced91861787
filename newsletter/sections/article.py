"""An article: a title, Markdown, maybe a picture, and links that stand as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from newsletter.model import Image, Item, News, Prose, Section, Target
from newsletter.written import Line, Link, Markdown, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.findings import Trail


class Button(Written):
    """A link shown as a button. Its text says where it leads."""

    text: Line = Field(description="The words on the button. They say where it leads.")
    url: Link = Field(description="Where it leads: https://, http://, mailto: or tel:.")


class Article(Section):
    """A title and Markdown text, with an optional picture and buttons."""

    type: Literal["article"] = Field(description="An article.")
    body: Markdown = Field(description="The text, in Markdown: paragraphs, lists, **bold**, [links](https://...).")
    image: Image | None = Field(None, description="A picture, shown above the text.")
    links: tuple[Button, ...] = Field((), description="Links that stand as buttons below the text.")

    # What is still to be filled in stops a send.
    skeleton: ClassVar[str] = """\
- type: article
  title: "[title]"
  body: |
    [text]
  links:
    - text: "[link]"
      url: https://
"""

    def prose(self) -> Iterator[Prose]:
        """Yield the body."""
        yield Prose(self.body, ("body",))

    def targets(self) -> Iterator[Target]:
        """Yield the buttons."""
        for index, button in enumerate(self.links):
            yield Target(button.text, button.url, ("links", index, "url"))

    def news(self) -> Iterator[News]:
        """Yield the article."""
        yield News(self.title, self.body, ("title",))

    def items(self) -> Iterator[Item]:
        """Yield the article itself."""
        yield Item("article", self.title, ())

    def images(self) -> Iterator[tuple[Trail, Image]]:
        """Yield the picture, if there is one."""
        if self.image:
            yield ("image",), self.image
