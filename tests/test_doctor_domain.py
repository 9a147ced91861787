"""What doctor says of a sender's domain: asked of a real name server on loopback, in the real wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.resolver
import pytest
from nameserver import NameServer, answering
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter.doctor import Diagnosis, Level
from newsletter.doctor.domain import USUAL_SELECTORS, Sending, dkim, dmarc, examine_domain, mail_servers, spf
from newsletter.doctor.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
OURS = "news.leeds.test"


@pytest.fixture(scope="module")
def running() -> Iterator[NameServer]:
    """The one name server of this module."""
    enable_socket()
    with answering() as server:
        yield server


@pytest.fixture
def server(running: NameServer) -> NameServer:
    """The name server, without a zone; loopback can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    running.zone, running.asked = "", []
    return running


@pytest.fixture
def names(server: NameServer) -> Names:
    """The DNS as the server knows it."""
    return Names(server.resolver())


def briefly(found: Iterator[Diagnosis]) -> list[tuple[Level, str]]:
    """How each thing is, without what to do; where something is not well, there must be something to do."""
    diagnoses = list(found)
    assert [one for one in diagnoses if (one.level is OK) is bool(one.hint)] == []
    return [(one.level, one.message) for one in diagnoses]


def sending(domain: str = OURS, *bounces: str, selectors: tuple[str, ...] = ()) -> Sending:
    """How mail leaves: as a rule bounces come back to the sender."""
    return Sending(domain, bounces or (domain,), selectors, domain)


# --- SPF ---

INCLUDING = """
    {d} TXT "v=spf1 include:a.test include:b.test exists:%{{i}}.c.test -all"
    a.test TXT "v=spf1 mx -all"
    b.test TXT "v=spf1 redirect=c.test"
    c.test TXT "v=spf1 ip6:2001:db8::/32 ?all"
"""
NO_LOOKUP = "{d} has one record, ending in -all (0 lookups)"
_SEVEN = " ".join(f"a:host{number}.leeds.test" for number in range(7))


@pytest.mark.parametrize(
    ("zone", "level", "message"),
    [
        ('{d} TXT "v=spf1 ip4:192.0.2.1 -all"', OK, NO_LOOKUP),
        ('{d} TXT "v=spf1 mx ~all"', OK, "{d} has one record, ending in ~all (1 lookup)"),
        ('{d} TXT "V=SPF1 A/24 A:other.test//64 ~ALL"', OK, "{d} has one record, ending in ~all (2 lookups)"),
        ('{d} TXT "v=sp" "f1 ip4:192.0.2.1" " -all"', OK, NO_LOOKUP),
        ('{d} TXT "site=abc"\n{d} TXT "v=spf1 -all"', OK, NO_LOOKUP),
        ('{d} CNAME web.test.\nweb.test TXT "v=spf1 -all"', OK, NO_LOOKUP),
        (
            INCLUDING,
            OK,
            "{d} has one record, ending in -all (5 lookups)",
        ),
        (
            '{d} TXT "v=spf1 redirect=c.test"\nc.test TXT "v=spf1 -all"',
            OK,
            "{d} has one record, ending in redirect=c.test (1 lookup)",
        ),
        ("{d} A 192.0.2.1", WARNING, "{d} has no record"),
        ("", WARNING, "{d} has no record"),
        ('{d} TXT "v=spf10 -all"', WARNING, "{d} has no record"),
        ('{d} TXT "v=spf1 mx"', WARNING, "{d} does not say what to think of all other servers"),
        ('{d} TXT "v=spf1 ?all"', WARNING, "{d} does not say what to think of all other servers"),
        ('{d} TXT "v=spf1 all"', ERROR, "{d} lets every server send for it (+all)"),
        ('{d} TXT "v=spf1 mx -all"\n{d} TXT "v=spf1 a -all"', ERROR, "{d} has 2 SPF records, and may have one"),
        (
            '{d} TXT "v=spf1 include:a.test -all"\na.test TXT "v=spf1 a -all"\na.test TXT "v=spf1 -all"',
            ERROR,
            "a.test has 2 SPF records, and may have one",
        ),
        (
            '{d} TXT "v=spf1 include:gone.test -all"',
            ERROR,
            "the SPF record of {d} includes gone.test, which has none",
        ),
        (
            '{d} TXT "v=spf1 ipv4:192.0.2.1 -all"',
            ERROR,
            'the SPF record of {d} holds "ipv4:192.0.2.1", which is no SPF',
        ),
        (
            f'{{d}} TXT "v=spf1 {_SEVEN} include:a.test -all"\na.test TXT "v=spf1 mx ptr exists:b.test -all"',
            ERROR,
            "the SPF record of {d} needs more than 10 lookups",
        ),
        (
            '{d} TXT "v=spf1 include:a.test -all"\na.test TXT "v=spf1 include:{d} -all"',
            ERROR,
            "the SPF record of {d} needs more than 10 lookups",
        ),
    ],
)
def test_spf(zone: str, level: Level, message: str, server: NameServer, names: Names) -> None:
    """SPF is well when every receiver understands it: one record, ten lookups at most, and a last word."""
    server.zone = zone.format(d=OURS)
    assert [(level, f"SPF: {message.format(d=OURS)}")] == briefly(spf(OURS, names))


