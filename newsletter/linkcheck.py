"""Whether links work: each web address fetched once, with care for where it may lead.

What an author pastes must not make this computer talk to its own network: a name is looked up here, and the connection
goes to the very address that was looked at. What holds personal data, carries a token or may do something when opened
is never fetched, and no address is written down.
"""

from __future__ import annotations

import re
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from time import monotonic, time
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from newsletter.cache import keep, kept
from newsletter.errors import ConfigError
from newsletter.http import PORTS, Head, NoAnswerError, Page, ask, page_of
from newsletter.personal import find
from newsletter.weblinks import Answer, Verdict, hazard, host_of, is_public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.model import Issue

AT_ONCE = 8
LIMIT_REDIRECTS = 5
LIMIT_ADDRESSES = 3  # of one name
LIMIT_SECONDS = 20.0  # for one link, with all its redirects
LIMIT_RUN = 300.0  # seconds in which a link may be begun
KEPT_SECONDS = 24 * 3600
_KEPT = re.compile(rb"^([0-9a-f]{64}) ([0-9]{1,12})$", re.MULTILINE)
_FIRST_BYTES = {"Range": "bytes=0-1023"}
# Where a network asks its guests to sign in, and websites their users.
_SIGN_IN = re.compile(r"(?<![a-z])(?:log-?in|sign-?in|sso|captive|hotspot)(?![a-z])", re.IGNORECASE)
_PROBE = "example.org"  # a name that is always there (RFC 2606)


class NoSuchNameError(Exception):
    """A name that does not exist."""


def links_of(issue: Issue) -> Iterator[str]:
    """Return the web addresses that *issue* links to."""
    return (link.url for link in issue.links() if host_of(link.url))


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of *host*. Raises NoSuchNameError, and NoAnswerError when that cannot be known."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise NoSuchNameError(host) from None
        raise NoAnswerError("its name could not be looked up") from None
    except (OSError, UnicodeError):
        raise NoAnswerError("its name could not be looked up") from None
    return [str(address[0]) for *_, address in found]


def _as_it_is(address: str, port: int) -> tuple[str, int]:
    return address, port


@dataclass(frozen=True, slots=True)
class Wire:
    """How the internet is reached: looking up names, the way to an address that may be reached, time, and trust.

    Tests put an internet and a clock of their own in their place; nothing that a user can set does.
    """

    resolve: Callable[[str, int], Sequence[str]] = resolve
    dial: Callable[[str, int], tuple[str, int]] = _as_it_is
    seconds: float = 5.0  # for one request
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    now: Callable[[], float] = monotonic


def wire_of(workspace: Workspace) -> Wire:
    """Return the wire that newsletter.yaml asks for. Raises ConfigError where links cannot be fetched with care."""
    network = workspace.config.network
    if network.proxy:
        hint = (
            "A proxy looks names up by itself, so nobody could see that a link leads into your own network.\n"
            "Check without --links, or check links on a computer that needs no proxy."
        )
        raise ConfigError("newsletter.yaml: links are not fetched through a proxy (network: proxy)", hint)
    ca = workspace.ca
    if ca is None:
        return Wire()
    try:
        return Wire(tls=ssl.create_default_context(cafile=ca))
    except (OSError, ssl.SSLError):
        hint = "Name a file with certificates in PEM form."
        raise ConfigError(f"newsletter.yaml: network: ca: {network.ca} cannot be used", hint) from None


def fetch_links(
    urls: Iterable[str], cache: Path, wire: Wire, clock: Callable[[], float] = time
) -> Iterator[tuple[str, Verdict]]:
    """Fetch each of *urls*, web addresses, once; yield each with its verdict as soon as it is known.

    *cache* is the file that remembers for a day what worked.
    """
    known, end = _remembered(cache, clock()), wire.now() + LIMIT_RUN
    pages: dict[str, list[str]] = {}
    for url in dict.fromkeys(urls):
        pages.setdefault(urldefrag(url)[0], []).append(url)
    pool = ThreadPoolExecutor(AT_ONCE, "fetch")
    try:
        asked = {pool.submit(_judge, page, wire, end): page for page in pages if _mark(page) not in known}
        for page in pages.keys() - asked.values():
            yield from ((url, Verdict(Answer.WORKS, "it worked within the last day")) for url in pages[page])
        for done in as_completed(asked):
            page, verdict = asked[done], done.result()
            if verdict.answer is Answer.WORKS:
                known[_mark(page)] = int(clock())
            yield from ((url, verdict) for url in pages[page])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _remember(cache, known)


