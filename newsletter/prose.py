"""Markdown as authors write it: CommonMark without raw HTML, read once, drawn as HTML or as plain text.

Bare web addresses become links. Pictures have a key of their own (``image:``), so ``![…](…)`` is refused in reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from newsletter.datewords import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode as Node

WIDTH = 72  # columns of the plain-text part
LIMIT_NESTING = 18  # levels, of which a list takes two and a quotation one

# What may come out of Markdown; nh3 drops everything else, as the second line behind markdown-it's own escaping.
_TAGS = {"p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"} | {"h3", "h4", "h5", "h6"}
_ATTRIBUTES = {"*": {"class"}, "a": {"href", "class"}, "ol": {"start", "class"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

# Every coloured element carries a class, so that the dark rules in the head can reach it.
_CLASSES = {
    "p": "text ink", "li": "item ink", "ul": "list", "ol": "list", "a": "link", "blockquote": "quoted", "hr": "rule",
    "h3": "h3 deep", "h4": "h4 ink", "h5": "h4 ink", "h6": "h4 ink", "code": "code ink", "pre": "code ink",
}  # fmt: skip

_DAYS, _MONTHS = "|".join(WEEKDAYS), "|".join(MONTHS)
_TIME = r"(?:\d{1,2}(?::\d\d)?[ap]m|midday|midnight)"
_KNOWN = lru_cache(maxsize=256)  # an issue's few texts are read, checked, drawn twice and remembered: a dozen times
_HELD = re.compile(rf"(?:\b(?:{_DAYS}) )?\b\d{{1,2}}(?: to \d{{1,2}})? (?:{_MONTHS})\b|\b{_TIME} to {_TIME}\b")


@dataclass(frozen=True, slots=True)
class ProseLink:
    """A link or picture inside Markdown; *line* counts from 0 at the first line of the text."""

    text: str
    url: str
    line: int
    is_image: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside Markdown, as its author ranked it: # is level 1; *line* counts from 0."""

    text: str
    level: int
    line: int


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  50 ms that --help need not pay

    reader = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable("linkify")
    reader.options["maxNesting"] = 60  # what is deeper is lost: far more than `too_deep` lets pass
    # Every link is read as one, whatever its scheme, so that reading an issue can refuse it by name.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    if reader.linkify is not None:
        # "leeds.gov" in a sentence is no link, and an address is one only where the author says so.
        reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return reader


@_KNOWN
def _tokens(text: str) -> tuple[Token, ...]:
    """Read the Markdown *text*. Nobody may change what this returns."""
    return tuple(_markdown().parse(text))


@_KNOWN
def links(text: str) -> tuple[ProseLink, ...]:
    """Return the links and pictures in the Markdown *text*, in reading order."""
    lines = ((token.children or [], token.map[0] if token.map else 0) for token in _tokens(text))
    return tuple(link for children, line in lines for link in _links_in(children, line))


def headings(text: str) -> Iterator[Heading]:
    """Yield the headings in the Markdown *text*."""
    for token, content in pairwise(_tokens(text)):
        if token.type == "heading_open":
            yield Heading(content.content, int(token.tag[1:]), token.map[0] if token.map else 0)


def too_deep(text: str) -> int | None:
    """Return the line, from 0, where the Markdown *text* is nested more deeply than mail programs show, or None."""
    line = 0
    for token in _walk(_tokens(text)):
        line = token.map[0] if token.map else line
        if token.level >= LIMIT_NESTING:
            return line
    return None


def _links_in(children: Sequence[Token], line: int) -> Iterator[ProseLink]:
    for index, child in enumerate(children):
        if child.type == "link_open":
            yield ProseLink(_label(children[index + 1 :]), str(child.attrGet("href") or ""), line)
        elif child.type == "image":
            yield ProseLink(child.content, str(child.attrGet("src") or ""), line, is_image=True)
        elif child.type in {"softbreak", "hardbreak"}:
            line += 1


def _label(following: Sequence[Token]) -> str:
    words: list[str] = []
    for token in following:
        if token.type == "link_close":
            break
        words.append(" " if token.type in {"softbreak", "hardbreak"} else token.content)
    return "".join(words).strip()


