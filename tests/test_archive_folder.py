"""The web archive: what happens to the folder it is written into, and to what others put there."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import archives
import pytest
from archives import contents, parsed, publish, run, update
from mails import png
from sends import ISSUE, posix

from newsletter.archive.site import LIST
from newsletter.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

published, two = archives.published, archives.two

# The folder


def test_same_input_same_bytes(two: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same issues give the same files elsewhere, with a cache and without one."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(two, elsewhere, ignore=shutil.ignore_patterns(".newsletter", "archive"))
    expected = contents(two / "archive")
    assert expected == contents(publish(elsewhere))
    shutil.rmtree(elsewhere / "archive")
    assert expected == contents(publish(elsewhere))


def test_only_what_changed_is_touched(two: Path, write_issue: Write) -> None:
    """Twice the same writes nothing; a word in one issue rewrites its page and what lists it, and no other issue."""
    laid = update(two).laid
    assert laid
    assert ((), (), ()) == (laid.written, laid.removed, laid.left_alone)
    write_issue(ISSUE.replace("January 2026", "December 2025").replace("Some words", "Other words"), "2025-12")
    laid = update(two).laid
    assert laid
    assert {"2025-12.html", "search-index.js"} == set(laid.written)


def test_a_picture_that_changes_is_shown(ready: Path, write_issue: Write) -> None:
    """A picture that changes under the same name gets another name in the archive, and its page shows it."""
    (ready / "images").mkdir()
    write_issue(ISSUE.replace("body: Some words.", "body: Words\n        image: {src: images/a.png, alt: A hill}"))
    shown = []
    for width in (300, 400):
        (ready / "images/a.png").write_bytes(png(width, 100))
        (name,) = [path.name for path in publish(ready).glob("images/*")]
        (picture,) = parsed(ready / "archive/2026-01.html").iter("img")
        shown.append((picture.get("src"), picture.get("width")))
        assert shown[-1] == (f"images/{name}", str(width))
    assert 2 == len(set(shown))


def test_a_deleted_issue_goes(two: Path) -> None:
    """The page and the calendars of an issue that is deleted are removed, and nothing that others put there."""
    folder = two / "archive"
    (folder / "CNAME").write_text("example.org", "utf-8")
    (folder / "2025-11.html").write_text("not ours", "utf-8")
    (two / "issues/2025-12.yaml").unlink()
    laid = update(two).laid
    assert laid
    assert ("2025-12.html", "calendar/2025-12.days.ics", "calendar/2025-12.ics") == laid.removed[:3]
    assert ["example.org", "not ours"] == [(folder / name).read_text("utf-8") for name in ("CNAME", "2025-11.html")]


def test_a_page_that_somebody_changed_is_not_removed(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a deleted issue a page that is not as we left it stays, and that is said once."""
    page = two / "archive" / "2025-12.html"
    page.write_text("changed by hand", "utf-8")
    (two / "issues/2025-12.yaml").unlink()
    done = run(two, monkeypatch=monkeypatch)
    told = "archive/2025-12.html: left alone, since somebody changed it. Delete it yourself.\n"
    assert (0, 1, "changed by hand") == (done.exit_code, done.stderr.count(told), page.read_text("utf-8"))
    assert told not in run(two, monkeypatch=monkeypatch).stderr


def test_what_is_damaged_is_mended(two: Path) -> None:
    """A page of a living issue that was lost or changed is written anew."""
    folder = two / "archive"
    before = contents(folder)
    (folder / "index.html").unlink()
    (folder / "2026-01.html").write_text("half", "utf-8")
    laid = update(two).laid
    assert laid
    assert (before, {"2026-01.html", "index.html"}) == (contents(folder), set(laid.written))


def test_nothing_of_others_is_written_over(two: Path) -> None:
    """A file that is not ours and has the name of one of ours stays, and nothing at all is written."""
    shutil.rmtree(two / "archive")
    (two / "archive").mkdir()
    (two / "archive/index.html").write_text("mine", "utf-8")
    with pytest.raises(RefusedError, match=r"index\.html is not a file that newsletter wrote"):
        publish(two)
    assert {"index.html": b"mine"} == contents(two / "archive")


