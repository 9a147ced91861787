"""The terminal's voice: what it prints, where, in which colours, and that no console can break a run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from program import begin

from newsletter.errors import ConfigError, ContentError, RefusedError
from newsletter.findings import Finding, Place, Severity
from newsletter.terminal import count, deferred_stop, is_plain, near, progress, show_error, show_findings, show_next

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
PROGRAM = [sys.executable, "-m", "newsletter"]
PLACE = Place("issues/2026-01.yaml", 46, 11)
FINDINGS = (
    Finding(PLACE, Severity.ERROR, "N101", "Wednesday 3 February 2026 is a Tuesday", "Write it anew.\nOr change it."),
    Finding(PLACE, Severity.WARNING, "N111", "a date differs"),
    Finding(PLACE, Severity.NOTE, "N121", "no dates yet"),
)
ISSUE = """
    subject: {subject}
    preheader: What changed in the procedures this winter
    sections:
      - type: diary
        title: Dates
        dates:
          - Wednesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
"""


@pytest.mark.parametrize(
    ("number", "word", "told"),
    [
        (0, "error", "0 errors"),
        (1, "error", "1 error"),
        (1, "person", "1 person"),
        (1_248, "person", "1,248 people"),
        (2_000_000, "date", "2,000,000 dates"),
    ],
)
def test_count(number: int, word: str, told: str) -> None:
    """A number stands with commas before its noun, in the singular or the plural."""
    assert told == count(number, word)


def test_findings(capsys: pytest.CaptureFixture[str]) -> None:
    """A finding is a line that begins with its place, with its hint below; results go to stdout."""
    show_findings(FINDINGS)
    told = """\
issues/2026-01.yaml:46:11: error N101: Wednesday 3 February 2026 is a Tuesday
  Write it anew.
  Or change it.
issues/2026-01.yaml:46:11: warning N111: a date differs
issues/2026-01.yaml:46:11: note N121: no dates yet
"""
    assert (told, "") == capsys.readouterr()


@pytest.mark.parametrize(
    ("error", "results", "out", "err"),
    [
        (
            ConfigError("it is not there", "Make it.\nOr not."),
            False,
            "",
            "error: it is not there\n  Make it.\n  Or not.\n",
        ),
        (RefusedError("Not sent: a draft."), False, "", "Not sent: a draft.\n"),
        (ContentError("cannot be used", FINDINGS[1:2]), False, "", f"{FINDINGS[1]}\nerror: cannot be used\n"),
        (ContentError("cannot be used", FINDINGS[1:2]), True, f"{FINDINGS[1]}\n", "error: cannot be used\n"),
    ],
    ids=["with a hint", "a sentence", "findings", "findings as results"],
)
def test_errors(error: ConfigError, results: bool, out: str, err: str, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    """An error is one line on stderr, its hint indented below it; one that begins as a sentence has no "error:"."""
    show_error(error, results=results)
    assert (out, err) == capsys.readouterr()


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("  - Tuesday", 5, ["- Tuesday", "  ^"]),
        ("  a\tb c", 5, ["a b c", "  ^"]),
        ("a \u202eb\u200b\x1b[2J c", 11, ["a ?b??[2J c", " " * 10 + "^"]),
        ("日本 Ａ e\u0301 x", 9, ["日本 Ａ e\u0301 x", " " * 10 + "^"]),
        ("end", 4, ["end", "   ^"]),
        ("end", 5, []),
        ("   ", 2, []),
        ("  " + "abcde " * 9, 3, ["abcde abcde abcde abcde abcde abcde a...", "^"]),
        ("  " + "abcde " * 9, 45, ["...e abcde abcde abcde abcde abcde", " " * 23 + "^"]),
        ("日" * 60, 31, ["..." + "日" * 17 + "...", " " * 23 + "^"]),
        (" " * 70 + "deep", 71, ["deep", "^"]),
        ("x" * 50_000, 50_000, ["..." + "x" * 21, " " * 23 + "^"]),
    ],
)
def test_excerpts(line: str, column: int, expected: list[str]) -> None:
    """A fault's line is shown from its first letter, or around the fault, and the caret stands below the very sign."""
    finding = Finding(Place("issues/2026-01.yaml", 1, column), Severity.ERROR, "N101", "x", "", "", line)
    assert [f"    {shown}" for shown in expected] == finding.pointed(40)


