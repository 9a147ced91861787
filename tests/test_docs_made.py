"""The pages that are written by the program itself are as it would write them today."""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice

import pytest
from docpages import PAGES, ROOT, made_architecture, made_checks, made_commands

MADE = {
    "docs/checks.md": made_checks,
    "docs/commands.md": made_commands,
    "docs/architecture.md": made_architecture,
}


@pytest.mark.parametrize("page", MADE)
def test_the_page_is_current(page: str, request: pytest.FixtureRequest) -> None:
    """Checks, the help of commands and the floors stand in the docs as the program has them."""
    made, kept = MADE[page](), PAGES.get(page, "")
    if request.config.getoption("--refresh"):
        (ROOT / page).write_text(made, "utf-8", newline="\n")
    elif made != kept:
        advice = "Write it anew and read the difference: pytest tests/test_docs_made.py --refresh"
        lines = unified_diff(kept.splitlines(), made.splitlines(), page, "as it would be", "", "", 1, "")
        pytest.fail("\n".join([advice, "", *islice(lines, 30)]), pytrace=False)
