"""Brevo, in campaign mode: it keeps the list and sends it one campaign.

Settings: audience, a list by its number or its name; tracking, which must say anonymous; url. Secret: BREVO_API_KEY.
Brevo has no switch for counting opens and clicks, neither of a campaign nor of an account: the most it offers is to
count them without names (Campaigns > Settings > Default settings > Tracking), and whether that is on cannot be asked.
So whoever writes newsletter.yaml says that it is. Brevo takes no plain text either, it makes one of the HTML. Source:
https://developers.brevo.com/reference.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from newsletter.errors import ConfigError, RefusedError
from newsletter.providers import Departure, HostedAudience, Report, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._campaign import Campaign, HttpCampaign, Stage, greetings
from newsletter.providers._merge import Syntax, words
from newsletter.providers._service import service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.submission import Request

_BEGIN = ("{{", "{%", "{#")
_FIRST = "{{ contact.FIRSTNAME }}"
_LISTS, _CONTACTS, _CAMPAIGNS = 50, 500, 100  # the most that it lists at once
# What else there is was stopped: suspended, cancelling, cancelled.
_STAGES = {"draft": Stage.DRAFT} | dict.fromkeys(
    ("sent", "archive", "queued", "in_process", "inProcess", "in_review"), Stage.STARTED
)


class Brevo(HttpCampaign):
    """Has Brevo send a campaign to a list."""

    settings: ClassVar[frozenset[str]] = frozenset({"audience", "tracking", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("BREVO_API_KEY",)
    schedule: ClassVar[Schedule | None] = Schedule()
    console: ClassVar[str] = "Contacts, in https://app.brevo.com"

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self._audience = text(settings, "audience", "Practitioners", pattern=r"[^\0-\x1f]{1,200}")
        if settings.get("tracking") != "anonymous":
            hint = (
                "Switch on Anonymous email tracking in Campaigns > Settings > Default settings > Tracking there, then\n"
                "write tracking: anonymous under brevo. Or take another provider."
            )
            raise ConfigError(
                "newsletter.yaml: brevo: it counts who opens and clicks, which cannot be switched off", hint
            )
        key = machine.secret("BREVO_API_KEY").reveal()
        self.service = service(machine, settings, "https://api.brevo.com/v3", {"api-key": key})

    @property
    def account(self) -> str:
        """The list."""
        return f"Brevo, {self._audience}"

    @property
    def chosen(self) -> str:
        """The list, by number or name."""
        return self._audience

    # --- lists --------------------------------------------------------------------------------------------------------

    def audiences(self) -> tuple[HostedAudience, ...]:
        """Return the lists, and how many on each may be written to."""
        lists = self._pages("/contacts/lists", "lists", _LISTS)
        return tuple(HostedAudience(str(one["id"]), str(one["name"]), one["uniqueSubscribers"]) for one in lists)

    def members(self) -> Iterator[str]:
        """Yield the address of everybody on the list who may be written to."""
        return (one["email"] for one in self._contacts() if not self._has_left(one))

    def unsubscribe(self, address: str) -> None:
        """Put somebody on Brevo's own blocklist for campaigns, of any list; who is not there is left alone."""
        self.done("PUT", f"/contacts/{quote(address, safe='')}", {"emailBlacklisted": True})

    def about(self, address: str) -> Mapping[str, str]:
        """Return what Brevo holds about a contact, on any list."""
        known = self.found(f"/contacts/{quote(address, safe='')}")
        fields = {"blocked": "yes" if known.get("emailBlacklisted") else "",
                  "lists": ", ".join(map(str, known.get("listIds") or ())),
                  "signed up": known.get("createdAt"), "changed": known.get("modifiedAt"),
                  **known.get("attributes", {})}  # fmt: skip
        return {name: str(value) for name, value in fields.items() if value}

    def erase(self, address: str) -> bool:
        """Delete a contact."""
        return self.done("DELETE", f"/contacts/{quote(address, safe='')}")

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who is on the list and not to be written to any more; Brevo does not tell why."""
        changed = {"modifiedSince": since.strftime("%Y-%m-%dT%H:%M:%S.000Z")} if since else {}
        for one in self._contacts(**changed):
            if self._has_left(one):
                when = datetime.fromisoformat(one["modifiedAt"]).astimezone(UTC)
                yield Departure(one["email"], "unsubscribed", when)

    def _contacts(self, **asked: str) -> Iterator[Mapping[str, Any]]:
        return self._pages(f"/contacts/lists/{self.audience_id}/contacts", "contacts", _CONTACTS, **asked)

    def _has_left(self, contact: Mapping[str, Any]) -> bool:
        here = {str(key) for key in contact.get("listUnsubscribed") or ()}
        return bool(contact["emailBlacklisted"]) or self.audience_id in here

    # --- campaigns: 100 calls an hour ---------------------------------------------------------------------------------

    def find(self, reference: str) -> tuple[Campaign, ...]:
        """Return the campaigns with this name."""
        found = self._pages("/emailCampaigns", "campaigns", _CAMPAIGNS, excludeHtmlContent="true")
        named = (one for one in found if one["name"] == reference)
        return tuple(_campaign(one) for one in named if not self.is_to_others(one["recipients"].get("lists") or ()))

    def create(self, send: Send, audience: HostedAudience, reference: str) -> str:
        """Make a draft, whole: without a time it waits."""
        return str(self.told("POST", "/emailCampaigns", _content(send, audience, reference))["id"])

    def fill(self, campaign: str, send: Send, audience: HostedAudience) -> None:
        """Write a draft anew."""
        self.done("PUT", f"/emailCampaigns/{campaign}", _content(send, audience, send.name))

    def state(self, campaign: str) -> Campaign:
        """Read the campaign's status."""
        return _campaign(self.told("GET", f"/emailCampaigns/{campaign}?excludeHtmlContent=true"))

    def start(self, campaign: str, at: datetime | None) -> Request:
        """Send now, or write down when."""
        if at is None:
            return self.service.request("POST", f"/emailCampaigns/{campaign}/sendNow", b"")
        content = {"scheduledAt": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
        return self.service.request("PUT", f"/emailCampaigns/{campaign}", content)

    def delete(self, campaign: str) -> None:
        """Delete a draft; one that is gone is gone."""
        self.done("DELETE", f"/emailCampaigns/{campaign}")

    def test(self, campaign: str, send: Send, addresses: Sequence[str]) -> None:  # noqa: ARG002
        """Send the test of a draft; Brevo sends it to its own contacts only."""
        self.done("POST", f"/emailCampaigns/{campaign}/sendTest", {"emailTo": list(addresses)})

    def cancel(self, send: Send, ids: Sequence[str]) -> None:
        """Suspend the campaign; it stays there, and does not leave."""
        for campaign in self.still_there(send, ids, "/emailCampaigns"):
            self.done("PUT", f"/emailCampaigns/{campaign}/status", {"status": "suspended"})
            if self.stage(campaign) is Stage.STARTED:
                raise RefusedError("Not cancelled: Brevo has it on its way.", "Look under Campaigns there, at once.")

    def report(self, send: Send) -> Report:
        """Return what Brevo counted."""
        for one in self.find(send.name):
            if one.stage is Stage.STARTED:
                told = self.told("GET", f"/emailCampaigns/{one.id}?statistics=globalStats")
                counted = told["statistics"]["globalStats"]
                bounced = counted["hardBounces"] + counted["softBounces"]
                figures = (counted[name] for name in ("unsubscriptions", "complaints"))
                return Report(counted["sent"], counted["delivered"], bounced, *figures)
        raise self.unknown(send)

    def verify(self) -> tuple[str, ...]:
        """Ask for the account and for the list."""
        self.told("GET", "/account")
        chosen = self.audience()
        return (f"the key is good; the list {chosen.name} has {chosen.people:,} people",)

    def _pages(self, path: str, name: str, most: int, **asked: str) -> Iterator[Mapping[str, Any]]:
        """Yield what stands on all pages; where nothing is, Brevo leaves the list itself out."""
        offset, items = 0, None
        while True:
            page = self.told("GET", f"{path}?{urlencode({**asked, 'limit': most, 'offset': offset})}")
            items = fresh(page.get(name) or (), items)
            yield from items
            offset += most
            if offset >= page["count"]:
                return


def _campaign(one: Mapping[str, Any]) -> Campaign:
    return Campaign(str(one["id"]), _STAGES.get(one["status"], Stage.STOPPED))


def _content(send: Send, audience: HostedAudience, reference: str) -> dict[str, Any]:
    """Return the whole campaign. The preheader stands in the HTML: Brevo's own would show it twice."""
    greeting = greetings(send, _BEGIN, (_FIRST, _FIRST), _chosen)
    ready = words(send, Syntax(greeting, ("{{ unsubscribe }}", "{{ unsubscribe }}"), _BEGIN))
    sender = send.message.sender
    return {
        "name": reference, "tag": reference, "subject": ready.subject, "htmlContent": ready.html,
        "sender": {"name": sender.mailbox.name or sender.organisation, "email": sender.mailbox.address},
        "replyTo": sender.reply_to.address, "recipients": {"listIds": [int(audience.id)]},
        "inlineImageActivation": False, "mirrorActive": False,
    }  # fmt: skip


def _chosen(named: str, nameless: str) -> str:
    return f"{{% if contact.FIRSTNAME %}}{named}{{% else %}}{nameless}{{% endif %}}"
