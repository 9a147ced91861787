"""Benchmarks start, and what they measure finds its place; how quick anything is, no test says."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
EACH = """
import importlib, inspect, run
for name in (*run.BENCHMARKS, *run.LONG):
    print(name, *inspect.signature(importlib.import_module(name).rows).parameters.values())
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The one command, and what it needs, for as long as a test lasts."""
    pytest.importorskip("resource", reason="Windows does not tell what a process has used")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("measuring", "peers", "run"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return import_module("run")


def test_each_benchmark_can_be_loaded_and_has_rows() -> None:
    """Whatever the one command names can be imported, and its `rows` takes the options."""
    pytest.importorskip("playwright")
    done = subprocess.run([sys.executable, "-c", EACH], cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert ("", 9) == (done.stderr, len(done.stdout.splitlines()))
    assert {"options:", "_options:"} == {line.split()[1] for line in done.stdout.splitlines()}


def test_the_table_takes_its_place_and_the_page_keeps_the_rest(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands between the two marks is replaced, as often as it is measured, and nothing else is."""
    page = tmp_path / "performance.md"
    page.write_text(f"# Above\n\n{run.BEGIN}\nold\n{run.END}\n\n## Below\n", "utf-8")
    monkeypatch.setattr(run, "PAGE", page)
    options = run.Options(3, 10_000, 50_000, tmp_path)
    for measured in ("1.4 x", "1.6 x"):
        run.write(run.table([run.Row("`--help`", "<= 1.5 x click", measured, measured == "1.4 x")], options, 0.1))
    text = page.read_text("utf-8")
    assert (f"# Above\n\n{run.BEGIN}\n", f"{run.END}\n\n## Below\n") == (
        text[: len(run.BEGIN) + 10],
        text[text.index(run.END) :],
    )
    assert ["| `--help` | ≤ 1.5 x click | 1.6 x | **no** |"] == [line for line in text.splitlines() if "--help" in line]
    assert "none could be installed" in text


def test_what_cannot_be_measured_is_a_row_with_the_reason(run: ModuleType, tmp_path: Path) -> None:
    """A benchmark that fails stops no other: its row says why."""
    found = run.measure("nonsense", run.Options(1, 1, 1, tmp_path))
    assert [run.Row("benchmarks/nonsense.py", "", "not measured: No module named 'nonsense'")] == found
