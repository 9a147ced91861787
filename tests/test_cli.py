"""The program as it is typed: help, exit codes, errors in words, ``build``, and what a shell completes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import program
import pytest

from newsletter import __version__
from newsletter.cli import cli
from newsletter.crashes import in_words
from newsletter.errors import ConfigError
from newsletter.sections import section_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these rights nor these links")
not_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
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
FILES = ["calendar.ics", "email.html", "email.txt", "message.eml"]


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


def every_command() -> Iterator[tuple[str, ...]]:
    """The words that lead to each command: ("templates", "copy")."""

    def below(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from below(inner, (*words, name))

    return below(cli, ())


# --- help, version and speed ---


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_help(words: tuple[str, ...], tmp_path: Path) -> None:
    """Every command says in its help what it does, ends with examples a line each, and needs no workspace."""
    done = run(*words, "--help", cwd=tmp_path)
    head, _, examples = done.stdout.partition("\n  Examples:\n")
    lines = examples.splitlines()
    assert (0, "", True) == (done.returncode, done.stderr, head.startswith("Usage: newsletter"))
    assert (True, []) == (bool(lines), [line for line in lines if not line.startswith("    newsletter ")])
    assert {True} == {line.split()[1 : 1 + len(words)] == list(words) for line in lines}
    assert {line.split()[1] for line in lines} <= set(cli.commands)
    assert "\\b" not in done.stdout


def test_short_help(tmp_path: Path) -> None:
    """``-h`` is ``--help``."""
    assert run("--help", cwd=tmp_path).stdout == run("-h", cwd=tmp_path).stdout


def test_version(tmp_path: Path) -> None:
    """``--version`` prints the name and the version."""
    assert f"newsletter {__version__}\n" == run("--version", cwd=tmp_path).stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_is_quick(option: str, tmp_path: Path) -> None:
    """Help and version load of other people's code click alone, of ours the commands, and nothing heavy."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "newsletter", option],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "newsletter.cli" in loaded
    heavy = {"sqlite3", "email.message", "email.parser", "zoneinfo", "http.client", "ssl", "asyncio", "xml", "logging"}
    foreign = {
        "pydantic", "pydantic_core", "jinja2", "markupsafe", "premailer", "cssutils", "requests", "urllib3", "yaml",
        "lxml", "email_validator", "idna", "imagesize", "markdown_it", "linkify_it", "nh3", "keyring",
        "dns", "icalendar", "dateutil",
    }  # fmt: skip
    assert set() == heavy & loaded
    assert set() == foreign & {name.partition(".")[0] for name in loaded}
    ours = {name for name in loaded if name.startswith("newsletter.") and not name.startswith("newsletter.commands")}
    assert {f"newsletter.{name}" for name in ("cli", "crashes", "errors", "findings", "terminal")} == ours


# --- exit codes and errors in words ---


@pytest.mark.parametrize(
    "words", [("buld",), ("build", "--al"), ("send",), ("send", "--list"), ("build", "--output"), ()]
)
def test_usage(words: tuple[str, ...], ready: Path) -> None:
    """What click does not understand is exit code 2, without a traceback."""
    done = run(*words, cwd=ready)
    assert (2, "", False) == (done.returncode, done.stdout, "Traceback" in done.stderr)


def test_a_misspelt_command(tmp_path: Path) -> None:
    """A misspelt command is met with the nearest."""
    assert "'build'" in run("biuld", cwd=tmp_path).stderr


IDS = [
    "../../etc/passwd",
    "/etc/passwd",
    "..\\x",
    "a\nb",
    "; ls",
    "$(ls)",
    "-x",
    "2026-13",
    "2026-13.yaml",
    "",
    "2026-01-Ä",
    "\x1b[31m",
]


@pytest.mark.parametrize("issue", IDS)
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners", "--yes")])
def test_what_is_no_id(issue: str, command: tuple[str, ...], ready: Path) -> None:
    """What is no issue id is refused in one line that shows it harmlessly, and nothing is opened or written."""
    before = sorted(ready.rglob("*"))
    done = run(*command, "--", issue, cwd=ready)
    told = (
        f"error: {issue!r} is not an issue id\n"
        "  An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition.\n"
    )
    assert (2, "", told, before) == (done.returncode, done.stdout, done.stderr, sorted(ready.rglob("*")))


def test_an_id_that_is_not_there(ready: Path) -> None:
    """An id without a file is refused with the nearest that has one."""
    done = run("build", "2026-02", cwd=ready)
    told = 'error: there is no issue 2026-02\n  Did you mean "2026-01"?\n'
    assert (2, "", told) == (done.returncode, done.stdout, done.stderr)