def test_exactly_ten_lookups(server: NameServer, names: Names) -> None:
    """Ten lookups are allowed."""
    server.zone = f'{OURS} TXT "v=spf1 {_SEVEN} include:a.test -all"\na.test TXT "v=spf1 mx ptr -all"'
    assert [(OK, f"SPF: {OURS} has one record, ending in -all (10 lookups)")] == briefly(spf(OURS, names))


def test_a_large_answer(server: NameServer, names: Names) -> None:
    """An answer of more than 512 bytes is had in one datagram: firewalls stop TCP, and domains have many records."""
    notes = "\n".join(f'{OURS} TXT "service-{number}={"x" * 80}"' for number in range(9))
    server.zone = f'{notes}\n{OURS} TXT "v=spf1 -all"'
    assert [(OK, f"SPF: {OURS} has one record, ending in -all (0 lookups)")] == briefly(spf(OURS, names))


# --- DKIM ---


@pytest.mark.parametrize(
    ("zone", "selectors", "told"),
    [
        (
            's1._domainkey.{d} TXT "v=DKIM1; k=rsa; p=MIIB" "IjAN"',
            (),
            (OK, "there is a key at s1._domainkey.{d}"),
        ),
        (
            'k2._domainkey.{d} CNAME dkim2.service.test.\ndkim2.service.test TXT "k=rsa; p=MIIB"',
            ("k2", "k3"),
            (OK, "there is a key at k2._domainkey.{d}"),
        ),
        ('s1._domainkey.{d} TXT "p=MIIB"', ("k2", "k3"), (WARNING, "{d} has no key at k2._domainkey, k3._domainkey")),
        ('s1._domainkey.{d} TXT "v=DKIM1; p="', (), (ERROR, "the key at s1._domainkey.{d} has been withdrawn")),
        (
            's1._domainkey.{d} TXT "v=DKIM1; p="\ns2._domainkey.{d} TXT "p=MIIB"',
            (),
            (OK, "there is a key at s2._domainkey.{d}"),
        ),
        ('s1._domainkey.{d} TXT "v=spf1 -all"', (), (WARNING, "{d} has no key under a usual name")),
        ("", (), (WARNING, "{d} has no key under a usual name")),
    ],
)
def test_dkim(zone: str, selectors: tuple[str, ...], told: tuple[Level, str], server: NameServer, names: Names) -> None:
    """A DKIM key is looked for under the names that the provider gives it, or else under those that are usual."""
    server.zone = zone.format(d=OURS)
    found = briefly(dkim(sending(selectors=selectors), names))
    level, message = told
    assert [(level, f"DKIM: {message.format(d=OURS)}")] == found
    assert {f"{one}._domainkey.{OURS}" for one in selectors or USUAL_SELECTORS} == {name for name, _ in server.asked}


def test_dkim_cannot_be_known(names: Names) -> None:
    """Where no key is found it is said that there may be one, and how to find out."""
    (found,) = dkim(sending(), names)
    assert "without its name (selector)" in found.hint
    assert "dkim=pass" in found.hint


def test_dkim_of_the_envelope(server: NameServer, names: Names) -> None:
    """A provider may sign for the domain to which bounces go."""
    server.zone = 's1._domainkey.mg.leeds.test TXT "p=MIIB"'
    found = briefly(dkim(sending(OURS, "mg.leeds.test"), names))
    assert [(OK, "DKIM: there is a key at s1._domainkey.mg.leeds.test")] == found


