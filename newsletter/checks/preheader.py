"""A preheader that is missing, idle, too short or too long.

Inboxes show it after the subject, so it is the second sentence of every issue. Between 40 and 100 characters are
useful: previews show 35 to 140. Only what is far outside is told here, under 20 and over 140.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.linkwords import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N122"
SEVERITY = Severity.WARNING
SHORTEST, LONGEST = 20, 140  # characters

_AIM = "In 40 to 100 characters, say what else the issue has for its readers."


def check(context: Context) -> Iterator[Remark]:
    """Yield at most one remark: what the preheader lacks first."""
    issue = context.issue
    place = context.issue.place(("preheader",))
    if "preheader" not in issue.stated:
        titles = [section.title for section in issue.sections]
        more = "" if issue.preheader.endswith(tuple(titles[-1:])) else "..."
        stand_in = f' Inboxes would show "{issue.preheader}{more}".' if issue.preheader else ""
        yield Remark(place, "the issue has no preheader", f"Add a line preheader:. {_AIM}{stand_in}")
    elif _repeats(wording(issue.preheader), wording(issue.subject)):
        yield Remark(place, "the preheader repeats the subject", _AIM, issue.preheader)
    elif len(issue.preheader) < SHORTEST:
        message = f"the preheader has only {len(issue.preheader)} characters"
        yield Remark(place, message, f"Inboxes fill the rest with whatever comes next. {_AIM}", issue.preheader)
    elif len(issue.preheader) > LONGEST:
        message = f"the preheader is {len(issue.preheader)} characters long, and inboxes show 140 at most"
        yield Remark(place, message, f"Cut it, the most important words first. {_AIM}", issue.preheader)


def _repeats(preheader: str, subject: str) -> bool:
    return preheader == subject or (" " in subject and preheader.startswith(f"{subject} "))
