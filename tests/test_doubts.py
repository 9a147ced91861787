"""Before a send an editor is asked what they would want to be asked, and the same words never go out twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ledgers import ORDER, order

from newsletter.doubts import clock_doubts, doubts, list_doubts, opt_out_doubts, receipt_doubts, refuse_repeated
from newsletter.errors import RefusedError
from newsletter.receipts import Receipt
from newsletter.records import Record, State

DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def record(issue: str = "2026-01", people: int = 10, content: str = "another", **changes: Any) -> Record:
    """A send of an issue, by default with other words than `ORDER`, to so many people of the same list."""
    made = Record(
        1, "uid", ORDER.rehearsal, issue, "practitioners", 1, "smtp", "account", "January", content, "v", DAY, DAY,
        dict.fromkeys(State, 0) | {State.ACCEPTED: people}, {},
    )  # fmt: skip
    return replace(made, **changes)


def refusal(*records: Record) -> tuple[int, str, str] | None:
    """What `ORDER` is refused with beside other sends."""
    try:
        refuse_repeated(ORDER, records)
    except RefusedError as error:
        return error.exit_code, error.message, error.hint
    return None


SAME = ORDER.content


def test_a_renamed_issue() -> None:
    """These very words do not go out again under another id, to whichever list."""
    hint = (
        "Was issues/2025-12.yaml renamed or copied? If these are to go out again all the same, change\n"
        "a word first, so that readers see why."
    )
    told = (6, "Not sent: these very words went to practitioners as issue 2025-12.", hint)
    assert told == refusal(record("2025-11"), record("2025-12", content=SAME))
    other = refusal(record("2025-12", content=SAME, list_name="schools"))
    assert other is not None
    assert other[1] == "Not sent: these very words went to schools as issue 2025-12."


def test_a_correction_that_corrects_nothing() -> None:
    """A second edition with the words of the first is refused."""
    hint = "A correction needs something corrected: change the issue, then give the same command again."
    assert (6, "Not sent: edition 2 had these very words.", hint) == refusal(record(content=SAME, edition=2))


@pytest.mark.parametrize(
    "other",
    [
        record(),
        record(content=SAME),  # this very send, which goes on
        record(content=SAME, list_name="schools"),
        record("2025-12", content=SAME, rehearsal=True),
        record(edition=2),
    ],
    ids=["other words", "the same send", "another list", "a rehearsal", "an edition"],
)
def test_no_repetition(other: Record) -> None:
    """Other words, another list, a rehearsal and the send itself are no repetition."""
    assert refusal(other) is None


def test_a_rehearsal_among_rehearsals() -> None:
    """A rehearsal is told of its repetition as a real send is."""
    other = record("2025-12", content=SAME, rehearsal=True)
    with pytest.raises(RefusedError, match=r"^Not sent: these very words went to practitioners as issue 2025-12\.$"):
        refuse_repeated(order(rehearsal=True), [other])


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (100, 139, []),
        (100, 140, ["The list has 40 % more people than last time, when there were 100."]),
        (100, 61, []),
        (100, 60, ["The list has 40 % fewer people than last time, when there were 100."]),
        (2431, 7293, ["The list has 200 % more people than last time, when there were 2,431."]),
        (0, 5, []),
        (1, 0, ["The list has 100 % fewer people than last time, when there were 1."]),
    ],
)
def test_another_size(before: int, now: int, expected: list[str]) -> None:
    """A list that has grown or shrunk by 40 per cent since the last issue is told of."""
    assert expected == list(doubts(record(people=now), [record("2025-12", before), record("2025-11", 1000)]))


def test_everybody_counts() -> None:
    """The size of a list is everybody who stands on it, also those left out."""
    last = record("2025-12", 60, left_out={"opted out": 40})
    assert [] == list(doubts(record(people=110), [last]))


def test_a_newer_issue() -> None:
    """An issue that is older than what the list has had already is told of, with the newest."""
    others = [record("2026-02"), record("2026-03"), record("2025-12")]
    assert ["This list has had a newer issue already: 2026-03."] == list(doubts(record(), others))


@pytest.mark.parametrize("changes", [{"list_name": "schools"}, {"rehearsal": True}, {"issue": "2026-01", "edition": 2}])
def test_of_another_kind(changes: dict[str, Any]) -> None:
    """What other lists and rehearsals had, and other editions of the issue, raises no doubt."""
    assert [] == list(doubts(record(people=100), [replace(record("2026-02"), **changes)]))


def test_the_first_issue() -> None:
    """A list's first issue raises no doubt."""
    assert [] == list(doubts(record(), [record()]))


