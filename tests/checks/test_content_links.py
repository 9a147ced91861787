"""The checks of content: the words of links, where they lead, and two that say the same."""

from __future__ import annotations

import pytest
from checks.bench import article, diary, minded, remarks, told


@pytest.mark.parametrize(
    "words", ["click here", "Here", "read more...", "More", "LINK", "this page", "Book your place", "**Find out more**",
              "download", "website", "Read more \u00bb", "here"],
)  # fmt: skip
def test_vague_link(words: str) -> None:
    """Words that would fit any link are told of, whatever their case and what stands around them."""
    (message,) = minded(f"[{words}](https://example.org/a)", "N123")
    assert f'the link "{words.strip("*")}" does not say where it leads' == message


@pytest.mark.parametrize(("code", "words"), [("N123", "Read more"), ("N125", "https://example.org/a")])
def test_words_with_a_key_of_their_own_have_their_place(code: str, words: str) -> None:
    """Words that stand in a key are pointed at there, and not at the address below them."""
    text = article("Hello") + f"    links:\n      - text: {words}\n        url: https://example.org/a\n"
    assert [(9, 15)] == [(one.place.line, one.place.column) for one in remarks(text, code)]


def test_link_without_words() -> None:
    """A link without words, or with marks alone, is told of."""
    assert ["a link without words"] * 2 == minded("[](https://example.org/a) [...](https://example.org/b)", "N123")


@pytest.mark.parametrize(
    "words",
    [
        "Visit Reading",
        "Read about us",
        "Find a nursery",
        "Read more about neglect",
        "Book your place on Family help",
        "Heron",
        "Contact us",
    ],
)
def test_link_that_says_where_it_leads(words: str) -> None:
    """A link with words of its own passes."""
    assert [] == minded(f"[{words}](https://example.org/a)", "N123")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (1, "[The report](https://example.org/a) and [the  report:](https://example.org/b)"),
        (2, "[Notes](https://example.org/a) [notes](https://example.org/b) [notes](https://example.org/c)"),
        (0, "[It](https://example.org/a) [it](https://example.org/b)"),
        (0, "[The report](https://example.org/a) and [the report](https://example.org/a/)"),
        (0, "[One report](https://example.org/a) and [another report](https://example.org/a)"),
        (0, "[Here](https://example.org/a) and [here](https://example.org/b)"),
    ],
)
def test_repeated_link(expected: int, body: str) -> None:
    """The same words for another place are told of at the later link; what says nothing is another check's."""
    assert expected == len(minded(body, "N124"))


def test_repeated_link_on_one_line() -> None:
    """Of two links on one line the line is not named as another."""
    body = "[The report](https://example.org/a) and [the report](https://example.org/b)"
    assert ['the link "the report" leads elsewhere than another on this line'] == minded(body, "N124")


def test_repeated_link_names_the_first() -> None:
    """The line of the first link is named, whether it has a key of its own or stands in the text."""
    text = article("See [The report](https://example.org/a).") + "    links:\n" + "".join(
        f"      - {{text: The report, url: 'https://example.org/{page}'}}\n" for page in "bc"
    )  # fmt: skip
    assert [
        '10:33 the link "The report" leads elsewhere than on line 9',
        '7:24 the link "The report" leads elsewhere than on line 9',
    ] == told(text, "N124")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (1, "It is on https://example.org/a."),
        (1, "[https://example.org](https://example.org)"),
        (1, "<https://example.org/a>"),
        (1, "[example.org/a/b](https://example.org/a/b)"),
        (0, "[example.org](https://example.org)"),
        (0, "[www.example.org](https://www.example.org)"),
        (0, "[office@example.org](mailto:office@example.org)"),
        (0, "[0113 496 0000](tel:+441134960000)"),
        (0, "[Health and/or care](https://example.org)"),
        (0, "`https://example.org/a`"),
    ],
)
def test_bare_link(expected: int, body: str) -> None:
    """A web address as the words of a link is told of; a name of a site, a mail address and a number are words."""
    assert expected == len(minded(body, "N125"))


def courses(*links: str) -> str:
    """Return an issue with a course for each of the *links*."""
    lines = "".join(f"      - title: Course {at}\n        book: {link}\n" for at, link in enumerate(links, 1))
    return article("Hello") + f"  - type: training\n    title: Training dates\n    courses:\n{lines}"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ['14:15 the booking link of "Course 2" on line 14 is that of "Course 1" on line 12'],
            courses("https://example.org/a", "https://example.org/a/", "https://example.org/b"),
        ),
        ([], courses("https://example.org/a", "https://example.org/a", "https://example.org/a")),
        ([], courses("https://example.org/a", "https://example.org/b")),
        ([], courses("https://example.org/a", "https://example.org/a").replace("Course 2", "Course 1")),
        (
            ['9:9 "Safer day" on line 9 stands on line 7 already, on the same day'],
            diary("10 February 2026 - Safer day", "11 February 2026 - Safer day", "Tuesday 10 Feb 2026 - Safer day"),
        ),
        ([], diary("10 February 2026, 9am - Safer day", "10 February 2026, 2pm - Safer day")),
    ],
)  # fmt: skip
def test_repeated_entry(expected: list[str], text: str) -> None:
    """Two courses with one link and an entry that stands twice are told of with both lines; a page for all is not."""
    assert expected == told(text, "N137")
