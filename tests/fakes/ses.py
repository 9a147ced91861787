"""Amazon SES v2, as botocore's model sesv2 2019-09-27 and the developer guide describe it.

Bulk sending with an inline template, the suppression list and the quotas; what is not published is marked (u). SES
knows nobody who has unsubscribed. Not here: stored templates, attachments, contact lists, tenants.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote
from uuid import uuid4

from fakes.ground import Copy, Fake, Refused, answers
from fakes.wire import Answer, Fault, Seen, answering

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST_PEOPLE = 50  # a call: To, Cc and Bcc of all entries
MOST_BYTES = 1024 * 1024  # a request with an inline template
MOST_DATA = 262_144  # characters of each TemplateData
MOST_HEADERS = 15
MOST_VALUE = 995  # characters of a header's value; its name 126
PAGE = 1_000  # of the suppression list
REASONS = {"BOUNCE": "bounced", "COMPLAINT": "complained"}
KNOWN = {"FromEmailAddress", "FromEmailAddressIdentityArn", "ReplyToAddresses", "FeedbackForwardingEmailAddress",
         "FeedbackForwardingEmailAddressIdentityArn", "DefaultEmailTags", "DefaultContent", "BulkEmailEntries",
         "ConfigurationSetName", "EndpointId", "TenantName", "ConfigurationOverrides"}  # fmt: skip


class FakeSes(Fake):
    """An account whose default configuration set tracks opens and clicks, unless a call overrides that."""

    key = "AKIAIOSFODNN7EXAMPLE"
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"  # noqa: S105  invented
    secrets: ClassVar = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    reasons = ("bounced", "complained")
    region = "eu-west-2"

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.quota = 50_000  # people in 24 hours
        self.taken: list[datetime] = []  # who was taken when
        self.statuses: dict[str, str] = {}  # by address: what an entry is told in place of SUCCESS
        self.unrendered: list[str] = []  # accepted, and dropped later because a value was missing

    def let_in(self, seen: Seen) -> None:
        """Check the signature, version 4, of service "ses"."""
        said = seen.headers.get("authorization", "")
        scope = r"\d{8}/[^/]+/ses/aws4_request"
        pattern = rf"AWS4-HMAC-SHA256 Credential=([^/]+)/({scope}), ?SignedHeaders=([^,]+), ?Signature=(\w+)"
        found = re.fullmatch(pattern, said)
        if not found:
            raise refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        key, scope, names, signature = found.groups()
        if key != self.key:
            raise refused(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        if signature != self.signature(seen, scope, names):
            said = "The request signature we calculated does not match the signature you provided."
            raise refused(403, "SignatureDoesNotMatch", said)

    def signature(self, seen: Seen, scope: str, names: str) -> str:
        """Return the signature that this request must have."""
        query = "&".join(
            sorted(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, vs in seen.query.items() for v in vs)
        )
        heads = "".join(f"{name}:{' '.join(seen.headers.get(name, '').split())}\n" for name in names.split(";"))
        path = quote(self.prefix + seen.path, safe="/-_.~")  # quoted twice
        whole = "\n".join([seen.method, path, query, heads, names, hashlib.sha256(seen.body).hexdigest()])
        text = [
            "AWS4-HMAC-SHA256",
            seen.headers.get("x-amz-date", ""),
            scope,
            hashlib.sha256(whole.encode()).hexdigest(),
        ]
        key = f"AWS4{self.secret}".encode()
        for part in [*scope.split("/"), "\n".join(text)]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key.hex()

    def missing(self, _seen: Seen) -> Answer:
        """Answer for what is not there."""
        return Answer({"message": "Unknown operation"}, 404, {"x-amzn-ErrorType": "UnknownOperationException"})

    def busy(self, seconds: int = 2) -> Fault:  # noqa: ARG002  it does not tell
        """The status says that this was too quick, and nothing for how long."""
        head = {"x-amzn-ErrorType": "TooManyRequestsException"}
        return answering(429, {"message": "Maximum sending rate exceeded."}, head)

    def down(self) -> Fault:
        """An error of its own."""
        return answering(500, {"message": None}, {"x-amzn-ErrorType": "InternalFailure"})

    # Sending

    @answers("POST /v2/email/outbound-bulk-emails")
    def send(self, seen: Seen) -> Answer:
        """Take one template and up to 50 people; each entry is told what became of it, in its place."""
        asked = seen.json()
        self.check(asked, len(seen.body))
        return Answer({"BulkEmailEntryResults": [self.take(asked, entry) for entry in asked["BulkEmailEntries"]]})

    def check(self, asked: dict[str, Any], size: int) -> None:
        """Check the whole call. Raises Refused."""
        if unknown := sorted(set(asked) - KNOWN):
            raise bad(f"Unknown parameter {unknown[0]}")
        entries = asked.get("BulkEmailEntries")
        template = asked.get("DefaultContent", {}).get("Template")
        if not entries or not template or not template.get("TemplateContent"):
            raise bad("BulkEmailEntries and DefaultContent.Template are required")
        if size > MOST_BYTES:
            raise bad("The request is larger than 1 MB")  # (u) its words
        if sum(len(addresses(entry)) for entry in entries) > MOST_PEOPLE:
            raise bad(f"Too many destinations: {MOST_PEOPLE} at most")  # (u) its words
        if self.is_bad(re.sub(r".*<(.*)>", r"\1", asked.get("FromEmailAddress", ""))):
            raise bad("Missing or invalid FromEmailAddress")
        self.check_template(template["TemplateContent"])
        self.check_values(asked, template, entries)

    def check_template(self, content: Mapping[str, str]) -> None:
        """Check what stands in braces. Raises Refused."""
        for part in content.values():
            if re.search(r"\{\{(?!\{?\s*\w[\w.]*\s*\}?\}\})", part):
                raise bad("The template is not valid Handlebars")  # (u): when it is told, and its words

    def check_values(self, asked: dict[str, Any], template: dict[str, Any], entries: list[dict[str, Any]]) -> None:
        """Check values, headers and tags. Raises Refused."""
        data = [template.get("TemplateData", "{}"), *(replacement(entry) for entry in entries)]
        if any(len(one) > MOST_DATA for one in data):
            raise bad(f"TemplateData: {MOST_DATA} characters at most")
        lists = [template.get("Headers", []), *(entry.get("ReplacementHeaders", []) for entry in entries)]
        if any(len(heads) > MOST_HEADERS for heads in lists):
            raise bad(f"Headers: {MOST_HEADERS} at most")
        if any(len(h["Name"]) > 126 or not 1 <= len(h["Value"]) <= MOST_VALUE for heads in lists for h in heads):
            raise bad(f"A header's name has 126 characters at most, its value {MOST_VALUE}")
        tags = [*asked.get("DefaultEmailTags", []), *(t for entry in entries for t in entry.get("ReplacementTags", []))]
        if not all(re.fullmatch(r"[A-Za-z0-9_@.-]{1,256}", tag[part]) for tag in tags for part in ("Name", "Value")):
            raise bad("A tag is ASCII letters, digits, dashes and underscores")

    def take(self, asked: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
        """Deliver one entry, or say why not."""
        people = addresses(entry)
        told = next((self.statuses[one.lower()] for one in people if one.lower() in self.statuses), "")
        if any(map(self.is_bad, people)) or not people:
            told = "INVALID_PARAMETER"
        day_ago = self.now.timestamp() - 86_400
        near = len(self.taken) + len(people) > self.quota  # else no need to count those of this day
        if not told and near and sum(when.timestamp() > day_ago for when in self.taken) + len(people) > self.quota:
            told = "ACCOUNT_DAILY_QUOTA_EXCEEDED"
        try:
            values = {
                **json.loads(asked["DefaultContent"]["Template"].get("TemplateData", "{}")),
                **json.loads(replacement(entry)),
            }
        except ValueError:
            told = told or "INVALID_PARAMETER"
        if told:
            return {"Status": told, "Error": told.capitalize().replace("_", " ")}
        self.taken += [self.now] * len(people)
        number = f"01{uuid4().hex}-000000"
        for address in people:
            self.deliver(asked, entry, address, values, number)
        return {"Status": "SUCCESS", "MessageId": number}

    def deliver(self, asked: dict[str, Any], entry: dict[str, Any], to: str, values: dict[str, Any], id: str) -> None:  # noqa: A002
        """Deliver one copy. Who has left, or lacks a value of the template, gets nothing, and nobody is told."""
        template = asked["DefaultContent"]["Template"]
        parts = {name: rendered(text, values) for name, text in template["TemplateContent"].items()}
        if None in parts.values():
            self.unrendered.append(to)
            return
        subject, html, text = (parts.get(name) or "" for name in ("Subject", "Html", "Text"))
        seen = {name: ", ".join(entry["Destination"].get(f"{name}Addresses", [])) for name in ("To", "Cc")}
        head = {"From": asked["FromEmailAddress"], "Subject": subject, **{k: v for k, v in seen.items() if v}}
        if asked.get("ReplyToAddresses"):
            head["Reply-To"] = ", ".join(asked["ReplyToAddresses"])
        head |= {h["Name"]: h["Value"] for h in [*template.get("Headers", []), *entry.get("ReplacementHeaders", [])]}
        over = asked.get("ConfigurationOverrides", {}).get("Tracking", {})
        kinds = {"opens": "OpenTrackingEnabled", "clicks": "ClickTrackingEnabled"}
        tracked = frozenset(kind for kind, name in kinds.items() if over.get(name) != "DISABLED")
        tags = [*asked.get("DefaultEmailTags", []), *entry.get("ReplacementTags", [])]
        reference = "\n".join(tag["Value"] for tag in tags)
        if not self.gone(to):
            self.delivered.append(Copy(to, subject, html, text, head, tracked, id, self.now, reference))

    # Looking up

    @answers("GET /v2/email/account")
    def account(self, _seen: Seen) -> Answer:
        """Tell of quotas, and whether this account may write to everybody."""
        quota = {"Max24HourSend": float(self.quota), "MaxSendRate": 14.0, "SentLast24Hours": float(len(self.taken))}
        told = {"SendingEnabled": True, "ProductionAccessEnabled": True, "EnforcementStatus": "HEALTHY"}
        return Answer({**told, "SendQuota": quota, "SuppressionAttributes": {"SuppressedReasons": list(REASONS)}})

    @answers("GET /v2/email/suppression/addresses")
    def list_left(self, seen: Seen) -> Answer:
        """Return a page of the suppression list; a token leads to the next one."""
        wanted = seen.query.get("Reason", list(REASONS))
        found = [
            {"EmailAddress": address, "Reason": name, "LastUpdateTime": when.timestamp()}
            for name, reason in REASONS.items()
            for address, when in self.left[reason].items()
            if name in wanted and seen.query.get("StartDate", ["0"])[0][:10] <= f"{when:%Y-%m-%d}"
        ]
        start = int(seen.query.get("NextToken", ["0"])[0])
        size = min(int(seen.query.get("PageSize", [PAGE])[0]), PAGE)
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return Answer({"SuppressedDestinationSummaries": found[start : start + size], **more})

    @answers("PUT /v2/email/suppression/addresses")
    def add_left(self, seen: Seen) -> Answer:
        """Add an address, for a bounce or a complaint: there is no other reason."""
        asked = seen.json()
        if asked.get("Reason") not in REASONS or self.is_bad(asked.get("EmailAddress", "")):
            raise bad("Reason is BOUNCE or COMPLAINT")  # (u) its words
        self.left[REASONS[asked["Reason"]]][asked["EmailAddress"].lower()] = self.now
        return Answer({})

    @answers("DELETE /v2/email/suppression/addresses/{address}")
    def remove_left(self, _seen: Seen, address: str) -> Answer:
        """Write to somebody again."""
        found = [people.pop(unquote(address).lower(), None) for people in self.left.values()]
        if not any(found):
            raise refused(404, "NotFoundException", "Email address does not exist on your suppression list")
        return Answer({})


def refused(status: int, kind: str, said: str) -> Refused:
    """Return an error as SES words it: its kind stands in a header."""
    return Refused(status, {"message": said}, {"x-amzn-ErrorType": kind})


def bad(said: str) -> Refused:
    """Return the error for a call that is wrong in itself."""
    return refused(400, "BadRequestException", said)


def addresses(entry: Mapping[str, Any]) -> list[str]:
    """Return everybody whom an entry writes to."""
    lists = [entry.get("Destination", {}).get(f"{kind}Addresses") or [] for kind in ("To", "Cc", "Bcc")]
    return [re.sub(r".*<(.*)>", r"\1", one) for people in lists for one in people]


def replacement(entry: Mapping[str, Any]) -> str:
    """Return the JSON of an entry's own values."""
    content = entry.get("ReplacementEmailContent", {}).get("ReplacementTemplate", {})
    return str(content.get("ReplacementTemplateData", "{}"))


def rendered(text: str, values: Mapping[str, Any]) -> str | None:
    """Put values in, as they stand: SES escapes nothing. None when one is missing, which fails the copy later."""
    names = re.findall(r"\{\{\{?\s*([\w.]+)\s*\}?\}\}", text)
    if any(name not in values for name in names):
        return None
    return re.sub(r"\{\{\{?\s*([\w.]+)\s*\}?\}\}", lambda found: str(values[found[1]]), text)