# --- DMARC ---


MONITOR = 'the record of {d} asks for "monitor", which is none of none, quarantine, reject'


@pytest.mark.parametrize(
    ("zone", "level", "message"),
    [
        ('_dmarc.{d} TXT "v=DMARC1; p=reject"', OK, "forged mail is refused (p=reject)"),
        ('_dmarc.{d} TXT "v=DMARC1;p=QUARANTINE;"', OK, "forged mail goes to spam (p=quarantine)"),
        ('_dmarc.{d} TXT "v=DMARC1; rua=mailto:a@leeds.test"', OK, "forged mail is let through (p=none)"),
        ('_dmarc.{d} CNAME d.test.\nd.test TXT "v=DMARC1; p=none"', OK, "forged mail is let through (p=none)"),
        ('_dmarc.leeds.test TXT "v=DMARC1; p=reject"', OK, "forged mail is refused (p=reject), says leeds.test"),
        (
            '_dmarc.leeds.test TXT "v=DMARC1; p=reject; sp=none"',
            OK,
            "forged mail is let through (p=none), says leeds.test",
        ),
        ('_dmarc.test TXT "v=DMARC1; p=reject; sp=none; psd=y"', OK, "forged mail is let through (p=none), says test"),
        ("", WARNING, "{d} has no record; large receivers want one"),
        ('_dmarc.{d} TXT "v=spf1 -all"', WARNING, "{d} has no record; large receivers want one"),
        ('_dmarc.{d} TXT "v=DMARC1; p=monitor"', ERROR, MONITOR),
        (
            '_dmarc.{d} TXT "v=DMARC1; p=none"\n_dmarc.{d} TXT "v=DMARC1; p=reject"',
            ERROR,
            "{d} has 2 records, and may have one",
        ),
    ],
)
def test_dmarc(zone: str, level: Level, message: str, server: NameServer, names: Names) -> None:
    """The policy is the domain's own or that of the nearest domain above it, read as receivers read it."""
    server.zone = zone.format(d=OURS)
    assert [(level, f"DMARC: {message.format(d=OURS)}")] == briefly(dmarc(sending(), names))


@pytest.mark.parametrize(
    ("zone", "bounces", "is_proof"),
    [
        ('_dmarc.leeds.test TXT "v=DMARC1; p=none"', "mg.leeds.test", True),
        ('_dmarc.leeds.test TXT "v=DMARC1; p=none"', "leeds.test", True),
        ('_dmarc.leeds.test TXT "v=DMARC1; p=none; aspf=s"', "leeds.test", False),
        ('_dmarc.{d} TXT "v=DMARC1; p=none; aspf=s"', OURS, True),
        ('_dmarc.leeds.test TXT "v=DMARC1; p=none"', "otherleeds.test", False),
        ('_dmarc.leeds.test TXT "v=DMARC1; p=none"', "service.test", False),
        # A record at news.leeds.test and none above it: what is above it is another organisation's.
        ('_dmarc.{d} TXT "v=DMARC1; p=none"', "mg.leeds.test", False),
        # gov.uk speaks for all below it without being one organisation.
        ('_dmarc.test TXT "v=DMARC1; p=reject; psd=y"', "mg.leeds.test", True),
        ('_dmarc.test TXT "v=DMARC1; p=reject; psd=y"', "service.test", False),
    ],
)
def test_alignment(zone: str, bounces: str, is_proof: bool, server: NameServer, names: Names) -> None:  # noqa: FBT001
    """SPF proves who sends only where bounces go to the sender's own organisation."""
    server.zone = zone.format(d=OURS)
    wanted = [] if is_proof else [(WARNING, f"DMARC: bounces go to {bounces}, so SPF proves nothing about {OURS}")]
    assert wanted == briefly(dmarc(sending(OURS, bounces), names))[1:]


def test_bounces_go_to_the_provider(server: NameServer, names: Names) -> None:
    """Where the provider takes the bounces, DMARC rests on DKIM alone, and that is said."""
    server.zone = f'_dmarc.{OURS} TXT "v=DMARC1; p=none"'
    _, rests = briefly(dmarc(Sending(OURS, (), (), OURS), names))
    assert (OK, f"DMARC rests on DKIM, signed for {OURS}: bounces go to the provider's own domain") == rests


