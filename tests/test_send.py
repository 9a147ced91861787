"""``newsletter send`` as a person meets it in a rehearsal: what it shows, what it asks, what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sends import AGAIN, ISSUE, OUTBOX, SEND, mails, posix, recipients, talk, without_time, write_list

from newsletter.tokens import read_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sends import Run

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
    write_list(ready, f"sam@example.org,{cell}")
    assert run(*SEND).returncode == 0
    assert [[(name, "sam@example.org")]] == [
        [(to.display_name, to.addr_spec) for to in mail["To"].addresses] for mail in mails(ready)
    ]


def test_skipped_people_are_counted_by_reason(ready: Path, run: Run) -> None:
    """Who is skipped is counted with the reason, warned of by line, and never named."""
    write_list(ready, *(f"p{n}@example.org,P{n}" for n in range(100)), "P7@example.org,Again", "not-an-address,X")
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
        "issue": "2026-01", "list": "practitioners", "edition": 1,
        "rehearsal": True, "provider": "outbox", "where": OUTBOX, "receipt": None,
        "planned": 2, "accepted": 2, "rejected": 0, "skipped": 0, "unknown": 0, "waiting": 0,
    } == json.loads(done.stdout)  # fmt: skip
    assert done.stderr == SUMMARY


def test_a_dry_run_writes_no_mail(ready: Path, run: Run) -> None:
    """A dry run shows the same summary, says that nothing was sent, and leaves nothing in the outbox."""
    done = run("send", "--list", "practitioners", "--dry-run")
    said = f"{SUMMARY}Nothing was sent: this was a dry run.\n"
    assert (0, said, f"Next: rehearse it\n  {AGAIN}\n") == (
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
    told = f"Not sent: there is nobody to type the count.\n  In a script, say so:\n  {AGAIN} --yes\n"
    assert (6, told, False) == (done.returncode, done.stderr, (ready / OUTBOX).exists())


def test_a_second_time(ready: Path, run: Run) -> None:
    """A finished send is refused with when it was and how many have it, and nothing is written again."""
    run(*SEND)
    before = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).iterdir()}
    done = run(*SEND)
    told = (
        "Not sent: this issue was rehearsed for Practitioners on DAY.\n"
        "  Accepted 2. Nobody is left to send to.\n"
        "  Next: see what was sent\n    newsletter status 2026-01\n"
    )
    assert (6, "", told) == (done.returncode, done.stdout, without_time(done.stderr))
    assert before == {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).iterdir()}
    assert not (ready / "sent").exists()


def test_a_new_person_after_the_end(ready: Path, run: Run) -> None:
    """Whoever joins after a finished rehearsal is told of, and with --include-new is the only one who gets a copy."""
    run(*SEND)
    before = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).glob("*.eml")}
    with (ready / "lists/practitioners.csv").open("a", encoding="utf-8") as file:
        file.write("cara@example.org,Cara Dunne\n")
    refused = run(*SEND)
    told = "  1 person joined since. To send to them as well, add --include-new"
    assert (6, True, 2) == (refused.returncode, told in refused.stderr.splitlines(), len(mails(ready)))
    done = run(*SEND, "--include-new")
    assert "  Resumed    2 have it already" in done.stdout.splitlines()
    assert "  Planned 3  =  Accepted 3 + Rejected 0 + Skipped 0 + Unknown 0" in done.stdout.splitlines()
    after = {file.name: file.stat().st_mtime_ns for file in (ready / OUTBOX).glob("*.eml")}
    assert (True, {"cara@example.org": 1}) == (
        before.items() <= after.items(), recipients(ready) - Counter(["amina@example.org", "ben@example.org"]),
    )  # fmt: skip
    again = run(*SEND, "--include-new")
    told = "  There is nobody new, and nobody to try again."
    assert (6, True) == (again.returncode, told in again.stderr.splitlines())


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
        "  Mend what is said above, then give the same command again.\n"
    )
    assert (1, "", told) == (done.returncode, done.stdout, done.stderr)
    assert not (ready / ".newsletter/outbox").exists()


def test_an_issue_edited_after_the_end(ready: Path, run: Run, write_issue: Callable[..., Path]) -> None:
    """Once a rehearsal is over, the issue as it is now is rehearsed on its own; nothing is mixed."""
    run(*SEND)
    first = {file.name: file.read_bytes() for file in (ready / OUTBOX).iterdir()}
    assert ("edition 1 had these very words", 6) == (
        (same := run(*SEND, "--edition", "2")).stderr.partition("Not sent: ")[2].partition(".")[0], same.returncode,
    )  # fmt: skip
    write_issue(ISSUE.replace("Some words.", "Other words."))
    done = run(*SEND)
    second = {file.name: file.read_bytes() for file in (ready / f"{OUTBOX}--2").iterdir()}
    assert (0, True, {True}, {False}) == (
        done.returncode, first.keys() == second.keys(),
        {b"Other words." in copy for copy in second.values()}, {b"Other words." in copy for copy in first.values()},
    )  # fmt: skip
    assert first == {file.name: file.read_bytes() for file in (ready / OUTBOX).iterdir()}
    assert 6 == run(*SEND).returncode
    lost = run(*SEND, "--edition", "4")
    told = "error: there is no edition 3 to correct\n  Leave out --edition to send the issue.\n"
    assert (2, told) == (lost.returncode, lost.stderr)


def test_an_answer_to_another_question(ready: Path, run: Run) -> None:
    """Another count than --expect says is refused with the right one, and so is a time the outbox cannot keep."""
    done = run(*SEND, "--expect", "3")
    told = "Not sent: 2 would get it, not 3.\n  If that is right, give the command again with the right number.\n"
    assert (6, told) == (done.returncode, done.stderr)
    late = run(*SEND, "--at", "2026-01-05 09:00")
    assert (6, "Not sent: outbox cannot send it later.") == (
        late.returncode,
        late.stderr.splitlines()[0],
    )
    assert not (ready / OUTBOX).exists()
    assert 0 == run(*SEND, "--expect", "2").returncode


LISTS = "lists:\n  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}\n"


@pytest.mark.parametrize(
    ("settings", "code", "told"),
    [
        ("lists:\n  practitoners: {file: lists/practitioners.csv}\n", 2, 'error: there is no list "practitioners"'),
        ("lists: {}\n", 2, 'error: there is no list "practitioners"'),
        ("lists:\n  practitioners: {title: X}\n", 1, 'error: the list "practitioners" has no recipients'),
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
    ids=["misspelt", "none", "nobody", "no such file", "a folder", "outside", "provider", "setting", "list setting"],
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


@posix
@pytest.mark.parametrize("typed", [b"2\n", b"  2 \n"])
def test_the_right_count(typed: bytes, ready: Path) -> None:
    """Typing the count sends, below a bar that ends at all of them."""
    code, shown = talk(ready, *SEND[:3], typed=typed)
    assert (0, 2, True) == (code, len(mails(ready)), QUESTION in shown)
    assert re.search(r"Sending  \[#{30}\]  2 of 2  [\d,]+/s  0s left|Sending  \[#{30}\]  100%  2 of 2", shown), shown
    assert "Rehearsed for Practitioners" in shown


@posix
@pytest.mark.parametrize("typed", [b"3\n", b"\n", b"y\n", b"22\n", b"2 2\n", "२\n".encode(), b"\xff\n"])
def test_another_answer(typed: bytes, ready: Path) -> None:
    """Anything but the count sends nothing, and is refused."""
    code, shown = talk(ready, *SEND[:3], typed=typed)
    told = "Not sent: 2 was not typed.\n  Give the same command again when you are ready.\n"
    assert (6, True, False) == (code, shown.endswith(told), (ready / OUTBOX).exists()), shown


@posix
def test_an_issue_edited_at_the_question(ready: Path, write_issue: Callable[..., Path]) -> None:
    """What goes out is what was shown: an issue that changes while the count is typed is refused."""
    code, shown = talk(
        ready,
        *SEND[:3],
        typed=b"2\n",
        meanwhile=lambda: write_issue(ISSUE.replace("Some words.", "Other words.")),
    )
    told = "Not sent: the issue has changed since it was shown.\n  Give the same command to see it again.\n"
    assert (6, True, False) == (code, shown.endswith(told), (ready / OUTBOX).exists()), shown


@posix
def test_the_end_of_input(ready: Path) -> None:
    """Ctrl-D instead of an answer is a refusal, on a line of its own."""
    code, shown = talk(ready, *SEND[:3], typed=b"\x04")
    assert (6, f"{QUESTION}\nNot sent: 2 was not typed.") == (code, shown[shown.index(QUESTION) :].rsplit("\n", 2)[0])


@posix
@pytest.mark.parametrize("sent", [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")])
def test_stopped_at_the_question(sent: signal.Signals, ready: Path) -> None:
    """Ctrl-C at the question, or a request to end, stops with 130, and nothing is sent."""
    code, shown = talk(ready, *SEND[:3], typed=sent)
    assert (130, True, False) == (code, shown.rstrip().endswith("\nStopped."), (ready / OUTBOX).exists()), shown
