"""What is held about one person, place by place: each can tell what lies there, and take it out.

`subject-access` asks all PLACES and `erase` empties them, so that neither forgets one that the other knows. Receipts,
approvals and what is built are no places: no reader's address stands in them.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from newsletter.addresses import canonical
from newsletter.files import remove_durably, replace_durably
from newsletter.ledger import FILE as LEDGER
from newsletter.ledger import open_ledger
from newsletter.listfile import read_rows
from newsletter.people import FILE as PEOPLE
from newsletter.people import open_people
from newsletter.records import ERASED
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.ledger import Ledger
    from newsletter.people import People

_OUTBOX, _CACHE = "outbox", "cache"
# Read by the places of their own, or without anybody's data. A journal is the business of its database.
_KNOWN = frozenset({PEOPLE, LEDGER, f"{PEOPLE}-journal", f"{LEDGER}-journal", "key", "lock", "secrets.env"})


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who is asked about, and where. Without a *ledger* nothing was ever planned here."""

    workspace: Workspace
    address: str = field(repr=False)  # in the form in which addresses are compared
    key: bytes
    people: People
    ledger: Ledger | None


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that is held: *where*, and its *facts*: texts, numbers, days and moments (UTC) by their names.

    *stays* says that to erase leaves it: a keyed hash, or what stands in the line of somebody else. *obstacle* is why
    it cannot be erased yet, and what to do.
    """

    where: str
    facts: Mapping[str, object] = field(repr=False)
    stays: bool = False
    obstacle: tuple[str, str] | None = None


class Place(NamedTuple):
    """Where something about a person may lie: how it is called by scripts and by people, how to look, how to empty."""

    name: str
    title: str
    look: Callable[[Subject], Iterator[Held]]
    erase: Callable[[Subject], None]


@contextmanager
def open_subject(workspace: Workspace, address: str) -> Iterator[Subject]:
    """Open all that is needed to look for *address*, however that is written. Raises ValueError when it is none."""
    state = workspace.state
    secret = workspace_key(state)
    key = person_key(secret, address)
    with open_people(state, secret) as people:
        if not os.path.lexists(state / LEDGER):  # to open it would make it
            yield Subject(workspace, canonical(address), key, people, None)
            return
        with open_ledger(state, secret) as ledger:
            yield Subject(workspace, canonical(address), key, people, ledger)


def look(subject: Subject) -> dict[Place, tuple[Held, ...]]:
    """Return all that is held, by place.

    Raises ContentError for a list file that cannot be read: half an answer is none.
    """
    return {place: tuple(place.look(subject)) for place in PLACES}


# --- people.db --------------------------------------------------------------------------------------------------------


def _opt_outs(subject: Subject) -> Iterator[Held]:
    for one in subject.people.opt_outs(subject.key):
        facts = {"reason": one.reason, "recorded": one.recorded, "source": one.source}
        yield Held(one.list_name or "all lists", facts, stays=True)


def _opt_out(subject: Subject) -> None:
    subject.people.unsubscribe_key(subject.key, reason="erased", source="newsletter erase")


def _memberships(subject: Subject) -> Iterator[Held]:
    for one in subject.people.memberships(subject.key):
        facts = {
            "email": one.address, "name": one.name, "first_name": one.first_name, "source": one.source,
            "consent": one.consent_day, "added": one.added,
        }  # fmt: skip
        yield Held(one.list_name, facts)


def _leave_lists(subject: Subject) -> None:
    subject.people.forget(subject.key)


# --- the ledger -------------------------------------------------------------------------------------------------------


def _sends(subject: Subject) -> Iterator[Held]:
    for record, entry in subject.ledger.about(subject.key) if subject.ledger else ():
        facts = {
            "issue": record.issue, "list": record.list_name, "edition": record.edition, "rehearsal": record.rehearsal,
            "provider": record.provider, "account": record.account, "planned": record.planned, "last": record.last,
            "state": str(entry.state), "reason": entry.reason, "message_id": entry.message_id,
            "email": entry.address or ERASED, "name": entry.name, "greeting": entry.greeting,
        }  # fmt: skip
        is_erased = not (entry.address or entry.name or entry.greeting)
        yield Held(f"{record.issue} to {record.list_name}", facts, stays=is_erased)


def _forget_sends(subject: Subject) -> None:
    if subject.ledger and any(not held.stays for held in _sends(subject)):
        subject.ledger.erase(subject.key)


# --- the outbox -------------------------------------------------------------------------------------------------------


def _copies(subject: Subject) -> Iterator[Held]:
    for path in _copy_files(subject):
        yield Held(_near(path, subject.workspace), {})


def _remove_copies(subject: Subject) -> None:
    for path in _copy_files(subject):
        remove_durably(path)


def _copy_files(subject: Subject) -> Iterator[Path]:
    """Yield the copies that are named by the person, and test copies, which are not, by whom they are to.

    A part of one, which a run that was killed has left, is found by the same.
    """
    outbox = subject.workspace.state / _OUTBOX
    folders = [] if outbox.is_symlink() or not outbox.is_dir() else sorted(outbox.iterdir())
    for folder in folders:
        if folder.is_symlink() or not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            is_theirs = subject.key.hex() in path.name
            if _is_file(path) and (is_theirs or (folder.name.endswith("--test") and _is_to(path, subject))):
                yield path


def _is_to(path: Path, subject: Subject) -> bool:
    from email import policy  # noqa: PLC0415
    from email.parser import BytesHeaderParser  # noqa: PLC0415

    with path.open("rb") as file:
        to = BytesHeaderParser(policy=policy.default).parse(file)["To"]
    return to is not None and any(_is_same(one.addr_spec, subject) for one in to.addresses)


# --- list files -------------------------------------------------------------------------------------------------------


def _rows(subject: Subject) -> Iterator[Held]:
    for file, path in _list_files(subject.workspace).items():
        for line, text, cells in read_rows(path, file):
            where = f"{file}:{line}"
            if _is_row_of(subject, cells):
                yield Held(where, cells or {}, obstacle=_obstacle(path, file))
            elif named := _named_in(subject, text, cells):
                yield Held(where, {"named_in": named}, stays=True)
        for part in _parts(path):
            if _names(part, subject):
                yield Held(_near(part, subject.workspace), {})


def _take_out_rows(subject: Subject) -> None:
    """Write each file anew without the person's rows, whole or not at all; all other bytes stay as they are."""
    for file, path in _list_files(subject.workspace).items():
        with path.open("rb") as opened:
            mark = opened.read(len(codecs.BOM_UTF8))
        rest, found = bytearray(mark if mark == codecs.BOM_UTF8 else b""), False
        for _, text, cells in read_rows(path, file):
            if _is_row_of(subject, cells):
                found = True
            else:
                rest += text.encode()
        if found:
            replace_durably(path, bytes(rest), mode=stat.S_IMODE(path.stat().st_mode))
        for part in _parts(path):
            remove_durably(part)


