"""A clock that is wrong stops no rehearsal, and no real send goes out by it unless a person says so.

The real program runs under faketime, which is what a wrong clock is to a process.
"""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
import sends
from components import missing
from pytest_socket import enable_socket
from sends import Made, make, run, talk
from smtpserver import MailServer, running

from newsletter.records import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SETTINGS = """\
    title: News
    organisation: Partnership
    from: News <news@example.gov.uk>
    reply_to: office@example.gov.uk
    postal_address: 1 High Street
    lists:
      practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}
    provider: smtp
    providers:
      smtp: {host: 127.0.0.1, port: PORT, security: none}
"""
ISSUE = "preheader: New in NUMBER\nsections:\n  - {type: article, title: New, body: The office is open in NUMBER.}\n"
FEBRUARY = ("send", "2026-02", "--list", "practitioners")
EVERYBODY = ["amina@example.org", "ben@example.org"]
DOUBT = re.compile(r"^This computer's clock says [^,]+, but the last entry of the ledger is of .+\.$", re.MULTILINE)
REFUSED = (
    "Not sent: something is odd about it.\n"
    "  If that is right, say so:\n"
    "  newsletter send 2026-02 --list practitioners --yes --expect 2\n"
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server, whose own clock is right."""
    if shutil.which("faketime") is None:
        missing("faketime (Debian package faketime)")
    enable_socket()
    with running(MailServer()) as started:
        yield started


@pytest.fixture
def ready(tmp_path: Path, server: MailServer) -> Path:
    """A workspace with an issue for two people, who have just had the one before."""
    (tmp_path / "issues").mkdir()
    (tmp_path / "lists").mkdir()
    (tmp_path / "newsletter.yaml").write_text(dedent(SETTINGS).replace("PORT", str(server.port)), "utf-8")
    (tmp_path / "lists/practitioners.csv").write_text("\n".join(["email", *EVERYBODY, ""]), "utf-8")
    (tmp_path / "issues/2026-02.yaml").write_text(ISSUE.replace("NUMBER", "02"), "utf-8")
    fates = [(address, "", State.ACCEPTED, "") for address in EVERYBODY]
    make(tmp_path, Made(fates, at=datetime.now(UTC), account=f"127.0.0.1:{server.port}"))
    return tmp_path


def rehearsing(workspace: Path) -> None:
    """Let the list go to the outbox."""
    path = workspace / "newsletter.yaml"
    path.write_text(path.read_text("utf-8").replace("provider: smtp\n", "provider: outbox\n"), "utf-8")


def set_clock(patch: pytest.MonkeyPatch, when: str) -> None:
    """Let programs that are started from now on believe that it is *when*, as faketime understands it."""
    patch.setattr(sends, "PROGRAM", ["faketime", "--exclude-monotonic", "-f", when, *sends.PROGRAM])


@pytest.mark.parametrize("when", ["-2d", "@2026-02-01 12:00:00"])
def test_a_clock_that_went_back_stops_a_script(
    when: str, ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock behind the last entry of the ledger is doubted, and --yes alone is refused: G22."""
    set_clock(monkeypatch, when)
    code, out, err = run(ready, *FEBRUARY, "--yes")
    assert (6, True, []) == (code, err.endswith(REFUSED), server.took()), (out, err)
    assert len(DOUBT.findall(err)) == 1


def test_whoever_says_the_count_as_well_sends(ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --expect and the right count it goes out, once to each, and is told of the doubt."""
    set_clock(monkeypatch, "-2d")
    code, _, err = run(ready, *FEBRUARY, "--yes", "--expect", "2")
    assert (0, EVERYBODY, 1) == (code, server.took(), len(DOUBT.findall(err)))
    code, _, err = run(ready, *FEBRUARY, "--yes", "--expect", "2")
    assert (6, EVERYBODY) == (code, server.took())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
@pytest.mark.parametrize(("typed", "ended"), [(b"2\n", (0, EVERYBODY)), (b"\n", (6, []))], ids=["2", "nothing"])
def test_a_person_is_asked(
    typed: bytes, ended: tuple[int, list[str]], ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the doubt stands above the question, and the count decides."""
    set_clock(monkeypatch, "-2d")
    code, shown = talk(ready, *FEBRUARY, typed=typed)
    assert ended == (code, server.took()), shown
    assert "This computer's clock says" in shown[: shown.index("to stop: ")]


def test_a_clock_that_went_ahead(ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of 2030 all is as it should be; once it is right again the next send is doubted: G22."""
    with monkeypatch.context() as patch:
        set_clock(patch, "@2030-01-01 12:00:00")
        code, _, err = run(ready, *FEBRUARY, "--yes", "--expect", "2")
    assert (0, EVERYBODY, []) == (code, server.took(), DOUBT.findall(err)), err
    (ready / "issues/2026-03.yaml").write_text(ISSUE.replace("NUMBER", "03"), "utf-8")
    code, _, err = run(ready, "send", "2026-03", "--list", "practitioners", "--yes")
    assert (6, EVERYBODY, 1) == (code, server.took(), len(DOUBT.findall(err))), err
    assert "of Tuesday 1 January 2030" in err


def test_a_clock_of_1970(ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that cannot be right is refused before anything is planned, whatever is said beside it: G22."""
    set_clock(monkeypatch, "@1970-01-02 12:00:00")
    code, out, err = run(ready, *FEBRUARY, "--yes", "--expect", "2")
    told = "error: this computer's clock says Friday 2 January 1970 at 1pm, which cannot be\n"
    assert (3, "", told) == (code, out, err[: len(told)]), err
    assert ([], False) == (server.took(), (ready / "sent").exists())


@pytest.mark.parametrize("when", ["-2d", "@2030-01-01 12:00:00", "@1970-01-02 12:00:00"])
def test_a_rehearsal_is_spared(when: str, ready: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal goes by any clock, without a word about it: nothing leaves this computer."""
    rehearsing(ready)
    set_clock(monkeypatch, when)
    code, _, err = run(ready, *FEBRUARY, "--yes")
    assert (0, [], []) == (code, DOUBT.findall(err), server.took()), err
    assert len(list((ready / ".newsletter/outbox").rglob("*.eml"))) == 2
