"""What git is asked: whose name it has, and which files it has or would take along."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from components import missing

from newsletter.git import Standing, standing, user_name

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty repository."""
    if shutil.which("git") is None:
        missing("git (Debian package git)")
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder: Path, *words: str) -> None:
    """Run git in *folder*."""
    subprocess.run(["git", *words], cwd=folder, check=True)


def test_each_standing(repository: Path) -> None:
    """A file is told to be tracked, ignored, or about to be taken along."""
    for name in ("tracked.csv", "ignored.csv", "exposed.csv"):
        (repository / name).touch()
    (repository / ".gitignore").write_text("/ignored.csv\n", "utf-8")
    git(repository, "add", "tracked.csv")
    found = [standing(repository / f"{name}.csv") for name in ("tracked", "ignored", "exposed")]
    assert [Standing.TRACKED, Standing.IGNORED, Standing.EXPOSED] == found


def test_a_name_is_no_pattern(repository: Path) -> None:
    """A file whose name git could take for a pattern is not taken for another that it has."""
    for name in ("list1.csv", "list[1].csv"):
        (repository / name).touch()
    git(repository, "add", "list1.csv")
    assert [Standing.EXPOSED, Standing.TRACKED] == [
        standing(repository / "list[1].csv"), standing(repository / "list1.csv")
    ]  # fmt: skip


def test_the_name_of_whoever_commits(repository: Path) -> None:
    """The name that this repository gives whoever commits is told, in whatever letters."""
    git(repository, "config", "user.name", "Zoë Sample")
    assert "Zoë Sample" == user_name(repository)


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, nothing is known of a repository's files, and nobody's name."""
    monkeypatch.setenv("PATH", "")
    assert (Standing.UNKNOWN, "") == (standing(repository / "list.csv"), user_name(repository))
