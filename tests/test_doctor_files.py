"""``newsletter doctor``: who else can get at lists, keys and state, and whether copied templates are of today."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import examinations
import pytest
from examinations import ERROR, OK, REAL, WARNING, briefly, git
from sends import posix

from newsletter.doctor import Level, files
from newsletter.files import private_folder, write_private
from newsletter.templates import copy_template

repository = examinations.repository

# --- who else can get at the files ---


@posix
def test_rights_of_the_state(tmp_path: Path) -> None:
    """A state that others can look into is an error, and the line to type mends it; links do not count."""
    state = private_folder(tmp_path / "state")
    write_private(state / "outbox/2026-01--practitioners/a.eml", b"")
    (state / "link").symlink_to("/etc/hostname")
    assert [(OK, f"{state.as_posix()} can be read by you alone")] == briefly(files.rights(state))
    (state / "outbox/2026-01--practitioners/a.eml").chmod(0o640)
    (state / "outbox").chmod(0o755)
    (found,) = files.rights(state)
    assert (ERROR, f"{state.as_posix()} is open to others on this computer, in 2 places") == (
        found.level, found.message,
    )  # fmt: skip
    subprocess.run(shlex.split(found.hint.splitlines()[1]), check=True)
    assert [OK] == [level for level, _ in briefly(files.rights(state))]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_state_of_somebody_else(tmp_path: Path) -> None:
    """A file in the state that another account owns is an error."""
    state = private_folder(tmp_path / "state")
    write_private(state / "key", b"")
    os.chown(state / "key", 65534, -1)
    assert [(ERROR, f"{state.as_posix()} holds 1 file of another account")] == briefly(files.rights(state))


@posix
def test_d23_rights_of_a_list() -> None:
    """D23: a list that others can read is an error, unless a folder above it keeps them out."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        file = folder / "people.csv"
        file.write_text(REAL, "utf-8")
        file.chmod(0o644)
        (found,) = files.list_rights("people.csv", file)
        assert (ERROR, "people.csv can be read by others on this computer") == (found.level, found.message)
        folder.chmod(0o700)
        assert [] == list(files.list_rights("people.csv", file))
        folder.chmod(0o755)
        subprocess.run(shlex.split(found.hint.splitlines()[1]), check=True)
        assert [] == list(files.list_rights("people.csv", file))


def asked_of_git(workspace: Path) -> list[tuple[Level, str]]:
    """What is said of the list and of the state."""
    return [
        *briefly(files.shared_by_git(workspace / "lists/practitioners.csv", "LIST")),
        *briefly(files.keys(workspace / ".newsletter")),
        *briefly(files.shared_by_git(workspace / ".newsletter", "STATE")),
    ]


def test_git_leaves_them_alone(repository: Path) -> None:
    """What git ignores is well."""
    assert [(OK, "git leaves LIST alone"), (OK, "git leaves STATE alone")] == asked_of_git(repository)


def test_d23_git_has_them(repository: Path) -> None:
    """D23: people and keys that git has are errors, even where they are ignored, and the lines to type mend it."""
    git(repository, "add", "-f", ".newsletter/secrets.env", "lists/practitioners.csv")
    told = [error for error in asked_of_git(repository) if error[0] is ERROR]
    assert [
        "git has LIST, and whoever gets the repository has what is in it",
        f"git has {(repository / '.newsletter/secrets.env').as_posix()}, and whoever gets the repository has your keys",
        "git has STATE, and whoever gets the repository has what is in it",
    ] == [message for _, message in told]
    for name in ("lists/practitioners.csv", ".newsletter"):
        (found,) = files.shared_by_git(repository / name, name)
        subprocess.run(shlex.split(found.hint.splitlines()[-1]), cwd=repository, check=True, capture_output=True)
    assert [OK, OK] == [level for level, _ in asked_of_git(repository)]


def test_git_would_take_them_along(repository: Path) -> None:
    """What the next ``git add`` would take is an error, and the lines to add mend it."""
    (repository / ".gitignore").unlink()
    assert [(ERROR, "git would take LIST along"), (ERROR, "git would take STATE along")] == asked_of_git(repository)
    hints = [
        next(files.shared_by_git(repository / name, "")).hint for name in ("lists/practitioners.csv", ".newsletter")
    ]
    (repository / ".gitignore").write_text("".join(f"{hint.splitlines()[1].strip()}\n" for hint in hints), "utf-8")
    assert [OK, OK] == [level for level, _ in asked_of_git(repository)]


def test_without_a_repository(workspace: Path) -> None:
    """Where there is no repository nothing can get into one."""
    assert [(OK, "LIST lies in no git repository")] == briefly(
        files.shared_by_git(workspace / "lists/practitioners.csv", "LIST")
    )


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that no git is there to ask about is a warning."""
    monkeypatch.setenv("PATH", str(repository))
    told = [(WARNING, f"git could not be asked whether it has {name}") for name in ("LIST", "STATE")]
    assert told == asked_of_git(repository)


# --- templates ---


def marked(root: Path) -> list[tuple[Level, str]]:
    """What is said of the templates, up to the semicolon."""
    return [(level, said.partition(";")[0]) for level, said in briefly(files.templates(root))]


def test_templates(workspace: Path) -> None:
    """A copy says which packaged template it was made from, wherever in it and with whatever line ends it says so."""
    assert [] == marked(workspace)
    path = copy_template(workspace, "footer.html")
    text = path.read_text("utf-8")
    first, _, rest = text.partition("\n")
    yours, changed = (
        (OK, "templates/footer.html is yours"),
        (WARNING, "templates/footer.html: the packaged one has changed since it was copied"),
    )
    assert [yours] == marked(workspace)
    for written in (f"<p>{rest}\n{first}\n", text.replace("\n", "\r\n")):
        path.write_bytes(written.encode())
        assert [yours] == marked(workspace)
    path.write_text(text.replace(first.split(", ")[1][:12], "0123456789ab"), "utf-8")
    assert [changed] == marked(workspace)


@pytest.mark.parametrize(
    ("end", "told"), [("", "the packaged one is still as it was"), ("<p>", "is not written in it")]
)
def test_a_copy_that_says_nothing(end: str, told: str, workspace: Path) -> None:
    """A copy whose first line was taken out is known while it is the packaged one; else nothing is claimed."""
    path = copy_template(workspace, "footer.html")
    path.write_text(path.read_text("utf-8").partition("\n")[2] + end, "utf-8")
    ((level, said),) = briefly(files.templates(workspace))
    assert (OK, True) == (level, said.endswith(told))
