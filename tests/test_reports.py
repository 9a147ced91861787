"""What was found, told to programs: JSON, commands of a GitHub workflow, SARIF; and to a person in a line."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from newsletter.checks import all_checks
from newsletter.errors import ContentError, TemplateError
from newsletter.findings import CODES, Finding, Place, Severity
from newsletter.reports import Checked, Report, as_annotations, as_json, as_sarif, report, rules, tallied

FILE = "issues/2026-01.yaml"
LINE = "          - Wednesday 3 February 2026, 9am"
TUESDAY = "Wednesday 3 February 2026 is a Tuesday"
WRONG = Finding(Place(FILE, 46, 13), Severity.ERROR, "N101", TUESDAY, "Write it.\nOr not.", "", LINE)
DIFFERS = Finding(Place(FILE, 8, 7), Severity.WARNING, "N111", "100%: a date, differs", "Ask.")
UNDATED = Finding(Place("issues/2025-12.yaml", 9, 2), Severity.NOTE, "N109", "no dates", "Write them.")
BROKEN = ("templates/footer.html:3: unexpected end", "Mend that line.")


def stopped(*findings: Finding, error: type[Exception] = ContentError) -> Checked:
    """An issue that was stopped, with what was found until then."""
    if error is TemplateError:
        return Checked("2026-01", FILE, error=TemplateError(*BROKEN, findings))
    return Checked("2026-01", FILE, error=ContentError(f"{FILE} cannot be used yet", findings))


def test_a_report_is_sorted_and_tells_each_fault_once() -> None:
    """By file, line, column and code; what two issues share, such as a fault in newsletter.yaml, stands once."""
    shared = Finding(Place("newsletter.yaml", 3, 1), Severity.WARNING, "N016", "for nothing")
    told = report([stopped(WRONG, DIFFERS, shared), stopped(shared, UNDATED)], [shared])
    assert (UNDATED, DIFFERS, WRONG, shared) == told.findings
    assert {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 1} == dict(told.counts)


@pytest.mark.parametrize(
    ("checked", "errors"),
    [
        (stopped(), 1),
        (stopped(WRONG), 1),
        (stopped(WRONG, error=TemplateError), 2),
        (stopped(UNDATED, error=TemplateError), 1),
        (Checked("2026-01", FILE), 0),
    ],
)
def test_what_stopped_a_file_is_an_error(checked: Checked, errors: int) -> None:
    """A fault that has no finding of its own, such as a template's, counts as an error all the same."""
    assert errors == report([checked]).counts[Severity.ERROR]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), "no errors"),
        ((UNDATED,), "no errors, 1 note"),
        ((WRONG, WRONG, DIFFERS), "2 errors, 1 warning"),
        ((DIFFERS, DIFFERS, UNDATED, UNDATED), "no errors, 2 warnings, 2 notes"),
    ],
)
def test_the_tally_names_what_there_is(findings: tuple[Finding, ...], expected: str) -> None:
    """Errors are always named, warnings and notes where there are some."""
    counts = Report((), findings).counts
    assert expected == click.unstyle(tallied(counts))


def test_every_code_is_a_rule() -> None:
    """The rules are all codes of reading and all checks, each once, with a name, a summary and an explanation."""
    known = [*CODES, *(check.code for check in all_checks())]
    assert known == [rule.code for rule in rules()]
    assert len(known) == len({rule.name for rule in rules()})
    assert {True} == {rule.summary.endswith(".") and rule.explanation.startswith(rule.summary) for rule in rules()}
    assert ("not-yaml", Severity.ERROR) == next((r.name, r.severity) for r in rules() if r.code == "N001")
    assert ("weekday", Severity.ERROR) == next((r.name, r.severity) for r in rules() if r.code == "N101")


# JSON


def test_json() -> None:
    """JSON is one object: its version, each issue or why it could not be checked, every finding, and the counts."""
    assert {
        "version": 1,
        "issues": [{"issue": "2026-01", "file": FILE, "error": BROKEN[0], "hint": BROKEN[1]}],
        "findings": [{
            "file": FILE, "line": 46, "column": 13, "severity": "error", "code": "N101",
            "message": "Wednesday 3 February 2026 is a Tuesday", "hint": "Write it.\nOr not.", "excerpt": LINE,
        }],
        "counts": {"error": 2, "warning": 0, "note": 0},
    } == json.loads(as_json(report([stopped(WRONG, error=TemplateError)])))  # fmt: skip


# GitHub


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (
            WRONG,
            f"::error file=issues/2026-01.yaml,line=46,col=13,title=N101::{TUESDAY}%0AWrite it.%0AOr not.",
        ),
        (DIFFERS, "::warning file=issues/2026-01.yaml,line=8,col=7,title=N111::100%25: a date, differs%0AAsk."),
        (UNDATED, "::notice file=issues/2025-12.yaml,line=9,col=2,title=N109::no dates%0AWrite them."),
        (
            Finding(Place("issues/a,b:c%.yaml"), Severity.NOTE, "N109", "x\r\n::error::y\x1b[2J"),
            "::notice file=issues/a%2Cb%3Ac%25.yaml,line=1,col=1,title=N109::x\\x0d%0A::error::y\\x1b[2J",
        ),
    ],
    ids=["error", "warning", "note", "odd signs"],
)
def test_annotations(finding: Finding, expected: str) -> None:
    """A finding is one line that GitHub reads as a command; nothing that it holds can begin another."""
    assert expected == as_annotations(report([stopped(finding)]))


