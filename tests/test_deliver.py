"""A plan names who still waits; delivering it gives each of them one copy, and the arithmetic adds up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.deliver import Tally, deliver, plan, tally
from newsletter.message import Edition, Mailbox, Message, Sender, compose
from newsletter.people import Audience, Person, Skipped
from newsletter.providers import Copy, Outcome, Provider, Result, Send
from newsletter.providers.outbox import Outbox
from newsletter.tokens import read_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KEY = b"k" * 32
NOW = datetime(2026, 1, 5, 9, 4, tzinfo=UTC)
WHO = Mailbox("Practitioner newsletter", "newsletter@example.org")
EDITION = Edition(
    "2026-01", "January", "", "<p>NL_GREETING_NL</p><a href='NL_UNSUBSCRIBE_NL'>x</a>", "NL_GREETING_NL\n"
)
MESSAGE = compose(EDITION, Sender(WHO, WHO, "Example"), list_name="practitioners", list_title="Practitioners")


def people(number: int) -> tuple[Person, ...]:
    """*number* people with names of their own."""
    return tuple(Person(f"p{n}@example.org", f"P{n} Person", f"P{n}", "Test", n + 2) for n in range(number))


def audience(number: int, skipped: int = 0) -> Audience:
    """A list of *number* people, and of *skipped* lines that are mailed to nobody."""
    return Audience("practitioners", people(number), tuple(Skipped(n, "listed twice") for n in range(skipped)), ())


class Counting(Provider):
    """A provider that remembers every copy, and answers from a table by key; what it does not name it accepts."""

    def __init__(self, answers: Mapping[str, Outcome] | None = None, batch: int = 50) -> None:
        self.answers, self.size, self.batches = answers or {}, batch, list[list[Copy]]()

    @property
    def batch(self) -> int:  # type: ignore[override]
        """The most copies at once."""
        return self.size

    def done(self, send: Send) -> Mapping[str, datetime]:  # noqa: ARG002
        """Return what was handed over before."""
        return {copy.key: NOW for batch in self.batches for copy in batch}

    def submit(self, send: Send, copies: Sequence[Copy]) -> Sequence[Result]:  # noqa: ARG002
        """Take the copies."""
        self.batches.append(list(copies))
        return [Result(copy.key, self.answers.get(copy.key, Outcome.ACCEPTED)) for copy in copies]

    def where(self, send: Send) -> str:  # noqa: ARG002
        """Return nowhere."""
        return "nowhere"


def run(provider: Provider, crowd: Audience, message: Message = MESSAGE, greeting: str = "Hello {first_name},") -> Any:
    """Plan and deliver the whole of a send; return its arithmetic."""
    planned = plan(message, crowd, provider, secret=KEY, greeting=greeting)
    results = deliver(planned, provider, secret=KEY, now=NOW)
    return tally(planned, Counter(result.outcome for result in results))


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    """Planning leaves no trace, and has everybody waiting in the order of the list."""
    planned = plan(MESSAGE, audience(3, 2), Outbox({}, state=tmp_path / "state"), secret=KEY, greeting="")
    assert people(3) == tuple(person for _, person in planned.waiting)
    assert (0, None, 5, []) == (planned.done, planned.last_done, planned.planned, list(tmp_path.iterdir()))


def test_a_plan_tells_no_addresses() -> None:
    """A plan that is printed, in a log or a traceback, shows nobody's address."""
    assert "@" not in repr(plan(MESSAGE, audience(3), Counting(), secret=KEY, greeting=""))


@pytest.mark.parametrize(
    ("number", "size", "batches"), [(1, 50, [1]), (50, 50, [50]), (101, 50, [50, 50, 1]), (3, 1, [1, 1, 1])]
)
def test_batches(number: int, size: int, batches: list[int]) -> None:
    """The provider gets at most as many copies at once as it takes."""
    provider = Counting(batch=size)
    run(provider, audience(number))
    assert batches == [len(batch) for batch in provider.batches]


def test_each_copy_is_its_persons_own() -> None:
    """Each copy has one recipient, that person's greeting and token, and the given Date."""
    provider = Counting()
    run(provider, audience(2))
    mails = [message_from_bytes(copy.data, policy=default) for copy in provider.batches[0]]
    assert ["P0 Person <p0@example.org>", "P1 Person <p1@example.org>"] == [mail["To"] for mail in mails]
    texts = [part.get_content() for mail in mails if (part := mail.get_body(("plain",)))]
    assert ["Hello P0,\n", "Hello P1,\n"] == [text.replace("\r\n", "\n") for text in texts]
    tokens = [mail["List-Unsubscribe"].split("unsubscribe%20")[1].rstrip(">") for mail in mails]
    assert ["practitioners"] * 2 == [read_token(KEY, token)[0] for token in tokens]
    assert len(set(tokens)) == 2
    assert [NOW] * 2 == [mail["Date"].datetime for mail in mails]


