"""``newsletter lists``: who is on which list, and the lists that are kept here."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import as_json, complete_list, examples, here, show_addresses, typed_address
from newsletter.errors import RefusedError, UsageError
from newsletter.terminal import count, near, show_findings, show_json, show_next, show_result, write_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.audience import Person
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
    from newsletter.commands.roster import show_all, show_one  # noqa: PLC0415

    workspace = here()
    with _open(workspace) as people:
        if name is None:
            show_all(workspace, people, as_json=as_json)
        else:
            show_one(workspace, people, name, in_full=show_addresses or sys.stdout.isatty(), as_json=as_json)


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
    from newsletter.commands.roster import show_rows, told_skipped  # noqa: PLC0415
    from newsletter.listfile import read_list  # noqa: PLC0415

    workspace = here()
    title = _kept_here(workspace, name)
    source = _source(source, f"import {name} {shlex.quote(file.as_posix())}")
    audience = read_list(file, near(file), name=name, source=source)
    show_findings(audience.findings, err=True)
    with _open(workspace) as people:
        added = people.add(name, audience.people)
    click.secho(f"Imported for {title} from {near(file)}.", bold=True)
    show_rows(
        ("New", f"{added.new:,}"),
        ("Already there", f"{added.known:,}, left as they are" if added.known else ""),
        ("Opted out", f"{added.opted_out:,}, and they stay out" if added.opted_out else ""),
        ("Skipped", told_skipped(audience.skipped)),
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
    from newsletter.commands.hostedlists import is_hosted  # noqa: PLC0415
    from newsletter.commands.roster import told_skipped  # noqa: PLC0415
    from newsletter.people import list_audience  # noqa: PLC0415
    from newsletter.transport import list_provider, provider_name  # noqa: PLC0415

    workspace = here()
    if is_hosted(workspace, name):
        hint = f"Export it there: {list_provider(workspace, name).console}."
        raise RefusedError(f'Not exported: the list "{name}" is kept by {provider_name(workspace, name)}.', hint)
    with _open(workspace) as people:
        audience = list_audience(workspace, name, people)
    text = _as_csv(audience.people)
    if output is None:
        show_result(text.removesuffix("\n"))
    else:
        # Excel reads UTF-8 only with a byte order mark in front.
        write_result(output, text.encode("utf-8-sig"))
    left = f"; left out {told_skipped(audience.skipped)}" if audience.skipped else ""
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
    from newsletter.commands.departures import sync_list, tells  # noqa: PLC0415
    from newsletter.commands.roster import told_skipped  # noqa: PLC0415

    workspace = here()
    names = [name] if name else [one for one in workspace.config.lists if tells(workspace, one)]
    if not names:
        raise RefusedError("No list has a provider that tells who has left.", "Nothing was changed.")
    with _open(workspace) as people:
        found = {one: sync_list(workspace, one, people) for one in names}
    if as_json:
        show_json({"lists": found})
        return
    for one, new in found.items():
        click.echo(f"{one}: {told_skipped(new) or 'nothing new'}")


@contextmanager
def _open(workspace: Workspace) -> Iterator[People]:
    from newsletter.people import open_people  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    with open_people(workspace.state, workspace_key(workspace.state)) as people:
        yield people


def _kept_here(workspace: Workspace, name: str) -> str:
    """Return the title of a list that is kept here. Raises RefusedError for one in a file, and names that."""
    from newsletter.commands.hostedlists import is_hosted  # noqa: PLC0415
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


def _as_csv(people: Iterable[Person]) -> str:
    import csv  # noqa: PLC0415
    import io  # noqa: PLC0415

    from newsletter.commands.roster import consent  # noqa: PLC0415

    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in people:
        cells = (one.address, one.name, one.first_name, one.source, consent(one)["consented"] or "")
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return stream.getvalue()
