"""The finished mail in the mail programs of its readers: preheader, style blocks, what they leave out, sizes."""

from __future__ import annotations

import pytest
from checks.mailbench import added, messages, with_html

# Preheader, styles


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '<div class="preheader"',
            '<p>View in browser</p><div class="preheader"',
            'the email begins with "View in browser" instead of its preheader',
        ),
        (
            "What changed in the procedures this winter</div>",
            "</div>",
            'the email begins with "January 2026 newsletter" instead of its preheader',
        ),
        ('class="preheader" style="display:none;', 'class="preheader" style="', ""),
        (
            "display:none; font-size:1px; line-height:1px; max-height:0; max-width:0; opacity:0;",
            "",
            "the preheader is not hidden, so it stands above the title",
        ),
        (
            'style="display:none;',
            'style="color:#fff; display:none;',
            "the hidden preheader has a colour, which looks like spam",
        ),
        ('<div class="preheader"', '<!-- x --><div class="preheader"', ""),
        ("this winter</div>", "this <span>winter</span></div>", ""),
    ],
)
def test_the_preheader_comes_first_and_hidden(old: str, new: str, expected: str) -> None:
    """It is the first text of the body, nobody sees it there, and it has no colour."""
    organisation = messages(with_html(old, new), "N214")
    if "January" in expected:
        assert ['the email begins with "Example Partnership" instead of its preheader'] == organisation
    else:
        assert [expected] * bool(expected) == organisation


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("p { top: 0 }", []),
        ("p { color: red }", ['"color: red" of p in the head loses against the styles on the elements']),
        ("p { color: red !important }", []),
        ("nav { color: red }", []),
        ("@media print { @media screen { p { top: 0 } } }", ["a style block has an @ rule inside another"]),
        ("@media print { p { top: 0 }", ["a style block has a brace without its other"]),
        ("p { top: 0 } }", ["a style block has a brace without its other"]),
        ('p::after { content: "}" }', []),
        ("/* } */", []),
        ("/* x */" * 1200, ["a style block has 8400 characters; Gmail reads up to 8192"]),
    ],
)
def test_style_blocks_are_what_gmail_reads(css: str, expected: list[str]) -> None:
    """Blocks in the head are short, whole and flat, and their rules win."""
    assert expected == messages(with_html("</head>", f"<style>{css}</style></head>"), "N215")


def test_all_style_blocks_together_have_a_limit() -> None:
    """Three blocks that are each short enough are too much together."""
    blocks = "<style>{}</style>".format("/* x */" * 1100) * 2
    (found,) = messages(with_html("</head>", f"{blocks}</head>"), "N215")
    assert found.endswith("characters; Gmail reads up to 16384")


def test_word_alone_may_be_given_rules_inside_rules() -> None:
    """Gmail never sees what stands in a comment for Word; a torn block is told there too."""
    block = "<!--[if mso]><style>{}</style><![endif]--></head>"
    nested, torn = block.format("@media print { @page { top: 0 } }"), block.format("p {")
    assert [] == messages(with_html("</head>", nested), "N215")
    assert ["a style block has a brace without its other"] == messages(with_html("</head>", torn), "N215")


