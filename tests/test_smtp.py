"""SMTP: what becomes of a copy wherever the dialogue breaks off, on a server that does to the letter what we say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import smtpdesk
from smtpdesk import (
    ACCEPTED,
    AMINA,
    BEN,
    BOTH,
    EDITION,
    FROM,
    MESSAGE,
    NOON,
    PLANNED,
    REJECTED,
    SEND,
    UNKNOWN,
    always,
    once,
    outcomes,
    person,
)
from smtpserver import MailServer, cut, drip, flood, leave, nonsense, ramble, silent

from newsletter import dialogue
from newsletter.dialogue import Server, open_dialogue
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.message import Recipient, compose, copy_for
from newsletter.mime import HeaderError
from newsletter.providers import Addressee, Outcome, Result
from newsletter.smtpwire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.providers.smtp import Smtp

authority, tls, _loopback, server, machine, smtp = (
    smtpdesk.authority,
    smtpdesk.tls,
    smtpdesk._loopback,
    smtpdesk.server,
    smtpdesk.machine,
    smtpdesk.smtp,
)


def shorten(monkeypatch: pytest.MonkeyPatch, *limits: str) -> None:
    """Cut *limits* down to what a test can wait for."""
    for limit in limits:
        monkeypatch.setattr(dialogue, limit, 0.2)


# Every step, every fault, what becomes of Amina and of Ben after her, and who got a copy. Amina's is the first; with
# `always` the fault comes each time.
BROKEN, WITHOUT_END = (cut, leave, nonsense, flood, ramble), (silent, drip)
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
