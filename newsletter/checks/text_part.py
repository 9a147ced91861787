"""The plain text part is missing, or lacks what the HTML says.

Some people read the plain text alone: with a screen reader, on a watch, or because their mail program shows no HTML.
They must get every section, date and link. Filters distrust a mail whose two parts differ, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from newsletter.checks import Mail, Remark
from newsletter.dates import format_span
from newsletter.findings import Place, Severity
from newsletter.page import cut, tally
from newsletter.page.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N203"
SEVERITY = Severity.ERROR
_LONG = 100  # columns; mail programs like up to 78, and break longer lines where they please
_MARKUP = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|span|strong|style|table|tbody|td|th|tr|u|ul)"
    r"(?:\s[^<>\n]{0,300})?/?>"
    r"|&(?:amp|lt|gt|quot|nbsp|rsquo|lsquo|ndash|mdash|#\d{1,5});",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_HINT = "See how the packaged email.txt and sections/*.txt do it."


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error for each kind of thing that the plain text lacks."""
    if not mail.edition.text.strip():
        yield Remark(mail.place, "the plain text part is empty", f"Write templates/email.txt. {_HINT}")
        return
    said = folded(mail.edition.text)
    yield from _subject(mail, said)
    yield from _titles(mail, said)
    yield from _words(mail, said)
    yield from _dates(mail, said)
    yield from _links(mail)
    yield from _form(mail)


def _subject(mail: Mail, said: str) -> Iterator[Remark]:
    tops = [heading.text for heading in mail.page.headings if heading.tag == "h1"]
    if not any(folded(top) in said for top in (mail.edition.subject, *tops)):
        yield Remark(mail.place, "the plain text does not say the subject", f"Begin it with its title. {_HINT}")


def _titles(mail: Mail, said: str) -> Iterator[Remark]:
    shown = folded(mail.page.text)
    missing = [
        (index, section.title)
        for index, section in enumerate(mail.issue.sections)
        if folded(section.title) not in said and folded(section.title) in shown
    ]
    if missing:
        place = mail.issue.place(("sections", missing[0][0], "title"))
        names = [f'the section "{cut(title)}"' for _, title in missing]
        yield Remark(place, tally(names, "is not in the plain text", "sections are not in the plain text"), _HINT)


def _words(mail: Mail, said: str) -> Iterator[Remark]:
    """Yield an error when most words of a text that the HTML has are not in the plain text."""
    words, shown = set(_LETTERS.findall(said)), set(_LETTERS.findall(folded(mail.page.text)))
    missing = []
    for text in mail.issue.prose():
        own = set(_LETTERS.findall(text.text.casefold())) & shown
        if len(own - words) * 2 > len(own):
            missing.append((mail.issue.place(text.trail), f'the text "{cut(text.text, 40)}"'))
    if missing:
        names = [name for _, name in missing]
        yield Remark(missing[0][0], tally(names, "is not in the plain text", "texts are not in the plain text"), _HINT)


def _dates(mail: Mail, said: str) -> Iterator[Remark]:
    shown = folded(mail.page.text)
    missing = [
        (event.trail, format_span(event.span))
        for event in mail.issue.events()
        if (day := folded(format_span(event.span))) not in said and day in shown
    ]
    if missing:
        names = [day for _, day in missing]
        message = tally(names, "is not in the plain text", "dates are not in the plain text")
        yield Remark(mail.issue.place(missing[0][0]), message, _HINT)


def _links(mail: Mail) -> Iterator[Remark]:
    words = {unquote(form) for word in mail.edition.text.split() for form in (word, word.strip("<>()[]\"'.,;:!?"))}
    missing: dict[str, Place] = {}
    for link in mail.page.links:
        href = link.href.strip()
        if link.text and href and not href.startswith("#") and not _stands(unquote(href), words, mail.edition.text):
            missing.setdefault(href, mail.place_of(href))
    if missing:
        message = tally(map(cut, missing), "is a link that the plain text lacks", "links are not in the plain text")
        yield Remark(next(iter(missing.values())), message, f"Write each address out, on a line of its own. {_HINT}")


def _stands(href: str, words: set[str], text: str) -> bool:
    """Tell whether the link *href* stands whole in the text; a mail address or number also without its scheme."""
    forms = {href, href.removeprefix("mailto:"), href.removeprefix("tel:")}
    if forms & words:
        return True
    after = r"(?![\w/%&=#?~+-]|[.,:;!]\w)"
    return any(re.search(rf"(?<![\w@/.]){re.escape(form)}{after}", text) for form in forms)


def _form(mail: Mail) -> Iterator[Remark]:
    """Yield what is wrong with the form of the plain text; words that readers see in the HTML too are no markup."""
    text, shown = mail.edition.text, mail.page.text
    markup = [found for found in dict.fromkeys(_MARKUP.findall(text)) if found not in shown]
    if markup:
        pieces = [f'"{cut(one, 40)}"' for one in markup]
        message = tally(pieces, "is HTML in the plain text", "pieces of HTML are in the plain text")
        yield Remark(mail.place, message, f"Use the filter markdown_text in .txt templates. {_HINT}")
    written = " ".join(folded(prose.text) for prose in mail.issue.prose())
    long = [
        line for line in text.splitlines() if len(line) > _LONG and " " in line.strip() and folded(line) not in written
    ]
    if long:
        lines = [f'"{cut(line, 40)}" ({len(line)} columns)' for line in long]
        message = tally(lines, "is a long line of the plain text", "lines of the plain text are long")
        yield Remark(mail.place, message, "Break lines with the filter fill, at 72 columns.", severity=Severity.WARNING)