@posix
def test_excerpts_on_a_narrow_terminal(faultless: Path) -> None:
    """On a terminal of 40 columns no excerpt is broken, so that its caret still points."""
    file = faultless / "issues/2026-01.yaml"
    long = "title: Dates" + " in time" * 6 + " the the"
    file.write_text(file.read_text("utf-8").replace("title: Dates", long), "utf-8")
    lines = on_terminal(faultless, "check", COLUMNS="40", NO_COLOR="1").splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.strip() == "^"]
    excerpt, caret = lines[at - 1 : at + 1]
    assert ("the the", True) == (excerpt[caret.index("^") :][:7], len(excerpt) <= 40)


@posix
def test_hints_on_a_terminal(faultless: Path) -> None:
    """A long hint is broken between words there, its lines indented alike; in a pipe it is one line."""
    file = faultless / "issues/2026-01.yaml"
    file.write_text(file.read_text("utf-8").replace("preheader: What", "# What"), "utf-8")
    lines = on_terminal(faultless, "check", NO_COLOR="1").splitlines()
    (head,) = [number for number, line in enumerate(lines) if " N122:" in line]
    hint = lines[head + 3 : head + 5]
    assert (True, True) == (len(hint[0]) <= 80, all(line.startswith("  ") for line in hint))
    done = subprocess.run([*PROGRAM, "check"], cwd=faultless, capture_output=True, check=False)
    assert f"{hint[0]} {hint[1].strip()}" in done.stdout.decode()


LONG = ConfigError(
    "a real send cannot keep its record in /home/sam/OneDrive/newsletter/.newsletter: it is synced with others",
    "Move that folder to a disk of this computer that is not synced, whole, and say where it now is:\n"
    "export NEWSLETTER_STATE='/home/sam smith/.local/state/newsletter/early years'\n"
    "To see what was sent and to whom it went: newsletter status 2026-01-special-edition --list early-years --audit\n"
    "Pages: https://example.org/a/path/that/is/longer/than/any/line/and-has-hyphens/but-is-one-address.html\n"
    "newsletter send 2026-01-special-edition --list early-years --edition 2 --retry-rejected\n"
    "Short.",
)
FOLDED = """\
error: a real send cannot keep its record in
/home/sam/OneDrive/newsletter/.newsletter: it is synced with
others
  Move that folder to a disk of this computer that is not
  synced, whole, and say where it now is:
  export NEWSLETTER_STATE='/home/sam smith/.local/state/newsletter/early years'
  To see what was sent and to whom it went:
  newsletter status 2026-01-special-edition --list early-years --audit
  Pages:
  https://example.org/a/path/that/is/longer/than/any/line/and-has-hyphens/but-is-one-address.html
  newsletter send 2026-01-special-edition --list early-years --edition 2 --retry-rejected
  Short.
"""


