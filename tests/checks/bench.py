"""A bench to try a check on: an issue, maybe with others beside it, and all that is found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from conftest import NEWSLETTER_YAML

from newsletter.build import build
from newsletter.checks import Context, Mail, Remark, all_checks, check_mail
from newsletter.config import open_workspace
from newsletter.load import load_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsletter.findings import Finding
    from newsletter.message import Edition
    from newsletter.weblinks import Verdict

ISSUE = "2026-01"
DAY = date(2026, 1, 5)  # a Monday: the day of sending


@dataclass(frozen=True)
class Example:
    """An issue as an author writes it, sent on a day, with *others* beside it and lines more in newsletter.yaml.

    *change* makes another mail of the finished one, as a changed template would.
    """

    text: str
    on: date = DAY
    others: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    change: Callable[[Edition], Edition] | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    id: str = ISSUE


def article(body: str, *, title: str = "What changed") -> str:
    """Return an issue of one article with the Markdown *body*."""
    indented = "".join(f"      {line}\n" for line in dedent(body).strip("\n").split("\n"))
    head = "subject: January 2026 newsletter\npreheader: What changed in the procedures this winter\n"
    return f"{head}sections:\n  - type: article\n    title: {title}\n    body: |\n{indented}"


def training(*sessions: str, course: str = "Family help") -> str:
    """Return an issue of one course with the *sessions*."""
    lines = "".join(f"          - {session}\n" for session in sessions)
    return (
        "subject: January 2026 newsletter\npreheader: What changed in the procedures this winter\n"
        "sections:\n  - type: training\n    title: Training dates\n    courses:\n"
        f"      - title: {course}\n        book: https://example.org/book\n        sessions:\n{lines}"
    )


def diary(*dates: str) -> str:
    """Return an issue of one diary with the *dates*."""
    lines = "".join(f"      - {day}\n" for day in dates)
    head = "subject: January 2026 newsletter\npreheader: What changed in the procedures this winter\n"
    return f"{head}sections:\n  - type: diary\n    title: Dates for your diary\n    dates:\n{lines}"


def html(old: str, new: str) -> Callable[[Edition], Edition]:
    """Return a change of the mail that puts *new* for the first match of the pattern *old* in its HTML."""

    def change(edition: Edition) -> Edition:
        text, count = re.subn(old, lambda _: new, edition.html, count=1, flags=re.DOTALL)
        assert count == 1, f"{old} is not in the mail"
        return replace(edition, html=text)

    return change


def text(old: str, new: str) -> Callable[[Edition], Edition]:
    """Return a change of the mail that puts *new* for every match of the pattern *old* in its plain text."""

    def change(edition: Edition) -> Edition:
        changed, count = re.subn(old, lambda _: new, edition.text, flags=re.DOTALL)
        assert count, f"{old} is not in the mail"
        return replace(edition, text=changed)

    return change


def found(example: Example, *codes: str) -> list[Finding]:
    """Return what is found in an example, of the *codes* or of all."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML) + example.config, "utf-8")
        for name, text in {**example.others, example.id: example.text}.items():
            (root / f"issues/{name}.yaml").write_text(text, "utf-8")
        workspace = open_workspace(root)
        built = build(workspace, example.id, on=example.on, verdicts=example.verdicts)
    findings = list(built.findings)
    if example.change:
        config = workspace.config
        mail = Mail(built.issue, example.change(built.edition), config.archive_url or "", config.theme.accent)
        findings = list(check_mail(mail))
    return [finding for finding in findings if not codes or finding.code in codes]


def remarks(text: str, code: str) -> list[Remark]:
    """Return what one check says of the issue *text*; of that check alone, so that no mail has to be made."""
    (check,) = (check for check in all_checks() if check.code == code)
    with TemporaryDirectory() as folder:
        (Path(folder) / "issues").mkdir()
        (Path(folder) / f"issues/{ISSUE}.yaml").write_text(text, "utf-8")
        issue = load_issue(Path(folder), ISSUE)
    return list(check.run(Context(issue, DAY, ZoneInfo("Europe/London"))))


def told(text: str, code: str) -> list[str]:
    """Return where in the issue *text* the check speaks, with its message."""
    return [f"{remark.place.line}:{remark.place.column} {remark.message}" for remark in remarks(text, code)]


def minded(body: str, code: str) -> list[str]:
    """Return the messages of a check about an article's body."""
    return [remark.message for remark in remarks(article(body), code)]
