"""Secrets: who else can read the file they stand in, and whether git has it or would take it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import secretfiles
from components import missing
from secretfiles import KEY, posix, read, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_no_secrets, write = secretfiles._no_secrets, secretfiles.write

# --- bad-inputs E4: who else can read the file ---


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_e4_a_private_file(mode: int, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that its owner alone can read is read."""
    write(f"SMTP_PASSWORD={KEY}", mode)
    assert KEY == read(tmp_path)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601])
def test_e4_a_file_that_others_can_read(mode: int, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that others can do anything with is refused with the command to type, and that command mends it."""
    path = write(f"SMTP_PASSWORD={KEY}", mode)
    error = refusal(tmp_path)
    assert f"{path} can be read by others on this computer" == error.message
    first, line = error.hint.split("\n")
    assert ("Make it yours alone:", f"  chmod 600 {path}") == (first, line)
    subprocess.run(["sh", "-c", line], check=True)
    assert KEY == read(tmp_path)


@posix
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo"])
def test_e4_an_ordinary_file(kind: str, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A link, a folder or a FIFO in its place is refused, not followed and not waited for."""
    path = write(f"SMTP_PASSWORD={KEY}").rename(tmp_path / "elsewhere")
    file = tmp_path / "secrets.env"
    makers: dict[str, Callable[[], object]] = {
        "link": lambda: file.symlink_to(path),
        "dangling": lambda: file.symlink_to(tmp_path / "nowhere"),
        "folder": file.mkdir,
        "fifo": lambda: os.mkfifo(file),
    }
    makers[kind]()
    assert f"{file} is not an ordinary file" == refusal(tmp_path).message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_e4_a_file_of_somebody_else(tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that another account owns is not ours to trust."""
    path = write(f"SMTP_PASSWORD={KEY}")
    os.chown(path, 65534, -1)
    assert f"{path} belongs to somebody else" == refusal(tmp_path).message


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a state folder that holds a secret."""
    if shutil.which("git") is None:
        missing("git")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    state = tmp_path / ".newsletter"
    state.mkdir()
    (state / "secrets.env").touch(0o600)
    (state / "secrets.env").write_text(f"SMTP_PASSWORD={KEY}", "utf-8")
    return state


def test_e4_git_would_take_the_file(repository: Path) -> None:
    """A file that the next ``git add`` would take is refused with the line to add, and that line mends it."""
    file = repository / "secrets.env"
    error = refusal(repository)
    assert f"git would take {file} along" == error.message
    first, line = error.hint.split("\n")
    assert f"Add this line to {repository.parent / '.gitignore'}:" == first
    (repository.parent / ".gitignore").write_text(line.strip() + "\n", "utf-8")
    assert KEY == read(repository)


def test_e4_git_has_the_file(repository: Path) -> None:
    """A file that git has is refused even where it is ignored, with the command that takes it out."""
    root = repository.parent
    (root / ".gitignore").write_text("/.newsletter/\n", "utf-8")
    assert KEY == read(repository)
    subprocess.run(["git", "add", "-f", ".newsletter/secrets.env"], cwd=root, check=True)
    error = refusal(repository)
    assert f"git has {repository / 'secrets.env'}, and whoever gets the repository has your keys" == error.message
    subprocess.run(error.hint.split("\n")[1].split(), cwd=root, check=True, capture_output=True)
    assert KEY == read(repository)


def test_e4_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git to ask, the file is read."""
    monkeypatch.setenv("PATH", str(repository))
    assert KEY == read(repository)


@posix
def test_git_gets_no_secret(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a secret in our environment nor a GIT_DIR of a hook reaches git."""
    tool = repository / "git"
    tool.write_text(f'#!/bin/sh\n/usr/bin/env >> "{repository}/seen"\nexit 0\n', "utf-8")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(repository))
    monkeypatch.setenv("MAILGUN_API_KEY", KEY)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    refusal(repository)
    seen = (repository / "seen").read_text("utf-8")
    assert (True, False, False) == ("PATH=" in seen, KEY in seen, "GIT_DIR" in seen)