def test_long_errors(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal gets them broken between words, and whole what is copied: paths, addresses, commands; a pipe as is."""
    show_error(LONG)
    as_is = f"error: {LONG.message}\n" + "".join(f"  {line}\n" for line in LONG.hint.splitlines())
    assert ("", as_is) == capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    show_error(LONG)
    assert FOLDED == click.unstyle(capsys.readouterr().err)


@posix
def test_how_an_issue_stands_on_a_narrow_terminal(faultless: Path) -> None:
    """The line that says so is broken between words by check and by build, whatever is coloured in it."""
    for command in ("check", "build"):
        lines = click.unstyle(on_terminal(faultless, command, COLUMNS="50")).splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.startswith("Siobhán’s newsletter")]
        assert (True, True) == (len(lines[at]) <= 50, lines[at + 1].startswith("  ")), lines


def test_next(capsys: pytest.CaptureFixture[str]) -> None:
    """What to do next is the last paragraph, on stderr."""
    show_next("look at it", "newsletter preview", "newsletter send")
    assert ("", "Next: look at it\n  newsletter preview\n  newsletter send\n") == capsys.readouterr()


def test_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters out of files and arguments are shown, not obeyed, and a message stays one line."""
    show_findings([Finding(PLACE, Severity.NOTE, "N121", "a \x1b[31mred\x07 word", "\x9b2J\u202e")])
    show_error(ConfigError("two\nlines\x1b]0;title\x07", "a\x08b"))
    assert (
        "issues/2026-01.yaml:46:11: note N121: a \\x1b[31mred\\x07 word\n  \\x9b2J\\u202e\n",
        "error: two lines\\x1b]0;title\\x07\n  a\\x08b\n",
    ) == capsys.readouterr()


def test_a_path_that_a_terminal_would_obey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be called anything; its name is shown, not obeyed, below the current folder and elsewhere."""
    monkeypatch.chdir(tmp_path)
    name, shown = "\x1b[31mred\u202e.csv", "\\x1b[31mred\\u202e.csv"
    assert (f"lists/{shown}", f"/elsewhere/{shown}") == (near(tmp_path / "lists" / name), near(f"/elsewhere/{name}"))


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({}, False),
        ({"NO_COLOR": "1"}, True),
        ({"NO_COLOR": ""}, False),
        ({"TERM": "dumb"}, True),
        ({"TERM": "xterm"}, False),
    ],
)
def test_plain(environment: dict[str, str], plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """NO_COLOR, unless it is empty, and TERM=dumb ask for a plain terminal."""
    monkeypatch.delenv("TERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert plain is is_plain()


def test_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal, everything passes and nothing is drawn."""
    assert [1, 2, 3] == list(progress([1, 2, 3], length=3, info=lambda: "info"))
    assert ("", "") == capsys.readouterr()


def test_a_stop_is_deferred_once() -> None:
    """The first Ctrl-C is noted, the second interrupts, and afterwards Ctrl-C is what it was."""
    before = signal.getsignal(signal.SIGINT)
    with deferred_stop() as stopping:
        assert stopping() is False
        signal.raise_signal(signal.SIGINT)
        assert stopping() is True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert before is signal.getsignal(signal.SIGINT)


# --- the program on a real terminal, and on consoles that are not well ---


def on_terminal(workspace: Path, *arguments: str, **environment: str) -> str:
    """Run the program on a real terminal and return all that it wrote there."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    process = begin(*arguments, cwd=workspace, terminal=theirs, **{"TERM": "xterm", "COLUMNS": "80"} | environment)
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert process.wait() == 0, shown
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace with an issue that has an error and no plain subject."""
    write_issue(ISSUE.format(subject="Siobhán’s newsletter 🌻"))
    return workspace


@pytest.fixture
def faultless(ready: Path) -> Path:
    """The same without the error."""
    file = ready / "issues/2026-01.yaml"
    file.write_text(file.read_text("utf-8").replace("Wednesday", "Wed").replace("Wed 10", "Tue 10"), "utf-8")
    return ready


@posix
def test_colours(ready: Path) -> None:
    """On a terminal the severity is bold red, the first words and the commands under Next bold."""
    shown = on_terminal(ready, "build")
    red, bold, reset = "\x1b[31m\x1b[1m", "\x1b[1m", "\x1b[0m"
    assert f":8:9: {red}error{reset} N101: " in shown
    assert f"{bold}Siobhán’s newsletter 🌻:{reset} 1 error." in shown
    assert f"  {bold}newsletter build 2026-01{reset}\r\n" in shown


@posix
def test_green(faultless: Path) -> None:
    """What went well is green."""
    assert "\x1b[32mno errors\x1b[0m" in on_terminal(faultless, "build")
    assert "\x1b[32mRehearsed\x1b[0m for Practitioners" in on_terminal(
        faultless, "send", "--list", "practitioners", "--yes"
    )


@posix
def test_lines_fit(faultless: Path) -> None:
    """What a command says is broken between words before the terminal would cut it."""
    asked = (
        ["build"],
        ["send", "--list", "practitioners", "--yes"],
        ["archive"],
        ["status"],
        ["lists", "show"],
        ["new"],
    )
    shown = "".join(click.unstyle(on_terminal(faultless, *words, NO_COLOR="1")) for words in asked)
    assert [] == [line for line in re.split(r"[\r\n]+", shown) if len(line) > 80]


@posix
@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colours(environment: dict[str, str], faultless: Path) -> None:
    """With NO_COLOR or TERM=dumb nothing but text and line ends reaches the terminal, a send's progress included."""
    shown = on_terminal(faultless, "build", **environment)
    shown += on_terminal(faultless, "send", "--list", "practitioners", "--yes", **environment)
    assert [] == re.findall(r"\x1b|\r(?!\n)", shown)
    assert "Rehearsed for Practitioners" in shown


@posix
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_has_no_colours(stream: str, ready: Path) -> None:
    """What goes into a file or a pipe has no colours, whatever the other stream is."""
    done = subprocess.run([*PROGRAM, "build"], cwd=ready, capture_output=True, check=False)
    assert b"\x1b" not in (done.stdout if stream == "stdout" else done.stderr)


@posix
def test_the_bar(faultless: Path) -> None:
    """A send draws a bar of thirty signs with the count, the rate and the time left."""
    lines = ["email,name", *(f"p{n}@example.org,P{n}" for n in range(120))]
    (faultless / "lists/practitioners.csv").write_text("\n".join(lines), "utf-8")
    shown = on_terminal(faultless, "send", "--list", "practitioners", "--yes")
    bars = re.findall(r"Sending  \[([#.]{30})\]  ?(?:(\d+)%  )?([\d,]+ of 120  [\d,]+/s  \d+s left)", shown)
    assert [] != bars
    assert "#" * 30 == bars[-1][0]
    assert bars[-1][2].startswith("120 of 120")


@posix
def test_a_narrow_terminal(faultless: Path) -> None:
    """A terminal of ten columns gets the same words, broken where they break."""
    shown = on_terminal(faultless, "send", "--list", "practitioners", "--yes", COLUMNS="10")
    assert "Planned 2  =  Accepted 2 + Rejected 0 + Skipped 0 + Unknown 0" in shown


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "cp437"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
)
@pytest.mark.parametrize("arguments", [("build",), ("build", "--json"), ("send", "--list", "practitioners", "--yes")])
def test_old_consoles(environment: dict[str, str], arguments: tuple[str, ...], faultless: Path) -> None:
    """A console that cannot show a character shows a stand-in for it; nothing fails."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=faultless, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=os.environ | environment,
    )  # fmt: skip
    assert (0, False) == (done.returncode, b"fault" in done.stderr), done.stderr


def test_a_stand_in(faultless: Path) -> None:
    """What cp1252 cannot show is written as its number, and what it can as itself."""
    done = subprocess.run(
        [*PROGRAM, "build"],
        cwd=faultless,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    assert done.stdout.decode("cp1252").startswith("Siobhán’s newsletter \\U0001f33b: no errors.")


def test_the_colour_of_click_is_known() -> None:
    """The words "bold" and "red" mean to click what these tests take them for."""
    assert click.style("error", fg="red", bold=True) == "\x1b[31m\x1b[1merror\x1b[0m"
