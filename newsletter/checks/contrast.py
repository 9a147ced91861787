"""Text is hard to read on its background.

Text needs a contrast of 4.5 to 1, large text (from 24 pixels, or 18.66 bold) 3 to 1, in dark mode too (WCAG 2.2,
1.4.3). Many readers are on old screens, on phones in the sun, or see less well. The packaged colours have it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut, tally
from newsletter.page.appearance import Look, has_dark
from newsletter.theme import contrast as of_colours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element, Page

CODE = "N212"
SEVERITY = Severity.WARNING
contrast = lru_cache(maxsize=256)(of_colours)


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for light and one for dark, and a note on what cannot be judged."""
    page = mail.page
    unsure: list[str] = []
    told: set[tuple[Element, Look]] = set()  # what is wrong in light is not told again of dark
    for dark in (False, True) if has_dark(page) else (False,):
        found = page.dark if dark else page.light
        weak = []
        for element, text in _texts(page):
            look = found[element]
            if look.colour is None or look.ground is None:
                unsure.append(f'"{cut(text, 40)}" in {element}')
            elif (element, look) not in told and (ratio := contrast(look.colour, look.ground)) < _enough(look):
                told.add((element, look))
                colours = "#{:02x}{:02x}{:02x} on #{:02x}{:02x}{:02x}".format(*look.colour, *look.ground)
                weak.append(f'"{cut(text, 40)}" ({colours}, {int(ratio * 10) / 10} to 1)')
        if weak:
            mode = " in dark mode" if dark else ""
            message = tally(weak, f"has too little contrast{mode}", f"texts have too little contrast{mode}")
            hint = (
                "Take the theme's colours, as the packaged styles.css and head.css do: {{ light.ink }}, {{ dark.ink }}."
            )
            yield Remark(mail.place, message, hint)
    if unsure:
        unsure = list(dict.fromkeys(unsure))
        message = tally(unsure, "cannot be judged for contrast", "texts cannot be judged for contrast")
        hint = "Write its colour and the one behind it as six digits, as in #1c2126; or look at it yourself."
        yield Remark(mail.place, message, hint, severity=Severity.NOTE)


def _texts(page: Page) -> Iterator[tuple[Element, str]]:
    """Yield all that a reader reads, and what stands for pictures that are not shown."""
    alts = ((one, one.attributes.get("alt", "")) for one in page.all("img") if not one.is_hidden)
    for element, text in (*page.runs, *alts):
        if any(map(str.isalnum, text)):
            yield element, text


def _enough(look: Look) -> float:
    return 3.0 if look.size >= 24 or (look.is_bold and look.size >= 18.66) else 4.5
