"""``newsletter erase``: one person is forgotten everywhere, everybody else stays, and no import revives them."""

from __future__ import annotations

import codecs
import os
import shutil
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from components import missing, small_disk_of
from faultloop import attempt
from hypothesis import given
from hypothesis import strategies as st
from program import Zygote, zygote
from sends import another_send, ledger_of, run, talk
from subjects import AFTER, ALIKE, BEFORE, FILE, SAM, hold_sam, key, names_sam

from newsletter import holdings
from newsletter.addresses import canonical
from newsletter.config import Config, Workspace, open_workspace
from newsletter.errors import NewsletterError
from newsletter.holdings import PLACES, Held, Place, Subject, look, open_subject
from newsletter.listfile import read_list
from newsletter.people import open_people
from newsletter.records import State
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, links and terminals")
ERASE = ("erase", SAM, "--yes")
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
# Everything of Sam's that is not the one cell in somebody else's line.
LEFT = [FILE]


@pytest.fixture
def held(workspace: Path) -> Path:
    """A workspace that holds Sam everywhere."""
    hold_sam(workspace)
    return workspace


def files(folder: Path) -> dict[str, bytes]:
    """Every file below *folder*, but for the lock, which any erasure makes."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def reasons(workspace: Path, address: str = SAM) -> set[str]:
    """Why *address* has opted out."""
    state = workspace / ".newsletter"
    secret = workspace_key(state)
    with open_people(state, secret) as people:
        return {one.reason for one in people.opt_outs(person_key(secret, address))}


def erasable(workspace: Path) -> int:
    """How many things are held of Sam that can be erased."""
    with open_subject(open_workspace(workspace), SAM) as subject:
        return sum(not held.stays for holdings in look(subject).values() for held in holdings)


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


# --- list files ---


@posix
def test_a_hard_link_is_refused(held: Path) -> None:
    """Under a second name the row would stay: nothing is begun before that is mended."""
    os.link(held / FILE, held / "copy.csv")
    before = files(held)
    code, _, err = run(held, *ERASE)
    refused = (
        f"Not erased: {FILE} has a second name (a hard link), under which the row would stay.\n"
        "  Remove the other name, or put a copy of the file in its place. Then give the same command again.\n"
    )
    assert (6, refused) == (code, err)
    assert before == files(held)


@posix
def test_a_link_stays_a_link(held: Path) -> None:
    """What a symbolic link leads to is changed, the link is not."""
    (held / FILE).rename(held / "people.csv")
    (held / FILE).symlink_to("../people.csv")
    assert 0 == run(held, *ERASE)[0]
    assert AFTER.encode() == (held / "people.csv").read_bytes()
    assert "../people.csv" == str((held / FILE).readlink())


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_list_file_keeps_its_mode(mode: int, held: Path) -> None:
    """Who may read the file is as before."""
    (held / FILE).chmod(mode)
    run(held, *ERASE)
    assert mode == stat.S_IMODE((held / FILE).stat().st_mode)


def test_two_lists_in_one_file(held: Path) -> None:
    """A file that two lists name is one file."""
    path = held / "newsletter.yaml"
    text = path.read_text("utf-8").replace("  schools:", f"  again: {{file: {FILE}}}\n  schools:")
    path.write_text(text, "utf-8")
    assert 1 == run(held, *ERASE)[1].count(f"{FILE}:3")
    assert AFTER.encode() == (held / FILE).read_bytes()


def test_git_is_asked(held: Path) -> None:
    """Where git tracks the list file, it is said that its history holds the row."""
    if shutil.which("git") is None:
        missing("git (Debian package git)")
    for words in (("init", "-q"), ("add", "-f", FILE)):
        subprocess.run(["git", *words], cwd=held, check=True)
    told = f"  - git: what was committed stays in its history, and {FILE} is\n    tracked\n"
    assert told in run(held, *ERASE)[1]


CONFIG = Config.model_validate(
    {"title": "News", "organisation": "Us", "from": "us@example.org", "lists": {"list": {"file": "list.csv"}}}
)
ADDRESSES = st.sampled_from(
    ["amina@example.org", "Ben@example.org", "samx@example.org", "xsam@example.org", "sam@example.org.uk"]
)
SAMS = st.sampled_from([SAM, "SAM@Example.ORG", "Sam@example.org"])
CELLS = st.sampled_from(["", "Amina Khan", "O'Brien", 'a "word"', "Smith, Sam; Jo Lee", "B\u00fccher", " x "])


@st.composite
def list_files(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """Draw the lines of a list file: all of them, and those that are to stay."""
    delimiter = draw(st.sampled_from(",;\t"))
    columns = draw(st.permutations(["Email", "name", "role"]))

    def line(cells: list[str], *, quoted: bool) -> bytes:
        written = [
            '"' + cell.replace('"', '""') + '"' if quoted or set(cell) & set(',;\t"') else cell for cell in cells
        ]
        return (delimiter.join(written) + draw(st.sampled_from(["\n", "\r\n", "\r"]))).encode()

    begin = codecs.BOM_UTF8 if draw(st.booleans()) else b""
    lines = [(begin + b"\n" * draw(st.integers(0, 2)) + line(list(columns), quoted=False), True)]
    for is_sam in draw(st.lists(st.booleans(), max_size=6)):
        address = draw(SAMS if is_sam else ADDRESSES)
        cells = [address if column == "Email" else draw(CELLS) for column in columns]
        lines.append((line(cells, quoted=draw(st.booleans())), not is_sam))
        lines.append((draw(st.sampled_from([b"", b"\r\n", delimiter.encode() * 2 + b"\r\n"])), True))
    if draw(st.booleans()):  # the last line without its end
        *lines, (last, stays) = [one for one in lines if one[0]]
        lines.append((last.rstrip(b"\r\n"), stays))
    return [written for written, _ in lines], [written for written, stays in lines if stays]


@given(list_files())
def test_the_rest_of_a_list_file_stays_byte_for_byte(drawn: tuple[list[bytes], list[bytes]]) -> None:
    """Whatever its separators, quotes and line ends are, no other byte changes, and all others are read as before."""
    lines, stays = drawn
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(b"".join(lines))
        before = readable(path)
        with open_subject(Workspace(Path(folder), CONFIG, Path(folder) / "state"), SAM) as subject:
            holdings._take_out_rows(subject)
            assert (b"".join(stays), ()) == (path.read_bytes(), look(subject)[PLACES[4]])
        assert [one for one in before if canonical(one[0]) != SAM] == readable(path)


def readable(path: Path) -> list[tuple[str, str]]:
    """Who is read from a list file; nobody where nobody is left."""
    try:
        return [(one.address, one.name) for one in read_list(path, "list.csv", name="list").people]
    except NewsletterError as error:
        if "no recipients" not in [finding.message for finding in error.findings]:
            raise
        return []


# --- all places, and whatever is cut off ---


def test_both_commands_reach_each_place(held: Path) -> None:
    """Each place finds something of Sam's by itself, and nothing any more once it is emptied by itself."""
    with open_subject(open_workspace(held), SAM) as subject:
        for place in PLACES:
            found = list(place.look(subject))
            place.erase(subject)
            left = list(place.look(subject))
            assert (True, []) == (found != [], [one for one in left if not one.stays]), place.name


