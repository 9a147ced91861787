"""A test: one marked copy to each address that was named, by a way that touches no list and no ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsletter.addresses import read_address
from newsletter.build import build, compose_for
from newsletter.commands.refusals import refuse_images, refuse_unready
from newsletter.deliver import submit_test
from newsletter.errors import RefusedError, UsageError
from newsletter.message import Recipient, greet
from newsletter.mime import LONGEST_TEXT
from newsletter.preflight import preflight
from newsletter.providers import Outcome, Send
from newsletter.terminal import count, near
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from newsletter.commands.desk import Request
    from newsletter.config import Workspace
    from newsletter.providers import AnyProvider

_MOST_TESTS = 10


def send_tests(request: Request, workspace: Workspace, provider: AnyProvider, tests: tuple[str, ...]) -> None:
    """Send one marked copy to each address: no list is read, and no ledger knows of it."""
    people = _test_recipients(tests, workspace)
    workspace_key(workspace.state)  # whoever finds copies without a key must think that it was lost
    built = build(workspace, request.issue)
    refuse_unready(built, draft=True)
    if not provider.is_rehearsal:
        preflight(workspace, rehearsal=False, now=datetime.now(UTC))
    marked = replace(built.edition, subject=f"[Test] {built.edition.subject}"[:LONGEST_TEXT])
    message = compose_for(request.list_name, marked, workspace)
    refuse_images(message, provider)
    greeting = workspace.config.greeting or ""
    send = Send(message, datetime.now(workspace.config.zone), is_test=True, greeting=greeting)
    results = submit_test(send, provider, people)
    refused = [result for result in results if result.outcome is not Outcome.ACCEPTED]
    for number, result in enumerate(results, 1):
        if result in refused:
            click.echo(f"Test copy {number} of {len(people)}: {result.outcome}. {result.reason}", err=True)
    if refused or len(results) < len(people):
        raise RefusedError("Not all test copies were taken.", "No list was touched. Mend it, and try again.")
    click.echo(f"{count(len(people), 'test copy')} of {built.shown.subject}: {near(provider.where(send))}")
    click.echo("The subject begins with [Test]. No list was touched.")
    if provider.is_rehearsal:
        click.echo("A rehearsal: nothing left this computer.")


def _test_recipients(tests: tuple[str, ...], workspace: Workspace) -> list[Recipient]:
    if len(tests) > _MOST_TESTS:
        raise UsageError(f"a test goes to {_MOST_TESTS} addresses at most", "For more people, make a list.")
    greeting = greet(workspace.config.greeting, "Sam") if workspace.config.greeting else ""
    people = []
    for number, text in enumerate(tests, 1):
        try:
            people.append(Recipient(read_address(text), "", greeting, "test"))
        except ValueError as error:
            hint = "Write it alone, as in name@example.org."
            raise UsageError(f"the test address number {number} cannot be used: {error}", hint) from None
    return people
