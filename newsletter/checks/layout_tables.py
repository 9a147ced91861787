"""A table that is only there for the layout does not say so.

A screen reader reads out rows and columns of every table that is not role="presentation"; in an email nearly all are
scaffolding, those for Word alone too. Tables of data have th, with scope, and no role (WCAG 2.2, 1.3.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element

CODE = "N210"
SEVERITY = Severity.WARNING


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for layout tables without their role, and one for table headings without scope."""
    headings = [one for one in mail.page.everything if one.tag == "th"]
    of_data = {table for one in headings if (table := _table(one))}
    bare = [
        f"{one} in a comment for Word" if one.in_word else one
        for one in mail.page.everything
        if one.tag == "table" and one not in of_data and _role(one) not in {"presentation", "none"}
    ]
    if bare:
        hint = 'Write <table {{ layout }}>, from the packaged parts.html: it says role="presentation".'
        yield Remark(mail.place, tally(bare, "has no role", "layout tables have no role"), hint)
    loose = [one for one in headings if "scope" not in one.attributes and not _role(_table(one))]
    if loose:
        hint = 'Write <th scope="row"> or <th scope="col">, as in a table of dates.'
        yield Remark(mail.place, tally(loose, "has no scope", "table headings have no scope"), hint)


def _table(element: Element) -> Element | None:
    return next((one for one in element.above() if one.tag == "table"), None)


def _role(element: Element | None) -> str:
    return element.attributes.get("role", "").strip().lower() if element else ""
