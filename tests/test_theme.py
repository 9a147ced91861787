"""Colours derived from one accent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.theme import Palette, contrast, tones

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def pairs(palette: Palette) -> list[tuple[str, str]]:
    """Return every text colour with every ground it stands on."""
    grounds = [palette.canvas, palette.sheet, palette.tint]
    words = [palette.ink, palette.soft, palette.deep, palette.accent]
    return [(word, ground) for word in words for ground in grounds] + [(palette.on_accent, palette.accent)]


def test_the_default_accent_gives_the_tones_of_the_design() -> None:
    """The blue of the design gives its published tones, light and dark, unchanged."""
    made = tones("#1d70b8")
    assert (
        Palette(
            canvas="#f3f4f5", sheet="#ffffff", tint="#eff5fa", ink="#1c2126", soft="#4b535b", deep="#174872",
            accent="#1d70b8", on_accent="#ffffff", strong="#174872", rule="#c8cdd2",
        )
        == made.light
    )  # fmt: skip
    assert (
        Palette(
            canvas="#101316", sheet="#1a1e22", tint="#1a2b3a", ink="#eceff1", soft="#b4bcc4", deep="#eceff1",
            accent="#80afd7", on_accent="#101316", strong="#7b858e", rule="#4a525a",
        )
        == made.dark
    )  # fmt: skip


@given(COLOURS)
def test_any_accent_can_be_read(accent: str) -> None:
    """Whatever the accent, each text keeps 4.5:1 on each ground, in light and in dark (WCAG 2.2, 1.4.3)."""
    made = tones(accent)
    low = [
        pair
        for palette in (made.light, made.dark)
        for pair in pairs(palette)
        if contrast(rgb(pair[0]), rgb(pair[1])) < 4.5
    ]
    assert low == []


@pytest.mark.parametrize(("accent", "shown"), [("#1d70b8", "#1d70b8"), ("#f47738", "#b05628"), ("#ffff00", "#737300")])
def test_a_pale_accent_is_darkened(accent: str, shown: str) -> None:
    """An accent too pale to read is darkened, one that can be read is left as it is."""
    assert shown == tones(accent).light.accent


def test_contrast_is_wcag_s() -> None:
    """Black on white is 21:1 and a colour on itself 1:1, whichever comes first."""
    white, black = (255, 255, 255), (0, 0, 0)
    assert (21.0, 21.0, 1.0) == (contrast(white, black), contrast(black, white), contrast(white, white))
