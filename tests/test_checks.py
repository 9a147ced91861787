"""The contract of checks: a code of its own, an explanation, and a finding only where there is a fault."""

from __future__ import annotations

import ast
from dataclasses import replace
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsletter import checks, registry
from newsletter.build import build
from newsletter.checks import check_issue, check_mail
from newsletter.config import open_workspace
from newsletter.findings import Finding, Place, Severity
from newsletter.load import load_issue
from newsletter.message import Edition

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.model import Issue

NAMES = registry.names(checks.PACKAGE)
EMPTY = "subject: Hi\nsections: []\n"
TUESDAY = "sections:\n- type: diary\n  title: D\n  dates:\n  - {} 10 February 2026 - Day\n"
KB = 1024


def mail(size: int = 100, *, text: str = "Hi NL_UNSUBSCRIBE_NL") -> Edition:
    """Return an edition whose HTML has *size* bytes, and from which a reader can unsubscribe."""
    return Edition("2026-01", "Hi", "", '<a href="NL_UNSUBSCRIBE_NL">Leave</a>'.ljust(size, "x"), text)


# Of each check an issue with its mail that it minds, and one that it does not.
EXAMPLES = {
    "size": ((EMPTY, mail(100 * KB + 1)), (EMPTY, mail(79 * KB))),
    "unsubscribe": ((EMPTY, mail(text="Hi")), (EMPTY, mail())),
    "weekday": ((TUESDAY.format("Wednesday"), mail()), (TUESDAY.format("Tuesday"), mail())),
}


def module(name: str) -> Any:
    """Return the module of a check."""
    return registry.plugin(checks.PACKAGE, name, kind="check")


@pytest.fixture
def load(write_issue: Callable[..., Path], workspace: Path) -> Callable[[str], Issue]:
    """A function that writes an issue and reads it."""

    def read(text: str) -> Issue:
        write_issue(text)
        return load_issue(workspace, "2026-01")

    return read


def test_codes_are_unique() -> None:
    """No two checks share a code, and each code says what its check reads."""
    codes = [module(name).CODE for name in NAMES]
    assert len(NAMES) == len(set(codes))
    assert codes == [code for code in codes if len(code) == 4 and code[:2] in {"N1", "N2"} and code[2:].isdigit()]


@pytest.mark.parametrize("name", NAMES)
def test_check_explains_itself(name: str) -> None:
    """The docstring names the fault in a line and then says why it matters."""
    head, _, why = (getdoc(module(name)) or "").partition("\n\n")
    assert (1, True, True) == (len(head.splitlines()), head.endswith("."), len(why) > 40)


@pytest.mark.parametrize("name", NAMES)
def test_check_minds_the_fault_alone(load: Callable[[str], Issue], name: str) -> None:
    """Each check finds its fault under its code, with a hint, and finds none where there is none."""
    assert name in EXAMPLES, f"write an example for {name} in this test"
    found = []
    for text, edition in EXAMPLES[name]:
        issue = load(text)
        whole = [*check_issue(issue), *check_mail(issue, edition)]
        found.append([finding for finding in whole if finding.code == module(name).CODE])
    (finding,), nothing = found
    assert ([], True) == (nothing, bool(finding.hint))


@pytest.mark.parametrize("name", NAMES)
def test_checks_know_nothing_of_each_other(name: str) -> None:
    """A check imports no other check, and reads neither clock nor file."""
    tree = ast.parse(Path(module(name).__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert set() == {
        name for name in imported if name and name.startswith(("newsletter.checks", "os", "time", "pathlib"))
    }


def test_wrong_weekday_is_told_with_the_right_one(load: Callable[[str], Issue]) -> None:
    """Each date whose weekday is another is an error at its line; what is right or unsaid is none."""
    issue = load(
        "sections:\n- type: diary\n  title: D\n  dates:\n"
        "  - Wednesday 3 February 2026 - One\n  - Tuesday 3 February 2026 - Two\n  - 3 February 2026 - Three\n"
        "  - Monday 3 to Monday 9 February 2026 - Four\n"
        "- type: training\n  title: T\n  courses:\n  - title: C\n    sessions:\n"
        "      - Sunday 10 February 2026, 9am to 10am\n"
    )
    hint = 'Write "Tuesday {} February 2026", or change the date.'
    assert [
        (5, 5, "Wednesday 3 February 2026 is a Tuesday", hint.format(3)),
        (8, 5, "Monday 3 February 2026 is a Tuesday", hint.format(3)),
        (14, 9, "Sunday 10 February 2026 is a Tuesday", hint.format(10)),
    ] == [(f.place.line, f.place.column, f.message, f.hint) for f in check_issue(issue)]
    assert {Severity.ERROR} == {finding.severity for finding in check_issue(issue)}


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (81_408, []),
        (81_409, [(Severity.WARNING, "the email is 79.5 KB of 100 KB")]),
        (101_888, [(Severity.WARNING, "the email is 99.5 KB of 100 KB")]),
        (101_889, [(Severity.ERROR, "the email is 99.5 KB of 100 KB")]),
    ],
)
def test_size_warns_and_then_refuses(
    load: Callable[[str], Issue], size: int, expected: list[tuple[Severity, str]]
) -> None:
    """Above four fifths of 102,400 bytes there is a warning, above all an error; 512 are kept for the person's own."""
    hint = "Shorten the longest sections, or move one to a page of its own and link to it."
    findings = [Finding(Place("issues/2026-01.yaml"), head[0], "N201", head[1], hint) for head in expected]
    assert findings == list(check_mail(load(EMPTY), mail(size)))


def test_size_counts_bytes(load: Callable[[str], Issue]) -> None:
    """A letter with an accent counts as the two bytes that it is."""
    edition = replace(mail(), html=mail(2).html + "é" * 51_200)
    assert [Severity.ERROR] == [finding.severity for finding in check_mail(load(EMPTY), edition)]


@pytest.mark.parametrize(
    ("config", "issue", "expected"),
    [
        ("", "", ["N005", "N011"]),
        ("checks: {ignore: [N005]}\n", "", ["N011"]),
        ("", "check-ignore: [N005, N011]\n", []),
        ("checks: {ignore: [N005]}\n", "check-ignore: [N011]\n", []),
        ("", "check-ignore: [{code: N005, text: x, why: y}]\n", ["N005", "N011"]),
    ],
)
def test_warnings_can_be_switched_off(
    workspace: Path, write_issue: Callable[..., Path], config: str, issue: str, expected: list[str]
) -> None:
    """A code in newsletter.yaml or in the issue takes its warnings out; for one text alone it does not."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(config)
    write_issue(f"preheader: a\u200bb\nsections: []\n{issue}")
    built = build(open_workspace(workspace), "2026-01")
    assert expected == sorted(finding.code for finding in built.findings)


def test_errors_can_never_be_switched_off(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """A wrong weekday stays an error, whoever ignores its code."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("checks: {ignore: [N101]}\n")
    write_issue(TUESDAY.format("Wednesday") + "check-ignore: [N101]\n")
    built = build(open_workspace(workspace), "2026-01")
    assert (["N101"], ["N101"]) == ([f.code for f in built.findings], [f.code for f in built.errors])
