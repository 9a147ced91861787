"""What was found, told: in a line to a person, and as JSON, GitHub annotations or SARIF to another program."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from newsletter import __version__, findings
from newsletter.checks import all_checks
from newsletter.errors import ContentError
from newsletter.findings import CODES, Severity
from newsletter.prose import links
from newsletter.terminal import count, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.build import Built
    from newsletter.errors import NewsletterError
    from newsletter.findings import Finding
    from newsletter.model import Issue

_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"  # what SARIF's readers call the top of the sources
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
# Codes of reading that only warn; the others stop the reading.
_MILD = {findings.COMMENT_IN_TEXT, findings.DUPLICATE_ADDRESS, findings.IDLE_IGNORE}


@dataclass(frozen=True, slots=True)
class Rule:
    """A code that a finding may have, and what it is about."""

    code: str
    name: str
    severity: Severity
    explanation: str

    @property
    def summary(self) -> str:
        """The fault in one sentence."""
        return self.explanation.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file below issues/ and how it stands: *built*, or stopped by an *error*. *issue* is empty where it is none."""

    issue: str
    file: str
    built: Built | None = None
    error: NewsletterError | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        return self.built.findings if self.built else self.error.findings if self.error else ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run of checks says: how each file stands, and what was found, sorted and each fault once."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings stop a send."""
        return self.counts[Severity.ERROR]

    @property
    def warnings(self) -> int:
        """How many stop only ``--strict``."""
        return self.counts[Severity.WARNING]

    @property
    def counts(self) -> Counter[Severity]:
        """How many findings there are of each severity. What stopped a file without a finding is an error too."""
        stopped = sum(_is_a_fault_itself(one.error) for one in self.checked)
        return Counter(finding.severity for finding in self.findings) + Counter({Severity.ERROR: stopped})


def report(checked: Iterable[Checked], more: Iterable[Finding] = ()) -> Report:
    """Return the report of a run; *more* are the findings that belong to no single issue."""
    checked = tuple(checked)
    found = {finding for one in checked for finding in one.findings} | set(more)
    return Report(checked, tuple(sorted(found, key=lambda finding: (finding.place, finding.code, finding.message))))


def _is_a_fault_itself(error: NewsletterError | None) -> bool:
    return error is not None and not (isinstance(error, ContentError) and error.findings)


@cache
def rules() -> tuple[Rule, ...]:
    """Return every code there is, those of reading first."""
    names = {code: name for name, code in vars(findings).items() if isinstance(code, str) and code in CODES}
    reading = [
        Rule(code, _plain(names[code]), Severity.WARNING if code in _MILD else Severity.ERROR, text)
        for code, text in CODES.items()
    ]
    return (*reading, *(Rule(one.code, _plain(one.name), one.severity, one.explanation) for one in all_checks()))


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


# For a person


def verdict(built: Built) -> str:
    """Say in a line how an issue stands: "January 2026 newsletter: no errors. 8 sessions, 33.4 KB of 100 KB."."""
    found = tallied(Counter(finding.severity for finding in built.findings))
    rest = "An error stops a send." if built.errors else _measured(built)
    draft = " Still a draft." if built.issue.draft else ""
    return f"{click.style(f'{printable(built.shown.subject)}:', bold=True)} {found}.{draft} {rest}"


def tallied(counts: Counter[Severity]) -> str:
    """Return "2 errors, 1 warning" or "no errors"."""
    errors = counts[Severity.ERROR]
    parts = [count(errors, "error") if errors else click.style("no errors", fg="green")]
    parts += [count(counts[kind], str(kind)) for kind in (Severity.WARNING, Severity.NOTE) if counts[kind]]
    return ", ".join(parts)


def _measured(built: Built) -> str:
    issue = built.issue
    sessions = sum(event.is_session for event in issue.events())
    numbers = [(sessions, "session"), (_links(issue), "link")]
    size = len(built.edition.html.encode()) / 1024
    return ", ".join([*(count(number, word) for number, word in numbers if number), f"{size:.1f} KB of 100 KB."])


