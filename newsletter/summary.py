"""What is said of a send: before it, after it, and why it did not begin. Numbers that always add up."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from newsletter.dates import format_day, format_time
from newsletter.findings import Severity
from newsletter.records import State
from newsletter.terminal import by_reason, count, near, show_next

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from newsletter.build import Built
    from newsletter.message import Mailbox
    from newsletter.records import Record

Row = tuple[str, str]


def moment(when: datetime, zone: ZoneInfo) -> str:
    """Return "Monday 5 January 2026 at 9:04am", in *zone*."""
    local = when.astimezone(zone)
    return f"{format_day(local.date())} at {format_time(local.time())}"


def command_for(record: Record, command: str = "send") -> str:
    """Return the command about this very send."""
    edition = f" --edition {record.edition}" if record.edition > 1 else ""
    return f"newsletter {command} {record.issue} --list {record.list_name}{edition}"


def show_rows(title: str, rows: Sequence[Row], *, err: bool) -> None:
    """Print what a send is about: its subject, and below it each row that says something."""
    click.secho(title, bold=True, err=err)
    for label, text in rows:
        for number, line in enumerate(wrap(text, 66)):
            click.echo(f"  {label if number == 0 else '':<11}{line}", err=err)


def contents(built: Built) -> tuple[Row, ...]:
    """Return the rows about the issue itself."""
    return (
        ("Issue", built.issue.id),
        ("Preheader", _cut(built.shown.preheader)),
        ("Contents", "; ".join(built.shown.contents)),
        ("Checked", checked(built)),
    )


def checked(built: Built) -> str:
    """Return what the checks said of an issue that may be sent."""
    warnings = sum(finding.severity is Severity.WARNING for finding in built.findings)
    return "no errors" + (f", {count(warnings, 'warning')}" if warnings else "")


def addressed(record: Record, *, title: str, kept: str, sender: Mailbox, where: str, zone: ZoneInfo) -> tuple[Row, ...]:
    """Return the rows about who gets it, and how. *kept* is where the list is kept, *where* where the copies go."""
    left, corrects = sum(record.left_out.values()), record.edition > 1 and not record.rehearsal
    skipped = f"{left:,}: {by_reason(record.left_out)}" if left else ""
    return (
        ("Edition", f"{record.edition}: a correction, for everybody once more" if corrects else ""),
        ("To", f"{title}, {count(sum(record.counts.values()), 'person')} ({kept})"),
        ("Skipped", skipped),
        ("From", f"{sender.name} <{sender.address}>" if sender.name else sender.address),
        ("Through", through(record.provider, near(where) if record.rehearsal else where)),
        ("Leaves", moment(record.at, zone) if record.at else ""),
        ("Rehearsal", "nothing leaves this computer" if record.rehearsal else ""),
    )


def through(provider: str, where: str) -> str:
    """Return the *provider* that a send goes by and *where* to, once if both are called the same."""
    return provider if where == provider else f"{provider}, {where}"


def resumed(record: Record) -> tuple[Row, ...]:
    """Return the rows about what a send that goes on has done already."""
    done, unknown = record.counts[State.ACCEPTED], record.counts[State.UNKNOWN]
    return (
        ("Resumed", f"{done:,} have it already" if done else ""),
        ("Unknown", f"{unknown:,} may have it or not; they are not written to before you say so" if unknown else ""),
    )


def show_report(record: Record, *, title: str, zone: ZoneInfo, where: str, receipt: Path | None) -> None:
    """End a finished send with its arithmetic."""
    what, whom = ("Rehearsed", "for") if record.rehearsal else ("Scheduled" if record.at else "Sent", "to")
    click.echo(f"{click.style(what, fg='green')} {whom} {title} on {moment(record.last, zone)}.")
    click.echo(f"  {arithmetic(record)}")
    if record.at:
        click.echo(f"  It leaves on {moment(record.at, zone)}. To take it back: {command_for(record, 'cancel')}")
    if record.rehearsal:
        click.echo("  A rehearsal: nothing left this computer. No receipt.")
        show_next("open one of the messages in your mail program", f"{near(where)}/")
    elif receipt is not None:
        click.echo(f"  Receipt {near(receipt)} (no addresses in it)")
        if record.counts[State.REJECTED]:
            show_next("see who was rejected, and why", f"newsletter status {record.issue}")
        elif any((folder / ".git").exists() for folder in receipt.parents):
            show_next("keep the receipt with the issue", "git add sent", f'git commit -m "Send {record.issue}"')


def show_unfinished(record: Record, *, stopped: bool = False) -> None:
    """End a send that is not over, or in which something is left to settle, on stderr.

    The unknown are settled first, unless somebody has *stopped* it while others wait.
    """
    click.echo(f"  {arithmetic(record)}", err=True)
    unknown = record.counts[State.UNKNOWN]
    if unknown:
        click.echo(f"  {count(unknown, 'person')} may have it or not: not written to again until you say so.", err=True)
    if unknown and not (stopped and record.waiting):
        show_next(f"settle the {unknown:,} unknown", command_for(record, "resolve"))
    elif record.waiting:
        show_next("go on with the rest", command_for(record))


def arithmetic(record: Record) -> str:
    """Return "Planned 1,263  =  Accepted 1,248 + Rejected 0 + Skipped 15 + Unknown 0", and who waits."""
    counts = record.counts
    waiting = f" + Waiting {record.waiting:,}" if record.waiting else ""
    return (
        f"Planned {record.total:,}  =  Accepted {counts[State.ACCEPTED]:,} + Rejected {counts[State.REJECTED]:,}"
        f" + Skipped {record.skipped:,} + Unknown {counts[State.UNKNOWN]:,}{waiting}"
    )


def as_json(record: Record, *, where: str, receipt: Path | None = None) -> str:
    """Return the same as JSON, for a script."""
    return json.dumps(
        {
            "issue": record.issue, "list": record.list_name, "edition": record.edition,
            "rehearsal": record.rehearsal, "provider": record.provider,
            "where": near(where) if record.rehearsal else where, **figures(record),
            "receipt": near(receipt) if receipt else None,
        },
        indent=2,
    )  # fmt: skip


def figures(record: Record) -> Mapping[str, int]:
    """Return the numbers of a send: planned is the sum of all others."""
    counts = record.counts
    return {
        "planned": record.total, "accepted": counts[State.ACCEPTED], "rejected": counts[State.REJECTED],
        "skipped": record.skipped, "unknown": counts[State.UNKNOWN], "waiting": record.waiting,
    }  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:61].rsplit(' ', 1)[0]} ..."
