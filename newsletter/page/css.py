"""CSS as mail programs read it, as far as a check needs it: declarations, rules, colours, lengths.

Every scan is linear: style sheets come from templates of any kind, broken ones too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsletter.theme import Rgb

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_PART = re.compile(r"(?:[^;(\"']+|\([^)]*\)?|\"[^\"]*\"?|'[^']*'?)+")  # up to a semicolon that ends a declaration
_BRACE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|([{}])")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
_LENGTH = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(px|pt|em|rem|%|)")
_WEIGHT = re.compile(r"bold|bolder|lighter|[1-9][0-9]{0,3}")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*(?:1(?:\.0*)?|100%)\s*)?\)")
_NAMES: Mapping[str, Rgb] = {
    "black": (0, 0, 0), "silver": (192, 192, 192), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "white": (255, 255, 255), "maroon": (128, 0, 0), "red": (255, 0, 0), "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255), "magenta": (255, 0, 255), "green": (0, 128, 0), "lime": (0, 255, 0),
    "olive": (128, 128, 0), "yellow": (255, 255, 0), "navy": (0, 0, 128), "blue": (0, 0, 255),
    "teal": (0, 128, 128), "aqua": (0, 255, 255), "cyan": (0, 255, 255), "orange": (255, 165, 0),
    "darkgray": (169, 169, 169), "darkgrey": (169, 169, 169), "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211), "dimgray": (105, 105, 105), "dimgrey": (105, 105, 105),
    "whitesmoke": (245, 245, 245), "gainsboro": (220, 220, 220), "pink": (255, 192, 203), "brown": (165, 42, 42),
    "darkblue": (0, 0, 139), "darkgreen": (0, 100, 0), "darkred": (139, 0, 0),
}  # fmt: skip
_SIZES = {
    "xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32,
}  # fmt: skip
_SIDES = ("top", "right", "bottom", "left")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its *selectors*, its *declarations*, and the at-rules *around* it, the outermost first."""

    around: tuple[str, ...]
    selectors: tuple[str, ...]
    declarations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style sheet as read. *is_nested* tells of an at-rule inside another, *is_torn* of a brace without its other."""

    rules: tuple[Rule, ...]
    is_nested: bool
    is_torn: bool


@lru_cache(maxsize=2048)
def declarations(style: str) -> Mapping[str, str]:
    """Return the declarations of *style* by name, in small letters; a later one of a name wins."""
    found: dict[str, str] = {}
    for part in style.split(";") if not set("(\"'/") & set(style) else _PART.findall(_COMMENT.sub("", style)):
        name, colon, value = part.partition(":")
        if colon and (name := name.strip().lower()):
            value = " ".join(value.split())
            for each, said in (_font(value) if name == "font" else {name: value}).items():
                found.pop(each, None)
                found[each] = said
    return MappingProxyType(found)


def _font(value: str) -> Mapping[str, str]:
    """Return what the shorthand ``font`` says, in long names; itself where it has no plain size and family."""
    words = re.sub(r" ?/ ?", "/", without_important(value)).split(" ")
    mark = " !important" if is_important(value) else ""
    for at, word in enumerate(words[:5]):  # before the size stand up to four words: style, variant, weight, stretch
        size, _, height = word.partition("/")
        if pixels(size) is not None and words[at + 1 :]:
            weight = next((one for one in words[:at] if _WEIGHT.fullmatch(one.lower())), "normal")
            names = ("font-weight", "font-size", "line-height", "font-family")
            told = (weight, size, height or "normal", " ".join(words[at + 1 :]))
            return {name: f"{each}{mark}" for name, each in zip(names, told, strict=True)}
    return {"font": value}


def read_sheet(css: str) -> Sheet:
    """Read a style sheet, however broken."""
    css = _COMMENT.sub("", css)
    rules: list[Rule] = []
    open_: list[str] = []
    at, nested, torn = 0, False, False
    for brace in _BRACE.finditer(css):
        if brace[1] == "{":
            head = css[at : brace.start()].rpartition(";")[2].strip()
            nested = nested or (head.startswith("@") and any(outer.startswith("@") for outer in open_))
            open_.append(head)
        elif brace[1] == "}" and open_:
            head = open_.pop()
            if not head.startswith("@") or head.lower().startswith("@font-face"):
                selectors = tuple(one.strip() for one in head.split(",") if not head.startswith("@"))
                rules.append(Rule(tuple(open_[:8]), selectors, declarations(css[at : brace.start()])))
        elif brace[1]:
            torn = True
        at = brace.end() if brace[1] else at
    return Sheet(tuple(rules), nested, torn or bool(open_))


def unescaped(css: str) -> str:
    r"""Return *css* without its escapes: ``u\72l(`` is ``url(`` to a mail program."""
    if "\\" not in css:
        return css
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFF)) if found[1] else found[2], css)


def without_important(value: str) -> str:
    """Return *value* without its ``!important``."""
    head, mark, word = value.rpartition("!")
    return head.strip() if mark and word.strip().lower() == "important" else value


def is_important(value: str) -> bool:
    """Tell whether *value* ends with ``!important``."""
    return without_important(value) != value


def colour(text: str) -> Rgb | None:
    """Return the colour that *text* is, or None for what is none, or is seen through."""
    text = text.strip().lower()
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.fullmatch(text):
        return min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)
    return _NAMES.get(text)


def pixels(text: str, of: float = 16) -> float | None:
    """Return a length in pixels, *of* being what em and % count from; None for what is no plain length."""
    text = text.strip().lower()
    if text in _SIZES:
        return _SIZES[text]
    found = _LENGTH.fullmatch(text)
    if not found:
        return None
    number = float(found[1][:12])
    unit = found[2]
    if not unit:
        return 0.0 if number == 0 else None
    return number * {"px": 1, "pt": 4 / 3, "em": of, "rem": 16, "%": of / 100}[unit]


def sides(style: Mapping[str, str], name: str) -> dict[str, str]:
    """Return what *style* says of *name*, which is ``margin`` or ``padding``, for each side it names."""
    found: dict[str, str] = {}
    parts = without_important(style.get(name, "")).split()
    if 1 <= len(parts) <= 4 and "(" not in style[name]:
        top, right, bottom, left = (parts * 4)[:4] if len(parts) != 3 else [*parts, parts[1]]
        found = {"top": top, "right": right, "bottom": bottom, "left": left}
    for side in _SIDES:
        if value := style.get(f"{name}-{side}"):
            found[side] = without_important(value)
    return found


def borders(style: Mapping[str, str]) -> Iterator[float]:
    """Yield the widths of the top and the bottom border that *style* gives."""
    for side in ("top", "bottom"):
        value = style.get(f"border-{side}") or style.get("border") or style.get("border-width") or ""
        lengths = (pixels(part) for part in without_important(value).split())
        yield next((length for length in lengths if length is not None), 0.0)
