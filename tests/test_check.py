"""``newsletter check`` as it is typed: what it prints, its exit codes, and what comes next."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import checkruns
import pytest
from checkruns import DIARY, FORMATS, PROGRAM, TWICE, issue

from newsletter.checks import all_checks
from newsletter.findings import CODES

if TYPE_CHECKING:
    from pathlib import Path

    from checkruns import Run, Write

ready, wrong, run, unreadable = checkruns.ready, checkruns.wrong, checkruns.run, checkruns.unreadable

WRONG = """\
issues/2026-01.yaml:13:9: error N101: Wednesday 10 February 2026 is a Tuesday
    - Wednesday 10 February 2026 - Safer Internet Day
      ^
  Write "Tuesday 10 February 2026", or "Wednesday 11 February 2026".
"""


def configure(workspace: Path, line: str) -> None:
    """Add a *line* to newsletter.yaml."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(line)


def sized(text: str) -> str:
    """Return *text* with all sizes of mails taken for the same."""
    return re.sub(r"\d+\.\d KB of", "9.9 KB of", text)


# --- text ---


def test_without_a_fault(ready: Path, run: Run) -> None:
    """The newest issue is checked; its verdict with its figures is on stdout, what to do next on stderr."""
    code, out, err = run("check")
    assert (0, "January 2026 newsletter: no errors. 1 link, 9.9 KB of 100 KB.\n") == (code, sized(out))
    assert err == "Next: build it\n  newsletter build 2026-01\n"


def test_with_an_error(wrong: Path, run: Run) -> None:
    """An error is told with its line, a caret and what to write; the verdict says what it means; exit code 1."""
    told = f"{WRONG}\nJanuary 2026 newsletter: 1 error. An error stops a send.\n"
    expected = (1, told, "Next: mend the error, then\n  newsletter check 2026-01 --on 2026-01-05\n")
    assert expected == run("check", "--on", "2026-01-05")


def test_several(wrong: Path, run: Run) -> None:
    """All findings come first, by file and line; then a line an issue, in the order given, and the sum."""
    code, out, err = run("check", "2026-01", "2025-12", "2026-01", "--on", "2026-01-05")
    findings, _, verdicts = out.partition("\n\n")
    assert findings.startswith(TWICE)
    assert WRONG == findings[-len(WRONG) + 1 :] + "\n"
    assert [
        "January 2026 newsletter: 1 error. An error stops a send.",
        "December 2025 newsletter: no errors, 1 warning. 1 link, 9.9 KB of 100 KB.",
        "2 issues: 1 error, 1 warning.",
    ] == sized(verdicts).splitlines()
    assert (1, "Next: mend the error, then\n  newsletter check 2026-01 2025-12 --on 2026-01-05\n") == (code, err)


def test_all(ready: Path, run: Run) -> None:
    """--all checks every issue, the oldest first."""
    code, out, err = run("check", "--all")
    assert ["December 2025 newsletter", "January 2026 newsletter", "2 issues"] == [
        line.partition(":")[0] for line in out.splitlines()
    ]
    assert (0, "Next: build them\n  newsletter build --all\n") == (code, err)


STRICTLY = "--on 2026-01-05 --strict"


@pytest.mark.parametrize(
    ("words", "code", "then"),
    [
        (("2025-12",), 0, "Next: look at the warning above, then build it\n  newsletter build 2025-12\n"),
        (("2025-12", "--strict"), 1, f"Next: mend the warning, then\n  newsletter check 2025-12 {STRICTLY}\n"),
        (("2026-01", "--strict"), 1, f"Next: mend the error, then\n  newsletter check 2026-01 {STRICTLY}\n"),
    ],
)
def test_strict(words: tuple[str, ...], code: int, then: str, wrong: Path, run: Run) -> None:
    """With --strict a warning ends with 1, too, and is what to mend next."""
    assert (code, then) == run("check", *words, "--on", "2026-01-05")[::2]


def test_notes_never_count(ready: Path, run: Run, write_issue: Write) -> None:
    """A note is printed, and stops nothing, with --strict neither."""
    write_issue("    draft: true" + issue("January 2026", "2026-01"))
    code, out, _ = run("check", "--strict")
    assert (0, True) == (code, "January 2026 newsletter: no errors, 1 note. Still a draft. 1 link," in out)


def test_a_draft_that_has_errors(wrong: Path, run: Run) -> None:
    """A verdict on a draft says both, that it has errors and that it is a draft."""
    path = wrong / "issues/2026-01.yaml"
    path.write_text(f"draft: true\n{path.read_text('utf-8')}", "utf-8")
    out = run("check", "--on", "2026-01-05")[1]
    assert "January 2026 newsletter: 1 error, 1 note. Still a draft. An error stops a send." == out.splitlines()[-1]


@pytest.mark.parametrize("words", [("build",), ("send", "--list", "practitioners", "--yes")], ids=" ".join)
def test_one_pipeline(words: tuple[str, ...], wrong: Path, run: Run) -> None:
    """What check finds is what build prints and what a send refuses for, line for line."""
    found = run("check")[1].partition("\n\n")[0]
    _, out, err = run(*words)
    assert WRONG in f"{found}\n"
    assert found in (out if words == ("build",) else err)


