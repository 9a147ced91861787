"""A list of dates that is not in order in the file.

Readers see the dates sorted, so nothing is wrong for them. In the file a list in order shows a missing or a doubled
date at a glance. newsletter check --fix puts it in order where it is certain which lines belong together.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.dates import format_span
from newsletter.document import Document
from newsletter.findings import Severity
from newsletter.reordering import moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.findings import Trail
    from newsletter.model import Event, Issue

CODE = "N110"
SEVERITY = Severity.NOTE


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every list, at its first entry that stands after a later one."""
    for trail, listed in groupby(context.issue.events(), key=lambda event: event.trail[:-1]):
        entries = list(listed)
        if not all(entry.span.is_sure for entry in entries):  # nobody knows where its date belongs
            continue
        # The first entry that stands after any later one stands right after one: up to there all are in order.
        for above, entry in pairwise(entries):
            if entry.span.sort_key < above.span.sort_key:
                yield Remark(
                    context.issue.place(entry.trail),
                    f"not in order: {format_span(entry.span)} stands below {format_span(above.span)}",
                    f"Readers see the dates sorted. {_advice(context.issue, trail, entries, entry)}",
                )
                break


def _advice(issue: Issue, trail: Trail, entries: list[Event], entry: Event) -> str:
    """Say how to sort the list: by --fix only where that is certain what belongs together."""
    order = sorted(range(len(entries)), key=lambda number: entries[number].span.sort_key)
    if isinstance(issue.places, Document) and moves(issue.places, trail, order):
        return f"To sort the file: newsletter check {issue.id} --fix"
    later = next(one for one in entries if one.span.sort_key > entry.span.sort_key)
    line, above = (issue.place(one.trail).line for one in (entry, later))
    if line == above:
        return f"Write {format_span(entry.span)} before {format_span(later.span)}."
    return f"To sort the file, move line {line}, and what belongs to it, above line {above}."
