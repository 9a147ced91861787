"""``newsletter lists``: who is on which list, and the lists that are kept here."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.commands.arguments import MASKED, as_json, complete_list, examples, here, show_addresses, typed_address
from newsletter.errors import ContentError, NewsletterError, RefusedError, UsageError
from newsletter.terminal import by_reason, count, near, printable, show_doubts, show_findings, show_next, show_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsletter.audience import Audience, Person
    from newsletter.config import Workspace
    from newsletter.people import People

_COLUMNS = ("email", "name", "first_name", "source", "consented")
# What a spreadsheet would take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r")

list_argument = click.argument("name", shell_complete=complete_list)
source_option = click.option(
    "--source", metavar="TEXT", help='Required: how they came to agree, as in "Sign-up form, autumn 2025".'
)


@examples(
    "newsletter lists show",
    "newsletter lists show practitioners",
    "newsletter lists export schools --output schools.csv",
)
@click.group
def lists() -> None:
    """Show who is on which list; change the lists that are kept here.

    A list with file: in newsletter.yaml is kept in that file, and changed there.
    """


@examples("newsletter lists show", "newsletter lists show practitioners --show-addresses > list.txt")
@lists.command
@click.argument("name", required=False, shell_complete=complete_list)
@show_addresses
@as_json
def show(name: str | None, *, show_addresses: bool, as_json: bool) -> None:
    """Show how many people each list has; with NAME, also who they are.

    Those who have opted out are counted as skipped. Where the output is no terminal, addresses are masked.
    """
    workspace = here()
    with _open(workspace) as people:
        if name is None:
            _show_all(workspace, people, as_json=as_json)
        else:
            _show_one(workspace, people, name, in_full=show_addresses or sys.stdout.isatty(), as_json=as_json)


@examples('newsletter lists import schools people.csv --source "Sign-up form, autumn 2025"')
@lists.command("import")
@list_argument
@click.argument("file", type=click.Path(path_type=Path))
@source_option
def import_(name: str, file: Path, source: str | None) -> None:
    """Put the people of a CSV FILE on a list that is kept here.

    Nobody is removed. Who is there already stays as they are; who has opted out stays out. A column "source" says for
    each person how they came to agree; --source does for those without. A column "consented", or "date", says when.
    """
    from newsletter.listfile import read_list  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    source = _source(source, f"import {name} {shlex.quote(file.as_posix())}")
    audience = read_list(file, near(file), name=name, source=source)
    show_findings(audience.findings, err=True)
    with _open(workspace) as people:
        added = people.add(name, audience.people)
    click.secho(f"Imported for {title} from {near(file)}.", bold=True)
    _show_rows(
        ("New", f"{added.new:,}"),
        ("Already there", f"{added.known:,}, left as they are" if added.known else ""),
        ("Opted out", f"{added.opted_out:,}, and they stay out" if added.opted_out else ""),
        ("Skipped", _told(audience.skipped)),
    )
    show_next("see the list", f"newsletter lists show {name}")


@examples("newsletter lists export schools --output schools.csv")
@lists.command
@list_argument
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a new FILE.")
def export(name: str, output: Path | None) -> None:
    """Print a list as CSV, without those who have opted out.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    from newsletter.commands.hosted import is_hosted  # noqa: PLC0415
    from newsletter.people import list_audience  # noqa: PLC0415
    from newsletter.transport import list_provider  # noqa: PLC0415

    workspace = here()
    if is_hosted(workspace, name):
        hint = f"Export it there: {list_provider(workspace, name).console}."
        raise RefusedError(f'Not exported: the list "{name}" is kept by {kept_in(workspace, name)}.', hint)
    with _open(workspace) as people:
        audience = list_audience(workspace, name, people)
    text = _as_csv(audience.people)
    if output is None:
        show_result(text.removesuffix("\n"))
    else:
        _write_new(output, text)
    left = f"; left out {_told(audience.skipped)}" if audience.skipped else ""
    click.echo(f"{count(len(audience.people), 'person')}{left}.", err=True)


@examples('newsletter lists add schools sam@example.org --name "Sam Sample" --source "Asked by telephone"')
@lists.command
@list_argument
@click.argument("address")
@source_option
@click.option("--name", "full_name", default="", metavar="TEXT", help="Their name.")
def add(name: str, address: str, source: str | None, full_name: str) -> None:
    """Put one person on a list that is kept here."""
    from newsletter.addresses import doubts, masked  # noqa: PLC0415
    from newsletter.audience import Person, first_name  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    address, source = typed_address(address), _source(source, f"add {name} ADDRESS")
    words = _words(full_name, "--name") if full_name else ""
    with _open(workspace) as people:
        added = people.add(name, [Person(address, words, first_name(words), source, 1)])
    if added.opted_out:
        hint = "An opt-out is for good: nothing that is done here takes it back."
        raise RefusedError(f"Not added: this person has opted out of {title}.", hint)
    for message, hint in doubts(address):
        click.echo(f"{click.style('warning', fg='yellow')}: {message}\n  {hint}", err=True)
    click.echo(f"Added to {title}: {masked(address)}" if added.new else f"Already on {title}: {masked(address)}")


