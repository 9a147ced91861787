"""The terminal's voice: say what happened, then what to do. Colour helps and never carries."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from newsletter.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

    from newsletter.errors import NewsletterError
    from newsletter.findings import Finding

Item = TypeVar("Item")

# What a terminal would obey instead of showing it, or what turns the writing; tabs and line breaks are harmless.
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]|[\u202a-\u202e\u2066-\u2069]")
# "::error::" at the beginning of a line, and "##[error]" anywhere (GitHub Actions: workflow commands).
_COMMAND = re.compile(r"(?m)(?:^\s*::|##\[)")
_ENDS_IN_COMMAND = re.compile(r"(.+:) (newsletter .+)")
_COLOURS = {"error": {"fg": "red", "bold": True}, "warning": {"fg": "yellow"}, "note": {"fg": "cyan"}}


_STOPPING = (
    b"\nStopping when what is on its way has ended. Ctrl-C again stops at once,\n"
    b"and of some it may then not be known whether they have it.\n"
)


class _Steady:
    """A stream to print to that never fails: a reader who has gone, or a full disk below a log, must stop no send.

    *is_cut* says that something was lost, but not to a reader who has gone: `newsletter schema | head` lost nothing.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_cut = False

    # Where it hears of ASCII, click prints past us, to a stream of its own that fails.
    encoding = "utf-8"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BrokenPipeError:
            pass
        except OSError:
            self.is_cut = True


def open_console() -> None:
    """Make the console safe to print to, and let a request to end be the same as Ctrl-C.

    A stream that is closed reads and writes nothing; a character that it cannot show gets a stand-in.
    """
    for name in ("stdin", "stdout", "stderr"):
        mode = "r" if name == "stdin" else "w"
        stream: Any = getattr(sys, name) or open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115  it stays open
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream if name == "stdin" else _Steady(stream))
    for name in ("SIGTERM", "SIGHUP"):
        ends = getattr(signal, name, None)  # Windows has no SIGHUP
        if ends and signal.getsignal(ends) is signal.SIG_DFL:  # under nohup it is ignored, and stays so
            signal.signal(ends, signal.default_int_handler)


def show_result(text: str) -> None:
    """Print to stdout what another program will read. Raises ConfigError when not all of it could be written."""
    click.echo(text)
    sys.stdout.flush()
    if getattr(sys.stdout, "is_cut", False):
        raise ConfigError("the result could not be written whole", "Is the disk full?")


def show_json(value: object) -> None:
    """Print *value* to stdout for another program. Raises ConfigError when not all of it could be written."""
    import json  # noqa: PLC0415

    show_result(json.dumps(value, indent=2))


def write_result(path: Path, data: bytes) -> None:
    """Write the same to the new file *path*, for its owner alone. Raises RefusedError when a file is there already."""
    from newsletter.files import write_private  # noqa: PLC0415

    if not write_private(path, data):
        raise RefusedError(f"{near(path)} is there already", "Name another file, or remove that one first.")


