"""``newsletter doctor``: what it says of this workspace, this computer, the lists and their providers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from components import missing
from nameserver import answering
from pytest_socket import enable_socket, socket_allow_hosts
from sends import MORNING, Made, make, posix, reconfigure

from newsletter import doctor
from newsletter.audience import Person
from newsletter.cli import cli
from newsletter.config import open_workspace
from newsletter.doctor import Diagnosis, Level, computer, files, lists, names
from newsletter.doctor.domain import Sending, sending_of
from newsletter.files import private_folder, write_private
from newsletter.people import open_people
from newsletter.providers import CampaignProvider, HostedAudience
from newsletter.templates import copy_template
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smtpserver import MailServer

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
KEY = "key-0123456789abcdef"
REAL = "email,name,source\namina@partnership.internal,Amina Khan,Form\nben@partnership.internal,Ben Okoro,Form\n"


def briefly(found: Iterator[Diagnosis]) -> list[tuple[Level, str]]:
    """How each thing is, without what to do; where something is not well, there must be something to do."""
    diagnoses = list(found)
    assert [one for one in diagnoses if (one.level is OK) is bool(one.hint)] == []
    return [(one.level, one.message) for one in diagnoses]


def run(workspace: Path, *options: str) -> tuple[int, str]:
    """Give the command in this process; return its exit code and what it showed."""
    before = Path.cwd()
    os.chdir(workspace)
    try:
        done = CliRunner().invoke(cli, ["doctor", *options])
    finally:
        os.chdir(before)
    assert KEY not in done.output
    return done.exit_code, done.stdout


# --- the command ---


def test_a_new_workspace(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a new workspace nothing is an error: what a real send would want is a warning, with what to do."""
    monkeypatch.setattr(computer, "python", lambda: iter([doctor.ok("Python")]))
    monkeypatch.setattr(computer, "clock", lambda *_: iter([doctor.ok("The clock")]))
    monkeypatch.setattr(computer, "keyring", lambda: iter([doctor.ok("No keyring")]))
    assert run(workspace) == (
        0,
        """\
This workspace
  ok       newsletter.yaml can be used, and names 1 list
  ok       .newsletter is not there yet: the first send makes it
  warning  newsletter.yaml is not ready for a real send: from is at example.org,
           where no mail arrives; reply_to is at example.org, where no mail
           arrives; postal_address is an example
           Write your own into newsletter.yaml. Until then only the outbox can
           be used: it sends nothing.

This computer
  ok       Python
  ok       The clock
  ok       No keyring

The list practitioners, through outbox
  ok       lists/practitioners.csv: 2 people, each with a consent source
  ok       lists/practitioners.csv holds examples alone: anybody may see them
  ok       outbox: a rehearsal, nothing leaves this computer

0 errors, 1 warning.
""",
    )
    assert not (workspace / ".newsletter").exists()


def test_json(workspace: Path) -> None:
    """``--json`` tells the same to a script, errors counted, and the exit code is 3 with an error."""
    (workspace / "lists/practitioners.csv").unlink()
    code, shown = run(workspace, "--json")
    told = json.loads(shown)
    errors = [line for line in told["lines"] if line["level"] == "error"]
    hint = "See what is wrong with it:\n  newsletter lists show practitioners"
    about, message = "The list practitioners, through outbox", "lists/practitioners.csv cannot be used: 1 error"
    assert [{"about": about, "level": "error", "message": message, "hint": hint}] == errors
    assert (3, 1) == (code, told["errors"])
    assert told["warnings"] == sum(line["level"] == "warning" for line in told["lines"])


