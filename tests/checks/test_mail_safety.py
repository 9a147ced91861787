"""The finished mail watches nobody and runs nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from checks.bench import DAY, Example, article, found, html
from checks.mailbench import ARCHIVE, FILE, ISSUE, added, made, messages

from newsletter.build import build
from newsletter.checks import check_mail
from newsletter.config import open_workspace
from newsletter.findings import Place, Severity

if TYPE_CHECKING:
    from pathlib import Path

# Tracking

ELSEWHERE = "{} is fetched from elsewhere"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="https://example.com/a.png" alt="">', [ELSEWHERE.format('<img src="https://example.com/a.png">')]),
        ('<img src="//example.com/a.png" alt="">', [ELSEWHERE.format('<img src="//example.com/a.png">')]),
        ('<img src="ht&#10;tp://example.com/a" alt="">', [ELSEWHERE.format('<img src="ht tp://example.com/a">')]),
        ('<img src="&#1;https://example.com/a" alt="">', [ELSEWHERE.format('<img src="\x01https://example.com/a">')]),
        (r'<img src="/\example.com/a" alt="">', [ELSEWHERE.format(r'<img src="/\example.com/a">')]),
        (r'<img src="\\example.com\a" alt="">', [ELSEWHERE.format(r'<img src="\\example.com\a">')]),
        ('<img src=" HTTPS://example.com/a" alt="">', [ELSEWHERE.format('<img src="HTTPS://example.com/a">')]),
        (
            '<img src="cid:a" srcset="cid:b 1x, https://example.com/a 2x" alt="">',
            [ELSEWHERE.format('<img src="cid:a">')],
        ),
        ('<img src="https://example.org/newsletter/images/a.1234.png" width="9" height="9" alt="">', []),
        (
            '<img src="https://example.org/newsletter/images/a.png?who=1" alt="">',
            [ELSEWHERE.format('<img src="https://example.org/newsletter/images...">')],
        ),
        (
            '<img src="https://example.org/newsletter/images/../open" alt="">',
            [ELSEWHERE.format('<img src="https://example.org/newsletter/images...">')],
        ),
        (
            '<img src="https://example.org/newsletter.evil/a.png" alt="">',
            [ELSEWHERE.format('<img src="https://example.org/newsletter.evil/a...">')],
        ),
        (
            '<img src="https://example.org/newsletter/images/a.png" width="1" height="1" alt="">',
            ['<img src="https://example.org/newsletter/images..."> is a picture that nobody sees, as trackers are'],
        ),
        (
            '<img src="https://example.org/newsletter/images/a.png" style="display:none" alt="">',
            ['<img src="https://example.org/newsletter/images..."> is a picture that nobody sees, as trackers are'],
        ),
        ('<table><tr><td background="https://example.com/b.png">x</td></tr></table>', [ELSEWHERE.format("<td>")]),
        (
            '<!--[if gte mso 9]><v:fill src="https://example.com/b.png"/><![endif]-->',
            [ELSEWHERE.format('<v:fill src="https://example.com/b.png">')],
        ),
        (
            '<img src="https://example.org/newsletter/open" alt="">',
            [ELSEWHERE.format('<img src="https://example.org/newsletter/open">')],
        ),
        ('<video poster="https://example.com/p"></video>', [ELSEWHERE.format("<video>")]),
        ('<input type="image" src="https://example.com/p">', [ELSEWHERE.format('<input src="https://example.com/p">')]),
        (
            '<p class="x" style="background:url(https://example.com/b)">x</p>',
            ['<p class="x"> with a style that fetches would fetch something when the email is opened'],
        ),
        (
            r'<p class="x" style="background:u\72l(x)">x</p>',
            ['<p class="x"> with a style that fetches would fetch something when the email is opened'],
        ),
        *(
            (
                f'<p class="x" style="{style}">x</p>',
                ['<p class="x"> with a style that fetches would fetch something when the email is opened'],
            )
            for style in (
                "content:image('https://example.com/b')",
                "background-image:image-set('https://example.com/b' 1x)",
                "background-image:-webkit-image-set('https://example.com/b' 1x)",
                "background:src('https://example.com/b')",
            )
        ),
        ('<p style="background-image:none;content:normal">x</p>', []),
        (
            '<!--[IF MSO]><v:fill src="https://example.com/b.png"/><![ENDIF]-->',
            [ELSEWHERE.format('<v:fill src="https://example.com/b.png">')],
        ),
        (
            "<style>@import 'https://example.com/c.css';</style>",
            ["<style> with a style that fetches would fetch something when the email is opened"],
        ),
        (
            "<style>@font-face { font-family: A; src: local(A) }</style>",
            ["<style> with a style that fetches would fetch something when the email is opened"],
        ),
        (
            "<!--[if mso]><style>p { background: url(x) }</style><![endif]-->",
            ["<style> with a style that fetches would fetch something when the email is opened"],
        ),
        (
            '<link rel="stylesheet" href="https://example.com/f.css">',
            ['<link href="https://example.com/f.css"> would fetch something when the email is opened'],
        ),
        (
            '<a href="https://example.org/a" ping="https://example.com/p">x</a>',
            ['<a href="https://example.org/a"> with ping tells of clicks'],
        ),
        ("<!-- https://example.com/open.gif -->", []),
        ('<a href="https://example.com/open.gif">A picture to look at</a>', []),
    ],
)
def test_nothing_calls_home(html: str, expected: list[str]) -> None:
    """Whatever would be fetched when the mail is opened, and whatever tells of a click, is found."""
    assert expected == messages(added(html, archive_url=ARCHIVE), "N204")


def test_without_an_archive_no_picture_is_on_the_web() -> None:
    """Where no archive_url is set, pictures travel inside the message, and every other is a stranger's."""
    html = '<img src="https://example.org/newsletter/images/a.png" width="9" height="9" alt=""><img src="cid:a" alt="">'
    assert ['<img src="https://example.org/newsletter/images..."> is fetched from elsewhere'] == messages(
        added(html), "N204"
    )


