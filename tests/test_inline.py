"""Inlining: premailer's traps, each shut, and the cache."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import TemplateError
from newsletter.inline import inline

if TYPE_CHECKING:
    from pathlib import Path

PAGE = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><style>{css}</style>{head}</head><body>{body}</body></html>'


def page(css: str = "", body: str = '<p class="a">x</p>', head: str = "") -> str:
    """Return a small page."""
    return PAGE.format(css=css, body=body, head=head)


def test_rules_are_written_into_elements() -> None:
    """A rule of the style sheet stands on the element it matches, and the style sheet is gone."""
    done = inline(page("p { margin-top: 0; } .a { color: #174872; }"))
    assert '<p class="a" style="margin-top:0; color:#174872">x</p>' in done
    assert "<style" not in done


def test_head_only_rules_pass_untouched() -> None:
    """A block marked to be ignored keeps every rule and its !important: dark mode lives there."""
    rules = "@media (prefers-color-scheme: dark) { .a { color: #eceff1 !important; } }"
    assert rules in inline(page(".a { color: #174872; }", head=f'<style data-premailer="ignore">{rules}</style>'))


def test_attributes_stay_ours() -> None:
    """A width in the style sheet never becomes an attribute: 100% on a picture breaks Word."""
    body = '<img class="f" src="cid:a" width="512" height="200" alt="">'
    done = inline(page(".f { width: 100%; height: auto; }", body=body))
    assert 'width="512" height="200"' in done
    assert 'width="100%"' not in done


def test_colours_keep_six_digits() -> None:
    """cssutils shortens colours to three digits, which not every client knows: they come out whole."""
    done = inline(page(".a { color: #ffffff; background-color: #112233; border: 2px solid #aabbcc; }"))
    assert 'style="color:#ffffff; background-color:#112233; border:2px solid #aabbcc"' in done


def test_properties_of_word_survive() -> None:
    """Properties that only Word knows are kept."""
    done = inline(page(".a { mso-line-height-rule: exactly; mso-padding-alt: 11px 22px 11px 22px; }"))
    assert "mso-line-height-rule:exactly; mso-padding-alt:11px 22px 11px 22px" in done


def test_placeholders_survive_in_links() -> None:
    """What is replaced for each person later comes through whole, in text and in links."""
    body = '<p><a href="NL_UNSUBSCRIBE_NL">NL_GREETING_NL</a></p>'
    assert '<a href="NL_UNSUBSCRIBE_NL">NL_GREETING_NL</a>' in inline(page(body=body))


def test_conditional_comments_survive() -> None:
    """Word's conditional comments and the tables in them are left alone."""
    body = '<!--[if mso]><table width="600"><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->'
    assert body in inline(page(body=body))


@pytest.mark.parametrize(
    "css",
    [
        "@import url(http://example.org/a.css);",
        "@import 'a.css';",
        "@IMPORT url(file:///etc/hostname);",
    ],
)
def test_a_style_sheet_that_reaches_out_is_refused(css: str) -> None:
    """A template whose styles ask for another file is refused in words before anything is fetched."""
    with pytest.raises(TemplateError, match="may neither fetch nor run anything"):
        inline(page(css))


@pytest.mark.parametrize("head", ['<link rel="stylesheet" href="http://example.org/a.css">', '<base href="/x">'])
def test_a_head_that_reaches_out_is_refused(head: str) -> None:
    """So is one that links to a style sheet or moves all its links."""
    with pytest.raises(TemplateError, match="may neither fetch nor run anything"):
        inline(page(head=head))


def test_words_of_an_author_are_no_style_sheet() -> None:
    """An article may speak of ``@import``; only a style sheet may not use it."""
    assert "<p>the rule @import in CSS</p>" in inline(page(body="<p>the rule @import in CSS</p>"))


def test_the_fetcher_of_cssutils_is_shut(tmp_path: Path) -> None:
    """An import that slipped past the first look would still read no file."""
    inline(page())
    import cssutils  # noqa: PLC0415  after its door was shut

    (tmp_path / "other.css").write_text(".a { color: #010203; }", "utf-8")
    rule = f"@import url({(tmp_path / 'other.css').as_uri()});"
    (imported,) = cssutils.parseString(rule).cssRules
    assert not imported.hrefFound


@pytest.mark.parametrize("html", ["", "   ", "<!-- nothing -->"])
def test_an_empty_document_is_refused(html: str) -> None:
    """Where premailer would end in a traceback there is one line."""
    with pytest.raises(TemplateError, match="cannot be inlined"):
        inline(html)


def test_the_result_is_kept_by_content(tmp_path: Path) -> None:
    """The second time the kept result is used: changed there, it comes back changed only when its hash says so."""
    first = inline(page(".a { color: #174872; }"), cache_folder=tmp_path)
    (kept,) = tmp_path.glob("*.html")
    assert first == inline(page(".a { color: #174872; }"), cache_folder=tmp_path)
    kept.write_bytes(kept.read_bytes().replace(b"#174872", b"#000000"))
    assert first == inline(page(".a { color: #174872; }"), cache_folder=tmp_path)


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"half a hash\n<p>"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    """A truncated or foreign file in the cache never becomes an email."""
    first = inline(page("p { color: #174872; }"), cache_folder=tmp_path)
    (kept,) = tmp_path.glob("*.html")
    kept.write_bytes(damage)
    assert first == inline(page("p { color: #174872; }"), cache_folder=tmp_path)
    assert first.encode() in kept.read_bytes()


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    """Where the cache folder is a file, the email is built all the same."""
    (tmp_path / "cache").write_text("in the way", "utf-8")
    assert inline(page()) == inline(page(), cache_folder=tmp_path / "cache")


def test_importing_this_module_loads_nothing_heavy() -> None:
    """premailer, cssutils and requests are loaded by the first inlining, not by the import."""
    heavy = ("premailer", "cssutils", "requests")
    code = f"import sys, newsletter.inline; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
