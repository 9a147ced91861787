"""``newsletter status`` of one issue: all that is known of its sends, for a person and for a script."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
import statuses
from sends import (
    ACCEPTED,
    REJECTED,
    SUBMITTING,
    Made,
    everybody,
    find,
    ledger_of,
    make,
    run,
    talk,
)
from statuses import AMINA, FATES, MASKED_NOTE

from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from pathlib import Path

ready, sent = statuses.ready, statuses.sent

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
AGE = re.compile(r", [\d,]+ days ago")
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
RESOLVE = "Next: settle the 2 unknown\n  newsletter resolve 2026-01 --list practitioners\n"
CLEAR = {"amina": "Amina Khan <amina@example.org>", "ben": "ben@example.org", "cara": "Cara Dunne <cara@example.org>"}


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
