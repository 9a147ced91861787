"""``newsletter doctor``: what it says of the lists and their providers."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import examinations
import pytest
from examinations import ERROR, KEY, OK, REAL, WARNING, briefly, run
from pytest_socket import enable_socket, socket_allow_hosts
from sends import reconfigure

from newsletter.audience import Person
from newsletter.config import open_workspace
from newsletter.doctor import Level, lists
from newsletter.doctor.domain import Sending, sending_of
from newsletter.people import open_people
from newsletter.providers import CampaignProvider, HostedAudience
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smtpserver import MailServer

repository = examinations.repository

# --- lists and providers ---


def examined(workspace: Path, name: str = "practitioners") -> list[tuple[Level, str]]:
    """What is said of a list."""
    return briefly(lists.examine_list(open_workspace(workspace), name))


def test_people_without_a_source(workspace: Path) -> None:
    """People of whom nobody wrote down how they agreed are a warning that counts them."""
    reconfigure(workspace, ", source: Test", "")
    told = "lists/practitioners.csv: 2 of 2 people without a consent source"
    assert (WARNING, told) == examined(workspace)[0]
    (workspace / "lists/practitioners.csv").write_text(REAL.replace("Khan,Form", "Khan,"), "utf-8")
    assert (WARNING, told.replace("2 of", "1 of")) == examined(workspace)[0]


def test_real_people_are_to_be_kept(repository: Path) -> None:
    """A list of real people is asked about at git."""
    assert (OK, "git leaves lists/practitioners.csv alone") == examined(repository)[1]


def test_a_list_that_is_kept_here(workspace: Path) -> None:
    """Of a list that is kept here it is said whether anybody is on it."""
    reconfigure(workspace, ", file: lists/practitioners.csv, source: Test", "")
    assert (WARNING, "Nobody is on it, or all have opted out") == examined(workspace)[0]
    assert not (workspace / ".newsletter").exists()
    state = workspace / ".newsletter"
    with open_people(state, workspace_key(state)) as people:
        people.add("practitioners", [Person("amina@example.org", "Amina Khan", "Amina", "Form", 1)])
    assert (OK, "people.db: 1 person, each with a consent source") == examined(workspace)[0]


def test_unknown_providers(workspace: Path) -> None:
    """A provider that does not exist is an error, at its list and under "providers", with the nearest name."""
    reconfigure(workspace, "lists:\n", "provider: outbx\nproviders:\n  smpt: {host: mail.leeds.test}\nlists:\n")
    opened = open_workspace(workspace)
    assert [ERROR] == [level for level, _ in examined(workspace)]
    (fault, _) = lists.configuration(opened)
    assert (ERROR, 'newsletter.yaml: providers: there is no "smpt"', 'Did you mean "smtp"?') == (
        fault.level, fault.message, fault.hint,
    )  # fmt: skip
    assert lists.is_for_real(opened)


class Service(ThreadingHTTPServer):
    """A provider's service that answers everything so."""

    status = 200
    daemon_threads = True


class Visit(BaseHTTPRequestHandler):
    """One request to it."""

    server: Service

    def do_GET(self) -> None:
        """Answer as is set."""
        body = b'{"items": []}'
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def mailgun(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Mailgun's service on loopback; the workspace sends through it, and has a key."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    monkeypatch.setenv("MAILGUN_API_KEY", KEY)
    with Service(("127.0.0.1", 0), Visit) as server:
        settings = f"domain: mg.leeds.test, url: http://127.0.0.1:{server.server_port}"
        reconfigure(workspace, "lists:\n", f"provider: mailgun\nproviders:\n  mailgun: {{{settings}}}\nlists:\n")
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_a_provider_that_lets_us_in(mailgun: Service, workspace: Path) -> None:
    """A key that is good is said to be there and to be good, and is not shown."""
    found = examined(workspace)[2:]
    assert [(OK, "MAILGUN_API_KEY is there"), (OK, "mailgun: the key reads the domain mg.leeds.test")] == found
    assert KEY not in run(workspace)[1]


@pytest.mark.parametrize(("status", "level"), [(401, ERROR), (403, ERROR), (429, WARNING), (503, WARNING)])
def test_a_provider_that_does_not(status: int, level: Level, mailgun: Service, workspace: Path) -> None:
    """A key that is refused is an error; a service that is busy or ill is a warning."""
    mailgun.status = status
    assert [OK, level] == [one for one, _ in examined(workspace)[2:]]


def test_a_provider_that_is_not_reached(mailgun: Service, workspace: Path) -> None:
    """Without a network it is a warning."""
    mailgun.shutdown()
    mailgun.server_close()
    assert [OK, WARNING] == [level for level, _ in examined(workspace)[2:]]


def test_a_secret_that_is_missing(mailgun: Service, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is missing is told once, with the places where it may stand, and nobody is asked."""
    monkeypatch.delenv("MAILGUN_API_KEY")
    assert [(ERROR, "MAILGUN_API_KEY is missing")] == examined(workspace)[2:]


def test_a_wrong_setting(mailgun: Service, workspace: Path) -> None:
    """A setting that the provider does not know is an error."""
    reconfigure(workspace, "domain: mg", "domian: mg")
    assert [(OK, "MAILGUN_API_KEY is there"), (ERROR, 'newsletter.yaml: mailgun has no setting "domian"')] == examined(
        workspace
    )[2:]


def test_a_mail_server(real: Path, mail_server: MailServer) -> None:
    """A mail server is reached and left again; nothing is handed over."""
    assert (OK, f"smtp: 127.0.0.1:{mail_server.port} can be reached") == examined(real)[-1]
    assert (0, 1) == (mail_server.count("MAIL"), mail_server.count("QUIT"))
    mail_server.script["connect"] = iter(["554 5.3.2 Closed today"])
    level, told = examined(real)[-1]
    assert (WARNING, True) == (level, told.startswith(f"127.0.0.1:{mail_server.port}"))


def test_how_mail_leaves(real: Path, mail_server: MailServer) -> None:
    """Bounces go to the sender's domain, or to that of the envelope sender."""
    ours = "partnership.internal"
    assert Sending(ours, [ours], [], ours) == sending_of(open_workspace(real))
    reconfigure(real, "batch: 1", "batch: 1, envelope_sender: bounces@mail.partnership.internal")
    assert Sending(ours, [f"mail.{ours}"], [], ours) == sending_of(open_workspace(real))


def test_before_any_provider(workspace: Path) -> None:
    """While all lists rehearse, the domain is looked at as if bounces came back to it."""
    assert Sending("example.org", ["example.org"], [], "example.org") == sending_of(open_workspace(workspace))


class Hosted(CampaignProvider):
    """A service that keeps its lists, as far as doctor asks it."""

    account, chosen = "Hosted", "Schools"

    def audiences(self) -> tuple[HostedAudience, ...]:
        """There is one."""
        return (HostedAudience("a1", "Schools", 1248),)


Hosted.__abstractmethods__ = frozenset()


def test_a_list_that_a_provider_keeps(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a list that a provider keeps its name and size are told, and when it is not there."""
    monkeypatch.setattr("newsletter.transport.provider_type", lambda _name: Hosted)
    reconfigure(workspace, ", file: lists/practitioners.csv, source: Test", "")
    told = [(OK, "outbox: mail leaves by Hosted"), (OK, 'outbox: the audience "Schools" has 1,248 people')]
    assert told == examined(workspace)
    monkeypatch.setattr(Hosted, "chosen", "School")
    assert [told[0], (ERROR, 'Hosted has no audience "School"')] == examined(workspace)
