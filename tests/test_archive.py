"""The web archive: what is in it, what is left out, and what happens to the folder it is written into."""

from __future__ import annotations

import json
import os
import re
import shutil
from textwrap import dedent
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from archives import hostile, own, pages, parsed, publish, text, update
from click.testing import CliRunner, Result
from conftest import NEWSLETTER_YAML
from mails import OWN, png
from sends import ISSUE, posix, reconfigure

from newsletter.archive.site import LIST
from newsletter.cli import cli
from newsletter.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

JANUARY = "2026-01"
PAGES = ("accessibility.html", "diary.html", "index.html", "search.html", "training.html")
LEAVE = "https://www.bbc.co.uk/weather"
BROKEN = """
    subject: February 2026 newsletter
    sections:
      - type: article
        title: News
        body: Call Sam on 07700 900123.
"""


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
