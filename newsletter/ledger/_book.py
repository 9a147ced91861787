"""What the ledger tells: the half of it that only reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsletter.records import Entry, Order, Record, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_STATES = {state.value: state for state in State}


class Book:
    """The ledger as it is read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def record(self, send: int) -> Record:
        """Return the send with this id."""
        (record,) = self._records("WHERE id = ?", send)
        return record

    def find(self, issue: str, list_name: str, *, edition: int, rehearsal: bool) -> Record | None:
        """Return this send, or None."""
        where = "WHERE issue = ? AND list = ? AND edition = ? AND rehearsal = ?"
        return next(self._records(where, issue, list_name, edition, rehearsal), None)

    def records(self) -> tuple[Record, ...]:
        """Return every send, the newest first."""
        return tuple(self._records("ORDER BY id DESC"))

    def message(self, record: Record) -> bytes:
        """Return the message as it was planned."""
        (message,) = self._db.execute("SELECT message FROM send WHERE id = ?", (record.id,)).fetchone()
        return bytes(message)

    def people(self, record: Record, *states: State) -> Iterator[Entry]:
        """Yield everybody of a send who is in one of *states*."""
        marks = ", ".join("?" * len(states))
        yield from self._entries(f"send = ? AND state IN ({marks}) ORDER BY id", record.id, *states)

    def handed_over(self, record: Record) -> dict[bytes, datetime]:
        """Return when each who is unknown was last handed over, UTC, by person."""
        where = "send = ? AND state = 'unknown' AND handed IS NOT NULL"
        rows = self._db.execute(f"SELECT person, handed FROM recipient WHERE {where}", (record.id,))  # noqa: S608
        return {person: datetime.fromtimestamp(handed, UTC) for person, handed in rows}

    def knows(self, order: Order | Record, person: bytes) -> bool:
        """Say whether *person* has had the issue of *order*, or is planned to, by whichever list."""
        return bool(self._holders(order, [person]))

    def progress(self) -> dict[str, int]:
        """Return how much was noted about each send, by its uid. The numbers only grow."""
        return dict(
            self._db.execute(
                "SELECT uid, count(event.id) FROM send LEFT JOIN event ON event.send = send.id GROUP BY send.id"
            ).fetchall()
        )

    def last_event(self) -> datetime | None:
        """Return when something was last done, UTC; None in a new ledger."""
        (last,) = self._db.execute("SELECT utc FROM event ORDER BY id DESC LIMIT 1").fetchone() or (None,)
        return read_moment(last) if last else None

    def audit(self, record: Record) -> tuple[str, ...]:
        """Return what was done about a send, oldest first, a line for each deed; no address stands in one."""
        rows = self._db.execute(
            "SELECT utc, who, what, batch, detail FROM event WHERE send = ? ORDER BY id", (record.id,)
        )
        return tuple(
            " ".join(filter(None, (utc, who, what, f"batch {batch}" if batch else "", detail)))
            for utc, who, what, batch, detail in rows
        )

    def _entries(self, where: str, *values: Any) -> Iterator[Entry]:
        known = "person, coalesce(address, ''), coalesce(name, ''), coalesce(greeting, ''), state"
        said = "coalesce(reason, ''), coalesce(message_id, ''), copies, id"
        rows = self._db.execute(f"SELECT {known}, {said} FROM recipient WHERE {where}", values)  # noqa: S608
        for person, address, name, greeting, state, *rest in rows:
            yield Entry(person, address, name, greeting, _STATES[state], *rest)

    def _records(self, where: str, *values: Any) -> Iterator[Record]:
        what = "id, uid, rehearsal, issue, list, edition, provider, account, subject, content, version"
        last_event = "(SELECT max(utc) FROM event WHERE event.send = send.id)"
        columns = f"{what}, planned_utc, at_utc, {last_event}, skipped"
        rows = self._db.execute(f"SELECT {columns} FROM send {where}", values).fetchall()  # noqa: S608
        counts = self._counts()
        for id_, uid, rehearsal, *words, planned, at, last, left_out in rows:
            times = read_moment(planned), read_moment(last or planned)
            figures = counts.get(id_, dict.fromkeys(State, 0)), json.loads(left_out)
            leaves = read_moment(at) if at else None
            yield Record(id_, uid, bool(rehearsal), *(*words, *times, *figures, leaves))

    def _counts(self) -> dict[int, dict[State, int]]:
        found: dict[int, dict[State, int]] = {}
        for send, state, number in self._db.execute(
            "SELECT send, state, sum(copies) FROM recipient GROUP BY send, state"
        ):
            found.setdefault(send, dict.fromkeys(State, 0))[State(state)] = number
        return found

    def about(self, person: bytes) -> tuple[tuple[Record, Entry], ...]:
        """Return all that is recorded of one person, the oldest send first."""
        rows = self._db.execute("SELECT send FROM recipient WHERE person = ? ORDER BY id", (person,)).fetchall()
        found = []
        for (send,) in rows:
            (entry,) = self._entries("send = ? AND person = ?", send, person)
            found.append((self.record(send), entry))
        return tuple(found)

    def _holders(self, of: Order | Record, people: Sequence[bytes]) -> dict[bytes, tuple[int, str]]:
        """Return in which send each of *people* has this issue or is to have it, and the state there."""
        where = f"rehearsal = ? AND issue = ? AND edition = ? AND person IN ({', '.join('?' * len(people))})"
        fence = of.rehearsal, of.issue, of.edition
        held = self._db.execute(f"SELECT person, send, state FROM recipient WHERE {where}", (*fence, *people))  # noqa: S608
        return {person: (send, state) for person, send, state in held}


def written(moment: datetime) -> str:
    """Return a moment as it is stored: UTC, always equally long, so that text sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_moment(written: str) -> datetime:
    """Return the moment that `written` stored, aware."""
    return datetime.fromisoformat(written)
