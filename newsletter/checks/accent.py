"""The accent colour is shown darker than it was given.

All colours derive from theme: accent: in newsletter.yaml. A bright one, such as a yellow, could not be read as a link
on white or under white words, so it is darkened until it has a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Place, Severity
from newsletter.theme import tones

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N217"
SEVERITY = Severity.NOTE


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a note when the accent of the workspace is not the one that readers see."""
    given = mail.accent.lower()
    if given and (shown := tones(given).light.accent) != given:
        hint = f'Nothing needs to be done. To choose the tone yourself, write a darker one: accent: "{shown}"'
        yield Remark(Place("newsletter.yaml"), f"the accent {given} is shown darker, as {shown}", hint)
