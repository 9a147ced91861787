"""``newsletter new`` as it is typed: the next issue on the disk, what is told of it, and how it ends."""

from __future__ import annotations

import os
import re
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from newsletter.build import build
from newsletter.cli import cli
from newsletter.config import open_workspace
from newsletter.errors import RefusedError, UsageError
from newsletter.model import Item, Section
from newsletter.rollover import next_id, roll_over, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows lets few make such links")
EXAMPLE = """\
  # An example: to use it, take the # and the space behind it out of each line below.
  # - type: article
  #   title: "[title]"
  #   body: |
  #     [text]
  #   links:
  #     - text: "[link]"
  #       url: https://

"""
TRAINING = """\
  - type: training
    title: LSCP training dates for 2026
    intro: |
      The Leeds Safeguarding Children Partnership (LSCP) has new subjects for you in 2026, taught
      in live webinars. Come to learn, to build your skills and to grow in your job.
    # Dates as each trainer sent them, some without a weekday: readers see one style.
    courses:
      - title: Making sense of information sharing guidance
        description: |
          Should you share it, and can you do so safely? The LSCP's Information Sharing Toolbox
          guides the talk, and you will leave surer of your own decisions when a child's safety
          depends on them.
        sessions:
          - Wednesday 21 January 2026, 1pm to 2pm
          - Thursday 19 February 2026, 1pm to 2pm
        book: https://example.org/training/information-sharing

      - title: CSE hasn't gone away
        description: |
          Child sexual exploitation (CSE) keeps changing. Hear what it looks like today, which
          signs of risk to watch for and what new threats are appearing. We then turn to what
          stops it soonest: agencies that work together, share what they know and stay curious.
        sessions:
          - 12 March 2026, 9:30am to 10:30am
        book: https://example.org/training/cse-hasnt-gone-away

      - title: Introduction to family help
        description: |
          Leeds is building Family Help step by step, an approach called ‘test and learn’, to get
          each baby, child, young person and family the help that works when they need it. Find
          out what the reforms ask for and how Leeds services are changing to meet them.
        sessions:
          - 24 February 2026, 10am to 11:30am
        book: https://example.org/training/family-help

      - title: Learning Access Service - supporting children into education
        description: |
          In a child friendly city every child gets a good education, whatever is going on in
          their life, and that includes children whose parents teach them at home. Meet the
          Leeds Learning Access Service: how the team is organised, and which duties the council
          holds.
        sessions:
          - 12 February 2026, 10am to 11am
          - 26 March 2026, 10am to 11am
        book: https://example.org/training/learning-access-service

"""
LINKS = """\
  - type: links
    title: Save to your favourites
    links:
      - text: Safeguarding topics
        url: https://example.org/safeguarding-topics
        note: Where to start reading, whatever the concern
      - text: Safeguarding your organisation
        url: https://example.org/safeguarding-your-organisation
        note: What keeps children safe while they are with you, and how to set it up

"""
DIARY = """\
  - type: diary
    title: Dates for your diary
    # In any order: readers see the earliest first.
    dates:
      - 11 January 2026 - National Human Trafficking Awareness Day
      - 3 to 9 February 2026 - Sexual Abuse & Sexual Violence Week
      - 9 to 15 February 2026 - Children’s Mental Health Week
      - 6 February 2026 - International Day of Zero Tolerance of FGM
      - 10 February 2026 - Safer Internet Day
"""
JANUARY = f"# yaml-language-server: $schema=schema.json\ndraft: true\n\nsections:\n{EXAMPLE}{TRAINING}{LINKS}{DIARY}"
TOLD = """\
Made issues/2026-02.yaml from issues/2026-01.yaml, a draft.
  Kept       6 courses with 7 sessions, 2 favourites, 4 diary dates
  Left out   Wednesday 21 January 2026, 1pm to 2pm: over before February
               (Making sense of information sharing guidance)
             3 articles, subject, preheader: each issue has its own
"""
NEXT = """\
Next: write this month's articles, delete the line draft: true, then
  newsletter check 2026-02
"""
ISSUE = """\
    subject: Our news
    sections:
      - type: diary
        title: Dates for your diary
        dates:
          - 31 January 2026 - Over
          - 10 February 2026 - To come
"""
NEW = f"""\
draft: true
sections:
{EXAMPLE}  - type: diary
    title: Dates for your diary
    dates:
      - 10 February 2026 - To come
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that gives a command in a folder, and returns its exit code and what it printed."""

    def give(*words: str, cwd: Path = tmp_path) -> tuple[int, str, str]:
        monkeypatch.chdir(cwd)
        try:
            code = cli.main(list(words), prog_name="newsletter", standalone_mode=False) or 0
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        return (code, *capsys.readouterr())

    return give


