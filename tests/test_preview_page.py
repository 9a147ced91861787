"""The preview's page in a real browser: its views, changes, the keyboard, accessibility, and no stray request."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from accessibility import violations
from mails import ROOT
from previews import Running, previewing
from pytest_socket import enable_socket, socket_allow_hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route

pytestmark = pytest.mark.browser

VIEWS = ("email", "text", "source", "calendar", "compare")
TURNED = "invert(1) hue-rotate(180deg)"
LOOKS = [
    ("colours=dark", ".sheet", "backgroundColor", "rgb(26, 30, 34)"),
    ("", ".sheet", "backgroundColor", "rgb(255, 255, 255)"),
    ("colours=inverted", "html", "filter", TURNED),
    ("colours=inverted", "img", "filter", TURNED),
    ("colours=inverted", ".sheet", "backgroundColor", "rgb(255, 255, 255)"),
    ("", "h1", "fontSize", "44px"),
    ("off=styles-off", "h1", "fontSize", "34px"),
    ("width=390", "h1", "fontSize", "34px"),
]
STYLED = """([what, name, expected]) => {
    const page = document.querySelector("#email iframe:not(.waiting)").contentDocument;
    return page.defaultView.getComputedStyle(page.querySelector(what))[name] === expected;
}"""
# How far apart the mark and the words that it is for are, in pixels.
MARKED = """words => {
    const mark = document.querySelector(".mark").getBoundingClientRect();
    const frame = document.querySelector("#email iframe");
    const at = frame.getBoundingClientRect(), page = frame.contentDocument, range = page.createRange();
    const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
    const away = [];
    while (walker.nextNode()) {
        if (!walker.currentNode.data.replaceAll("\\u00a0", " ").includes(words)) continue;
        range.selectNodeContents(walker.currentNode);
        away.push(Math.abs(range.getBoundingClientRect().top + at.top - mark.top));
    }
    return Math.min(...away);
}"""


@pytest.fixture(autouse=True)
def _loopback() -> None:
    """Let each test here reach this computer."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The preview of a copy of this repository's own workspace, that no test changes."""
    enable_socket()
    root = tmp_path_factory.mktemp("own")
    for name in ("issues", "images", "lists"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "newsletter.yaml", root)
    with previewing(root) as running:
        yield running


@pytest.fixture
def show(window: Page) -> Iterator[Callable[..., Page]]:
    """A function that opens the page with choices: ``show(preview, "width=390")``. No script of it may fail."""
    faults: list[str] = []

    def fail(error: Error) -> None:
        faults.append(str(error))

    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and "net::" not in said.text:  # a connection that ends with the preview is no fault
            faults.append(said.text)

    def show(preview: Running, choices: str = "", *, width: int = 1440, scheme: Any = "light") -> Page:
        window.set_viewport_size({"width": width, "height": 900})
        window.emulate_media(color_scheme=scheme)
        window.goto(f"{preview.url}&{choices}")
        window.wait_for_selector("body[data-age]")
        return window

    window.on("pageerror", fail)
    window.on("console", note)
    yield show
    window.goto("about:blank")
    window.remove_listener("pageerror", fail)
    window.remove_listener("console", note)
    assert [] == faults


def rewrite(path: Path, old: str, new: str) -> None:
    """Replace *old*, which must be there, by *new*, as a person who saves the file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def email(page: Page) -> Any:
    """The email that is shown."""
    return page.frame_locator("#email iframe:not(.waiting)")


# Views


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_email_looks_as_chosen(own: Running, show: Callable[..., Page], scheme: str) -> None:
    """Light, dark, turned over, without its style sheet: as chosen, whatever the computer itself prefers."""
    page = show(own, scheme=scheme)
    for choices, what, name, expected in LOOKS:
        page.goto(f"{own.url}&{choices}")
        page.wait_for_function(STYLED, arg=[what, name, expected])


def test_without_images_their_words_stand_there(own: Running, show: Callable[..., Page]) -> None:
    """With images off, no picture is asked for, and the words of each are seen."""
    page = show(own, "off=images-off")
    assert 0 == email(page).locator("img[src]").count()
    assert email(page).locator("img[alt]:not([alt=''])").first.is_visible()


@pytest.mark.parametrize(("chosen", "pixels"), [("320", 320), ("390", 390), ("600", 600)])
def test_widths_are_exact(own: Running, show: Callable[..., Page], chosen: str, pixels: int) -> None:
    """A width is the email's own, and the email is as tall as what is in it: it never scrolls inside its frame."""
    page = show(own)
    page.get_by_role("button", name=chosen, exact=True).click()
    page.wait_for_function(
        "pixels => { const frame = document.querySelector('#email iframe'), page = frame.contentDocument;"
        " return frame.clientWidth === pixels && frame.clientHeight === page.documentElement.scrollHeight; }",
        arg=pixels,
    )
    assert f"width={chosen}" in page.url


