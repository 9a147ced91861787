"""A database is private, whole and on the disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import databases
import pytest
from components import missing, small_disk_of
from databases import APPLICATION, RESTORE, SECOND, TABLES, add, error_of, look, opened
from ledgers import SECRET, crowd, handed_over, planned, states

from newsletter import database as module
from newsletter.database import database, transaction
from newsletter.errors import ConfigError, RefusedError
from newsletter.files import take_name
from newsletter.ledger import open_ledger
from newsletter.records import State

path = databases.path

BROKEN = (*TABLES, "ALTER TABLE thing ADD COLUMN colour TEXT;\nDROP TABLE nowhere;\n")


# --- what SQLite is told ----------------------------------------------------------------------------------------------


def test_pragmas(path: Path) -> None:
    """What makes a commit outlast a power cut is in force, as SQLite itself says when it is asked again."""
    expected = {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "fullfsync": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "application_id": APPLICATION,
        "user_version": 1,
    }
    with database(path, application=APPLICATION, tables=TABLES) as connection:
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in expected}
    assert expected == found


@pytest.mark.parametrize(("name", "value"), [("synchronous", 7), ("no_such_pragma", 1)])
def test_a_pragma_that_is_not_granted(name: str, value: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pragma that SQLite does not grant, or does not know, stops everything, and no file is left."""
    monkeypatch.setitem(module._PRAGMAS, name, value)
    assert (f"things.db: SQLite does not grant {name} = {value}", "Use a local disk.") == error_of(path)
    assert {} == look(path.parent)


