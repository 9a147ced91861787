"""SMTP: what becomes of a copy wherever the dialogue breaks off, on a server that does to the letter what we say."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from itertools import repeat
from threading import Barrier, Event
from threading import enumerate as threads
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pytest_socket import enable_socket, socket_allow_hosts
from smtpserver import MailServer, cut, drip, flood, leave, nonsense, ramble, running, silent

from newsletter import dialogue
from newsletter.credentials import Secret
from newsletter.dialogue import Server, open_dialogue
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.message import Edition, Mailbox, Message, Recipient, Sender, compose, copy_for
from newsletter.mime import HeaderError
from newsletter.providers import Addressee, Machine, Outcome, Result, Send, provider_names, provider_type
from newsletter.providers.smtp import Smtp
from newsletter.smtpwire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCEPTED, REJECTED, UNKNOWN, PLANNED = Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.PLANNED
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
FROM = Sender(Mailbox("News", "news@example.org"), Mailbox("", "office@example.org"), "Example Partnership")
EDITION = Edition("2026-01", "January 2026 newsletter", "Dates", "<p>Hello</p>\n", "Hello\n.\n..\nBye\n")
MESSAGE = compose(EDITION, FROM, list_name="practitioners", list_title="Practitioners")
SEND = Send(MESSAGE, NOON)


def person(name: str) -> Addressee:
    """Somebody called *name*."""
    return Addressee(f"key-{name}", Recipient(f"{name}@example.org", token=f"token-{name}"))


AMINA, BEN = person("amina"), person("ben")
BOTH = ["amina@example.org", "ben@example.org"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that signs our server's certificate."""
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """The server's side of an encrypted connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def _loopback() -> None:
    """Let this computer be reached, and nothing else."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture
def server(_loopback: None, tls: ssl.SSLContext) -> Iterator[MailServer]:
    """A server that can encrypt."""
    with running(MailServer(tls)) as one:
        yield one
    assert [] == one.faults