# --- exit codes 2 and 3 ---


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("2026-07",), 'error: there is no issue 2026-07\n  Did you mean "2026-01"?\n'),
        (("2026-01", "--all"), "error: name issues, or give --all: not both\n"),
        (("--format", "xml"), "Error: Invalid value for '--format': 'xml' is not one of "),
        (("--on", "soon"), "Error: Invalid value for '--on': "),
        (("--on", "5 to 6 January 2026"), "Error: Invalid value for '--on': \"5 to 6 January 2026\" is not one day."),
        (("--on", "5 January 2026, 9am to 10am"), "Error: Invalid value for '--on': "),
        (("--on", "2026-02-30"), "Error: Invalid value for '--on': "),
        (("--explain", "N999"), 'error: there is no check "N999"\n'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_usage(words: tuple[str, ...], told: str, form: str, ready: Path, run: Run) -> None:
    """What does not exist is exit code 2, said on stderr; stdout stays empty for the program that reads it."""
    code, out, err = run("check", "--format", form, *words)
    assert (2, "", True) == (code, out, told in err)


@pytest.mark.parametrize("form", FORMATS)
def test_a_workspace_that_is_not_ready(form: str, ready: Path, run: Run) -> None:
    """A fault in newsletter.yaml is exit code 3, told on stderr in every format."""
    configure(ready, "titel: x\n")
    code, out, err = run("check", "--format", form)
    assert (3, "") == (code, out)
    assert err.startswith('newsletter.yaml:9:1: error N004: unknown key "titel"\n')


# --- the day of sending ---


@pytest.mark.parametrize("day", ["2026-02-11", "11 February 2026", "Wed 11th Feb 2026"])
def test_the_day_of_sending(day: str, ready: Path, run: Run, write_issue: Write) -> None:
    """--on gives the day on which dates are over or not, as people write it."""
    write_issue(issue("January 2026", "2026-01") + DIARY.format("Tuesday"))
    assert "N102" in run("check", "--on", day)[1]
    assert "N102" not in run("check", "--on", "10 February 2026")[1]


# --- what newsletter.yaml switches off ---


def test_what_is_switched_off_for_nothing(wrong: Path, run: Run) -> None:
    """--all tells of a code that kept nothing back in any issue, at its line; one that did is not told of."""
    configure(wrong, "checks: {ignore: [N130, N125]}\n")
    told = "newsletter.yaml:9:25: warning N016: N125 is left out, but finds nothing"
    out = run("check", "--all", "--on", "2026-01-05")[1]
    assert [told] == [line for line in out.splitlines() if " N016:" in line]
    assert "N130" not in out.replace("[N130, N125]", "")
    assert "2 issues: 1 error, 1 warning." == out.splitlines()[-1]
    assert "N016" not in run("check", "2026-01")[1]


def test_nothing_is_called_idle_while_an_issue_cannot_be_read(unreadable: Path, run: Run) -> None:
    """The code might be needed there."""
    configure(unreadable, "checks: {ignore: [N125]}\n")
    assert "N016" not in run("check", "--all")[1]


def test_what_only_links_can_find_is_not_called_idle(ready: Path, run: Run) -> None:
    """Without --links nobody can tell whether a code of fetching finds anything."""
    configure(ready, "checks: {ignore: [N166, N167]}\n")
    assert "N016" not in run("check", "--all")[1]


def test_an_unknown_code_is_told_once(ready: Path, run: Run) -> None:
    """A fault in newsletter.yaml concerns every issue and is told once in a run."""
    configure(ready, "checks: {ignore: [N999]}\n")
    out = run("check", "--all")[1]
    assert ['newsletter.yaml:9:19: warning N016: there is no check "N999"'] == [
        line for line in out.splitlines() if " N016:" in line
    ]
    assert "2 issues: no errors, 1 warning." == out.splitlines()[-1]


# --- what there is ---


@pytest.mark.parametrize(("code", "head"), [("N101", "N101 weekday, error"), ("n016", "N016 idle-ignore, warning")])
def test_explain(code: str, head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """--explain prints code, name, severity and what it is about, in any case of letters, without a workspace."""
    monkeypatch.chdir(tmp_path.parent)
    done, out, err = run("check", "--explain", code)
    assert (0, "", head) == (done, err, out.splitlines()[0])
    assert 3 < len(out.splitlines()) == len([line for line in out.splitlines() if len(line) <= 80])


def test_explain_what_is_not_there(run: Run) -> None:
    """A code that is nearly one is met with that one."""
    expected = (2, "", 'error: there is no check "N1001"\n  Did you mean "N101"?\n')
    assert expected == run("check", "--explain", "N1001")
    assert "To see them all: newsletter checks\n" in run("check", "--explain", "zzz")[2]
    assert run("check", "--explain", "N101") == run("check", "--explain", "weekday")


def test_checks(run: Run) -> None:
    """``checks`` lists every code in a line of at most 80 columns, or more lines that begin below its summary."""
    code, out, err = run("checks")
    lines = out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("N")]
    assert (0, "", [*CODES, *(check.code for check in all_checks())]) == (code, err, listed)
    assert [] == [line for line in lines if len(line) > 80 or not (line.startswith(("N", " " * 15)))]
    assert "N101  error    A weekday that is not that of its date." in lines


def complete(*words: str) -> list[str]:
    """What bash is told for the last of *words*."""
    environment = {
        "_NEWSLETTER_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("newsletter", *words)),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = subprocess.run(PROGRAM, capture_output=True, encoding="utf-8", check=False, env=os.environ | environment)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_completion() -> None:
    """A shell completes codes for --explain, in any case of letters, and the formats."""
    assert {"N101", "N102"} <= set(complete("check", "--explain", "n10"))
    assert ["json"] == complete("check", "--format", "js")
