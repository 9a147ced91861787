"""The words of a link: how two are compared, and which say nothing about where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.findings import Place
    from newsletter.model import Issue

# WCAG 2.2, 2.4.4: whoever moves from link to link hears these words alone. What is made of them alone says nothing.
_EMPTY = frozenset(
    {
        "a", "and", "apply", "book", "click", "continue", "details", "document", "download", "file", "find", "for",
        "full", "further", "go", "here", "info", "information", "it", "join", "keep", "learn", "link", "listen", "more",
        "now", "on", "online", "open", "our", "out", "page", "pdf", "place", "please", "read", "register", "see",
        "sign", "site", "the", "their", "this", "to", "today", "up", "url", "view", "visit", "watch", "web", "weblink",
        "webpage", "website", "your",
    }
)  # fmt: skip
_EMPTY_TOGETHER = frozenset({"continue reading", "full story", "keep reading"})  # Reading is a town


def wording(text: str) -> str:
    """Return the words of a link as they are compared: without case, runs of blanks, and what stands around them."""
    words = " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()).casefold()
    first = next((at for at, sign in enumerate(words) if sign.isalnum()), len(words))
    last = next((at for at, sign in enumerate(reversed(words)) if sign.isalnum()), 0)
    return words[first : len(words) - last]


def is_vague(words: str) -> bool:
    """Tell whether *words*, as `wording` returns them, would fit any link."""
    return bool(words) and (words in _EMPTY_TOGETHER or _EMPTY.issuperset(words.split()))


def where_said(issue: Issue) -> dict[Place, Place]:
    """Return where the words of each link stand that has a key for them, by the place of its address."""
    keys = {(*text.trail[:-1], text.text.strip()): text.trail for text in issue.words()}
    targets = [(target, keys.get((*target.trail[:-1], target.text))) for target in issue.targets()]
    return {issue.place(target.trail): issue.place(trail) for target, trail in targets if trail}