@pytest.fixture
def machine(tmp_path: Path, authority: trustme.CA) -> Machine:
    """A computer that trusts the authority and knows the password."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return Machine(tmp_path, lambda name: Secret({"SMTP_PASSWORD": "correct horse"}[name]), tmp_path / "ca.pem")


@pytest.fixture
def smtp(server: MailServer, machine: Machine) -> Iterator[Callable[..., Smtp]]:
    """A function that makes the provider for the server, with one connection unless other settings say more."""
    made: list[Smtp] = []

    def make(**settings: Any) -> Smtp:
        made.append(Smtp({"host": "localhost", "port": server.port, "connections": 1, **settings}, machine))
        return made[-1]

    yield make
    for one in made:
        one.close()


def outcomes(provider: Smtp, *people: Addressee, message: Message = MESSAGE) -> list[Outcome]:
    """Submit to *people*, Amina and Ben if nobody is named, and return what became of each, in their order."""
    people = people or (AMINA, BEN)
    results = {result.key: result.outcome for result in provider.submit(replace(SEND, message=message), people)}
    return [results[one.key] for one in people]


def once(act: Any) -> Iterator[Any]:
    """Do *act* the first time."""
    return iter([act])


def shorten(monkeypatch: pytest.MonkeyPatch, *limits: str) -> None:
    """Cut *limits* down to what a test can wait for."""
    for limit in limits:
        monkeypatch.setattr(dialogue, limit, 0.2)


# Every step, every fault, what becomes of Amina and of Ben after her, and who got a copy. Amina's is the first; with
# `always` the fault comes each time.
always, BROKEN, WITHOUT_END = repeat, (cut, leave, nonsense, flood, ramble), (silent, drip)
TABLE: list[tuple[str, Any, Any, list[Outcome], list[str]]] = [
    # Before the greeting is over nobody's copy was begun; waiting may mend it.
    *(("connect", once, act, [PLANNED, PLANNED], []) for act in (*BROKEN, *WITHOUT_END, "421 4.3.2 Busy", "450 No")),
    *(("EHLO", once, act, [PLANNED, PLANNED], []) for act in (*BROKEN, *WITHOUT_END, "421 4.3.2 Busy", "451 No")),
    # Before the final dot: once more over a new connection, and then it waits.
    *((step, once, act, [ACCEPTED, ACCEPTED], BOTH) for step in ("MAIL", "RCPT", "DATA") for act in BROKEN),
    *((step, always, act, [PLANNED, PLANNED], []) for step in ("MAIL", "RCPT", "DATA") for act in BROKEN),
    *((step, once, act, [PLANNED, PLANNED], []) for step in ("MAIL", "RCPT", "DATA") for act in WITHOUT_END),
    *((step, once, "421 4.3.2 Bye", [ACCEPTED, ACCEPTED], BOTH) for step in ("MAIL", "RCPT", "DATA")),
    *((step, always, "421 4.3.2 Bye", [PLANNED, PLANNED], []) for step in ("MAIL", "RCPT", "DATA")),
    # A clear answer is believed.
    *((step, once, "451 4.7.1 Wait", [PLANNED, ACCEPTED], BOTH[1:]) for step in ("MAIL", "RCPT", "DATA", "dot")),
    *((step, once, "550 5.1.1 Never", [REJECTED, ACCEPTED], BOTH[1:]) for step in ("RCPT", "DATA", "dot")),
    ("dot", once, "421 4.3.2 Bye", [PLANNED, ACCEPTED], BOTH[1:]),
    ("RCPT", once, "550-5.1.1 No\n550 5.1.1 Never", [REJECTED, ACCEPTED], BOTH[1:]),
    # From the final dot on nobody can know, whether it was taken or not.
    *(
        ("dot", once, act, [UNKNOWN, ACCEPTED], BOTH[1:])
        for act in (*BROKEN, *WITHOUT_END, "354 Go on", "250-Ok\n550 No")
    ),
    *(("taken", once, act, [UNKNOWN, ACCEPTED], BOTH) for act in (*BROKEN, *WITHOUT_END, "999 What", "25")),
    # What comes after the answer changes nothing.
    *(("QUIT", once, act, [ACCEPTED, ACCEPTED], BOTH) for act in (*BROKEN, *WITHOUT_END, "421 4.3.2 Bye", "550 No")),
]


def name_of(row: Any) -> str:
    """Name a row, as "dot once cut"."""
    return " ".join(getattr(case, "__name__", str(case)[:8]) for case in row[:3])


@pytest.mark.parametrize(("security", "is_piped"), [("none", False), ("starttls", True)])
@pytest.mark.parametrize(("step", "when", "act", "expected", "took"), TABLE, ids=map(name_of, TABLE))
def test_the_table(
    server: MailServer, smtp: Callable[..., Smtp], monkeypatch: pytest.MonkeyPatch, *,
    step: str, when: Any, act: Any, expected: list[Outcome], took: list[str], security: str, is_piped: bool,
) -> None:  # fmt: skip
    """Whatever happens at whatever step, each copy's outcome is what can be known, and none goes out twice."""
    if act in WITHOUT_END:
        phase = {"connect": "OPEN", "EHLO": "OPEN", "dot": "DOT", "taken": "DOT", "QUIT": "QUIT"}.get(step, "ENVELOPE")
        shorten(monkeypatch, f"LIMIT_{phase}")
    if not is_piped:
        server.offers.remove("PIPELINING")
    server.script[step] = when(act)
    provider = smtp(security=security)
    assert (expected, took) == (outcomes(provider), server.took())
    provider.close()
    assert took == server.took()


def test_a_table_row_for_each_step() -> None:
    """The table knows every step of a plain dialogue but the body, which has a test of its own."""
    assert {"connect", "EHLO", "MAIL", "RCPT", "DATA", "dot", "taken", "QUIT"} == {row[0] for row in TABLE}


