"""Secrets: where they come from, what cannot be one, who else could read them, and that they never show."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
import pytest
from components import missing
from hypothesis import assume, given
from hypothesis import strategies as st

from newsletter import credentials
from newsletter.cli import cli
from newsletter.config import _SECRET
from newsletter.credentials import Secret, read_secret, without_secrets
from newsletter.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither modes nor links for everybody")
KEY = "k3y-0f-the-service"


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no secret of another test, and no keyring."""
    monkeypatch.setattr(credentials, "_spellings", set())
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("SMTP_PASSWORD", "SMTP_PASSWORD__EARLY_YEARS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes secrets.env into the state folder."""

    def write(text: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "secrets.env"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


def read(state: Path, **options: Any) -> str:
    """Return the text of the secret SMTP_PASSWORD."""
    return read_secret("SMTP_PASSWORD", state=state, **options).reveal()


def refusal(state: Path, **options: Any) -> ConfigError:
    """Return the error that reading SMTP_PASSWORD ends with."""
    with pytest.raises(ConfigError) as caught:
        read(state, **options)
    assert 3 == caught.value.exit_code
    return caught.value


# --- a secret does not show ---


@pytest.mark.parametrize(
    "show",
    [
        repr, str, format, "{}".format, "{!r:>9}".format, "{:>40}".format,
        lambda secret: f"{secret}", lambda secret: "%s" % secret, lambda secret: "%r" % (secret,),  # noqa: UP031
        lambda secret: json.dumps({"key": secret}, default=str), lambda secret: str([secret]),
        lambda secret: repr(copy.copy(secret)), lambda secret: repr(copy.deepcopy({"key": secret})),
        lambda secret: str([getattr(secret, name) for name in dir(secret)]),
    ],
)  # fmt: skip
def test_a_secret_shows_stars(show: Callable[[Secret], str]) -> None:
    """However a secret is shown or copied, there are stars in its place."""
    shown = show(Secret(KEY))
    assert (True, False) == ("***" in shown, KEY in shown)


@pytest.mark.parametrize(
    "store", [pickle.dumps, json.dumps, vars, hash, bytes, *(lambda s, n=n: s.__reduce_ex__(n) for n in range(6))]
)
def test_a_secret_is_not_stored(store: Callable[[Secret], object]) -> None:
    """It cannot be pickled, written as JSON or hashed, has no attributes to list, and the refusal does not tell it."""
    with pytest.raises(TypeError) as caught:
        store(Secret(KEY))
    assert KEY not in str(caught.value)


def test_a_secret_is_compared_by_its_text() -> None:
    """Two secrets of one text are equal; a secret is not equal to its text."""
    assert [True, True, False, False] == [
        Secret(KEY) == Secret(KEY), Secret("caf\u00e9") == Secret("caf\u00e9"),
        Secret(KEY) == Secret("other"), Secret(KEY) == KEY,
    ]  # fmt: skip


def test_a_report_with_locals_shows_stars() -> None:
    """A traceback that prints the local names has stars for a secret, in whatever holds it."""
    from traceback import TracebackException  # noqa: PLC0415

    def log_in(key: Secret, settings: dict[str, Secret]) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError) as caught:
        log_in(Secret(KEY), {"password": Secret(KEY)})
    _, *inner = TracebackException.from_exception(caught.value, capture_locals=True).stack
    assert [{"key": "***", "settings": "{'password': ***}"}] == [frame.locals for frame in inner]


@given(st.text(min_size=1), st.text())
def test_no_text_holds_a_secret_that_is_known(value: str, before: str) -> None:
    """Whatever a secret is made of, neither it nor a text that went through `without_secrets` shows it."""
    assume("*" not in value)  # the stars themselves may spell such a one anew
    credentials._spellings.clear()
    secret = Secret(value)
    text = f"{before}{value} {value!r} {value!a} {[value]} {json.dumps(value)} {before}"
    assert value not in without_secrets(text)
    assert value == secret.reveal()
    assert {"***"} == {f"{secret}", f"{secret!r}", "{:>9}".format(secret)}  # noqa: UP032
    credentials._spellings.clear()


@pytest.mark.parametrize("value", ["pa'ss", 'pa"ss', "p'a\"s\\s", "caf\u00e9 \U0001f511", "a/b?c=d&e", "x y"])
@pytest.mark.parametrize(
    "spell",
    [
        lambda value: str(KeyError(value)), lambda value: str(KeyError(f"it's \"{value}\"")), ascii,
        lambda value: repr(value.encode()), lambda value: f"https://x/?k={quote(value, safe='')}",
        lambda value: json.dumps({"key": value}), lambda value: b64encode(value.encode()).decode(),
    ],
)  # fmt: skip
def test_other_spellings(value: str, spell: Callable[[str], str]) -> None:
    """A secret is found as repr, JSON, a URL and base64 write it: nothing but stars is left of it, whatever it is."""
    Secret(value)
    Secret("other")
    left, expected = (without_secrets(spell(text)).replace('"', "'") for text in (value, "other"))
    assert ("***" in expected, expected) == (True, left)


# --- the places, in their order ---


@pytest.mark.parametrize(
    ("environment", "lines", "list_name", "expected"),
    [
        ({"SMTP_PASSWORD": "a"}, "SMTP_PASSWORD=b", "", "a"),
        ({}, "SMTP_PASSWORD=b", "", "b"),
        ({"SMTP_PASSWORD": "a", "SMTP_PASSWORD__EARLY_YEARS": "c"}, "", "early-years", "c"),
        ({"SMTP_PASSWORD": "a", "SMTP_PASSWORD__EARLY_YEARS": "c"}, "", "", "a"),
        ({"SMTP_PASSWORD": "a", "SMTP_PASSWORD__EARLY_YEARS": "c"}, "", "schools", "a"),
        ({"SMTP_PASSWORD": "a"}, "", "early-years", "a"),
        ({}, "SMTP_PASSWORD=b\nSMTP_PASSWORD__EARLY_YEARS=d", "early-years", "d"),
        ({}, "SMTP_PASSWORD=b\nSMTP_PASSWORD__EARLY_YEARS=d", "", "b"),
        ({"SMTP_PASSWORD": "a"}, "SMTP_PASSWORD__EARLY_YEARS=d", "early-years", "d"),
    ],
)
def test_order(  # noqa: PLR0917  a table
    environment: dict[str, str],
    lines: str,
    list_name: str,
    expected: str,
    tmp_path: Path,
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name for the list comes before the name for all, and of one name the environment before the file."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write(lines)
    assert expected == read(tmp_path, list_name=list_name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SMTP_PASSWORD=a=b", "a=b"),
        ("# ours\n\nOTHER=x\nexport SMTP_PASSWORD=abc\n", "abc"),
        ("SMTP_PASSWORD = abc  \r\n", "abc"),
        ("\ufeffSMTP_PASSWORD=abc", "abc"),
        ("SMTP_PASSWORD='a b # c'", "a b # c"),
        ('SMTP_PASSWORD="it\'s"', "it's"),
        ("SMTP_PASSWORD=it's", "it's"),
        ("SMTP_PASSWORD=a#b", "a#b"),
        ("SMTP_PASSWORD=caf\u00e9", "caf\u00e9"),
    ],
)
def test_lines(text: str, expected: str, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A line is NAME=value, with or without export, one pair of quotes, blanks at its end, and notes between."""
    write(text)
    assert expected == read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"\nSMTP_PASSWORD: {KEY}", "secrets.env:2: this line is no secret"),
        (f"SMTP-PASSWORD={KEY}", "secrets.env:1: this line is no secret"),
        (KEY, "secrets.env:1: this line is no secret"),
        (f"OTHER={KEY}\nOTHER=x", "secrets.env:2: OTHER stands here a second time"),
        (f"SMTP_PASSWORD={KEY} # new", "secrets.env:1: SMTP_PASSWORD holds a #"),
        (f"SMTP_PASSWORD='{KEY}", "secrets.env:1: SMTP_PASSWORD does not end with the quote it begins with"),
        (f"SMTP_PASSWORD='{KEY}' # new", "secrets.env:1: SMTP_PASSWORD does not end with the quote it begins with"),
        ("SMTP_PASSWORD='", "secrets.env:1: SMTP_PASSWORD does not end with the quote it begins with"),
        (f"SMTP_PASSWORD={KEY}".encode("utf-16"), "{path} is not UTF-8 text"),
        (f"SMTP_PASSWORD={KEY}\u00e9".encode("cp1252"), "{path} is not UTF-8 text"),
    ],
)
def test_lines_that_cannot_be_read(text: str | bytes, message: str, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A line that could be meant in two ways is told by its number, without what stands in it."""
    path = write(text)
    error = refusal(tmp_path)
    assert (message.format(path=path), False) == (error.message, KEY in error.message + error.hint)
    assert error.hint


# --- bad-inputs E1: missing, or no secret ---


def test_e1_missing(tmp_path: Path) -> None:
    """A secret that is nowhere is told with the three places and the very line for each."""
    state = tmp_path / "my state"
    error = refusal(state)
    expected = f"""\
        It may stand in one of three places. In the environment:
          export SMTP_PASSWORD='the-value'
        In {state}/secrets.env, which is yours alone after: chmod 600 '{state}/secrets.env'
          SMTP_PASSWORD=the-value
        In this computer's keyring, after: pip install 'newsletter[keyring]'
          keyring set newsletter SMTP_PASSWORD"""
    if os.name == "posix":
        assert ("SMTP_PASSWORD is missing", dedent(expected)) == (error.message, error.hint)
    own = refusal(state, list_name="early-years").hint.splitlines()[-1]
    assert "One for this list alone is called SMTP_PASSWORD__EARLY_YEARS." == own


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("\n", "is empty"),
        (f"{KEY}\n", "holds a line break"),
        (f"{KEY}\r", "holds a line break"),
        (f"{KEY}\nX", "holds a line break"),
        (f" {KEY}", "has a blank round it"),
        (f"{KEY}\u00a0", "has a blank round it"),
        (f"{KEY}\t", "has a blank round it"),
        (f"{KEY}\x00"[:-1] + "\x1b[0m", "holds a character that cannot be seen"),
        (f"{KEY}\u200b", "holds a character that cannot be seen"),
        (f"{KEY}\u2028X", "holds a character that cannot be seen"),
        (f"{KEY}\udcff", "holds a character that cannot be seen"),
        (f"'{KEY}'", "has quotes round it"),
        (f'"{KEY}"', "has quotes round it"),
        (f"\u201c{KEY}\u201d", "has quotes round it"),
    ],
)
@pytest.mark.parametrize("name", ["SMTP_PASSWORD", "SMTP_PASSWORD__EARLY_YEARS"])
def test_e1_what_cannot_be_a_secret(
    value: str, fault: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable, or one with what was copied along, is told by its name and its fault, never its value."""
    monkeypatch.setenv(name, value)
    error = refusal(tmp_path, list_name="early-years")
    assert f"{name} in the environment {fault}" == error.message
    assert "Copy it again, and write it alone: no quotes, blanks or line breaks round it." == error.hint
    assert KEY not in error.message + error.hint


@pytest.mark.parametrize(("text", "fault"), [("", "is empty"), ("''", "is empty"), ("' x'", "has a blank round it")])
def test_e1_in_the_file(text: str, fault: str, tmp_path: Path, write: Callable[..., Path]) -> None:
    """In the file, too, a value is a secret or is refused."""
    write(f"SMTP_PASSWORD={text}")
    assert f"SMTP_PASSWORD in secrets.env {fault}" == refusal(tmp_path).message


# --- bad-inputs E3: no secret on the command line ---


def commands(group: click.Group) -> Iterator[click.Command]:
    """Yield every command of *group* and of the groups in it."""
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def test_e3_no_option_is_a_secret() -> None:
    """No option or argument of any command is called like a secret: processes and shells keep what was typed."""
    named = {name for command in (cli, *commands(cli)) for param in command.params for name in param.opts}
    assert ("--debug" in named, []) == (True, [name for name in named if _SECRET.search(name)])


@pytest.mark.parametrize("typed", [[f"--password={KEY}"], ["--api-key", KEY], [f"-p{KEY}"]])
def test_e3_a_secret_that_is_typed(typed: list[str], tmp_path: Path) -> None:
    """Typed all the same, it is a usage error that does not repeat it."""
    command = [sys.executable, "-m", "newsletter", "send", *typed]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")
    assert (2, "", False) == (done.returncode, done.stdout, KEY in done.stderr)
    assert "No such option" in done.stderr


# --- bad-inputs E4: who else can read the file ---


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_e4_a_private_file(mode: int, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that its owner alone can read is read."""
    write(f"SMTP_PASSWORD={KEY}", mode)
    assert KEY == read(tmp_path)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601])
