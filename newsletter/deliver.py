"""A planned send + its provider → what became of each copy. Each person gets one copy, whatever is repeated.

Of each batch it is on the disk that it is being handed over before its first byte leaves, and what became of it before
anybody is told. See `newsletter.ledger`.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.ledger import REASONS
from newsletter.message import Recipient, greet
from newsletter.providers import Addressee, BusyError, CampaignProvider, Outcome, Result, Send
from newsletter.records import Entry, State
from newsletter.tokens import audience_key, person_key, unsubscribe_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsletter.audience import Person
    from newsletter.ledger import Ledger
    from newsletter.providers import AnyProvider, HostedAudience
    from newsletter.records import Batch, Record

TRIES = 8  # how often a batch is handed over while the provider asks to wait
ROUNDS = 3  # how often somebody who was turned away for now is tried in one run
_FAILURES = 3  # batches in a row of which nobody was taken or refused: then the line is down, and the send pauses
_SAFE_PART = 0.8  # of the time for which a provider promises to ignore a repeat
_BETWEEN_ROUNDS = 5.0  # seconds
_SUSPICIOUS = 10  # rejections in a row: rather our fault than that of so many addresses
_FIRST_WAIT = 1.0  # seconds after a failing batch; doubled after each that follows
_STATES = {outcome: State(outcome) for outcome in Outcome}


Suppressed: TypeAlias = "Callable[[Sequence[bytes]], Mapping[bytes, str]]"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a send: *stopping* says whether somebody asked to end it, *wait* waits for so many seconds.

    *suppressed* returns, of so many people, those who are not to be written to after all, and why.
    """

    secret: bytes = field(repr=False)
    suppressed: Suppressed
    stopping: Callable[[], bool]
    wait: Callable[[float], None]


def entries(people: Iterable[Person], *, secret: bytes, greeting: str) -> Iterator[Entry]:
    """Yield each of *people* as the ledger knows them; *greeting* is the workspace's pattern, or empty."""
    for person in people:
        words = greet(greeting, person.first_name) if greeting else ""
        yield Entry(person_key(secret, person.address), person.address, person.name, words)


def hosted(audience: HostedAudience, *, secret: bytes) -> Entry:
    """Return a list that the provider keeps as the ledger knows it: one that stands for all of its people."""
    return Entry(audience_key(secret, audience.id), audience.id, audience.name, copies=audience.people)


def take_off(provider: CampaignProvider, leavers: Callable[[Iterable[str]], Iterator[str]]) -> int:
    """Unsubscribe there whoever has opted out here, and return how many that is; *leavers* picks them out."""
    gone = 0
    for address in leavers(provider.members()):
        provider.unsubscribe(address)
        gone += 1
    return gone


def due(record: Record, ledger: Ledger, provider: AnyProvider, suppressed: Suppressed) -> int:
    """Return how many people `deliver` would hand over: who waits, and who is in doubt where a repeat does no harm."""
    doubtful = (one for batch in _doubtful(record, ledger, provider, suppressed) for one in batch.people)
    return record.waiting + sum(one.copies for one in doubtful)


def deliver(record: Record, ledger: Ledger, provider: AnyProvider, send: Send, run: Run) -> Iterator[Counter[State]]:
    """Hand over whoever of *record* still waits, a batch at a time; after each yield what became of its people.

    That is recorded before it is yielded. Whoever is turned away for now gets two more tries at the end. Between two
    batches *run* is asked whether to stop, which loses nothing. Raises RefusedError when three batches in a row fail,
    and what the provider raises; all that is known is recorded by then.
    """
    failures = refused = 0
    for tried in range(ROUNDS):
        if tried and next(_batches(record, ledger, provider, run.suppressed), None):
            run.wait(_BETWEEN_ROUNDS)
        for batch in _batches(record, ledger, provider, run.suppressed):
            if run.stopping():
                return
            became = _hand_over_in_time(batch, ledger, provider, send, run)
            yield became
            refused = 0 if became[State.ACCEPTED] else refused + became[State.REJECTED]
            if became[State.ACCEPTED] or became[State.SKIPPED] or (became[State.REJECTED] and refused < _SUSPICIOUS):
                failures = 0
                continue
            failures += 1
            if failures == _FAILURES and not tried:  # later rounds hold only those who were turned away before
                again = "Give the same command again when that is mended: it goes on where it stopped."
                raise RefusedError(
                    "Paused: three batches in a row failed.", f"{last_word(ledger, record)}\n{again}".strip()
                )
            run.wait(min(_FIRST_WAIT * 2 ** (failures - 1), _BETWEEN_ROUNDS))


