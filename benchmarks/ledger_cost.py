"""What the ledger costs: the same people handed to the same sink with it and without it, in batches of 500.

    .venv/bin/python benchmarks/ledger_cost.py

The provider alone, and `deliver` with a ledger on the disk, take turns on four connections. What is told is the median
of what each turn lost against the one beside it: a tenth is less than the clock of a machine drifts in a minute.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from measuring import Options, Row, Sink, alone, in_turn, middle

from newsletter.deliver import Run, deliver
from newsletter.ledger import open_ledger
from newsletter.message import Edition, Mailbox, Message, Recipient, Sender, compose, freeze
from newsletter.providers import Addressee, Machine, Send
from newsletter.providers.smtp import Smtp
from newsletter.records import Entry, Order
from newsletter.tokens import person_key, unsubscribe_token

SIZE = 500
SECRET = b"k" * 32
WORDS = "What changed in the procedures this winter, and the training that you can book.\n"


def message() -> Message:
    """Return a mail of 40 KB."""
    edition = Edition("2026-01", "January 2026 newsletter", "", f"<p>{WORDS * 400}</p>", WORDS * 80)
    who = Mailbox("News", "news@example.org")
    return compose(edition, Sender(who, who, "Partnership"), list_name="practitioners", list_title="Practitioners")


def addressee(send: Send, address: str) -> Addressee:
    """Return a person as `deliver` hands them over, with the token that is in their mail."""
    person = person_key(SECRET, address)
    token = unsubscribe_token(SECRET, list_name=send.message.list_name, person=person)
    return Addressee(person.hex(), Recipient(address, token=token))


def unrecorded(provider: Smtp, send: Send, people: list[str]) -> float:
    """Hand all over without a ledger; return messages a second."""
    begun = perf_counter()
    for start in range(0, len(people), SIZE):
        named = [addressee(send, address) for address in people[start : start + SIZE]]
        taken = Counter(result.outcome for result in provider.submit(send, named))
        assert set(taken) == {"accepted"}, taken
    return len(people) / (perf_counter() - begun)


def recorded(provider: Smtp, send: Send, people: list[str], folder: Path) -> float:
    """Hand all over with a ledger; return messages a second, the planning left out."""
    order = Order("2026-01", "practitioners", "smtp", "sink", "News", "c", "v", freeze(send.message))
    with open_ledger(folder, SECRET) as ledger:
        entries = (Entry(person_key(SECRET, address), address) for address in people)
        with ledger.planning(order, entries, left_out={}, size=SIZE) as record:
            pass
        run = Run(SECRET, lambda _people: {}, lambda: False, lambda _seconds: None)
        begun = perf_counter()
        taken = sum(deliver(record, ledger, provider, send, run), Counter())
        assert set(taken) == {"accepted"}, taken
        return len(people) / (perf_counter() - begun)


def rows(options: Options) -> list[Row]:
    """Return the row of the ledger."""
    people = [f"p{one}@example.org" for one in range(options.people)]
    sink, send, turn = Sink(), Send(message(), datetime(2026, 1, 5, 9, tzinfo=UTC)), count()
    settings = {"host": "127.0.0.1", "port": sink.port, "security": "none", "connections": 4, "batch": SIZE}
    rounds = options.rounds * 3
    with TemporaryDirectory() as name:
        provider = Smtp(settings, Machine(Path(name), lambda _name: sys.exit("no secret is needed")))
        runs = {
            "without": lambda: unrecorded(provider, send, people),
            "with": lambda: recorded(provider, send, people, Path(name) / str(next(turn))),
        }
        without, kept = in_turn(runs, rounds).values()
        provider.close()
    handed = 2 * rounds * len(people)
    if sink.taken() != handed:
        sys.exit(f"the sink took {sink.taken():,} of {handed:,}")
    loss = middle([100 - ours * 100 / other for ours, other in zip(kept, without, strict=True)])
    told = f"{loss:.1f} % ({middle(kept):,.0f}/s against {middle(without):,.0f}/s without)"
    return [Row(f"the ledger's cost, in batches of {SIZE}", "<= 10 % of messages/s", told, loss <= 10)]


if __name__ == "__main__":
    alone(rows)
