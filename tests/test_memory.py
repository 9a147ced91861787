"""Remembering other issues: which they are, what is kept of them, and that nothing wrong with one stops another."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from newsletter import memory
from newsletter.build import build
from newsletter.config import open_workspace
from newsletter.load import load_issue
from newsletter.memory import recall
from newsletter.past import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.model import Issue
    from newsletter.past import Past

ISSUE = """\
    subject: A subject
    draft: true
    welcome: Hello
    sections:
      - type: article
        title: An article
        body: Some words LONG
      - type: training
        title: Training
        courses:
          - title: Family help
            book: https://example.org/book
            sessions:
              - 3 February 2026, 9am to 3.30pm
              - {date: Tuesday 10 February 2026, cancelled: true}
      - type: links
        title: Favourites
        links: [{text: A page, url: "https://example.org/page"}]
      - type: diary
        title: Diary
        dates: [3 to 8 February 2026 - Week]
""".replace("LONG", "and more " * 80)


@pytest.fixture(autouse=True)
def _forget() -> None:
    """Begin each test as a new process does."""
    memory._recall_file.cache_clear()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the issues that are read for others, in turn."""
    ids: list[str] = []

    def count(root: Path, issue: str, **given: Any) -> Issue:
        ids.append(issue)
        return load_issue(root, issue, **given)

    monkeypatch.setattr(memory, "load_issue", count)
    return ids


def again(workspace: Path, issue: str = "2026-01") -> tuple[tuple[Past, ...], tuple[str, ...]]:
    """Recall as a new process does."""
    memory._recall_file.cache_clear()
    return recall(open_workspace(workspace), issue)


def kept(workspace: Path) -> list[Path]:
    """Return the files of the cache."""
    return sorted((workspace / ".newsletter/cache/memory").glob("*"))


def test_what_an_issue_said_comes_back_whole(
    workspace: Path, write_issue: Callable[..., Path], reads: list[str]
) -> None:
    """What is read from the cache is equal to what was read from the issue, and the issue is read but once."""
    write_issue(ISSUE, "2025-12")
    first, unread = again(workspace)
    assert ((said(load_issue(workspace, "2025-12")),), ()) == (first, unread)
    assert (2, 1, 1, [2, 0], True) == (
        len(first[0].dates),
        len(first[0].news),
        len(kept(workspace)),
        [len(link.days) for link in first[0].kept],
        first[0].draft,
    )
    assert (first, ()) == again(workspace)
    assert ["2025-12"] == reads


def test_nothing_of_the_text_is_kept(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """The cache has titles, dates and links, and of the text a digest alone; it is for its owner alone."""
    write_issue(ISSUE, "2025-12")
    again(workspace)
    (path,) = kept(workspace)
    assert (True, False, False) == tuple(words in path.read_text("utf-8") for words in ("Week", "Some words", "Hello"))
    if os.name == "posix":
        assert (0o600, 0o700) == (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode))


@pytest.mark.parametrize("damage", ["", "{}", "hash\n{}", "\ufeff", "half"])
def test_a_damaged_cache_is_written_anew(
    workspace: Path, write_issue: Callable[..., Path], reads: list[str], damage: str
) -> None:
    """A file that is not whole counts as none, and is whole again afterwards."""
    write_issue(ISSUE, "2025-12")
    expected = again(workspace)
    (path,) = kept(workspace)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == "half" else damage.encode())
    assert (expected, whole, ["2025-12"] * 2) == (again(workspace), path.read_bytes(), reads)


@pytest.mark.parametrize("where", ["", "cache", "cache/memory"])
def test_a_cache_that_cannot_be_written_is_harmless(
    workspace: Path, write_issue: Callable[..., Path], where: str
) -> None:
    """Where a file stands in place of the folder, the issue is read each time."""
    write_issue(ISSUE, "2025-12")
    path = workspace / ".newsletter" / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way", "utf-8")
    assert (("2025-12",), ()) == (tuple(past.issue for past in again(workspace)[0]), again(workspace)[1])


