"""Corrections for a file that is not YAML: the first fault, told with the corrected line to paste.

PyYAML's two parsers word and place errors differently, so their words are not used. Each rule proposes what a line near
the fault may have been meant to be, and the first proposal with which the parser gets further is told.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from newsletter.findings import NOT_YAML, Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Parse = Callable[[str], Iterator[Any]]  # yields the events of a YAML text, or raises NotYamlError

# "title: ", "- title: ", "Postal address: " or "- ", and what stands after it.
ENTRY = re.compile(r"(?P<lead> *(?:- +)*[\w-]+:[ \t]+| *[^\W\d][^:#\"'\[\]{}]*:[ \t]+| *(?:- +)+)(?P<value>\S.*)")
_IN_BRACES = re.compile(r"([{,]\s*[\w-]+:\s+)([^\"'\[\]{},\s][^\"\[\]{},]*)(?=[,}])")
_CLOSED = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' """, re.VERBOSE)
_COLON = re.compile(r":(?:\s|$)")
_BUDGET = 1_000_000  # how many characters to try corrections on


class NotYamlError(Exception):
    """Where the parser stopped, counted from 0; *stray* is the line that it began to read as a key, without a colon."""

    def __init__(self, line: int, column: int, opened: int, stray: int | None = None) -> None:
        self.line, self.column, self.opened, self.stray = line, column, opened, stray


class Mend(NamedTuple):
    """A proposal: *fixed* in the place of *length* lines."""

    column: int
    message: str
    fixed: str
    length: int = 1
    more: str = ""
    lead: str = "Write it as:"

    def finding(self, file: str, line: int) -> Finding:
        """Return the proposal as a finding at *line*, counted from 1, of *file*."""
        hint = "\n".join(filter(None, [self.lead, self.fixed, self.more]))
        return _fault(Place(file, line, self.column), self.message, hint)