@posix
@pytest.mark.parametrize("name", ["calendar", "index.html"])
def test_no_link_leads_out(name: str, two: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Through a link nothing is written elsewhere, whether it leads to a folder or to a file."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "calendar").mkdir()
    (elsewhere / "index.html").write_text("mine", "utf-8")
    shutil.rmtree(two / "archive")
    (two / "archive").mkdir()
    (two / "archive" / name).symlink_to(elsewhere / name)
    with pytest.raises(RefusedError, match="leads out of that folder"):
        publish(two)
    assert {"index.html": b"mine"} == contents(elsewhere)
    assert [name] == [path.name for path in (two / "archive").iterdir()]


@posix
def test_a_link_among_our_names_is_not_followed(two: Path) -> None:
    """Where somebody put a link in the place of a page, neither writing nor removing follows it."""
    folder = two / "archive"
    mine = folder / "mine.txt"
    mine.write_text("mine", "utf-8")
    for name in ("2025-12.html", "index.html"):
        (folder / name).unlink()
        (folder / name).symlink_to("mine.txt")
    (two / "issues/2025-12.yaml").unlink()
    laid = update(two).laid
    assert laid
    assert ("mine", True, ("2025-12.html",)) == (
        mine.read_text("utf-8"),
        (folder / "2025-12.html").is_symlink(),
        laid.left_alone,
    )
    assert not (folder / "index.html").is_symlink()


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "calendar/../../secret.txt", ".git/config", "C:x"])
def test_a_forged_list_leads_nowhere(name: str, two: Path) -> None:
    """A list of our files that somebody edited removes nothing outside the folder."""
    folder = two / "archive"
    (two / "secret.txt").write_text("secret", "utf-8")
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # of "secret"
    told = json.loads((folder / LIST).read_bytes()) | {name: {"made of": "", "written": digest}}
    (folder / LIST).write_text(json.dumps(told), "utf-8")
    laid = update(two).laid
    assert laid
    assert ((), "secret") == (laid.removed, (two / "secret.txt").read_text("utf-8"))


@pytest.mark.parametrize("told", [b"", b"{", b"[]", b'{"index.html": 1}', b"\xff"])
def test_a_broken_list_is_no_list(told: bytes, two: Path) -> None:
    """When the list cannot be read, what is as it would be written is taken back in, and nothing is lost."""
    folder = two / "archive"
    before = contents(folder)
    (folder / LIST).write_bytes(told)
    publish(two)
    assert before == contents(folder)


def test_a_run_that_was_cut_can_go_on(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a run that ended halfway, the next one knows what was ours, even when the issue has changed since."""
    from newsletter.archive import site  # noqa: PLC0415

    count = iter(range(100))

    def cut(path: Path, data: bytes) -> None:
        if next(count) == 4:
            raise KeyboardInterrupt
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    shutil.rmtree(two / "archive")
    whole = site.__dict__["write_whole"]
    monkeypatch.setattr(site, "write_whole", cut)
    with pytest.raises(KeyboardInterrupt):
        publish(two)
    monkeypatch.setattr(site, "write_whole", whole)
    issue = two / "issues/2026-01.yaml"
    issue.write_text(issue.read_text("utf-8").replace("January 2026", "Winter"), "utf-8")
    assert "Winter newsletter" in (publish(two) / "index.html").read_text("utf-8")


def test_elsewhere(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--output writes into another folder, and says what to look at."""
    done = run(ready, "--output", "public/news", monkeypatch=monkeypatch)
    told = re.sub(r"\d+ files", "N files", done.stdout)
    assert (0, "public/news/: 1 issue, N files written.\n") == (done.exit_code, told)
    assert done.stderr.endswith("Next: look at it in a browser\n  public/news/index.html\n")
    assert not (ready / "archive").exists()
    again = run(ready, "--output", "public/news", monkeypatch=monkeypatch)
    assert "public/news/: 1 issue, nothing had changed.\n" == again.stdout
