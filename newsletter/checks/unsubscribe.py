"""The email has no way to unsubscribe.

Whoever gets a newsletter must be able to leave it, from the HTML and from the plain text (PECR 2003, regulation 23, and
every large receiver's rules). The packaged footer has the link; a changed template may have lost it, or hidden it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.message import UNSUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N202"
SEVERITY = Severity.ERROR
_HINT = "Put {{ unsubscribe }} back into your templates, as in the packaged "


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error for each body without a link that a reader can see and follow."""
    if not any(link.href == UNSUBSCRIBE and link.text for link in mail.page.links):
        is_unseen = any(one.attributes.get("href") == UNSUBSCRIBE for one in mail.page.all("a", "area"))
        message = "the HTML has an unsubscribe link that readers cannot see" if is_unseen else None
        yield Remark(mail.place, message or "the HTML has no unsubscribe link", f"{_HINT}footer.html.")
    if UNSUBSCRIBE not in (word.strip("<>()[].,;:") for word in mail.edition.text.split()):
        yield Remark(mail.place, "the plain text has no unsubscribe link", f"{_HINT}email.txt.")
