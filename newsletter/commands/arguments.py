"""Arguments that several commands share, and how a shell completes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.config import Workspace


def here() -> Workspace:
    """Open the workspace that the current folder lies in."""
    from newsletter.config import open_workspace  # noqa: PLC0415

    return open_workspace(Path.cwd())


def complete_issue(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Complete issue ids, the newest first."""
    from newsletter.config import find_root  # noqa: PLC0415
    from newsletter.load import issue_ids  # noqa: PLC0415

    try:
        known = issue_ids(find_root(Path.cwd()))
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


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for a script.")
