"""``newsletter send`` given again: whatever has changed meanwhile, or was lost, each person has an issue once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections import Counter
from email import message_from_bytes
from email.policy import default
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sends import (
    ACCEPTED,
    AGAIN,
    HASTY,
    ISSUE,
    PLANNED,
    SEND,
    Made,
    everybody,
    figures,
    ledger_of,
    make,
    posix,
    reconfigure,
    start,
    write_list,
    write_people,
)

from newsletter.people import open_people
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postfix import Postfix
    from sends import Run
    from smtpserver import MailServer, Visit

BOTH = ["amina@example.org", "ben@example.org"]
SCHOOLS = ("send", "--list", "schools", "--yes")


def add_schools(workspace: Path, *rows: str) -> None:
    """Give the workspace a second list."""
    settings = "schools: {title: Schools, file: lists/schools.csv, source: Test}"
    reconfigure(workspace, "lists:\n", f"lists:\n  {settings}\n")
    write_list(workspace, *rows, list_name="schools")


def interrupt(workspace: Path, server: MailServer, *, after: int = 1) -> None:
    """Begin a send and let it be stopped as soon as the first *after* people have their copy."""
    reached, release = Event(), Event()

    def hold(_visit: Visit) -> bool:
        reached.set()
        return release.wait(60)

    server.script["dot"] = iter([*[None] * (after - 1), hold])
    with start(workspace) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGTERM)
        release.set()
        process.communicate(timeout=60)
    assert (130, after) == (process.returncode, len(server.accepted))


def unsubscribe(workspace: Path, address: str) -> None:
    """Let somebody leave all lists."""
    state = workspace / ".newsletter"
    with open_people(state, workspace_key(state)) as people:
        people.unsubscribe(address, source="Test")


# --- once, whichever list ---


def test_once_across_two_lists(real: Path, run: Run, mail_server: MailServer) -> None:
    """Who has the issue by one list is skipped on another, and counted so; if that is everybody it is no error."""
    add_schools(real, "BEN@example.org,Ben", "cara@example.org,Cara")
    assert 0 == run(*SEND).returncode
    done = run(*SCHOOLS)
    assert "  To         Schools, 1 person (lists/schools.csv)" in done.stdout.splitlines()
    assert "  Skipped    1: 1 already received this issue" in done.stdout.splitlines()
    assert (0, [2, 1, 0, 1, 0, 0]) == (done.returncode, figures(done))
    assert [*BOTH, "cara@example.org"] == mail_server.took()
    reconfigure(real, "  schools: {", "  others: {file: lists/schools.csv, source: Test}\n  schools: {")
    nothing = run("send", "--list", "others", "--yes")
    told = "Nothing to send: nobody is left on this list (2 already received this issue).\n"
    assert (0, told, False) == (nothing.returncode, nothing.stderr, (real / "sent/2026-01--others.json").exists())


def test_two_lists_at_once(real: Path, run: Run, mail_server: MailServer) -> None:
    """Two lists that overlap, sent at the same moment: each person gets one copy, at the latest when given again."""
    write_people(real, 6)
    add_schools(real, *(f"p{n}@example.org,P" for n in range(3, 9)))
    both = [start(real, stderr=subprocess.STDOUT), start(real, "--list", "schools", stderr=subprocess.STDOUT)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    codes = [process.returncode for process in both]
    refused = [output for output, code in zip(outputs, codes, strict=True) if code]
    assert (True, True) == (set(codes) <= {0, 6}, all("another send is running" in output for output in refused))
    for command, code in zip((SEND, SCHOOLS), codes, strict=True):
        assert ({0: 6, 6: 0}[code]) == run(*command).returncode
    assert [f"p{n}@example.org" for n in range(9)] == mail_server.took()


# --- the same words again, and other doubts ---


def test_the_same_words_again(real: Path, run: Run, mail_server: MailServer) -> None:
    """A copied or renamed issue with the words of an old one, and a correction that corrects nothing, are refused."""
    assert 0 == run(*SEND).returncode
    same = run(*SEND, "--edition", "2")
    assert (6, "Not sent: edition 1 had these very words.") == (same.returncode, same.stderr.splitlines()[0])
    issues = real / "issues"
    (issues / "2026-01.yaml").rename(issues / "2026-01-again.yaml")
    renamed = run("send", "2026-01-again", *SEND[1:], "--expect", "2")
    told = (
        "Not sent: these very words went to practitioners as issue 2026-01.\n"
        "  Was issues/2026-01.yaml renamed or copied? If these are to go out again all the same, change\n"
        "  a word first, so that readers see why.\n"
    )
    assert (6, "", told) == (renamed.returncode, renamed.stdout, renamed.stderr)
    assert (BOTH, 1) == (mail_server.took(), len(list((real / "sent").iterdir())))


def test_second_thoughts(real: Path, run: Run, mail_server: MailServer) -> None:
    """An older issue than the last, or far fewer people, is asked about: --yes goes only together with --expect."""
    make(real, Made(everybody(ACCEPTED, 100), issue="2026-02"))
    done = run(*SEND)
    told = (
        "This list has had a newer issue already: 2026-02.\n"
        "The list has 98 % fewer people than last time, when there were 100.\n"
        "The ledger knows of sends that have no receipt in sent/: is NEWSLETTER_STATE another newsletter's?\n"
        "Not sent: something is odd about it.\n"
        f"  If that is right, say so:\n  {AGAIN} --yes --expect 2\n"
    )
    assert (6, told, []) == (done.returncode, done.stderr, mail_server.seen)
    assert (0, BOTH) == (run(*SEND, "--expect", "2").returncode, mail_server.took())


def test_another_account(real: Path, run: Run, mail_server: MailServer) -> None:
    """E9: a send goes on through another server only if that is meant, and through another provider never."""
    make(real, Made([*everybody(ACCEPTED, 1), *everybody(PLANNED, 1, start=1)], edition=1))
    done = run(*SEND)
    told = f"This send began through smtp.example.org:587. Now it would go on through 127.0.0.1:{mail_server.port}."
    assert (6, True, []) == (done.returncode, told in done.stderr.splitlines(), mail_server.seen)
    other = Made([*everybody(PLANNED, 1)], issue="2026-02", provider="mailgun", account="mg.example.org")
    make(real, other)
    refused = run("send", "2026-02", *SEND[1:], "--expect", "1")
    assert (6, "Not sent: this send began through mailgun, mg.example.org.", []) == (
        refused.returncode, refused.stderr.splitlines()[0], mail_server.seen,
    )  # fmt: skip


def test_approval(real: Path, run: Run, mail_server: MailServer, write_issue: Callable[..., Path]) -> None:
    """With approval: true nothing leaves but exactly what was approved."""
    reconfigure(real, "provider: smtp\n", "provider: smtp\napproval: true\n")
    bare = run(*SEND)
    told = "Not sent: January 2026 newsletter is not approved yet."
    assert (6, told, "  newsletter approve 2026-01") == (
        bare.returncode, bare.stderr.splitlines()[0], bare.stderr.splitlines()[-1],
    )  # fmt: skip
    assert 0 == run("approve", "--by", "Sam Sample").returncode
    write_issue(ISSUE.replace("Some words.", "Other words."))
    changed = run(*SEND)
    assert (6, True, []) == (changed.returncode, "has changed since" in changed.stderr, mail_server.seen)
    write_issue(ISSUE)
    assert (0, BOTH) == (run(*SEND).returncode, mail_server.took())


# --- people who come and go ---


@posix
def test_a_list_edited_in_the_middle(
    real: Path, run: Run, mail_server: MailServer, write_issue: Callable[..., Path]
) -> None:
    """A send goes on with whom and what was planned, whatever list and issue say by now; new people need a word."""
    write_people(real, 4)
    interrupt(real, mail_server)
    write_list(
        real, "p0@example.org,Person 0", "p2@example.org,New Name", "p3@example.org,P", "p9@example.org,Person 9"
    )
    write_issue(ISSUE.replace("Some words.", "Other words."))
    unsubscribe(real, "P3@example.org")
    done = run(*SEND)
    assert "  Resumed    1 have it already" in done.stdout.splitlines()
    assert "Changed    the issue has changed since; what was planned" in done.stdout
    assert (0, [4, 3, 0, 1, 0, 0]) == (done.returncode, figures(done))
    told = "  1 person joined since. To send to them as well, add --include-new"
    assert told in run(*SEND).stderr.splitlines()
    grown = run(*SEND, "--include-new")
    assert (0, [5, 4, 0, 1, 0, 0]) == (grown.returncode, figures(grown))
    assert [f"p{n}@example.org" for n in (0, 1, 2, 9)] == mail_server.took()
    found = [message_from_bytes(data, policy=default) for _, data in mail_server.accepted]
    assert [f"Person {n}" for n in (0, 1, 2, 9)] == sorted(mail["To"].addresses[0].display_name for mail in found)
    assert {(True, False)} == {
        ("Some words." in body, "Other words." in body) for mail in found if (body := str(mail.get_body(("plain",))))
    }


@posix
def test_a_list_that_is_gone(real: Path, run: Run, mail_server: MailServer) -> None:
    """What was planned goes out though neither list nor issue is there any more, and though nobody is asked twice."""
    interrupt(real, mail_server)
    (real / "lists/practitioners.csv").unlink()
    (real / "issues/2026-01.yaml").unlink()
    wrong = run("send", "2026-01", *SEND[1:], "--expect", "2")
    assert (6, "Not sent: 1 would get it, not 2.") == (wrong.returncode, wrong.stderr.splitlines()[0])
    done = run("send", "2026-01", *SEND[1:], "--expect", "1")
    assert (0, [2, 2, 0, 0, 0, 0], BOTH) == (done.returncode, figures(done), mail_server.took())


# --- what was lost ---


def test_without_its_ledger(
    real: Path, run: Run, mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where the ledger is another than the receipts tell of, nothing leaves: deleted, put back, on another computer."""
    state, aside = real / ".newsletter", tmp_path_factory.mktemp("aside")
    run(*SEND[:3], "--dry-run")
    shutil.copytree(state, aside / "older")
    assert 0 == run(*SEND).returncode
    state.rename(aside / "state")
    refused = "Not sent: the ledger here does not know the send of 2026-01 to practitioners."
    # Another computer has what is committed; a backup is older; and somebody deletes the ledger, but not the key.
    (aside / "without").mkdir(mode=0o700)
    shutil.copy(aside / "state/key", aside / "without")
    for kept in (None, aside / "older", aside / "without"):
        if kept:
            shutil.copytree(kept, state)
        done = run(*SEND)
        assert (6, refused) == (done.returncode, done.stderr.splitlines()[0])
        assert (True, True) == ("on the computer " in done.stderr, f"    {state}" in done.stderr.splitlines())
        shutil.rmtree(state)
    assert BOTH == mail_server.took()
    with ledger_of(real) as ledger:
        assert () == ledger.records()


