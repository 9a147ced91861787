"""A link whose words do not say where it leads.

Screen readers list links by their words alone: five times "Book your place" helps nobody (WCAG 2.2, 2.4.4). Name the
page, the course or the report: "Book your place on Introduction to family help".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.linkwords import is_vague, where_said, wording

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N123"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every link that says nothing, or has no words at all."""
    said = where_said(context.issue)
    for link in context.issue.links():
        words = wording(link.text)
        if not words:
            hint = "Write words between its brackets that say where it leads, or take the link out."
            yield Remark(link.place, "a link without words", hint, link.text or link.url)
        elif is_vague(words):
            yield Remark(
                said.get(link.place, link.place),
                f'the link "{link.text}" does not say where it leads',
                "Let its words name the page, the course or the document behind it.",
                link.text,
            )
