"""``newsletter erase``: one person is forgotten everywhere, everybody else stays, and no import revives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import erasures
import pytest
from erasures import ERASE, LEFT, files, posix, reasons
from sends import another_send, ledger_of, run, talk
from subjects import AFTER, ALIKE, FILE, SAM, key, names_sam

from newsletter.people import open_people
from newsletter.records import State
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from pathlib import Path

held = erasures.held

SHOWN = """\
To erase of s...@example.org:
  On lists kept here, 1:
    schools
  In the record of what was sent, 3:
    2026-01 to practitioners
    2026-03 to practitioners
    2026-01 to practitioners
  In the outbox, 3:
    .newsletter/outbox/2026-01--practitioners/.KEY.eml.ab3_d5fg
    .newsletter/outbox/2026-01--practitioners/KEY.eml
    .newsletter/outbox/2026-01--practitioners--test/00000000000000000000000000000000.eml
  In list files, 1:
    lists/practitioners.csv:3
  In other files of the state folder, 1:
    .newsletter/cache/pages
"""
NAMED = '  - lists/practitioners.csv:2: it is named in the column "manager": take it out\n    by hand\n'
BEYOND = """\
  - git: what was committed stays in its history
  - backups: of this computer, of the list files, of .newsletter
  - mail programs: messages that were delivered, answers, requests that came by
    mail
  - {services}
  - newsletter.yaml, the texts of issues, files that lists were imported from or
    exported to
