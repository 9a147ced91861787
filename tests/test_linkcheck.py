"""Fetching links: against servers that behave badly, on an internet of our own below the real guard.

Names resolve to public addresses, which pass the guard as it is; only then the way to them leads to loopback.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
from dataclasses import dataclass, field, replace
from hashlib import sha256
from ipaddress import ip_address
from itertools import chain, repeat
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter.config import open_workspace
from newsletter.errors import ConfigError
from newsletter.linkcheck import (
    KEPT_SECONDS,
    LIMIT_RUN,
    NoSuchNameError,
    Wire,
    fetch_links,
    links_of,
    resolve,
    wire_of,
)
from newsletter.load import load_issue
from newsletter.weblinks import Answer, Verdict, is_public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PUBLIC, OTHER, INSIDE = "93.184.216.34", "93.184.216.35", "10.0.0.1"
TOLD = "not fetched: it leads into a private network"


class Visit(StreamRequestHandler):
    """One request to the server: it is written down, and answered as its page does."""

    server: Site

    def handle(self) -> None:
        """Read a request and answer it."""
        if self.server.tls:
            try:
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            except (ssl.SSLError, OSError):
                return
            self.rfile = self.request.makefile("rb")
        method, path, _ = self.rfile.readline().decode().split(" ")
        headers = dict(line.decode().strip().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
        self.server.requests.append((method, headers["Host"], path))
        self.server.headers.append(headers)
        try:
            self.server.pages[path](self, method)
        except OSError:
            self.server.cut.set()

    def finish(self) -> None:
        """Close what was opened."""
        self.rfile.close()
        self.request.close()


class Site(ThreadingTCPServer):
    """A server on loopback whose *pages* say how each path behaves."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.tls = tls
        self.pages: dict[str, Callable[[Visit, str], None]] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.cut = Event()  # somebody hung up on us


@dataclass
class Internet:
    """Names, and one server for http and one for https behind every public address."""

    http: Site
    https: Site
    tls: ssl.SSLContext
    names: dict[str, list[str]] = field(default_factory=lambda: {"example.org": [PUBLIC]})
    looked_up: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, _port: int) -> list[str]:
        """Look a name up."""
        self.looked_up.append(host)
        if host not in self.names:
            raise NoSuchNameError(host)
        return self.names[host]

    def dial(self, address: str, port: int) -> tuple[str, int]:
        """Lead the way to one of the two servers."""
        self.dialled.append((address, port))
        host, port = (self.https if port == 443 else self.http).server_address[:2]
        return str(host), port

    def wire(self, seconds: float = 5) -> Wire:
        """Return the way into this internet."""
        return Wire(self.resolve, self.dial, seconds, self.tls)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our servers' certificates."""
    return trustme.CA()


