"""``newsletter send`` when mail really leaves: to a scripted server on loopback, whose own count is the witness."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from email import message_from_bytes
from email.policy import default
from itertools import repeat
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sends import (
    AGAIN,
    HASTY,
    ISSUE,
    PROGRAM,
    SEND,
    figures,
    ledger_of,
    posix,
    reconfigure,
    start,
    talk,
    without_time,
    write_list,
    write_people,
)
from smtpserver import cut

from newsletter.records import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sends import Run
    from smtpserver import MailServer, Visit

BOTH = ["amina@example.org", "ben@example.org"]
RECEIPT = "sent/2026-01--practitioners.json"
RESOLVE = "newsletter resolve 2026-01 --list practitioners"


def states(workspace: Path) -> dict[str, State]:
    """Where each person stands in the ledger."""
    with ledger_of(workspace) as ledger:
        return {one.address: one.state for record in ledger.records() for one in ledger.people(record, *State)}


# --- one that goes well ---


def test_the_whole_of_what_it_says(real: Path, run: Run, mail_server: MailServer) -> None:
    """A real send says what it did, and where its receipt lies; all of it can be read again by a script."""
    done = run(*SEND)
    through = f"smtp, 127.0.0.1:{mail_server.port}"
    told = f"""\
January 2026 newsletter
  Issue      2026-01
  Preheader  What changed in the procedures this winter
  Contents   News; Dates for your diary
  To         Practitioners, 2 people (lists/practitioners.csv)
  From       Practitioner newsletter <newsletter@partnership.internal>
  Through    {through}
  Checked    no errors
Sent to Practitioners on DAY.
  Planned 2  =  Accepted 2 + Rejected 0 + Skipped 0 + Unknown 0
  Receipt {RECEIPT} (no addresses in it)
"""
    assert (0, told, "") == (done.returncode, without_time(done.stdout), done.stderr)
    found = [(to, message_from_bytes(data, policy=default)) for to, data in mail_server.accepted]
    assert [(to, [to], None, None) for to in BOTH] == [
        (to, [one.addr_spec for one in mail["To"].addresses], mail["Cc"], mail["Bcc"]) for to, mail in found
    ]
    again = run(*SEND)
    refused = (
        "Not sent: this issue went to Practitioners on DAY.\n  Accepted 2. Nobody is left to send to.\n"
        "  Next: see what was sent\n    newsletter status 2026-01\n"
    )
    assert (6, "", refused) == (again.returncode, again.stdout, without_time(again.stderr))
    assert BOTH == mail_server.took()


def test_what_is_on_the_disk_first(real: Path, run: Run, mail_server: MailServer) -> None:
    """Before a copy leaves there are a receipt without addresses, and its intent; before the next, its outcome."""
    seen: list[object] = []

    def look(_visit: Visit) -> bool:
        seen.append(dict(states(real)))
        return True

    def find(_visit: Visit) -> bool:
        seen.append((real / RECEIPT).read_text("utf-8"))
        return True

    mail_server.script |= {"connect": iter([find]), "MAIL": repeat(look)}
    assert 0 == run(*SEND).returncode
    receipt, *intents = seen
    amina, ben = BOTH
    assert [
        {amina: State.SUBMITTING, ben: State.PLANNED}, {amina: State.ACCEPTED, ben: State.SUBMITTING},
    ] == intents  # fmt: skip
    written, ended = json.loads(str(receipt)), json.loads((real / RECEIPT).read_text("utf-8"))
    assert (2, 4, written | {"events": 4}) == (written["events"], ended["events"], ended)
    with ledger_of(real) as ledger:
        (record,) = ledger.records()
    assert (record.uid, 2, "smtp", f"127.0.0.1:{mail_server.port}", True) == (
        written["uid"], written["people"], written["provider"], written["account"], "@" not in str(receipt),
    )  # fmt: skip


def test_a_rehearsal_before(real: Path, run: Run, mail_server: MailServer) -> None:
    """A rehearsal writes no receipt and stands in nobody's way; with --json stdout tells of the real send alone."""
    reconfigure(real, "provider: smtp", "provider: outbox")
    assert (0, False) == (run(*SEND).returncode, (real / "sent").exists())
    reconfigure(real, "provider: outbox", "provider: smtp")
    dry = run(*SEND[:3], "--dry-run")
    assert (0, f"Next: send it\n  {AGAIN}\n", []) == (dry.returncode, dry.stderr, mail_server.seen)
    assert not (real / "sent").exists()
    done = run(*SEND, "--json")
    assert {
        "issue": "2026-01", "list": "practitioners", "edition": 1, "rehearsal": False, "provider": "smtp",
        "where": f"127.0.0.1:{mail_server.port}", "receipt": RECEIPT,
        "planned": 2, "accepted": 2, "rejected": 0, "skipped": 0, "unknown": 0, "waiting": 0,
    } == json.loads(done.stdout)  # fmt: skip
    assert (0, BOTH) == (done.returncode, mail_server.took())


