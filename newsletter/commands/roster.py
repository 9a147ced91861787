"""What is shown of lists: how many are on each, and who is on one; of one that a provider keeps, what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.addresses import masked
from newsletter.commands.arguments import MASKED
from newsletter.commands.hostedlists import counted_there, is_hosted
from newsletter.datewords import format_date
from newsletter.doubts import list_doubts
from newsletter.errors import ContentError, NewsletterError
from newsletter.people import list_audience
from newsletter.reports import as_dict
from newsletter.terminal import by_reason, near, printable, show_doubts, show_findings, show_json, show_result
from newsletter.transport import provider_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.audience import Audience, Person
    from newsletter.config import Workspace
    from newsletter.people import People


def show_all(workspace: Workspace, people: People, *, as_json: bool) -> None:
    """Show how many are on each list. Raises ContentError, at the end, for the first that cannot be read."""
    rows = [_standing(workspace, people, name) for name in workspace.config.lists]
    if as_json:
        show_json({"lists": rows})
    else:
        width = max([len("List"), *(len(row["name"]) for row in rows)])
        lines = [f"{'List':<{width}}     People  Skipped  Kept in"]
        for row in rows:
            numbers = (
                "         -        -" if "error" in row else f"{row['count']:>10,} {sum(row['skipped'].values()):>8,}"
            )
            lines.append(f"{row['name']:<{width}} {numbers}  {row['kept_in']}")
        show_result("\n".join(lines))
    show_doubts(list_doubts(people.unnamed(workspace.config.lists)))
    if broken := [row["error"] for row in rows if "error" in row]:
        raise ContentError(broken[0], (), "See what is wrong: newsletter lists show NAME")


def show_one(workspace: Workspace, people: People, name: str, *, in_full: bool, as_json: bool) -> None:
    """Show who is on the list *name*, their addresses masked unless *in_full*. Raises as `list_audience`."""
    if is_hosted(workspace, name):
        _show_hosted(workspace, name, as_json=as_json)
        return
    audience, facts = list_audience(workspace, name, people), _facts(workspace, name)
    if as_json:
        show_json(facts | _as_dict(audience, in_full=in_full))
        return
    show_findings(audience.findings, err=True)
    click.secho(facts["title"], bold=True)
    number = f"{len(audience.people):,}"
    show_rows(("Kept in", facts["kept_in"]), ("People", number), ("Skipped", told_skipped(audience.skipped)))
    show_result("\n".join(_line(one, in_full=in_full) for one in audience.people))
    if not in_full:
        click.echo(MASKED, err=True)


def show_rows(*rows: tuple[str, str]) -> None:
    """Print each row that says something: what it is, and what there is to say."""
    for label, text in rows:
        if text:
            click.echo(f"  {label:<15}{text}")


def told_skipped(skipped: Mapping[str, int]) -> str:
    """Say how many are skipped and why: "15: 12 unsubscribed, 2 bounced, 1 listed twice"."""
    return f"{sum(skipped.values()):,}: {by_reason(skipped)}" if skipped else ""


def consent(person: Person) -> dict[str, str | None]:
    """Return what is known of how *person* came to agree, the day in its ISO form."""
    day = person.consented.isoformat() if person.consented else None
    return {"name": person.name, "source": person.source, "consented": day}


def _facts(workspace: Workspace, name: str) -> dict[str, Any]:
    if is_hosted(workspace, name):
        kept = provider_name(workspace, name)
    else:
        kept = workspace.list_config(name).file or near(workspace.state / "people.db")
    return {"name": name, "title": workspace.list_title(name), "kept_in": kept}


def _standing(workspace: Workspace, people: People, name: str) -> dict[str, Any]:
    """Return the counts of a list, or the error that it cannot be read for. One kept here may still be empty."""
    facts, is_file = _facts(workspace, name), workspace.list_config(name).file is not None
    try:
        if is_hosted(workspace, name):
            return {**facts, "count": counted_there(workspace, name).people, "skipped": {}}
        audience = list_audience(workspace, name, people) if is_file else people.audience(name)
    except NewsletterError as error:
        return {**facts, "error": error.message}
    return {**facts, "count": len(audience.people), "skipped": dict(audience.skipped)}


def _show_hosted(workspace: Workspace, name: str, *, as_json: bool) -> None:
    """Show what the provider calls a list that it keeps, and how many people are on it; who they are is shown there."""
    there, facts = counted_there(workspace, name), _facts(workspace, name)
    if as_json:
        show_json({**facts, "audience": there.id, "called": there.name, "count": there.people})
        return
    click.secho(facts["title"], bold=True)
    show_rows(("Kept by", f"{facts['kept_in']}, as {there.name} ({there.id})"), ("People", f"{there.people:,}"))


def _as_dict(audience: Audience, *, in_full: bool) -> dict[str, Any]:
    people = [
        {"address": _address(one, in_full=in_full), **(consent(one) if in_full else {})} for one in audience.people
    ]
    findings = [as_dict(finding) for finding in audience.findings]
    return {"count": len(people), "skipped": dict(audience.skipped), "findings": findings, "people": people}


def _line(person: Person, *, in_full: bool) -> str:
    """Return the line of somebody on a list: who they are, and since when they have agreed."""
    day = format_date(person.consented) if person.consented else ""
    name = printable(person.name) if in_full else ""
    return f"{_address(person, in_full=in_full):<40}  {name:<18}  {day}".rstrip()


def _address(person: Person, *, in_full: bool) -> str:
    return person.address if in_full else masked(person.address)