def _mark(url: str) -> str:
    """Return what stands for *url* in the cache: nobody can read there where the links lead."""
    return sha256(url.encode()).hexdigest()


def _remembered(cache: Path, now: float) -> dict[str, int]:
    """Return when the addresses whose marks are in the *cache* worked last."""
    stored = {mark.decode(): int(at) for mark, at in _KEPT.findall(kept(cache) or b"")}
    return {mark: at for mark, at in stored.items() if now - KEPT_SECONDS < at <= now}


def _remember(cache: Path, known: dict[str, int]) -> None:
    keep(cache, "\n".join(f"{mark} {at}" for mark, at in sorted(known.items())).encode())


def _judge(url: str, wire: Wire, end: float) -> Verdict:
    if wire.now() >= end:
        return Verdict(Answer.UNSURE, "there was no time left")
    try:
        head = _follow(url, wire)
    except NoAnswerError as error:
        return Verdict(Answer.UNSURE, str(error))
    except ValueError:  # a redirect to http://[
        return Verdict(Answer.UNSURE, "it leads to what is not a web address")
    except NoSuchNameError as error:
        if _is_offline(wire):
            return Verdict(Answer.UNSURE, "no name can be looked up: is this computer offline?")
        return Verdict(Answer.BROKEN, f"there is no {error}")
    if head.status in {404, 410}:
        return Verdict(Answer.BROKEN, str(head))
    return Verdict(Answer.WORKS if 200 <= head.status < 300 else Answer.UNSURE, str(head))


def _is_offline(wire: Wire) -> bool:
    """Say whether names cannot be looked up at all: some systems then say of each that it does not exist."""
    try:
        wire.resolve(_PROBE, 443)
    except (NoSuchNameError, NoAnswerError):
        return True
    return False


def _follow(url: str, wire: Wire) -> Head:
    """Return the answer at the end of the redirects from *url*, each looked at like the first."""
    deadline, first = wire.now() + LIMIT_SECONDS, host_of(url)
    for _hop in range(LIMIT_REDIRECTS + 1):
        if why := "it holds personal data" if find(url) else hazard(url):
            raise NoAnswerError(f"not fetched: {why}")
        if host_of(url) != first and _SIGN_IN.search(url):
            raise NoAnswerError("it asks to sign in")
        head = _ask(page_of(url), wire, deadline)
        if not (300 <= head.status < 400 and head.location):
            return head
        url = urldefrag(urljoin(url, head.location))[0]
    raise NoAnswerError(f"more than {LIMIT_REDIRECTS} redirects")


def _ask(page: Page, wire: Wire, deadline: float) -> Head:
    """Ask for *page* at the public addresses of its name in turn: from here some may be out of reach (IPv6)."""
    if page.port != PORTS[page.scheme]:
        raise NoAnswerError(f"not fetched: it leads to port {page.port}")
    public = [address for address in wire.resolve(page.host.strip("[]"), page.port) if is_public(ip_address(address))]
    if not public:
        raise NoAnswerError("not fetched: it leads into a private network")
    *others, last = public[:LIMIT_ADDRESSES]
    for address in others:
        with suppress(NoAnswerError):
            return _ask_at(address, page, wire, deadline)
    return _ask_at(last, page, wire, deadline)


def _ask_at(address: str, page: Page, wire: Wire, deadline: float) -> Head:
    """Ask for the head of *page*, and once more for its first bytes, since some servers refuse HEAD or say nonsense."""
    head = Head(0, "")
    for method, headers in (("HEAD", {}), ("GET", _FIRST_BYTES)):
        seconds = min(wire.seconds, deadline - wire.now())
        if seconds <= 0:
            raise NoAnswerError("it did not answer in time")
        head = ask(method, page, wire.dial(address, page.port), seconds=seconds, tls=wire.tls, headers=headers)
        if head.status < 400 or head.status == 429:
            break
    return head