# --- one that does not ---


def test_rejected(real: Path, run: Run, mail_server: MailServer) -> None:
    """Who is refused is counted, exit 4, and told of by `status`; --retry-rejected tries them alone once more."""
    mail_server.people["ben@example.org"] = "550 5.1.1 <ben@example.org> is not known here"
    done = run(*SEND)
    assert (4, [2, 1, 1, 0, 0, 0]) == (done.returncode, figures(done))
    assert "Next: see who was rejected, and why\n  newsletter status 2026-01\n" in done.stderr
    shown = run("status", "2026-01")
    assert "    b...@example.org: 550 5.1.1 (address) is not known here" in shown.stdout.splitlines()
    assert 6 == run(*SEND).returncode
    del mail_server.people["ben@example.org"], mail_server.script["RCPT"]
    retried = run(*SEND, "--retry-rejected")
    assert (0, [2, 2, 0, 0, 0, 0], BOTH) == (retried.returncode, figures(retried), mail_server.took())


def test_unknown(real: Path, run: Run, mail_server: MailServer) -> None:
    """Who may have it or not is counted, exit 5, and not written to again before a person has said so."""
    mail_server.script["taken"] = iter([cut])
    done = run(*SEND)
    told = (
        "Paused: of 1 it is not known whether they have it.\n"
        "  What was said: the server hung up after it had the message, so it may have taken it.\n"
        "  Planned 2  =  Accepted 1 + Rejected 0 + Skipped 0 + Unknown 1\n"
        "  1 person may have it or not: not written to again until you say so.\n"
        f"Next: settle the 1 unknown\n  {RESOLVE}\n"
    )
    assert (5, told, BOTH) == (done.returncode, done.stderr, mail_server.took())
    again = run(*SEND)
    assert (6, f"  1 may have it or not: {RESOLVE}", BOTH) == (
        again.returncode, again.stderr.splitlines()[1], mail_server.took(),
    )  # fmt: skip
    assert 0 == run(*RESOLVE.split()[1:], "--sent", "--yes").returncode
    assert (6, BOTH) == (run(*SEND).returncode, mail_server.took())


def test_turned_away_for_now(real: Path, run: Run, mail_server: MailServer) -> None:
    """Who is turned away for now waits, exit 6, and is the only one to be tried when the command is given again."""
    reconfigure(real, "batch: 1", "batch: 50")
    mail_server.people["ben@example.org"] = "450 4.2.0 Greylisted"
    done = run(*SEND, program=HASTY)
    told = (
        "Paused: 1 person still waiting.\n"
        "  What was said: 450 4.2.0 Greylisted.\n"
        "  Planned 2  =  Accepted 1 + Rejected 0 + Skipped 0 + Unknown 0 + Waiting 1\n"
        f"Next: go on with the rest\n  {AGAIN}\n"
    )
    assert (6, told, 4) == (done.returncode, done.stderr, mail_server.count("RCPT"))
    del mail_server.people["ben@example.org"], mail_server.script["RCPT"]
    resumed = run(*SEND)
    assert "  Resumed    1 have it already" in resumed.stdout.splitlines()
    assert (0, BOTH, 5) == (resumed.returncode, mail_server.took(), mail_server.count("RCPT"))


def test_three_batches_in_a_row(real: Path, run: Run, mail_server: MailServer) -> None:
    """When one batch after another fails the send pauses with what was said of most; exit 5, since one is unknown."""
    write_people(real, 9)
    mail_server.script |= {"taken": iter([cut]), "RCPT": iter([None, *["451 4.3.0 Disk full"] * 3])}
    done = run(*SEND, program=HASTY)
    paused, said, hint, _, *settle = done.stderr.splitlines()
    assert (5, [9, 0, 0, 0, 1, 8], "Paused: three batches in a row failed.") == (
        done.returncode, figures(done), paused,
    )  # fmt: skip
    assert "  What was said: 451 4.3.0 Disk full." == said
    assert "  Give the same command again when that is mended: it goes on where it stopped." == hint
    assert "  newsletter resolve 2026-01 --list practitioners" == settle[-1]
    resumed = run(*SEND, program=HASTY)
    assert (5, [9, 8, 0, 0, 1, 0]) == (resumed.returncode, figures(resumed))
    assert [f"p{n}@example.org" for n in range(9)] == mail_server.took()


# --- stopped in the middle ---


