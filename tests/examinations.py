"""What ``newsletter doctor`` says of a workspace, in full or in short."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from components import missing

from newsletter.cli import cli
from newsletter.doctor import Diagnosis, Level
from newsletter.files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator


OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
KEY = "key-0123456789abcdef"
REAL = "email,name,source\namina@partnership.internal,Amina Khan,Form\nben@partnership.internal,Ben Okoro,Form\n"


def briefly(found: Iterator[Diagnosis]) -> list[tuple[Level, str]]:
    """How each thing is, without what to do; where something is not well, there must be something to do."""
    diagnoses = list(found)
    assert [one for one in diagnoses if (one.level is OK) is bool(one.hint)] == []
    return [(one.level, one.message) for one in diagnoses]


def run(workspace: Path, *options: str) -> tuple[int, str]:
    """Give the command in this process; return its exit code and what it showed."""
    before = Path.cwd()
    os.chdir(workspace)
    try:
        done = CliRunner().invoke(cli, ["doctor", *options])
    finally:
        os.chdir(before)
    assert KEY not in done.output
    return done.exit_code, done.stdout


@pytest.fixture
def repository(workspace: Path) -> Path:
    """The workspace as a git repository, its state and its lists ignored, with a list of real people."""
    if shutil.which("git") is None:
        missing("git")
    git(workspace, "init", "-q")
    (workspace / ".gitignore").write_text("/.newsletter/\n/lists/\n", "utf-8")
    (workspace / "lists/practitioners.csv").write_text(REAL, "utf-8")
    (workspace / "lists/practitioners.csv").chmod(0o600)
    write_private(workspace / ".newsletter/secrets.env", f"MAILGUN_API_KEY={KEY}\n".encode())
    return workspace


def git(folder: Path, *arguments: str) -> None:
    """Give a git command."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
