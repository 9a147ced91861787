"""Links read the same and lead elsewhere, or have no words.

Screen-reader users list the links of a page: five times "Book your place" tells them nothing, and Yahoo takes hidden
labels away, so the visible words must differ (WCAG 2.2, 2.4.4). This is about the templates' links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.linkwords import wording
from newsletter.page import cut, tally
from newsletter.page.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Link

CODE = "N213"
SEVERITY = Severity.WARNING


def check(mail: Mail) -> Iterator[Remark]:
    """Yield one warning for links that read the same, and one for those without words."""
    if alike := list(_alike(mail)):
        things = [f'"{cut(found[0].text)}" leads to {len(found)} places,' for found in alike]
        message = tally(things, "so its words do not tell where", "link texts do not tell where they lead")
        hint = "Put what tells them apart into the words: Book your place on {{ course.title }}."
        yield Remark(mail.place_of(alike[0][0].href), message.rstrip(","), hint)
    told = {_bare(link.url) for link in mail.written if not wording(link.text)}  # at its line in the issue (N123)
    mute = [
        link
        for link in mail.page.links
        if not link.text and not link.alt.strip() and link.href.strip() and _bare(link.href) not in told
    ]
    if mute:
        hint = "Write where it leads: as text, or as the alt of its picture."
        message = tally(mute, "is a link without words", "links are without words")
        yield Remark(mail.place_of(mute[0].href), message, hint)


def _alike(mail: Mail) -> Iterator[list[Link]]:
    """Yield the links that read the same, one for each place that they lead to."""
    targets: dict[str, dict[str, Link]] = {}
    for link in mail.page.links:
        if link.text and link.href.strip() and not link.href.startswith("#"):
            targets.setdefault(folded(link.text), {}).setdefault(_bare(link.href), link)
    # What the author wrote twice is told at its line in the issue (N124).
    own = {(folded(link.text), _bare(link.url)) for link in mail.written}
    for words, found in targets.items():
        if len(found) > 1 and not all((words, url) in own for url in found):
            yield list(found.values())


def _bare(url: str) -> str:
    return url.strip().rstrip("/")
