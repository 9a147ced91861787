"""``newsletter send``: each person once."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import as_json, complete_issue, complete_list, examples, here
from newsletter.errors import ConfigError, ContentError, RefusedError, UsageError
from newsletter.findings import Severity
from newsletter.terminal import count, deferred_stop, near, progress, show_findings, show_next

if TYPE_CHECKING:
    from newsletter.build import Built
    from newsletter.config import ListConfig, Workspace
    from newsletter.deliver import Plan, Tally
    from newsletter.providers import Outcome, Provider


@examples("newsletter send --list practitioners --dry-run", "newsletter send 2026-01 --list practitioners")
@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="To whom.")
@click.option("--dry-run", is_flag=True, help="Do everything but the sending.")
@click.option("--yes", is_flag=True, help="Do not ask for the count to be typed.")
@as_json
def send(issue: str | None, list_name: str | None, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Send an issue to a list, each person once.

    Without ISSUE it is the newest. The same command again goes on with a send that was interrupted, and refuses one
    that is finished.
    """
    from newsletter.build import build, compose_for  # noqa: PLC0415
    from newsletter.deliver import plan  # noqa: PLC0415
    from newsletter.load import newest  # noqa: PLC0415
    from newsletter.people import read_list  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    workspace = here()
    if list_name is None:
        raise UsageError(
            "to whom? --list is missing", f"The lists are: {', '.join(workspace.config.lists) or 'none yet'}."
        )
    chosen = workspace.list_config(list_name)
    provider = _provider(workspace, chosen)
    if chosen.file is None:
        raise ConfigError(f'newsletter.yaml: the list "{list_name}" has no file', "Add file: lists/name.csv to it.")
    built = build(workspace, newest(workspace.root) if issue is None else issue)
    _refuse_unready(built)
    file = workspace.inside(chosen.file)
    audience = read_list(file, chosen.file, name=list_name, source=chosen.source or "")
    secret = workspace_key(workspace.state)
    planned = plan(
        compose_for(list_name, built.edition, workspace),
        audience,
        provider,
        secret=secret,
        greeting=workspace.config.greeting or "",
    )
    _refuse_finished(planned, provider, workspace)
    _show_summary(planned, built, workspace, provider, chosen, err=as_json)
    if dry_run:
        _show_dry_run(planned, provider, as_json=as_json)
        return
    _confirm(planned, provider, yes=yes)
    if build(workspace, built.issue.id).edition.digest != built.edition.digest:
        raise RefusedError(
            "Not sent: the issue has changed since it was shown.", "Give the same command to see it again."
        )
    outcomes = _run(planned, provider, secret=secret, workspace=workspace)
    _report(planned, provider, outcomes, workspace, as_json=as_json)


def _provider(workspace: Workspace, chosen: ListConfig) -> Provider:
    from newsletter.providers import provider_type  # noqa: PLC0415

    name = chosen.provider or workspace.config.provider
    settings = {**workspace.config.providers.get(name, {}), **(chosen.model_extra or {})}
    try:
        return provider_type(name)(settings, state=workspace.state)
    except UsageError as error:
        raise ConfigError(f"newsletter.yaml: {error.message}", error.hint) from error


def _refuse_unready(built: Built) -> None:
    """Stop before anything is planned: errors first, then a draft."""
    show_findings(built.findings, err=True)
    if built.errors:
        raise ContentError(f"Not sent: {built.shown.subject} has {count(len(built.errors), 'error')}.", ())
    if built.issue.draft:
        hint = f"When it is ready, delete the line draft: true from issues/{built.issue.id}.yaml."
        raise RefusedError(f"Not sent: {built.shown.subject} is still a draft.", hint)


def _refuse_finished(planned: Plan, provider: Provider, workspace: Workspace) -> None:
    if planned.waiting or planned.last_done is None:
        return
    when = _moment(planned.last_done.astimezone(workspace.config.zone))
    title = planned.message.list_title
    what = "was rehearsed for" if provider.is_rehearsal else "went to"
    raise RefusedError(
        f"Not sent: this issue {what} {title} on {when}.",
        f"Accepted {planned.done:,}. Nobody is left to send to.",
    )


def _show_summary(
    planned: Plan, built: Built, workspace: Workspace, provider: Provider, chosen: ListConfig, *, err: bool
) -> None:
    """Show what is about to happen, to whom, and from whom."""
    sender = workspace.config.from_mailbox
    warnings = sum(finding.severity is Severity.WARNING for finding in built.findings)
    people = count(len(planned.audience.people), "person")
    rows = [
        ("Issue", built.issue.id),
        ("Preheader", _cut(built.shown.preheader)),
        ("Contents", "; ".join(built.shown.contents)),
        ("To", f"{planned.message.list_title}, {people} ({chosen.file})"),
        ("Skipped", _skipped(planned)),
        ("From", f"{sender.name} <{sender.address}>"),
        ("Through", f"{chosen.provider or workspace.config.provider}, {near(provider.where(planned.send))}"),
        ("Rehearsal", "nothing leaves this computer" if provider.is_rehearsal else ""),
        ("Checked", "no errors" + (f", {count(warnings, 'warning')}" if warnings else "")),
        ("Resumed", f"{planned.done:,} have it already" if planned.done else ""),
    ]
    show_findings(planned.audience.findings, err=True)
    click.secho(built.shown.subject, bold=True, err=err)
    for label, text in rows:
        for number, line in enumerate(wrap(text, 66)):
            click.echo(f"  {label if number == 0 else '':<11}{line}", err=err)


