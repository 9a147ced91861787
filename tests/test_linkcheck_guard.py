"""Fetching links: where no link may lead, directly or by a redirect, and what is never asked for."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import internet
import pytest
from internet import INSIDE, OTHER, PUBLIC, Internet, answer, fetched

from newsletter.linkcheck import (
    Wire,
    fetch_links,
    resolve,
)
from newsletter.weblinks import Answer, Verdict, is_public

if TYPE_CHECKING:
    from pathlib import Path

authority, net = internet.authority, internet.net

TOLD = "not fetched: it leads into a private network"


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
