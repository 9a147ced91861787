"""Arguments that several commands share, and how a shell completes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from newsletter.errors import ConfigError, NewsletterError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from newsletter.config import Workspace

Command = TypeVar("Command", bound=click.Command)


def examples(*lines: str) -> Callable[[Command], Command]:
    """End the --help of a command with *lines* to type."""

    def add(command: Command) -> Command:
        # click fills paragraphs, but leaves one alone that begins with this mark.
        command.epilog = "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
        return command

    return add


def here() -> Workspace:
    """Open the workspace that the current folder lies in. Raises ConfigError."""
    from newsletter.config import find_root, open_workspace  # noqa: PLC0415

    try:
        return open_workspace(_current())
    except ConfigError as error:
        if error.findings:
            from newsletter.review import discreet  # noqa: PLC0415

            error.findings = discreet(error.findings, find_root(_current()))
        raise


def _current() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError("this folder is not there any more", "Change into your newsletter's folder.") from None


def issues_meant(workspace: Workspace, named: tuple[str, ...], *, every: bool) -> tuple[str, ...]:
    """Return the ids of the issues that are *named*, once each, or of *every* one there is, or of the newest.

    Raises UsageError for both, and where there is none.
    """
    from newsletter.load import issue_ids, newest  # noqa: PLC0415

    if named and every:
        raise UsageError("name issues, or give --all: not both")
    return tuple(dict.fromkeys(named)) or (every and issue_ids(workspace.root)) or (newest(workspace.root),)


def complete_issue(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Complete issue ids, the newest first."""
    from newsletter.config import find_root  # noqa: PLC0415
    from newsletter.load import issue_ids  # noqa: PLC0415

    try:
        known = issue_ids(find_root(_current()))
    except NewsletterError:
        return []
    return [issue for issue in reversed(known) if issue.startswith(incomplete)]


def complete_list(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the names of the lists in newsletter.yaml."""
    try:
        known = here().config.lists
    except NewsletterError:
        return []
    return [name for name in known if name.startswith(incomplete)]


def typed_address(text: str) -> str:
    """Return the address that was typed, as it is sent. Raises UsageError, without it, when it is none."""
    from newsletter.addresses import read_address  # noqa: PLC0415

    try:
        return read_address(text)
    except ValueError as error:
        raise UsageError(f"the address cannot be used: {error}", "Write it alone, as in name@example.org.") from None


def typed_time(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment that *text* names in *zone*, as "2026-01-05 09:00". Raises UsageError for what names none."""
    hint = f'Write it as in --at "2026-01-05 09:00": that is the time in {zone.key}.'
    from datetime import UTC, datetime  # noqa: PLC0415

    try:
        at = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f'--at: "{text}" is not a time', hint) from None
    if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise UsageError(f'--at: on that day the clocks leave out "{text}"', "Name a time an hour later.")
    return at


MASKED = "The addresses are masked: --show-addresses shows them."
show_addresses = click.option("--show-addresses", is_flag=True, help="Show addresses in full where no terminal is.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for a script.")
