"""SMTP: who may sign in, what must be encrypted before, and that no answer ever tells the password."""

from __future__ import annotations

import ssl
from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import smtpdesk
import trustme
from smtpdesk import ACCEPTED, AMINA, BEN, BOTH, PLANNED, REJECTED, SEND, always, once, outcomes
from smtpserver import MailServer, cut, nonsense, running

from newsletter import dialogue
from newsletter.errors import ConfigError, RefusedError
from newsletter.providers import Machine, Result
from newsletter.providers.smtp import Smtp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

authority, tls, _loopback, server, machine, smtp = (
    smtpdesk.authority,
    smtpdesk.tls,
    smtpdesk._loopback,
    smtpdesk.server,
    smtpdesk.machine,
    smtpdesk.smtp,
)


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
