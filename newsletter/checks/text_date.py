"""A date in running text that is in figures or American.

12/11/2025 is November to some readers and December to others, and "February 27, 2026" is not how people here write.
GOV.UK's A to Z of style writes the month as a word, after the day: 27 February 2026. Titles in quotes are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.oddfigures import odd_figures
from newsletter.past import month_of
from newsletter.textdates import running

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N135"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every such date, with the words to write."""
    for text in running(context.issue):
        for slip in odd_figures(text.text, month_of(context.issue.id)):
            place, words = context.issue.spot(text, slip.start, slip.end), text.text[slip.start : slip.end]
            yield Remark(place, slip.message, slip.hint, words)
