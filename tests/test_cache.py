"""What is kept to save time: whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from newsletter import cache
from newsletter.cache import keep, kept

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """The bytes come back as they were, out of a folder and a file that are their owner's alone."""
    path = tmp_path / "state" / "cache" / "facts"
    keep(path, b"one\ntwo\x00")
    assert b"one\ntwo\x00" == kept(path)
    assert (0o700, 0) == (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o077)


@pytest.mark.parametrize("damage", [b"", b"one", b"\n", b"0" * 64 + b"\none"])
def test_what_is_damaged_is_nothing(tmp_path: Path, damage: bytes) -> None:
    """A file that is cut, empty or changed is as good as none."""
    (tmp_path / "facts").write_bytes(damage)
    assert kept(tmp_path / "facts") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
def test_a_pipe_or_a_link_is_nothing(tmp_path: Path) -> None:
    """A pipe is not waited for, and a link is not followed."""
    os.mkfifo(tmp_path / "pipe")
    keep(tmp_path / "facts", b"one")
    (tmp_path / "link").symlink_to(tmp_path / "facts")
    assert (None, None, None) == (kept(tmp_path / "pipe"), kept(tmp_path / "link"), kept(tmp_path))


def test_what_is_too_large_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing larger than the limit is read."""
    keep(tmp_path / "facts", b"one")
    monkeypatch.setattr(cache, "_LARGEST", 10)
    assert kept(tmp_path / "facts") is None


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder keeps its newest files: what was corrected since does not lie about for ever."""
    monkeypatch.setattr(cache, "_MOST", 2)
    for number, name in enumerate(("a", "b", "c")):
        keep(tmp_path / name, b"one")
        os.utime(tmp_path / name, (number, number))
    keep(tmp_path / "d", b"one")
    assert {"c", "d"} == {path.name for path in tmp_path.iterdir()}


def test_what_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    """Where the folder is a file, nothing is kept and nothing fails."""
    (tmp_path / "cache").write_text("in the way", "utf-8")
    keep(tmp_path / "cache" / "facts", b"one")
    assert kept(tmp_path / "cache" / "facts") is None
