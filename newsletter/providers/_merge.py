"""The words of a message in a provider's own merge syntax.

A message holds neutral placeholders. What stands for them is the provider's to say, for HTML and for plain text apart:
services put values in as they are, so that whatever goes into HTML is escaped here. What an author wrote that the
service would take for a placeholder of its own is taken apart: it reads the same and means nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, partial
from html import escape
from typing import TYPE_CHECKING, Any

from newsletter.message import GREETING, UNSUBSCRIBE, greet, unsubscribe_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from newsletter.message import Recipient
    from newsletter.providers import Send

_WORD_JOINER = "\u2060"  # has no width, and keeps the letters on one line
_NAME = "NL_FIRST_NAME_NL"
_SLOT = re.compile(r"\\ud800(\w+)\\ud800")  # as JSON writes it
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Syntax:
    """What stands for each placeholder, and with what the service's own placeholders *begin*, in small letters.

    *greeting* and *unsubscribe* are for HTML first, then for plain text, ready to stand there: *unsubscribe* is the
    link itself.
    """

    greeting: tuple[str, str]
    unsubscribe: tuple[str, str]
    begin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Subject, preheader, HTML and text of a message, ready for the service."""

    subject: str
    preheader: str
    html: str = field(repr=False)
    text: str = field(repr=False)


def words(send: Send, syntax: Syntax) -> Words:
    """Return what *send* says, in the syntax of a service."""
    edition = send.message.edition
    html, text = _apart_in_html(edition.html, syntax.begin), _apart(edition.text, syntax.begin)
    return Words(
        _apart(edition.subject, syntax.begin),
        _apart(edition.preheader, syntax.begin),
        html.replace(GREETING, syntax.greeting[0]).replace(UNSUBSCRIBE, syntax.unsubscribe[0]),
        text.replace(GREETING, syntax.greeting[1]).replace(UNSUBSCRIBE, syntax.unsubscribe[1]),
    )


def our_link(send: Send, token: str) -> tuple[str, str]:
    """Return our own link to unsubscribe, for HTML and for text; *token* is the service's placeholder for the token."""
    link = unsubscribe_link(send.message.sender, token)
    return escape(link), link


def values(recipient: Recipient, begin: tuple[str, ...]) -> dict[str, str]:
    """Return what is put in for *recipient*: the greeting for HTML and for text, and the token.

    A name that *begin*s as the service's placeholders do is taken apart as an author's words are.
    """
    greeting = recipient.greeting
    return {
        "greeting_html": _apart_in_html(escape(greeting), begin),
        "greeting": _apart(greeting, begin),
        "token": recipient.token,
    }


def slot(name: str) -> str:
    """Return what stands for a value in the pattern of `Pattern`: half characters, which no text that encodes holds."""
    return f"\ud800{name}\ud800"


class Pattern:
    """JSON of which all but a few values is the same for everybody: encoded once, then filled for each person."""

    def __init__(self, content: Any) -> None:
        first, *rest = _SLOT.split(json.dumps(content, separators=(",", ":")))
        self._first = first.encode()
        self._slots = [(name, after.encode()) for name, after in zip(rest[::2], rest[1::2], strict=True)]

    def listed(self, people: Iterable[Mapping[str, str]]) -> bytes:
        """Return a JSON list with a copy for each of *people*, their values in its slots; joined once: it is long."""
        pieces: list[bytes] = []
        for values in people:
            encoded = {name: json.dumps(value)[1:-1].encode() for name, value in values.items()}
            pieces += (b",", self._first)
            for name, after in self._slots:
                pieces += (encoded[name], after)
        return b"".join([b"[", *pieces[1:], b"]"])


def both_greetings(pattern: str, first_name: str, begin: Sequence[str], *, is_html: bool) -> tuple[str, str]:
    """Return the greeting of the workspace's *pattern* with a name and without one: "Hello NAME,", "Hello,".

    *first_name* is the service's placeholder for it. Both are empty without a pattern.
    """
    if not pattern:
        return "", ""

    def ready(text: str) -> str:
        return _apart_in_html(escape(text), begin) if is_html else _apart(text, begin)

    return ready(greet(pattern, _NAME)).replace(_NAME, first_name), ready(greet(pattern, ""))


def _apart_in_html(html: str, begin: Sequence[str]) -> str:
    """Write the first letter of each beginning as a number: browsers read the same, in text and in attributes."""
    return _beginnings(tuple(begin)).sub(lambda found: f"&#{ord(found[0])};", html)


def _apart(text: str, begin: Sequence[str]) -> str:
    """Part the letters of each beginning: in a web address by writing one as a number, elsewhere by no width at all."""
    starts = _beginnings(tuple(begin))
    if not starts.search(text):
        return text
    text = _WEB_ADDRESS.sub(partial(_as_numbers, starts), text)
    return starts.sub(lambda found: f"{found[0]}{_WORD_JOINER}", text)


def _as_numbers(starts: re.Pattern[str], address: re.Match[str]) -> str:
    return starts.sub(lambda found: f"%{ord(found[0]):02X}", address[0])


@cache
def _beginnings(begin: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of the first letter of each beginning; those that overlap, as in "{{{", are all found."""
    return re.compile("|".join(f"{re.escape(one[0])}(?={re.escape(one[1:])})" for one in begin), re.IGNORECASE)
