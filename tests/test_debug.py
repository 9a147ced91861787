"""What is left behind when something goes wrong: words, with --debug a masked traceback, and no core dump."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import newsletter
from newsletter import credentials
from newsletter.crashes import masked, rendered
from newsletter.credentials import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "k3y'0f/the \"service\\"
ADDRESS = "jane.doe@example.org"
HOME = Path(newsletter.__file__).parents[1]

# The real program, with one command more that goes wrong as the test says.
PROGRAM = """\
import atexit, logging, sys, threading
from pathlib import Path
from newsletter.cli import cli, main
from newsletter.credentials import read_secret
from newsletter.errors import ConfigError, RefusedError

@cli.command("break")
def break_it():
    secret = read_secret("SMTP_PASSWORD", state=Path("/nowhere"))
    key, person = secret.reveal(), "jane.doe@example.org"
    {act}

class Dying:
    def __init__(self, words):
        self.words = words
    def __repr__(self):
        return self.words
    def __del__(self):
        raise ValueError(self.words)

def in_a_thread(act):
    thread = threading.Thread(target=act, name=str(act))
    thread.start()
    thread.join()

def fail(*words):
    raise ValueError(*words)

{outside}
main()
"""

# Ways to go wrong with a key and an address, the exit code, and what a person is told without --debug.
OWN = "error: newsletter has a fault of its own ({}). Nothing more was done.\n  To see where it happened, {}\n"
OWN_FAULT = OWN.format("{}", "begin the command with: newsletter --debug")
PART = OWN_FAULT.replace("newsletter has a fault", "a part of newsletter ended by a fault").replace(
    ". Nothing more was done.", ""
)
FAULTS = {
    "text": ('fail(f"{person} cannot log in with {key}")', 3, OWN_FAULT.format("ValueError")),
    "repr": ("fail(key, [person], {'key': key})", 3, OWN_FAULT.format("ValueError")),
    "key error": ("{}[key + person]", 3, OWN_FAULT.format("KeyError")),
    "note": (
        "error = ValueError(); error.add_note(key + ' ' + person); raise error", 3, OWN_FAULT.format("ValueError"),
    ),
    "group": (
        "raise ExceptionGroup(key, [ValueError(person), KeyError(key)])", 3, OWN_FAULT.format("ExceptionGroup"),
    ),
    "chained": ("""try:
        fail(key, person)
    except ValueError as error:
        raise RefusedError("Not sent: ours.", "Do this.") from error""", 6, "Not sent: ours.\n  Do this.\n"),
    "handled": ("""try:
        fail(key, person)
    except ValueError:
        raise ConfigError("ours", "Do this.")""", 3, "error: ours\n  Do this.\n"),
    "its own text fails": (
        "raise type('Odd', (Exception,), {'__str__': lambda self: fail(key)})()", 3, OWN_FAULT.format("Odd"),
    ),
    "deep": ("again = lambda key: again(key); again(key)", 3, OWN_FAULT.format("RecursionError")),
    "in a thread": ("in_a_thread(lambda: fail(key, person))", 0, PART.format("ValueError")),
    "exit of a thread": ("in_a_thread(lambda: sys.exit(key))", 0, ""),
    "in a destructor": ("Dying(key + person)", 0, ""),
    "at exit": ("atexit.register(fail, key, person)", 0, ""),
    "when modules go": ("sys.modules['kept'] = Dying(key + person)", 0, ""),
}  # fmt: skip
LOUD = {name: told for name, (_, _, told) in FAULTS.items() if name not in {"exit of a thread", "when modules go"}}


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no secret of another test."""
    monkeypatch.setattr(credentials, "_spellings", set())


