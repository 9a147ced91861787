"""``newsletter subject-access``: everything that is held about one person, and nothing about anybody else."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from components import missing
from sends import another_send, run
from subjects import FILE, SAM, hold_sam, key, names_sam

from newsletter.config import open_workspace
from newsletter.holdings import PLACES, look, open_subject
from newsletter.linkcheck import _mark, _remember

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and links")
HELD = """\
What is held about sam@example.org

Opted out: 1
  partners
    reason    unsubscribed
    recorded  Wednesday 7 January 2026 at 4pm
    source    newsletter unsubscribe

On lists kept here: 1
  schools
    email       SAM@example.org
    name        SAM Reed
    first name  SAM
    source      Web form
    consent     3 November 2025
    added       Monday 3 November 2025 at 10:30am

In the record of what was sent: 3
  2026-01 to practitioners
    issue      2026-01
    list       practitioners
    edition    1
    rehearsal  no
    provider   smtp
    account    smtp.example.org:587
    planned    Monday 5 January 2026 at 9:04am
    last       Monday 5 January 2026 at 9:04am
    state      accepted
    email      sam@example.org
    name       Sam Sample
  2026-03 to practitioners
    issue      2026-03
    list       practitioners
    edition    1
    rehearsal  no
    provider   smtp
    account    smtp.example.org:587
    planned    Monday 5 January 2026 at 9:04am
    last       Monday 5 January 2026 at 9:04am
    state      planned
    email      sam@example.org
    name       Sam Sample
  2026-01 to practitioners
    issue      2026-01
    list       practitioners
    edition    1
    rehearsal  yes
    provider   outbox
    account    outbox
    planned    Monday 5 January 2026 at 9:04am
    last       Monday 5 January 2026 at 9:04am
    state      accepted
    email      sam@example.org

In the outbox: 3
  .newsletter/outbox/2026-01--practitioners/.KEY.eml.ab3_d5fg
  .newsletter/outbox/2026-01--practitioners/KEY.eml
  .newsletter/outbox/2026-01--practitioners--test/00000000000000000000000000000000.eml

In list files: 2
  lists/practitioners.csv:2
    named in  the column "manager"
  lists/practitioners.csv:3
    email  Sam@Example.org
    name   Sam  Sample

In other files of the state folder: 1
  .newsletter/cache/pages
