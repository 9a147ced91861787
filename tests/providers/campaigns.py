"""The services that keep lists, each beside its fake: what is dropped in here must pass the whole contract.

Whatever the tests of the contract must know of one service, and of no other, stands in its row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from fakes.brevo import FakeBrevo
from fakes.buttondown import FakeButtondown
from fakes.listmonk import FakeListmonk
from fakes.mailchimp import FakeMailchimp
from fakes.wire import Fault, Moment
from providers.batches import a_send

from newsletter.credentials import Secret
from newsletter.errors import ConfigError, NewsletterError
from newsletter.providers import Machine, Report, Result, provider_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fakes.campaigns import ListKeeper

    from newsletter.providers._campaign import HttpCampaign

NAME = "2026-01--schools"  # of the campaign
AMINA, BEN, CARA = "amina@example.org", "ben@example.org", "cara@example.org"
THREE = ((AMINA, "Amina Khan"), (BEN, "Ben Okoro"), (CARA, "Cara Li"))
ALL_HAVE_IT = {AMINA: 1, BEN: 1, CARA: 1}
PASS = Fault(Moment.READ, lambda _visit, _answer: True)  # none at all: the next one is for the next request


@dataclass(frozen=True)
class Keeper:
    """One service. *create*, *fill* and *start* are parts of the first requests that do so.

    *before_start* is how many requests hold *start* without being it. *busy* are the seconds of the two that the fake
    asks for: some do not tell. *own_text*: it takes a plain text, and does not make one. *untracked*: no opening and no
    click is told. *says_unready*: it knows of things that stand in the way. *tests_strangers*: a test goes to anybody.
    *figures* are what is counted of three copies, one of which bounced, left and complained each. *left* is what it
    tells of those three.
    """

    name: str
    fake: type[ListKeeper]
    create: str
    fill: str
    start: str
    busy: float
    verified: str
    figures: Report
    before_start: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    step: int = 1  # minutes
    own_text: bool = True
    untracked: bool = True
    says_unready: str = ""
    tests_strangers: bool = True
    left: tuple[str, str, str] = ("unsubscribed", "bounced", "complained")
    rejoins: bool = False  # who is unsubscribed and was never there is put there, as unsubscribed


KEEPERS = (
    Keeper(
        "mailchimp", FakeMailchimp, "POST /campaigns", "PATCH /campaigns", "/actions/send", 0,
        "the key is good; the audience Schools has 3 people", Report(3, 2, 1, 1, 1), step=15,
        says_unready="Account: Your account must be verified before you send.",
        left=("unsubscribed", "bounced", "unsubscribed"), rejoins=True,
    ),
    Keeper(
        "brevo", FakeBrevo, "POST /emailCampaigns", "PUT /emailCampaigns", "/sendNow", 2,
        "the key is good; the list Schools has 3 people", Report(3, 2, 1, 1, 1), settings={"tracking": "anonymous"},
        own_text=False, untracked=False, tests_strangers=False, left=("unsubscribed",) * 3,
    ),
    Keeper(
        "listmonk", FakeListmonk, "POST /api/campaigns", "PUT /api/campaigns", "/status", 0,
        "the token is good; the list Schools has 3 people, template 102", Report(3, 2, 1),
        settings={"user": "newsletter"},
        says_unready="listmonk has no template that holds nothing but the campaign's own words", tests_strangers=False,
    ),
    Keeper(
        "buttondown", FakeButtondown, "POST /emails", "PATCH /emails", "PATCH /emails", 2,
        "the key is good; the newsletter Schools has 3 people", Report(3, 2, 1, 1, 1), before_start=1, own_text=False,
        says_unready="of the newsletter Schools at Buttondown, opens or clicks are counted",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a launch told, or the error it ended with."""

    result: Result | None
    error: NewsletterError | None = None

    @property
    def outcome(self) -> str:
        """What became of the campaign, empty after an error."""
        return self.result.outcome if self.result else ""


class Hall:
    """A service's fake with a list of three, and our client of it."""

    def __init__(self, keeper: Keeper, fake: ListKeeper, state: Path) -> None:
        self.keeper, self.fake, self.state = keeper, fake, state
        self.list = fake.make_list("Schools", *THREE)

    def secret(self, name: str) -> Secret:
        """Return a secret of the fake."""
        if name not in self.fake.secrets:
            raise ConfigError(f"{name} is missing")
        return Secret(self.fake.secrets[name])

    def open(self, *, seconds: float = 0, **settings: str) -> HttpCampaign:
        """Return the provider, with the settings of its row and these; an answer may take *seconds*."""
        known = {"audience": "Schools", **self.keeper.settings, "url": self.fake.url, **settings}
        provider = cast("HttpCampaign", provider_type(self.keeper.name)(known, Machine(self.state, self.secret)))
        if seconds:
            provider.service = replace(provider.service, way=replace(provider.service.way, seconds=seconds))
        return provider

    def launch(self, *, seconds: float = 0, **changes: Any) -> Told:
        """Have the campaign sent; *changes* are the send's."""
        try:
            return Told(self.open(seconds=seconds).launch(a_send(url=None, **changes)))
        except NewsletterError as error:
            return Told(None, error)

    def test(self, *addresses: str) -> NewsletterError | None:
        """Have a test sent, and return the error it ended with."""
        try:
            self.open().launch_test(replace(a_send(url=None), is_test=True), addresses)
        except NewsletterError as error:
            return error
        return None

    def fail_start(self, fault: Fault) -> None:
        """Let the request that starts the campaign end so."""
        self.fake.next(*[PASS] * self.keeper.before_start, fault, on=self.keeper.start)


def addresses(those: Sequence[tuple[str, str]]) -> list[str]:
    """Return the addresses of people."""
    return [address for address, _ in those]