def test_a_state_without_receipts() -> None:
    """Real sends that have begun and have no receipt here look like another newsletter's; one receipt is enough."""
    begun = record("2025-12")
    told = ["The ledger knows of sends that have no receipt in sent/: is NEWSLETTER_STATE another newsletter's?"]
    assert told == list(receipt_doubts([begun], set()))
    assert [] == list(receipt_doubts([begun], {begun.uid}))
    planned = replace(begun, counts=dict.fromkeys(State, 0) | {State.PLANNED: 3})  # killed before its receipt
    assert [] == list(receipt_doubts([planned, replace(begun, rehearsal=True)], set()))


def test_a_clock_that_went_back() -> None:
    """G22: a clock that says an earlier time than the ledger is odd; a minute, or a changed hour, is not."""
    zone = ZoneInfo("Europe/London")
    now = datetime(2026, 1, 5, 9, 4, tzinfo=UTC)
    told = (
        "This computer's clock says Monday 5 January 2026 at 9:04am, "
        "but the last entry of the ledger is of Wednesday 7 January 2026 at 9:04am."
    )
    assert [told] == list(clock_doubts(now, now + timedelta(days=2), zone))
    assert [] == list(clock_doubts(now, now + timedelta(minutes=1), zone))
    assert [] == list(clock_doubts(now, None, zone))
    first = datetime(2026, 10, 25, 0, 59, tzinfo=UTC).astimezone(zone)
    assert [] == list(clock_doubts(first.astimezone(UTC) + timedelta(minutes=2), first, zone))


def receipt(issue: str, opt_outs: int) -> Receipt:
    """The receipt of a send on the first of the issue's month, when so many had opted out."""
    planned = datetime.fromisoformat(f"{issue}-01T09:00:00+00:00")
    return Receipt(issue, issue, "practitioners", 1, "smtp", "a", "S", 10, "d", planned, "office-pc", 3, opt_outs)


@pytest.mark.parametrize(("opt_outs", "is_odd"), [(4, True), (5, False), (6, False)])
def test_an_older_copy_of_the_people(opt_outs: int, is_odd: bool) -> None:  # noqa: FBT001
    """With fewer opt-outs than at the last real send an older people.db was put back; before it, that was decided."""
    told = (
        f"people.db knows of {opt_outs} opt-outs, and of 5 when 2026-01 went to practitioners: an older copy was put "
        "back, and whoever it does not know would be written to again."
    )
    found = [receipt("2025-12", 9), receipt("2026-01", 5)]
    assert ([told] if is_odd else []) == list(opt_out_doubts(found, opt_outs))
    assert [] == list(opt_out_doubts([], opt_outs))


def test_lists_that_are_named_no_more() -> None:
    """Each list that is kept and not named is told; where somebody has left it, what a new name would do to them."""
    renamed = " If it was renamed, who opted out may be written to again: give it its old name, and change its title."
    told = [
        'newsletter.yaml names no list "friends" (people.db: 1,200 on it, 0 opted out of it).',
        'newsletter.yaml names no list "schools" (people.db: 0 on it, 3 opted out of it).' + renamed,
    ]
    assert told == list(list_doubts({"friends": (1_200, 0), "schools": (0, 3)}))
    assert [] == list(list_doubts({}))