def test_the_domain_is_looked_at(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends from a domain of their own is told how that is set up, and whether answers arrive."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    reconfigure(workspace, "newsletter@example.org", "newsletter@leeds.test")
    reconfigure(workspace, "office@example.org", "office@council.test")
    monkeypatch.setattr("newsletter.preflight.is_example", lambda domain: domain == "example.org")
    with answering() as server:
        server.zone = 'leeds.test TXT "v=spf1 -all"\ncouncil.test MX 0 .'
        monkeypatch.setattr(names, "Names", partial(names.Names, server.resolver()))
        code, shown = run(workspace, "--json")
    lines = [line for line in json.loads(shown)["lines"] if line["about"] == "The domain leeds.test"]
    assert [
        ("ok", "SPF: leeds.test has one record, ending in -all (0 lookups)"),
        ("warning", "DKIM: leeds.test has no key under a usual name"),
        ("warning", "DMARC: leeds.test has no record; large receivers want one"),
        ("error", "MX: no mail can get to leeds.test, or there is no such domain"),
        ("error", "MX: council.test says that it takes no mail"),
    ] == [(line["level"], line["message"]) for line in lines]
    assert code == 3


# --- this computer ---


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ((3, 11, 7), WARNING), ((3, 11, 14), WARNING), ((3, 11, 15), OK), ((3, 12, 12), WARNING), ((3, 12, 13), OK),
        ((3, 13, 11), WARNING), ((3, 13, 12), OK), ((3, 14, 2), WARNING), ((3, 14, 3), OK), ((3, 15, 0), OK),
    ],
)  # fmt: skip
def test_python(version: tuple[int, int, int], level: Level) -> None:
    """A Python whose email package has known faults is a warning that names the first release without them."""
    (found,) = computer.python(version)
    assert (level, True) == (found.level, f"Python {'.'.join(map(str, version))}" in found.message)


def test_the_clock(workspace: Path) -> None:
    """The clock cannot be older than this program, and should not be behind the ledger's last entry."""
    opened = open_workspace(workspace)
    assert [(OK, "The clock says Monday 5 January 2026 at 9:04am, Europe/London")] == briefly(
        computer.clock(opened, MORNING)
    )
    assert not (workspace / ".newsletter").exists()
    old = "this computer's clock says Thursday 1 January 2015 at midnight, which cannot be"
    assert [(ERROR, old)] == briefly(computer.clock(opened, datetime(2015, 1, 1, tzinfo=UTC)))
    make(workspace, Made())
    behind = (
        "This computer's clock says Sunday 4 January 2026 at 9:04am, "
        "but the last entry of the ledger is of Monday 5 January 2026 at 9:04am"
    )
    assert [(WARNING, behind)] == briefly(computer.clock(opened, MORNING - timedelta(days=1)))
    assert [OK] == [one.level for one in computer.clock(opened, MORNING + timedelta(days=1))]


def test_a_damaged_ledger(workspace: Path) -> None:
    """A ledger that cannot be opened is an error with what to do, not the end of the examination."""
    write_private(workspace / ".newsletter/ledger.db", b"no database")
    workspace_key_of = workspace / ".newsletter/key"
    write_private(workspace_key_of, bytes(32))
    assert [ERROR] == [level for level, _ in briefly(computer.clock(open_workspace(workspace), MORNING))]


