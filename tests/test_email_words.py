"""What the email says, in HTML and in plain text: links, dates, contents, greeting; and the mail around it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from mails import ALL, HOSTILE, LONG, OWN, Mail, declarations, mail, parsed, read, words

from newsletter import prose
from newsletter.build import bodies
from newsletter.dates import format_span
from newsletter.message import Recipient, copy_for, greet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.dates import Span
    from newsletter.model import Section

JANUARY = "2026-01"
URL = re.compile(r"\s*(?:https?://|mailto:|tel:)\S+")
every = pytest.mark.parametrize("issue", ALL)


def hrefs(found: Mail) -> list[str]:
    """Return every link that leads out, but for the footer's address: in the text it stands in its sentence."""
    links = [link.get("href") for link in found.page.iter("a") if link.get("href", "#")[0] != "#"]
    footer = len(links) - 1 - links[::-1].index(f"mailto:{found.config.reply_mailbox.address}")
    return links[:footer] + links[footer + 1 :]


def url_lines(text: str) -> list[str]:
    """Return the lines of *text* that are a link and nothing else."""
    return [line.strip() for line in text.splitlines() if URL.fullmatch(line)]


def running(text: str) -> str:
    """Return *text* without its line breaks and indents."""
    return " ".join(text.split())


@every
def test_the_text_has_every_link_in_the_same_order(issue: str) -> None:
    """Each link of the HTML stands in the text, alone on its line, in the same order; none of the issue's is lost."""
    found = mail(issue)
    assert hrefs(found) == url_lines(found.text)
    written = {target.url for target in found.issue.targets()}
    written |= {link.url for text in found.issue.prose() for link in prose.links(text.text)}
    assert written <= set(hrefs(found))


@every
def test_each_link_of_the_text_has_its_label(issue: str) -> None:
    """Before each link stands its label, as the HTML has it, unless the link is its own label."""
    found = mail(issue)
    labels = [(words(link), link.get("href")) for link in found.page.iter("a") if link.get("href") in hrefs(found)]
    text = running(found.text)
    assert [] == [label for label, href in labels if f"{label} {href}" not in text and not href.endswith(label)]


@every
def test_lines_fit_72_columns(issue: str) -> None:
    """No line of the text is over 72 columns, unless it is one word or one address that cannot be broken."""
    long = [line for line in mail(issue).text.splitlines() if len(line) > 72 and len(line.split()) > 1]
    assert [] == long


@every
def test_the_text_has_the_same_titles_in_the_same_order(issue: str) -> None:
    """The text begins with the underlined subject, and each section's title stands underlined in its turn."""
    found = mail(issue)
    titles = re.findall(r"(?:\A|\n\n)((?:.+\n)+?)([=-])\2{3,}\n", found.text)
    assert [(found.issue.subject, "=")] + [(section.title, "-") for section in found.issue.sections] == [
        (running(title), rule) for title, rule in titles
    ]


@every
def test_dates_are_in_one_style_and_whole(issue: str) -> None:
    """Each date of the issue stands in the house style, in order, as one run of text with no element inside it."""
    found = mail(issue)
    expected = [
        format_span(entry)
        for section in found.issue.sections
        for group in dated_groups(section)
        for entry in sorted(group, key=lambda span: span.sort_key)
    ]
    shown = [
        element.find("span") if element.find("span") is not None else element
        for element in found.page.iter("p", "th")
        if {"session", "date"} & set((element.get("class") or "").split())
    ]
    assert expected == [running(element.text) for element in shown]
    assert [[]] * len(shown) == [list(element) for element in shown]
    position = 0
    for date in expected:
        position = running(found.text).index(date, position)


def dated_groups(section: Section) -> list[list[Span]]:
    """Return the dates of each list that readers meet sorted: of each course, of the diary."""
    courses = [[session.date for session in course.sessions] for course in getattr(section, "courses", ())]
    return [*courses, [entry.when for entry in getattr(section, "dates", ())]]


def test_january_s_dates_as_readers_see_them() -> None:
    """January's sessions and diary read exactly so, whatever styles their authors wrote them in."""
    found = mail(JANUARY)
    dates = [words(element) for element in found.page.iter("p", "th") if "session" in element.get("class", "")]
    assert [
        "Tuesday 3 February 2026, 9am to 3:30pm",
        "Tuesday 10 February 2026, 9am to 3:30pm",
        "Wednesday 21 January 2026, 1pm to 2pm",
        "Thursday 19 February 2026, 1pm to 2pm",
        "Thursday 12 March 2026, 9:30am to 10:30am",
        "Tuesday 24 February 2026, 10am to 11:30am",
        "Thursday 12 February 2026, 10am to 11am",
        "Thursday 26 March 2026, 10am to 11am",
    ] == dates
    assert ["3 to 8 February 2026", "Friday 6 February 2026", "9 to 15 February 2026", "Tuesday 10 February 2026"] == [
        words(cell) for cell in found.page.iter("th")
    ]


