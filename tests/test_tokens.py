"""The workspace's key, and the tokens derived from it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsletter
from newsletter.errors import ConfigError
from newsletter.tokens import address_key, person_key, read_token, unsubscribe_token, workspace_key

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


def token_for(address: str, list_name: str = "practitioners", key: bytes = KEY) -> str:
    """Return the token by which whoever has *address* leaves *list_name*."""
    return unsubscribe_token(key, list_name=list_name, person=person_key(key, address))


TOKEN = token_for("sam@example.org")
REFUSAL = "not an unsubscribe token of this workspace"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither modes nor FIFOs")


def mode(path: Path) -> int:
    """Return the permission bits of *path*."""
    return stat.S_IMODE(path.lstat().st_mode)


def test_key_is_made_once(tmp_path: Path) -> None:
    """The first use makes 32 bytes, every later one reads the same, and nothing else is left in the folder."""
    state = tmp_path / "project" / ".newsletter"
    first = workspace_key(state)
    assert (32, first, ["key"]) == (len(first), workspace_key(state), [path.name for path in state.iterdir()])


@pytest.mark.parametrize("kept", ["outbox", "ledger.db", "people.db"])
def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path, kept: str) -> None:
    """Where mail was made with a key that is gone, a new one would not know whom it went to: refused."""
    workspace_key(tmp_path)
    (tmp_path / kept).mkdir()
    (tmp_path / "key").unlink()
    with pytest.raises(ConfigError, match="the workspace's key is gone"):
        workspace_key(tmp_path)
    assert not (tmp_path / "key").exists()


def test_keys_differ(tmp_path: Path) -> None:
    """Two workspaces have two keys."""
    assert workspace_key(tmp_path / "a") != workspace_key(tmp_path / "b")


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_key_is_private(tmp_path: Path, umask: int) -> None:
    """Whatever the umask, the folder is for its owner alone and so is the key."""
    before = os.umask(umask)
    try:
        workspace_key(tmp_path / "state")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "state"), mode(tmp_path / "state" / "key")) == (0o700, 0o600)


@posix
def test_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    """A folder that somebody else made is not ours to lock."""
    tmp_path.chmod(0o755)
    workspace_key(tmp_path)
    assert (mode(tmp_path), mode(tmp_path / "key")) == (0o755, 0o600)


def test_two_at_once_end_with_one_key(tmp_path: Path) -> None:
    """Processes that start together on a new workspace all come back with the same key."""
    program = (
        "import pathlib, sys; from newsletter.tokens import *; print(workspace_key(pathlib.Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "state")]
    home = Path(newsletter.__file__).parents[1]
    processes = [subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    printed = {process.communicate()[0].strip() for process in processes}
    assert {workspace_key(tmp_path / "state").hex()} == printed


def test_quicker_process_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that another process made between our look and our writing is the one we use."""
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    (tmp_path / "key").write_bytes(KEY)
    assert workspace_key(tmp_path) == KEY


def test_key_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system has no hard links, a key is made all the same."""

    def no_links(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert workspace_key(tmp_path) == (tmp_path / "key").read_bytes()


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33], ids=["empty", "short", "long"])
def test_damaged_key_is_never_recreated(tmp_path: Path, content: bytes) -> None:
    """A key of the wrong length is an error of the machine, and stays as it is."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError, match="the workspace's key is damaged"):
        workspace_key(tmp_path)
    assert content == (tmp_path / "key").read_bytes()


@posix
@pytest.mark.parametrize("kind", ["symlink", "dangling", "folder", "fifo"])
def test_key_is_a_regular_file(tmp_path: Path, kind: str) -> None:
    """A link, a folder or a FIFO in the place of the key is refused, not followed and not waited for."""
    path = tmp_path / "key"
    elsewhere = tmp_path / ("x" * 32)  # a link is as long as the path in it
    elsewhere.write_bytes(KEY)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(elsewhere.name if kind == "symlink" else "nowhere")
    with pytest.raises(ConfigError, match="the workspace's key is damaged"):
        workspace_key(tmp_path)


