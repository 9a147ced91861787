"""``newsletter status``: what was sent, to how many, and who has it or not."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sends import (
    ACCEPTED,
    MORNING,
    PLANNED,
    REJECTED,
    SKIPPED,
    SUBMITTING,
    UNKNOWN,
    Made,
    another_send,
    everybody,
    find,
    ledger_of,
    make,
    run,
    talk,
)

from newsletter.commands.history import age
from newsletter.receipts import Receipt, write_receipt
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
AGE = re.compile(r", [\d,]+ days ago")
AMINA = ("amina@example.org", "Amina Khan")
BEN = ("ben@example.org", "")
CARA = ("cara@example.org", "Cara Dunne")


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace that sends by smtp, with an issue and two lists."""
    path = workspace / "newsletter.yaml"
    path.write_text(f"{path.read_text('utf-8')}  schools: {{title: Schools}}\nprovider: smtp\n", "utf-8")
    write_issue("sections: []\n")
    return workspace


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


# --- one issue in full ---

IN_FULL = """\
Issue 2026-01
  Issue      2026-01
  List       practitioners
  Through    smtp, smtp.example.org:587
  Started    Monday 5 January 2026 at 9:04am
  Last       Monday 5 January 2026 at 9:04am
  Skipped    12 unsubscribed, 1 bounced
  Receipt    sent/2026-01--practitioners.json
  Planned 17  =  Accepted 1 + Rejected 1 + Skipped 13 + Unknown 2
  Rejected 1:
    {amina}: 550 5.1.1 There is no such mailbox here, and there never was one,
      as far as anybody knows
  Unknown 2, handed over on Monday 5 January 2026 at 9:04am:
    {ben}: the server hung up after it had the message, so it may
      have taken it
    {cara}: no answer
"""
FATES = [
    (*AMINA, REJECTED, "550 5.1.1 There is no such mailbox here, and there never was one, as far as anybody knows"),
    (*BEN, UNKNOWN, "the server hung up after it had the message, so it may have taken it"),
    (*CARA, UNKNOWN, "no answer"),
    ("dee@example.org", "Dee Moss", ACCEPTED, ""),
    ("eve@example.org", "", SKIPPED, "unsubscribed"),
]
RESOLVE = "Next: settle the 2 unknown\n  newsletter resolve 2026-01 --list practitioners\n"
MASKED_NOTE = "The addresses are masked: --show-addresses shows them.\n"
CLEAR = {"amina": "Amina Khan <amina@example.org>", "ben": "ben@example.org", "cara": "Cara Dunne <cara@example.org>"}


@pytest.fixture
def sent(ready: Path) -> Path:
    """A workspace with a real send that left one rejected and two unknown, and its receipt."""
    make(ready, Made(FATES, left_out={"unsubscribed": 11, "bounced": 1}))
    one = find(ready)
    receipt = Receipt(one.uid, "2026-01", "practitioners", 1, "smtp", "x", "s", 5, "v", one.planned, "here")
    write_receipt(ready, receipt)
    return ready


def same(text: str) -> str:
    """*text* without how long ago something was, and with its lines unfolded."""
    return re.sub(r"\n {6}(?=\S)", " ", AGE.sub("", text))


def test_in_full_to_a_file(sent: Path) -> None:
    """With an issue everything is told; where no terminal is, people are masked and their names left out."""
    code, out, err = run(sent, "status", "2026-01")
    masked = {"amina": "a...@example.org", "ben": "b...@example.org", "cara": "c...@example.org"}
    assert (0, same(IN_FULL.format(**masked)), MASKED_NOTE + RESOLVE) == (code, same(out), err)
    assert [] == [line for line in out.splitlines() if len(line) > 80]


def test_in_full_with_addresses(sent: Path) -> None:
    """--show-addresses shows exactly who is rejected and who is unknown."""
    code, out, err = run(sent, "status", "2026-01", "--show-addresses")
    assert (0, same(IN_FULL.format(**CLEAR)), RESOLVE) == (code, same(out), err)


@posix
def test_in_full_on_a_terminal(sent: Path) -> None:
    """On a terminal people are shown by name and address."""
    code, shown = talk(sent, "status", "2026-01")
    assert (0, same(IN_FULL.format(**CLEAR)) + RESOLVE) == (code, same(shown))


