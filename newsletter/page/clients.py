"""Which mail programs leave out what of CSS, as far as a reader would be harmed: a short table of facts.

Distilled from caniemail.com (data of September 2025; the day of each test stands beside it) and from what is known of
the Word engine behind classic Outlook. What is only an ornament elsewhere (rounded corners, shadows) is not in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = "Outlook for Windows"
_WEB = "Outlook on the web"
_SOME = "Gmail, Yahoo"


@dataclass(frozen=True, slots=True)
class Feature:
    """What is written (*properties*, none meaning any, and *value*), who leaves it out, what readers then see."""

    properties: re.Pattern[str]
    value: re.Pattern[str]
    clients: str
    effect: str
    instead: str
    source: str


def _feature(properties: str, value: str, *told: str) -> Feature:
    return Feature(re.compile(properties, re.IGNORECASE), re.compile(value, re.IGNORECASE), *told)


_LENGTHS = "Write the length in px."
_COLOUR = "Write the colour as six digits, as in #1d70b8."

FEATURES = (
    _feature(
        r"position", r"(?:absolute|fixed|sticky)\b", f"{WORD}, {_WEB}, {_SOME}",
        "it stands where it comes in the text, not where it was put", "Use table cells.",
        "caniemail css-position, 2021-05-16",
    ),
    _feature(
        r"float", r"(?:left|right)\b", WORD, "what should stand beside it stands below",
        'Use table cells, or align="left" on a picture or table.', "caniemail css-float, 2019-02-28",
    ),
    _feature(
        r"display", r"flex\b", WORD, "what should stand in a row stands one below the other", "Use table cells.",
        "caniemail css-display-flex, 2021-11-02",
    ),
    _feature(
        r"display", r"inline-flex\b", f"{WORD}, Yahoo", "what should stand in a row stands one below the other",
        "Use table cells.", "caniemail css-display-flex, 2021-11-02",
    ),
    _feature(
        r"display", r"(?:inline-)?grid\b", f"{WORD}, {_SOME}", "what should stand in a row stands one below the other",
        "Use table cells.", "caniemail css-display-grid, 2019-02-28",
    ),
    _feature(
        r"margin(?:-\w+)?", r"(?:.*\s)?-(?:\d|\.\d)", f"{WORD}, {_WEB}, Gmail", "what should overlap stands apart",
        "Leave the negative margin out.", "caniemail css-margin, 2019-10-01",
    ),
    _feature(
        r"(?!mso-).*", r".*\d(?:rem)\b", f"{WORD}, Yahoo", "the size is left out", _LENGTHS,
        "caniemail css-unit-rem, 2020-02-25",
    ),
    _feature(
        r"(?!mso-).*", r".*\d(?:vw|vh|vmin|vmax)\b", WORD, "the size is left out", _LENGTHS,
        "caniemail css-unit-vw, 2020-02-25",
    ),
    _feature(
        r"(?!mso-).*", r".*\bcalc\(", f"{WORD}, {_WEB}, Yahoo", "the size is left out", _LENGTHS,
        "caniemail css-unit-calc, 2020-02-25",
    ),
    _feature(
        r"(?!mso-).*", r".*\b(?:min|max|clamp)\(", f"{WORD}, {_WEB}, Yahoo", "the size is left out", _LENGTHS,
        "caniemail css-function-min, -max, -clamp, 2021-05-07",
    ),
    _feature(
        r".*", r".*\bvar\(", f"{WORD}, {_WEB}, {_SOME}", "the value is left out", "Write the value itself.",
        "caniemail css-variables, 2020-02-25",
    ),
    _feature(
        r"(?:color|background(?:-color)?|border.*)", r".*\brgba?\(\s*[\d.]+\s+[\d.]",
        f"{WORD}, {_SOME}", "Gmail drops the whole style of the element", _COLOUR,
        "caniemail css-rgb and css-rgba, 2021-05-14",
    ),
    _feature(
        r"(?:color|background(?:-color)?|border.*)", r".*\brgba\([^)]*,[^)]*\)", WORD,
        "the colour is left out, and text may no longer be read", _COLOUR, "caniemail css-rgba, 2021-05-14",
    ),
)  # fmt: skip