def _links(issue: Issue) -> int:
    return len(list(issue.targets())) + sum(len(list(links(text.text))) for text in issue.prose())


# For another program


def as_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding as a program reads it."""
    place = finding.place
    return {
        "file": place.file, "line": place.line, "column": place.column, "severity": str(finding.severity),
        "code": finding.code, "message": finding.message, "hint": finding.hint, "excerpt": finding.excerpt,
    }  # fmt: skip


def as_json(told: Report) -> str:
    """Return a report as one JSON object; "version" grows when a program that reads it would have to change."""
    counts = {str(severity): told.counts[severity] for severity in Severity}
    result = {
        "version": 1,
        "issues": [_issue(one) for one in told.checked],
        "findings": [as_dict(finding) for finding in told.findings],
        "counts": counts,
    }
    return json.dumps(result, indent=2)


def _issue(one: Checked) -> dict[str, Any]:
    if one.built:
        built, size = one.built, len(one.built.edition.html.encode())
        facts = {"subject": built.shown.subject, "draft": built.issue.draft, "html_bytes": size}
    else:
        facts = {"error": one.error.message, "hint": one.error.hint} if one.error else {}
    return {"issue": one.issue or None, "file": one.file, **facts}


def as_annotations(told: Report) -> str:
    """Return a report as commands of a GitHub workflow, which show each finding at its line of a pull request.

    How they are written: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    stopped = ((one.file, one.error) for one in told.checked if one.error and _is_a_fault_itself(one.error))
    lines = [_command("error", {"file": file}, error.message, error.hint) for file, error in stopped]
    return "\n".join([*(_annotation(found) for found in told.findings), *lines])


def _annotation(found: Finding) -> str:
    place = found.place
    where = {"file": place.file, "line": place.line, "col": place.column, "title": found.code}
    return _command(_GITHUB[found.severity], where, found.message, found.hint)


def _command(name: str, properties: dict[str, object], message: str, hint: str) -> str:
    def escaped(text: str) -> str:
        return printable(text).replace("%", "%25").replace("\n", "%0A")

    pairs = (f"{key}={escaped(str(value))}" for key, value in properties.items())
    given = ",".join(pair.replace(":", "%3A").replace(",", "%2C") for pair in pairs)
    text = f"{message}\n{hint}".strip()
    return f"::{name} {given}::{escaped(text)}"


def as_sarif(told: Report) -> str:
    """Return a report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""
    index = {rule.code: number for number, rule in enumerate(rules())}
    stops = [one for one in told.checked if one.error]
    run = {
        "tool": {"driver": {"name": "newsletter", "version": __version__, "rules": [_rule(rule) for rule in rules()]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that holds newsletter.yaml."}}},
        "invocations": [
            {"executionSuccessful": not stops, "toolExecutionNotifications": [_notification(one) for one in stops]}
        ],
        "results": [_result(found, index) for found in told.findings],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.explanation},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(found: Finding, index: dict[str, int]) -> dict[str, Any]:
    place = found.place
    region: dict[str, Any] = {"startLine": place.line, "startColumn": place.column}
    if snippet := found.excerpt[place.column - 1 :]:
        region["snippet"] = {"text": snippet}  # without an end, a region goes to the end of its line
    return {
        "ruleId": found.code,
        "ruleIndex": index[found.code],
        "level": str(found.severity),
        "message": {"text": f"{found.message}\n{found.hint}".strip()},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(place.file), "region": region}}],
    }


def _notification(one: Checked) -> dict[str, Any]:
    error = one.error
    text = f"{error.message}\n{error.hint}".strip() if error else ""
    location = {"physicalLocation": {"artifactLocation": _artifact(one.file)}}
    return {"level": "error", "message": {"text": text}, "locations": [location]}


def _artifact(file: str) -> dict[str, str]:
    from urllib.parse import quote  # noqa: PLC0415

    return {"uri": quote(os.fsencode(file)), "uriBaseId": _ROOT}
