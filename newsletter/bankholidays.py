"""Bank holidays in England and Wales, asked of the holidays library once per span of years and kept in the cache.

The library takes longer to import than an issue takes to build; so whole years are kept, and some around them.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache as once
from importlib.metadata import version
from typing import TYPE_CHECKING

from newsletter.cache import keep, kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

_Years = dict[int, dict[date, str]]

_AROUND = range(-1, 4)  # the years asked for with each: the one before and three to come
_ENGLISH = {  # the names that GOV.UK has: https://www.gov.uk/bank-holidays
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}
_RULES = "1"  # rises when this module would give the same days another name


def bank_holidays(years: Collection[int], *, cache: Path) -> Mapping[date, str]:
    """Return the bank holidays of *years* with their names; *cache* is the file that remembers them.

    A day in place of one at a weekend is a bank holiday too: "Boxing Day (substitute day)".
    """
    if not years:
        return {}
    known = _read_kept(cache)
    if missing := set(years) - known.keys():
        known |= _ask({year + more for year in missing for more in _AROUND})
        _keep(cache, known)
    return {day: name for year in sorted(set(years)) for day, name in known[year].items()}


def _ask(years: Iterable[int]) -> _Years:
    import holidays  # noqa: PLC0415  0.1 s, and more where it is not in the memory yet

    found: _Years = {year: {} for year in years}
    # For England and for Wales the law is the same; the library's list of either is that of both.
    days = holidays.country_holidays("GB", subdiv="ENG", language="en_GB", years=found)
    for day, name in sorted(days.items()):
        found[day.year][day] = _in_english(name)
    return found


def _in_english(name: str) -> str:
    holiday = name.removesuffix(" (observed)")
    return _ENGLISH.get(holiday, holiday) + (" (substitute day)" if holiday != name else "")


def _read_kept(file: Path) -> _Years:
    """Return what was kept, if it was asked of this release of the library."""
    stored = json.loads(kept(file) or b"{}")
    if stored.get("asked") != _asked():
        return {}
    years = stored["years"].items()
    return {int(year): {date.fromisoformat(day): name for day, name in days.items()} for year, days in years}


def _keep(file: Path, known: _Years) -> None:
    years = {str(year): {day.isoformat(): name for day, name in known[year].items()} for year in sorted(known)}
    keep(file, json.dumps({"asked": _asked(), "years": years}, indent=1).encode())


def _asked() -> str:
    return f"{_RULES} {_release()}"


@once
def _release() -> str:
    return version("holidays")  # another one may know of another holiday
