"""The email in a real browser: accessibility by axe, reflow, text spacing, sizes, images off, and no stray request."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from accessibility import violations
from mails import HOSTILE, OWN, lay_out

from newsletter.build import build, write
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Show = Callable[..., Page]

pytestmark = pytest.mark.browser

JANUARY = "2026-01"
WIDTHS = (320, 375, 600, 1200)
LOOKS = ("light", "dark", "unstyled")
# Landmarks are for moving about in a page. An email is shown inside the page of a mail client, whose landmarks it must
# not double: it is one article there, as its role says.
NOT_FOR_EMAIL = ("region", "landmark-one-main")
RULES = {rule: {"enabled": False} for rule in NOT_FOR_EMAIL}

TEXT_SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }
"""
BUTTONS = "[...document.querySelectorAll('.button a, .quiet a')].map(a => a.getBoundingClientRect().height)"
# The size of each run of text that a reader sees; the preheader is hidden.
TEXT_SIZES = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), sizes = [];
    while (walker.nextNode()) {
        const text = walker.currentNode, parent = text.parentElement;
        if (text.data.trim() && parent.offsetParent) sizes.push(parseFloat(getComputedStyle(parent).fontSize));
    }
    return sizes;
}"""
# What sticks out of the window at the right, by its words.
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth, range = document.createRange(), out = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        range.selectNodeContents(walker.currentNode);
        if (range.getBoundingClientRect().right > width) out.push(walker.currentNode.data.trim());
    }
    return [...out, ...(document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : [])];
}"""


@pytest.fixture(scope="session")
def emails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all emails as `build` writes them: ISSUE/email.html, with the pictures beside it."""
    folder = tmp_path_factory.mktemp("emails")
    for hostile in (False, True):
        root = tmp_path_factory.mktemp("workspace")
        lay_out(root, hostile=hostile)
        workspace = open_workspace(root)
        for issue in (HOSTILE,) if hostile else OWN:
            write(build(workspace, issue), workspace, folder / issue)
    return folder


@pytest.fixture
def show(window: Page, emails: Path) -> Iterator[Show]:
    """A function that opens an email, light, dark, or with every style sheet taken out of its head."""

    def show(issue: str, width: int, look: str = "light", *, images: bool = True) -> Page:
        email = emails / issue / "email.html"
        html = email.read_text("utf-8")
        if look == "unstyled":
            html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
        if not images:
            html = re.sub(r' src="[^"]*"', "", html)
        changed = email.with_name(f"{look}-{width}-{images}.html")
        changed.write_text(html, "utf-8")
        window.set_viewport_size({"width": width, "height": 800})
        window.emulate_media(color_scheme="dark" if look == "dark" else "light")
        window.goto(changed.as_uri())
        return window

    window.route(re.compile("^https?:"), lambda route: route.abort())
    yield show
    window.unroute_all()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", WIDTHS)
def test_january_is_accessible_at_every_width(show: Show, axe: str, width: int, look: str) -> None:
    """Axe finds nothing in January's email, in light, in dark and without its styles, and nothing sticks out."""
    page = show(JANUARY, width, look)
    assert [] == violations(page, axe, rules=RULES)
    assert [] == page.evaluate(OVERFLOW)


@pytest.mark.parametrize("width", [375, 600])
@pytest.mark.parametrize("issue", [*(issue for issue in OWN if issue != JANUARY), HOSTILE])
def test_the_other_issues_are_accessible(show: Show, axe: str, issue: str, width: int) -> None:
    """Axe finds nothing in the other issues, nor in one with the worst of words."""
    page = show(issue, width)
    assert [] == violations(page, axe, rules=RULES)


@pytest.mark.parametrize("look", ["light", "unstyled"])
@pytest.mark.parametrize("issue", [*OWN, HOSTILE])
def test_no_word_sticks_out(show: Show, issue: str, look: str) -> None:
    """At 320 px everything stands in one column without scrolling sideways (WCAG 1.4.10), however long a word."""
    page = show(issue, 320, look)
    assert [] == page.evaluate(OVERFLOW)


@pytest.mark.parametrize("issue", [JANUARY, HOSTILE])
def test_readers_may_widen_the_text(show: Show, issue: str) -> None:
    """A reader's own spacing of lines, letters and words pushes nothing out at 320 px (WCAG 1.4.12)."""
    page = show(issue, 320)
    page.add_style_tag(content=TEXT_SPACING)
    assert [] == page.evaluate(OVERFLOW)


@pytest.mark.parametrize("look", ["light", "unstyled"])
@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize(("issue", "buttons"), [(JANUARY, 9), (HOSTILE, 5)])
def test_buttons_are_large_and_no_text_is_small(show: Show, *, issue: str, buttons: int, width: int, look: str) -> None:
    """Every button can be pressed over at least 44 px of height, and no text is under 14 px."""
    page = show(issue, width, look)
    heights, sizes = page.evaluate(BUTTONS), page.evaluate(TEXT_SIZES)
    assert buttons == len(heights)
    assert [] == [height for height in heights if height < 44]
    assert [] == [size for size in sizes if size < 14]


@pytest.mark.parametrize("issue", [JANUARY, HOSTILE])
def test_without_images_their_words_stand_there(show: Show, issue: str) -> None:
    """With images off the words of each are seen, and the page stays as narrow as the window."""
    page = show(issue, 320, images=False)
    pictures = page.locator("img[alt]:not([alt=''])").all()
    assert pictures
    assert [True] * len(pictures) == [picture.is_visible() for picture in pictures]
    widths = [box["width"] for picture in pictures if (box := picture.bounding_box())]
    assert [] == [width for width in widths if not 100 < width <= 272]
    assert [] == page.evaluate(OVERFLOW)


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        (JANUARY, ["light-600-True.html", "logo.HASH.png", "safer-internet-day.HASH.png"]),
        (HOSTILE, ["broad.HASH.png", "light-600-True.html", "narrow.HASH.png", "wide.HASH.png"]),
    ],
)
def test_opening_it_tells_nobody(browser: Browser, emails: Path, issue: str, expected: list[str]) -> None:
    """Opening the email asks for its own pictures and for nothing else: no font, no style sheet, no pixel."""
    asked: list[str] = []
    context = browser.new_context()
    context.on("request", lambda request: asked.append(request.url))
    email = emails / issue / "light-600-True.html"
    shutil.copy(emails / issue / "email.html", email)
    page = context.new_page()
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(email.as_uri(), wait_until="load")
    names = sorted({re.sub(r"\.[0-9a-f]{8}\.", ".HASH.", url.rpartition("/")[2]) for url in asked})
    assert expected == names
    context.close()


def test_dark_is_our_own(show: Show) -> None:
    """In dark mode the sheet, the cards and the buttons take the dark tones, not only the words."""
    page = show(JANUARY, 600, "dark")
    colours = [
        page.locator(f"{name} >> nth=0").evaluate("element => getComputedStyle(element).backgroundColor")
        for name in ("body", ".sheet", ".card >> xpath=ancestor::table[1]", ".button")
    ]
    assert ["rgb(16, 19, 22)", "rgb(26, 30, 34)", "rgb(26, 43, 58)", "rgb(128, 175, 215)"] == colours