@pytest.fixture
def net(authority: trustme.CA) -> Iterator[Internet]:
    """An internet with two servers; nothing but loopback can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(ours)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.org").configure_cert(theirs)
    with Site() as http, Site(theirs) as https:
        for site in (http, https):
            Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Internet(http, https, ours)
        for site in (http, https):
            site.shutdown()


def answer(status: int, location: str = "", *, head: int = 0) -> Callable[[Visit, str], None]:
    """Return a page that answers with *status*, and with *head* when only its head is asked for."""

    def act(visit: Visit, method: str) -> None:
        code = head if head and method == "HEAD" else status
        lead = f"Location: {location}\r\n" if location else ""
        visit.request.sendall(f"HTTP/1.1 {code} Some\r\n{lead}Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n".encode())

    return act


def reset(visit: Visit, method: str) -> None:
    """Hang up in the middle."""
    visit.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.request.close()


def drip(visit: Visit, method: str) -> None:
    """Answer with a byte now and then, and never come to an end."""
    visit.request.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not visit.server.cut.wait(0.02):
        visit.request.sendall(b"a")


def flood(visit: Visit, method: str) -> None:
    """Refuse to send a head alone, and answer with a body that never ends."""
    if method == "HEAD":
        answer(405)(visit, method)
        return
    visit.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    while True:
        visit.request.sendall(b"a" * 65536)


def nonsense(visit: Visit, method: str) -> None:
    """Answer in no language."""
    visit.request.sendall(b"\0\1\2\r\n\r\n")


def silent(visit: Visit, method: str) -> None:
    """Answer nothing."""
    visit.server.cut.wait(1)


def fetched(net: Internet, cache: Path, *urls: str, seconds: float = 5) -> dict[str, Verdict]:
    """Return the verdicts on *urls*."""
    return dict(fetch_links(urls, cache / "links.json", net.wire(seconds)))


@pytest.mark.parametrize(
    ("page", "verdict", "methods"),
    [
        (answer(200), Verdict(Answer.WORKS, "200 OK"), ["HEAD"]),
        (answer(404), Verdict(Answer.BROKEN, "404 Not Found"), ["HEAD", "GET"]),
        (answer(410), Verdict(Answer.BROKEN, "410 Gone"), ["HEAD", "GET"]),
        (answer(206, head=403), Verdict(Answer.WORKS, "206 Partial Content"), ["HEAD", "GET"]),
        (answer(200, head=405), Verdict(Answer.WORKS, "200 OK"), ["HEAD", "GET"]),
        (answer(200, head=501), Verdict(Answer.WORKS, "200 OK"), ["HEAD", "GET"]),
        (answer(200, head=404), Verdict(Answer.WORKS, "200 OK"), ["HEAD", "GET"]),
        (answer(401), Verdict(Answer.UNSURE, "401 Unauthorized"), ["HEAD", "GET"]),
        (answer(403), Verdict(Answer.UNSURE, "403 Forbidden"), ["HEAD", "GET"]),
        (answer(429), Verdict(Answer.UNSURE, "429 Too Many Requests"), ["HEAD"]),
        (answer(503), Verdict(Answer.UNSURE, "503 Service Unavailable"), ["HEAD", "GET"]),
        (answer(511), Verdict(Answer.UNSURE, "511 Network Authentication Required"), ["HEAD", "GET"]),
        (answer(999), Verdict(Answer.UNSURE, "999"), ["HEAD", "GET"]),
        (answer(302), Verdict(Answer.UNSURE, "302 Found"), ["HEAD"]),
        (flood, Verdict(Answer.WORKS, "200 OK"), ["HEAD", "GET"]),
        (reset, Verdict(Answer.UNSURE, "the connection failed"), ["HEAD"]),
        (nonsense, Verdict(Answer.UNSURE, "the connection failed"), ["HEAD"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_verdicts(
    net: Internet, tmp_path: Path, *, page: Any, verdict: Verdict, methods: list[str], scheme: str
) -> None:
    """A page works or is broken only where the server says so; a refused HEAD is asked again with GET."""
    site = net.https if scheme == "https" else net.http
    site.pages["/page?a=b%20c"] = page
    url = f"{scheme}://example.org/page?a=b%20c"
    assert {url: verdict} == fetched(net, tmp_path, url)
    assert [(method, "example.org", "/page?a=b%20c") for method in methods] == site.requests


@pytest.mark.parametrize("page", [drip, silent])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_server_holds_us_up(net: Internet, tmp_path: Path, page: Any, scheme: str) -> None:
    """The time for a request cannot be stretched by a byte now and then: we hang up."""
    site = net.https if scheme == "https" else net.http
    site.pages["/"] = page
    url = f"{scheme}://example.org/"
    assert {url: Verdict(Answer.UNSURE, "it did not answer in time")} == fetched(net, tmp_path, url, seconds=0.2)
    assert 1 == len(site.requests)


def test_a_server_that_never_shakes_hands(net: Internet, tmp_path: Path) -> None:
    """Where TLS is expected and nothing comes, the time ends as well."""
    net.https.tls = None
    net.https.pages["/"] = silent
    url = "https://example.org/"
    (verdict,) = fetched(net, tmp_path, url, seconds=0.2).values()
    assert Answer.UNSURE == verdict.answer


@pytest.mark.parametrize("names", [{"example.net": [PUBLIC]}, {PUBLIC: [PUBLIC]}])
def test_the_certificate_is_for_the_name(net: Internet, tmp_path: Path, names: dict[str, list[str]]) -> None:
    """A certificate of another name proves nothing, and the page is not asked for."""
    net.names |= names
    url = f"https://{next(iter(names))}/"
    (verdict,) = fetched(net, tmp_path, url).values()
    assert (Answer.UNSURE, True) == (verdict.answer, "certificate is not to be trusted" in verdict.why)
    assert [] == net.https.requests


def test_an_unknown_authority(net: Internet, tmp_path: Path) -> None:
    """A certificate that nobody we trust has signed proves nothing."""
    net.tls = ssl.create_default_context()
    (verdict,) = fetched(net, tmp_path, "https://example.org/").values()
    assert (Answer.UNSURE, []) == (verdict.answer, net.https.requests)


def test_redirects_are_followed(net: Internet, tmp_path: Path) -> None:
    """Five redirects lead to the end, through relative addresses and other names and to https."""
    net.names["www.example.org"] = [OTHER]
    net.http.pages |= {
        "/0": answer(301, "/1"),
        "/1": answer(302, "http://www.example.org/2#part"),
        "/2": answer(303, "?a=%C3%A4"),
        "/2?a=%C3%A4": answer(307, "//example.org/ä"),
        "/%C3%A4": answer(308, "https://example.org/5"),
    }
    net.https.pages["/5"] = answer(200)
    assert [Verdict(Answer.WORKS, "200 OK")] == [*fetched(net, tmp_path, "http://example.org/0").values()]
    assert [PUBLIC, PUBLIC, OTHER, OTHER, PUBLIC, PUBLIC] == [address for address, _ in net.dialled]
    assert not any("Cookie" in headers for headers in net.http.headers)


def test_a_redirect_too_many(net: Internet, tmp_path: Path) -> None:
    """A loop ends after five redirects; websites that want cookies make such loops, so it proves nothing."""
    net.http.pages["/"] = answer(302, "/")
    url = "http://example.org/"
    assert {url: Verdict(Answer.UNSURE, "more than 5 redirects")} == fetched(net, tmp_path, url)
    assert 6 == len(net.http.requests)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://inside.example.org/", TOLD),
        ("http://10.0.0.1/", TOLD),
        ("http://[::1]/", TOLD),
        ("http://example.org:8080/", "not fetched: it leads to port 8080"),
        ("https://example.org/unsubscribe/me", "not fetched: it looks like an action"),
        ("file:///etc/passwd", "it leads to what is not a web address"),
        ("javascript:alert(1)", "it leads to what is not a web address"),
        ("http://user:word@example.org/", "it leads to what is not a web address"),
        ("http://[", "it leads to what is not a web address"),
        ("http://www.example.org/sign-in?from=a", "it asks to sign in"),
    ],
)
def test_redirects_are_looked_at_like_the_first_address(net: Internet, tmp_path: Path, location: str, why: str) -> None:
    """A redirect to where no link may lead is not followed."""
    net.names |= {"inside.example.org": [INSIDE], "10.0.0.1": [INSIDE], "::1": ["::1"], "www.example.org": [PUBLIC]}
    net.http.pages["/"] = answer(302, location)
    url = "http://example.org/"
    assert {url: Verdict(Answer.UNSURE, why)} == fetched(net, tmp_path, url)
    assert [(PUBLIC, 80)] == net.dialled


@pytest.mark.parametrize(
    "address",
    [
        "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "168.63.129.16", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.192", "192.0.2.1",
        "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "233.252.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:93.184.216.34", "::93.184.216.34", "64:ff9b::5db8:d822", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:1::1", "2001:3::1", "2001:20::1", "2001:db8::1", "2002:5db8:d822::1", "2620:4f:8000::1", "3fff::1",
        "3fff:fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1%1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses_are_never_dialled(net: Internet, tmp_path: Path, address: str) -> None:
    """No name leads to this computer, its network or an address that stands for another."""
    net.names["inside.example.org"] = [address]
    url = "https://inside.example.org/"
    assert {url: Verdict(Answer.UNSURE, TOLD)} == fetched(net, tmp_path, url)
    assert [] == net.dialled


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34", "8.8.8.8", "1.1.1.1", "168.63.129.17", "172.15.0.1", "172.32.0.1", "192.0.1.1",
        "223.255.255.1", "2001:200::1", "2606:2800:220:1::1", "2620:4f:8001::1", "2a00:1450:4009::1",
    ],
)  # fmt: skip
def test_public_addresses_are_public(address: str) -> None:
    """The guard lets websites through."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "0"])
