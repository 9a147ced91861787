"""``newsletter check --fix`` and ``--diff``: what is written, what is shown, and how it ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
import program
import pytest
from click.testing import CliRunner

from newsletter.cli import cli
from newsletter.config import open_workspace
from newsletter.errors import ContentError, RefusedError
from newsletter.mending import diff, mend, write

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these rights nor these links")
not_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")

ISSUE = """\
subject: January 2026 newsletter
preheader: What changed in the procedures this winter
sections:
  - type: diary
    title: Dates
    dates:
      - 10 Feb 2026 - Safer Internet Day
      - 3rd to 8th Feb 2026 - Week
"""
MENDED = ISSUE[: ISSUE.index("      - 10")] + (
    "      - 3 to 8 February 2026 - Week\n      - Tuesday 10 February 2026 - Safer Internet Day\n"
)
DIFF = """\
--- issues/2026-01.yaml
+++ issues/2026-01.yaml
@@ -4,5 +4,5 @@
   - type: diary
     title: Dates
     dates:
-      - 10 Feb 2026 - Safer Internet Day
-      - 3rd to 8th Feb 2026 - Week
+      - 3 to 8 February 2026 - Week
+      - Tuesday 10 February 2026 - Safer Internet Day
"""
DONE = "issues/2026-01.yaml: mended 2 dates, put 1 list in order\n"


@pytest.fixture
def issue(workspace: Path) -> Path:
    """The file of an issue with two dates and a list to mend, in a workspace of its own."""
    path = workspace / "issues/2026-01.yaml"
    path.write_bytes(ISSUE.encode())
    return path


def check(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``newsletter check`` for a send on 5 January 2026."""
    return program.run("check", "--on", "2026-01-05", *arguments, cwd=cwd)


def test_fix(issue: Path) -> None:
    """--fix writes, says in a line what it mended, and then shows what is left to find: here nothing."""
    done = check("--fix", cwd=issue.parent)
    assert (MENDED, 0) == (issue.read_text("utf-8"), done.returncode)
    assert (True, True) == (done.stderr.startswith(DONE), "no errors" in done.stdout)
    again = check("--fix", cwd=issue.parent)
    assert (MENDED, "mended" in again.stderr) == (issue.read_text("utf-8"), False)


def test_diff(issue: Path) -> None:
    """--diff shows what --fix would do, writes nothing and ends with 1; where there is nothing to mend it is silent."""
    done = check("--diff", cwd=issue.parent)
    assert (ISSUE, 1) == (issue.read_text("utf-8"), done.returncode)
    assert DIFF == done.stdout[: len(DIFF)]
    assert done.stderr.startswith("issues/2026-01.yaml: would mend 2 dates, put 1 list in order\n")
    issue.write_text(MENDED, "utf-8")
    again = check("--diff", cwd=issue.parent)
    assert (0, False, "") == (again.returncode, "---" in again.stdout, again.stderr.partition("Next")[0])


def test_fix_and_diff(issue: Path) -> None:
    """Both together show the difference and write it."""
    done = check("--fix", "--diff", cwd=issue.parent)
    assert (MENDED, 0, DIFF) == (issue.read_text("utf-8"), done.returncode, done.stdout[: len(DIFF)])
    assert done.stderr.startswith(DONE)


def test_findings_that_are_left_decide(issue: Path) -> None:
    """What cannot be mended is found after it, at the lines that the file has then, and ends with 1."""
    issue.write_text(ISSUE + "  - type: diary\n    title: More\n    dates: [Wed 10 Feb 2026 - A]\n", "utf-8")
    done = check("--fix", cwd=issue.parent)
    assert (1, True) == (done.returncode, done.stderr.startswith(DONE))
    assert "issues/2026-01.yaml:11:13: error N101: Wednesday 10 February 2026 is a Tuesday\n" in done.stdout
    assert "dates: [Wed 10 Feb 2026 - A]\n" in issue.read_text("utf-8")


