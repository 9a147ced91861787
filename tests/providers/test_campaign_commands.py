"""The commands about a list that Mailchimp keeps, from the command line to the service and back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from fakes.mailchimp import FakeMailchimp
from fakes.wire import answering, reset_after
from providers.campaigns import ALL_HAVE_IT, AMINA, BEN, CARA, THREE
from sends import HASTY, reconfigure

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
    return lambda *arguments, **options: run(*arguments, env=os.environ | mailchimp.secrets, **options)


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


def test_cancel_what_may_be_scheduled(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """Nobody is told that nothing is waiting to leave; settled as sent, it is taken back."""
    mailchimp.after_processing = lambda _seen, _answer: reset_after() if "schedule" in mailchimp.stages() else None
    assert 5 == ask("send", "--list", "partners", "--yes", "--at", "2030-01-05 09:15", program=HASTY).returncode
    mailchimp.after_processing = None
    refused = ask("cancel", "2026-01", "--list", "partners", "--yes")
    assert (6, ["schedule"]) == (refused.returncode, mailchimp.stages())
    assert "Not cancelled: of 3 people it is not known whether it is waiting to leave." in refused.stderr
    assert "newsletter resolve 2026-01 --list partners" in refused.stderr
    assert 0 == ask("resolve", "2026-01", "--list", "partners", "--sent", "--yes").returncode
    cancelled = ask("cancel", "2026-01", "--list", "partners", "--yes")
    assert (0, []) == (cancelled.returncode, mailchimp.stages()), cancelled.stderr


def test_a_subscriber_with_no_address(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """What the service takes for an address and we do not is left to it; who has opted out here still goes first."""
    (audience,) = mailchimp.lists
    mailchimp.join(audience, "no address", "Nobody")
    mailchimp.next(mailchimp.down())
    ask("unsubscribe", AMINA)
    sent = ask("send", "--list", "partners", "--yes")
    assert (0, {BEN: 1, CARA: 1, "no address": 1}) == (sent.returncode, mailchimp.got), sent.stderr


def test_a_list_that_was_renamed(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """What was begun for one list does not go on with another, which has its name by now."""
    mailchimp.next(answering(400, {"detail": "the plan ends today"}), on="/actions/send")
    assert 6 == ask("send", "--list", "partners", "--yes").returncode
    (audience,) = mailchimp.lists.values()
    audience.name = "Partners until 2025"
    mailchimp.make_list("Partners", (AMINA, "Amina Khan"), ("dee@example.org", "Dee"))
    again = ask("send", "--list", "partners", "--yes")
    assert (6, {}) == (again.returncode, mailchimp.got), again.stderr
    assert "Not sent: this was planned for another list there than Partners is now." in again.stderr
    audience.name, other = "Partners", next(one for one in mailchimp.lists.values() if one is not audience)
    other.name = "Others"
    again = ask("send", "--list", "partners", "--yes")
    assert (0, ALL_HAVE_IT) == (again.returncode, mailchimp.got), again.stderr


def test_the_lists_shown(ask: Ask) -> None:
    """A list that the service keeps is shown with its name there and its count, and is changed there alone."""
    shown = ask("lists", "show", "partners")
    assert (0, ["Partners", "  Kept by        mailchimp, as Partners"]) == (
        shown.returncode,
        [line.partition(" (")[0] for line in shown.stdout.splitlines()[:2]],
    ), shown.stderr
    assert "  People         3" in shown.stdout.splitlines()
    (row,) = [one for one in json.loads(ask("lists", "show", "--json").stdout)["lists"] if one["name"] == "partners"]
    assert (3, "mailchimp") == (row["count"], row["kept_in"])
    for command in (("export",), ("remove",)):
        refused = ask("lists", *command, "partners", *([AMINA] if command == ("remove",) else []))
        assert (6, True) == (refused.returncode, "kept by mailchimp" in refused.stderr)


def test_somebody_leaves_here(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """Who unsubscribes here is unsubscribed there at once, and gets nothing that is sent afterwards."""
    left = ask("unsubscribe", AMINA)
    assert (0, "partners, kept by mailchimp: unsubscribed there") == (left.returncode, left.stdout.splitlines()[-1])
    assert 0 == ask("send", "--list", "partners", "--yes").returncode
    assert {address: times for address, times in ALL_HAVE_IT.items() if address != AMINA} == mailchimp.got


def test_somebody_left_while_the_service_was_away(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """Where the service does not answer, the line says where to do it by hand; the next send does it all the same."""
    mailchimp.next(mailchimp.down())
    left = ask("unsubscribe", AMINA)
    line = left.stdout.splitlines()[-1]
    assert (0, True, True) == (left.returncode, "NOT done" in line, "By hand: Audience > All contacts" in line)
    sent = ask("send", "--list", "partners", "--yes")
    assert {address: times for address, times in ALL_HAVE_IT.items() if address != AMINA} == mailchimp.got, sent.stderr
    assert AMINA not in left.stderr + sent.stdout + sent.stderr


def test_what_the_service_holds(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """What is held about one person there is told, and goes when they are erased; a second time nobody is there."""
    (held,) = json.loads(ask("subject-access", AMINA, "--json").stdout)["provider_lists"]
    assert ("subscribed", True) == (held["facts"]["status"], held["where"].startswith("partners, kept by Mailchimp"))
    erased = ask("erase", AMINA, "--yes")
    assert (0, True) == (erased.returncode, "partners, kept by mailchimp: erased there" in erased.stdout), erased.stderr
    assert [] == json.loads(ask("subject-access", AMINA, "--json").stdout)["provider_lists"]
    assert "partners, kept by mailchimp: not there" in ask("erase", AMINA, "--yes").stdout


def test_erased_here_while_the_service_was_away(ask: Ask, mailchimp: FakeMailchimp) -> None:
    """That it is done here alone is said, by an exit code too; given again, it is done there as well."""
    mailchimp.next(mailchimp.down())
    half = ask("erase", AMINA, "--yes")
    assert (6, True) == (half.returncode, "but not everywhere" in half.stderr)
    (line,) = [line for line in half.stdout.splitlines() if "NOT done" in line]
    assert (False, True) == (".." in line, "By hand: Audience > All contacts" in line)
    again = ask("erase", AMINA, "--yes")
    assert (0, True) == (again.returncode, "partners, kept by mailchimp: erased there" in again.stdout), again.stderr


def test_a_name_that_a_terminal_would_obey(ask: Ask, ready: Path, mailchimp: FakeMailchimp) -> None:
    """What an audience is called there moves no cursor here."""
    (audience,) = mailchimp.lists.values()
    audience.name = "Par\x1b]0;pwned\x07tners"
    reconfigure(ready, "audience: Partners", f"audience: {audience.id}")
    shown = ask("lists", "show", "partners")
    assert (0, f"as Par?]0;pwned?tners ({audience.id})") == (
        shown.returncode, shown.stdout.splitlines()[1].partition(", ")[2])  # fmt: skip