def test_the_inbox_line_is_cut_as_lists_cut_it(own: Running, show: Callable[..., Page]) -> None:
    """Sender, subject and preheader stand as three lists show them, each cut in its own way, with their lengths."""
    page = show(own)
    for client, lines in (("gmail", 1), ("outlook", 1), ("iphone", 2)):
        row = page.locator(f"#inbox .{client}")
        assert row.inner_text().startswith(f"{ {'iphone': 'iPhone'}.get(client, client.capitalize()) }\n")
        assert "Practitioner newsletter" in row.inner_text()
        snippet = row.locator(".snippet" if client != "gmail" else ".line")
        high, long = snippet.evaluate(
            "one => [one.clientHeight, one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight]"
        )
        assert (lines, True) == (round(high / 20.3), long)
    assert page.locator("#inbox .lengths").inner_text().startswith("Subject: 23 characters. Preheader: 76 characters.")


def test_text_and_source_are_what_is_sent(own: Running, show: Callable[..., Page]) -> None:
    """The text part, the headers and the HTML of the sample person's copy stand there as they are, with sizes."""
    mail = own.state()["mail"]
    page = show(own, "view=text")
    assert mail["text"] == page.locator("#text pre").text_content()
    page.get_by_role("button", name="Source").click()
    shown = page.locator("#source")
    assert mail["html"] == shown.locator("pre").text_content()
    assert "Sam Sample <sample@example.org>" in shown.inner_text()
    assert f"{mail['sizes']['message'] / 1024:.1f} KB" in shown.inner_text()


def test_the_calendar_has_every_date(own: Running, show: Callable[..., Page]) -> None:
    """The entries that calendars take in stand in a table, and say which were changed since an earlier issue."""
    rows = show(own, "view=calendar").locator("#calendar tbody tr").all_inner_texts()
    assert 12 == len(rows)
    assert "3 to 8 February 2026\tSexual Abuse & Sexual Violence Week\ta day to know of, changed once" in rows


def test_compare_marks_what_was_changed(own: Running, show: Callable[..., Page]) -> None:
    """Beside last month's issue, a date that was changed is told, and marked in both."""
    page = show(own, "view=compare")
    row = page.locator("#compare tbody tr").all_inner_texts()
    assert ["Sexual Abuse & Sexual Violence Week\t3 to 9 February 2026\t3 to 8 February 2026"] == row
    assert ["Then", "Now"] == page.locator(".mark").evaluate_all("marks => marks.map(mark => mark.dataset.label)")
    assert ["December 2025", "January 2026"] == page.locator(".pair h2").all_inner_texts()


def test_another_issue_can_be_chosen(own: Running, show: Callable[..., Page]) -> None:
    """The issues stand in a list, the newest first, and the one chosen is kept in the address."""
    page = show(own)
    assert "January 2026" == page.locator("#issue option").first.inner_text()
    page.locator("#issue").select_option("2025-12")
    email(page).get_by_role("heading", name="December 2025 newsletter").wait_for()
    assert "issue=2025-12" in page.url


# Findings


def test_a_click_shows_the_place(own: Running, show: Callable[..., Page]) -> None:
    """A finding leads to its words in the email, outlined and in sight, and to its line in the file."""
    page = show(own, "view=text")
    finding = page.locator(".finding", has_text="N111")
    assert "issues/2026-01.yaml:" in finding.inner_text()
    finding.get_by_role("button", name="Show in the email").click()
    page.locator(".mark").wait_for()
    assert 30 > page.evaluate(MARKED, "3 to 8 February 2026")
    assert page.locator(".mark").evaluate("mark => innerHeight > mark.getBoundingClientRect().top")
    assert finding.locator("pre").inner_text().startswith("    - 3 to 8 February 2026 - Sexual Abuse")


