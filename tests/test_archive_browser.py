"""The archive in a real browser, opened as files: accessibility by axe, no broken link, Quick leave, and search."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest
from accessibility import violations
from archives import hosted, hostile, own, pages
from mails import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

WIDTHS = (320, 375, 768, 1200)
KINDS = ("index", "2026-01", "training", "diary", "search", "accessibility")
LEAVE = "https://www.bbc.co.uk/weather"
NEUTRAL = "<title>Weather</title><p>Sunny intervals"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }
"""


class Visit:
    """A page in a window, and what it asked of the network: nothing but the neutral website is there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.faults: list[str] = []
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.extend([said.text] if said.type == "error" else []))
        page.route(re.compile("^https?:"), self._answer)

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        route.fulfill(body=NEUTRAL, content_type="text/html")

    def go(self, file: Path, fragment: str = "") -> Page:
        """Open *file*."""
        self.page.goto(file.as_uri() + fragment)
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """A function that opens a window. No script may fail in it, and nothing may be refused to the page."""
    opened: list[Visit] = []

    def start(width: int = 1200, *, scheme: Any = "light", scripts: bool = True) -> Visit:
        size: Any = {"width": width, "height": 800}
        page = browser.new_page(viewport=size, color_scheme=scheme, java_script_enabled=scripts)
        opened.append(Visit(page))
        return opened[-1]

    yield start
    for one in opened:
        one.page.close()
    assert [] == [fault for one in opened for fault in one.faults]


# Accessibility


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_kind_of_page_is_accessible(visit: Callable[..., Visit], axe: str, width: int, scheme: str) -> None:
    """Axe finds nothing on a page of any kind, at any width, in light or dark, and none scrolls sideways."""
    here = visit(width, scheme=scheme)
    assert [] == [fault for kind in KINDS for fault in faults(here.go(own() / f"{kind}.html"), axe)]


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_the_worst_of_words_are_accessible(visit: Callable[..., Visit], axe: str, width: int, scheme: str) -> None:
    """Axe finds nothing either where titles are long and odd, nor on any other page of an issue."""
    here = visit(width, scheme=scheme)
    others = [own() / f"{issue}.html" for issue in OWN] if width == 320 else []
    worst = [hostile() / f"{name}.html" for name in ("2026-03", "index", "training")]
    assert [] == [fault for file in (*worst, *others) for fault in faults(here.go(file), axe)]


def faults(page: Page, axe: str) -> list[tuple[str, str]]:
    """Return what axe finds fault with on *page*, and whether it scrolls sideways."""
    # Without preload, axe does not fetch the style sheet, which the page may not.
    found = violations(page, axe, preload=False)
    return [(page.url[-20:], one) for one in (*found, *(["sideways"] if page.evaluate(OVERFLOW) > 0 else []))]


def test_readers_may_widen_the_text(visit: Callable[..., Visit]) -> None:
    """A reader's own spacing of lines, letters and words pushes nothing out at 320 px (WCAG 1.4.12)."""
    here = visit(320)
    found = []
    for file in (own() / "2026-01.html", own() / "index.html", hostile() / "2026-03.html"):
        page = here.go(file)
        # The page's own policy lets no style in; a reader's comes from the browser.
        sheet = f"const one = new CSSStyleSheet(); one.replaceSync({json.dumps(SPACING)});"
        page.evaluate(f"() => {{ {sheet} document.adoptedStyleSheets = [one]; }}")
        found += [file.name] if page.evaluate(OVERFLOW) > 0 else []
    assert [] == found


