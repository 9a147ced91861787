"""The headings are not in order.

Screen-reader users move by headings, as others by eye: one h1, which is the title, and below it no level left out, and
none empty (WCAG 2.2, 1.3.1 and 2.4.6).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut, tally

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N209"
SEVERITY = Severity.WARNING


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for each kind of disorder."""
    headings = mail.page.headings
    tops = [heading for heading in headings if heading.tag == "h1"]
    if len(tops) != 1:
        message = f"there are {len(tops)} h1 headings" if tops else "there is no h1 heading"
        yield Remark(mail.place, message, "Make the subject the one h1, and each section an h2, as email.html does.")
    pictures = {above for one in mail.page.all("img") if one.attributes.get("alt") for above in one.above()}
    empty = [heading for heading in headings if not heading.text and heading not in pictures]
    if empty:
        yield Remark(mail.place, tally(empty, "is an empty heading", "headings are empty"), "Take it out.")
    jumps = [
        f'the heading "{cut(after.text, 40)}" is {after.tag}, below {before.tag},'
        for before, after in pairwise(headings)
        if int(after.tag[1]) > int(before.tag[1]) + 1
    ]
    if jumps:
        message = tally(jumps, "which leaves out a level", "headings leave out a level")
        hint = "Sections are h2, what is inside them h3; in a template: {{ section.body | markdown(top=3) }}."
        yield Remark(mail.place, message.rstrip(","), hint)
