"""The preview's server: for this computer's own browser, and for nobody and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mails import ROOT
from previews import Running, previewing
from program import PROGRAM
from pytest_socket import enable_socket, socket_allow_hosts
from sends import posix, reconfigure

from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.preview.changes import stamps
from newsletter.preview.server import MOST
from newsletter.preview.views import VIEWS
from newsletter.reports import as_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED = re.findall(r"^[^,\s]+@[^,\s]+", (ROOT / "lists/practitioners.csv").read_text("utf-8"), re.MULTILINE)


@pytest.fixture(autouse=True)
def _loopback() -> None:
    """Let each test here reach this computer."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository's own workspace, that no test changes."""
    root = tmp_path_factory.mktemp("own")
    for name in ("issues", "images", "lists"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "newsletter.yaml", root)
    return root


@pytest.fixture(scope="module")
def preview(own: Path) -> Iterator[Running]:
    """Its preview."""
    enable_socket()
    with previewing(own) as running:
        yield running


# Who may ask (bad-inputs I1 to I4)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost", "[::1]:PORT", " "]
)
def test_a_foreign_host_gets_nothing(preview: Running, host: str) -> None:
    """A web site that points its own name at this computer is told nothing: 421, and not a byte."""
    answer = preview.ask(preview.base, host=host.replace("PORT", str(preview.port)))
    assert (421, b"") == (answer.status, answer.body)


@pytest.mark.parametrize(("version", "status"), [("1.0", 421), ("1.1", 400)])
def test_without_a_host_there_is_no_answer(preview: Running, version: str, status: int) -> None:
    """Who names no host is refused; with 400 where HTTP/1.1 demands that (RFC 9112, 3.2)."""
    answer = preview.ask(preview.base, host=None, version=version)
    assert status == answer.status
    assert b"html" not in answer.body


def test_two_hosts_are_none(preview: Running) -> None:
    """A request that names two hosts is refused (RFC 9112, 3.2), whichever of them is right."""
    assert 400 == preview.ask(preview.base, "Host: evil.example").status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_both_own_names_are_answered(preview: Running, host: str) -> None:
    """The page can be opened by number and by name."""
    assert 200 == preview.ask(preview.base, host=f"{host}:{preview.port}").status


@pytest.mark.parametrize(
    "path",
    [
        "/", "/page.js", "/wrong-secret/", "/../../etc/passwd", "//etc/passwd", "http://evil.example/",
        "BASE../../../etc/passwd", "BASE%2e%2e/%2e%2e/etc/passwd", "BASE..\\..\\etc\\passwd", "BASE/etc/passwd",
        "BASE%00", "BASEpage.js%00.css", "BASEnewsletter.yaml", "BASE2026-01/../newsletter.yaml", "BASE2026-01.yaml",
        "BASE2026-01/images/logo.png", "BASE2026-01/images/../../lists/practitioners.csv", "BASE2026-01/",
        "BASE1999-01/state", "BASEpage.css/", "BASE?", "BASE2026-01/light?x=1",
    ],
)  # fmt: skip
def test_no_path_leads_to_a_file(preview: Running, path: str) -> None:
    """Only what belongs to the page is there; every other path is 404, however it is written."""
    answer = preview.ask(path.replace("BASE", preview.base))
    assert (404, b"") == (answer.status, answer.body)


def test_a_nul_is_no_request(preview: Running) -> None:
    """A request line with a NUL in it is turned away before anybody looks at it."""
    assert 400 == preview.ask(f"{preview.base}page.js\0").status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_it_only_answers_questions(preview: Running, method: str) -> None:
    """Nothing can be changed through it: every method but GET and HEAD is 405."""
    assert (405, b"") == ((answer := preview.ask(preview.base, method=method)).status, answer.body)


@pytest.mark.parametrize(
    "header",
    [
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example", "Origin: null",
        "Origin: http://127.0.0.1:1",
    ],
)  # fmt: skip
def test_other_sites_are_refused(preview: Running, header: str) -> None:
    """What another web site asks for is refused, one at another port of this computer too."""
    assert (403, b"") == ((answer := preview.ask(preview.base, header)).status, answer.body)


def test_its_own_page_is_not_refused(preview: Running) -> None:
    """The page itself may ask, and a HEAD is a GET without its body."""
    own = (f"Origin: http://127.0.0.1:{preview.port}", "Sec-Fetch-Site: same-origin")
    assert 200 == preview.ask(preview.base, *own).status
    assert (200, b"") == ((answer := preview.ask(preview.base, method="HEAD")).status, answer.body)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells what listens there")
def test_it_listens_on_loopback_alone(preview: Running) -> None:
    """No other computer can reach it."""
    tables = [
        Path(f"/proc/net/{name}").read_text("ascii") for name in ("tcp", "tcp6") if Path(f"/proc/net/{name}").exists()
    ]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    at_port = {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == preview.port}
    assert {"0100007F"} == at_port


