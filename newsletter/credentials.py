"""Secrets: where keys and passwords come from, and how they never show.

    the environment -> .newsletter/secrets.env -> the keyring of this computer -> Secret

They are remembered as long as the program runs, so that `without_secrets` can take them out of what is to be printed.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import shlex
import stat
from base64 import b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from newsletter.errors import ConfigError
from newsletter.git import Standing, repository, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FILE = "secrets.env"
SERVICE = "newsletter"  # under which the keyring keeps them
_SHOWN = "***"
_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_QUOTES = tuple("'\"`\u2018\u2019\u201c\u201d")

_spellings: set[str] = set()  # of every secret there has been


class Secret:
    """A key or a password. Whatever prints, copies or stores it finds ``***``; `reveal` alone returns its text."""

    __slots__ = ("_open",)
    _open: Callable[[], str]

    def __init__(self, value: str) -> None:
        # Within a function no debugger, report or traceback that lists attributes comes across it.
        self._open = lambda: value
        _spellings.update(_spelt(value))

    def reveal(self) -> str:
        """Return the text, for the one call that needs it."""
        return self._open()

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, format_spec: str) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self.reveal()), _bytes(other.reveal()))

    __hash__ = None  # type: ignore[assignment]  # a hash tells something of what it is made of

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


def without_secrets(text: str) -> str:
    """Return *text* with ``***`` for every secret read so far, also as repr, JSON, a URL or base64 spell it."""
    for spelling in sorted(_spellings, key=len, reverse=True):
        text = text.replace(spelling, _SHOWN)
    return text


def read_secret(name: str, *, state: Path, list_name: str = "") -> Secret:
    """Return the secret *name*; for the list *list_name* the one called ``NAME__LIST``, where there is one.

    Each is looked for in the environment, the file secrets.env in the folder *state*, the keyring. Raises ConfigError,
    without a value in it, when there is none, when it cannot be one, or when others can read the file.
    """
    names = [f"{name}__{list_name.upper().replace('-', '_')}"] if list_name else []
    found = next(_candidates([*names, name], state / FILE), None)
    if found is None:
        _refuse_missing(name, state / FILE, *names)
    called, place, value = found
    if fault := _fault(value):
        hint = "Copy it again, and write it alone: no quotes, blanks or line breaks round it."
        raise ConfigError(f"{called} in {place} {fault}", hint)
    return Secret(value)


def _candidates(names: Sequence[str], file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the place and the value of what may be the secret, the first one first.

    A list's own goes before the general one wherever each is kept: or a list would go out through another account.
    """
    for name in names:
        if name in os.environ:
            yield name, "the environment", os.environ[name]
        if os.path.lexists(file) and name in (kept := _read_file(file)):
            yield name, FILE, kept[name]
        if (value := _from_keyring(name)) is not None:
            yield name, "the keyring", value


def _fault(value: str) -> str:
    """Say what is wrong with a value that cannot be a secret. It would fail at the provider, after the send began."""
    if not value.strip():
        return "is empty"
    if "\n" in value or "\r" in value:
        return "holds a line break"
    if value != value.strip():
        return "has a blank round it"
    if not value.isprintable():
        return "holds a character that cannot be seen"
    if len(value) > 1 and value.startswith(_QUOTES) and value.endswith(_QUOTES):
        return "has quotes round it"
    return ""


def _refuse_missing(name: str, file: Path, *own: str) -> NoReturn:
    export = f"set {name}=the-value" if os.name == "nt" else f"export {name}='the-value'"
    private = "" if os.name == "nt" else f", which is yours alone after: chmod 600 {shlex.quote(str(file))}"
    lines = [
        f"It may stand in one of three places. In the environment:\n  {export}",
        f"In {file}{private}\n  {name}=the-value",
        f"In this computer's keyring, after: pip install 'newsletter[keyring]'\n  keyring set {SERVICE} {name}",
        *(f"One for this list alone is called {called}." for called in own),
    ]
    raise ConfigError(f"{name} is missing", "\n".join(lines))


