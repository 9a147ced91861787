"""Receipts of real sends: whole, without addresses, and never taken for none."""

from __future__ import annotations

import json
import os
import platform
import stat
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from components import small_disk_of
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.receipts import Receipt, computer_name, receipts, refuse_unknown, write_receipt

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes, and links only for administrators")
MEND = "Take it back from git, or from a backup. Never delete it: it says who must not be sent to again."
RECEIPT = Receipt(
    uid="5f0c", issue="2026-01", list_name="practitioners", edition=1, provider="smtp", account="smtp.example.org",
    subject="January 2026 newsletter – dates for you", people=1_248, digest="ab" * 32,
    planned=datetime(2026, 1, 5, 9, 4, tzinfo=UTC), computer="office-pc", events=3, opt_outs=5,
)  # fmt: skip
FILE = """\
{
  "account": "smtp.example.org",
  "computer": "office-pc",
  "digest": "abababababababababababababababababababababababababababababababab",
  "edition": 1,
  "events": 3,
  "issue": "2026-01",
  "list_name": "practitioners",
  "opt_outs": 5,
  "people": 1248,
  "planned": "2026-01-05T09:04:00+00:00",
  "provider": "smtp",
  "subject": "January 2026 newsletter – dates for you",
  "uid": "5f0c"
}
"""
NAME = "sent/2026-01--practitioners.json"


def refusal(root: Path, error: type[NewsletterError] = ConfigError) -> tuple[str, str]:
    """Return message and hint of the error that reading the receipts of *root* ends with."""
    with pytest.raises(error) as raised:
        receipts(root)
    return raised.value.message, raised.value.hint


def put(root: Path, data: bytes) -> None:
    """Put *data* where a receipt stands."""
    (root / NAME).parent.mkdir(exist_ok=True)
    (root / NAME).write_bytes(data)


# --- writing ---


def test_what_is_written(tmp_path: Path) -> None:
    """A receipt is a small file for people and for git: its keys sorted, a line each, without any address."""
    assert tmp_path / NAME == write_receipt(tmp_path, RECEIPT)
    assert (FILE.encode(), [tmp_path / NAME]) == ((tmp_path / NAME).read_bytes(), list((tmp_path / "sent").iterdir()))


def test_a_correction_has_a_file_of_its_own(tmp_path: Path) -> None:
    """The second edition of a send stands beside the first."""
    write_receipt(tmp_path, RECEIPT)
    write_receipt(tmp_path, replace(RECEIPT, edition=2, uid="77aa"))
    names = ["2026-01--practitioners--2.json", "2026-01--practitioners.json"]
    assert names == sorted(path.name for path in (tmp_path / "sent").iterdir())


