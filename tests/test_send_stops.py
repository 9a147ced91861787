"""What stops ``newsletter send``, or does not: Ctrl-C, kill -9, others at once, no room, no streams, settings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from sends import (
    AGAIN,
    ISSUE,
    OUTBOX,
    PROGRAM,
    SEND,
    mails,
    posix,
    recipients,
    reconfigure,
    start,
    talk,
    without_time,
    write_list,
    write_people,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sends import Run

# --- interrupted and at once ---


def interrupt(workspace: Path, moment: int, how: signal.Signals) -> tuple[int, str]:
    """Start a send and stop it when *moment* files lie in the outbox; return the exit code and stderr."""
    folder = workspace / OUTBOX
    with start(workspace, stdout=subprocess.DEVNULL) as process:
        while len(list(folder.glob("*.eml"))) < moment:
            assert process.poll() is None
        process.send_signal(how)
        _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("moment", [1, 60])
def test_interrupted_and_resumed(name: str, moment: int, ready: Path, run: Run) -> None:
    """Ctrl-C or a request to end stops with 130 and the exact count; the same command reaches everybody once."""
    write_people(ready, 160)
    code, stderr = interrupt(ready, moment, getattr(signal, name))
    reached = len(mails(ready))
    told = (
        f"\nInterrupted: {reached} of 160 have it. Nobody will get it twice.\n"
        f"  Planned 160  =  Accepted {reached} + Rejected 0 + Skipped 0 + Unknown 0 + Waiting {160 - reached}\n"
        f"Next: go on with the rest\n  {AGAIN}\n"
    )
    assert (130, told) == (code, stderr)
    assert moment <= reached < 160
    done = run(*SEND)
    assert f"  Resumed    {reached} have it already" in done.stdout.splitlines()
    assert "  Planned 160  =  Accepted 160 + Rejected 0 + Skipped 0 + Unknown 0" in done.stdout.splitlines()
    assert Counter(f"p{n}@example.org" for n in range(160)) == recipients(ready)
    assert 160 == len(list((ready / OUTBOX).iterdir()))


@posix
def test_stopped_and_continued(ready: Path, run: Run) -> None:
    """G18: a send that is put to sleep keeps others out; woken, it goes on, and each person has one message."""
    write_people(ready, 160)
    with start(ready, stdout=subprocess.DEVNULL) as process:
        while not recipients(ready):
            assert process.poll() is None
        process.send_signal(signal.SIGSTOP)
        slept = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        assert slept is not None
        assert os.CLD_STOPPED == slept.si_code
        reached = recipients(ready)
        assert 6 == run(*SEND).returncode
        assert reached == recipients(ready)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
    assert 0 == process.returncode
    assert Counter(f"p{n}@example.org" for n in range(160)) == recipients(ready)


@posix
def test_killed_again_and_again(ready: Path, run: Run) -> None:
    """After kill -9 in the middle, several times over, no message is a half and in the end each person has one."""
    write_people(ready, 120)
    for moment in (1, 40, 51, 110):
        code, _ = interrupt(ready, moment, signal.SIGKILL)
        assert -9 == code
        assert {1} == set(recipients(ready).values())
        assert {True} == {file.read_bytes().endswith(b"--\r\n") for file in (ready / OUTBOX).glob("*.eml")}
    assert run(*SEND).returncode in {0, 6}  # 6: the last kill came after the last word
    assert Counter(f"p{n}@example.org" for n in range(120)) == recipients(ready)


@posix
def test_an_issue_edited_in_between(ready: Path, run: Run, write_issue: Callable[..., Path]) -> None:
    """What was planned goes out, to the last byte, though the issue is another by now, or gone; and that is said."""
    write_people(ready, 120)
    interrupt(ready, 1, signal.SIGKILL)
    path = write_issue(ISSUE.replace("Some words.", "Other words."))
    done = run(*SEND)
    told = "Changed the issue has changed since; what was planned on DAY goes out, unchanged"
    assert (0, True) == (done.returncode, told in without_time(" ".join(done.stdout.split()))), done.stdout
    bodies = [str(mail.get_body(("plain",))) for mail in mails(ready)]
    assert [(True, False)] * 120 == [("Some words." in body, "Other words." in body) for body in bodies]
    path.unlink()
    assert 6 == run("send", "2026-01", *SEND[1:]).returncode


@pytest.mark.parametrize("number", [2, 8])
def test_many_at_once(number: int, ready: Path) -> None:
    """Of several sends at once one works, the others are refused, and each person has one message."""
    write_people(ready, 120)
    started = [start(ready, stderr=subprocess.STDOUT) for _ in range(number)]
    outputs = {process.communicate(timeout=120)[0]: process.returncode for process in started}
    assert [0, *[6] * (number - 1)] == sorted(process.returncode for process in started), outputs
    why = ("Not done: another send is running in this workspace.", "Nobody is left to send to.")
    assert {True} == {any(words in output for words in why) for output, code in outputs.items() if code}, outputs
    assert Counter(f"p{n}@example.org" for n in range(120)) == recipients(ready)
    assert 120 == len(list((ready / OUTBOX).iterdir()))


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


def test_no_room_for_a_mail(ready: Path, run: Run) -> None:
    """A mail that cannot be written is one line and exit code 3; once that is mended the same command goes on."""
    run(*SEND, "--dry-run")
    (ready / ".newsletter/outbox").write_text("a file, where a folder should be", "utf-8")
    done = run(*SEND)
    fault, hint, *then = done.stderr.splitlines()
    told = [
        "  Planned 2  =  Accepted 0 + Rejected 0 + Skipped 0 + Unknown 0 + Waiting 2",
        "Next: go on with the rest",
        f"  {AGAIN}",
    ]
    assert (3, told, "error: the outbox cannot be written") == (done.returncode, then, fault.rpartition(":")[0])
    assert "  Make room or mend the folder, then give the same command again: it goes on where it stopped." == hint
    (ready / ".newsletter/outbox").unlink()
    assert (0, 2) == (run(*SEND).returncode, len(mails(ready)))


@posix
def test_no_room_at_all(ready: Path, run: Run) -> None:
    """A disk that takes nothing is found out before anything is planned."""
    import resource  # noqa: PLC0415

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, resource.RLIM_INFINITY))

    done = run(*SEND, preexec_fn=limit)
    told = f"error: {ready / '.newsletter'} cannot be written to: File too large"
    assert (3, told, False) == (
        done.returncode,
        done.stderr.splitlines()[0],
        (ready / ".newsletter/ledger.db").exists(),
    )


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 24 MB."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "newsletter-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("room", [0, 300_000])
def test_a_full_disk(room: int, ready: Path, run: Run, small_disk: Path) -> None:
    """A disk that fills up after the question stops with one line; with more room everybody is reached once."""
    write_people(ready, 100)

    def fill() -> None:
        free = shutil.disk_usage(small_disk).free
        (small_disk / "filler").write_bytes(b"\0" * (free - room))

    code, shown = talk(ready, *SEND[:3], typed=b"100\n", meanwhile=fill, NEWSLETTER_STATE=str(small_disk))
    faults = [line for line in shown.splitlines() if line.startswith("error: ")]
    told = "error: ledger.db cannot be written: database or disk is full" if room == 0 else "error: "
    assert (3, 1, True) == (code, len(faults), faults[0].startswith(told)), shown
    copies = list(small_disk.rglob("*.eml"))
    assert (room > 0) == bool(copies)
    assert {True} >= {file.read_bytes().endswith(b"--\r\n") for file in copies}
    assert [] == list(small_disk.rglob(".*.eml.*"))
    (small_disk / "filler").unlink()
    assert 0 == run(*SEND, env=os.environ | {"NEWSLETTER_STATE": str(small_disk)}).returncode
    found = [message_from_bytes(f.read_bytes(), policy=default)["To"].addresses for f in small_disk.rglob("*.eml")]
    assert sorted(f"p{n}@example.org" for n in range(100)) == sorted(to.addr_spec for (to,) in found)


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
    reconfigure(ready, "Hello {first_name},", f'"{greeting}"')
    done = run(*SEND)
    assert (3, True) == (done.returncode, "would be sent as it stands" in done.stderr)


def test_a_long_name_in_a_long_greeting_stops_nothing(ready: Path, run: Run) -> None:
    """A greeting stands in no header: whatever its length, everybody gets a copy."""
    reconfigure(ready, "Hello {first_name},", "Hello {first_name}, " + "x" * 190)
    write_list(ready, f"amina@example.org,{'A' * 100}")
    assert (0, 1) == (run(*SEND).returncode, len(mails(ready)))


@posix
def test_a_changed_greeting_waits_for_the_next_send(ready: Path, run: Run) -> None:
    """What readers see at the top belongs to what was planned: a send never mixes two greetings."""
    write_people(ready, 120)
    interrupt(ready, 1, signal.SIGKILL)
    reconfigure(ready, "Hello {first_name},", "Dear {first_name},")
    assert 0 == run(*SEND).returncode
    assert {True} == {"Hello Person" in str(mail.get_body(("plain",))) for mail in mails(ready)}
    assert 120 == len(mails(ready))


def test_a_provider_that_is_mistyped_is_configuration(ready: Path, run: Run) -> None:
    """Nobody typed it on the command line: the file is named, and the exit code is that of configuration."""
    reconfigure(ready, "title: Practitioner newsletter\n", "title: Practitioner newsletter\nprovider: outbx\n")
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
