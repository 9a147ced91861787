"""A style that some mail programs leave out, to readers' harm.

Outlook for Windows draws with Word, Gmail and Yahoo take styles out. Ornaments may be lost; a column, a size or a
colour may not. The facts are in newsletter/page/clients.py, drawn from caniemail.com, with the day of each test.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut, tally
from newsletter.page.appearance import Cascade
from newsletter.page.clients import FEATURES, WORD
from newsletter.page.css import pixels, sides, without_important

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element, Page

CODE = "N216"
SEVERITY = Severity.WARNING
_PHONE = 320  # pixels: the narrowest screen (WCAG 2.2, 1.4.10)
_PADDED = frozenset({"a", "div", "p", "span", "section", "h1", "h2", "h3", "h4"})
_STRANGE_PICTURE = re.compile(r"\.(?:webp|avif|svg)(?:$|[?#])", re.IGNORECASE)


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for each feature of CSS that is lost, however often it is used."""
    seen: dict[tuple[str, str], list[Element]] = {}
    for element in mail.page.elements:
        if not element.is_hidden:
            for name, value in element.style.items():
                seen.setdefault((name, value), []).append(element)
    for feature in FEATURES:
        found = [
            (f'"{cut(f"{name}: {value}", 50)}" on {element}', element)
            for (name, value), elements in seen.items()
            if feature.properties.fullmatch(name) and feature.value.match(value)
            for element in elements
            if not _is_said_otherwise(name, element)
        ]
        if found:
            message = tally((thing for thing, _ in found), "is lost", "styles are lost")
            yield Remark(mail.place, f"{message}: {feature.effect} ({feature.clients})", feature.instead)
    yield from _of_word(mail)
    yield from _of_phones(mail)


def _is_said_otherwise(name: str, element: Element) -> bool:
    """Tell whether an attribute says for Word what the style says for the others."""
    return name == "float" and "align" in element.attributes


def _of_word(mail: Mail) -> Iterator[Remark]:
    """Yield what Word leaves out on some elements only."""
    page = mail.page
    shown = [one for one in page.elements if not one.is_hidden]
    has_ghosts = any(one.tag == "table" for one in page.for_word)
    kinds = (
        ("has a margin of auto, which Word does not know", "elements have a margin of auto, which Word does not know",
         _is_centred, 'Write align="center" on the table, or on the cell around it.'),
        ("has padding, which Word knows on cells alone", "elements have padding, which Word knows on cells alone",
         _is_padded, "Put the padding on a <td>; for buttons see the macro solid in the packaged parts.html."),
        ("has a max-width, which Word knows on tables alone",
         "elements have a max-width, which Word knows on tables alone",
         lambda one: not has_ghosts and _is_wide(one), "Put a table for Word round it: {{ ghost }} of parts.html."),
        ("is of a kind that Word does not show", "pictures are of a kind that Word does not show",
         _is_strange, "Use PNG, JPEG or GIF."),
    )  # fmt: skip
    for one, many, is_lost, hint in kinds:
        if found := [element for element in shown if is_lost(element)]:
            yield Remark(mail.place, f"{tally(found, one, many)} ({WORD})", hint)


def _is_strange(element: Element) -> bool:
    return element.tag == "img" and bool(_STRANGE_PICTURE.search(element.attributes.get("src", "")))


def _is_centred(element: Element) -> bool:
    given = sides(element.style, "margin")
    around = element.parent
    is_told = "align" in element.attributes or (around and ("align" in around.attributes or around.tag == "center"))
    return given.get("left") == given.get("right") == "auto" and not is_told


def _is_padded(element: Element) -> bool:
    if element.tag not in _PADDED or not any("padding" in name for name in element.style):
        return False
    given = sides(element.style, "padding").values()
    around = (element, *([element.parent] if element.parent else []))
    return any((pixels(value) or 0) >= 4 for value in given) and not any(
        "mso-padding-alt" in one.style for one in around
    )


def _is_wide(element: Element) -> bool:
    width = pixels(without_important(element.style.get("max-width", "")))
    return element.tag not in {"table", "img"} and width is not None and width > _PHONE


def _of_phones(mail: Mail) -> Iterator[Remark]:
    wide = list(_wider_than_a_phone(mail.page))
    if wide:
        message = tally(wide, "is wider than a phone", "elements are wider than a phone")
        hint = 'Write width="100%" with style="max-width:600px", as the class width of the packaged styles.css.'
        yield Remark(mail.place, message, hint)


def _wider_than_a_phone(page: Page) -> Iterator[Element]:
    cascade = Cascade(page.rules)
    for element in page.elements:
        if element.tag not in {"table", "td", "th", "div"} or element.is_hidden:
            continue
        given = without_important(element.style.get("width", "")) or element.attributes.get("width", "")
        width = pixels(f"{given}px" if given.isdecimal() else given)
        most = without_important(element.style.get("max-width", ""))
        is_wide = width and width > _PHONE and not given.endswith("%") and not most.endswith("%")
        if is_wide and not any({"width", "max-width"} & set(rule.declarations) for rule in cascade.rules(element)):
            yield element