def test_what_arrives(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Each copy arrives byte for byte, from the From address to one person, and its queue id comes back."""
    results = list(smtp().submit(SEND, [AMINA, BEN]))
    assert [Result("key-amina", ACCEPTED, id="4F0001"), Result("key-ben", ACCEPTED, id="4F0002")] == results
    copies = [copy_for(MESSAGE, one.recipient, date=NOON) for one in (AMINA, BEN)]
    assert list(zip(BOTH, copies, strict=True)) == server.accepted
    envelopes = [f"MAIL FROM:<news@example.org> SIZE={len(copy)}" for copy in copies]
    assert envelopes == [line for line in server.lines if line.startswith("MAIL")]
    assert 1 == server.count("connect")


def test_a_server_that_offers_nothing(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """All that is sent is 7-bit ASCII, so no extension is needed: neither 8BITMIME nor SMTPUTF8 (F39)."""
    server.offers.clear()
    accented = compose(replace(EDITION, subject="Año", text="Año"), FROM, list_name="l", list_title="Å")
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp(security="none"), message=accented)
    assert all(mail.isascii() for _, mail in server.accepted)
    assert not any(" SIZE=" in line or " BODY=" in line or "SMTPUTF8" in line for line in server.lines)


@pytest.mark.parametrize("last", [b"", b"no line end"])
def test_lines_that_begin_with_a_dot(server: MailServer, smtp: Callable[..., Smtp], last: bytes) -> None:
    """A line of one dot inside a message neither ends it nor vanishes."""
    dotted = replace(MESSAGE, pieces=(*MESSAGE.pieces, b"\r\n.\r\nQUIT\r\n..\r\n", last))
    assert [ACCEPTED] == outcomes(smtp(), AMINA, message=dotted)
    sent = copy_for(dotted, AMINA.recipient, date=NOON)
    assert [sent if sent.endswith(b"\r\n") else sent + b"\r\n"] == [mail for _, mail in server.accepted]


@pytest.mark.parametrize("security", ["none", "starttls"])
@pytest.mark.parametrize(("when", "expected", "took"), [(once, [ACCEPTED] * 2, BOTH), (always, [PLANNED] * 2, [])])
def test_a_cut_while_the_body_is_on_its_way(
    server: MailServer, smtp: Callable[..., Smtp], *, security: str, when: Any, expected: list[Outcome], took: list[str]
) -> None:
    """A body without its final dot is never delivered: once more over a new connection, and then it waits."""
    server.script["body"] = when(cut)
    large = replace(MESSAGE, pieces=(*MESSAGE.pieces, (b"a" * 76 + b"\r\n") * 250_000))  # more than is buffered
    assert (expected, took) == (outcomes(smtp(security=security), message=large), server.took())


def test_a_body_that_is_not_read(
    server: MailServer, smtp: Callable[..., Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that stops reading holds nobody up: the time for a copy ends, and it was not taken."""
    shorten(monkeypatch, "LIMIT_ENVELOPE")
    server.script["body"] = once(silent)
    large = replace(MESSAGE, pieces=(*MESSAGE.pieces, (b"a" * 76 + b"\r\n") * 250_000))
    assert [PLANNED, PLANNED] == outcomes(smtp(), message=large)


def test_one_copy_that_breaks_every_dialogue(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Who is cut off each time waits after the second, and the others get their copies."""
    server.people["amina@example.org"] = cut
    people = [AMINA, BEN, person("cara"), person("dev")]
    assert [PLANNED, ACCEPTED, ACCEPTED, ACCEPTED] == outcomes(smtp(), *people)
    assert 2 == server.lines.count("RCPT TO:<amina@example.org>")


def test_a_server_that_loses_every_copy(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """A server that breaks off after each final dot is left alone after two people who may have theirs (F32)."""
    server.script["taken"] = always(cut)
    people = [AMINA, BEN, person("cara"), person("dev")]
    assert ([UNKNOWN, UNKNOWN, PLANNED, PLANNED], BOTH) == (outcomes(smtp(), *people), server.took())


def test_the_answer_that_came_too_early(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """A yes that was said before the final dot is not taken for the answer to it."""
    server.script["DATA"] = always("354 Go on\n250 2.0.0 Ok: queued as 4F0001")
    assert ([PLANNED], []) == (outcomes(smtp(), AMINA), server.took())


@pytest.mark.parametrize("security", ["none", "starttls"])
@pytest.mark.parametrize(("when", "expected", "took"), [(once, [ACCEPTED] * 2, BOTH), (always, [PLANNED] * 2, [])])
def test_an_answer_while_the_body_is_on_its_way(
    server: MailServer, smtp: Callable[..., Smtp], *, security: str, when: Any, expected: list[Outcome], took: list[str]
) -> None:
    """A yes before the final dot is no yes: that connection is dropped before the dot, and the copy goes anew."""

    def say_yes(visit: Any) -> None:
        visit.heard += visit.request.recv(65_536)
        visit.say("250 2.0.0 Ok: queued as EARLY")
        visit.line(b"\r\n.\r\n")
        visit.say("554 5.7.1 Refused")
        raise EOFError

    server.script["body"] = when(say_yes)
    large = replace(MESSAGE, pieces=(*MESSAGE.pieces, (b"a" * 76 + b"\r\n") * 250_000))  # more than is buffered
    assert (expected, took) == (outcomes(smtp(security=security), message=large), server.took())


def test_an_answer_that_nobody_asked_for(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """What is left over after a copy is not taken for the answer about the next: that one gets a new connection."""
    server.script["taken"] = always("250 2.0.0 Ok: queued as 4F0001\n554 5.7.1 Refused")
    assert [ACCEPTED] * 3 == outcomes(smtp(), AMINA, BEN, person("cara"))
    assert ([*BOTH, "cara@example.org"], 3, 3) == (server.took(), server.count("connect"), server.count("MAIL"))


@pytest.mark.parametrize(
    ("answer", "signed_in", "offer", "stops"),
    [
        ("554 5.7.1 <amina@example.org>: not amina, sign in", False, "AUTH PLAIN", True),
        ("550 5.7.0 Sign in", False, "AUTH=LOGIN", True),
        ("550 5.7.1 No", True, "AUTH PLAIN", False),
        ("550 5.7.1 No", False, "SIZE", False),
        ("550 5.1.1 No", False, "AUTH PLAIN", False),
    ],
)
def test_a_server_where_people_sign_in(
    server: MailServer, smtp: Callable[..., Smtp], *, answer: str, signed_in: bool, offer: str, stops: bool
) -> None:
    """Refused for who we are, where we could have signed in, rejects nobody: the error names the setting."""
    server.offers = ["PIPELINING", offer]
    server.script["RCPT"] = always(answer)
    results: list[Result] = []
    hint = ""
    try:
        results.extend((smtp(user="newsletter") if signed_in else smtp()).submit(SEND, [AMINA, BEN]))
    except ConfigError as found:
        hint = f"{found.message} {found.hint}"
    assert (stops, False) == ('set "user" under smtp in newsletter.yaml' in hint, "amina" in hint)
    assert [PLANNED if stops else REJECTED] * 2 == [result.outcome for result in results]


def test_a_person_who_is_refused(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """The refusal is told without the address or the name in it, and the connection serves the others (F35)."""
    server.people["amina@example.org"] = "550 5.1.1 <amina@example.org>: Recipient refused: no Amina\t\x1b[31m here"
    results = list(smtp().submit(SEND, [AMINA, BEN]))
    reason = "550 5.1.1 (address): Recipient refused: no (name) [31m here"
    assert [Result("key-amina", REJECTED, reason), Result("key-ben", ACCEPTED, id="4F0001")] == results
    assert (1, 1) == (server.count("connect"), server.count("RSET"))


@pytest.mark.parametrize("act", [cut, "421 4.3.2 Bye", "550 No", nonsense])
def test_a_refusal_stands_whatever_comes_after(server: MailServer, smtp: Callable[..., Smtp], act: Any) -> None:
    """When a dialogue breaks off after a refusal, that person stays refused, and the next gets a new one."""
    server.people["amina@example.org"] = "550 5.1.1 No"
    server.script["RSET"] = once(act)
    if act == nonsense:
        server.script["DATA"] = once("354 Although nobody was accepted")
    assert ([REJECTED, ACCEPTED], BOTH[1:]) == (outcomes(smtp()), server.took())
    assert 2 == server.count("connect")


@pytest.mark.parametrize(
    ("step", "answer", "error", "words"),
    [
        ("connect", "554 5.7.1 Your network is listed", RefusedError, "does not talk to this computer: 554 5.7.1 Your"),
        ("EHLO", "550 5.7.1 Go away", RefusedError, "does not talk to this computer: 550"),
        ("STARTTLS", "502 5.5.1 No", RefusedError, "offers no encryption"),
        ("MAIL", "553 5.7.1 <news@example.org>: not yours", ConfigError, "envelope sender: 553 5.7.1 (address): not"),
        ("MAIL", "530 5.7.0 Sign in", ConfigError, "envelope sender: 530"),
        ("MAIL", "552 5.3.4 Too big", RefusedError, "the message is too large"),
        ("RCPT", "530 5.7.0 Sign in", ConfigError, "envelope sender: 530"),
        ("AUTH", "535 5.7.8 No", ConfigError, "did not accept the user and password: 535"),
        ("AUTH", "534 5.7.9 Too weak", ConfigError, "did not accept the user and password: 534"),
    ],
)
def test_what_stops_the_send(
    server: MailServer, smtp: Callable[..., Smtp], *, step: str, answer: str, error: type[NewsletterError], words: str
) -> None:
    """What would be answered to everybody rejects nobody: all wait, and the error says what to do (E1, E8)."""
    server.script[step] = always(answer)
    results: list[Result] = []
    with pytest.raises(error) as found:
        results.extend(smtp(user="newsletter").submit(SEND, [AMINA, BEN]))
    assert (True, True) == (words in found.value.message, bool(found.value.hint))
    assert "@" not in found.value.message + found.value.hint
    assert ([PLANNED, PLANNED], []) == ([result.outcome for result in results], server.took())


@pytest.mark.parametrize("act", ["454 4.7.0 Not now", cut, nonsense])
@pytest.mark.parametrize("step", ["STARTTLS", "AUTH"])
def test_what_waiting_mends(server: MailServer, smtp: Callable[..., Smtp], step: str, act: Any) -> None:
    """A server that cannot encrypt or sign people in for now stops nothing for good: all wait."""
    server.script[step] = once(act)
    assert ([PLANNED, PLANNED], []) == (outcomes(smtp(user="newsletter")), server.took())
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp(user="newsletter"))


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("offer", ["AUTH {}", "AUTH={}", "auth XOAUTH2 {} CRAM-MD5"])
def test_signing_in(server: MailServer, smtp: Callable[..., Smtp], way: str, offer: str) -> None:
    """The user signs in once a connection, by whichever way is offered, and never before the encryption."""
    server.offers = ["PIPELINING", offer.format(way)]
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp(user="newsletter"))
    assert (1, True) == (server.count("AUTH"), server.seen.index("AUTH") > server.seen.index("STARTTLS"))


def test_a_wrong_password(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """It is told without the password, and with where it belongs."""
    server.password = "another"  # noqa: S105
    with pytest.raises(ConfigError) as found:
        outcomes(smtp(user="newsletter"))
    told = f"{found.value.message} {found.value.hint}"
    assert (True, False, False) == ("SMTP_PASSWORD" in told, "correct horse" in told, "@" in told)


ECHOES = ["correct horse", b64encode(b"correct horse").decode(), b64encode(b"\0newsletter\0correct horse").decode()]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize(("code", "told"), [("535", "535"), ("535 5.7.8", "535 5.7.8"), ("454 4.7.0", "454 4.7.0")])
def test_the_password_in_an_answer(
    server: MailServer, smtp: Callable[..., Smtp], *, echo: str, way: str, code: str, told: str
) -> None:
    """Of the answer to signing in only the codes are told: servers repeat there what they were sent."""
    server.offers = [f"AUTH {way}"]
    server.script["AUTH"] = always(f"{code} not understood: AUTH {way} {echo}")
    results: list[Result] = []
    error = ""
    try:
        results.extend(smtp(user="newsletter").submit(SEND, [AMINA]))
    except ConfigError as found:
        error = f"{found.message} {found.hint}"
    said = f"{error} {' '.join(result.reason for result in results)}"
    assert (True, False, False) == (f": {told} " in f"{said} ", echo in said, "understood" in said)


@pytest.mark.parametrize("echo", ECHOES)
def test_the_password_in_a_later_answer(server: MailServer, smtp: Callable[..., Smtp], echo: str) -> None:
    """Whatever is told of any other answer holds no secret that was read, as it is or as it was sent."""
    server.people["amina@example.org"] = f"550 5.1.1 you said {echo} before"
    server.script["taken"] = once(f"250 2.0.0 {echo}")
    results = list(smtp(user="newsletter").submit(SEND, [AMINA, BEN]))
    reason = "550 5.1.1 you said *** before"
    assert [Result("key-amina", REJECTED, reason), Result("key-ben", ACCEPTED, id="***")] == results


def test_no_way_to_sign_in(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """A server where nobody can sign in gets nothing."""
    server.offers = ["AUTH CRAM-MD5 XOAUTH2"]
    with pytest.raises(ConfigError, match="offers no way to sign in"):
        outcomes(smtp(user="newsletter"))
    assert 0 == server.count("MAIL")


def test_no_encryption_no_password(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Where STARTTLS is missing or was taken out, nothing is sent, and above all no password (F36)."""
    server.script["EHLO"] = always("250-mail.example.org\n250-AUTH PLAIN LOGIN\n250 PIPELINING")
    with pytest.raises(RefusedError, match="no encryption") as found:
        outcomes(smtp(user="newsletter"))
    assert 6 == found.value.exit_code
    assert ["connect", "EHLO"] == server.seen


def test_words_put_in_before_the_encryption(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """What somebody in between adds in plain sight is not taken for what the server says (CVE-2011-0411)."""
    server.script["STARTTLS"] = once("220 2.0.0 Go ahead\n250-mail.example.org\n250 SIZE 10")
    assert ([ACCEPTED, ACCEPTED], BOTH) == (outcomes(smtp(user="newsletter")), server.took())
    assert 2 == server.count("EHLO")


@pytest.mark.usefixtures("_loopback")
def test_tls_from_the_first_byte(machine: Machine, tls: ssl.SSLContext) -> None:
    """With implicit TLS not even the greeting is in plain sight."""
    with running(MailServer(tls, is_tls_first=True)) as server:
        settings = {"host": "localhost", "port": server.port, "security": "tls", "user": "newsletter"}
        provider = Smtp(settings, machine)
        assert ([ACCEPTED, ACCEPTED], BOTH) == (outcomes(provider), server.took())
        provider.close()
    assert (0, []) == (server.count("STARTTLS"), server.faults)


def test_tls_spoken_to_a_server_that_expects_none(smtp: Callable[..., Smtp]) -> None:
    """The wrong kind of encryption is told with the usual ports."""
    with pytest.raises(RefusedError, match="no encryption in common") as found:
        outcomes(smtp(security="tls"))
    assert "587 is usually starttls" in found.value.hint


@pytest.mark.usefixtures("_loopback")
@pytest.mark.parametrize(
    ("fault", "words"),
    [("authority", "unable to get local issuer certificate"), ("name", "IP address mismatch"), ("time", "expired")],
)
@pytest.mark.parametrize("is_tls_first", [True, False])
def test_certificates(machine: Machine, authority: trustme.CA, *, fault: str, words: str, is_tls_first: bool) -> None:
    """A certificate of another authority, name or time stops the send, and no way round it is offered (F2)."""
    expiry = datetime(2020, 1, 1, tzinfo=UTC) if fault == "time" else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (trustme.CA() if fault == "authority" else authority).issue_cert("localhost", not_after=expiry).configure_cert(
        context
    )
    host = "127.0.0.1" if fault == "name" else "localhost"
    with running(MailServer(context, is_tls_first=is_tls_first)) as server:
        security = "tls" if is_tls_first else "starttls"
        settings = {"host": host, "port": server.port, "security": security, "user": "newsletter"}
        with pytest.raises(ConfigError) as found:
            outcomes(Smtp(settings, machine))
    assert (True, 3) == (words in found.value.message, found.value.exit_code)
    assert "insecure" not in found.value.hint
    assert (0, 0) == (server.count("AUTH"), server.count("MAIL"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_encryption(server: MailServer, smtp: Callable[..., Smtp], authority: trustme.CA) -> None:
    """TLS below 1.2 is not spoken (F2)."""
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server.tls)
    server.tls.set_ciphers("DEFAULT:@SECLEVEL=0")
    server.tls.minimum_version = ssl.TLSVersion.TLSv1
    server.tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(RefusedError, match="no encryption in common"):
        outcomes(smtp())
    assert (ssl.TLSVersion.TLSv1_2, True) == (dialogue.trust(None).minimum_version, dialogue.trust(None).check_hostname)


def test_unusable_authorities(tmp_path: Path) -> None:
    """A file that is missing or holds no certificate is told before anything is sent."""
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(ConfigError, match=r"newsletter.yaml: network: ca"):
            dialogue.trust(tmp_path / name)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "its name could not be looked up"),
        (ConnectionRefusedError(), "it refused the connection"),
        (OSError(101, "Network is unreachable"), "there is no way to it"),
        (TimeoutError(), "it did not answer in time"),
    ],
)
def test_a_server_out_of_reach(
    smtp: Callable[..., Smtp], server: MailServer, monkeypatch: pytest.MonkeyPatch, fault: OSError, words: str
) -> None:
    """All wait, and each result says that the server cannot be reached and why (F1)."""

    def fail(*_: Any) -> socket.socket:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", fail)
        results = sorted(smtp().submit(SEND, [AMINA, BEN]), key=lambda result: result.key)
    reason = f"localhost:{server.port} cannot be reached: {words}"
    assert [Result(one.key, PLANNED, reason) for one in (AMINA, BEN)] == results
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp())


