"""A computer that has little to give: whatever it refuses, a send says so in a line, and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import program
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="limits are set by a POSIX shell")]

SEND = ("send", "2026-01", "--list", "practitioners", "--yes")
ISSUE = """\
    subject: January 2026 newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News
        body: Some words.
"""


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace with an issue and a list of two people."""
    write_issue(ISSUE)
    return workspace


def delivered(workspace: Path) -> dict[str, bytes]:
    """Every copy in the outbox, by its name."""
    return {path.name: path.read_bytes() for path in (workspace / ".newsletter/outbox").rglob("*.eml")}


@pytest.mark.parametrize(
    "limit",
    ["-n 4", "-n 6", "-n 8", "-n 12", "-n 20", "-f 1", "-f 20", "-f 80", "-v 60000", "-v 120000", "-v 300000"],
)
def test_too_little_of_something(limit: str, ready: Path) -> None:
    """G24: without file handles, file size or memory enough it ends in a line; with enough everybody has one copy."""
    line = f'ulimit {limit} && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *program.PROGRAM, *SEND], cwd=ready, capture_output=True, check=False
    )
    said = (done.stdout + done.stderr).decode()
    assert "@example.org" not in said.replace("newsletter@example.org", "")
    if done.returncode == 3:  # Python itself may not even have started: then the words are not ours
        assert "Traceback" not in said
        assert "error: " in said
    again = program.run(*SEND, cwd=ready)
    assert again.returncode == (6 if done.returncode == 0 else 0), again.stderr
    assert len(delivered(ready)) == 2


@pytest.mark.parametrize("how", [("-O",), ("-W", "error"), ("-X", "utf8=0")], ids=" ".join)
@pytest.mark.parametrize("seed", ["0", "4711"])
def test_however_python_is_started(how: tuple[str, ...], seed: str, ready: Path, tmp_path: Path) -> None:
    """G31: without assertions, with warnings as errors, another hash seed: the same keys and bytes, but for dates."""
    assert 0 == program.run(*SEND, cwd=ready).returncode
    other = tmp_path / "other"
    shutil.copytree(ready, other, ignore=shutil.ignore_patterns("ledger.db", "outbox", "cache", "other"))
    environment = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, *how, "-m", "newsletter", *SEND], cwd=other, env=environment, capture_output=True, check=False
    )
    assert (0, b"") == (done.returncode, b"" if not done.returncode else done.stderr)
    assert _undated(delivered(ready)) == _undated(delivered(other))
    assert _keys(ready) == _keys(other)


def _undated(copies: dict[str, bytes]) -> dict[str, list[bytes]]:
    return {
        name: [line for line in data.splitlines() if not line.startswith(b"Date: ")] for name, data in copies.items()
    }


def _keys(workspace: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(workspace / ".newsletter/ledger.db")
    try:
        joined = "batch JOIN send ON send.id = batch.send"
        return database.execute(f"SELECT batch.key, send.version FROM {joined}").fetchall()  # noqa: S608
    finally:
        database.close()