@posix
def test_a_receipt_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is sent a power cut can take back neither the folder, nor the receipt, nor its name."""
    synced: list[Path] = []
    sync = os.fsync

    def watch(handle: int) -> None:
        found = os.fstat(handle)
        synced.extend(path for path in (tmp_path, *tmp_path.rglob("*")) if os.path.samestat(path.stat(), found))
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    write_receipt(tmp_path, RECEIPT)
    part, name = synced.pop(1), (tmp_path / NAME).name
    assert ([tmp_path, tmp_path / "sent"], True) == (synced, part.name.startswith(f".{name}."))
    write_receipt(tmp_path, RECEIPT)  # the run before this one may have been cut in between
    assert tmp_path / "sent" == synced[-1]


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_rights_of_a_receipt(tmp_path: Path, umask: int) -> None:
    """G28: a receipt holds nothing private, and has the rights of any other committed file."""
    before = os.umask(umask)
    try:
        path = write_receipt(tmp_path, RECEIPT)
    finally:
        os.umask(before)
    assert 0o666 & ~umask == stat.S_IMODE(path.stat().st_mode)


def test_a_resumed_send_finds_its_receipt(tmp_path: Path) -> None:
    """The receipt of the same send stays as it is while it is as far on, whatever has grown since."""
    write_receipt(tmp_path, RECEIPT)
    assert tmp_path / NAME == write_receipt(tmp_path, replace(RECEIPT, people=1_250, computer="renamed"))
    assert (RECEIPT,) == receipts(tmp_path)


@pytest.mark.parametrize(("events", "stands"), [(2, 3), (3, 3), (4, 4)])
def test_how_far_on_a_receipt_is(events: int, stands: int, tmp_path: Path) -> None:
    """One that is further on replaces that of the same send; one that is less far does not."""
    write_receipt(tmp_path, RECEIPT)
    assert tmp_path / NAME == write_receipt(tmp_path, replace(RECEIPT, events=events, computer="laptop"))
    assert (replace(RECEIPT, events=stands, computer="laptop" if events > 3 else "office-pc"),) == receipts(tmp_path)
    assert [tmp_path / NAME] == list((tmp_path / "sent").iterdir())


def test_a_receipt_of_before_opt_outs_were_counted(tmp_path: Path) -> None:
    """One that does not say how many had opted out is read all the same; of nobody, there can be no fewer."""
    put(tmp_path, FILE.replace('  "opt_outs": 5,\n', "").encode())
    assert (replace(RECEIPT, opt_outs=0),) == receipts(tmp_path)


def test_a_deleted_receipt_is_written_again(tmp_path: Path) -> None:
    """A send that the ledger knows is not refused for its missing receipt: there is one again."""
    write_receipt(tmp_path, RECEIPT).unlink()
    refuse_unknown(tmp_path, {RECEIPT.uid: 3})
    write_receipt(tmp_path, RECEIPT)
    assert (RECEIPT,) == receipts(tmp_path)


def test_the_name_of_another_send(tmp_path: Path) -> None:
    """Where another send has its receipt under that name, this one stops, and the file stays."""
    write_receipt(tmp_path, RECEIPT)
    with pytest.raises(RefusedError) as raised:
        write_receipt(tmp_path, replace(RECEIPT, uid="77aa", computer="laptop"))
    assert ("Not sent: sent/2026-01--practitioners.json is the receipt of another send.", 6) == (
        raised.value.message,
        raised.value.exit_code,
    )
    assert (
        "It is of 2026-01 to practitioners, planned on Monday 5 January 2026 at 9:04am UTC, "
        "on the computer office-pc.\n"
        "If that file was renamed or copied, put it back. If not, only that computer may send."
    ) == raised.value.hint
    assert FILE.encode() == (tmp_path / NAME).read_bytes()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsletter.errors import RefusedError
from newsletter.receipts import Receipt, write_receipt
now = datetime.now(UTC)
receipt = Receipt(sys.argv[2], "2026-01", "schools", 1, "smtp", "", "", 3, "", now, "")
print("ready", flush=True)
sys.stdin.read()
try:
    write_receipt(Path(sys.argv[1]), receipt)
except RefusedError as error:
    sys.exit(error.exit_code)
"""


def test_four_writers_at_once(tmp_path: Path) -> None:
    """Of four computers that share the folder, one has its receipt there and three are refused."""
    with ExitStack() as stack:
        commands = ([sys.executable, "-c", WRITER, str(tmp_path), str(number)] for number in range(4))
        writers = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for command in commands
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert b"ready\n" == writer.stdout.readline()
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.close()  # all are off at once
    codes = [writer.returncode for writer in writers]
    assert [0] + [6] * 3 == sorted(codes)
    assert [f"{codes.index(0)}"] == [receipt.uid for receipt in receipts(tmp_path)]


def test_no_half_receipt(tmp_path: Path) -> None:
    """G26: a receipt that the disk has no room for leaves nothing behind, and nothing is sent."""
    with small_disk_of(100), pytest.raises(ConfigError) as raised:
        write_receipt(tmp_path, RECEIPT)
    message = "sent/2026-01--practitioners.json cannot be written: File too large"
    hint = "Check that you may write there and that the disk has room, then give the same command again."
    assert (message, hint) == (raised.value.message, raised.value.hint)
    assert [] == list((tmp_path / "sent").iterdir())


def test_a_cut_write_is_no_receipt(tmp_path: Path) -> None:
    """G26: what a kill in the middle of writing leaves, and other files of people's, are no receipts."""
    write_receipt(tmp_path, RECEIPT)
    for name in (".2026-02--practitioners.json.x7f3", ".hidden.json", "README.md"):
        (tmp_path / "sent" / name).write_text("{", "utf-8")
    assert (RECEIPT,) == receipts(tmp_path)


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    """A file in the place of the folder is told of, writing and reading."""
    (tmp_path / "sent").write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"sent/2026-01--practitioners\.json cannot be written: "):
        write_receipt(tmp_path, RECEIPT)
    assert ("sent/ cannot be read: Not a directory", MEND) == refusal(tmp_path)


# --- reading ---

LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MOMENTS = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=13)), timezone(-timedelta(hours=3, minutes=30))]),
)


