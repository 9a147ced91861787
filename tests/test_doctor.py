"""``newsletter doctor``: what it says of this workspace as a whole, and of this computer."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from examinations import ERROR, KEY, OK, WARNING, briefly, run
from nameserver import answering
from pytest_socket import enable_socket, socket_allow_hosts
from sends import MORNING, Made, make, reconfigure

from newsletter import doctor
from newsletter.config import open_workspace
from newsletter.doctor import Level, computer, names
from newsletter.files import private_folder, write_private

# --- the command ---


def test_a_new_workspace(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a new workspace nothing is an error: what a real send would want is a warning, with what to do."""
    monkeypatch.setattr(computer, "python", lambda: iter([doctor.ok("Python")]))
    monkeypatch.setattr(computer, "clock", lambda *_: iter([doctor.ok("The clock")]))
    monkeypatch.setattr(computer, "keyring", lambda: iter([doctor.ok("No keyring")]))
    assert run(workspace) == (
        0,
        """\
This workspace
  ok       newsletter.yaml can be used, and names 1 list
  ok       .newsletter is not there yet: the first send makes it
  warning  newsletter.yaml is not ready for a real send: from is at example.org,
           where no mail arrives; reply_to is at example.org, where no mail
           arrives; postal_address is an example
           Write your own into newsletter.yaml. Until then only the outbox can
           be used: it sends nothing.

This computer
  ok       Python
  ok       The clock
  ok       No keyring

The list practitioners, through outbox
  ok       lists/practitioners.csv: 2 people, each with a consent source
  ok       lists/practitioners.csv holds examples alone: anybody may see them
  ok       outbox: a rehearsal, nothing leaves this computer

0 errors, 1 warning.
""",
    )
    assert not (workspace / ".newsletter").exists()


def test_json(workspace: Path) -> None:
    """``--json`` tells the same to a script, errors counted, and the exit code is 3 with an error."""
    (workspace / "lists/practitioners.csv").unlink()
    code, shown = run(workspace, "--json")
    told = json.loads(shown)
    errors = [line for line in told["lines"] if line["level"] == "error"]
    hint = "See what is wrong with it:\n  newsletter lists show practitioners"
    about, message = "The list practitioners, through outbox", "lists/practitioners.csv cannot be used: 1 error"
    assert [{"about": about, "level": "error", "message": message, "hint": hint}] == errors
    assert (3, 1) == (code, told["errors"])
    assert told["warnings"] == sum(line["level"] == "warning" for line in told["lines"])


def test_the_domain_is_looked_at(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends from a domain of their own is told how that is set up, and whether answers arrive."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    reconfigure(workspace, "newsletter@example.org", "newsletter@leeds.test")
    reconfigure(workspace, "office@example.org", "office@council.test")
    monkeypatch.setattr("newsletter.preflight.is_example", lambda domain: domain == "example.org")
    with answering() as server:
        server.zone = 'leeds.test TXT "v=spf1 -all"\ncouncil.test MX 0 .'
        monkeypatch.setattr(names, "Names", partial(names.Names, server.resolver()))
        code, shown = run(workspace, "--json")
    lines = [line for line in json.loads(shown)["lines"] if line["about"] == "The domain leeds.test"]
    assert [
        ("ok", "SPF: leeds.test has one record, ending in -all (0 lookups)"),
        ("warning", "DKIM: leeds.test has no key under a usual name"),
        ("warning", "DMARC: leeds.test has no record; large receivers want one"),
        ("error", "MX: no mail can get to leeds.test, or there is no such domain"),
        ("error", "MX: council.test says that it takes no mail"),
    ] == [(line["level"], line["message"]) for line in lines]
    assert code == 3


# --- this computer ---


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ((3, 11, 7), WARNING), ((3, 11, 14), WARNING), ((3, 11, 15), OK), ((3, 12, 12), WARNING), ((3, 12, 13), OK),
        ((3, 13, 11), WARNING), ((3, 13, 12), OK), ((3, 14, 2), WARNING), ((3, 14, 3), OK), ((3, 15, 0), OK),
    ],
)  # fmt: skip
def test_python(version: tuple[int, int, int], level: Level) -> None:
    """A Python whose email package has known faults is a warning that names the first release without them."""
    (found,) = computer.python(version)
    assert (level, True) == (found.level, f"Python {'.'.join(map(str, version))}" in found.message)


def test_the_clock(workspace: Path) -> None:
    """The clock cannot be older than this program, and should not be behind the ledger's last entry."""
    opened = open_workspace(workspace)
    assert [(OK, "The clock says Monday 5 January 2026 at 9:04am, Europe/London")] == briefly(
        computer.clock(opened, MORNING)
    )
    assert not (workspace / ".newsletter").exists()
    old = "this computer's clock says Thursday 1 January 2015 at midnight, which cannot be"
    assert [(ERROR, old)] == briefly(computer.clock(opened, datetime(2015, 1, 1, tzinfo=UTC)))
    make(workspace, Made())
    behind = (
        "This computer's clock says Sunday 4 January 2026 at 9:04am, "
        "but the last entry of the ledger is of Monday 5 January 2026 at 9:04am"
    )
    assert [(WARNING, behind)] == briefly(computer.clock(opened, MORNING - timedelta(days=1)))
    assert [OK] == [one.level for one in computer.clock(opened, MORNING + timedelta(days=1))]


def test_a_damaged_ledger(workspace: Path) -> None:
    """A ledger that cannot be opened is an error with what to do, not the end of the examination."""
    write_private(workspace / ".newsletter/ledger.db", b"no database")
    workspace_key_of = workspace / ".newsletter/key"
    write_private(workspace_key_of, bytes(32))
    assert [ERROR] == [level for level, _ in briefly(computer.clock(open_workspace(workspace), MORNING))]


def test_a_proxy_that_is_not_used(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E11: a proxy in the environment is ignored, and that is said, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{KEY}@proxy:8080")
    (found,) = computer.proxy(open_workspace(workspace))
    assert (WARNING, "HTTPS_PROXY is set, and not used", False) == (found.level, found.message, KEY in found.hint)
    reconfigure(workspace, "lists:\n", 'network: {proxy: "http://proxy:8080"}\nlists:\n')
    assert [] == list(computer.proxy(open_workspace(workspace)))


@pytest.mark.parametrize(("for_real", "level"), [(True, ERROR), (False, WARNING)])
def test_a_synced_folder(for_real: bool, level: Level, workspace: Path) -> None:  # noqa: FBT001
    """A state that is synced is an error where mail really leaves, and a warning before it does."""
    opened = replace(open_workspace(workspace), state=workspace / "OneDrive/state")
    disk, sender = computer.readiness(opened, for_real=for_real, mounts=Path(os.devnull))
    assert ((level, True), level) == ((disk.level, "is synced with other computers" in disk.message), sender.level)


def test_ready_for_a_real_send(workspace: Path) -> None:
    """With a sender of its own and room on the disk a workspace is ready."""
    for old, new in {"newsletter@example.org": "newsletter@leeds.gov.uk", "office@example.org": "office@leeds.gov.uk",
                     "1 Example Street": "1 Long Lane"}.items():  # fmt: skip
        reconfigure(workspace, old, new)
    private_folder(workspace / ".newsletter")
    found = computer.readiness(open_workspace(workspace), for_real=True, mounts=Path(os.devnull))
    assert [OK, OK] == [level for level, _ in briefly(found)]
