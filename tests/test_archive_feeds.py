"""What programs read of the archive: the feed, the site map, calendars, linked data and the search index."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import feedparser
import icalendar
import pytest
from archives import HOST, hosted, hostile, own, pages, parsed, publish, text
from mails import OWN
from sends import reconfigure

from newsletter.archive.printed import words_of
from newsletter.build import build
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

NEWEST_FIRST = sorted(OWN, reverse=True)


def feed(folder: Path) -> Any:
    """Return the feed in *folder* as a reader of feeds understands it."""
    found = feedparser.parse((folder / "feed.xml").read_bytes())
    assert not found.bozo
    return found


def linked(page: Path) -> list[dict[str, Any]]:
    """Return the linked data in *page*."""
    found = parsed(page).xpath("//script[@type='application/ld+json']/text()")
    return [one for script in found for one in json.loads(script)["@graph"]]


def index(folder: Path) -> dict[str, Any]:
    """Return the search index in *folder*."""
    told = re.fullmatch(r"window\.newsletterIndex = (.*);\n", (folder / "search-index.js").read_text("utf-8"))
    assert told
    found: dict[str, Any] = json.loads(told[1])
    return found


# The feed


def test_the_feed_has_every_issue() -> None:
    """A reader of feeds finds each issue once, the newest first, with its page as a whole address and what is in it."""
    found = feed(hosted())
    assert ("atom10", "Practitioner newsletter, Leeds Safeguarding Children Partnership") == (
        found.version,
        found.feed.title,
    )
    assert [f"{HOST}{issue}.html" for issue in NEWEST_FIRST] == [entry.link for entry in found.entries]
    first = found.entries[0]
    assert ("January 2026 newsletter", "2026-01-01T09:00:00Z") == (first.title, first.updated)
    assert f'href="{HOST}2026-01.html#section-2"' in first.content[0].value
    assert first.summary.startswith("Updated procedures")


def test_the_feed_names_itself() -> None:
    """The feed says where it stands, and has ids that do not depend on that."""
    found = feed(hosted())
    assert [f"{HOST}feed.xml"] == [link.href for link in found.feed.links if link.rel == "self"]
    ids = [found.feed.id, *(entry.id for entry in found.entries)]
    assert ids == [feed(own()).feed.id, *(entry.id for entry in feed(own()).entries)]
    assert "tag:example.org,2026:newsletter/2026-01" == ids[1]
    assert len(ids) == len(set(ids))


def test_a_feed_without_an_address_is_relative() -> None:
    """Where nobody said where the archive stands, the feed's links lead from itself on."""
    assert [f"{issue}.html" for issue in NEWEST_FIRST] == [entry.link for entry in feed(own()).entries]


def test_the_worst_words_break_no_feed() -> None:
    """Tags and ampersands in titles come out as they were written."""
    (entry,) = feed(hostile()).entries
    assert entry.title.startswith('<b>March</b> "2026"')
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; " in entry.content[0].value or "<b>" not in entry.content[0].value


def test_the_site_map() -> None:
    """It has every page, by its whole address."""
    found = [one.text for one in fromstring((hosted() / "sitemap.xml").read_bytes()).iter() if one.tag.endswith("loc")]  # noqa: S314
    assert sorted([HOST, *(f"{HOST}{page.name}" for page in pages(hosted()) if page.stem != "index")]) == sorted(
        str(one) for one in found
    )


def test_pages_say_where_they_stand() -> None:
    """With an address each page names its own; the front page is the folder itself."""
    for page in pages(hosted()):
        expected = HOST if page.stem == "index" else f"{HOST}{page.name}"
        assert [expected] == parsed(page).xpath("//link[@rel='canonical']/@href")


# Calendars


def test_emails_lead_to_calendars_that_are_there() -> None:
    """Every entry of every issue has its file, where the email's link leads; each issue and its days have theirs."""
    workspace = open_workspace(hosted().parent)
    for issue in OWN:
        built = build(workspace, issue)
        for entry in built.entries:
            (event,) = _events(hosted() / entry.file)
            assert entry.uid == str(event["UID"])
        if built.entries:
            uids = {entry.uid for entry in built.entries}
            assert uids == {str(event["UID"]) for event in _events(hosted() / f"calendar/{issue}.ics")}
            days = {entry.uid for entry in built.entries if not entry.is_session}
            assert days == {str(event["UID"]) for event in _events(hosted() / f"calendar/{issue}.days.ics")}


def test_the_calendar_of_all_has_what_is_to_come() -> None:
    """To subscribe to: everything from the newest issue's month on, of all issues, each once."""
    events = _events(own() / "calendar/all.ics")
    starts = [event["DTSTART"].dt for event in events]
    assert min(date(start.year, start.month, start.day) for start in starts) >= date(2026, 1, 1)
    assert len(events) == len({str(event["UID"]) for event in events}) == 8 + 5