def test_the_verdict_is_in_the_title(own: Running, show: Callable[..., Page]) -> None:
    """Whoever looks at the tab alone sees what was found."""
    page = show(own)
    assert "(no errors, 2 warnings, 2 notes) January 2026 newsletter" == page.title()
    assert "Ready to send. No errors, 2 warnings, 2 notes." == page.locator("#verdict").inner_text()


def test_the_command_can_be_copied(own: Running, show: Callable[..., Page]) -> None:
    """Nothing is sent from here: the page shows the lines to type, and copies them."""
    page = show(own)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lines = page.locator(".command code").all_inner_texts()
    send = "newsletter send 2026-01 --list practitioners"
    assert [f"{send} --test you@example.org", send] == lines
    page.get_by_role("button", name="Copy: Send to the list practitioners").click()
    page.get_by_text("Copied").wait_for()
    assert send == page.evaluate("navigator.clipboard.readText()")


# Following the files


def test_a_saved_issue_is_shown_where_one_was(own_copy: Path, show: Callable[..., Page]) -> None:
    """Saved, the new words stand there, with the page as far down as it was, and not loaded anew."""
    with previewing(own_copy) as running:
        page = show(running)
        page.evaluate("() => { window.before = true; document.querySelector('main').scrollTo(0, 1500); }")
        rewrite(own_copy / "issues/2026-01.yaml", "Save to your favourites", "Keep these at hand")
        email(page).get_by_role("heading", name="Keep these at hand").wait_for()
        assert [True, 1500] == page.evaluate("[window.before, document.querySelector('main').scrollTop]")
        assert "Rebuilt in" in page.locator("#status").inner_text()


def test_templates_and_pictures_are_followed(own_copy: Path, show: Callable[..., Page]) -> None:
    """A template of one's own and a changed picture show at once, as the issue does."""
    with previewing(own_copy) as running:
        page = show(running)
        logo = email(page).locator("img").first.get_attribute("src")
        shutil.copy(own_copy / "images/safer-internet-day.png", own_copy / "images/logo.png")
        page.wait_for_function(
            "logo => document.querySelector('#email iframe:not(.waiting)')"
            ".contentDocument.querySelector('img').getAttribute('src') !== logo",
            arg=logo,
        )
        (own_copy / "templates").mkdir()
        (own_copy / "templates/footer.html").write_text("<p>Our own footer {{ unsubscribe }}</p>", "utf-8")
        email(page).get_by_text("Our own footer").wait_for()


def test_a_broken_issue_heals(ready: Path, show: Callable[..., Page]) -> None:
    """Broken, the faults stand beside the last good email, with their lines; mended, it is whole again."""
    issue = ready / "issues/2026-01.yaml"
    with previewing(ready) as running:
        page = show(running)
        rewrite(issue, "title: News", "titel: News")
        page.locator("#status.amber", has_text="Cannot build: 1 error").wait_for()
        assert "Not ready to send. 1 error." == page.locator("#verdict").inner_text()
        assert "issues/2026-01.yaml:6" in page.locator(".finding.error").inner_text()
        email(page).get_by_text("Some words.").wait_for()
        assert page.title().startswith("(1 error)")
        rewrite(issue, "titel: News", "title: News")
        page.locator("#status.green").wait_for()
        assert page.locator("#problem").is_hidden()


def test_an_issue_that_never_was_whole(ready: Path, show: Callable[..., Page]) -> None:
    """Opened on a broken issue, the page says what to mend, and shows the email as soon as there is one."""
    issue = ready / "issues/2026-01.yaml"
    rewrite(issue, "title: News", "titel: News")
    with previewing(ready) as running:
        page = show(running)
        assert "Nothing to show yet" in page.locator("#caveat").inner_text()
        rewrite(issue, "titel: News", "title: News")
        email(page).get_by_text("Some words.").wait_for()


