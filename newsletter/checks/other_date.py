"""A date or time that is another in another issue.

The same diary event or session has a date or time of its own in each of two issues, so one of them is wrong. Ask the
organiser, then mend that issue. An event is known by its title, and taken for one that was moved only to a day less
than three weeks away: the next of a series, such as a monthly forum, is left alone, and so is a list of sessions that
drops its first and adds one at its end. The nearest issue before and the nearest after this one are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_span
from newsletter.findings import Severity
from newsletter.occurrences import differing, moved
from newsletter.past import Past, are_sure, by_name, called, dates_in, is_monthly, line, month_of, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.past import Dated, Name

CODE = "N111"
SEVERITY = Severity.WARNING
IS_STEADY = False


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every date that the issue before or after this one has otherwise."""
    for name, mine in by_name(dates_in(context.issue)).items():
        told = set()
        for here, there, past in _pairs(context, name, mine):
            if here.place not in told:
                told.add(here.place)
                yield Remark(
                    here.place,
                    f"a date differs from {called(past.issue, context.issue.id)}",
                    f"{here.title} is {format_span(here.span)} here,\n"
                    f"but {format_span(there.span)} in {line(there.place)}.\n"
                    "Ask the organiser which is right, then mend that issue.",
                    words=here.title,
                )


def _pairs(context: Context, name: Name, mine: Sequence[Dated]) -> Iterator[tuple[Dated, Dated, Past]]:
    """Yield what differs, here and there, and the issue where."""
    issue = context.issue.id
    named = [past for past in context.others if name in past.dates and are_sure(mine, past.dates[name])]
    for past in nearest(named, issue):
        for here, there in differing(mine, past.dates[name]):
            yield here, there, past
    if name.is_session:  # a special edition picks some sessions: none moves into it or out of it
        named = [past for past in named if is_monthly(past.issue) and is_monthly(issue)]
    for past in nearest(named, issue):
        first, last = (mine, past.dates[name]) if issue < past.issue else (past.dates[name], mine)
        since = max(context.on, month_of(max(issue, past.issue)))
        if pair := moved(first, last, since):
            here, there = pair if issue < past.issue else pair[::-1]
            yield here, there, past
