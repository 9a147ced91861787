"""What git knows: who works here, and which files it has or would take along; keys and people must not get there."""

from __future__ import annotations

import os
import subprocess
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# All that git needs of our environment: no secret goes there, and no GIT_DIR of a hook that runs us misleads it.
_FOR_GIT = ("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "SYSTEMROOT", "USERPROFILE")


class Standing(Enum):
    """How a file or folder stands to git."""

    TRACKED = auto()  # git has it, or something in it
    EXPOSED = auto()  # the next ``git add`` would take it along
    IGNORED = auto()
    APART = auto()  # it lies in no repository
    UNKNOWN = auto()  # there is no git here to ask, or it will not say


def repository(path: Path) -> Path | None:
    """Return the root of the repository that *path* lies in, None when it lies in none."""
    return next((folder for folder in path.parents if (folder / ".git").exists()), None)


def standing(path: Path) -> Standing:
    """Ask git how the file or folder *path*, links followed, stands to it."""
    root = repository(path)
    if root is None:
        return Standing.APART
    name = path.relative_to(root).as_posix()
    if _git(root, "ls-files", "--error-unmatch", "--", f":(literal){name}")[0] == 0:
        return Standing.TRACKED
    answers = {0: Standing.IGNORED, 1: Standing.EXPOSED}
    return answers.get(_git(root, "check-ignore", "--quiet", "--", name)[0], Standing.UNKNOWN)


def user_name(folder: Path) -> str:
    """Return the name of whoever commits in *folder*, empty where git knows none or there is no git."""
    return _git(folder, "config", "user.name")[1].strip()


def _git(folder: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code of git in *folder* and what it says; -1 and nothing where there is no git."""
    # fsmonitor is a program that a repository can name, and git would start.
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    environment = {name: os.environ[name] for name in _FOR_GIT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  the git of this computer
            command,
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, encoding="utf-8",
            errors="replace",
        )  # fmt: skip
    except OSError:
        return -1, ""
    return done.returncode, done.stdout
