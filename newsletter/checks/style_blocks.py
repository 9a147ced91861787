"""A style block that Gmail leaves out, or whose rules lose.

Gmail reads styles in the head alone, up to 8192 characters in a block and 16 KB in all, and drops a block with an
at-rule inside another. Only what is marked !important wins over what stands on an element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import Style, tally
from newsletter.page.appearance import Cascade
from newsletter.page.css import is_important, read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Page

CODE = "N215"
SEVERITY = Severity.WARNING
_LIMIT, _LIMIT_OF_ALL = 8192, 16 * 1024  # Gmail: hteumeuleu/email-bugs #90, hteumeuleu/caniemail #144


def check(mail: Mail) -> Iterator[Remark]:
    """Yield a warning for each kind of style that is lost."""
    page = mail.page
    outside = [style.element for style in page.styles if not style.is_in_head]
    if outside:
        message = tally(outside, "stands outside the head", "style blocks stand outside the head")
        yield Remark(mail.place, message, "Move it into <head>.")
    yield from _sizes(mail)
    for style in (*page.styles, *(Style(one, "".join(one.own)) for one in page.for_word if one.tag == "style")):
        sheet = read_sheet(style.css)
        if sheet.is_torn:
            hint = "Look for a rule without its closing brace: all rules behind it are lost."
            yield Remark(mail.place, "a style block has a brace without its other", hint)
            break
        if sheet.is_nested and not style.element.in_word:
            hint = "Write the two @ rules one after the other; Gmail drops the whole block."
            yield Remark(mail.place, "a style block has an @ rule inside another", hint)
            break
    weak = list(dict.fromkeys(_weak(page)))
    if weak:
        message = tally(weak, "in the head loses against the styles on the elements", "declarations in the head lose")
        yield Remark(mail.place, message, "Write !important behind it, as the packaged head.css does.")


def _sizes(mail: Mail) -> Iterator[Remark]:
    sizes = [len(style.css) for style in mail.page.styles]
    hint = "Move rules into styles.css, which is written on the elements; head.css is for phones and dark mode."
    if max(sizes, default=0) > _LIMIT:
        yield Remark(mail.place, f"a style block has {max(sizes)} characters; Gmail reads up to {_LIMIT}", hint)
    elif sum(sizes) > _LIMIT_OF_ALL:
        message = f"the style blocks have {sum(sizes)} characters; Gmail reads up to {_LIMIT_OF_ALL}"
        yield Remark(mail.place, message, hint)


def _weak(page: Page) -> Iterator[str]:
    """Yield the declarations in the head that have no effect, since the same stands on an element."""
    if not any(not is_important(value) for rule in page.rules for value in rule.declarations.values()):
        return
    cascade = Cascade(page.rules)
    for element in page.elements:
        if not element.style:
            continue
        for rule in cascade.rules(element):
            for name, value in rule.declarations.items():
                if name in element.style and not is_important(value):
                    yield f'"{name}: {value}" of {rule.selectors[0]}'
