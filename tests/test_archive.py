"""The web archive: what is in it, and what is left out."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import archives
import pytest
from archives import contents, hostile, own, pages, parsed, publish, run, text, update
from mails import OWN
from sends import reconfigure

from newsletter.archive.site import LIST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

published, two = archives.published, archives.two

PAGES = ("accessibility.html", "diary.html", "index.html", "search.html", "training.html")
LEAVE = "https://www.bbc.co.uk/weather"
BROKEN = """
    subject: February 2026 newsletter
    sections:
      - type: article
        title: News
        body: Call Sam on 07700 900123.
"""


# What is in it


def test_what_is_written() -> None:
    """There is a page an issue, one each for training, diary, search and accessibility, and what programs read."""
    folder = own()
    names = contents(folder).keys()
    assert sorted([*PAGES, *(f"{issue}.html" for issue in OWN)]) == [page.name for page in pages(folder)]
    assert {"feed.xml", "search-index.js", "search.js", "style.css", LIST} <= names
    assert {"calendar/all.ics", "calendar/2026-01.ics", "calendar/2026-01.days.ics"} <= names
    assert "sitemap.xml" not in names  # it could only name whole addresses


@pytest.mark.parametrize("archive", [own, hostile])
def test_every_link_leads_somewhere(archive: Callable[[], Path]) -> None:
    """Each link inside the archive is relative, and the file it leads to is there, with the place it names."""
    root = archive()
    for page in pages(root):
        for element, _, link, _ in parsed(page).iterlinks():
            if not (urlsplit(link).scheme or element.get("rel") == "canonical"):
                target = urlsplit(link)
                file = root / unquote(target.path) if target.path else page
                assert file.is_file(), f"{page.name}: {link}"
                assert not target.fragment or parsed(file).xpath("//*[@id=$id]", id=target.fragment), link


@pytest.mark.parametrize("archive", [own, hostile])
def test_nothing_is_loaded_from_elsewhere(archive: Callable[[], Path]) -> None:
    """A page loads only what lies beside it, runs no script inside it but one, and has no style in an attribute."""
    root = archive()
    for page in pages(root):
        tree = parsed(page)
        loaded = tree.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
        assert [] == [one for one in loaded if urlsplit(one).scheme or one.startswith("/")]
        inside = tree.xpath("//script[not(@src) and not(@type='application/ld+json')]")
        assert (1, []) == (len(inside), tree.xpath("//@style | //style | //*[@onclick or @onload]"))
        assert "default-src 'none'" in tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]


@pytest.mark.parametrize("archive", [own, hostile])
def test_pages_are_small_and_pictures_have_their_size(archive: Callable[[], Path]) -> None:
    """No page is over 60 KB, and each picture says how large it is, so that nothing jumps."""
    root = archive()
    for page in pages(root):
        assert page.stat().st_size <= 60 * 1024, page.name
        for picture in parsed(page).iter("img"):
            assert int(picture.get("width")) > 0 < int(picture.get("height"))
            assert re.fullmatch(r"images/[\w-]+\.[0-9a-f]{8}\.png", picture.get("src"))
            assert picture.get("alt") is not None


def test_quick_leave_is_on_every_page() -> None:
    """It comes first after the way past it, is there for those who hear the page, and stands at the foot once more."""
    folder = own()
    for page in pages(folder):
        links = parsed(page).xpath("//body//a")
        assert ["#main", LEAVE, LEAVE] == [link.get("href") for link in links[:3]]
        ways = [link for link in links if link.get("data-leave") is not None]
        assert ["Quick leave, to a different website", "Quick leave", "Quick leave"] == [text(link) for link in ways]
        assert ["nofollow noreferrer"] * 3 == [link.get("rel") for link in ways]
        assert "does not clear your browser history" in text(parsed(page).get_element_by_id("leave-note"))


def test_nothing_personal_and_no_way_to_unsubscribe() -> None:
    """A page has no greeting, no person of the lists, and no link that takes somebody off one."""
    folder = own()
    everything = "".join(page.read_text("utf-8") for page in pages(folder)).casefold()
    people = (folder.parent / "lists/practitioners.csv").read_text("utf-8").splitlines()[1:]
    words = ["unsubscribe", "hello ", "first_name", *(cell for row in people for cell in row.casefold().split(","))]
    assert [] == [word for word in words if word.strip('" ') and "@" in word and word in everything]
    assert [] == [word for word in words[:3] if word in everything]


def test_the_page_says_what_the_email_says() -> None:
    """January's page has its headings in order, its buttons, and each session with its way into a calendar."""
    folder = own()
    page = parsed(folder / "2026-01.html")
    headings = [(one.tag, text(one)) for one in page.iter("h1", "h2", "h3")]
    assert [("h1", "January 2026 newsletter"), ("h2", "In this issue")] == headings[:2]
    assert ("h3", "CSE hasn't gone away") in headings
    adding = [text(link) for link in page.xpath("//a[@class='add']")]
    assert "Add 3 February to your calendar" in adding
    assert (8, 8) == (len(adding), len(set(adding)))
    assert "Book your place on CSE hasn't gone away" in [text(link) for link in page.xpath("//a[@class='quiet']")]


