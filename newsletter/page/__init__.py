"""A finished HTML email, read once as a mail program reads it: the only module that knows lxml.

However broken, every text is read to its end. What is hidden in comments for Word alone (``<!--[if mso]>``) is no part
of the page, but given apart: it is seen by many readers, and can track them as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from newsletter.page.appearance import Look, looks
from newsletter.page.css import declarations, pixels, read_sheet, without_important

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newsletter.page.css import Rule

_WORD = re.compile(r"\[if\s([^\]]*)\]>(.*)<!\[endif\]", re.DOTALL | re.IGNORECASE)
_UNREAD = frozenset({"head", "style", "script", "title", "xml", "template"})  # no part of what a reader reads
# Between these and their neighbours stands no blank.
_IN_LINE = frozenset({
    "a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strike", "strong", "sub", "sup",
    "u",
})  # fmt: skip
_HIDING = ("display", "visibility", "opacity", "font-size", "max-height", "overflow")
_TELLING = ("id", "class", "src", "href", "name")


class Element:
    """An element: its tag and attributes in small letters, what it stands in, and whether a reader sees it.

    *own* are the texts that stand in it directly.
    """

    __slots__ = ("_page", "_span", "attributes", "in_word", "is_hidden", "own", "parent", "tag")

    def __init__(self, page: _Reader, tag: str, attributes: Mapping[str, str], parent: Element | None) -> None:
        self._page = page
        self._span = [len(page.whole), len(page.whole)]
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.in_word = page.in_word
        self.own: list[str] = []
        self.is_hidden: bool = bool(
            (parent and parent.is_hidden) or tag in _UNREAD or "hidden" in attributes or _hides(self.style)
        )

    @property
    def style(self) -> Mapping[str, str]:
        """The declarations of its style attribute."""
        return declarations(self.attributes.get("style", ""))

    @property
    def classes(self) -> list[str]:
        """The names of its classes."""
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """The text in it that a reader sees, with single blanks."""
        return _plain(self._page.shown[slice(*self._span)])

    @property
    def whole_text(self) -> str:
        """All text in it, the hidden too."""
        return _plain(self._page.whole[slice(*self._span)])

    def above(self) -> Iterator[Element]:
        """Yield what it stands in, the nearest first."""
        one = self.parent
        while one:
            yield one
            one = one.parent

    def close(self) -> None:
        """Say that the element ends here."""
        self._span[1] = len(self._page.whole)

    def __str__(self) -> str:
        told = [f'{name}="{cut(self.attributes[name], 40)}"' for name in _TELLING if self.attributes.get(name)]
        return f"<{' '.join([self.tag, *told[:2]])}>"


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A link that a reader can follow: its visible *text*, or that of its pictures, *alt*."""

    element: Element
    href: str
    text: str
    alt: str

    def __str__(self) -> str:
        return f'"{cut(self.text)}"' if self.text else str(self.element)


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """A ``<style>`` block and its CSS."""

    element: Element
    css: str

    @property
    def is_in_head(self) -> bool:
        """Whether it stands where Gmail reads it."""
        return any(one.tag == "head" for one in self.element.above())


class Page:
    """The HTML of a mail.

    *elements* are in reading order. *runs* are the texts that a reader sees, each with the element it stands in;
    *all_runs* are the hidden ones too.
    """

    def __init__(self, html: str) -> None:
        self.html = html
        read = _read(html)
        self.has_doctype = read.doctype_name == "html"
        self.elements: Sequence[Element] = read.elements
        self.all_runs = [run for run in read.runs if not run[1].isspace()]
        self.runs = [run for run in self.all_runs if not run[0].is_hidden]
        self.text = _plain(read.shown)
        self.whole_text = _plain(read.whole)
        self._comments = read.comments

    @cached_property
    def for_word(self) -> Sequence[Element]:
        """The elements that stand in comments, for Word alone."""
        blocks = (found[2] for comment in self._comments if (found := _WORD.match(comment)) and "!" not in found[1])
        return [element for block in blocks for element in _read(block, in_word=True).elements]

    @cached_property
    def everything(self) -> Sequence[Element]:
        """The elements of the page, and after them those for Word alone."""
        return [*self.elements, *(one for one in self.for_word if one.tag not in {"html", "body"} or one.attributes)]

    def all(self, *tags: str) -> list[Element]:
        """Return the elements of the page that have one of the *tags*."""
        return [element for element in self.elements if element.tag in tags]

    def first(self, tag: str) -> Element | None:
        """Return the first element with the *tag*, if there is one."""
        return next(iter(self.all(tag)), None)

    @cached_property
    def links(self) -> Sequence[Link]:
        """All links that a reader sees; those inside the page too."""
        alts: dict[Element, str] = {}
        for picture in self.all("img"):
            around = next((one for one in picture.above() if one.tag == "a"), None)
            if around and not picture.is_hidden:
                alts[around] = _plain([alts.get(around, ""), " ", picture.attributes.get("alt", "")])
        seen = (one for one in self.all("a", "area") if "href" in one.attributes and not one.is_hidden)
        return [
            Link(one, one.attributes["href"], one.text, alts.get(one) or one.attributes.get("alt", "")) for one in seen
        ]

    @cached_property
    def headings(self) -> Sequence[Element]:
        """The headings that a reader meets."""
        return [one for one in self.all("h1", "h2", "h3", "h4", "h5", "h6") if not one.is_hidden]

    @cached_property
    def styles(self) -> Sequence[Style]:
        """The style blocks that all mail programs are given."""
        return [Style(one, "".join(one.own)) for one in self.all("style")]

    @cached_property
    def rules(self) -> Sequence[Rule]:
        """The rules of all style blocks, in their order."""
        return [rule for style in self.styles for rule in read_sheet(style.css).rules]

    @cached_property
    def light(self) -> Mapping[Element, Look]:
        """How each element looks."""
        return looks(self)

    @cached_property
    def dark(self) -> Mapping[Element, Look]:
        """How each element looks in dark mode."""
        return looks(self, dark=True)


