"""``newsletter lists``: who is on which list, and the lists that are kept here."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.commands.arguments import as_json, complete_list, examples, here, typed_address
from newsletter.errors import ContentError, RefusedError, UsageError
from newsletter.terminal import count, near, printable, show_findings, show_next, show_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsletter.audience import Audience, Person
    from newsletter.config import Workspace
    from newsletter.people import People

_COLUMNS = ("email", "name", "first_name", "source")
# What a spreadsheet would take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r")

list_argument = click.argument("name", shell_complete=complete_list)
source_option = click.option(
    "--source", required=True, metavar="TEXT", help='How they came to agree, as in "Sign-up form, autumn 2025".'
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
@click.option("--show-addresses", is_flag=True, help="Show addresses in full where no terminal is.")
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
def import_(name: str, file: Path, source: str) -> None:
    """Put the people of a CSV FILE on a list that is kept here.

    Nobody is removed. Who is there already stays as they are; who has opted out stays out. A column "source" says for
    each person how they came to agree; --source does for those without.
    """
    from newsletter.listfile import read_list  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    source = _words(source, "--source")
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
    from newsletter.people import list_audience  # noqa: PLC0415

    workspace = here()
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
def add(name: str, address: str, source: str, full_name: str) -> None:
    """Put one person on a list that is kept here."""
    from newsletter.addresses import doubts, masked  # noqa: PLC0415
    from newsletter.audience import Person, first_name  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    address, source = typed_address(address), _words(source, "--source")
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


def kept_in(workspace: Workspace, name: str) -> str:
    """Return the file in which the list *name* is kept, as messages call it."""
    return workspace.list_config(name).file or near(workspace.state / "people.db")


@contextmanager
def _open(workspace: Workspace) -> Iterator[People]:
    from newsletter.people import open_people  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    with open_people(workspace.state, workspace_key(workspace.state)) as people:
        yield people


def _kept_here(workspace: Workspace, name: str) -> str:
    """Return the title of a list that is kept here. Raises RefusedError for one in a file, and names that."""
    chosen = workspace.list_config(name)
    if chosen.file is not None:
        hint = f"Change {chosen.file} itself: it is read at each send."
        raise RefusedError(f'Not changed: the list "{name}" is kept in {chosen.file}.', hint)
    return chosen.title or name


def _words(text: str, option: str) -> str:
    from newsletter.audience import UnfitError, fit_words  # noqa: PLC0415

    try:
        if words := fit_words(text, option):
            return words
    except UnfitError as error:
        raise UsageError(error.message, error.hint) from None
    raise UsageError(f"{option} is empty", "Say it in a few words.")


def _show_all(workspace: Workspace, people: People, *, as_json: bool) -> None:
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
    if broken := [row["error"] for row in rows if "error" in row]:
        raise ContentError(broken[0], (), "See what is wrong: newsletter lists show NAME")


def _standing(workspace: Workspace, people: People, name: str) -> dict[str, Any]:
    """Return the counts of a list, or the error that it cannot be read for. One kept here may still be empty."""
    from newsletter.people import list_audience  # noqa: PLC0415

    chosen = workspace.list_config(name)
    row = {"name": name, "title": chosen.title or name, "kept_in": kept_in(workspace, name)}
    try:
        audience = people.audience(name) if chosen.file is None else list_audience(workspace, name, people)
    except ContentError as error:
        return {**row, "error": error.message}
    return {**row, "count": len(audience.people), "skipped": dict(audience.skipped)}


def _show_one(workspace: Workspace, people: People, name: str, *, in_full: bool, as_json: bool) -> None:
    from newsletter.people import list_audience  # noqa: PLC0415

    audience = list_audience(workspace, name, people)
    row = {"name": name, "title": workspace.list_config(name).title or name, "kept_in": kept_in(workspace, name)}
    if as_json:
        show_result(json.dumps(row | _as_dict(audience, in_full=in_full), indent=2))
        return
    show_findings(audience.findings, err=True)
    click.secho(row["title"], bold=True)
    kept = ("Kept in", row["kept_in"])
    _show_rows(kept, ("People", f"{len(audience.people):,}"), ("Skipped", _told(audience.skipped)))
    lines = (
        f"{_address(one, in_full=in_full):<40}  {printable(one.name) if in_full else ''}" for one in audience.people
    )
    show_result("\n".join(line.rstrip() for line in lines))
    if not in_full:
        click.echo("The addresses are masked: --show-addresses shows them.", err=True)


def _as_dict(audience: Audience, *, in_full: bool) -> dict[str, Any]:
    from newsletter.reports import as_dict  # noqa: PLC0415

    people = [
        {"address": _address(one, in_full=in_full), **({"name": one.name, "source": one.source} if in_full else {})}
        for one in audience.people
    ]
    findings = [as_dict(finding) for finding in audience.findings]
    return {"count": len(people), "skipped": dict(audience.skipped), "findings": findings, "people": people}


def _address(person: Person, *, in_full: bool) -> str:
    from newsletter.addresses import masked  # noqa: PLC0415

    return person.address if in_full else masked(person.address)


def _show_rows(*rows: tuple[str, str]) -> None:
    for label, text in rows:
        if text:
            click.echo(f"  {label:<15}{text}")


def _told(skipped: Mapping[str, int]) -> str:
    """Say how many are skipped and why: "15: 12 unsubscribed, 2 bounced, 1 listed twice"."""
    reasons = sorted(skipped.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{number:,} {reason}" for reason, number in reasons)
    return f"{sum(skipped.values()):,}: {told}" if told else ""


def _as_csv(people: Iterable[Person]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in people:
        cells = (one.address, one.name, one.first_name, one.source)
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return stream.getvalue()


def _write_new(path: Path, text: str) -> None:
    from newsletter.files import write_private  # noqa: PLC0415

    # Excel reads UTF-8 only with a byte order mark in front.
    if not write_private(path, text.encode("utf-8-sig")):
        raise RefusedError(f"{near(path)} is there already", "Name another file, or remove that one first.")
