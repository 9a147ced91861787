"""The services that are handed people, each beside its fake: what is dropped in here must pass the whole contract.

Whatever the tests of the contract must know of one service, and of no other, stands in its row.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any, cast

from fakes.mailgun import FakeMailgun
from fakes.postmark import FakePostmark
from fakes.resend import FakeResend
from fakes.sendgrid import FakeSendGrid
from fakes.ses import FakeSes
from ledgers import SECRET, crowd, planned

from newsletter.credentials import Secret
from newsletter.deliver import Run, deliver, reconcile
from newsletter.errors import ConfigError, NewsletterError
from newsletter.ledger import open_ledger
from newsletter.message import Edition, Mailbox, Recipient, Sender, compose
from newsletter.providers import Addressee, Machine, Outcome, Report, Result, Send, provider_type
from newsletter.tokens import person_key, unsubscribe_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from fakes.ground import Fake

    from newsletter.providers._service import HttpBatch
    from newsletter.records import State

ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
KEY = "0123456789abcdef" * 4  # of a batch
DATE = datetime(2026, 1, 5, 9, tzinfo=UTC)
# What authors may write, and some service takes for its own. "{{{" and what overlaps in it, too.
ACCIDENTS = (
    "{{first}} {{{x}}} {{{{y}}}} *|FNAME|* %recipient.token% %unsubscribe_url% [[data]] {$name} -NL_LEAVER- "
    "[unsubscribe] {{{ pm:unsubscribe }}}"
)
HTML = "<p>NL_GREETING_NL</p><p>Term dates</p><p><a href='NL_UNSUBSCRIBE_NL'>Unsubscribe</a></p>"
TEXT = "NL_GREETING_NL\n\nTerm dates\n\nUnsubscribe: NL_UNSUBSCRIBE_NL\n"


@dataclass(frozen=True)
class Batch:
    """One service. *route* is what its fake is asked to send by, *most* the people of one request.

    *blames_all*: one bad address refuses a whole request. *unreadable* is what a 2xx means whose body is lost, *down*
    what the service's own failure means. *settled* is how the doubt of a lost answer ends: "replayed", "looked up" or
    "unknown". *figures* are what is counted of four copies, one of which bounced, left and complained each.
    """

    name: str
    fake: type[Fake]
    route: str
    most: int
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)  # of the fake: with these the link to leave is ours
    blames_all: bool = True
    unreadable: Outcome = UNKNOWN
    down: Outcome = UNKNOWN
    busy: float = 2.0  # seconds, of the two that the fake asks for: some do not tell
    settled: str = "unknown"
    figures: Report | None = None
    verified: str = ""


BATCHES = (
    Batch(
        "mailgun", FakeMailgun, "POST /v3/mg.example.org/messages", 1_000, settings={"domain": "mg.example.org"},
        unreadable=ACCEPTED, settled="looked up", figures=Report(4, 4, 1, 1, 1),
        verified="the key reads the domain mg.example.org",
    ),
    Batch(
        "postmark", FakePostmark, "POST /email/batch", 500, options={"own_unsubscribe": True}, blames_all=False,
        down=PLANNED, busy=0, settled="looked up", figures=Report(4, 3, 1, None, 1),
        verified="the token opens the server Newsletter, stream broadcast (Broadcasts)",
    ),
    Batch(
        "sendgrid", FakeSendGrid, "POST /v3/mail/send", 1_000, unreadable=ACCEPTED, figures=Report(4, 4, 1, 1, 1),
        verified="the key may send mail, and has 4 scopes",
    ),
    Batch(
        "ses", FakeSes, "POST /v2/email/outbound-bulk-emails", 50, blames_all=False, busy=0,
        verified="the key is good; 0 of 50,000 a day",
    ),
    Batch(
        "resend", FakeResend, "POST /emails/batch", 100, settled="replayed",
        verified="the key is good; 1 of 1 domains are verified",
    ),
)  # fmt: skip


class Desk:
    """A service's fake, and our client of it."""

    def __init__(self, batch: Batch, fake: Fake, state: Path) -> None:
        self.batch, self.fake, self.state = batch, fake, state
        self.waits: list[float] = []

    def secret(self, name: str) -> Secret:
        """Return a secret of the fake."""
        if name not in self.fake.secrets:
            raise ConfigError(f"{name} is missing")
        return Secret(self.fake.secrets[name])

    def open(self, **settings: str) -> HttpBatch:
        """Return the provider, with the settings of its row and these."""
        machine = Machine(self.state, self.secret)
        known = {**self.batch.settings, "url": self.fake.url, **settings}
        return cast("HttpBatch", provider_type(self.batch.name)(known, machine))

    def submit(self, people: Sequence[Addressee], *, seconds: float = 0, **changes: Any) -> Told:
        """Hand *people* over, without a ledger; an answer may take *seconds*, and *changes* are the send's."""
        provider = self.open()
        if seconds:
            provider.service = replace(provider.service, way=replace(provider.service.way, seconds=seconds))
        return submitted(provider, a_send(**changes), people)

    def plan(self, number: int, size: int) -> None:
        """Plan a send to so many people."""
        with open_ledger(self.state, SECRET) as ledger:
            planned(ledger, crowd(*range(number)), size=size)

    def deliver(self, **settings: str) -> Counter[State]:
        """Deliver what is planned as far as it goes, and return how many of its people are in which state."""
        provider, run = self.open(**settings), Run(SECRET, lambda _: {}, lambda: False, self.waits.append)
        with open_ledger(self.state, SECRET) as ledger:
            (record,) = ledger.records()
            with suppress(NewsletterError):
                for _ in deliver(record, ledger, provider, a_send(), run):
                    pass
            return +Counter(ledger.record(record.id).counts)

    def settle(self) -> int:
        """Look up those who are unknown, and return how many are settled."""
        with open_ledger(self.state, SECRET) as ledger:
            (record,) = ledger.records()
            return reconcile(record, ledger, self.open(), a_send(), SECRET)


