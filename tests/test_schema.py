"""The JSON Schema of an issue: what editors complete and check by is what the program reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from newsletter.schema import issue_schema
from newsletter.sections import section_types

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ISSUES = sorted((ROOT / "issues").glob("*.yaml"))
VALIDATOR = Draft202012Validator(issue_schema())


def read(text: str) -> Any:
    """Read YAML as an editor does: text as it is written, but true and false."""
    return resolve(yaml.load(text, yaml.BaseLoader))  # noqa: S506 - it builds nothing but text


def resolve(value: Any) -> Any:
    """Return *value* with the only values of YAML 1.2 beside text that the schema knows."""
    if isinstance(value, dict):
        return {key: resolve(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner) for inner in value]
    return {"true": True, "false": False}.get(value, value)


def test_committed_schema_is_current() -> None:
    """issues/schema.json is what `newsletter schema` prints."""
    committed = (ROOT / "issues/schema.json").read_text("utf-8")
    assert json.dumps(issue_schema(), indent=2, ensure_ascii=False) + "\n" == committed


def test_schema_is_valid() -> None:
    """The schema is one of its draft, and leaves nothing in it unused or undefined."""
    schema = issue_schema()
    Draft202012Validator.check_schema(schema)
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert used == set(schema["$defs"])


def test_every_section_type_is_in_it() -> None:
    """An editor offers each section type there is."""
    schema = issue_schema()
    names = [one["$ref"].rpartition("/")[2] for one in schema["properties"]["sections"]["items"]["oneOf"]]
    assert section_types() == tuple(sorted(schema["$defs"][name]["properties"]["type"]["const"] for name in names))


def properties(schema: Any, trail: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property in the schema with its name."""
    if isinstance(schema, dict):
        for name, described in schema.get("properties", {}).items():
            yield f"{trail}/{name}", described
        for key, inner in schema.items():
            yield from properties(inner, f"{trail}/{key}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from properties(inner, trail)


def test_every_key_is_described() -> None:
    """An editor shows a short sentence in plain English for every key."""
    found = dict(properties(issue_schema()))
    assert {"/subject", "/$defs/Article/body"} <= set(found)
    texts = {name: str(described.get("description", "")) for name, described in found.items()}
    assert {} == {name: text for name, text in texts.items() if not re.fullmatch(r"[ -~]{8,110}", text)}


@pytest.mark.parametrize("path", ISSUES, ids=lambda path: str(path.stem))
def test_issues_are_valid(path: Path) -> None:
    """The issues of this repository have no squiggles in an editor."""
    assert [] == [error.message for error in VALIDATOR.iter_errors(read(path.read_text("utf-8")))]


def test_sample_is_valid() -> None:
    """The sample that `newsletter init` writes has none either."""
    sample = Template((ROOT / "newsletter/scaffold/sample.yaml").read_text("utf-8"))
    fill = dict.fromkeys(["month", "tuesday", "thursday", "wednesday", "week", "day"], "3 February 2026")
    assert [] == [error.message for error in VALIDATOR.iter_errors(read(sample.substitute(fill)))]


VALID = """\
subject: Hi
draft: true
check-ignore: [N121, {code: N131, text: Jo, why: She agreed}]
sections:
  - {type: article, title: A, body: B, image: {src: a.png, alt: ""}, links: [{text: T, url: "https://example.org"}]}
  - type: training
    title: T
    courses:
      - title: C
        sessions: [3 February 2026, {date: 4 February 2026, start: 9am, cancelled: false}]
  - {type: diary, title: D, dates: [3 February 2026 - Day, {when: 4 February 2026, what: Day}]}
  - {type: links, title: L, links: [{text: T, url: "https://example.org", note: N}]}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("subject: Hi", "subjct: Hi"),
        ("subject: Hi", "subject: [Draft]"),
        ("draft: true", "draft: yes"),
        ("type: article", "type: artcle"),
        ("type: article, ", ""),
        ("title: A,", "tilte: A,"),
        ("title: A,", ""),
        ("body: B", "body: [B]"),
        (', alt: ""', ""),
        ("{src: a.png", "{scr: a.png"),
        ("text: T, url", "text: T, link"),
        ("- title: C", "- name: C"),
        ("start: 9am", "begin: 9am"),
        ("cancelled: false", "cancelled: no"),
        ("what: Day", "what: [Day]"),
        (", what: Day", ""),
        ("dates: [", "dates: [[x], "),
        ('[{text: T, url: "https://example.org", note: N}]', "[]"),
        ("[N121, ", "[[N121], "),
        (", why: She agreed", ""),
    ],
)
def test_typical_mistakes_are_not_valid(right: str, wrong: str) -> None:
    """An issue with every key is valid, and a typical slip in any one of them is not."""
    assert right in VALID
    assert [True, False] == [VALIDATOR.is_valid(read(text)) for text in (VALID, VALID.replace(right, wrong, 1))]
