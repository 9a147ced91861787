"""The finer cases of the checks of links."""

from __future__ import annotations

import re

import pytest
from checks.bench import Example, article, found, training

from newsletter.errors import ContentError
from newsletter.findings import Severity
from newsletter.weblinks import Answer, Verdict, hazard

CYRILLIC = "https://ex\N{CYRILLIC SMALL LETTER A}mple.org/page"
MIXED = '"ex\N{CYRILLIC SMALL LETTER A}mple.org" has Cyrillic and Latin letters: its true name is xn--exmple-4nf.org'


def told(url: str, code: str, text: str = "the new form") -> list[str]:
    """Return the messages with *code* on an article with a link to *url*."""
    return [finding.message for finding in found(Example(article(f"Use [{text}]({url}) now.")), code)]


def hints(url: str, code: str) -> list[str]:
    """Return the hints with *code* on an article with a link to *url*."""
    return [finding.hint for finding in found(Example(article(f"Use [it]({url}) now.")), code)]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/page",
        "https://gov.uk@example.org/page",
        "https://user:word@example.org/page",
        "https://example.org%00/page",
    ],
)
def test_some_links_are_refused_in_reading(url: str) -> None:
    """Another scheme, a user name and what is no host stop the issue before any check."""
    with pytest.raises(ContentError) as raised:
        found(Example(article(f"[Read]({url}) it.")))
    assert {"N009"} == {finding.code for finding in raised.value.findings}


@pytest.mark.parametrize("written", ["java\\tscript:alert(1)", "https://example.org/\\x07", "https://example.org/a b"])
def test_controls_and_blanks_in_links_are_refused_in_reading(written: str) -> None:
    """What browsers would drop from a link never stands in one."""
    text = training("Tuesday 3 February 2026, 9am to 3.30pm").replace("https://example.org/book", f'"{written}"')
    with pytest.raises(ContentError):
        found(Example(text))


@pytest.mark.parametrize(
    ("url", "host", "severity"),
    [
        ("https://93.184.216.34/", "the number", Severity.WARNING),
        ("https://[2606:2800:220:1::1]/", "the number", Severity.WARNING),
        ("http://10.0.0.1/", '"10.0.0.1" is not', Severity.ERROR),
        ("http://127.0.0.1:8000/", '"127.0.0.1" is not', Severity.ERROR),
        ("http://2130706433/", '"2130706433" (127.0.0.1) is not', Severity.ERROR),
        ("http://0x7f.1/", '"0x7f.1" (127.0.0.1) is not', Severity.ERROR),
        ("http://0177.0.0.1/", '"0177.0.0.1" (127.0.0.1) is not', Severity.ERROR),
        ("http://127.1./", '"127.1" (127.0.0.1) is not', Severity.ERROR),
        ("http://169.254.169.254/", '"169.254.169.254" is not', Severity.ERROR),
        ("http://[::1]/", '"::1" is not', Severity.ERROR),
        ("http://[::ffff:93.184.216.34]/", '"::ffff:93.184.216.34"', Severity.ERROR),
        ("http://999.1.1.1/", "not the address of any computer", Severity.ERROR),
        ("http://1.2.3.4.5/", "not the address of any computer", Severity.ERROR),
        ("http://localhost/", '"localhost" is known only', Severity.ERROR),
        ("http://intranet/page", '"intranet" is known only', Severity.ERROR),
        ("https://files.council.local/page", '"files.council.local" is known only', Severity.ERROR),
    ],
)
def test_hosts_without_a_website(url: str, host: str, severity: Severity) -> None:
    """A number is a warning; what no reader can open is an error, in whatever way it is written."""
    (finding,) = found(Example(article(f"Use [it]({url}) now.")), "N162")
    assert (True, severity) == (host in finding.message, finding.severity)


