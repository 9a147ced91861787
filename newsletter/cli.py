"""The command line: it only assembles the commands and turns errors into words and exit codes."""

from __future__ import annotations

import sys
from typing import Any

import click

from newsletter import __version__
from newsletter.commands.build import build
from newsletter.commands.init import init
from newsletter.commands.send import send
from newsletter.commands.show import providers, schema, sections, templates
from newsletter.errors import NewsletterError
from newsletter.terminal import show_error


class Newsletter(click.Group):
    """The group of all commands: an error of ours becomes a few words and its exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except NewsletterError as error:
            if ctx.params.get("debug"):
                raise
            show_error(error)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(130)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            # The exception's own words may hold an address or a key; its kind does not.
            click.echo(f"newsletter has a fault of its own ({type(error).__name__}). Nothing more was done.", err=True)
            click.echo("Next: see where it happened\n  newsletter --debug ...", err=True)
            ctx.exit(3)


@click.group(cls=Newsletter, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show where in the program an error happened.")
@click.version_option(__version__, prog_name="newsletter", message="%(prog)s %(version)s")
def cli(debug: bool) -> None:  # noqa: FBT001  the group reads it
    r"""Write a newsletter in YAML, build email that works in Outlook, send it once to each person.

    \b
    Examples:
      newsletter init my-newsletter
      newsletter build 2026-01
      newsletter send --list practitioners
    """


for command in (init, build, send, sections, templates, providers, schema):
    cli.add_command(command)


def main() -> None:
    """Run the command line. A console that cannot show a character shows a stand-in for it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    cli.main(prog_name="newsletter")
