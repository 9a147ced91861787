"""``newsletter approve`` as a person meets it."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import approving
import pytest
from approving import SCHOOLS, changed, refusal, run

from newsletter.approvals import read_approval

if TYPE_CHECKING:
    from pathlib import Path

ready = approving.ready

# The command


def today() -> str:
    """Return today as the command says it."""
    from newsletter.dates import format_day  # noqa: PLC0415

    return format_day(datetime.now(ZoneInfo("Europe/London")).date())


def test_the_command(ready: Path) -> None:
    """``approve`` says what is approved and by whom, and ends with what to type next."""
    code, said, then = run("approve", "--by", "Amina Khan", cwd=ready)
    approval = read_approval(ready, "2026-01")
    assert approval is not None
    assert (
        "January 2026 newsletter\n"
        "  Contents   News of January; Dates for your diary\n"
        f"  Digest     {approval.digest[:12]}\n"
        "  Checked    no errors\n"
        f"Approved by Amina Khan on {today()}: approvals/2026-01.json\n"
    ) == said
    assert ('Next: keep it with the issue\n  git add approvals\n  git commit -m "Approve 2026-01"\n') == then
    assert (0, None) == (code, refusal(ready))


def test_with_one_list_the_send_is_next(ready: Path) -> None:
    """With one list there is no doubt to whom, so the command to send it is shown; from below, git is told where."""
    changed("newsletter.yaml", f"  {SCHOOLS}", "")(ready)
    _, _, then = run("approve", "2026-01", "--by", "Amina Khan", cwd=ready / "issues")
    assert (
        "Next: keep it with the issue, then send it\n"
        f"  git add {(ready / 'approvals').as_posix()}\n"
        '  git commit -m "Approve 2026-01"\n'
        "  newsletter send 2026-01 --list practitioners\n"
    ) == then


def test_approved_already(ready: Path) -> None:
    """The second time the command says that nothing was changed; another's approval it says it replaces."""
    run("approve", "--by", "Amina Khan", cwd=ready)
    _, again, _ = run("approve", "--by", "Amina Khan", cwd=ready)
    _, other, _ = run("approve", "--by", "Ben Okoro", cwd=ready)
    assert f"It was approved by Amina Khan on {today()}. Nothing was changed.\n" == again.partition("no errors\n")[2]
    assert (
        f"Approved by Ben Okoro on {today()}: approvals/2026-01.json\n"
        f"That replaces the approval by Amina Khan on {today()}.\n"
    ) == other.partition("no errors\n")[2]


def test_as_json(ready: Path) -> None:
    """``--json`` prints one object on stdout, and findings on stderr."""
    changed("issues/2026-01.yaml", "preheader: What changed in the procedures this winter\n", "")(ready)
    code, said, told = run("approve", "--by", "Amina Khan", "--json", cwd=ready)
    approval = read_approval(ready, "2026-01")
    assert approval is not None
    expected: dict[str, Any] = {
        "issue": "2026-01", "subject": "January 2026 newsletter",
        "contents": ["News of January", "Dates for your diary"], "digest": approval.digest, "by": "Amina Khan",
        "when": approval.when.isoformat(), "file": "approvals/2026-01.json",
    }  # fmt: skip
    assert (0, expected, True) == (code, json.loads(said), "issues/2026-01.yaml:1:1: warning" in told)


def test_errors_are_not_approved(ready: Path) -> None:
    """An issue with an error is not approved: the error is shown, and no file written."""
    changed("issues/2026-01.yaml", "The words", "Tuesday 11 February 2026 has the words")(ready)
    code, said, told = run("approve", "--by", "Amina Khan", cwd=ready)
    assert (
        "issues/2026-01.yaml:5:11: error N134: Tuesday 11 February 2026 is a Wednesday\n"
        == said.splitlines(keepends=True)[0]
    )
    expected = (
        "error: January 2026 newsletter has 1 error, so it cannot be approved\n"
        "  Mend what is said above, then give the same command again.\n"
    )
    assert (1, expected) == (code, told)
    assert not (ready / "approvals").exists()


def test_a_draft_is_not_approved(ready: Path) -> None:
    """A draft is not approved: the refusal says which line to delete, and no file is written."""
    changed("issues/2026-01.yaml", "preheader:", "draft: true\npreheader:")(ready)
    code, _, told = run("approve", "--by", "Amina Khan", cwd=ready)
    expected = (
        "error: January 2026 newsletter is still a draft, so it cannot be approved\n"
        "  When it is ready, delete the line draft: true from issues/2026-01.yaml.\n"
    )
    assert (6, expected) == (code, told)
    assert not (ready / "approvals").exists()


def test_git_knows_the_name(ready: Path) -> None:
    """Without ``--by`` it is whom git knows in this workspace, and the name is shown."""
    (ready / "gitconfig").write_text("[user]\n\tname = Zoë Sample\n", "utf-8")
    settings = {"GIT_CONFIG_GLOBAL": str(ready / "gitconfig"), "GIT_CEILING_DIRECTORIES": str(ready.parent)}
    if shutil.which("git") is None:
        pytest.skip("git is not on this machine")
    code, said, told = run("approve", cwd=ready, environment=settings)
    assert (0, f"Approved by Zoë Sample on {today()}: approvals/2026-01.json") == (code, said.splitlines()[-1])
    whence = "The name is git's user.name. To give another: newsletter approve 2026-01 --by NAME\n"
    assert (True, True) == (whence in told, whence not in run("approve", "--by", "Zoë Sample", cwd=ready)[2])


def test_without_git_the_login_name(ready: Path) -> None:
    """Without git it is the login name; one that is an address is not taken."""
    login = {"PATH": "", "LOGNAME": "amina", "USERNAME": "amina"}
    code, said, told = run("approve", cwd=ready, environment=login)
    assert (0, f"Approved by amina on {today()}: approvals/2026-01.json") == (code, said.splitlines()[-1])
    assert "The name is your login name. To give another: newsletter approve 2026-01 --by NAME\n" in told
    login = {"PATH": "", "LOGNAME": "amina@example.org", "USERNAME": "amina@example.org"}
    assert (
        2,
        'error: this is not a name to approve with\n  Give a name and no address, as in --by "Sam Sample".\n',
    ) == run("approve", cwd=ready, environment=login)[::2]