def _list_files(workspace: Workspace) -> dict[str, Path]:
    """Return the list files that there are, each once, by what messages call them."""
    files = {chosen.file: workspace.inside(chosen.file) for chosen in workspace.config.lists.values() if chosen.file}
    known = {path: file for file, path in files.items() if path.exists()}  # two names may lead to one file
    return {file: path for path, file in known.items()}


def _is_row_of(subject: Subject, cells: Mapping[str, str] | None) -> bool:
    return cells is not None and _is_same(cells.get("email", ""), subject)


def _named_in(subject: Subject, text: str, cells: Mapping[str, str] | None) -> str:
    """Return where in another line the person stands, or the empty string."""
    if cells is None:
        return "a line that cannot be read" if _pattern(subject.address).search(text.encode()) else ""
    named = (
        column
        for column, cell in cells.items()
        if _is_same(cell, subject) or _pattern(subject.address).search(cell.encode())
    )
    return ", ".join(f'the column "{column}"' for column in named)


def _obstacle(path: Path, file: str) -> tuple[str, str] | None:
    """Return why the row would stay although it is taken out of *file*: under a second name of the same file."""
    if path.stat().st_nlink < 2:
        return None
    hint = "Remove the other name, or put a copy of the file in its place. Then give the same command again."
    return f"{file} has a second name (a hard link), under which the row would stay", hint


def _parts(path: Path) -> list[Path]:
    """Return what runs that were killed while they wrote *path* have left beside it."""
    left = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}")
    return [one for one in sorted(path.parent.iterdir()) if left.fullmatch(one.name) and _is_file(one)]


# --- whatever else lies in the state folder ---------------------------------------------------------------------------


def _others(subject: Subject) -> Iterator[Held]:
    for path in _other_files(subject):
        where = _near(path, subject.workspace)
        yield Held(where, {}, stays=not _is_cache(path, subject))


def _remove_cached(subject: Subject) -> None:
    for path in _other_files(subject):
        if _is_cache(path, subject):
            remove_durably(path)


def _other_files(subject: Subject) -> Iterator[Path]:
    """Yield the files that name the person: of the cache, or a copy of a database that an update has left."""
    state = subject.workspace.state
    for path in sorted(state.rglob("*")):
        begin, *rest = path.relative_to(state).parts
        if begin != _OUTBOX and (rest or begin not in _KNOWN) and _is_file(path) and _names(path, subject):
            yield path


def _is_cache(path: Path, subject: Subject) -> bool:
    return path.is_relative_to(subject.workspace.state / _CACHE)


# --- the person -------------------------------------------------------------------------------------------------------


def _is_same(text: str, subject: Subject) -> bool:
    try:
        return canonical(text) == subject.address
    except ValueError:
        return False


def _names(path: Path, subject: Subject) -> bool:
    return _pattern(subject.address).search(path.read_bytes()) is not None


@lru_cache(maxsize=1)
def _pattern(address: str) -> re.Pattern[bytes]:
    """Return what finds *address* in other text, in either case, but not as a part of a longer one."""
    return re.compile(rb"(?<![\w.+-])" + re.escape(address.encode()) + rb"(?![\w-]|\.\w)", re.IGNORECASE)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()  # what a send that is running has just taken away is none


def _near(path: Path, workspace: Workspace) -> str:
    """Return *path* with forward slashes, from the workspace's root on where it lies below it."""
    return (path.relative_to(workspace.root) if path.is_relative_to(workspace.root) else path).as_posix()


# In the order in which they are emptied. First nothing can bring the person back: an import that runs meanwhile either
# finds the opt-out, or is over before the lists are emptied. And whatever is cut off after that is found again by the
# next run, while nobody writes to the person.
PLACES = (
    Place("opt_outs", "Opted out", _opt_outs, _opt_out),
    Place("lists", "On lists kept here", _memberships, _leave_lists),
    Place("sends", "In the record of what was sent", _sends, _forget_sends),
    Place("copies", "In the outbox", _copies, _remove_copies),
    Place("list_files", "In list files", _rows, _take_out_rows),
    Place("other_files", "In other files of the state folder", _others, _remove_cached),
)
