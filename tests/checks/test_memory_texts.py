"""What one issue says of another, of links, articles and subjects: the finer cases."""

from __future__ import annotations

import pytest
from checks.bench import Example, article, diary, found, training

LONG = " and more words" * 50


def _links(*urls: str, text: str = "Managing allegations") -> str:
    entries = "".join(f'      - {{text: "{text}", url: "{url}"}}\n' for url in urls)
    return f"subject: A\nsections:\n  - type: links\n    title: Save to your favourites\n    links:\n{entries}"


@pytest.mark.parametrize(
    ("expected", "here", "there"),
    [
        (1, _links("https://example.org/a"), _links("https://example.org/b", text="managing  Allegations")),
        (1, _links("https://example.org/a?id=1"), _links("https://example.org/a?id=2")),
        (1, _links("https://example.org/a"), _links("https://www.example.org/a")),
        (1, training(), training().replace("example.org/book", "example.org/course")),
        (0, _links("https://example.org/a"), _links("http://EXAMPLE.org/a/")),
        (0, _links("https://example.org"), _links("https://example.org/")),
        (0, _links("https://example.org/a?utm_campaign=jan"), _links("https://example.org/a?utm_campaign=dec")),
        (0, _links("https://example.org/a", "https://example.org/b"), _links("https://example.org/c")),  # two things
        (
            0,
            _links("https://example.org/a", "https://example.org/b"),
            _links("https://example.org/a", "https://example.org/c"),
        ),
        (0, _links("https://example.org/a"), _links("https://example.org/b", text="Another")),
        (
            0,
            article("Hello") + '    links: [{text: Read the report, url: "https://example.org/a"}]\n',
            article("Hello") + '    links: [{text: Read the report, url: "https://example.org/b"}]\n',
        ),
    ],
)
def test_links_that_last(expected: int, here: str, there: str) -> None:
    """Favourites and bookings are compared, by what they open; the buttons of articles are not."""
    here, there = (text.replace("        sessions:\n", "") for text in (here, there))
    assert expected == len(found(Example(here, others={"2025-12": there}), "N112"))


@pytest.mark.parametrize(
    ("expected", "here", "there"),
    [
        (1, training("3 February 2026", "3 March 2026"), training("3 February 2026")),
        (1, training("3 February 2026, 9am"), training("Tues 3rd Feb 2026, 10am")),
        (0, training("3 March 2026"), training("3 February 2026")),  # a new link for a new date
        (0, training("3 March 2026"), training().replace("        sessions:\n", "")),
        (0, training("3 February 2026"), training("3 February 2026", course="Another")),
    ],
)
def test_bookings_of_one_session(expected: int, here: str, there: str) -> None:
    """Where a course has dates, its booking is compared only with one for a day in common."""
    others = {"2025-12": there.replace("example.org/book", "example.org/course")}
    assert expected == len(found(Example(here, others=others), "N112"))


@pytest.mark.parametrize(
    ("expected", "others"),
    [
        (["November 2025"], {"2025-11": "b"}),
        ([], {"2025-11": "b", "2025-12": "a"}),  # it was told last month
        (["last month's"], {"2025-11": "a", "2025-12": "b"}),
        ([], {"2026-02": "b"}),  # the later issue is told
    ],
)
def test_a_moved_page_is_told_once(expected: list[str], others: dict[str, str]) -> None:
    """The newest earlier issue that has the words speaks."""
    example = Example(
        _links("https://example.org/a"),
        others={issue: _links(f"https://example.org/{page}") for issue, page in others.items()},
    )
    told = [one.message.removeprefix("a link differs from ") for one in found(example, "N112")]
    assert expected == [message.removeprefix("the ").removesuffix(" issue") for message in told]


def test_a_moved_page_can_be_excused() -> None:
    """The line of the hint is all it takes."""
    line = '{code: N112, text: "https://example.org/a", why: "the reason"}'
    text = _links("https://example.org/a") + f"check-ignore: [{line}]\n"
    assert [] == found(Example(text, others={"2025-12": _links("https://example.org/b")}), "N112", "N016")