def test_a_state_elsewhere(
    real: Path,
    run: Run,
    mail_server: MailServer,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NEWSLETTER_STATE says where the ledger is kept: without it the send is not known, with it it is."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "state"
    monkeypatch.setenv("NEWSLETTER_STATE", str(elsewhere))
    assert (0, False) == (run(*SEND).returncode, (real / ".newsletter").exists())
    monkeypatch.delenv("NEWSLETTER_STATE")
    lost = run(*SEND)
    assert (6, True) == (lost.returncode, "set NEWSLETTER_STATE to where" in lost.stderr)
    monkeypatch.setenv("NEWSLETTER_STATE", str(elsewhere))
    again = run(*SEND)
    assert (6, True, BOTH) == (again.returncode, "Nobody is left to send to" in again.stderr, mail_server.took())


# --- a real mail server ---


@pytest.fixture
def posted(ready: Path, postfix: Postfix, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that sends through Postfix, encrypted and signed in."""
    reconfigure(ready, "newsletter@example.org", "newsletter@partnership.internal")
    reconfigure(ready, "office@example.org", "office@partnership.internal")
    reconfigure(ready, "Example House, 1 Example Street", "Town Hall, High Street")
    shutil.copy(postfix.ca, ready / "ca.pem")
    settings = f"{{host: {postfix.host}, port: {postfix.submission_port}, user: {postfix.user}, batch: 4}}"
    reconfigure(
        ready, "lists:\n", f"provider: smtp\nproviders: {{smtp: {settings}}}\nnetwork: {{ca: ca.pem}}\nlists:\n"
    )
    monkeypatch.setenv("SMTP_PASSWORD", postfix.password)
    write_people(ready, 12)
    return ready


def test_through_postfix(posted: Path, run: Run, postfix: Postfix) -> None:
    """By a real mail server's own log everybody has one copy, but for whom it refuses; who is put off comes later."""
    postfix.refuse("p3@example.org")
    postfix.defer("p5@example.org", 1)
    done = run(*SEND, program=HASTY)
    assert (4, [12, 11, 1, 0, 0, 0]) == (done.returncode, figures(done))
    assert Counter(f"p{n}@example.org" for n in range(12) if n != 3) == postfix.accepted_per_recipient()
    assert postfix.password not in f"{done.stdout}{done.stderr}"
    assert 11 == len({message_from_bytes(mail, policy=default)["Message-ID"] for mail in postfix.delivered()})


@posix
def test_killed_through_postfix(posted: Path, run: Run, postfix: Postfix) -> None:
    """After kill -9 in the middle nobody gets two from a real mail server, and who is in doubt is told of."""
    with start(posted) as process:
        while "queued as" not in postfix.log() and " from=<" not in postfix.log():
            assert process.poll() is None
        process.kill()
        process.communicate(timeout=60)
    assert run(*SEND).returncode in {0, 5, 6}  # 6: it was killed so late that nobody was left to send to
    (sent,) = json.loads(run("status", "--json").stdout)["sends"]
    accepted, unknown = sent["accepted"], sent["unknown"]
    assert (12, 0, 0, 0, True) == (*(sent[key] for key in ("planned", "rejected", "skipped", "waiting")), unknown <= 4)
    had = postfix.accepted_per_recipient()
    assert ({1}, True) == (set(had.values()), accepted <= len(had) <= accepted + unknown)
    assert 6 == run(*SEND).returncode
    assert had == postfix.accepted_per_recipient()
