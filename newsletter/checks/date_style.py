"""A date or time in the text that GOV.UK style writes otherwise.

"10 February", "9:30am to 10:30am" and "midday" read the same to everyone, and to a screen reader. The dates of
sessions and of the diary are written in that style by the newsletter itself; in running text they stay as typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.datestyle import LINES, odd
from newsletter.findings import Severity
from newsletter.oddfigures import odd_figures
from newsletter.past import month_of
from newsletter.textdates import covered, wrong_weekdays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.model import Prose

CODE = "N131"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every such date, with the words to write."""
    month = month_of(context.issue.id)
    for text in _running(context):
        told = covered((*wrong_weekdays(text.text, month), *odd_figures(text.text, month)))
        for start, end, instead in odd(text.text):
            if not told.isdisjoint(range(start, end)):
                continue  # of these N134 and N135 speak
            found = " ".join(text.text[start:end].split())
            yield Remark(
                context.issue.spot(text, start, end),
                f'GOV.UK style writes "{found}" otherwise',
                f'Write "{" ".join(instead.split())}".',
                text.text[start:end],
            )


def _running(context: Context) -> Iterator[Prose]:
    yield from context.issue.prose()
    yield from (text for text in context.issue.words() if text.trail[-1] in LINES)
