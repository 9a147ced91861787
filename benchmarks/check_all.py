"""How long `newsletter check --all` takes, and whether twice the issues take twice the time.

    .venv/bin/python benchmarks/check_all.py

Makes workspaces of 30, 60 and 120 monthly issues of 12 KB in a temporary folder, and checks each with no cache and with
what the run before left. Medians of CPU time, which drifts less than the clock.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import NEWSLETTER, Options, Row, alone, in_turn, middle, spend
from samples import month, workspace

SIZES = (30, 60, 120)


def rows(options: Options) -> list[Row]:
    """Return a row for each size."""
    return [measure(count, options.rounds) for count in SIZES]


def measure(count: int, rounds: int) -> Row:
    """Return the row of *count* issues."""
    with TemporaryDirectory() as name:
        folder = workspace(Path(name), count)
        command = [*NEWSLETTER, "check", "--all", "--on", month(max(SIZES)).isoformat()]

        def cold() -> float:
            shutil.rmtree(folder / ".newsletter", ignore_errors=True)
            return spend(command, folder).cpu

        took = in_turn({"cold": cold, "warm": lambda: spend(command, folder).cpu}, rounds)
    cold_, warm = (middle(found) / count * 1000 for found in took.values())
    told = f"CPU {cold_:.0f} ms an issue with no cache, {warm:.0f} ms with one"
    return Row(f"`check --all` of {count} issues", "grows linearly", told)


if __name__ == "__main__":
    alone(rows)
