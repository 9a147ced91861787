"""People: the lists that are kept here, and who has opted out of any. The only module that speaks SQL about people.

An opt-out is recorded by the keyed hash of the address: it outlives the data, holds for every way to write the address
and for every place where a list is kept, and nothing here can take it back.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from newsletter.audience import Added, Audience, Membership, OptOut, Person, Roll
from newsletter.database import database, transaction
from newsletter.errors import ConfigError, ContentError
from newsletter.listfile import read_list
from newsletter.tokens import key_id, person_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Iterable, Iterator

    from newsletter.config import Workspace

Item = TypeVar("Item")

APPLICATION = 0x4E4C5045  # "NLPE"
FILE = "people.db"
ALL_LISTS = ""
UNSUBSCRIBED = "unsubscribed"
# Where several hold, the one that is told: the gravest.
REASONS = ("erased", "complained", UNSUBSCRIBED, "bounced")
# The steps by which the tables came about, oldest first.
_TABLES = tuple(Path(__file__).with_name(name).read_text("utf-8") for name in ("people.sql", "people_synced.sql"))
_AT_ONCE = 500  # values in one statement; SQLite takes at least 999


@contextmanager
def open_people(state: Path, secret: bytes) -> Iterator[People]:
    """Open the people kept in the folder *state* for one `with`; *secret* is the workspace's key.

    The file is made when something is first written. Raises ConfigError when it is no file of ours, belongs to another
    key or cannot be used, RefusedError when another process keeps it busy: within, too.
    """
    with ExitStack() as stack:
        yield People(state / FILE, secret, stack)


def list_audience(workspace: Workspace, list_name: str, people: People) -> Audience:
    """Return who is to be written to by the list *list_name*, wherever it is kept.

    Who has opted out is left out, and counted by reason. Raises UsageError when newsletter.yaml has no such list,
    ContentError when it cannot be used or has nobody on it.
    """
    chosen = workspace.list_config(list_name)
    if chosen.file is not None:
        path = workspace.inside(chosen.file)
        return people.without_opted_out(read_list(path, chosen.file, name=list_name, source=chosen.source or ""))
    audience = people.audience(list_name)
    if not audience.people and not audience.skipped:
        hint = f"Put people on it:\nnewsletter lists import {list_name} FILE.csv --source TEXT"
        raise ContentError(f'the list "{list_name}" has no recipients', (), hint)
    return audience


class People:
    """The open store of people. Made by `open_people`."""

    def __init__(self, path: Path, secret: bytes, stack: ExitStack) -> None:
        self._path, self._secret, self._stack = path, secret, stack
        self._opened: sqlite3.Connection | None = None

    # --- lists kept here ----------------------------------------------------------------------------------------------

    def audience(self, list_name: str) -> Audience:
        """Return who is to be written to by a list that is kept here, in the order in which they came."""
        roll = Roll()
        if db := self._reading():
            rows = db.execute(
                "SELECT hex(person), address, name, first_name, source, consent_day FROM member WHERE list = ?"
                " ORDER BY id",
                (list_name,),
            )
            for line, (person, address, name, first, source, day) in enumerate(rows, start=1):
                roll.add(person, Person(address, name, first, source, line, date.fromisoformat(day)))
        return self.without_opted_out(Audience(list_name, roll, {}, ()))

    def add(self, list_name: str, people: Iterable[Person]) -> Added:
        """Add *people* to a list that is kept here, all of them or, after any error, nobody.

        Who is there stays as they are, and who has opted out stays out. Each must have a source. The day of consent is
        today in UTC where none is known. Raises ValueError for somebody without a source.
        """
        db, now = self._writing(), _now()
        new = known = opted_out = 0
        with transaction(db):
            for chunk in _chunks(people):
                keys = [person_key(self._secret, person.address) for person in chunk]
                out = self.suppressed(list_name, keys)
                for key, person in zip(keys, chunk, strict=True):
                    if not person.source:
                        raise ValueError("somebody without a consent source")
                    is_new = key not in out and self._insert(db, list_name, key, person, now)
                    new += is_new
                    opted_out += key in out
                    known += key not in out and not is_new
        return Added(new, known, opted_out)

    def _insert(self, db: sqlite3.Connection, list_name: str, key: bytes, person: Person, now: str) -> bool:
        words = (person.address, person.name, person.first_name, person.source)
        day = person.consented.isoformat() if person.consented else now[:10]
        done = db.execute(
            "INSERT INTO member(list, person, address, name, first_name, source, consent_day, added_utc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (list_name, key, *words, day, now),
        )
        return done.rowcount == 1

    def remove(self, list_name: str, address: str) -> bool:
        """Take *address* off a list that is kept here, and say whether it was on it. An import may bring it back."""
        if self._reading() is None:
            return False
        db = self._writing()
        with transaction(db):
            done = db.execute("DELETE FROM member WHERE list = ? AND person = ?", (list_name, self.key(address)))
        return done.rowcount == 1

    def unnamed(self, names: Container[str]) -> dict[str, tuple[int, int]]:
        """Return how many are on each list that is none of *names*, and how many have opted out of it."""
        if (db := self._reading()) is None:
            return {}
        rows = db.execute(
            "SELECT list, count(member), count(DISTINCT leaver)"
            " FROM (SELECT list, person AS member, NULL AS leaver FROM member"
            "  UNION ALL SELECT list, NULL, person FROM opt_out WHERE list <> '')"
            " GROUP BY list ORDER BY list"
        )
        return {of: (members, leavers) for of, members, leavers in rows if of not in names}

    # --- opting out ---------------------------------------------------------------------------------------------------

    def make(self, *, is_first: bool) -> None:
        """Have the file there from the first send on. Raises ConfigError when it is gone, and with it the opt-outs.

        *is_first* is whether nothing was sent before.
        """
        if self._reading() is not None:
            return
        if not is_first:
            hint = (
                "Copy it back from a backup of this folder. If there is none, name all who have opted out once more:\n"
                "newsletter unsubscribe ADDRESS"
            )
            raise ConfigError(f"{FILE} is gone, and with it who has opted out", hint)
        self._writing()

    def unsubscribe(self, address: str, list_name: str = ALL_LISTS, *, reason: str = UNSUBSCRIBED, source: str) -> None:
        """Record that *address*, on a list or not, is not to be written to again, and *source*: how we know.

        Raises ValueError when it is no address.
        """
        self.unsubscribe_key(self.key(address), list_name, reason=reason, source=source)

    def unsubscribe_key(
        self, key: bytes, list_name: str = ALL_LISTS, *, reason: str = UNSUBSCRIBED, source: str
    ) -> None:
        """Record the same of somebody known by *key* alone, as a token tells it. What is known already stays known."""
        db = self._writing()
        with transaction(db):
            db.execute(
                "INSERT INTO opt_out(person, list, reason, source, utc) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (key, list_name, reason, source, _now()),
            )

    def suppressed(self, list_name: str, keys: Iterable[bytes]) -> dict[bytes, str]:
        """Return who of *keys* has opted out of *list_name* or of all lists, and for which reason."""
        found: dict[bytes, str] = {}
        if (db := self._reading()) is None:
            return found
        for chunk in _chunks(keys):
            marks = ", ".join("?" * len(chunk))
            rows = db.execute(
                f"SELECT person, reason FROM opt_out WHERE list IN (?, ?) AND person IN ({marks})",  # noqa: S608
                (ALL_LISTS, list_name, *chunk),
            )
            for person, reason in rows:
                found[person] = min(reason, found.get(person, reason), key=REASONS.index)
        return found

    def opted_out(self) -> int:
        """Return how many opt-outs there are. It never becomes less, but where an older file was put back."""
        db = self._reading()
        return int(db.execute("SELECT count(*) FROM opt_out").fetchone()[0]) if db else 0

    def synced(self, list_name: str, account: str) -> datetime | None:
        """Return until when (UTC) it is known who has left by way of the provider *account*; None if never asked.

        Nor is it known where the clock was ahead then.
        """
        if (db := self._reading()) is None:
            return None
        which = (list_name, account)
        found = db.execute("SELECT until_utc FROM synced WHERE list = ? AND account = ?", which).fetchone()
        until = datetime.fromisoformat(found[0]) if found else None
        return until if until and until <= datetime.now(UTC) else None

    def sync(
        self, list_name: str, account: str, left: Iterable[tuple[bytes, str]], *, until: datetime
    ) -> dict[str, int]:
        """Record who has *left* by way of the provider *account*, with the reason for each; after any error nobody.

        *until* (UTC) is from when on to ask next time. Returns how many were not known before, by reason.
        """
        found, new = list(left), Counter[str]()  # asked for first: nothing waits for a network within a transaction
        db = self._writing()
        with transaction(db):
            for key, reason in found:
                done = db.execute(
                    "INSERT INTO opt_out(person, list, reason, source, utc) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (key, list_name, reason, account, _now()),
                )
                new[reason] += done.rowcount
            db.execute(
                "INSERT INTO synced(list, account, until_utc) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET until_utc = excluded.until_utc",
                (list_name, account, until.isoformat(timespec="seconds")),
            )
        return dict(+new)

    def leavers(self, list_name: str, addresses: Iterable[str]) -> Iterator[str]:
        """Yield those of *addresses* who have opted out of *list_name* or of all lists; read none if nobody has."""
        db = self._reading()
        if (
            db is None
            or not db.execute("SELECT 1 FROM opt_out WHERE list IN (?, ?)", (ALL_LISTS, list_name)).fetchone()
        ):
            return
        for chunk in _chunks(addresses):
            keyed = list(self._keyed(chunk))
            out = self.suppressed(list_name, [key for key, _ in keyed])
            yield from (address for key, address in keyed if key in out)

    def _keyed(self, addresses: Iterable[str]) -> Iterator[tuple[bytes, str]]:
        """Yield *addresses* with what stands for each; what is none to us has never opted out."""
        for address in addresses:
            with suppress(ValueError):
                yield self.key(address), address

    def without_opted_out(self, audience: Audience) -> Audience:
        """Return *audience* without those who have opted out, who are counted by reason among the skipped."""
        if self._reading() is None:
            return audience
        roll, reasons = Roll(), Counter[str]()
        for chunk in _chunks(audience.people):
            keys = [self.key(person.address) for person in chunk]
            out = self.suppressed(audience.name, keys)
            reasons.update(out.values())
            for key, person in zip(keys, chunk, strict=True):
                if key not in out:
                    roll.add(key.hex(), person)
        return replace(audience, people=roll, skipped={**dict(reasons.most_common()), **audience.skipped})

    def key(self, address: str) -> bytes:
        """Return what stands for *address* here. Raises ValueError when it is no address."""
        return person_key(self._secret, address)

    # --- one person ---------------------------------------------------------------------------------------------------

    def memberships(self, key: bytes) -> tuple[Membership, ...]:
        """Return what is said of the person *key* on each list that is kept here, in the order in which they came."""
        if (db := self._reading()) is None:
            return ()
        rows = db.execute(
            "SELECT list, address, name, first_name, source, consent_day, added_utc FROM member WHERE person = ?"
            " ORDER BY id",
            (key,),
        )
        return tuple(
            Membership(of, address, name, first, source, date.fromisoformat(day), datetime.fromisoformat(added))
            for of, address, name, first, source, day, added in rows
        )

    def opt_outs(self, key: bytes) -> tuple[OptOut, ...]:
        """Return what the person *key* has opted out of, the first opt-out first."""
        if (db := self._reading()) is None:
            return ()
        rows = db.execute("SELECT list, reason, source, utc FROM opt_out WHERE person = ? ORDER BY utc, list", (key,))
        return tuple(OptOut(of, reason, source, datetime.fromisoformat(utc)) for of, reason, source, utc in rows)

    def forget(self, key: bytes) -> int:
        """Take the person *key* off all lists that are kept here; return off how many. Opt-outs stay."""
        if self._reading() is None:
            return 0
        db = self._writing()
        with transaction(db):
            return db.execute("DELETE FROM member WHERE person = ?", (key,)).rowcount

    # --- the file -----------------------------------------------------------------------------------------------------

    def _reading(self) -> sqlite3.Connection | None:
        """Return the database, or None while there is none: then nobody is kept here and nobody has opted out."""
        # What is there and is no database, as a link that leads nowhere, is refused and not taken for nothing.
        return self._writing() if self._opened or os.path.lexists(self._path) else None

    def _writing(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = self._stack.enter_context(database(self._path, application=APPLICATION, tables=_TABLES))
            self._refuse_other_key(self._opened)
        return self._opened

    def _refuse_other_key(self, db: sqlite3.Connection) -> None:
        mine = key_id(self._secret)
        if not db.execute("SELECT key_id FROM workspace").fetchall():
            db.execute("INSERT INTO workspace(key_id) SELECT ? WHERE NOT EXISTS (SELECT * FROM workspace)", (mine,))
        if db.execute("SELECT key_id FROM workspace").fetchall() != [(mine,)]:
            hint = "Copy both from the same backup: with another key nobody can tell who has opted out."
            raise ConfigError(f"{FILE} was made with another key than the one beside it", hint)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
