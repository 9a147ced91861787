"""How long `newsletter archive` takes for 120 issues, and what one change costs after that.

    .venv/bin/python benchmarks/archive.py

Makes a workspace of 120 monthly issues of 12 KB, as benchmarks/check_all.py does, in a temporary folder. Writes its
archive with no cache; again with nothing changed; and again after each of: a word in the newest issue, a word in the
oldest, and a new time in the newest. Prints medians of CPU time, which drifts less than the clock.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from check_all import CONFIG, issue, month

COUNT = 120
ROUNDS = 3


def cpu_of(folder: Path) -> float:
    """Write the archive of *folder* and return the seconds of CPU time that took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "newsletter", "archive"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def change(path: Path, old: str, new: str) -> None:
    """Replace the first *old* in the file by *new*."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def measure(folder: Path, turn: int) -> dict[str, float]:
    """Return the seconds of CPU time of each way to write the archive; *turn* makes each change another one."""
    newest, oldest = (folder / f"issues/{month(number):%Y-%m}.yaml" for number in (COUNT - 1, 0))
    for name in (".newsletter", "archive"):
        shutil.rmtree(folder / name, ignore_errors=True)
    took = {"all 120, no cache": cpu_of(folder), "nothing changed": cpu_of(folder)}
    change(newest, "Paragraph 1 of", f"Paragraph {turn}1 of")
    took["a word in the newest"] = cpu_of(folder)
    change(oldest, "Paragraph 1 of", f"Paragraph {turn}1 of")
    took["a word in the oldest"] = cpu_of(folder)
    change(newest, "9am to", f"9:{turn}0am to")
    took["a time in the newest"] = cpu_of(folder)
    return took


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "issues").mkdir()
        (folder / "newsletter.yaml").write_text(CONFIG, "utf-8")
        for number in range(COUNT):
            (folder / f"issues/{month(number):%Y-%m}.yaml").write_text(issue(number), "utf-8")
        rounds = [measure(folder, turn) for turn in range(1, ROUNDS + 1)]
        files = [path for path in (folder / "archive").rglob("*") if path.is_file()]
        largest = max(path.stat().st_size for path in files if path.suffix == ".html")
    full = statistics.median(took["all 120, no cache"] for took in rounds)
    print("what                       CPU     of all")
    for what in rounds[0]:
        median = statistics.median(took[what] for took in rounds)
        print(f"{what:22} {median:6.1f} s  {median / full:7.3f}")
    print(f"{len(files):,} files, the largest page {largest / 1024:.1f} KB")


if __name__ == "__main__":
    main()
