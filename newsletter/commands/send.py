"""``newsletter send``: each person once."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from newsletter.commands.arguments import as_json, complete_issue, complete_list, here
from newsletter.errors import ConfigError, ContentError, RefusedError
from newsletter.findings import Severity
from newsletter.terminal import count, show_findings, show_next

if TYPE_CHECKING:
    from newsletter.build import Built
    from newsletter.config import ListConfig, Workspace
    from newsletter.deliver import Plan, Tally
    from newsletter.providers import Outcome, Provider


@click.command
@click.argument("issue", required=False, shell_complete=complete_issue)
@click.option("--list", "list_name", required=True, metavar="NAME", shell_complete=complete_list, help="To whom.")
@click.option("--dry-run", is_flag=True, help="Do everything but the sending.")
@click.option("--yes", is_flag=True, help="Do not ask for the count to be typed.")
@as_json
def send(issue: str | None, list_name: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    r"""Send an issue, the newest or the one named, to a list: each person once.

    The same command again goes on with a send that was interrupted, and refuses one that is finished.

    \b
    Examples:
      newsletter send --list practitioners --dry-run
      newsletter send 2026-01 --list practitioners
    """
    from newsletter.build import address, build  # noqa: PLC0415
    from newsletter.deliver import plan  # noqa: PLC0415
    from newsletter.load import newest  # noqa: PLC0415
    from newsletter.people import read_list  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    workspace = here()
    chosen = workspace.list_config(list_name)
    if chosen.file is None:
        raise ConfigError(f'newsletter.yaml: the list "{list_name}" has no file', "Add file: lists/name.csv to it.")
    provider = _provider(workspace, chosen)
    built = build(workspace, issue or newest(workspace.root))
    _refuse_unready(built)
    file = workspace.inside(chosen.file)
    audience = read_list(file, chosen.file, name=list_name, source=chosen.source or "")
    key = workspace_key(workspace.state)
    planned = plan(address(built.edition, workspace, list_name), audience, provider, key=key)
    _refuse_finished(planned, workspace)
    _show_summary(planned, built, workspace, provider, chosen, err=as_json)
    if dry_run:
        click.echo("Nothing was sent: this was a dry run.", err=as_json)
        return
    _confirm(planned, provider, yes=yes)
    outcomes = _run(planned, provider, key=key, workspace=workspace)
    _report(planned, provider, outcomes, workspace, as_json=as_json)


def _provider(workspace: Workspace, chosen: ListConfig) -> Provider:
    from newsletter.providers import provider_type  # noqa: PLC0415

    name = chosen.provider or workspace.config.provider
    settings = {**workspace.config.providers.get(name, {}), **(chosen.model_extra or {})}
    return provider_type(name)(settings, state=workspace.state)


def _refuse_unready(built: Built) -> None:
    """Stop before anything is planned: errors first, then a draft."""
    show_findings(built.findings, err=True)
    if built.errors:
        raise ContentError(f"Not sent: {built.issue.subject} has {count(len(built.errors), 'error')}.", ())
    if built.issue.draft:
        hint = f"When it is ready, delete the line draft: true from issues/{built.issue.id}.yaml."
        raise RefusedError(f"Not sent: {built.issue.subject} is still a draft.", hint)


def _refuse_finished(planned: Plan, workspace: Workspace) -> None:
    if planned.waiting or planned.last_done is None:
        return
    when = _moment(planned.last_done.astimezone(workspace.config.zone))
    title = planned.message.list_title
    raise RefusedError(
        f"Not sent: this issue went to {title} on {when}.",
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
        ("Preheader", _cut(built.issue.preheader)),
        ("Contents", "; ".join(section.title for section in built.issue.sections)),
        ("To", f"{planned.message.list_title}, {people} ({chosen.file})"),
        ("Skipped", _skipped(planned)),
        ("From", f"{sender.name} <{sender.address}>"),
        ("Through", f"{chosen.provider or workspace.config.provider}, {provider.where(planned.send)}"),
        ("Checked", "no errors" + (f", {count(warnings, 'warning')}" if warnings else "")),
        ("Resumed", f"{planned.done:,} have it already" if planned.done else ""),
    ]
    show_findings(planned.audience.findings, err=True)
    click.secho(built.issue.subject, bold=True, err=err)
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
    command = f"newsletter send {planned.send.issue} --list {planned.send.list_name} --yes"
    if not sys.stdin.isatty():
        raise RefusedError("Not sent: there is nobody to type the count.", f"In a script, say so:\n{command}")
    rehearsal = "A rehearsal: nothing leaves this computer." if provider.is_rehearsal else "Nothing has been sent yet."
    answer = click.prompt(
        f"{rehearsal} Type {waiting} to send, or Enter to stop", default="", show_default=False, err=True
    )
    if answer.strip().replace(",", "") != str(waiting):
        raise RefusedError("Not sent. Nothing was written.", "Give the same command again when you are ready.")


def _run(planned: Plan, provider: Provider, *, key: bytes, workspace: Workspace) -> Counter[Outcome]:
    """Deliver under a progress bar and count the outcomes; Ctrl-C leaves the rest for the next time."""
    from newsletter.deliver import deliver  # noqa: PLC0415

    outcomes: Counter[Outcome] = Counter()
    greeting, now = workspace.config.greeting or "", datetime.now(workspace.config.zone)
    begun = time.monotonic()
    total = len(planned.waiting)

    def pace(_item: Any) -> str:
        done = outcomes.total()
        rate = done / max(time.monotonic() - begun, 1e-6)
        return f"{done:,} of {total:,}  {rate:,.0f}/s  {(total - done) / max(rate, 1e-6):.0f}s left"

    bar = click.progressbar(
        deliver(planned, provider, key=key, greeting=greeting, now=now), length=total, label="Sending ",
        fill_char="#", empty_char=".", width=30, bar_template="%(label)s [%(bar)s]  %(info)s", show_eta=False,
        show_percent=True, item_show_func=pace, file=sys.stderr, hidden=not sys.stderr.isatty(),
    )  # fmt: skip
    try:
        with bar as results:
            for result in results:
                outcomes[result.outcome] += 1
    except KeyboardInterrupt:
        _report_stop(planned, outcomes)
        raise
    return outcomes


def _report_stop(planned: Plan, outcomes: Counter[Outcome]) -> None:
    reached, all_of_them = planned.done + outcomes.total(), planned.done + len(planned.waiting)
    click.echo(f"\nInterrupted: {reached:,} of {all_of_them:,} have it. Nobody will get it twice.", err=True)
    show_next("go on with the rest", f"newsletter send {planned.send.issue} --list {planned.send.list_name}")


def _report(
    planned: Plan, provider: Provider, outcomes: Counter[Outcome], workspace: Workspace, *, as_json: bool
) -> None:
    """End with the arithmetic, which always adds up."""
    from newsletter.deliver import tally  # noqa: PLC0415

    sums = tally(planned, outcomes)
    if as_json:
        click.echo(json.dumps(_as_dict(planned, provider, sums), indent=2, ensure_ascii=False))
        return
    when = _moment(datetime.now(workspace.config.zone))
    click.echo(f"{click.style('Sent', fg='green')} to {planned.message.list_title} on {when}.")
    click.echo(
        f"  Planned {sums.planned:,}  =  Accepted {sums.accepted:,} + Rejected {sums.rejected:,}"
        f" + Skipped {sums.skipped:,} + Unknown {sums.unknown:,}"
    )
    if provider.is_rehearsal:
        click.echo("  A rehearsal: nothing left this computer. No receipt.")
        show_next("open one of the messages in your mail program", provider.where(planned.send))


def _as_dict(planned: Plan, provider: Provider, sums: Tally) -> dict[str, Any]:
    return {
        "issue": planned.send.issue, "list": planned.send.list_name, "rehearsal": provider.is_rehearsal,
        "where": provider.where(planned.send), "planned": sums.planned, "accepted": sums.accepted,
        "rejected": sums.rejected, "skipped": sums.skipped, "unknown": sums.unknown,
    }  # fmt: skip


def _moment(when: datetime) -> str:
    """Return "Monday 5 January 2026 at 9:04am"."""
    from newsletter.dates import format_day, format_time  # noqa: PLC0415

    return f"{format_day(when.date())} at {format_time(when.time())}"
