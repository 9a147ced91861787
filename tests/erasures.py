"""A workspace that holds Sam everywhere, and what is told and left when Sam is erased from it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from subjects import FILE, SAM, hold_sam

from newsletter.people import open_people
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, links and terminals")
ERASE = ("erase", SAM, "--yes")
# Everything of Sam's that is not the one cell in somebody else's line.
LEFT = [FILE]


@pytest.fixture
def held(workspace: Path) -> Path:
    """A workspace that holds Sam everywhere."""
    hold_sam(workspace)
    return workspace


def files(folder: Path) -> dict[str, bytes]:
    """Every file below *folder*, but for the lock, which any erasure makes."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def reasons(workspace: Path, address: str = SAM) -> set[str]:
    """Why *address* has opted out."""
    state = workspace / ".newsletter"
    secret = workspace_key(state)
    with open_people(state, secret) as people:
        return {one.reason for one in people.opt_outs(person_key(secret, address))}