def test_many_pictures_from_elsewhere_are_one_fault() -> None:
    """What comes from one template is told once, with its number."""
    html = "".join(f'<img src="https://example.com/{number}" alt="">' for number in range(40))
    expected = '40 pictures are fetched from elsewhere; the first is <img src="https://example.com/0">'
    assert [expected] == messages(added(html), "N204")


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (
            "https://example.us1.list-manage.com/track/click?u=1",
            "leads through example.us1.list-manage.com, which counts",
        ),
        (
            "https://eur03.safelinks.protection.outlook.com/?url=x",
            "leads through eur03.safelinks.protection.outlook.com",
        ),
        ("https://www.google.com/url?q=https://example.org", "leads through www.google.com, which counts"),
        ("https://example.com/go?to=https://example.org/a", "carries another address, on example.org"),
        ("https://example.com/go?to=https%3A%2F%2Fexample.org%2Fa", "carries another address, on example.org"),
        ("https://example.com/go?to=https%253A%252F%252Fexample.org", "carries another address, on example.org"),
        ("https://example.com/#u=//example.org/a", "carries another address, on example.org"),
        ("https://example.com/login?back=https://www.example.com/a", ""),
        ("https://view.officeapps.live.com/op/view.aspx?src=https://example.org/a.docx", ""),
        ("https://calendar.google.com/calendar/render?location=https://example.org/j/1", ""),
        ("https://www.google.com/maps?q=https://example.org", ""),
        ("ht&#10;tps://lnks.gd/l/x", "leads through lnks.gd"),
        ("https://web.archive.org/web/2020/https://example.org/", ""),
        ("https://not-list-manage.com/", ""),
        ("https://[broken/?u=https://example.org", ""),
        ("mailto:a@example.org?body=https://example.com", ""),
    ],
)
def test_links_lead_straight_to_where_they_go(href: str, expected: str) -> None:
    """Click counters, rewritten links and redirects are found; logins, viewers and archives are none."""
    found = messages(added(f'<a href="{href}">Here you see more</a>'), "N204")
    assert [bool(expected)] == [bool(found)]
    assert expected in "".join(found)