def test_annotations_of_what_has_no_line() -> None:
    """A fault that is no finding stands at the issue's file, and where nothing was found there is nothing to print."""
    shown = "::error file=issues/2026-01.yaml::templates/footer.html:3: unexpected end%0AMend that line."
    assert shown == as_annotations(report([stopped(error=TemplateError)]))
    assert as_annotations(report([Checked("2026-01", FILE)])) == ""


# SARIF

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
NATURAL = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def thing(required: str, **properties: Any) -> dict[str, Any]:
    """The schema of an object that has the *required* properties and no others than those given."""
    wanted = required.split()
    return {"type": "object", "required": wanted, "properties": properties, "additionalProperties": False}


def several(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": items, **more}


# What the standard says of all that we write, section by section; no package on PyPI that pip can install beside
# jsonschema carries the schema itself. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
ARTIFACT = thing(  # 3.4
    "", uri={"type": "string", "pattern": "^[A-Za-z0-9._~!$&'()*+,;=:@%/-]+$"}, uriBaseId={"type": "string"}
)
REGION = thing("", startLine=NATURAL, startColumn=NATURAL, snippet=TEXT)  # 3.30
LOCATION = thing("", physicalLocation=thing("artifactLocation", artifactLocation=ARTIFACT, region=REGION))  # 3.28, 29
RULE = thing(  # 3.49
    "id", id={"type": "string"}, name={"type": "string"}, shortDescription=TEXT, fullDescription=TEXT, help=TEXT,
    defaultConfiguration=thing("", level=LEVEL),
)  # fmt: skip
RESULT = thing(  # 3.27
    "message", ruleId={"type": "string"}, ruleIndex={"type": "integer", "minimum": -1}, level=LEVEL, message=TEXT,
    locations=several(LOCATION),
)  # fmt: skip
NOTIFICATION = thing("message", level=LEVEL, message=TEXT, locations=several(LOCATION, uniqueItems=True))  # 3.58
INVOCATION = thing(  # 3.20
    "executionSuccessful", executionSuccessful={"type": "boolean"}, toolExecutionNotifications=several(NOTIFICATION)
)
DRIVER = thing(  # 3.19
    "name", name={"type": "string"}, version={"type": "string"}, rules=several(RULE, uniqueItems=True)
)
RUN = thing(  # 3.14
    "tool", tool=thing("driver", driver=DRIVER), columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={"additionalProperties": thing("", description=TEXT)}, invocations=several(INVOCATION),
    results=several(RESULT),
)  # fmt: skip
LOG = thing(  # 3.13
    "version runs", **{"$schema": {"type": "string"}}, version={"const": "2.1.0"}, runs=several(RUN)
)


def sarif(*checked: Checked) -> dict[str, Any]:
    """The one run of the SARIF of what was checked, which the standard allows."""
    log = json.loads(as_sarif(report(checked)))
    Draft202012Validator(LOG).validate(log)
    (run,) = log["runs"]
    return dict(run)


def test_sarif_of_nothing() -> None:
    """A run that found nothing says so: it was successful and has no results."""
    run = sarif(Checked("2026-01", FILE))
    (invocation,) = run["invocations"]
    assert ([], {"executionSuccessful": True, "toolExecutionNotifications": []}) == (run["results"], invocation)


def test_sarif_of_a_finding() -> None:
    """A finding is a result with its rule, its level, and a region that goes to the end of its line."""
    run = sarif(stopped(WRONG))
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result.pop("ruleIndex")]
    assert {
        "ruleId": "N101",
        "level": "error",
        "message": {"text": "Wednesday 3 February 2026 is a Tuesday\nWrite it.\nOr not."},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": FILE, "uriBaseId": "%SRCROOT%"},
                "region": {
                    "startLine": 46, "startColumn": 13, "snippet": {"text": "Wednesday 3 February 2026, 9am"},
                },
            }
        }],
    } == result  # fmt: skip
    assert ("N101", "weekday", {"level": "error"}) == (rule["id"], rule["name"], rule["defaultConfiguration"])
    assert rule["fullDescription"] == rule["help"]
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]


def test_sarif_of_every_severity_and_place() -> None:
    """Levels are the standard's own words, every rule's index is its own, and odd names of files become addresses."""
    odd = Finding(Place("issues/a b.yaml"), Severity.NOTE, "N002", "odd", "", "", "")
    run = sarif(stopped(WRONG, DIFFERS, UNDATED, odd))
    rules_there = run["tool"]["driver"]["rules"]
    found = [(r["ruleId"], r["level"], rules_there[r["ruleIndex"]]["id"]) for r in run["results"]]
    assert [
        ("N109", "note", "N109"), ("N111", "warning", "N111"), ("N101", "error", "N101"), ("N002", "note", "N002"),
    ] == found  # fmt: skip
    assert "issues/a%20b.yaml" == run["results"][3]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_sarif_of_a_run_that_was_stopped() -> None:
    """What stopped an issue is a notification of the run, which then was not successful."""
    run = sarif(stopped(UNDATED, error=TemplateError))
    (invocation,) = run["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert (False, 1) == (invocation["executionSuccessful"], len(run["results"]))
    assert ("error", "templates/footer.html:3: unexpected end\nMend that line.") == (
        told["level"],
        told["message"]["text"],
    )
