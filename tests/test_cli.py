"""The program as it is typed: help, exit codes, errors in words, what there is, and what a shell completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import builds
import click
import program
import pytest
from builds import BROKEN, built, posix, run

from newsletter import __version__
from newsletter.cli import cli
from newsletter.crashes import in_words
from newsletter.errors import ConfigError
from newsletter.sections import section_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ready = builds.ready


def every_command() -> Iterator[tuple[str, ...]]:
    """The words that lead to each command: ("templates", "copy")."""

    def below(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from below(inner, (*words, name))

    return below(cli, ())


# --- help, version and speed ---


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_help(words: tuple[str, ...], tmp_path: Path) -> None:
    """Every command says in its help what it does, ends with examples a line each, and needs no workspace."""
    done = run(*words, "--help", cwd=tmp_path)
    head, _, examples = done.stdout.partition("\n  Examples:\n")
    lines = examples.splitlines()
    assert (0, "", True) == (done.returncode, done.stderr, head.startswith("Usage: newsletter"))
    assert (True, []) == (bool(lines), [line for line in lines if not line.startswith("    newsletter ")])
    assert {True} == {line.split()[1 : 1 + len(words)] == list(words) for line in lines}
    assert {line.split()[1] for line in lines} <= set(cli.commands)
    assert "\\b" not in done.stdout


def test_short_help(tmp_path: Path) -> None:
    """``-h`` is ``--help``."""
    assert run("--help", cwd=tmp_path).stdout == run("-h", cwd=tmp_path).stdout


def test_version(tmp_path: Path) -> None:
    """``--version`` prints the name and the version."""
    assert f"newsletter {__version__}\n" == run("--version", cwd=tmp_path).stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_is_quick(option: str, tmp_path: Path) -> None:
    """Help and version load of other people's code click alone, of ours the commands, and nothing heavy."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "newsletter", option],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "newsletter.cli" in loaded
    heavy = {"sqlite3", "email.message", "email.parser", "zoneinfo", "http.client", "ssl", "asyncio", "xml", "logging"}
    heavy |= {"json", "csv", "difflib", "dataclasses"}
    foreign = {
        "pydantic", "pydantic_core", "jinja2", "markupsafe", "premailer", "cssutils", "requests", "urllib3", "yaml",
        "lxml", "email_validator", "idna", "imagesize", "markdown_it", "linkify_it", "nh3", "keyring",
        "dns", "icalendar", "dateutil",
    }  # fmt: skip
    assert set() == heavy & loaded
    assert set() == foreign & {name.partition(".")[0] for name in loaded}
    ours = {name for name in loaded if name.startswith("newsletter.") and not name.startswith("newsletter.commands")}
    assert {f"newsletter.{name}" for name in ("cli", "crashes", "errors", "terminal")} == ours


# --- exit codes and errors in words ---


@pytest.mark.parametrize(
    "words", [("buld",), ("build", "--al"), ("send",), ("send", "--list"), ("build", "--output"), ()]
)
def test_usage(words: tuple[str, ...], ready: Path) -> None:
    """What click does not understand is exit code 2, without a traceback."""
    done = run(*words, cwd=ready)
    assert (2, "", False) == (done.returncode, done.stdout, "Traceback" in done.stderr)


def test_a_misspelt_command(tmp_path: Path) -> None:
    """A misspelt command is met with the nearest."""
    assert "'build'" in run("biuld", cwd=tmp_path).stderr


IDS = [
    "../../etc/passwd",
    "/etc/passwd",
    "..\\x",
    "a\nb",
    "; ls",
    "$(ls)",
    "-x",
    "2026-13",
    "2026-13.yaml",
    "",
    "2026-01-Ä",
    "\x1b[31m",
]


@pytest.mark.parametrize("issue", IDS)
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners", "--yes")])
def test_what_is_no_id(issue: str, command: tuple[str, ...], ready: Path) -> None:
    """What is no issue id is refused in one line that shows it harmlessly, and nothing is opened or written."""
    before = sorted(ready.rglob("*"))
    done = run(*command, "--", issue, cwd=ready)
    told = (
        f"error: {issue!r} is not an issue id\n"
        "  An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition.\n"
    )
    assert (2, "", told, before) == (done.returncode, done.stdout, done.stderr, sorted(ready.rglob("*")))


def test_an_id_that_is_not_there(ready: Path) -> None:
    """An id without a file is refused with the nearest that has one."""
    done = run("build", "2026-02", cwd=ready)
    told = 'error: there is no issue 2026-02\n  Did you mean "2026-01"?\n'
    assert (2, "", told) == (done.returncode, done.stdout, done.stderr)