def test_this_computer_is_known_by_all_its_names(net: Internet, tmp_path: Path, host: str) -> None:
    """The system's own look-up is what is judged, so no way of writing an address gets past."""
    url = f"http://{host}/"
    verdicts = dict(fetch_links([url], tmp_path / "links.json", Wire(resolve, net.dial)))
    assert ([Answer.UNSURE], []) == ([verdict.answer for verdict in verdicts.values()], net.dialled)


def test_the_connection_goes_to_the_address_that_was_looked_at(net: Internet, tmp_path: Path) -> None:
    """A name that means another address a moment later (DNS rebinding) is looked up once only."""
    net.http.pages["/"] = answer(200, head=405)
    answers = iter([[PUBLIC], [INSIDE], [INSIDE]])
    wire = Wire(lambda *_: next(answers), net.dial)
    assert [Answer.WORKS] == [
        verdict.answer for _, verdict in fetch_links(["http://example.org/"], tmp_path / "links.json", wire)
    ]
    assert [(PUBLIC, 80), (PUBLIC, 80)] == net.dialled


def test_of_several_addresses_only_a_public_one_is_taken(net: Internet, tmp_path: Path) -> None:
    """A name with private and public addresses is reached at a public one."""
    net.names["example.org"] = ["::1", INSIDE, OTHER]
    net.http.pages["/"] = answer(200)
    fetched(net, tmp_path, "http://example.org/")
    assert [(OTHER, 80)] == net.dialled


