"""A favourite or a booking that leads elsewhere in an earlier issue.

Favourites stay from issue to issue, and so does the booking of a course for the same day; thus two addresses for the
same words often mean that one is old or a slip. Open both, then mend the one that is wrong. The newest earlier issue
that has the words is looked at, so a page that has moved is told once. http and https, a slash at the end and the marks
of a campaign (utm_...) make no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity
from newsletter.past import by_words, called, earlier, line, links_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.past import Kept

CODE = "N112"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every lasting link that the newest earlier issue with its words has otherwise."""
    before = earlier(context.others, context.issue.id)
    for words, mine in by_words(links_in(context.issue)).items():
        here = mine[0]
        past = next((past for past in reversed(before) if words in past.addresses), None)
        if past and _differ(mine, past.addresses[words]):
            there = past.addresses[words][0]
            yield Remark(
                here.place,
                f"a link differs from {called(past.issue, context.issue.id)}",
                f'"{here.text}" leads here to\n{here.url}\nbut in {line(there.place)} to\n{there.url}\n'
                f"Open both, then mend the one that is wrong. {excusing(CODE, here.url)}",
                words=here.url,
            )


def _differ(mine: Sequence[Kept], theirs: Sequence[Kept]) -> bool:
    """Tell whether the same words lead to one address here and to another there; more than one are two things.

    Booking services make a new address for every new date, so those of sessions are held against each other only if
    they have a day in common.
    """
    ours, others = ({_page(link.url) for link in links} for links in (mine, theirs))
    days, other_days = ({day for link in links for day in link.days} for links in (mine, theirs))
    is_same_thing = bool(days & other_days) or not (days or other_days)
    return is_same_thing and len(ours) == len(others) == 1 and ours != others


def _page(url: str) -> str:
    """Return what *url* opens, without what makes no difference."""
    parts = urlsplit(url)
    scheme = "https" if parts.scheme == "http" else parts.scheme
    query = "&".join(one for one in parts.query.split("&") if not one.startswith("utm_"))
    return parts._replace(scheme=scheme, netloc=parts.netloc.lower(), path=parts.path.rstrip("/"), query=query).geturl()
