"""How the texts of a page look: their colour, the ground they stand on, their size, in light and in dark.

What counts is what stands on the elements; over that, the head's rules, as far as their selectors are tags, classes
and ids (the dark ones are). Clients that take the head away show the first alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newsletter.page.css import colour, is_important, pixels, without_important
from newsletter.theme import BLACK, WHITE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.page import Element, Page
    from newsletter.page.css import Rule
    from newsletter.theme import Rgb

DARK = re.compile(r"prefers-color-scheme\s*:\s*dark", re.IGNORECASE)
_ALWAYS = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)\s*", re.IGNORECASE)
_SIMPLE = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_FAR = 100  # how far up a selector such as ".card p" is looked for; no real mail is as deep

_LINK: Rgb = (0x00, 0x00, 0xEE)  # what browsers and mail programs give where nobody says otherwise
_LINK_ON_DARK: Rgb = (0x9E, 0x9E, 0xFF)
_DARK_CANVAS: Rgb = (0x12, 0x12, 0x12)
_SCALES = {
    "h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83, "big": 1.2, "sub": 0.83, "sup": 0.83,
}  # fmt: skip
_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_UP = frozenset({"inherit", "currentcolor", "unset", "revert", "transparent", "none"})
_SEEN = ("color", "background", "background-color", "background-image", "font-size", "font-weight")
_BASELESS = frozenset({"url(", "gradient", "var("})


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: *colour* or *ground* is None where it cannot be told, *size* is in pixels."""

    colour: Rgb | None
    ground: Rgb | None
    size: float
    is_bold: bool


def has_dark(page: Page) -> bool:
    """Tell whether the page has rules of its own for dark mode."""
    return any(DARK.search(at) for rule in page.rules for at in rule.around)


def looks(page: Page, *, dark: bool = False) -> dict[Element, Look]:
    """Return how each element of *page* looks, in light or in *dark*."""
    base = Look(BLACK, WHITE, 16.0, is_bold=False)
    if dark and _says_dark(page):
        base = Look(WHITE, _DARK_CANVAS, 16.0, is_bold=False)
    rules = Cascade([rule for rule in page.rules if _holds(rule, dark=dark)])
    found: dict[Element, Look] = {}
    for element in page.elements:
        above = found[element.parent] if element.parent else base
        found[element] = _look(element, rules.style(element), above, _LINK_ON_DARK if dark else _LINK)
    return found


def _says_dark(page: Page) -> bool:
    metas = (one.attributes for one in page.all("meta"))
    named = any(meta.get("name", "").lower() == "color-scheme" and "dark" in meta.get("content", "") for meta in metas)
    return named or any("dark" in rule.declarations.get("color-scheme", "") for rule in page.rules)


def _holds(rule: Rule, *, dark: bool) -> bool:
    return all(_ALWAYS.fullmatch(at) or (dark and DARK.search(at)) for at in rule.around)


def _look(element: Element, style: Mapping[str, str], above: Look, link: Rgb) -> Look:
    if not style and not element.attributes and element.tag not in _SCALES and element.tag not in _BOLD:
        return above
    given = element.attributes
    style = {name: without_important(style[name]) for name in _SEEN if name in style}
    word = style.get("color") or {"body": given.get("text"), "font": given.get("color")}.get(element.tag)
    own = above.colour
    if word:
        own = above.colour if word.lower() in _UP else colour(word)
    elif element.tag == "a" and "href" in given:
        own = link
    size = pixels(style.get("font-size", ""), above.size)
    weight = style.get("font-weight", "").lower()
    bold = weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight[:4]) >= 700)
    return Look(
        own,
        _ground(style, given, above.ground),
        above.size * _SCALES.get(element.tag, 1) if size is None else size,
        bold if weight and weight != "inherit" else above.is_bold or element.tag in _BOLD,
    )


def _ground(style: Mapping[str, str], given: Mapping[str, str], above: Rgb | None) -> Rgb | None:
    image = f"{style.get('background-image', '')} {style.get('background', '')}".lower()
    if any(sign in image for sign in _BASELESS) or "background" in given:
        return None
    word = style.get("background-color") or style.get("background") or given.get("bgcolor")
    if not word or word.lower() in _UP:
        return above
    found = colour(word)
    if found is None and "(" not in word:  # the colour among other words: background: #fff no-repeat
        found = next((one for part in word.split() if (one := colour(part))), None)
    return found


class Cascade:
    """Rules sorted so that those of an element are soon found."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_key: dict[str, list[tuple[tuple[int, int], list[tuple[str, frozenset[str]]], Rule]]] = {}
        for order, rule in enumerate(rules):
            for selector in rule.selectors:
                if parts := _parts(selector):
                    weight = sum((tag != "*") + 100 * len(names) for tag, names in parts)
                    key = min(parts[-1][1], default=parts[-1][0])
                    self._by_key.setdefault(key, []).append(((weight, order), parts, rule))

    def rules(self, element: Element) -> Iterator[Rule]:
        """Yield the rules that are meant for *element*, the weakest first."""
        if not self._by_key:
            return
        names = _names(element)
        found = [entry for key in (*names, element.tag, "*") for entry in self._by_key.get(key, ())]
        for _, parts, rule in sorted(found, key=lambda entry: entry[0]):
            if _matches(parts, element, names):
                yield rule

    def style(self, element: Element) -> Mapping[str, str]:
        """Return the style of *element*: its own, under what the rules say more strongly."""
        own = element.style
        rules = list(self.rules(element))
        if not rules:
            return own
        weak = {name: value for rule in rules for name, value in rule.declarations.items() if not is_important(value)}
        strong = {name: value for rule in rules for name, value in rule.declarations.items() if is_important(value)}
        merged = {**weak, **own}
        for name, value in strong.items():
            if not is_important(own.get(name, "")):
                merged[name] = without_important(value)
                if name == "background":
                    merged.pop("background-color", None)
        return merged


def _names(element: Element) -> frozenset[str]:
    names = {f".{name}" for name in element.classes}
    return frozenset(names | {f"#{name}" for name in (element.attributes.get("id"),) if name})


def _parts(selector: str) -> list[tuple[str, frozenset[str]]]:
    """Return the parts of a selector of tags, classes and ids, the innermost last; nothing of any other selector."""
    parts = []
    for part in selector.replace(">", " ").split():
        found = _SIMPLE.fullmatch(part)
        if not found:
            return []
        parts.append(((found[1] or "*").lower(), frozenset(re.findall(r"[.#][\w-]+", found[2]))))
    return parts


def _matches(parts: list[tuple[str, frozenset[str]]], element: Element, names: frozenset[str]) -> bool:
    (tag, wanted), *outer = reversed(parts)
    if not _is(element, tag, wanted, names):
        return False
    above = islice(element.above(), _FAR)
    return all(any(_is(one, tag, wanted, _names(one)) for one in above) for tag, wanted in outer)


def _is(element: Element, tag: str, wanted: frozenset[str], names: frozenset[str]) -> bool:
    return tag in {"*", element.tag} and wanted <= names
