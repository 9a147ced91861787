"""The finished mail as a whole: its size, its way out, its plain text, and templates of every kind."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from checks.bench import DAY
from checks.mailbench import FILE, finished, made, messages, with_html, with_text
from mails import HOSTILE, OWN, lay_out

from newsletter import page
from newsletter.build import build
from newsletter.checks import check_mail
from newsletter.config import open_workspace
from newsletter.findings import Finding, Place, Severity
from newsletter.message import Edition
from newsletter.page.appearance import Look, looks

if TYPE_CHECKING:
    from pathlib import Path


def test_a_good_mail_has_no_findings() -> None:
    """The packaged templates pass every check."""
    assert [] == list(check_mail(finished()))


@pytest.mark.parametrize("issue", OWN)
def test_own_issues_have_no_findings(own_copy: Path, issue: str) -> None:
    """Nothing is said of the mails of this repository's own issues."""
    assert [] == [one for one in build(open_workspace(own_copy), issue, on=DAY).findings if one.code.startswith("N2")]


def test_a_hostile_issue_has_no_findings(tmp_path: Path) -> None:
    """Markup in an author's words is words; only the accent is told of."""
    lay_out(tmp_path, hostile=True)
    built = build(open_workspace(tmp_path), HOSTILE, on=DAY)
    assert ["N217"] == [one.code for one in built.findings if one.code.startswith("N2")]


def test_how_a_mail_looks_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks share what is slow to work out: the look of each element, in light and in dark."""
    mail, asked = replace(finished()), []

    def counted(read: page.Page, *, dark: bool = False) -> dict[page.Element, Look]:
        asked.append(dark)
        return looks(read, dark=dark)

    monkeypatch.setattr(page, "looks", counted)
    assert [] == list(check_mail(mail))
    assert [False, True] == asked


# Size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (81_408, []),
        (81_409, [(Severity.WARNING, "the email is 79.5 KB of 100 KB")]),
        (101_888, [(Severity.WARNING, "the email is 99.5 KB of 100 KB")]),
        (101_889, [(Severity.ERROR, "the email is 99.5 KB of 100 KB")]),
    ],
)
def test_size_warns_and_then_refuses(size: int, expected: list[tuple[Severity, str]]) -> None:
    """Above four fifths of 102,400 bytes there is a warning, above all an error; 512 are kept for the person's own."""
    hint = "Shorten the longest sections, or move one to a page of its own and link to it."
    mail = replace(finished(), edition=Edition("2026-01", "Hi", "", "<p>Hello</p>".ljust(size, "x"), "Hi"))
    findings = [Finding(Place(FILE), head[0], "N201", head[1], hint) for head in expected]
    assert findings == [finding for finding in check_mail(mail) if finding.code == "N201"]


def test_size_counts_bytes() -> None:
    """A letter with an accent counts as the two bytes that it is."""
    mail = replace(finished(), edition=Edition("2026-01", "Hi", "", "é" * 51_200, "Hi"))
    assert [Severity.ERROR] == [finding.severity for finding in check_mail(mail) if finding.code == "N201"]


def test_size_names_the_largest_sections() -> None:
    """The hint says which sections are the largest, by the headings of the HTML that are their titles."""
    mail = with_html("Please read the", f"<!-- <h2> -->{'x' * 90_000} Please read the")
    (finding,) = (one for one in check_mail(mail) if one.code == "N201")
    names, rest = finding.hint.split("\n")
    assert "Shorten them, or move one to a page of its own and link to it." == rest
    assert names.startswith('The largest: "What changed" 88')
    assert ["What changed", "Training dates", "Where to ask"] == names.split('"')[1::2]


# Unsubscribe

LINK = 'href="NL_UNSUBSCRIBE_NL"'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<p><a {LINK}>Leave</a></p>", []),
        (f"<!-- <a {LINK}>Leave</a> -->", ["the HTML has no unsubscribe link"]),
        (f"<!--[if mso]><a {LINK}>Leave</a><![endif]-->", ["the HTML has no unsubscribe link"]),
        (f"<!--[if !mso]><!--><a {LINK}>Leave</a><!--<![endif]-->", []),
        ('<a href="https://example.org/?u=NL_UNSUBSCRIBE_NL">Leave</a>', ["the HTML has no unsubscribe link"]),
        (f"<a {LINK}></a>", ["the HTML has an unsubscribe link that readers cannot see"]),
        (f"<a {LINK}>&nbsp;</a>", ["the HTML has an unsubscribe link that readers cannot see"]),
        (
            f'<div style="display:none"><a {LINK}>Leave</a></div>',
            ["the HTML has an unsubscribe link that readers cannot see"],
        ),
        (f'<a {LINK} style="font-size:0">Leave</a>', ["the HTML has an unsubscribe link that readers cannot see"]),
        ("NL_UNSUBSCRIBE_NL", ["the HTML has no unsubscribe link"]),
    ],
)
def test_unsubscribe_link_can_be_seen_and_followed(html: str, expected: list[str]) -> None:
    """Only a link whose address is the placeholder, with words that a reader sees, counts."""
    mail = replace(finished(), edition=Edition("2026-01", "Hi", "", html, "Leave: NL_UNSUBSCRIBE_NL"))
    assert expected == messages(mail, "N202")


