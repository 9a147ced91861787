"""Measure everything that docs/performance.md has a goal for, beside the peers, and write its table.

    .venv/bin/python benchmarks/run.py [BENCHMARK ...] [--peers FOLDER] [--people N] [--most N] [--rounds N]

The peers are installed by name into FOLDER, or into a temporary one. Each benchmark is a module of this folder with one
function `rows`, and runs in a process of its own, one at a time. The table takes its place in docs/performance.md;
with BENCHMARKs named, only those are measured, and it is only printed. Exit 1 when something could not be measured.
"""

from __future__ import annotations

import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from measuring import ROOT, Options, Row, chosen, options_of, verdict
from peers import versions

PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- benchmarks/run.py writes from here -->", "<!-- to here -->"
BENCHMARKS = ("start", "build_issue", "send_smtp", "services", "http_calls", "ledger_cost", "preview_reload")
LONG = ("check_all", "archive")  # only when they are named: they take as long as all the others


def rows_of(name: str, options: Options) -> list[Row]:
    """Return the rows of one benchmark. Runs in the process that is started for it."""
    rows: list[Row] = import_module(name).rows(options)
    return rows


def measure(name: str, options: Options) -> list[Row]:
    """Return the rows of one benchmark, and why when it cannot be run."""
    print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
    begun = perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            rows = process.submit(rows_of, name, options).result()
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever stops one must not stop the others
            said = " ".join(str(error).split()) or type(error).__name__
            rows = [Row(f"benchmarks/{name}.py", "", f"not measured: {said[-300:]}")]
    print(f"{perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows


def table(rows: list[Row], options: Options, load: float) -> str:
    """Return the rows as Markdown, with what they were measured on."""
    now = datetime.now(UTC)
    head = (
        f"Measured on {now.day} {now:%B %Y} with Python {platform.python_version()} on {platform.system()}, "
        f"{os.cpu_count()} processors, load {load:.1f} at the start; {options.rounds} rounds.\n"
        f"Peers: {', '.join(versions(options.peers)) or 'none could be installed'}.\n"
    )
    lines = [f"| {row.what} | {row.goal} | {row.measured} | {verdict(row)} |".replace("<=", "≤") for row in rows]
    return (
        "\n".join([head, "| what | goal | measured | holds |", "|---|---|---|---|", *lines]).replace(">=", "≥") + "\n"
    )


def write(made: str) -> None:
    """Put the table between the page's two marks."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n{END}{after}", "utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = options_of("Measure this program beside its peers, and write the table of docs/performance.md.")
    parser.add_argument(
        "benchmarks",
        nargs="*",
        metavar="BENCHMARK",
        help=f"only these, and only print: {', '.join((*BENCHMARKS, *LONG))}",
    )
    given = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    with TemporaryDirectory() as name:
        options = chosen(given, Path(name))
        rows = [row for one in given.benchmarks or BENCHMARKS for row in measure(one, options)]
        made = table(rows, options, load)
    print(made)
    if not given.benchmarks:
        write(made)
    sys.exit(any(row.measured.startswith("not measured") for row in rows))


if __name__ == "__main__":
    main()
