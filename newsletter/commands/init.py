"""``newsletter init``: a workspace in which every command works at once, offline."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import click

from newsletter.commands.arguments import examples
from newsletter.terminal import printable, show_next


@examples("newsletter init my-newsletter")
@click.command
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a newsletter in DIR, or here.

    It has settings, a list of example people and a sample issue to edit, and every command works in it at once.
    """
    from newsletter.scaffold import make_workspace  # noqa: PLC0415

    issue, made = make_workspace(folder, today=datetime.now(UTC).date())
    for path in made:
        click.echo(f"  {path}")
    click.echo(f"Made a newsletter in {printable(str(folder))}/ with the sample issue {issue}.")
    change = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(str(folder))}"]
    show_next("build the sample, then put in your own words", *change, "newsletter build")
