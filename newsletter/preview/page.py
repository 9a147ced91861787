"""What the page says of an issue, ready for JSON: the same findings as `check`, sizes, the inbox line, commands."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from newsletter.checks import Mail
from newsletter.checks.size import LIMIT, sections
from newsletter.dates import format_span
from newsletter.datewords import format_month
from newsletter.findings import Severity
from newsletter.load import issue_ids
from newsletter.memory import recall
from newsletter.page import Page
from newsletter.past import is_monthly, month_of, said
from newsletter.personal import mask
from newsletter.preview.comparison import changed, last_month
from newsletter.preview.places import where
from newsletter.reports import as_dict, report, tallied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.calendar import Entry
    from newsletter.findings import Finding
    from newsletter.preview.bench import Bench, Copy, Look

_COLOUR = re.compile(r"\x1b\[\d*m")
_COLUMNS = 46  # that the panel has room for
_SNIPPET = 250  # characters: more than any list shows


def tell(look: Look, bench: Bench) -> dict[str, Any]:
    """Return all that the page says of the issue that was looked at, and of its neighbours."""
    counts = report([look.checked]).counts
    told = {
        "issue": look.issue,
        "issues": [{"id": one, "name": name_of(one)} for one in reversed(issue_ids(bench.root))],
        "age": look.age,
        "milliseconds": round(look.seconds * 1000),
        "verdict": _COLOUR.sub("", tallied(counts)),
        "counts": {str(kind): counts[kind] for kind in Severity},
        "problem": _problem(look),
        "findings": _findings(look),
        "mail": None,
    }
    return told | {"mail": _mail(look.copy, bench, look.issue)} if look.copy else told


def name_of(issue: str) -> str:
    """Return an issue's id as people say it: "January 2026", "September 2025, annual report"."""
    month = format_month(month_of(issue))
    return month if is_monthly(issue) else f"{month}, {issue[8:].replace('-', ' ')}"


def _problem(look: Look) -> dict[str, str] | None:
    """Return what stops the issue from being built, where that is more than its findings say."""
    error = look.error
    return {"message": mask(error.message), "hint": mask(error.hint)} if error else None


def _findings(look: Look) -> list[dict[str, Any]]:
    """Return the findings, the gravest first, each with the place where the email shows it."""
    gravity = list(Severity)
    found = sorted(report([look.checked]).findings, key=lambda finding: gravity.index(finding.severity))
    return [
        as_dict(finding) | {"pointed": finding.pointed(_COLUMNS), "seen": _seen(finding, look)} for finding in found
    ]


def _seen(finding: Finding, look: Look) -> dict[str, str] | None:
    if look.copy is None or look.error:
        return None
    seen = where(finding, look.copy.built.issue)
    return {"words": seen.words, "near": seen.near} if seen else None


def _mail(copy: Copy, bench: Bench, issue: str) -> dict[str, Any]:
    built, config = copy.built, copy.workspace.config
    sender = config.from_mailbox
    rest = Page(copy.html).text.removeprefix(built.edition.preheader)
    return {
        "subject": built.edition.subject,
        "preheader": built.edition.preheader,
        "sender": sender.name or sender.address,
        "snippet": f"{built.edition.preheader} {rest}"[:_SNIPPET],
        "draft": built.issue.draft,
        "text": copy.text,
        "html": copy.html,
        "headers": [[name, str(value)] for name, value in message_from_bytes(copy.message, policy=default).items()],
        "limit": LIMIT,
        "sizes": _sizes(copy),
        "sections": _sections(copy),
        "entries": [_entry(entry) for entry in built.entries],
        "commands": _commands(issue, list(config.lists) or ["NAME"]),
        "compared": _compared(copy, bench, issue),
    }


def _sizes(copy: Copy) -> dict[str, Any]:
    """Return bytes: of the HTML as `check` counts it, the text, each picture and the whole message."""
    return {
        "html": len(copy.built.edition.html.encode()),
        "text": len(copy.text.encode()),
        "pictures": [[name, len(data)] for name, (_, data) in copy.pictures.items()],
        "message": len(copy.message),
    }


def _sections(copy: Copy) -> list[dict[str, Any]]:
    found = sections(Mail(copy.built.issue, copy.built.edition))
    return [{"title": title, "bytes": size} for size, title in sorted(found, reverse=True)]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title, "when": format_span(entry.span), "where": entry.location, "changes": entry.sequence,
        "cancelled": entry.is_cancelled, "session": entry.is_session,
    }  # fmt: skip


def _commands(issue: str, lists: Sequence[str]) -> list[dict[str, str]]:
    """Return the lines to type: one marked copy to oneself, and the send to each list."""
    send = f"newsletter send {issue} --list"
    first = {"does": "Send one test copy to yourself", "line": f"{send} {lists[0]} --test you@example.org"}
    return [first, *({"does": f"Send to the list {name}", "line": f"{send} {name}"} for name in lists)]


def _compared(copy: Copy, bench: Bench, issue: str) -> dict[str, Any] | None:
    """Return last month's issue and the dates changed since; None when there is none, or it cannot be read."""
    before = last_month(issue, issue_ids(bench.root))
    others, _ = recall(copy.workspace, issue)
    past = next((past for past in others if past.issue == before), None)
    if past is None:
        return None
    dates = [{"title": one.title, "then": one.then, "now": one.now} for one in changed(past, said(copy.built.issue))]
    return {"issue": before, "name": name_of(before), "dates": dates}