def test_sessions_of_a_day_are_told_apart(ready: Path, write_issue: Write) -> None:
    """Where two courses share a day, the link to the calendar names the course, too."""
    write_issue("""
        sections:
          - type: training
            title: Training
            courses:
              - {title: Neglect, sessions: [{date: 3 March 2026, start: 9am}]}
              - {title: Family help, sessions: [{date: 3 March 2026, start: 1pm}, {date: 4 March 2026, start: 1pm}]}
    """)
    links = parsed(publish(ready) / "2026-01.html").xpath("//a[@class='add']")
    expected = [
        "Add 3 March to your calendar: Neglect",
        "Add 3 March to your calendar: Family help",
        "Add 4 March to your calendar",
    ]
    assert expected == [text(link) for link in links]


def test_what_is_to_come_is_gathered() -> None:
    """Training and diary have what is still to come, of all issues, each once and as the newest issue says."""
    folder = own()
    courses = [text(one) for one in parsed(folder / "training.html").xpath("//section[@class='card']/h2")]
    assert "Making sense of information sharing guidance" == courses[0]
    assert (5, 5) == (len(courses), len(set(courses)))
    undated = text(parsed(folder / "training.html").get_element_by_id("undated").getparent())
    assert "Book your place on Safeguarding children and young people refresher training" in undated
    rows = [text(one) for one in parsed(folder / "diary.html").xpath("//tr")]
    assert "Sunday 11 January 2026 National Human Trafficking Awareness Day Add 11 January to your calendar" == rows[0]
    assert 1 == sum("Sexual Abuse" in row for row in rows)


def test_what_is_said_of_a_session_is_gathered_with_it(ready: Path, write_issue: Write) -> None:
    """Whoever looks for training sees where it is and that it is full."""
    write_issue("""
        sections:
          - type: training
            title: Training
            courses:
              - title: Neglect
                sessions:
                  - {date: 3 March 2026, start: 9am, location: Town Hall, note: Fully booked}
                  - {date: 4 March 2026, start: 9am}
    """)
    rows = [text(row) for row in parsed(publish(ready) / "training.html").xpath("//ul[@class='sessions-list']/li")]
    first, second = rows
    assert first.startswith("Tuesday 3 March 2026, 9am Town Hall. Fully booked"), first
    assert second.startswith("Wednesday 4 March 2026, 9am Add"), second


def test_the_front_page_lists_all_issues() -> None:
    """The newest issue comes first, then all by year, the newest year first."""
    folder = own()
    page = parsed(folder / "index.html")
    assert "January 2026 newsletter" == text(page.get_element_by_id("newest"))
    assert ["2026", "2025", "2024"] == [text(one) for one in page.xpath("//div[@class='year']/h3")]
    links = page.xpath("//div[@class='year']//a/@href")
    assert [f"{issue}.html" for issue in sorted(OWN, reverse=True)] == links


def test_issues_are_chained() -> None:
    """At its end an issue leads to the one before it and the one after it."""
    folder = own()
    found = parsed(folder / "2025-12.html").xpath("//nav[@class='beside']//a/@href")
    assert ["2025-09-annual-report.html", "2026-01.html", "index.html#all"] == found


@pytest.mark.parametrize("given", [True, False])
def test_the_accessibility_statement(given: bool, ready: Path) -> None:  # noqa: FBT001
    """It names whom newsletter.yaml names; without that, where readers write to anyway."""
    if given:
        reconfigure(
            ready, "greeting:", "accessibility: {contact: 0113 496 0000, url: https://example.org/all}\ngreeting:"
        )
    page = parsed(publish(ready) / "accessibility.html")
    links = page.xpath("//main//a/@href")
    assert given == ("0113 496 0000" in text(page))
    assert ["index.html", "https://example.org/all" if given else "mailto:office@example.org"] == links


def test_noindex(ready: Path) -> None:
    """With noindex each page asks search engines to leave it out, and there is no site map; without it, neither."""
    reconfigure(ready, "greeting:", "archive_url: https://example.org/n/\ngreeting:")
    folder = publish(ready)
    assert (ready / "archive/sitemap.xml").is_file()
    assert [] == [page.name for page in pages(folder) if parsed(page).xpath("//meta[@name='robots']")]
    reconfigure(ready, "greeting:", "noindex: true\ngreeting:")
    publish(ready)
    assert not (ready / "archive/sitemap.xml").exists()
    assert [["noindex"]] * 6 == [parsed(page).xpath("//meta[@name='robots']/@content") for page in pages(folder)]


