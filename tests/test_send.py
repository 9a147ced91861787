"""``newsletter send`` as a person meets it: what it shows, what it asks, what it refuses, and each person once."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.tokens import read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, modes or terminals")
PROGRAM = [sys.executable, "-m", "newsletter"]
SEND = ("send", "--list", "practitioners", "--yes")
OUTBOX = ".newsletter/outbox/2026-01--practitioners"
ISSUE = """
    subject: January 2026 newsletter
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News
        body: Some words.
      - type: diary
        title: Dates for your diary
        dates:
          - Tuesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
"""
WHEN = re.compile(r"on \w+ \d+ \w+ \d{4} at [\d:]+[ap]m|on \w+ \d+ \w+ \d{4} at mid\w+")


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace with an issue and a list of two people."""
    write_issue(ISSUE)
    return workspace


@pytest.fixture
def run(workspace: Path) -> Iterator[Run]:
    """A function that runs the program in the workspace; no output of it may hold an address of the lists."""
    outputs: list[str] = []

    def start(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 120}
        done = subprocess.run(
            [*PROGRAM, *arguments], cwd=workspace, encoding="utf-8", check=False, **(settings | options)
        )
        outputs.extend([done.stdout or "", done.stderr or ""])
        return done

    yield start
    lists = [file.read_text("utf-8").splitlines()[1:] for file in workspace.glob("lists/*.csv")]
    cells = {line.split(",")[0].strip('" ') for lines in lists for line in lines} - {""}
    assert [] == [cell for cell in cells for output in outputs if cell in output]


def write_people(workspace: Path, number: int) -> None:
    """Put *number* people on the list."""
    lines = ["email,name", *(f"p{n}@example.org,Person {n}" for n in range(number))]
    (workspace / "lists/practitioners.csv").write_text("\n".join(lines) + "\n", "utf-8")


def mails(workspace: Path) -> list[EmailMessage]:
    """Every message in the outbox, read as a mail program does."""
    files = sorted((workspace / OUTBOX).glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


def recipients(workspace: Path) -> Counter[str]:
    """How many messages the outbox holds for each address."""
    return Counter(address.addr_spec for mail in mails(workspace) for address in mail["To"].addresses)


def without_time(text: str) -> str:
    """*text* with the moment of sending taken out."""
    return WHEN.sub("on DAY", text)


# --- what it shows and writes ---

SUMMARY = """\
January 2026 newsletter
  Issue      2026-01
  Preheader  What changed in the procedures this winter
  Contents   News; Dates for your diary
  To         Practitioners, 2 people (lists/practitioners.csv)
  From       Practitioner newsletter <newsletter@example.org>
  Through    outbox, .newsletter/outbox/2026-01--practitioners
  Rehearsal  nothing leaves this computer
  Checked    no errors
"""


def test_the_whole_of_what_it_says(ready: Path, run: Run) -> None:
    """A send shows what is about to happen, what happened with its arithmetic, and what to do next."""
    done = run(*SEND)
    told = f"""\
{SUMMARY}Rehearsed for Practitioners on DAY.
  Planned 2  =  Accepted 2 + Rejected 0 + Skipped 0 + Unknown 0
  A rehearsal: nothing left this computer. No receipt.
"""
    then = f"Next: open one of the messages in your mail program\n  {OUTBOX}/\n"
    assert (0, told, then) == (done.returncode, without_time(done.stdout), done.stderr)


def test_each_person_gets_a_mail(ready: Path, run: Run) -> None:
    """There is one message a person: one recipient, that person's greeting and token, and the same body otherwise."""
    run(*SEND)
    found = {mail["To"].addresses[0].addr_spec: mail for mail in mails(ready)}
    assert {"amina@example.org", "ben@example.org"} == set(found)
    key = (ready / ".newsletter/key").read_bytes()
    bodies, people = set(), set()
    for address, name in (("amina@example.org", "Amina"), ("ben@example.org", "Ben")):
        mail = found[address]
        assert (1, None, None) == (len(mail["To"].addresses), mail["Cc"], mail["Bcc"])
        token = mail["List-Unsubscribe"].split("unsubscribe%20")[1].rstrip(">")
        list_name, person = read_token(key, token)
        parts = [part.get_content() for kind in ("plain", "html") if (part := mail.get_body((kind,)))]
        assert [("practitioners", True, True)] * 2 == [
            (list_name, f"Hello {name}," in part, token in part) for part in parts
        ]
        bodies.add("".join(parts).replace(token, "TOKEN").replace(f"Hello {name},", "GREETING"))
        people.add(person)
    assert (1, 2, 2) == (len(bodies), len(people), len({mail["Message-ID"] for mail in mails(ready)}))


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('"Smith, Sam"', "Smith, Sam"),
        ('"Sam ""Sunny"" Smith"', 'Sam "Sunny" Smith'),
        ("Siobhán O'Connor", "Siobhán O'Connor"),
        ("Sam 🌻", "Sam 🌻"),
        ("Sam <Smith>", "Sam <Smith>"),
        ("", ""),
    ],
)
def test_names_arrive(cell: str, name: str, ready: Path, run: Run) -> None:
    """A name with a comma, quotes, accents or an emoji arrives as it was written, with exactly one recipient."""
    (ready / "lists/practitioners.csv").write_text(f"email,name\nsam@example.org,{cell}\n", "utf-8")
    assert run(*SEND).returncode == 0
    assert [[(name, "sam@example.org")]] == [
        [(to.display_name, to.addr_spec) for to in mail["To"].addresses] for mail in mails(ready)
    ]


