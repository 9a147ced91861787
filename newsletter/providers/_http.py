"""What providers over HTTP share: a request is sent, its answer judged, and results come of it.

    request (the provider's) -> submit -> Answer -> judged -> ACCEPTED: read (the provider's) -> results

A provider hands `exchange` a request and how to read an answer, both pure: `HttpBatch` in `_service` does so for it.
Where its service means something of its own by a status, it wraps `judged`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING

from newsletter.credentials import without_secrets
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.providers import Addressee, BusyError, Outcome, Result
from newsletter.smtpwire import fit_to_show
from newsletter.submission import Answer, NoAnswerError, NotSentError, Request, Way, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    Read = Callable[[Answer, Sequence[Addressee]], Iterable[Result]]

LIMIT_WAIT = 900.0  # seconds, whatever a service asks for
_LONGEST_ID = 200  # characters
_WAITS = ("retry-after", "x-sib-ratelimit-reset", "ratelimit-reset", "x-ratelimit-reset")
_LONG_AGO = 1e9  # what is more is a moment of Unix time (2001), not a number of seconds to wait
_STATUS_LATER = "Ask those who run the service, or settle it with: newsletter resolve"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a whole batch. ACCEPTED: what became of each stands in the answer, to be read.

    *stop* is raised when that is recorded. *blames_one*: nobody was taken, maybe for one bad address among them, so the
    batch is parted until that one stands alone.
    """

    outcome: Outcome
    reason: str = ""
    stop: NewsletterError | None = None
    blames_one: bool = False


def exchange(
    request: Request,
    people: Sequence[Addressee],
    way: Way,
    read: Read,
    *,
    judge: Callable[[Answer], Verdict] | None = None,
    unreadable: Outcome = Outcome.UNKNOWN,
) -> Generator[Result, None, Verdict]:
    """Send *request*, the copies of *people*, and yield what became of each; then raise what stops the send.

    *read* returns a result for each, and one with the key "" for what belongs to nobody; whatever it raises means that
    the answer cannot be read. *unreadable* is what such an answer to a 2xx means: ACCEPTED where it says nothing but
    that all was taken, UNKNOWN where each has a result of their own. Returns how the answer was judged: where that
    blames one of several people, nothing was yielded.
    """
    try:
        answer = submit(request, way)
    except NotSentError as error:
        verdict = Verdict(Outcome.PLANNED, str(error), error.stop)
    except NoAnswerError as error:
        verdict = Verdict(Outcome.UNKNOWN, str(error))
    else:
        verdict = (judge or judged)(answer)
        if verdict.outcome is Outcome.ACCEPTED:
            results = _read(answer, people, read)
            if results is not None:
                yield from _matched(results, people, answer.host)
                return verdict
            verdict = Verdict(unreadable, f"{answer.host} took it ({answer.status}), and what it said cannot be read")
    if not (verdict.blames_one and len(people) > 1):
        yield from (Result(person.key, verdict.outcome, verdict.reason) for person in people)
    if verdict.stop:
        raise verdict.stop
    return verdict


def judged(answer: Answer, *, media: str = "json", unavailable: Outcome = Outcome.UNKNOWN) -> Verdict:
    """Judge *answer* by its status and, where all was taken, by the *media* in its type ("" if it has none).

    *unavailable* is what 503 means: PLANNED only where the service documents that then nothing was taken.
    """
    status, host, told = answer.status, answer.host, said(answer)
    if 200 <= status < 300:
        if media in answer.headers.get("content-type", "").lower():
            return Verdict(Outcome.ACCEPTED)
        return _foreign(answer, f"what came back is not the answer of {host}: a network that wants people to sign in?")
    if 300 <= status < 400:
        return _foreign(answer, f"{host} sends on to another address ({status}), which was not followed")
    if status in {401, 403}:
        hint = "Nobody got anything by this request. Check the provider's key, and that it may send from this address."
        return Verdict(Outcome.PLANNED, told, ConfigError(f"{host} does not let us send: {told}", hint))
    if status in {400, 404, 413, 415, 422}:
        hint = "The provider took nothing of this request. Mend what it names, then: newsletter send --retry-rejected"
        return Verdict(Outcome.REJECTED, told, RefusedError(f"{host} refuses the request itself: {told}", hint))
    if status == 429:
        hint = "Give the same command again later: it goes on where it stopped."
        busy = BusyError(f"Paused: {host} wants fewer requests: {told}", hint, seconds=_wait_of(answer))
        return Verdict(Outcome.PLANNED, told, busy)
    if status in {408, 409} or 500 <= status < 600:
        return Verdict(unavailable if status == 503 else Outcome.UNKNOWN, told)
    return _foreign(answer, f"{host} gave an answer that is not expected: {told}")


def said(answer: Answer) -> str:
    """Return the status and words of an answer, fit to show: no address, no secret, one line."""
    text = answer.body.decode("utf-8", "replace")
    is_page = "html" in answer.headers.get("content-type", "").lower()
    return f"{answer.status} {'' if is_page else fit_to_show(text)}".strip()


def _foreign(answer: Answer, why: str) -> Verdict:
    hint = f"Check the web address of {answer.host} in newsletter.yaml, and the network. {_STATUS_LATER}"
    return Verdict(Outcome.UNKNOWN, why, RefusedError(f"Stopped: {why}.", hint))


def _wait_of(answer: Answer) -> float:
    """Return the seconds that a service asks us to wait, clamped; 0 for none, and for nonsense.

    Retry-After is seconds or a date (RFC 9110 §10.2.3), by the server's clock. Others name the seconds until their
    window ends, or that moment in Unix time; Mailgun says it in words.
    """
    now = _unix(answer.headers.get("date", ""))
    for name in _WAITS:
        asked = answer.headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", asked) and (now or float(asked) <= _LONG_AGO):
            seconds = float(asked) - (now if float(asked) > _LONG_AGO else 0)
        elif asked and now:
            seconds = _unix(asked) - now
        else:
            continue
        return min(max(seconds, 0.0), LIMIT_WAIT)
    in_words = re.search(rb"again (?:after|in) ([0-9]{1,6}) seconds", answer.body[:2000])
    return min(float(in_words[1]), LIMIT_WAIT) if in_words else 0.0


def _unix(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _read(answer: Answer, people: Sequence[Addressee], read: Read) -> list[Result] | None:
    """Return the results, or None when the answer cannot be read: an accepted batch is no failure for that."""
    if not answer.is_whole:
        return None
    try:
        clean = cache(_clean)  # one name may be that of all
        return [
            Result(one.key, one.outcome, fit_to_show(one.reason) if one.reason else "", clean(str(one.id or "")))
            for one in read(answer, people)
        ]
    except Exception:  # noqa: BLE001  a service may say anything
        return None


def _matched(results: Sequence[Result], people: Sequence[Addressee], host: str) -> Iterator[Result]:
    """Yield the one result of each of *people*; raise RefusedError when some have none, or not only they have one."""
    expected, times = Counter(person.key for person in people), Counter(one.key for one in results)
    yield from (one for one in results if one.key in expected and times[one.key] == 1)
    if times != expected:
        hint = f"Those without a result of their own are unknown. {_STATUS_LATER}"
        raise RefusedError(f"Stopped: the results of {host} do not match the people of the request.", hint)


def _clean(name: str) -> str:
    """Return the service's name for a message as one short word."""
    return re.sub(r"[^!-~]+", "", without_secrets(name))[:_LONGEST_ID]
