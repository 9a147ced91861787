"""The record of every send: who was to get what, and what became of it. The only module that speaks SQL about sends.

    plan ─one transaction→ planned ─submitting()→ submitting ─settle()→ accepted | rejected | unknown | planned

What is about to be done is on the disk before the first byte leaves, and what came of it before anybody is told. So a
crash leaves at most the batch under way in doubt: its people are found as *submitting*, and become *unknown*.
"""

from __future__ import annotations

import getpass
import hmac
import json
import os
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from newsletter import __version__
from newsletter.database import database, transaction
from newsletter.elapsed import Stamp, elapsed, stamp
from newsletter.errors import ConfigError
from newsletter.ledger._book import Book, read_moment, written
from newsletter.records import Batch, Entry, Order, Record, State
from newsletter.tokens import key_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

APPLICATION = 0x4E4C4447  # "NLDG"
FILE = "ledger.db"
# The steps by which the tables came about, oldest first; a ledger of an earlier one is brought up to date.
_STEPS = ("tables.sql", "campaigns.sql", "moves.sql")
_TABLES = tuple(Path(__file__).with_name(name).read_text("utf-8") for name in _STEPS)
_AT_ONCE = 500  # people planned by one statement
TOO_LATE = "not sent within the time that addresses are kept"
ALREADY = "already received this issue"
# Why a list leaves somebody out who stands in another one's send of the same issue.
ELSEWHERE = {
    State.ACCEPTED: ALREADY,
    State.REJECTED: "rejected by way of another list",
    State.UNKNOWN: "unknown by way of another list",
    State.SKIPPED: "skipped by way of another list",
    State.PLANNED: "waiting by way of another list",
    State.SUBMITTING: "waiting by way of another list",
}
# Reasons of our own, beside what providers say.
INTERRUPTED, SETTLED_SENT, SETTLED_NOT_SENT = REASONS = ("interrupted", "settled: sent", "settled: not sent")
CANCELLED = "cancelled"
_SEND_COLUMNS = (
    "uid", "rehearsal", "issue", "list", "edition", "provider", "account", "subject", "content", "version", "message",
    "skipped", "key_id", "planned_utc", "tool", "at_utc",
)  # fmt: skip


@contextmanager
def open_ledger(state: Path, secret: bytes) -> Iterator[Ledger]:
    """Open the ledger in the folder *state*, making it when there is none.

    *secret* is the workspace's key. Raises ConfigError when the file is damaged, belongs to another key or program, or
    is newer than this one; RefusedError when another process keeps it busy.
    """
    with database(state / FILE, application=APPLICATION, tables=_TABLES) as connection:
        found = connection.execute("SELECT key_id FROM send ORDER BY id DESC LIMIT 1").fetchone()
        if found and found[0] != key_id(secret):
            hint = "Copy both from the same backup: with another key nobody can tell who has had which issue."
            raise ConfigError(f"{FILE} was made with another key than the one beside it", hint)
        yield Ledger(connection, secret)