def start(act: str, *words: str, outside: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command that goes wrong in a process of its own, with a key in its environment."""
    program = PROGRAM.replace("{act}", act).replace("{outside}", outside)
    return subprocess.run(
        [sys.executable, "-c", program, *words, "break"], cwd=HOME, env=os.environ | {"SMTP_PASSWORD": KEY},
        stdin=subprocess.DEVNULL, capture_output=True, check=False, encoding="utf-8", timeout=120,
    )  # fmt: skip


def private(text: str) -> Iterator[str]:
    """Yield what of the key and the address stands in *text*, in whatever quotes."""
    for word in ("k3y", 'the "service', "jane.doe", "ane.doe@"):
        if word in text:
            yield word


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("debug", [True, False])
def test_e6_no_key_and_no_address(fault: str, debug: bool) -> None:  # noqa: FBT001
    """Wherever something goes wrong with a key and an address at hand, neither is printed; the exit code stays."""
    act, code, _ = FAULTS[fault]
    done = start(act, *(["--debug"] if debug else []))
    assert (code, []) == (done.returncode, list(private(done.stdout + done.stderr))), done.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_no_traceback_without_debug(fault: str) -> None:
    """Without --debug there are words, and nothing about what changed nothing."""
    act, code, told = FAULTS[fault]
    done = start(act)
    assert (code, "", told) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("fault", sorted(LOUD))
def test_a_traceback_with_debug(fault: str) -> None:
    """With --debug it is said where it happened and what the error is, and then the same in words."""
    done = start(FAULTS[fault][0], "--debug")
    words = LOUD[fault].split("\n  To see where")[0]
    assert ("", True, True) == (done.stdout, "Traceback (most recent call last)" in done.stderr, words in done.stderr)
    assert 'File "<string>", line ' in done.stderr
    assert "--debug" not in done.stderr
    if fault == "text":
        assert "ValueError: j...@example.org cannot log in with ***" in done.stderr


def test_a_traceback_is_for_a_terminal() -> None:
    """What a terminal would obey is shown, not done."""
    done = start("fail('\\x1b[2J')", "--debug")
    assert (True, False) == ("\\x1b[2J" in done.stderr, "\x1b" in done.stderr)


def test_an_error_before_any_command() -> None:
    """What goes wrong while the command line is read ends in words, too."""
    outside = "cli.make_context = lambda *a, **k: fail('k3y', 'jane.doe@example.org')"
    done = start("pass", outside=outside)
    assert (1, "", OWN_FAULT.format("ValueError")) == (done.returncode, done.stdout, done.stderr)


def test_ctrl_c_before_any_command() -> None:
    """So does Ctrl-C after the last command."""
    outside = "def stop(*a, **k): raise KeyboardInterrupt\ncli.main = stop"
    assert "\nStopped.\n" == start("pass", outside=outside).stderr


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "requests", "premailer", "keyring", "asyncio"])
def test_libraries_log_nothing(name: str) -> None:
    """What libraries log, warnings and worse too, reaches no terminal, with --debug or without."""
    act = f"[getattr(logging.getLogger({name!r}), level)(key) for level in ('debug', 'warning', 'critical')]"
    for words in ((), ("--debug",)):
        done = start(act, *words)
        assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


# --- the mask ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to jane.doe@example.org.", "to j...@example.org."),
        ("<jane.doe@example.org>", "<j...@example.org>"),
        ("['jane@example.org', 'ben@example.org']", "['j...@example.org', 'b...@example.org']"),
        ("mailto:jane@example.org", "mailto:j...@example.org"),
        ("t=jane%40example.org", "t...%40example.org"),
        ("o'hara@example.org", "o...@example.org"),
        ('"Jane Doe"@example.org', '"..."@example.org'),
        ("j\u00f6rg@m\u00fcnchen.example", "j...@m\u00fcnchen.example"),
        ("jane@localhost", "j...@localhost"),
        ("https://us:pass@example.org/x", "https:/...@example.org/x"),
        ("a@example.org|b@example.org", "a...@example.org"),
        ("    @property", "    @property"),
        ("one @ two", "one @ two"),
        ("a = b[0], c(d)", "a = b[0], c(d)"),
    ],
)
def test_addresses_are_masked(text: str, expected: str) -> None:
    """Of whatever may be an address its first letter and its domain are left; what is none stays."""
    assert expected == masked(text)


def test_a_secret_with_an_at() -> None:
    """A password with an @ in it is a secret first."""
    Secret("p@ssword")
    assert "*** for j...@example.org" == masked("p@ssword for jane@example.org")


def test_a_long_line_takes_no_time() -> None:
    """A megabyte without an address, or of nothing else, is masked all the same."""
    for text in ("a" * 1_000_000, '"' * 1_000_000, "@" * 1_000_000, "a@" * 500_000):
        assert len(masked(text)) <= 1_000_000


# The masks themselves may spell anew what consists of their signs.
SEEN = st.characters(exclude_categories=["C", "Z"], include_characters=" ", exclude_characters="*@.")


@given(st.text(SEEN, min_size=1), st.sampled_from([ValueError, KeyError, OSError, SystemExit, ConnectionError]))
def test_no_traceback_holds_a_secret(value: str, kind: type[BaseException]) -> None:
    """For any text that may be a secret, no traceback of an error that tells it shows it."""
    assume(not credentials._fault(value))
    credentials._spellings.clear()
    Secret(value)
    first, second = kind(value), RuntimeError([value])
    first.add_note(f"with {value}, {ADDRESS}")
    second.__cause__ = first
    shown = rendered(second)
    assert (False, []) == (value in shown, re.findall("jane.doe", shown))
    credentials._spellings.clear()


# --- bad-inputs G29: core dumps ---


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process's limits as a file")
def test_g29_no_core_dumps() -> None:
    """Whatever the shell allows, the program writes no core dump; the shell's own limit is left to others."""
    import resource  # noqa: PLC0415

    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        done = start("print(Path('/proc/self/limits').read_text())")
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Max core file size")]
    most = "unlimited" if before[1] == resource.RLIM_INFINITY else str(before[1])
    assert ["0", most, "bytes"] == line.split()[4:]
