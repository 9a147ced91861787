"""A picture has no alt attribute.

Who cannot see the picture, or has pictures switched off, gets its file name read out instead (WCAG 2.2, 1.1.1). A
picture that is only decoration has an empty one: alt="".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N207"
SEVERITY = Severity.ERROR
_PICTURES = frozenset({"img", "area", "v:image"})


def check(mail: Mail) -> Iterator[Remark]:
    """Yield one error for all pictures without alt."""
    bare = [one for one in mail.page.everything if one.tag in _PICTURES and "alt" not in one.attributes]
    if bare:
        hint = 'Write alt="{{ image.alt }}", as the macro picture in the packaged parts.html, or alt="" for decoration.'
        yield Remark(mail.place, tally(bare, "has no alt", "pictures have no alt"), hint)
