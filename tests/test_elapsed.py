"""Of two clocks the one that says more is believed: a repeat is never made later than it may be."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import elapsed as module
from newsletter.elapsed import Stamp, elapsed, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR = 3_600_000_000_000  # nanoseconds
MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  given zones
ticks = st.integers(0, 10**18)
stamps = st.builds(Stamp, moments, st.sampled_from(("", "one", "other")), ticks)


@pytest.fixture
def _boots() -> Iterator[None]:
    """Which boot this is, read anew."""
    module._boot.cache_clear()
    yield
    module._boot.cache_clear()


@given(stamps, stamps)
def test_never_shorter_than_a_clock(since: Stamp, now: Stamp) -> None:
    """Never less than the clock on the wall says, nor less than the ticks of the same start; None if it went back."""
    passed = elapsed(since, now)
    if now.utc < since.utc:
        assert passed is None
        return
    assert passed is not None
    assert passed >= now.utc - since.utc
    if since.boot and since.boot == now.boot:
        assert passed >= timedelta(microseconds=(now.ticks - since.ticks) // 1000)


@given(moments, ticks, st.timedeltas(timedelta(), timedelta(days=3650)))
def test_clocks_that_agree(utc: datetime, begun: int, passed: timedelta) -> None:
    """What both clocks say is what has passed, to the microsecond."""
    now = Stamp(utc + passed, "one", begun + passed // timedelta(microseconds=1) * 1000)
    assert passed == elapsed(Stamp(utc, "one", begun), now)


@given(stamps, stamps)
def test_the_ticks_of_another_start_say_nothing(since: Stamp, now: Stamp) -> None:
    """After another start, or where none is known, the clock on the wall is all there is."""
    if since.boot != now.boot or not now.boot:
        assert elapsed(since, now) == (now.utc - since.utc if now.utc >= since.utc else None)


@pytest.mark.parametrize(
    ("hours", "ticked", "boot", "expected"),
    [
        (1, 1, "one", 1),
        (25, 0, "one", 25),  # G23: a laptop that slept, whose ticks stood still
        (1, 25, "one", 25),  # F26: the clock was set back by a day, and the ticks know better
        (-1, 25, "one", None),  # F26: it was set back behind the beginning
        (-500_000, 1, "one", None),  # G22: 1970
        (33_000, 1, "one", 33_000),  # G22: 2030
        (1, 25, "other", 1),
        (-1, 25, "other", None),
    ],
    ids=["agreed", "slept", "set back", "set behind", "1970", "2030", "another start", "another start, set back"],
)
def test_what_has_passed(hours: int, ticked: int, boot: str, expected: int | None) -> None:
    """Sleeping, setting the clock and starting anew make it longer or unknown, never shorter."""
    now = Stamp(MOMENT + timedelta(hours=hours), boot, 7 * HOUR + ticked * HOUR)
    passed = elapsed(Stamp(MOMENT, "one", 7 * HOUR), now)
    assert passed == (None if expected is None else timedelta(hours=expected))


def test_this_moment() -> None:
    """A stamp is of now, by both clocks, and two of them are of the same start."""
    before, ticked = datetime.now(UTC), time.monotonic_ns()
    first, second = stamp(), stamp()
    assert before <= first.utc <= second.utc <= datetime.now(UTC)
    assert ticked <= first.ticks <= second.ticks <= time.monotonic_ns()
    assert first.boot == second.boot


@pytest.mark.usefixtures("_boots")
def test_where_no_start_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that does not tell one start from another has stamps without any."""
    monkeypatch.setattr(module, "_BOOT_ID", tmp_path / "gone")
    assert stamp().boot == ""


@pytest.mark.usefixtures("_boots")
def test_where_the_start_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux a stamp names the start by the system's own id."""
    (tmp_path / "boot_id").write_text("c0ffee\n", "ascii")
    monkeypatch.setattr(module, "_BOOT_ID", tmp_path / "boot_id")
    assert stamp().boot == "c0ffee"
