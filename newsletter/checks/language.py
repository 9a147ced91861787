"""The email lacks its language, character set, width or title.

Screen readers choose their voice by the language, and the direction stands beside it. Gmail turns html and body into
other elements, so both stand again on the element inside body that holds everything (WCAG 2.2, 3.1.1).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page.appearance import has_dark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element, Page

CODE = "N208"
SEVERITY = Severity.WARNING
_MOST = 0.8  # of the text stands in the element that says the language again
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)|maximum-scale\s*=\s*1(?:\.0*)?(?![.\d])", re.IGNORECASE)


def check(mail: Mail) -> Iterator[Remark]:
    """Yield one warning for all that is missing, with the lines to write."""
    faults = [*_of_html(mail.page), *_of_head(mail.page), *_of_body(mail.page)]
    if faults:
        message = "; ".join(what for what, _ in faults)
        lines = "\n".join(line for _, line in faults)
        yield Remark(mail.place, message, f"In email.html, as the packaged one does:\n{lines}")


def _of_html(page: Page) -> Iterator[tuple[str, str]]:
    top = page.first("html")
    given = top.attributes if top else {}
    if not page.has_doctype:
        yield "the email has no doctype", "<!DOCTYPE html>"
    if missing := [name for name in ("lang", "dir") if not given.get(name, "").strip()]:
        yield f"<html> has no {' and no '.join(missing)}", '<html lang="{{ language }}" dir="ltr">'


def _of_head(page: Page) -> Iterator[tuple[str, str]]:
    metas = page.all("meta")
    first = next((one for one in page.elements if one.parent and one.parent.tag == "head"), None)
    if first is None or not _is_utf8(first):
        yield "the head does not begin with the character set", '<meta charset="utf-8">'
    width = next((one for one in metas if one.attributes.get("name", "").lower() == "viewport"), None)
    content = width.attributes.get("content", "") if width else ""
    if "width=device-width" not in content.replace(" ", "") or _NO_ZOOM.search(content):
        is_shut = _NO_ZOOM.search(content)
        said = "the viewport stops readers from zooming" if is_shut else "there is no viewport for phones"
        yield said, '<meta name="viewport" content="width=device-width, initial-scale=1">'
    title = page.first("title")
    if title is None or not "".join(title.own).strip():
        yield "the title is empty", "<title>{{ issue.subject }}</title>"
    names = {one.attributes.get("name", "").lower() for one in metas}
    if has_dark(page) and "color-scheme" not in names:
        yield "there are dark rules, but no color-scheme", '<meta name="color-scheme" content="light dark">'


def _is_utf8(meta: Element) -> bool:
    said = f"{meta.attributes.get('charset', '')} {meta.attributes.get('content', '')}".lower()
    return meta.tag == "meta" and ("utf-8" in said or "utf8" in said)


def _of_body(page: Page) -> Iterator[tuple[str, str]]:
    inside = [
        one
        for one in page.elements
        if one.tag not in {"html", "body"} and not one.is_hidden and {"lang", "dir"} <= {*one.attributes}
    ]
    if max((len(one.text) for one in inside[:20]), default=0) < _MOST * len(page.text):
        line = '<div lang="{{ language }}" dir="ltr" role="article">  (round all that follows the preheader)'
        yield "no element inside <body> says lang and dir for what it holds", line