@pytest.mark.parametrize(("dead", "expected"), [(0, "works"), (1, "works"), (2, "works"), (3, "could not tell")])
def test_addresses_are_tried_in_turn(net: Internet, tmp_path: Path, dead: int, expected: str) -> None:
    """Where the first address cannot be reached the next is tried, three at most; private ones never."""
    addresses = [f"93.184.216.{number}" for number in range(40, 44)]
    net.names["example.org"] = [INSIDE, *addresses]
    net.http.pages["/"] = answer(200)
    tried: list[str] = []

    def dial(address: str, port: int) -> tuple[str, int]:
        tried.append(address)
        with socket.socket() as closed:  # nobody listens there
            closed.bind(("127.0.0.1", 0))
            nowhere = closed.getsockname()[1]
        return ("127.0.0.1", nowhere) if address in addresses[:dead] else net.dial(address, port)

    ((_, verdict),) = fetch_links(["http://example.org/"], tmp_path / "links.json", Wire(net.resolve, dial))
    assert (expected, addresses[: min(dead + 1, 3)]) == (str(verdict.answer), tried)


def test_the_product_reaches_what_it_looked_at() -> None:
    """Without a test's internet, names are the system's and the way leads to the very address."""
    wire = Wire()
    assert (resolve, (PUBLIC, 443)) == (wire.resolve, wire.dial(PUBLIC, 443))


