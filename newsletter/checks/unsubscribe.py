"""The email has no way to unsubscribe.

Whoever gets a newsletter must be able to leave it, from the HTML and from the plain text (PECR 2003, regulation 23, and
every large receiver's rules). The packaged footer has the link; a changed template may have lost it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.findings import Finding, Place, Severity
from newsletter.message import UNSUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.message import Edition
    from newsletter.model import Issue

CODE = "N202"


def check(issue: Issue, edition: Edition) -> Iterator[Finding]:
    """Yield an error for each body without the link."""
    html = re.sub(r"<!--.*?-->", "", edition.html, flags=re.DOTALL)
    bodies = (("HTML", f'href="{UNSUBSCRIBE}"' in html), ("plain text", UNSUBSCRIBE in edition.text))
    for name, has_link in bodies:
        if not has_link:
            yield Finding(
                Place(f"issues/{issue.id}.yaml"),
                Severity.ERROR,
                CODE,
                f"the {name} has no unsubscribe link",
                "Put {{ unsubscribe }} back into your templates, as in the packaged footer.html and email.txt.",
            )