def test_each_issue_is_mended(issue: Path) -> None:
    """Of several issues each is mended that can be read; the faults of another are shown, its file not touched."""
    (issue.parent / "2025-12.yaml").write_text("subject: [\n", "utf-8")
    (issue.parent / "2026-02.yaml").write_bytes(ISSUE.encode())
    done = check("--all", "--fix", cwd=issue.parent)
    assert 1 == done.returncode
    assert done.stderr.startswith(DONE + DONE.replace("-01", "-02"))
    assert "issues/2025-12.yaml:1:10: error N001: the bracket opened here is never closed\n" in done.stdout
    assert "subject: [\n" == (issue.parent / "2025-12.yaml").read_text("utf-8")


def test_diff_is_no_format(issue: Path) -> None:
    """A difference among JSON would be neither."""
    done = check("--diff", "--format", "json", cwd=issue.parent)
    assert (2, "", ISSUE) == (done.returncode, done.stdout, issue.read_text("utf-8"))


def test_colours(issue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal what goes is red and what comes is green."""
    monkeypatch.chdir(issue.parent)
    shown = CliRunner().invoke(cli, ["check", "--diff", "--on", "2026-01-05"], color=True).output
    red, green = (click.style("{}", fg=colour).format for colour in ("red", "green"))
    assert f"\n{red('-      - 3rd to 8th Feb 2026 - Week')}\n{green('+      - 3 to 8 February 2026 - Week')}\n" in shown


def test_personal_data_is_starred_out(issue: Path) -> None:
    """No line of the difference, changed or not, shows what is private anywhere in the file."""
    private = "07700 900123"
    event = f'      - {{when: 9 Feb 2026, what: "Ring 07700\\u0020900123"}}\n      - 11 Feb 2026 - Ring {private}\n'
    issue.write_text(ISSUE + event + f"      # {private}\n", "utf-8")
    shown = diff(mend(open_workspace(issue.parent.parent), "2026-01"))
    assert ["+      - Wednesday 11 February 2026 - Ring ***** ******", "       # ***** ******"] == shown[-2:]
    assert [] == [line for line in shown if "0770" in line or "0900123" in line]


# --- the file ---


@posix
def test_the_file_keeps_its_mode(issue: Path) -> None:
    """Who may read and write the file stays as it is."""
    issue.chmod(0o640)
    write(mend(open_workspace(issue.parent.parent), "2026-01"))
    assert (MENDED, 0o640) == (issue.read_text("utf-8"), issue.stat().st_mode & 0o777)


@posix
@not_root
def test_a_file_that_must_not_be_written_is_not_replaced(issue: Path) -> None:
    """A file without the right to write stays, though its folder would let it be replaced."""
    issue.chmod(0o444)
    done = check("--fix", cwd=issue.parent)
    assert (3, ISSUE) == (done.returncode, issue.read_text("utf-8"))


def test_a_file_that_was_changed_meanwhile_is_not_written(issue: Path) -> None:
    """What somebody wrote after the file was read is never lost."""
    found = mend(open_workspace(issue.parent.parent), "2026-01")
    issue.write_text("subject: Mine\n", "utf-8")
    with pytest.raises(RefusedError, match=r"issues/2026-01\.yaml was changed while it was mended"):
        write(found)
    assert "subject: Mine\n" == issue.read_text("utf-8")


@posix
def test_links(issue: Path, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link inside the workspace is followed, and stays; one that leads out of it is refused, as in reading."""
    there = issue.rename(workspace / "there.yaml")
    issue.symlink_to(there)
    write(mend(open_workspace(workspace), "2026-01"))
    assert (True, MENDED) == (issue.is_symlink(), there.read_text("utf-8"))
    outside = tmp_path_factory.mktemp("outside") / "issue.yaml"
    outside.write_text(ISSUE, "utf-8")
    issue.unlink()
    issue.symlink_to(outside)
    with pytest.raises(ContentError):
        mend(open_workspace(workspace), "2026-01")
    assert 1 == check("--fix", cwd=workspace).returncode
    assert ISSUE == outside.read_text("utf-8")