@pytest.mark.usefixtures("_loopback")
def test_a_port_where_nobody_listens(machine: Machine) -> None:
    """A refused connection, for real."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (result,) = Smtp({"host": "127.0.0.1", "port": port}, machine).submit(SEND, [AMINA])
    assert Result("key-amina", PLANNED, f"127.0.0.1:{port} cannot be reached: it refused the connection") == result


def test_ipv6_that_leads_nowhere(
    server: MailServer, smtp: Callable[..., Smtp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first IP address of the name does not answer, the next one is tried (F29)."""
    way = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    found = [(socket.AF_INET6, *way, ("::1", server.port, 0, 0)), (socket.AF_INET, *way, ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp())


def test_a_copy_over_the_size_limit(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Whose copy is too large by what is theirs is told so before it is sent; the others get theirs."""
    long = Addressee("key-long", Recipient("cara@example.org", token="t" * 200))
    size = len(copy_for(MESSAGE, long.recipient, date=NOON))
    server.offers = ["PIPELINING", f"SIZE {size - 1}"]
    results = list(smtp().submit(SEND, [long, BEN]))
    reason = f"the message has {size:,} bytes, and the server takes {size - 1:,} at most"
    assert [Result("key-long", REJECTED, reason), Result("key-ben", ACCEPTED, id="4F0001")] == results
    assert BOTH[1:] == server.took()


def test_a_message_too_large_for_anybody(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """A message that no copy of can pass rejects nobody: it stops the send."""
    server.offers = ["SIZE 500"]
    with pytest.raises(RefusedError, match=r"too large for localhost.*500 bytes at most"):
        outcomes(smtp())
    assert 0 == server.count("MAIL")


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE lots"])
def test_no_size_limit(server: MailServer, smtp: Callable[..., Smtp], offer: str) -> None:
    """A server may say that it knows sizes, and no limit."""
    server.offers = [offer]
    assert [ACCEPTED, ACCEPTED] == outcomes(smtp())


def test_several_connections(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Each person gets one copy over one of the connections, which stay for the next batch and end politely."""
    people = [person(f"reader-{number}") for number in range(40)]
    provider = smtp(connections=4)
    all_four = Barrier(4)
    server.script["MAIL"] = repeat(lambda _: all_four.wait(20) >= 0, 4)
    assert [ACCEPTED] * 40 == outcomes(provider, *people)
    assert [ACCEPTED] * 40 == outcomes(provider, *people)
    assert sorted([one.recipient.address for one in people] * 2) == server.took()
    provider.close()
    assert (4, 4) == (server.count("connect"), server.count("QUIT"))


def test_fewer_connections_than_we_would_like(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """Where a server allows one connection at a time, everybody gets a copy over that one."""
    server.script["connect"] = iter([None, "421 4.7.0 Too many", "421 4.7.0 Too many"])
    people = [person(f"reader-{number}") for number in range(9)]
    results = outcomes(smtp(connections=3), *people)
    assert ([ACCEPTED] * 9, 9) == (results, len(server.took()))


@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_server_that_ends_what_is_idle(server: MailServer, smtp: Callable[..., Smtp], security: str) -> None:
    """A connection that the server closed between two batches is replaced, and costs nobody an attempt."""
    provider = smtp(security=security)
    gone = Event()

    def end(visit: Any) -> None:
        visit.say("250 2.0.0 Ok: queued as 4F0001\n421 4.4.2 Idle for too long")
        visit.request.close()
        gone.set()
        raise EOFError

    server.script["taken"] = once(end)
    assert [ACCEPTED] == outcomes(provider, AMINA)
    assert gone.wait(20)
    server.script["RCPT"] = once(cut)
    assert ([ACCEPTED], 3) == (outcomes(provider, BEN), server.count("connect"))


def test_a_batch_closed_early(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """When nobody asks for more results nothing more is begun, and the threads end."""
    held, go_on = Event(), Event()

    def hold(visit: Any) -> bool:
        held.set()
        return go_on.wait(20)

    server.script["MAIL"] = iter([None, hold])
    before = set(threads())
    provider = smtp()
    results = provider.submit(SEND, [person(f"reader-{number}") for number in range(9)])
    assert ACCEPTED == next(results).outcome
    assert held.wait(20)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    provider.close()
    go_on.set()
    for thread in set(threads()) - before:
        if "run" in thread.name:
            thread.join(20)
    assert (2, 1) == (server.count("MAIL"), server.count("QUIT"))
    assert ["reader-0@example.org", "reader-1@example.org"] == server.took()


def test_a_fault_of_ours(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """An error that nobody foresaw reaches the one who asked, and leaves no thread waiting."""
    naive = replace(SEND, date=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        list(smtp().submit(naive, [AMINA, BEN]))


@pytest.mark.parametrize(
    "recipient",
    ["a@example.org,b@example.org", "a@example.org b@example.org", "a@example.org>\r\nRCPT TO:<b@example.org",
     "a@example.org\r\n", "a@example.org\n", "", "<a@example.org>", "å@example.org", "a@example.org> NOTIFY=NEVER"],
)  # fmt: skip
def test_exactly_one_recipient(server: MailServer, recipient: str) -> None:
    """Two addresses, a line break or anything else that is not one address never reaches a command (F38)."""
    line = open_dialogue(Server("127.0.0.1", server.port, None))
    for sender, to in ((recipient, "ben@example.org"), ("news@example.org", recipient)):
        with pytest.raises(HeaderError):
            line.hand_over(sender, to, b"Subject: x\r\n\r\n")
    line.quit()
    assert ["EHLO [127.0.0.1]", "QUIT"] == server.lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5.1.1 <amina@example.org>: User unknown", "550 5.1.1 (address): User unknown"),
        ("5.1.1 amina@example.org... no", "550 5.1.1 (address) no"),
        ("5.1.1 bounce+amina=40example.org is none", "550 5.1.1 (address) is none"),
        ("see https://e.org/?u=amina%40example.org", "550 see (address)"),
        ("Amina is away; aminata is not", "550 (name) is away; aminata is not"),
        ("a\x00\x1b[2J\u202e\tb\x7f", "550 a [2J b"),
        ("", "550"),
        ("x" * 500, "550 " + "x" * 196),
        ("x" * 60_000, "550"),
        (f"{'b' * 490}@e.org {'c' * 490}@e.org amina@example.org", "550 (address) (address)"),
    ],
)
def test_what_was_said_is_fit_to_show(text: str, said: str) -> None:
    """A refusal is shown without addresses, names and control characters, and not at length."""
    assert said == Answer("RCPT", 550, text).said("amina")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2.0.0 Ok: queued as 4Zk1x2dQ9v", "4Zk1x2dQ9v"),
        ("OK id=1rLpQ2-0003Xy-Ab", "1rLpQ2-0003Xy-Ab"),
        ("2.6.0 <a@b.example.org> [InternalId=1] Queued", "(address) [InternalId=1] Queued"),
        ("2.0.0 OK 1736072400 ab-1 - gsmtp", "OK 1736072400 ab-1 - gsmtp"),
        ("", ""),
        ("y" * 300, "y" * 100),
    ],
)
def test_queue_ids(text: str, name: str) -> None:
    """The name in the server's queue is found for the commonest servers; else all it said is kept, cleaned."""
    assert name == Answer(".", 250, text).queue_id


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({}, "host"), ({"host": None}, "host"), ({"host": ""}, "host"), ({"host": "smtp.example.org:587"}, "host"),
        ({"host": "https://smtp.example.org"}, "host"), ({"host": "a..b"}, "host"), ({"host": "a b"}, "host"),
        ({"host": "smtp.example.org\n"}, "host"), ({"host": ["a"]}, "host"),
        ({"port": 0}, "port"), ({"port": 65_536}, "port"), ({"port": "smtp"}, "port"), ({"port": True}, "port"),
        ({"security": "ssl"}, "security"), ({"security": False}, "security"), ({"security": []}, "security"),
        ({"security": "none"}, "security"), ({"security": "none", "host": "10.0.0.1"}, "security"),
        ({"security": "none", "host": "127.0.0.1", "user": "me"}, "user"),
        ({"user": ""}, "user"), ({"user": None}, "user"), ({"user": "a\0b"}, "user"), ({"user": 7}, "user"),
        ({"connections": 0}, "connections"), ({"connections": 21}, "connections"),
        ({"connections": 1.5}, "connections"),
        ({"batch": 0}, "batch"), ({"batch": 1001}, "batch"), ({"batch": None}, "batch"),
        ({"envelope_sender": "Bounces <b@example.org>"}, "envelope_sender"),
        ({"envelope_sender": "b@example.org\r\nRSET"}, "envelope_sender"), ({"envelope_sender": ""}, "envelope_sender"),
    ],
)  # fmt: skip
def test_wrong_settings(machine: Machine, settings: dict[str, Any], key: str) -> None:
    """A wrong value is told in one line with the file and the key, before anything is sent."""
    whole = settings if key == "host" else {"host": "smtp.example.org", **settings}
    with pytest.raises(ConfigError) as found:
        Smtp(whole, machine)
    assert (True, True) == (found.value.message.startswith(f"newsletter.yaml: smtp: {key}: "), bool(found.value.hint))
    assert "\n" not in found.value.message