def test_both_addresses_are_shown() -> None:
    """A link that differs is told at its address, with the other one and where it stands."""
    others = {"2025-12": _links("https://example.org/b")}
    (finding,) = found(Example(_links("https://example.org/a"), others=others), "N112")
    expected = (
        '"Managing allegations" leads here to\nhttps://example.org/a\nbut in issues/2025-12.yaml:6 to\n'
        "https://example.org/b\nOpen both, then mend the one that is wrong. If it is meant, write below check-ignore:\n"
        '- {code: N112, text: "https://example.org/a", why: "the reason"}'
    )
    assert (expected, 6, 45) == (finding.hint, finding.place.line, finding.place.column)


@pytest.mark.parametrize(
    ("expected", "others"),
    [
        (["last month's issue"], {"2025-12": article("The  text’s words" + LONG, title="Another")}),
        (["the February 2025 issue"], {"2025-02": article("The text's words" + LONG)}),
        (["the special edition 2025-12-x"], {"2025-12-x": article("The text's words" + LONG)}),
        ([], {"2025-12": article("New words" + LONG)}),  # the title of a column
        ([], {"2025-11": article("The text's words" + LONG), "2025-12": article("The text's words" + LONG)}),
        ([], {"2026-02": article("The text's words" + LONG)}),  # the later one repeats this
        ([], {"2025-12": training("3 February 2026", course="What changed")}),
    ],
)
def test_articles_that_come_again(expected: list[str], others: dict[str, str]) -> None:
    """A text is held against a year of earlier issues; a title may come again, and what comes every month."""
    told = [one.message for one in found(Example(article("The text's words" + LONG), others=others), "N114")]
    assert [f"an article repeats one in {where}" for where in expected] == told


@pytest.mark.parametrize(("expected", "length"), [(0, 598), (1, 599)])  # and the end of its line
def test_a_short_text_may_come_again(expected: int, length: int) -> None:
    """A box of whom to ring stands in each issue."""
    text = article("x" * length)
    assert expected == len(found(Example(text, others={"2025-12": text}), "N114"))


def test_an_article_can_be_excused() -> None:
    """The hint says how, and that is all it takes."""
    others = {"2025-12": article("Words" + LONG)}
    (finding,) = found(Example(article("Words" + LONG), others=others), "N114")
    line = '- {code: N114, text: "What changed", why: "the reason"}'
    assert finding.hint.splitlines() == [
        '"What changed" stands in issues/2025-12.yaml:5.',
        "Write a new text, or take this one out. If it is meant, write below check-ignore:",
        line,
    ]
    assert [] == found(Example(f"{article('Words' + LONG)}check-ignore:\n{line}\n", others=others), "N114", "N016")


@pytest.mark.parametrize(
    ("expected", "id", "other_id"),
    [
        (['Write another, such as "January 2026 newsletter".'], "2026-01", "2025-12"),
        (["Say what this edition is about."], "2026-01-x", "2025-12"),
        ([], "2026-01", "2026-02"),
    ],
)
def test_a_subject_that_comes_again(expected: list[str], id: str, other_id: str) -> None:  # noqa: A002
    """A subject is told in the later of the two issues, with one to write."""
    example = Example(article("Hello"), others={other_id: article("Bye").replace("January", "JANUARY")}, id=id)
    assert expected == [finding.hint for finding in found(example, "N115")]


def test_issues_that_cannot_be_read_are_one_note() -> None:
    """All of them are named in one note at the issue's first line, and what can be read still speaks."""
    others = {"2025-10": "sections: [", "2025-11": "- x", "2025-12": diary("11 February 2026 - Day")}
    findings = found(Example(diary("10 February 2026 - Day"), others=others), "N111", "N116")
    expected = [
        ("N116", 1, "2 other issues could not be read, so nothing was compared with them"),
        ("N111", 7, "a date differs from last month's issue"),
    ]
    assert expected == [(finding.code, finding.place.line, finding.message) for finding in findings]
    assert findings[0].hint == (
        "Not read: issues/2025-10.yaml, issues/2025-11.yaml. To see why: newsletter check 2025-10 2025-11"
    )