"""
BEYOND = """
Not looked at, and not known here:
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
smtp, smtp.example.org:587, which mail to this address went through: ask
    there for its queue, its logs and its own lists"""


@pytest.fixture
def held(workspace: Path) -> Path:
    """A workspace that holds Sam everywhere."""
    hold_sam(workspace)
    return workspace


def test_everything_that_is_held(held: Path) -> None:
    """It is told place by place, with where it lies and all that is said there, and ends with where nobody looked."""
    code, out, err = run(held, "subject-access", SAM)
    assert (0, HELD + BEYOND.format(services=THE_SERVICE), "") == (code, out.replace(key(held), "KEY"), err)


def test_the_same_for_a_program(held: Path) -> None:
    """As JSON each place has a name that stays, times are ISO 8601, and every column is there, also an empty one."""
    told = json.loads(run(held, "subject-access", SAM, "--json")[1])
    assert ["address", *(place.name for place in PLACES), "provider_lists", "not_looked_at"] == list(told)
    assert SAM == told["address"]
    assert [
        {
            "where": "schools",
            "facts": {
                "email": "SAM@example.org", "name": "SAM Reed", "first_name": "SAM", "source": "Web form",
                "consent": "2025-11-03", "added": "2025-11-03T10:30:00+00:00",
            },
        }
    ] == told["lists"]  # fmt: skip
    rows = [
        {"where": f"{FILE}:2", "facts": {"named_in": 'the column "manager"'}},
        {"where": f"{FILE}:3", "facts": {"email": "Sam@Example.org", "name": "Sam  Sample", "manager": ""}},
    ]
    assert rows == told["list_files"]


def test_each_place_is_asked(held: Path) -> None:
    """In this workspace every place there is holds something: a new place has to be put into it, and so be tested."""
    told = json.loads(run(held, "subject-access", SAM, "--json")[1])
    assert [] == [place.name for place in PLACES if not told[place.name]]


def test_nobody_else_is_shown(held: Path) -> None:
    """Whatever stands beside the person, in a line of somebody else too, no other address is told."""
    for options in ((), ("--json",)):
        _, out, err = run(held, "subject-access", SAM, *options)
        assert {SAM} == {found.lower() for found in re.findall(r"[\w.+-]+@[\w.-]+\w", out + err)}
        assert not re.search("Amina|Ben|Bo Reed|Samx", out + err)


@pytest.mark.parametrize("typed", [" SAM@Example.org\t", "sam@EXAMPLE.ORG"])
def test_an_address_is_found_however_it_is_written(typed: str, held: Path) -> None:
    """Case and blanks make no difference."""
    assert run(held, "subject-access", SAM) == run(held, "subject-access", typed)


@pytest.mark.parametrize(
    "typed", ["ida@b\u00fccher.example.org", "Ida@B\u00dcCHER.example.org", "ida@xn--bcher-kva.example.org"]
)
def test_a_domain_in_either_form_is_found(typed: str, workspace: Path) -> None:
    """An internationalised domain finds its A-label, and the other way round."""
    for number, written in enumerate(("ida@b\u00fccher.example.org", "ida@xn--bcher-kva.example.org")):
        (workspace / FILE).write_text(f"email\n{written}\n", "utf-8")
        found = json.loads(run(workspace, "subject-access", typed, "--json")[1])
        assert [{"where": f"{FILE}:2", "facts": {"email": written}}] == found["list_files"], number


def test_somebody_who_cannot_be_written_to_is_found(workspace: Path) -> None:
    """A list file may hold an address that no send takes: it is data all the same."""
    (workspace / FILE).write_text("email\nj\u00f6rg@example.org\n", "utf-8")
    found = json.loads(run(workspace, "subject-access", "J\u00d6RG@example.org", "--json")[1])
    assert [{"where": f"{FILE}:2", "facts": {"email": "j\u00f6rg@example.org"}}] == found["list_files"]


def test_a_stranger(workspace: Path) -> None:
    """Of somebody unknown nothing is held, which is an answer and no fault."""
    told = "Nothing is held about zoe@example.org.\n" + BEYOND.format(services=NO_SERVICE)
    assert (0, told, "") == run(workspace, "subject-access", "zoe@example.org")


def test_only_a_hash_is_left(held: Path) -> None:
    """After an erasure it still tells what the keyed hash knows: the opt-outs, and the sends without an address."""
    run(held, "erase", SAM, "--yes")
    found = json.loads(run(held, "subject-access", SAM, "--json")[1])
    assert {"unsubscribed", "erased"} == {one["facts"]["reason"] for one in found["opt_outs"]}
    assert ["(erased)"] * 3 == [one["facts"]["email"] for one in found["sends"]]
    assert ["accepted", "skipped", "accepted"] == [one["facts"]["state"] for one in found["sends"]]


@posix
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_it_is_written_to_a_file_of_its_own(options: tuple[str, ...], held: Path) -> None:
    """--output writes the same into a new file for the owner alone, and never over one."""
    _, told, _ = run(held, "subject-access", SAM, *options)
    command = ("subject-access", SAM, "--output", "answer", *options)
    assert (0, "", "Written to answer.\n") == run(held, *command)
    assert told == (held / "answer").read_text("utf-8")
    assert 0o600 == stat.S_IMODE((held / "answer").stat().st_mode)
    refused = "error: answer is there already\n  Name another file, or remove that one first.\n"
    assert (6, "", refused) == run(held, *command)


def test_a_list_file_that_cannot_be_read(held: Path) -> None:
    """Half an answer is none: the file is named, with what is wrong with it, and nothing else is said."""
    (held / FILE).write_bytes("email,name\nj\xf6rg@example.org,J\xf6rg\n".encode("latin-1"))
    code, out, err = run(held, "subject-access", SAM)
    assert (1, "") == (code, out)
    assert err.startswith(f"{FILE}:2:1: error N012: the file is not saved as UTF-8")
    assert err.endswith(f"error: {FILE} cannot be read\n")


def test_a_list_file_that_is_not_there_holds_nobody(held: Path) -> None:
    """newsletter.yaml may name a list whose file is still to come."""
    (held / FILE).unlink()
    assert [] == json.loads(run(held, "subject-access", SAM, "--json")[1])["list_files"]


def test_a_line_that_cannot_be_read(held: Path) -> None:
    """Where a quote is open, it is told that the address stands in that line, and not what else does."""
    (held / FILE).write_text('email,name\nben@example.org,"Ben sam@example.org\nsam@example.org,Sam\n', "utf-8")
    found = json.loads(run(held, "subject-access", SAM, "--json")[1])
    rows = [
        {"where": f"{FILE}:2", "facts": {"named_in": "a line that cannot be read"}},
        {"where": f"{FILE}:3", "facts": {"email": SAM, "name": "Sam"}},
    ]
    assert rows == found["list_files"]


def test_every_column_is_told(held: Path) -> None:
    """Columns without a name are told by their number, none is lost."""
    (held / FILE).write_text("email;;\nsam@example.org;one;two\n", "utf-8")
    found = json.loads(run(held, "subject-access", SAM, "--json")[1])
    assert {"email": SAM, "column 2": "one", "column 3": "two"} == found["list_files"][0]["facts"]


def test_since_when_they_have_agreed(held: Path) -> None:
    """The day of consent that a list file says is told as it is written there, and that of a list kept here, too."""
    (held / FILE).write_text("email,source,date\nsam@example.org,Conference,14/09/2025\n", "utf-8")
    told = run(held, "subject-access", SAM)[1]
    expected = (
        "  lists/practitioners.csv:2\n    email   sam@example.org\n    source  Conference\n    date    14/09/2025\n"
    )
    assert (True, True) == (expected in told, "    consent     3 November 2025\n" in told), told


def test_it_works_while_a_send_is_running(held: Path) -> None:
    """It changes nothing, and waits for nobody."""
    before = run(held, "subject-access", SAM)
    with another_send(held):
        assert before == run(held, "subject-access", SAM)


@pytest.mark.parametrize("typed", ["sam", "Sam <sam@example.org>", "mailto:sam@example.org"])
def test_what_is_no_address(typed: str, held: Path) -> None:
    """To look for what is none would find nothing, and be taken for an answer; what was typed is not repeated."""
    code, out, err = run(held, "subject-access", typed)
    assert (2, "", True) == (code, out, err.startswith("error: the address cannot be used: not an address"))
    assert SAM not in err


def test_git_is_asked(held: Path) -> None:
    """A list file that git tracks is named: its history holds the row."""
    if shutil.which("git") is None:
        missing("git (Debian package git)")
    for words in (("init", "-q"), ("add", "-f", FILE)):
        subprocess.run(["git", *words], cwd=held, check=True)
    told = json.loads(run(held, "subject-access", SAM, "--json")[1])["not_looked_at"]
    assert f"git: what was committed stays in its history, and {FILE} is tracked" == told[0]


def test_nothing_else_in_the_state_holds_an_address(own_copy: Path) -> None:
    """After a rehearsal only the ledger and the copies name a reader: no cache, and nothing that no place looks at."""
    path = own_copy / FILE
    path.write_text(f"{path.read_text('utf-8')}\n{SAM},Sam Sample,,,\n", "utf-8")
    _remember(own_copy / ".newsletter/cache/working-links", {_mark(f"https://example.org/?for={SAM}"): 1})
    assert 0 == run(own_copy, "send", "2026-01", "--list", "practitioners", "--yes")[0]
    copies = f".newsletter/outbox/2026-01--practitioners/{key(own_copy)}.eml"
    assert [".newsletter/ledger.db", copies, FILE] == list(names_sam(own_copy))


def test_a_place_can_be_looked_at_where_nothing_is(workspace: Path) -> None:
    """In a new workspace no place holds anything, and to look makes no database."""
    with open_subject(open_workspace(workspace), SAM) as subject:
        assert dict.fromkeys(PLACES, ()) == look(subject)
    assert ["key"] == [path.name for path in (workspace / ".newsletter").iterdir()]
