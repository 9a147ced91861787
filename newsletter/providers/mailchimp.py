"""Mailchimp Marketing: it keeps the list and sends it one campaign.

Settings: audience, by its id or its name; url. Secret: MAILCHIMP_API_TOKEN, whose end names the data centre. From and
Reply-To are one address there: answers go to ``from``. Source: the Marketing API reference of
https://mailchimp.com/developer/marketing/api.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from newsletter.errors import ConfigError
from newsletter.providers import BusyError, Departure, HostedAudience, Outcome, Report, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._campaign import Campaign, HttpCampaign, Stage, greetings
from newsletter.providers._http import Verdict
from newsletter.providers._merge import Syntax, words
from newsletter.providers._service import service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.providers._merge import Words
    from newsletter.submission import Answer, Request

_PAGE = 1000  # the most that it lists at once
_BEGIN = ("*|",)
_STAGES = {"save": Stage.DRAFT, "schedule": Stage.STARTED, "sending": Stage.STARTED, "sent": Stage.STARTED,
           "archived": Stage.STARTED}  # fmt: skip
_DEPARTED = {"unsubscribed": "unsubscribed", "cleaned": "bounced"}  # a cleaned address has bounced too often


class Mailchimp(HttpCampaign):
    """Has Mailchimp send a campaign to an audience."""

    settings: ClassVar[frozenset[str]] = frozenset({"audience", "url"})
    secrets: ClassVar[tuple[str, ...]] = ("MAILCHIMP_API_TOKEN",)
    schedule: ClassVar[Schedule | None] = Schedule(step=timedelta(minutes=15))
    console: ClassVar[str] = "Audience > All contacts, in https://login.mailchimp.com"

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self._audience = text(settings, "audience", "a1b2c3d4e5", pattern=r"[^\0-\x1f]{1,200}")
        key = machine.secret("MAILCHIMP_API_TOKEN").reveal()
        centre = re.fullmatch(r"[!-~]+-([a-z]{2,4}[0-9]{1,3})", key)
        if centre is None:
            hint = "Copy it again from Account > Extras > API keys: it ends in the data centre, as in -us6."
            raise ConfigError("MAILCHIMP_API_TOKEN is no key of Mailchimp", hint)
        self.centre = centre[1]
        login = b64encode(f"newsletter:{key}".encode()).decode("ascii")
        base = f"https://{self.centre}.api.mailchimp.com/3.0"
        self.service = service(machine, settings, base, {"Authorization": f"Basic {login}"})

    @property
    def account(self) -> str:
        """The data centre and the audience."""
        return f"Mailchimp {self.centre}, {self._audience}"

    @property
    def chosen(self) -> str:
        """The audience, by id or name."""
        return self._audience

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer. Overloaded, Mailchimp answers 403 too, and then without JSON."""
        if answer.status == 403 and "json" not in answer.headers.get("content-type", "").lower():
            hint = "Give the same command again later: it goes on where it stopped."
            return Verdict(Outcome.PLANNED, "403", BusyError(f"Paused: {answer.host} wants fewer requests.", hint))
        return super().judge(answer)

    # --- lists --------------------------------------------------------------------------------------------------------

    def audiences(self) -> tuple[HostedAudience, ...]:
        """Return the audiences, and how many are subscribed to each."""
        fields = "lists.id,lists.name,lists.stats.member_count,total_items"
        lists = self._all("/lists", "lists", fields=fields)
        return tuple(HostedAudience(str(one["id"]), str(one["name"]), one["stats"]["member_count"]) for one in lists)

    def members(self) -> Iterator[str]:
        """Yield the address of everybody who is subscribed."""
        for member in self._members(status="subscribed"):
            yield member["email_address"]

    def unsubscribe(self, address: str) -> None:
        """Set somebody's status; who is not there is added as unsubscribed, so that no import brings them in."""
        content = {"email_address": address, "status_if_new": "unsubscribed", "status": "unsubscribed"}
        self.told("PUT", f"{self._list_path()}/members/{_hash(address)}", content)

    def about(self, address: str) -> Mapping[str, str]:
        """Return what Mailchimp holds about a member."""
        known = self.found(f"{self._list_path()}/members/{_hash(address)}")
        fields = {"name": known.get("full_name"), "status": known.get("status"), "source": known.get("source"),
                  "signed up": known.get("timestamp_signup"), "changed": known.get("last_changed")}  # fmt: skip
        return {name: str(value) for name, value in fields.items() if value}

    def erase(self, address: str) -> bool:
        """Delete somebody for good: Mailchimp keeps a hash, and lets nobody import them again."""
        return self.done("POST", f"{self._list_path()}/members/{_hash(address)}/actions/delete-permanent", b"")

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who has unsubscribed, or bounced so often that Mailchimp writes to them no more."""
        changed = {"since_last_changed": since.isoformat()} if since else {}
        for status, reason in _DEPARTED.items():
            for member in self._members(status=status, **changed):
                when = datetime.fromisoformat(member["last_changed"]).astimezone(UTC)
                yield Departure(member["email_address"], reason, when)

    def _members(self, **asked: str) -> Iterator[Mapping[str, Any]]:
        fields = "members.email_address,members.last_changed,total_items"
        return self._all(f"{self._list_path()}/members", "members", fields=fields, **asked)

    def _list_path(self) -> str:
        return f"/lists/{self.audience_id}"

    # --- campaigns ----------------------------------------------------------------------------------------------------

    def find(self, reference: str) -> tuple[Campaign, ...]:
        """Return the campaigns with this title."""
        fields = ",".join(f"campaigns.{name}" for name in ("id", "web_id", "status", "settings.title"))
        found = self._all("/campaigns", "campaigns", fields=f"{fields},total_items", list_id=self.audience_id)
        return tuple(_campaign(one) for one in found if one["settings"].get("title") == reference)

    def create(self, send: Send, audience: HostedAudience, reference: str) -> str:
        """Make a draft, without a word in it yet but its settings."""
        content = {"type": "regular", **_settings(send, audience, reference)}
        return str(self.told("POST", "/campaigns", content)["id"])

    def fill(self, campaign: str, send: Send, audience: HostedAudience) -> None:
        """Put settings and words into a draft."""
        self.told("PATCH", f"/campaigns/{campaign}", _settings(send, audience, send.name))
        self._put_content(campaign, send)

    def _put_content(self, campaign: str, send: Send) -> None:
        ready = _words(send)
        self.told("PUT", f"/campaigns/{campaign}/content", {"html": ready.html, "plain_text": ready.text})

    def readiness(self, campaign: str) -> str:
        """Return what Mailchimp's own checklist finds wrong."""
        listed = self.told("GET", f"/campaigns/{campaign}/send-checklist")
        if listed["is_ready"]:
            return ""
        wrong = [f"{one['heading']}: {one['details']}" for one in listed["items"] if one["type"] == "error"]
        return "; ".join(wrong) or "its checklist says no more"

    def state(self, campaign: str) -> Campaign:
        """Read the campaign's status."""
        return _campaign(self.told("GET", f"/campaigns/{campaign}"))

    def start(self, campaign: str, at: datetime | None) -> Request:
        """Send now, or at a full quarter of an hour."""
        if at is None:
            return self.service.request("POST", f"/campaigns/{campaign}/actions/send", b"")
        content = {"schedule_time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")}
        return self.service.request("POST", f"/campaigns/{campaign}/actions/schedule", content)

    def delete(self, campaign: str) -> None:
        """Delete a draft; one that is gone is gone."""
        self.done("DELETE", f"/campaigns/{campaign}")

    def test(self, campaign: str, send: Send, addresses: Sequence[str]) -> None:
        """Send the test of a draft."""
        self._put_content(campaign, send)
        content = {"test_emails": list(addresses), "send_type": "html"}
        self.done("POST", f"/campaigns/{campaign}/actions/test", content)

    def cancel(self, send: Send, ids: Sequence[str]) -> None:
        """Unschedule the campaign, which is a draft then, and delete it."""
        for campaign in self.still_there(send, ids, "/campaigns"):
            if self.stage(campaign) is Stage.STARTED:
                self.done("POST", f"/campaigns/{campaign}/actions/unschedule", b"")
            self.delete(campaign)

    def report(self, send: Send) -> Report:
        """Return what Mailchimp counted. It calls everything sent that it handed over."""
        for one in self.find(send.name):
            if one.stage is Stage.STARTED:
                counted = self.told("GET", f"/reports/{one.id}")
                sent, bounced = counted["emails_sent"], sum(counted["bounces"].values())
                return Report(sent, sent - bounced, bounced, counted["unsubscribed"], counted["abuse_reports"])
        raise self.unknown(send)

    def verify(self) -> tuple[str, ...]:
        """Ask who we are there, and for the audience."""
        self.told("GET", "/ping")
        chosen = self.audience()
        return (f"the key is good; the audience {chosen.name} has {chosen.people:,} people",)

    def _all(self, path: str, name: str, **asked: str) -> Iterator[Mapping[str, Any]]:
        """Yield what stands on all pages."""
        offset, items = 0, None
        while True:
            query = urlencode({**asked, "count": _PAGE, "offset": offset})
            page = self.told("GET", f"{path}?{query}")
            items = fresh(page[name], items)
            yield from items
            offset += _PAGE
            if offset >= page["total_items"]:
                return


