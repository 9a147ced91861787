"""What is no database of ours, or may not be touched by us, is told and stays as it is."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import databases
import pytest
from databases import RESTORE, SECOND, add, error_of, look, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

path = databases.path

NOBODY = 65534


# --- what is no database of ours --------------------------------------------------------------------------------------


def foreign(path: Path, *statements: str) -> None:
    """Make the database of another program."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in ("CREATE TABLE cat(name)", "INSERT INTO cat VALUES ('Tom')", *statements):
            connection.execute(statement)


def empty(path: Path) -> None:
    """Zero bytes."""
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    """No database."""
    path.write_bytes(os.urandom(9000))


def headless(path: Path) -> None:
    """A database of ours of which the first 50 bytes are left."""
    add(path, "a")
    os.truncate(path, 50)


def truncated(path: Path) -> None:
    """A database of ours of which the first page is left."""
    add(path, *(f"{n} " * 500 for n in range(20)))
    os.truncate(path, 4096)


def with_another_application_id(path: Path) -> None:
    """A database of a program that says so."""
    foreign(path, "PRAGMA application_id = 77", "PRAGMA user_version = 1")


def without_an_application_id(path: Path) -> None:
    """A database of a program that numbers its versions as we do."""
    foreign(path, "PRAGMA user_version = 1")


def in_another_mode(path: Path) -> None:
    """A database of another program, in a mode that is not ours."""
    foreign(path, "PRAGMA journal_mode = wal")


def newer(path: Path) -> None:
    """A database of ours, from the future."""
    opened(path, SECOND)


def linked(path: Path) -> None:
    """A link to a database of ours."""
    add(path.with_name("real.db"), "a")
    path.symlink_to("real.db")


def leading_nowhere(path: Path) -> None:
    """A link to where nothing is."""
    path.symlink_to("gone.db")


def a_folder(path: Path) -> None:
    """A folder of that name."""
    path.mkdir()


def a_pipe(path: Path) -> None:
    """A pipe of that name, at which a reader would wait for ever."""
    os.mkfifo(path)


def journal_alone(path: Path) -> None:
    """What SQLite leaves of a database that was deleted just after a crash."""
    path.with_name("things.db-journal").write_bytes(os.urandom(2000))


DAMAGED = ("things.db is damaged: it is no database", RESTORE)
ANOTHER = ("things.db is another program's database", "Move it out of this folder.")
STRANGE = ("things.db is not an ordinary file", "A link to it is refused, too: it may be swapped.")
NOT_OURS = [
    (empty, DAMAGED),
    (garbage, DAMAGED),
    (headless, DAMAGED),
    (truncated, ("things.db is damaged", RESTORE)),
    (with_another_application_id, ANOTHER),
    (without_an_application_id, ANOTHER),
    (in_another_mode, ANOTHER),
    (newer, ("things.db was made by a newer newsletter", "Update this one, and send again.")),
    (linked, STRANGE),
    (leading_nowhere, STRANGE),
    (a_folder, STRANGE),
    (a_pipe, STRANGE),
    (journal_alone, ("things.db is gone, but its journal is here", RESTORE)),
]


@pytest.mark.parametrize(("make", "told"), NOT_OURS, ids=lambda one: getattr(one, "__name__", ""))
def test_not_ours(make: Callable[[Path], None], told: tuple[str, str], path: Path) -> None:
    """What is no database of ours is told in a line with what to do, and stays as it is (G10, G11, G14)."""
    if os.name == "nt" and make in {linked, leading_nowhere, a_pipe}:
        pytest.skip("Windows gives no such thing to everybody")
    path.parent.mkdir()
    make(path)
    before = look(path.parent)
    assert told == error_of(path)
    assert before == look(path.parent)


@contextmanager
def folder_of_nobody() -> Iterator[Path]:
    """A folder that belongs to an account without rights, which is ours within; as root only."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


def test_unreadable() -> None:
    """A database that may not be read is told so, and stays as it is (G9)."""
    hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
    with folder_of_nobody() as folder:
        add(folder / "things.db", "a")
        before = look(folder)
        (folder / "things.db").chmod(0)
        assert ("things.db cannot be used: Permission denied", hint) == error_of(folder / "things.db")
        assert 0 == stat.S_IMODE((folder / "things.db").stat().st_mode)
        (folder / "things.db").chmod(0o600)
        assert before == look(folder)


def test_a_folder_that_cannot_be_written() -> None:
    """A folder that takes no file is told so (G9)."""
    hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
    with folder_of_nobody() as folder:
        folder.chmod(0o500)
        assert ("things.db cannot be used: Permission denied", hint) == error_of(folder / "things.db")
        assert {} == look(folder)


def test_of_somebody_else(path: Path) -> None:
    """A database that belongs to another account is refused, and stays as it is (G9)."""
    add(path, "a")
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(path, NOBODY, NOBODY)
    before = look(path.parent)
    assert ("things.db belongs to somebody else", "Send from the account that owns it.") == error_of(path)
    assert (before, NOBODY) == (look(path.parent), path.stat().st_uid)
