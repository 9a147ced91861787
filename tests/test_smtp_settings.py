"""SMTP: the settings and the password, told by their names before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import smtpdesk
from smtpdesk import ACCEPTED, AMINA, SEND, outcomes

from newsletter.errors import ConfigError
from newsletter.providers import Machine, provider_names, provider_type
from newsletter.providers.smtp import Smtp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smtpserver import MailServer

    from newsletter.credentials import Secret

authority, tls, _loopback, server, machine, smtp = (
    smtpdesk.authority,
    smtpdesk.tls,
    smtpdesk._loopback,
    smtpdesk.server,
    smtpdesk.machine,
    smtpdesk.smtp,
)


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