# --- the file ---


def _read_file(path: Path) -> dict[str, str]:
    """Return what the lines ``NAME=value`` of *path* say. Raises ConfigError for a line or a file that is not fit."""
    try:
        _refuse_readable(path)
        _refuse_shared(path.resolve())
        lines = path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "Check that you may read it.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", "Save it again as plain text in UTF-8.") from None
    kept: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ConfigError(f"{FILE}:{number}: this line is no secret", "Write it as NAME=value, or begin it with #.")
        if parts["name"] in kept:
            raise ConfigError(f"{FILE}:{number}: {parts['name']} stands here a second time", "Take one of them out.")
        kept[parts["name"]] = _unquoted(parts["value"], f"{FILE}:{number}: {parts['name']}")
    return kept


def _unquoted(value: str, place: str) -> str:
    """Return *value* without the pair of quotes round it. What shells and other programs read otherwise is refused."""
    if not value.startswith(("'", '"')):
        if " #" in value:
            raise ConfigError(f"{place} holds a #", "Put the value in quotes; a note goes on a line of its own.")
        return value
    if len(value) == 1 or not value.endswith(value[0]):
        raise ConfigError(f"{place} does not end with the quote it begins with", "Put the whole value in quotes.")
    return value[1:-1]


def _refuse_readable(path: Path) -> None:
    """Raise ConfigError unless *path* is an ordinary file that its owner, who we are, alone can read."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path} is not an ordinary file", "Put the file itself there, no link to it.")
    if os.name == "nt":
        return  # what others may do there is not in the mode
    if found.st_uid != os.geteuid():
        raise ConfigError(f"{path} belongs to somebody else", "Give the command from the account that owns it.")
    if found.st_mode & 0o077:
        hint = f"Make it yours alone:\n  chmod 600 {shlex.quote(str(path))}"
        raise ConfigError(f"{path} can be read by others on this computer", hint)


def _refuse_shared(path: Path) -> None:
    """Raise ConfigError when git has *path*, or would take it along with the next ``git add``."""
    root = repository(path)
    if root is None:
        return
    name, found = path.relative_to(root).as_posix(), standing(path)
    if found is Standing.TRACKED:
        hint = f"Make new keys at your provider: the old ones stay in git's history. Then:\n  git rm --cached {name}"
        raise ConfigError(f"git has {path}, and whoever gets the repository has your keys", hint)
    if found is Standing.EXPOSED:
        raise ConfigError(f"git would take {path} along", f"Add this line to {root / '.gitignore'}:\n  /{name}")


# --- the keyring ---


def _from_keyring(name: str) -> str | None:
    """Return what the keyring holds, or None: it is optional, and a computer without a desktop has no backend."""
    with suppress(Exception):  # a backend may raise anything, and tell anything
        import keyring  # noqa: PLC0415

        return keyring.get_password(SERVICE, name)
    return None


def keyring_name() -> str:
    """Return what this computer's keyring is called, the empty string where there is none."""
    with suppress(Exception):
        import keyring  # noqa: PLC0415

        found = keyring.get_keyring()
        return str(found.name) if found.priority > 0 else ""  # the stand-ins that keep nothing have 0 and less
    return ""


# --- how a secret may be spelt ---


def _spelt(value: str) -> set[str]:
    """Return the ways in which *value* turns up in messages: as it is, and as repr, JSON, URLs and base64 write it."""
    plain = [show(value)[1:-1] for show in (repr, ascii, json.dumps)]
    # Beside other text with both kinds of quotes, repr escapes those of a secret too.
    beside = [show(value + "'\"")[1:-4] for show in (repr, ascii)]
    data = _bytes(value)
    coded = [repr(data)[2:-1], quote(data, safe=""), quote(data), b64encode(data).decode()]
    return {value, *plain, *beside, *coded} - {""}


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