@pytest.mark.parametrize("text", ["Leave", "https://example.org/NL_UNSUBSCRIBE_NL", "NL_UNSUBSCRIBE"])
def test_unsubscribe_link_stands_in_the_plain_text(text: str) -> None:
    """The plain text has the placeholder too, whole and alone."""
    mail = with_text("NL_UNSUBSCRIBE_NL", text)
    assert ["the plain text has no unsubscribe link"] == messages(mail, "N202")


# The plain text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("What changed\n", "WHAT CHANGED\n", []),
        ("January 2026 newsletter", "", ["the plain text does not say the subject"]),
        ("Where to ask", "", ['the section "Where to ask" is not in the plain text']),
        (
            "3 February 2026",
            "3 Feb",
            ["Tuesday 3 February 2026, 9am to 10am is not in the plain text"],
        ),
        ("https://example.org/book/1", "", ["https://example.org/book/1 is a link that the plain text lacks"]),
        (
            "https://example.org/book/",
            "",
            ["2 links are not in the plain text; the first is https://example.org/book/1"],
        ),
        # A longer address is another one.
        ("https://example.org/changes\n", "\n", ["https://example.org/changes is a link that the plain text lacks"]),
        ("https://example.org/book/1", "(https://example.org/book/1).", []),
        ("mailto:", "", []),
        (
            "Please read the summary of changes before you begin.",
            "Hello.",
            ['the text "Please read the [summary of changes](..." is not in the plain text'],
        ),
        ("Family help", "<b>Family help</b>", ['2 pieces of HTML are in the plain text; the first is "<b>"']),
        ("Family help", "Family &amp; help", ['"&amp;" is HTML in the plain text']),
        ("Family help", "a < b and c > d", []),
        (
            "Hello to all",
            "Hello " * 30,
            ['"Hello Hello Hello Hello Hello Hello H..." (180 columns) is a long line of the plain text'],
        ),
    ],
)
def test_plain_text_says_what_the_html_says(old: str, new: str, expected: list[str]) -> None:
    """Subject, titles, dates, words and links of the HTML stand in the plain text, and no markup does."""
    assert expected == messages(with_text(old, new), "N203")


def test_what_only_the_html_has_is_told_at_its_line() -> None:
    """A link that the author wrote, a title, a date and a text have their own places."""
    places = {
        "https://example.org/book/2": (15, 32),
        "Where to ask": (9, 12),
        "10 February": (15, 73),
    }
    for old, (line, column) in places.items():
        (finding,) = (one for one in check_mail(with_text(old, "")) if one.code == "N203")
        assert (line, column) == (finding.place.line, finding.place.column), old


def test_an_empty_plain_text_is_told_once() -> None:
    """Of a mail without plain text that alone is said, not all that it lacks."""
    mail = replace(finished(), edition=replace(finished().edition, text=" \n"))
    assert ["the plain text part is empty"] == messages(mail, "N203")


# Templates from nothing

NAIVE = """\
<html><head><title></title></head><body>
<div style="max-width:600px;margin:0 auto;padding:20px;font-size:12px;color:#999999">
<a href="{{ website }}"><img src="https://example.org/logo.png"></a>
<h2>{{ issue.subject }}</h2>
{% for section in issue.sections %}
<table><tr><td><h4>{{ section.title }}</h4>{% include "sections/" ~ section.type ~ ".html" %}</td></tr></table>
{% endfor %}
</div></body></html>
"""


def test_a_naive_template_is_told_all_that_is_wrong(tmp_path: Path) -> None:
    """A template written as for the web gets every fault at once, each in one line."""
    templates = {
        "email.html": NAIVE.replace("{{ website }}", ""),
        "email.txt": "{{ issue.subject }}\n",
        "sections/training.html": "{% for course in section.courses %}<a href='{{ course.book }}'>Book</a>{% endfor %}",
    }
    found = list(check_mail(made(tmp_path, templates)))
    assert [
        "N202", "N202", "N203", "N203", "N203", "N204", "N206", "N207", "N208", "N209", "N209", "N210", "N211",
        "N212", "N213", "N214", "N216", "N216", "N216", "N218",
    ] == [finding.code for finding in found]  # fmt: skip
    assert [] == [finding for finding in found if not finding.hint or "\n" in finding.message]


def test_a_template_from_another_world_is_read(tmp_path: Path) -> None:
    """A plain mail of paragraphs that does everything right has no finding but those on its layout."""
    html = """\
    <!DOCTYPE html>
    <html lang="en-GB" dir="ltr"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><title>{{ issue.subject }}</title></head><body>
    <div style="display:none">{{ issue.preheader }}</div>
    <div lang="en-GB" dir="ltr"><h1>{{ issue.subject }}</h1>{{ issue.welcome | markdown }}
    {% for section in issue.sections %}<h2>{{ section.title }}</h2>
    {% if section.body %}{{ section.body | markdown }}{% else %}{% for course in section.courses %}
    <h3>{{ course.title }}</h3><p>{% for one in course.in_order %}{{ one.date | date }}{% endfor %}
    <a href="{{ course.book }}">{{ course.booking }}</a></p>{% endfor %}{% endif %}{% endfor %}
    <p><a href="{{ unsubscribe }}">Leave us</a></p></div></body></html>
    """
    html = html.replace("{% if section.body %}", '{% if section.type == "article" %}')
    assert [] == [str(finding) for finding in check_mail(made(tmp_path, {"email.html": dedent(html)}))]
