"""Archives to look at, each written once for all tests of a process, and read from then on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import lxml.html
from mails import HOSTILE, lay_out

from newsletter.archive import write_archive
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from newsletter.archive import Archive

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
