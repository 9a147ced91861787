"""Workspaces with and without faults, and the commands that check them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import pytest

from newsletter.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]
    Write = Callable[..., Path]

PROGRAM = [sys.executable, "-m", "newsletter"]
ISSUE = """
    subject: {month} newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News of {month}
        body: {body}
        links:
          - {{text: Read the {month} summary, url: "https://example.org/{id}"}}
"""
DIARY = """\
      - type: diary
        title: Dates for your diary
        dates:
          - {} 10 February 2026 - Safer Internet Day
"""
TWICE = "issues/2025-12.yaml:7:11: warning N130: "
BROKEN = "subject: [\n"
FORMATS = ["text", "json", "github", "sarif"]


def issue(month: str, id: str, body: str = "") -> str:  # noqa: A002
    """Return an issue without a fault, unless its *body* has one."""
    return ISSUE.format(month=month, id=id, body=body or f"The words of {month}.")


@pytest.fixture
def ready(workspace: Path, write_issue: Write) -> Path:
    """A workspace with two issues that have no fault."""
    write_issue(issue("December 2025", "2025-12"), "2025-12")
    write_issue(issue("January 2026", "2026-01"), "2026-01")
    return workspace


@pytest.fixture
def wrong(ready: Path, write_issue: Write) -> Path:
    """The same, with an error in January and a warning in December."""
    write_issue(issue("December 2025", "2025-12", "the the words"), "2025-12")
    write_issue(issue("January 2026", "2026-01") + DIARY.format("Wednesday"), "2026-01")
    return ready


@pytest.fixture
def run(workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that gives a command in the workspace, and returns its exit code and what it printed."""
    monkeypatch.chdir(workspace)

    def give(*words: str) -> tuple[int, str, str]:
        try:
            code = cli.main(list(words), prog_name="newsletter", standalone_mode=False) or 0
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        return (code, *capsys.readouterr())

    return give


# --- what stops an issue ---


@pytest.fixture
def unreadable(ready: Path, write_issue: Write) -> Path:
    """A workspace with an issue that is not YAML."""
    write_issue(BROKEN, "2025-11")
    return ready