def test_e4_a_file_that_others_can_read(mode: int, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that others can do anything with is refused with the command to type, and that command mends it."""
    path = write(f"SMTP_PASSWORD={KEY}", mode)
    error = refusal(tmp_path)
    assert f"{path} can be read by others on this computer" == error.message
    first, line = error.hint.split("\n")
    assert ("Make it yours alone:", f"  chmod 600 {path}") == (first, line)
    subprocess.run(["sh", "-c", line], check=True)
    assert KEY == read(tmp_path)


@posix
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo"])
def test_e4_an_ordinary_file(kind: str, tmp_path: Path, write: Callable[..., Path]) -> None:
    """A link, a folder or a FIFO in its place is refused, not followed and not waited for."""
    path = write(f"SMTP_PASSWORD={KEY}").rename(tmp_path / "elsewhere")
    file = tmp_path / "secrets.env"
    makers: dict[str, Callable[[], object]] = {
        "link": lambda: file.symlink_to(path),
        "dangling": lambda: file.symlink_to(tmp_path / "nowhere"),
        "folder": file.mkdir,
        "fifo": lambda: os.mkfifo(file),
    }
    makers[kind]()
    assert f"{file} is not an ordinary file" == refusal(tmp_path).message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_e4_a_file_of_somebody_else(tmp_path: Path, write: Callable[..., Path]) -> None:
    """A file that another account owns is not ours to trust."""
    path = write(f"SMTP_PASSWORD={KEY}")
    os.chown(path, 65534, -1)
    assert f"{path} belongs to somebody else" == refusal(tmp_path).message


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a state folder that holds a secret."""
    if shutil.which("git") is None:
        missing("git")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    state = tmp_path / ".newsletter"
    state.mkdir()
    (state / "secrets.env").touch(0o600)
    (state / "secrets.env").write_text(f"SMTP_PASSWORD={KEY}", "utf-8")
    return state


def test_e4_git_would_take_the_file(repository: Path) -> None:
    """A file that the next ``git add`` would take is refused with the line to add, and that line mends it."""
    file = repository / "secrets.env"
    error = refusal(repository)
    assert f"git would take {file} along" == error.message
    first, line = error.hint.split("\n")
    assert f"Add this line to {repository.parent / '.gitignore'}:" == first
    (repository.parent / ".gitignore").write_text(line.strip() + "\n", "utf-8")
    assert KEY == read(repository)


def test_e4_git_has_the_file(repository: Path) -> None:
    """A file that git has is refused even where it is ignored, with the command that takes it out."""
    root = repository.parent
    (root / ".gitignore").write_text("/.newsletter/\n", "utf-8")
    assert KEY == read(repository)
    subprocess.run(["git", "add", "-f", ".newsletter/secrets.env"], cwd=root, check=True)
    error = refusal(repository)
    assert f"git has {repository / 'secrets.env'}, and whoever gets the repository has your keys" == error.message
    subprocess.run(error.hint.split("\n")[1].split(), cwd=root, check=True, capture_output=True)
    assert KEY == read(repository)


def test_e4_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git to ask, the file is read."""
    monkeypatch.setenv("PATH", str(repository))
    assert KEY == read(repository)


@posix
def test_git_gets_no_secret(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a secret in our environment nor a GIT_DIR of a hook reaches git."""
    tool = repository / "git"
    tool.write_text(f'#!/bin/sh\n/usr/bin/env >> "{repository}/seen"\nexit 0\n', "utf-8")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(repository))
    monkeypatch.setenv("MAILGUN_API_KEY", KEY)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    refusal(repository)
    seen = (repository / "seen").read_text("utf-8")
    assert (True, False, False) == ("PATH=" in seen, KEY in seen, "GIT_DIR" in seen)