def diagnose(file: str, lines: Sequence[str], wrong: NotYamlError, parse: Parse) -> Finding:
    """Return what to say of the place where the parser stopped, with the first correction that gets it further.

    *lines* are those of the *file*, as messages call it; *wrong* is what *parse* raised for them.
    """
    budget = max(4, _BUDGET // (sum(map(len, lines)) + 1))
    for n, mend in islice(_proposals(lines, wrong), budget):
        grown = mend.fixed.count("\n") + 1 - mend.length
        stop = _stop(parse, [*lines[:n], *mend.fixed.split("\n"), *lines[n + mend.length :]])
        if stop is None or (stop > n + max(grown, 0) and stop != wrong.line + grown):
            return mend.finding(file, n + 1)
    if wrong.stray is not None:
        hint = (
            "Put a key and a colon before it. If it belongs to the text above, indent it further than that text's key."
        )
        return _fault(Place(file, wrong.stray + 1), "this line has no key and no colon", hint)
    hint = (
        "Look at this line and the one above: a key needs a colon and a space after it, what is opened must be closed, "
        "and keys that belong together begin in the same column."
    )
    place = Place(file, min(wrong.line + 1, len(lines)), wrong.column + 1)
    return _fault(place, "this cannot be read as YAML", hint)


def _fault(place: Place, message: str, hint: str) -> Finding:
    return Finding(place, Severity.ERROR, NOT_YAML, message, hint)


def _proposals(lines: Sequence[str], wrong: NotYamlError) -> Iterator[tuple[int, Mend]]:
    """Yield corrections, the surest first: what is wrong in itself, nearest first, then what may be misplaced."""
    near = [*range(min(wrong.line, len(lines) - 1), max(wrong.line - 100, -1), -1), min(wrong.opened, len(lines) - 1)]
    yield from ((n, mend) for n in near for rule in (_tab, quote, _requote, _unpack, spaced) for mend in rule(lines, n))
    above = next((n for n in near[1:] if lines[n].strip()), near[0])
    close = dict.fromkeys((near[0], near[-1], above))
    yield from ((n, mend) for rule in (_below_its_key, _keyed, _indented) for n in close for mend in rule(lines, n))


def _stop(parse: Parse, lines: Sequence[str]) -> int | None:
    """Return the line at which the parser stops, or None when it does not."""
    try:
        for _ in parse("\n".join(lines)):
            pass
    except NotYamlError as wrong:
        return wrong.line
    return None


def _in_quotes(text: str) -> str:
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def quoted_entry(lead: str, value: str) -> str:
    """Return the line with *value* in quotes; a comment, whose # stands between blanks, stays outside of them."""
    comment = re.search(r"(?<=\s)#(?:\s|$)", value)
    text = value[: comment.start()] if comment else value
    return lead + _in_quotes(text.rstrip()) + (f"  {value[comment.start() :]}" if comment else "")


def _sound_entry(lead: str, value: str) -> str:
    return quoted_entry(lead, value) if _why_quotes(value) else lead + value


def _why_quotes(value: str) -> str:
    """Return why YAML does not take *value* for the text it is, or the empty string."""
    first, after = value[0], value[1:2].strip()
    if first in "[{":
        begins = _after_bracket(value)[0][:1] not in ("", "#")
    elif first in "|>":
        begins = not re.fullmatch(r"[|>][-+\d]{0,2}(?:\s+#.*|\s*)", value)
    elif first in "-?:":
        begins = not after and not (first == "-" and _COLON.search(value))
    else:
        begins = first in "@`%*&!,]}"
    if begins:
        return f"text that begins with {first} needs quotes around it"
    if first in "[{|>\"'" or (first == "-" and not after):
        return ""
    what = "colon" if _COLON.search(value) else "tab" if "\t" in value.rstrip() else ""  # the pure parser minds tabs
    return f"a {what} inside text needs quotes around the text" if what else ""


def _after_bracket(value: str) -> tuple[str, str]:
    """Return what stands after the bracket that opens *value* is closed, and what is missing to close it."""
    missing: list[str] = []
    for at, character in enumerate(value):
        if character in "[{":
            missing.append("]" if character == "[" else "}")
        elif character in "]}" and missing.pop() and not missing:
            return value[at + 1 :].strip(), ""
    return "", "".join(reversed(missing))


def indent(line: str) -> int:
    """Return the column, from 0, at which *line* begins."""
    return len(line) - len(line.lstrip(" "))


def _opens(line: str) -> set[int]:
    """Return the columns at which *line* opens an entry: those of its dashes' first and of its key."""
    found = re.match(r"( *)((?:-(?: +|$))*)([\w-]+:(?:\s|$))?", line)
    return {len(found[1]), len(found[1] + found[2])} if found and (found[2] or found[3]) else set()


def depth(lines: Sequence[str], n: int, column: int) -> str:
    """Return the words that say to begin line *n* in *column*, with a line above that begins there."""
    words = f"Indent it by {column} {'space' if column == 1 else 'spaces'}" if column else "Do not indent it"
    like = next((m + 1 for m in range(n - 1, -1, -1) if lines[m].strip() and indent(lines[m]) == column), None)
    return f"{words}, like line {like}:" if like else f"{words}:"


def quote(lines: Sequence[str], n: int) -> Iterator[Mend]:
    """Text that YAML takes for something else: quotes around all of it, with the lines it goes on for."""
    entry = ENTRY.fullmatch(lines[n])
    if not entry or not (message := _why_quotes(entry["value"])):
        return
    lead, value, length = entry["lead"], entry["value"], 1
    for line in (lines[m] for m in range(n + 1, len(lines))):
        if indent(line) <= indent(lead) or line.strip()[:1] in ("", "#") or _opens(line):
            break
        value, length = f"{value.rstrip()} {line.strip()}", length + 1
    more = "If it is a list, begin it on the line below its key." if value.startswith("- ") else ""
    yield Mend(len(lead) + 1, message, quoted_entry(lead, value), length, more)


def _requote(lines: Sequence[str], n: int) -> Iterator[Mend]:
    """Quotes that are never closed, that are round a part of the text only, or round a backslash."""
    entry = ENTRY.fullmatch(lines[n].rstrip())
    if not entry or (mark := entry["value"][0]) not in "\"'":
        return
    lead, value = entry["lead"], entry["value"]
    closed = _CLOSED.match(value)
    rest = value[closed.end() :] if closed else ""
    if not closed:
        message, text = "the quotation mark opened here is never closed", value[1:]
    elif not rest and mark == '"' and "\\" in value:
        message, text = "a backslash needs single quotes around the text", value[1:-1]
    elif rest and not rest.lstrip().startswith("#"):
        message = "text that begins with a quotation mark needs quotes around all of it"
        is_wrapped = value.endswith(mark) and (rest[0].isalnum() or value[closed.end() - 2].isspace())
        text = value[1:-1] if is_wrapped else value
    else:
        return
    yield Mend(len(lead) + 1, message, lead + _in_quotes(text))


def _unpack(lines: Sequence[str], n: int) -> Iterator[Mend]:
    """Brackets: never closed, or with text inside that needs quotes; and a list that begins beside its key."""
    line, entry = lines[n].rstrip(), ENTRY.fullmatch(lines[n].rstrip())
    unsound = [found for found in _IN_BRACES.finditer(line) if "{" in line and _why_quotes(found[2])]
    if unsound:
        fixed = _IN_BRACES.sub(lambda found: _sound_entry(found[1], found[2].rstrip()), line)
        yield Mend(unsound[0].start(2) + 1, _why_quotes(unsound[0][2]), fixed)
    if entry and entry["value"][0] in "[{" and (missing := _after_bracket(entry["value"])[1]):
        yield Mend(len(entry["lead"]) + 1, "the bracket opened here is never closed", line + missing)
    if entry and entry["value"].startswith("- "):
        lead = entry["lead"]
        below = " " * (len(lead) - len(lead.lstrip(" -")) + 2)
        message = "a list begins on the line below its key"
        yield Mend(len(lead) + 1, message, f"{lead.rstrip()}\n{below}{entry['value']}")


def spaced(lines: Sequence[str], n: int) -> Iterator[Mend]:
    """Yield the blank that is missing after a key's colon."""
    if found := re.fullmatch(r"( *(?:- +)*[A-Za-z_][\w-]*:)([^\s/].*)", lines[n]):
        fixed = _sound_entry(f"{found[1]} ", found[2].rstrip())
        yield Mend(found.end(1), "a space is missing after the colon", fixed)


def _below_its_key(lines: Sequence[str], n: int) -> Iterator[Mend]:
    """Text below ``body: |`` that is not indented further than its key."""
    above = next((lines[m] for m in range(n - 1, -1, -1) if lines[m].strip()), "")
    key = re.fullmatch(r"( *(?:- +)*)([\w-]+:)[ \t]+[|>][-+\d]{0,2}(?:\s+#.*|\s*)", above)
    if key and lines[n].strip() and indent(lines[n]) <= (column := len(key[1])):
        message = f"the text of {key[2]} must be indented further than {key[2]}"
        lead = f"Indent all its lines by {column + 2} spaces, beginning with this one:"
        yield Mend(indent(lines[n]) + 1, message, " " * (column + 2) + lines[n].lstrip(), lead=lead)


def _keyed(lines: Sequence[str], n: int) -> Iterator[Mend]:
    found = re.fullmatch(r"( *(?:- +)*[a-z][\w-]*)(?: +(\S.*))?", lines[n].rstrip())
    if not found or _COLON.search(lines[n]):
        return
    fixed = _sound_entry(f"{found[1]}: ", found[2]) if found[2] else f"{found[1]}:"
    more = "If it belongs to the text above, indent it further than that text's key." if found[2] and n else ""
    yield Mend(indent(lines[n]) + 1, "a colon is missing after the key", fixed, more=more)


def _columns(lines: Sequence[str], n: int) -> set[int]:
    return {0}.union(*(_opens(line) for line in lines[max(0, n - 100) : n]))


def _moved(line: str, columns: set[int], here: int) -> list[str]:
    """Return *line* begun at each of *columns*, the nearest to *here* first and of two equally near the deeper."""
    return [" " * column + line.lstrip() for column in sorted(columns, key=lambda c: (abs(c - here), -c))]


def _tab(lines: Sequence[str], n: int) -> Iterator[Mend]:
    if found := re.match(r" *\t\s*(?=\S)", lines[n]):
        columns = _columns(lines, n)
        columns |= {column + 2 for column in columns if n}
        for fixed in _moved(lines[n], columns, len(found[0].expandtabs(2))):
            lead = depth(lines, n, indent(fixed))
            yield Mend(1, "tabs are not allowed for indentation", fixed, lead=lead)


def _indented(lines: Sequence[str], n: int) -> Iterator[Mend]:
    here, line = indent(lines[n]), lines[n]
    above = next((indent(lines[m]) for m in range(n - 1, -1, -1) if lines[m].strip()), 0)
    columns = _columns(lines, n) - {here} if _opens(line) else {above} if above > here else set()
    message = (
        f"this line is indented by {here} {'space' if here == 1 else 'spaces'}, which does not fit the lines above it"
    )
    for fixed in _moved(line, columns, here) if line.strip() else ():
        yield Mend(here + 1, message, fixed, lead=depth(lines, n, indent(fixed)))
