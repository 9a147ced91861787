"""A word written twice.

The eye reads over "the the", most of all where a line ends. Only words that hardly ever follow themselves are told;
"had had" and names such as Bora Bora are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity
from newsletter.plain import GAP, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N130"
SEVERITY = Severity.WARNING

# The second of the two begins with a small letter: names do not.
_TWICE = re.compile(
    rf"(?<![\w'\u2019.-])(?P<word>a|[a-z]{{2,30}}){GAP}(?-i:(?=[a-z]))(?P=word)(?![\w'\u2019-])",
    re.IGNORECASE,
)
# These may follow themselves: "the support she had had", "we gave her her book", "go on on foot".
_MAY = frozenset(
    {
        "blah", "bye", "can", "did", "do", "does", "down", "far", "had", "ha", "hear", "her", "it", "knock",
        "long", "many", "more", "much", "no", "now", "off", "on", "one", "out", "over", "really", "round", "so", "that",
        "there", "they", "this", "through", "too", "tut", "up", "very", "was", "well", "what", "who", "will", "you",
    }
)  # fmt: skip


# So may these two, but only after such words: "what it is is", "log in in good time".
_STEMS = (
    "bring|call|check|com|dial|drop|fill|get|giv|go|hand|join|keep|key|let|lock|log|mov|pay|phon|plug|pop|put|ring|send"
    "|settl|sign|sit|stay|step|tak|tun|turn|typ|walk|zoom"
)
_AFTER = {
    "is": re.compile(r"\b(?:all|how|what|when|where|which|who|why|way|that that)\b", re.IGNORECASE),
    "in": re.compile(
        rf"\b(?:(?:{_STEMS})(?:e?[ds]?|[gpt]?(?:ed|ing))|brought|came|gave|given|gone|got|kept|paid|sat|sent|taken|went"
        r"|took(?!\splace)|(?:am|are|be|been|is|was|were|one)$)\b",
        re.IGNORECASE,
    ),
}
_NEAR = 4  # words


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for every word that follows itself in one sentence."""
    for text in context.issue.words():
        words = plain(text.text)
        for match in _TWICE.finditer(words):
            word = match["word"]
            if words[match.end() :][: len(word) + 1].strip().casefold() == word.casefold():
                continue  # three times: "Sing sing sing" is meant
            line = text.text[text.text.rfind("\n", 0, match.start()) + 1 : match.start()]
            is_meant = word.lower() in _MAY or _is_meant(word.lower(), words, match.start())
            if not is_meant and not ("\n" in match[0] and line.lstrip().startswith("#")):
                yield Remark(
                    context.issue.spot(text, *match.span()),
                    f'"{" ".join(match[0].split())}" has a word twice',
                    f'Write "{word}" once. {excusing(CODE, " ".join(match[0].split()))}',
                    match[0],
                )


def _is_meant(word: str, words: str, at: int) -> bool:
    """Tell whether what stands before the two, in their sentence, makes one of them belong to it."""
    if word not in _AFTER:
        return False
    sentence = re.split(r"[.!?;:]\s", words[max(0, at - 200) : at])[-1]
    return bool(_AFTER[word].search(" ".join(sentence.split()[-_NEAR:])))
