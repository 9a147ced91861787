"""Archives to look at, each written once for all tests of a process, and read from then on."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from click.testing import CliRunner, Result
from conftest import NEWSLETTER_YAML
from mails import HOSTILE, lay_out
from sends import ISSUE

from newsletter.archive import write_archive
from newsletter.cli import cli
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.archive import Archive

    Write = Callable[..., Path]

HOST = "https://example.org/newsletter/"
_KEPT: list[TemporaryDirectory[str]] = []  # until the process ends


@cache
def own(*settings: str) -> Path:
    """Return the archive of this repository's own issues, with more *settings*. To be read, not changed."""
    root = _room()
    lay_out(root)
    with (root / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in settings)
    return publish(root)


@cache
def hostile() -> Path:
    """Return the hosted archive of the issue with the worst of words. To be read, not changed."""
    root = _room()
    lay_out(root, hostile=True)
    issue = root / f"issues/{HOSTILE}.yaml"
    issue.write_text(issue.read_text("utf-8").replace("draft: true\n", ""), "utf-8")
    return publish(root)


def hosted() -> Path:
    """Return the archive of this repository's own issues as one that has a place on the web."""
    return own(f"archive_url: {HOST}")


def update(root: Path) -> Archive:
    """Write the archive of the workspace *root* and return what became of it."""
    return write_archive(open_workspace(root), root / "archive")


def publish(root: Path) -> Path:
    """Write the archive of the workspace *root* and return its folder."""
    assert update(root).faulty == ()
    return root / "archive"


def pages(folder: Path) -> list[Path]:
    """Return the pages in *folder*."""
    return sorted(folder.glob("*.html"))


def parsed(page: Path) -> Any:
    """Return a page as lxml's tree."""
    return lxml.html.document_fromstring(page.read_bytes())


def text(element: Any) -> str:
    """Return the words in *element*, blanks as one."""
    return " ".join(element.text_content().split())


def _room() -> Path:
    _KEPT.append(TemporaryDirectory(prefix="archive-"))
    return Path(_KEPT[-1].name)


JANUARY = "2026-01"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an issue of December and one of January, and its archive. To be copied."""
    root = tmp_path_factory.mktemp("published")
    (root / "issues").mkdir()
    (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
    (root / "issues/2025-12.yaml").write_text(dedent(ISSUE.replace("January 2026", "December 2025")), "utf-8")
    (root / "issues/2026-01.yaml").write_text(dedent(ISSUE), "utf-8")
    publish(root)
    return root


@pytest.fixture
def two(published: Path, workspace: Path) -> Path:
    """A workspace with two issues and its archive."""
    shutil.copytree(published, workspace, dirs_exist_ok=True)
    return workspace


def run(root: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Give the command in the workspace *root*."""
    monkeypatch.chdir(root)
    return CliRunner().invoke(cli, ["archive", *arguments])


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder*, by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