def test_state_that_is_a_file(tmp_path: Path) -> None:
    """A state folder that cannot be one is an error of the machine, with the variable that moves it in the hint."""
    (tmp_path / "state").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read or made") as caught:
        workspace_key(tmp_path / "state")
    assert "NEWSLETTER_STATE" in caught.value.hint


def test_address_key() -> None:
    """The key of an address is 32 bytes, the same each time, and another for another person or workspace."""
    keys = [address_key(key, a) for key in (KEY, OTHER_KEY) for a in ("sam@example.org", "jo@example.org")]
    assert ([len(key) for key in keys], len(set(keys))) == ([32, 32, 32, 32], 4)
    assert keys[0] == address_key(KEY, "sam@example.org")


def test_keys_and_tokens_are_fixed() -> None:
    """What earlier releases wrote must be found again: the bytes below never change."""
    fixed_key = "145dfcb00bc89a3da417c5b9cdd6e835702b8cf713735377c14832d87b5fd532"
    fixed_token = "AcOHpW0UXfywC8iaPaQXxbnN1ug1cHJhY3RpdGlvbmVyc5vbOkvL0_hpTnz4Foel2fg"  # noqa: S105 - the key is public
    assert (fixed_key, fixed_token) == (address_key(KEY, "sam@example.org").hex(), TOKEN)


def test_a_key_made_in_between_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another process makes the key, and then its ledger, just after one looked for a key, both have the same."""
    key = workspace_key(tmp_path)
    (tmp_path / "ledger.db").touch()
    first, look = iter([False]), os.path.lexists
    monkeypatch.setattr(os.path, "lexists", lambda path: next(first, look(path)))
    assert key == workspace_key(tmp_path)


@given(st.from_regex("[a-z0-9][a-z0-9-]{0,40}", fullmatch=True), st.binary(min_size=32, max_size=32))
def test_token_round_trip(list_name: str, key: bytes) -> None:
    """A token tells its list and the first half of its address key, and is made of letters, digits, - and _ alone."""
    token = token_for("sam@example.org", list_name, key)
    assert (list_name, address_key(key, "sam@example.org")[:16]) == read_token(key, token)
    assert set(token) <= set(ALPHABET)


def test_token_does_not_depend_on_spelling() -> None:
    """However an address is written in a list, its token is the same."""
    assert token_for(" Sam@EXAMPLE.org ") == TOKEN


def test_tokens_differ() -> None:
    """Another list, another person and another workspace each have another token."""
    made = {
        token_for(address, list_name, key)
        for key in (KEY, OTHER_KEY)
        for list_name in ("practitioners", "schools")
        for address in ("sam@example.org", "jo@example.org")
    }
    assert len(made) == 8


@pytest.mark.parametrize(
    "token",
    [
        "",
        "=",
        "A",
        "AAAA",
        TOKEN[:-1],
        TOKEN[:-4],
        TOKEN[1:],
        TOKEN + "A",
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.swapcase(),
        TOKEN * 150,
        "A" * 10_000,
        "\u0430" + TOKEN[1:],
        "\uff21" * len(TOKEN),
        "\0",
        token_for("sam@example.org", key=OTHER_KEY),
        TOKEN[: len(TOKEN) // 2] + token_for("sam@example.org", "partners-only")[len(TOKEN) // 2 :],
    ],
    ids=range(19),
)
def test_bad_token(token: str) -> None:
    """Cut short, foreign, of another list, of 10,000 characters, or no token at all: one and the same refusal (I10)."""
    with pytest.raises(ValueError, match=f"^{REFUSAL}$"):
        read_token(KEY, token)


def test_no_character_of_a_token_may_change() -> None:
    """Any other character in any place is refused, also in the last, where base64 has bits to spare."""
    for place, character in enumerate(TOKEN):
        for other in set(ALPHABET) - {character}:
            with pytest.raises(ValueError, match=REFUSAL):
                read_token(KEY, TOKEN[:place] + other + TOKEN[place + 1 :])


@given(st.text())
def test_any_text_is_refused(token: str) -> None:
    """No text breaks the reading of tokens."""
    with pytest.raises(ValueError, match=REFUSAL):
        read_token(KEY, token)
