"""``newsletter status``: the table of all sends, what to do next, and what is told where nothing was sent."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import statuses
from sends import (
    ACCEPTED,
    MORNING,
    PLANNED,
    REJECTED,
    SKIPPED,
    UNKNOWN,
    Made,
    another_send,
    everybody,
    make,
    run,
)
from statuses import AMINA, MASKED_NOTE

from newsletter.commands.history import age

if TYPE_CHECKING:
    from pathlib import Path

ready, sent = statuses.ready, statuses.sent

# --- the table ---


def test_the_table(ready: Path) -> None:
    """Each send has a line, the newest first, and the next thing is to settle who is unknown."""
    december = MORNING - timedelta(days=35, minutes=3)
    fates = [*everybody(ACCEPTED, 1239), *everybody(REJECTED, 2, start=2000)]
    schools = [*everybody(ACCEPTED, 300, start=5000), *everybody(UNKNOWN, 100, start=7000)]
    make(
        ready,
        Made(fates, issue="2025-12", at=december),
        Made(schools, list_name="schools", at=MORNING + timedelta(minutes=27)),
        Made(everybody(ACCEPTED, 1248)),
    )
    told = """\
Issue     List           Started                  Accepted  Rejected  Unknown
2026-01   practitioners  5 January 2026, 9:04am      1,248         0        0
2026-01   schools        5 January 2026, 9:31am        300         0      100
2025-12   practitioners  1 December 2025, 9:01am     1,239         2        0
"""
    then = "Next: settle the 100 unknown\n  newsletter resolve 2026-01 --list schools\n"
    assert (0, told, then) == run(ready, "status")


def test_what_is_not_so_in_every_send(ready: Path) -> None:
    """Below a line stands that it was a rehearsal, which edition, how many were skipped and how many wait."""
    skipped = ("dee@example.org", "", SKIPPED, "unsubscribed")
    make(
        ready,
        Made(everybody(ACCEPTED, 2), rehearsal=True, provider="outbox", account="outbox"),
        Made([*everybody(ACCEPTED, 1), *everybody(PLANNED, 3, start=1), skipped], left_out={"bounced": 14}),
        Made(everybody(ACCEPTED, 2), edition=2),
    )
    told = """\
Issue     List           Started                 Accepted  Rejected  Unknown
2026-01   practitioners  5 January 2026, 9:04am         2         0        0
          edition 2
2026-01   practitioners  5 January 2026, 9:04am         1         0        0
          15 skipped, 3 waiting, superseded by edition 2
2026-01   practitioners  5 January 2026, 9:04am         2         0        0
          rehearsal
"""
    assert (0, told, "") == run(ready, "status")


def test_a_wide_table_is_folded(ready: Path) -> None:
    """Where a line would be longer than 80 characters the figures stand below the names."""
    make(ready, Made(everybody(ACCEPTED, 2), issue="2026-03-annual-report", list_name="early-years"))
    told = """\
Issue                   List
  Started                 Accepted  Rejected  Unknown
2026-03-annual-report   early-years
  5 January 2026, 9:04am         2         0        0
"""
    assert (0, told, "") == run(ready, "status")


@pytest.mark.parametrize(
    ("provider", "then"),
    [("smtp", "Next: see who was rejected, and why\n  newsletter status 2026-01\n"), ("outbox", "")],
)
def test_what_to_do_about_the_newest(provider: str, then: str, ready: Path) -> None:
    """Who was rejected is worth a look in the newest send, not in older ones for ever."""
    rejected = Made([(*AMINA, REJECTED, "no such mailbox")])
    others = [] if provider == "smtp" else [Made(everybody(ACCEPTED, 1), issue="2026-02")]
    make(ready, rejected, *others)
    assert then == run(ready, "status")[2]


def test_a_send_that_this_configuration_would_not_go_on_with(ready: Path) -> None:
    """An unfinished rehearsal is not gone on with by a command that would really send."""
    make(ready, Made(everybody(PLANNED, 2), rehearsal=True, provider="outbox", account="outbox"))
    assert (0, "") == run(ready, "status")[::2]


def test_one_list(ready: Path) -> None:
    """--list leaves out the sends to other lists."""
    make(ready, Made(everybody(ACCEPTED, 2)), Made(everybody(ACCEPTED, 3, start=5), list_name="schools"))
    told = """\
