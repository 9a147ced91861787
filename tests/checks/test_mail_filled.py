"""The finished mail has nothing left to fill in, and an author's own words are never taken for that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from checks.bench import DAY, Example, article, found, html
from checks.mailbench import FILE, ISSUE, added, made, messages, with_text

from newsletter.build import build
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>{{ section.title }}</p>", ['"{{ section.title }}" was not filled in, in the HTML']),
        ("<p>{% if x %}</p>", ['"{% if x %}" was not filled in, in the HTML']),
        ("<p>Where: None</p>", ['"Where: None" was not filled in, in the HTML']),
        ("<td>None</td>", ['"None" was not filled in, in the HTML']),
        ("<td>nan</td>", ['"nan" was not filled in, in the HTML']),
        ('<img src="cid:x" alt="None">', ['"None" was not filled in, in the HTML']),
        ('<a href="https://example.org/None">x</a>', ['"href: None" was not filled in, in the HTML']),
        (
            "<p>&lt;newsletter.model.Image object at 0x7f00&gt;</p>",
            ['"<newsletter.model.Image object at 0x" was not filled in, in the HTML'],
        ),
        (
            "<p>Span(first=datetime.date(2026, 1, 1))</p>",
            ['2 things were not filled in, in the HTML; the first is "Span(first="'],
        ),
        ("<p>NL_GREETING</p>", ['"NL_GREETING" was not filled in, in the HTML']),
        ("<p>nl_list_title_nl</p>", ['"nl_list_title_nl" was not filled in, in the HTML']),
        ('<a href="NL%5FUNSUBSCRIBE%5FNL">x</a>', ['"NL%5FUNSUBSCRIBE%5FNL" was not filled in, in the HTML']),
        ('<a href="">x</a>', ["<a> has no address"]),
        ('<a href="#">x</a>', ['<a href="#"> has no address']),
        ('<img src="" alt="">', ["<img> has no address"]),
        (
            '<a href="https://example.org/NL_UNSUBSCRIBE_NL">x</a>',
            ['<a href="https://example.org/NL_UNSUBSCRIBE_NL"> has a placeholder inside its address'],
        ),
        ("<p>Hello NL_GREETING_NL, of NL_LIST_TITLE_NL</p>", []),
        ("<p>None of them came: none at all. Nan did.</p>", []),
        ("<p>100% {sure}</p>", []),
        ('<p style="font-style:none">x</p>', []),
    ],
)
def test_everything_is_filled_in(html: str, expected: list[str]) -> None:
    """Template code, missing values, Python's own words and broken placeholders are found; a sentence is none."""
    assert expected == messages(added(html), "N206")


def test_the_plain_text_is_filled_in_too() -> None:
    """What a text template leaves over is found as well."""
    assert ['"{{ x }}" was not filled in, in the plain text'] == messages(with_text("Family help", "{{ x }}"), "N206")


def test_an_author_s_own_braces_are_no_fault_of_a_template(tmp_path: Path) -> None:
    """What the author wrote is for another check to tell."""
    mail = made(tmp_path)
    (tmp_path / FILE).write_text(
        ISSUE.replace(
            "body: Please",
            'body: "Cost: None for {{ first_name }}"\n  - type: article\n    title: More\n    body: Please',
        ),
        "utf-8",
    )
    built = build(open_workspace(tmp_path), "2026-01", on=DAY)
    assert [] == messages(replace(mail, issue=built.issue, edition=built.edition), "N206")


@pytest.mark.parametrize(
    "body",
    [
        "- Cost: None",
        "1. First\n1. Cost: None",
        "Cost: **None**",
        "Cost: **None** so far",
        "Allergies: _None_",
        "Cost&#58; None",
        "> Cost: None",
        "[Cost](https://example.org/cost): None",
        "Allergies: None\\\nCost: null",
        "Look up [the page](https://example.org/None).",
        "Write {{ *name* }} or {% if %} into the field.",
        "Cost for those who come from far away and stay for the night in a room: None",
    ],
)
def test_an_author_s_own_words_are_filled_in(body: str) -> None:
    """However an author's words are drawn, no template is blamed for them."""
    assert [] == found(Example(article(body)), "N206")


@pytest.mark.parametrize("left", ["<td>None</td>", "<p>Where: None</p>", "<p>{{ name }}</p>"])
def test_a_template_is_not_excused_by_other_words(left: str) -> None:
    """That the author has the same word in a sentence says nothing of what the template left over."""
    body = "None of us knows a name, null and void."
    (finding,) = found(Example(article(body), change=html("</body>", f"{left}</body>")), "N206")
    assert "was not filled in" in finding.message
