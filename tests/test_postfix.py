"""Mail through a real Postfix: first that it tells our tests the truth, then that the SMTP provider gets on with it."""

from __future__ import annotations

import re
import ssl
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from functools import cache
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from postfix import as_sent, postfix_running, return_path

from newsletter.credentials import Secret
from newsletter.errors import ConfigError, RefusedError
from newsletter.message import GREETING, UNSUBSCRIBE, Edition, Mailbox, Recipient, Sender, compose, copy_for
from newsletter.providers import Addressee, Machine, Outcome, Result, Send
from newsletter.providers.smtp import Smtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postfix import Postfix

    from newsletter.message import Message

BOUNCES, AMINA, BEN = "bounces@example.org", "amina@example.org", "ben@example.org"
DATE = datetime(2026, 1, 5, 9, tzinfo=UTC)

# What mail servers and mailbox formats act on, at the start, in the middle and at the end of a text.
AWKWARD = [
    "",
    ".",
    ".leading",
    "..",
    "From the desk",
    ">From",
    "tail ",
    "\U0001f469\u200d\U0001f680",
    "a" * 2500,
    "=2E",
    ".",
]


@cache
def message(text: str = "Hello") -> Message:
    """A message whose two parts hold *text*."""
    both = (
        f"{GREETING}\n{text}\n{UNSUBSCRIBE}\n",
        f"<p>{GREETING}</p><pre>{text}</pre><a href='{UNSUBSCRIBE}'>Go</a>\n",
    )
    edition = Edition("2026-01", "January", "What is on", both[1], both[0])
    sender = Sender(Mailbox("Practitioners", "newsletter@example.org"), Mailbox("", "office@example.org"), "Example")
    return compose(edition, sender, list_name="practitioners", list_title="Practitioners")


def copy(address: str, text: str = "Hello") -> bytes:
    """The copy of `message` for the person at *address*."""
    return copy_for(message(text), recipient(address), date=DATE)


def recipient(address: str) -> Recipient:
    """Somebody at *address*."""
    name = address.partition("@")[0].title()
    return Recipient(address, name, f"Hello {name},", f"token-{name}")


def plain_text(mail: bytes) -> str:
    """The text part of *mail* as a reader gets it."""
    part = message_from_bytes(mail, policy=default).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.fixture
def plain(postfix: Postfix) -> Iterator[SMTP]:
    """Python's own client, connected without encryption."""
    with SMTP(postfix.host, postfix.port) as client:
        yield client


def starttls(postfix: Postfix, trusted: ssl.SSLContext) -> SMTP:
    """Python's own client, connected to the submission port and encrypted after its first words."""
    client = SMTP(postfix.host, postfix.submission_port)
    try:
        client.starttls(context=trusted)
    except BaseException:
        client.close()
        raise
    return client


def tls(postfix: Postfix, trusted: ssl.SSLContext) -> SMTP:
    """Python's own client, encrypted from the first byte."""
    return SMTP_SSL(postfix.host, postfix.tls_port, context=trusted)


both_ways = pytest.mark.parametrize("connect", [starttls, tls])


# --- the server itself, with Python's own client ---


def test_awkward_lines_arrive_as_they_were_sent(postfix: Postfix, plain: SMTP) -> None:
    """Dots, "From ", long lines and other scripts come out of the mailbox byte for byte, and read as written."""
    text = "\n".join(AWKWARD)
    sent = copy(AMINA, text)
    plain.sendmail(BOUNCES, AMINA, sent)
    (stored,) = postfix.delivered()
    assert sent == as_sent(stored)
    assert BOUNCES == return_path(stored)
    assert f"Hello Amina,\n{text}\n" in plain_text(as_sent(stored))
    assert 998 >= max(map(len, sent.split(b"\r\n")))


def test_dots_that_are_not_encoded_arrive(postfix: Postfix, plain: SMTP) -> None:
    """Lines of dots in a mail that is not ours neither end it nor lose a dot."""
    sent = b"From: <a@example.org>\r\nDate: x\r\nMessage-ID: <1@example.org>\r\n\r\n.\r\n..\r\n.a\r\nFrom b\r\n.\r\n"
    plain.sendmail(BOUNCES, AMINA, sent)
    assert [sent] == [as_sent(stored) for stored in postfix.delivered()]


