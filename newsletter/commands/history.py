"""What the ledger knows of sends, to people: a line for each of them, or one in full with who is where."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from newsletter.addresses import masked
from newsletter.datewords import format_date, format_time
from newsletter.errors import ConfigError
from newsletter.ledger import FILE
from newsletter.receipts import receipts
from newsletter.records import ERASED, Entry, Record, State
from newsletter.summary import arithmetic, command_for, figures, moment, through
from newsletter.terminal import by_reason, columns, count, flowing, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from newsletter.config import Workspace
    from newsletter.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Recorded:
    """One send as the ledger knows it, read whole: whoever shows it needs no ledger.

    *skipped* is by reason; *handed* says when each who is unknown was last handed over, UTC, by person. *superseded_by*
    is the newest edition that has corrected it since, or 0.
    """

    record: Record
    rejected: tuple[Entry, ...] = field(default=(), repr=False)
    unknown: tuple[Entry, ...] = field(default=(), repr=False)
    skipped: Mapping[str, int] = field(default_factory=dict)
    handed: Mapping[bytes, datetime] = field(default_factory=dict, repr=False)
    audit: tuple[str, ...] = ()
    superseded_by: int = 0


def has_ledger(workspace: Workspace) -> bool:
    """Say whether anything was ever planned here: to open the ledger would make it."""
    return os.path.lexists(workspace.state / FILE)


def newer_edition(record: Record, records: Sequence[Record]) -> int:
    """Return the newest edition among *records* of the same issue, list and kind that is later than *record*, or 0."""
    which = (record.issue, record.list_name, record.rehearsal)
    newest = max(one.edition for one in (record, *records) if (one.issue, one.list_name, one.rehearsal) == which)
    return newest if newest > record.edition else 0


def read_recorded(ledger: Ledger, record: Record, records: Sequence[Record]) -> Recorded:
    """Read all that *ledger* knows of a send; *records* are those of all sends."""
    skipped = Counter(record.left_out)
    skipped.update(one.reason for one in ledger.people(record, State.SKIPPED))
    rejected, unknown = (tuple(ledger.people(record, state)) for state in (State.REJECTED, State.UNKNOWN))
    handed, audit, newer = ledger.handed_over(record), ledger.audit(record), newer_edition(record, records)
    return Recorded(record, rejected, unknown, skipped, handed, audit, newer)


# --- a line for each send ---------------------------------------------------------------------------------------------


def table(sends: Sequence[Recorded], zone: ZoneInfo) -> str:
    """Return the table of *sends*, in two lines each where one would be too wide.

    What is not so in every send stands below its line: a rehearsal, another edition, who was skipped and who waits.
    """
    records = [send.record for send in sends]
    names = [("Issue", "List"), *((one.issue, one.list_name) for one in records)]
    rows = [("Started", "Accepted", "Rejected", "Unknown"), *(_figures(one, zone) for one in records)]
    first, second = (max(len(name[column]) for name in names) for column in (0, 1))
    when, *widths = (max(len(row[column]) for row in rows) for column in range(4))
    lines = []
    for (issue, list_name), (started, *numbers), notes in zip(names, rows, ["", *map(_notes, sends)], strict=True):
        left = f"{issue:<{first}}   {list_name:<{second}}"
        right = "".join(f"  {number:>{width}}" for number, width in zip(numbers, widths, strict=True))
        right = f"  {started:<{when}}{right}"
        lines += [left + right] if len(left + right) <= columns() else [left.rstrip(), right]
        lines += [f"{'':<{first}}   {notes}"] if notes else []
    return "\n".join(lines)


def _figures(record: Record, zone: ZoneInfo) -> tuple[str, ...]:
    local = record.planned.astimezone(zone)
    started = f"{format_date(local.date())}, {format_time(local.time())}"
    return started, *(f"{record.counts[state]:,}" for state in (State.ACCEPTED, State.REJECTED, State.UNKNOWN))


def _notes(send: Recorded) -> str:
    record = send.record
    notes = (
        "rehearsal" if record.rehearsal else "",
        f"edition {record.edition}" if record.edition > 1 else "",
        f"{record.skipped:,} skipped" if record.skipped else "",
        f"{record.waiting:,} waiting" if record.waiting else "",
        f"superseded by edition {send.superseded_by}" if send.superseded_by else "",
    )
    return ", ".join(filter(None, notes))


# --- one send in full -------------------------------------------------------------------------------------------------


def in_full(send: Recorded, workspace: Workspace, *, clear: bool, audit: bool) -> str:
    """Return all about a send, with the audit trail if it is asked for; *clear* shows addresses in full."""
    record = send.record
    lines = [click.style(printable(record.subject), bold=True)]
    lines += [
        flowing(f"  {label:<11}{printable(text)}", indent=" " * 13) for label, text in _rows(send, workspace) if text
    ]
    lines.append(flowing(f"  {arithmetic(record)}", indent=" " * 4))
    if send.superseded_by:
        lines.append(f"  Superseded by edition {send.superseded_by}")
    if under_way := record.counts[State.SUBMITTING]:
        are = "is" if under_way == 1 else "are"
        told = f"  Of the waiting, {under_way:,} {are} being handed over. If no send is running, one was cut off there."
        lines.append(flowing(told, indent=" " * 4))
    if send.rejected:
        lines += [f"  Rejected {len(send.rejected):,}:", *(_person(one, clear=clear) for one in send.rejected)]
    lines += evidence(send.unknown, send.handed, workspace.config.zone, clear=clear)
    if audit:
        lines += ["  Audit trail, in UTC:", *(f"    {printable(line)}" for line in send.audit)]
    return "\n".join(lines)


def evidence(
    people: Sequence[Entry], handed: Mapping[bytes, datetime], zone: ZoneInfo, *, clear: bool
) -> Iterator[str]:
    """Yield who is unknown, since when, and what was said of them last: all there is to settle them by."""
    now = datetime.now(UTC)

    def since(one: Entry) -> str:
        when = handed[one.person]
        return f"handed over on {moment(when, zone)}, {age(now - when)}"

    for told, group in groupby(people, key=since):  # they come by batch, and so by time
        together = list(group)
        yield f"  Unknown {len(together):,}, {told}:"
        yield from (_person(one, clear=clear) for one in together)


def age(past: timedelta) -> str:
    """Return how long ago something was: "3 days ago", "just now"."""
    for length, word in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if past >= length:
            return f"{count(past // length, word)} ago"
    return "just now"


def _rows(send: Recorded, workspace: Workspace) -> tuple[tuple[str, str], ...]:
    record, zone = send.record, workspace.config.zone
    return (
        ("Issue", record.issue),
        ("List", record.list_name),
        ("Edition", str(record.edition) if record.edition > 1 else ""),
        ("Through", through(record.provider, record.account)),
        ("Started", moment(record.planned, zone)),
        ("Last", moment(record.last, zone)),
        ("Skipped", by_reason(send.skipped)),
        ("Receipt", _receipt(record, workspace)),
        ("Rehearsal", "nothing left this computer" if record.rehearsal else ""),
    )


def _receipt(record: Record, workspace: Workspace) -> str:
    """Return the file of the receipt, what is wrong with the receipts, or the empty string where there is none."""
    try:
        return next((one.file for one in receipts(workspace.root) if one.uid == record.uid), "")
    except ConfigError as error:
        return error.message


def _person(one: Entry, *, clear: bool) -> str:
    name = f"{one.name} <{one.address}>" if one.name else one.address
    who = (name if clear else masked(one.address)) if one.address else ERASED
    return flowing(f"    {printable(who)}: {printable(one.reason)}", indent=" " * 6)


# --- for a script, and what to do next --------------------------------------------------------------------------------


def as_dict(send: Recorded, workspace: Workspace, *, full: bool, clear: bool, audit: bool) -> dict[str, Any]:
    """Return a send for a script; *full* with who is rejected and who unknown."""
    record = send.record
    told = {
        "issue": record.issue, "list": record.list_name, "edition": record.edition, "rehearsal": record.rehearsal,
        "subject": record.subject, "provider": record.provider, "account": record.account,
        "started": record.planned.isoformat(), "last": record.last.isoformat(), **figures(record),
    }  # fmt: skip
    if full:
        told["receipt"] = _receipt(record, workspace) or None
        told["skipped_by_reason"] = dict(send.skipped)
        told["people"] = [_person_as_dict(one, send.handed, clear=clear) for one in (*send.rejected, *send.unknown)]
    return told | ({"audit": send.audit} if audit else {})


def _person_as_dict(one: Entry, handed: Mapping[bytes, datetime], *, clear: bool) -> dict[str, Any]:
    address = one.address if clear else masked(one.address)
    when = handed.get(one.person)
    return {
        "address": address if one.address else None, **({"name": one.name} if clear else {}),
        "state": one.state, "reason": one.reason, "handed_over": when.isoformat() if when else None,
    }  # fmt: skip


def next_step(sends: Sequence[Recorded], workspace: Workspace, *, full: bool) -> tuple[str, str] | None:
    """Return why and how to go on: first settle, then send the rest, then look at who was rejected in the newest.

    Of a send that was superseded nothing is left to do: everybody is written to by the later edition.
    """
    sends = [send for send in sends if not send.superseded_by]
    records = [send.record for send in sends]
    for record in records:
        if unknown := record.counts[State.UNKNOWN]:
            return f"settle the {unknown:,} unknown", command_for(record, "resolve")
    for record in records:
        if record.waiting and _goes_on(record, workspace):
            return "go on with the rest", command_for(record)
    for send in sends if full else sends[:1]:
        if send.record.counts[State.REJECTED] and not full:
            return "see who was rejected, and why", f"newsletter status {send.record.issue}"
        if any(one.address for one in send.rejected) and _goes_on(send.record, workspace):
            return "try the rejected again, once it is mended", f"{command_for(send.record)} --retry-rejected"
    return None


def _goes_on(record: Record, workspace: Workspace) -> bool:
    """Say whether to give the command again goes on with *record*: through another provider it is another send."""
    chosen = workspace.config.lists.get(record.list_name)
    return chosen is not None and (chosen.provider or workspace.config.provider) == record.provider
