"""Receipts are read as they were written, a damaged one is never none, and the ledger must know each."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receiptfiles import FILE, MEND, NAME, RECEIPT, posix, put, refusal

from newsletter.errors import ConfigError, RefusedError
from newsletter.receipts import Receipt, receipts, refuse_unknown, write_receipt

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
