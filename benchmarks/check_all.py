"""How long `newsletter check --all` takes, and whether twice the issues take twice the time.

    .venv/bin/python benchmarks/check_all.py

Makes workspaces of 30, 60 and 120 monthly issues of 12 KB in a temporary folder, and checks each three times with no
cache and three times with what the run before left. Prints medians of CPU time, which drifts less than the clock.
"""

from __future__ import annotations

import calendar
import resource
import shutil
import statistics
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

SIZES = (30, 60, 120)
ROUNDS = 3
ISSUE_BYTES = 12 * 1024
FIRST = (2015, 1)

CONFIG = """\
title: Practitioner newsletter
organisation: Example Partnership
from: Practitioner newsletter <newsletter@example.org>
reply_to: office@example.org
postal_address: Example House, 1 Example Street
lists:
  practitioners: {title: Practitioners, file: lists/practitioners.csv, source: Benchmark}
"""


def month(number: int) -> date:
    """Return the first day of the month *number* months after FIRST."""
    years, months = divmod(FIRST[1] - 1 + number, 12)
    return date(FIRST[0] + years, months + 1, 1)


def issue(number: int) -> str:
    """Return an issue of 12 KB: articles until it is long enough, courses with sessions, and a diary."""
    first = month(number)
    name = f"{calendar.month_name[first.month]} {first.year}"
    days = [first + timedelta(days=offset) for offset in range(28) if (first + timedelta(days=offset)).weekday() < 5]
    lines = [
        f"subject: {name} newsletter",
        f"preheader: What is new in {name}, and the training you can book",
        "sections:",
    ]
    lines += ["  - type: training", f"    title: Training in {name}", "    courses:"]
    for course in range(6):
        lines += [
            f"      - title: Course {course + 1} of {name}",
            f"        book: https://example.org/training/{first:%Y-%m}/{course}",
            "        sessions:",
            *(
                f"          - {days[course + n * 3]:%A} {days[course + n * 3].day} {name}, 9am to 3:30pm"
                for n in range(3)
            ),
        ]
    lines += ["  - type: diary", "    title: Dates for your diary", "    dates:"]
    lines += [f"      - {day.day} {name} - Awareness day {n + 1} of {name}" for n, day in enumerate(days[:8])]
    text = "\n".join(lines) + "\n"
    number = 0
    while len(text.encode()) < ISSUE_BYTES:
        number += 1
        text += (
            f"  - type: article\n    title: What changed in {name}, part {number}\n    body: |\n"
            + "".join(
                f"      Paragraph {n} of part {number} in {name} says what teams in the city do.\n\n" for n in range(8)
            )
            + f'    links:\n      - {{text: Read part {number} of {name}, url: "https://example.org/{first:%Y-%m}/{number}"}}\n'
        )
    return text


def cpu_of(folder: Path) -> float:
    """Check all issues in *folder* and return the seconds of CPU time that took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    day = month(max(SIZES)).isoformat()
    command = [sys.executable, "-m", "newsletter", "check", "--all", "--on", day]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(count: int) -> tuple[float, float]:
    """Return the medians of *count* issues without and with a cache, in seconds of CPU time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "issues").mkdir()
        (folder / "newsletter.yaml").write_text(CONFIG, "utf-8")
        for number in range(count):
            (folder / f"issues/{month(number):%Y-%m}.yaml").write_text(issue(number), "utf-8")
        cold, warm = [], []
        for _ in range(ROUNDS):
            shutil.rmtree(folder / ".newsletter", ignore_errors=True)
            cold.append(cpu_of(folder))
            warm.append(cpu_of(folder))
        return statistics.median(cold), statistics.median(warm)


def main() -> None:
    """Print the table."""
    print("issues   without cache   an issue   with cache   an issue")
    for count in SIZES:
        cold, warm = measure(count)
        print(f"{count:6}  {cold:11.1f} s  {cold / count * 1000:6.0f} ms  {warm:8.1f} s  {warm / count * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
