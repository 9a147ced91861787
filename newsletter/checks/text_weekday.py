"""A weekday in running text that is not that of its date.

Readers trust the weekday more than the number, and one of the two is a slip, often from copying last year's line. Only
the author knows which. Where no year is written it is taken to be the one nearest to the issue, and the finding is a
warning. Words in quotation marks are read too: a slip that must stay in a quotation can be excused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.past import month_of
from newsletter.textdates import running, wrong_weekdays

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N134"
SEVERITY = Severity.ERROR


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every date in running text whose written weekday is another than its own."""
    for text in running(context.issue):
        for slip in wrong_weekdays(text.text, month_of(context.issue.id)):
            yield Remark(
                context.issue.spot(text, slip.start, slip.end),
                slip.message,
                slip.hint,
                text.text[slip.start : slip.end],
                None if slip.is_sure else Severity.WARNING,
            )