def test_a_refused_recipient_gets_nothing(postfix: Postfix, plain: SMTP) -> None:
    """Who is refused is told so by 550, and what is counted is who was not."""
    postfix.refuse(BEN)
    refused = plain.sendmail(BOUNCES, [AMINA, BEN], copy(AMINA))
    assert {BEN: 550} == {address: code for address, (code, _) in refused.items()}
    assert {AMINA: 1} == postfix.accepted_per_recipient()
    assert 1 == len(postfix.delivered())


def test_a_greylisted_recipient_is_taken_later(postfix: Postfix, plain: SMTP) -> None:
    """Who is put off twice is refused by 450 twice and then taken once."""
    postfix.defer(BEN, 2)
    for _ in range(2):
        with pytest.raises(SMTPRecipientsRefused) as refused:
            plain.sendmail(BOUNCES, BEN, copy(BEN))
        assert {BEN: 450} == {address: code for address, (code, _) in refused.value.recipients.items()}
    assert {} == postfix.accepted_per_recipient()
    plain.sendmail(BOUNCES, BEN, copy(BEN))
    assert {BEN: 1} == postfix.accepted_per_recipient()


def test_a_mail_taken_twice_is_counted_twice(postfix: Postfix, plain: SMTP) -> None:
    """The count by Postfix's log tells a double."""
    plain.sendmail(BOUNCES, BEN, copy(BEN))
    plain.sendmail(BOUNCES, [AMINA, BEN], copy(BEN))
    assert {AMINA: 1, BEN: 2} == postfix.accepted_per_recipient()


def test_a_mail_too_large_is_refused_before_and_after_it_is_sent(postfix: Postfix, plain: SMTP) -> None:
    """A size that is announced is refused at once, one that is not at the end of the mail."""
    large = copy(AMINA, "a" * 1_000_000)
    with pytest.raises(SMTPSenderRefused) as announced:
        plain.sendmail(BOUNCES, AMINA, large)
    plain.ehlo()
    plain.esmtp_features.pop("size")
    with pytest.raises(SMTPDataError) as not_announced:
        plain.sendmail(BOUNCES, AMINA, large)
    assert (552, 552) == (announced.value.smtp_code, not_announced.value.smtp_code)
    assert [] == postfix.delivered()


@both_ways
def test_mail_is_taken_after_signing_in(postfix: Postfix, connect: Callable[..., SMTP]) -> None:
    """Over encryption the right user and password open both ports, and nothing else does."""
    with connect(postfix, ssl.create_default_context(cafile=postfix.ca)) as client:
        with pytest.raises(SMTPRecipientsRefused):
            client.sendmail(BOUNCES, AMINA, copy(AMINA))
        with pytest.raises(SMTPAuthenticationError) as refused:
            client.login(postfix.user, "wrong")
        assert 535 == refused.value.smtp_code
        client.login(postfix.user, postfix.password)
        client.sendmail(BOUNCES, BEN, copy(BEN))
    assert {BEN: 1} == postfix.accepted_per_recipient()


@both_ways
def test_its_certificate_is_not_trusted_by_itself(postfix: Postfix, connect: Callable[..., SMTP]) -> None:
    """Without its authority nobody believes the server."""
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(postfix, ssl.create_default_context())


def test_what_waits_stands_in_the_queue(postfix: Postfix, plain: SMTP) -> None:
    """A mail that cannot be delivered yet is in the queue, and is taken all the same."""
    with postfix.held():
        plain.sendmail(BOUNCES, AMINA, copy(AMINA))
        assert [AMINA] == [to["address"] for mail in postfix.queue() for to in mail["recipients"]]
    assert {AMINA: 1} == postfix.accepted_per_recipient()
    assert [] == postfix.queue()
    assert [copy(AMINA)] == [as_sent(stored) for stored in postfix.delivered()]


