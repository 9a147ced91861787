"""HTML in the text, which readers would see as it stands.

The newsletter reads Markdown and no HTML, so <b> or <o:p> reaches readers as these very signs. It often comes in with a
text pasted from Word or a website. Write **bold** and [words](https://example.org/page); code goes between `ticks`.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark
from newsletter.findings import Severity
from newsletter.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N136"
SEVERITY = Severity.WARNING

_TAG = re.compile(
    r"""
      </? (?: [a-z]\w{0,9}:[a-z]\w{0,30}                                # Word's own, as <o:p>
        | a|abbr|b|big|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|iframe|img|input|li|mark|meta|ol|p|pre|s|script
        | small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul
      ) (?: \s [^<>]{0,300} )? /?>
    | <!--
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|pound|#\d{2,5});")
_SHOWN = 40  # characters


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for each line that has HTML, at the first piece of it."""
    markdown = {text.trail for text in context.issue.prose()}
    for text in context.issue.words():
        is_markdown = text.trail in markdown
        words = plain(text.text)
        found = [*_TAG.finditer(words), *([] if is_markdown else _ENTITY.finditer(words))]
        places = [(context.issue.spot(text, *match.span()), match[0]) for match in found]
        for _, line in groupby(sorted(places), key=lambda one: one[0].line):
            (place, first), *more = line
            shown = first if len(first) <= _SHOWN else f"{first[: _SHOWN - 3]}..."
            count = f" and {len(more)} more on this line" if more else ""
            yield Remark(
                place,
                f'"{shown}"{count} is HTML, which readers would see as it stands',
                "Delete it, or write Markdown: **bold**, *italic*." if is_markdown else "Write the plain words alone.",
                first,
            )
