"""Issues that a test mends, what becomes of them, and the forms of dates that are mended."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from conftest import NEWSLETTER_YAML

from newsletter.config import open_workspace
from newsletter.mending import Mended, mend

ID = "2026-01"
DIARY = "sections:\n- type: diary\n  title: Dates\n  dates:\n"
TRAINING = "sections:\n- type: training\n  title: Training\n  courses:\n  - title: A course\n    sessions:\n"


def mended(text: str | bytes, *, config: str = "") -> Mended:
    """Return what mending makes of an issue."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML) + config, "utf-8")
        (root / f"issues/{ID}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return mend(open_workspace(root), ID)


def after(text: str, **options: str) -> str:
    """Return the text of a mended issue."""
    return mended(text, **options).after.data.decode()


def lines(head: str, text: str) -> str:
    """Return the lines of *text* below *head*, of whose list they are, without its indent."""
    return head + "".join(
        f"  {line}\n" if line.strip() else f"{line}\n" for line in dedent(text).strip("\n").split("\n")
    )


# --- the forms of dates ---

FORMS = {
    "Tuesday 3 February 2026, 9am to 3.30pm": "Tuesday 3 February 2026, 9am to 3:30pm",
    "Thursday 12 March 2026, 9.30am - 10.30am": "Thursday 12 March 2026, 9:30am to 10:30am",
    "Thursday 12 February 2026 at 10:00 to 11:00am": "Thursday 12 February 2026, 10am to 11am",
    "24 February 2026, 10.00am to 11.30am": "Tuesday 24 February 2026, 10am to 11:30am",
    "12 March 2026, 9:30am to 10:30am": "Thursday 12 March 2026, 9:30am to 10:30am",
    "Tues 3rd Feb 2026, 13:00–14:00": "Tuesday 3 February 2026, 1pm to 2pm",
    "2026-02-03 09:00-15:30": "Tuesday 3 February 2026, 9am to 3:30pm",
    "from 3 February 2026, 11-1pm": "Tuesday 3 February 2026, 11am to 1pm",
    "3 February 2026, noon till midnight": "Tuesday 3 February 2026, midday to midnight",
    "3 to 8 February 2026": "3 to 8 February 2026",
    "3rd – 8th Feb 2026": "3 to 8 February 2026",
    "Tuesday 3 to Sunday 8 February 2026": "3 to 8 February 2026",
    "28 February to 2 March 2026": "28 February to 2 March 2026",
    "29 December 2025-3 January 2026": "29 December 2025 to 3 January 2026",
    "10 February 2026": "Tuesday 10 February 2026",
    "Tuesday 10 February 2026": "Tuesday 10 February 2026",
}