def test_targets_are_large_and_no_text_is_small(visit: Callable[..., Visit]) -> None:
    """Buttons are at least 44 px high, and no text is under 14 px."""
    page = visit(375).go(own() / "2026-01.html")
    heights = page.evaluate(
        "[...document.querySelectorAll('.button, .quiet, .leave-button')].map(a => a.getBoundingClientRect().height)"
    )
    sizes = page.evaluate("[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert (True, 14) <= (min(heights) >= 44, min(sizes))


def test_the_focus_is_never_hidden(visit: Callable[..., Visit]) -> None:
    """Whoever walks through a page with Tab sees each link below the bar that stays (WCAG 2.4.11)."""
    page = visit(375).go(own() / "training.html")
    place = """() => {
        const one = document.activeElement, box = one.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return [one.tagName, one.textContent.trim(), one === top || one.contains(top)];
    }"""
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        tag, words, is_seen = page.evaluate(place)
        if tag == "BODY":
            break
        seen.append((words, is_seen))
    assert len(seen) > 20
    assert [] == [words for words, is_seen in seen if not is_seen]


# The site


@pytest.mark.parametrize("archive", [own, hostile])
def test_no_link_is_broken(visit: Callable[..., Visit], archive: Callable[[], Path]) -> None:
    """From the front page every page is reached, each link leads to something that is there, and no host is asked."""
    root = archive()
    here, waiting, seen = visit(), ["index.html"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        page = here.go(root / name)
        for link in page.evaluate("[...document.querySelectorAll('[href], [src]')].map(e => e.href || e.src)"):
            target = urlsplit(link)
            if target.scheme != "file":
                continue
            path = url2pathname(target.path)
            inside = path.removeprefix(f"{root}/")
            assert inside != path, link
            assert (root / inside).is_file(), link
            waiting += [inside] if inside.endswith(".html") else []
            if target.fragment and inside == name:
                assert page.evaluate("id => !!document.getElementById(id)", unquote(target.fragment)), link
        pictures = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth > 0)")
        assert all(pictures)
    assert {page.name for page in pages(root)} == seen
    assert [] == here.asked


def test_no_page_asks_anybody_else(visit: Callable[..., Visit]) -> None:
    """Nor does a page that was made for a website make a request to any host."""
    here = visit()
    for file in pages(hosted()):
        here.go(file)
    assert [] == here.asked


def test_print_keeps_the_words(visit: Callable[..., Visit]) -> None:
    """On paper there are the courses with the addresses to book at, and no links that only a screen can follow."""
    page = visit().go(own() / "2026-01.html")
    page.emulate_media(media="print")
    shown = [page.locator(one).first.is_visible() for one in (".card", "#leave", ".add", ".contents", ".ways")]
    assert [True, True, False, False, False] == shown
    after = "getComputedStyle(document.querySelector('a.quiet'), '::after').content"
    assert "https://example.org/training/working-together" in page.evaluate(after)
    assert len(page.pdf()) > 10_000


# Quick leave


def away(here: Visit) -> None:
    """Wait until the neutral website is there, and see that the page is not in the history any more."""
    here.page.wait_for_url(LEAVE)
    assert [LEAVE] == here.asked
    assert "Weather" == here.page.title()


def test_a_click_leaves(visit: Callable[..., Visit]) -> None:
    """A click opens the neutral website in place of the page: going back leads to what was before it."""
    here = visit()
    here.go(own() / "index.html")
    page = here.go(own() / "2026-01.html")
    page.click("#leave")
    away(here)
    assert 3 == page.evaluate("history.length")  # about:blank, the front page, and what is there now
    page.go_back()
    assert page.url.endswith("/index.html")


def test_shift_three_times_leaves(visit: Callable[..., Visit]) -> None:
    """Each press fills a dot and is said to those who hear the page; the third one leaves."""
    here = visit()
    page = here.go(own() / "2026-01.html")
    assert not page.locator(".dots").is_visible()
    told = []
    for _ in range(2):
        page.keyboard.press("Shift")
        told.append((page.locator("html").get_attribute("data-pressed"), page.locator("#leave-said").inner_text()))
    assert page.locator(".dots").is_visible()
    assert ("1", "Press Shift 2 more times to leave this website.") == told[0]
    assert ("2", "Press Shift 1 more time to leave this website.") == told[1]
    page.keyboard.press("Shift")
    away(here)


def test_capitals_do_not_leave(visit: Callable[..., Visit]) -> None:
    """Shift held for a letter counts for nothing, and another key in between begins anew."""
    here = visit()
    page = here.go(own() / "search.html")
    page.focus("#words")
    for key in ("Shift+A", "Shift+B", "Shift+C", "Shift", "Shift", "a", "Shift", "Shift", "Control+Shift", "Shift"):
        page.keyboard.press(key)
    assert ("1", "ABCa") == (page.locator("html").get_attribute("data-pressed"), page.input_value("#words"))
    assert [] == here.asked


def test_three_presses_must_be_near(visit: Callable[..., Visit]) -> None:
    """Five seconds after the last press everything is as it was, and that is said."""
    here = visit()
    here.page.clock.install()
    page = here.go(own() / "index.html")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.run_for(5_001)
    assert "0" == page.locator("html").get_attribute("data-pressed")
    assert "Leaving this website is called off." == page.locator("#leave-said").inner_text()
    page.keyboard.press("Shift")
    assert ("1", []) == (page.locator("html").get_attribute("data-pressed"), here.asked)


def test_the_page_is_blank_at_once(visit: Callable[..., Visit]) -> None:
    """Before the other website can have answered, nothing of the page is seen, and its title says nothing."""
    here = visit()
    page = here.go(own() / "2026-01.html")
    cover = "getComputedStyle(document.documentElement, '::before').position"
    seen = f"[document.title, getComputedStyle(document.body).opacity, {cover}]"
    assert ["Loading", "0", "fixed"] == page.evaluate(
        f"() => {{ document.getElementById('leave').click(); return {seen}; }}"
    )
    away(here)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_leaves(visit: Callable[..., Visit], *, scripts: bool) -> None:
    """The second press of Tab reaches a way to leave that is seen then, and Enter takes it, with scripts or without."""
    here = visit(scripts=scripts)
    page = here.go(own() / "2026-01.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(".skip[data-leave]:focus").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    away(here)


def test_without_scripts(visit: Callable[..., Visit]) -> None:
    """Without JavaScript button and foot are links, nothing is said of Shift, and search says what to do instead."""
    for way in ("#leave", ".last a"):
        here = visit(scripts=False)
        page = here.go(own() / "search.html")
        assert (False, True) == (page.locator(".by-shift").is_visible(), page.locator("noscript").is_visible())
        page.click(way)
        away(here)


@pytest.mark.parametrize("width", [375, 1200])
def test_the_button_stays_in_sight(visit: Callable[..., Visit], width: int) -> None:
    """However far a reader has scrolled, the button is at the top, in dark mode too; its note may scroll away."""
    page = visit(width, scheme="dark").go(own() / "2026-01.html")
    page.evaluate("window.scrollTo(0, 3000)")
    box = page.locator("#leave").bounding_box()
    assert box
    assert 0 <= box["y"] < 20
    assert (width < 600) == (page.locator("#leave-note").bounding_box()["y"] < 0)  # type: ignore[index]


# Search


def search(page: Page, words: str) -> list[str]:
    """Type *words* and return the titles of what is found."""
    page.fill("#words", words)
    return page.locator("#found a").all_inner_texts()


def test_search_finds_words(visit: Callable[..., Visit]) -> None:
    """Words are found by how they begin, all of them in one section, titles first, and nothing is asked or kept."""
    here = visit()
    page = here.go(own() / "search.html")
    assert "Safer Internet Day 2026, January 2026 newsletter" == search(page, "safer internet")[0]
    assert search(page, "safer internet") == search(page, "INTERN saf")
    assert "Found in" in page.locator("#told").inner_text()
    assert [] == search(page, "safer xylophone")
    assert "Nothing found." in page.locator("#told").inner_text()
    assert [] == search(page, " , ")
    page.keyboard.press("Enter")
    assert ("search.html", []) == (page.url.rpartition("/")[2], here.asked)


def test_search_leads_to_the_section(visit: Callable[..., Visit]) -> None:
    """A result leads to its section on its issue's page."""
    page = visit().go(own() / "search.html")
    search(page, "ch\u00efldren's mental")
    page.click("#found a")
    page.wait_for_url("**/20*.html*")
    heading = page.evaluate("document.querySelector(location.hash).textContent")
    assert "Mental" in heading
