"""The ways into a calendar: links in the email where an archive is hosted, and the file that `build` writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from mails import HOSTILE, lay_out, mail, read, words

from newsletter.build import build, write
from newsletter.calendar import calendar_bytes, days_file
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mails import Mail

JANUARY = "2026-01"
ARCHIVE = "https://example.org/newsletter/"


def host(root: Path) -> None:
    """Give the workspace *root* an archive on the web."""
    with (root / "newsletter.yaml").open("a", encoding="utf-8") as file:
        file.write(f"archive_url: {ARCHIVE}\n")


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's own workspace, with an archive on the web. To be read, not changed."""
    root = tmp_path_factory.mktemp("hosted")
    lay_out(root)
    host(root)
    return root


@pytest.fixture(scope="module")
def january(hosted: Path) -> Mail:
    """January's email there."""
    return read(hosted, JANUARY)


def links(found: Mail) -> list[tuple[str, str]]:
    """Return the links of the HTML that lead to calendars: text and address."""
    return [(words(a), a.get("href")) for a in found.page.iter("a") if "/calendar/" in (a.get("href") or "")]


def lines(found: Mail) -> list[tuple[str, str]]:
    """Return the same of the plain text, where the label stands above the address."""
    pairs = re.findall(r"((?:^.+\n)+?)(https://\S+/calendar/\S+)$", found.text, re.MULTILINE)
    return [(re.search(r"Add .*", " ".join(label.split()))[0], url) for label, url in pairs]  # type: ignore[index]


def test_each_session_has_its_link(hosted: Path, january: Mail) -> None:
    """Below each session stands the link to its entry, and below the diary one to all its days, in HTML and text."""
    built = build(open_workspace(hosted), JANUARY)
    entries = {(entry.label, f"{ARCHIVE}{entry.file}") for entry in built.entries if entry.is_session}
    days = ("Add these diary dates to your calendar", f"{ARCHIVE}{days_file(JANUARY)}")
    found = links(january)
    assert found == lines(january)
    assert days == found[-1]
    assert len(found) == 9
    assert entries == set(found[:-1])


def test_each_link_stands_below_its_date(january: Mail) -> None:
    """Readers meet a date, then the way to keep it: the link names the day that stands above it."""
    shown = [words(p) for p in january.page.iter("p") if re.search("session|under", p.get("class") or "")]
    pairs = list(zip(shown[::2], shown[1::2], strict=True))
    assert 8 == len(pairs)
    days = [(re.findall(r"\d+ [A-Z][a-z]+", day)[0], re.findall(r"\d+ [A-Z][a-z]+", add)[0]) for day, add in pairs]
    assert [] == [pair for pair in days if pair[0] != pair[1]]


def test_the_checks_are_content(own_copy: Path, hosted: Path) -> None:
    """The finished mail with its links gives no finding that it had not without them."""
    without, found = (build(open_workspace(root), JANUARY).findings for root in (own_copy, hosted))
    assert without == found


def test_without_an_archive_there_is_nowhere_to_lead() -> None:
    """An email of a workspace without archive_url has neither links to calendars nor one to a browser's view."""
    found = mail(JANUARY)
    assert [] == re.findall(r"calendar|browser", (found.html + found.text).replace(found.issue.subject, ""))


def test_what_is_cancelled_is_offered_to_nobody() -> None:
    """A cancelled session has no link; the others of its course have."""
    texts = [text for text, _ in links(mail(HOSTILE)) if "<b>Course</b>" in text]
    assert ["Add 10 March", "Add 24 September"] == [text.partition(" to your")[0] for text in texts]


def test_one_day_in_the_diary(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """One day is "this", and not "these"."""
    host(workspace)
    write_issue("sections: [{type: diary, title: Diary, dates: [10 February 2026 - Safer Internet Day]}]\n")
    found = read(workspace, JANUARY)
    expected = [("Add this diary date to your calendar", f"{ARCHIVE}{days_file(JANUARY)}")]
    assert (expected, expected) == (links(found), lines(found))


def test_view_in_browser(january: Mail) -> None:
    """The page of the issue is offered at the top and in the footer, of HTML and text."""
    page = f"{ARCHIVE}{JANUARY}.html"
    expected = [("View this newsletter in your browser", page), ("Read this issue in a browser", page)]
    assert expected == [(words(a), a.get("href")) for a in january.page.iter("a") if "browser" in words(a)]
    assert expected == re.findall(rf"^(.*browser)\n({re.escape(page)})$", january.text, re.MULTILINE)


def test_build_writes_the_calendar(own_copy: Path) -> None:
    """calendar.ics holds all dates of the issue under its subject; an issue that has none any more loses it."""
    workspace = open_workspace(own_copy)
    built = build(workspace, JANUARY)
    folder = own_copy / "build" / JANUARY
    write(built, workspace, folder)
    expected = calendar_bytes(built.entries, zone=workspace.config.zone, title="January 2026 newsletter")
    assert expected == (folder / "calendar.ics").read_bytes()
    (own_copy / f"issues/{JANUARY}.yaml").write_text("sections: [{type: article, title: A, body: B}]\n", "utf-8")
    write(build(workspace, JANUARY), workspace, folder)
    assert not (folder / "calendar.ics").exists()


def test_an_own_template_may_link_too(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """The filter `calendar` gives any section's template the link of a date by its title; None where there is none."""
    host(workspace)
    (workspace / "templates/sections").mkdir(parents=True)
    loop = (
        "{% for entry in section.dates %}{{ (entry.what | calendar(entry.when)).text }}{{ 'x' | calendar(entry.when) }}"
    )
    (workspace / "templates/sections/diary.txt").write_text(f"{loop}{{% endfor %}}", "utf-8")
    write_issue("sections: [{type: diary, title: Diary, dates: [10 February 2026 - Safer Internet Day]}]\n")
    assert "Add 10 February to your calendar: Safer Internet DayNone\n" in read(workspace, JANUARY).text
