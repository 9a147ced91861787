"""The command line: it only assembles the commands and turns errors into words and exit codes."""

from __future__ import annotations

from typing import Any

import click

from newsletter import __version__
from newsletter.commands.approve import approve
from newsletter.commands.archive import archive
from newsletter.commands.arguments import examples
from newsletter.commands.build import build
from newsletter.commands.cancel import cancel
from newsletter.commands.check import check
from newsletter.commands.doctor import doctor
from newsletter.commands.erase import erase
from newsletter.commands.init import init
from newsletter.commands.lists import lists
from newsletter.commands.new import new
from newsletter.commands.preview import preview
from newsletter.commands.report import report
from newsletter.commands.resolve import resolve
from newsletter.commands.send import send
from newsletter.commands.show import checks, providers, schema, sections, templates
from newsletter.commands.status import status
from newsletter.commands.subject_access import subject_access
from newsletter.commands.unsubscribe import unsubscribe
from newsletter.crashes import forbid_core_dumps, in_words, quiet_libraries, show_traceback, watch
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
        except Exception as error:  # noqa: BLE001  whatever it is, a person is told in words
            debug = bool(ctx.params.get("debug"))
            if debug:
                show_traceback(error)
            told = in_words(error, debug=debug)
            show_error(told)
            ctx.exit(told.exit_code)


@examples("newsletter init my-newsletter", "newsletter build 2026-01", "newsletter send --list practitioners")
@click.group(
    cls=Newsletter,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, help="Show where in the program an error happened.")
@click.version_option(__version__, prog_name="newsletter", message="%(prog)s %(version)s")
def cli(debug: bool) -> None:  # noqa: FBT001  the group reads it
    """Write a newsletter in YAML, build email that works in Outlook, send it once to each person."""
    watch(debug=debug)
    quiet_libraries()


for command in (
    init, new, check, preview, build, approve, send, cancel, status, resolve, report, lists, unsubscribe,
    subject_access, erase, archive, doctor, sections, checks, templates, providers, schema,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    open_console()
    forbid_core_dumps()
    watch(debug=False)
    cli.main(prog_name="newsletter", color=False if is_plain() else None)
