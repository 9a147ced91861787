"""What is left behind when something goes wrong: words, with --debug a masked traceback, and never a key or an address.

Python prints tracebacks by itself in three places: at the end of the main thread, at that of another, and where nobody
could catch an exception, as when the program ends. `watch` takes over all three.
"""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING

import click

from newsletter.errors import ConfigError, NewsletterError
from newsletter.terminal import printable, show_error

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_HINT = "To see where it happened, begin the command with: newsletter --debug"
# What an address may consist of and more: too much is masked rather than too little.
_WORD = re.compile(r'[^\s<>()\[\],;:"]+')
_ADDRESS = re.compile("('*+)(.).*(@|%40)(.+)")
_QUOTED_LOCAL = re.compile(r'"[^"\n]*"(?=@)')
_LOGIN = re.compile(r"(?<=//)[^\s/@]+(?=@)")


def in_words(error: BaseException, *, debug: bool = False) -> NewsletterError:
    """Return what to tell a person: an error of ours as it is, and of any other none of its own words.

    Those may hold an address or a key. A file that cannot be written or read is told by its name and the system's
    reason. With *debug* they have seen where it happened.
    """
    if isinstance(error, NewsletterError):
        return error
    if isinstance(error, OSError) and error.strerror:
        file = f"{error.filename}: " if isinstance(error.filename, str) else ""
        hint = "Check that you may read and write there, and that the disk has room. Then give the same command again."
        return ConfigError(f"{file}{error.strerror}", hint)
    fault = f"newsletter has a fault of its own ({type(error).__name__}). Nothing more was done."
    return ConfigError(fault, "" if debug else _HINT)


def watch(*, debug: bool) -> None:
    """Let nothing that Python prints by itself about an exception show more than this module does.

    Without *debug*, an exception that nobody could catch is not shown at all: it changes nothing that was done.
    """
    sys.excepthook = lambda _kind, error, _trace: _show_end(error, debug=debug)
    threading.excepthook = lambda args: _show_thread(args.exc_value, debug=debug)
    sys.unraisablehook = _show_ignored if debug else lambda _unraisable: None


def show_traceback(error: BaseException) -> None:
    """Print the traceback of *error* on stderr, and of those that led to it, masked."""
    click.echo(rendered(error), err=True)


def rendered(error: BaseException) -> str:
    """Return the traceback of *error* without keys, addresses and what a terminal would obey; without locals anyway."""
    try:
        from traceback import format_exception  # noqa: PLC0415

        return masked("".join(format_exception(error)).rstrip())
    except Exception:  # noqa: BLE001  Python would print both exceptions, whole
        return f"{type(error).__name__}: its traceback cannot be shown without what may be private in it."


def masked(text: str) -> str:
    """Return *text* with ``***`` for the secrets that were read and ``j...@example.org`` for whatever has an @."""
    from newsletter.credentials import without_secrets  # noqa: PLC0415

    # First the secrets: of one with an @ in it, the rest would be no secret that is known.
    text = _LOGIN.sub("***", without_secrets(text))
    text = _QUOTED_LOCAL.sub('"..."', text)
    return printable(_WORD.sub(_without_address, text))


def _without_address(word: re.Match[str]) -> str:
    found = _ADDRESS.fullmatch(word[0])
    return found.expand(r"\1\2...\3\4") if found else word[0]


def quiet_libraries() -> None:
    """Let no library's logging reach the terminal: without any handler, Python prints warnings to stderr."""
    import logging  # noqa: PLC0415

    logging.getLogger().addHandler(logging.NullHandler())


def forbid_core_dumps() -> None:
    """Let no crash write what this program had in memory to the disk: people's addresses, and keys."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return  # Windows writes no core dumps
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _show_end(error: BaseException, *, debug: bool) -> None:
    if isinstance(error, KeyboardInterrupt):
        click.echo("\nStopped.", err=True)
        return
    if debug:
        show_traceback(error)
    show_error(in_words(error, debug=debug))


def _show_thread(error: BaseException | None, *, debug: bool) -> None:
    if error is None or isinstance(error, SystemExit):
        return
    if debug:
        show_traceback(error)
    fault = f"a part of newsletter ended by a fault of its own ({type(error).__name__})"
    show_error(ConfigError(fault, "" if debug else _HINT))


def _show_ignored(unraisable: UnraisableHookArgs) -> None:
    if unraisable.exc_value is not None:
        click.echo(f"Exception ignored in {type(unraisable.object).__name__}:", err=True)
        show_traceback(unraisable.exc_value)
