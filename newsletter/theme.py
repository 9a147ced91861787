"""Colours: every tone of the email derives from the one accent that the workspace gives.

Contrast is WCAG 2.2's ratio of relative luminances (1.4.3): text keeps at least 4.5:1, in light and in dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
_CANVAS: Rgb = (0xF3, 0xF4, 0xF5)
_DEEPENER: Rgb = (0x10, 0x16, 0x1C)
_DARK_SHEET: Rgb = (0x1A, 0x1E, 0x22)
_ENOUGH = 4.5
_ENOUGH_DARK = 7.2  # leaves 4.5:1 after a mail client's own darkening of the sheet


@dataclass(frozen=True, slots=True)
class Palette:
    """The tones of one appearance, each as ``#rrggbb``."""

    canvas: str
    sheet: str
    tint: str
    ink: str
    soft: str
    deep: str
    accent: str
    on_accent: str
    strong: str
    rule: str


@dataclass(frozen=True, slots=True)
class Tones:
    """The two appearances."""

    light: Palette
    dark: Palette


def tones(accent: str) -> Tones:
    """Derive all tones from *accent*, a colour as ``#rrggbb``."""
    given = _rgb(accent)
    tint = _mix(given, 7, WHITE)

    def can_be_read(colour: Rgb) -> bool:
        return min(contrast(colour, tint), contrast(colour, _CANVAS)) >= _ENOUGH

    readable = _until(given, BLACK, can_be_read)
    bright = _until(given, WHITE, lambda colour: contrast(colour, _DARK_SHEET) >= _ENOUGH_DARK)
    deep = _hex(_until(_mix(given, 55, _DEEPENER), BLACK, can_be_read))
    light = Palette(
        canvas=_hex(_CANVAS), sheet="#ffffff", tint=_hex(tint), ink="#1c2126", soft="#4b535b", deep=deep,
        accent=_hex(readable), on_accent="#ffffff", strong=deep, rule="#c8cdd2",
    )  # fmt: skip
    dark = Palette(
        canvas="#101316", sheet=_hex(_DARK_SHEET), tint=_hex(_mix(given, 16, _DARK_SHEET)), ink="#eceff1",
        soft="#b4bcc4", deep="#eceff1", accent=_hex(bright), on_accent="#101316", strong="#7b858e", rule="#4a525a",
    )  # fmt: skip
    return Tones(light, dark)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return WCAG's contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _mix(colour: Rgb, percent: int, other: Rgb) -> Rgb:
    red, green, blue = (round((a * percent + b * (100 - percent)) / 100) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _until(colour: Rgb, other: Rgb, enough: Callable[[Rgb], bool]) -> Rgb:
    """Mix *other* into *colour*, one percent at a time, until it is *enough*."""
    return next(mixed for percent in range(100, -1, -1) if enough(mixed := _mix(colour, percent, other)))


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