@examples("newsletter lists remove schools sam@example.org")
@lists.command
@list_argument
@click.argument("address")
def remove(name: str, address: str) -> None:
    """Take one person off a list that is kept here. A later import may bring them back."""
    from newsletter.addresses import masked  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    address = typed_address(address)
    with _open(workspace) as people:
        was_there = people.remove(name, address)
    click.echo(f"Removed from {title}: {masked(address)}" if was_there else f"Not on {title}: {masked(address)}")
    if was_there:
        show_next("if they asked for it, keep them off it for good", f"newsletter unsubscribe ADDRESS --list {name}")


@examples("newsletter lists sync", "newsletter lists sync partners")
@lists.command
@click.argument("name", required=False, shell_complete=complete_list)
@as_json
def sync(name: str | None, *, as_json: bool) -> None:
    """Bring back from the provider who has unsubscribed, bounced or complained.

    Whoever did is written to no more by that list. Without NAME, for each list whose provider tells. To ask twice does
    no harm: from the second time on only what is new is asked for.
    """
    from newsletter.commands.synced import sync_list, tells  # noqa: PLC0415

    workspace = here()
    names = [name] if name else [one for one in workspace.config.lists if tells(workspace, one)]
    if not names:
        raise RefusedError("No list has a provider that tells who has left.", "Nothing was changed.")
    with _open(workspace) as people:
        found = {one: sync_list(workspace, one, people) for one in names}
    if as_json:
        show_result(json.dumps({"lists": found}, indent=2))
        return
    for one, new in found.items():
        click.echo(f"{one}: {_told(new) or 'nothing new'}")


def kept_in(workspace: Workspace, name: str) -> str:
    """Return where the list *name* is kept, as messages call it: a file, or a provider."""
    from newsletter.commands.hosted import is_hosted  # noqa: PLC0415
    from newsletter.transport import provider_name  # noqa: PLC0415

    if is_hosted(workspace, name):
        return provider_name(workspace, name)
    return workspace.list_config(name).file or near(workspace.state / "people.db")


@contextmanager
def _open(workspace: Workspace) -> Iterator[People]:
    from newsletter.people import open_people  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    with open_people(workspace.state, workspace_key(workspace.state)) as people:
        yield people


def _kept_here(workspace: Workspace, name: str) -> str:
    """Return the title of a list that is kept here. Raises RefusedError for one in a file, and names that."""
    from newsletter.commands.hosted import is_hosted  # noqa: PLC0415
    from newsletter.transport import list_provider, provider_name  # noqa: PLC0415

    chosen = workspace.list_config(name)
    if is_hosted(workspace, name):
        kept = provider_name(workspace, name)
        hint = f"Change it there: {list_provider(workspace, name).console}."
        raise RefusedError(f'Not changed: the list "{name}" is kept by {kept}.', hint)
    if chosen.file is not None:
        hint = f"Change {chosen.file} itself: it is read at each send."
        raise RefusedError(f'Not changed: the list "{name}" is kept in {chosen.file}.', hint)
    return chosen.title or name


def _source(text: str | None, command: str) -> str:
    """Return how people came to agree. Raises UsageError, with the *command* to give, where that was not said."""
    if text is None:
        hint = (
            'Say how they came to agree, as in "Sign-up form, autumn 2025":\n'
            f'newsletter lists {command} --source "HOW THEY CAME TO AGREE"'
        )
        raise UsageError("--source is missing, and nobody is put on a list without it", hint)
    return _words(text, "--source")


def _words(text: str, option: str) -> str:
    from newsletter.audience import UnfitError, fit_words  # noqa: PLC0415

    try:
        if words := fit_words(text, option):
            return words
    except UnfitError as error:
        raise UsageError(error.message, error.hint) from None
    raise UsageError(f"{option} is empty", "Say it in a few words.")


def _show_all(workspace: Workspace, people: People, *, as_json: bool) -> None:
    from newsletter.doubts import list_doubts  # noqa: PLC0415

    rows = [_standing(workspace, people, name) for name in workspace.config.lists]
    if as_json:
        show_result(json.dumps({"lists": rows}, indent=2))
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