def test_what_stands_under_a_session() -> None:
    """A place of its own, a note, a cancelled date, a shared place and the way into a calendar each stand once."""
    found = mail(HOSTILE)
    sessions = [words(p) for p in found.page.iter("p") if re.search("session|under|note", p.get("class") or "")]
    assert [
        "Cancelled: Tuesday 3 March 2026, 9am to 3:30pm",
        "Online. <b>Sorry</b>",
        "Tuesday 10 March 2026, 9am to 3:30pm",
        '<b>Room</b> "1" & 2. Fully booked',
        f'Add 10 March to your calendar: <b>Course</b> "one" & {LONG}',
        "Thursday 24 September 2026, 10:30am to midday",
        f"A long way from here up {LONG}",
        f'Add 24 September to your calendar: <b>Course</b> "one" & {LONG}',
        "Dates will follow.",
        "Dates are on the booking page.",
        "28 September to 2 October 2026",
        "Add 28 September to 2 October to your calendar: Shared place",
        "Wednesday 30 September 2026, 10:30am to 12:30pm",
        "Add 30 September to your calendar: Shared place",
        'Online, "link" & more to follow',
        '<b>Note</b> & "more"',
    ] == sessions
    position = 0
    for line in sessions:
        position = running(found.text).index(line, position)
    struck = [declarations(span.get("style")) for span in found.page.iter("span") if span.get("class") == "gone"]
    assert [{"text-decoration": "line-through"}] == struck


@every
def test_in_this_issue_names_the_sections(issue: str) -> None:
    """The contents are the sections' titles, each leading to the anchor before its section."""
    found = mail(issue)
    contents = [(words(link), link.get("href")) for link in found.page.iter("a") if link.get("href", "")[:1] == "#"]
    assert [(section.title, f"#section-{n}") for n, section in enumerate(found.issue.sections, 1)] == contents
    assert [href[1:] for _, href in contents] == [a.get("name") for a in found.page.iter("a") if a.get("name")]


@pytest.mark.parametrize(("sections", "expected"), [(1, []), (2, []), (3, ["In this issue"])])
def test_two_sections_need_no_contents(
    workspace: Path, write_issue: Callable[..., Path], sections: int, expected: list[str]
) -> None:
    """In this issue stands only where there are three sections or more."""
    section = "  - {type: article, title: Title NUMBER, body: Words}\n"
    write_issue("sections:\n" + "".join(section.replace("NUMBER", str(n)) for n in range(sections)))
    page = read(workspace, JANUARY).page
    assert expected == [words(h2) for h2 in page.iter("h2") if not words(h2).startswith("Title")]


def test_headers_without_an_unsubscribe_page() -> None:
    """Without a page to unsubscribe on, people leave by mail, and nothing promises one click."""
    message = mail(JANUARY).message
    assert [
        "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-ID", "List-Unsubscribe", "MIME-Version",
        "Content-Type",
    ] == message.keys()  # fmt: skip
    assert "Practitioners <practitioners.example.org>" == message["List-ID"]
    assert re.fullmatch(
        r"<mailto:office@example\.org\?subject=unsubscribe%20[0-9a-f]{32}>", message["List-Unsubscribe"]
    )
    assert "Thu, 01 Jan 2026 09:00:00 +0000" == message["Date"]
    assert message["Message-ID"].endswith("@example.org>")


def test_headers_with_an_unsubscribe_page() -> None:
    """With one, a single click by POST leaves (RFC 8058), and a mail is the second choice."""
    message = mail(HOSTILE).message
    page, _, letter = message["List-Unsubscribe"].partition(", ")
    assert re.fullmatch(r"<https://example\.org/unsubscribe\?list=a&b=c&t=[0-9a-f]{32}>", page)
    assert letter.startswith("<mailto:office@example.org?subject=unsubscribe%20")
    assert "List-Unsubscribe=One-Click" == message["List-Unsubscribe-Post"]


@every
def test_both_bodies_say_how_to_leave_and_who_wrote(issue: str) -> None:
    """HTML and text both hold the person's own unsubscribe link, the postal address and where to write."""
    found = mail(issue)
    link = found.message["List-Unsubscribe"].partition(">")[0].removeprefix("<")
    assert link in hrefs(found)
    assert link in url_lines(found.text)
    for said in (found.config.postal_address, found.config.organisation, found.config.reply_to):
        assert str(said) in words(found.page)
        assert str(said) in running(found.text)


