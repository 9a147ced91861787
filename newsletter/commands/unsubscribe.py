"""``newsletter unsubscribe``: somebody is not to be written to again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import complete_list, examples, here, typed_address
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.config import Workspace

# What our mailto: links put into the subject is pasted as it came, in quotes or without.
_PASTED = re.compile(r"(?:unsubscribe\s+)?(\S+)", re.IGNORECASE)


@examples(
    "newsletter unsubscribe sam@example.org",
    "newsletter unsubscribe sam@example.org --list practitioners",
    'newsletter unsubscribe "unsubscribe AQ..."',
)
@click.command
@click.argument("who", nargs=-1, required=True, metavar="ADDRESS|TOKEN")
@click.option("--list", "list_name", metavar="NAME", shell_complete=complete_list, help="From this list alone.")
def unsubscribe(who: tuple[str, ...], list_name: str | None) -> None:
    """Take somebody off all lists, or off one, for good.

    A TOKEN is what stands in the subject of a mail that asks to unsubscribe. It names its list itself; where
    newsletter.yaml does not name that list any more, they are taken off all lists. It works for lists in a file too,
    and is kept in mind for people who are on no list yet.
    """
    from newsletter.people import ALL_LISTS, open_people  # noqa: PLC0415
    from newsletter.tokens import workspace_key  # noqa: PLC0415

    workspace = here()
    if list_name is not None:
        workspace.list_config(list_name)
    secret = workspace_key(workspace.state)
    name, key, told = _read(" ".join(who).strip(), list_name, secret)
    # No send would ever read an opt-out of a list that has another name by now.
    chosen = name if name in workspace.config.lists else ALL_LISTS
    with open_people(workspace.state, secret) as people:
        people.unsubscribe_key(key, chosen, source="newsletter unsubscribe")
    _show(workspace, chosen, told, asked=name)


def _read(text: str, list_name: str | None, secret: bytes) -> tuple[str, bytes, str]:
    """Return the list ('' is all), the key that stands for the person, and what to call them. Raises UsageError."""
    from newsletter.addresses import masked  # noqa: PLC0415
    from newsletter.tokens import person_key, read_token  # noqa: PLC0415

    if "@" in text:
        address = typed_address(text)
        return list_name or "", person_key(secret, address), masked(address)
    found = _PASTED.fullmatch(text)
    try:
        name, key = read_token(secret, found[1] if found else "")
    except ValueError:
        hint = "Paste the whole token from the subject of the mail, or give the person's address."
        raise UsageError("this is neither an address nor a token of this workspace", hint) from None
    if list_name not in {None, name}:
        raise UsageError("the token is of another list", "It names its list itself: leave out --list.")
    return name, key, "The person of this token"


def _show(workspace: Workspace, name: str, told: str, *, asked: str) -> None:
    """Say what holds now, of the list *name* or of all. Nothing in it tells whether the person was on a list."""
    lists = workspace.config.lists
    chosen = [lists[name]] if name else list(lists.values())
    title = (lists[name].title or name) if name else "all lists"
    click.echo(f"{told} is unsubscribed from {title}, and no import changes that.")
    if asked != name:
        click.echo(f'It is from all, since newsletter.yaml names no list "{asked}".')
    if files := sorted({config.file for config in chosen if config.file}):
        click.echo(f"Not changed: {', '.join(files)}. An address there is left out at each send.")
