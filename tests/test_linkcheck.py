"""Fetching links: against servers that behave badly, on an internet of our own."""

from __future__ import annotations

import os
import socket
import ssl
import struct
from dataclasses import replace
from hashlib import sha256
from itertools import chain, repeat
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any

import internet
import pytest
import trustme
from internet import OTHER, PUBLIC, Internet, Visit, answer, fetched

from newsletter.config import open_workspace
from newsletter.errors import ConfigError
from newsletter.linkcheck import (
    KEPT_SECONDS,
    LIMIT_RUN,
    fetch_links,
    links_of,
    wire_of,
)
from newsletter.load import load_issue
from newsletter.weblinks import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

authority, net = internet.authority, internet.net


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


def test_a_name_that_does_not_exist(net: Internet, tmp_path: Path) -> None:
    """A website that is not there is broken, as long as other names can be looked up."""
    url = "https://gone.example.org/"
    assert {url: Verdict(Answer.BROKEN, "there is no gone.example.org")} == fetched(net, tmp_path, url)
    net.names.clear()
    assert Answer.UNSURE == fetched(net, tmp_path, url)[url].answer


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
