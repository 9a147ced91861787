"""Nothing that the program has is missing in the docs, and nothing in the docs leads nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from docpages import PAGES, ROOT, all_commands, options
from pydantic import BaseModel

from newsletter import errors
from newsletter.config import Config
from newsletter.load import Ignored, IssueFile
from newsletter.model import Image
from newsletter.providers import provider_names, provider_type
from newsletter.reports import rules
from newsletter.schema import issue_schema
from newsletter.sections import section_types
from newsletter.templates import template_names

if TYPE_CHECKING:
    from collections.abc import Iterator

PROSE = {page: text for page, text in PAGES.items() if page not in ("docs/commands.md", "docs/checks.md")}
OTHERS = {"docs/performance.md"}  # its options are those of the benchmarks
EVERY_PROVIDER = {"audience", "batch", "url"}  # told once, above those that have them


def part(page: str, title: str) -> str:
    """Return what stands below a heading of a page, down to the next one of its kind or above."""
    found = re.search(
        rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} (?!yaml-)|\Z)", PAGES[page], re.MULTILINE | re.DOTALL
    )
    return found[2] if found else ""


def in_code(text: str) -> set[str]:
    """Return what stands in a text between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a model as they are written."""
    for name, field in model.model_fields.items():
        yield field.alias or name


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield *model* and all that stand below it."""
    yield model
    for field in model.model_fields.values():
        yield from (inner for found in _inside(field.annotation) for inner in models(found))


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _inside(inner)


@pytest.mark.parametrize(("name", "command"), dict(all_commands()).items(), ids=dict(all_commands()))
def test_every_command_and_option_is_explained(name: str, command: Any) -> None:
    """Each command stands in a page that a person wrote, and in the page of all commands with each of its options."""
    help_of = part("docs/commands.md", name)
    missing = [option for option in options(command) if not re.search(rf"^ +.*{option}\b", help_of, re.MULTILINE)]
    assert (True, []) == (f"Usage: {name}" in help_of, missing)
    assert [page for page, text in PROSE.items() if name in text or f"`{name.removeprefix('newsletter ')}`" in text]


def test_every_code_is_explained() -> None:
    """Each code of a finding has its heading among the checks."""
    assert [rule.code for rule in rules()] == re.findall(r"^### (N\d{3}) ", PAGES["docs/checks.md"], re.MULTILINE)


def test_every_key_of_an_issue_is_explained() -> None:
    """Each key of the head of an issue stands in its table."""
    told = in_code(part("docs/writing-an-issue.md", "A whole issue"))
    assert set(keys(IssueFile)) - told == set()
    assert set(keys(Ignored)) <= set(re.findall(r"\w+", part("docs/checks.md", "Checks")))


@pytest.mark.parametrize("name", section_types())
def test_every_section_and_its_keys_are_explained(name: str) -> None:
    """Each type of section has its own part, with an example, and with each key of all that stands in it."""
    text = part("docs/writing-an-issue.md", name)
    schema = issue_schema()["$defs"]
    (own,) = [one for one in schema.values() if one.get("properties", {}).get("type", {}).get("const") == name]
    wanted = {key for key in _schema_keys(own, schema) if key != "type"}
    assert (True, set()) == (f"- type: {name}\n" in text, wanted - in_code(text))


def _schema_keys(schema: Any, known: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a JSON Schema and of all that it refers to."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _schema_keys(inner, known)
    elif isinstance(schema, dict):
        yield from schema.get("properties", ())
        for word, inner in schema.items():
            if word == "$ref":
                yield from _schema_keys(known[inner.rpartition("/")[2]], known)
            else:
                yield from _schema_keys(inner, known)


def test_every_setting_is_explained() -> None:
    """Each key of newsletter.yaml, and each below it, stands in the page of settings."""
    told = in_code(PAGES["docs/settings.md"])
    assert {key for model in models(Config) for key in keys(model)} - told == set()
    rows = re.findall(r"^\| `(\w+)` ", part("docs/settings.md", "Settings"), re.MULTILINE)
    assert list(keys(Config)) == sorted(rows[: len(Config.model_fields)], key=list(keys(Config)).index)


@pytest.mark.parametrize("name", provider_names())
def test_every_provider_is_explained(name: str) -> None:
    """Each provider has its words, with each of its settings and the names of its secrets."""
    provider = provider_type(name)
    if name in ("outbox", "smtp"):
        text = part("docs/sending.md", "Rehearse, test, send")
    else:
        parts = re.split(r"^### ", PAGES["docs/providers.md"], flags=re.MULTILINE)[1:]
        (text,) = [one for one in parts if f"  {name}:" in one]
    told = in_code(text) | set(re.findall(r"\b(\w+):", text)) | set(re.findall(r"`(\w+)`", text))
    assert {*provider.settings, *provider.secrets} - EVERY_PROVIDER - told == set()
    if EVERY_PROVIDER & provider.settings:
        assert EVERY_PROVIDER & provider.settings <= set(re.findall(r"`(\w+):?`", PAGES["docs/providers.md"]))


def test_every_template_is_explained() -> None:
    """Each packaged template, or its folder, stands in the page of templates, and no other file."""
    told = in_code(part("docs/templates-and-themes.md", "Templates"))
    files = {name.partition("/")[0] + "/" if "/" in name else name for name in template_names()}
    assert files == {name for name in told if re.fullmatch(r"[a-z]+(/|\.(html|txt|css))", name)} - {
        "templates/",
        ".html",
    }


def test_every_exit_code_is_explained() -> None:
    """Each exit code stands in the table of what to do: those of the errors, and those that have none."""
    family = {one.exit_code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "exit_code")}
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", part("docs/sending.md", "Afterwards"), re.MULTILINE)}
    assert family | {0, 4, 5, 130} == told


def test_every_option_that_is_named_exists() -> None:
    """No page speaks of an option that no command has."""
    known = {option for _, command in all_commands() for option in options(command)} | {"--help", "--version"}
    named = {
        (page, option)
        for page, text in PAGES.items()
        if page not in OTHERS
        for code in re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
        if code.startswith(("newsletter ", "--"))
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)
    }
    assert {(page, option) for page, option in named if option not in known} == set()


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    """A link to another page of this project finds its file, and its heading there."""
    text = PAGES.get(page) or (ROOT / page).read_text("utf-8")
    lost = []
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", text)):
        file, _, heading = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        if not path.is_file() or (heading and heading not in _headings(path.read_text("utf-8"))):
            lost.append(target)
    assert lost == []


def _headings(text: str) -> set[str]:
    """Return the headings of a page as GitHub names them in links."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_linked_from_the_readme() -> None:
    """Whoever reads the README finds every page."""
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)", PAGES["README.md"]))
    assert {page for page in PAGES if page.startswith("docs/")} - linked == set()


def test_pictures_carry_words() -> None:
    """Each picture says what it shows to those who do not see it."""
    pictures = re.findall(r"!\[(.*?)\]\(", "".join(PAGES.values()))
    assert (True, []) == (len(pictures) > 1, [words for words in pictures if len(words) < 20])


def test_keys_of_a_picture_are_explained() -> None:
    """A picture's keys are told where an article is."""
    assert set(keys(Image)) <= in_code(part("docs/writing-an-issue.md", "article"))
