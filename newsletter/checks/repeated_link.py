"""Links with the same words that lead to different places.

Whoever hears or scans the links alone cannot tell one from the other (WCAG 2.2, 2.4.4). Give each the name of its own
page. Links that say nothing at all are told of by N123.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity
from newsletter.linkwords import is_vague, wording
from newsletter.past import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.findings import Place
    from newsletter.model import Linked

CODE = "N124"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link whose words have led elsewhere before."""
    first: dict[str, Linked] = {}
    for link in context.issue.links():
        words = wording(link.text)
        before = first.setdefault(words, link)
        if words and not is_vague(words) and before.url.rstrip("/") != link.url.rstrip("/"):
            yield Remark(
                link.place,
                f'the link "{link.text}" leads elsewhere than {_where(before.place, link.place)}',
                f"Say in each what is different, or let both lead to the same page. {excusing(CODE, link.text)}",
                link.text,
            )


def _where(other: Place, here: Place) -> str:
    if other.file != here.file:
        return f"in {line(other)}"
    return "another on this line" if other.line == here.line else f"on line {other.line}"
