"""What an author may excuse, and excuses that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.findings import Finding, Place, Severity
from newsletter.load import load_issue
from newsletter.review import excuse, switched_off_faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.model import Issue

    Load = Callable[[str], Issue]

HERE = Place("issues/2026-01.yaml", 9, 9)
ERROR = Finding(HERE, Severity.ERROR, "N101", "a wrong weekday", words="Monday 10 February")
OTHER = Finding(HERE, Severity.ERROR, "N101", "another one", words="Sunday 1 March")
WARNING = Finding(HERE, Severity.WARNING, "N104", "on a Saturday", words="Saturday 7 February")
NOTE = Finding(HERE, Severity.NOTE, "N109", "no dates")
FOUND = [ERROR, OTHER, WARNING, NOTE]


@pytest.fixture
def load(workspace: Path, write_issue: Callable[..., Path]) -> Load:
    """A function that reads an issue with the given ``check-ignore``."""

    def read(ignored: str) -> Issue:
        texts = "preheader: On Monday 10 February at noon, Saturday 7 February and Sunday 1 March\nsections: []\n"
        write_issue(texts + (f"check-ignore: {ignored}\n" if ignored else ""))
        return load_issue(workspace, "2026-01")

    return read


def told(findings: tuple[Finding, ...]) -> list[str]:
    """Return the messages of what stands."""
    return [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ("", ["a wrong weekday", "another one", "on a Saturday", "no dates"]),
        ("[N104]", ["a wrong weekday", "another one", "no dates"]),
        ("[N104, {code: N109}]", ["a wrong weekday", "another one"]),
        ("[{code: N104, text: Saturday 7 February, why: it is so}]", ["a wrong weekday", "another one", "no dates"]),
        ("[{code: N101, text: Monday 10 February, why: a joke}]", ["another one", "on a Saturday", "no dates"]),
        ("[{code: N101, text: on MONDAY  10 February at noon, why: x}]", ["another one", "on a Saturday", "no dates"]),
    ],
    ids=["nothing", "a code", "two codes", "a warning's text", "an error's text", "more text"],
)
def test_what_is_excused(ignored: str, expected: list[str], load: Load) -> None:
    """A code alone leaves out warnings and notes; with the words meant, or more, one error, however they are spaced."""
    assert expected == told(excuse(FOUND, load(ignored), ()).findings)


@pytest.mark.parametrize(
    ("ignored", "message", "hint"),
    [
        ("[N999]", 'there is no check "N999"', "To see them all: newsletter checks"),
        ("[n104]", 'there is no check "n104"', 'Did you mean "N104"?'),
        (
            "[N101]",
            "N101 stops a send, so it can be left out for one text only",
            'For one text, write in the issue:\n- {code: N101, text: "the words", why: "the reason"}',
        ),
        (
            "[{code: N101, text: Tuesday, why: x}]",
            "N101 is left out, but finds nothing",
            "Take it out, so that it finds the next fault.",
        ),
        (
            "[{code: N109, text: no dates, why: x}]",
            "N109 is left out, but finds nothing",
            "Take it out, so that it finds the next fault.",
        ),
        ("[N130]", "N130 is left out, but finds nothing", "Take it out, so that it finds the next fault."),
        ("[N016]", "N016 is left out, but finds nothing", "Take it out, so that it finds the next fault."),
    ],
    ids=["unknown", "small letters", "an error as a whole", "another text", "no words", "idle", "itself"],
)
def test_excuses_that_are_none(ignored: str, message: str, hint: str, load: Load) -> None:
    """An excuse that is unknown, too wide, or for nothing excuses nothing, and is a warning where it stands."""
    *rest, last = excuse(FOUND, load(ignored), ()).findings
    assert FOUND == rest
    assert (Severity.WARNING, "N016", message, hint) == (last.severity, last.code, last.message, last.hint)
    assert (3, 16) == (last.place.line, last.place.column)


def test_an_excuse_for_two_things_is_none(load: Load) -> None:
    """A text that covers two errors excuses neither: it might as well cover the next."""
    whole = "On Monday 10 February at noon, Saturday 7 February and Sunday 1 March"
    *rest, last = excuse(FOUND, load(f"[{{code: N101, text: '{whole}', why: x}}]"), ()).findings
    assert (FOUND, "this text holds more than one thing that stops a send") == (rest, last.message)


@pytest.mark.parametrize("text", ["Monday 10 February and anything else", "Mon", "xMonday 10 February"])
def test_an_excuse_is_for_a_text_of_the_issue(text: str, load: Load) -> None:
    """What does not stand in the issue, or not as words of their own, excuses nothing."""
    assert "a wrong weekday" in told(excuse(FOUND, load(f"[{{code: N101, text: {text}, why: x}}]"), ()).findings)


def test_one_excuse_for_one_finding(load: Load) -> None:
    """The first of two excuses that are alike is the one that is used; neither is called idle."""
    twice = "[{code: N101, text: Monday 10 February, why: x}, {code: N101, text: Monday 10 February at noon, why: y}]"
    assert ["another one", "on a Saturday", "no dates"] == told(excuse(FOUND, load(twice), ()).findings)


@pytest.mark.parametrize(
    ("codes", "expected", "switched_off"),
    [
        ((), ["a wrong weekday", "another one", "on a Saturday", "no dates"], set()),
        (("N104", "N109"), ["a wrong weekday", "another one"], {"N104", "N109"}),
        (("N101",), ["a wrong weekday", "another one", "on a Saturday", "no dates"], set()),
        (("N130",), ["a wrong weekday", "another one", "on a Saturday", "no dates"], set()),
    ],
)
def test_what_newsletter_yaml_switches_off(
    codes: tuple[str, ...], expected: list[str], switched_off: set[str], load: Load
) -> None:
    """newsletter.yaml switches off warnings and notes, never an error, and it is known which codes kept something."""
    excused = excuse(FOUND, load(""), codes)
    assert (expected, switched_off) == (told(excused.findings), set(excused.switched_off))


def test_switched_off_twice(load: Load) -> None:
    """What newsletter.yaml and the issue both leave out is no idle excuse."""
    excused = excuse([WARNING], load("[N104]"), ("N104",))
    assert ((), {"N104"}) == (excused.findings, set(excused.switched_off))


def test_codes_in_newsletter_yaml_that_switch_nothing_off(workspace: Path) -> None:
    """Each is told at its place: what does not exist, what stops a send, and what is idle."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("checks:\n  ignore:\n    - N104\n    - N999\n    - N101\n    - N109\n")
    found = switched_off_faults(open_workspace(workspace), idle={"N109"})
    assert [
        (12, 'there is no check "N999"'),
        (13, "N101 stops a send, so it can be left out for one text only"),
        (14, "N109 is left out, but finds nothing"),
    ] == [(finding.place.line, finding.message) for finding in found]


WRONG = "sections:\n- {type: article, title: News, body: The room is TBC.}\n"


@pytest.mark.parametrize(
    ("config", "ignored", "expected"),
    [
        ("", "[N120]", ["N016", "N120"]),
        ("checks: {ignore: [N120]}\n", "[]", ["N016", "N120"]),
        ("", "[{code: N120, text: The room is TBC, why: the name of a band}]", []),
    ],
    ids=["in the issue", "in newsletter.yaml", "for one text"],
)
def test_an_error_stays_unless_it_is_excused_by_its_words(
    workspace: Path, write_issue: Callable[..., Path], config: str, ignored: str, expected: list[str]
) -> None:
    """A word left to be filled in stops the send, whoever ignores its code, but not where its words are excused."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(config)
    write_issue(f"{WRONG}check-ignore: {ignored}\n")
    built = build(open_workspace(workspace), "2026-01")
    assert expected == sorted(finding.code for finding in built.findings if finding.code in {"N016", "N120"})
    assert len(built.errors) == expected.count("N120")
