"""The email's HTML against what mail clients and readers need: Word, Gmail, dark mode, screen readers."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from mails import ALL, HOSTILE, OWN, Mail, declarations, mail, styles, words

from newsletter.theme import contrast, tones

if TYPE_CHECKING:
    from collections.abc import Iterator

JANUARY = "2026-01"
ACCENTS = (
    "#1d70b8", "#00703c", "#4c2c92", "#f47738", "#28a197", "#d53880",
    "#ffdd00", "#000000", "#ffffff", "#808080", "#ff0000", "#5694ca",
)  # fmt: skip
every = pytest.mark.parametrize("issue", ALL)

# What authors write never becomes one of these; what templates write keeps to what Word and Gmail know.
TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5",
    "h6", "p", "ul", "ol", "li", "a", "img", "b", "strong", "em", "br", "hr", "span", "blockquote", "code", "pre",
}  # fmt: skip
# Properties that Word ignores where we would lean on them, or that Gmail or Yahoo take out (caniemail).
UNKNOWN = re.compile(r"^(float|position|flex.*|grid.*|box-shadow|border-radius|background-image|animation.*|--.*)$")


def head_styles(html: str) -> list[str]:
    """Return the style blocks of the head, those for Word alone included."""
    return re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)


def rules(css: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the selectors and declarations of *css*, inside media queries too."""
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            yield selector.strip(), declarations(body)


@every
def test_the_head_says_what_the_page_is(issue: str) -> None:
    """The character set comes first, then width, no automatic links, both colour schemes, and the subject as title."""
    found = mail(issue)
    metas = [dict(meta.attrib) for meta in found.page.iter("meta")]
    assert [
        {"charset": "utf-8"},
        {"name": "viewport", "content": "width=device-width, initial-scale=1"},
        {"name": "format-detection", "content": "telephone=no, date=no, address=no, email=no, url=no"},
        {"name": "color-scheme", "content": "light dark"},
        {"name": "supported-color-schemes", "content": "light dark"},
    ] == metas
    assert found.page.find("head")[0].get("charset") == "utf-8"
    assert found.issue.subject == found.page.findtext("head/title")
    assert found.html.startswith("<!DOCTYPE html>")


@every
def test_language_and_direction_are_said_twice(issue: str) -> None:
    """Gmail turns html and body into div elements, so lang and dir stand again on the wrapper inside body."""
    found = mail(issue)
    wrapper = found.page.find("body/div[@role]")
    said = {"lang": found.config.language, "dir": "ltr"}
    assert said == {name: found.page.get(name) for name in said}
    assert {
        **said,
        "role": "article",
        "aria-roledescription": "email",
        "aria-label": found.issue.subject,
    } == dict(wrapper.attrib)


@every
def test_the_preheader_comes_first_and_is_hidden(issue: str) -> None:
    """The preheader is the first thing in the body, hidden, and without a colour, which looks like spam."""
    found = mail(issue)
    first = found.page.find("body")[0]
    style = declarations(first.get("style"))
    assert found.issue.preheader == first.text_content()
    assert {"display": "none", "mso-hide": "all", "max-height": "0"}.items() <= style.items()
    assert [] == [name for name in style if "color" in name]


@every
def test_layout_tables_say_that_they_are_none(issue: str) -> None:
    """Every table is a layout table with zeroed spacing and no part in the reading, but for the diary's."""
    found = mail(issue)
    opened = re.findall(r"<table\b[^>]*>", found.html)
    zeroed = 'border="0" cellpadding="0" cellspacing="0"'
    assert [] == [table for table in opened if zeroed not in table]
    data = [table for table in found.page.iter("table") if table.get("role") != "presentation"]
    diaries = [section for section in found.issue.sections if type(section).__name__ == "Diary"]
    assert len(diaries) == len(data)
    for table in data:
        assert [("th", "row")] * len(table.findall("tr")) == [(row[0].tag, row[0].get("scope")) for row in table]


