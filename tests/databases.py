"""A database that a test opens, fills and looks at, and the words with which one is refused."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.database import database, transaction
from newsletter.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION = 0x54455354  # "TEST"
TABLES = ("CREATE TABLE thing(name TEXT NOT NULL) STRICT;\n",)
SECOND = (*TABLES, "ALTER TABLE thing ADD COLUMN colour TEXT;\nINSERT INTO thing VALUES ('new', 'red');\n")
RESTORE = "Copy it back from a backup of this folder. Never delete it: it knows who has had which issue."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is to be."""
    return tmp_path / "state" / "things.db"


def opened(path: Path, tables: tuple[str, ...] = TABLES) -> list[Any]:
    """Open it, and return what it holds."""
    with database(path, application=APPLICATION, tables=tables) as connection:
        return connection.execute("SELECT * FROM thing ORDER BY 1").fetchall()


def add(path: Path, *names: str) -> None:
    """Open it, and have it hold more."""
    with database(path, application=APPLICATION, tables=TABLES) as connection, transaction(connection):
        connection.executemany("INSERT INTO thing(name) VALUES (?)", [(name,) for name in names])


def look(folder: Path) -> dict[str, object]:
    """Everything in a folder: the bytes of each file, and what each other thing is."""
    return {
        one.name: one.read_bytes() if stat.S_ISREG(one.lstat().st_mode) else (one.lstat().st_mode, one.lstat().st_ino)
        for one in folder.iterdir()
    }


def error_of(path: Path, tables: tuple[str, ...] = TABLES) -> tuple[str, str]:
    """Open it, which must fail with ConfigError; return message and hint."""
    with pytest.raises(ConfigError) as caught:
        opened(path, tables)
    assert "\n" not in caught.value.message
    return caught.value.message, caught.value.hint