def test_a_new_place_is_reached_by_both(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that is added to PLACES is looked at by one command and emptied by the other, without more ado."""
    diary = {SAM}

    def look_up(subject: Subject) -> Iterator[Held]:
        return (Held("the diary", {}) for one in diary if one == subject.address)

    place = Place("diary", "In the diary", look_up, lambda subject: diary.discard(subject.address))
    monkeypatch.setattr(holdings, "PLACES", (*PLACES, place))
    monkeypatch.chdir(held)
    shown = in_process("subject-access", SAM)
    erased = in_process(*ERASE)
    assert ("In the diary: 1\n  the diary\n" in shown, "In the diary, 1:\n    the diary\n" in erased) == (True, True)
    assert set() == diary


def in_process(*words: str) -> str:
    """What a command prints when it is given in this very process."""
    from click.testing import CliRunner  # noqa: PLC0415

    from newsletter.cli import cli  # noqa: PLC0415

    return CliRunner().invoke(cli, list(words)).stdout


@posix
def test_no_power_cut_brings_anything_back(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder in which a file was removed or replaced is on the disk, as it is in the end."""
    synced: dict[Path, set[str]] = {}
    sync = os.fsync

    def watch(handle: int) -> None:
        for folder in filter(Path.is_dir, held.rglob("*")):
            if os.path.samestat(folder.stat(), os.fstat(handle)):
                synced[folder] = {path.name for path in folder.iterdir()}
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    with open_subject(open_workspace(held), SAM) as subject:
        for place in PLACES[3:]:  # what SQLite does not keep
            place.erase(subject)
    copies = held / ".newsletter/outbox/2026-01--practitioners"
    folders = (held / "lists", held / ".newsletter/cache", copies, copies.with_name("2026-01--practitioners--test"))
    assert {folder: {path.name for path in folder.iterdir()} for folder in folders} == synced


@posix
@pytest.mark.parametrize("size", [0, 20_000, 200_000])  # below the databases, and between them and the list file
def test_a_full_disk_loses_nothing(size: int, held: Path) -> None:
    """Whatever could not be written is as it was, and the same command does it once there is room."""
    padding = "".join(f"p{number}@example.org,Person {number},\r\n" for number in range(10_000))
    (held / FILE).write_bytes(BEFORE.replace("samx", f"{padding}samx").encode())
    with small_disk_of(size):
        code, _, err = run(held, *ERASE)
    assert (3, True) == (code, "Then give the same command again." in err or "has room" in err), err
    assert BEFORE.replace("samx", f"{padding}samx").encode() == (held / FILE).read_bytes()
    assert 0 == run(held, *ERASE)[0]
    assert AFTER.replace("samx", f"{padding}samx").encode() == (held / FILE).read_bytes()
    assert LEFT == list(names_sam(held))


@pytest.fixture
def started(workspace: Path) -> Iterator[Zygote]:
    """A zygote that forks the program."""
    if shutil.which("strace") is None:
        missing("strace (Debian package strace)")
    with zygote() as started:
        assert 0 == started.rehearse(ERASE, workspace)
        yield started


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    # One call at a time: strace counts each kind by itself, so that of two the rarer would never have its turn.
    "fault",
    ["pwrite64:signal=KILL", "write:signal=KILL", "unlink:signal=KILL", "rename:signal=KILL", "write:error=ENOSPC"],
)
def test_it_may_be_cut_off_anywhere(
    fault: str, workspace: Path, started: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At whichever write or removal it ends, the same command again completes it, and no list is ever half."""
    kept, scratch = tmp_path_factory.mktemp("kept") / "workspace", tmp_path_factory.mktemp("scratch")
    hold_sam(workspace)
    shutil.copytree(workspace, kept)
    happened, k, whole = True, 0, erasable(workspace)
    while happened:
        k += 1
        shutil.rmtree(workspace)
        shutil.copytree(kept, workspace)
        code, output, happened = attempt(started, ERASE, workspace, scratch, f"{fault}:when={k}")
        assert SAM not in output.lower()
        assert code in {0, 3, -9}, output
        assert (workspace / FILE).read_bytes() in {BEFORE.encode(), AFTER.encode()}
        assert erasable(workspace) == whole or "erased" in reasons(workspace), "taken out before it was kept out"
        again = attempt(started, ERASE, workspace, scratch)
        assert again[0] == 0, again
        assert (AFTER.encode(), LEFT) == ((workspace / FILE).read_bytes(), list(names_sam(workspace))), k
        assert "erased" in reasons(workspace)
        assert [FILE] == [f"lists/{path.name}" for path in (workspace / "lists").iterdir()]
    assert k > 1
