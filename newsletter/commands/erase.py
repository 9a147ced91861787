"""``newsletter erase``: one person is forgotten, and kept out of every list for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import examples, here
from newsletter.errors import RefusedError
from newsletter.terminal import printable, show_next

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.commands.personal_data import Found
    from newsletter.config import Workspace
    from newsletter.holdings import Held

_TO_DO = "have it erased there, too"
_BY_HAND = "take it out by hand"
_MOST = 10  # places shown of a kind


@examples("newsletter erase sam@example.org")
@click.command
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask for a yes to be typed.")
def erase(address: str, *, yes: bool) -> None:
    """Erase what is held about one person, and keep them out for good.

    It shows first what that is. They are taken off lists kept here and out of list files, whose other lines stay as
    they are; out of the record of sends; out of the outbox. What stays is a keyed hash, by which no import brings them
    back. It ends with where nothing could be done.
    """
    from newsletter.addresses import masked  # noqa: PLC0415
    from newsletter.commands.hostedlists import erase_there, hosted_lists  # noqa: PLC0415
    from newsletter.commands.personal_data import typed_person  # noqa: PLC0415
    from newsletter.holdings import PLACES, look, open_subject  # noqa: PLC0415
    from newsletter.lock import locked  # noqa: PLC0415
    from newsletter.transport import provider_name  # noqa: PLC0415

    workspace, typed, is_whole = here(), typed_person(address), True
    # A send that runs would write to somebody who was erased under it, and record it.
    with locked(workspace.state / "lock"), open_subject(workspace, typed) as subject:
        found, whom = look(subject), masked(subject.address)
        if not any(_erasable(found)) and not hosted_lists(workspace):
            _show_nothing(whom, found)
        else:
            _refuse_obstacles(found)
            _show(whom, found)
            for name in hosted_lists(workspace):
                click.echo(f"  On the list {name}, if they are there, kept by {provider_name(workspace, name)}")
            if not yes:
                _have_said_yes()
            for place in PLACES:
                place.erase(subject)
            for line, is_done in erase_there(workspace, typed):
                click.echo(line)
                is_whole = is_whole and is_done
            done = "Erased" if is_whole else "Erased here"
            click.echo(f"{done}. {whom} is kept out of every list by a keyed hash, which holds no address.")
    _show_beyond(workspace, found)
    if not is_whole:
        hint = "Do that by hand, as it says above, or give the same command again."
        raise RefusedError("Erased here, but not everywhere: a provider has not done it.", hint)


def _erasable(found: Found) -> Iterator[Held]:
    return (held for holdings in found.values() for held in holdings if not held.stays)


def _refuse_obstacles(found: Found) -> None:
    for held in _erasable(found):
        if held.obstacle:
            what, hint = held.obstacle
            raise RefusedError(f"Not erased: {what}.", hint)


def _show(whom: str, found: Found) -> None:
    click.secho(f"To erase of {whom}:", bold=True)
    for place, holdings in found.items():
        where = [held.where for held in holdings if not held.stays]
        if where:
            click.echo(f"  {place.title}, {len(where):,}:")
        for one in where[:_MOST]:
            click.echo(f"    {printable(one)}")
        if len(where) > _MOST:
            click.echo(f"    and {len(where) - _MOST:,} more")


def _show_nothing(whom: str, found: Found) -> None:
    if any(held.stays for place, holdings in found.items() if place.name in {"opt_outs", "sends"} for held in holdings):
        click.echo(f"Nothing is left to erase of {whom}. A keyed hash is kept, which holds no address.")
    else:
        click.echo(f"Nothing is held about {whom}, and nothing was done. Is the address right?")
        show_next("if it is, keep it out of every import to come", "newsletter unsubscribe ADDRESS")


def _have_said_yes() -> None:
    """Have a yes typed. Raises RefusedError for any other answer, and where nobody is there to type."""
    if not sys.stdin.isatty():
        raise RefusedError("Not erased: there is nobody to type a yes.", "In a script, add --yes.")
    click.echo("Nothing has been erased yet. Type yes to erase it, or Enter to stop: ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)  # Ctrl-D leaves the cursor behind the question
    if answer.strip().casefold() != "yes":
        raise RefusedError("Not erased: yes was not typed.", "Give the same command again when you are ready.")


def _show_beyond(workspace: Workspace, found: Found) -> None:
    """End with what stands elsewhere: what is named by other lines here, and where no command of ours reaches."""
    from newsletter.commands.personal_data import beyond, bullets  # noqa: PLC0415

    click.echo("Not erased, since nothing here can do it:")
    lines = [*_named(found), *beyond(workspace, found, to_do=_TO_DO)]
    for line in bullets(lines):
        click.echo(line)


def _named(found: Found) -> Iterator[str]:
    for place, holdings in found.items():
        for held in holdings:
            if held.stays and place.name == "list_files":
                yield f"{held.where}: it is named in {held.facts['named_in']}: {_BY_HAND}"
            elif held.stays and place.name == "other_files":
                yield f"{held.where}: {_BY_HAND}, or delete the file if it is not needed any more"