def _batches(record: Record, ledger: Ledger, provider: AnyProvider, suppressed: Suppressed) -> Iterator[Batch]:
    """Yield what is to be handed over: first, where the provider ignores repeats, what it may have had already."""
    yield from _doubtful(record, ledger, provider, suppressed)
    number = 0
    while batch := ledger.next_batch(record.id, after=number):
        number = batch.number
        yield batch


def _doubtful(record: Record, ledger: Ledger, provider: AnyProvider, suppressed: Suppressed) -> Iterator[Batch]:
    """Yield what may be handed over again. Without somebody who has left since, it would be another request."""
    if provider.ignores_repeats is None:
        return
    for batch in ledger.doubtful(record.id, within=provider.ignores_repeats * _SAFE_PART):
        if not suppressed([one.person for one in batch.people]):
            yield batch


def submit_test(send: Send, provider: AnyProvider, people: Sequence[Recipient]) -> tuple[Result, ...]:
    """Hand over a test copy to each of *people*: no list, no ledger, nobody else."""
    named = [Addressee(secrets.token_hex(16), person) for person in people]
    if isinstance(provider, CampaignProvider):
        provider.launch_test(send, [person.address for person in people])
        return tuple(Result(one.key, Outcome.ACCEPTED) for one in named)
    return tuple(provider.submit(send, named))


def reconcile(record: Record, ledger: Ledger, provider: AnyProvider, send: Send, secret: bytes) -> int:
    """Ask the provider about those of *record* who are unknown, where it can be asked; return how many are settled."""
    if isinstance(provider, CampaignProvider) or not record.counts[State.UNKNOWN]:
        return 0
    people = [_addressee(one, send, secret) for one in ledger.people(record, State.UNKNOWN) if one.address]
    return ledger.reconcile(record, [_row(result) for result in provider.look_up(send, people)])


def _hand_over_in_time(batch: Batch, ledger: Ledger, provider: AnyProvider, send: Send, run: Run) -> Counter[State]:
    """Hand over one batch as often as the provider asks to wait, but raise BusyError when it does for the last time.

    Meanwhile its people are planned. Whether one in doubt may be repeated after a while is for the next round to ask.
    """
    for tried in range(1, TRIES + 1):
        try:
            return _hand_over(batch, ledger, provider, send, run)
        except BusyError as busy:
            if tried == TRIES:
                raise
            # With chance in it, for others may be waiting as we do.
            run.wait(busy.seconds or secrets.SystemRandom().uniform(0, _FIRST_WAIT * 2**tried))
        again = ledger.next_batch(batch.send, after=batch.number - 1)
        if run.stopping() or batch.is_doubtful or again is None or again.number != batch.number:
            break
        batch = again
    return Counter()


def _hand_over(batch: Batch, ledger: Ledger, provider: AnyProvider, send: Send, run: Run) -> Counter[State]:
    """Hand over one batch and record it; return how many ended in which state."""
    # One in doubt has just been looked through.
    leavers = {} if batch.is_doubtful else run.suppressed([one.person for one in batch.people])
    if leavers:
        ledger.skip(batch, leavers)
        batch = replace(batch, people=tuple(one for one in batch.people if one.person not in leavers))
    became = Counter({State.SKIPPED: len(leavers)})
    if batch.people:
        hand_over = _prepared(batch, provider, send, run.secret)  # who cannot be handed over is never in doubt
        key = ledger.submitting(batch)
        became.update(_submit(batch, ledger, provider, hand_over(key)))
    return +became