# Safety


def test_the_email_runs_nothing_and_fetches_pictures_alone(
    ready: Path, browser: Browser, show: Callable[..., Page]
) -> None:
    """Whatever a template brings, no script runs in the email, and it asks for no more than a picture."""
    (ready / "templates").mkdir()
    hostile = (
        '<p onclick="top.ran=1">Hostile {{ unsubscribe }}</p><svg onload="top.ran=1"></svg>'
        '<img src="https://pictures.example/one.png" onerror="top.ran=1" alt="One">'
        '<audio src="https://sound.example/a.mp3" autoplay></audio>'
        '<table background="https://pictures.example/two.png"><tr><td style="font-family:own">x</td></tr></table>'
        '<a href="javascript:top.ran=1">Press</a>'
    )
    (ready / "templates/footer.html").write_text(hostile, "utf-8")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    context = browser.new_context()
    with previewing(ready) as running:
        page = context.new_page()
        page.route(re.compile(r"^https?://[^1]"), refuse)
        page.goto(running.url)
        page.wait_for_selector("body[data-age]")
        frame = page.frame_locator("#email iframe:not(.waiting)")
        frame.get_by_text("Hostile").click()
        frame.get_by_text("Press").click()
        page.wait_for_load_state("load")
        assert page.evaluate("window.ran") is None
        assert {"pictures.example"} >= {url.split("/")[2] for url in asked}
        context.close()


def test_the_page_asks_nobody_else(own: Running, browser: Browser) -> None:
    """The page works offline: in every view, all that it asks for comes from this computer."""
    context = browser.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(own.url)
    for view in VIEWS:
        page.wait_for_selector("body[data-age]")
        page.get_by_role("button", name=view.capitalize(), exact=True).click()
    origins = {url.partition(own.base)[0] for url in asked if not url.startswith("data:")}
    assert {f"http://127.0.0.1:{own.port}"} == origins
    context.close()


# Everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_the_page_is_accessible(own: Running, show: Callable[..., Page], axe: str, width: int, scheme: str) -> None:
    """In every view, wide and narrow, light and dark, axe finds nothing, and the page never scrolls sideways."""
    page = show(own, "width=320", width=width, scheme=scheme)
    page.locator(".finding .link").first.click()
    for view in VIEWS:
        page.get_by_role("button", name=view.capitalize(), exact=True).click()
        page.wait_for_selector(f"[data-view='{view}']:not([hidden])")
        # The emails in the frames have tests of their own (test_browser.py), in which axe sees them alone.
        assert [] == violations(page, axe, iframes=False)
        assert [0, 0] == page.evaluate(
            "[document.documentElement, document.querySelector('main')].map(one => one.scrollWidth - one.clientWidth)"
        ), view


def test_the_keyboard_reaches_everything(own: Running, show: Callable[..., Page]) -> None:
    """Tab goes from group to group, arrows inside one, the space bar chooses; the edge moves by arrows, too."""
    page = show(own)
    page.get_by_role("button", name="Full").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert "true" == page.get_by_role("button", name="390").get_attribute("aria-pressed")
    edge = page.get_by_role("separator")
    edge.focus()
    page.keyboard.press("ArrowLeft")
    assert ("380", "true") == (edge.get_attribute("aria-valuenow"), str("width=380" in page.url).lower())


def test_the_edge_can_be_dragged(own: Running, show: Callable[..., Page]) -> None:
    """Dragged, the edge takes the email's width with it, on both sides."""
    page = show(own, "width=600")
    box = page.get_by_role("separator").bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, 700)
    page.mouse.down()
    page.mouse.move(box["x"] + 4 - 50, 700)
    page.mouse.up()
    assert 500 == page.locator("#email").evaluate("host => host.clientWidth")


def test_when_the_preview_ends_the_page_says_so(ready: Path, browser: Browser) -> None:
    """Ended at the terminal, the page does not pretend to follow any more."""
    context = browser.new_context()
    with previewing(ready) as running:
        page = context.new_page()
        page.goto(running.url)
        page.wait_for_selector("body[data-age]")
    page.locator("#status.stopped", has_text="The preview has ended").wait_for()
    context.close()
