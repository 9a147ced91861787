"""The preheader is not hidden at the top of the email.

Mail programs show the first words of the body beside the subject. Those should be the preheader, and hidden in the
email itself; without a colour of its own, since text in the background's colour counts as a sign of spam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N214"
SEVERITY = Severity.WARNING
_HINT = 'Write <div class="preheader">{{ issue.preheader }}</div> right after <body>, as the packaged email.html does.'


def check(mail: Mail) -> Iterator[Remark]:
    """Yield the one thing that is wrong with the preheader."""
    if message := _fault(mail):
        yield Remark(mail.place, message, _HINT)


def _fault(mail: Mail) -> str:
    body = mail.page.first("body")
    first = next(iter(mail.page.all_runs), None)
    wanted = " ".join(mail.edition.preheader.split())
    if body is None or first is None:
        return ""
    if not wanted:
        return "the preheader is empty"
    element, text = first
    if not mail.page.whole_text.startswith(wanted):
        return f'the email begins with "{cut(text, 40)}" instead of its preheader'
    if not element.is_hidden:
        return "the preheader is not hidden, so it stands above the title"
    around = [element, *(one for one in element.above() if one.is_hidden)]
    is_coloured = any({"color", "background", "background-color"} & set(one.style) for one in around)
    return "the hidden preheader has a colour, which looks like spam" if is_coloured else ""
