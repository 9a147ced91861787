"""The error family. Every error that reaches a person is one of these, and knows its exit code.

    NewsletterError
    ├── UsageError        2   a name on the command line that does not exist
    ├── ConfigError       3   newsletter.yaml, a secret or the machine is not ready
    ├── ContentError      1   an issue or a list has faults; carries all of them as findings
    ├── TemplateError     1   a template cannot be used
    └── RefusedError      6   what must not be done (again): a send, writing over a file

A message says where and what, the hint what to do next. Neither ever holds a key, a token or a person's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsletter.findings import Finding


class NewsletterError(Exception):
    """The root of the family.

    *message* is one line that says where and what; *hint* one sentence that says what to do next;
    *findings* holds every fault at once where files were read.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.findings = tuple(findings)


class UsageError(NewsletterError):
    """A name given on the command line is not one that exists."""

    exit_code = 2


class ConfigError(NewsletterError):
    """The workspace, its configuration or this machine is not ready."""

    exit_code = 3


class ContentError(NewsletterError):
    """An issue or a list cannot be used as it stands; *findings* holds every reason at once."""

    def __init__(self, message: str, findings: Sequence[Finding], hint: str = "") -> None:
        super().__init__(message, hint, findings)


class TemplateError(NewsletterError):
    """A template cannot be used; where one line is at fault, the message begins with it."""


class RefusedError(NewsletterError):
    """What must not be done, or not again: the send of a draft, a second send, writing over a file."""

    exit_code = 6


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean "title"?`` for the known word nearest to *word*, or the empty string."""
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(word.casefold(), sorted(known), n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else ""
