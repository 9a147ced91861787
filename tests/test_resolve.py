"""``newsletter resolve``: a person settles what the program cannot know, and nothing else."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest
from sends import ACCEPTED, PLANNED, REJECTED, SUBMITTING, UNKNOWN, Made, another_send, find, ledger_of, make, run, talk

from newsletter.records import State

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
AGE = re.compile(r", [\d,]+ days ago")
RESOLVE = ("resolve", "2026-01", "--list", "practitioners")
FATES = [
    ("amina@example.org", "Amina Khan", UNKNOWN, "the server hung up"),
    ("ben@example.org", "", UNKNOWN, "no answer"),
    ("cara@example.org", "Cara Dunne", ACCEPTED, ""),
    ("dee@example.org", "Dee Moss", REJECTED, "no such mailbox"),
]
SHOWN = """\
Issue 2026-01
  Issue      2026-01
  List       practitioners
  Through    smtp, smtp.example.org:587
  Unknown 2, handed over on Monday 5 January 2026 at 9:04am:
    {amina}: the server hung up
    {ben}: no answer
"""
MASKED = SHOWN.format(amina="a...@example.org", ben="b...@example.org")
CLEAR = SHOWN.format(amina="Amina Khan <amina@example.org>", ben="ben@example.org")
SEND = "Next: go on with the rest\n  newsletter send 2026-01 --list practitioners\n"
SETTLED = {
    "--sent": "Settled: 2 people, sent.\n  Planned 4  =  Accepted 3 + Rejected 1 + Skipped 0 + Unknown 0\n",
    "--not-sent": (
        "Settled: 2 people, not sent.\n  Planned 4  =  Accepted 1 + Rejected 1 + Skipped 0 + Unknown 0 + Waiting 2\n"
    ),
}
NEXT = {
    "--sent": (
        "Next: try the rejected again, once it is mended\n"
        "  newsletter send 2026-01 --list practitioners --retry-rejected\n"
    ),
    "--not-sent": SEND,
}


@pytest.fixture
def sent(workspace: Path) -> Path:
    """A workspace with a real send in which two are unknown."""
    path = workspace / "newsletter.yaml"
    path.write_text(f"{path.read_text('utf-8')}provider: smtp\n", "utf-8")
    make(workspace, Made(FATES))
    return workspace


def states(workspace: Path) -> dict[str, State]:
    """Where everybody of the send stands."""
    with ledger_of(workspace) as ledger:
        return {one.address.partition("@")[0]: one.state for one in ledger.people(find(workspace), *State)}


def same(text: str) -> str:
    """*text* without how long ago something was."""
    return AGE.sub("", text)


BEFORE = {"amina": UNKNOWN, "ben": UNKNOWN, "cara": ACCEPTED, "dee": REJECTED}


# --- settled ---


@pytest.mark.parametrize(("verdict", "state"), [("--sent", ACCEPTED), ("--not-sent", PLANNED)])
def test_settled_by_a_script(verdict: str, state: State, sent: Path) -> None:
    """With --yes it shows the evidence with its age, settles exactly the unknown, and notes that it was done (H7)."""
    code, out, err = run(sent, *RESOLVE, verdict, "--yes")
    assert (0, MASKED + SETTLED[verdict], NEXT[verdict]) == (code, same(out), err)
    assert re.search(r"Unknown 2, handed over on Monday 5 January 2026 at 9:04am, [\d,]+ days ago:\n", out)
    assert BEFORE | {"amina": state, "ben": state} == states(sent)
    with ledger_of(sent) as ledger:
        assert f" settled: {verdict.strip('-').replace('-', ' ')} 2 people" in ledger.audit(find(sent))[-1]


TYPE_NOT_SENT = "Type 2 to settle them as not sent, or Enter to stop: 2\n"


@posix
@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("--sent", "They are not written to again.\nType 2 to settle them as sent, or Enter to stop: 2\n"),
        (
            "--not-sent",
            "The next send writes to them: whoever has it after all gets it twice.\n" + TYPE_NOT_SENT,
        ),
    ],
)
def test_settled_by_typing_the_count(verdict: str, told: str, sent: Path) -> None:
    """On a terminal people are shown in full, it is said what will follow, and the count is typed."""
    code, shown = talk(sent, *RESOLVE, verdict, typed=b"2\n")
    assert (0, CLEAR + told + SETTLED[verdict] + NEXT[verdict]) == (code, same(shown))


@pytest.mark.parametrize("address", ["amina@example.org", " AMINA@EXAMPLE.ORG"])
def test_one_person(address: str, sent: Path) -> None:
    """--address settles that person alone, however the address is written; the others are still to be settled."""
    code, out, err = run(sent, *RESOLVE, "--address", address, "--sent", "--yes")
    told = "Settled: 1 person, sent.\n  Planned 4  =  Accepted 2 + Rejected 1 + Skipped 0 + Unknown 1\n"
    shown = "".join(line for line in MASKED.splitlines(keepends=True) if "no answer" not in line)
    then = "Next: settle the 1 unknown\n  newsletter resolve 2026-01 --list practitioners\n"
    assert (0, shown.replace("Unknown 2", "Unknown 1") + told, then) == (code, same(out), err)
    assert BEFORE | {"amina": ACCEPTED} == states(sent)


def test_what_a_send_that_died_left(workspace: Path) -> None:
    """Who was being handed over when a send died is unknown, and can be settled without another send."""
    make(workspace, Made([(*fate[:2], SUBMITTING, "") for fate in FATES]))
    code, out, _ = run(workspace, *RESOLVE, "--sent", "--yes")
    assert (0, True, {ACCEPTED}) == (code, "a...@example.org: interrupted\n" in out, set(states(workspace).values()))


def test_another_edition(workspace: Path) -> None:
    """--edition settles that edition; the first stays as it is."""
    make(workspace, Made(FATES), Made(FATES, edition=2))
    assert 0 == run(workspace, *RESOLVE, "--edition", "2", "--sent", "--yes")[0]
    assert BEFORE == states(workspace)


def test_a_rehearsal_of_the_same_name(workspace: Path) -> None:
    """Where there was a rehearsal too, the real send is the one that is settled."""
    make(workspace, Made(FATES), Made(FATES, rehearsal=True, provider="outbox", account="outbox"))
    assert 0 == run(workspace, *RESOLVE, "--sent", "--yes")[0]
    assert BEFORE | {"amina": ACCEPTED, "ben": ACCEPTED} == states(workspace)


# --- only shown ---


def test_without_a_verdict(sent: Path) -> None:
    """Without --sent or --not-sent it shows the evidence, where to look, and both commands; nothing changes."""
    code, out, err = run(sent, *RESOLVE)
    told = (
        "error: nothing was settled: --sent or --not-sent is missing\n"
        "  Look in the records of smtp whether they have it.\n"
        "  --sent: they have it. They are not written to again.\n"
        "  newsletter resolve 2026-01 --list practitioners --sent\n"
        "  --not-sent: they do not. The next send writes to them: whoever has it after all gets it twice.\n"
        "  newsletter resolve 2026-01 --list practitioners --not-sent\n"
    )
    assert (2, MASKED, told, BEFORE) == (code, same(out), err, states(sent))


@posix
def test_what_was_corrected_since(sent: Path) -> None:
    """Nobody gets a send any more whose place a later edition has taken: no verdict promises that."""
    make(sent, Made(FATES[2:], edition=2))
    corrected = "Nobody gets this edition any more: edition 2 has taken its place."
    assert f"  --not-sent: they do not. {corrected}\n" in run(sent, *RESOLVE)[2]
    code, shown = talk(sent, *RESOLVE, "--not-sent", typed=b"2\n")
    assert (0, True, False) == (code, f"{corrected}\nType 2 to settle" in shown, "Next:" in shown), shown


# --- refused ---


@posix
@pytest.mark.parametrize("typed", [b"1\n", b"4\n", b"\n", b"y\n", b"22\n", b"\x04"])
def test_another_answer(typed: bytes, sent: Path) -> None:
    """Anything but the count, and the end of input, is refused, and nothing changes."""
    code, shown = talk(sent, *RESOLVE, "--not-sent", typed=typed)
    told = "\nNot settled: 2 was not typed.\n  Give the same command again when you are ready.\n"
    assert (6, True, BEFORE) == (code, shown.endswith(told), states(sent)), shown


@posix
def test_stopped_at_the_question(sent: Path) -> None:
    """Ctrl-C at the question stops with 130, and nothing changes."""
    code, shown = talk(sent, *RESOLVE, "--sent", typed=signal.SIGINT)
    assert (130, True, BEFORE) == (code, shown.rstrip().endswith("\nStopped."), states(sent)), shown


@pytest.mark.parametrize(("words", "end"), [((), ""), (("--address", "ben@example.org"), " --address ADDRESS")])
def test_nobody_to_ask(words: tuple[str, ...], end: str, sent: Path) -> None:
    """Without a terminal and --yes it is refused with the command to type, which tells no address."""
    code, _, err = run(sent, *RESOLVE, *words, "--not-sent")
    told = (
        "Not settled: there is nobody to type the count.\n  In a script, say so:\n"
        f"  newsletter resolve 2026-01 --list practitioners{end} --not-sent --yes\n"
    )
    assert (6, told, BEFORE) == (code, err, states(sent))


@pytest.mark.parametrize("rehearsal", [False, True], ids=["real", "rehearsal"])
@pytest.mark.parametrize("verdict", ["--sent", "--not-sent"])
def test_nobody_is_unknown(verdict: str, rehearsal: bool, workspace: Path) -> None:  # noqa: FBT001
    """What was accepted or rejected is settled already: nobody can say otherwise, and nobody is named (H6)."""
    make(workspace, Made(FATES[2:], rehearsal=rehearsal))
    told = (
        "Not settled: nobody in this send is unknown.\n"
        "  Only the unknown are settled. See who they are:\n  newsletter status 2026-01\n"
    )
    assert (6, "", told) == run(workspace, *RESOLVE, verdict, "--yes")


def test_somebody_who_is_not_unknown(sent: Path) -> None:
    """With somebody among the addresses who was accepted, or never written to, nobody is settled (H6)."""
    addresses = ("amina@example.org", "cara@example.org", "zoe@example.org")
    words = [word for address in addresses for word in ("--address", address)]
    told = (
        "Not settled: of the addresses given, 2 are not among the unknown.\n"
        "  Only the unknown are settled. See who they are:\n  newsletter status 2026-01\n"
    )
    assert (6, "", told, BEFORE) == (*run(sent, *RESOLVE, *words, "--not-sent", "--yes"), states(sent))


def test_while_a_send_is_running(sent: Path) -> None:
    """Who is being handed over belongs to the send that runs: nothing is settled meanwhile."""
    with another_send(sent):
        code, out, err = run(sent, *RESOLVE, "--sent", "--yes")
    assert (6, "", "Not done: another send is running in this workspace.") == (code, out, err.splitlines()[0])
    assert BEFORE == states(sent)


def test_nothing_was_sent(workspace: Path) -> None:
    """Where nothing was sent it is refused, and nothing is made."""
    assert (6, "", "Not settled: nothing was sent yet.\n") == run(workspace, *RESOLVE, "--sent", "--yes")
    assert not (workspace / ".newsletter").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("2026-01", "--list", "practitoners"), "2026-01 was never sent to practitoners\n  Did you mean"),
        (("2025-12", "--list", "practitioners"), "2025-12 was never sent to practitioners\n  See what was sent: "),
        ((*RESOLVE[1:], "--edition", "3"), "edition 3 of 2026-01 was never sent to practitioners\n"),
        ((*RESOLVE[1:], "--not-sent"), "--sent and --not-sent cannot both be so\n  Give one of them.\n"),
        ((*RESOLVE[1:], "--address", "amina"), "the address cannot be used: not an address\n"),
    ],
    ids=["list", "issue", "edition", "both", "address"],
)
def test_slips(arguments: tuple[str, ...], told: str, sent: Path) -> None:
    """What is not there, or cannot be meant, is a matter of usage, and nothing changes."""
    code, out, err = run(sent, "resolve", *arguments, "--sent", "--yes")
    assert (2, "", True, BEFORE) == (code, out, err.startswith(f"error: {told}"), states(sent)), err


@pytest.mark.parametrize("arguments", [("--list", "practitioners", "--sent"), ("2026-01", "--sent")])
def test_what_must_be_said(arguments: tuple[str, ...], sent: Path) -> None:
    """The issue and the list are always named, since nothing is settled by a guess: the commands that do are told."""
    make(sent, Made(FATES, edition=2), Made(FATES[2:], list_name="schools"))
    told = (
        "error: which send is to be settled? ISSUE and --list name it\n  Here somebody is unknown:\n"
        "  newsletter resolve 2026-01 --list practitioners --edition 2\n"
        "  newsletter resolve 2026-01 --list practitioners\n"
    )
    assert (2, "", told, BEFORE) == (*run(sent, "resolve", *arguments), states(sent))


def test_what_must_be_said_where_nothing_was_sent(workspace: Path) -> None:
    """With nothing to settle it says that, and makes no ledger."""
    told = "error: which send is to be settled? ISSUE and --list name it\n  Nobody is unknown in any send.\n"
    assert (2, "", told) == run(workspace, "resolve")
    assert not (workspace / ".newsletter").exists()