# --- mail servers ---


@pytest.mark.parametrize(
    ("zone", "level", "message"),
    [
        ("{d} MX 10 mx1.test.\n{d} MX 20 mx2.test.", OK, "mail to {d} has 2 servers to go to"),
        ("{d} MX 0 .", ERROR, "{d} says that it takes no mail"),
        ("{d} A 192.0.2.1", WARNING, "{d} names no mail server; mail to it goes to its web server, if to anything"),
        (
            "{d} AAAA 2001:db8::1",
            WARNING,
            "{d} names no mail server; mail to it goes to its web server, if to anything",
        ),
        ('{d} TXT "hello"', ERROR, "no mail can get to {d}, or there is no such domain"),
        ("", ERROR, "no mail can get to {d}, or there is no such domain"),
    ],
)
def test_mail_servers(zone: str, level: Level, message: str, server: NameServer, names: Names) -> None:
    """Bounces and answers must get somewhere."""
    server.zone = zone.format(d=OURS)
    assert [(level, f"MX: {message.format(d=OURS)}")] == briefly(mail_servers(OURS, names))


# --- no answer ---


def unknown(why: str) -> list[tuple[Level, str]]:
    """What is said when nothing can be known of OURS."""
    return [(WARNING, f"{what} of {OURS} is not known: {why}") for what in ("SPF", "DKIM", "DMARC", "MX")]


def test_the_server_fails(server: NameServer, names: Names) -> None:
    """A server that fails (SERVFAIL) says nothing about the domain: each line is a warning."""
    names_of = [OURS, f"_dmarc.{OURS}", f"default._domainkey.{OURS}"]
    server.zone = "\n".join(f"{name} FAILING" for name in names_of)
    assert unknown("the name server answers with an error") == briefly(examine_domain(sending(), names))


def test_no_answer_in_time(server: NameServer) -> None:
    """Silence is a warning, and costs each check one wait, not one for each of its questions."""
    names_of = [OURS, f"_dmarc.{OURS}", f"default._domainkey.{OURS}"]
    server.zone = "\n".join(f"{name} SILENT" for name in names_of)
    found = examine_domain(sending(), Names(server.resolver(seconds=0.3)))
    assert unknown("no name server answers in time") == briefly(found)
    assert set(names_of) == {name for name, _ in server.asked}


def test_no_name_server() -> None:
    """A computer without a name server is without a network, and says so."""
    found = examine_domain(sending(), Names(dns.resolver.Resolver(configure=False)))
    assert unknown("no name server can be reached") == briefly(found)


def test_no_way_to_the_name_server() -> None:
    """Where the system lets no datagram leave it is the same; as it does for one to everybody."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = ["255.255.255.255"], 0.3
    found = [(level, said.partition(":")[0]) for level, said in briefly(examine_domain(sending(), Names(resolver)))]
    assert [
        (level, said.partition(":")[0]) for level, said in unknown("")
    ] == found  # why, each dnspython says otherwise


def test_all_of_a_domain(server: NameServer, names: Names) -> None:
    """Each line of the domain stands in its place, and no domain is looked at twice."""
    server.zone = f"""
        {OURS} TXT "v=spf1 mx -all"
        {OURS} MX 10 mx.test.
        leeds.test TXT "v=spf1 mx -all"
        leeds.test MX 10 mx.test.
        _dmarc.leeds.test TXT "v=DMARC1; p=none"
        google._domainkey.{OURS} TXT "p=MIIB"
    """
    sends = Sending(OURS, (OURS, "leeds.test", OURS), (), "leeds.test")
    assert [
        (OK, f"SPF: {OURS} has one record, ending in -all (1 lookup)"),
        (OK, "SPF: leeds.test has one record, ending in -all (1 lookup)"),
        (OK, f"DKIM: there is a key at google._domainkey.{OURS}"),
        (OK, "DMARC: forged mail is let through (p=none), says leeds.test"),
        (OK, f"MX: mail to {OURS} has 1 server to go to"),
        (OK, "MX: mail to leeds.test has 1 server to go to"),
    ] == briefly(examine_domain(sends, names))
