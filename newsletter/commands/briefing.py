"""What is shown of a send before the count is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.commands.desk import as_send, has_changed
from newsletter.providers import CampaignProvider
from newsletter.summary import addressed, contents, moment, resumed, show_rows

if TYPE_CHECKING:
    from newsletter.commands.desk import Desk, Request
    from newsletter.commands.plan import Plan
    from newsletter.records import Record


def show_plan(request: Request, record: Record, plan: Plan, desk: Desk) -> None:
    """Show what is about to happen, to whom, and from whom; one that was built before goes on as it was planned."""
    message, built = plan.message, plan.built
    where, zone = desk.provider.where(as_send(record, message, desk.workspace)), desk.workspace.config.zone
    about = addressed(
        record,
        title=message.list_title,
        kept=_kept(record, desk),
        sender=message.sender.mailbox,
        where=where,
        zone=zone,
    )
    if built is None:
        rows = (("Issue", record.issue), *about, *resumed(record), *_changed(record, desk))
    else:
        issue, *others, checked = contents(built)
        rows = (issue, *others, *about, checked)
    subject = record.subject if built is None else built.shown.subject
    show_rows(subject, rows, err=request.as_json)


def _kept(record: Record, desk: Desk) -> str:
    """Return where the people of a list are kept."""
    if isinstance(desk.provider, CampaignProvider):
        return f"kept by {record.provider}: one campaign to all of them"
    return desk.workspace.list_config(record.list_name).file or "kept here"


def _changed(record: Record, desk: Desk) -> tuple[tuple[str, str], ...]:
    """Return the row that says so if the issue is not any more as it was planned."""
    if not has_changed(record, desk):
        return ()
    when = moment(record.planned, desk.workspace.config.zone)
    told = f"the issue has changed since; what was planned on {when} goes out, unchanged"
    return (("Changed", f"{told}. To send it as it is now: --edition {record.edition + 1}"),)
