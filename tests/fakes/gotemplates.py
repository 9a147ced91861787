"""Go's html/template and text/template, as much of them as a newsletter may use; written from their documentation.

What matters of html/template (https://pkg.go.dev/html/template): values are escaped where they are put in; what is of
the type HTML is not; HTML comments in the template are left out, those for Outlook too; and a lone "<" in the text of a
template becomes "&lt;".
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Functions = Mapping[str, Callable[..., Any]]

# An action; its strings may hold braces.
ACTION = re.compile(r"""\{\{-?((?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`])*?)-?\}\}""", re.DOTALL)
WORD = re.compile(r"""\s*("(?:\\.|[^"\\])*"|`[^`]*`|:=|[|()]|[^\s|()"`]+)""", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class TemplateError(Exception):
    """The template cannot be read, or not be filled in."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


# Of Go's own functions and of Sprig's those that choose and cut words.
BUILTIN: dict[str, Callable[..., Any]] = {
    "eq": lambda left, *rights: left in rights,
    "not": lambda value: not value,
    "or": lambda *values: next((value for value in values if value), values[-1]),
    "and": lambda *values: next((value for value in values if not value), values[-1]),
    "index": lambda values, place: values[int(place)],
    "lower": str.lower,
    "trim": str.strip,
    "splitList": lambda apart, text: text.split(apart),
    "first": lambda values: values[0] if values else None,
    "default": lambda fallback, value: value or fallback,
}


def render(template: str, data: Mapping[str, Any], functions: Functions, *, is_html: bool) -> str:
    """Fill in *template*. Raises TemplateError."""
    return _Run(data, {**BUILTIN, **functions}, is_html=is_html).fill(template)


class _Run:
    def __init__(self, data: Mapping[str, Any], functions: Functions, *, is_html: bool) -> None:
        self.data, self.functions, self.is_html = data, functions, is_html
        self.variables: dict[str, Any] = {}
        self.shown: list[tuple[bool, bool]] = []  # of each open "if": whether this part of it is shown, or one was

    def fill(self, template: str) -> str:
        """Return the text, part by part."""
        done, place = [], 0
        if self.is_html:
            template = COMMENT.sub("", ACTION.sub(_shield, template)).replace("\x00", "<!--").replace("\x01", "-->")
        for action in ACTION.finditer(template):
            done += [self.still(template[place : action.start()]), self.act(action[1].strip())]
            place = action.end()
        if self.shown:
            raise TemplateError("unexpected EOF")
        rest = self.still(template[place:])
        if "{{" in rest:
            raise TemplateError("unclosed action")
        return "".join([*done, rest])

    def still(self, text: str) -> str:
        """Return what stands between actions."""
        if not all(now for now, _ in self.shown):
            return ""
        return re.sub(r"<(?![A-Za-z/!?])", "&lt;", text) if self.is_html else text

    def act(self, said: str) -> str:
        """Do what an action says, and return what it puts in."""
        word, _, rest = said.partition(" ")
        if word in {"if", "else", "end"}:
            return self.branch(word, rest)
        if not all(now for now, _ in self.shown):
            return ""
        if name := re.match(r"(\$\w+)\s*:=\s*", said):
            self.variables[name[1]] = self.value(said[name.end() :])
            return ""
        found = self.value(said)
        return (
            str(found) if isinstance(found, Html) or not self.is_html else escape(str(found)).replace("&#x27;", "&#39;")
        )

    def branch(self, word: str, rest: str) -> str:
        """Open, turn or close a condition."""
        if word == "if":
            is_true = all(now for now, _ in self.shown) and bool(self.value(rest))
            self.shown.append((is_true, is_true))
        elif not self.shown:
            raise TemplateError(f"unexpected {{{{{word}}}}}")
        elif word == "else":
            _, was = self.shown.pop()
            self.shown.append((not was, True))
        else:
            self.shown.pop()
        return ""

    def value(self, said: str) -> Any:
        """Return what a pipeline comes to."""
        words, place = [], 0
        while said[place:].strip():
            word = WORD.match(said, place)
            if word is None:
                raise TemplateError(f"unexpected {said[place:][:20]!r}")
            words.append(word[1])
            place = word.end()
        value = self.pipeline(words)
        if words:
            raise TemplateError(f"unexpected {words[0]!r}")
        return value

    def pipeline(self, words: list[str]) -> Any:
        """Read commands up to the end or a closing bracket; each gets what the one before it came to."""
        value = self.command(words, [])
        while words and words[0] == "|":
            words.pop(0)
            value = self.command(words, [value])
        return value

    def command(self, words: list[str], last: list[Any]) -> Any:
        """Call a function, or read a value."""
        if not words:
            raise TemplateError("missing value for command")
        head = words.pop(0)
        if head not in self.functions:
            return self.operand(head, words)
        values = []
        while words and words[0] not in {"|", ")"}:
            values.append(self.operand(words.pop(0), words))
        try:
            return self.functions[head](*values, *last)
        except TypeError as error:
            raise TemplateError(f"{head}: {error}") from None

    def operand(self, word: str, words: list[str]) -> Any:
        """Return one value."""
        if word == "(":
            value = self.pipeline(words)
            words.pop(0)
            return value
        if word.startswith(("`", '"')):
            return word[1:-1] if word.startswith("`") else json.loads(word, strict=False)
        if word.startswith("$"):
            return self.variables[word]
        if word.startswith("."):
            value = self.data
            for name in filter(None, word.split(".")):
                if name not in value:
                    raise TemplateError(f"can't evaluate field {name}")
                value = value[name]
            return value
        if word.isdigit():
            return int(word)
        if word in self.functions:
            return self.functions[word]()
        raise TemplateError(f'function "{word}" not defined')


def _shield(action: re.Match[str]) -> str:
    """Keep the comments in the strings of an action from being taken for comments of the template."""
    return action[0].replace("<!--", "\x00").replace("-->", "\x01")