def test_several_sends_of_an_issue(ready: Path) -> None:
    """Each send of the issue is told, the newest first, a blank line between them; rejected people can be tried."""
    make(
        ready,
        Made(everybody(ACCEPTED, 2), rehearsal=True, provider="outbox", account="outbox"),
        Made([(*AMINA, REJECTED, "no such mailbox")], edition=2, list_name="schools"),
        Made(everybody(ACCEPTED, 2), issue="2025-12"),
    )
    told = """\
Issue 2026-01
  Issue      2026-01
  List       schools
  Edition    2
  Through    smtp, smtp.example.org:587
  Started    Monday 5 January 2026 at 9:04am
  Last       Monday 5 January 2026 at 9:04am
  Planned 1  =  Accepted 0 + Rejected 1 + Skipped 0 + Unknown 0
  Rejected 1:
    a...@example.org: no such mailbox

Issue 2026-01
  Issue      2026-01
  List       practitioners
  Through    outbox
  Started    Monday 5 January 2026 at 9:04am
  Last       Monday 5 January 2026 at 9:04am
  Rehearsal  nothing left this computer
  Planned 2  =  Accepted 2 + Rejected 0 + Skipped 0 + Unknown 0
"""
    again = "newsletter send 2026-01 --list schools --edition 2 --retry-rejected"
    then = f"{MASKED_NOTE}Next: try the rejected again, once it is mended\n  {again}\n"
    assert (0, told, then) == run(ready, "status", "2026-01")


def test_a_send_that_was_cut_off(ready: Path) -> None:
    """Who is being handed over counts among the waiting, and it is said what that means."""
    make(ready, Made(everybody(SUBMITTING, 3)))
    _, out, err = run(ready, "status", "2026-01")
    told = """\
  Planned 3  =  Accepted 0 + Rejected 0 + Skipped 0 + Unknown 0 + Waiting 3
  Of the waiting, 3 are being handed over. If no send is running, one was cut
    off there.
"""
    then = "Next: go on with the rest\n  newsletter send 2026-01 --list practitioners\n"
    assert (told, then) == (out[out.index("  Planned") :], err)


def test_one_that_is_being_handed_over(ready: Path) -> None:
    """Of one person it is told in the singular."""
    make(ready, Made(everybody(SUBMITTING, 1)))
    assert "  Of the waiting, 1 is being handed over. If no send" in run(ready, "status", "2026-01")[1]


def test_an_address_that_is_not_kept_any_more(sent: Path) -> None:
    """Whose address was erased or is past its time is still counted, without it, and is not to be tried again."""
    with ledger_of(sent) as ledger:
        secret = workspace_key(sent / ".newsletter")
        for address in ("amina@example.org", "ben@example.org", "cara@example.org"):
            ledger.erase(person_key(secret, address))
        ledger.resolve(find(sent), sent=True)
    code, out, err = run(sent, "status", "2026-01", "--show-addresses")
    told = f"  Rejected 1:\n    (erased): {FATES[0][3]}\n"
    assert (0, told, "") == (code, same(out)[same(out).index("  Rejected 1:") :], err)


def test_the_audit_trail(sent: Path) -> None:
    """--audit shows what was done when and by whom, and names nobody who was written to."""
    code, out, _ = run(sent, "status", "2026-01", "--audit")
    lines = """\
  Audit trail, in UTC:
    2026-01-05T09:04:00.000000Z sam planned 5 people
    2026-01-05T09:04:00.000000Z sam settled batch 1
"""
    assert (0, lines) == (code, out[out.index("  Audit trail") :])


def test_receipts_that_cannot_be_read(sent: Path) -> None:
    """A damaged receipt is said in its row; all else is still told."""
    (sent / "sent/2026-01--practitioners.json").write_text("{", "utf-8")
    code, out, _ = run(sent, "status", "2026-01")
    row = "Receipt sent/2026-01--practitioners.json is no receipt that newsletter wrote Planned"
    assert (0, True, True) == (code, row in " ".join(out.split()), "  Planned 17  =  Accepted 1" in out)


# --- for a script ---


def test_json(sent: Path) -> None:
    """--json is one value with the same numbers, masked people, and the trail if it was asked for."""
    code, out, err = run(sent, "status", "2026-01", "--json", "--audit")
    handed = "2026-01-05T09:04:00+00:00"
    people = [
        {"address": "a...@example.org", "state": "rejected", "reason": FATES[0][3], "handed_over": None},
        {"address": "b...@example.org", "state": "unknown", "reason": FATES[1][3], "handed_over": handed},
        {"address": "c...@example.org", "state": "unknown", "reason": "no answer", "handed_over": handed},
    ]
    trail = [f"2026-01-05T09:04:00.000000Z sam {what}" for what in ("planned 5 people", "settled batch 1")]
    one = {
        "issue": "2026-01", "list": "practitioners", "edition": 1, "rehearsal": False, "subject": "Issue 2026-01",
        "provider": "smtp", "account": "smtp.example.org:587", "started": handed, "last": handed,
        "planned": 17, "accepted": 1, "rejected": 1, "skipped": 13, "unknown": 2, "waiting": 0,
        "receipt": "sent/2026-01--practitioners.json", "skipped_by_reason": {"unsubscribed": 12, "bounced": 1},
        "people": people, "audit": trail,
    }  # fmt: skip
    assert (0, {"sends": [one]}, "") == (code, json.loads(out), err)


def test_json_of_all(sent: Path) -> None:
    """Without an issue --json has the numbers of each send, and nobody."""
    (one,) = json.loads(run(sent, "status", "--json", "--show-addresses")[1])["sends"]
    assert (17, 2, False) == (one["planned"], one["unknown"], "people" in one)


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