def test_skipped_people_are_counted_by_reason(ready: Path, run: Run) -> None:
    """Who is skipped is counted with the reason, warned of by line, and never named."""
    lines = ["email,name", *(f"p{n}@example.org,P{n}" for n in range(100)), "P7@example.org,Again", "not-an-address,X"]
    (ready / "lists/practitioners.csv").write_text("\n".join(lines) + "\n", "utf-8")
    done = run(*SEND)
    warned = [line for line in done.stderr.splitlines() if line.startswith("lists/")]
    assert [
        "lists/practitioners.csv:102:1: warning N014: line 9 has the same address as line 102: it is mailed once",
        "lists/practitioners.csv:103:1: warning N013: not an address",
    ] == warned
    assert "  To         Practitioners, 100 people (lists/practitioners.csv)" in done.stdout.splitlines()
    assert "  Skipped    2: 1 listed twice, 1 not an address" in done.stdout.splitlines()
    assert "  Planned 102  =  Accepted 100 + Rejected 0 + Skipped 2 + Unknown 0" in done.stdout.splitlines()
    assert {1} == set(recipients(ready).values())


def test_json(ready: Path, run: Run) -> None:
    """With --json stdout is one JSON value, whose numbers add up; the rest goes to stderr."""
    done = run(*SEND, "--json")
    assert {
        "issue": "2026-01", "list": "practitioners", "rehearsal": True, "where": OUTBOX,
        "planned": 2, "accepted": 2, "rejected": 0, "skipped": 0, "unknown": 0, "waiting": 0,
    } == json.loads(done.stdout)  # fmt: skip
    assert done.stderr == SUMMARY


def test_a_dry_run_writes_no_mail(ready: Path, run: Run) -> None:
    """A dry run shows the same summary, says that nothing was sent, and leaves nothing in the outbox."""
    done = run("send", "--list", "practitioners", "--dry-run")
    said = f"{SUMMARY}Nothing was sent: this was a dry run.\n"
    assert (0, said, "Next: rehearse it\n  newsletter send 2026-01 --list practitioners\n") == (
        done.returncode, done.stdout, done.stderr,
    )  # fmt: skip
    assert not (ready / ".newsletter/outbox").exists()


def test_a_dry_run_in_json(ready: Path, run: Run) -> None:
    """A dry run with --json tells that everybody is still waiting."""
    told = json.loads(run("send", "--list", "practitioners", "--dry-run", "--json").stdout)
    assert (2, 0, 2) == (told["planned"], told["accepted"], told["waiting"])


@posix
def test_modes(ready: Path, run: Run) -> None:
    """Even under umask 000 the state is its owner's alone: folders 0700, files 0600."""
    run(*SEND, umask=0)
    state = [ready / ".newsletter", *(ready / ".newsletter").rglob("*")]
    modes = {(path.is_dir(), f"{stat.S_IMODE(path.stat().st_mode):04o}") for path in state}
    assert {(True, "0700"), (False, "0600")} == modes


