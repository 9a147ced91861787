"""What axe finds fault with on a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, axe: str, **options: Any) -> list[str]:
    """Run the script *axe* on *page* with further *options*; return one line for each element with a fault."""
    # Of what passes, the names of the rules are enough: to list its elements takes axe longer than to look.
    asked = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], **options}
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    result = page.evaluate(f"axe.run(document, {json.dumps(asked)})")
    assert len(result["passes"]) > 15
    return [f"{found['id']}: {node['html'][:120]}" for found in result["violations"] for node in found["nodes"]]
