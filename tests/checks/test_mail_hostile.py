"""The checks of the finished mail, on HTML that nobody would write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from checks.mailbench import finished
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.checks import check_mail

if TYPE_CHECKING:
    from collections.abc import Sequence


# Whatever comes

TAGS = (
    "html", "head", "body", "title", "style", "div", "p", "a", "img", "table", "tr", "td", "th", "h1", "h2", "h5", "ul",
    "li", "svg", "script", "form", "v:fill", "font", "b", "meta", "link",
)  # fmt: skip
NAMES = (
    "href", "src", "srcset", "style", "class", "id", "width", "height", "align", "bgcolor", "color", "lang", "dir",
    "role", "alt", "hidden", "name", "content", "charset", "onclick", "ping", "background",
)  # fmt: skip
PIECES = (
    "color:", "width:", "font-size:", "font:", "font-weight:", "line-height:", "display:block", "padding:", "margin:",
    "border:", "background:", ";", "'", "<!--", "-->", "<!--[if mso]>", "<![endif]-->", "{", "}", "@media", "url(",
    "!important", "{{", "NL_", "&", "&#0;", "\u00b2", "NL_UNSUBSCRIBE_NL", "12px", "-1", "#12", "#123456", "rgb(",
    "None", "1.2", "http://[", "https://x?u=https://y", "<!DOCTYPE html>", '<?xml version="1.0" encoding="utf-16"?>',
    ".a .b", "(prefers-color-scheme: dark)",
)  # fmt: skip
WORDS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=4).map("".join)
NAMED = st.builds(' {}="{}"'.format, st.sampled_from(NAMES), WORDS)
OPENED = st.builds(lambda tag, named: f"<{tag}{''.join(named)}>", st.sampled_from(TAGS), st.lists(NAMED, max_size=3))
CLOSED = st.sampled_from(TAGS).map("</{}>".format)
SOUP = st.lists(st.one_of(OPENED, WORDS, CLOSED), max_size=30).map("".join)


@settings(max_examples=150)
@given(html=SOUP, text=WORDS)
def test_no_check_falls_over_whatever_comes(html: str, text: str) -> None:
    """Any soup of HTML, as HTML and as a style, is checked to its end."""
    edition = replace(finished().edition, html=html, text=text)
    assert isinstance(list(check_mail(replace(finished(), edition=edition))), list)
    assert all("\n" not in finding.message for finding in check_mail(replace(finished(), edition=edition)))


DEEP: Sequence[str] = (
    "<div>" * 5_000 + "deep" + "</div>" * 5_000,
    "<table><tr><td>" * 3_000 + "<img src='cid:a'>",
    '<div class="sheet" style="color:#777777">' * 5_000 + "deep",
    "<a href='https://example.org/x'>" * 3_000,
    "<h1>" * 3_000,
    "<div lang='en' dir='ltr'>" * 3_000 + "deep",
    "<div hidden>" * 3_000,
    "<!--" * 12_000,
    "<!--[if mso]>" * 4_000,
    "<style>" + "{" * 50_000 + "</style>",
    "<style>" + "@media x {" * 5_000 + "</style>",
    "<style>" + ".a " * 15_000 + "{ top: 0 }</style>",
    f'<p style="{"(" * 50_000}">x</p>',
    f'<p style="{";" * 50_000}">x</p>',
    f'<p style="margin:{"-" * 50_000}">x</p>',
    f'<p style="color:{"rgb(" * 12_000}">x</p>',
    f'<p style="font-size:{"1" * 50_000}x">x</p>',
    f'<p style="font:{"1" * 50_000}x Arial">x</p>',
    f'<a href="https://example.com/?{"a=https://" * 5_000}">x</a>',
    f"<p>{'{' * 50_000}</p>",
    f"<p>{'NL_' * 17_000}</p>",
    f"<p>{'A' * 50_000}</p>",
    f"<p>{'&lt;a ' * 12_000}</p>",
)


@pytest.mark.parametrize("html", DEEP, ids=[html[:20] for html in DEEP])
def test_hostile_mails_are_checked_to_their_end(html: str) -> None:
    """Deep, long and torn HTML neither hangs nor ends a check."""
    edition = replace(
        finished().edition, html=f"<head><style>.sheet .x {{ top: 0 }}</style></head>{html}", text=html[:60_000]
    )
    assert "N202" in {finding.code for finding in check_mail(replace(finished(), edition=edition))}