@contextmanager
def deferred_stop() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether somebody asked to stop, for work that must not be cut anywhere.

    Within, the first Ctrl-C or request to end is only noted; the second interrupts at once.
    """
    asked = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True
        if sys.stderr.isatty():
            os.write(2, _STOPPING)  # print() may be in the middle of another line

    ends = [number for number in signal.valid_signals() if signal.getsignal(number) is signal.default_int_handler]
    for number in ends:
        signal.signal(number, note)
    try:
        yield lambda: asked
    finally:
        for number in ends:
            signal.signal(number, signal.default_int_handler)


def is_plain() -> bool:
    """Say whether the terminal is to be spared colours and redrawn lines (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def progress(items: Iterable[Item], *, length: int, info: Callable[[], str], label: str = "Sending") -> Iterator[Item]:
    """Yield *items* below a bar on stderr that ends in *info*; without one where no terminal could draw it."""
    if is_plain() or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(
        items, length=length, label=f"{label} ", fill_char="#", empty_char=".", width=30,
        bar_template="%(label)s [%(bar)s]  %(info)s", show_eta=False, show_percent=True,
        item_show_func=lambda _item: info(), file=sys.stderr,
    ) as shown:  # fmt: skip
        yield from shown


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Print each finding on lines of its own, its severity coloured."""
    width = columns(err=err)
    for finding in findings:
        head, *rest = (folded(printable(line), err=err) for line in finding.lines(max(width - 8, 24)))
        word = f"{finding.severity} {finding.code}:"
        coloured = click.style(str(finding.severity), **_COLOURS[finding.severity])  # type: ignore[arg-type]
        click.echo("\n".join([head.replace(word, f"{coloured} {finding.code}:", 1), *rest]), err=err)


def folded(line: str, *, indent: str = "  ", err: bool = False) -> str:
    """Return *line* broken between words where the terminal would cut it; in a pipe, where programs read, it is whole.

    Whole stays what is copied, too: an indented line, and a command at the end of one.
    """
    width, is_read = columns(err=err), (sys.stderr if err else sys.stdout).isatty()
    if not is_read or len(click.unstyle(line)) <= width or line.startswith(("   ", "  newsletter ")):
        return line
    words, command = (found[1], [found[2]]) if (found := _ENDS_IN_COMMAND.fullmatch(line)) else (line, [])
    first, *others = words.split()
    lines = [" " * (len(line) - len(line.lstrip())) + first]
    for word in (*others, *command):
        longer = f"{lines[-1]} {word}"
        if len(click.unstyle(longer)) <= width:
            lines[-1] = longer
        else:
            lines.append(indent + word)
    return "\n".join(lines)


def show_doubts(doubts: Iterable[str]) -> None:
    """Print on stderr what is odd and stops nothing."""
    for doubt in doubts:
        click.secho(folded(doubt, err=True), fg="yellow", err=True)


def show_next(why: str, *commands: str) -> None:
    """End with the one thing to do next, on stderr."""
    click.echo(f"Next: {why}", err=True)
    for command in commands:
        click.echo(f"  {click.style(command, bold=True)}", err=True)


def show_error(error: NewsletterError, *, results: bool = False) -> None:
    """Print an error in one line on stderr, with what to do below it.

    The findings that it carries come first; where they are the *results* that a command is for, on stdout.
    """
    from newsletter.personal import mask  # noqa: PLC0415  a fault in newsletter.yaml may quote anything

    show_findings(error.findings, err=not results)
    # "Not sent: ..." is an answer; the others say what is wrong.
    is_answer = error.message.startswith(("Not ", "Paused"))
    lead = "" if is_answer else f"{click.style('error', fg='red', bold=True)}: "
    click.echo(folded(lead + printable(mask(error.message.replace("\n", " "))), indent="", err=True), err=True)
    for line in hint_lines(mask(error.hint), err=True):
        click.echo(line, err=True)


def hint_lines(hint: str, *, err: bool = False) -> Iterator[str]:
    """Yield the lines of a *hint* as they stand below an error: words are folded, and what is to be copied is not.

    That is a command, or whatever stands in a line of its own below a colon.
    """
    is_copied = False
    for line in hint.splitlines():
        told = f"  {printable(line)}"
        yield told if is_copied else folded(told, err=err)
        is_copied = line.endswith(":")


def have_typed(number: int, *, begin: str, to: str, refusal: str, script: str) -> None:
    """Say how things stand, and have *number* typed *to* do something, as "send".

    Raises RefusedError, which begins with *refusal*, for any other answer; and where nobody is there to type, with the
    command for a *script*.
    """
    if not sys.stdin.isatty():
        raise RefusedError(f"{refusal}: there is nobody to type the count.", f"In a script, say so:\n{script}")
    click.echo(f"{folded(begin, err=True)}\nType {number:,} to {to}, or Enter to stop: ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)  # Ctrl-D leaves the cursor behind the question
    if answer.strip().replace(",", "") != str(number):
        raise RefusedError(f"{refusal}: {number:,} was not typed.", "Give the same command again when you are ready.")


def near(path: Path | str) -> str:
    """Return *path* fit to print: with forward slashes, from the current folder on where it lies below it."""
    path = Path(path)
    here = Path.cwd()
    return printable((path.relative_to(here) if path.is_relative_to(here) else path).as_posix())


def count(number: int, word: str) -> str:
    """Return ``1 error``, ``1,248 people``: a number with its noun."""
    plural = {"person": "people", "test copy": "test copies"}.get(word, f"{word}s")
    return f"{number:,} {word if number == 1 else plural}"


def by_reason(numbers: Mapping[str, int]) -> str:
    """Return ``12 unsubscribed, 2 bounced``: how many for which reason, the most first."""
    return ", ".join(f"{number:,} {why}" for why, number in sorted(numbers.items(), key=lambda one: (-one[1], one[0])))


def columns(*, err: bool = False) -> int:
    """Return the width of what is printed: that of the terminal, but never more than 80 columns."""
    stream = sys.stderr if err else sys.stdout
    return min(shutil.get_terminal_size().columns, 80) if stream.isatty() else 80


def flowing(text: str, *, indent: str = "") -> str:
    """Return *text* filled to the width of the page; a paragraph with indented lines stays as it is."""
    fill = TextWrapper(columns(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False).fill
    return "\n\n".join(part if "\n " in part else fill(part) for part in text.split("\n\n"))


def printable(text: str) -> str:
    """Return *text* with what a terminal would obey shown instead; on GitHub's runners, what those would."""
    if os.environ.get("GITHUB_ACTIONS"):
        text = _COMMAND.sub(lambda found: " ".join(found[0]), text)
    return _CONTROL.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\u0100" else f"\\u{ord(found[0]):x}", text
    )