def test_a_redirect_of_the_author_is_told_at_its_line(tmp_path: Path) -> None:
    """A link that the author pasted out of a filtered mail is told at its place, and can be excused by its words."""
    pasted = ISSUE.replace("https://example.org/book/2", "https://example.trackedlink.net/2")
    mail = made(tmp_path)
    (tmp_path / FILE).write_text(pasted, "utf-8")
    workspace = open_workspace(tmp_path)
    built = build(workspace, "2026-01", on=DAY)
    (finding,) = (
        one for one in check_mail(replace(mail, issue=built.issue, edition=built.edition)) if one.code == "N204"
    )
    assert (15, "https://example.trackedlink.net/2") == (finding.place.line, finding.words)


def test_an_author_s_link_that_may_be_a_redirect_is_a_warning() -> None:
    """An honest link to share is not refused; it can be left out by the very line that the hint gives."""
    shared = "https://share.example.com/?url=https://example.org/x"
    (finding,) = found(Example(article(f"[Share it]({shared})")), "N204")
    assert (Severity.WARNING, Place(FILE, 7, 18)) == (finding.severity, finding.place)
    line = finding.hint.splitlines()[-1]
    assert f'- {{code: N204, text: "{shared}", why: the reason}}' == line
    excused = f"check-ignore:\n  {line}\n{article(f'[Share it]({shared})')}"
    assert [] == found(Example(excused), "N204", "N016")


def test_a_redirect_is_an_error_whoever_wrote_it() -> None:
    """A click counter stops a send, and so does a template's link with another address in it."""
    counted = found(Example(article("[Read it](https://lnks.gd/l/x)")), "N204")
    added_link = '<a href="https://example.com/?url=https://example.org/x">Share it</a></body>'
    ours = found(Example(article("Hello"), change=html("</body>", added_link)), "N204")
    assert [Severity.ERROR] * 2 == [finding.severity for finding in (*counted, *ours)]


# What runs


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<script>x</script>", ["<script> cannot stand in an email"]),
        ("<form><input><button>x</button></form>", ["3 elements cannot stand in an email; the first is <form>"]),
        (
            "<iframe src='https://example.org'></iframe>",
            ['<iframe src="https://example.org"> cannot stand in an email'],
        ),
        ("<svg><circle/></svg>", ["<svg> cannot stand in an email"]),
        ('<base href="https://example.com/">', ['<base href="https://example.com/"> cannot stand in an email']),
        ('<meta http-equiv="Refresh" content="0; url=x">', ["<meta> cannot stand in an email"]),
        ('<p OnClick="x()">x</p>', ["<p> with onclick would run a script"]),
        ('<a href="javascript:x()">x</a>', ['"javascript:x()" in <a> is no link that an email can hold']),
        ('<a href="java&#10;script:x()">x</a>', ['"javascript:x()" in <a> is no link that an email can hold']),
        ('<a href="&#1;JavaScript:x()">x</a>', ['"JavaScript:x()" in <a> is no link that an email can hold']),
        ('<a href="data:text/html,x">x</a>', ['"data:text/html,x" in <a> is no link that an email can hold']),
        ('<a href="vbscript:x">x</a>', ['"vbscript:x" in <a> is no link that an email can hold']),
        ('<a href="file:///x">x</a>', ['"file:///x" in <a> is no link that an email can hold']),
        ('<a href="//example.com/x">x</a>', ['"//example.com/x" in <a> is no link that an email can hold']),
        ('<a href="page.html">x</a>', ['"page.html" in <a> is no link that an email can hold']),
        ('<img src="images/a.png" alt="">', ['"images/a.png" in <img> is no link that an email can hold']),
        (
            '<img src="data:image/png;base64,x" alt="">',
            ['"data:image/png;base64,x" in <img> is no link that an email can hold'],
        ),
        (
            '<!--[if mso]><v:roundrect href="https://example.org/x"><![endif]-->',
            ['<v:roundrect href="https://example.org/x"> is a link that keyboards cannot reach'],
        ),
        ('<a href="#top">x</a><a href="tel:1">y</a><a href="HTTP://example.org">z</a><a name="n"></a>', []),
        ("<!-- <script>x</script> -->", []),
        ("<p>An onclick is no script, nor is javascript: in words</p>", []),
    ],
)
def test_nothing_runs(html: str, expected: list[str]) -> None:
    """Active elements, handlers, unsafe links and links in VML are found wherever they stand."""
    assert expected == messages(added(html), "N205")