@every
def test_plain_text_comes_first(issue: str) -> None:
    """The message offers text, then HTML, both quoted-printable UTF-8, in lines that any server carries."""
    found = mail(issue)
    assert ["text/plain", "text/html"] == [
        part.get_content_type() for part in found.message.walk() if part.get_content_maintype() == "text"
    ]
    for part in found.message.walk():
        if part.get_content_maintype() == "text":
            assert "quoted-printable" == part["Content-Transfer-Encoding"]
            assert "utf-8" == part.get_content_charset()
    lines = found.data.split(b"\r\n")
    assert max(map(len, lines)) <= 76 + len(b"List-Unsubscribe: ") + 60
    assert b"\n" not in b"".join(lines)


@pytest.mark.parametrize("issue", OWN)
def test_pictures_travel_inside_the_message(issue: str) -> None:
    """Without a hosted archive each picture that the HTML shows by cid: is a part of the message, and no other is."""
    found = mail(issue)
    inside = [part["Content-ID"][1:-1] for part in found.message.walk() if part["Content-ID"]]
    shown = [picture.get("src").removeprefix("cid:") for picture in found.page.iter("img")]
    assert sorted(set(shown)) == sorted(inside)
    assert [] == re.findall(r"View this newsletter|Read this issue", found.html + found.text)


def test_pictures_are_linked_where_the_archive_is_hosted() -> None:
    """With archive_url pictures are linked there, named by their content, and the mail offers its web version."""
    found = mail(HOSTILE)
    names = [re.sub(r"\.[0-9a-f]{8}\.", ".HASH.", picture.get("src")) for picture in found.page.iter("img")]
    base = "https://example.org/newsletter/"
    assert [f"{base}images/{name}.HASH.png" for name in ("wide", "narrow", "broad")] == names
    assert [] == [part for part in found.message.walk() if part["Content-ID"]]
    web = [(words(link), link.get("href")) for link in found.page.iter("a") if "browser" in words(link)]
    page = f"{base}2026-03.html"
    assert [("View this newsletter in your browser", page), ("Read this issue in a browser", page)] == web


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((), [("52", "52", "")]),
        (("  logo: images/logo.png\n", ""), []),
        (
            ("  logo: images/logo.png\n", "  logo: images/safer-internet-day.png\n"),
            [("157", "60", "Leeds Safeguarding Children Partnership")],
        ),
    ],
    ids=["square", "none", "wide"],
)
def test_logos(change: tuple[str, str] | tuple[()], expected: list[tuple[str, str, str]]) -> None:
    """A square logo is decoration beside the name, a wide one has its own line and is named, and none is none."""
    found = mail("2025-09-annual-report", *([change] if change else []))
    assert expected == [
        tuple(picture.get(name) for name in ("width", "height", "alt")) for picture in found.page.iter("img")
    ]
    assert "Leeds Safeguarding Children Partnership" in words(found.page.find("body"))


def test_a_narrow_picture_keeps_its_size() -> None:
    """A picture narrower than the measure is not blown up, nor is the tint behind it; a broad one fills the measure."""
    pictures = [picture for picture in mail(HOSTILE).page.iter("img") if "fluid" in picture.get("class")]
    shown = [
        (picture.get("width"), picture.get("height"), declarations(picture.get("style"))["max-width"])
        for picture in pictures
    ]
    assert [("300", "180", "300px"), ("512", "171", "552px")] == shown
    panels = [next(picture.iterancestors("table")) for picture in pictures]
    assert ["300", "512"] == [panel.get("width") for panel in panels]


@pytest.mark.parametrize(
    ("name", "expected"), [("Amina", "Hello Amina,"), ("", "Hello,"), ("<b>O'Ne\"il</b>", "Hello <b>O'Ne\"il</b>,")]
)
def test_greeting(name: str, expected: str) -> None:
    """Each person is greeted by name in both bodies, without a name by the comma alone."""
    found = mail(JANUARY)
    person = Recipient("amina@example.org", name, greet("Hello {first_name},", name), "token")
    text, html = bodies(copy_for(found.to_list, person, date=datetime(2026, 1, 5, 9, tzinfo=UTC)))
    assert [expected] == [line for line in text.splitlines() if line.startswith("Hello")]
    assert [expected] == [words(p) for p in parsed(html).iter("p") if words(p).startswith("Hello")]


def test_no_greeting_leaves_no_gap() -> None:
    """Without a greeting the welcome follows the subject at once."""
    found = mail(JANUARY, ("greeting: Hello {first_name},\n", ""))
    assert "Thank you for all you do" == words(found.page.find(".//h1").getnext())[:24]
    assert "Practitioner newsletter\n\nThank you for all you do" in found.text


def test_a_draft_can_be_read() -> None:
    """A draft builds like any other issue: only sending it is refused."""
    assert mail(HOSTILE).issue.draft
    assert "March" in mail(HOSTILE).text