def cut(text: str, width: int = 60) -> str:
    """Return *text* in one line of at most *width* characters."""
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 3].rstrip()}..."


def tally(found: Iterable[object], one: str, many: str) -> str:
    """Return one message for all that was *found*: "<img> has no alt", or "3 pictures have no alt; the first is <img>".

    *one* follows the thing, *many* the number.
    """
    things = [str(thing) for thing in found]
    return f"{things[0]} {one}" if len(things) == 1 else f"{len(things)} {many}; the first is {things[0]}"


def _plain(parts: Iterable[str]) -> str:
    return " ".join("".join(parts).split())


def _hides(style: Mapping[str, str]) -> bool:
    """Tell whether *style* takes an element out of sight."""
    if not style:
        return False
    said = {name: without_important(style[name]).lower() for name in _HIDING if name in style}
    return (
        said.get("display") == "none"
        or said.get("visibility") in {"hidden", "collapse"}
        or said.get("opacity") in {"0", "0.0", "0%"}
        or pixels(said.get("font-size", "")) == 0
        or (pixels(said.get("max-height", "")) == 0 and said.get("overflow") == "hidden")
    )


class _Reader:
    """Takes what lxml's parser meets, and keeps it flat: a deep page costs no more than a long one."""

    def __init__(self, *, in_word: bool) -> None:
        self.in_word = in_word
        self.doctype_name = ""
        self.elements: list[Element] = []
        self.runs: list[tuple[Element, str]] = []
        self.whole: list[str] = []
        self.shown: list[str] = []
        self.comments: list[str] = []
        self._open: list[Element] = []
        self._is_split = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        named = {name.lower(): value or "" for name, value in attributes.items()}
        self._part(tag)
        element = Element(self, tag.lower(), named, self._open[-1] if self._open else None)
        self.elements.append(element)
        self._open.append(element)

    def end(self, tag: str) -> None:
        if self._open:
            self._open.pop().close()
        self._part(tag)

    def data(self, text: str) -> None:
        if not self._open:
            return
        element = self._open[-1]
        element.own.append(text)
        if element.tag in _UNREAD:
            return
        self.whole.append(text)
        self.shown.append("" if element.is_hidden else text)
        if self._is_split and self.runs[-1][0] is element:  # the parser gives a text in pieces, such as "a", "&", "b"
            self.runs[-1] = (element, self.runs[-1][1] + text)
        else:
            self.runs.append((element, text))
        self._is_split = True

    def comment(self, text: str) -> None:
        self.comments.append(text)

    def doctype(self, name: str | None, *_: Any) -> None:
        self.doctype_name = (name or "").lower()

    def close(self) -> _Reader:
        while self._open:
            self._open.pop().close()
        return self

    def _part(self, tag: str) -> None:
        self._is_split = False
        if tag not in _IN_LINE:
            self.whole.append(" ")
            self.shown.append(" ")


def _read(html: str, *, in_word: bool = False) -> _Reader:
    from lxml import etree  # noqa: PLC0415  slow to import

    reader = _Reader(in_word=in_word)
    # Its own limit of depth would cut a page off, and what is behind it would not be checked.
    parser = etree.HTMLParser(target=reader, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(html.encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        reader.close()
    return reader
