"""The email as the mail programs show it that turn its colours, drop its pictures or take its styles away.

HTML in, HTML out. Each view is named by what is done to it: "dark", "light-images-off", "inverted-styles-off".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIGHT = "light"
DARK = "dark"  # the email's own rules for dark mode
INVERTED = "inverted"  # what a mail program makes of the light email that asks nobody
IMAGES_OFF = "images-off"
STYLES_OFF = "styles-off"

_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_PICTURE = re.compile(r'(<img\b[^>]*?)\ssrc="[^"]*"', re.IGNORECASE)
_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_SCHEME = re.compile(r'(color-scheme(?:\s*:\s*|" content="))light dark', re.IGNORECASE)
_LINK = re.compile(r'<a\b(?=[^>]*\shref="(?!#))', re.IGNORECASE)
# Gmail for iPhone turns over every colour and keeps its hue; pictures stay as they are, so they are turned back.
_INVERSION = """<style>
html { background: #fff; filter: invert(1) hue-rotate(180deg); }
img { filter: invert(1) hue-rotate(180deg); }
</style>"""


@dataclass(frozen=True, slots=True)
class View:
    """What is done to an email before it is shown."""

    colours: str
    has_images: bool
    has_styles: bool

    @property
    def name(self) -> str:
        """The view's place in an address."""
        off = [*([] if self.has_images else [IMAGES_OFF]), *([] if self.has_styles else [STYLES_OFF])]
        return "-".join([self.colours, *off])


VIEWS: Mapping[str, View] = {
    view.name: view
    for view in (View(*chosen) for chosen in product((LIGHT, DARK, INVERTED), (True, False), (True, False)))
}


def draw(html: str, view: View) -> str:
    """Return the email *html* as it is shown in *view*, whatever the browser itself prefers."""
    if not view.has_styles:
        html = _STYLE.sub("", html)
    if not view.has_images:
        html = _PICTURE.sub(r"\1", html)
    scheme = DARK if view.colours == DARK else LIGHT
    html = _ASKED.sub(lambda asked: "(min-width: 0)" if asked[1].lower() == scheme else "(max-width: 0)", html)
    html = _SCHEME.sub(rf"\g<1>{scheme}", html)
    if view.colours == INVERTED:
        html = html.replace("</head>", f"{_INVERSION}</head>", 1)
    # A link opens in a tab of its own: the frame that shows the email goes nowhere.
    return _LINK.sub('<a target="_blank" rel="noopener noreferrer"', html)
