"""Secrets: where they come from, what cannot be one, and that they never show."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING
from urllib.parse import quote

import click
import pytest
import secretfiles
from hypothesis import assume, given
from hypothesis import strategies as st
from secretfiles import KEY, read, refusal

from newsletter import credentials
from newsletter.cli import cli
from newsletter.config import _SECRET
from newsletter.credentials import Secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_no_secrets, write = secretfiles._no_secrets, secretfiles.write

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
