"""What stops a send before it begins, in words that say what to do instead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.commands.desk import has_changed
from newsletter.errors import ConfigError, ContentError, NewsletterError, RefusedError, UsageError
from newsletter.people import list_audience
from newsletter.pictures import unpublished
from newsletter.providers import CampaignProvider
from newsletter.records import State
from newsletter.summary import command_for, moment
from newsletter.terminal import count, show_findings
from newsletter.tokens import person_key
from newsletter.transport import provider_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from newsletter.build import Built
    from newsletter.commands.desk import Desk, Request
    from newsletter.config import Workspace
    from newsletter.message import Message
    from newsletter.providers import AnyProvider
    from newsletter.records import Record


_LATE = timedelta(hours=1)  # a send that goes on so long after its time is news to nobody, or on the wrong day


def refuse_unready(built: Built, *, draft: bool = False) -> None:
    """Stop before anything is planned: errors first, then a draft, unless it may be one."""
    show_findings(built.findings, err=True)
    if built.errors:
        hint = "Mend what is said above, then give the same command again."
        raise ContentError(f"Not sent: {built.shown.subject} has {count(len(built.errors), 'error')}.", (), hint)
    if built.issue.draft and not draft:
        hint = f"When it is ready, delete the line draft: true from issues/{built.issue.id}.yaml."
        raise RefusedError(f"Not sent: {built.shown.subject} is still a draft.", hint)


def refuse_images(message: Message, provider: AnyProvider) -> None:
    """Stop before the network what the provider cannot carry."""
    if message.edition.images and not provider.carries_images:
        hint = "Set archive_url in newsletter.yaml and publish the archive: the email then links to the pictures there."
        raise ConfigError(f"this issue has pictures, which cannot travel inside a message by {provider.account}", hint)


def refuse_unpublished(message: Message, workspace: Workspace) -> None:
    """Stop while a picture that the email links to is not on the web yet: readers would see an empty frame."""
    for link, why in unpublished(message, workspace):
        hint = "Publish the archive, then give the same command again:\nnewsletter archive"
        raise RefusedError(f"Not sent: {link} is not published: {why}.", hint)


def refuse_edition(request: Request, desk: Desk) -> None:
    """Refuse to correct what was never sent."""
    before = request.edition - 1
    rehearsal = desk.provider.is_rehearsal
    if before and not desk.ledger.find(request.issue, request.list_name, edition=before, rehearsal=rehearsal):
        raise UsageError(f"there is no edition {before} to correct", "Leave out --edition to send the issue.")


def refuse_other_provider(known: Record, desk: Desk) -> None:
    """Refuse to go on through another provider: it knows nothing of those who are in doubt."""
    name, provider = provider_name(desk.workspace, known.list_name), desk.provider
    if known.provider == name and (known.account == provider.account or provider.ignores_repeats is None):
        return
    hint = f"Set newsletter.yaml back to {known.provider}, {known.account}, until this send is over."
    raise RefusedError(f"Not sent: this send began through {known.provider}, {known.account}.", hint)


def refuse_superseded(known: Record, desk: Desk) -> None:
    """Refuse to go on with what has been corrected since: readers would get the mistake after the correction."""
    later = desk.ledger.find(known.issue, known.list_name, edition=known.edition + 1, rehearsal=known.rehearsal)
    if later is not None:
        hint = f"Whoever is on the list has the correction, or gets it:\n{command_for(later)}"
        raise RefusedError(f"Not sent: edition {later.edition} has corrected this one.", hint)


def refuse_finished(request: Request, record: Record, desk: Desk) -> None:
    """Refuse a send that is over, and say what there is left to do about it."""
    what = "was rehearsed for" if record.rehearsal else "went to"
    when = moment(record.last, desk.workspace.config.zone)
    title = desk.workspace.list_title(record.list_name)
    hint = "\n".join(
        (*_left_to_do(request, record, desk), "Next: see what was sent", f"  newsletter status {record.issue}")
    )
    raise RefusedError(f"Not sent: this issue {what} {title} on {when}.", hint)


def _left_to_do(request: Request, record: Record, desk: Desk) -> Iterator[str]:
    """Yield how it ended, and which options go on from there."""
    if unknown := record.counts[State.UNKNOWN]:
        yield f"{unknown:,} may have it or not: newsletter resolve {record.issue} --list {record.list_name}"
        return
    if record.at and record.counts[State.SKIPPED] and not record.counts[State.ACCEPTED]:
        yield f"It was cancelled. To send it after all, add --edition {record.edition + 1}"
        return
    if request.retry_rejected or request.include_new:
        yield "There is nobody new, and nobody to try again."
        return
    yield f"Accepted {record.counts[State.ACCEPTED]:,}. Nobody is left to send to."
    if rejected := record.counts[State.REJECTED]:
        yield f"Rejected {rejected:,}. To try them once more, add --retry-rejected"
    if new := _count_new(request, record, desk):
        yield f"{count(new, 'person')} joined since. To send to them as well, add --include-new"
    if has_changed(record, desk):
        yield f"The issue has changed since. To send it to everybody once more, add --edition {record.edition + 1}"


def _count_new(request: Request, record: Record, desk: Desk) -> int:
    """Return how many of the list have joined since; a list that cannot be read here and now has no say."""
    if isinstance(desk.provider, CampaignProvider):
        return 0
    try:
        people = list_audience(desk.workspace, request.list_name, desk.people).people
    except NewsletterError:
        return 0
    return sum(not desk.ledger.knows(record, person_key(desk.secret, one.address)) for one in people)


def refuse_unschedulable(at: datetime, provider: AnyProvider, now: datetime) -> None:
    """Raise RefusedError when *provider* cannot let a send leave *at* that time; *now* is aware."""
    schedule = provider.schedule
    if schedule is None:
        hint = "Send it when it is due, or let your system's scheduler give the command with --yes --expect N."
        raise RefusedError(f"Not sent: {provider.account} cannot send it later.", hint)
    if at <= now:
        raise RefusedError("Not sent: that time is over.", "Name a later one, or leave out --at to send it now.")
    if schedule.horizon and at > now + schedule.horizon:
        hours = schedule.horizon // timedelta(hours=1)
        hint = f"It takes a send {hours} hours ahead at most. Give the command again nearer the time."
        raise RefusedError(f"Not sent: that is too far ahead for {provider.account}.", hint)
    minutes = schedule.step // timedelta(minutes=1)
    if at.minute % minutes:
        hint = f"Name a time whose minutes are a multiple of {minutes}."
        raise RefusedError(f"Not sent: {provider.account} sends every {minutes} minutes only.", hint)


def refuse_late(at: datetime | None, known: Record, zone: ZoneInfo, now: datetime) -> None:
    """Refuse to go on, without a new time *at*, with a send that was to leave long ago."""
    if at is None and known.at and now > known.at + _LATE:
        hint = f'Name a new time for those who are left:\n{command_for(known)} --at "2026-01-05 09:00"'
        raise RefusedError(f"Not sent: it was to leave on {moment(known.at, zone)}.", hint)
