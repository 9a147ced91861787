"""Campaigns over HTTP: find or create by our reference, fill, read the state, start once.

    find(reference) ─none→ create ─→ fill ─→ look through ─→ state still a draft? ─→ start ─→ ACCEPTED
                    └one──────────────────────────────────→ started already? ─────────────→ ACCEPTED

The reference is the same on every computer that sends this issue to this list: two of them end with one campaign, the
one that was made first. Everything before the start may be repeated without harm. Of a start that was not answered with
a clear yes the state is read: another computer may have been quicker.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from newsletter.errors import NewsletterError, RefusedError
from newsletter.providers import CampaignProvider, Outcome, Result
from newsletter.providers._asking import Asking
from newsletter.providers._http import Verdict, judged
from newsletter.providers._merge import both_greetings
from newsletter.submission import NoAnswerError, NotSentError, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from newsletter.providers import HostedAudience, Send
    from newsletter.providers._service import Service
    from newsletter.submission import Answer, Request


class Stage(StrEnum):
    """How far a campaign is at the service."""

    DRAFT = "draft"
    STARTED = "started"  # scheduled, on its way, or over: it is not to be started again
    STOPPED = "stopped"  # taken back or paused, by a person there


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign at the service. Of several the first counts: *made* puts them in order, before their ids do."""

    id: str
    stage: Stage
    made: str = ""


