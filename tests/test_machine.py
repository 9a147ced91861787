"""The ledger under whatever may happen to it, in any order: Hypothesis looks for a story in which somebody gets two.

Each story is told to the real program: its commands run on a real ledger.db and people.db, under the real lock. Made
up are the service that mail goes to, which keeps what it took, the clock, and the moment at which the program dies.
A death is one of the process, not of the computer: `test_faults` has those.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from madeup import (
    DEEDS,
    ISSUES,
    LISTS,
    READERS,
    WINDOW,
    Broken,
    Service,
    World,
    built,
    person,
    request,
)
from stage import Stage

from newsletter import database, deliver, ledger, preflight
from newsletter.commands import agreement, desk, dispatch, plan
from newsletter.errors import NewsletterError, RefusedError
from newsletter.ledger import FILE, Ledger
from newsletter.ledger._book import written
from newsletter.people import ALL_LISTS
from newsletter.providers import Send
from newsletter.receipts import receipts
from newsletter.records import State
from newsletter.tokens import person_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madeup import Copy

    from newsletter.commands.desk import Request
    from newsletter.providers import AnyProvider

STORIES = int(os.environ.get("MACHINE_STORIES", "60"))  # some thousands for a night
STEPS = 20  # of one story
IN_DOUBT, FINAL = {State.UNKNOWN, State.SUBMITTING}, {State.ACCEPTED, State.SKIPPED}

readers = st.sampled_from(READERS)
deeds = st.lists(st.sampled_from(DEEDS), min_size=1, max_size=6)
# What happens in the middle of a command, and at which moment: of all, or before or after the service takes something.
# A sleep between the look at the clock and the request is left out: nobody could see it.
events = st.none() | st.one_of(
    st.tuples(st.sampled_from(("die", "rival")), st.just("any"), st.integers(1, 30)),
    st.tuples(st.sampled_from(("die", "rival", "leave", "erase")), st.just("asked"), st.integers(1, 4)),
    st.tuples(st.sampled_from(("die", "leave", "sleep")), st.just("taken"), st.integers(1, 4)),
)
# What the time does, for how many hours, and how many the clock is then wrong by, if it is set.
jumps = st.tuples(
    st.sampled_from(("wait", "sleep", "start", "set")),
    st.sampled_from((1, 15, 20, 28)),
    st.sampled_from((-500_000, -20, 0, 30)),
)
switches = st.fixed_dictionaries({"include_new": st.booleans(), "retry_rejected": st.booleans()})


class Died(BaseException):
    """The process is dead: whatever it does from here on never happened."""


class Story(Stage):
    """Whatever may happen to one workspace."""

    def __init__(self) -> None:
        super().__init__()
        self.patched = pytest.MonkeyPatch()
        self.event: tuple[str, str, int] | None = None
        self.in_transaction = False
        self.dead: dict[str, bytes] = {}  # the files as a dead process left them
        self.copies: list[dict[str, bytes]] = [{}]  # older copies of the ledger; the first is none at all
        self.read: dict[str, bytes] = {}  # the files after the last step, and what they said
        self.seen: dict[Copy, State] = {}
        self.trail: list[tuple[Any, ...]] = []

    @initialize(ignores_repeats=st.booleans(), is_laptop=st.booleans(), deeds=deeds, event=events)
    def begin(
        self, *, ignores_repeats: bool, is_laptop: bool, deeds: list[str], event: tuple[str, str, int] | None
    ) -> None:
        """Begin with a first send. A laptop sleeps, a desktop's clock is set back: nobody could see through both."""
        self.world, self.is_laptop = World(self.workspace, ignores_repeats, self.moment), is_laptop
        clock, put = self.world.clock, self.patched.setattr
        put(ledger, "stamp", clock.stamp)
        put(ledger, "_now", lambda: written(clock.now()))
        put(ledger, "transaction", self.transaction)
        for module in (agreement, desk, dispatch):
            put(module, "datetime", clock)
        for module in (desk, plan):
            put(module, "build", lambda _workspace, issue: built(issue, self.world.words[issue]))
        put(agreement, "have_typed", lambda *_of, **_how: None)  # somebody types the right count
        for module, name in ((deliver, "_FIRST_WAIT"), (deliver, "_BETWEEN_ROUNDS"), (database, "_WAIT")):
            put(module, name, 0)
        put(preflight, "_FILLER", 1)
        self.patched.setitem(database._PRAGMAS, "synchronous", 0)  # no power is cut here
        self.write_list()
        with self.people() as people:
            people.add("friends", [person(one) for one in (2, 3, 4)])
        self.send(ISSUES[0], LISTS[0], 1, rehearsal=False, deeds=deeds, event=event, how={})

    def teardown(self) -> None:
        """Mend everything, once a story is over."""
        try:
            if hasattr(self, "world"):
                self.mend()
        finally:
            self.patched.undo()
            shutil.rmtree(self.folder)

    # --- what a command meets -----------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """A transaction of the ledger's, with moments before it, before its commit and after it."""
        self.moment("transaction")
        with database.transaction(connection):
            self.in_transaction = True
            try:
                yield
                self.moment("transaction")
            finally:
                self.in_transaction = False
        self.moment("transaction")

    def moment(self, kind: str) -> None:
        """A moment at which the event may come."""
        if self.event is None or kind != self.event[1] != "any":
            return
        what, where, left = self.event
        if left > 1:
            self.event = what, where, left - 1
            return
        self.event = None
        if what == "die":
            self.dead = self.files()
            raise Died
        if what == "rival":
            self.rival()
        elif what == "sleep":
            self.world.clock.wait(30, asleep=self.is_laptop)
        else:
            self.leave(READERS[1], ALL_LISTS, is_erased=what == "erase")

    def rival(self) -> None:
        """Another process at the same time gets nowhere."""
        before, taken = self.files(), self.world.taken.copy()
        with pytest.raises(RefusedError, match="another send is running"):
            dispatch._send(request(ISSUES[0], LISTS[0]), self.workspace, Service(self.world))
        if self.in_transaction:
            with pytest.raises(RefusedError, match="another newsletter command"), self.opened() as other:
                other.erase(b"somebody")
        assert (before, taken) == (self.files(), self.world.taken)

    def command(self, what: Request, provider: AnyProvider) -> str:
        """Run ``newsletter send`` to whatever end, and return what it refused with."""
        self.world.barred, refusal = frozenset(self.world.opted), ""
        try:
            dispatch._send(what, self.workspace, provider)
        except (NewsletterError, click.exceptions.Exit) as end:
            refusal = getattr(end, "message", "")
        except Broken:
            pass
        except Died:
            self.put(self.dead)
        self.event = None
        return refusal

    # --- what may happen ----------------------------------------------------------------------------------------------

    @rule(issue=st.sampled_from(ISSUES), list_name=st.sampled_from(LISTS), edition=st.sampled_from((1, 1, 1, 2)),
          rehearsal=st.sampled_from((False, False, False, True)), deeds=deeds, event=events, how=switches)  # fmt: skip
    def send(
        self, issue: str, list_name: str, edition: int, *, rehearsal: bool, deeds: list[str],
        event: tuple[str, str, int] | None, how: dict[str, bool],
    ) -> None:  # fmt: skip
        """Send."""
        self.world.deeds, self.event = cycle(deeds), event
        size, before, taken = self.size(list_name), {one.uid for one in self.records()}, self.world.taken.total()
        refusal = self.command(request(issue, list_name, edition, **how), self.provider(rehearsal=rehearsal))
        if refusal.startswith("Not sent"):
            assert taken == self.world.taken.total()
        for record in self.records():
            if record.uid not in before:
                assert size == record.total
                message = self.world.message(issue, list_name)
                self.world.plans[rehearsal, Send(message, record.planned, edition).name] = message.digest

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), jumps=st.lists(jumps, max_size=2), deeds=deeds, event=events, how=switches)
    def go_on(
        self, data: st.DataObject, *, jumps: list[tuple[str, int, int]], deeds: list[str],
        event: tuple[str, str, int] | None, how: dict[str, bool],
    ) -> None:  # fmt: skip
        """Go on with a send, or with one that is over, maybe after a while."""
        for jump in jumps:
            self.jump(jump)
        which = self.one_of_the_records(data)
        issue, list_name, edition = which.issue, which.list_name, which.edition
        self.send(issue, list_name, edition, rehearsal=which.rehearsal, deeds=deeds, event=event, how=how)

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), sent=st.booleans())
    def resolve(self, data: st.DataObject, *, sent: bool) -> None:
        """Somebody who has looked it up says who has it, or who has it not."""
        self.settle(self.one_of_the_records(data), sent=sent)

    @rule(one=readers, change=st.sampled_from((str.lower, str.upper, "strike", "add", "remove", *ISSUES)))
    def edit(self, one: int, change: Any) -> None:
        """A list in a file or one that is kept here changes by one reader, or an issue gets other words."""
        if change in ISSUES:
            self.world.words[change] += 1
        elif change in {"add", "remove"}:
            with self.people() as people:
                if change == "add":
                    people.add("friends", [person(one)])
                else:
                    people.remove("friends", person(one).address.upper())
        else:
            self.listed.pop(one, None)
            if change != "strike":
                self.listed[one] = change
            self.write_list()

    @rule(one=readers, list_name=st.sampled_from((ALL_LISTS, *LISTS)), is_erased=st.booleans())
    def leave(self, one: int, list_name: str, *, is_erased: bool) -> None:
        """Somebody opts out of one list or of all, or is erased."""
        address, reason = person(one).address.upper(), "erased" if is_erased else "unsubscribed"
        list_name = ALL_LISTS if is_erased else list_name
        with self.people() as people:
            people.unsubscribe(address, list_name, reason=reason, source="a test")
            self.world.opted.add((list_name, people.key(address).hex()))
        if is_erased and (self.state / FILE).exists():
            with self.opened() as opened:
                opened.erase(person_key(self.secret, address))

    @rule(data=st.data())
    def keep_or_restore(self, data: st.DataObject) -> None:
        """Somebody keeps a copy of the ledger, or puts one back that is less far on: nothing is sent by it."""
        now, old = self.files(), data.draw(st.sampled_from([None, *self.copies]))
        if old is None:
            self.copies.append(now)
            return
        self.put(old)
        with self.opened() as opened:
            known = opened.progress()
        if any(known.get(one.uid, -1) < one.events for one in receipts(self.folder)):
            taken = self.world.taken.total()
            refusal = self.command(request(ISSUES[0], LISTS[0], include_new=True), Service(self.world))
            assert refusal.startswith(("Not sent: the ledger here", "this computer's clock says"))
            assert taken == self.world.taken.total()
        self.put(now)

    @rule(jump=jumps)
    def jump(self, jump: tuple[str, int, int]) -> None:
        """Time passes, a laptop sleeps or is started anew, or the clock is set; a laptop's never back."""
        what, hours, wrong = jump
        clock = self.world.clock
        if what == "set":
            clock.wrong = max(timedelta(hours=wrong), clock.wrong if self.is_laptop else timedelta.min)
            return
        clock.wait(hours, asleep=self.is_laptop and what != "wait")
        if self.is_laptop and what == "start":
            clock.asleep, clock.boot = clock.passed, clock.boot + 1

    # --- what must hold after each step -------------------------------------------------------------------------------

    @invariant()
    def nobody_has_two(self) -> None:
        """I1: nobody was sent an issue twice, by whichever lists. A rehearsal writes the same copy again."""
        assert {1} >= {number for (rehearsal, *_), number in self.world.taken.items() if not rehearsal}

    @invariant()
    def the_ledger_tells_the_truth(self) -> None:
        """I2 to I5: who is accepted has it, who has it is accepted or in doubt, all add up, and the file is sound."""
        if self.files() == self.read:
            return
        self.read = self.files()
        with self.reading() as opened:
            now = _standing(opened)
        with closing(sqlite3.connect(self.folder / "read" / FILE)) as connection:
            assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
            assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
            trail = connection.execute("SELECT * FROM event ORDER BY id").fetchall()
        accepted = {who for who, state in now.items() if state is State.ACCEPTED}
        assert accepted <= set(self.world.taken)
        doubtful = {who for who, state in now.items() if state in IN_DOUBT}
        assert {who for who in self.world.taken if not who[0]} <= accepted | doubtful
        assert self.seen.keys() <= now.keys()
        assert {who: state for who, state in self.seen.items() if state in FINAL}.items() <= now.items()
        assert self.trail == trail[: len(self.trail)]
        self.seen, self.trail = now, trail

    def mend(self) -> None:
        """Once the clock is right and all is settled, the same command reaches everybody who still waits."""
        clock = self.world.clock
        clock.wrong, clock.passed = max(clock.wrong, timedelta()), clock.passed + 2 * WINDOW
        for record in self.records():
            for sent in (True, False):
                self.settle(record, sent=sent)
            self.world.deeds = cycle(["took"])
            again = request(record.issue, record.list_name, record.edition)
            self.command(again, self.provider(rehearsal=record.rehearsal))
        records = self.records()
        corrected = {(one.rehearsal, one.issue, one.list_name, one.edition - 1) for one in records}
        last = [one for one in records if (one.rehearsal, one.issue, one.list_name, one.edition) not in corrected]
        assert {(0, 0)} >= {(one.waiting, one.counts[State.UNKNOWN]) for one in last}
        self.nobody_has_two()
        self.the_ledger_tells_the_truth()


def _standing(opened: Ledger) -> dict[Copy, State]:
    """Where everybody stands; the figures of each send add up."""
    found: dict[Copy, State] = {}
    for record in opened.records():
        people = list(opened.people(record, *State))
        counts = record.counts
        assert Counter(one.state for one in people) == +Counter(counts)
        done = counts[State.ACCEPTED] + counts[State.REJECTED] + counts[State.UNKNOWN]
        assert record.total == done + record.skipped + record.waiting
        found |= {(record.rehearsal, record.issue, record.edition, one.person.hex()): one.state for one in people}
    return found


@pytest.mark.slow
def test_whatever_happens() -> None:
    """Whatever happens in whatever order, nobody gets two, nobody is lost, and the ledger tells the truth."""
    shaped = settings(max_examples=STORIES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Story, settings=shaped)