def _skipped(planned: Plan) -> str:
    """Say how many are skipped and why: "15: 12 unsubscribed, 2 bounced, 1 listed twice"."""
    reasons = Counter(skipped.reason for skipped in planned.audience.skipped)
    told = ", ".join(f"{number:,} {reason}" for reason, number in reasons.most_common())
    return f"{reasons.total():,}: {told}" if told else ""


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:61].rsplit(' ', 1)[0]} ..."


def _confirm(planned: Plan, provider: Provider, *, yes: bool) -> None:
    """Have the count typed, unless ``--yes`` says so. Raises RefusedError for any other answer, or nobody to ask."""
    if yes:
        return
    waiting = len(planned.waiting)
    if not sys.stdin.isatty():
        hint = f"In a script, say so:\n{_command(planned)} --yes"
        raise RefusedError("Not sent: there is nobody to type the count.", hint)
    rehearsal = "A rehearsal: nothing leaves this computer." if provider.is_rehearsal else "Nothing has been sent yet."
    click.echo(f"{rehearsal}\nType {waiting:,} to send, or Enter to stop: ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)  # Ctrl-D leaves the cursor behind the question
    if answer.strip().replace(",", "") != str(waiting):
        raise RefusedError(f"Not sent: {waiting} was not typed.", "Give the same command again when you are ready.")


def _run(planned: Plan, provider: Provider, *, secret: bytes, workspace: Workspace) -> Counter[Outcome]:
    """Deliver under a progress bar and count the outcomes; Ctrl-C ends it after the batch under way, with code 130."""
    from newsletter.deliver import deliver  # noqa: PLC0415

    outcomes: Counter[Outcome] = Counter()
    now = datetime.now(workspace.config.zone)
    begun = time.monotonic()
    total = len(planned.waiting)

    def pace() -> str:
        done = outcomes.total()
        rate = done / max(time.monotonic() - begun, 1e-6)
        return f"{done:,} of {total:,}  {rate:,.0f}/s  {(total - done) / max(rate, 1e-6):.0f}s left"

    with deferred_stop() as stopping:
        results = deliver(planned, provider, secret=secret, now=now, stopping=stopping)
        for result in progress(results, length=total, info=pace):
            outcomes[result.outcome] += 1
    if outcomes.total() < total:
        _report_stop(planned, outcomes)
        raise click.exceptions.Exit(130)
    return outcomes


def _report_stop(planned: Plan, outcomes: Counter[Outcome]) -> None:
    reached, whole = planned.done + outcomes.total(), planned.done + len(planned.waiting)
    click.echo(f"\nInterrupted: {reached:,} of {whole:,} have it. Nobody will get it twice.", err=True)
    show_next("go on with the rest", _command(planned))


def _show_dry_run(planned: Plan, provider: Provider, *, as_json: bool) -> None:
    from newsletter.deliver import tally  # noqa: PLC0415

    if as_json:
        _print_json(planned, provider, tally(planned, Counter()))
    click.echo("Nothing was sent: this was a dry run.", err=as_json)
    show_next("rehearse it" if provider.is_rehearsal else "send it", _command(planned))


def _report(
    planned: Plan, provider: Provider, outcomes: Counter[Outcome], workspace: Workspace, *, as_json: bool
) -> None:
    """End with the arithmetic, which always adds up."""
    from newsletter.deliver import tally  # noqa: PLC0415

    sums = tally(planned, outcomes)
    if as_json:
        _print_json(planned, provider, sums)
        return
    when = _moment(datetime.now(workspace.config.zone))
    what, whom = ("Rehearsed", "for") if provider.is_rehearsal else ("Sent", "to")
    click.echo(f"{click.style(what, fg='green')} {whom} {planned.message.list_title} on {when}.")
    click.echo(
        f"  Planned {sums.planned:,}  =  Accepted {sums.accepted:,} + Rejected {sums.rejected:,}"
        f" + Skipped {sums.skipped:,} + Unknown {sums.unknown:,}"
    )
    if provider.is_rehearsal:
        click.echo("  A rehearsal: nothing left this computer. No receipt.")
        show_next("open one of the messages in your mail program", f"{near(provider.where(planned.send))}/")


def _print_json(planned: Plan, provider: Provider, sums: Tally) -> None:
    result = {
        "issue": planned.send.issue, "list": planned.send.list_name, "rehearsal": provider.is_rehearsal,
        "where": near(provider.where(planned.send)), "planned": sums.planned, "accepted": sums.accepted,
        "rejected": sums.rejected, "skipped": sums.skipped, "unknown": sums.unknown, "waiting": sums.waiting,
    }  # fmt: skip
    click.echo(json.dumps(result, indent=2))


def _command(planned: Plan) -> str:
    return f"newsletter send {planned.send.issue} --list {planned.send.list_name}"


def _moment(when: datetime) -> str:
    """Return "Monday 5 January 2026 at 9:04am"."""
    from newsletter.dates import format_day, format_time  # noqa: PLC0415

    return f"{format_day(when.date())} at {format_time(when.time())}"