def test_a_state_elsewhere(ready: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """NEWSLETTER_STATE puts the outbox elsewhere, and the summary says where."""
    elsewhere = tmp_path_factory.mktemp("state")
    done = run(*SEND, env=os.environ | {"NEWSLETTER_STATE": str(elsewhere)})
    assert (0, False) == (done.returncode, (ready / ".newsletter").exists())
    assert elsewhere.as_posix() in done.stderr
    assert len(list(elsewhere.glob("outbox/*/*.eml"))) == 2


# --- what it refuses ---


def test_nobody_to_ask(ready: Path, run: Run) -> None:
    """Without a terminal and --yes it refuses, with the command to type."""
    done = run("send", "--list", "practitioners")
    told = (
        "Not sent: there is nobody to type the count.\n"
        "  In a script, say so:\n  newsletter send 2026-01 --list practitioners --yes\n"
    )
    assert (6, told, False) == (done.returncode, done.stderr, (ready / OUTBOX).exists())


def test_a_second_time(ready: Path, run: Run) -> None:
    """A finished send is refused with when it was and how many have it, and nothing is written again."""
    run(*SEND)
    before = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).iterdir()}
    done = run(*SEND)
    told = "Not sent: this issue was rehearsed for Practitioners on DAY.\n  Accepted 2. Nobody is left to send to.\n"
    assert (6, "", told) == (done.returncode, done.stdout, without_time(done.stderr))
    assert before == {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).iterdir()}


def test_a_new_person_after_the_end(ready: Path, run: Run) -> None:
    """Somebody who joins after a finished rehearsal is the only one who gets a copy when it is given again."""
    run(*SEND)
    before = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).glob("*.eml")}
    with (ready / "lists/practitioners.csv").open("a", encoding="utf-8") as file:
        file.write("cara@example.org,Cara Dunne\n")
    done = run(*SEND)
    assert "  Resumed    2 have it already" in done.stdout.splitlines()
    assert "  Planned 3  =  Accepted 3 + Rejected 0 + Skipped 0 + Unknown 0" in done.stdout.splitlines()
    after = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).glob("*.eml")}
    assert (before.items() <= after.items(), {"cara@example.org": 1}) == (
        True, recipients(ready) - Counter(["amina@example.org", "ben@example.org"]),
    )  # fmt: skip


def test_a_draft(ready: Path, run: Run, write_issue: Callable[..., Path]) -> None:
    """A draft is refused, with the line to delete."""
    write_issue("    draft: true" + ISSUE)
    done = run(*SEND)
    told = (
        "Not sent: January 2026 newsletter is still a draft.\n"
        "  When it is ready, delete the line draft: true from issues/2026-01.yaml.\n"
    )
    note, refusal = done.stderr[: -len(told)], done.stderr[-len(told) :]
    assert (6, "", told) == (done.returncode, done.stdout, refusal)
    assert note.startswith("issues/2026-01.yaml:1:8: note N132: ")
    assert not (ready / ".newsletter/outbox").exists()


def test_errors_in_the_issue(ready: Path, run: Run, write_issue: Callable[..., Path]) -> None:
    """An issue with an error still builds, but is not sent; the finding says where and what."""
    write_issue(ISSUE.replace("Tuesday 10 February", "Wednesday 10 February"))
    assert run("build").returncode == 0
    done = run(*SEND)
    told = (
        "issues/2026-01.yaml:11:9: error N101: Wednesday 10 February 2026 is a Tuesday\n"
        "    - Wednesday 10 February 2026 - Safer Internet Day\n      ^\n"
        '  Write "Tuesday 10 February 2026", or "Wednesday 11 February 2026".\n'
        "Not sent: January 2026 newsletter has 1 error.\n"
    )
    assert (1, "", told) == (done.returncode, done.stdout, done.stderr)
    assert not (ready / ".newsletter/outbox").exists()