def test_an_old_sqlite(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite that has no STRICT tables is refused."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.36.0")
    assert ("SQLite 3.36.0 is too old: 3.37 or later is needed", "Update Python.") == error_of(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_rights(path: Path) -> None:
    """Folder, database and journal are their owner's alone, even under umask 000 (G28)."""
    before = os.umask(0)
    try:
        with database(path, application=APPLICATION, tables=TABLES) as connection, transaction(connection):
            connection.execute("INSERT INTO thing VALUES ('a')")
            files = (path.parent, path, path.with_name("things.db-journal"))
            assert [0o700, 0o600, 0o600] == [stat.S_IMODE(file.stat().st_mode) for file in files]
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_rights_are_mended(path: Path) -> None:
    """A database that came back from a backup with the usual rights is private again."""
    add(path, "a")
    path.chmod(0o644)
    opened(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


# --- made, and made newer ---------------------------------------------------------------------------------------------


def test_made_beside_its_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets its name when it is whole: stopped just before, it leaves nothing that could be taken for ours."""

    def stop(part: Path, path: Path) -> None:
        assert ([("thing",)], False) == (_tables(part), path.exists())
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "take_name", stop)
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    assert {} == look(path.parent)


def _tables(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name FROM sqlite_master").fetchall()


def test_another_process_is_quicker(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process has made it in the meantime, what that one has written stays."""

    def late(part: Path, path: Path) -> None:
        monkeypatch.setattr(module, "take_name", take_name)
        add(path, "theirs")
        take_name(part, path)

    monkeypatch.setattr(module, "take_name", late)
    add(path, "ours")
    assert [("ours",), ("theirs",)] == opened(path)
    assert ["things.db"] == [file.name for file in path.parent.iterdir()]


def test_many_make_it_at_once(path: Path) -> None:
    """Processes that make it at once end with one database, in which what each has written stands."""
    code = (
        "import sys; from pathlib import Path; from newsletter.database import database\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "with database(Path(sys.argv[1]), application=int(sys.argv[2]), tables=(sys.argv[3],)) as db:\n"
        "    db.execute('INSERT INTO thing VALUES (?)', sys.argv[4:])\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(APPLICATION), *TABLES, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    assert ["ready\n"] * 4 == [one.stdout.readline() for one in children if one.stdout]
    for one in children:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    assert [""] * 4 == [one.communicate()[0] for one in children]
    assert ([0] * 4, [("a",), ("b",), ("c",), ("d",)]) == ([one.returncode for one in children], opened(path))


def test_a_newer_version(path: Path) -> None:
    """The tables are made newer in one transaction, and before it a private copy of the file is kept (G30)."""
    add(path, "a")
    expected: list[Any] = [("a", None), ("new", "red")]
    assert [expected] * 2 == [opened(path, SECOND), opened(path, SECOND)]
    kept = path.with_name("things.db.v1")
    assert (0o600, [("a",)]) == (stat.S_IMODE(kept.stat().st_mode), opened(kept))


def test_a_newer_version_that_fails(path: Path) -> None:
    """When a step to a newer version fails halfway, the old version is there, whole, and can be used."""
    add(path, "a")
    before = path.read_bytes()
    message, hint = error_of(path, BROKEN)
    assert "things.db cannot be written: no such table: nowhere" == message
    assert "Check that the disk has room and that you may write there. Then give the same command again." == hint
    assert (before, [("a",)]) == (path.read_bytes(), opened(path))
    assert [("a", None), ("new", "red")] == opened(path, SECOND)


# --- a transaction ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError, OSError, sqlite3.IntegrityError])
def test_an_error_within(kind: type[BaseException], path: Path) -> None:
    """An error within a transaction undoes all of it and is told as what it is, not as a fault of the database."""
    with (  # noqa: PT012  the transaction is what is tested
        pytest.raises(kind, match="mine"),
        database(path, application=APPLICATION, tables=TABLES) as connection,
        transaction(connection),
    ):
        connection.execute("INSERT INTO thing VALUES ('a')")
        raise kind("mine")
    assert [] == opened(path)


def test_a_commit_that_fails(path: Path) -> None:
    """When the disk is full at the commit, that is told at once, nothing of it is seen afterwards, and it goes on."""
    add(path, "a")
    hint = "Check that the disk has room and that you may write there. Then give the same command again."
    with database(path, application=APPLICATION, tables=TABLES) as connection:
        with pytest.raises(ConfigError) as caught, small_disk_of(path.stat().st_size), transaction(connection):
            connection.executemany("INSERT INTO thing VALUES (?)", [("x" * 900,)] * 20)
        told = caught.value.message, caught.value.hint
        assert ("things.db cannot be written: disk I/O error", hint) == told
        assert [("a",)] == connection.execute("SELECT name FROM thing").fetchall()
        with transaction(connection):
            connection.execute("INSERT INTO thing VALUES ('b')")
    assert [("a",), ("b",)] == opened(path)


def test_a_commit_that_must_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody reads for longer than we wait, nothing of the transaction is kept, and the next one is as good."""
    add(path, "a")
    monkeypatch.setattr(module, "_WAIT", 0)
    with database(path, application=APPLICATION, tables=TABLES) as connection:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM thing").fetchall()
            with pytest.raises(RefusedError), transaction(connection):
                connection.execute("INSERT INTO thing VALUES ('b')")
        assert [("a",)] == connection.execute("SELECT name FROM thing").fetchall()
        with transaction(connection):
            connection.execute("INSERT INTO thing VALUES ('c')")
    assert [("a",), ("c",)] == opened(path)


def test_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process writes for longer than we wait, the command is refused in words."""
    add(path, "a")
    monkeypatch.setattr(module, "_WAIT", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RefusedError) as caught:
            add(path, "b")
    told = ("Not done: another newsletter command is at work here.", "Let that one end first.")
    assert told == (caught.value.message, caught.value.hint)
    assert [("a",)] == opened(path)


def test_damage_that_is_met_later(path: Path) -> None:
    """A page that is damaged is told as damage when it is met."""
    add(path, *(f"{n} " * 500 for n in range(20)))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    assert ("things.db is damaged", RESTORE) == error_of(path)


# --- what reaches the disk, and when ----------------------------------------------------------------------------------

SUBMIT = """
import os, sys
from pathlib import Path
from newsletter.ledger import open_ledger
with open_ledger(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])) as ledger:
    batch = ledger.next_batch(1)
    os.access("before submitting", os.F_OK)
    ledger.submitting(batch)
    os.access("after submitting", os.F_OK)
    os._exit(0)
"""


def traced(state: Path, *options: str) -> list[tuple[str, str]]:
    """Commit one `submitting` in a process below strace, and return what it asks of the disk: call and file."""
    if shutil.which("strace") is None:
        missing("strace (Debian package strace)")
    calls = "trace=access,faccessat,faccessat2,fsync,fdatasync,unlink,unlinkat"
    child = [sys.executable, "-c", SUBMIT, str(state), SECRET.hex()]
    trace = state.parent / "trace"
    subprocess.run(["strace", "-f", "-y", "-o", str(trace), "-e", calls, *options, *child], check=True)
    lines = trace.read_text("utf-8").partition("before submitting")[2].partition("after submitting")[0].splitlines()
    found = []
    for line in lines[1:-1]:
        call, _, rest = line.partition(" ")[2].strip().partition("(")
        name = rest.partition("<")[2].partition(">")[0] or rest.partition('"')[2].partition('"')[0]
        found.append(("sync" if call in {"fsync", "fdatasync"} else "unlink", Path(name).name))
    return found


ON_THE_DISK = [
    ("sync", "ledger.db-journal"),
    ("sync", ".newsletter"),
    ("sync", "ledger.db-journal"),
    ("sync", "ledger.db"),
    ("unlink", "ledger.db-journal"),
    ("sync", ".newsletter"),
]


def test_what_reaches_the_disk(tmp_path: Path) -> None:
    """Before `submitting` returns, journal, database and the journal's removal have reached the disk, in this order."""
    state = tmp_path / ".newsletter"
    with open_ledger(state, SECRET) as ledger:
        planned(ledger, crowd(1))
    assert ON_THE_DISK == traced(state)
    assert {"p1@example.org": State.SUBMITTING} == states(state)


def test_a_removal_that_is_lost(tmp_path: Path) -> None:
    """If the removal of the journal is lost, so is the commit: that is why the folder is synced after it (G5)."""
    state = tmp_path / ".newsletter"
    with open_ledger(state, SECRET) as ledger:
        planned(ledger, crowd(1))
    assert ON_THE_DISK == traced(state, "-e", "inject=unlink,unlinkat:retval=0")
    assert {"p1@example.org": State.PLANNED} == states(state)
    with open_ledger(state, SECRET) as ledger:
        handed_over(ledger, ledger.record(1))
    assert {"p1@example.org": State.SUBMITTING} == states(state)
