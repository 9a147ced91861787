"""The outbox writes each copy once, whole and for its owner alone, and never mixes two messages."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from components import small_disk_of

from newsletter.errors import ConfigError
from newsletter.message import GREETING, Edition, Mailbox, Recipient, Sender, compose, copy_for
from newsletter.providers import Addressee, Machine, Outcome, Result, Send, provider_names, provider_type
from newsletter.providers.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from newsletter.credentials import Secret

    Submit = Callable[[Send, Sequence[Addressee]], list[Result]]

FROM = Sender(Mailbox("News", "news@example.org"), Mailbox("", "office@example.org"), "Example Partnership")
EDITION = Edition("2026-01", "January 2026 newsletter", "Dates", "<p>Hello</p>\n", "Hello\n")
SEND = Send(
    compose(EDITION, FROM, list_name="practitioners", list_title="Practitioners"), datetime(2026, 1, 5, 9, tzinfo=UTC)
)
AMINA = Addressee("11aa", Recipient("amina@example.org", "Amina Khan", "Hello Amina,"))
BEN = Addressee("22bb", Recipient("ben@example.org", greeting="Hello,"))
TAKEN = Outcome.ACCEPTED
FOLDER = "outbox/2026-01--practitioners"


def of(text: str, *, issue: str = "2026-01", list_name: str = "practitioners") -> Send:
    """A send of other words, or of another issue, or to another list."""
    edition = replace(EDITION, text=text, issue=issue)
    return replace(SEND, message=compose(edition, FROM, list_name=list_name, list_title="Practitioners"))


def data(send: Send, person: Addressee) -> bytes:
    """The copy of *person*."""
    return copy_for(send.message, person.recipient, date=send.date)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the state of a workspace is kept."""
    return tmp_path / ".newsletter"


def no_secret(_name: str) -> Secret:
    """The outbox asks for no secret."""
    raise AssertionError


@pytest.fixture
def outbox(state: Path) -> Outbox:
    """An outbox that nothing lies in yet."""
    return Outbox({}, Machine(state, no_secret))


@pytest.fixture
def submit(outbox: Outbox) -> Submit:
    """A function that hands copies over and returns all results."""
    return lambda send, people: list(outbox.submit(send, people))


def copies(state: Path) -> dict[str, bytes]:
    """Every file in the outbox of the send, hidden ones too."""
    return {file.name: file.read_bytes() for file in (state / FOLDER).iterdir()}


def test_it_is_found_by_its_name(outbox: Outbox) -> None:
    """The provider "outbox" is the Outbox, has no settings, and is a rehearsal that may be repeated."""
    found = provider_type("outbox")
    assert (True, Outbox, frozenset(), True, True, "outbox") == (
        "outbox" in provider_names(),
        found,
        found.settings,
        found.is_rehearsal,
        found.is_repeatable,
        outbox.account,
    )


def test_each_copy_is_a_file(submit: Submit, state: Path) -> None:
    """Each copy lies in a file named by its key, byte by byte, and nothing lies beside them."""
    assert [Result("11aa", TAKEN), Result("22bb", TAKEN)] == submit(SEND, [AMINA, BEN])
    assert {"11aa.eml": data(SEND, AMINA), "22bb.eml": data(SEND, BEN)} == copies(state)


