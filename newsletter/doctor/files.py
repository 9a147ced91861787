"""Who else can get at the files: other people on this computer, and whoever gets the git repository."""

from __future__ import annotations

import os
import shlex
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from newsletter import credentials
from newsletter.doctor import Diagnosis, error, ok, warning
from newsletter.git import Standing, repository, standing
from newsletter.templates import Copied, copied_from, own_template, template_names
from newsletter.terminal import count, near

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HISTORY = (
    "What was committed stays in git's history: ask whoever looks after the repository to remove it there. "
    "Then take it out:\n  git rm -r --cached {name}"
)


def rights(state: Path) -> Iterator[Diagnosis]:
    """Say whether the state is its owner's alone: it holds addresses, keys, and copies of mail."""
    where = near(state)
    if not hasattr(os, "geteuid"):
        yield ok(f"{where}: Windows gives your folders to you alone, so rights are not looked at")
        return
    found = _entries(state)
    if others := sum(entry.st_uid != os.geteuid() for entry in found):
        hint = "Work from the account that owns it."
        yield error(f"{where} holds {count(others, 'file')} of another account", hint)
    elif exposed := sum(bool(entry.st_mode & (stat.S_IRWXG | stat.S_IRWXO)) for entry in found):
        hint = f"Keep it to yourself:\n  chmod -R go= {shlex.quote(str(state))}"
        yield error(f"{where} is open to others on this computer, in {count(exposed, 'place')}", hint)
    elif found:
        yield ok(f"{where} can be read by you alone")


def keys(state: Path) -> Iterator[Diagnosis]:
    """Say when git has the file of secrets."""
    if standing((state / credentials.FILE).resolve()) is Standing.TRACKED:
        hint = "Make new keys at your provider: the old ones stay in git's history."
        yield error(f"git has {near(state / credentials.FILE)}, and whoever gets the repository has your keys", hint)


def _entries(state: Path) -> list[os.stat_result]:
    """Return what is known of the folder *state* and of all in it; links are no files of ours."""
    found = []
    for path in (state, *state.rglob("*")):
        with suppress(OSError):  # a send that runs meanwhile takes files away
            found.append(path.lstat())
    return [entry for entry in found if not stat.S_ISLNK(entry.st_mode)]


def list_rights(file: str, path: Path) -> Iterator[Diagnosis]:
    """Say whether others on this computer can read the people in the list file *path*, called *file*."""
    if not hasattr(os, "geteuid"):
        return
    mode = path.stat().st_mode
    if not mode & (stat.S_IRGRP | stat.S_IROTH):
        return
    if all(folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH) for folder in path.resolve().parents):
        hint = f"Keep it to yourself:\n  chmod go= {shlex.quote(near(path))}"
        yield error(f"{file} can be read by others on this computer", hint)


def shared_by_git(path: Path, called: str) -> Iterator[Diagnosis]:
    """Say whether git has *path*, a file or folder with people or keys that is *called* so, or would take it along."""
    path = path.resolve()
    found, root = standing(path), repository(path)
    if root is None:
        yield ok(f"{called} lies in no git repository")
        return
    name = path.relative_to(root).as_posix()
    if found is Standing.TRACKED:
        hint = _HISTORY.format(name=shlex.quote(name))
        yield error(f"git has {called}, and whoever gets the repository has what is in it", hint)
    elif found is Standing.EXPOSED:
        hint = f"Add this line to {near(root / '.gitignore')}:\n  /{name}"
        yield error(f"git would take {called} along", hint)
    elif found is Standing.IGNORED:
        yield ok(f"git leaves {called} alone")
    else:
        yield warning(f"git could not be asked whether it has {called}", "Install git, or look yourself: git ls-files")


def templates(root: Path) -> Iterator[Diagnosis]:
    """Say of each template that the workspace *root* has of its own whether the packaged one has changed since."""
    for name in template_names():
        own = own_template(root, name)
        if own is None:
            continue
        found = copied_from(own, name)
        if found is Copied.CHANGED:
            hint = (
                "To have what is new: give yours another name, then\n"
                f"  newsletter templates copy {name}\nand make your changes in the new copy."
            )
            yield warning(f"templates/{name}: the packaged one has changed since it was copied", hint)
        elif found is Copied.CURRENT:
            yield ok(f"templates/{name} is yours; the packaged one is still as it was")
        else:
            yield ok(f"templates/{name} is yours; which one it was copied from is not written in it")
