"""``newsletter init`` makes a workspace in which every command works at once, on whatever day it is made."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import program
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import scaffold
from newsletter.bankholidays import bank_holidays
from newsletter.build import build
from newsletter.checks import Context, check_issue
from newsletter.config import open_workspace
from newsletter.files import write_whole
from newsletter.listfile import read_list
from newsletter.load import load_issue
from newsletter.scaffold import make_workspace
from newsletter.schema import issue_schema

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.model import Issue

FILES = ["newsletter.yaml", "issues/2026-11.yaml", "lists/practitioners.csv", ".gitignore", "issues/schema.json"]
TODAY = date(2026, 11, 22)


def run(*arguments: str, cwd: Path, umask: int = -1) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, with nobody to answer."""
    return program.run(*arguments, cwd=cwd) if umask == -1 else program.run(*arguments, cwd=cwd, umask=umask)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below *folder*, hidden ones too, with what it holds."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_files(tmp_path: Path) -> None:
    """It makes five files, in a folder that need not be there yet."""
    assert ("2026-11", tuple(FILES)) == make_workspace(tmp_path / "new" / "one", today=TODAY)
    assert sorted(FILES) == sorted(tree(tmp_path / "new" / "one"))


def test_what_it_says(tmp_path: Path) -> None:
    """It lists on stdout what it made, and on stderr what to do next."""
    done = run("init", "demo", cwd=tmp_path)
    issue = f"{datetime.now(UTC):%Y-%m}"
    made = [name.replace("2026-11", issue) for name in FILES]
    told = "\n".join(
        [*(f"  {name}" for name in made), f"Made a newsletter in demo/ with the sample issue {issue}.", ""]
    )
    then = "Next: build the sample, then put in your own words\n  cd demo\n  newsletter build\n"
    assert (0, told, then) == (done.returncode, done.stdout, done.stderr)


def test_here(tmp_path: Path) -> None:
    """Without a folder it makes the newsletter here, and does not say to change into it."""
    done = run("init", cwd=tmp_path)
    assert "Next: build the sample, then put in your own words\n  newsletter build\n" == done.stderr
    assert (tmp_path / "newsletter.yaml").is_file()


@pytest.mark.parametrize("name", FILES)
def test_overwrites_nothing(name: str, tmp_path: Path) -> None:
    """Where any of its files is there already it refuses, names it, and writes none of the others."""
    name = name.replace("2026-11", f"{datetime.now(UTC):%Y-%m}")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"mine")
    done = run("init", cwd=tmp_path)
    assert (6, "", f"error: {name} is there already, nothing was written\n  Choose an empty folder.\n") == (
        done.returncode, done.stdout, done.stderr,
    )  # fmt: skip
    assert {name: b"mine"} == tree(tmp_path)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """A file of that name is a matter of usage."""
    (tmp_path / "demo").write_text("a file", "utf-8")
    done = run("init", "demo", cwd=tmp_path)
    assert (2, {"demo": b"a file"}) == (done.returncode, tree(tmp_path))


@pytest.mark.parametrize(
    "command",
    [
        ("build",),
        ("build", "--all", "--json"),
        ("send", "--list", "practitioners", "--dry-run"),
        ("send", "--list", "practitioners", "--yes"),
        ("schema",),
        ("sections",),
        ("providers",),
        ("templates",),
        ("templates", "copy", "footer.html"),
    ],
)
def test_every_command_works_at_once(command: tuple[str, ...], tmp_path: Path) -> None:
    """In a new workspace every command ends well."""
    make_workspace(tmp_path, today=TODAY)
    done = run(*command, cwd=tmp_path)
    assert (0, True) == (done.returncode, bool(done.stdout)), done.stderr


