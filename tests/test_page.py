"""The page: HTML of any kind as a mail program would read it; and the little of CSS that is read with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.page import Page, cut, tally
from newsletter.page.css import borders, colour, declarations, is_important, pixels, read_sheet, sides, unescaped
from newsletter.page.texts import squeezed


def test_the_page_is_given_in_reading_order() -> None:
    """Elements, texts, links and headings come as a reader meets them."""
    page = Page(
        "<!DOCTYPE html><title>T</title><body><h1>One &amp; <b>two</b></h1>"
        "<p>Text<br>goes <a href='x'>o<i>n</i></a></p><!-- not this --><a name='here'></a>"
    )
    assert page.has_doctype
    assert "One & two Text goes on" == page.text
    assert ["html", "head", "title", "body", "h1", "b", "p", "br", "a", "i", "a"] == [one.tag for one in page.elements]
    assert [("h1", "One & "), ("b", "two"), ("p", "Text"), ("p", "goes "), ("a", "o"), ("i", "n")] == [
        (element.tag, text) for element, text in page.runs
    ]
    assert [("x", "on")] == [(link.href, link.text) for link in page.links]
    assert ["One & two"] == [heading.text for heading in page.headings]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", "a b"),
        ("a<b>b</b>c", "abc"),
        ("<td>a</td><td>b</td>", "a b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("a&nbsp;&nbsp;b", "a b"),
        ("<p>a<style>p{}</style><script>x</script>", "a"),
        ("a<xml><o:p>96</o:p></xml>", "a"),
        ("<!--[if mso]>for Word<![endif]-->a", "a"),
        ("<!--[if !mso]><!-->for others<!--<![endif]-->", "for others"),
        ("a<div style='font:0/0 a'>b</div>", "a"),
        ("a<div style='display:none'>b<p>c</p></div>", "a"),
        ("a<div hidden>b</div>", "a"),
        ("a<div style='visibility: hidden !important'>b</div>", "a"),
        ("a<div style='font-size:0'>b</div>", "a"),
        ("a<div style='max-height:0;overflow:hidden'>b</div>", "a"),
        ("a<div style='max-height:0'>b</div>", "a b"),
        ("a<div style='opacity:0'>b</div>", "a"),
        ("<p>a<p>b<div>c", "a b c"),
        ("<b>a</p>", "a"),
        ("a < b", "a < b"),
        ("", ""),
        ("<", "<"),
        ("\ud800", "?"),
        ('<?xml version="1.0" encoding="utf-16"?><p>a', "a"),
        ("<meta charset=utf-16><p>\u00e9", "\u00e9"),
    ],
)
def test_what_a_reader_sees(html: str, expected: str) -> None:
    """Blocks are parted by a blank, what is hidden is left out, and torn HTML is read to its end."""
    assert expected == Page(html).text


def test_hidden_text_is_kept_apart() -> None:
    """What nobody sees is no text of the page, but can be asked for."""
    page = Page("<body><div style='display:none'>Pre <b>header</b></div><p>Shown</p>")
    (hidden,) = page.all("div")
    assert ("", "Pre header", "Shown", "Pre header Shown") == (
        hidden.text,
        hidden.whole_text,
        page.text,
        page.whole_text,
    )


def test_what_is_for_word_alone_is_given_apart() -> None:
    """Comments for Word are read as HTML, other comments and those for all others are not."""
    page = Page(
        "<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->"
        "<!--[if (gte mso 9)|(IE)]><v:rect href='u'/><![endif]--><!--[if !mso]><!--><i>y</i><!--<![endif]-->"
        "<!-- <table> --><!--[if !mso]><u>z</u><![endif]-->"
    )
    assert ["table", "tr", "td", "v:rect"] == [one.tag for one in page.for_word if one.tag not in {"html", "body"}]
    assert {True} == {one.in_word for one in page.for_word}
    assert [] == page.all("table", "v:rect")
    assert ["html", "body", "p", "i", "table", "tr", "td", "v:rect"] == [one.tag for one in page.everything]


def test_comments_for_word_are_read_whatever_their_case() -> None:
    """Word takes IF for if."""
    (picture,) = (one for one in Page("<!--[IF MSO]><img src='a'><![ENDIF]-->").for_word if one.tag == "img")
    assert "a" == picture.attributes["src"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ht\ntp\ts://\r\x01x", "https://x"),
        (" \x1fhttps://x\x7f\n", "https://x"),
        ("https://x/a b", "https://x/a b"),
    ],
)
def test_addresses_are_read_without_their_controls(address: str, expected: str) -> None:
    """What browsers pass over does not hide an address."""
    assert expected == squeezed(address)


def test_links_have_the_words_of_their_pictures() -> None:
    """A link that is only a picture is known by the picture's alt."""
    (link,) = Page('<a href="x"><span><img alt="The  centre"><img alt="in Leeds"></span></a>').links
    assert ("", "The centre in Leeds") == (link.text, link.alt)


def test_an_element_is_named_as_in_its_template() -> None:
    """Its tag stands with what tells it from others, cut to a line."""
    page = Page(f'<p><a class="link" href="https://example.org/{"x" * 90}" style="top:0">x</a><td>y</td>')
    assert ["<p>", f'<a class="link" href="https://example.org/{"x" * 17}...">'] == [
        str(one) for one in page.all("p", "a")
    ]


