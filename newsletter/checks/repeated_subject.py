"""A subject that an earlier issue has had already.

Inboxes show the subject first, and many put mails with the same one together, so that readers take the new issue
for the old. It is often left over from copying last month's file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.datewords import format_month
from newsletter.findings import Severity
from newsletter.past import called, earlier, is_monthly, month_of, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N115"
SEVERITY = Severity.WARNING


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark when an earlier issue has the same subject."""
    issue = context.issue
    same = [past for past in earlier(context.others, issue.id) if normal(past.subject) == normal(issue.subject)]
    if same:
        usual = f"{format_month(month_of(issue.id))} newsletter"
        hint = f'Write another, such as "{usual}".' if is_monthly(issue.id) else "Say what this edition is about."
        message = f"the subject is that of {called(same[-1].issue, issue.id)}"
        yield Remark(context.issue.place(("subject",)), message, hint, words=issue.subject)
