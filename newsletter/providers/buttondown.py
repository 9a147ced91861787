"""Buttondown: it keeps the list, a newsletter there, and sends it one email.

Settings: audience, a newsletter by its id or its name; url. Secret: BUTTONDOWN_API_KEY. Who sends, where answers go and
whether opens and clicks are counted is said of the newsletter there and not of an email, so what it says is read, and
what does not fit is refused. Buttondown takes no plain text, it makes one of the HTML. Sources: the pages of
https://docs.buttondown.com on the API and on templates, and its published description (OpenAPI).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from newsletter.errors import RefusedError
from newsletter.providers import Departure, HostedAudience, Report, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._campaign import Campaign, HttpCampaign, Stage, greetings
from newsletter.providers._http import judged
from newsletter.providers._merge import Syntax, words
from newsletter.providers._service import service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.providers._service import Service
    from newsletter.submission import Request

_BEGIN = ("{{", "{%", "{#")
# force_escape escapes once, whether or not the engine does so by itself.
_FIRST = "{{ subscriber.metadata.first_name|force_escape }}"
_REFERENCE = "newsletter"  # the key of an email's metadata
_AS_IT_IS = "<!-- buttondown-editor-mode: plaintext -->\n"  # or it is taken for Markdown
_ACTIVE = ("regular", "premium", "gifted", "trialed", "churning", "churned", "past_due", "unpaid")
_STAGES = {"draft": Stage.DRAFT} | dict.fromkeys(
    ("about_to_send", "scheduled", "in_flight", "throttled", "sent", "resending", "imported"), Stage.STARTED
)
# The type of somebody who has left, why, and since when; of a complaint no moment is told.
_DEPARTED = (
    ("unsubscribed", "unsubscribed", "unsubscription_date"),
    ("undeliverable", "bounced", "undeliverability_date"),
    ("complained", "complained", "creation_date"),
)


class Buttondown(HttpCampaign):
    """Has Buttondown send an email to a newsletter's subscribers."""

    settings: ClassVar[frozenset[str]] = frozenset({"audience", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("BUTTONDOWN_API_KEY",)
    schedule: ClassVar[Schedule | None] = Schedule()
    console: ClassVar[str] = "Subscribers, in https://buttondown.com"

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self._audience = text(settings, "audience", "Practitioner newsletter", pattern=r"[^\0-\x1f]{1,200}")
        login = f"Token {machine.secret('BUTTONDOWN_API_KEY').reveal()}"
        headers = {"Authorization": login, "X-API-Version": "2026-04-01"}
        self.service = service(machine, settings, "https://api.buttondown.com/v1", headers)

    @property
    def account(self) -> str:
        """The newsletter."""
        return f"Buttondown, {self._audience}"

    @property
    def chosen(self) -> str:
        """The newsletter, by id or name."""
        return self._audience

    # --- lists --------------------------------------------------------------------------------------------------------

    def audiences(self) -> tuple[HostedAudience, ...]:
        """Return the newsletters, and how many get what is sent by each."""
        there = self._newsletters()
        return tuple(HostedAudience(str(one["id"]), str(one["name"]), self._size(one["id"])) for one in there)

    def members(self) -> Iterator[str]:
        """Yield the address of everybody who gets what is sent."""
        return (one["email_address"] for one in self._subscribers(type=_ACTIVE))

    def unsubscribe(self, address: str) -> None:
        """Unsubscribe somebody; who is not there is left alone."""
        self._have_done("PATCH", f"/subscribers/{quote(address, safe='')}", {"type": "unsubscribed"})

    def about(self, address: str) -> Mapping[str, str]:
        """Return what Buttondown holds about a subscriber."""
        found = self._subscribers(email_address=(address,))  # and all whose address holds this one
        known = next((one for one in found if one["email_address"].casefold() == address.casefold()), {})
        fields = {"status": known.get("type"), "source": known.get("source"), "notes": known.get("notes"),
                  "tags": ", ".join(known.get("tags") or ()), "signed up": known.get("creation_date"),
                  "IP address": known.get("ip_address"), **known.get("metadata", {})}  # fmt: skip
        return {name: str(value) for name, value in fields.items() if value}

    def erase(self, address: str) -> bool:
        """Delete a subscriber; Buttondown keeps that there was one, unless it is asked to forget that, too."""
        return self._have_done("DELETE", f"/subscribers/{quote(address, safe='')}")

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who has unsubscribed, bounced or complained."""
        for kind, reason, date in _DEPARTED:
            asked = {f"{date}__start": (since.date().isoformat(),)} if since and reason != "complained" else {}
            for one in self._subscribers(type=(kind,), **asked):
                when = datetime.fromisoformat(one.get(date) or one["creation_date"]).astimezone(UTC)
                yield Departure(one["email_address"], reason, when)

    def _newsletters(self) -> Iterator[Mapping[str, Any]]:
        return self._pages("/newsletters", self.service)

    def _size(self, newsletter: str) -> int:
        """Return how many get what is sent by a newsletter."""
        there = self._of(newsletter)
        page = there.told(there.request("GET", f"/subscribers?{urlencode({'type': _ACTIVE}, doseq=True)}"))
        count: int = page["count"]
        return count

    def _subscribers(self, **asked: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        return self._pages(f"/subscribers?{urlencode(asked, doseq=True)}", self._of(self.audience_id))

    def _of(self, newsletter: str) -> Service:
        """Return the service as it answers of one newsletter."""
        return replace(self.service, headers={**self.service.headers, "Buttondown-Context": newsletter})

    def _pages(self, path: str, there: Service) -> Iterator[Mapping[str, Any]]:
        """Yield what stands on all pages; each names the next."""
        request, items = there.request("GET", path), None
        while True:
            page = there.told(request, judge=self.judge)
            items = fresh(page["results"], items)
            yield from items
            if not page.get("next"):
                return
            request = there.follow(page["next"])

    # --- emails -------------------------------------------------------------------------------------------------------

    def find(self, reference: str) -> tuple[Campaign, ...]:
        """Return the emails with this reference in their metadata."""
        found = self._pages("/emails?excluded_fields=body&-status=deleted", self._of(self.audience_id))
        return tuple(_campaign(one) for one in found if one["metadata"].get(_REFERENCE) == reference)

    def create(self, send: Send, audience: HostedAudience, reference: str) -> str:
        """Make a draft: it has to be said that it is one. The same draft asked for twice is one."""
        self._refuse_unfit(send, audience)
        more = {"status": "draft", "metadata": {_REFERENCE: reference}, "archival_mode": "disabled",
                "commenting_mode": "disabled", "template": "naked"}  # fmt: skip
        content = {**_content(send), **more}
        key = {} if send.is_test else {"X_Idempotency_Key": _key(reference, audience.id, send.message.digest)}
        request = self._of(audience.id).request("POST", "/emails", content, **key)
        return str(self.service.told(request, judge=self.judge)["id"])

    def fill(self, campaign: str, send: Send, audience: HostedAudience) -> None:
        """Write a draft anew, and with it when it is to leave."""
        self._refuse_unfit(send, audience)
        at = {"publish_date": send.at.astimezone(UTC).isoformat()} if send.at else {}
        self.told("PATCH", f"/emails/{campaign}", {**_content(send), **at})

    def _refuse_unfit(self, send: Send, audience: HostedAudience) -> None:
        """Refuse a newsletter that says something else than newsletter.yaml, or counts who opens and clicks."""
        there = next(one for one in self._newsletters() if one["id"] == audience.id)
        sender = send.message.sender
        if any("track" in feature for feature in there.get("enabled_features") or ()):
            why, hint = "opens or clicks are counted", "Switch that off in Settings > Tracking there."
        elif there.get("test_mode"):
            why, hint = "it is in test mode, in which nothing is sent", "Switch that off in its settings there."
        elif (there.get("email_address") or "").casefold() != sender.mailbox.address.casefold():
            why, hint = "it sends from another address than from: says", "Set it in Settings > Sending there."
        elif (there.get("reply_to_address") or sender.mailbox.address).casefold() != sender.reply_to.address.casefold():
            why, hint = "answers go to another address than reply_to: says", "Set it in Settings > Sending there."
        else:
            return
        raise RefusedError(f"Not sent: of the newsletter {audience.name} at Buttondown, {why}.", hint)

    def state(self, campaign: str) -> Campaign:
        """Read the email's status."""
        return _campaign(self.told("GET", f"/emails/{campaign}"))

    def start(self, campaign: str, at: datetime | None) -> Request:
        """Change the status, once whatever is repeated; the first email of a key needs a word more."""
        headers = {"X_Idempotency_Key": _key(campaign, str(at)), "X_Buttondown_Live_Dangerously": "true"}
        content = {"status": "scheduled" if at else "about_to_send"}
        return self.service.request("PATCH", f"/emails/{campaign}", content, **headers)

    def delete(self, campaign: str) -> None:
        """Delete a draft; one that is gone is gone."""
        self.done("DELETE", f"/emails/{campaign}")

    def test(self, campaign: str, send: Send, addresses: Sequence[str]) -> None:  # noqa: ARG002
        """Send the preview of a draft."""
        request = self.service.request("POST", f"/emails/{campaign}/send-draft", {"recipients": list(addresses)})
        self.service.ask(request, judge=lambda answer: judged(answer, media=""))

    def cancel(self, send: Send, ids: Sequence[str]) -> None:
        """Make a draft of the email again, and delete it."""
        for campaign in self.still_there(send, ids, "/emails"):
            if self.told("GET", f"/emails/{campaign}")["status"] not in {"scheduled", "draft"}:
                raise RefusedError("Not cancelled: Buttondown has it on its way.", "Look under Emails there, at once.")
            self.told("PATCH", f"/emails/{campaign}", {"status": "draft"})
            self.delete(campaign)

    def report(self, send: Send) -> Report:
        """Return what Buttondown counted."""
        for one in self.find(send.name):
            if one.stage is Stage.STARTED:
                counted = self.told("GET", f"/emails/{one.id}/analytics")
                names = ("recipients", "deliveries", "permanent_failures", "unsubscriptions", "complaints")
                return Report(*(counted[name] for name in names))
        raise self.unknown(send)

    def verify(self) -> tuple[str, ...]:
        """Ask who we are there, and for the newsletter."""
        self.told("GET", "/accounts/me")
        chosen = self.audience()
        return (f"the key is good; the newsletter {chosen.name} has {chosen.people:,} people",)

    def _have_done(self, method: str, path: str, content: Any = None) -> bool:
        """Have something done to a subscriber of our newsletter; False if there is none such."""
        request = self._of(self.audience_id).request(method, path, content)
        return self.service.ask(request, judge=self._judged_there).status != 404


def _campaign(one: Mapping[str, Any]) -> Campaign:
    return Campaign(str(one["id"]), _STAGES.get(one["status"], Stage.STOPPED), str(one["creation_date"]))


def _content(send: Send) -> dict[str, Any]:
    """Return subject and body; the preheader stands in the HTML, *description* is for search engines."""
    greeting = greetings(send, _BEGIN, (_FIRST, _FIRST), _chosen)
    ready = words(send, Syntax(greeting, ("{{ unsubscribe_url }}", "{{ unsubscribe_url }}"), _BEGIN))
    return {"subject": ready.subject, "body": f"{_AS_IT_IS}{ready.html}"}


def _chosen(named: str, nameless: str) -> str:
    return f"{{% if subscriber.metadata.first_name %}}{named}{{% else %}}{nameless}{{% endif %}}"


def _key(*parts: str) -> str:
    """Return the key of a repeat, of at most 200 characters: the same for the same parts."""
    return sha256("\0".join(parts).encode()).hexdigest()