def _campaign(one: Mapping[str, Any]) -> Campaign:
    """Return a campaign. Its second id, `web_id`, is a number that grows; its time of creation has but seconds."""
    return Campaign(str(one["id"]), _STAGES.get(one["status"], Stage.STOPPED), f"{one['web_id']:020}")


def _settings(send: Send, audience: HostedAudience, reference: str) -> dict[str, Any]:
    """Return the settings of the campaign; opens and clicks are tracked unless that is switched off."""
    ready, sender = _words(send), send.message.sender.mailbox
    return {
        "recipients": {"list_id": audience.id},
        "settings": {
            "subject_line": ready.subject, "preview_text": ready.preheader, "title": reference,
            "from_name": sender.name or send.message.sender.organisation, "reply_to": sender.address,
            "inline_css": False, "auto_footer": False,
        },
        "tracking": {"opens": False, "html_clicks": False, "text_clicks": False},
    }  # fmt: skip


def _words(send: Send) -> Words:
    greeting = greetings(send, _BEGIN, ("*|FNAME|*", "*|FNAME|*"), "*|IF:FNAME|*{}*|ELSE:|*{}*|END:IF|*".format)
    return words(send, Syntax(greeting, ("*|UNSUB|*", "*|UNSUB|*"), _BEGIN))


def _hash(address: str) -> str:
    """Return how Mailchimp calls a member: the MD5 of the address in small letters; a name, and no secret."""
    return md5(address.lower().encode(), usedforsecurity=False).hexdigest()