# --- the keyring: a real one, with backends of its own in a real process ---

BACKEND = """\
import logging
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        logging.getLogger("keyring.test").warning("asked for k3y-0f-the-service")
        {act}
    def set_password(self, *words): ...
    def delete_password(self, *words): ...
"""
ASK = """\
import sys
from pathlib import Path
from newsletter.credentials import read_secret
from newsletter.crashes import quiet_libraries
from newsletter.errors import ConfigError
quiet_libraries()
try:
    print(read_secret("SMTP_PASSWORD", state=Path(sys.argv[1]), list_name=sys.argv[2]).reveal())
except ConfigError as error:
    print(error.message)
"""


@pytest.mark.parametrize(
    ("backend", "act", "list_name", "expected"),
    [
        ("ours", "return {('newsletter', 'SMTP_PASSWORD'): 'kept'}.get((service, username))", "", "kept"),
        ("ours", "return {'SMTP_PASSWORD': 'kept'}.get(username)", "schools", "kept"),
        ("ours", "return username", "schools", "SMTP_PASSWORD__SCHOOLS"),
        ("ours", "return ' kept'", "", "SMTP_PASSWORD in the keyring has a blank round it"),
        ("ours", "return None", "", "SMTP_PASSWORD is missing"),
        ("ours", "raise RuntimeError('k3y-0f-the-service')", "", "SMTP_PASSWORD is missing"),
        ("keyring.backends.fail", "pass", "", "SMTP_PASSWORD is missing"),
        ("keyring.backends.null", "pass", "", "SMTP_PASSWORD is missing"),
        ("not_there", "pass", "", "SMTP_PASSWORD is missing"),
    ],
)
def test_keyring(backend: str, act: str, list_name: str, expected: str, tmp_path: Path) -> None:
    """The keyring is asked last; one that fails, is not there or answers nothing is none, and says nothing."""
    pytest.importorskip("keyring", reason="the extra newsletter[keyring] is not installed")
    (tmp_path / "ours.py").write_text(BACKEND.format(act=act), "utf-8")
    path = os.pathsep.join([str(tmp_path), str(Path(credentials.__file__).parents[1])])
    environment = os.environ | {"PYTHON_KEYRING_BACKEND": f"{backend}.Keyring", "PYTHONPATH": path}
    command = [sys.executable, "-c", ASK, str(tmp_path), list_name]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, encoding="utf-8")
    assert (f"{expected}\n", "") == (done.stdout, done.stderr)


def test_keyring_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, a secret that is nowhere else is missing."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "SMTP_PASSWORD is missing" == refusal(tmp_path).message
