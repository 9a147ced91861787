"""An article that an earlier issue has had already.

It is often left over from copying last month's file, and readers who know it stop reading. Write a new one or take it
out. A title may come again, as that of a column does, and so may a text of less than about a hundred words, such as
whom to ring. What two earlier issues have had already comes every month, and is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity
from newsletter.past import called, earlier, line, news_in

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N114"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every article whose text one earlier issue has."""
    issue = context.issue.id
    before = [(past, told) for past in earlier(context.others, issue) for told in past.news]
    for news in news_in(context.issue):
        same = [(past, told) for past, told in before if told.digest == news.digest]
        if len(same) == 1:
            past, told = same[0]
            yield Remark(
                news.place,
                f"an article repeats one in {called(past.issue, issue)}",
                f'"{told.title}" stands in {line(told.place)}.\n'
                f"Write a new text, or take this one out. {excusing(CODE, news.title)}",
                words=news.title,
            )
