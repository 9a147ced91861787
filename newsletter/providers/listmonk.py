"""listmonk, run by oneself: it keeps the list and sends it one campaign.

Settings: url, where it is (https://lists.example.org); user, the name of an API user there (newsletter); audience, a
list by its number or its name. Secret: LISTMONK_API_TOKEN, that user's token. Sources: the API, templating and bounces
pages of https://listmonk.app/docs, and https://pkg.go.dev/html/template, by which listmonk fills in both bodies.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode, urlsplit

from newsletter.errors import RefusedError
from newsletter.message import GREETING, UNSUBSCRIBE
from newsletter.mime import named_value
from newsletter.providers import Departure, HostedAudience, Outcome, Report, Schedule, Send
from newsletter.providers._asking import fresh
from newsletter.providers._campaign import Campaign, HttpCampaign, Stage
from newsletter.providers._http import Verdict
from newsletter.providers._merge import Syntax, both_greetings, words
from newsletter.providers._service import service, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.providers import Machine
    from newsletter.providers._merge import Words
    from newsletter.submission import Answer, Request

_PAGE = 1000
_BEGIN = ("{{", "@tracklink")
# What any other template holds goes out with each copy: the default one counts who has opened it.
_BARE = re.compile(r'\s*\{\{\s*template\s+"content"\s+\.\s*\}\}\s*')
_STAGES = {"draft": Stage.DRAFT, "scheduled": Stage.STARTED, "running": Stage.STARTED, "finished": Stage.STARTED}
_BOUNCES = {"hard": "bounced", "complaint": "complained"}
# Who gave no name is called as their mailbox is; listmonk's own FirstName passes over names of two letters.
_NAME = "{{ $name := trim .Subscriber.Name }}"
_NAMELESS = '{{ if eq (lower $name) "" (lower (first (splitList "@" .Subscriber.Email))) }}'
_FIRST = '(first (splitList " " $name))'
_FIRST_SAFE = f"{{{{ Safe {_FIRST} }}}}"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Listmonk(HttpCampaign):
    """Has listmonk send a campaign to a list."""

    settings: ClassVar[frozenset[str]] = frozenset({"audience", "url", "user"})
    secrets: ClassVar[tuple[str, ...]] = ("LISTMONK_API_TOKEN",)
    schedule: ClassVar[Schedule | None] = Schedule()
    console: ClassVar[str] = "Subscribers > All subscribers, in listmonk"
    envelope_sender: str | None = ""

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        url = text(settings, "url", "https://lists.example.org")
        user = text(settings, "user", "newsletter", pattern="[!-9;-~]{1,100}")
        self._audience = text(settings, "audience", "Practitioners", pattern=r"[^\0-\x1f]{1,200}")
        self._host = urlsplit(url).hostname or "?"
        login = b64encode(f"{user}:{machine.secret('LISTMONK_API_TOKEN').reveal()}".encode()).decode("ascii")
        self.service = service(machine, settings, url, {"Authorization": f"Basic {login}"})

    @property
    def account(self) -> str:
        """The host and the list."""
        return f"listmonk {self._host}, {self._audience}"

    @property
    def chosen(self) -> str:
        """The list, by number or name."""
        return self._audience

    # --- lists --------------------------------------------------------------------------------------------------------

    def audiences(self) -> tuple[HostedAudience, ...]:
        """Return the lists, and how many get what is sent to each: on some only who has confirmed."""
        lists = self.told("GET", "/api/lists?per_page=all")["data"]["results"]
        return tuple(HostedAudience(str(one["id"]), str(one["name"]), _active(one)) for one in lists)

    def members(self) -> Iterator[str]:
        """Yield the address of everybody on the list who has not left; they may have yet to confirm."""
        for person in self._people():
            if self._standing(person)["subscription_status"] != "unsubscribed" and person["status"] != "blocklisted":
                yield person["email"]

    def unsubscribe(self, address: str) -> None:
        """Unsubscribe somebody from the list; who is not there is left alone."""
        if ids := [person["id"] for person in self._named([address])]:
            content = {"ids": ids, "action": "unsubscribe", "target_list_ids": [int(self.audience_id)]}
            self.told("PUT", "/api/subscribers/lists", content)

    def about(self, address: str) -> Mapping[str, str]:
        """Return what listmonk holds about somebody, on any list."""
        for person in self._named([address]):
            lists = ", ".join(f"{one['name']} ({one['subscription_status']})" for one in person["lists"])
            own = json.dumps(person["attribs"]) if person.get("attribs") else ""
            fields = {"name": person["name"], "status": person["status"], "lists": lists, "attributes": own,
                      "signed up": person["created_at"], "changed": person["updated_at"]}  # fmt: skip
            return {name: str(value) for name, value in fields.items() if value}
        return {}

    def erase(self, address: str) -> bool:
        """Delete somebody from all lists, with all that they did."""
        found = self._named([address])
        for person in found:
            self.told("DELETE", f"/api/subscribers/{person['id']}")
        return bool(found)

    def departures(self, since: datetime | None) -> Iterator[Departure]:
        """Yield who has left the list, and whose mail came back for good or who complained, of any list."""
        for person in self._people(subscription_status="unsubscribed"):
            when = _moment(self._standing(person)["subscription_updated_at"])
            if since is None or when >= since:
                yield Departure(person["email"], "unsubscribed", when)
        for one in self._pages("/api/bounces", order_by="created_at", order="desc"):
            when = _moment(one["created_at"])
            if one["type"] in _BOUNCES and (since is None or when >= since):
                yield Departure(one["email"], _BOUNCES[one["type"]], when)

    def _people(self, **asked: str) -> Iterator[Mapping[str, Any]]:
        return self._pages("/api/subscribers", list_id=self.audience_id, order_by="id", order="asc", **asked)

    def _named(self, addresses: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return those of *addresses* who are subscribers; listmonk searches in SQL, and keeps small letters."""
        wanted = {address.lower() for address in addresses}
        quoted = ", ".join("'{}'".format(address.replace("'", "''")) for address in sorted(wanted))
        found = self._pages("/api/subscribers", query=f"subscribers.email IN ({quoted})")
        return [one for one in found if one["email"].lower() in wanted]  # whoever else it tells is not to be erased

    def _standing(self, person: Mapping[str, Any]) -> Any:
        """Return how somebody stands to our list."""
        return next(one for one in person["lists"] if str(one["id"]) == self.audience_id)

    # --- campaigns ----------------------------------------------------------------------------------------------------

    def find(self, reference: str) -> tuple[Campaign, ...]:
        """Return the campaigns with this name."""
        return tuple(_campaign(one) for one in self._found(reference))

    def _found(self, reference: str) -> Iterator[Mapping[str, Any]]:
        """Yield what is told of the campaigns with this name; the search finds more."""
        for one in self._pages("/api/campaigns", query=reference, no_body="true"):
            if one["name"] == reference and not self.is_to_others(to["id"] for to in one["lists"]):
                yield one

    def create(self, send: Send, audience: HostedAudience, reference: str) -> str:
        """Make a draft, whole."""
        return str(self.told("POST", "/api/campaigns", self._content(send, audience, reference))["data"]["id"])

    def fill(self, campaign: str, send: Send, audience: HostedAudience) -> None:
        """Write a draft anew."""
        self.told("PUT", f"/api/campaigns/{campaign}", self._content(send, audience, send.name))

    def _content(self, send: Send, audience: HostedAudience, reference: str) -> dict[str, Any]:
        ready, sender = _words(send), send.message.sender
        return {
            "name": reference, "subject": ready.subject, "lists": [int(audience.id)], "type": "regular",
            "from_email": named_value(sender.mailbox.name, sender.mailbox.address), "messenger": "email",
            "content_type": "html", "body": ready.html, "altbody": ready.text, "template_id": self._template,
            "headers": [{"Reply-To": named_value(sender.reply_to.name, sender.reply_to.address)}],
            "send_at": send.at.isoformat() if send.at else None,
        }  # fmt: skip

    @cached_property
    def _template(self) -> int:
        """The number of a template that adds nothing of its own, above all nothing that counts opens."""
        for one in self.told("GET", "/api/templates")["data"]:
            if one["type"] == "campaign" and _BARE.fullmatch(one["body"]):
                return int(one["id"])
        hint = 'Make one in Campaigns > Templates, of the type Campaign, that says: {{ template "content" . }}'
        raise RefusedError("Not sent: listmonk has no template that holds nothing but the campaign's own words.", hint)

    def state(self, campaign: str) -> Campaign:
        """Read the campaign's status."""
        return _campaign(self.told("GET", f"/api/campaigns/{campaign}?no_body=true")["data"])

    def start(self, campaign: str, at: datetime | None) -> Request:
        """Change the status; when it is to leave stands in the campaign."""
        content = {"status": "scheduled" if at else "running"}
        return self.service.request("PUT", f"/api/campaigns/{campaign}/status", content)

    def is_missing(self, answer: Answer) -> bool:
        """Say whether something is not there; of a campaign listmonk says so with a 400."""
        return answer.status == 404 or (answer.status == 400 and b"not found" in answer.body.lower())

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer; of what is not there any more, listmonk says 400."""
        if answer.status == 400 and self.is_missing(answer):
            return Verdict(Outcome.REJECTED, "404 it is not there")
        return super().judge(answer)

    def delete(self, campaign: str) -> None:
        """Delete a draft; one that is gone is gone."""
        self.done("DELETE", f"/api/campaigns/{campaign}")

    def test(self, campaign: str, send: Send, addresses: Sequence[str]) -> None:
        """Send the test; listmonk passes over whoever is no subscriber without a word."""
        if len(self._named(addresses)) < len({address.lower() for address in addresses}):
            hint = "Add them to a list of their own there, as Tests, and give the same command again."
            raise RefusedError("Not sent: listmonk sends tests to subscribers only, and not all of these are.", hint)
        content = {**self._content(send, self.audience(), send.name), "subscribers": list(addresses)}
        self.told("POST", f"/api/campaigns/{campaign}/test", content)

    def cancel(self, send: Send, ids: Sequence[str]) -> None:
        """Make a draft of the campaign again, and delete it."""
        for campaign in self.still_there(send, ids, "/api/campaigns"):
            if self.stage(campaign) is Stage.STARTED:
                self.told("PUT", f"/api/campaigns/{campaign}/status", {"status": "draft"})
            self.delete(campaign)

    def report(self, send: Send) -> Report:
        """Return what listmonk counted: what its mail server took, and what came back; no more."""
        for one in self._found(send.name):
            if _campaign(one).stage is Stage.STARTED:
                return Report(one["sent"], one["sent"] - one["bounces"], one["bounces"])
        raise self.unknown(send)

    def verify(self) -> tuple[str, ...]:
        """Ask for the list and for the template."""
        chosen = self.audience()
        return (f"the token is good; the list {chosen.name} has {chosen.people:,} people, template {self._template}",)

    def _pages(self, path: str, **asked: str) -> Iterator[Mapping[str, Any]]:
        """Yield what stands on all pages; the last one is not full."""
        number, items = 1, None
        while True:
            query = urlencode({**asked, "per_page": _PAGE, "page": number})
            items = fresh(self.told("GET", f"{path}?{query}")["data"]["results"], items)
            yield from items
            if len(items) < _PAGE:
                return
            number += 1


def _campaign(one: Mapping[str, Any]) -> Campaign:
    return Campaign(str(one["id"]), _STAGES.get(one["status"], Stage.STOPPED))


def _active(one: Mapping[str, Any]) -> int:
    """Return how many get what is sent to a list."""
    states = one["subscriber_statuses"]
    kinds = ("confirmed",) if one["optin"] == "double" else ("confirmed", "unconfirmed")
    return sum(states.get(kind, 0) for kind in kinds)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def _words(send: Send) -> Words:
    """Return the words of *send* as Go's templates take them.

    Both bodies are read as HTML: comments, on which the layout for Outlook depends, are left out, and a plain text is
    escaped. What goes through Safe stays as it is.
    """
    html = both_greetings(send.greeting, f"{{{{ {_FIRST} }}}}", _BEGIN, is_html=True)
    text = [_safe(one, _FIRST_SAFE) for one in both_greetings(send.greeting, _FIRST_SAFE, _BEGIN, is_html=False)]
    choices = [_choice(*pair) if send.greeting else "" for pair in (html, text)]
    ready = words(send, Syntax((choices[0], GREETING), ("{{ UnsubscribeURL }}", UNSUBSCRIBE), _BEGIN))
    body = _COMMENT.sub(lambda comment: _safe(comment[0]), ready.html)
    plain = _safe(ready.text, GREETING, UNSUBSCRIBE)
    plain = plain.replace(GREETING, choices[1]).replace(UNSUBSCRIBE, "{{ UnsubscribeURL }}")
    return replace(ready, html=body, text=plain)


def _choice(named: str, nameless: str) -> str:
    return f"{_NAME}{_NAMELESS}{nameless}{{{{ else }}}}{named}{{{{ end }}}}"


def _safe(text: str, *actions: str) -> str:
    """Return the actions that put *text* in as it is; *actions* in it stand for themselves."""
    quoted = json.dumps(text, ensure_ascii=False)
    for action in actions:
        quoted = quoted.replace(json.dumps(action)[1:-1], f'" }}}}{action}{{{{ Safe "')
    return f"{{{{ Safe {quoted} }}}}"