def test_each_postfix_is_on_its_own(postfix: Postfix) -> None:
    """A second one beside the first has its own limit and mail, and at its end nobody listens any more."""
    with postfix_running(size_limit=2000) as other:
        with SMTP(other.host, other.port) as client:
            client.sendmail(BOUNCES, BEN, b"From: <a@example.org>\r\n\r\nHello\r\n")
            with pytest.raises(SMTPSenderRefused):
                client.sendmail(BOUNCES, BEN, copy(BEN, "a" * 2000))
        assert {BEN: 1} == other.accepted_per_recipient()
    assert {} == postfix.accepted_per_recipient()
    assert not other.ca.exists()
    for port in (other.port, other.submission_port, other.tls_port):
        with pytest.raises(ConnectionRefusedError):
            SMTP(other.host, port)


# --- our provider ---


def smtp(postfix: Postfix, state: Path, *, ca: Path | None = None, password: str = "", **settings: Any) -> Smtp:
    """The provider, set up for *postfix*: on its submission port, signed in, unless *settings* say otherwise."""
    usual = {"host": postfix.host, "port": postfix.submission_port, "user": postfix.user, "envelope_sender": BOUNCES}
    chosen = {key: value for key, value in (usual | settings).items() if value is not None}
    return Smtp(chosen, Machine(state, lambda _: Secret(password or postfix.password), ca or postfix.ca))


def people(*addresses: str) -> list[Addressee]:
    """Those at *addresses*, each with the address as key."""
    return [Addressee(address, recipient(address)) for address in addresses]


def submitted(provider: Smtp, *addresses: str, text: str = "Hello") -> dict[str, Result]:
    """What became of each copy; the provider is closed."""
    try:
        results = list(provider.submit(Send(message(text), DATE), people(*addresses)))
    finally:
        provider.close()
    assert len(results) == len({result.key for result in results})
    return {result.key: result for result in results}


def test_two_hundred_people_over_four_connections(postfix: Postfix, tmp_path: Path) -> None:
    """Each gets one copy, byte for byte; one is refused and one put off, and Postfix's count is the same as ours."""
    everybody = [f"person{number}@example.org" for number in range(200)]
    refused, put_off = everybody[20], everybody[120]
    postfix.refuse(refused)
    postfix.defer(put_off, 1)
    provider = smtp(postfix, tmp_path, connections=4, batch=200)
    outcomes = {key: result.outcome for key, result in submitted(provider, *everybody).items()}
    usual = dict.fromkeys(everybody, Outcome.ACCEPTED)
    assert usual | {refused: Outcome.REJECTED, put_off: Outcome.PLANNED} == outcomes
    accepted = [key for key, outcome in outcomes.items() if outcome is Outcome.ACCEPTED]
    assert Counter(accepted) == postfix.accepted_per_recipient()
    assert [] == postfix.queue()
    mails = postfix.delivered()
    assert sorted(map(copy, accepted)) == sorted(map(as_sent, mails))
    assert {BOUNCES} == set(map(return_path, mails))
    assert 1 < len(re.findall(r"smtpd\[\d+\]: connect from", postfix.log())) <= 4


def test_who_was_put_off_is_taken_at_the_next_attempt(postfix: Postfix, tmp_path: Path) -> None:
    """A greylisted person is handed over again on the same connection, and has one copy."""
    postfix.defer(BEN, 1)
    provider = smtp(postfix, tmp_path, connections=1)
    first = list(provider.submit(Send(message(), DATE), people(AMINA, BEN)))
    second = submitted(provider, BEN)
    assert [(AMINA, Outcome.ACCEPTED), (BEN, Outcome.PLANNED)] == [(result.key, result.outcome) for result in first]
    assert Outcome.ACCEPTED is second[BEN].outcome
    assert {AMINA: 1, BEN: 1} == postfix.accepted_per_recipient()
    assert 1 == len(re.findall(r"smtpd\[\d+\]: connect from", postfix.log()))


