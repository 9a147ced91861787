"""The next issue out of an earlier one: what is still to come is carried forward as its author wrote it.

What ends on or after the first day of the new month is still to come. What is over leaves, and with the last of its
dates whatever had them: a course, a section. Each issue has its own articles, subject, preheader and welcome: of an
article an example is left in comments. Nothing else is written anew, and afterwards the file is read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from newsletter.build import context_of
from newsletter.checks import all_checks, check_issue
from newsletter.dates import format_span
from newsletter.datewords import MONTHS
from newsletter.errors import ContentError, RefusedError, UsageError
from newsletter.files import write_once
from newsletter.load import ISSUE_ID, issue_file, newest
from newsletter.mending.manuscript import Manuscript
from newsletter.model import holds
from newsletter.past import is_monthly, month_of
from newsletter.personal import Mask
from newsletter.pruning import prune
from newsletter.rawtext import read_data
from newsletter.review import discreet
from newsletter.sections import section_type, section_types

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.findings import Finding, Trail
    from newsletter.model import Event, Ignore, Item, Section

_OWN_KEYS = ("subject", "preheader", "welcome")
_IGNORES = "check-ignore"
_LEAD = "An example: to use it, take the # and the space behind it out of each line below."
_LEAD_IN_BRACKETS = "An example, for a list without brackets:"
_KEY = re.compile(r"""(["']?)sections\1[ \t]*:""")


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is left out: *what* it is, *why*, *more* to know it by, and where it was booked."""

    what: str
    why: str
    more: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rollover:
    """A new issue, *after*, out of another, *before*: what was *kept*, what is *over*, what each issue has of its own.

    *keys* are those of the file that were not carried, *excuses* the codes that check-ignore still has.
    """

    before: Manuscript
    after: Manuscript
    kept: tuple[Item, ...]
    over: tuple[Left, ...]
    own: tuple[Item, ...]
    keys: tuple[str, ...]
    excuses: tuple[str, ...]


def next_id(root: Path, issue: str | None) -> str:
    """Return the id of the issue to begin in the workspace *root*: *issue*, or the month after the newest.

    Raises UsageError for what is no id and where there is no issue yet, RefusedError for an issue that is there.
    """
    wanted = _following(newest(root)) if issue is None else issue
    if not ISSUE_ID.fullmatch(wanted):
        hint = "An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition."
        raise UsageError(f"{wanted!r} is not an issue id", hint)
    if _path(root, wanted).exists():
        raise _taken(wanted)
    return wanted


def _following(issue: str) -> str:
    year, month = int(issue[:4]), int(issue[5:7])
    return f"{year + month // 12}-{month % 12 + 1:02}"


def _path(root: Path, issue: str) -> Path:
    return root / "issues" / f"{issue}.yaml"


def _taken(issue: str) -> RefusedError:
    hint = f"To change it, open that file. To begin the one after it:\nnewsletter new {_following(issue)}"
    return RefusedError(f"issues/{issue}.yaml is there already, nothing was written", hint)


def roll_over(workspace: Workspace, source: str, issue: str) -> Rollover:
    """Return the new issue with the id *issue* out of the issue *source*, and write nothing.

    Raises UsageError where there is no *source*, ContentError with all that is wrong in it.
    """
    before = Manuscript(read_data(issue_file(workspace.root, source), f"issues/{source}.yaml"), workspace, source)
    try:
        return _roll_over(before, issue)
    except ContentError as error:
        raise ContentError(error.message, discreet(error.findings, workspace.root), error.hint) from None


def write(rollover: Rollover) -> None:
    """Write the new issue. Raises RefusedError when its file is there already, whoever made it meanwhile."""
    issue = rollover.after.issue_id
    if not write_once(_path(rollover.after.workspace.root, issue), rollover.after.data):
        raise _taken(issue)


def shown(rollover: Rollover) -> str:
    """Return the text of the new issue as a person may see it: with personal data starred out."""
    return Mask(rollover.before.private)(rollover.after.document.source)


def _roll_over(before: Manuscript, issue: str) -> Rollover:
    shares = [_share(section, month_of(issue)) for section in before.issue.sections]
    gone = {("sections", number, *trail) for number, share in enumerate(shares) for trail in share.gone}
    ignores = before.issue.ignores
    idle = list(_idle(_written(before, issue, gone))) if ignores else []
    gone |= {(_IGNORES,)} if len(idle) == len(ignores) else {one.trail for one in idle}
    over = [left for share in shares for left in share.over]
    over += [Left(f"{one.code} below {_IGNORES}", "it finds nothing in what is kept", one.text) for one in idle]
    mask = Mask(before.private)
    return Rollover(
        before,
        _written(before, issue, gone),
        tuple(
            replace(item, trail=("sections", number, *item.trail))
            for number, share in enumerate(shares)
            for item in share.kept
        ),
        tuple(replace(left, what=mask(left.what), more=mask(left.more), url=mask(left.url)) for left in over),
        tuple(item for share in shares for item in share.own),
        tuple(key for key in _OWN_KEYS if key in before.document.value),
        tuple(one.code for one in ignores if one not in idle),
    )


# What is kept


@dataclass(frozen=True, slots=True)
class _Share:
    """What becomes of a section: what is *kept*, what is *over*, what is the issue's *own*, and the trails to cut."""

    kept: list[Item]
    over: list[Left]
    own: list[Item]
    gone: set[Trail]


def _share(section: Section, on: date) -> _Share:
    """Return what becomes of *section* in the issue of the month that begins on *on*."""
    items, news = list(section.items()), {one.trail[:-1] for one in section.news()}
    events = _events(section)
    leaving = _over(section, items, events, on) | news
    gone = {trail for trail in leaving if not any(trail[:n] in leaving for n in range(len(trail)))}
    kept = [item for item in items if not any(item.trail[:n] in gone for n in range(len(item.trail) + 1))]
    over = list(_told(items, events, gone - news, on))
    if items and not kept and () not in gone:
        gone = {()}
        over.append(Left(f"The section {section.title}", "nothing of it is still to come"))
    return _Share(kept, over, [item for item in items if item.trail in news], gone)


def _events(section: Section) -> Mapping[Trail, list[Event]]:
    """Return the events at and below each trail of *section*."""
    below: dict[Trail, list[Event]] = {}
    for event in section.events():
        for length in range(len(event.trail) + 1):
            below.setdefault(event.trail[:length], []).append(event)
    return below


def _over(section: Section, items: Iterable[Item], events: Mapping[Trail, list[Event]], on: date) -> set[Trail]:
    """Return the trails of the events that are over, and of the items that have no others.

    Where a weekday is wrong, nobody knows which day is meant: that event stays, for its author to mend.
    """
    over = {event.trail for event in section.over(on) if event.span.is_sure}
    dated = [item.trail for item in items if item.trail in events]
    return over | {trail for trail in dated if over.issuperset(event.trail for event in events[trail])}


def _told(
    items: Iterable[Item], events: Mapping[Trail, list[Event]], gone: Collection[Trail], on: date
) -> Iterator[Left]:
    """Yield what is told of the events and items at *gone*, in the order of the file."""
    why = f"over before {MONTHS[on.month - 1]}"
    named = {item.trail: item for item in items}
    for trail in dict.fromkeys([*named, *events]):
        if trail not in gone:
            continue
        last = max(events[trail], key=lambda event: event.span.last)
        if last.trail == trail:
            yield Left(format_span(last.span), why, last.title)
        else:
            item = named[trail]
            yield Left(f"The {item.kind} {item.title}", why, f"last on {format_span(last.span)}", item.url)


def _idle(script: Manuscript) -> Iterator[Ignore]:
    """Yield the excuses that apply to nothing in the new issue.

    What a check finds on some days only, or in the finished email, is not known yet: an excuse for that goes when its
    text is gone.
    """
    issue = script.issue
    found = [*issue.findings, *check_issue(context_of(issue, script.workspace, month_of(issue.id), {}))]
    known = {check.code for check in all_checks() if check.is_steady and check.code.startswith("N1")}
    for ignore in issue.ignores:
        if ignore.code in known:
            is_used = any(one.code == ignore.code and _means(ignore, one) for one in found)
        else:
            is_used = not ignore.text or any(holds(text.text, ignore.text) for text in issue.texts)
        if not is_used:
            yield ignore


def _means(ignore: Ignore, finding: Finding) -> bool:
    return not ignore.text or ignore.means(finding.words)


# The file


def _written(before: Manuscript, issue: str, gone: Collection[Trail]) -> Manuscript:
    """Return the new file: that of *before* without what is *gone*, as a draft.

    Raises ContentError where its layout would let something else be cut than was meant.
    """
    document = before.document
    new = {"draft": "true"} if is_monthly(issue) else {"subject": _title(issue), "draft": "true"}
    gone = {*gone, *((key,) for key in (*_OWN_KEYS, "draft") if (key,) in document.keys)}
    put = {next(iter(document.keys)): "".join(f"{key}: {text}\n" for key, text in new.items())}
    where, example = _example(before, gone)
    after = _edited(before, issue, gone, put)
    if _bare(example) not in _bare(after.written):
        after = _edited(before, issue, gone, put | {where: put.get(where, "") + example})
    try:
        is_meant = bool(after.issue) and _rest(document.value, gone) | new == _rest(after.document.value)
    except ContentError:
        is_meant = False
    if not is_meant:
        hint = "Write each key, section, course and date on lines of its own, then give the same command again."
        raise ContentError(f"{document.file} is laid out in a way that cannot be cut", (), hint)
    return after


def _title(issue: str) -> str:
    """Return the words of the id of a special edition, which must have a subject."""
    return issue[len("2026-01-") :].replace("-", " ").capitalize()


def _edited(before: Manuscript, issue: str, gone: Collection[Trail], put: Mapping[Trail, str]) -> Manuscript:
    """Return *before*, as the file of *issue*, without what is *gone* and with the lines *put* above some entries."""
    document = before.document
    edits = prune(document, gone, put)
    if _is_emptied(before, gone) and (key := _KEY.match(document.source, before.key_offset(("sections",)))):
        edits.append((key.end(), key.end(), " []"))
    line_end = "\r\n" if "\r\n" in before.written else "\n"
    lines = [(start, end, text.replace("\n", line_end)) for start, end, text in edits]
    return replace(before.edited(lines), issue_id=issue)


def _is_emptied(before: Manuscript, gone: Collection[Trail]) -> bool:
    """Tell whether no section is left below the key, where YAML would see no list."""
    trails = [("sections", number) for number in range(len(before.issue.sections))]
    return before.document.spellings[("sections",)].style != "flow" and all(trail in gone for trail in trails)


def _example(before: Manuscript, gone: Collection[Trail]) -> tuple[Trail, str]:
    """Return an example of what each issue has of its own, in comments, and the entry that it stands above."""
    document, sections = before.document, before.issue.sections
    is_flow, is_emptied = document.spellings[("sections",)].style == "flow", _is_emptied(before, gone)
    first = next((number for number, section in enumerate(sections) if any(section.news())), 0)
    column = 1 if is_flow else document.places[("sections",)].column
    lead = _LEAD_IN_BRACKETS if is_flow or is_emptied else _LEAD
    text = "".join(section_type(name).skeleton for name in section_types())
    lines = [f"{' ' * (column - 1)}# {line}\n" for line in (lead, *text.splitlines())]
    is_parted = any(("sections", number) not in gone for number in range(first, len(sections)))
    trail: Trail = ("sections",) if is_flow else ("sections", first)
    return trail, "".join(lines) + ("\n" if is_parted and not is_flow else "")


def _bare(text: str) -> str:
    """Return *text* without its first line, if that leads in an example, and without the blanks round its lines."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join(line for line in lines if line.removeprefix("# ") not in (_LEAD, _LEAD_IN_BRACKETS))


def _rest(value: Any, gone: Collection[Trail] = (), trail: Trail = ()) -> Any:
    """Return *value* without what is at *gone*, and without the newlines that end its texts."""
    if isinstance(value, str):
        return value.rstrip("\n")
    if isinstance(value, dict):
        return {key: _rest(one, gone, (*trail, key)) for key, one in value.items() if (*trail, key) not in gone}
    return [_rest(one, gone, (*trail, number)) for number, one in enumerate(value) if (*trail, number) not in gone]
