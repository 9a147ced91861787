"""The terminal's voice: say what happened, then what to do. Colour helps and never carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.errors import NewsletterError
    from newsletter.findings import Finding

_COLOURS = {
    Severity.ERROR: {"fg": "red", "bold": True},
    Severity.WARNING: {"fg": "yellow"},
    Severity.NOTE: {"fg": "cyan"},
}


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Print each finding on lines of its own, its severity coloured."""
    for finding in findings:
        word = f"{finding.severity} {finding.code}:"
        coloured = click.style(str(finding.severity), **_COLOURS[finding.severity])  # type: ignore[arg-type]
        click.echo(str(finding).replace(word, f"{coloured} {finding.code}:", 1), err=err)


def show_next(why: str, *commands: str) -> None:
    """End with the one thing to do next, on stderr."""
    click.echo(f"Next: {why}", err=True)
    for command in commands:
        click.echo(f"  {click.style(command, bold=True)}", err=True)


def show_error(error: NewsletterError) -> None:
    """Print an error in one line, with what to do below it, and the findings it carries."""
    show_findings(error.findings, err=True)
    # A message that begins a sentence says what happened to a send; the others say what is wrong.
    lead = "" if error.message[:1].isupper() else f"{click.style('error', fg='red', bold=True)}: "
    click.echo(lead + error.message, err=True)
    for line in error.hint.splitlines():
        click.echo(f"  {line}", err=True)


def count(number: int, word: str) -> str:
    """Return ``1 error``, ``1,248 people``: a number with its noun."""
    plural = {"person": "people"}.get(word, f"{word}s")
    return f"{number:,} {word if number == 1 else plural}"
