"""The finished mail can be read by everybody: pictures, language, headings, tables, colours, links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from checks.bench import DAY, Example, article, found
from checks.mailbench import FILE, ISSUE, added, finished, made, messages, with_html

from newsletter.build import build
from newsletter.checks import check_mail
from newsletter.config import open_workspace
from newsletter.findings import Place, Severity

# Pictures, language, headings, tables


def test_pictures_say_what_they_show() -> None:
    """Pictures without alt are told once, those for Word too; an empty alt is one."""
    html = '<img src="cid:a"><!--[if mso]><v:image src="cid:b"/><![endif]--><img src="cid:c" alt="">'
    assert ['2 pictures have no alt; the first is <img src="cid:a">'] == messages(added(html), "N207")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ('width="600" height="1"', []),
        ('width="601" height="1"', ["{} is wider than 600 pixels"]),
        ('width="100%" height="auto"', ["{} has no size in whole pixels"]),
        ('width="10.5" height="10"', ["{} has no size in whole pixels"]),
        ('style="width:10px;height:10px"', ["{} has no size in whole pixels"]),
        ('width="0" height="0"', ["{} has no size in whole pixels"]),
    ],
)
def test_pictures_say_their_size(size: str, expected: list[str]) -> None:
    """Width and height are attributes, in whole pixels, and no picture is wider than the column."""
    found = messages(added(f'<img src="cid:a" alt="" {size}>'), "N211")
    assert [message.format('<img src="cid:a">') for message in expected] == found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<!DOCTYPE html>\n", "", "the email has no doctype"),
        ('<html lang="en-GB" dir="ltr"', '<html lang="" dir="ltr"', "<html> has no lang"),
        ('<html lang="en-GB" dir="ltr"', "<html", "<html> has no lang and no dir"),
        ('<div lang="en-GB" dir="ltr"', "<div", "no element inside <body> says lang and dir for what it holds"),
        ('<meta charset="utf-8">', "", "the head does not begin with the character set"),
        ('<meta charset="utf-8">', '<meta charset="latin-1">', "the head does not begin with the character set"),
        ('<meta name="viewport"', '<meta name="x"', "there is no viewport for phones"),
        ("initial-scale=1", "initial-scale=1, maximum-scale=1", "the viewport stops readers from zooming"),
        ("initial-scale=1", "user-scalable=no", "the viewport stops readers from zooming"),
        ("<title>January 2026 newsletter</title>", "<title> </title>", "the title is empty"),
        ('<meta name="color-scheme"', '<meta name="x"', "there are dark rules, but no color-scheme"),
        ("initial-scale=1", "initial-scale=1.0", ""),
    ],
)
def test_the_mail_says_what_it_is(old: str, new: str, expected: str) -> None:
    """Language, direction, character set, width and title are asked for one by one."""
    assert [expected] * bool(expected) == messages(with_html(old, new), "N208")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h1>Two</h1>", ["there are 2 h1 headings"]),
        ("<h4>Four</h4>", []),
        ("<h5>Five</h5>", ['the heading "Five" is h5, below h3, which leaves out a level']),
        ("<h3> </h3>", ["<h3> is an empty heading"]),
        ('<h3><img src="cid:a" alt="Words"></h3>', []),
        ('<h1 style="display:none">Hidden</h1>', []),
        ("<!--[if mso]><h1>For Word</h1><![endif]-->", []),
    ],
)
def test_headings_are_in_order(html: str, expected: list[str]) -> None:
    """One h1, no level left out, none empty; hidden ones do not count."""
    assert expected == messages(added(html), "N209")


def test_no_h1_is_a_fault() -> None:
    """A mail without its title as h1 is told so."""
    mail = replace(finished(), edition=replace(finished().edition, html="<h2>A</h2>"))
    assert ["there is no h1 heading"] == messages(mail, "N209")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<table><tr><td>x</td></tr></table>", ["<table> has no role"]),
        ('<table role="none"><tr><td>x</td></tr></table>', []),
        ("<!--[if mso]><table><tr><td><![endif]-->", ["<table> in a comment for Word has no role"]),
        ('<table><tr><th scope="row">x</th><td>y</td></tr></table>', []),
        ("<table><tr><th>x</th><td>y</td></tr></table>", ["<th> has no scope"]),
        ('<table><tr><td><table><tr><th scope="col">x</th></tr></table></td></tr></table>', ["<table> has no role"]),
    ],
)
def test_layout_tables_say_so(html: str, expected: list[str]) -> None:
    """Each table of the layout has its role; a table of data is known by its own th, not by one inside it."""
    assert expected == messages(added(html), "N210")


# Colours


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="color:#767676;background:#ffffff">a</p>', []),
        (
            '<p style="color:#777777;background:#ffffff">a</p>',
            ['"a" (#777777 on #ffffff, 4.4 to 1) has too little contrast'],
        ),
        (
            '<p style="color:#999;background:white">a</p>',
            ['"a" (#999999 on #ffffff, 2.8 to 1) has too little contrast'],
        ),
        ('<div bgcolor="#000000"><p>a</p></div>', ['"a" (#000000 on #000000, 1.0 to 1) has too little contrast']),
        ('<p style="color:#949494;background:#fff;font-size:24px">a</p>', []),
        (
            '<p style="color:#949494;background:#fff;font-size:18px">a</p>',
            ['"a" (#949494 on #ffffff, 3.0 to 1) has too little contrast'],
        ),
        (
            '<p style="color:#949494;background:#fff;font-size:23px">a</p>',
            ['"a" (#949494 on #ffffff, 3.0 to 1) has too little contrast'],
        ),
        ('<p style="color:#949494;background:#fff;font-size:19px;font-weight:700">a</p>', []),
        ('<p style="color:#949494;background:#fff;font:bold 19px Arial">a</p>', []),
        (
            '<h3 style="color:#949494;background:#fff;font:19px Arial">a</h3>',
            ['"a" (#949494 on #ffffff, 3.0 to 1) has too little contrast'],
        ),
        ('<p style="color:#767676 !important;background:#fff !important">a</p>', []),
        (
            '<p class="sheet ink" style="color:#1c2126 !important;background-color:#ffffff">a</p>',
            ['"a" (#1c2126 on #1a1e22, 1.0 to 1) has too little contrast in dark mode'],
        ),
        ('<h2 style="color:#949494;background:#fff">a</h2>', []),
        ('<p style="color:#fff;background:#fff;display:none">a</p>', []),
        ('<p style="color:#fff;background:#fff">&nbsp;|</p>', []),
        (
            '<p style="color:#fff"><b style="background-color:rgb(255, 255, 255)">a</b></p>',
            ['"a" (#ffffff on #ffffff, 1.0 to 1) has too little contrast'],
        ),
        (
            '<p style="color:#fff;background:#fff"><span style="color:inherit;background:transparent">a</span></p>',
            ['"a" (#ffffff on #ffffff, 1.0 to 1) has too little contrast'],
        ),
        ('<p style="color:rgba(0,0,0,.5);background:#fff">a</p>', ['"a" in <p> cannot be judged for contrast']),
        ('<p style="background:linear-gradient(red, blue)">a</p>', ['"a" in <p> cannot be judged for contrast']),
        (
            '<img src="cid:a" alt="Words" style="color:#fff;background:#fff">',
            ['"Words" (#ffffff on #ffffff, 1.0 to 1) has too little contrast'],
        ),
        # In dark mode the class makes the sheet dark, and the words stay as they are.
        (
            '<p class="sheet" style="color:#1c2126;background-color:#ffffff">a</p>',
            ['"a" (#1c2126 on #1a1e22, 1.0 to 1) has too little contrast in dark mode'],
        ),
        ('<p class="sheet ink" style="color:#1c2126;background-color:#ffffff">a</p>', []),
    ],
)
def test_text_can_be_read(html: str, expected: list[str]) -> None:
    """Text has its contrast against what lies behind it, in light and in dark; what cannot be judged is said."""
    assert expected == messages(added(html), "N212")


def test_what_cannot_be_judged_is_a_note() -> None:
    """A colour that is seen through is no fault."""
    mail = added('<p style="color:rgba(0,0,0,.5)">a</p>')
    assert [Severity.NOTE] == [finding.severity for finding in check_mail(mail) if finding.code == "N212"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (".sheet .odd { color: #101316 !important }", 1),
        (".canvas > .odd { color: #101316 !important }", 1),
        ("p.odd { color: #101316 !important }", 1),
        ("#one { color: #101316 !important }", 1),
        (".odd { color: #101316 }", 0),  # loses against the style on the element
        ("td.odd { color: #101316 !important }", 0),
        (".tint .odd { color: #101316 !important }", 0),
        ("[data-ogsc] .odd { color: #101316 !important }", 0),
        (".odd:hover { color: #101316 !important }", 0),
        ("p.odd { color: #101316 !important } .odd { color: #ffffff !important }", 1),  # the more exact rule wins
        (".odd { color: #ffffff !important } div p { color: #101316 !important }", 0),
        (".odd { color: #101316 !important } .odd { color: #ffffff !important }", 0),  # else the later one
    ],
)
def test_dark_rules_are_read_as_mail_programs_read_them(rule: str, expected: int) -> None:
    """Tags, classes, ids and what they stand in decide which rule counts."""
    mail = with_html("</head>", f"<style>@media (prefers-color-scheme: dark) {{ {rule} }}</style></head>")
    html = mail.edition.html.replace(
        "</body>", '<div class="sheet canvas"><p id="one" class="odd" style="color:#999999">a</p></div></body>'
    )
    found = messages(replace(mail, edition=replace(mail.edition, html=html)), "N212")
    assert expected == len([one for one in found if "dark" in one])


def test_a_bright_accent_is_told_where_it_stands() -> None:
    """The note names the tone that readers see."""
    mail = replace(finished(), accent="#FFDD00")
    assert [(Place("newsletter.yaml"), "the accent #ffdd00 is shown darker, as #806e00")] == [
        (finding.place, finding.message) for finding in check_mail(mail) if finding.code == "N217"
    ]


# Links that read the same


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="https://example.org/changes/">Summary of changes</a>', []),
        (
            '<a href="https://example.org/x">Summary of  changes</a>',
            ['"summary of changes" leads to 2 places, so its words do not tell where'],
        ),
        ('<a href="#x">Summary of changes</a>', []),
        (
            '<a href="https://example.org/x"><img src="cid:a" alt=""></a>',
            ['<a href="https://example.org/x"> is a link without words'],
        ),
        ('<a href="https://example.org/x"><img src="cid:a" alt="The centre"></a>', []),
        ('<a href="https://example.org/x"></a>', ['<a href="https://example.org/x"> is a link without words']),
        ('<a name="x"></a>', []),
        ('<a href="https://example.org/x" style="display:none">Summary of changes</a>', []),
    ],
)
def test_links_can_be_told_apart(html: str, expected: list[str]) -> None:
    """Each link has words, and the same words lead to one place."""
    assert expected == messages(added(html), "N213")


def test_what_the_author_wrote_twice_is_told_elsewhere(tmp_path: Path) -> None:
    """Two links with the same words in the issue have their own check, at their lines."""
    mail = made(tmp_path)
    (tmp_path / FILE).write_text(ISSUE.replace("[look it up]", "[the office]"), "utf-8")
    built = build(open_workspace(tmp_path), "2026-01", on=DAY)
    assert [] == messages(replace(mail, issue=built.issue, edition=built.edition), "N213")


def test_a_link_without_words_is_told_once_at_its_line() -> None:
    """What the author wrote without words has its own check, and the mail's stays silent."""
    empty = found(Example(article("Read [](https://example.org/a) and [ ](https://example.org/b).")), "N123", "N213")
    assert [("N123", 7), ("N123", 7)] == [(finding.code, finding.place.line) for finding in empty]


def test_an_author_s_headings_are_large_enough() -> None:
    """Each level of Markdown headings is read as easily as the text below it."""
    body = "# A\n\n## B\n\n### C\n\n#### D\n\nText"
    assert [] == found(Example(article(body)), "N212", "N218")


def test_a_template_that_makes_links_alike_is_found(tmp_path: Path) -> None:
    """Booking links that a changed template calls by one name are told, though the author named them apart."""
    training = (Path(__file__).parents[2] / "templates/sections/training.html").read_text("utf-8")
    mail = made(tmp_path, {"sections/training.html": training.replace("course.booking", '"Book your place"')})
    assert [("issues/2026-01.yaml:14:36", '"Book your place" leads to 2 places, so its words do not tell where')] == [
        (str(finding.place), finding.message) for finding in check_mail(mail) if finding.code == "N213"
    ]
