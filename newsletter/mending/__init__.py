"""Mends what is safe to mend in an issue's file, and no other character: dates to the house style, lists into order.

A mend is a few edits, and the texts that the file then has. After it the file is read again: when it says anything else
than expected, or an event is not what it was, the mend is left out. A wrong weekday is never mended: which of the two
is the slip, the calendar cannot tell.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any

from newsletter.checks import date_style, unsorted
from newsletter.dategrammar import parse_line
from newsletter.datereading import DateError, read_days
from newsletter.dates import format_days, format_span, format_time
from newsletter.datestyle import LINES, odd
from newsletter.errors import ContentError, RefusedError
from newsletter.files import write_whole
from newsletter.load import issue_file
from newsletter.mending.manuscript import Edit, Manuscript
from newsletter.personal import Mask
from newsletter.rawtext import read_data
from newsletter.reordering import moves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.dates import Span
    from newsletter.findings import Trail
    from newsletter.model import Event, Issue

_LONGEST = 200  # characters that a date is looked for in
_TRIES = 100  # readings of the file, to find which of the mends are not safe


@dataclass(frozen=True, slots=True)
class Mend:
    """*edits* of the file, after which it has the texts *new* and no longer those at *old*; *count* for the report."""

    edits: tuple[Edit, ...]
    old: frozenset[Trail]
    new: Mapping[Trail, str]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Mended:
    """What mending makes of the file at *path*: what it was and what it is *after*, and how much was mended."""

    file: str
    path: Path
    before: Manuscript
    after: Manuscript
    dates: int
    lists: int

    @property
    def is_changed(self) -> bool:
        """Whether there was something to mend."""
        return self.before.data != self.after.data


def mend(workspace: Workspace, issue_id: str) -> Mended:
    """Return what mending makes of an issue's file, and write nothing.

    Raises UsageError, ConfigError and ContentError as reading an issue does: what cannot be read is not mended.
    """
    path, file = issue_file(workspace.root, issue_id), f"issues/{issue_id}.yaml"
    before = Manuscript(read_data(path, file), workspace, issue_id)
    restyled, dates = _apply(before, [*_dates(before), *_prose(before)])
    ordered, lists = _apply(restyled, [*_orders(restyled)])
    return Mended(file, path, before, ordered, sum(one.count for one in dates), len(lists))


def diff(mended: Mended) -> list[str]:
    """Return the difference that mending makes as lines of a unified diff, with personal data starred out."""
    mask = Mask(mended.before.private | mended.after.private)
    old, new = (mask(script.document.source).splitlines() for script in (mended.before, mended.after))
    return list(unified_diff(old, new, mended.file, mended.file, lineterm=""))


def write(mended: Mended) -> None:
    """Write what was mended.

    Raises RefusedError when the file has changed since it was read, and OSError.
    """
    with mended.path.open("r+b") as stream:  # a file that must not be written is not replaced either
        if stream.read() != mended.before.data:
            raise RefusedError(f"{mended.file} was changed while it was mended", "Give the same command again.")
    write_whole(mended.path, mended.after.data, mode=stat.S_IMODE(mended.path.stat().st_mode))


def _apply(script: Manuscript, mends: list[Mend]) -> tuple[Manuscript, list[Mend]]:
    """Return *script* with all of *mends* that are safe, and these."""
    mended, done, waiting = script, list[Mend](), [mends] if mends else []
    for _ in range(_TRIES):
        if not waiting:
            break
        some = waiting.pop()
        after = script.edited([edit for one in (*done, *some) for edit in one.edits])
        if _is_safe(script, after, [*done, *some]):
            mended, done = after, [*done, *some]
        elif len(some) > 1:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    return mended, done


def _is_safe(before: Manuscript, after: Manuscript, mends: Sequence[Mend]) -> bool:
    """Tell whether the issue is the same as before but for what was to change."""
    old = frozenset().union(*(one.old for one in mends))
    texts = {trail: text for trail, text in before.texts.items() if trail not in old}
    for one in mends:
        texts |= one.new
    try:
        is_same = texts == after.texts and _events(before.issue) == _events(after.issue)
        return is_same and len(before.issue.findings) == len(after.issue.findings)
    except ContentError:
        return False


def _events(issue: Issue) -> list[str]:
    """Return the events of an issue, whatever their order in a list, and without their notes: those are prose."""
    events = (replace(one, trail=one.trail[:-1], note="", span=replace(one.span, stated=())) for one in issue.events())
    return sorted(map(repr, events))


# What to mend


def _dates(script: Manuscript) -> Iterator[Mend]:
    """Yield the mend of every date that has its own line or key."""
    for event in script.issue.events():
        if not event.span.is_sure:
            continue
        value: Any = _at(script, event.trail)
        if isinstance(value, str):
            found = [_in_text(script, event.trail, [_opening(value, format_span(event.span))])]
        elif keys := [key for key in event.keys if key in value]:
            parts = zip(keys, _parts(event.span, len(keys)), strict=True)
            found = [_in_text(script, (*event.trail, key), [_whole(value[key], part)]) for key, part in parts]
        else:
            found = [_in_key(script, event)]
        if mends := [one for one in found if one]:
            edits = tuple(edit for one in mends for edit in one.edits)
            new = {trail: text for one in mends for trail, text in one.new.items()}
            yield Mend(edits, frozenset().union(*(one.old for one in mends)), new)


def _at(script: Manuscript, trail: Trail) -> Any:
    return reduce(getitem, trail, script.document.value)  # type: ignore[arg-type]


def _is_wrong(stated: Collection[tuple[date, int]]) -> bool:
    return any(day.weekday() != weekday for day, weekday in stated)


def _opening(text: str, instead: str) -> Edit:
    """Return the change of the date that opens *text*; what follows it, the event's words, stays."""
    start = len(text) - len(text.lstrip())
    line = parse_line(text[start : start + _LONGEST])
    return start, start + (line.end if line else 0), instead


