"""What tests share: a workspace to write into, no network, and real components that CI must have."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from importlib.resources import files
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from chromium import chromium
from compiled import compile_once
from hypothesis import settings
from program import run as run_program
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts
from sends import ISSUE, PROGRAM, reconfigure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import CompletedProcess

    from playwright.sync_api import Browser, Page
    from postfix import Postfix
    from sends import Run
    from smtpserver import MailServer

ROOT = Path(__file__).parent.parent

NEWSLETTER_YAML = """\
    title: Practitioner newsletter
    organisation: Example Partnership
    from: Practitioner newsletter <newsletter@example.org>
    reply_to: office@example.org
    postal_address: Example House, 1 Example Street
    greeting: Hello {first_name},
    lists:
      practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}
"""

# Nothing that a test writes outlives it, so none waits for a disk where there is room in memory; TMPDIR says otherwise.
# What the tests kill is a program, never the machine: to them, memory keeps as well as a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108  to Linux alone
if "TMPDIR" not in os.environ and _MEMORY.is_dir():
    _room = os.statvfs(_MEMORY)
    if not _room.f_flag & os.ST_NOEXEC and _room.f_bavail * _room.f_frsize > 2_000_000_000:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

# No test asserts how long something takes; benchmarks measure. In CI a run can be told again from its output.
settings.register_profile("newsletter", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("newsletter")

compile_once()

# A shell ignores these for what it starts in the background, and programs inherit that; tests of Ctrl-C need them.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (getattr(signal, "SIGHUP", None), signal.SIG_DFL)):
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)


def pytest_xdist_auto_num_workers() -> int:
    """Run one more test at once than there are processors: some always wait for a browser, a server or a program."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --refresh`` writes the golden files anew; read the difference before you commit it."""
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what is slow, as browsers and wheels are: so no processor is left alone with it in the end."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("package"):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _no_network() -> None:
    """Let no test reach the network; pytest-socket restores it after each test."""
    disable_socket(allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests apart from the state and colours of whoever runs them."""
    for name in ("NEWSLETTER_STATE", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty but valid workspace, with a list of two people."""
    (tmp_path / "issues").mkdir()
    (tmp_path / "lists").mkdir()
    (tmp_path / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
    people = "email,name\namina@example.org,Amina Khan\nben@example.org,Ben Okoro\n"
    (tmp_path / "lists/practitioners.csv").write_text(people, "utf-8")
    return tmp_path


@pytest.fixture
def write_issue(workspace: Path) -> Callable[..., Path]:
    """A function that writes an issue into the workspace: ``write_issue(text, id="2026-01")``."""

    def write(text: str, id: str = "2026-01") -> Path:  # noqa: A002
        path = workspace / "issues" / f"{id}.yaml"
        path.write_text(dedent(text), "utf-8")
        return path

    return write


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace with an issue and a list of two people."""
    write_issue(ISSUE)
    return workspace


@pytest.fixture
def run(workspace: Path) -> Iterator[Run]:
    """A function that runs the program in the workspace; no output of it may hold an address of the lists."""
    outputs: list[str] = []

    def start(*arguments: str, program: list[str] = PROGRAM, **options: Any) -> CompletedProcess[str]:
        done = run_program(*arguments, cwd=workspace, program=program, **options)
        outputs.extend([done.stdout or "", done.stderr or ""])
        return done

    yield start
    lists = [file.read_text("utf-8").splitlines()[1:] for file in workspace.glob("lists/*.csv")]
    cells = {line.split(",")[0].strip('" ') for lines in lists for line in lines} - {""}
    assert [] == [cell for cell in cells for output in outputs if cell in output]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A scripted mail server; loopback can be reached. Whatever a client must never do fails the test."""
    from smtpserver import MailServer, running  # noqa: PLC0415  few tests need it

    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    with running(MailServer()) as server:
        yield server
    assert [] == server.faults


@pytest.fixture
def real(ready: Path, mail_server: MailServer) -> Path:
    """The same workspace, from which mail really leaves: to the scripted server, one person at a time."""
    reconfigure(ready, "newsletter@example.org", "newsletter@partnership.internal")
    reconfigure(ready, "office@example.org", "office@partnership.internal")
    reconfigure(ready, "Example House, 1 Example Street", "Town Hall, High Street")
    settings = f"host: 127.0.0.1, port: {mail_server.port}, security: none, connections: 1, batch: 1"
    reconfigure(ready, "lists:\n", f"provider: smtp\nproviders:\n  smtp: {{{settings}}}\nlists:\n")
    return ready


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """A copy of this repository's own workspace: its configuration, issues, images and lists."""
    for name in ("issues", "images", "lists"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "newsletter.yaml", tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium that the tests of this process share."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[Page]:
    """The one window of tests that leave nothing in it: to open another takes longer than most of them."""
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(20_000)
    yield page
    page.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def running_postfix() -> Iterator[Postfix]:
    """The one Postfix that the tests of this process share."""
    from postfix import postfix_running  # noqa: PLC0415  few tests need it

    with postfix_running() as server:
        yield server


@pytest.fixture
def postfix(running_postfix: Postfix) -> Postfix:
    """A real Postfix without mail, log or rules; loopback can be reached."""
    enable_socket()
    socket_allow_hosts([running_postfix.host], allow_unix_socket=True)
    running_postfix.forget()
    return running_postfix
