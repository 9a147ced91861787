"""Texts and addresses of a page as they are compared."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def folded(text: str) -> str:
    """Return *text* as it is compared: with single blanks, without case."""
    return " ".join(text.split()).casefold()


def squeezed(address: str) -> str:
    """Return *address* as browsers read it: they pass over tabs, line ends and other controls, wherever those stand.

    See https://url.spec.whatwg.org/#concept-basic-url-parser.
    """
    return _CONTROLS.sub("", address).strip()
