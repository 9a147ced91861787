"""The email's HTML is too large.

Gmail cuts a message near 102 KB, the unsubscribe link and the footer with it, and drops the styles of what is left.
At four fifths of that there is a warning, since some clients count more than the HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.message import Edition
    from newsletter.model import Issue

CODE = "N201"
LIMIT = 102_400  # bytes of UTF-8
_WARN = LIMIT * 4 // 5
_EACH = 512  # bytes kept for what each person's copy brings: greeting, list title, unsubscribe link


def check(issue: Issue, edition: Edition) -> Iterator[Finding]:
    """Yield an error above the limit, a warning above four fifths of it."""
    size = len(edition.html.encode())
    if size + _EACH > _WARN:
        severity = Severity.ERROR if size + _EACH > LIMIT else Severity.WARNING
        yield Finding(
            Place(f"issues/{issue.id}.yaml"),
            severity,
            CODE,
            f"the email is {size / 1024:.1f} KB of {LIMIT // 1024} KB",
            "Shorten the longest sections, or move one to a page of its own and link to it.",
        )
