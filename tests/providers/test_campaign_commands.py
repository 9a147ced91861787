"""The commands about a list that Mailchimp keeps, from the command line to the service and back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from fakes.mailchimp import FakeMailchimp
from providers.campaigns import ALL_HAVE_IT, AMINA, BEN, THREE
from sends import reconfigure

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sends import Run

    Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mailchimp() -> Iterator[FakeMailchimp]:
    """Mailchimp, with an audience of three."""
    with FakeMailchimp() as fake:
        fake.make_list("Partners", *THREE)
        yield fake


@pytest.fixture
def ask(ready: Path, run: Run, mailchimp: FakeMailchimp) -> Ask:
    """A function that runs the program in a workspace whose list partners is kept by Mailchimp."""
    reconfigure(ready, "newsletter@example.org", "newsletter@partnership.internal")
    reconfigure(ready, "office@example.org", "office@partnership.internal")
    reconfigure(ready, "Example House, 1 Example Street", "Town Hall, High Street")
    partners = "partners: {title: Partners, provider: mailchimp, audience: Partners}"
    reconfigure(ready, "lists:\n", f"providers:\n  mailchimp: {{url: '{mailchimp.url}'}}\nlists:\n  {partners}\n")
    return lambda *arguments: run(*arguments, env=os.environ | mailchimp.secrets)


def test_send_and_report(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """Each person has one copy, a second send is refused, what came of it is told, and who left stays away."""
    sent = ask("send", "--list", "partners", "--yes")
    assert (0, ALL_HAVE_IT) == (sent.returncode, mailchimp.got), sent.stderr
    assert "Planned 3  =  Accepted 3" in sent.stdout
    assert (6, ALL_HAVE_IT) == (ask("send", "--list", "partners", "--yes").returncode, mailchimp.got)
    mailchimp.leave(AMINA, "unsubscribed")
    mailchimp.leave(BEN, "bounced")
    (told,) = json.loads(ask("report", "--list", "partners", "--json").stdout)["sends"]
    figures = [told[name] for name in ("accepted", "delivered", "bounced", "unsubscribed", "complaints")]
    assert [3, 2, 1, 1, 0] == figures
    synced = [ask("lists", "sync", "partners") for _ in range(2)]
    assert [0, 0] == [done.returncode for done in synced], synced[0].stderr
    assert synced[0].stdout != synced[1].stdout  # the second time nobody is new
    assert not any(AMINA in done.stdout + done.stderr for done in (sent, *synced))


def test_schedule_and_cancel(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """At a full quarter of an hour, and taken back before it; any other time is refused before the network."""
    refused = ask("send", "--list", "partners", "--yes", "--at", "2030-01-05 09:05")
    assert (0, []) == (0 if refused.returncode else 1, mailchimp.log)
    done = ask("send", "--list", "partners", "--yes", "--at", "2030-01-05 09:15")
    assert (0, ["schedule"]) == (done.returncode, mailchimp.stages()), done.stderr
    cancelled = ask("cancel", "2026-01", "--list", "partners", "--yes")
    assert (0, [], {}) == (cancelled.returncode, mailchimp.stages(), mailchimp.got), cancelled.stderr
