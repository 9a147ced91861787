"""The pages of the documentation, and what stands in them: examples, commands, and the parts that are generated."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import click
from test_layers import FLOORS

from newsletter.cli import cli
from newsletter.reports import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
}
SHELLS = {"", "sh", "bash", "zsh", "fish", "powershell", "console"}
WIDTH = 76  # columns of what is generated

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4,6}\S.*\n)+", re.MULTILINE)  # six blanks within an item of a list
_OPENING = {
    "docs/checks.md": """\
        # Checks

        What `newsletter check` looks for. `build`, `preview` and `send` look for the same.

        An **error** stops a send. A **warning** is for you to judge. A **note** is for you to know.

            newsletter check
            newsletter check --explain N101

        To leave out a warning or a note, write its code into the issue:

        ```yaml
        check-ignore: [N121]
        ```

        or, for all issues, into `newsletter.yaml`:

        ```yaml
        checks: {ignore: [N121]}
        ```

        An error is left out for one text only, with the reason:

        ```yaml
        check-ignore:
          - {code: N120, text: "Bus stop TBC", why: "the stop is called that"}
        ```

        This page is written by `pytest tests/test_docs_made.py --refresh`, from the checks themselves.
        """,
    "docs/commands.md": """\
        # Commands

        What `--help` says of each command. `ISSUE` is the name of an issue's file, as in `2026-01`; left out, it is the
        newest. [What the exit codes mean](sending.md#afterwards) is the same for all commands.

        This page is written by `pytest tests/test_docs_made.py --refresh`, from the commands themselves.
        """,
}
_FAMILIES = {
    "N0": ("Reading a file", "An issue, a list or `newsletter.yaml` cannot be read as it stands."),
    "N10": ("Dates of courses and of the diary", ""),
    "N11": ("What other issues say", "The issues of the months around this one are read, too."),
    "N12": ("Words and links", ""),
    "N13": ("", ""),
    "N15": ("Personal data", "These cannot be switched off, only excused for one text, with the reason."),
    "N16": ("Where links lead", "N166 and N167 ask the network, and only with `newsletter check --links`."),
    "N2": ("The finished email", "What readers would get: the issue, the settings and the templates together."),
}


@dataclass(frozen=True)
class Example:
    """A fenced example: where it stands, what language it says it is, and its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def examples() -> Iterator[Example]:
    """Yield every fenced example of all pages."""
    for page, text in PAGES.items():
        for found in _FENCE.finditer(text):
            yield Example(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])


def command_lines(page: str) -> list[str]:
    """Return the lines of a page that are typed: those of indented blocks that begin with one, and of shell fences."""
    text = PAGES[page]
    shells = [found[2] for found in _FENCE.finditer(text) if found[1] in SHELLS]
    blocks = [dedent(found[0]) for found in _INDENTED.finditer(_FENCE.sub("", text))]
    lines = [line for block in [*blocks, *shells] for line in block.splitlines()]
    return [line.partition("  ")[0].strip() for line in lines if line.startswith("newsletter ")]


def mentions(page: str) -> list[str]:
    """Return the commands that a page names within its sentences."""
    text = _FENCE.sub("", PAGES[page])
    return [" ".join(found.split()) for found in re.findall(r"`(newsletter [^`]+)`", text)]


def find_command(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that *words* begin with, and the rest of them. Raises KeyError for one that is none."""
    command: click.Command = cli
    rest = [word for word in words if word != "--debug"]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.commands[rest.pop(0)]
    return command, rest


def split(line: str) -> list[str]:
    """Return the words behind ``newsletter`` of a line to type, without where its output goes."""
    return shlex.split(line.partition(" > ")[0], comments=True)[1:]


def all_commands(command: click.Command = cli, name: str = "newsletter") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name, those of a group behind it."""
    yield name, command
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from all_commands(inner, f"{name} {inner.name}")


def options(command: click.Command) -> list[str]:
    """Return the long options of *command*."""
    return [text for param in command.params for text in param.opts if text.startswith("--")]


# --- what is generated ------------------------------------------------------------------------------------------------


def made_checks() -> str:
    """Return docs/checks.md: every code with what it is about."""
    parts = [dedent(_OPENING["docs/checks.md"])]
    families = list(_FAMILIES)
    begun: set[str] = set()
    for rule in rules():
        family = next(family for family in reversed(families) if rule.code.startswith(family))
        title, words = _FAMILIES[family]
        if family not in begun and title:
            parts.append("\n".join([f"## {title}", *(["", words] if words else []), ""]))
        begun.add(family)
        summary, _, explanation = re.sub(r"[<*\[]", r"\\\g<0>", rule.explanation).partition("\n\n")
        parts.append(
            f"### {rule.code} {rule.name}\n\n**{rule.severity.capitalize()}.** {summary}\n\n{explanation.strip()}\n"
        )
    return "\n".join(parts)


def made_commands() -> str:
    """Return docs/commands.md: the help of every command."""
    parts = [dedent(_OPENING["docs/commands.md"])]
    for name, command in all_commands():
        heading = "#" * (2 + (name.count(" ") > 1))
        parts.append(f"{heading} {name}\n\n```text\n{shown_help(name, command)}```\n")
    return "\n".join(parts)


def shown_help(name: str, command: click.Command) -> str:
    """Return what ``--help`` prints on a terminal of a usual width."""
    settings = {**cli.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    with click.Context(command, info_name=name, **settings) as context:
        lines = command.get_help(context).splitlines()
    # click before 8.2 does not say that the command of a group may be left out
    return "\n".join([*(line.rstrip() for line in lines), ""]).replace("[COMMAND] [ARGS]", "COMMAND [ARGS]")


def made_architecture() -> str:
    """Return docs/architecture.md with its picture of the floors drawn anew."""
    before, begin, rest = PAGES["docs/architecture.md"].partition("<!-- floors -->\n")
    _, end, after = rest.partition("<!-- end of floors -->\n")
    return f"{before}{begin}\n{made_floors()}\n{end}{after}"


def made_floors() -> str:
    """Return the picture of the house: a box a floor, the roof first."""
    edge = f"+{'-' * 10}+{'-' * (WIDTH - 13)}+"
    lines = [edge]
    for floor, modules in reversed(FLOORS.items()):
        names = _filled([module for module in modules if module != "__main__"], WIDTH - 15)
        lines += [f"| {floor if not row else '':<8} | {text:<{WIDTH - 15}} |" for row, text in enumerate(names)]
        lines.append(edge)
    return indent("\n".join(lines) + "\n", "    ")


def _filled(words: list[str], width: int) -> list[str]:
    lines = [""]
    for word in words:
        if len(f"{lines[-1]} {word}") > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
