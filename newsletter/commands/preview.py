"""``newsletter preview``: an issue as every reader will see it, while it is written."""

from __future__ import annotations

import click

from newsletter.commands.arguments import complete_issue, examples, here


@examples("newsletter preview", "newsletter preview 2025-12 --no-open")
@click.command
@click.argument("issue", metavar="[ISSUE]", required=False, shell_complete=complete_issue)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Serve at this port, not a free one."
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
def preview(issue: str | None, port: int, *, no_open: bool) -> None:
    """Show an issue, the newest or the one named, in the browser.

    The page follows every change of the files. Only this computer can open it. Ctrl-C ends it.
    """
    import asyncio  # noqa: PLC0415

    from newsletter.load import issue_file, newest  # noqa: PLC0415
    from newsletter.preview.server import serve  # noqa: PLC0415

    root = here().root
    shown = issue or newest(root)
    issue_file(root, shown)  # an id that is none is told here

    def ready(url: str) -> None:
        click.echo(f"The preview of {shown} follows your changes at\n  {url}")
        click.echo("Ctrl-C ends it.", err=True)
        if not no_open:
            _open(url)

    asyncio.run(serve(root, shown, port=port, ready=ready))


def _open(url: str) -> None:
    """Open *url* in the browser, beside what else happens: it may take a while to start."""
    from threading import Thread  # noqa: PLC0415

    Thread(target=_open_now, args=(url,), daemon=True).start()


def _open_now(url: str) -> None:
    import webbrowser  # noqa: PLC0415

    try:
        # One that lives in the terminal, as lynx does, would take it over, and runs no scripts.
        is_for_terminals = type(webbrowser.get()) is webbrowser.GenericBrowser
        is_open = not is_for_terminals and webbrowser.open(url)
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        click.echo("No browser could be opened here. Open that address in yours.", err=True)
