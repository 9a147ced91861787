"""Bank holidays in England and Wales, and the cache that remembers them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from newsletter import bankholidays
from newsletter.bankholidays import bank_holidays

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# As https://www.gov.uk/bank-holidays has them for England and Wales.
KNOWN = {
    date(2026, 1, 1): "New Year's Day",
    date(2026, 4, 3): "Good Friday",
    date(2026, 4, 6): "Easter Monday",
    date(2026, 5, 4): "Early May bank holiday",
    date(2026, 5, 25): "Spring bank holiday",
    date(2026, 8, 31): "Summer bank holiday",
    date(2026, 12, 25): "Christmas Day",
    date(2026, 12, 26): "Boxing Day",
    date(2026, 12, 28): "Boxing Day (substitute day)",
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The file that remembers, which is not there yet."""
    return tmp_path / "state" / "cache" / "bank-holidays.json"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The years for which the library is asked, one list each time."""
    calls: list[list[int]] = []
    ask = bankholidays._ask

    def note(years: Iterable[int]) -> dict[int, dict[date, str]]:
        calls.append(sorted(years))
        return ask(calls[-1])

    monkeypatch.setattr(bankholidays, "_ask", note)
    return calls


def test_the_days_of_a_year(cache: Path) -> None:
    """All of a year are told by the names that GOV.UK gives them, days in place of one at a weekend too."""
    assert KNOWN == bank_holidays({2026}, cache=cache)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 5, 8), "Early May bank holiday"),  # moved to a Friday for the VE Day anniversary
        (date(2022, 1, 3), "New Year's Day (substitute day)"),
        (date(2022, 12, 27), "Christmas Day (substitute day)"),
        (date(2023, 5, 8), "Coronation of Charles III"),
        (date(2026, 1, 2), None),  # Scotland's
        (date(2026, 3, 17), None),  # Northern Ireland's
    ],
)
def test_days_that_are_easily_missed(cache: Path, day: date, expected: str | None) -> None:
    """Days that were moved or proclaimed are known, and those of Scotland and Northern Ireland are none."""
    assert expected == bank_holidays({day.year}, cache=cache).get(day)


def test_the_library_is_asked_once_per_span_of_years(cache: Path, asked: list[list[int]]) -> None:
    """With a year come those around it; a year that is far off extends what is kept, and loses nothing."""
    for years in ({2026}, {2025, 2027, 2029}, {2026}, {2040}, {2026, 2041}, set[int]()):
        bank_holidays(years, cache=cache)
    assert [[2025, 2026, 2027, 2028, 2029], [2039, 2040, 2041, 2042, 2043]] == asked


@pytest.mark.parametrize("years", [{2026}, {2000, 2099}, {2026, 2030, 2031}])
def test_the_cache_changes_no_answer(cache: Path, asked: list[list[int]], years: set[int]) -> None:
    """What is remembered is what was said, for the years that were asked for and no other."""
    bank_holidays({2027}, cache=cache)
    first, again = (bank_holidays(years, cache=cache) for _ in range(2))
    assert first == again == bank_holidays(years, cache=cache.with_name("other"))
    assert years == {day.year for day in first}


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"\xff\xfe", b"{", b"null", b"[]", b'"years"', b"[" * 100_000, b"{}", b'{"digest": "", "years": {}}',
        b'{"digest": 1, "years": [[[]]]}',
    ],
)  # fmt: skip
def test_a_damaged_cache_is_made_anew(cache: Path, asked: list[list[int]], damage: bytes) -> None:
    """A file that is broken or another program's is no bank holiday, and is written anew."""
    cache.parent.mkdir(parents=True)
    cache.write_bytes(damage)
    assert [KNOWN, KNOWN] == [bank_holidays({2026}, cache=cache) for _ in range(2)]
    assert 1 == len(asked)


def test_a_changed_cache_is_not_believed(cache: Path) -> None:
    """A file in which somebody added a holiday is asked for anew."""
    bank_holidays({2026}, cache=cache)
    cache.write_bytes(cache.read_bytes().replace(b"2026-04-03", b"2026-02-10"))
    assert KNOWN == bank_holidays({2026}, cache=cache)


def test_another_release_of_the_library_is_asked_anew(
    cache: Path, asked: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade the library may know of a holiday that was proclaimed since."""
    for release in ("1.0", "1.0", "1.1"):
        monkeypatch.setattr(bankholidays, "_release", lambda release=release: release)
        bank_holidays({2026}, cache=cache)
    assert 2 == len(asked)


@pytest.mark.parametrize("where", ["the folder", "the file"])
def test_a_cache_that_cannot_be_written_costs_only_time(cache: Path, where: str) -> None:
    """Where a file is in place of the folder, or a folder in place of the file, the answer is the same."""
    cache.parent.parent.mkdir()
    if where == "the folder":
        cache.parent.write_text("in the way", "utf-8")
    else:
        cache.mkdir(parents=True)
    assert KNOWN == bank_holidays({2026}, cache=cache)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_what_is_kept_is_private(cache: Path) -> None:
    """The folder of the cache is its owner's alone, as all of the state."""
    bank_holidays({2026}, cache=cache)
    assert 0o700 == cache.parent.stat().st_mode & 0o777
    assert 0 == cache.stat().st_mode & 0o077


def test_the_library_is_loaded_only_when_it_is_asked(cache: Path) -> None:
    """Neither the import of this module nor an answer out of the cache loads the library."""
    bank_holidays({2026}, cache=cache)
    code = (
        "import sys; from pathlib import Path; from newsletter.bankholidays import bank_holidays;"
        "print(len(bank_holidays({2026}, cache=Path(sys.argv[1]))), 'holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(cache)], capture_output=True, text=True, check=True)
    assert "9 False\n" == done.stdout