"""
NO_SERVICE = "mailing services: none is known to have had this address"
THE_SERVICE = """\
smtp, smtp.example.org:587, which mail to this address went through: have it
    erased there, too"""
ERASED = "Erased. s...@example.org is kept out of every list by a keyed hash, which holds no address.\n"
NOTHING_LEFT = "Nothing is left to erase of s...@example.org. A keyed hash is kept, which holds no address.\n"
END = f"Not erased, since nothing here can do it:\n{NAMED}{BEYOND.format(services=THE_SERVICE)}"
ASKED = "Nothing has been erased yet. Type yes to erase it, or Enter to stop: "


# --- what is done ---


def test_everything_is_erased(held: Path) -> None:
    """It shows where the person is held, takes all of it out, and ends with where nothing could be done."""
    code, out, err = run(held, *ERASE)
    assert (0, SHOWN + ERASED + END, "") == (code, out.replace(key(held), "KEY"), err)
    assert AFTER.encode() == (held / FILE).read_bytes()
    assert LEFT == list(names_sam(held))
    assert {"unsubscribed", "erased"} == reasons(held)


def test_no_byte_of_the_address_is_left_in_a_database(held: Path) -> None:
    """SQLite writes over what it deletes: neither the address nor the name is found in any file of the state."""
    before = b"".join(files(held / ".newsletter").values()).lower()
    run(held, *ERASE)
    after = b"".join(files(held / ".newsletter").values()).lower().replace(ALIKE.encode(), b"")
    words = (b"sam@example", b"sam reed", b"sam sample")
    assert [(True, False)] * 3 == [(word in before, word in after) for word in words]


def test_everybody_else_stays(held: Path) -> None:
    """Who stands beside the person stays on lists, in the ledger and in the outbox."""
    bo = key(held, "bo@example.org")
    before = {name for name in files(held) if key(held) not in name and "0" * 32 not in name and "pages" not in name}
    run(held, *ERASE)
    assert before == set(files(held))
    state = held / ".newsletter"
    with open_people(state, workspace_key(state)) as people, ledger_of(held) as ledger:
        assert ["Bo@example.org"] == [one.address for one in people.audience("schools").people]
        assert ["bo@example.org"] * 3 == [entry.address for _, entry in ledger.about(bytes.fromhex(bo))]


def test_a_second_time_nothing_is_left(held: Path) -> None:
    """The same command again changes nothing, says so, and still tells where it cannot reach."""
    run(held, *ERASE)
    before = files(held)
    assert (0, NOTHING_LEFT + END, "") == run(held, *ERASE)
    assert before == files(held)


def test_a_stranger(workspace: Path) -> None:
    """Somebody unknown is more likely mistyped: nothing is recorded, and the way to keep them out is told."""
    told = "Nothing is held about z...@example.org, and nothing was done. Is the address right?\n"
    then = "Next: if it is, keep it out of every import to come\n  newsletter unsubscribe ADDRESS\n"
    end = "Not erased, since nothing here can do it:\n" + BEYOND.format(services=NO_SERVICE)
    assert (0, told + end, then) == run(workspace, "erase", "zoe@example.org", "--yes")
    assert set() == reasons(workspace, "zoe@example.org")


def test_no_import_revives_them(held: Path) -> None:
    """Written in another way, in a file or by hand, the person stays out; so D24, and H8."""
    run(held, *ERASE)
    (held / "people.csv").write_text("email\nSAM@EXAMPLE.org\nnew@example.org\n", "utf-8")
    code, out, _ = run(held, "lists", "import", "schools", "people.csv", "--source", "Web form")
    assert (0, True) == (code, "Opted out      1, and they stay out" in out)
    assert 6 == run(held, "lists", "add", "schools", "Sam@example.org", "--source", "Web form")[0]
    (held / FILE).write_text("email\nben@example.org\nsam@example.org\n", "utf-8")
    assert '"skipped": {\n    "erased": 1\n  }' in run(held, "lists", "show", "practitioners", "--json")[1]


def test_an_unfinished_send_leaves_them_out(held: Path) -> None:
    """Whoever still waits for a copy is skipped; what was accepted stays counted."""
    run(held, *ERASE)
    with ledger_of(held) as ledger:
        found = [(record.issue, entry.state, entry.reason) for record, entry in ledger.about(bytes.fromhex(key(held)))]
    expected = [("2026-01", State.ACCEPTED, ""), ("2026-03", State.SKIPPED, "erased"), ("2026-01", State.ACCEPTED, "")]
    assert expected == found


def test_a_copy_of_a_database_is_told_of(held: Path) -> None:
    """What an update has left beside a database is named, and left to a person."""
    (held / ".newsletter/people.db.v1").write_bytes(b"SAM@example.org")
    out = run(held, *ERASE)[1]
    assert (
        "  - .newsletter/people.db.v1: take it out by hand, or delete the file if it is\n    not needed any more\n"
        in out
    )
    assert (held / ".newsletter/people.db.v1").exists()


# --- before it is done ---


def test_a_script_has_to_say_yes(held: Path) -> None:
    """Where nobody is there to type, it shows what there is and changes nothing."""
    before = files(held)
    refused = "Not erased: there is nobody to type a yes.\n  In a script, add --yes.\n"
    code, out, err = run(held, "erase", SAM)
    assert (6, SHOWN, refused) == (code, out.replace(key(held), "KEY"), err)
    assert before == files(held)


@posix
@pytest.mark.parametrize("typed", [b"yes\n", b" YES \n"])
def test_a_yes_is_typed(typed: bytes, held: Path) -> None:
    """On a terminal it asks, and a yes does it."""
    code, shown = talk(held, "erase", SAM, typed=typed)
    assert (0, True) == (code, ASKED in shown and ERASED in shown)
    assert AFTER.encode() == (held / FILE).read_bytes()


@posix
@pytest.mark.parametrize("typed", [b"\n", b"y\n", b"no\n", b"\x04"])
def test_anything_else_stops_it(typed: bytes, held: Path) -> None:
    """Any other answer changes nothing."""
    before = files(held)
    code, shown = talk(held, "erase", SAM, typed=typed)
    told = "Not erased: yes was not typed.\n  Give the same command again when you are ready.\n"
    assert (6, told) == (code, shown[-len(told) :])
    assert before == files(held)


def test_a_running_send_is_waited_for(held: Path) -> None:
    """While a send runs it is refused, and says what to do; so H8."""
    before = files(held)
    with another_send(held):
        told = run(held, *ERASE)
    refused = (
        "Not done: another send is running in this workspace.\n"
        "  Let that one end, or stop it with Ctrl-C. It loses nothing.\n"
    )
    assert (6, "", refused) == told
    assert before == {name: data for name, data in files(held).items() if not name.endswith("-journal")}


def test_a_list_file_that_cannot_be_read(held: Path) -> None:
    """It is not begun while nobody can tell whether a list file holds the person."""
    (held / FILE).write_bytes(b"PK\x03\x04")
    before = files(held)
    code, out, err = run(held, *ERASE)
    assert (1, "") == (code, out)
    assert f"error: {FILE} cannot be read\n" in err
    assert before == files(held)