def _standing(workspace: Workspace, people: People, name: str) -> dict[str, Any]:
    """Return the counts of a list, or the error that it cannot be read for. One kept here may still be empty."""
    from newsletter.commands.hosted import counted_there, is_hosted  # noqa: PLC0415
    from newsletter.people import list_audience  # noqa: PLC0415

    chosen = workspace.list_config(name)
    row = {"name": name, "title": chosen.title or name, "kept_in": kept_in(workspace, name)}
    try:
        if is_hosted(workspace, name):
            return {**row, "count": counted_there(workspace, name).people, "skipped": {}}
        audience = people.audience(name) if chosen.file is None else list_audience(workspace, name, people)
    except NewsletterError as error:
        return {**row, "error": error.message}
    return {**row, "count": len(audience.people), "skipped": dict(audience.skipped)}


def _show_hosted(workspace: Workspace, name: str, *, as_json: bool) -> None:
    """Show what the provider calls a list that it keeps, and how many people are on it; who they are is shown there."""
    from newsletter.commands.hosted import counted_there  # noqa: PLC0415

    there, title = counted_there(workspace, name), workspace.list_config(name).title or name
    row = {
        "name": name,
        "title": title,
        "kept_in": kept_in(workspace, name),
        "audience": there.id,
        "called": there.name,
    }
    if as_json:
        show_result(json.dumps(row | {"count": there.people}, indent=2))
        return
    click.secho(title, bold=True)
    _show_rows(("Kept by", f"{row['kept_in']}, as {there.name} ({there.id})"), ("People", f"{there.people:,}"))


def _show_one(workspace: Workspace, people: People, name: str, *, in_full: bool, as_json: bool) -> None:
    from newsletter.commands.hosted import is_hosted  # noqa: PLC0415
    from newsletter.people import list_audience  # noqa: PLC0415

    title = workspace.list_config(name).title or name
    if is_hosted(workspace, name):
        _show_hosted(workspace, name, as_json=as_json)
        return
    audience = list_audience(workspace, name, people)
    row = {"name": name, "title": title, "kept_in": kept_in(workspace, name)}
    if as_json:
        show_result(json.dumps(row | _as_dict(audience, in_full=in_full), indent=2))
        return
    show_findings(audience.findings, err=True)
    click.secho(row["title"], bold=True)
    kept = ("Kept in", row["kept_in"])
    _show_rows(kept, ("People", f"{len(audience.people):,}"), ("Skipped", _told(audience.skipped)))
    show_result("\n".join(_line(one, in_full=in_full) for one in audience.people))
    if not in_full:
        click.echo(MASKED, err=True)


def _as_dict(audience: Audience, *, in_full: bool) -> dict[str, Any]:
    from newsletter.reports import as_dict  # noqa: PLC0415

    people = [
        {"address": _address(one, in_full=in_full), **(_consent(one) if in_full else {})} for one in audience.people
    ]
    findings = [as_dict(finding) for finding in audience.findings]
    return {"count": len(people), "skipped": dict(audience.skipped), "findings": findings, "people": people}


def _consent(person: Person) -> dict[str, str | None]:
    day = person.consented.isoformat() if person.consented else None
    return {"name": person.name, "source": person.source, "consented": day}


def _line(person: Person, *, in_full: bool) -> str:
    """Return the line of somebody on a list: who they are, and since when they have agreed."""
    from newsletter.datewords import format_date  # noqa: PLC0415

    day = format_date(person.consented) if person.consented else ""
    name = printable(person.name) if in_full else ""
    return f"{_address(person, in_full=in_full):<40}  {name:<18}  {day}".rstrip()


def _address(person: Person, *, in_full: bool) -> str:
    from newsletter.addresses import masked  # noqa: PLC0415

    return person.address if in_full else masked(person.address)


def _show_rows(*rows: tuple[str, str]) -> None:
    for label, text in rows:
        if text:
            click.echo(f"  {label:<15}{text}")


def _told(skipped: Mapping[str, int]) -> str:
    """Say how many are skipped and why: "15: 12 unsubscribed, 2 bounced, 1 listed twice"."""
    return f"{sum(skipped.values()):,}: {by_reason(skipped)}" if skipped else ""


def _as_csv(people: Iterable[Person]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in people:
        cells = (one.address, one.name, one.first_name, one.source, _consent(one)["consented"] or "")
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return stream.getvalue()


def _write_new(path: Path, text: str) -> None:
    from newsletter.files import write_private  # noqa: PLC0415

    # Excel reads UTF-8 only with a byte order mark in front.
    if not write_private(path, text.encode("utf-8-sig")):
        raise RefusedError(f"{near(path)} is there already", "Name another file, or remove that one first.")