def test_style_blocks_stand_in_the_head() -> None:
    """Gmail reads none in the body."""
    assert ["<style> stands outside the head"] == messages(added("<style>nav { top: 0 }</style>"), "N215")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="position:absolute">a</p>', '"position: absolute" on <p> is lost'),
        ('<p style="float:left">a</p>', '"float: left" on <p> is lost'),
        ('<img align="left" style="float:left" src="cid:a" alt="">', ""),
        ('<p style="display:flex">a</p>', '"display: flex" on <p> is lost'),
        ('<p style="display:grid">a</p>', '"display: grid" on <p> is lost'),
        ('<p style="font-size:1rem">a</p>', '"font-size: 1rem" on <p> is lost'),
        ('<p style="width:calc(100% - 2px)">a</p>', '"width: calc(100% - 2px)" on <p> is lost'),
        ('<p style="margin:0 -4px">a</p>', '"margin: 0 -4px" on <p> is lost'),
        ('<p style="color:var(--ink)">a</p>', '"color: var(--ink)" on <p> is lost'),
        ('<p style="color:rgb(0 0 0 / 50%)">a</p>', '"color: rgb(0 0 0 / 50%)" on <p> is lost'),
        ('<p style="color:rgba(0, 0, 0, 0.5)">a</p>', '"color: rgba(0, 0, 0, 0.5)" on <p> is lost'),
        ('<p style="width:min(9px, 90%)">a</p>', '"width: min(9px, 90%)" on <p> is lost'),
        ('<p style="font:1rem Arial">a</p>', '"font-size: 1rem" on <p> is lost'),
        (
            '<table role="presentation" style="margin:0 auto"><tr><td>a</td></tr></table>',
            "<table> has a margin of auto",
        ),
        ('<table role="presentation" align="center" style="margin:0 auto"><tr><td>a</td></tr></table>', ""),
        ('<div style="padding:20px">a</div>', "<div> has padding, which Word knows on cells alone"),
        ('<ul style="padding-left:0"><li>a</li></ul>', ""),
        ('<img src="cid:a.webp" alt="">', '<img src="cid:a.webp"> is of a kind that Word does not show'),
        ('<table role="presentation" width="600"><tr><td>a</td></tr></table>', "<table> is wider than a phone"),
        ('<table role="presentation" width="600" style="max-width:100%"><tr><td>a</td></tr></table>', ""),
        ('<p style="border-radius:4px;box-shadow:0 0 2px #000000;text-shadow:none;position:relative">a</p>', ""),
        ('<p style="display:none;position:absolute">a</p>', ""),
        ('<p style="margin:0 0 16px;line-height:1.5;letter-spacing:-1px">a</p>', ""),
    ],
)
def test_what_readers_clients_leave_out_is_told(html: str, expected: str) -> None:
    """A style that is lost to a reader's harm is told with who loses it; an ornament is not."""
    found = messages(added(html), "N216")
    assert [bool(expected)] == [bool(found)]
    assert "".join(found).startswith(expected)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="font-size:13px">a</p>', ['"a" (13 pixels) is small']),
        ('<p style="font:10px Arial">a</p>', ['"a" (10 pixels) is small']),
        ('<p style="font:10px Arial; font-size:16px">a</p>', []),
        ('<p style="font-size:16px; font:bold 10px/1.5 Arial, sans-serif">a</p>', ['"a" (10 pixels) is small']),
        ('<p style="font-size:10pt">a</p>', ['"a" (13.3333 pixels) is small']),
        ('<p style="font-size:16px"><small>a</small></p>', ['"a" (13.28 pixels) is small']),
        ('<p style="font-size:1px">|&nbsp;</p>', []),
        ('<p style="text-align:justify">a</p>', ["<p> is justified text"]),
        ('<p align="justify">a</p>', ["<p> is justified text"]),
        (
            '<a href="https://example.org/x" style="display:block;padding:8px 20px;line-height:20px">Button</a>',
            ['"Button" (36 pixels) is a low button'],
        ),
        (
            '<a href="https://example.org/x" style="display:block;padding:8px 20px;font:16px/20px Arial">Button</a>',
            ['"Button" (36 pixels) is a low button'],
        ),
        ('<a href="https://example.org/x" style="display:inline-block;padding:12px;line-height:20px">Button</a>', []),
        ('<a href="https://example.org/x" style="display:block;line-height:20px">A line</a>', []),
        ('<a href="https://example.org/x" style="padding:2px">In a line</a>', []),
    ],
)
def test_text_and_buttons_are_large_enough(html: str, expected: list[str]) -> None:
    """Text has 14 pixels, what looks like a button 44, and nothing is justified."""
    assert expected == messages(added(html), "N218")