# --- this repository's own issues ---


def test_round_trip(own_copy: Path, run: Run) -> None:
    """December begins January, and that February: each is the one before, without what is over."""
    (own_copy / "issues/2026-01.yaml").unlink()
    assert 0 == run("new")[0]
    assert JANUARY == (own_copy / "issues/2026-01.yaml").read_text("utf-8")
    code, out, _ = run("new")
    over = [line for line in JANUARY.splitlines(keepends=True) if "21 January" in line or "11 January" in line]
    february = JANUARY.replace(over[0], "").replace(over[1], "")
    assert (0, february) == (code, (own_copy / "issues/2026-02.yaml").read_text("utf-8"))
    assert "Kept       4 courses with 5 sessions, 2 favourites, 4 diary dates\n" in out
    assert (0, 0) == (run("check", "2026-01")[0], run("check", "2026-02")[0])


def test_what_it_says(own_copy: Path, run: Run) -> None:
    """It says on stdout what was kept, and what was left out and why; and on stderr what to do next."""
    assert (0, TOLD, NEXT) == run("new")


def test_courses_that_are_over(own_copy: Path, run: Run) -> None:
    """A course that is over is named, with its last date and where it was booked; and a section of which all is."""
    _, out, _ = run("new", "2026-03", cwd=own_copy)
    assert (
        """\
             The course Introduction to family help: over before March
               (last on Tuesday 24 February 2026, 10am to 11:30am)
               https://example.org/training/family-help
             Thursday 12 February 2026, 10am to 11am: over before March
               (Learning Access Service - Supporting children into education)
"""
        in out
    )
    assert "             The section Dates for your diary: nothing of it is still to come\n" in out


def test_a_special_edition(own_copy: Path, run: Run) -> None:
    """One may be begun, and one may be what is carried forward from; the newest stays the newest monthly issue."""
    issues = own_copy / "issues"
    code, out, _ = run("new", "2026-02-our-year", "--from", "2025-09-annual-report")
    left = "4 articles, subject, preheader, welcome: each issue has its own"
    assert (0, f"  Kept       2 favourites\n  Left out   {left}\n") == (code, out.partition("\n")[2])
    assert "\nsubject: Our year\ndraft: true\n\nsections:\n" in (issues / "2026-02-our-year.yaml").read_text("utf-8")
    assert 0 == run("check", "2026-02-our-year")[0]
    assert "from issues/2025-04-priorities.yaml" in run("new", "--from", "2025-04-priorities")[1]
    assert ["2026-01.yaml", "2026-02-our-year.yaml", "2026-02.yaml"] == sorted(
        path.name for path in issues.glob("2026*")
    )


def test_a_workspace_from_init(tmp_path: Path, run: Run) -> None:
    """The sample can be carried forward at once, and what comes of it passes the checks."""
    assert 0 == run("init", "demo")[0]
    demo = tmp_path / "demo"
    made = run("new", cwd=demo)[1]
    issue = re.search(r"Made issues/(\S+)\.yaml", made)
    assert issue
    assert (0, True) == (run("check", issue[1], cwd=demo)[0], "article" in made)
    built = build(open_workspace(demo), issue[1])
    assert ((), True) == (built.errors, built.issue.draft)


# --- which issue ---


