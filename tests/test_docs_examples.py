"""The examples in the docs work: YAML is read and checked, commands are parsed, and run where they can be."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from textwrap import indent
from typing import TYPE_CHECKING

import click
import pytest
import yaml
from docpages import PAGES, ROOT, SHELLS, Example, command_lines, examples, find_command, mentions, split
from program import run

from newsletter.cli import cli
from newsletter.config import open_workspace
from newsletter.dates import DateError, format_span, read_span
from newsletter.listfile import read_list
from newsletter.providers import provider_type
from newsletter.scaffold import make_workspace

if TYPE_CHECKING:
    from pathlib import Path

YAML = [example for example in examples() if example.language == "yaml"]
HEAD = "subject: March 2026 newsletter\npreheader: What changed in the procedures this winter\n"
CONFIG = "title: News\norganisation: Partnership\nfrom: News <newsletter@example.org>\n"
LINES = [(page, line) for page in PAGES if page != "docs/commands.md" for line in command_lines(page)]
MENTIONS = [(page, line) for page in PAGES for line in mentions(page)]
# What needs a provider, a browser, another month or somebody unknown is only parsed.
NOT_RUN = {"preview", "report", "resolve", "cancel", "sync"}
_LANGUAGES = SHELLS | {"yaml", "text", "python", "toml", "html", "jinja"}


def kind(example: Example) -> str:
    """Return what a YAML example is a piece of."""
    value = yaml.load(example.text, yaml.BaseLoader)  # noqa: S506  it builds nothing but text
    if isinstance(value, list):
        return "sections"
    if "jobs" in value:
        return "workflow"
    return "issue" if value.keys() & {"sections", "check-ignore"} else "config"


def of_kind(wanted: str) -> pytest.MarkDecorator:
    """Return the mark that runs a test for each example of that kind."""
    return pytest.mark.parametrize("example", [one for one in YAML if kind(one) == wanted], ids=str)


def test_every_example_is_of_a_known_language() -> None:
    """No fenced block escapes these tests by a name of its own."""
    assert [str(one) for one in examples() if one.language not in _LANGUAGES] == []


@of_kind("issue")
def test_issues_are_read(example: Example, workspace: Path) -> None:
    """An issue that is shown has no error, and no warning when it is whole."""
    if "sections:" in example.text:
        assert_clean(example.text, workspace)
        return
    excused = re.search(r'text: "(.*?)"', example.text)
    body = excused[1] if excused else "Words."
    assert_clean(f"{HEAD}{example.text}{_article(body)}", workspace, whole=bool(excused))


@of_kind("sections")
def test_sections_are_read(example: Example, workspace: Path) -> None:
    """Sections that are shown are those of an issue without a fault."""
    assert_clean(f"{HEAD}sections:\n{indent(example.text, '  ')}", workspace)


def _article(body: str) -> str:
    return f"sections:\n  - {{type: article, title: News, body: {body}}}\n"


def assert_clean(text: str, root: Path, *, whole: bool = True) -> None:
    """Assert that `check` has nothing to say of an issue; of one that is not *whole*, no error."""
    (root / "images").mkdir()
    (root / "images/logo.png").write_bytes((ROOT / "images/logo.png").read_bytes())
    (root / "issues/2026-03.yaml").write_text(text, "utf-8")
    done = run("check", "2026-03", "--on", "2026-03-02", *(["--strict"] if whole else []), cwd=root)
    assert 0 == done.returncode, done.stdout + done.stderr


@of_kind("config")
def test_settings_are_read(example: Example, tmp_path: Path) -> None:
    """Settings that are shown are keys of newsletter.yaml, and of the providers they name."""
    given = yaml.load(example.text, yaml.BaseLoader)  # noqa: S506
    rest = yaml.load(CONFIG, yaml.BaseLoader)  # noqa: S506
    text = example.text + "".join(f"{key}: {value}\n" for key, value in rest.items() if key not in given)
    (tmp_path / "newsletter.yaml").write_text(text, "utf-8")
    config = open_workspace(tmp_path).config
    for name, settings in config.providers.items():
        assert set() == settings.keys() - provider_type(name).settings
    for chosen in config.lists.values():
        assert set() == (chosen.model_extra or {}).keys() - provider_type(chosen.provider or config.provider).settings


@of_kind("workflow")
def test_workflows_run_what_there_is(example: Example) -> None:
    """A workflow that is shown is YAML, and each of our commands in it can be typed."""
    jobs = yaml.load(example.text, yaml.BaseLoader)["jobs"]  # noqa: S506
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    ours = [line.replace('"$PEOPLE"', "1248") for line in lines if line.startswith("newsletter ")]
    assert ours
    for line in ours:
        parse(split(line))


def parse(words: list[str], *, whole: bool = True) -> None:
    """Let click take *words* apart as it would when they are typed; where they are not *whole*, arguments may miss."""
    command, rest = find_command(words)
    try:
        command.make_context(command.name, rest, parent=click.Context(cli, **cli.context_settings))
    except click.exceptions.Exit:
        pass  # --help and the like
    except click.MissingParameter:
        assert not whole
    except click.UsageError as error:
        if type(error).__name__ != "NoArgsIsHelpError":
            raise


@pytest.mark.parametrize(("page", "line"), [*dict.fromkeys(LINES)], ids=lambda value: value)
def test_commands_can_be_typed(page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command that is shown on a line of its own exists, with its options and arguments."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("email\nsam@example.org\n", "utf-8")
    parse(split(line))


@pytest.mark.parametrize(("page", "line"), [*dict.fromkeys(MENTIONS)], ids=lambda value: value)
def test_commands_in_sentences_exist(page: str, line: str) -> None:
    """Each command that a sentence names exists, with its options."""
    if "COMMAND" not in line:
        parse(split(line), whole=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace as `init` makes it, in March 2026, with the month before, a list kept here and people to import."""
    root = tmp_path / "home"
    for day in (date(2026, 1, 5), date(2026, 3, 2)):
        made = tmp_path / f"{day:%m}"
        make_workspace(made, today=day)
        if root.exists():
            (made / f"issues/{day:%Y-%m}.yaml").rename(root / f"issues/{day:%Y-%m}.yaml")
        else:
            made.rename(root)
    with (root / "newsletter.yaml").open("a", encoding="utf-8") as settings:
        settings.write("  schools: {title: Schools, source: Test}\n")
    (root / "issues/2025-12.yaml").write_text(f"{HEAD}{_article('Words.')}check-ignore: [N115]\n", "utf-8")
    (root / "people.csv").write_text("email\nsam@example.org\nkim@example.org\n", "utf-8")
    return root