def test_a_folder_in_place_of_a_kept_file_is_harmless(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """What cannot be replaced in the cache is left alone."""
    write_issue(ISSUE, "2025-12")
    expected = again(workspace)
    (path,) = kept(workspace)
    path.unlink()
    path.mkdir()
    assert (expected, True) == (again(workspace), path.is_dir())


def test_two_issues_of_the_same_bytes_are_two(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """A copied file is another issue, with places of its own and the subject of its own month."""
    for issue in ("2025-11", "2025-12"):
        write_issue(ISSUE.replace("    subject: A subject\n", ""), issue)
    expected = [
        (f"{month} 2025 newsletter", f"issues/2025-{n}.yaml") for month, n in (("November", 11), ("December", 12))
    ]
    for _ in range(2):
        assert expected == [(past.subject, past.events[0].place.file) for past in again(workspace)[0]]


def test_a_changed_issue_is_read_again(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """In one process too, as the preview is: what is remembered is the file as it is now."""
    write_issue(ISSUE, "2025-12")
    again(workspace)
    write_issue(ISSUE.replace("Week", "Month"), "2025-12")
    ((past,), _) = recall(open_workspace(workspace), "2026-01")
    assert past.events[-1].title == "Month"


def test_what_is_written_while_it_is_read_is_not_kept(
    workspace: Path, write_issue: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor who saves at that moment leaves no old name on new words in the cache."""
    write_issue(ISSUE, "2025-12")

    def save_and_load(root: Path, issue: str) -> Issue:
        write_issue(ISSUE.replace("Week", "Fortnight"), "2025-12")
        return load_issue(root, issue)

    monkeypatch.setattr(memory, "load_issue", save_and_load)
    again(workspace)
    assert [] == kept(workspace)


def test_neighbours_are_those_of_a_year(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """All issues within twelve months before and after, special editions too, but not the issue itself."""
    near = ["2025-01", "2025-12", "2026-01-extra", "2027-01"]
    for issue in ("2024-12", *near, "2026-01", "2027-02"):
        write_issue(ISSUE, issue)
    assert near == [past.issue for past in again(workspace)[0]]


@pytest.mark.parametrize(
    "fault",
    [
        b"sections: [",
        b"",
        b"\xff\xfes",
        b"subject: \xe9",
        b"title: x",
        b"a: " + b"[" * 100_000,
        b"x" * 600_000,
        b"sections:\n  - {type: article, title: A, body: B, image: {src: images/none.png, alt: ''}}\n",
    ],
    ids=["yaml", "empty", "utf-16", "latin-1", "key", "deep", "large", "picture"],
)
def test_an_issue_that_cannot_be_read_is_left_out(
    workspace: Path, write_issue: Callable[..., Path], reads: list[str], fault: bytes
) -> None:
    """Whatever its file holds, the others are recalled, it is named, and it is read once a process."""
    write_issue(ISSUE, "2025-11")
    (workspace / "issues/2025-12.yaml").write_bytes(fault)
    others, unread = again(workspace)
    assert (["2025-11"], ("issues/2025-12.yaml",)) == ([past.issue for past in others], unread)
    assert (others, unread) == recall(open_workspace(workspace), "2026-01")
    assert ["2025-11", "2025-12"] == reads


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "outside", "nowhere"])
def test_what_is_no_file_of_this_workspace_is_left_out(
    workspace: Path, write_issue: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    """A folder, a pipe that would never end and links that lead away stop nothing; the build says so in a note."""
    write_issue(ISSUE)
    path = workspace / "issues/2025-12.yaml"
    outside = tmp_path_factory.mktemp("outside") / "2025-12.yaml"
    outside.write_text("subject: Secret\nsections: []\n", "utf-8")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no pipes with names")
        os.mkfifo(path)
    else:
        path.symlink_to({"loop": path, "outside": outside, "nowhere": workspace / "none"}[kind])
    assert ((), ("issues/2025-12.yaml",)) == again(workspace)
    built = build(open_workspace(workspace), "2026-01")
    assert ["N116"] == [finding.code for finding in built.findings if finding.code == "N116"]


def test_no_error_of_another_issue_gets_through(
    workspace: Path, write_issue: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one that nobody thought of."""
    write_issue(ISSUE, "2025-12")

    def fail(root: Path, issue: str) -> Issue:
        raise RecursionError

    monkeypatch.setattr(memory, "load_issue", fail)
    assert ((), ("issues/2025-12.yaml",)) == again(workspace)


def test_each_issue_is_read_once(workspace: Path, write_issue: Callable[..., Path], reads: list[str]) -> None:
    """To recall the neighbours of thirty issues in one process reads thirty files."""
    issues = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 11)]
    for issue in issues:
        write_issue(ISSUE, issue)
    own = open_workspace(workspace)
    for issue in issues:
        recall(own, issue)
    assert issues == sorted(reads)
