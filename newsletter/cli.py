"""The command line: it only assembles the commands and turns errors into words and exit codes."""

from __future__ import annotations

from typing import Any

import click

from newsletter import __version__
from newsletter.commands.arguments import examples
from newsletter.commands.build import build
from newsletter.commands.check import check
from newsletter.commands.init import init
from newsletter.commands.send import send
from newsletter.commands.show import checks, providers, schema, sections, templates
from newsletter.errors import ConfigError, NewsletterError
from newsletter.terminal import is_plain, open_console, show_error


class Newsletter(click.Group):
    """The group of all commands: an error becomes a few words and its exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nStopped.", err=True)
            ctx.exit(130)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            told = in_words(error)
            show_error(told)
            ctx.exit(told.exit_code)


def in_words(error: Exception) -> NewsletterError:
    """Return what to tell a person: an error of ours as it is, and of any other none of its own words.

    Those may hold an address or a key. A file that cannot be written or read is told by its name and the system's
    reason.
    """
    if isinstance(error, NewsletterError):
        return error
    if isinstance(error, OSError) and error.strerror:
        file = f"{error.filename}: " if isinstance(error.filename, str) else ""
        hint = "Check that you may read and write there, and that the disk has room. Then give the same command again."
        return ConfigError(f"{file}{error.strerror}", hint)
    fault = f"newsletter has a fault of its own ({type(error).__name__}). Nothing more was done."
    return ConfigError(fault, "To see where it happened, begin the command with: newsletter --debug")


@examples("newsletter init my-newsletter", "newsletter build 2026-01", "newsletter send --list practitioners")
@click.group(
    cls=Newsletter,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "color": False if is_plain() else None,
    },
)
@click.option("--debug", is_flag=True, help="Show where in the program an error happened.")
@click.version_option(__version__, prog_name="newsletter", message="%(prog)s %(version)s")
def cli(debug: bool) -> None:  # noqa: FBT001  the group reads it
    """Write a newsletter in YAML, build email that works in Outlook, send it once to each person."""


for command in (init, check, build, send, sections, checks, templates, providers, schema):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    open_console()
    cli.main(prog_name="newsletter")