def test_without_a_greeting_there_is_none() -> None:
    """A workspace without a greeting merges nobody's name."""
    provider = Counting()
    run(provider, audience(1), greeting="")
    part = message_from_bytes(provider.batches[0][0].data, policy=default).get_body(("plain",))
    assert part is not None
    assert part.get_content().strip() == ""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 30), stops=st.lists(st.integers(0, 30), max_size=4), size=st.integers(1, 9))
def test_stopped_anywhere_and_resumed(number: int, stops: list[int], size: int) -> None:
    """However often a send is stopped in the middle, in the end each person has been handed over once."""
    provider = Counting(batch=size)
    for stop in stops:
        planned = plan(MESSAGE, audience(number), provider, secret=KEY, greeting="")
        list(islice(deliver(planned, provider, secret=KEY, now=NOW), stop))
    run(provider, audience(number))
    handed = [copy.address for batch in provider.batches for copy in batch]
    assert [person.address for person in people(number)] == handed
    assert () == plan(MESSAGE, audience(number), provider, secret=KEY, greeting="").waiting


def test_a_stop_lets_the_batch_under_way_end() -> None:
    """Asked to stop, it ends between two batches, and every copy handed over has its result."""
    provider = Counting(batch=10)
    planned = plan(MESSAGE, audience(35), provider, secret=KEY, greeting="")
    stop = deliver(planned, provider, secret=KEY, now=NOW, stopping=lambda: sum(map(len, provider.batches)) >= 12)
    assert (20, [10, 10]) == (len(list(stop)), [len(batch) for batch in provider.batches])


def test_the_same_person_however_written(tmp_path: Path) -> None:
    """A person whose address is written in another case later has the copy already."""
    provider = Counting()
    run(provider, audience(1))
    same = replace(people(1)[0], address="P0@EXAMPLE.org")
    assert () == plan(MESSAGE, Audience("practitioners", (same,), (), ()), provider, secret=KEY, greeting="").waiting


def test_a_new_person_after_the_end() -> None:
    """Somebody who joins after a send has ended is the only one to get a copy."""
    provider = Counting()
    run(provider, audience(3))
    assert Tally(4, 4, 0, 0, 0) == run(provider, audience(4))
    assert [["p0@example.org", "p1@example.org", "p2@example.org"], ["p3@example.org"]] == [
        [copy.address for copy in batch] for batch in provider.batches
    ]


def test_last_done_is_the_newest_of_this_list(tmp_path: Path) -> None:
    """When the last copy was delivered is told from the people on the list, not from strangers in the folder."""
    outbox = Outbox({}, state=tmp_path)
    planned = plan(MESSAGE, audience(2), outbox, secret=KEY, greeting="")
    list(deliver(planned, outbox, secret=KEY, now=NOW))
    outbox.submit(planned.send, [Copy("stranger", "x@example.org", b"x")])
    after = plan(MESSAGE, audience(2), outbox, secret=KEY, greeting="")
    times = [when for name, when in outbox.done(planned.send).items() if name != "stranger"]
    assert (2, max(times), ()) == (after.done, after.last_done, after.waiting)
    assert after.last_done is not None
    assert after.last_done.utcoffset() == timedelta()


@settings(max_examples=60, deadline=None)
@given(answers=st.lists(st.sampled_from(Outcome), min_size=1, max_size=20), skipped=st.integers(0, 5))
def test_the_arithmetic(answers: list[Outcome], skipped: int) -> None:
    """Planned is always accepted + rejected + skipped + unknown, with nobody waiting at the end."""
    crowd = audience(len(answers), skipped)
    names = [name for name, _ in plan(MESSAGE, crowd, Counting(), secret=KEY, greeting="").waiting]
    told = Counter(answers)
    assert Tally(
        len(answers) + skipped, told[Outcome.ACCEPTED], told[Outcome.REJECTED], skipped, told[Outcome.UNKNOWN]
    ) == (sums := run(Counting(dict(zip(names, answers, strict=True))), crowd))
    assert sums.waiting == 0


def test_those_who_wait_are_counted() -> None:
    """Before a send everybody who is not skipped is waiting."""
    planned = plan(MESSAGE, audience(5, 2), Counting(), secret=KEY, greeting="")
    assert (7, 5) == ((sums := tally(planned, Counter())).planned, sums.waiting)
