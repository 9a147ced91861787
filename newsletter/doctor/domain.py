"""The sender's domain: what receivers ask of it before they believe mail in its name, and where answers to it arrive.

What a large receiver wants of those who send: https://support.google.com/a/answer/81126
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from newsletter.doctor import Diagnosis, error, ok, warning
from newsletter.doctor.dmarc import read_policy, tags_of
from newsletter.doctor.names import NoAnswerError
from newsletter.doctor.spf import SpfError, count_lookups, last_word, read_spf
from newsletter.errors import NewsletterError
from newsletter.terminal import count
from newsletter.transport import open_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from newsletter.config import Workspace
    from newsletter.doctor.dmarc import Policy
    from newsletter.doctor.names import Names

    Task = tuple[str, Callable[[], Iterator[Diagnosis]]]

# What DKIM keys are often called; nobody can list them from outside (RFC 6376 §3.1).
USUAL_SELECTORS = (
    "default", "dkim", "mail", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "key1", "key2",
)  # fmt: skip
_HOLDER = "Ask whoever looks after the domain's DNS to"
_WISHES = {
    "none": "forged mail is let through (p=none)",
    "quarantine": "forged mail goes to spam (p=quarantine)",
    "reject": "forged mail is refused (p=reject)",
}
_BROKEN = f"Receivers then take no notice of it, or refuse the mail. {_HOLDER} mend it."


@dataclass(frozen=True, slots=True)
class Sending:
    """How mail in the name of *domain* leaves.

    *bounces* are the domains of the envelope senders that are not the provider's own. *selectors* are what the
    providers call their DKIM keys, where that is known. *answers* is the domain at which people answer.
    """

    domain: str
    bounces: Collection[str]
    selectors: Collection[str]
    answers: str


def sending_of(workspace: Workspace) -> Sending:
    """Return how mail leaves *workspace*, as far as the providers of its lists can be opened."""
    sender = workspace.config.from_mailbox.address
    envelopes: list[str | None] = []
    selectors: list[str] = []
    for name in workspace.config.lists:
        with suppress(NewsletterError), closing(open_provider(workspace, name)) as provider:
            selectors += provider.selectors
            if not provider.is_rehearsal:
                envelopes.append(provider.envelope_sender)
    bounces = [_domain(one or sender) for one in envelopes or [""] if one is not None]
    return Sending(_domain(sender), bounces, selectors, _domain(workspace.config.reply_mailbox.address))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def examine_domain(sending: Sending, names: Names) -> Iterator[Diagnosis]:
    """Say how the sender's domain is set up; all is asked at once. What the DNS does not answer is a warning."""
    senders = dict.fromkeys([sending.domain, *sending.bounces])
    tasks: list[Task] = [
        *((f"SPF of {name}", partial(spf, name, names)) for name in senders),
        (f"DKIM of {sending.domain}", partial(dkim, sending, names)),
        (f"DMARC of {sending.domain}", partial(dmarc, sending, names)),
        *((f"MX of {name}", partial(mail_servers, name, names)) for name in dict.fromkeys([*senders, sending.answers])),
    ]
    with ThreadPoolExecutor(len(tasks)) as pool:
        for found in pool.map(_answered, tasks):
            yield from found


def _answered(task: Task) -> list[Diagnosis]:
    what, look = task
    try:
        return list(look())
    except NoAnswerError as silence:
        return [warning(f"{what} is not known: {silence}", "Check the network, and give the same command again.")]


def spf(domain: str, names: Names) -> Iterator[Diagnosis]:
    """Say whether *domain* names the servers that may send for it, so that every receiver understands it (RFC 7208)."""
    try:
        record = read_spf(names, domain)
        lookups = count_lookups(names, domain, record)
    except SpfError as fault:
        yield error(f"SPF: {fault}", _BROKEN)
        return
    others = last_word(record)
    if not record:
        yield warning(f"SPF: {domain} has no record", f"{_HOLDER} put one there; the provider says what it must hold.")
    elif others == "+all":
        yield error(f"SPF: {domain} lets every server send for it (+all)", f"{_HOLDER} end the record with ~all.")
    elif others in {"", "?all"}:
        yield warning(f"SPF: {domain} does not say what to think of all other servers", f"{_HOLDER} end it with ~all.")
    else:
        yield ok(f"SPF: {domain} has one record, ending in {others} ({count(lookups, 'lookup')})")