@dataclass(frozen=True)
class Told:
    """What a provider told of some people, by name, and the error it ended with."""

    outcomes: dict[str, Outcome]
    results: list[Result]
    error: NewsletterError | None


def submitted(provider: HttpBatch, send: Send, people: Sequence[Addressee]) -> Told:
    """Hand *people* over, and note what is told."""
    results: list[Result] = []
    error = None
    try:
        results.extend(provider.submit(send, people, key=KEY))
    except NewsletterError as raised:
        error = raised
    return Told({one.key: one.outcome for one in results}, results, error)


def a_send(
    *, at: datetime | None = None, url: str | None = "https://example.org/unsubscribe?l=schools", words: str = "",
    subject: str = "January 2026 newsletter",
) -> Send:  # fmt: skip
    """Return a send to the list of schools; *url* is our page to leave by, *words* stand in HTML and text."""
    who = Mailbox("Practitioner newsletter", "newsletter@example.org")
    sender = Sender(who, Mailbox("", "office@example.org"), "Partnership", url)
    html, text = (part.replace("Term dates", f"Term dates{words}") for part in (HTML, TEXT))
    if words:
        html = HTML.replace("Term dates", f"Term dates{escape(words)}")
    edition = Edition("2026-01", subject, "What is new", html, text)
    message = compose(edition, sender, list_name="schools", list_title="Schools")
    return Send(message, DATE, at=at, greeting="Hello {first_name},")


def person(name: str, *, called: str = "", first_name: str = "") -> Addressee:
    """Return somebody at example.org, whose key is their *name*, with a token of their own."""
    address = f"{name}@example.org"
    token = unsubscribe_token(SECRET, list_name="schools", person=person_key(SECRET, address))
    greeting = f"Hello {first_name}," if first_name else "Hello,"
    return Addressee(name, Recipient(address, called, greeting, token))


def people(*numbers: int) -> list[Addressee]:
    """Return the people of a range of numbers: p0, p1 and so on, greeted by name."""
    return [person(f"p{n}", called=f"P{n} Person", first_name=f"P{n}") for n in range(*numbers)]


def key_of(name: str) -> bytes:
    """Return what stands for somebody in a token."""
    return person_key(SECRET, f"{name}@example.org")


def all_of(outcome: Outcome, those: Sequence[Addressee]) -> dict[str, Outcome]:
    """Return the same outcome for all of them."""
    return {one.key: outcome for one in those}


def horizon_of(provider: HttpBatch) -> timedelta | None:
    """Return how far ahead it sends."""
    return provider.schedule.horizon if provider.schedule else None
