"""``newsletter unsubscribe``: somebody is not to be written to again."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import complete_list, examples, here, typed_address
from newsletter.errors import UsageError
from newsletter.terminal import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.config import Workspace
    from newsletter.people import People

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
    and is kept in mind for people who are on no list yet; it says so if they are on none.
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
        is_listed = _is_listed(workspace, people, key, chosen)
    _show(workspace, chosen, told, asked=name, is_listed=is_listed)
    for line in _there(workspace, " ".join(who).strip(), chosen):
        click.echo(line)


def _read(text: str, list_name: str | None, secret: bytes) -> tuple[str, bytes, str]:
    """Return the list ('' is all), the key that stands for the person, and what to call them. Raises UsageError."""
    from newsletter.addresses import masked  # noqa: PLC0415
    from newsletter.tokens import person_key, read_token  # noqa: PLC0415

    if "@" in text:
        address = typed_address(text)
        return list_name or "", person_key(secret, address), address if sys.stdout.isatty() else masked(address)
    found = _PASTED.fullmatch(text)
    try:
        name, key = read_token(secret, found[1] if found else "")
    except ValueError:
        hint = "Paste the whole token from the subject of the mail, or give the person's address."
        raise UsageError("this is neither an address nor a token of this workspace", hint) from None
    if list_name not in {None, name}:
        raise UsageError("the token is of another list", "It names its list itself: leave out --list.")
    return name, key, "The person of this token"


def _is_listed(workspace: Workspace, people: People, key: bytes, name: str) -> bool:
    """Say whether the person *key* may be on the list *name*, or on any: where it cannot be seen, they may."""
    from newsletter.commands.hostedlists import hosted_lists  # noqa: PLC0415
    from newsletter.errors import NewsletterError  # noqa: PLC0415
    from newsletter.listfile import read_list  # noqa: PLC0415
    from newsletter.people import ALL_LISTS  # noqa: PLC0415

    if any(name in {ALL_LISTS, one} for one in hosted_lists(workspace)):
        return True  # only its provider knows
    if any(name in {ALL_LISTS, one.list_name} for one in people.memberships(key)):
        return True
    lists = {of: config for of, config in workspace.config.lists.items() if name in {ALL_LISTS, of}}
    files = {config.file for config in lists.values() if config.file}
    try:
        audiences = (read_list(workspace.inside(file), file, name=file) for file in files)
        return any(people.key(one.address) == key for audience in audiences for one in audience.people)
    except NewsletterError:
        return True


def _there(workspace: Workspace, typed: str, name: str) -> Iterator[str]:
    """Unsubscribe the person from lists that a provider keeps; yield what became of it. A token tells no address."""
    from newsletter.commands.hostedlists import hosted_lists, unsubscribe_there  # noqa: PLC0415

    if "@" in typed:
        yield from unsubscribe_there(workspace, typed_address(typed), name)
    elif kept := [one for one in hosted_lists(workspace) if name in {"", one}]:
        yield f"At the provider of {', '.join(kept)} they are unsubscribed before the next send."


def _show(workspace: Workspace, name: str, told: str, *, asked: str, is_listed: bool) -> None:
    """Say what holds now, of the list *name* or of all, and whether the person was on it."""
    lists = workspace.config.lists
    chosen = [lists[name]] if name else list(lists.values())
    title = (lists[name].title or name) if name else "all lists"
    click.echo(f"{told} is unsubscribed from {title}, and no import changes that.")
    if asked != name:
        click.echo(f'It is from all, since newsletter.yaml names no list "{asked}".')
    if not is_listed:
        where = "not on it" if name else "on no list here"
        click.echo(folded(f"{told} was {where}. If that is a slip, unsubscribe the right address as well."))
    elif files := sorted({config.file for config in chosen if config.file}):
        click.echo(f"Not changed: {', '.join(files)}. An address there is left out at each send.")
