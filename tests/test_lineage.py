"""What becomes of a date from issue to issue: which one it was, and how often it has changed."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.dates import Span, read_span
from newsletter.datewords import format_date
from newsletter.findings import Place
from newsletter.lineage import Occurrence, trace
from newsletter.past import Dated, Past

IDS = ("2026-01", "2026-02", "2026-03", "2026-04")
PLACE = Place("issues/2026-01.yaml")
MORNING, NOON = "10 March 2026, 9am to 10am", "10 March 2026, 1pm to 2pm"
WEEK_LATER = "17 March 2026, 9am to 10am"


def dated(written: str, title: str = "Neglect", *, is_session: bool = True) -> Dated:
    """Return a session as "10 March 2026, 9am @ Online" tells it: "x" before it cancels it, "?" makes it unsure."""
    line, _, place = written.lstrip("x?").partition(" @ ")
    return Dated(title, read_span(line), PLACE, is_session, written[0] == "x", written[0] != "?", place)


def told(*issues: list[str], ids: tuple[str, ...] = IDS, is_session: bool = True) -> list[tuple[str, int, int]]:
    """Return of each date of the last of *issues* the day it was first given, which of that day, and its changes."""
    history = [
        Past(id_, "", events=tuple(dated(line, is_session=is_session) for line in lines))
        for id_, lines in zip(ids, issues, strict=False)
    ]
    return [(format_date(one.first).removesuffix(" 2026"), one.nth, one.changes) for one in trace(history).values()]


@pytest.mark.parametrize(
    ("issues", "expected"),
    [
        (([MORNING],), [("10 March", 0, 0)]),
        (([MORNING], [MORNING]), [("10 March", 0, 0)]),
        (([MORNING], [WEEK_LATER]), [("10 March", 0, 1)]),
        (([MORNING], [WEEK_LATER], ["18 March 2026, 9am to 10am"]), [("10 March", 0, 2)]),
        (([MORNING], [WEEK_LATER], [MORNING]), [("10 March", 0, 2)]),
        (([MORNING], ["10 March 2026, 9am to 11am"]), [("10 March", 0, 1)]),
        (([MORNING], [f"{MORNING} @ Online"]), [("10 March", 0, 1)]),
        (([MORNING], [f"x{MORNING}"], [f"x{MORNING}"]), [("10 March", 0, 1)]),
        (([MORNING], [f"x{MORNING}"], [MORNING]), [("10 March", 0, 2)]),
        (([MORNING], [], [MORNING]), [("10 March", 0, 0)]),
        (([MORNING], [], ["10 March 2026"]), [("10 March", 0, 1)]),
        ((["24 April 2026"], [MORNING], [WEEK_LATER]), [("10 March", 0, 1)]),
        # A second one on the same day is another; each goes on with its own times.
        (([MORNING, NOON],), [("10 March", 0, 0), ("10 March", 1, 0)]),
        (([MORNING, NOON], [NOON]), [("10 March", 1, 0)]),
        (([NOON], [MORNING, NOON]), [("10 March", 0, 0), ("10 March", 1, 0)]),
        (([MORNING], [f"x{MORNING}", NOON]), [("10 March", 0, 1), ("10 March", 1, 0)]),
        # A new one on the day that another has left.
        (([MORNING], [WEEK_LATER], [MORNING, WEEK_LATER]), [("10 March", 0, 1), ("10 March", 1, 0)]),
        # What was cancelled has not moved, and neither has what is over when the later issue comes out.
        (([MORNING], [f"x{MORNING}", WEEK_LATER]), [("10 March", 0, 1), ("17 March", 0, 0)]),
        ((["30 January 2026"], ["3 February 2026"]), [("3 February", 0, 0)]),
        # A list that drops its first and adds one at its end.
        (
            (["3 March 2026", "10 March 2026"], ["10 March 2026", "17 March 2026"]),
            [("10 March", 0, 0), ("17 March", 0, 0)],
        ),
        (([MORNING], ["31 March 2026"]), [("31 March", 0, 0)]),  # three weeks: rather the next of a series
        # Nobody knows which day is meant.
        (([MORNING], [f"?{MORNING}"]), []),
        (([f"?{MORNING}"], [WEEK_LATER]), [("17 March", 0, 0)]),
        (([MORNING, MORNING],), [("10 March", 0, 0)]),
    ],
)
def test_sessions(issues: tuple[list[str], ...], expected: list[tuple[str, int, int]]) -> None:
    """A session stays the one it was when its day, time, place or state changes, and each change counts once."""
    assert expected == sorted(told(*issues))


def test_a_day_of_the_diary_that_moves() -> None:
    """A range that ends or begins on another day is the same event, changed."""
    ranges = ["3 to 9 March 2026"], ["3 to 8 March 2026"], ["2 to 8 March 2026"]
    assert [("3 March", 0, 2)] == told(*ranges, is_session=False)


def test_a_special_edition_moves_nothing() -> None:
    """It picks some sessions: what it leaves out has not moved to what it has, and the next monthly issue goes on."""
    ids = ("2026-01", "2026-01-extra", "2026-02")
    assert [("17 March", 0, 0)] == told([MORNING], [WEEK_LATER], ids=ids)
    assert [("10 March", 0, 1)] == told([MORNING], ["24 April 2026"], ["18 March 2026, 9am to 10am"], ids=ids)


def test_a_course_and_a_day_of_its_name_are_two() -> None:
    """What is one title to people is two lines of descent: a course, and a day in the diary."""
    events = (dated(MORNING), dated(MORNING, "NEGLECT", is_session=False))
    found = trace([Past("2026-01", "", events=events)])
    assert [(True, 0), (False, 0)] == [(name.is_session, one.nth) for (name, _), one in found.items()]


def test_the_order_in_the_file_tells_nothing() -> None:
    """Which of two on one day is the first, their times say, in whatever order an issue has them."""
    tables = [
        trace([Past("2026-01", "", events=tuple(map(dated, lines)))]) for lines in ([MORNING, NOON], [NOON, MORNING])
    ]
    assert [{time(9): 0, time(13): 1}] * 2 == [
        {span.start: one.nth for (_, span), one in table.items()} for table in tables
    ]


spans = st.builds(
    lambda day, hour: Span(date(2026, 3, 1) + timedelta(days=day), date(2026, 3, 1) + timedelta(days=day), hour),
    st.integers(0, 40),
    st.sampled_from([None, time(9), time(13)]),
)
sessions = st.builds(
    lambda span, cancelled, place: Dated("Neglect", span, PLACE, is_session=True, cancelled=cancelled, location=place),
    spans,
    st.booleans(),
    st.sampled_from(["", "Online"]),
)


@given(st.lists(st.lists(sessions, max_size=4, unique_by=lambda one: one.span), min_size=2, max_size=4))
def test_whatever_is_told(issues: list[list[Dated]]) -> None:
    """No two dates of an issue are one, what stays stays itself, and the changes of a date never become fewer."""
    history = [Past(id_, "", events=tuple(lines)) for id_, lines in zip(IDS, issues, strict=False)]
    tables = [trace(history[: n + 1]) for n in range(len(history))]
    seen: dict[tuple[date, int], Occurrence] = {}
    for past, table in zip(history, tables, strict=True):
        assert sorted(event.span.sort_key for event in past.events) == sorted(span.sort_key for _, span in table)
        assert len(table) == len({(one.first, one.nth) for one in table.values()})
        for one in table.values():
            before = seen.get((one.first, one.nth))
            is_changed = before is not None and told_of(before) != told_of(one)
            assert (before.changes if before else 0) + is_changed == one.changes
        for span in {span for _, span in table} & {one.said.span for one in seen.values()}:
            (here,) = [one for one in table.values() if one.said.span == span]
            assert (here.first, here.nth) in {key for key, one in seen.items() if one.said.span == span}
        seen |= {(one.first, one.nth): one for one in table.values()}


def told_of(one: Occurrence) -> tuple[Span, bool, str]:
    """Return what readers are told of an occurrence."""
    return one.said.span, one.said.cancelled, one.said.location
