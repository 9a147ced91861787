"""Issues of a few sections, written and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.load import load_issue

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.model import Issue


def load(root: Path, *sections: str) -> Issue:
    """Write an issue of these sections into the workspace and read it."""
    text = "sections:\n"
    for section in sections:
        lines = re.sub("^        ", "", section, flags=re.MULTILINE).splitlines()
        text += "".join(f"{'- ' if n == 0 else '  '}{line}\n" for n, line in enumerate(lines))
    (root / "issues/2026-01.yaml").write_text(text, "utf-8")
    return load_issue(root, "2026-01")
