"""A picture does not say its size in whole pixels.

Outlook for Windows takes the size of a picture from its width and height attributes and from nowhere else: without them
it shows a large photograph at its full size, and the page breaks. The column is 600 pixels wide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N211"
SEVERITY = Severity.WARNING
_WIDEST = 600
_HINT = 'Write width="{{ shown.shown_width }}" height="{{ shown.shown_height }}", as the macro picture in parts.html.'


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for pictures without whole sizes, and one for those that are too wide."""
    pictures = [one for one in mail.page.everything if one.tag == "img" and not one.is_hidden]
    sizes = {one: (one.attributes.get("width", ""), one.attributes.get("height", "")) for one in pictures}
    loose = [one for one, size in sizes.items() if not all(map(_is_whole, size))]
    if loose:
        message = tally(loose, "has no size in whole pixels", "pictures have no size in whole pixels")
        yield Remark(mail.place, message, _HINT)
    wide = [one for one, (width, _) in sizes.items() if _is_whole(width) and int(width) > _WIDEST]
    if wide:
        message = tally(wide, f"is wider than {_WIDEST} pixels", f"pictures are wider than {_WIDEST} pixels")
        yield Remark(mail.place, message, _HINT)


def _is_whole(size: str) -> bool:
    return bool(re.fullmatch(r"\s*[1-9][0-9]{0,5}\s*", size))