def test_only_the_ports_of_the_web(net: Internet, tmp_path: Path) -> None:
    """Another port, also that of the other scheme, is not reached."""
    urls = ["http://example.org:22/", "http://example.org:443/", "https://example.org:80/"]
    verdicts = fetched(net, tmp_path, *urls)
    assert {url: f"not fetched: it leads to port {url.split(':')[2][:-1]}" for url in urls} == {
        url: verdict.why for url, verdict in verdicts.items()
    }
    assert [] == net.dialled


def test_a_name_that_does_not_exist(net: Internet, tmp_path: Path) -> None:
    """A website that is not there is broken, as long as other names can be looked up."""
    url = "https://gone.example.org/"
    assert {url: Verdict(Answer.BROKEN, "there is no gone.example.org")} == fetched(net, tmp_path, url)
    net.names.clear()
    assert Answer.UNSURE == fetched(net, tmp_path, url)[url].answer


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.org", "a" * 300])
def test_names_that_cannot_be(net: Internet, tmp_path: Path, host: str) -> None:
    """A name that no system looks up is no crash."""
    url = f"https://{host}/"
    ((_, verdict),) = fetch_links([url], tmp_path / "links.json", Wire(resolve, net.dial))
    assert (True, []) == (verdict.answer in {Answer.UNSURE, Answer.BROKEN}, net.dialled)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("unsubscribe/me", "it looks like an action"),
        ("confirm?id=5", "it looks like an action"),
        ("cancel", "it looks like an action"),
        ("page?token=a", "it may carry a token"),
        ("page?id=4f9a0c1b2d3e4f5a", "it may carry a token"),
    ],
)
def test_actions_are_not_fetched(net: Internet, tmp_path: Path, path: str, why: str) -> None:
    """Nothing is asked of a server that might act on it, not even its name."""
    url = f"http://example.org/{path}"
    assert {url: Verdict(Answer.UNSURE, f"not fetched: {why}")} == fetched(net, tmp_path, url)
    assert ([], []) == (net.looked_up, net.http.requests)


@pytest.mark.parametrize(
    "query",
    [
        "who=jane.smith@gmail.com&nhs=9434765919",
        "who=jane.smith%40gmail.com",
        "who=jane.smith%2540gmail.com",
        "nhs=943-476-5919",
        "call=07700900123",
    ],
)
def test_personal_data_is_not_sent(net: Internet, tmp_path: Path, query: str) -> None:
    """An address that holds personal data is not fetched, neither as a link nor where a page sends on to it."""
    url, page = f"http://example.org/a?{query}", "http://example.org/go"
    net.http.pages["/go"] = answer(302, url)
    told = Verdict(Answer.UNSURE, "not fetched: it holds personal data")
    assert {url: told} == fetched(net, tmp_path, url)
    assert ([], []) == (net.looked_up, net.http.requests)
    assert {page: told} == fetched(net, tmp_path, page)
    assert [("HEAD", "example.org", "/go")] == net.http.requests


def test_the_cache_tells_no_address(net: Internet, tmp_path: Path) -> None:
    """What is remembered of a link is a hash, so that nobody reads there where an unsent issue leads."""
    net.http.pages["/sub?who=jane"] = answer(200)
    fetched(net, tmp_path, "http://example.org/sub?who=jane")
    data = (tmp_path / "links.json").read_bytes()
    assert sha256(b"http://example.org/sub?who=jane").hexdigest().encode() in data
    assert [] == [word for word in (b"example", b"sub", b"jane", b"http") if word in data]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (LIMIT_RUN - 1, Verdict(Answer.WORKS, "200 OK")),
        (LIMIT_RUN, Verdict(Answer.UNSURE, "there was no time left")),
    ],
)
def test_a_run_comes_to_an_end(net: Internet, tmp_path: Path, later: float, expected: Verdict) -> None:
    """After five minutes no link is begun any more, and each that is left has a verdict."""
    ticks = chain([0.0], repeat(later))
    urls = [f"http://example.org/{number}" for number in range(20)]
    net.http.pages |= {f"/{number}": answer(200) for number in range(20)}
    wire = replace(net.wire(), now=lambda: next(ticks))
    assert dict.fromkeys(urls, expected) == dict(fetch_links(urls, tmp_path / "links.json", wire))
    assert (20 if expected.answer is Answer.WORKS else 0) == len(net.http.requests)