def dkim(sending: Sending, names: Names) -> Iterator[Diagnosis]:
    """Say which DKIM keys are in the DNS (RFC 6376 §3.6.1)."""
    selectors = sending.selectors or USUAL_SELECTORS
    found: list[str] = []
    withdrawn: list[str] = []
    for domain in dict.fromkeys([sending.domain, *sending.bounces]):
        for selector in selectors:
            place = f"{selector}._domainkey.{domain}"
            for key in filter(None, map(_key, names.texts(place))):
                (found if key["p"] else withdrawn).append(place)
    if found:
        yield ok(f"DKIM: there is a key at {', '.join(dict.fromkeys(found))}")
    elif withdrawn:
        yield error(f"DKIM: the key at {withdrawn[0]} has been withdrawn", f"{_HOLDER} put the provider's key there.")
    elif sending.selectors:
        where = ", ".join(f"{selector}._domainkey" for selector in selectors)
        hint = f"{_HOLDER} put the provider's records there; its console shows them."
        yield warning(f"DKIM: {sending.domain} has no key at {where}", hint)
    else:
        hint = (
            "It may have one all the same: a key cannot be found from outside without its name (selector). "
            "Send yourself a test copy, and look in its source for dkim=pass."
        )
        yield warning(f"DKIM: {sending.domain} has no key under a usual name", hint)


def _key(text: str) -> dict[str, str]:
    """Return the tags of a DKIM key, which has "p" among them, empty when it is withdrawn; {} when it is none."""
    tags = tags_of(text)
    return tags if "p" in tags and tags.get("v", "DKIM1") == "DKIM1" else {}


def dmarc(sending: Sending, names: Names) -> Iterator[Diagnosis]:
    """Say what receivers are to do with mail that is not proved to be the domain's, and which proof counts."""
    policy = read_policy(names, sending.domain)
    if policy is None:
        hint = f"{_HOLDER} put a TXT record at _dmarc.{sending.domain}, to begin with:\n  v=DMARC1; p=none"
        yield warning(f"DMARC: {sending.domain} has no record; large receivers want one", hint)
    elif policy.fault:
        yield error(f"DMARC: {policy.fault}", _BROKEN)
    else:
        yield ok(f"DMARC: {_WISHES[policy.wish]}{'' if policy.at == sending.domain else f', says {policy.at}'}")
        yield from _alignment(sending, policy)


def _alignment(sending: Sending, policy: Policy) -> Iterator[Diagnosis]:
    """Say whether SPF proves who sends: it does so for the domain of the envelope sender, to which bounces go."""
    for domain in sending.bounces:
        if not policy.covers(domain, sending.domain):
            hint = f"Choose an envelope sender at {sending.domain}, or see to it that DKIM signs for {sending.domain}."
            yield warning(f"DMARC: bounces go to {domain}, so SPF proves nothing about {sending.domain}", hint)
    if not sending.bounces:
        yield ok(f"DMARC rests on DKIM, signed for {sending.domain}: bounces go to the provider's own domain")


def mail_servers(domain: str, names: Names) -> Iterator[Diagnosis]:
    """Say whether mail to *domain*, as bounces and answers, arrives (RFC 5321 §5.1)."""
    servers = names.records(domain, "MX")
    hint = f"Bounces and answers are lost, and many receivers refuse mail from there. {_HOLDER} mend that."
    if [server for server in servers if server.exchange.to_text() == "."]:  # RFC 7505
        yield error(f"MX: {domain} says that it takes no mail", hint)
    elif servers:
        yield ok(f"MX: mail to {domain} has {count(len(servers), 'server')} to go to")
    elif names.records(domain, "A") or names.records(domain, "AAAA"):
        yield warning(f"MX: {domain} names no mail server; mail to it goes to its web server, if to anything", hint)
    else:
        yield error(f"MX: no mail can get to {domain}, or there is no such domain", hint)