@given(
    st.builds(
        Receipt, uid=LINES, issue=st.just("2026-01"), list_name=st.just("schools"), edition=st.integers(1, 99),
        provider=LINES, account=LINES, subject=LINES, people=st.integers(0), digest=LINES, planned=MOMENTS,
        computer=LINES, events=st.integers(0),
    )
)  # fmt: skip
def test_what_was_written_is_read(receipt: Receipt) -> None:
    """Whatever its words, a receipt is read as it was written."""
    with TemporaryDirectory() as folder:
        write_receipt(Path(folder), receipt)
        assert (receipt,) == receipts(Path(folder))


def test_line_ends_of_a_windows_checkout(tmp_path: Path) -> None:
    """Git may turn the line ends: the receipt is the same."""
    put(tmp_path, FILE.replace("\n", "\r\n").encode())
    assert (RECEIPT,) == receipts(tmp_path)


def test_no_receipts(tmp_path: Path) -> None:
    """A workspace from which nothing was sent has none, with and without the folder."""
    assert () == receipts(tmp_path)
    (tmp_path / "sent").mkdir()
    assert () == receipts(tmp_path)


CONTENT = json.loads(FILE)
HOSTILE = {
    "nothing": b"",
    "half": FILE[:200].encode(),
    "no object": b"[]",
    "null": b"null",
    "not UTF-8": FILE.encode("utf-16"),
    "a byte order mark": FILE.encode("utf-8-sig"),
    "conflict": b"<<<<<<< HEAD\n" + FILE.encode(),
    "deep": b"[" * 60_000,
    "long number": b'{"people": ' + b"9" * 10_000 + b"}",
    "key twice": FILE.replace("{", '{\n  "uid": "77aa",').encode(),
    "key missing": json.dumps({key: value for key, value in CONTENT.items() if key != "uid"}).encode(),
    "key too many": json.dumps(CONTENT | {"address": "x"}).encode(),
    "true for a number": json.dumps(CONTENT | {"people": True}).encode(),
    "half a person": json.dumps(CONTENT | {"people": 0.5}).encode(),
    "minus": json.dumps(CONTENT | {"people": -1}).encode(),
    "half an event": json.dumps(CONTENT | {"events": 0.5}).encode(),
    "before events": json.dumps({key: value for key, value in CONTENT.items() if key != "events"}).encode(),
    "edition 0": json.dumps(CONTENT | {"edition": 0}).encode(),
    "no text": json.dumps(CONTENT | {"subject": None}).encode(),
    "no time": json.dumps(CONTENT | {"planned": "yesterday"}).encode(),
    "no zone": json.dumps(CONTENT | {"planned": "2026-01-05T09:04:00"}).encode(),
    "before time": json.dumps(CONTENT | {"planned": "0001-01-01T00:00:00+23:00"}).encode(),
    "large": FILE.encode() + b" " * 65_536,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_damaged_receipt_is_never_none(tmp_path: Path, data: bytes) -> None:
    """A file that is no receipt any more stops every send, and is named."""
    put(tmp_path, data)
    assert (f"{NAME} is no receipt that newsletter wrote", MEND) == refusal(tmp_path)
    with pytest.raises(ConfigError):
        refuse_unknown(tmp_path, {RECEIPT.uid: 3})
    with pytest.raises(ConfigError):
        write_receipt(tmp_path, RECEIPT)
    assert data == (tmp_path / NAME).read_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(CONTENT)), inner, max_size=12),
    max_leaves=20,
)


@given(
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(sorted(CONTENT)), JSON).map(lambda new: json.dumps(CONTENT | new).encode())
)
def test_any_bytes_are_a_receipt_or_refused(data: bytes) -> None:
    """Whatever stands in the file, it is read as one receipt or refused in one line: never a traceback, never none."""
    with TemporaryDirectory() as folder:
        put(Path(folder), data)
        found: object
        try:
            found = len(receipts(Path(folder)))
        except ConfigError as error:
            found = error.message
    assert found in {1, f"{NAME} is no receipt that newsletter wrote"}


@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "dangling link", "loop"])
def test_a_receipt_is_an_ordinary_file(tmp_path: Path, kind: str) -> None:
    """What is no file is refused, not waited for, and a link to nothing is not taken for no receipt."""
    path = tmp_path / NAME
    path.parent.mkdir()
    message = f"{NAME} is not an ordinary file"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
        message = f"{NAME} is a link that leads out of this workspace"
    elif kind == "dangling link":
        path.symlink_to("nowhere")
        message = f"{NAME} cannot be read: No such file or directory"
    else:
        path.symlink_to(path.name)
        message = f"{NAME} cannot be read: Too many levels of symbolic links"
    assert message == refusal(tmp_path)[0]


