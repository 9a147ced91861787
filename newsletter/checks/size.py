"""The email's HTML is too large.

Gmail cuts a message near 102 KB, the unsubscribe link and the footer with it, and drops the styles of what is left.
At four fifths of that there is a warning, since some clients count more than the HTML.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N201"
SEVERITY = Severity.ERROR
LIMIT = 102_400  # bytes of UTF-8
_WARN = LIMIT * 4 // 5
_EACH = 512  # bytes kept for what each person's copy brings: greeting, list title, unsubscribe link
_HEADING = re.compile(r"<!--.*?(?:-->|\Z)|(<h[1-6])[\s>]", re.DOTALL | re.IGNORECASE)


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error above the limit, a warning above four fifths of it."""
    size = len(mail.edition.html.encode())
    if size + _EACH > _WARN:
        largest = sorted(sections(mail), reverse=True)[:3]
        hint = "Shorten the longest sections, or move one to a page of its own and link to it."
        if largest:
            names = ", ".join(f'"{title}" {part / 1024:.1f} KB' for part, title in largest)
            hint = f"The largest: {names}.\nShorten them, or move one to a page of its own and link to it."
        yield Remark(
            mail.place,
            f"the email is {size / 1024:.1f} KB of {LIMIT // 1024} KB",
            hint,
            severity=None if size + _EACH > LIMIT else Severity.WARNING,
        )


def sections(mail: Mail) -> list[tuple[int, str]]:
    """Return size and title of each section, as far as headings with their titles tell where they begin."""
    html, headings = mail.edition.html, mail.page.all("h1", "h2", "h3", "h4", "h5", "h6")
    starts = [found.start() for found in _HEADING.finditer(html) if found[1]]
    titles = [" ".join(section.title.split()) for section in mail.issue.sections]
    if len(starts) != len(headings):
        return []
    found = [(start, one.text) for start, one in zip(starts, headings, strict=True) if one.text in titles]
    ends = pairwise([*(start for start, _ in found), len(html)])
    return [(len(html[start:end].encode()), cut(title)) for (start, end), (_, title) in zip(ends, found, strict=True)]