def test_one_link_with_all_its_redirects_comes_to_an_end(net: Internet, tmp_path: Path) -> None:
    """Redirects do not add up: after 20 seconds no further page is asked for."""
    ticks = chain([0.0, 0.0, 0.0, 19.0], repeat(20.0))  # the run, its check, the link, its first request
    net.http.pages |= {"/": answer(302, "/next"), "/next": answer(200)}
    url = "http://example.org/"
    wire = replace(net.wire(), now=lambda: next(ticks))
    late = Verdict(Answer.UNSURE, "it did not answer in time")
    assert {url: late} == dict(fetch_links([url], tmp_path / "links.json", wire))
    assert ["/"] == [path for _, _, path in net.http.requests]


def test_each_page_is_fetched_once(net: Internet, tmp_path: Path) -> None:
    """Five links to a page, two of them to parts of it, are one request, and each has the verdict."""
    net.http.pages["/"] = answer(200)
    urls = ["http://example.org/", "http://example.org/#a", "http://example.org/#b", "http://example.org/"]
    assert set(urls) == set(fetched(net, tmp_path, *urls, urls[0]))
    assert 1 == len(net.http.requests)


def test_links_are_fetched_at_once(net: Internet, tmp_path: Path) -> None:
    """Pages that wait for each other are all answered."""
    together = Barrier(4)

    def meet(visit: Visit, method: str) -> None:
        try:
            together.wait(5)
        except BrokenBarrierError:
            answer(500)(visit, method)
        else:
            answer(200)(visit, method)

    net.http.pages |= {f"/{number}": meet for number in range(4)}
    verdicts = fetched(net, tmp_path, *(f"http://example.org/{number}" for number in range(4)))
    assert [Verdict(Answer.WORKS, "200 OK")] * 4 == [*verdicts.values()]


def test_what_worked_is_remembered_for_a_day(net: Internet, tmp_path: Path) -> None:
    """The cache spares a request to what worked; what did not is asked again."""
    net.http.pages |= {"/good": answer(200), "/gone": answer(410)}
    good, gone = "http://example.org/good", "http://example.org/gone"
    later: list[int] = []
    for now in (1000, 1000 + KEPT_SECONDS - 1, 1000 + KEPT_SECONDS, 0):
        verdicts = dict(fetch_links([good, gone], tmp_path / "links.json", net.wire(), lambda now=now: now))  # type: ignore[misc]
        assert (Answer.WORKS, Answer.BROKEN) == (verdicts[good].answer, verdicts[gone].answer)
        later.append([path for _, _, path in net.http.requests].count("/good"))
    assert [1, 1, 2, 3] == later
    assert 8 == [path for _, _, path in net.http.requests].count("/gone")


MARK = sha256(b"http://example.org/").hexdigest().encode()


