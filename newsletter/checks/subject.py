"""A subject that inboxes cut short, or that puts readers off.

Mail programs show some 65 characters on a desktop and 40 on a phone; GOV.UK's titles keep to 65. Capitals and
exclamation marks look like an advertisement, to people and to junk filters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Context, Remark, excusing
from newsletter.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "N121"
SEVERITY = Severity.WARNING
LONGEST = 65  # characters: GOV.UK content design, "Titles"
SHORTEST = 10  # "News" or "Update" says nothing that the sender's name does not

_CALM = "Write it in ordinary letters; names such as LSCP stay as they are."
_ABBREVIATION = 5  # letters: ACT or NEWS alone is one

_WORD = re.compile(r"[^\W\d_]{2,}")
# In capitals these are shouted; LSCP or CAFCASS is a name.
_SHOUTED = frozenset(
    {
        "ACT", "ACTION", "ATTENTION", "BOOK", "CHANCE", "DATES", "FINAL", "FREE", "HURRY", "IMPORTANT", "LAST", "MISS",
        "MUST", "NEW", "NEWSLETTER", "NEWS", "NOW", "PLEASE", "READ", "REMINDER", "REQUIRED", "STOP", "TODAY",
        "TRAINING", "UPDATE", "URGENT", "WARNING",
    }
)  # fmt: skip


def check(context: Context) -> Iterator[Remark]:
    """Yield a remark for each fault of a subject that the author wrote."""
    subject = context.issue.subject
    if "subject" in context.issue.stated:
        for message, hint in _faults(subject):
            yield Remark(context.issue.place(("subject",)), message, hint, subject)


def _faults(subject: str) -> Iterator[tuple[str, str]]:
    words = _WORD.findall(subject)
    if not any(sign.isalnum() for sign in subject):
        yield "the subject has no words", "Say what the issue is about: not every reader sees or hears signs."
        return
    if len(subject) > LONGEST:
        yield (
            f"the subject is {len(subject)} characters long, and inboxes show about {LONGEST}",
            "Put what matters most first and move the rest to preheader:.",
        )
    if len(subject) < SHORTEST:
        yield f'the subject "{subject}" is very short', "Say what the issue is about, in three to eight words."
    shouted = [word for word in words if word in _SHOUTED]
    if len(shouted) > 1 or any(len(word) > _ABBREVIATION for word in shouted):
        yield f'"{" ".join(shouted)}" is in capitals', f"{_CALM} {excusing(CODE, subject)}"
    elif len(words) > 3 and subject.isupper():
        yield "all of the subject is in capitals", _CALM
    if subject.count("!") + subject.count("\N{FULLWIDTH EXCLAMATION MARK}") > 1:
        yield "the subject has more than one exclamation mark", "Leave them out."
