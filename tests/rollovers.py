"""Issues that a test carries forward, and what is left of them in the next one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from conftest import NEWSLETTER_YAML

from newsletter.config import open_workspace
from newsletter.rollover import Rollover, roll_over

EXAMPLE = """\
# An example: to use it, take the # and the space behind it out of each line below.
# - type: article
#   title: "[title]"
#   body: |
#     [text]
#   links:
#     - text: "[link]"
#       url: https://
"""
BODY = EXAMPLE.partition("\n")[2]
IN_BRACKETS = f"# An example, for a list without brackets:\n{BODY}"
LINKS = "- type: links\n  title: Favourites\n  links:\n    - {text: Our page, url: 'https://example.org/'}\n"
DIARY = "- type: diary\n  title: Dates\n  dates:\n"
COURSES = "- type: training\n  title: Training\n  courses:\n"


def rolled(text: str | bytes, *, source: str = "2026-01", issue: str = "2026-02") -> Rollover:
    """Return what becomes of an issue."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
        (root / f"issues/{source}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return roll_over(open_workspace(root), source, issue)


def after(text: str, **options: str) -> str:
    """Return the text of the next issue."""
    return rolled(text, **options).after.data.decode()
