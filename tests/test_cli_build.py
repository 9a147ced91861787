"""``newsletter build`` as it is typed: which issues, what it says, and what lies in build/ afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import builds
import pytest
from builds import BROKEN, ISSUE, built, posix, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ready = builds.ready

not_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
FILES = ["calendar.ics", "email.html", "email.txt", "message.eml"]
HINT = "  Check that you may read and write there, and that the disk has room. Then give the same command again.\n"


def test_a_build_folder_that_is_a_file(ready: Path) -> None:
    """Where build is a file nothing can be written: one line that names it."""
    (ready / "build").write_text("mine", "utf-8")
    done = run("build", cwd=ready)
    first, *hint = done.stderr.splitlines(keepends=True)
    assert (3, "", [HINT]) == (done.returncode, done.stdout, hint)
    assert re.fullmatch(r"error: .*build.*: (Not a directory|File exists)\n", first), first
    assert (ready / "build").read_text("utf-8") == "mine"


@posix
@not_root
def test_a_build_folder_that_may_not_be_written(ready: Path) -> None:
    """A folder without the right to write is one line that names the file."""
    (ready / "build/2026-01").mkdir(parents=True)
    (ready / "build/2026-01").chmod(0o500)
    done = run("build", cwd=ready)
    told = f"error: {ready}/build/2026-01/email.html: Permission denied\n{HINT}"
    assert (3, "", told) == (done.returncode, done.stdout, done.stderr)


@posix
def test_a_full_disk(ready: Path) -> None:
    """A file that the disk has no room for is one line that names it, and an earlier build of it stays whole."""
    import resource  # noqa: PLC0415

    run("build", cwd=ready)
    before = (ready / "build/2026-01/email.html").read_bytes()
    (ready / "issues/2026-01.yaml").write_text(ISSUE.format(month="Another").replace("\n    ", "\n"), "utf-8")
    done = run(
        "build",
        cwd=ready,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, resource.RLIM_INFINITY)),
    )
    told = f"error: {ready}/build/2026-01/email.html: File too large\n{HINT}"
    assert (3, "", told) == (done.returncode, done.stdout, done.stderr)
    assert {"2026-01": FILES} == built(ready)
    assert before == (ready / "build/2026-01/email.html").read_bytes()


# --- build ---


def test_build_says(ready: Path) -> None:
    """The newest monthly issue is built, never a special edition; its verdict is on stdout, what to do on stderr."""
    done = run("build", cwd=ready)
    size = (ready / "build/2026-01/email.html").stat().st_size / 1024
    told = re.fullmatch(
        r"January 2026 newsletter: no errors\. ([\d.]+) KB of 100 KB\. Wrote build/2026-01/\.\n", done.stdout
    )
    then = (
        "Next: look at it in a browser, then rehearse the send\n"
        "  build/2026-01/email.html\n  newsletter send 2026-01 --list practitioners --dry-run\n"
    )
    assert (0, then, {"2026-01": FILES}) == (done.returncode, done.stderr, built(ready))
    assert told is not None
    assert float(told[1]) == pytest.approx(size, abs=1)


def test_build_several(ready: Path) -> None:
    """Those named are built in the order given, a special edition too."""
    done = run("build", "2026-03-annual-report", "2025-12", cwd=ready)
    assert ["Annual newsletter", "December 2025 newsletter"] == [
        line.split(":")[0] for line in done.stdout.splitlines()
    ]
    assert {"2026-03-annual-report": FILES, "2025-12": FILES} == built(ready)


def test_build_all(ready: Path) -> None:
    """--all builds every issue there is."""
    assert 0 == run("build", "--all", cwd=ready).returncode
    assert {"2025-12": FILES, "2026-01": FILES, "2026-03-annual-report": FILES} == built(ready)


def test_all_or_some(ready: Path) -> None:
    """Names and --all at once are a matter of usage, and nothing is built."""
    done = run("build", "2026-01", "--all", cwd=ready)
    assert (2, "error: name issues, or give --all: not both\n", {}) == (done.returncode, done.stderr, built(ready))


def test_build_nothing(workspace: Path) -> None:
    """A workspace without an issue says so; with --all there is nothing to do."""
    done = run("build", cwd=workspace)
    told = "error: there is no issue yet\n  Write one as issues/2026-01.yaml, named by year and month.\n"
    assert (2, "", told) == (done.returncode, done.stdout, done.stderr)


def test_build_elsewhere(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """--output writes the same bytes into another folder, and says which."""
    elsewhere = tmp_path_factory.mktemp("out") / "a" / "b"
    run("build", cwd=ready)
    done = run("build", "--output", str(elsewhere), cwd=ready)
    assert f"Wrote {elsewhere.as_posix()}/2026-01/." in done.stdout
    for name in FILES:
        assert (ready / "build/2026-01" / name).read_bytes() == (elsewhere / "2026-01" / name).read_bytes()


def test_build_from_below(ready: Path) -> None:
    """From a folder inside the workspace the same is built."""
    (ready / "images").mkdir()
    assert (0, {"2026-01": FILES}) == (run("build", cwd=ready / "images").returncode, built(ready))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_same_input_same_bytes(seed: str, ready: Path) -> None:
    """The same issue gives the same bytes: again, without what was kept, with another key, hash seed and time zone."""
    run("build", cwd=ready)
    before = {name: (ready / "build/2026-01" / name).read_bytes() for name in FILES}
    for folder in ("build", ".newsletter"):
        shutil.rmtree(ready / folder)
    run("build", cwd=ready, env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PYTHONOPTIMIZE": seed})
    assert before == {name: (ready / "build/2026-01" / name).read_bytes() for name in FILES}


def test_a_broken_issue_stops_no_other(ready: Path, write_issue: Callable[..., Path]) -> None:
    """An issue that cannot be read is told on stdout with all its faults; the others are built; the exit code is 1."""
    write_issue(BROKEN, "2020-02")
    done = run("build", "2025-12", "2020-02", "2026-01", cwd=ready)
    heads = [line.split(": ")[0] for line in done.stdout.splitlines() if not line.startswith("  ")]
    assert ["December 2025 newsletter", "issues/2020-02.yaml:1:10", "January 2026 newsletter"] == heads
    assert done.returncode == 1
    assert {"2025-12": FILES, "2026-01": FILES} == built(ready)


def test_a_broken_issue_leaves_what_was_built(ready: Path, write_issue: Callable[..., Path]) -> None:
    """A build that fails leaves an earlier build of that issue untouched."""
    run("build", cwd=ready)
    before = {name: (ready / "build/2026-01" / name).stat().st_mtime_ns for name in FILES}
    write_issue("sections: text\n", "2026-01")
    assert 1 == run("build", cwd=ready).returncode
    assert before == {name: (ready / "build/2026-01" / name).stat().st_mtime_ns for name in FILES}


def test_a_folder_in_place_of_an_issue(ready: Path) -> None:
    """A folder that is called as an issue is told in one line, and stops no other."""
    (ready / "issues/2025-11.yaml").mkdir()
    done = run("build", "--all", cwd=ready)
    told = "error: issues/2025-11.yaml is a folder, not a file\n  Rename the folder, or name another file.\n"
    assert (3, told) == (done.returncode, done.stderr)
    assert {"2025-12": FILES, "2026-01": FILES, "2026-03-annual-report": FILES} == built(ready)


@pytest.mark.parametrize("name", ["january.yaml", "2026-1.yaml", "2026-13.yaml", "2026-01.yml", "2026-01-Report.yaml"])
def test_misnamed_files(name: str, ready: Path) -> None:
    """A file whose name is no id is told by --all, which builds the others; a build of one issue does not mind it."""
    (ready / "issues" / name).write_text("subject: x\n", "utf-8")
    done = run("build", "--all", cwd=ready)
    told = f"issues/{name}: not built, its name is no issue id. Name it as in 2026-01.yaml.\n"
    assert (1, told, 3) == (done.returncode, done.stderr, len(built(ready)))
    assert 0 == run("build", cwd=ready).returncode


def test_errors_of_checks_still_build(ready: Path, write_issue: Callable[..., Path]) -> None:
    """An issue in which a check finds an error is built, to be looked at; the verdict says what that means."""
    write_issue(ISSUE.format(month="January 2026").replace("Tuesday", "Wednesday"))
    done = run("build", cwd=ready)
    without_calendar = FILES[1:]  # nobody knows yet which day is meant
    assert (0, {"2026-01": without_calendar}) == (done.returncode, built(ready))
    assert re.fullmatch(
        r"issues/2026-01\.yaml:11:9: error N101: Wednesday 10 February 2026 is a Tuesday\n"
        r"    - Wednesday 10 February 2026 - Safer Internet Day\n      \^\n"
        r'  Write "Tuesday 10 February 2026", or "Wednesday 11 February 2026"\.\n'
        r"January 2026 newsletter: 1 error\. An error stops a send\. Wrote build/2026-01/\.\n",
        done.stdout,
    )


def test_a_draft_builds(ready: Path, write_issue: Callable[..., Path]) -> None:
    """A draft is built, and said to be one."""
    write_issue("    draft: true" + ISSUE.format(month="January 2026"))
    done = run("build", cwd=ready)
    assert (0, True) == (done.returncode, ": no errors, 1 note. Still a draft. " in done.stdout)


def test_build_json(ready: Path, write_issue: Callable[..., Path]) -> None:
    """--json prints one value for all issues, built or not, with every finding, and nothing else on stdout."""
    write_issue(BROKEN, "2020-02")
    write_issue(ISSUE.format(month="Siobhán’s 🌻").replace("Tuesday", "Wednesday"))
    done = run("build", "2026-01", "2020-02", "--json", cwd=ready, env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    first, second = json.loads(done.stdout)
    html = (ready / "build/2026-01/email.html").stat().st_size
    assert first.pop("html_bytes") == pytest.approx(html, rel=0.1)
    assert {
        "issue": "2026-01", "exit_code": 0, "folder": "build/2026-01",
        "subject": "Siobhán’s 🌻 newsletter", "draft": False,
        "findings": [{
            "file": "issues/2026-01.yaml", "line": 11, "column": 9, "severity": "error", "code": "N101",
            "message": "Wednesday 10 February 2026 is a Tuesday",
            "hint": 'Write "Tuesday 10 February 2026", or "Wednesday 11 February 2026".',
            "excerpt": "      - Wednesday 10 February 2026 - Safer Internet Day",
        }],
    } == first  # fmt: skip
    assert ("2020-02", 1, "N001") == (second["issue"], second["exit_code"], second["findings"][0]["code"])
    assert (1, "") == (done.returncode, done.stderr)


def test_building_all_of_nothing_says_so(workspace: Path) -> None:
    """``build --all`` without an issue gives the same answer as ``build``."""
    told = "error: there is no issue yet\n  Write one as issues/2026-01.yaml, named by year and month.\n"
    for arguments in (("build",), ("build", "--all"), ("build", "--all", "--json")):
        done = run(*arguments, cwd=workspace)
        assert (2, "", told) == (done.returncode, done.stdout, done.stderr)


def test_an_issue_with_errors_is_not_sent_on_its_way(ready: Path) -> None:
    """After an error the next thing to do is to mend it, not to send."""
    path = ready / "issues/2026-01.yaml"
    path.write_text(path.read_text("utf-8").replace("- Tuesday 10", "- Monday 10"), "utf-8")
    done = run("build", "2026-01", cwd=ready)
    assert (0, "Next: mend the errors above, then\n  newsletter build 2026-01\n") == (done.returncode, done.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")  # noqa: PTH110
@pytest.mark.parametrize("arguments", [("schema",), ("build", "--json")])
def test_a_result_that_could_not_be_written_is_no_success(ready: Path, arguments: tuple[str, ...]) -> None:
    """What another program will read is whole, or the exit code says that it is not."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = run(*arguments, cwd=ready, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    told = "error: the result could not be written whole\n  Is the disk full?\n"
    assert (3, told) == (done.returncode, done.stderr)
