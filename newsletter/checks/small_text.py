"""Text or a button is too small, or text is justified.

Text below 14 pixels is hard to read, on a phone most of all; a button lower than 44 pixels is hard to hit (WCAG 2.2,
2.5.8 wants 24, phones' own guides 44). Justified text has gaps that make reading harder for people with dyslexia.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut, tally
from newsletter.page.css import borders, pixels, sides, without_important

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element
    from newsletter.page.appearance import Look

CODE = "N218"
SEVERITY = Severity.WARNING
_SMALLEST = 14  # pixels
_LOWEST = 44


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for small text, one for low buttons, one for justified text."""
    page = mail.page
    found = page.light
    small = [
        f'"{cut(text, 40)}" ({found[element].size:g} pixels)'
        for element, text in page.runs
        if round(found[element].size, 1) < _SMALLEST and any(map(str.isalnum, text))
    ]
    if small:
        hint = f"Use at least {_SMALLEST}px, and 16px for what people read."
        yield Remark(mail.place, tally(small, "is small", "texts are small"), hint)
    low = [
        f'"{cut(link.text, 40)}" ({height:g} pixels)'
        for link in page.links
        if link.text and (height := _height(link.element, found[link.element])) and height < _LOWEST
    ]
    if low:
        message = tally(low, "is a low button", "buttons are low")
        yield Remark(mail.place, message, f"Give it padding up to {_LOWEST} pixels, as the macro solid of parts.html.")
    justified = [one for one in page.elements if _is_justified(one) and one.text]
    if justified:
        message = tally(justified, "is justified text", "elements have justified text")
        yield Remark(mail.place, message, "Align it left.")


def _height(link: Element, look: Look) -> float:
    """Return how high a link is that looks like a button; 0 for another, and where it cannot be told."""
    style = link.style
    if without_important(style.get("display", "")).lower() not in {"block", "inline-block"}:
        return 0
    padding = sides(style, "padding")
    room = sum(pixels(padding.get(side, ""), look.size) or 0 for side in ("top", "bottom")) + sum(borders(style))
    if not room and not any(name.startswith("background") for name in style):
        return 0
    given = without_important(style.get("line-height", ""))
    line = look.size * float(given[:6]) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", given) else pixels(given, look.size)
    least = pixels(without_important(style.get("height", "") or style.get("min-height", ""))) or 0
    return max(room + (look.size * 1.2 if line is None else line), least)


def _is_justified(element: Element) -> bool:
    said = without_important(element.style.get("text-align", "")) or element.attributes.get("align", "")
    return said.strip().lower() == "justify" and not element.is_hidden