def test_the_settings(machine: Machine) -> None:
    """The provider is found by its name; only the host must be given, and the account names server and user."""
    assert ("smtp" in provider_names(), Smtp) == (True, provider_type("smtp"))
    plain = Smtp({"host": "smtp.example.org"}, machine)
    assert (50, "smtp.example.org:587") == (plain.batch, plain.account)
    signed = Smtp({"host": "::1", "security": "tls", "user": "newsletter", "batch": 7}, machine)
    assert (7, "newsletter at [::1]:465", "newsletter at [::1]:465") == (
        signed.batch,
        signed.account,
        signed.where(SEND),
    )
    assert "correct horse" not in repr(signed.server)
    assert "localhost:25" == Smtp({"host": "localhost", "security": "none"}, machine).account


def test_a_missing_password(tmp_path: Path) -> None:
    """Without the secret nothing is begun, and without a user it is not asked for (E1)."""

    def missing(name: str) -> Secret:
        raise ConfigError(f"there is no {name}")

    with pytest.raises(ConfigError, match="SMTP_PASSWORD"):
        Smtp({"host": "smtp.example.org", "user": "newsletter"}, Machine(tmp_path, missing))
    Smtp({"host": "smtp.example.org"}, Machine(tmp_path, missing))


def test_where_bounces_go(server: MailServer, smtp: Callable[..., Smtp]) -> None:
    """The envelope sender may be another address than the one in From."""
    assert [ACCEPTED] == outcomes(smtp(envelope_sender="bounces@example.org"), AMINA)
    assert any(line.startswith("MAIL FROM:<bounces@example.org>") for line in server.lines)
    assert b"From: News <news@example.org>" in server.accepted[0][1]