@pytest.mark.parametrize("page", sorted({page for page, _ in LINES} - {"README.md"}))
def test_commands_do_what_is_said(page: str, home: Path) -> None:
    """The commands of a page, typed one after the other into a workspace, end well."""
    type_all(command_lines(page), home)


def test_the_tour_does_what_is_said(tmp_path: Path) -> None:
    """The README's commands, typed one after the other in an empty folder, end well; it says what each file is."""
    begin, *lines = command_lines("README.md")
    assert "newsletter init my-newsletter" == begin
    assert 0 == run(*split(begin), cwd=tmp_path).returncode
    type_all(lines, tmp_path / "my-newsletter")
    root = tmp_path / "my-newsletter"
    assert {"build", "archive"} <= {path.name for path in root.iterdir()}
    made = [
        *(path.name for path in root.iterdir()),
        *(f".newsletter/{path.name}" for path in root.glob(".newsletter/*")),
    ]
    told = PAGES["README.md"] + PAGES["docs/data-protection.md"]
    assert [name for name in made if name not in told] == [".gitignore"]


def type_all(lines: list[str], root: Path) -> None:
    """Type commands; whoever is asked says yes. A send that is finished is refused, and --diff tells by its code."""
    has_sent = False
    for line in lines:
        words = split(line)
        command, _ = find_command(words)
        if NOT_RUN & set(words) or "AQ..." in line:
            continue
        if any("--yes" in param.opts for param in command.params):
            words.append("--yes")
        done = run(*words, cwd=root)
        allowed = {0} | ({6} if has_sent and command.name == "send" else set()) | ({1} if "--diff" in words else set())
        assert done.returncode in allowed, f"{line}\n{done.stdout}{done.stderr}"
        has_sent = has_sent or command.name == "send"


@pytest.mark.parametrize(
    ("written", "shown"), re.findall(r"^\| `(.+?)` \| (.+?) \|$", PAGES["docs/dates.md"], re.MULTILINE)
)
def test_dates_are_read_as_shown(written: str, shown: str) -> None:
    """Each date of the page is read as it says, or refused with these words."""
    try:
        told = format_span(read_span(written, near=date(2026, 1, 1)))
    except DateError as error:
        told = error.message
    assert shown == told


def test_the_list_is_read(tmp_path: Path) -> None:
    """The list file that is shown has two people, each with a source and the day on which they agreed."""
    (text,) = [one.text for one in examples() if one.text.startswith("email,")]
    (tmp_path / "list.csv").write_text(text, "utf-8")
    audience = read_list(tmp_path / "list.csv", "list.csv", name="practitioners")
    told = [(person.name, person.source, person.consented) for person in audience.people]
    expected = [
        ("Amina Khan", "Sign-up form", date(2025, 9, 14)),
        ("Dr Dan O'Brien", "Asked by telephone", date(2025, 11, 3)),
    ]
    assert (expected, ()) == (told, audience.findings)


@pytest.mark.parametrize("example", [one for one in examples() if one.language == "toml"], ids=str)
def test_toml_is_read(example: Example) -> None:
    """A piece of TOML that is shown can be read."""
    assert tomllib.loads(example.text)


@pytest.mark.parametrize("example", [one for one in examples() if one.language == "python"], ids=str)
def test_python_is_python(example: Example) -> None:
    """A piece of Python that is shown can be compiled; tests of its guide run it."""
    compile(example.text, str(example), "exec")
