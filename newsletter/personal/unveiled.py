"""Text as its reader gets it: entities, escapes and invisible signs undone, each sign with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# What is written in another way than it is read: %40, &#64;, "\x40" of YAML, "\@" and "**" of Markdown, a line broken
# in a file, in a comment or in a quotation, and all that is not ASCII. "&amp;#64;" and "%2540" are undone twice.
# Of "&#64;" the end may be missing: browsers forgive it (https://html.spec.whatwg.org/#decimal-character-reference-state).
_VEILED = re.compile(
    r"(?P<percent>%(?:25)*[0-7][0-9A-Fa-f]|(?:%(?:25)*[89A-Fa-f][0-9A-Fa-f]){1,4})"
    r"|&(?:amp;)*(?P<entity>\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31}(?=;));?"
    r"|\\(?:x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})|U(?P<U>[0-9A-Fa-f]{8}))"
    r"|(?P<blank>\xc2\xa0|\\?[^\S\n]*\n\s*(?:[#>]+\s*)*|\s{2,}|[^\S ]|\\[ nt])"
    r"|(?P<nothing>[*`]+|\\(?=[!-/:-@\[-`{-~]))"
    r"|(?P<foreign>[^\t\n\r -~])"
)
_MAYBE = re.compile(r"[^!-$'-)+-\[\]-_a-~ ]| (?=[\s\\])")  # where one may begin: most signs of a text are plain
_HEX = ("x", "u", "U")


@dataclass(frozen=True, slots=True)
class Unveiled:
    """The signs of a text, in few kinds, and where in the text each begins and ends."""

    signs: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text the signs from *start* to *end* stand."""
        return self.starts[start], self.ends[end - 1]


def unveil(text: str) -> Unveiled:
    """Return *text* with one blank for every run of blanks, plain digits and dashes, and nothing hidden in it."""
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = at = 0
    while maybe := _MAYBE.search(text, at):
        start = at = maybe.start()
        veiled = _VEILED.match(text, start)
        if veiled is None:
            at += 1
            continue
        end = at = veiled.end()
        signs.append(text[done:start])
        starts += range(done, start)
        ends += range(done + 1, start + 1)
        read = _read(veiled)
        signs.append(read)
        starts += [start] * len(read)
        ends += [end] * len(read)
        done = end
    signs.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Unveiled("".join(signs), starts, ends)


def _read(veiled: re.Match[str]) -> str:
    kind = veiled.lastgroup
    if kind in ("blank", "nothing"):
        return " " if kind == "blank" else ""
    written = veiled[0]
    if kind == "percent":
        data = bytes.fromhex(re.sub(r"%(?:25)*(?=[0-9A-Fa-f]{2})", "", written))
        written = data.decode("utf-8", "replace")
    elif kind == "entity":
        from html import unescape  # noqa: PLC0415  its table of names is long

        written = unescape(f"&{veiled['entity']};")
    elif kind in _HEX:
        number = int(veiled[kind], 16)
        written = chr(number) if number <= 0x10FFFF else ""
    return "".join(_plain(sign) for whole in written for sign in unicodedata.normalize("NFKC", whole))


def _plain(sign: str) -> str:
    """Return the ASCII sign that a reader takes *sign* for, if there is one; nothing for an invisible one."""
    category = unicodedata.category(sign)
    if sign.isspace() or sign == "\N{REPLACEMENT CHARACTER}":  # cp1252's no-break space, read as UTF-8
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    return "" if category in ("Cf", "Cc", "Mn", "Me", "Cs") else sign