def test_a_deep_page_is_read_to_its_end() -> None:
    """No limit of depth cuts off what would then not be checked."""
    page = Page("<div>" * 5_000 + "<a href='x'>deep</a>" + "</div>" * 5_000 + "<p>end")
    assert (5_000, "deep end", ["x"]) == (len(page.all("div")), page.text, [link.href for link in page.links])


@given(st.text(alphabet=st.sampled_from("<>/ab=\"'! -[]&;\0\u00e9"), max_size=60))
def test_any_text_is_a_page(html: str) -> None:
    """Whatever comes, a page is read, and every text in it has its element."""
    page = Page(html)
    assert all(element in page.elements for element, _ in page.runs)


def test_many_faults_are_told_as_one() -> None:
    """One is named, of many the first, with their number."""
    told = ("has no alt", "pictures have no alt")
    assert "<img> has no alt" == tally(["<img>"], *told)
    assert "3 pictures have no alt; the first is a" == tally("abc", *told)
    assert ("a b", "abcdefg...") == (cut(" a\n b "), cut("abcdefghijklm", 10))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("Color: red; margin : 0  1px", {"color": "red", "margin": "0 1px"}),
        ("color:red;color:blue;", {"color": "blue"}),
        ("background:url(data:image/png;base64,x);top:0", {"background": "url(data:image/png;base64,x)", "top": "0"}),
        ("font-family:'a;b';top:0", {"font-family": "'a;b'", "top": "0"}),
        ("/* top:1px; */ top:0", {"top": "0"}),
        ("nonsense; :x; top:0", {"top": "0"}),
        (
            "font: italic BOLD 10px / 1.5 'A B', serif",
            {"font-weight": "BOLD", "font-size": "10px", "line-height": "1.5", "font-family": "'A B', serif"},
        ),
        (
            "font-size:1px;font:12pt A !important",
            {
                "font-weight": "normal !important",
                "font-size": "12pt !important",
                "line-height": "normal !important",
                "font-family": "A !important",
            },
        ),
        ("font:inherit", {"font": "inherit"}),
        ("font:12px", {"font": "12px"}),
        ("background:url(x", {"background": "url(x"}),
        ("", {}),
    ],
)
def test_declarations_are_read(style: str, expected: dict[str, str]) -> None:
    """Names are in small letters, the later of a name wins, and quotes and brackets hold their semicolons."""
    assert expected == dict(declarations(style))


def test_rules_know_what_is_around_them() -> None:
    """Each rule has its selectors, and the at-rules that it stands in."""
    sheet = read_sheet("@import 'x'; p, .a b { top: 0 } @media x { @media y { i { top: 1px !important } } }")
    assert [((), ("p", ".a b"), {"top": "0"}), (("@media x", "@media y"), ("i",), {"top": "1px !important"})] == [
        (rule.around, rule.selectors, dict(rule.declarations)) for rule in sheet.rules
    ]
    assert (True, False) == (sheet.is_nested, sheet.is_torn)
    assert is_important(sheet.rules[1].declarations["top"])


@pytest.mark.parametrize(
    ("css", "expected"),
    [("p { } }", True), ("p { ", True), ("p { content: '}' }", False), ("/* { */ p { }", False), ("", False)],
)
def test_a_torn_sheet_is_known(css: str, expected: bool) -> None:  # noqa: FBT001  a table of cases
    """A brace without its other is found; one in quotes or in a comment is none."""
    assert expected == read_sheet(css).is_torn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#1D70B8", (0x1D, 0x70, 0xB8)),
        ("#fff", (255, 255, 255)),
        ("rgb(1, 2,3)", (1, 2, 3)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("rgba(1, 2, 3, 1.0)", (1, 2, 3)),
        ("rgba(1, 2, 3, .5)", None),
        ("Navy", (0, 0, 128)),
        ("#12345678", None),
        ("transparent", None),
        ("var(--x)", None),
    ],
)
def test_colours_are_read(text: str, expected: tuple[int, int, int] | None) -> None:
    """What is one plain colour is read, and nothing that is seen through."""
    assert expected == colour(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12px", 12),
        ("9pt", 12),
        ("1.5em", 30),
        ("150%", 30),
        ("2rem", 32),
        ("0", 0),
        ("12", None),
        ("medium", 16),
        ("calc(1px)", None),
    ],
)
def test_lengths_are_read(text: str, expected: float | None) -> None:
    """Lengths become pixels; em and per cent count from what is around, and a bare number is none."""
    assert expected == pixels(text, 20)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("padding:1px", "1px 1px 1px 1px"),
        ("padding:1px 2px", "1px 2px 1px 2px"),
        ("padding:1px 2px 3px", "1px 2px 3px 2px"),
        ("padding:1px 2px 3px 4px", "1px 2px 3px 4px"),
        ("padding:1px;padding-left:9px !important", "1px 1px 1px 9px"),
    ],
)
def test_sides_are_read(style: str, expected: str) -> None:
    """One to four values give the four sides, and a side of its own wins."""
    assert expected == " ".join(
        sides(declarations(style), "padding")[side] for side in ("top", "right", "bottom", "left")
    )


def test_borders_are_read() -> None:
    """Width of the top and the bottom border, from the general or from their own."""
    assert [2, 5] == list(borders(declarations("border:2px solid red;border-bottom:solid 5px red")))


def test_escapes_are_read() -> None:
    """A letter written as its number is that letter."""
    assert ("url(x)", "url(x)") == (unescaped(r"u\72l(x)"), unescaped(r"\75 \072 l(x)"))