def test_an_issue_edited_after_a_part_was_sent(ready: Path, run: Run, write_issue: Callable[..., Path]) -> None:
    """Once some have one version, another version is refused, with what to do; nothing is mixed."""
    run(*SEND)
    next((ready / OUTBOX).glob("*.eml")).unlink()
    write_issue(ISSUE.replace("Some words.", "Other words."))
    done = run(*SEND)
    told = (
        "Not sent: the outbox holds copies of another version of this issue.\n"
        f"  To rehearse this version, remove them and send again:\n  rm -r {ready / OUTBOX}\n"
    )
    assert (6, "", told) == (done.returncode, done.stdout, done.stderr)
    assert len(mails(ready)) == 1


LISTS = "lists:\n  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}\n"


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        ("lists:\n  practitoners: {file: lists/practitioners.csv}\n", 2, 'error: there is no list "practitioners"'),
        ("lists: {}\n", 2, 'error: there is no list "practitioners"'),
        ("lists:\n  practitioners: {title: X}\n", 3, 'error: newsletter.yaml: the list "practitioners" has no file'),
        ("lists:\n  practitioners: {file: lists/gone.csv}\n", 1, "error: lists/gone.csv cannot be used: 1 error"),
        ("lists:\n  practitioners: {file: lists}\n", 1, "error: lists cannot be used: 1 error"),
        (
            "lists:\n  practitioners: {file: ../x.csv}\n",
            3,
            "error: newsletter.yaml: ../x.csv lies outside this workspace",
        ),
        (f"provider: outbx\n{LISTS}", 3, 'error: newsletter.yaml: "outbx" is not a provider'),
        (f"{LISTS}providers:\n  outbox: {{folder: x}}\n", 3, 'error: newsletter.yaml: outbox has no setting "folder"'),
        (LISTS.replace("source", "soruce"), 3, 'error: newsletter.yaml: outbox has no setting "soruce"'),
    ],
    ids=["misspelt", "none", "no file", "no such file", "a folder", "outside", "provider", "setting", "list setting"],
)
def test_what_is_not_there(settings: str, code: int, told: str, ready: Path, run: Run) -> None:
    """A list, file, provider or setting that does not exist is one line, with its exit code, and nothing is sent."""
    config = (ready / "newsletter.yaml").read_text("utf-8").split("lists:")[0]
    (ready / "newsletter.yaml").write_text(config + settings, "utf-8")
    done = run(*SEND)
    assert (code, "", True) == (done.returncode, done.stdout, told in done.stderr.splitlines()), done.stderr
    assert not (ready / ".newsletter/outbox").exists()


def test_did_you_mean(ready: Path, run: Run) -> None:
    """A misspelt list is refused with the nearest name."""
    done = run("send", "--list", "practitoners", "--yes")
    assert (2, 'error: there is no list "practitoners"\n  Did you mean "practitioners"?\n') == (
        done.returncode, done.stderr,
    )  # fmt: skip


@posix
def test_a_list_that_is_a_link_outside(ready: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A list file that is a link out of the workspace is refused and not read."""
    outside = tmp_path_factory.mktemp("outside") / "people.csv"
    outside.write_text("email\ncara@example.org\n", "utf-8")
    (ready / "lists/practitioners.csv").unlink()
    (ready / "lists/practitioners.csv").symlink_to(outside)
    done = run(*SEND)
    told = "error: newsletter.yaml: lists/practitioners.csv lies outside this workspace\n"
    assert (3, told) == (done.returncode, done.stderr.splitlines(keepends=True)[0])


@pytest.mark.parametrize(
    "cell", ["ben at example.org", "ben@@example.org", "Ben <ben@example.org>", "a@example.org;b@example.org"]
)
def test_an_unusable_list_names_nobody(cell: str, ready: Path, run: Run) -> None:
    """Addresses that are none stop a short list, by line, and appear in no output."""
    (ready / "lists/practitioners.csv").write_text(f"email\n{cell}\n", "utf-8")
    done = run(*SEND)
    assert (1, "", "lists/practitioners.csv:2:1: error N013") == (
        done.returncode, done.stdout, done.stderr.partition(": error N013")[0] + ": error N013",
    )  # fmt: skip


# --- the count that is typed ---

QUESTION = "A rehearsal: nothing leaves this computer.\nType 2 to send, or Enter to stop: "


def talk(
    workspace: Path,
    typed: bytes | signal.Signals,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    **environment: str,
) -> tuple[int, str]:
    """Send on a real terminal; type once the question is there. Return the exit code and what the terminal showed."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *SEND[:3]], cwd=workspace, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm"} | environment,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        asked = False
        while chunk := _read(ours):
            shown += chunk
            if not asked and b"to stop: " in shown:
                asked = True
                meanwhile()
                if isinstance(typed, signal.Signals):
                    process.send_signal(typed)
                    typed = b"\n"  # wakes a program that had not begun to read when the signal came
                os.write(ours, typed)
        process.wait(60)
    os.close(ours)
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    return process.returncode, re.sub(r"\x1b\[[;?\d]*[a-zA-Z]", "", text)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