@pytest.mark.parametrize(
    "url", ["https://1and1.example.org", "mailto:a@localhost", "tel:+441130000000", "https://a.uk"]
)
def test_hosts_with_a_name_are_fine(url: str) -> None:
    """A digit in a name is no number, and mail and telephone links have no host."""
    assert [] == told(url, "N162")


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://example.org/a?b=c", ["Open https://example.org/a?b=c, and write that if it works."]),
        ("HTTP://example.org/", ["Open https://example.org/, and write that if it works."]),
        ("http://10.0.0.1/", []),
        ("https://example.org/?to=http://example.org", []),
        ("mailto:office@example.org", []),
    ],
)
def test_plain_http(url: str, hint: list[str]) -> None:
    """A link without encryption gets the address to try; a number has another fault."""
    assert hint == hints(url, "N161")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (CYRILLIC, [MIXED]),
        ("https://xn--exmple-4nf.org/", [MIXED]),
        ("https://tŷ.cymru/", ['"tŷ.cymru" has letters beyond a to z: its true name is xn--t-foa.cymru']),
        ("https://example.org/tŷ", []),
        ("https://example.org/?q=xn--exmple-4nf.org", []),
    ],
)
def test_look_alikes(url: str, message: list[str]) -> None:
    """A host beyond a to z is shown in punycode, with the scripts that it mixes."""
    assert message == told(url, "N163")


@pytest.mark.parametrize("url", [CYRILLIC, "https://xn--exmple-4nf.org/page"])
def test_look_alikes_with_a_key_of_their_own(url: str) -> None:
    """A link with its own key reaches the check as it is written, not as Markdown turns it."""
    text = training("Tuesday 3 February 2026, 9am to 3.30pm").replace("https://example.org/book", url)
    (finding,) = found(Example(text), "N163")
    assert "xn--exmple-4nf.org" in finding.message


@pytest.mark.parametrize(
    ("text", "url", "is_misleading"),
    [
        ("gov.uk", "https://evil.example/gov.uk", True),
        ("https://www.gov.uk/page", "https://gov.uk.example/page", True),
        ("Read it at leeds.gov.uk", "https://example.org", True),
        ("www.example.museum", "https://example.org", True),
        ("gov.uk", "https://www.gov.uk/page", False),
        ("GOV.UK guidance", "https://gov.uk/page", False),
        ("www.leeds.gov.uk", "https://leeds.gov.uk", False),
        ("example.org or example.net", "https://example.net", False),
        ("https://example.org/page.", "https://example.org/page", False),
        ("Report.pdf", "https://example.org/report.pdf", False),
        ("Version 2.0, e.g. the form", "https://example.org", False),
        ("Write to office@example.net", "https://example.org", False),
        ("the new form", "https://example.org", False),
        ("how to use Booking.com safely", "https://www.internetmatters.org/a", False),
        ("Book at Booking.com today", "https://example.org", True),
        ("Booking.com", "https://example.org", True),
        ("BBC.co.uk", "https://www.bbc.com/news", False),
        ("bbc.co.uk", "https://bbc.example.com", True),
        ("gov.uk", "https://gov.com", True),
        ("example.net", "mailto:office@example.org", False),
    ],
)
def test_text_that_names_another_website(text: str, url: str, *, is_misleading: bool) -> None:
    """The website in a link's text is the one it leads to, or a part of it; other words with dots are no websites."""
    assert is_misleading == bool(told(url, "N168", text))


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://example.org/a?utm_source=x&utm_medium=y", ["Write: https://example.org/a"]),
        ("https://example.org/a?id=5&fbclid=x&b=c#top", ["Write: https://example.org/a?id=5&b=c#top"]),
        ("https://example.org/a?UTM_Source=x#utm_source", ["Write: https://example.org/a#utm_source"]),
        ("https://example.org/a?mc_cid=1&mc_eid=2&q=utm_source", ["Write: https://example.org/a?q=utm_source"]),
        ("https://example.org/a?source=x&q=a+b", []),
        ("https://example.org/utm_source=x", []),
    ],
)
def test_tracking_parameters(url: str, hint: list[str]) -> None:
    """The hint writes the address without what tracks, and leaves the rest as it was."""
    assert hint == hints(url, "N165")


