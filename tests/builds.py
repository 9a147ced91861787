"""A workspace with issues to build, the program as it is typed there, and what it has built."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import program
import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these rights nor these links")
ISSUE = """
    subject: {month} newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News of {month}
        body: The words of {month}.
      - type: diary
        title: Dates for your diary
        dates:
          - Tuesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
"""
BROKEN = "subject: [\n"
FAULT = "issues/2020-02.yaml:1:10: error N001: the bracket opened here is never closed"


def run(*arguments: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, with nobody to answer."""
    return program.run(*arguments, cwd=cwd, **options)


def built(workspace: Path) -> dict[str, list[str]]:
    """What lies in build/: the files of each issue."""
    return {folder.name: sorted(file.name for file in folder.iterdir()) for folder in workspace.glob("build/*")}


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace with two monthly issues and a special edition."""
    write_issue(ISSUE.format(month="December 2025"), "2025-12")
    write_issue(ISSUE.format(month="January 2026"), "2026-01")
    write_issue(ISSUE.format(month="Annual"), "2026-03-annual-report")
    return workspace