def test_the_calendar_of_an_issue_is_that_of_its_email() -> None:
    """calendar/ISSUE.ics is byte for byte what `build` writes beside the email."""
    from newsletter.build import write  # noqa: PLC0415

    workspace = open_workspace(hosted().parent)
    write(build(workspace, "2026-01"), workspace, hosted().parent / "build")
    assert (hosted().parent / "build/calendar.ics").read_bytes() == (hosted() / "calendar/2026-01.ics").read_bytes()


def _events(path: Path) -> list[Any]:
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


# Linked data


def test_sessions_are_course_instances() -> None:
    """A session is a CourseInstance of its Course, with its start and end as moments, and where it is booked."""
    (found,) = [one for one in linked(own() / "2026-01.html") if one["name"] == "Introduction to family help"]
    instance = found["hasCourseInstance"]
    assert ("Course", "CourseInstance") == (found["@type"], instance["@type"])
    assert ("2026-02-24T10:00:00+00:00", "2026-02-24T11:30:00+00:00") == (instance["startDate"], instance["endDate"])
    assert "https://example.org/training/family-help" == instance["offers"]["url"]
    assert "https://schema.org/EventScheduled" == instance["eventStatus"]
    assert "Leeds Safeguarding Children Partnership" == instance["organizer"]["name"]


def test_days_to_know_are_events() -> None:
    """A range of days has its first and its last day, for whom the end is a day that belongs to it."""
    found = {one["name"]: one for one in linked(own() / "diary.html")}
    week = found["Sexual Abuse & Sexual Violence Week"]
    assert ("Event", "2026-02-03", "2026-02-08") == (week["@type"], week["startDate"], week["endDate"])
    assert "https://example.org/safer-internet-day" == found["Safer Internet Day"]["url"]


def test_cancelled_and_online() -> None:
    """A cancelled session says so; one that is online has no place, and one elsewhere has."""
    instances = [one["hasCourseInstance"] for one in linked(hostile() / "2026-03.html") if one["@type"] == "Course"]
    by_day = {one["startDate"][:10]: one for one in instances}
    assert "https://schema.org/EventCancelled" == by_day["2026-03-03"]["eventStatus"]
    assert "VirtualLocation" == by_day["2026-03-03"]["location"]["@type"]
    assert {"@type": "Place", "name": '<b>Room</b> "1" & 2'} == by_day["2026-03-10"]["location"]


def test_no_title_ends_its_script() -> None:
    """Whatever a title holds, the data's script element holds all of it."""
    for page in pages(hostile()):
        for script in parsed(page).xpath("//script[@type='application/ld+json']/text()"):
            assert "<" not in script


# Search


def test_the_index_knows_every_section() -> None:
    """Each section is a place, and the words of its text and title lead to it; addresses are no words."""
    found = index(own())
    assert [f"{issue}.html" for issue in NEWEST_FIRST] == [page for page, _ in found["issues"]]
    places = [found["places"][place] for place in found["words"]["lado"]]
    assert [0, 5, "Save to your favourites"] in places
    assert [] == [word for word in found["words"] if word.startswith("http")]
    anchors = {number for issue, number, _ in found["places"] if issue == 0}
    titles = parsed(own() / "2026-01.html").xpath("//section[starts-with(@id, 'section-')]")
    assert set(range(len(titles) + 1)) == anchors


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Children\u2019s CAF\u00c9", ("cafe", "childrens")),
        ("See https://example.org/x or mailto:a@example.org", ("or", "see")),
        ("Stra\u00dfe, na\u00efve_word 2026", ("2026", "naive", "strasse", "word")),
    ],
)
def test_words_are_folded(written: str, folded: tuple[str, ...]) -> None:
    """Words are found whatever their case, accents and apostrophes."""
    assert folded == words_of(written)


def test_a_standing_welcome_is_found_nowhere(ready: Path) -> None:
    """The welcome that opens every issue would be found in each: only an issue's own is in the index."""
    reconfigure(ready, "greeting:", "welcome: Hippopotamus\ngreeting:")
    assert "hippopotamus" not in index(publish(ready))["words"]
    assert "Hippopotamus" in text(parsed(ready / "archive/2026-01.html"))


def test_an_issue_of_one_more_kind_of_section() -> None:
    """A type of section that has no template for the web is drawn by that of the email."""
    from newsletter.archive.printed import _template  # noqa: PLC0415

    assert ("archive/sections/article.html", "sections/poll.html") == (_template("article"), _template("poll"))
