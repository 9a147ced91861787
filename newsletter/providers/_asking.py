"""What a service is asked, and what it may answer: anything. What cannot be read is told in words, never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from newsletter.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Of these nothing is lost when they end with an error. Handing over is none: its answers are read one by one.
_QUESTIONS = frozenset({
    "about", "audiences", "cancel", "create", "delete", "departures", "erase", "fill", "find", "look_up", "members",
    "prepare", "readiness", "report", "state", "test", "unsubscribe", "verify",
})  # fmt: skip
# RuntimeError is what becomes of a StopIteration within a generator: PEP 479.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError)


class Asking:
    """Whoever asks a service. Its questions raise RefusedError for answers in which something else stands than said."""

    account: Any  # what each provider calls itself

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in _QUESTIONS & vars(cls).keys():
            setattr(cls, name, _careful(vars(cls)[name]))


def _careful(ask: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(ask)
    def asked(provider: Asking, *values: Any, **named: Any) -> Any:
        with _in_words(provider):
            told = ask(provider, *values, **named)
        return _each(provider, told) if isinstance(told, Iterator) else told

    return asked


def _each(provider: Asking, told: Iterator[Any]) -> Iterator[Any]:
    with _in_words(provider):
        yield from told


def fresh(items: Sequence[Any], before: Sequence[Any] | None) -> Sequence[Any]:
    """Return the *items* of a page. Raises RefusedError for those of the page *before*: there would be no end."""
    if items == before:
        raise RefusedError("the service told the same page twice", "Ask those who run it, or try again later.")
    return items


@contextmanager
def _in_words(provider: Asking) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        why = f"{provider.account} answered, but not what it is known to."
        raise RefusedError(why, "Ask those who run it, or try again later.") from error