def _prepared(batch: Batch, provider: AnyProvider, send: Send, secret: bytes) -> Callable[[str], Iterator[Result]]:
    """Return the function that hands over *batch*, given its idempotency key."""
    if isinstance(provider, CampaignProvider):
        (whole_list,) = batch.people
        _refuse_other_list(whole_list, provider, secret)
        return lambda _: _launched(provider, send, whole_list.person.hex())
    people = [_addressee(one, send, secret) for one in batch.people]
    return lambda key: provider.submit(send, people, key=key)


def _refuse_other_list(planned: Entry, provider: CampaignProvider, secret: bytes) -> None:
    """Raise RefusedError when the list that newsletter.yaml names is not the one that was *planned*: names can move."""
    now = provider.audience()
    if audience_key(secret, now.id) != planned.person:
        hint = "Give the lists there their names back, or name the one that was meant by its id in newsletter.yaml."
        raise RefusedError(f"Not sent: this was planned for another list there than {now.name} is now.", hint)


def _launched(provider: CampaignProvider, send: Send, key: str) -> Iterator[Result]:
    """Have a campaign sent; after any error it certainly was not started."""
    try:
        yield replace(provider.launch(send), key=key)
    except NewsletterError as error:
        yield Result(key, Outcome.PLANNED, error.message)
        raise


def _submit(batch: Batch, ledger: Ledger, provider: AnyProvider, results: Iterator[Result]) -> Counter[State]:
    otherwise = State.PLANNED if provider.is_repeatable else State.UNKNOWN
    known: dict[str, Result] = {}
    try:
        for result in results:
            known[result.key] = result
    finally:  # also when the provider gives up, or somebody presses Ctrl-C twice
        if batch.is_doubtful:  # what is turned away now may still have been taken before
            known = {key: one for key, one in known.items() if one.outcome in {Outcome.ACCEPTED, Outcome.REJECTED}}
        _settle(batch, ledger, known, otherwise)
    states = Counter[State]()
    for one in batch.people:
        told = known.get(one.person.hex())
        if told or not batch.is_doubtful:
            states[_STATES[told.outcome] if told else otherwise] += one.copies
    return states


def _settle(batch: Batch, ledger: Ledger, known: Mapping[str, Result], otherwise: State) -> None:
    try:
        ledger.settle(batch, [_row(result) for result in known.values()], otherwise=otherwise)
    except NewsletterError as error:
        ids = ", ".join(result.id for result in known.values() if result.id)
        told = f"batch {batch.number} was handed over, but what became of it could not be recorded: {error.message}"
        hint = f"{error.hint}\nThe provider called it: {ids}" if ids else error.hint
        raise ConfigError(told, hint) from error


def _row(result: Result) -> tuple[bytes, State, str, str]:
    return bytes.fromhex(result.key), _STATES[result.outcome], result.reason, result.id


def _addressee(one: Entry, send: Send, secret: bytes) -> Addressee:
    token = unsubscribe_token(secret, list_name=send.message.list_name, person=one.person)
    return Addressee(one.person.hex(), Recipient(one.address, one.name, one.greeting, token))


def last_word(ledger: Ledger, record: Record) -> str:
    """Return what the provider said of most who still wait or are unknown, as a sentence; empty if nothing."""
    left = ledger.people(record, State.PLANNED, State.UNKNOWN)
    reasons = Counter(one.reason for one in left if one.reason and one.reason not in REASONS)
    return f"What was said: {reasons.most_common(1)[0][0]}." if reasons else ""