@pytest.mark.parametrize(
    ("port", "settings"),
    [
        ("submission_port", {}),
        ("port", {"security": "starttls", "user": None}),
        ("tls_port", {"security": "tls"}),
        ("port", {"security": "none", "user": None}),
    ],
)
def test_every_way_in_carries_awkward_mail(
    postfix: Postfix, tmp_path: Path, port: str, settings: dict[str, Any]
) -> None:
    """By each kind of security the copy arrives as it was made, and Postfix's id of it is known."""
    text = "\n".join(AWKWARD)
    provider = smtp(postfix, tmp_path, port=getattr(postfix, port), **settings)
    result = submitted(provider, AMINA, text=text)[AMINA]
    assert Outcome.ACCEPTED is result.outcome
    assert [copy(AMINA, text)] == [as_sent(stored) for stored in postfix.delivered()]
    assert f"{result.id}: removed" in postfix.log()


def test_many_refused_people_in_a_row_keep_nobody_from_a_copy(postfix: Postfix, tmp_path: Path) -> None:
    """Postfix hangs up on whoever makes twenty errors; the people after them are served on a new connection."""
    refused = [f"nobody{number}@example.org" for number in range(40)]
    for address in refused:
        postfix.refuse(address)
    results = submitted(smtp(postfix, tmp_path, connections=1), *refused, AMINA)
    expected = {**dict.fromkeys(refused, Outcome.REJECTED), AMINA: Outcome.ACCEPTED}
    assert expected == {key: result.outcome for key, result in results.items()}
    assert {AMINA: 1} == postfix.accepted_per_recipient()
    assert "too many errors" in postfix.log()


def test_lines_of_dots_do_not_end_a_copy(postfix: Postfix, tmp_path: Path) -> None:
    """Whatever a body brings, SMTP's own dot is not found in it."""
    whole = message()
    dotted = replace(whole, pieces=(*whole.pieces, b".\r\n..\r\n.a\r\n"))
    provider = smtp(postfix, tmp_path, connections=1)
    results = list(provider.submit(Send(dotted, DATE), people(AMINA, BEN)))
    provider.close()
    assert [Outcome.ACCEPTED] * 2 == [result.outcome for result in results]
    sent = [copy_for(dotted, recipient(address), date=DATE) for address in (AMINA, BEN)]
    assert sorted(sent) == sorted(map(as_sent, postfix.delivered()))


@pytest.mark.parametrize("fault", ["password", "ca"])
def test_a_server_that_cannot_be_used_gets_no_mail(postfix: Postfix, tmp_path: Path, fault: str) -> None:
    """A wrong password, or a certificate of another authority, stops the send before any copy; no secret shows."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    wrong: dict[str, Any] = {"password": "wrong: horse", "ca": tmp_path / "other.pem"}
    with pytest.raises((ConfigError, RefusedError)) as raised:
        submitted(smtp(postfix, tmp_path, **{fault: wrong[fault]}), AMINA, BEN)
    assert "horse" not in f"{raised.value}{raised.value.hint}"
    assert {} == postfix.accepted_per_recipient()
    assert "to=<" not in postfix.log()


def test_a_server_where_nobody_signed_in_rejects_nobody(postfix: Postfix, tmp_path: Path) -> None:
    """Without a user, a port where people sign in stops the send; all wait, and the error names the setting."""
    provider = smtp(postfix, tmp_path, user=None)
    results: list[Result] = []
    with pytest.raises(ConfigError) as raised:
        results.extend(provider.submit(Send(message(), DATE), people(AMINA, BEN)))
    provider.close()
    assert [Outcome.PLANNED] * 2 == [result.outcome for result in results]
    assert (True, True) == ("554 5.7.1" in raised.value.message, '"user"' in raised.value.hint)
    assert {AMINA: Outcome.ACCEPTED} == {
        key: one.outcome for key, one in submitted(smtp(postfix, tmp_path), AMINA).items()
    }


def test_a_message_too_large_for_the_server_stops_the_send(postfix: Postfix, tmp_path: Path) -> None:
    """What is too large for everybody is not refused person by person."""
    with pytest.raises(RefusedError, match="too large"):
        submitted(smtp(postfix, tmp_path), AMINA, BEN, text="a" * 1_000_000)
    assert {} == postfix.accepted_per_recipient()