class HttpCampaign(Asking, CampaignProvider):
    """A service that keeps lists and sends campaigns to them."""

    service: Service

    @cached_property
    def audience_id(self) -> str:
        """The id of the list to send to, asked for once."""
        return self.audience().id

    @abstractmethod
    def find(self, reference: str) -> tuple[Campaign, ...]:
        """Return every campaign to our list whose reference is just this one."""

    @abstractmethod
    def create(self, send: Send, audience: HostedAudience, reference: str) -> str:
        """Make a draft with this reference, content and all if the service wants it so; return its id."""

    def fill(self, campaign: str, send: Send, audience: HostedAudience) -> None:
        """Put what *send* says into a draft, where it may be of an earlier attempt."""

    def readiness(self, campaign: str) -> str:  # noqa: ARG002  not every service looks through a draft
        """Return what the service finds missing in a draft, empty if nothing."""
        return ""

    @abstractmethod
    def state(self, campaign: str) -> Campaign:
        """Return the campaign with this id as it is now."""

    @abstractmethod
    def start(self, campaign: str, at: datetime | None) -> Request:
        """Return the request that starts a draft, now or *at* that time."""

    @abstractmethod
    def delete(self, campaign: str) -> None:
        """Delete a draft."""

    @abstractmethod
    def test(self, campaign: str, send: Send, addresses: Sequence[str]) -> None:
        """Have the service's own test of a draft, which says what *send* says, sent to *addresses*."""

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer by its status; all but an empty one are JSON."""
        return judged(answer, media="" if answer.status == 204 else "json")

    def unknown(self, send: Send) -> RefusedError:
        """Return why nothing can be told of what was sent: it is not there."""
        return RefusedError(f"{self.account} knows no campaign {send.name}.", "Look for it there.")

    def told(self, method: str, path: str, content: Any = None) -> Any:
        """Return what the service says in JSON. Raises NewsletterError for anything but a good answer."""
        return self.service.told(self.service.request(method, path, content), judge=self.judge)

    def done(self, method: str, path: str, content: Any = None) -> bool:
        """Have something done; False if it was not there. Raises NewsletterError for anything but a clear answer."""
        return not self.is_missing(
            self.service.ask(self.service.request(method, path, content), judge=self._judged_there)
        )

    def found(self, path: str) -> Any:
        """Return what the service says in JSON of something that may not be there: then an empty dict."""
        answer = self.service.ask(self.service.request("GET", path), judge=self._judged_there)
        return {} if self.is_missing(answer) else self.service.read(answer)

    def still_there(self, send: Send, ids: Sequence[str], path: str) -> Iterator[str]:
        """Yield which campaigns have not been deleted: by a person there, or by a cancelling that was cut off.

        *path* is theirs but for the id. Without *ids*, as after a kill, they are found by their name. Raises
        NewsletterError for none, and unless the service answers of our list as well.
        """
        self.audience()  # whoever answers 404 to everything is not taken at their word
        ids = ids or [one.id for one in self.find(send.name)]
        if not ids:
            raise self.unknown(send)
        for campaign in ids:
            if self.done("GET", f"{path}/{campaign}"):
                yield campaign

    def _judged_there(self, answer: Answer) -> Verdict:
        return Verdict(Outcome.ACCEPTED) if self.is_missing(answer) else self.judge(answer)

    def stage(self, campaign: str) -> Stage:
        """Return how far a campaign is. Raises RefusedError when the service answers of another one."""
        now = self.state(campaign)
        if now.id != campaign:
            raise RefusedError(f"{self.account} answered of another campaign than it was asked for.", "Look there.")
        return now.stage

    def is_to_others(self, lists: Iterable[object]) -> bool:
        """Say whether a campaign to these *lists*, by their ids, is not ours, whatever it is called.

        Two newsletters may share an account, and call a list the same.
        """
        ids = {str(one) for one in lists}
        return bool(ids) and self.audience_id not in ids

    def is_missing(self, answer: Answer) -> bool:
        """Say whether the service answers that what it was asked for is not there."""
        return answer.status == 404

    def launch(self, send: Send) -> Result:
        """Have *send* sent to the whole list, once. Nothing is started that a person has stopped there."""
        audience = self.audience()
        campaign = self._prepared(send, audience)
        if campaign.stage is Stage.STOPPED:
            hint = "Start it there by hand, or delete it there and give the same command again."
            raise RefusedError(f"Not sent: the campaign {send.name} was stopped at {self.account}.", hint)
        if campaign.stage is Stage.STARTED:
            return Result("", Outcome.ACCEPTED, "started before", campaign.id)
        if missing := self.readiness(campaign.id):
            hint = f"Mend that there, or here, and give the same command again. The draft is called {send.name}."
            raise RefusedError(f"Not sent: {self.account} finds the campaign not ready: {missing}", hint)
        return self._started(campaign, send)

    def _prepared(self, send: Send, audience: HostedAudience) -> Campaign:
        """Return the one campaign of *send*: a draft that says what it should, or one that was started already."""
        found = self.find(send.name)
        if not found:
            self.create(send, audience, send.name)
            found = self.find(send.name)  # another computer may have made one at the same moment
        if not found:
            hint = "Give the same command again in a minute: it is looked for first."
            raise RefusedError(f"Not sent: {self.account} does not show the campaign {send.name} yet.", hint)
        begun = [one for one in found if one.stage is not Stage.DRAFT]
        first = min(begun or found, key=lambda one: (one.made, len(one.id), one.id))  # ids may be numbers
        for other in found:
            if other.stage is Stage.DRAFT and other.id != first.id:
                self.delete(other.id)
        try:
            if first.stage is Stage.DRAFT:
                self.fill(first.id, send, audience)
        except RefusedError:  # what another computer has just started cannot be changed any more
            if self.stage(first.id) is Stage.DRAFT:
                raise
        return replace(first, stage=self.stage(first.id))

    def _started(self, campaign: Campaign, send: Send) -> Result:
        """Start a draft, and tell what became of it."""
        try:
            verdict = self.judge(submit(self.start(campaign.id, send.at), self.service.way))
        except NotSentError as error:
            raise error.stop or RefusedError(f"{error}.", "Give the same command again: it goes on.") from None
        except NoAnswerError as error:
            verdict = Verdict(Outcome.UNKNOWN, str(error))
        if verdict.outcome is Outcome.ACCEPTED or self._is_started(campaign):
            return Result("", Outcome.ACCEPTED, id=campaign.id)
        if verdict.outcome is Outcome.UNKNOWN:  # it may be about to start
            return Result("", Outcome.UNKNOWN, verdict.reason, campaign.id)
        raise verdict.stop or RefusedError(f"Not sent: {verdict.reason}", "Mend it, and give the same command again.")

    def _is_started(self, campaign: Campaign) -> bool:
        """Say whether the service shows that it was started; False where it cannot be asked."""
        try:
            return self.stage(campaign.id) is Stage.STARTED
        except NewsletterError:
            return False

    def launch_test(self, send: Send, addresses: Sequence[str]) -> None:
        """Have one copy sent to each of *addresses* by way of a draft, which is deleted afterwards."""
        campaign = self.create(send, self.audience(), send.name)
        try:
            self.test(campaign, send, addresses)
        finally:
            self.delete(campaign)


def greetings(
    send: Send, begin: Sequence[str], names: tuple[str, str], choose: Callable[[str, str], str]
) -> tuple[str, str]:
    """Return the greeting of *send* for HTML and for text, empty without one.

    *names* are the service's placeholders for the first name there, *choose* writes its choice between the greeting of
    somebody with a name and that without one.
    """
    html, text = (
        both_greetings(send.greeting, name, begin, is_html=is_html)
        for name, is_html in zip(names, (True, False), strict=True)
    )
    return choose(*html) if html[0] else "", choose(*text) if text[0] else ""
