"""Approvals: who stands for which bytes, what voids one, and what does not."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import program
import pytest
from conftest import ROOT

from newsletter.approvals import Approval, approve, approved_digest, read_approval, refuse_unapproved
from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.errors import ConfigError, RefusedError, UsageError
from newsletter.templates import copy_template, template_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither these pipes nor these links")

NOW = datetime(2026, 7, 6, 8, 4, 30, 999, tzinfo=UTC)
ISSUE = """\
    preheader: What changed in the procedures this winter
    sections:
      - type: article
        title: News of January
        body: The words of January.
        image: {src: images/logo.png, alt: A logo}
      - type: diary
        title: Dates for your diary
        dates:
          - Tuesday 10 February 2026 - Safer Internet Day
    check-ignore: [N102]  # the date is over, whenever the tests run
    """
SETTINGS = """\
    title: Practitioner newsletter
    organisation: Example Partnership
    from: Practitioner newsletter <newsletter@example.org>
    reply_to: office@example.org
    postal_address: Example House, 1 Example Street
    unsubscribe_url: https://example.org/leave
    theme: {accent: "#1d70b8"}
    greeting: Hello {first_name},
    approval: true
    lists:
      practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Test}
      schools: {title: Schools, file: lists/schools.csv}
    """
PRACTITIONERS, SCHOOLS = (f"{line.strip()}\n" for line in SETTINGS.splitlines()[-3:-1])


def run(
    *arguments: str, cwd: Path, python: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run the program as a user does; return its exit code and what it said on stdout and stderr."""
    options = {"env": os.environ | environment} if environment else {}
    done = program.run(*arguments, cwd=cwd, program=[sys.executable, *python, "-m", "newsletter"], **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace that wants approvals, with an issue that shows a picture, and another issue."""
    shutil.copytree(ROOT / "images", workspace / "images")
    (workspace / "newsletter.yaml").write_text(dedent(SETTINGS), "utf-8")
    write_issue(ISSUE)
    write_issue(ISSUE.replace("January", "December"), "2025-12")
    copy_template(workspace, "footer.html")
    return workspace


def approved(root: Path, *, by: str = "Amina Khan", now: datetime = NOW) -> Approval:
    """Approve the issue in *root* as it is now."""
    workspace = open_workspace(root)
    return approve(workspace, build(workspace, "2026-01"), by, now)


def refusal(root: Path) -> tuple[str, str] | None:
    """Return message and hint with which a send is refused now, or None when it is not."""
    workspace = open_workspace(root)
    try:
        refuse_unapproved(workspace, build(workspace, "2026-01"))
    except RefusedError as error:
        return error.message, error.hint
    return None


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Return the act of changing *old*, which stands in *file*, to *new*."""

    def change(root: Path) -> None:
        text = (root / file).read_text("utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new), "utf-8", newline="\n")

    return change


# What is written


def test_the_file(ready: Path) -> None:
    """The file holds issue, subject, digest, name and moment in the workspace's zone, keys sorted, each line ended."""
    approval = approved(ready)
    assert (
        "{\n"
        '  "by": "Amina Khan",\n'
        f'  "digest": "{approval.digest}",\n'
        '  "issue": "2026-01",\n'
        '  "subject": "January 2026 newsletter",\n'
        '  "when": "2026-07-06T09:04:30+01:00"\n'
        "}\n"
    ).encode() == (ready / "approvals/2026-01.json").read_bytes()
    assert [ready / "approvals/2026-01.json"] == list((ready / "approvals").iterdir())


def test_what_is_written_is_read(ready: Path) -> None:
    """A record is read as it was written, whatever letters and marks the name has, and the moment keeps its offset."""
    written = approved(ready, by='Zoë "Zo" O\\Brien')
    found = read_approval(ready, "2026-01")
    assert found == written
    assert ('Zoë "Zo" O\\Brien', timedelta(hours=1)) == (found.by, found.when.utcoffset())


def test_none_yet(ready: Path) -> None:
    """Without a file there is no approval, and the refusal says what to type."""
    assert read_approval(ready, "2026-01") is None
    told = "Not sent: January 2026 newsletter is not approved yet."
    assert (told, "Have it looked at, then:\nnewsletter approve 2026-01") == refusal(ready)


def test_the_same_again_changes_nothing(ready: Path) -> None:
    """The same person approving the same bytes later leaves the file as it is, to the moment it was written."""
    first = approved(ready)
    before = (ready / "approvals/2026-01.json").stat()
    assert first == approved(ready, now=NOW + timedelta(days=1))
    after = (ready / "approvals/2026-01.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("by", ["Ben Okoro", "Amina Khan"])
def test_a_new_approval_replaces(by: str, ready: Path) -> None:
    """Another person's approval, or one of changed bytes, takes the place of the earlier one."""
    approved(ready)
    if by == "Amina Khan":
        changed("issues/2026-01.yaml", "The words", "New words")(ready)
    later = approved(ready, by=by, now=NOW + timedelta(days=1))
    assert (by, NOW.replace(microsecond=0) + timedelta(days=1)) == (later.by, later.when)
    assert (later, None) == (read_approval(ready, "2026-01"), refusal(ready))


@pytest.mark.parametrize(
    "by", ["", "  ", "Amina\nKhan", "Amina \x1b[31mKhan", "Amina \u202eKhan", "amina@example.org", "x" * 201]
)
def test_what_is_no_name(by: str, ready: Path) -> None:
    """What is no name on one line approves nothing; an address is none, for the file goes to everybody."""
    with pytest.raises(UsageError) as caught:
        approved(ready, by=by)
    hint = 'Give a name and no address, as in --by "Sam Sample".'
    assert ("this is not a name to approve with", hint) == (caught.value.message, caught.value.hint)
    assert not (ready / "approvals").exists()


# What voids it

VOIDING: dict[str, Callable[[Path], object]] = {
    "a word of the issue": changed("issues/2026-01.yaml", "The words of", "The word of"),
    "its preheader": changed("issues/2026-01.yaml", "What changed", "What will change"),
    "its subject": changed("issues/2026-01.yaml", "preheader:", "subject: January news\npreheader:"),
    "a picture's text": changed("issues/2026-01.yaml", "A logo", "The logo"),
    "a template": changed("templates/footer.html", "{{ postal_address }}", "At {{ postal_address }}"),
    "a template of one's own": lambda root: (root / "templates/styles.css").write_text("p { color: #111111 }\n"),
    "a picture": lambda root: repaint(root / "images/logo.png"),
    "the accent": changed("newsletter.yaml", "#1d70b8", "#1d70b9"),
    "the sender's name": changed("newsletter.yaml", "from: Practitioner", "from: Our"),
    "the sender's address": changed("newsletter.yaml", "<newsletter@", "<news@"),
    "where answers go": changed("newsletter.yaml", "reply_to: office@", "reply_to: desk@"),
    "the greeting": changed("newsletter.yaml", "Hello {first", "Dear {first"),
    "no greeting": changed("newsletter.yaml", "greeting: Hello {first_name},\n", ""),
    "a list's title": changed("newsletter.yaml", "title: Practitioners,", "title: Professionals,"),
    "another list's title": changed("newsletter.yaml", "title: Schools", "title: Our schools"),
    "a list's name": changed("newsletter.yaml", "schools: {", "school: {"),
    "one more list": changed("newsletter.yaml", "lists:\n", "lists:\n  partners: {file: lists/partners.csv}\n"),
    "the organisation": changed("newsletter.yaml", "Example Partnership", "Sample Partnership"),
    "the postal address": changed("newsletter.yaml", "1 Example Street", "2 Example Street"),
    "the title": changed("newsletter.yaml", "title: Practitioner newsletter", "title: Practitioner news"),
    "the page to leave by": changed("newsletter.yaml", "example.org/leave", "example.org/go"),
    "no page to leave by": changed("newsletter.yaml", "unsubscribe_url: https://example.org/leave\n", ""),
    "a hosted archive": changed("newsletter.yaml", "greeting:", "archive_url: https://example.org/web/\ngreeting:"),
}


def repaint(picture: Path) -> None:
    """Change a picture in what is no longer the picture, but a byte behind it."""
    picture.write_bytes(picture.read_bytes() + b"\0")


@pytest.mark.parametrize("change", list(VOIDING.values()), ids=list(VOIDING))
def test_a_change_voids_it(change: Callable[[Path], object], ready: Path) -> None:
    """Whatever changes what some reader gets voids the approval: it says by whom and when, and what to type."""
    approved(ready)
    assert refusal(ready) is None
    change(ready)
    told = refusal(ready)
    assert told is not None
    assert [
        "was approved by Amina Khan on Monday 6 July 2026, but what readers would get has changed since."
    ] == re.findall("was approved .*", told[0])
    assert "Have it looked at, then:\nnewsletter approve 2026-01" == told[1]


def test_undone_it_stands_again(ready: Path) -> None:
    """A change that is taken back leaves the approved bytes, so they are approved."""
    approved(ready)
    changed("issues/2026-01.yaml", "The words", "Other words")(ready)
    assert refusal(ready) is not None
    changed("issues/2026-01.yaml", "Other words", "The words")(ready)
    assert refusal(ready) is None


def test_a_hosted_picture_counts_too(ready: Path) -> None:
    """A picture that the email only links to voids the approval like one that travels inside it."""
    VOIDING["a hosted archive"](ready)
    approved(ready)
    VOIDING["a picture"](ready)
    assert refusal(ready) is not None


def test_without_a_list(ready: Path) -> None:
    """Where there is no list yet, an approval is of the issue's bytes all the same."""
    changed("newsletter.yaml", f"lists:\n  {PRACTITIONERS}  {SCHOOLS}", "")(ready)
    approved(ready)
    assert refusal(ready) is None
    VOIDING["a word of the issue"](ready)
    assert refusal(ready) is not None


def test_of_another_issue(ready: Path) -> None:
    """An approval that was copied from another issue approves nothing."""
    approved(ready)
    shutil.copy(ready / "approvals/2026-01.json", ready / "approvals/2025-12.json")
    with pytest.raises(ConfigError, match=r"^approvals/2025-12\.json is not what newsletter approve 2025-12 wrote"):
        read_approval(ready, "2025-12")


# What does not


def as_windows_has_it(*names: str) -> Callable[[Path], None]:
    """Return the act of giving files the line ends of a Windows checkout."""

    def change(root: Path) -> None:
        for name in names:
            data = (root / name).read_bytes()
            assert b"\r" not in data
            (root / name).write_bytes(data.replace(b"\n", b"\r\n"))

    return change


def all_templates_as_windows_has_them(root: Path) -> None:
    """Copy all templates, with the line ends of a Windows checkout."""
    for name in template_names():
        (root / "templates" / name).unlink(missing_ok=True)
        as_windows_has_it(copy_template(root, name).relative_to(root).as_posix())(root)


HARMLESS: dict[str, Callable[[Path], object]] = {
    "CRLF in the issue": as_windows_has_it("issues/2026-01.yaml"),
    "CRLF in the settings": as_windows_has_it("newsletter.yaml"),
    "CRLF in all templates": all_templates_as_windows_has_them,
    "CRLF in the approval": as_windows_has_it("approvals/2026-01.json"),
    "no cache": lambda root: shutil.rmtree(root / ".newsletter"),
    "a cache elsewhere": lambda root: (root / ".newsletter").rename(root / "state"),
    "another issue": changed("issues/2025-12.yaml", "The words", "Other words"),
    "one issue more": lambda root: shutil.copy(root / "issues/2025-12.yaml", root / "issues/2026-02.yaml"),
    "a comment in the issue": changed("issues/2026-01.yaml", "sections:", "# three of them\nsections:"),
    "a comment in the settings": changed("newsletter.yaml", "lists:", "# to whom\nlists:"),
    "quotes in the settings": changed("newsletter.yaml", "office@example.org", '"office@example.org"'),
    "the order of the lists": changed(
        "newsletter.yaml", f"{PRACTITIONERS}  {SCHOOLS}", f"{SCHOOLS}  {PRACTITIONERS}"
    ),
    "a provider": changed("newsletter.yaml", "greeting:", "provider: outbox\ngreeting:"),
    "the people": lambda root: (root / "lists/practitioners.csv").write_text("email\ncara@example.org\n", "utf-8"),
    "a picture that is not shown": lambda root: (root / "images/other.png").write_bytes(b"anything"),
    "an approval of another issue": lambda root: (root / "approvals/2025-12.json").write_bytes(b"broken"),
}  # fmt: skip


@pytest.mark.parametrize("change", list(HARMLESS.values()), ids=list(HARMLESS))
def test_what_no_reader_gets_leaves_it_standing(change: Callable[[Path], object], ready: Path) -> None:
    """What changes nothing that a reader gets leaves the approval standing."""
    approved(ready)
    change(ready)
    assert refusal(ready) is None


def test_another_day(ready: Path) -> None:
    """The approved bytes are the same whatever day it is."""
    workspace = open_workspace(ready)
    days = [datetime(year, month, 1, tzinfo=UTC).date() for year, month in ((2025, 12), (2026, 2), (2031, 6))]
    digests = {approved_digest(build(workspace, "2026-01", on=day).edition, workspace) for day in days}
    assert {approved(ready).digest} == digests


@pytest.mark.parametrize(
    ("python", "environment"),
    [((), {"PYTHONHASHSEED": "1"}), ((), {"PYTHONHASHSEED": "4242"}), (("-O",), {}), ((), {"TZ": "Asia/Tokyo"})],
    ids=["seed 1", "seed 4242", "-O", "another zone"],
)
def test_another_process(python: tuple[str, ...], environment: dict[str, str], ready: Path) -> None:
    """However Python is started, the approved bytes are the same."""
    here = approved(ready)
    code, said, _ = run(
        "approve", "2026-01", "--by", here.by, "--json", cwd=ready, python=python, environment=environment
    )
    assert (0, here.digest, here.when.isoformat()) == (code, json.loads(said)["digest"], json.loads(said)["when"])


def test_another_checkout(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In another folder, as on a colleague's computer, the approval stands."""
    approved(ready)
    copy = tmp_path_factory.mktemp("a colleague's") / "copy"
    shutil.copytree(ready, copy, ignore=shutil.ignore_patterns(".newsletter"))
    assert refusal(copy) is None


# What is no approval

BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no JSON": lambda _: b"approved",
    "no group of keys": lambda _: b'["2026-01"]',
    "no text": lambda data: data.replace(b'"Amina Khan"', b"true"),
    "a key less": lambda data: re.sub(rb'  "by".*\n', b"", data),
    "a key more": lambda data: data.replace(b"{\n", b'{\n  "also": "this",\n'),
    "a key twice": lambda data: data.replace(b"{\n", b'{\n  "by": "Ben Okoro",\n'),
    "half of it": lambda data: data[: len(data) // 2],
    "more behind it": lambda data: data + b"{}",
    "marks of a merge": lambda data: b"<<<<<<< HEAD\n" + data,
    "half a digest": lambda data: re.sub(rb'(?<="digest": ").{32}', b"", data),
    "no moment": lambda data: data.replace(b"2026-07-06T", b"2026-13-06T"),
    "no zone": lambda data: data.replace(b"+01:00", b""),
    "no name": lambda data: data.replace(b"Amina Khan", b" "),
    "a name of two lines": lambda data: data.replace(b"Amina Khan", rb"Amina\nKhan"),
    "not UTF-8": lambda data: data.replace(b"Amina", b"\xff\xfe"),
    "half a character": lambda data: data.replace(b"Amina Khan", rb"Amina \ud800"),
    "nested deep": lambda _: b"[" * 4000,
    "far too long": lambda data: data + b" " * 10_000_000,
}


def broken(root: Path) -> tuple[str, str]:
    """Return what is said of the approval in *root*, once read and once written."""
    with pytest.raises(ConfigError) as read:
        refusal(root)
    with pytest.raises(ConfigError) as written:
        approved(root)
    assert read.value.message == written.value.message
    return read.value.message, read.value.hint


HINT = "Remove that file, look at the issue again, then: newsletter approve 2026-01"


@pytest.mark.parametrize("damage", list(BROKEN.values()), ids=list(BROKEN))
def test_a_broken_file_approves_nothing(damage: Callable[[bytes], bytes], ready: Path) -> None:
    """A file that is not what was written is named, is no approval, and is never written over."""
    approved(ready)
    path = ready / "approvals/2026-01.json"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    message = "approvals/2026-01.json is not what newsletter approve 2026-01 wrote there, so it approves nothing"
    assert ((message, HINT), damaged) == (broken(ready), path.read_bytes())


def test_a_folder_of_that_name(ready: Path) -> None:
    """A folder where the file should be is told as such."""
    (ready / "approvals/2026-01.json").mkdir(parents=True)
    assert ("approvals/2026-01.json is not an ordinary file, so it approves nothing", HINT) == broken(ready)


@posix
def test_a_pipe(ready: Path) -> None:
    """A pipe is not read, for it might never end."""
    (ready / "approvals").mkdir()
    os.mkfifo(ready / "approvals/2026-01.json")
    assert ("approvals/2026-01.json is not an ordinary file, so it approves nothing", HINT) == broken(ready)


@posix
@pytest.mark.parametrize("link", ["approvals", "approvals/2026-01.json"])
def test_a_link_outside(link: str, ready: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is read or written through a link that leads out of the workspace."""
    approved(ready)
    (ready / link).rename(tmp_path_factory.mktemp("outside") / "target")
    target = next((tmp_path_factory.getbasetemp()).glob("outside*/target"))
    (ready / link).symlink_to(target)
    told = "approvals/2026-01.json is a link that leads out of this workspace, so it approves nothing"
    assert (told, HINT) == broken(ready)


# The command


def today() -> str:
    """Return today as the command says it."""
    from newsletter.dates import format_day  # noqa: PLC0415

    return format_day(datetime.now(ZoneInfo("Europe/London")).date())


def test_the_command(ready: Path) -> None:
    """``approve`` says what is approved and by whom, and ends with what to type next."""
    code, said, then = run("approve", "--by", "Amina Khan", cwd=ready)
    approval = read_approval(ready, "2026-01")
    assert approval is not None
    assert (
        "January 2026 newsletter\n"
        "  Contents   News of January; Dates for your diary\n"
        f"  Digest     {approval.digest[:12]}\n"
        "  Checked    no errors\n"
        f"Approved by Amina Khan on {today()}: approvals/2026-01.json\n"
    ) == said
    assert ('Next: keep it with the issue\n  git add approvals\n  git commit -m "Approve 2026-01"\n') == then
    assert (0, None) == (code, refusal(ready))


def test_with_one_list_the_send_is_next(ready: Path) -> None:
    """With one list there is no doubt to whom, so the command to send it is shown; from below, git is told where."""
    changed("newsletter.yaml", f"  {SCHOOLS}", "")(ready)
    _, _, then = run("approve", "2026-01", "--by", "Amina Khan", cwd=ready / "issues")
    assert (
        "Next: keep it with the issue, then send it\n"
        f"  git add {(ready / 'approvals').as_posix()}\n"
        '  git commit -m "Approve 2026-01"\n'
        "  newsletter send 2026-01 --list practitioners\n"
    ) == then


def test_approved_already(ready: Path) -> None:
    """The second time the command says that nothing was changed; another's approval it says it replaces."""
    run("approve", "--by", "Amina Khan", cwd=ready)
    _, again, _ = run("approve", "--by", "Amina Khan", cwd=ready)
    _, other, _ = run("approve", "--by", "Ben Okoro", cwd=ready)
    assert f"It was approved by Amina Khan on {today()}. Nothing was changed.\n" == again.partition("no errors\n")[2]
    assert (
        f"Approved by Ben Okoro on {today()}: approvals/2026-01.json\n"
        f"That replaces the approval by Amina Khan on {today()}.\n"
    ) == other.partition("no errors\n")[2]


def test_as_json(ready: Path) -> None:
    """``--json`` prints one object on stdout, and findings on stderr."""
    changed("issues/2026-01.yaml", "preheader: What changed in the procedures this winter\n", "")(ready)
    code, said, told = run("approve", "--by", "Amina Khan", "--json", cwd=ready)
    approval = read_approval(ready, "2026-01")
    assert approval is not None
    expected: dict[str, Any] = {
        "issue": "2026-01", "subject": "January 2026 newsletter",
        "contents": ["News of January", "Dates for your diary"], "digest": approval.digest, "by": "Amina Khan",
        "when": approval.when.isoformat(), "file": "approvals/2026-01.json",
    }  # fmt: skip
    assert (0, expected, True) == (code, json.loads(said), "issues/2026-01.yaml:1:1: warning" in told)


def test_errors_are_not_approved(ready: Path) -> None:
    """An issue with an error is not approved: the error is shown, and no file written."""
    changed("issues/2026-01.yaml", "The words", "Tuesday 11 February 2026 has the words")(ready)
    code, said, told = run("approve", "--by", "Amina Khan", cwd=ready)
    assert (
        "issues/2026-01.yaml:5:11: error N134: Tuesday 11 February 2026 is a Wednesday\n"
        == said.splitlines(keepends=True)[0]
    )
    expected = (
        "error: January 2026 newsletter has 1 error, so it cannot be approved\n"
        "  Mend what is said above, then give the same command again.\n"
    )
    assert (1, expected) == (code, told)
    assert not (ready / "approvals").exists()


def test_a_draft_is_not_approved(ready: Path) -> None:
    """A draft is not approved: the refusal says which line to delete, and no file is written."""
    changed("issues/2026-01.yaml", "preheader:", "draft: true\npreheader:")(ready)
    code, _, told = run("approve", "--by", "Amina Khan", cwd=ready)
    expected = (
        "error: January 2026 newsletter is still a draft, so it cannot be approved\n"
        "  When it is ready, delete the line draft: true from issues/2026-01.yaml.\n"
    )
    assert (6, expected) == (code, told)
    assert not (ready / "approvals").exists()


def test_git_knows_the_name(ready: Path) -> None:
    """Without ``--by`` it is whom git knows in this workspace, and the name is shown."""
    (ready / "gitconfig").write_text("[user]\n\tname = Zoë Sample\n", "utf-8")
    settings = {"GIT_CONFIG_GLOBAL": str(ready / "gitconfig"), "GIT_CEILING_DIRECTORIES": str(ready.parent)}
    if shutil.which("git") is None:
        pytest.skip("git is not on this machine")
    code, said, told = run("approve", cwd=ready, environment=settings)
    assert (0, f"Approved by Zoë Sample on {today()}: approvals/2026-01.json") == (code, said.splitlines()[-1])
    whence = "The name is git's user.name. To give another: newsletter approve 2026-01 --by NAME\n"
    assert (True, True) == (whence in told, whence not in run("approve", "--by", "Zoë Sample", cwd=ready)[2])


def test_without_git_the_login_name(ready: Path) -> None:
    """Without git it is the login name; one that is an address is not taken."""
    login = {"PATH": "", "LOGNAME": "amina", "USERNAME": "amina"}
    code, said, told = run("approve", cwd=ready, environment=login)
    assert (0, f"Approved by amina on {today()}: approvals/2026-01.json") == (code, said.splitlines()[-1])
    assert "The name is your login name. To give another: newsletter approve 2026-01 --by NAME\n" in told
    login = {"PATH": "", "LOGNAME": "amina@example.org", "USERNAME": "amina@example.org"}
    assert (
        2,
        'error: this is not a name to approve with\n  Give a name and no address, as in --by "Sam Sample".\n',
    ) == run("approve", cwd=ready, environment=login)[::2]