def test_each_preview_has_a_secret_of_its_own(preview: Running, own: Path) -> None:
    """An address that was seen once opens no later preview."""
    with previewing(own) as other:
        assert preview.base != other.base
    assert re.fullmatch(r"/[\w-]{22}/", preview.base)


# What is answered


def test_the_page_fetches_nothing_from_elsewhere(preview: Running) -> None:
    """The page runs its own scripts alone, and nobody can put it into a frame."""
    headers = preview.ask(preview.base).headers
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    expected = {
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Server": "newsletter",
    }  # fmt: skip
    assert expected == {name: headers[name] for name in expected}


@pytest.mark.parametrize("view", ["light", "dark-images-off", "inverted-styles-off"])
def test_the_email_can_run_nothing(preview: Running, view: str) -> None:
    """The email comes with a policy of its own: a sandbox without scripts, that fetches pictures and nothing else."""
    policy = (
        "default-src 'none'; img-src 'self' data: https:; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
    assert policy == preview.ask(f"{preview.base}2026-01/{view}").headers["Content-Security-Policy"]


def test_nobody_of_a_list_is_in_it(preview: Running) -> None:
    """Whatever it answers is for the sample person: no address of a list stands anywhere."""
    state = preview.ask(f"{preview.base}2026-01/state").body.decode()
    answers = [preview.ask(f"{preview.base}2026-01/{view}").body.decode() for view in VIEWS]
    assert LISTED
    assert [] == [address for address in LISTED for answer in (state, *answers) if address in answer]
    assert "Sam Sample <sample@example.org>" in state
    assert all("Hello Sam," in answer for answer in answers)


def test_its_findings_are_those_of_check(preview: Running, own: Path) -> None:
    """The page shows what `check` prints: no finding more, none less, none in other words."""
    found = [as_dict(finding) for finding in build(open_workspace(own), "2026-01").findings]
    shown = [{key: one[key] for key in found[0]} for one in preview.state()["findings"]]
    assert sorted(map(str, found)) == sorted(map(str, shown))


@pytest.mark.parametrize("hosted", [False, True])
def test_pictures_are_those_of_the_workspace(own_copy: Path, *, hosted: bool) -> None:
    """The pictures come from this computer, also where the email links them to an archive that is not there yet."""
    if hosted:
        reconfigure(own_copy, "website: https", "archive_url: https://example.org/newsletter/\nwebsite: https")
    with previewing(own_copy) as running:
        html = running.ask(f"{running.base}2026-01/light").body.decode()
        sources = re.findall(r'<img[^>]* src="([^"]*)"', html)
        assert ["logo", "safer-internet-day"] == [re.sub(r"images/(.*)\.\w{8}\.png", r"\1", src) for src in sources]
        answer = running.ask(f"{running.base}2026-01/{sources[0]}")
    assert ("image/png", (ROOT / "images/logo.png").read_bytes()) == (answer.headers["Content-Type"], answer.body)


# What changes


def test_a_change_is_told_once(ready: Path) -> None:
    """Whoever waits is told of a change, and the issue is then as the file has it."""
    issue = ready / "issues/2026-01.yaml"
    with previewing(ready) as running, running.events() as told:
        assert 0 == next(told)
        issue.write_text(issue.read_text("utf-8").replace("Some words.", "Other words."), "utf-8")
        assert 1 == next(told)
        assert "Other words." in running.state()["mail"]["text"]


def test_a_new_folder_is_followed(ready: Path) -> None:
    """A template copied into a folder that was not there, and changed after that, is seen both times."""
    with previewing(ready) as running, running.events() as told:
        age = next(told)
        (ready / "templates").mkdir()
        for words in ("First words", "Second words"):
            (ready / "templates/footer.html").write_text(f"<p>{words} {{{{ unsubscribe }}}}</p>", "utf-8")
            while words not in running.ask(f"{running.base}2026-01/light").body.decode():
                assert age < (age := next(told))


def test_what_is_no_part_of_an_email_changes_nothing(ready: Path) -> None:
    """People, receipts and what an editor puts down for a moment are none of the preview's business; an issue is."""
    before = stamps(ready)
    (ready / "lists/practitioners.csv").write_text("email\n", "utf-8")
    (ready / "issues/.2026-01.yaml.swp").write_text("x", "utf-8")
    assert before == stamps(ready)
    (ready / "issues/2026-02.yaml").write_text("x", "utf-8")
    assert before != stamps(ready)


def test_a_broken_issue_keeps_its_last_email(ready: Path) -> None:
    """While the YAML is broken its faults are told, with their lines, over the last good email; mended, it is whole."""
    issue = ready / "issues/2026-01.yaml"
    whole = issue.read_text("utf-8")
    with previewing(ready) as running, running.events() as told:
        next(told)
        before = running.state()
        issue.write_text(whole.replace("title: News", "titel: News"), "utf-8")
        next(told)
        broken = running.state()
        assert ["error N004"] == [f"{one['severity']} {one['code']}" for one in broken["findings"]]
        assert {"issues/2026-01.yaml"} == {one["file"] for one in broken["findings"]}
        assert (before["mail"], True) == (broken["mail"], bool(broken["problem"]))
        issue.write_text(whole, "utf-8")
        next(told)
        assert before["findings"] == (mended := running.state())["findings"]
        assert mended["problem"] is None


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("newsletter.yaml", "titel: Ours\n", "newsletter.yaml cannot be used yet"),
        ("templates/footer.html", "{{ nothing.there }}", "templates/footer.html:1: 'nothing' is undefined"),
        ("issues/2026-01.yaml", None, 'there is no issue "2026-01"'),
    ],
)
def test_whatever_breaks_is_told_on_the_page(ready: Path, file: str, text: str | None, told: str) -> None:
    """A broken configuration or template, or an issue that has gone, is told in words, and the preview goes on."""
    with previewing(ready) as running, running.events() as changes:
        next(changes)
        assert running.state()["mail"]
        path = ready / file
        path.parent.mkdir(exist_ok=True)
        path.unlink() if text is None else path.write_text(text, "utf-8")
        next(changes)
        answer = running.ask(f"{running.base}2026-01/state")
        if text is None:
            assert 404 == answer.status
        else:
            assert told == running.state()["problem"]["message"]
            assert running.state()["mail"]


