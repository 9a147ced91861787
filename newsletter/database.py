"""SQLite as this product needs it: one file a purpose, private, and on the disk before anything is done about it.

The pragmas are those that survive a power cut at any moment, and each is read back, since SQLite ignores one that it
does not know. Only `ledger` and `people` know their tables; this module knows none.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from newsletter.errors import ConfigError, RefusedError
from newsletter.files import private_folder, take_name, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# DELETE and EXTRA: with FULL alone the removal of the journal may be lost in a power cut, and with it the commit
# (https://sqlite.org/pragma.html#pragma_synchronous). fullfsync is what macOS needs to reach the platter.
_PRAGMAS = {
    "journal_mode": "delete",
    "synchronous": 3,  # EXTRA
    "foreign_keys": 1,
    "fullfsync": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
}
_WAIT = 5_000  # milliseconds for another process to end its commit
_MAGIC, _HEADER = b"SQLite format 3\x00", 100  # bytes
_NEEDED = (3, 37, 0)  # STRICT tables
_RESTORE = "Copy it back from a backup of this folder. Never delete it: it knows who has had which issue."


@contextmanager
def database(path: Path, *, application: int, tables: tuple[str, ...]) -> Iterator[sqlite3.Connection]:
    """Open the database at *path* for one `with`, making it, private, when it is not there.

    *application* tells our files from others' (PRAGMA application_id). *tables* are the steps by which its tables came
    about, one for each version: those that a file has not seen are run, each in one transaction. Raises ConfigError for
    what is no database of ours, is newer than this program, or cannot be used.
    """
    with _in_words(path.name):
        connection = _open(path, application, tables)
    with closing(connection), _in_words(path.name):
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is written within reach the disk as one, or nothing of it. Raises as `database` does."""
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    with _in_words(os.path.basename(file)), _whole(connection):  # noqa: PTH119  only its name
        yield


@contextmanager
def _whole(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")  # may fail as well, and then leave all of it open
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Tell a person of an error of SQLite's, without its SQL."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what extends it
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            hint = "Let that one end first."
            raise RefusedError("Not done: another newsletter command is at work here.", hint) from error
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise ConfigError(f"{name} is damaged", _RESTORE) from error
        if isinstance(error, sqlite3.OperationalError):
            hint = "Check that the disk has room and that you may write there. Then give the same command again."
            raise ConfigError(f"{name} cannot be written: {error}", hint) from error
        raise


def _open(path: Path, application: int, tables: tuple[str, ...]) -> sqlite3.Connection:
    try:
        _refuse_strange(path, application, newest=len(tables))
        private_folder(path.parent)
        if not path.exists():
            _make(path, application, tables)
        path.chmod(0o600)  # SQLite gives a journal the rights of its database
    except OSError as error:
        hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
        raise ConfigError(f"{path.name} cannot be used: {error.strerror}", hint) from error
    with ExitStack() as stack:
        connection = sqlite3.connect(path, timeout=_WAIT / 1000, isolation_level=None)
        stack.callback(connection.close)
        _set_up(connection, path)
        _migrate(connection, path, application, tables)
        stack.pop_all()
    return connection


def _refuse_strange(path: Path, application: int, *, newest: int) -> None:
    """Raise ConfigError for what must not be opened. SQLite is not asked: it would roll back or convert what it opens.

    Where the header (https://sqlite.org/fileformat.html) has its user version and application id.
    """
    if sqlite3.sqlite_version_info < _NEEDED:
        raise ConfigError(f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or later is needed", "Update Python.")
    has_journal = os.path.lexists(f"{path}-journal")  # asked for first: another process may be making both
    if not os.path.lexists(path):
        if has_journal:  # it would be played back into a new file
            raise ConfigError(f"{path.name} is gone, but its journal is here", _RESTORE)
        return
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path.name} is not an ordinary file", "A link to it is refused, too: it may be swapped.")
    if hasattr(os, "geteuid") and found.st_uid not in {os.geteuid(), 0}:
        raise ConfigError(f"{path.name} belongs to somebody else", "Send from the account that owns it.")
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise ConfigError(f"{path.name} is damaged: it is no database", _RESTORE)
    version, owner = (int.from_bytes(header[at : at + 4]) for at in (60, 68))
    if owner != application:
        raise ConfigError(f"{path.name} is another program's database", "Move it out of this folder.")
    if version > newest:
        raise ConfigError(f"{path.name} was made by a newer newsletter", "Update this one, and send again.")


def _make(path: Path, application: int, tables: tuple[str, ...]) -> None:
    """Make the database beside its name and give it that when it is whole: an empty file is never ours."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    os.close(handle)
    part = path.with_name(name.rpartition(os.sep)[2])
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            _set_up(connection, path)
            _migrate(connection, path, application, tables)
        take_name(part, path)
    except FileExistsError:
        pass  # another process was quicker, and made the same
    finally:
        part.unlink(missing_ok=True)


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        if connection.execute(f"PRAGMA {name}").fetchone() != (value,):
            raise ConfigError(f"{path.name}: SQLite does not grant {name} = {value}", "Use a local disk.")


def _migrate(connection: sqlite3.Connection, path: Path, application: int, tables: tuple[str, ...]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if 0 < version < len(tables):
        write_private(path.with_name(f"{path.name}.v{version}"), connection.serialize())  # as it was, whatever comes
    for number in range(version, len(tables)):
        with _whole(connection):
            for statement in _statements(tables[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {application}")
            connection.execute(f"PRAGMA user_version = {number + 1}")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of *script*: executescript() would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