CONFIGS = [
    (None, "there is no newsletter.yaml in this folder or above it"),
    ("", "newsletter.yaml cannot be read"),
    ("title: [\n", "newsletter.yaml cannot be read"),
    ("title: X\n", "newsletter.yaml cannot be used yet"),
    ("colour: red\n", "newsletter.yaml cannot be used yet"),
]


@pytest.mark.parametrize(("text", "told"), CONFIGS, ids=["missing", "empty", "not YAML", "incomplete", "unknown key"])
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners"), ("templates",)])
def test_a_workspace_that_is_not_ready(text: str | None, told: str, command: tuple[str, ...], ready: Path) -> None:
    """Without a newsletter.yaml that can be used every command ends with 3 and one line, its findings before it."""
    (ready / "newsletter.yaml").unlink()
    if text is not None:
        (ready / "newsletter.yaml").write_text(text, "utf-8")
    done = run(*command, cwd=ready)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert (3, "", [f"error: {told}"]) == (done.returncode, done.stdout, errors)
    assert {} == built(ready)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("sam@example.org"), "newsletter has a fault of its own (KeyError). Nothing more was done."),
        (OSError("sam@example.org"), "newsletter has a fault of its own (OSError). Nothing more was done."),
        (PermissionError(13, "Permission denied", "build/x"), "build/x: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ConfigError("ours"), "ours"),
    ],
)
def test_words_for_errors(error: Exception, message: str) -> None:
    """Of an error not ours only the kind is told, or file and reason of the system: its words may hold an address."""
    told = in_words(error)
    assert message == told.message
    assert "sam@" not in told.message + told.hint


def test_debug(ready: Path) -> None:
    """An error shows a traceback with --debug and none without."""
    (ready / "issues/2026-01.yaml").write_text(BROKEN, "utf-8")
    outputs = [run(*words, "build", cwd=ready).stderr for words in ((), ("--debug",))]
    assert [False, True] == ["Traceback (most recent call last)" in output for output in outputs]


@posix
@pytest.mark.parametrize("command", [("build",), ("send", "--list", "practitioners"), ("templates",)])
def test_a_folder_that_is_gone(command: tuple[str, ...], ready: Path) -> None:
    """In a folder that somebody deleted every command ends with one line."""
    gone = ready / "gone"
    gone.mkdir()
    line = 'cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *program.PROGRAM, *command],
        cwd=ready,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    told = "error: this folder is not there any more\n  Change into your newsletter's folder.\n"
    assert (3, "", told) == (done.returncode, done.stdout, done.stderr)


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


# --- what there is ---


def test_sections(tmp_path: Path) -> None:
    """``sections`` names each type in a line, with what it is."""
    done = run("sections", cwd=tmp_path)
    assert list(section_types()) == [line.split()[0] for line in done.stdout.splitlines()]
    assert {True} == {len(line) > 20 for line in done.stdout.splitlines()}


def test_providers(tmp_path: Path) -> None:
    """``providers`` names each way that mail can leave in a line, the outbox among them."""
    done = run("providers", cwd=tmp_path)
    assert "outbox      Writes each copy to a file of its own." in done.stdout.splitlines()


def test_schema(tmp_path: Path) -> None:
    """``schema`` prints JSON that any console can hold."""
    done = run("schema", cwd=tmp_path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# --- what a shell completes ---


def complete(workspace: Path, *words: str) -> list[str]:
    """What bash is told for the last of *words*."""
    environment = {
        "_NEWSLETTER_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("newsletter", *words)),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = run(cwd=workspace, env=os.environ | environment)
    assert (0, "") == (done.returncode, done.stderr)
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("bui",), ["build"]),
        (("build", "2026"), ["2026-03-annual-report", "2026-01"]),
        (("build", "2026-01", "2025"), ["2025-12"]),
        (("send", "2"), ["2026-03-annual-report", "2026-01", "2025-12"]),
        (("send", "--list", "pr"), ["practitioners"]),
        (("send", "--list", "x"), []),
        (("send", "--dr"), ["--dry-run"]),
    ],
    ids=" ".join,
)
def test_completion(words: tuple[str, ...], found: list[str], ready: Path) -> None:
    """A shell completes commands, options, issue ids with the newest first, and list names."""
    assert found == complete(ready, *words)


def test_completion_without_a_workspace(tmp_path: Path) -> None:
    """Outside a workspace nothing is completed, and nothing complained of."""
    assert [[], []] == [complete(tmp_path, "build", "2"), complete(tmp_path, "send", "--list", "p")]
