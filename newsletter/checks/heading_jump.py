"""Headings that skip a level.

The newsletter closes the gap, so readers get headings in order (WCAG 2.2, 1.3.1); but what is one level below then
stands where the author meant two. Use one # more for each level: ## and then ###.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.prose import headings

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N126"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every heading that is more than one level below the heading before it."""
    for text in context.issue.prose():
        before = 6
        for heading in headings(text.text):
            if heading.level > before + 1:
                yield Remark(
                    context.issue.place(text.trail, heading.line),
                    f'the heading "{heading.text}" skips a level: {"#" * heading.level} comes after {"#" * before}',
                    f'Write "{"#" * (before + 1)} {heading.text}".',
                    heading.text,
                )
            before = heading.level
