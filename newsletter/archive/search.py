"""The index by which static/search.js finds words: a script, since a page opened as a file may fetch nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.archive.printed import Printed

INDEX = "search-index.js"


def search_index(issues: Sequence[Printed]) -> str:
    """Return the script that lists, for every word in *issues*, the newest first, the places it stands in.

    A place is a section, by the number of its issue and its own; 0 is the issue's opening.
    """
    places: list[tuple[int, int, str]] = []
    words: dict[str, list[int]] = {}
    for number, issue in enumerate(issues):
        found = [(issue.subject, issue.words), *((part.title, part.words) for part in issue.parts)]
        for part, (title, theirs) in enumerate(found):
            for word in theirs:
                words.setdefault(word, []).append(len(places))
            places.append((number, part, title))
    index = {
        "issues": [(issue.page, issue.subject) for issue in issues],
        "places": places,
        "words": dict(sorted(words.items())),
    }
    return f"window.newsletterIndex = {json.dumps(index, ensure_ascii=False, separators=(',', ':'))};\n"