@posix
@pytest.mark.parametrize("typed", [b"2\n", b"  2 \n"])
def test_the_right_count(typed: bytes, ready: Path) -> None:
    """Typing the count sends, below a bar that ends at all of them."""
    code, shown = talk(ready, typed)
    assert (0, 2, True) == (code, len(mails(ready)), QUESTION in shown)
    assert re.search(r"Sending  \[#{30}\]  2 of 2  [\d,]+/s  0s left|Sending  \[#{30}\]  100%  2 of 2", shown), shown
    assert "Rehearsed for Practitioners" in shown


@posix
@pytest.mark.parametrize("typed", [b"3\n", b"\n", b"y\n", b"22\n", b"2 2\n", "२\n".encode(), b"\xff\n"])
def test_another_answer(typed: bytes, ready: Path) -> None:
    """Anything but the count sends nothing, and is refused."""
    code, shown = talk(ready, typed)
    told = "Not sent: 2 was not typed.\n  Give the same command again when you are ready.\n"
    assert (6, True, False) == (code, shown.endswith(told), (ready / OUTBOX).exists()), shown


@posix
def test_an_issue_edited_at_the_question(ready: Path, write_issue: Callable[..., Path]) -> None:
    """What goes out is what was shown: an issue that changes while the count is typed is refused."""
    code, shown = talk(ready, b"2\n", meanwhile=lambda: write_issue(ISSUE.replace("Some words.", "Other words.")))
    told = "Not sent: the issue has changed since it was shown.\n  Give the same command to see it again.\n"
    assert (6, True, False) == (code, shown.endswith(told), (ready / OUTBOX).exists()), shown


@posix
def test_the_end_of_input(ready: Path) -> None:
    """Ctrl-D instead of an answer is a refusal, on a line of its own."""
    code, shown = talk(ready, b"\x04")
    assert (6, f"{QUESTION}\nNot sent: 2 was not typed.") == (code, shown[shown.index(QUESTION) :].rsplit("\n", 2)[0])