def test_what_is_there_is_not_written_again(submit: Submit, state: Path) -> None:
    """The same copies again count as accepted, and the first file stays; what a killed send left is in nobody's way."""
    submit(SEND, [AMINA])
    (state / FOLDER / ".22bb.eml.x1y2").write_bytes(b"what a killed send leaves")
    before = (state / FOLDER / "11aa.eml").stat()
    assert [Result("11aa", TAKEN), Result("22bb", TAKEN)] == submit(SEND, [AMINA, BEN])
    after = (state / FOLDER / "11aa.eml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert data(SEND, BEN) == copies(state)["22bb.eml"]


@pytest.mark.parametrize("other", [of("Other words\n"), replace(SEND, date=SEND.date + timedelta(minutes=1))])
def test_another_message_is_refused(other: Send, submit: Submit, outbox: Outbox, state: Path) -> None:
    """A copy of another message in the place of one is kept and refused; those left are told of, and not written."""
    submit(SEND, [AMINA])
    results = outbox.submit(other, [AMINA, BEN])
    left = [Result("11aa", Outcome.PLANNED), Result("22bb", Outcome.PLANNED)]
    assert left == [next(results), next(results)]
    with pytest.raises(ConfigError) as raised:
        next(results)
    assert ("11aa.eml in the outbox is another message", "Move the file away.") == (
        raised.value.message,
        raised.value.hint,
    )
    assert {"11aa.eml": data(SEND, AMINA)} == copies(state)


def test_sends_have_folders_of_their_own(submit: Submit, state: Path) -> None:
    """Another issue, list or edition, and a test, know nothing of this send."""
    others = [
        of("Hello\n", issue="2026-02"),
        of("Hello\n", list_name="schools"),
        replace(of("Corrected\n"), edition=2),
        replace(SEND, is_test=True),
    ]
    for send in (SEND, *others):
        assert [Result("11aa", TAKEN)] == submit(send, [AMINA])
    names = ["2026-01--practitioners", *(f"2026-01--practitioners--{end}" for end in ("2", "test"))]
    assert sorted([*names, "2026-01--schools", "2026-02--practitioners"]) == sorted(
        folder.name for folder in (state / "outbox").iterdir()
    )
    assert data(SEND, AMINA) == copies(state)["11aa.eml"]


def test_where(tmp_path: Path) -> None:
    """Where the copies go is told whole, wherever the state is kept and whatever it is called."""
    for name in (".newsletter", "kept"):
        told = Outbox({}, Machine(tmp_path / name, no_secret)).where(SEND)
        assert f"{(tmp_path / name).as_posix()}/{FOLDER}" == told


def test_it_has_no_settings(state: Path) -> None:
    """A setting that it does not know is named, with what to do."""
    with pytest.raises(ConfigError) as raised:
        Outbox({"folder": "/tmp"}, Machine(state, no_secret))  # noqa: S108  never used
    assert ('newsletter.yaml: outbox has no setting "folder"', 'Did you mean "file"?') == (
        raised.value.message, raised.value.hint,
    )  # fmt: skip


def test_neither_address_nor_mail_in_its_words() -> None:
    """A person and a send show neither an address nor the mail when they are printed."""
    assert "Addressee(key='11aa')" == repr(AMINA)
    assert [] == [word for word in ("Hello", "example.org") if word in repr(SEND)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_modes(submit: Submit, state: Path) -> None:
    """Even under umask 000 the folders are 0700 and the files 0600."""
    before = os.umask(0)
    try:
        submit(SEND, [AMINA])
    finally:
        os.umask(before)
    everything = [state, *state.rglob("*")]
    modes = {f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in everything if path.is_dir()}
    assert ({"0700"}, {"0600"}) == (
        modes,
        {f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in everything if path.is_file()},
    )


def test_a_disk_without_room(outbox: Outbox, submit: Submit, state: Path) -> None:
    """A copy that does not fit is an error with what to do; those before it stay, and those behind it may be sent."""
    cara = Addressee("33cc", Recipient("cara@example.org", greeting="x" * 20_000))
    greeted = of(f"{GREETING}\n")
    results = outbox.submit(greeted, [AMINA, cara, BEN])
    with small_disk_of(10_000), pytest.raises(ConfigError) as raised:
        list(results)
    assert (3, "the outbox cannot be written: File too large") == (raised.value.exit_code, raised.value.message)
    assert {"11aa.eml"} == set(copies(state))
    assert [Result("11aa", TAKEN), Result("22bb", TAKEN)] == submit(greeted, [AMINA, BEN])