CONFIGS = [
    (None, "there is no newsletter.yaml in this folder or above it"),
    ("", "newsletter.yaml cannot be read"),
    ("title: [\n", "newsletter.yaml cannot be read"),
    ("title: X\n", "newsletter.yaml cannot be used yet"),
    ("colour: red\n", "newsletter.yaml cannot be used yet"),
]


@pytest.mark.parametrize(("text", "told"), CONFIGS, ids=["missing", "empty", "not YAML", "incomplete", "unknown key"])
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners"), ("templates",)])
def test_a_workspace_that_is_not_ready(text: str | None, told: str, command: tuple[str, ...], ready: Path) -> None:
    """Without a newsletter.yaml that can be used every command ends with 3 and one line, its findings before it."""
    (ready / "newsletter.yaml").unlink()
    if text is not None:
        (ready / "newsletter.yaml").write_text(text, "utf-8")
    done = run(*command, cwd=ready)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (3, "", [f"error: {told}"]) == (done.returncode, done.stdout, errors)
    assert {} == built(ready)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("sam@example.org"), "newsletter has a fault of its own (KeyError). Nothing more was done."),
        (OSError("sam@example.org"), "newsletter has a fault of its own (OSError). Nothing more was done."),
        (PermissionError(13, "Permission denied", "build/x"), "build/x: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ConfigError("ours"), "ours"),
    ],
)
def test_words_for_errors(error: Exception, message: str) -> None:
    """Of an error not ours only the kind is told, or file and reason of the system: its words may hold an address."""
    told = in_words(error)
    assert message == told.message
    assert "sam@" not in told.message + told.hint


def test_debug(ready: Path) -> None:
    """An error shows a traceback with --debug and none without."""
    (ready / "issues/2026-01.yaml").write_text(BROKEN, "utf-8")
    outputs = [run(*words, "build", cwd=ready).stderr for words in ((), ("--debug",))]
    assert [False, True] == ["Traceback (most recent call last)" in output for output in outputs]


@posix
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners"), ("templates",)])
def test_a_folder_that_is_gone(command: tuple[str, ...], ready: Path) -> None:
    """In a folder that somebody deleted every command ends with one line."""
    gone = ready / "gone"
    gone.mkdir()
    line = 'cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *program.PROGRAM, *command],
        cwd=ready,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    told = "error: this folder is not there any more\n  Change into your newsletter's folder.\n"
    assert (3, "", told) == (done.returncode, done.stdout, done.stderr)


# --- what there is ---


def test_sections(tmp_path: Path) -> None:
    """``sections`` names each type in a line, with what it is."""
    done = run("sections", cwd=tmp_path)
    assert list(section_types()) == [line.split()[0] for line in done.stdout.splitlines()]
    assert {True} == {len(line) > 20 for line in done.stdout.splitlines()}


def test_providers(tmp_path: Path) -> None:
    """``providers`` names each way that mail can leave in a line, the outbox among them."""
    done = run("providers", cwd=tmp_path)
    assert "outbox      Writes each copy to a file of its own." in done.stdout.splitlines()


def test_schema(tmp_path: Path) -> None:
    """``schema`` prints JSON that any console can hold."""
    done = run("schema", cwd=tmp_path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# --- what a shell completes ---


def complete(workspace: Path, *words: str) -> list[str]:
    """What bash is told for the last of *words*."""
    environment = {
        "_NEWSLETTER_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("newsletter", *words)),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = run(cwd=workspace, env=os.environ | environment)
    assert (0, "") == (done.returncode, done.stderr)
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("bui",), ["build"]),
        (("build", "2026"), ["2026-03-annual-report", "2026-01"]),
        (("build", "2026-01", "2025"), ["2025-12"]),
        (("send", "2"), ["2026-03-annual-report", "2026-01", "2025-12"]),
        (("send", "--list", "pr"), ["practitioners"]),
        (("send", "--list", "x"), []),
        (("send", "--dr"), ["--dry-run"]),
    ],
    ids=" ".join,
)
def test_completion(words: tuple[str, ...], found: list[str], ready: Path) -> None:
    """A shell completes commands, options, issue ids with the newest first, and list names."""
    assert found == complete(ready, *words)


def test_completion_without_a_workspace(tmp_path: Path) -> None:
    """Outside a workspace nothing is completed, and nothing complained of."""
    assert [[], []] == [complete(tmp_path, "build", "2"), complete(tmp_path, "send", "--list", "p")]