def test_a_proxy_that_is_not_used(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E11: a proxy in the environment is ignored, and that is said, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{KEY}@proxy:8080")
    (found,) = computer.proxy(open_workspace(workspace))
    assert (WARNING, "HTTPS_PROXY is set, and not used", False) == (found.level, found.message, KEY in found.hint)
    reconfigure(workspace, "lists:\n", 'network: {proxy: "http://proxy:8080"}\nlists:\n')
    assert [] == list(computer.proxy(open_workspace(workspace)))


@pytest.mark.parametrize(("for_real", "level"), [(True, ERROR), (False, WARNING)])
def test_a_synced_folder(for_real: bool, level: Level, workspace: Path) -> None:  # noqa: FBT001
    """A state that is synced is an error where mail really leaves, and a warning before it does."""
    opened = replace(open_workspace(workspace), state=workspace / "OneDrive/state")
    disk, sender = computer.readiness(opened, for_real=for_real, mounts=Path(os.devnull))
    assert ((level, True), level) == ((disk.level, "is synced with other computers" in disk.message), sender.level)


def test_ready_for_a_real_send(workspace: Path) -> None:
    """With a sender of its own and room on the disk a workspace is ready."""
    for old, new in {"newsletter@example.org": "newsletter@leeds.gov.uk", "office@example.org": "office@leeds.gov.uk",
                     "1 Example Street": "1 Long Lane"}.items():  # fmt: skip
        reconfigure(workspace, old, new)
    private_folder(workspace / ".newsletter")
    found = computer.readiness(open_workspace(workspace), for_real=True, mounts=Path(os.devnull))
    assert [OK, OK] == [level for level, _ in briefly(found)]


# --- who else can get at the files ---


@posix
def test_rights_of_the_state(tmp_path: Path) -> None:
    """A state that others can look into is an error, and the line to type mends it; links do not count."""
    state = private_folder(tmp_path / "state")
    write_private(state / "outbox/2026-01--practitioners/a.eml", b"")
    (state / "link").symlink_to("/etc/hostname")
    assert [(OK, f"{state.as_posix()} can be read by you alone")] == briefly(files.rights(state))
    (state / "outbox/2026-01--practitioners/a.eml").chmod(0o640)
    (state / "outbox").chmod(0o755)
    (found,) = files.rights(state)
    assert (ERROR, f"{state.as_posix()} is open to others on this computer, in 2 places") == (
        found.level, found.message,
    )  # fmt: skip
    subprocess.run(shlex.split(found.hint.splitlines()[1]), check=True)
    assert [OK] == [level for level, _ in briefly(files.rights(state))]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_state_of_somebody_else(tmp_path: Path) -> None:
    """A file in the state that another account owns is an error."""
    state = private_folder(tmp_path / "state")
    write_private(state / "key", b"")
    os.chown(state / "key", 65534, -1)
    assert [(ERROR, f"{state.as_posix()} holds 1 file of another account")] == briefly(files.rights(state))


@posix
def test_d23_rights_of_a_list() -> None:
    """D23: a list that others can read is an error, unless a folder above it keeps them out."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        file = folder / "people.csv"
        file.write_text(REAL, "utf-8")
        file.chmod(0o644)
        (found,) = files.list_rights("people.csv", file)
        assert (ERROR, "people.csv can be read by others on this computer") == (found.level, found.message)
        folder.chmod(0o700)
        assert [] == list(files.list_rights("people.csv", file))
        folder.chmod(0o755)
        subprocess.run(shlex.split(found.hint.splitlines()[1]), check=True)
        assert [] == list(files.list_rights("people.csv", file))


@pytest.fixture
def repository(workspace: Path) -> Path:
    """The workspace as a git repository, its state and its lists ignored, with a list of real people."""
    if shutil.which("git") is None:
        missing("git")
    git(workspace, "init", "-q")
    (workspace / ".gitignore").write_text("/.newsletter/\n/lists/\n", "utf-8")
    (workspace / "lists/practitioners.csv").write_text(REAL, "utf-8")
    (workspace / "lists/practitioners.csv").chmod(0o600)
    write_private(workspace / ".newsletter/secrets.env", f"MAILGUN_API_KEY={KEY}\n".encode())
    return workspace


def git(folder: Path, *arguments: str) -> None:
    """Give a git command."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def asked_of_git(workspace: Path) -> list[tuple[Level, str]]:
    """What is said of the list and of the state."""
    return [
        *briefly(files.shared_by_git(workspace / "lists/practitioners.csv", "LIST")),
        *briefly(files.keys(workspace / ".newsletter")),
        *briefly(files.shared_by_git(workspace / ".newsletter", "STATE")),
    ]


def test_git_leaves_them_alone(repository: Path) -> None:
    """What git ignores is well."""
    assert [(OK, "git leaves LIST alone"), (OK, "git leaves STATE alone")] == asked_of_git(repository)


def test_d23_git_has_them(repository: Path) -> None:
    """D23: people and keys that git has are errors, even where they are ignored, and the lines to type mend it."""
    git(repository, "add", "-f", ".newsletter/secrets.env", "lists/practitioners.csv")
    told = [error for error in asked_of_git(repository) if error[0] is ERROR]
    assert [
        "git has LIST, and whoever gets the repository has what is in it",
        f"git has {(repository / '.newsletter/secrets.env').as_posix()}, and whoever gets the repository has your keys",
        "git has STATE, and whoever gets the repository has what is in it",
    ] == [message for _, message in told]
    for name in ("lists/practitioners.csv", ".newsletter"):
        (found,) = files.shared_by_git(repository / name, name)
        subprocess.run(shlex.split(found.hint.splitlines()[-1]), cwd=repository, check=True, capture_output=True)
    assert [OK, OK] == [level for level, _ in asked_of_git(repository)]


def test_git_would_take_them_along(repository: Path) -> None:
    """What the next ``git add`` would take is an error, and the lines to add mend it."""
    (repository / ".gitignore").unlink()
    assert [(ERROR, "git would take LIST along"), (ERROR, "git would take STATE along")] == asked_of_git(repository)
    hints = [
        next(files.shared_by_git(repository / name, "")).hint for name in ("lists/practitioners.csv", ".newsletter")
    ]
    (repository / ".gitignore").write_text("".join(f"{hint.splitlines()[1].strip()}\n" for hint in hints), "utf-8")
    assert [OK, OK] == [level for level, _ in asked_of_git(repository)]


def test_without_a_repository(workspace: Path) -> None:
    """Where there is no repository nothing can get into one."""
    assert [(OK, "LIST lies in no git repository")] == briefly(
        files.shared_by_git(workspace / "lists/practitioners.csv", "LIST")
    )


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that no git is there to ask about is a warning."""
    monkeypatch.setenv("PATH", str(repository))
    told = [(WARNING, f"git could not be asked whether it has {name}") for name in ("LIST", "STATE")]
    assert told == asked_of_git(repository)


# --- templates ---


def marked(root: Path) -> list[tuple[Level, str]]:
    """What is said of the templates, up to the semicolon."""
    return [(level, said.partition(";")[0]) for level, said in briefly(files.templates(root))]


def test_templates(workspace: Path) -> None:
    """A copy says which packaged template it was made from, wherever in it and with whatever line ends it says so."""
    assert [] == marked(workspace)
    path = copy_template(workspace, "footer.html")
    text = path.read_text("utf-8")
    first, _, rest = text.partition("\n")
    yours, changed = (
        (OK, "templates/footer.html is yours"),
        (WARNING, "templates/footer.html: the packaged one has changed since it was copied"),
    )
    assert [yours] == marked(workspace)
    for written in (f"<p>{rest}\n{first}\n", text.replace("\n", "\r\n")):
        path.write_bytes(written.encode())
        assert [yours] == marked(workspace)
    path.write_text(text.replace(first.split(", ")[1][:12], "0123456789ab"), "utf-8")
    assert [changed] == marked(workspace)


@pytest.mark.parametrize(
    ("end", "told"), [("", "the packaged one is still as it was"), ("<p>", "is not written in it")]
)
def test_a_copy_that_says_nothing(end: str, told: str, workspace: Path) -> None:
    """A copy whose first line was taken out is known while it is the packaged one; else nothing is claimed."""
    path = copy_template(workspace, "footer.html")
    path.write_text(path.read_text("utf-8").partition("\n")[2] + end, "utf-8")
    ((level, said),) = briefly(files.templates(workspace))
    assert (OK, True) == (level, said.endswith(told))


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
