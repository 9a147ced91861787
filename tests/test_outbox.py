"""The outbox writes each copy once, whole and for its owner alone, and never mixes two versions of an issue."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of

from newsletter.errors import ConfigError, RefusedError
from newsletter.providers import Copy, Outcome, Result, Send, provider_names, provider_type
from newsletter.providers.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

SEND = Send("2026-01", "practitioners", "a" * 64)
OTHER = Send("2026-01", "practitioners", "b" * 64)
AMINA = Copy("11aa", "amina@example.org", b"To: amina@example.org\r\n\r\nHello Amina,\r\n")
BEN = Copy("22bb", "ben@example.org", b"To: ben@example.org\r\n\r\nHello Ben,\r\n")
FOLDER = "outbox/2026-01--practitioners"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the state of a workspace is kept."""
    return tmp_path / ".newsletter"


@pytest.fixture
def outbox(state: Path) -> Outbox:
    """An outbox that nothing lies in yet."""
    return Outbox({}, state=state)


def copies(state: Path) -> dict[str, bytes]:
    """Every file in the outbox of the send, hidden ones too."""
    return {file.name: file.read_bytes() for file in (state / FOLDER).iterdir()}


def test_it_is_found_by_its_name() -> None:
    """The provider "outbox" is the Outbox, has no settings, and is a rehearsal."""
    found = provider_type("outbox")
    assert (True, Outbox, frozenset(), True) == (
        "outbox" in provider_names(),
        found,
        found.settings,
        found.is_rehearsal,
    )


def test_each_copy_is_a_file(outbox: Outbox, state: Path) -> None:
    """Each copy lies in a file named by its key, byte by byte, beside the digest of the message."""
    results = outbox.submit(SEND, [AMINA, BEN])
    assert [Result("11aa", Outcome.ACCEPTED), Result("22bb", Outcome.ACCEPTED)] == results
    assert {"11aa.eml": AMINA.data, "22bb.eml": BEN.data, "version": SEND.digest.encode()} == copies(state)


def test_what_is_there_is_not_written_again(outbox: Outbox, state: Path) -> None:
    """The same copies again count as accepted, and the first file stays."""
    outbox.submit(SEND, [AMINA])
    later = Copy(AMINA.key, AMINA.address, b"another date")
    assert [Result("11aa", Outcome.ACCEPTED)] == outbox.submit(SEND, [later])
    assert copies(state)["11aa.eml"] == AMINA.data


def test_done_tells_who_and_when(outbox: Outbox, state: Path) -> None:
    """It knows the keys of the copies that are there, and when each was written, in UTC."""
    assert {} == outbox.done(SEND)
    outbox.submit(SEND, [AMINA, BEN])
    (state / FOLDER / ".33cc.eml.x1y2").write_bytes(b"what a killed send leaves")
    os.utime(state / FOLDER / "11aa.eml", (1_767_603_600, 1_767_603_600))
    done = outbox.done(SEND)
    assert {"11aa", "22bb"} == set(done)
    assert datetime(2026, 1, 5, 9, tzinfo=UTC) == done["11aa"]
    assert timedelta() == done["22bb"].utcoffset()


def test_another_version_is_refused(outbox: Outbox, state: Path) -> None:
    """Copies of another version of the message refuse this one, and say what to do."""
    outbox.submit(SEND, [AMINA])
    with pytest.raises(RefusedError) as raised:
        outbox.done(OTHER)
    remove = "rmdir /s /q" if os.name == "nt" else "rm -r"
    told = "Not sent: the outbox holds copies of another version of this issue."
    hint = f"To rehearse this version, remove them and send again:\n{remove} {state / FOLDER}"
    assert (told, hint) == (raised.value.message, raised.value.hint)
    with pytest.raises(RefusedError):
        outbox.submit(OTHER, [BEN])
    assert {"11aa.eml": AMINA.data, "version": SEND.digest.encode()} == copies(state)


def test_sends_have_folders_of_their_own(outbox: Outbox, state: Path) -> None:
    """Another issue and another list know nothing of this send."""
    outbox.submit(SEND, [AMINA])
    for other in (Send("2026-02", "practitioners", "b" * 64), Send("2026-01", "schools", "b" * 64)):
        assert {} == outbox.done(other)
        outbox.submit(other, [BEN])
    names = ["2026-01--practitioners", "2026-01--schools", "2026-02--practitioners"]
    assert names == sorted(folder.name for folder in (state / "outbox").iterdir())


def test_where(tmp_path: Path) -> None:
    """Where the copies go is told whole, wherever the state is kept and whatever it is called."""
    for name in (".newsletter", "kept"):
        assert f"{(tmp_path / name).as_posix()}/{FOLDER}" == Outbox({}, state=tmp_path / name).where(SEND)


def test_it_has_no_settings(state: Path) -> None:
    """A setting that it does not know is named, with what to do."""
    with pytest.raises(ConfigError) as raised:
        Outbox({"folder": "/tmp"}, state=state)  # noqa: S108  never used
    assert ('newsletter.yaml: outbox has no setting "folder"', 'Did you mean "file"?') == (
        raised.value.message, raised.value.hint,
    )  # fmt: skip


def test_neither_address_nor_mail_in_its_words() -> None:
    """A copy shows neither the address nor the mail when it is printed."""
    assert repr(AMINA) == "Copy(key='11aa')"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_modes(outbox: Outbox, state: Path) -> None:
    """Even under umask 000 the folders are 0700 and the files 0600."""
    before = os.umask(0)
    try:
        outbox.submit(SEND, [AMINA])
    finally:
        os.umask(before)
    everything = [state, *state.rglob("*")]
    modes = {f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in everything if path.is_dir()}
    assert ({"0700"}, {"0600"}) == (
        modes,
        {f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in everything if path.is_file()},
    )


def test_a_disk_without_room(outbox: Outbox, state: Path) -> None:
    """A copy that does not fit is an error with what to do; those before it stay, and count as done."""
    big = Copy("33cc", "cara@example.org", b"x" * 1_001)
    with small_disk_of(1_000), pytest.raises(ConfigError) as raised:
        outbox.submit(SEND, [AMINA, big, BEN])
    assert (3, "the outbox cannot be written: File too large") == (raised.value.exit_code, raised.value.message)
    assert {"11aa.eml", "version"} == set(copies(state))
    assert {"11aa"} == set(outbox.done(SEND))
