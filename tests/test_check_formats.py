"""``newsletter check`` for other programs: its formats, stopped issues in them, and consoles of all kinds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import checkruns
import pytest
from checkruns import FORMATS, PROGRAM, TWICE, issue

if TYPE_CHECKING:
    from pathlib import Path

    from checkruns import Run, Write

ready, wrong, run, unreadable = checkruns.ready, checkruns.wrong, checkruns.run, checkruns.unreadable

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
UNCLOSED = "issues/2025-11.yaml:1:10: error N001: the bracket opened here is never closed"


def test_an_issue_that_cannot_be_read(unreadable: Path, run: Run) -> None:
    """Its faults stand among the findings, the reason in the place of its verdict; the others are checked."""
    code, out, _ = run("check", "2025-11", "2026-01")
    assert UNCLOSED == out.splitlines()[0]
    assert "\n\nerror: issues/2025-11.yaml cannot be read\nJanuary 2026 newsletter: no errors" in out
    assert (1, "2 issues: 1 error") == (code, out.splitlines()[-1][:17])


@pytest.fixture
def undrawable(ready: Path, write_issue: Write) -> Path:
    """A workspace with a fault in a template, and a warning in December."""
    write_issue(issue("December 2025", "2025-12", "the the words"), "2025-12")
    (ready / "templates").mkdir()
    (ready / "templates/footer.html").write_text("{{ oh }\n", "utf-8")
    return ready


def test_an_issue_that_cannot_be_drawn(undrawable: Path, run: Run) -> None:
    """What was found before the template failed is told, then the template's line; it counts as an error."""
    code, out, err = run("check", "2025-12")
    told = "\n\nerror: templates/footer.html:1: unexpected '}'\n  Mend that line.\n"
    assert (1, TWICE, told) == (code, out[: len(TWICE)], out[out.index("\n\n") :])
    assert "\n    body: the the words\n          ^\n" in out
    assert err == "Next: mend the error, then\n  newsletter check 2025-12\n"


def test_stopped_issues_in_json(undrawable: Path, run: Run) -> None:
    """In JSON, GitHub's commands and SARIF an issue that was stopped has its findings, and the reason."""
    told = json.loads(run("check", "2025-12", "--format", "json")[1])
    assert [
        {
            "issue": "2025-12", "file": "issues/2025-12.yaml",
            "error": "templates/footer.html:1: unexpected '}'", "hint": "Mend that line.",
        }
    ] == told["issues"]  # fmt: skip
    assert (["N130"], 1) == ([found["code"] for found in told["findings"]], told["counts"]["error"])
    warning, error = run("check", "2025-12", "--format", "github")[1].splitlines()
    assert warning.startswith("::warning file=issues/2025-12.yaml,line=7,col=11,title=N130::")
    assert error == "::error file=issues/2025-12.yaml::templates/footer.html:1: unexpected '}'%0AMend that line."
    (ran,) = json.loads(run("check", "2025-12", "--format", "sarif")[1])["runs"]
    assert (["N130"], False) == (
        [found["ruleId"] for found in ran["results"]],
        ran["invocations"][0]["executionSuccessful"],
    )


def test_misnamed_files(ready: Path, run: Run) -> None:
    """--all tells of a file whose name is no issue id, in every format, and ends with 1; a single check minds none."""
    (ready / "issues/january.yaml").write_text("subject: x\n", "utf-8")
    told = "issues/january.yaml: not checked, its name is no issue id"
    code, out, _ = run("check", "--all")
    assert (1, True) == (code, f"error: {told}\n  Name it as in 2026-01.yaml.\n2 issues: 1 error.\n" in out)
    for form in FORMATS[1:]:
        code, out, _ = run("check", "--all", "--format", form)
        assert (1, True) == (code, told in out)
    assert run("check")[0] == 0


# --- the formats ---


@pytest.mark.parametrize("form", FORMATS[1:])
def test_what_programs_read_is_alone_on_stdout(form: str, wrong: Path, run: Run) -> None:
    """JSON, GitHub's commands and SARIF are all that is printed, and their exit codes are those of the text."""
    code, out, err = run("check", "--all", "--format", form)
    assert (1, "") == (code, err)
    if form == "github":
        assert {True} == {line.startswith("::") for line in out.splitlines()}
    else:
        json.loads(out)


def test_json(wrong: Path, run: Run) -> None:
    """The JSON of a run holds each issue with its facts, and the findings that the text has."""
    told = json.loads(run("check", "--on", "2026-01-05", "--format", "json")[1])
    (facts,) = told["issues"]
    assert facts.pop("html_bytes") > 5000
    assert {
        "issue": "2026-01", "file": "issues/2026-01.yaml", "subject": "January 2026 newsletter", "draft": False,
    } == facts  # fmt: skip
    (found,) = told["findings"]
    assert ("N101", 13, 9, {"error": 1, "warning": 0, "note": 0}) == (
        found["code"],
        found["line"],
        found["column"],
        told["counts"],
    )


def test_github_prints_nothing_of_nothing(ready: Path, run: Run) -> None:
    """Without a finding there is no command, not even an empty line."""
    assert (0, "", "") == run("check", "--format", "github")


# --- consoles ---


def start(workspace: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a user does."""
    settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    return subprocess.run([*PROGRAM, *words], cwd=workspace, check=False, **(settings | options))


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
@pytest.mark.parametrize("form", FORMATS)
def test_old_consoles(form: str, encoding: str, ready: Path, write_issue: Write) -> None:
    """A console that cannot show a letter of the excerpt shows a stand-in; what programs read is whole."""
    write_issue(issue("January 2026", "2026-01", "the the words ā 🌻"))
    done = start(ready, "check", "--format", form, env=os.environ | {"PYTHONIOENCODING": encoding})
    out = done.stdout.decode(encoding)
    assert (0, b"") == (done.returncode, done.stderr.partition(b"Next: ")[0])
    if form == "text":
        assert "    body: the the words \\u0101 \\U0001f33b" in out.splitlines()[1]
    elif form != "github":
        assert "🌻" in json.dumps(json.loads(out), ensure_ascii=False)


@posix
def test_a_reader_who_has_gone(wrong: Path) -> None:
    """``newsletter check | head`` ends without a word about it, with the exit code of the check."""
    end, begin = os.pipe()
    os.close(end)
    done = start(wrong, "check", "--all", stdout=begin)
    os.close(begin)
    assert (1, True) == (done.returncode, done.stderr.startswith(b"Next: "))


@posix
def test_a_closed_stdout(ready: Path) -> None:
    """Without any stdout the exit code still says how the issue stands."""
    command = f'exec "{sys.executable}" -m newsletter check >&-'
    done = subprocess.run(["sh", "-c", command], cwd=ready, capture_output=True, check=False)
    assert (0, b"", True) == (done.returncode, done.stdout, done.stderr.startswith(b"Next: "))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")  # noqa: PTH110
@pytest.mark.parametrize("form", ["text", "sarif"])
def test_a_full_disk(form: str, ready: Path) -> None:
    """A verdict that could not be written is no success."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = start(ready, "check", "--format", form, stdout=full)
    assert (3, True) == (done.returncode, b"could not be written whole" in done.stderr)


def test_debug(unreadable: Path) -> None:
    """--debug shows where in the program an issue's fault was raised."""
    done = start(unreadable, "--debug", "check", "2025-11")
    assert (1, True) == (done.returncode, b"Traceback" in done.stderr)