# As a command


@contextmanager
def run(workspace: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command; it ends with the test at the latest."""
    with subprocess.Popen(
        [*PROGRAM, "preview", *options], cwd=workspace, encoding="utf-8", env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as command:  # fmt: skip
        try:
            yield command
        finally:
            command.kill()


@posix
def test_ctrl_c_ends_it(ready: Path) -> None:
    """It says in a line where it is and how to end it, and ends without a word, though a page is open."""
    with run(ready, "--no-open") as command:
        assert command.stdout
        assert "The preview of 2026-01 follows your changes at\n" == command.stdout.readline()
        url = command.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{22}/#issue=2026-01", url)
        with Running(url).events() as told:
            next(told)
            command.send_signal(signal.SIGINT)
            out, err = command.communicate(timeout=30)
    assert (130, "", "Ctrl-C ends it.\n\nStopped.\n") == (command.returncode, out, err)


@posix
def test_without_a_browser_the_address_is_enough(ready: Path) -> None:
    """Where no browser can be opened, that is one line, and the preview waits for one."""
    with run(ready, BROWSER="", PATH="", DISPLAY="", WAYLAND_DISPLAY="") as command:
        assert command.stderr
        said = [command.stderr.readline(), command.stderr.readline()]
        command.send_signal(signal.SIGINT)
        command.communicate(timeout=30)
    assert ["Ctrl-C ends it.\n", "No browser could be opened here. Open that address in yours.\n"] == sorted(said)


def test_a_port_that_is_taken_is_one_line(ready: Path) -> None:
    """A port that somebody else has is told, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with run(ready, "--no-open", "--port", str(port)) as command:
            out, err = command.communicate(timeout=30)
    told = f"error: port {port} is taken\n  Leave out --port, and a free one is found.\n"
    assert (3, "", told) == (command.returncode, out, err)


@pytest.mark.parametrize(("options", "code"), [(["--host", "0.0.0.0"], 2), (["--port", "70000"], 2), (["2031-01"], 2)])  # noqa: S104
def test_what_cannot_be_is_refused(ready: Path, options: list[str], code: int) -> None:
    """There is no way to serve other computers, and an issue that is not there is told at once."""
    with run(ready, "--no-open", *options) as command:
        command.communicate(timeout=30)
    assert code == command.returncode


# Slow ones


def test_who_asks_for_nothing_is_cut(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that does not finish its question is closed after a while."""
    monkeypatch.setattr("newsletter.preview.server.PATIENCE", 0.1)
    with previewing(ready) as running, running.connect() as connection, suppress(ConnectionResetError):
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
        assert b"" == connection.recv(1)


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this program open two thousand files at once."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this machine lets a program open too few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_slow_connections_keep_nobody_waiting(
    ready: Path, monkeypatch: pytest.MonkeyPatch, many_files: None
) -> None:
    """A thousand that never finish their question hold no more than a hundred places; the page is served meanwhile."""
    monkeypatch.setattr("newsletter.preview.server.PATIENCE", 600)
    with previewing(ready) as running, ExitStack() as slow:
        connections = [slow.enter_context(running.connect()) for _ in range(1000)]
        for connection in connections:
            with suppress(ConnectionError):  # it was cut already
                connection.sendall(b"GET / HTTP/1.1\r\nHo")
        assert 200 == running.ask(running.base).status
        assert 200 == running.ask(f"{running.base}2026-01/light").status
        for connection in connections[: 1000 - MOST]:  # the oldest
            with suppress(ConnectionResetError):
                assert b"" == connection.recv(1)