@posix
@pytest.mark.parametrize("stops", [("SIGINT",), ("SIGTERM",), ("SIGINT", "SIGTERM")])
def test_stopped_in_the_middle(stops: tuple[str, ...], real: Path, run: Run, mail_server: MailServer) -> None:
    """Stopped once it ends the copy on its way; twice it does not, and that one is unknown. Nobody gets two."""
    write_people(real, 3)
    reached, release = Event(), Event()

    def hold(_visit: Visit) -> bool:
        reached.set()
        return release.wait(60)

    mail_server.script["dot"] = iter([None, hold])
    with start(real) as process:
        assert reached.wait(60)
        for name in stops:
            process.send_signal(getattr(signal, name))
        if len(stops) == 1:
            release.set()
        _, stderr = process.communicate(timeout=60)
        release.set()
    unknown = len(stops) - 1
    doubt = "  1 person may have it or not: not written to again until you say so.\n" * unknown
    told = (
        f"\nInterrupted: {2 - unknown} of 3 have it. Nobody will get it twice.\n"
        f"  Planned 3  =  Accepted {2 - unknown} + Rejected 0 + Skipped 0 + Unknown {unknown} + Waiting 1\n"
        f"{doubt}Next: go on with the rest\n  {AGAIN}\n"
    )
    assert (130, told) == (process.returncode, stderr)
    done = run(*SEND)
    assert ([0, 5][unknown], [3, 3 - unknown, 0, 0, unknown, 0]) == (done.returncode, figures(done))
    assert {"p0@example.org", "p2@example.org"} <= set(mail_server.took())
    assert len(set(mail_server.took())) == len(mail_server.took())


def test_twelve_at_once(real: Path, mail_server: MailServer) -> None:
    """Of twelve sends at once one works and eleven are refused; each person gets one copy."""
    write_people(real, 20)
    started = [start(real, stderr=subprocess.STDOUT) for _ in range(12)]
    outputs = [process.communicate(timeout=120)[0] for process in started]
    assert [0, *[6] * 11] == sorted(process.returncode for process in started), outputs
    assert 11 == sum("another send is running" in one or "Nobody is left to send to" in one for one in outputs)
    assert sorted(f"p{n}@example.org" for n in range(20)) == mail_server.took()


# --- what is typed ---


@posix
@pytest.mark.parametrize(("typed", "code"), [(b"2\n", 0), (b"3\n", 6), (b"\x04", 6)])
def test_the_count_is_typed(typed: bytes, code: int, real: Path, mail_server: MailServer) -> None:
    """On a terminal the count is typed; another, or the end of input, sends nothing and leaves no receipt."""
    ended, shown = talk(real, *SEND[:3], typed=typed)
    assert "\nNothing has been sent yet.\nType 2 to send, or Enter to stop: " in shown
    assert (code, [] if code else BOTH, not code) == (ended, mail_server.took(), (real / RECEIPT).exists()), shown


def test_nobody_to_type(real: Path, run: Run, mail_server: MailServer) -> None:
    """Without a terminal and --yes, with another count than --expect, or at a later time, nothing leaves."""
    for options, told in (
        ((), "Not sent: there is nobody to type the count."),
        (("--yes", "--expect", "1"), "Not sent: 2 would get it, not 1."),
        (("--yes", "--at", "2026-01-05 09:00"), f"Not sent: 127.0.0.1:{mail_server.port} cannot send it later."),
    ):
        done = run(*SEND[:3], *options)
        assert (6, told) == (done.returncode, done.stderr.splitlines()[0])
    assert ([], False) == (mail_server.seen, (real / "sent").exists())


# --- a test ---


def test_test_copies(real: Path, run: Run, mail_server: MailServer, write_issue: Callable[..., Path]) -> None:
    """A test goes to the addresses given, marked, also of a draft; no list is read, and no ledger knows of it."""
    (real / "lists/practitioners.csv").unlink()
    write_issue(f"    draft: true{ISSUE}")
    done = run(*SEND[:3], "--test", "me@example.org", "--test", "you@example.org")
    told = (
        f"2 test copies of January 2026 newsletter: 127.0.0.1:{mail_server.port}\n"
        "The subject begins with [Test]. No list was touched.\n"
    )
    assert (0, told, ["me@example.org", "you@example.org"]) == (done.returncode, done.stdout, mail_server.took())
    subjects = {message_from_bytes(data, policy=default)["Subject"] for _, data in mail_server.accepted}
    assert {"[Test] January 2026 newsletter"} == subjects
    assert (False, False) == ((real / ".newsletter/ledger.db").exists(), (real / "sent").exists())
    mail_server.people["you@example.org"] = "550 5.1.1 <you@example.org> is not known here"
    half = run(*SEND[:3], "--test", "me@example.org", "--test", "you@example.org")
    assert (6, "Test copy 2 of 2: rejected. 550 5.1.1 (address) is not known here") == (
        half.returncode, half.stderr.splitlines()[-3],
    )  # fmt: skip