@posix
@pytest.mark.parametrize("sent", [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")])
def test_stopped_at_the_question(sent: signal.Signals, ready: Path) -> None:
    """Ctrl-C at the question, or a request to end, stops with 130, and nothing is sent."""
    code, shown = talk(ready, sent)
    assert (130, True, False) == (code, shown.rstrip().endswith("\nStopped."), (ready / OUTBOX).exists()), shown


# --- interrupted and at once ---


def interrupt(workspace: Path, moment: int, how: signal.Signals) -> tuple[int, str]:
    """Start a send and stop it when *moment* files lie in the outbox; return the exit code and stderr."""
    folder = workspace / OUTBOX
    with subprocess.Popen(
        [*PROGRAM, *SEND], cwd=workspace, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while len(list(folder.glob("*.eml"))) < moment:
            assert process.poll() is None
        process.send_signal(how)
        _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr.decode()


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("moment", [1, 130])
def test_interrupted_and_resumed(name: str, moment: int, ready: Path, run: Run) -> None:
    """Ctrl-C or a request to end stops with 130 and the exact count; the same command reaches everybody once."""
    write_people(ready, 400)
    code, stderr = interrupt(ready, moment, getattr(signal, name))
    reached = len(mails(ready))
    told = (
        f"\nInterrupted: {reached} of 400 have it. Nobody will get it twice.\n"
        "Next: go on with the rest\n  newsletter send 2026-01 --list practitioners\n"
    )
    assert (130, told) == (code, stderr)
    assert moment <= reached < 400
    done = run(*SEND)
    assert f"  Resumed    {reached} have it already" in done.stdout.splitlines()
    assert "  Planned 400  =  Accepted 400 + Rejected 0 + Skipped 0 + Unknown 0" in done.stdout.splitlines()
    assert Counter(f"p{n}@example.org" for n in range(400)) == recipients(ready)
    assert 401 == len(list((ready / OUTBOX).iterdir()))


@posix
def test_killed_again_and_again(ready: Path, run: Run) -> None:
    """After kill -9 in the middle, several times over, no message is a half and in the end each person has one."""
    write_people(ready, 300)
    for moment in (1, 40, 41, 199, 290):
        code, _ = interrupt(ready, moment, signal.SIGKILL)
        assert -9 == code
        assert {1} == set(recipients(ready).values())
        assert {True} == {file.read_bytes().endswith(b"--\r\n") for file in (ready / OUTBOX).glob("*.eml")}
    assert 0 == run(*SEND).returncode
    assert Counter(f"p{n}@example.org" for n in range(300)) == recipients(ready)


@pytest.mark.parametrize("number", [2, 8])
def test_many_at_once(number: int, ready: Path) -> None:
    """Several sends at once end well or are refused, and each person has one message."""
    write_people(ready, 120)
    started = [
        subprocess.Popen(
            [*PROGRAM, *SEND], cwd=ready, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(number)
    ]
    outputs = [process.communicate(timeout=120)[0].decode() for process in started]
    assert {process.returncode for process in started} <= {0, 6}, outputs
    assert Counter(f"p{n}@example.org" for n in range(120)) == recipients(ready)
    assert 121 == len(list((ready / OUTBOX).iterdir()))


# --- a machine that is not well ---


@posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, ready: Path) -> None:
    """With any of its streams closed from the start a send completes."""
    line = f'exec "$@" {closed}'
    done = subprocess.run(["sh", "-c", line, "sh", *PROGRAM, *SEND], cwd=ready, capture_output=True, check=False)
    assert (0, 2) == (done.returncode, len(mails(ready))), done.stderr


@posix
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_nobody_reads(stream: str, ready: Path) -> None:
    """When whoever reads its output has gone, as with ``| head -1``, a send completes, and says so by its code."""
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {stream: writing}
    done = subprocess.run([*PROGRAM, *SEND], cwd=ready, stdin=subprocess.DEVNULL, check=False, **streams)  # type: ignore[call-overload]
    os.close(writing)
    assert (0, 2) == (done.returncode, len(mails(ready)))
    assert b"Traceback" not in (done.stderr or b"") + (done.stdout or b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_a_log_on_a_full_disk(ready: Path) -> None:
    """When its output goes to a disk that is full, a send completes."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [*PROGRAM, *SEND], cwd=ready, stdin=subprocess.DEVNULL, stdout=full, stderr=full, check=False
        )
    assert (0, 2) == (done.returncode, len(mails(ready)))


@posix
def test_no_room_for_a_mail(ready: Path, run: Run) -> None:
    """A mail that the disk has no room for is one line and exit code 3; with room again the same command goes on."""
    import resource  # noqa: PLC0415

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, resource.RLIM_INFINITY))

    done = run(*SEND, preexec_fn=limit)
    told = (
        "error: the outbox cannot be written: File too large\n"
        "  Make room or mend the folder, then give the same command again: it goes on where it stopped.\n"
    )
    assert (3, told, ["version"]) == (done.returncode, done.stderr, [f.name for f in (ready / OUTBOX).iterdir()])
    assert (0, 2) == (run(*SEND).returncode, len(mails(ready)))


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 128 kB."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "newsletter-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(ready: Path, run: Run, small_disk: Path) -> None:
    """A disk that fills up in the middle stops with one line; with more room everybody is reached once."""
    write_people(ready, 30)
    environment = os.environ | {"NEWSLETTER_STATE": str(small_disk)}
    done = run(*SEND, env=environment)
    first, *_ = done.stderr.splitlines()
    assert (3, "error: the outbox cannot be written: No space left on device") == (done.returncode, first)
    whole = {file.read_bytes().endswith(b"--\r\n") for file in small_disk.rglob("*.eml")}
    assert {True} == whole
    assert [] == list(small_disk.rglob(".*.eml.*"))
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert 0 == run(*SEND, env=environment).returncode
    found = [message_from_bytes(f.read_bytes(), policy=default)["To"].addresses for f in small_disk.rglob("*.eml")]
    assert sorted(f"p{n}@example.org" for n in range(30)) == sorted(to.addr_spec for (to,) in found)


# --- configuration that a send depends on ---


def test_a_state_folder_is_named_whole(ready: Path, run: Run) -> None:
    """A state relative to wherever one stands would be another one each time: refused, before anything is written."""
    done = run(*SEND, env=os.environ | {"NEWSLETTER_STATE": "state"})
    hint = "Write it from the top, as in /home/you/newsletter-state."
    told = f"error: NEWSLETTER_STATE is not a whole path: state\n  {hint}\n"
    assert (3, "", told) == (done.returncode, done.stdout, done.stderr)
    assert not (ready / "state").exists()


@pytest.mark.parametrize("greeting", ["Dear {name},", "Hello {first_name}}", "Hello {First_name},"])
def test_a_greeting_fills_in_the_first_name_alone(ready: Path, run: Run, greeting: str) -> None:
    """A brace that nobody would fill in stops everything: it would reach every reader as it stands."""
    config = ready / "newsletter.yaml"
    config.write_text(config.read_text("utf-8").replace("Hello {first_name},", f'"{greeting}"'), "utf-8")
    done = run(*SEND)
    assert (3, True) == (done.returncode, "would be sent as it stands" in done.stderr)


def test_a_long_name_in_a_long_greeting_stops_nothing(ready: Path, run: Run) -> None:
    """A greeting stands in no header: whatever its length, everybody gets a copy."""
    config = ready / "newsletter.yaml"
    config.write_text(
        config.read_text("utf-8").replace("Hello {first_name},", "Hello {first_name}, " + "x" * 190), "utf-8"
    )
    (ready / "lists/practitioners.csv").write_text(f"email,name\namina@example.org,{'A' * 100}\n", "utf-8")
    assert (0, 1) == (run(*SEND).returncode, len(mails(ready)))


def test_a_changed_greeting_is_another_version(ready: Path, run: Run) -> None:
    """What readers see at the top belongs to the version: a send never mixes two greetings."""
    run(*SEND)
    next((ready / OUTBOX).glob("*.eml")).unlink()
    config = ready / "newsletter.yaml"
    config.write_text(config.read_text("utf-8").replace("Hello {first_name},", "Dear {first_name},"), "utf-8")
    done = run(*SEND)
    assert (6, 1) == (done.returncode, len(mails(ready)))


def test_a_provider_that_is_mistyped_is_configuration(ready: Path, run: Run) -> None:
    """Nobody typed it on the command line: the file is named, and the exit code is that of configuration."""
    config = ready / "newsletter.yaml"
    config.write_text(config.read_text("utf-8") + "provider: outbx\n", "utf-8")
    done = run(*SEND)
    told = 'error: newsletter.yaml: "outbx" is not a provider\n  Did you mean "outbox"?\n'
    assert (3, told) == (done.returncode, done.stderr)


def test_a_send_without_a_list_names_the_lists(ready: Path, run: Run) -> None:
    """Whoever forgets --list is told which there are."""
    done = run("send")
    told = "error: to whom? --list is missing\n  The lists are: practitioners.\n"
    assert (2, told) == (done.returncode, done.stderr)


@posix
def test_a_list_that_links_to_itself_is_no_list(ready: Path, run: Run) -> None:
    """A link that leads to itself is told in one line."""
    path = ready / "lists/practitioners.csv"
    path.unlink()
    path.symlink_to("practitioners.csv")
    done = run(*SEND)
    assert (1, 1) == (done.returncode, done.stderr.count("lists/practitioners.csv:1:1: error"))
    path.unlink()  # what follows a test reads the lists