@pytest.mark.parametrize("url", ["https://BIT.ly/a", "https://www.tinyurl.com/a", "https://t.co/a"])
def test_shorteners(url: str) -> None:
    """A shortener is known whatever its letters."""
    assert 1 == len(told(url, "N164"))


@pytest.mark.parametrize(
    ("expected", "link"),
    [
        (["N161", "N165"], "[the form](http://example.org/?utm_source=a)"),
        (["N125", "N161", "N165"], "<http://example.org/?utm_source=a>"),
        (["N162"], "[the form](http://localhost/)"),
        (["N164"], "[the form](http://bit.ly/a)"),
        (["N164"], "[www.leeds.gov.uk](https://bit.ly/a)"),
    ],
)
def test_one_fault_of_a_link_is_told_once(expected: list[str], link: str) -> None:
    """A slip has one finding; where a link has two slips, their hints write one and the same address."""
    findings = found(Example(article(f"Use {link} now.")), "N125", *(f"N16{n}" for n in range(9)))
    assert expected == sorted(one.code for one in findings)
    if "N165" in expected:
        assert [True] * len(expected) == [
            "https://example.org/" in one.hint and "utm" not in one.hint for one in findings
        ]


def test_links_are_pointed_at_exactly() -> None:
    """A finding stands at the address itself, in the second line of a text as in a key of its own."""
    text = article("See [one](https://example.org/a)\nand [two](http://example.org/b).")
    (finding,) = found(Example(text), "N161")
    line, column = finding.place.line, finding.place.column
    assert "http://example.org/b" == text.split("\n")[line - 1][column - 1 :][:20]


def test_each_broken_link_is_pointed_at() -> None:
    """A verdict holds for an address wherever it stands, and says why."""
    url = "https://example.org/a"
    text = article(f"See [one]({url}).\n\nSee [two]({url}) and [three](https://example.org/ab).")
    findings = found(Example(text, verdicts={url: Verdict(Answer.BROKEN, "410 Gone")}), "N166", "N167")
    assert [(7, "this link is broken: 410 Gone"), (9, "this link is broken: 410 Gone")] == [
        (finding.place.line, finding.message) for finding in findings
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/unsubscribe",
        "https://example.org/%75nsubscribe/me",
        "https://example.org/%2575nsubscribe/me",
        "https://example.org/mail?do=Opt-Out",
        "https://example.org/confirm/me",
        "https://example.org/CancelBooking?id=5",
        "https://example.org/logout",
        "https://example.org/page?token=a",
        "https://example.org/page?x=1;access_token=a",
        "https://example.org/page;token=a",
        "https://example.org/page?api_key=a",
        "https://example.org/file?sv=2024&sig=a",
        "https://example.org/file?X-Amz-Signature=a",
        "https://example.org/page?id=4f9a0c1b2d3e4f5a",
        "https://forms.office.com/Pages/ResponsePage.aspx?id=DQSIkWdsW0yxEjajBLZtrQAAAAAAAAAAAAMAAA",
        "https://example.org/page?QWxhZGRpbjpvcGVuIHNlc2FtZQ",
        "https://example.org/go/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9eyJzdWIiOiIx",
    ],
)
def test_actions_are_known(url: str) -> None:
    """What does something or carries a secret is known, however it is escaped."""
    does = re.search("unsub|75n|opt-out|confirm|cancel|logout", url, re.IGNORECASE)
    assert ("it looks like an action" if does else "it may carry a token") == hazard(url)