class Ledger(Book):
    """The open ledger of a workspace. Made by `open_ledger`."""

    def __init__(self, connection: sqlite3.Connection, secret: bytes) -> None:
        super().__init__(connection)
        self._secret = secret

    # --- planning -----------------------------------------------------------------------------------------------------

    @contextmanager
    def planning(
        self, order: Order, people: Iterable[Entry], *, left_out: Mapping[str, int], size: int
    ) -> Iterator[Record]:
        """Plan a send within one transaction that ends with the `with`: kept whole, or after any error not at all.

        *size* is the people of a batch. Whoever has had this issue by another list, or waits for it there, is left out
        and counted so.
        """
        with transaction(self._db):
            send = self._insert_send(order)
            elsewhere = self._insert_people(send, order, people, size)
            self._leave_out(send, {**left_out, **elsewhere})
            record = self.record(send)
            self._note("planned", send, detail=_people(record.waiting))
            yield record

    @contextmanager
    def reopening(
        self,
        record: Record,
        people: Iterable[Entry],
        *,
        left_out: Mapping[str, int] | None,
        size: int,
        retry_rejected: bool,
    ) -> Iterator[Record]:
        """Plan those of *people* whom the send does not know yet, and maybe the rejected again, in the same way.

        *left_out* is who is left out of the list now, if it was read: whoever was left out before may be among them no
        longer, and whoever is now may have had the issue.
        """
        with transaction(self._db):
            again = self._plan_rejected(record) if retry_rejected else 0
            self._insert_people(record.id, record, people, size)
            if left_out is not None:
                still = {reason: min(number, left_out.get(reason, 0)) for reason, number in record.left_out.items()}
                kept = {reason: number for reason, number in record.left_out.items() if reason in ELSEWHERE.values()}
                self._leave_out(record.id, {reason: number for reason, number in {**still, **kept}.items() if number})
            grown = self.record(record.id)
            joined = sum(grown.counts.values()) - sum(record.counts.values())
            if again or joined:
                self._note("reopened", record.id, detail=f"{joined} new, {again} rejected")
            yield grown

    def _plan_rejected(self, record: Record) -> int:
        return self._db.execute(
            "UPDATE recipient SET state = 'planned', reason = NULL"
            " WHERE send = ? AND state = 'rejected' AND address IS NOT NULL",
            (record.id,),
        ).rowcount

    def _insert_send(self, order: Order) -> int:
        values = (
            uuid4().hex, order.rehearsal, order.issue, order.list_name, order.edition, order.provider, order.account,
            order.subject, order.content, order.version, order.message, "{}", key_id(self._secret), _now(), __version__,
            written(order.at) if order.at else None,
        )  # fmt: skip
        marks = ", ".join("?" * len(_SEND_COLUMNS))
        statement = f"INSERT INTO send({', '.join(_SEND_COLUMNS)}) VALUES ({marks})"  # noqa: S608  names of ours
        return int(self._db.execute(statement, values).lastrowid or 0)

    def _insert_people(self, send: int, of: Order | Record, people: Iterable[Entry], size: int) -> dict[str, int]:
        """Insert *people* into new batches; return how many another list stands in the way of, by reason."""
        (number,) = self._db.execute("SELECT coalesce(max(number), 0) FROM batch WHERE send = ?", (send,)).fetchone()
        fence, room, elsewhere, waiting = (of.rehearsal, of.issue, of.edition), 0, Counter[str](), iter(people)
        while some := tuple(islice(waiting, _AT_ONCE)):
            held, rows = self._holders(of, [one.person for one in some]), []
            for one in some:
                if one.person in held:
                    where, state = held[one.person]
                    elsewhere["listed twice" if where == send else ELSEWHERE[State(state)]] += 1
                    continue
                held[one.person] = (send, "planned")
                if not room:
                    number, room = number + 1, size
                    self._db.execute("INSERT INTO batch(send, number) VALUES (?, ?)", (send, number))
                rows.append((*fence, one.person, send, number, one.address, one.name, one.greeting, one.copies))
                room -= 1
            self._db.executemany(
                "INSERT INTO recipient(rehearsal, issue, edition, person, send, batch, address, name, greeting, copies)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        return dict(elsewhere)

    def _leave_out(self, send: int, left_out: Mapping[str, int]) -> None:
        self._db.execute("UPDATE send SET skipped = ? WHERE id = ?", (json.dumps(dict(left_out)), send))

    # --- sending ------------------------------------------------------------------------------------------------------

    def next_batch(self, send: int, *, after: int = 0) -> Batch | None:
        """Return the first batch numbered above *after* in which people still wait, or None."""
        found = self._db.execute(
            "SELECT number, attempts FROM batch WHERE send = ? AND number = (SELECT batch FROM recipient"
            " WHERE send = ? AND batch > ? AND state = 'planned' ORDER BY batch LIMIT 1)",
            (send, send, after),
        ).fetchone()
        if found is None:
            return None
        number, attempts = found
        where = "send = ? AND batch = ? AND state = 'planned' ORDER BY id"
        return Batch(send, number, attempts, tuple(self._entries(where, send, number)))

    def skip(self, batch: Batch, people: Mapping[bytes, str]) -> None:
        """Record that *people* of *batch*, with the reason for each, are not written to after all."""
        with transaction(self._db):
            self._move(batch, ((person, State.SKIPPED, reason, "") for person, reason in people.items()))

    def submitting(self, batch: Batch) -> str:
        """Have it on the disk that *batch* is being handed over. Only after that may its first byte leave.

        Returns its idempotency key: the same for the same message to the same people, wherever it is worked out.
        """
        key, now = self._key(batch), stamp()
        with transaction(self._db):
            self._db.execute(
                "UPDATE recipient SET state = 'submitting', handed = ?"
                " WHERE send = ? AND batch = ? AND state = 'planned'",
                (int(now.utc.timestamp()), batch.send, batch.number),
            )
            which = (batch.send, batch.number)
            self._db.execute("UPDATE batch SET attempts = attempts + 1 WHERE send = ? AND number = ?", which)
            self._db.execute(
                "UPDATE batch SET key = ?, since_utc = ?, since_boot = ?, since_ticks = ?"
                " WHERE send = ? AND number = ? AND key IS NOT ?",  # the time of a key begins with its first use
                (key, written(now.utc), now.boot, now.ticks, *which, key),
            )
        return key

    def _key(self, batch: Batch) -> str:
        columns = "rehearsal, issue, edition, list, version"
        send = self._db.execute(f"SELECT {columns} FROM send WHERE id = ?", (batch.send,)).fetchone()  # noqa: S608
        words = (*send, sorted(one.person.hex() for one in batch.people))
        return hmac.digest(self._secret, json.dumps(words).encode(), "sha256").hex()[:32]

    def doubtful(self, send: int, *, within: timedelta) -> Iterator[Batch]:
        """Yield each batch of which all is unknown, and whose key was first used less than *within* ago.

        Handed over again, to the same people, it has the same key: it is certainly the same request.
        """
        rows = self._db.execute(
            "SELECT number, attempts, key, since_utc, since_boot, since_ticks FROM batch WHERE send = ?"
            " AND number IN (SELECT batch FROM recipient WHERE send = ? AND state = 'unknown') ORDER BY number",
            (send, send),
        ).fetchall()
        for number, attempts, key, utc, boot, ticks in rows:
            where = "send = ? AND batch = ? AND state = 'unknown' ORDER BY id"
            batch = Batch(send, number, attempts, tuple(self._entries(where, send, number)))
            passed = elapsed(Stamp(read_moment(utc), boot, ticks), stamp())
            in_time = passed is not None and passed < within
            if in_time and self._key(batch) == key and all(one.address for one in batch.people):
                yield batch

    def settle(
        self, batch: Batch, results: Iterable[tuple[bytes, State, str, str]], *, otherwise: State = State.UNKNOWN
    ) -> None:
        """Record what became of the people of *batch*: person, state, reason, and the provider's message id.

        Whoever the provider said nothing of is *otherwise*.
        """
        with transaction(self._db):
            self._move(batch, results)
            self._db.execute(
                "UPDATE recipient SET state = ?, reason = 'no answer'"
                " WHERE send = ? AND batch = ? AND state = 'submitting'",
                (otherwise, batch.send, batch.number),
            )
            self._note("settled", batch.send, batch.number)

    def _move(self, batch: Batch, people: Iterable[tuple[bytes, State, str, str]]) -> None:
        rows = {one.person: one.row for one in batch.people}
        told = [(state, reason, id_, rows[person]) for person, state, reason, id_ in people if person in rows]
        became = "UPDATE recipient SET state = ?, reason = ?, message_id = ? WHERE id"
        if len({one[:3] for one in told}) == 1:  # one answer for all of them, who then cost half as much
            marks = ", ".join("?" * len(told))
            self._db.execute(f"{became} IN ({marks})", (*told[0][:3], *(row for *_, row in told)))
        else:
            self._db.executemany(f"{became} = ?", told)

    def begin(self, record: Record) -> None:
        """Note that a run of the send begins."""
        with transaction(self._db):
            self._note("begun", record.id, detail=_people(record.waiting))

    def reconcile(self, record: Record, results: Iterable[tuple[bytes, State, str, str]]) -> int:
        """Record what the provider knows of people who were unknown, as `settle` has it; return how many that is."""
        unknown = {one.person: one.row for one in self.people(record, State.UNKNOWN)}
        rows = [
            (state, reason, id_, unknown.pop(person))
            for person, state, reason, id_ in results
            if person in unknown and state in {State.ACCEPTED, State.REJECTED}
        ]
        with transaction(self._db):
            self._db.executemany("UPDATE recipient SET state = ?, reason = ?, message_id = ? WHERE id = ?", rows)
            if rows:
                self._note("looked up", record.id, detail=_people(len(rows)))
        return len(rows)

    def cancel(self, record: Record) -> None:
        """Record that a send which was to leave later was taken back: nobody got it, and nobody is to."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE recipient SET state = 'skipped', reason = ?"
                " WHERE send = ? AND state IN ('accepted', 'planned')",
                (CANCELLED, record.id),
            )
            self._note("cancelled", record.id)

    def recover(self) -> int:
        """Take over from a process that died: what it was handing over is unknown. Return how many people that is.

        Only under the lock, when no such process can be alive. A rehearsal's copies are planned again: to write the
        same file twice is to write it once.
        """
        with transaction(self._db):
            rows = self._db.execute(
                "SELECT send, batch, rehearsal, sum(copies) FROM recipient WHERE state = 'submitting'"
                " GROUP BY send, batch"
            ).fetchall()
            for send, number, rehearsal, people in rows:
                state = State.PLANNED if rehearsal else State.UNKNOWN
                self._db.execute(
                    "UPDATE recipient SET state = ?, reason = ? WHERE send = ? AND batch = ? AND state = 'submitting'",
                    (state, INTERRUPTED, send, number),
                )
                self._note("recovered", send, number, f"{_people(people)}: {state}")
            if rows:
                self._skip_erased()
        return sum(people for _, _, rehearsal, people in rows if not rehearsal)

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def resolve(self, record: Record, *, sent: bool, persons: Iterable[bytes] | None = None) -> int:
        """Settle those of *record* who are unknown, or of them only *persons*: accepted, or to be written to again.

        Returns how many that was.
        """
        wanted = None if persons is None else frozenset(persons)
        chosen = [one for one in self.people(record, State.UNKNOWN) if wanted is None or one.person in wanted]
        state, reason = (State.ACCEPTED, SETTLED_SENT) if sent else (State.PLANNED, SETTLED_NOT_SENT)
        rows = [(state, reason, record.id, one.person) for one in chosen]
        with transaction(self._db):
            self._db.executemany("UPDATE recipient SET state = ?, reason = ? WHERE send = ? AND person = ?", rows)
            self._skip_erased()
            self._note(reason, record.id, detail=_people(sum(one.copies for one in chosen)))
        return sum(one.copies for one in chosen)

    def erase(self, person: bytes) -> int:
        """Forget address and name of *person*; who still waits is skipped. Return in how many sends they stood."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE recipient SET state = 'skipped', reason = 'erased' WHERE person = ? AND state = 'planned'",
                (person,),
            )
            sends = self._db.execute(
                "UPDATE recipient SET address = NULL, name = NULL, greeting = NULL WHERE person = ?", (person,)
            ).rowcount
            self._note("erased", detail=f"one person, in {sends} sends")
        return sends

    def _skip_erased(self) -> None:
        """Let nobody wait who has no address any more: erased while it was not known whether they have their copy."""
        self._db.execute(
            "UPDATE recipient SET state = 'skipped', reason = 'erased' WHERE state = 'planned' AND address IS NULL"
        )

    def forget_addresses(self, before: datetime) -> int:
        """Forget the addresses in sends in which nothing was done since *before* (UTC), but those not settled yet.

        Returns how many people that was.
        """
        with transaction(self._db):
            idle = "send IN (SELECT send FROM event WHERE send IS NOT NULL GROUP BY send HAVING max(utc) < ?)"
            self._db.execute(
                f"UPDATE recipient SET state = 'skipped', reason = ? WHERE state = 'planned' AND {idle}",  # noqa: S608
                (TOO_LATE, written(before)),
            )
            people = self._db.execute(
                "UPDATE recipient SET address = NULL, name = NULL, greeting = NULL WHERE address IS NOT NULL"
                " AND state IN ('accepted', 'rejected', 'skipped')"
                " AND send IN (SELECT send FROM event WHERE send IS NOT NULL GROUP BY send HAVING max(utc) < ?)",
                (written(before),),
            ).rowcount
            if people:
                self._note("retention", detail=f"{people} addresses forgotten")
        return people

    def _note(self, what: str, send: int | None = None, batch: int | None = None, detail: str = "") -> None:
        self._db.execute(
            "INSERT INTO event(utc, pid, who, send, batch, what, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (_now(), os.getpid(), _who(), send, batch, what, detail),
        )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _now() -> str:
    return written(datetime.now(UTC))


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may know no name for its user
        return "unknown"
