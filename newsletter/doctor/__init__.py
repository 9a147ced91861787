"""The doctor: what would spoil a send, found before it. It looks and asks; it changes nothing and sends nothing.

    computer · files · lists · domain -> diagnoses

Each function looks at one thing and yields how it is. What cannot be known, as without a network, is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.errors import NewsletterError


class Level(StrEnum):
    """How bad it is: an error makes the command fail, a warning does not."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How one thing is: *message* says so in a sentence, *hint* what to do about it, in one or more lines."""

    level: Level
    message: str
    hint: str = ""


def ok(message: str) -> Diagnosis:
    """Return that all is well."""
    return Diagnosis(Level.OK, message)


def warning(message: str, hint: str) -> Diagnosis:
    """Return what had better be mended, or cannot be known."""
    return Diagnosis(Level.WARNING, message, hint)


def error(message: str, hint: str) -> Diagnosis:
    """Return what must be mended."""
    return Diagnosis(Level.ERROR, message, hint)


def told(fault: NewsletterError, *, level: Level = Level.ERROR) -> Diagnosis:
    """Return what *fault* says; what it says of a send, which there is none of here, is left out."""
    message = fault.message.removeprefix("Stopped: ").removeprefix("Paused: ").removesuffix(".")
    return Diagnosis(level, message, fault.hint)