@_KNOWN
def to_html(text: str, *, top: int = 3) -> str:
    """Return the Markdown *text* as safe HTML, its top headings at level *top* and no level skipped below them."""
    import nh3  # noqa: PLC0415

    reader = _markdown()
    tokens = reader.parse(text)  # its own, which it changes
    _set_headings(tokens, top)
    for token in _walk(tokens):
        if token.tag in _CLASSES and token.nesting >= 0:
            token.attrSet("class", _CLASSES[token.tag])
        if token.type == "text":
            token.content = unbroken(token.content)
    html = reader.renderer.render(tokens, reader.options, {})
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)


def unbroken(text: str) -> str:
    """Hold dates and times together with non-breaking spaces: lines break after the comma or before the year."""
    return _HELD.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or [])


def _set_headings(tokens: Sequence[Token], top: int) -> None:
    """Move the author's headings under the page's own: WCAG 1.3.1 wants no level skipped."""
    headings = [token for token in tokens if token.type == "heading_open"]
    ranks = sorted({token.tag for token in headings})
    level = top - 1
    for token in headings:
        level = min(top + ranks.index(token.tag), level + 1, 6)
        token.tag = f"h{level}"
    closing = iter([token.tag for token in headings])
    for token in tokens:
        if token.type == "heading_close":
            token.tag = next(closing)


@_KNOWN
def to_text(text: str) -> str:
    """Return the Markdown *text* as plain text of at most WIDTH columns; web addresses are never broken.

    Each link stands as its label, and its address alone on the line after the paragraph.
    """
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415

    return "\n\n".join(_blocks(SyntaxTreeNode(_tokens(text)), WIDTH))


def _blocks(node: Node, width: int) -> Iterator[str]:
    for child in node.children:
        if child.type in {"bullet_list", "ordered_list"}:
            yield _list(child, width)
        elif child.type == "blockquote":
            yield _indent("\n\n".join(_blocks(child, width - 2)), "> ", "> ")
        elif child.type in {"code_block", "fence"}:
            yield child.content.rstrip("\n")
        elif child.type == "hr":
            yield "-" * 3
        else:
            yield _paragraph(child, width)


def _list(node: Node, width: int) -> str:
    number = int(node.attrs.get("start", 1))
    loose = any(not part.hidden for item in node.children for part in item.children if part.type == "paragraph")
    items = []
    for offset, item in enumerate(node.children):
        mark = "* " if node.type == "bullet_list" else f"{number + offset}. "
        body = ("\n\n" if loose else "\n").join(_blocks(item, width - len(mark)))
        items.append(_indent(body, mark, " " * len(mark)))
    return ("\n\n" if loose else "\n").join(items)


def _indent(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join((mark + line).rstrip() for mark, line in zip([first] + [rest] * len(lines), lines, strict=False))


def _paragraph(node: Node, width: int) -> str:
    content, targets = _inline(node)
    lines = [line for part in content.split("\n") for line in fill(part, width)]
    for label, url in targets:
        lines += [*fill(label, width), url] if label and label != content else [url]
    return "\n".join(lines)


def fill(text: str, width: int = WIDTH) -> list[str]:
    """Break *text* into lines of at most *width* columns at blanks alone, so that no address is ever broken."""
    return wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)


def _inline(node: Node) -> tuple[str, list[tuple[str, str]]]:
    """Return the words of an inline tree, hard breaks as newlines, and the links whose address is not in the words."""
    words: list[str] = []
    targets: list[tuple[str, str]] = []
    for child in node.children:
        if child.type in {"text", "code_inline"}:
            words.append(child.content)
        elif child.type == "softbreak":
            words.append(" ")
        elif child.type == "hardbreak":
            words.append("\n")
        else:
            inner, found = _inline(child)
            words.append(inner)
            targets += found
            if child.type == "link" and not _says(inner, url := str(child.attrs["href"])):
                targets.append((inner, url))
    return "".join(words), targets


def _says(label: str, url: str) -> bool:
    return label.strip() in {url, url.removeprefix("mailto:"), url.removeprefix("tel:")}
