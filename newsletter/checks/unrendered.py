"""Something in the email was not filled in.

A template shows its own code, the word None, or half of a placeholder where a name, a date or a link should be. Readers
would get it as it stands. What the author wrote in the issue is never meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.message import GREETING, LIST_TITLE, UNSUBSCRIBE
from newsletter.page import Page, cut, tally
from newsletter.prose import to_html, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CODE = "N206"
SEVERITY = Severity.ERROR
_CODE = re.compile(r"\{\{[^{}\n]{0,80}(?:\}\})?|\{%[^%\n]{0,80}(?:%\})?|\{#[^#\n]{0,80}#\}|%\}")
_VALUE = re.compile(
    r"<[\w.]{1,80} object at 0x|<(?:function|class|generator object|bound method|built-in) "
    r"|\bdatetime\.\w{1,20}\(|\b[A-Z][A-Za-z]{1,40}\([a-z_]{1,40}="
)
_NOTHING = re.compile(r"(?:^|.*[:(,])\W*(?:None|Undefined|undefined|nan|NaN|null)\W*", re.DOTALL)
_NOTHING_IN_LINK = re.compile(r"(?:^|[/=:])(?:None|Undefined|undefined|nan|NaN|null)(?:$|[/?&#])")
_SLOT = re.compile(
    r"(?:nl(?:_|%5f))?(?:greeting|unsubscribe|list(?:_|%5f)title)(?:_|%5f)nl\w*|nl(?:_|%5f)(?:greeting|unsubscribe|list)\w*",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\W_]+")
_WORDS = ("None", "ndefined", "nan", "NaN", "null")
_JOINT = "\n\0\n"
_SLOTS = frozenset({GREETING, LIST_TITLE, UNSUBSCRIBE})
_SHOWN = frozenset({"alt", "title", "aria-label", "content", "width", "height", "bgcolor", "style"})
_LED = ("href", "src")


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error for what is left over in each body, and for links without an address."""
    for name, pieces in (("HTML", _pieces(mail)), ("plain text", mail.edition.text.splitlines())):
        found = list(dict.fromkeys(_left_over(dict.fromkeys(pieces))))
        if found:
            written = _written(mail)
            found = [left for left in found if not any(_holds(text, left) for text in written)]
        if found:
            things = [f'"{cut(left, 50)}"' for left in found]
            message = tally(things, f"was not filled in, in the {name}", f"things were not filled in, in the {name}")
            yield Remark(mail.place, message, "Mend the template: the packaged ones show how each value is printed.")
    yield from _empty(mail)
    yield from _slots_in_links(mail)


def _written(mail: Mail) -> set[str]:
    """Return all that the author wrote, as written and as drawn, with single blanks."""
    texts = [text.text for text in mail.issue.texts]
    for prose in mail.issue.prose():
        page = Page(to_html(prose.text))
        texts += [to_text(prose.text), *(text for _, text in page.runs), *(one.text for one in page.elements)]
    return {" ".join(text.split()) for text in texts}


def _holds(text: str, left: str) -> bool:
    """Tell whether *left* is out of *text*; what ends with None may have lost its marks, or have got a label."""
    if not _NOTHING.fullmatch(left):
        return " ".join(left.split()) in text
    whole, words = ("".join(f" {word}" for word in _TOKEN.findall(one)) for one in (text, left))
    is_inside = words.count(" ") > 1 and f"{words} " in whole
    return bool(whole) and (is_inside or whole.endswith(words) or words.endswith(whole))


def _pieces(mail: Mail) -> Iterator[str]:
    """Yield every text and attribute of the HTML that should hold something filled in."""
    own = {link.url for link in mail.written}
    for _, text in mail.page.runs:
        yield text
    for element in mail.page.everything:
        if element.tag in {"title", "style"} or element.in_word:
            yield from element.own
        for name, value in element.attributes.items():
            if name in _SHOWN or name in _LED:
                is_lost = name in _LED and value not in own and _NOTHING_IN_LINK.search(value)
                yield f"{name}: None" if is_lost else value


def _left_over(pieces: Iterable[str]) -> Iterator[str]:
    """Yield what was not filled in."""
    whole = _JOINT.join(pieces)
    for pattern in (_CODE, _VALUE):
        yield from (found[0] for found in pattern.finditer(whole))
    yield from (found for found in _SLOT.findall(whole) if found not in _SLOTS)
    for piece in pieces:
        if len(piece) < 200 and any(word in piece for word in _WORDS) and _NOTHING.fullmatch(piece):
            yield piece.strip()


def _empty(mail: Mail) -> Iterator[Remark]:
    everything = mail.page.everything
    empty = [one for one in everything for name in _LED if one.attributes.get(name, "x").strip() in {"", "#"}]
    if empty:
        message = tally(empty, "has no address", "links and pictures have no address")
        yield Remark(mail.place, message, "Show it only if there is one: {% if entry.url %} ... {% endif %}.")


def _slots_in_links(mail: Mail) -> Iterator[Remark]:
    """Yield an error for a placeholder that will not do where it stands: the unsubscribe link is a whole address."""
    wrong = [
        one
        for one in mail.page.everything
        for name in _LED
        for value in (one.attributes.get(name, ""),)
        if any(slot in value for slot in _SLOTS) and (value != UNSUBSCRIBE or name == "src")
    ]
    if wrong:
        message = tally(wrong, "has a placeholder inside its address", "links have a placeholder inside their address")
        yield Remark(mail.place, message, 'Write href="{{ unsubscribe }}" with nothing before or after it.')
