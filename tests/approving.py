"""A workspace that wants approvals, how its issue is approved, and how it is changed after that."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from textwrap import dedent
from typing import TYPE_CHECKING

import program
import pytest
from conftest import ROOT

from newsletter.approvals import Approval, approve, refuse_unapproved
from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.errors import RefusedError
from newsletter.templates import copy_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NOW = datetime(2026, 7, 6, 8, 4, 30, 999, tzinfo=UTC)
ISSUE = """\
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News of January
        body: The words of January.
        image: {src: images/logo.png, alt: A logo}
      - type: diary
        title: Dates for your diary
        dates:
          - Tuesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
    """
SETTINGS = """\
    title: Practitioner newsletter
    organisation: Example Partnership
    from: Practitioner newsletter <newsletter@example.org>
    reply_to: office@example.org
    postal_address: Example House, 1 Example Street
    unsubscribe_url: https://example.org/leave
    theme: {accent: "#1d70b8"}
    greeting: Hello {first_name},
    approval: true
    lists:
      practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}
      schools: {title: Schools, file: lists/schools.csv}
    """
PRACTITIONERS, SCHOOLS = (f"{line.strip()}\n" for line in SETTINGS.splitlines()[-3:-1])


def run(
    *arguments: str, cwd: Path, python: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run the program as a user does; return its exit code and what it said on stdout and stderr."""
    options = {"env": os.environ | environment} if environment else {}
    done = program.run(*arguments, cwd=cwd, program=[sys.executable, *python, "-m", "newsletter"], **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace that wants approvals, with an issue that shows a picture, and another issue."""
    shutil.copytree(ROOT / "images", workspace / "images")
    (workspace / "newsletter.yaml").write_text(dedent(SETTINGS), "utf-8")
    write_issue(ISSUE)
    write_issue(ISSUE.replace("January", "December"), "2025-12")
    copy_template(workspace, "footer.html")
    return workspace


def approved(root: Path, *, by: str = "Amina Khan", now: datetime = NOW) -> Approval:
    """Approve the issue in *root* as it is now."""
    workspace = open_workspace(root)
    return approve(workspace, build(workspace, "2026-01"), by, now)


def refusal(root: Path) -> tuple[str, str] | None:
    """Return message and hint with which a send is refused now, or None when it is not."""
    workspace = open_workspace(root)
    try:
        refuse_unapproved(workspace, build(workspace, "2026-01"))
    except RefusedError as error:
        return error.message, error.hint
    return None


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Return the act of changing *old*, which stands in *file*, to *new*."""

    def change(root: Path) -> None:
        text = (root / file).read_text("utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new), "utf-8", newline="\n")

    return change