Issue     List     Started                 Accepted  Rejected  Unknown
2026-01   schools  5 January 2026, 9:04am         3         0        0
"""
    assert (0, told, "") == run(ready, "status", "--list", "schools")


OLDER = {
    "waiting": Made(everybody(PLANNED, 2)),
    "unknown": Made(everybody(UNKNOWN, 2)),
    "rejected": Made(everybody(REJECTED, 2)),
}


@pytest.mark.parametrize("kind", OLDER)
def test_a_send_that_was_corrected(kind: str, ready: Path) -> None:
    """What a later edition has superseded is said to be so, and is nothing to go on with; the later one may be."""
    schools = Made([(*AMINA, REJECTED, "no such mailbox")], list_name="schools", edition=2)
    make(ready, OLDER[kind], Made(everybody(ACCEPTED, 2), edition=2), schools)
    code, out, err = run(ready, "status", "2026-01", "--list", "practitioners")
    assert (0, 1) == (code, out.count("  Superseded by edition 2\n"))
    assert "" == err.removeprefix(MASKED_NOTE)
    assert "superseded by edition 2\n" in run(ready, "status")[1]
    make(ready, Made(everybody(PLANNED, 2, start=5), edition=3))
    then = "Next: go on with the rest\n  newsletter send 2026-01 --list practitioners --edition 3\n"
    _, out, err = run(ready, "status", "2026-01", "--list", "practitioners")
    assert (2, then) == (out.count("  Superseded by edition 3\n"), err.removeprefix(MASKED_NOTE))


@pytest.mark.parametrize(
    "other",
    [Made(list_name="schools", edition=2), Made(issue="2026-02", edition=2), Made(rehearsal=True, edition=2)],
    ids=["list", "issue", "kind"],
)
def test_an_edition_of_something_else(other: Made, ready: Path) -> None:
    """A later edition to another list, of another issue, or only rehearsed supersedes nothing."""
    make(ready, Made(everybody(PLANNED, 2)), replace(other, fates=everybody(ACCEPTED, 2, start=5)))
    then = "Next: go on with the rest\n  newsletter send 2026-01 --list practitioners\n"
    assert (0, False, then) == ((told := run(ready, "status"))[0], "superseded" in told[1], told[2])


# --- nothing, and while something runs ---


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Nothing was sent yet.\n"),
        (("--list", "schools"), "Nothing was sent to schools yet.\n"),
        (("2026-01",), "2026-01 was not sent yet.\n"),
        (("2026-01", "--list", "schools"), "2026-01 was not sent to schools yet.\n"),
        (("--json",), '{\n  "sends": []\n}\n'),
    ],
    ids=" ".join,
)
def test_nothing_was_sent(arguments: tuple[str, ...], told: str, ready: Path) -> None:
    """Where nothing was sent it says so, and makes nothing."""
    assert (0, told, "", False) == (*run(ready, "status", *arguments), (ready / ".newsletter").exists())


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_slip(is_sent: bool, ready: Path) -> None:  # noqa: FBT001
    """An issue or a list that was neither sent nor is there is a matter of usage."""
    if is_sent:
        make(ready, Made(everybody(ACCEPTED, 1), issue="2025-12", list_name="partners"))
    lists = 'error: there is no list "practitoners"\n  Did you mean "practitioners"?\n'
    issues = 'error: there is no issue 2026-10\n  Did you mean "2026-01"?\n'
    assert [(2, "", lists), (2, "", issues)] == [
        run(ready, "status", "--list", "practitoners"), run(ready, "status", "2026-10"),
    ]  # fmt: skip


def test_an_issue_that_is_gone(ready: Path) -> None:
    """A send of an issue whose file is gone, to a list that is gone, is still told."""
    make(ready, Made(everybody(ACCEPTED, 1), issue="2025-12", list_name="partners"))
    code, out, err = run(ready, "status", "2025-12", "--list", "partners")
    assert (0, "", True) == (code, err, "  List       partners\n" in out)


def test_the_audit_trail_of_what(ready: Path) -> None:
    """The audit trail is that of one issue."""
    told = "error: the audit trail is shown for one issue\n  Name it: newsletter status ISSUE --audit\n"
    assert (2, "", told) == run(ready, "status", "--audit")


def test_while_a_send_is_running(sent: Path) -> None:
    """While another process holds the lock and writes, everything that is certain by then is told."""
    before = run(sent, "status")
    with another_send(sent):
        assert before == run(sent, "status")


@pytest.mark.parametrize("name", ["key", "ledger.db"])
def test_a_state_that_is_damaged(name: str, sent: Path) -> None:
    """A damaged ledger or key is told, never taken for one in which nothing was sent."""
    (sent / ".newsletter" / name).write_bytes(b"not what it was")
    code, out, err = run(sent, "status")
    assert (3, "", True) == (code, out, err.startswith("error: ") and "damaged" in err)


def test_a_ledger_without_its_key(sent: Path) -> None:
    """A ledger whose key is gone is refused, and no key is made."""
    (sent / ".newsletter/key").unlink()
    code, out, err = run(sent, "status")
    assert (3, "", True) == (code, out, err.startswith("error: the workspace's key is gone"))
    assert not (sent / ".newsletter/key").exists()


def test_a_state_elsewhere(sent: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """NEWSLETTER_STATE is where the ledger is looked for."""
    before = run(sent, "status")
    elsewhere = tmp_path_factory.mktemp("state") / "there"
    shutil.move(sent / ".newsletter", elsewhere)
    assert before == run(sent, "status", env=os.environ | {"NEWSLETTER_STATE": str(elsewhere)})


@pytest.mark.parametrize("command", ["status", "resolve"])
def test_completion(command: str, ready: Path) -> None:
    """A shell completes the issues and the lists."""

    def complete(*words: str) -> str:
        asked = {"COMP_WORDS": " ".join(("newsletter", command, *words)), "COMP_CWORD": str(len(words) + 1)}
        return run(ready, env=os.environ | asked | {"_NEWSLETTER_COMPLETE": "bash_complete"})[1]

    assert ("plain,2026-01\n", "plain,schools\n") == (complete("20"), complete("--list", "s"))


@pytest.mark.parametrize(
    ("past", "told"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=1200), "1,200 days ago"),
    ],
)
def test_how_long_ago(past: timedelta, told: str) -> None:
    """An age is told in its largest whole unit, and a clock that was set back does not matter."""
    assert told == age(past)


def test_summer_time(ready: Path) -> None:
    """Times are those of the workspace's zone on that day."""
    make(ready, replace(Made(everybody(ACCEPTED, 1)), at=datetime(2026, 7, 6, 11, tzinfo=UTC)))
    assert "2026-01   practitioners  6 July 2026, midday         1         0        0\n" in run(ready, "status")[1]