def _whole(text: str, instead: str) -> Edit:
    return len(text) - len(text.lstrip()), len(text.rstrip()), instead


def _parts(span: Span, count: int) -> list[str]:
    """Return *span* in the house style in one, two or three parts: its day, its start and its end."""
    times = [format_time(moment) for moment in (span.start, span.end) if moment is not None]
    if count == 1:
        return [format_span(span)]
    return [format_days(span), " to ".join(times)] if count == 2 else [format_days(span), *times]


def _in_key(script: Manuscript, event: Event) -> Mend | None:
    """Return the mend of "- 10 February 2026: Safer Internet Day", which YAML takes for a key and its value."""
    ((key, text),) = _at(script, event.trail).items()
    trail = (*event.trail, key)
    source, at = script.document.source, script.key_offset(trail)
    at += source[at] in "\"'"
    start, end, instead = _opening(key, format_span(event.span))
    if not source.startswith(key[:end], at) or instead == key[start:end]:
        return None
    return Mend(((at + start, at + end, instead),), frozenset({trail}), {(*event.trail, instead + key[end:]): text})


def _prose(script: Manuscript) -> Iterator[Mend]:
    """Yield the mends of dates in running text. What events are called tells them from others: it stays."""
    issue = script.issue
    titles = {event.title for event in issue.events()}
    markdown = {
        text.trail for text in issue.prose() if text.text == script.texts.get(text.trail)
    }  # and no other file's
    for trail, text in script.texts.items():
        is_prose = trail in markdown or trail[-1] in LINES
        if is_prose and " ".join(text.split()) not in titles and not _is_off(script, date_style.CODE):
            changes = [change for change in odd(text) if not _is_wrong_in(text[change[0] : change[1]])]
            if found := _in_text(script, trail, changes):
                yield found


def _is_off(script: Manuscript, code: str) -> bool:
    """Tell whether the author wants to hear nothing of what the check *code* finds."""
    codes = {ignore.code for ignore in script.issue.ignores if not ignore.text}
    return code in codes.union(script.workspace.config.checks.ignore)


def _is_wrong_in(words: str) -> bool:
    """Tell whether a weekday in *words* is wrong. Without a year nobody can tell."""
    line = parse_line(words)
    for group in line.groups if line else ():
        days = [day for ends in group.days for day in ends]
        try:
            dates = read_days(words, days, None)
        except DateError:
            continue
        if _is_wrong([(found, day.weekday) for day, found in zip(days, dates, strict=True) if day.weekday is not None]):
            return True
    return False


def _in_text(script: Manuscript, trail: Trail, changes: Sequence[Edit]) -> Mend | None:
    """Return the mend that makes those *changes* of the text at *trail* whose words can be found in the file."""
    text = script.texts[trail]
    changes = [change for change in changes if script.can_hold(trail, change[2])]
    spots = {words: script.spots(trail, words) for words in {text[start:end] for start, end, _ in changes}}
    edits, mended = [], text
    for start, end, instead in sorted(changes, reverse=True):
        words = text[start:end]
        spot = spots[words].get(start)
        if spot is None or words == instead or any(ignore.means(words) for ignore in script.issue.ignores):
            continue
        edits.append((*spot, _in_lines(script.written[script.part(*spot)], instead)))
        mended = mended[:start] + _in_lines(words, instead) + mended[end:]
    return Mend(tuple(edits), frozenset({trail}), {trail: mended}, len(edits)) if edits else None


def _in_lines(written: str, instead: str) -> str:
    """Return *instead* broken into lines as *written* is, or in one line where it has more or fewer words."""
    gaps, words = re.findall(r"\s+", written), instead.split()
    if not re.search(r"[\r\n]", written) or len(gaps) + 1 != len(words):
        return " ".join(words)
    return "".join(word + gap for word, gap in zip(words, [*gaps, ""], strict=True))


def _orders(script: Manuscript) -> Iterator[Mend]:
    """Yield the mends of lists whose dates are out of order. A wrong weekday leaves open where its date belongs."""
    lists: dict[Trail, list[Event]] = {}
    for event in script.issue.events():
        lists.setdefault(event.trail[:-1], []).append(event)
    for trail, events in [] if _is_off(script, unsorted.CODE) else lists.items():
        order = sorted(range(len(events)), key=lambda number: events[number].span.sort_key)
        if order == [*range(len(events))] or not all(event.span.is_sure for event in events):
            continue
        edits = [
            (start, end, script.written[script.part(*item)])
            for *item, start, end in moves(script.document, trail, order)
        ]
        if edits:
            places: dict[str | int, int] = {old: new for new, old in enumerate(order)}
            old = {one: text for one, text in script.texts.items() if one[: len(trail)] == trail}
            new = {(*trail, places[one[len(trail)]], *one[len(trail) + 1 :]): text for one, text in old.items()}
            yield Mend(tuple(edits), frozenset(old), new)
