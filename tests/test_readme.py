"""The README keeps its word: two commands, a fault as it is told, every command. Its examples: test_docs_examples."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from program import run

from newsletter.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def section(title: str) -> str:
    """Return the README's section of that title."""
    _, _, rest = README.partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


def fences(text: str) -> list[str]:
    """Return what stands in the fenced blocks of *text*."""
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_two_commands_are_two_lines() -> None:
    """The section holds exactly two fenced commands, each of one line that can be pasted as it stands."""
    commands = fences(section("Two commands"))
    assert len(commands) == 2
    for command in commands:
        assert command.count("\n") == 1
        assert not set(command) & set("#$\\")


def test_the_first_command_sends_january_to_the_sample_list() -> None:
    """The first one does the main job, the second one runs the tests."""
    first, second = fences(section("Two commands"))
    assert first.endswith(
        ".venv/bin/newsletter build 2026-01 && .venv/bin/newsletter send 2026-01 --list practitioners --yes\n"
    )
    assert ".venv/bin/pytest" in second


def test_ci_runs_the_second_command() -> None:
    """CI takes the command from the README, so that the two cannot drift apart."""
    script = (ROOT / ".ci/run").read_text("utf-8")
    taken = re.search(r"^tests=\$\((awk .*)\)$", script, re.MULTILINE)
    assert taken
    done = subprocess.run(["bash", "-c", taken[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert fences(section("Two commands"))[1] == done.stdout


def test_the_fault_shown_is_what_is_said(workspace: Path) -> None:
    """The message shown in the tour is the one that an unquoted colon gets, word for word."""
    shown = re.search(r"^ {4}issues/2026-03\.yaml.*\n(?: {6}.*\n)+", README, re.MULTILINE)
    assert shown
    text = "subject: March 2026 newsletter\nsections:\n  - type: article\n    title: Safer Internet Day: what changed\n"
    (workspace / "issues/2026-03.yaml").write_text(text, "utf-8")
    done = run("check", "2026-03", cwd=workspace)
    told = [line.rstrip() for line in done.stdout.partition("\n\n")[0].splitlines()]
    assert [line.removeprefix("    ") for line in shown[0].splitlines()] == told


def test_every_command_is_in_the_readme() -> None:
    """Each command there is stands in the README."""
    assert [name for name in cli.commands if f"newsletter {name}" not in README and f"`{name}`" not in README] == []
