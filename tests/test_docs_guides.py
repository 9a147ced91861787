"""The guides to adding a section and a check, followed to the letter in a copy of the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
from checks.bench import Example, article
from docpages import PAGES, ROOT, examples

from newsletter.build import build
from newsletter.checks import Context
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECTION, CHECK = "docs/adding-a-section.md", "docs/adding-a-check.md"
ISSUE = "subject: March 2026 newsletter\npreheader: What changed in the procedures this winter\nsections:\n"


def pieces(page: str) -> list[str]:
    """Return the fenced examples of a page."""
    return [example.text for example in examples() if example.page == page]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the files of both guides where each says that its file goes."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("newsletter", "templates"):
        shutil.copytree(ROOT / name, copy / name)  # what is compiled, too: that is quicker
    for page in (SECTION, CHECK):
        files = re.findall(r"`((?:newsletter|templates)/[\w/]+\.\w+)`[^`]*?:\n\n```", PAGES[page])
        for file, text in zip(files, pieces(page), strict=False):
            (copy / file).write_text(text, "utf-8")
    return copy


@pytest.fixture
def run_copy(program: Path, workspace: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs the copy in the workspace."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        known = {**os.environ, "PYTHONPATH": str(program)}
        command = [sys.executable, "-m", "newsletter", *arguments]
        return subprocess.run(command, cwd=workspace, env=known, capture_output=True, text=True, check=False)

    return run


def test_the_section_is_there(run_copy: Callable[..., subprocess.CompletedProcess[str]], workspace: Path) -> None:
    """A section of the guide's type is listed, passes every check, and stands in email, text, archive and schema."""
    (workspace / "issues/2026-03.yaml").write_text(ISSUE + indent(pieces(SECTION)[4], "  "), "utf-8")
    assert "quote       What somebody said, in their own words." in run_copy("sections").stdout
    checked = run_copy("check", "2026-03", "--on", "2026-03-02", "--strict")
    assert 0 == checked.returncode, checked.stdout + checked.stderr
    for command in ("build", "archive"):
        done = run_copy(command)
        assert 0 == done.returncode, done.stderr
    for file in ("build/2026-03/email.html", "build/2026-03/email.txt", "archive/2026-03.html"):
        text = (workspace / file).read_text("utf-8")
        assert ["It helped that somebody listened.", "A mother of two"] == re.findall(
            r"It helped that somebody listened\.|A mother of two", text
        )
    assert "<blockquote>" in (workspace / "archive/2026-03.html").read_text("utf-8")
    assert '"const": "quote"' in run_copy("schema").stdout


def test_the_check_is_there(run_copy: Callable[..., subprocess.CompletedProcess[str]], workspace: Path) -> None:
    """The guide's check is listed, explains itself, finds its fault, and is excused as its hint says."""
    (workspace / "issues/2026-03.yaml").write_text(article("Hello", title="WHAT PARENTS SAY"), "utf-8")
    assert "A title in capitals." in run_copy("check", "--explain", "N199").stdout
    told = run_copy("check", "2026-03").stdout
    assert "issues/2026-03.yaml:5:12: warning N199: the title is in capitals" in told
    (excuse,) = re.findall(r"- \{code: N199.*\}", told)
    text = article("Hello", title="WHAT PARENTS SAY") + f"check-ignore:\n  {excuse}\n"
    (workspace / "issues/2026-03.yaml").write_text(text, "utf-8")
    assert "N199" not in run_copy("check", "2026-03").stdout


def test_the_examples_of_the_check_are_right(workspace: Path) -> None:
    """The two issues of the guide: one trips the check once, the other does not."""
    code, given = pieces(CHECK)
    module: dict[str, Any] = {}
    exec(compile(code, CHECK, "exec"), module)  # noqa: S102
    known: dict[str, Any] = {"Example": Example, "article": article}
    exec(compile(given, CHECK, "exec"), known)  # noqa: S102
    found = []
    for example in known["EXAMPLES"]["shouting"]:
        (workspace / "issues/2026-01.yaml").write_text(example.text, "utf-8")
        opened = open_workspace(workspace)
        issue = build(opened, "2026-01", on=example.on).issue
        found.append(len(list(module["check"](Context(issue, example.on, opened.config.zone)))))
    assert [1, 0] == found