def test_a_template_of_the_workspace_wins(ready: Path) -> None:
    """As for emails, a template of one's own stands in for the packaged one, and is noticed at once."""
    publish(ready)
    (ready / "templates/archive/sections").mkdir(parents=True)
    (ready / "templates/archive/sections/article.html").write_text("<p>Our own way</p>", "utf-8")
    assert "Our own way" in (publish(ready) / "2026-01.html").read_text("utf-8")


# What is left out


def test_drafts_and_errors_are_left_out(ready: Path, write_issue: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft is left out and named; an issue with errors, too, with what is wrong and without what is personal."""
    write_issue("draft: true\nsections:\n  - {type: article, title: A, body: Secret words}\n", "2026-03")
    write_issue(BROKEN, "2026-02")
    done = run(ready, monkeypatch=monkeypatch)
    assert (1, 1) == (done.exit_code, done.stderr.count("Left out 2026-03: March 2026 newsletter is still a draft.\n"))
    assert "Left out 2026-02: issues/2026-02.yaml has errors.\n" in done.stderr
    assert "issues/2026-02.yaml:6:" in done.stderr
    assert "900123" not in done.output
    everything = b"".join(contents(ready / "archive").values())
    assert [] == [word for word in (b"900123", b"Secret", b"2026-02.html", b"2026-03.html") if word in everything]


def test_an_issue_that_becomes_faulty_is_taken_away(two: Path, write_issue: Write) -> None:
    """What was shown is not shown any longer when an error comes to light."""
    write_issue(BROKEN)
    assert ("2026-01.html", "calendar/2026-01.days.ics", "calendar/2026-01.ics") == update(two).laid.removed[:3]  # type: ignore[union-attr]
    assert not (two / "archive/2026-01.html").exists()


def test_an_unreadable_issue_stops_no_other(ready: Path, write_issue: Write) -> None:
    """A file that is no issue is left out and told; the others are shown."""
    write_issue("subject: [", "2025-12")
    done = update(ready)
    assert (["2026-01"], ["2025-12"]) == ([one.id for one in done.shown], [one.issue for one in done.faulty])


def test_without_an_issue_nothing_is_written(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing to show, it says so and makes no folder."""
    done = run(workspace, monkeypatch=monkeypatch)
    assert (1, "Nothing was written: there is no issue to show.\n") == (done.exit_code, done.stderr)
    assert not (workspace / "archive").exists()


# What was sent and is not there


def receipt(root: Path, issue: str) -> None:
    """Write the receipt of a send of *issue*."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from newsletter.receipts import Receipt, write_receipt  # noqa: PLC0415

    when = datetime(2026, 1, 5, 9, tzinfo=UTC)
    uid = f"uid-{issue}"
    write_receipt(
        root, Receipt(uid, issue, "practitioners", 1, "smtp", "me", "Subject", 2, "0" * 64, when, "desk", events=1)
    )


def test_check_names_what_is_missing(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--check writes nothing, and says which issues were sent and have no page."""
    receipt(two, "2026-01")
    receipt(two, "2025-11")
    shutil.move(two / "archive", two / "kept")
    done = run(two, "--check", monkeypatch=monkeypatch)
    expected = "2025-11: sent, but not in archive/.\n2026-01: sent, but not in archive/.\n"
    assert (1, expected, False) == (done.exit_code, done.stdout, (two / "archive").exists())
    shutil.move(two / "kept", two / "archive")
    done = run(two, "--check", monkeypatch=monkeypatch)
    assert (1, "2025-11: sent, but not in archive/.\n") == (done.exit_code, done.stdout)
    os.unlink(two / "sent/2025-11--practitioners.json")  # noqa: PTH108
    done = run(two, "--check", monkeypatch=monkeypatch)
    assert (0, "Every issue that was sent is in archive/.\n") == (done.exit_code, done.stdout)
    os.unlink(two / "sent/2026-01--practitioners.json")  # noqa: PTH108
    done = run(two, "--check", monkeypatch=monkeypatch)
    assert (0, "No issue has been sent yet. A rehearsal does not count.\n") == (done.exit_code, done.stdout)


def test_check_says_when_a_receipt_cannot_be_read(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt that is none is never taken for no send."""
    (ready / "sent").mkdir()
    (ready / "sent/2026-01--practitioners.json").write_text("{}", "utf-8")
    done = run(ready, "--check", monkeypatch=monkeypatch)
    assert (3, "") == (done.exit_code, done.stdout)