@posix
@pytest.mark.parametrize("what", ["sent", NAME])
def test_no_link_leads_out(tmp_path: Path, what: str) -> None:
    """A receipt outside the workspace is not committed with it: a link to one is refused, written or read."""
    root, elsewhere = tmp_path / "workspace", tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere if what == "sent" else elsewhere / "one.json"
    (root / what).parent.mkdir(parents=True)
    (root / what).symlink_to(target)
    told = (f"{what} is a link that leads out of this workspace", "Put what it leads to in its place.")
    assert told == refusal(root)
    with pytest.raises(ConfigError, match="is a link that leads out of this workspace"):
        write_receipt(root, RECEIPT)
    assert [] == list(elsewhere.iterdir())


# --- what the ledger does not know ---


def test_all_are_known(tmp_path: Path) -> None:
    """Where the ledger knows every receipt, and more, nothing stands in the way."""
    write_receipt(tmp_path, RECEIPT)
    refuse_unknown(tmp_path, {RECEIPT.uid: 4, "77aa": 1})


def test_an_older_copy_of_the_ledger(tmp_path: Path) -> None:
    """G13: a ledger that was put back from the middle of a send knows it, but less than its receipt, and is refused."""
    write_receipt(tmp_path, RECEIPT)
    refuse_unknown(tmp_path, {RECEIPT.uid: 3})
    with pytest.raises(RefusedError) as raised:
        refuse_unknown(tmp_path, {RECEIPT.uid: 2})
    message = "Not sent: the ledger here knows less than was sent of 2026-01 to practitioners."
    hint = (
        "It was planned on Monday 5 January 2026 at 9:04am UTC, on the computer office-pc.\n"
        "Only the folder .newsletter there knows who has had what, and who has opted out. Copy it from that computer, "
        "or if it was this one from a backup, to\n"
        f"  {os.path.realpath(tmp_path / '.newsletter')}\n"
        "or, if it is on this computer already, set NEWSLETTER_STATE to where. Then give the same command again."
    )
    assert (6, message, hint) == (raised.value.exit_code, raised.value.message, raised.value.hint)


@pytest.mark.parametrize("known", [(), ("0001", "0002")], ids=["deleted", "restored"])
def test_a_receipt_that_the_ledger_does_not_know(
    tmp_path: Path, known: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """G12, G13: a ledger that was deleted, or restored from before the last send, sends nothing and says what to do."""
    for number, uid in enumerate(("0001", "0002", RECEIPT.uid)):
        earlier = replace(RECEIPT, uid=uid, issue=f"2025-{number + 10}", planned=RECEIPT.planned - timedelta(days=9))
        write_receipt(tmp_path, RECEIPT if uid == RECEIPT.uid else earlier)
    more = "" if known else " There are 3 such receipts."
    with pytest.raises(RefusedError) as raised:
        refuse_unknown(tmp_path, dict.fromkeys(known, 3))
    assert (6, "Not sent: the ledger here does not know the send of 2026-01 to practitioners.") == (
        raised.value.exit_code,
        raised.value.message,
    )
    hint = (
        f"It was planned on Monday 5 January 2026 at 9:04am UTC, on the computer office-pc.{more}\n"
        "Only the folder .newsletter there knows who has had what, and who has opted out. Copy it from that computer, "
        "or if it was this one from a backup, to\n"
        f"  {os.path.realpath(tmp_path / '.newsletter')}\n"
        "or, if it is on this computer already, set NEWSLETTER_STATE to where. Then give the same command again."
    )
    assert hint == raised.value.hint
    monkeypatch.setenv("NEWSLETTER_STATE", str(tmp_path / "kept"))
    with pytest.raises(RefusedError) as raised:
        refuse_unknown(tmp_path, dict.fromkeys(known, 3))
    assert f"  {os.path.realpath(tmp_path / 'kept')}" == raised.value.hint.splitlines()[2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("office-pc", "office-pc"),
        ("  Sam's\x1b[2J\n Mac\u202e ", "Sam's [2J Mac"),
        ("x" * 300, "x" * 64),
        ("", "without a name"),
    ],
)
def test_the_name_of_a_computer(name: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer's name is one short line, whatever it is called."""
    monkeypatch.setattr(platform, "node", lambda: name)
    assert told == computer_name()