def whole(body: bytes) -> bytes:
    """Return *body* as the cache keeps it."""
    return sha256(body).hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 200_000,
        b'{"http://example.org/": 1' + b"0" * 400 + b"}",
        MARK + b" 1000",
        whole(b"[" * 200_000),
        whole(MARK + b" 1" + b"0" * 400),
        whole(MARK + b" 1e3"),
        whole(MARK + b" -1"),
        whole(b"http://example.org/ 1000"),
    ],
)
def test_a_spoilt_cache_is_no_harm(net: Internet, tmp_path: Path, data: bytes) -> None:
    """A cache that cannot be read is made anew."""
    (tmp_path / "links.json").write_bytes(data)
    net.http.pages["/"] = answer(200)
    for _ in range(2):
        dict(fetch_links(["http://example.org/"], tmp_path / "links.json", net.wire(), lambda: 1000))
    assert 1 == len(net.http.requests)
    assert whole(MARK + b" 1000") == (tmp_path / "links.json").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_a_pipe_for_a_cache_is_no_harm(net: Internet, tmp_path: Path) -> None:
    """A pipe in the place of the cache does not keep us waiting: the test would not end."""
    os.mkfifo(tmp_path / "links.json")
    net.http.pages["/"] = answer(200)
    url = "http://example.org/"
    assert {url: Verdict(Answer.WORKS, "200 OK")} == fetched(net, tmp_path, url)
    assert (tmp_path / "links.json").is_file()


def test_we_say_who_we_are_and_nothing_else(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No password of .netrc, no proxy of the environment; a name of our own."""
    (tmp_path / ".netrc").write_text("machine example.org login a password b\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    net.http.pages["/"] = answer(200, head=405)
    fetched(net, tmp_path, "http://example.org/")
    asked, again = net.http.headers
    assert {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"} == asked.keys()
    assert {"Range": "bytes=0-1023"} == {name: again[name] for name in again.keys() - asked.keys()}
    assert asked["User-Agent"].startswith("newsletter/")


def test_a_proxy_is_refused(workspace: Path) -> None:
    """Through a proxy nobody can see where a link leads, so nothing is fetched."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("network: {proxy: 'http://proxy:8080'}\n")
    with pytest.raises(ConfigError, match="not fetched through a proxy"):
        wire_of(open_workspace(workspace))


@pytest.mark.parametrize("text", [None, "no certificate\n"])
def test_certificates_that_cannot_be_used(workspace: Path, text: str | None) -> None:
    """Certificates of one's own that are missing or none are named, never left out."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("network: {ca: ours.pem}\n")
    if text:
        (workspace / "ours.pem").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"ours\.pem cannot be used"):
        wire_of(open_workspace(workspace))


def test_certificates_lie_inside(workspace: Path) -> None:
    """Certificates outside the workspace are refused, as a send refuses them."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("network: {ca: ../ours.pem}\n")
    with pytest.raises(ConfigError, match=r"ours\.pem lies outside this workspace"):
        wire_of(open_workspace(workspace))


def test_certificates_of_ones_own(net: Internet, tmp_path: Path, workspace: Path) -> None:
    """With ``network: ca`` the authorities in that file are trusted, and no others."""
    own, theirs = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.cert_pem.write_to_path(str(workspace / "ours.pem"))
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write("network: {ca: ours.pem}\n")
    net.tls = wire_of(open_workspace(workspace)).tls
    assert [Answer.UNSURE] == [one.answer for one in fetched(net, tmp_path, "https://example.org/").values()]
    own.issue_cert("example.org").configure_cert(theirs)
    net.https.tls = theirs
    net.https.pages["/"] = answer(200)
    assert [Answer.WORKS] == [one.answer for one in fetched(net, tmp_path, "https://example.org/").values()]


LINKED = """\
    subject: January 2026 newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: What changed
        body: |
          See [the procedures](http://example.org/a) and [the form](http://example.org/a#form),
          write to [the office](mailto:office@example.org), read [the report](http://example.org/gone).
        links:
          - {text: Read the minutes, url: "http://example.org/a"}
"""


def test_the_links_fetched_are_those_that_checks_see(write_issue: Callable[..., Path], workspace: Path) -> None:
    """Every web address of an issue is fetched, from texts and from keys of their own."""
    write_issue(LINKED)
    issue = load_issue(workspace, "2026-01", welcome="")
    addresses = ["http://example.org/a", "http://example.org/a", "http://example.org/a#form", "http://example.org/gone"]
    assert addresses == sorted(links_of(issue))
