"""The finished emails, byte for byte: nothing about them changes unless somebody means it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import pytest
from mails import OWN, lay_out

from newsletter.build import build, write
from newsletter.config import open_workspace

GOLDEN = Path(__file__).parent / "golden"
FILES = ("email.html", "email.txt", "message.eml")
DATED = ("2025-12", "2026-01")  # these have a calendar.ics, too


def finished(root: Path, issue: str) -> dict[str, bytes]:
    """Build *issue* in the workspace *root* and return the files that are written."""
    workspace = open_workspace(root)
    write(build(workspace, issue), workspace, root / "out" / issue)
    return {name: (root / "out" / issue / name).read_bytes() for name in files_of(issue)}


def files_of(issue: str) -> tuple[str, ...]:
    """Return the names of the files that *issue* becomes, but for its pictures."""
    return (*FILES, "calendar.ics") if issue in DATED else FILES


def difference(kept: bytes, made: bytes, name: str) -> str:
    """Return the first lines in which the two differ."""
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (kept, made))
    return "\n".join(line[:300] for line in islice(unified_diff(old, new, f"golden/{name}", name, "", "", 1, ""), 30))


@pytest.mark.parametrize("issue", OWN)
def test_the_email_is_the_one_on_file(own_copy: Path, issue: str, request: pytest.FixtureRequest) -> None:
    """Each of this repository's issues gives the very bytes kept in tests/golden/."""
    made = finished(own_copy, issue)
    folder = GOLDEN / issue
    if request.config.getoption("--refresh"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (folder / name).write_bytes(data)
    for name, data in made.items():
        kept = (folder / name).read_bytes() if (folder / name).is_file() else b""
        if kept != data:
            advice = "If this is meant, write them anew and read the difference: pytest tests/test_golden.py --refresh"
            pytest.fail(f"{advice}\n\n{difference(kept, data, f'{issue}/{name}')}", pytrace=False)


def test_the_folder_holds_no_other_files() -> None:
    """Every golden file belongs to an issue that is still there."""
    kept = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    assert {f"{issue}/{name}" for issue in OWN for name in files_of(issue)} == kept


def test_another_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    """Where a workspace lies leaves no trace in what it builds."""
    places = [tmp_path / "here", tmp_path / "some where" / "Ünlike"]
    for place in places:
        place.mkdir(parents=True)
        lay_out(place)
    here, elsewhere = (finished(place, OWN[-1]) for place in places)
    assert here == elsewhere


def test_the_cache_changes_no_byte(own_copy: Path) -> None:
    """A build that finds its inlined page in the cache writes what it writes without one, and with a damaged one."""
    without = finished(own_copy, OWN[-1])
    pages = list((own_copy / ".newsletter/cache/inline").iterdir())
    assert len(pages) == 1
    assert without == finished(own_copy, OWN[-1])
    pages[0].write_text("damaged", "utf-8")
    assert without == finished(own_copy, OWN[-1])
    shutil.rmtree(own_copy / ".newsletter")
    assert without == finished(own_copy, OWN[-1])


def test_the_order_of_sets_changes_no_byte(own_copy: Path) -> None:
    """Python orders its sets anew in each run; what is built does not show it."""
    found = []
    for seed in ("0", "1", "12345"):
        shutil.rmtree(own_copy / ".newsletter", ignore_errors=True)
        command = [sys.executable, "-m", "newsletter", "build", "--all", "--output", f"seed-{seed}"]
        subprocess.run(
            command, cwd=own_copy, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        files = sorted((own_copy / f"seed-{seed}").rglob("*.*"))
        found.append({path.relative_to(own_copy / f"seed-{seed}"): path.read_bytes() for path in files})
    assert len(OWN) * len(FILES) <= len(found[0])
    assert found[0] == found[1] == found[2]
