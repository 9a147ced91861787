"""How long `newsletter archive` takes for 120 issues, and what one change costs after that.

    .venv/bin/python benchmarks/archive.py

Makes a workspace of 120 monthly issues of 12 KB in a temporary folder. Writes its archive with no cache; again with
nothing changed; and again after each of: a word in the newest issue, a word in the oldest, and a new time in the
newest. Medians of CPU time, which drifts less than the clock.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from measuring import NEWSLETTER, Options, Row, alone, spend
from samples import month, workspace

COUNT = 120
ALL = "all, nothing kept"


def rows(options: Options) -> list[Row]:
    """Return a row for each way to write the archive."""
    with TemporaryDirectory() as name:
        folder = workspace(Path(name), COUNT)
        rounds = [measure(folder, turn) for turn in range(1, options.rounds + 1)]
    took = {what: median(one[what] for one in rounds) for what in rounds[0]}
    full = took.pop(ALL)
    changed = [
        Row(
            f"`archive` of {COUNT} issues: {what}",
            "<= 0.1 x all",
            f"{cpu / full:.3f} x (CPU {cpu:.1f} s)",
            cpu <= full / 10,
        )
        for what, cpu in took.items()
    ]
    return [Row(f"`archive` of {COUNT} issues: {ALL}", "", f"CPU {full:.1f} s"), *changed]


def measure(folder: Path, turn: int) -> dict[str, float]:
    """Return the seconds of CPU time of each way to write the archive; *turn* makes each change another one."""
    newest, oldest = (folder / f"issues/{month(number):%Y-%m}.yaml" for number in (COUNT - 1, 0))
    for name in (".newsletter", "archive"):
        shutil.rmtree(folder / name, ignore_errors=True)
    took = {ALL: cpu_of(folder), "nothing changed": cpu_of(folder)}
    change(newest, "Paragraph 1 of", f"Paragraph {turn}1 of")
    took["a word in the newest"] = cpu_of(folder)
    change(oldest, "Paragraph 1 of", f"Paragraph {turn}1 of")
    took["a word in the oldest"] = cpu_of(folder)
    change(newest, "9am to", f"9:{turn}0am to")
    took["a time in the newest"] = cpu_of(folder)
    return took


def cpu_of(folder: Path) -> float:
    """Write the archive of *folder* and return the seconds of CPU time that took."""
    return spend([*NEWSLETTER, "archive"], folder).cpu


def change(path: Path, old: str, new: str) -> None:
    """Replace the first *old* in the file by *new*."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


if __name__ == "__main__":
    alone(rows)
