"""Receipts: ``sent/2026-01--practitioners.json`` says that a send began, and where. No address stands in one.

They are meant to be committed. So another computer, or this one after its ledger was lost or an older one put back,
can tell that there is more than it knows of, and sends nothing.
"""

from __future__ import annotations

import json
import os
import platform
import stat
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsletter.config import state_folder
from newsletter.datewords import format_moment
from newsletter.errors import ConfigError, RefusedError
from newsletter.files import inside, replace_durably, write_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDER = "sent"
_LIMIT = 64 * 1024  # bytes
_MEND = "Take it back from git, or from a backup. Never delete it: it says who must not be sent to again."


@dataclass(frozen=True, slots=True)
class Receipt:
    """One real send. *uid* names it in the ledger, *digest* is the SHA-256 of its message, *planned* is UTC.

    *events* is how far the ledger had come when it was written: one that has fewer is an older copy. So it is with
    *opt_outs*, of which people.db forgets none.
    """

    uid: str
    issue: str
    list_name: str
    edition: int
    provider: str
    account: str
    subject: str
    people: int
    digest: str
    planned: datetime
    computer: str
    events: int = 0
    opt_outs: int = 0

    @property
    def file(self) -> str:
        """Its name from the workspace's root on, with forward slashes."""
        return f"{FOLDER}/{send_name(self.issue, self.list_name, self.edition)}.json"

    @property
    def origin(self) -> str:
        """When and where it was written, to a person."""
        return f"on {format_moment(self.planned.astimezone(UTC))} UTC, on the computer {self.computer}"


def send_name(issue: str, list_name: str, edition: int) -> str:
    """Return how files about a send are named: ``2026-01--practitioners``, or with ``--2`` its second edition."""
    return f"{issue}--{list_name}" + (f"--{edition}" if edition > 1 else "")  # no list's name holds "--"


def computer_name() -> str:
    """Return what this computer calls itself, in one short line."""
    letters = (letter if letter.isprintable() else " " for letter in platform.node())
    return " ".join("".join(letters).split())[:64].strip() or "without a name"


def write_receipt(root: Path, receipt: Receipt) -> Path:
    """Write *receipt* in the workspace *root* and return its file; when this returns, it has reached the disk.

    The receipt of the same send may be there already: it stays, or makes room for one that is further on. Raises
    RefusedError when that of another one has its name, ConfigError when it cannot be written, or when what has its name
    cannot be read.
    """
    path = _inside(root, receipt.file)
    with _told(receipt):
        if write_once(path, _written(receipt)):
            return path
    found = _read(root, receipt.file)
    if found.uid != receipt.uid:
        hint = (
            f"It is of {found.issue} to {found.list_name}, planned {found.origin}.\n"
            "If that file was renamed or copied, put it back. If not, only that computer may send."
        )
        raise RefusedError(f"Not sent: {receipt.file} is the receipt of another send.", hint)
    if found.events < receipt.events:
        with _told(receipt):
            replace_durably(path, _written(receipt))
    return path


@contextmanager
def _told(receipt: Receipt) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Check that you may write there and that the disk has room, then give the same command again."
        raise ConfigError(f"{receipt.file} cannot be written: {error.strerror}", hint) from error


def receipts(root: Path) -> tuple[Receipt, ...]:
    """Return all receipts of the workspace *root*, by their names.

    Raises ConfigError for one that cannot be read: it must never be taken for none.
    """
    folder = _inside(root, FOLDER)
    if not os.path.lexists(root / FOLDER):
        return ()
    try:
        names = sorted(path.name for path in folder.iterdir())  # unlike glob() it says so when it cannot look
    except OSError as error:
        raise ConfigError(f"{FOLDER}/ cannot be read: {error.strerror}", _MEND) from error
    # What begins with a dot is no receipt: a write that was cut leaves such a part.
    return tuple(
        _read(root, f"{FOLDER}/{name}") for name in names if name.casefold().endswith(".json") and name[0] != "."
    )


def refuse_unknown(root: Path, known: Mapping[str, int]) -> None:
    """Raise RefusedError when the ledger does not know all that the receipts of the workspace *root* tell of.

    *known* says, by uid, how far the ledger has come with each send. Where one is missing, or was further on once, it
    is not known either who has opted out since. Raises ConfigError as `receipts` does.
    """
    unknown = sorted(
        (one for one in receipts(root) if known.get(one.uid, -1) < one.events), key=lambda one: one.planned
    )
    if not unknown:
        return
    last = unknown[-1]
    more = f" There are {len(unknown):,} such receipts." if len(unknown) > 1 else ""
    state = os.path.realpath(state_folder(root))
    hint = (
        f"It was planned {last.origin}.{more}\n"
        "Only the folder .newsletter there knows who has had what, and who has opted out. Copy it from that computer, "
        "or if it was this one from a backup, to\n"
        f"  {state}\n"
        "or, if it is on this computer already, set NEWSLETTER_STATE to where. Then give the same command again."
    )
    knows = "knows less than was sent" if last.uid in known else "does not know the send"
    raise RefusedError(f"Not sent: the ledger here {knows} of {last.issue} to {last.list_name}.", hint)


def _inside(root: Path, file: str) -> Path:
    path = inside(root, file)
    if path is None:
        raise ConfigError(f"{file} is a link that leads out of this workspace", "Put what it leads to in its place.")
    return path


def _read(root: Path, file: str) -> Receipt:
    path = _inside(root, file)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe may never end
            raise ConfigError(f"{file} is not an ordinary file", _MEND)
        with path.open("rb") as opened:
            data = opened.read(_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", _MEND) from error
    try:
        return _parsed(data)
    except (ValueError, OverflowError, RecursionError) as error:
        raise ConfigError(f"{file} is no receipt that newsletter wrote", _MEND) from error


def _written(receipt: Receipt) -> bytes:
    content = asdict(receipt) | {"planned": receipt.planned.astimezone(UTC).isoformat()}
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _parsed(data: bytes) -> Receipt:
    """Return the receipt that *data* holds. Raises ValueError, OverflowError or RecursionError when it holds none."""
    if len(data) > _LIMIT:
        raise ValueError("too large")
    content = json.loads(data.decode(), object_pairs_hook=_once)
    if isinstance(content, dict):
        content.setdefault("opt_outs", 0)  # the first ones did not say
    kinds = {field.name: int if field.type == "int" else str for field in fields(Receipt)}
    if not isinstance(content, dict) or kinds != {name: type(value) for name, value in content.items()}:
        raise ValueError("other keys or kinds of values")
    planned = datetime.fromisoformat(content["planned"])
    if planned.utcoffset() is None or content["edition"] < 1 or content["people"] < 0:
        raise ValueError("other values")
    return Receipt(**content | {"planned": planned.astimezone(UTC)})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > len(dict(pairs)):  # of two, git has merged badly
        raise ValueError("a key that stands there twice")
    return dict(pairs)