@pytest.mark.parametrize(
    ("newest", "expected"), [("2026-01", "2026-02"), ("2025-12", "2026-01"), ("1999-09", "1999-10")]
)
def test_the_month_after(workspace: Path, write_issue: Callable[..., Path], newest: str, expected: str) -> None:
    """It is that of the month after the newest monthly issue, be it of the next year."""
    write_issue(ISSUE, id=newest)
    write_issue(ISSUE, id="2030-01-special")
    assert expected == next_id(workspace, None)


@pytest.mark.parametrize("issue", ["2026-13", "26-02", "../2026-02", "2026-02.yaml", "2026-02-", "2026-02-A", "\0", ""])
def test_no_id(workspace: Path, write_issue: Callable[..., Path], issue: str) -> None:
    """What is no id is refused, before anything is looked for."""
    write_issue(ISSUE)
    with pytest.raises(UsageError, match="is not an issue id"):
        next_id(workspace, issue)


def test_the_year_has_four_figures(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """There is no issue after December 9999."""
    write_issue(ISSUE, id="9999-12")
    with pytest.raises(UsageError, match="'10000-01' is not an issue id"):
        next_id(workspace, None)


@pytest.mark.parametrize("is_there", [True, False])
def test_no_issue(workspace: Path, run: Run, *, is_there: bool) -> None:
    """Where there is no issue yet, with a folder for issues or without, it says how to write the first."""
    if not is_there:
        (workspace / "issues").rmdir()
    hint = "  Write one as issues/2026-01.yaml, named by year and month.\n"
    told = (2, "", f"error: there is no issue yet\n{hint}")
    assert (told, told) == (run("new"), run("new", "2026-02"))
    assert "error: there is no issue 2026-01\n" in run("new", "2026-02", "--from", "2026-01")[2]
    assert is_there == (workspace / "issues").exists()


# --- the file ---


def test_the_file(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """What was carried forward is the file, byte for byte; the old one stays as it is."""
    old = "\ufeff" + dedent(ISSUE).lstrip().replace("\n", "\r\n")
    path = write_issue("")
    path.write_bytes(old.encode())
    assert 0 == run("new")[0]
    assert ("\ufeff" + NEW.replace("\n", "\r\n")).encode() == (workspace / "issues/2026-02.yaml").read_bytes()
    assert old.encode() == path.read_bytes()


@pytest.mark.parametrize("words", [(), ("2026-02",), ("2026-02", "--dry-run"), ("2026-02", "--from", "2025-01")])
def test_it_never_writes_over(
    workspace: Path, write_issue: Callable[..., Path], run: Run, words: tuple[str, ...]
) -> None:
    """An issue that is there is refused, whatever else is asked for."""
    path = write_issue(ISSUE, id="2026-02") if words else write_issue("", id="2026-02").rename(workspace / "2026")
    write_issue(ISSUE)
    if not words:
        path = workspace / "issues/2026-02.yaml"
        path.mkdir()  # whatever it is
    hint = "  To change it, open that file. To begin the one after it:\n  newsletter new 2026-03\n"
    told = f"error: issues/2026-02.yaml is there already, nothing was written\n{hint}"
    before = path.read_bytes() if path.is_file() else b""
    assert (6, "", told) == run("new", *(words or ("2026-02",)))
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_a_file_that_somebody_made_meanwhile(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """What is there when it is written stays, even if it was not when it was looked for."""
    write_issue(ISSUE)
    found = roll_over(open_workspace(workspace), "2026-01", next_id(workspace, None))
    path = write_issue("subject: Mine\n", id="2026-02")
    with pytest.raises(RefusedError, match=r"issues/2026-02\.yaml is there already"):
        write(found)
    assert ("subject: Mine\n", ["2026-01.yaml", "2026-02.yaml"]) == (
        path.read_text("utf-8"), sorted(one.name for one in path.parent.iterdir()),
    )  # fmt: skip


@posix
def test_a_link_is_no_free_name(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """Nothing is written through a link, though it leads nowhere yet."""
    write_issue(ISSUE).with_name("2026-02.yaml").symlink_to(workspace / "elsewhere.yaml")
    assert (6, False) == (run("new", "2026-02", "--from", "2026-01")[0], (workspace / "elsewhere.yaml").exists())


def test_dry_run(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """The new issue goes to stdout, so that it can be read by a program, and what is told of it to stderr."""
    write_issue(ISSUE, id="2026-01-a")
    write_issue(ISSUE)
    code, out, err = run("new", "--dry-run", "--from", "2026-01-a")
    assert (0, NEW) == (code, out)
    assert (
        err
        == """\
Would make issues/2026-02.yaml from issues/2026-01-a.yaml, a draft.
  Kept       1 diary date
  Left out   31 January 2026: over before February
               (Over)
             Subject: each issue has its own
Next: write it
  newsletter new 2026-02 --from 2026-01-a
""".replace("31 January", "Saturday 31 January")
    )
    assert not (workspace / "issues/2026-02.yaml").exists()


def test_an_issue_that_cannot_be_read(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """All that is wrong with the earlier issue is told, with the lines, and nothing is written; nobody is named."""
    broken = "    datess: [3 Feb - Ring 07700 900123]\n    dates: [3 Feb - A]\n"
    write_issue(f"sections:\n  - type: diary\n    title: Dates\n{broken}")
    code, out, err = run("new")
    assert (1, "", ["2026-01.yaml"]) == (code, out, [path.name for path in (workspace / "issues").iterdir()])
    assert 'issues/2026-01.yaml:4:5: error N004: unknown key "datess"\n' in err
    assert 'issues/2026-01.yaml:5:13: error N007: the date "3 Feb" has no year\n' in err
    assert "    datess: [3 Feb - Ring ***** ******]\n" in err
    assert (True, False) == (err.endswith("error: issues/2026-01.yaml cannot be used yet\n"), "07700" in err)


def test_personal_data_is_starred_out(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """What is private stays in the file: it is neither told nor shown."""
    private = "      - {when: 30 January 2026, what: Ring 07700 900123}\n      - 9 February 2026 - Ring 07700 900123\n"
    write_issue(dedent(ISSUE) + indent(dedent(private), "      "))
    for words in (["--dry-run"], []):
        told = "".join(run("new", *words)[1:])
        assert (False, True) == ("07700" in told, "(Ring ***** ******)" in told)
    assert "9 February 2026 - Ring 07700 900123\n" in (workspace / "issues/2026-02.yaml").read_text("utf-8")


def test_excuses_are_told(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """An excuse that still holds is told of, and one that was dropped, too."""
    write_issue(dedent(ISSUE) + 'check-ignore: [N210, {code: N102, text: "Over", why: "a"}, N161]\n')
    _, out, _ = run("new")
    assert "Kept       1 diary date, N210 below check-ignore\n" in out
    assert "             N102 below check-ignore: it finds nothing in what is kept\n               (Over)\n" in out
    assert "             N161 below check-ignore: it finds nothing in what is kept\n" in out


def test_nothing_is_kept(workspace: Path, write_issue: Callable[..., Path], run: Run) -> None:
    """An issue of which nothing is still to come begins one that is empty."""
    write_issue(dedent(ISSUE).replace("10 February", "10 January"))
    assert "\n  Kept       nothing\n  Left out   Saturday 31 January" in run("new")[1]
    assert "sections: []\n" in (workspace / "issues/2026-02.yaml").read_text("utf-8")
    assert 0 == run("check", "2026-02")[0]


def test_a_section_is_one_thing() -> None:
    """A type that does not say what it is made of is carried forward whole, as a section."""
    section = Section(title="A")
    assert ([Item("section", "A", ())], "") == (list(section.items()), section.skeleton)


def test_a_terminal(own_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the first line is bold."""
    monkeypatch.chdir(own_copy)
    shown = CliRunner().invoke(cli, ["new"], color=True).output
    head = click.style("Made issues/2026-02.yaml from issues/2026-01.yaml, a draft.", bold=True)
    assert shown.startswith(f"{head}\n  Kept ")
