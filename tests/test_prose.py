"""Markdown: what authors write comes out as safe HTML and as plain text, and nothing else does."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.prose import LIMIT_NESTING, ProseLink, fill, links, to_html, to_text, too_deep, unbroken

P = '<p class="text ink">'
TAGS = {"p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6"}

FORMS = {
    "paragraphs": ("One\ntwo\n\nthree", f"{P}One\ntwo</p>\n{P}three</p>\n", "One two\n\nthree"),
    "emphasis": ("*a* **b** `c`", f'{P}<em>a</em> <strong>b</strong> <code class="code ink">c</code></p>\n', "a b c"),
    "hard breaks": ("a  \nb\\\nc", f"{P}a<br>\nb<br>\nc</p>\n", "a\nb\nc"),
    "a quote": (
        "> a\n>\n> b",
        f'<blockquote class="quoted">\n{P}a</p>\n{P}b</p>\n</blockquote>\n',
        "> a\n>\n> b",
    ),
    "a rule": ("a\n\n---\n", f'{P}a</p>\n<hr class="rule">\n', "a\n\n---"),
    "code": (
        "    a  b",
        '<pre class="code ink"><code>a  b\n</code></pre>\n',
        "a  b",
    ),
    "a fence": ("```\na <b>\n```", '<pre><code class="code ink">a &lt;b&gt;\n</code></pre>\n', "a <b>"),
    "nested lists": (
        "- a\n  1. b\n  2. c\n- d",
        (
            '<ul class="list">\n<li class="item ink">a\n<ol class="list">\n<li class="item ink">b</li>\n'
            '<li class="item ink">c</li>\n</ol>\n</li>\n<li class="item ink">d</li>\n</ul>\n'
        ),
        "* a\n  1. b\n  2. c\n* d",
    ),
    "a numbered list": (
        "9. a\n10. b\n\n    c",
        (
            f'<ol start="9" class="list">\n<li class="item ink">\n{P}a</p>\n</li>\n'
            f'<li class="item ink">\n{P}b</p>\n{P}c</p>\n'
            "</li>\n</ol>\n"
        ),
        "9. a\n\n10. b\n\n    c",
    ),
    "a link": (
        '[Our page](https://example.org/a?b=1&c=2 "title") is here.',
        f'{P}<a href="https://example.org/a?b=1&amp;c=2" class="link">Our page</a> is here.</p>\n',
        "Our page is here.\nOur page\nhttps://example.org/a?b=1&c=2",
    ),
    "a link alone": (
        "[Our page](https://example.org/)",
        f'{P}<a href="https://example.org/" class="link">Our page</a></p>\n',
        "Our page\nhttps://example.org/",
    ),
    "bare and pointed links": (
        "https://example.org/a. <https://example.org/b> <me@example.org>",
        (
            f'{P}<a href="https://example.org/a" class="link">https://example.org/a</a>. '
            '<a href="https://example.org/b" class="link">https://example.org/b</a> '
            '<a href="mailto:me@example.org" class="link">me@example.org</a></p>\n'
        ),
        "https://example.org/a. https://example.org/b me@example.org",
    ),
    "what is no link": (
        "leeds.gov www.example.org a@example.org 1.2.3",
        f"{P}leeds.gov www.example.org a@example.org 1.2.3</p>\n",
        "leeds.gov www.example.org a@example.org 1.2.3",
    ),
    "a link of another name": (
        "[https://example.org/a](https://example.org/b)",
        f'{P}<a href="https://example.org/b" class="link">https://example.org/a</a></p>\n',
        "https://example.org/a\nhttps://example.org/b",
    ),
    "entities": ("&copy; &lt;b&gt; \\*a\\*", f"{P}© &lt;b&gt; *a*</p>\n", "© <b> *a*"),
    "a date": (
        "On Tuesday 3 February 2026, 9am to 3:30pm.",
        f"{P}On Tuesday&nbsp;3&nbsp;February 2026, 9am&nbsp;to&nbsp;3:30pm.</p>\n",
        "On Tuesday 3 February 2026, 9am to 3:30pm.",
    ),
}


@pytest.mark.parametrize(("written", "html", "text"), FORMS.values(), ids=FORMS)
def test_forms_of_markdown(written: str, html: str, text: str) -> None:
    """Each form has its HTML, with the classes that dark mode needs, and its plain text."""
    assert html == to_html(written)
    assert text == to_text(written)


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe src=//example.org></iframe>",
        "<form action=x><input></form>",
        "<style>@import url(x)</style>",
        "<svg onload=alert(1)>",
        "<b>bold</b>",
        "<!-- comment -->",
        "<a href='javascript:x'>y</a>",
        "</body></html>",
    ],
)
def test_raw_html_is_text(written: str) -> None:
    """HTML that an author writes is shown as it was written, and never works."""
    shown = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"{P}{shown}</p>\n" == to_html(written).replace("&quot;", '"')
    assert " ".join(written.split()) == to_text(written)


@pytest.mark.parametrize("written", ["{{ 7*7 }}", "{% raw %}", "*|MERGE|", "%recipient.name%", "{{{x}}}", "${x}"])
def test_template_languages_are_text(written: str) -> None:
    """What some other program might expand stays what it is."""
    assert (f"{P}{written}</p>\n", written) == (to_html(written), to_text(written))


@pytest.mark.parametrize(
    ("written", "top", "expected"),
    [
        ("# a\n## b\n### c", 3, ["h3", "h4", "h5"]),
        ("### a\n###### b", 3, ["h3", "h4"]),
        ("#### a\n# b\n## c", 3, ["h3", "h3", "h4"]),
        ("# a\n### b\n## c\n# d", 3, ["h3", "h4", "h4", "h3"]),
        ("# a\n## b\n### c\n#### d\n##### e", 3, ["h3", "h4", "h5", "h6", "h6"]),
        ("# a\n## b", 4, ["h4", "h5"]),
        ("a\n===\nb\n---", 3, ["h3", "h4"]),
    ],
)
def test_headings_skip_no_level(written: str, top: int, expected: list[str]) -> None:
    """An author's headings begin under the page's own, and each goes at most one level deeper than the last."""
    seen = Seen(to_html(written, top=top))
    assert expected == [tag for tag, _ in seen.tags]
    assert expected == seen.closed


def test_links_are_found_with_their_lines() -> None:
    """Links and pictures come in reading order, each with its words, its address and its line."""
    written = (
        "One [a *b*](https://example.org/1)\ntwo <me@example.org>\n\n"
        "- x\n- ![alt](p.png) and [r\nq][ref]\n\n[ref]: tel:1\n"
    )
    expected = [
        ProseLink("a b", "https://example.org/1", 0),
        ProseLink("me@example.org", "mailto:me@example.org", 1),
        ProseLink("alt", "p.png", 4, is_image=True),
        ProseLink("r q", "tel:1", 4),
    ]
    assert expected == list(links(written))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 to 8 February 2026", "3~to~8~February 2026"),
        ("Tuesday 3 February 2026", "Tuesday~3~February 2026"),
        ("28 February to 2 March 2026", "28~February to 2~March 2026"),
        ("9am to 3:30pm, midday to midnight", "9am~to~3:30pm, midday~to~midnight"),
        ("13 people, May to June, 3 Febr", "13 people, May to June, 3 Febr"),
    ],
)
def test_dates_and_times_hold_together(text: str, expected: str) -> None:
    """Non-breaking spaces hold a day to its weekday and month, and the two ends of a time."""
    assert expected.replace("~", "\N{NO-BREAK SPACE}") == unbroken(text)


def test_text_is_72_columns_and_addresses_are_whole() -> None:
    """Plain text is broken at blanks after 72 columns at most, in lists and quotes too; an address never is."""
    url = "https://example.org/" + "a-" * 60
    words = "word " * 40
    lines = to_text(f"{words}[l]({url})\n\n- {words}\n  1. {words}\n\n> {words}\n").split("\n")
    assert 4 * 40 + 2 == sum(line.count("word") for line in lines) + lines.count("l") + lines.count(url)
    assert 72 >= max(len(line) for line in lines if line != url)
    assert ["a-b" * 30] == fill("a-b" * 30)


def test_deep_nesting_still_has_room_for_words() -> None:
    """However deep a list goes, its words stand beside each other and none is lost."""
    assert to_text("999999999. " * 9 + "some words here").endswith(" some words here")


def test_nothing_is_lost_up_to_the_limit() -> None:
    """Up to the limit of nesting all words come out; beyond it, however far, the line is told."""
    for depth in range(1, 100):
        written = "one\n\n" + ">" * depth + " word"
        line = too_deep(written)
        assert (None if depth < LIMIT_NESTING - 1 else 2) == line  # the words stand a level below their paragraph
        assert line is not None or ("word" in to_html(written) and "word" in to_text(written))


@pytest.mark.parametrize(
    "written",
    [
        ">" * 5000,
        "[" * 5000,
        "![" * 5000,
        "- " * 5000,
        "*a " * 5000,
        "`" * 5000 + "a",
        "<" * 5000,
        "[a](" * 2000,
        "(" * 5000,
    ],
    ids=lambda written: written[:4],
)
def test_hostile_nesting_comes_to_an_end(written: str) -> None:
    """Five thousand of an opening mark are text, and no stack overflows."""
    assert TAGS >= {tag for tag, _ in Seen(to_html(written)).tags}
    assert len(to_text(written)) <= len(written) * 2
    assert [] == list(links(written))


class Seen(HTMLParser):
    """What a browser finds in a piece of HTML: its tags with their attributes, and those closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.closed: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag that is opened."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Keep a tag that is closed."""
        self.closed.append(tag)


SIGNS = "*_`[]()<>!#-+>\\\n \t&;:/\"'|~=1.{}%"
WORDS = ["javascript:", "https://a", "](", "<a href=", "&#106;", "    ", "\n\n"]
MARKS = st.sampled_from([*SIGNS, *WORDS])


@settings(deadline=None, max_examples=300)
@given(st.lists(MARKS | st.text(max_size=3), max_size=40).map("".join))
@example("[x](javascript:alert(1))")
@example('[x](https://a "onmouseover=alert(1)")')
@example("<javascript:alert(1)>")
@example('``` x" onclick="y\na\n```')
def test_nothing_but_safe_html_comes_out(text: str) -> None:
    """Whatever is written, only our own tags, attributes and link schemes come out, and plain text can be made."""
    for tag, attributes in Seen(to_html(text)).tags:
        assert tag in TAGS
        assert {"href", "class", "start"} >= set(attributes)
        href = attributes.get("href")
        assert href is None or href.partition(":")[0].lower() in {"https", "http", "mailto", "tel"} or ":" not in href
    to_text(text)
    assert all(0 <= link.line <= text.count("\n") + text.count("\r") for link in links(text))