@every
def test_ghost_tables_are_whole(issue: str) -> None:
    """Each ghost table that Word is given is closed again, outside is 600 wide, and never inside another."""
    opened = re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", mail(issue).html, re.DOTALL)
    ghosts = [re.sub(r' role.*?(?= width)| align="center"', "", block) for block in opened if "<style" not in block]
    assert ['<table width="600"><tr><td>', "</td></tr></table>"] * (len(ghosts) // 2) == ghosts
    assert 6 == len(ghosts)
    assert len(opened) == mail(issue).html.count("<![endif]")


@every
def test_word_scales_by_96_pixels_an_inch(issue: str) -> None:
    """On a screen at 125% Word would grow our tables but not their words, were it not told the measure."""
    settings = "<o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings>"
    assert settings in mail(issue).html
    assert 'xmlns:o="urn:schemas-microsoft-com:office:office"' in mail(issue).html


@every
def test_pictures_have_whole_sizes_and_words(issue: str) -> None:
    """Each picture has width and height in whole pixels, at most the measure, and an alt text, be it empty."""
    pictures = list(mail(issue).page.iter("img"))
    bad = [
        dict(picture.attrib)
        for picture in pictures
        if not re.fullmatch(r"[1-9]\d*", picture.get("width", ""))
        or not re.fullmatch(r"[1-9]\d*", picture.get("height", ""))
        or int(picture.get("width")) > 512
        or picture.get("alt") is None
    ]
    assert [] == bad
    assert pictures


@every
def test_headings_skip_no_level(issue: str) -> None:
    """There is one h1, the subject; sections are h2; and no heading is more than one level below the one before it."""
    found = mail(issue)
    headings = [element for element in found.page.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    levels = [int(heading.tag[1]) for heading in headings]
    assert [found.issue.subject] == [heading.text_content() for heading in found.page.iter("h1")]
    assert 1 == levels[0]
    assert [] == [(one, next_) for one, next_ in pairwise(levels) if next_ > one + 1]
    titles = [section.title for section in found.issue.sections]
    contents = ["In this issue"] if len(titles) >= 3 else []
    assert contents + titles == [heading.text_content() for heading in found.page.iter("h2")]


@every
def test_the_same_words_lead_to_the_same_place(issue: str) -> None:
    """Yahoo takes aria-label away, so the visible words of a link must tell it from every other (WCAG 2.4.4)."""
    places: dict[str, set[str]] = {}
    for link in mail(issue).page.iter("a"):
        if (href := link.get("href")) and not href.startswith("#"):
            places.setdefault(words(link), set()).add(href)
    assert {} == {label: found for label, found in places.items() if len(found) > 1 or not label}


@every
def test_only_known_elements_and_properties(issue: str) -> None:
    """No script, form, VML or other element that clients take out, and no property that Word or Gmail do not know."""
    found = mail(issue)
    assert set() == {str(element.tag) for element in found.page.iter() if isinstance(element.tag, str)} - TAGS
    assert [] == re.findall(r"<v:|<script|<link|<form|<svg|\bon\w+=\"", found.html)
    assert [] == [name for _, style in styles(found.page) for name in style if UNKNOWN.match(name)]
    values = [value for _, style in styles(found.page) for value in style.values()]
    assert [] == [value for value in values if re.search(r"url\(|!important|expression|var\(|\drem\b|\dv[wh]\b", value)]
    assert [] == [value for value in values if value.startswith("-") and value[1:2].isdigit()]


@every
def test_colours_are_six_digits(issue: str) -> None:
    """Every colour is written as #rrggbb: some clients know no short form, and none knows rgb() with blanks."""
    found = mail(issue)
    parts = [*head_styles(found.html), *(element.get("style") for element, _ in styles(found.page))]
    parts += [f"color:{cell.get('bgcolor')}" for cell in found.page.iter() if cell.get("bgcolor")]
    colours = {
        colour for part in parts for colour in re.findall(r"(?:color|border[a-z-]*):[^;}]*?(#\w+|rgba?\(|hsl)", part)
    }
    assert set() == {colour for colour in colours if not re.fullmatch("#[0-9a-f]{6}", colour)}
    assert len(colours) > 8


@every
def test_the_head_s_rules_win_and_stay_small(issue: str) -> None:
    """Each declaration in the head is !important; no block is over 8,192 bytes or nests at-rules, all under 16 KB."""
    blocks = head_styles(mail(issue).html)
    weak = [
        (selector, name)
        for block in blocks
        for selector, body in rules(block)
        for name, value in body.items()
        if not value.endswith("!important") and not selector.endswith(":root")
    ]
    assert [] == weak
    assert [] == [block for block in blocks if re.search(r"@[^{]*\{[^}]*@|@import|@font-face|@supports", block)]
    assert [] == [len(block) for block in blocks if len(block.encode()) > 8192]
    assert sum(len(block.encode()) for block in blocks) < 16_000


@every
def test_gmail_does_not_clip_it(issue: str) -> None:
    """The HTML stays below the 102,400 bytes at which Gmail cuts a message off."""
    assert len(mail(issue).html.encode()) < 102_400


@every
def test_padding_stands_on_cells(issue: str) -> None:
    """Word knows padding on cells alone: elsewhere it is only a button's label, whose cell says it again for Word."""
    padded = [
        (element, style)
        for element, style in styles(mail(issue).page)
        if element.tag not in {"td", "th"} and any(value != "0" for name, value in style.items() if "padding" in name)
    ]
    assert set() == {element.get("class") for element, _ in padded} - {"button-label", "quiet-label"}
    for label, style in padded:
        again = " ".join(style[f"padding-{side}"] for side in ("top", "right", "bottom", "left"))
        assert again == declarations(label.getparent().get("style"))["mso-padding-alt"]
        assert label.getparent().get("bgcolor")


@every
def test_bullets_have_room(issue: str) -> None:
    """List items keep 26 px at their left, without which older Outlooks hide the bullets."""
    items = list(mail(issue).page.iter("li"))
    assert {"26px"} >= {declarations(item.get("style"))["margin-left"] for item in items}


def test_authors_words_stay_words() -> None:
    """Markup, quotes and braces that an author writes come out as they were written, in whatever field."""
    found = mail(HOSTILE)
    page = found.page
    assert 'Hello <b>"all"</b> & everybody' in [words(text) for text in page.iter("p")]
    assert ['The <b>logo</b> of "us"', '<b>An</b> "image" & that\'s all', ""] == [
        picture.get("alt") for picture in page.iter("img")
    ]
    shown = words(page.find("body"))
    for text in ('<b>Room</b> "1" & 2. Fully booked', '<b>Note</b> & "more"', '<b>Week</b> of "things" &'):
        assert text in shown
    assert 'our <b>A</b> & "B" list' in shown
    assert '<b>Example</b> House, "1" Example Street' in shown


@pytest.mark.parametrize("issue", OWN)
def test_nothing_is_left_to_fill_in(issue: str) -> None:
    """What a person gets holds no placeholder of ours, of a template or of a provider."""
    found = mail(issue)
    assert [] == re.findall(r"NL_\w+|\{\{|\}\}|\{%|%\}|\*\|", found.html + found.text)


def grounds(element: Any, colours: dict[str, dict[str, str]]) -> tuple[str, str]:
    """Return the colour of the text in *element* and of the ground below it; *colours* are those of classes."""
    names = (element.get("class") or "").split()
    style = declarations(element.get("style") or "")
    for name in names:
        style |= {key: value.removesuffix(" !important") for key, value in colours.get(name, {}).items()}
    parent = element.getparent()
    word, ground = grounds(parent, colours) if parent is not None else ("#000000", "#ffffff")
    return style.get("color", word), style.get("background-color", ground)


def low_contrasts(found: Mail, colours: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs of text and ground that a reader would meet below 4.5:1."""
    hidden = found.page.find("body")[0]
    seen = {
        grounds(element, colours)
        for element in found.page.find("body").iter()
        if isinstance(element.tag, str)
        and element is not hidden
        and (element.get("alt") or (element.text or "").strip())
    }
    assert len(seen) > 6
    return [(word, ground) for word, ground in seen if contrast(rgb(word), rgb(ground)) < 4.5]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def dark_classes(html: str) -> dict[str, dict[str, str]]:
    """Return what the head's dark rules say of each class."""
    dark = html.partition("prefers-color-scheme: dark) {")[2].partition("</style>")[0]
    found: dict[str, dict[str, str]] = {}
    for selector, body in rules(dark):
        found.setdefault(selector.removeprefix("."), {}).update(body)
    return found


@pytest.mark.parametrize("accent", ACCENTS)
def test_every_word_can_be_read_on_its_ground(accent: str) -> None:
    """Whatever the accent, each text has 4.5:1 on what lies below it, in light and in dark (WCAG 1.4.3)."""
    found = mail(JANUARY, ('"#1d70b8"', f'"{accent}"'))
    assert tones(accent).light.accent in found.html
    assert [] == low_contrasts(found, {})
    assert [] == low_contrasts(found, dark_classes(found.html))


def test_every_word_of_the_hostile_issue_can_be_read() -> None:
    """Quotes, code, rules, cancelled sessions and all keep their contrast too."""
    found = mail(HOSTILE)
    assert [] == low_contrasts(found, {})
    assert [] == low_contrasts(found, dark_classes(found.html))