def test_test_copies_refused(real: Path, run: Run, mail_server: MailServer, write_issue: Callable[..., Path]) -> None:
    """More than ten addresses, one that is none, and an issue with errors are refused, and nobody is written to."""
    eleven = [word for n in range(11) for word in ("--test", f"t{n}@example.org")]
    many = run(*SEND[:3], *eleven)
    assert (2, "error: a test goes to 10 addresses at most") == (many.returncode, many.stderr.splitlines()[0])
    bad = run(*SEND[:3], "--test", "me@example.org", "--test", "me at home")
    told = "error: the test address number 2 cannot be used: not an address"
    assert (2, told) == (bad.returncode, bad.stderr.splitlines()[0])
    write_issue(ISSUE.replace("Tuesday 10 February", "Wednesday 10 February"))
    wrong = run(*SEND[:3], "--test", "me@example.org")
    assert (1, []) == (wrong.returncode, mail_server.seen)


# --- a machine that is odd ---


@posix
def test_odd_consoles(real: Path, run: Run, mail_server: MailServer, write_issue: Callable[..., Path]) -> None:
    """What a console cannot show, and whoever has stopped to read, stop no send; and no line of it is lost."""
    write_people(real, 4)
    write_issue(ISSUE.replace("subject: January", "subject: Siobh\u00e1n\u2019s \U0001f33b January"))
    plain = os.environ | {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    plain.pop("PYTHONIOENCODING", None)
    first = run(*SEND, env=plain, encoding="ascii")
    assert (0, True) == (first.returncode, "Siobh\\xe1n\\u2019s \\U0001f33b January" in first.stdout)
    write_issue(ISSUE.replace("subject: January", "subject: \u2713 January"))
    cp1252 = os.environ | {"PYTHONIOENCODING": "cp1252"}
    second = run(*SEND, "--edition", "2", env=cp1252, encoding="cp1252")
    assert (0, True) == (second.returncode, "\\u2713 January" in second.stdout)
    write_issue(ISSUE)
    code, shown = talk(real, *SEND[:3], "--edition", "3", typed=b"4\n", TERM="dumb", COLUMNS="10")
    assert (0, False, True) == (code, "[####" in shown, "Sent to Practitioners" in shown), shown
    write_issue(ISSUE.replace("Some words.", "Other words."))
    reading, writing = os.pipe()
    os.close(reading)
    line = [*PROGRAM, *SEND, "--edition", "4"]
    done = subprocess.run(
        line, cwd=real, env=plain, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, check=False
    )
    os.close(writing)
    assert 0 == done.returncode
    write_issue(ISSUE.replace("Some words.", "New words."))
    line = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *PROGRAM, *SEND, "--edition", "5"]
    assert 0 == subprocess.run(line, cwd=real, check=False).returncode
    assert sorted([f"p{n}@example.org" for n in range(4)] * 5) == mail_server.took()
    with ledger_of(real) as ledger:
        assert [4] * 5 == [record.counts[State.ACCEPTED] for record in ledger.records()]


def test_the_example_addresses(real: Path, run: Run, mail_server: MailServer) -> None:
    """With what `init` has written nothing real leaves, not even a test: exit 3, with what to write."""
    reconfigure(real, "newsletter@partnership.internal", "newsletter@example.org")
    reconfigure(real, "    postal_address: Town Hall, High Street\n".lstrip(), "")
    for options in (SEND[1:], (*SEND[1:3], "--test", "me@partnership.internal")):
        done = run("send", *options)
        told = (
            "error: newsletter.yaml is not ready for a real send: "
            "from is at example.org, where no mail arrives; postal_address is missing"
        )
        assert (3, told) == (done.returncode, done.stderr.splitlines()[-2]), done.stderr
    assert ([], False) == (mail_server.seen, (real / "sent").exists())


def test_nobody_to_send_to(real: Path, run: Run, mail_server: MailServer) -> None:
    """An empty list is an error; one whose people have all opted out is nothing to send, and no error."""
    for address in BOTH:
        assert 0 == run("unsubscribe", address).returncode
    done = run(*SEND)
    told = "Nothing to send: nobody is left on this list (2 unsubscribed).\n"
    assert (0, True) == (done.returncode, done.stderr.endswith(told)), done.stderr
    write_list(real)
    empty = run(*SEND)
    assert (1, True) == (empty.returncode, "no recipients" in empty.stderr)
    assert ([], False) == (mail_server.seen, (real / "sent").exists())
