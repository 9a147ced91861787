"""A session of an earlier issue that is not in this one.

Readers were told of it, some have booked, and it is still to come, a week or more after the day of sending: copying may
have lost it. If it takes place, put it back; if not, say that it is cancelled. The newest monthly issue before this one
with any sessions is looked at, so what is left out on purpose is told once. A course that check-ignore names for this
check is not told. Special editions pick what they show: they neither lose sessions nor bind other issues.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.dates import format_span
from newsletter.findings import Place, Severity
from newsletter.occurrences import gone, moved
from newsletter.past import Name, are_sure, by_name, called, dates_in, earlier, is_monthly, line, month_of, normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.past import Dated, Past

CODE = "N113"
SEVERITY = Severity.WARNING
IS_STEADY = False
_A_WEEK = timedelta(days=7)


def check(context: Context) -> Iterator[Remark]:
    """Yield one remark for all that has vanished."""
    past = _speaks(context)
    if past is None or not is_monthly(context.issue.id):
        return
    here = by_name(dates_in(context.issue))
    lost = list(_lost(context, past, here))
    if lost:
        titles = [sessions[0].title for sessions in lost]
        count = sum(map(len, lost))
        what = "a session" if count == 1 else f"{count} sessions"
        yield Remark(
            _place(context, here, titles),
            f"{what} of {called(past.issue, context.issue.id)} {'is' if count == 1 else 'are'} missing here",
            "".join(map(_told, lost))
            + "Put back what takes place; what does not, with cancelled: true, so that those who booked know.\n"
            + excusing(CODE, *titles),
            words=", ".join(titles),
        )


def _speaks(context: Context) -> Past | None:
    """Return the newest monthly issue before this one that has sessions."""
    monthly = [past for past in earlier(context.others, context.issue.id) if is_monthly(past.issue)]
    return next((past for past in reversed(monthly) if any(name.is_session for name in past.dates)), None)


def _lost(context: Context, past: Past, here: Mapping[Name, Sequence[Dated]]) -> Iterator[list[Dated]]:
    """Yield of each course of *past* what has vanished since, the earliest session first."""
    month = month_of(context.issue.id)
    excused = [normal(ignore.text) for ignore in context.issue.ignores if ignore.code == CODE]
    for name, then in past.dates.items():
        now = here.get(name, ())
        if name.is_session and are_sure(then, now) and not any(name.title in text for text in excused):
            sessions = gone(then, now, max(context.on + _A_WEEK, month))
            if sessions and not moved(then, now, max(context.on, month)):
                yield sorted(sessions, key=lambda session: session.span.sort_key)


def _told(sessions: Sequence[Dated]) -> str:
    """Return the lines that name a course, where its sessions stood, and when they are."""
    lines = "".join(f"- {format_span(session.span)}\n" for session in sessions)
    return f"{sessions[0].title} has in {line(sessions[0].place)}:\n{lines}"


def _place(context: Context, here: Mapping[Name, Sequence[Dated]], titles: Sequence[str]) -> Place:
    """Return where a lone course stands, else where courses do, else the file."""
    undated = list(context.issue.undated())
    if len(titles) == 1:
        title = normal(titles[0])
        if sessions := here.get(Name(is_session=True, title=title)):
            return sessions[0].place
        if trail := next((course.trail for course in undated if normal(course.title) == title), None):
            return context.issue.place(trail)
    trails = [event.trail[:2] for event in context.issue.events() if event.is_session]  # the section of courses
    trails += [course.trail[:2] for course in undated]
    return context.issue.place(trails[0]) if trails else Place(f"issues/{context.issue.id}.yaml")
