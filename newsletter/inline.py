"""From HTML with a style sheet to HTML with its styles on each element: the only module that knows premailer.

premailer 3.10 and the cssutils below it reach for the network and for files when told not to (``@import`` and
``<link>`` in a style sheet), so both ways are shut here before they are first used.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from hashlib import sha256
from logging import CRITICAL
from types import ModuleType
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from newsletter.cache import keep, kept
from newsletter.errors import TemplateError

if TYPE_CHECKING:
    from pathlib import Path

# premailer would copy these from CSS into attributes and overwrite ours: "100%" on a picture breaks Word.
_ATTRIBUTES_OF_OURS = ["width", "height", "align", "valign", "bgcolor"]
_REACHES_OUT = re.compile(
    r"<style\b(?:(?!</style).)*?(@import)|(<(?:link|base|script|iframe|object|embed|form))\b", re.IGNORECASE | re.DOTALL
)
# cssutils writes #ffffff as #fff, which some clients do not know.
_SHORT_COLOUR = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])(?![0-9a-f])")
_STYLE = re.compile(r'<[^<>]* style="[^"]*"')
_RULES = "1"  # rises when this module would inline the same HTML differently


def inline(html: str, *, cache_folder: Path | None = None) -> str:
    """Return *html* with the rules of its ``<style>`` blocks written into each element.

    Blocks marked ``data-premailer="ignore"`` stay as they are. The result is kept by content in *cache_folder*.
    Raises TemplateError for a style sheet or document that cannot be inlined.
    """
    if found := _REACHES_OUT.search(html):
        raise TemplateError(
            f'a template has "{found[1] or found[2]}": an email may neither fetch nor run anything',
            "Take it out; styles belong in templates/styles.css.",
        )
    if cache_folder is None:
        return _inline(html)
    path = cache_folder / f"{sha256((_RULES + html).encode()).hexdigest()}.html"
    if (known := kept(path)) is not None:
        return known.decode()
    inlined = _inline(html)
    keep(path, inlined.encode())
    return inlined


def _inline(html: str) -> str:
    try:
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # cssutils calls re.split as Python 3.13 no longer likes it
            whole = str(_inliner(html).transform(pretty_print=False))
    except Exception as error:  # premailer raises whatever lxml, cssselect and cssutils do
        reason = str(error) or type(error).__name__
        raise TemplateError(f"the email's styles cannot be inlined: {reason}", "Mend templates/styles.css.") from error
    whole = _STYLE.sub(lambda style: _SHORT_COLOUR.sub(r"#\1\1\2\2\3\3", style[0]), whole)
    return whole.replace("\r\n", "\n").rstrip() + "\n"


def _inliner(html: str) -> Any:
    return _premailer()(
        html,
        strip_important=False,  # the head's rules must win over what stands on the elements
        allow_network=False,
        allow_loading_external_files=False,
        keep_style_tags=False,
        remove_classes=False,  # the head's rules find elements by class
        disable_validation=True,  # cssutils knows no mso- properties
        disable_basic_attributes=_ATTRIBUTES_OF_OURS,
        cssutils_logging_level=CRITICAL,
    )


@cache
def _premailer() -> Any:
    """Import premailer (0.2 s, hence here) and take the fetching out of cssutils before its first use."""
    # Its own 128 hold no whole sheet beside the selectors: the sheet was parsed anew each time, half of the work.
    os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "2048")
    import cssutils.util  # noqa: PLC0415

    # It imports requests, a tenth of what a first build takes, to fetch style sheets: that it may never do.
    is_there = "requests" in sys.modules
    sys.modules.setdefault("requests", ModuleType("requests"))
    try:
        from premailer import Premailer  # noqa: PLC0415
    finally:
        if not is_there:
            del sys.modules["requests"]

    def refuse(url: str) -> None:
        raise ValueError(f"a style sheet asks for {url}")

    cssutils.util._defaultFetcher = refuse  # noqa: SLF001  the one door: the public setting is per parser
    return Premailer