@settings(max_examples=60, deadline=None)
@given(today=st.dates(date(2026, 1, 1), date(2090, 12, 31)))
def test_the_sample_suits_any_day(today: date, tmp_path_factory: pytest.TempPathFactory) -> None:
    """On whatever day it is made, the sample can be read, and all its dates are still to come."""
    folder = tmp_path_factory.mktemp("day")
    issue, _ = make_workspace(folder, today=today)
    loaded = load_issue(folder, issue)
    assert () == loaded.findings
    assert [] == [event.span for event in loaded.events() if event.span.first <= today]
    assert f"{today:%Y-%m}" == issue


def test_no_check_minds_the_sample_on_any_day(tmp_path: Path) -> None:
    """Over two years, with Christmas in midweek, the checks of the issue have nothing to say on the day it is made."""
    holidays = bank_holidays(range(2029, 2032), cache=tmp_path / "bank-holidays.json")
    read: dict[str, Issue] = {}
    found = []
    for day in (date(2029, 1, 1) + timedelta(days=n) for n in range(2 * 365)):
        text = scaffold._text("sample.yaml", day)  # the same for a week or so
        if text not in read:
            write_whole(tmp_path / f"issues/{day:%Y-%m}.yaml", text.encode())
            read[text] = load_issue(tmp_path, f"{day:%Y-%m}")
        context = Context(read[text], day, ZoneInfo("Europe/London"), bank_holidays=holidays)
        found += [(day, finding) for finding in check_issue(context)]
    assert [] == found


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2028, 2, 29), date(2027, 1, 1)])
def test_the_sample_builds_without_findings(today: date, tmp_path: Path) -> None:
    """The whole pipeline has nothing to say about the sample, which is no draft."""
    issue, _ = make_workspace(tmp_path, today=today)
    built = build(open_workspace(tmp_path), issue)
    assert ((), False) == (built.findings, built.issue.draft)


def test_the_schema_beside_the_issue(tmp_path: Path) -> None:
    """The sample's first line names the schema, which lies beside it and is the one of this version."""
    make_workspace(tmp_path, today=TODAY)
    first = (tmp_path / "issues/2026-11.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=schema.json"
    assert issue_schema() == json.loads((tmp_path / "issues/schema.json").read_text("utf-8"))


def test_the_sample_suits_its_schema(tmp_path: Path) -> None:
    """An editor that checks the sample against the schema finds nothing."""
    jsonschema = pytest.importorskip("jsonschema")
    make_workspace(tmp_path, today=TODAY)
    sample = yaml.safe_load((tmp_path / "issues/2026-11.yaml").read_text("utf-8"))
    schema = json.loads((tmp_path / "issues/schema.json").read_text("utf-8"))
    assert [] == [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(sample)]


def test_the_people_are_nobody(tmp_path: Path) -> None:
    """The sample people have example.org addresses and a consent source, and the list has nothing to warn of."""
    make_workspace(tmp_path, today=TODAY)
    audience = read_list(tmp_path / "lists/practitioners.csv", "lists/practitioners.csv", name="practitioners")
    assert ((), {}) == (audience.findings, audience.skipped)
    assert {("example.org", "Sample")} == {(p.address.rpartition("@")[2], p.source) for p in audience.people}


def test_git_ignores_what_is_private_or_made(tmp_path: Path) -> None:
    """Git sees the settings and the issues, and neither people nor state nor what was built."""
    make_workspace(tmp_path, today=TODAY)
    for name in (".newsletter/key", "build/2026-11/email.html", "archive/index.html", "lists/other.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    seen = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert [".gitignore", "issues/2026-11.yaml", "issues/schema.json", "newsletter.yaml"] == seen.stdout.split()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_modes(tmp_path: Path) -> None:
    """Even under umask 000 the list is its owner's alone; the rest has the usual rights."""
    run("init", "demo", cwd=tmp_path, umask=0)
    names = ["lists", "lists/practitioners.csv", "newsletter.yaml"]
    modes = [f"{stat.S_IMODE((tmp_path / 'demo' / name).stat().st_mode):04o}" for name in names]
    assert ["0700", "0600", "0666"] == modes
