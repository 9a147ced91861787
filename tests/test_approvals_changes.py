"""Approvals: which changes void one, and which do not."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import approving
import pytest
from approving import PRACTITIONERS, SCHOOLS, approved, changed, refusal, run

from newsletter.approvals import approved_digest, read_approval
from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.errors import ConfigError
from newsletter.templates import copy_template, template_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ready = approving.ready

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