@pytest.mark.parametrize(
    "path",
    [
        "approve", "accept", "decline", "remove", "leave", "stop", "withdraw", "deregister", "disable", "erase",
        "purge", "rsvp", "vote", "logoff", "log-off", "optin", "Opt-In", "invite/accept/5", "stop-", "vote.aspx",
        "LogOff", "%73top", "cart/add/5", "cart/add?id=5", "page?add-to-cart=5", "page?action=del", "page?do=approve",
        "page?vote", "page?a=b&remove=5", "page?x=1;leave=5",
    ],
)  # fmt: skip
def test_a_deed_that_stands_alone_is_an_action(path: str) -> None:
    """A word that is a whole piece of the path, or a name or value of the query, tells what opening does."""
    assert "it looks like an action" == hazard(f"https://example.org/{path}")


@pytest.mark.parametrize(
    "path",
    [
        "reset/4f9a0c1b2d3e4f5a6b7c8d9e0f1a2b3c",
        "magic/4F9A0C1B2D3E4F5A6B7C8D9E0F1A2B3C",
        "page?id=123e4567-e89b-12d3-a456-426614174000",
        "go/123e4567-e89b-12d3-a456-426614174000/in",
        "go/%7B123E4567-E89B-12D3-A456-426614174000%7D",
        "go/eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.c2ln",
        "go/eyJhbGciOiJub25lIn0%2EeyJzdWIiOiJqYW5lIn0%2Ec2ln",
        "go/q7Rk-2vXz_9LmTb4-Yw8Pd",
        "page?x=q7Rk-2vXz_9LmTb4-Yw8Pd",
        "page?q7Rk-2vXz_9LmTb4-Yw8Pd",
    ],
)
def test_tokens_are_known_without_a_name(path: str) -> None:
    """A number in 32 digits, a UUID, a JSON Web Token and Base64 for addresses are tokens wherever they stand."""
    assert "it may carry a token" == hazard(f"https://example.org/{path}")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "https://www.gov.uk/government/publications/working-together-to-safeguard-children--2",
        "https://assets.publishing.service.gov.uk/media/65cb4349a7ded0000c79e4e1/Working_together.pdf",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.eventbrite.co.uk/e/training-tickets-1234567890123",
        "https://example.org/search?q=safeguarding&keyword=neglect&author=smith&page=2&postcode=x",
        "https://example.org/cancelled-courses",
        "https://www.activatelearning.ac.uk/",
        "https://unsubscribe.example.org/",
        "https://example.org/unsubstantiated-allegations",
        "https://example.org/page?keystage=2&monkey=1&authority=leeds",
        "https://example.org/design?monday=1#token=a",
        "https://example.org/stop-it-now-campaign",
        "https://example.org/leave-of-absence/remove-barriers.html",
        "https://example.org/voters/acceptable-behaviour/non-stop",
        "https://example.org/search?q=leave&page=2",
        "https://example.org/page?stopover=1&topic=stop&area=bus-stop",
        "https://example.org/cart/additional",
        "https://example.org/Working-Together-2023-Guidance-for-Practitioners",
        "https://example.org/KS3-KS4-Year7-Covid19-guidance?file=LSCP_Annual_Report_2024-25_FINAL_v2",
        "https://example.org/keepingChildrenSafeOnlineTool2025",
        "https://example.org/2026-02-03-1000-1200-0001-0002-agenda",
    ],
)
def test_pages_are_no_actions(url: str) -> None:
    """Pages as newsletters link to them are fetched."""
    assert not hazard(url)


@pytest.mark.parametrize(
    "sign", ["a", "a.", "a-", "1", "%75", "token", "xn--", "0x", "=", "eyJ", "-eyJ", ".", "aA1", "del-"]
)
def test_long_links_are_read_in_a_moment(sign: str) -> None:
    """No address makes a check think for long: the test would not end."""
    long = (sign * 50_000)[:40_000]
    text = training("Tuesday 3 February 2026, 9am to 3.30pm").replace("/book", f"/?{long}")
    found(Example(text))
    hazard(f"https://example.org/{long}?{long}")
