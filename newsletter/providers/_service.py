"""The web service of a provider, and what those share that hand it many copies in one request."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.providers import BatchProvider, Outcome, Result
from newsletter.providers._asking import Asking
from newsletter.providers._http import exchange, judged
from newsletter.submission import Answer, NoAnswerError, NotSentError, Request, Way, submit, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsletter.providers import Addressee, Machine, Send
    from newsletter.providers._http import Verdict

_ALONE = 10  # refused one by one, with nobody taken: then it is our fault and not that of so many addresses


@dataclass(frozen=True, slots=True)
class Service:
    """A provider's service: the web address that its paths are added to, and the *headers* that open it."""

    base: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    way: Way = field(repr=False)

    def request(self, method: str, path: str, content: Any = None, **headers: str) -> Request:
        """Return a request. *content* is sent as JSON, unless it is bytes already; ``_`` in *headers* is a hyphen."""
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is None:
            body = b""
        else:
            body = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
            own.setdefault("Content-Type", "application/json")
        return Request(method, f"{self.base}{path}", {"Accept": "application/json", **self.headers, **own}, body)

    def follow(self, url: str) -> Request:
        """Return the request for a page that the service itself named whole. Raises RefusedError when it is not there.

        The key goes nowhere else.
        """
        if _origin(url) != _origin(self.base):
            raise RefusedError("the service named a page of another service", "Ask those who run it.")
        return Request("GET", url, {"Accept": "application/json", **self.headers}, b"")

    def ask(self, request: Request, *, judge: Callable[[Answer], Verdict] | None = None) -> Answer:
        """Send *request*, of which a repeat does no harm, and return the answer to it if it is a good one.

        Raises BusyError, ConfigError or RefusedError for any other, and for none.
        """
        again = "Check the network, and give the same command again."
        try:
            answer = submit(request, self.way)
        except NotSentError as error:
            raise error.stop or RefusedError(f"{error}.", again) from None
        except NoAnswerError as error:
            raise RefusedError(f"{error}.", again) from None
        verdict = (judge or judged)(answer)
        if verdict.outcome is Outcome.REJECTED:
            raise RefusedError(f"{answer.host} refuses this: {verdict.reason}", "Nothing was changed.")
        if verdict.outcome is not Outcome.ACCEPTED or not answer.is_whole:
            told = verdict.reason or "its answer was cut off"
            raise verdict.stop or RefusedError(f"{answer.host}: {told}", again)
        return answer

    def told(self, request: Request, *, judge: Callable[[Answer], Verdict] | None = None, kind: type = dict) -> Any:
        """Return what a good answer says in JSON, as `ask`; it is of this *kind*.

        Raises RefusedError for what is not, and when asked for what it should say and does not.
        """
        return self.read(self.ask(request, judge=judge), kind=kind)

    def read(self, answer: Answer, *, kind: type = dict) -> Any:
        """Return what *answer* says in JSON, of this *kind*. Raises RefusedError for what it lacks."""
        strange = RefusedError(f"{answer.host} answered, but not what it is known to.", "Ask those who run it.")

        class Told(dict[str, Any]):
            def __missing__(self, key: str) -> Any:
                raise strange

        try:
            found = json.loads(answer.body, object_hook=Told)
        except (ValueError, RecursionError):
            raise strange from None
        if not isinstance(found, kind):
            raise strange
        return found


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def service(
    machine: Machine, settings: Mapping[str, Any], base: str, headers: Mapping[str, str], *, seconds: float = 120.0
) -> Service:
    """Return the service at *base*, or where the setting ``url`` says, path prefix included."""
    url = str(settings.get("url") or base).rstrip("/")
    return Service(url, headers, way_of(machine.ca, machine.proxy, seconds=seconds))


class HttpBatch(Asking, BatchProvider):
    """A service that takes many copies in one request."""

    service: Service
    most_bytes: ClassVar[int] = 20_000_000  # of a request

    def prepare(self, send: Send) -> None:
        """Ask the service what must be known before *send*'s first request; whatever is raised stops the send."""

    @abstractmethod
    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:
        """Return the request that hands over the copies of *people*; the same for the same people and *key*."""

    @abstractmethod
    def read(self, answer: Answer, people: Sequence[Addressee]) -> Iterable[Result]:
        """Read what became of each; whatever is raised means that the answer cannot be read."""

    def judge(self, answer: Answer) -> Verdict:
        """Judge an answer by its status."""
        return judged(answer)

    # What an answer to a 2xx means that cannot be read: ACCEPTED where it says nothing but that all was taken.
    unreadable: ClassVar[Outcome] = Outcome.UNKNOWN

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Hand them over in as few requests as the service's limits allow, and yield what became of each."""
        waiting, alone = deque([tuple(people)]), 0
        try:
            self.prepare(send)
        except NewsletterError as error:
            yield from (Result(one.key, Outcome.PLANNED, error.message) for one in people)
            raise
        while waiting:
            part = waiting.popleft()
            request = self.request(send, part, _part_key(key, part, people))
            if len(part) > 1 and len(request.body) > self.most_bytes:
                waiting.extendleft(reversed(_halves(part)))
                continue
            try:
                verdict = yield from exchange(
                    request, part, self.service.way, self.read, judge=self.judge, unreadable=self.unreadable
                )
                if verdict.blames_one and len(part) > 1:
                    waiting.extendleft(reversed(_halves(part)))
                elif verdict.blames_one:
                    alone += 1
                    _refuse_all_blame(alone, verdict)
                elif verdict.outcome is Outcome.ACCEPTED:
                    alone = -len(people)
            except NewsletterError:
                yield from (Result(one.key, Outcome.PLANNED) for rest in waiting for one in rest)
                raise


def number(settings: Mapping[str, Any], key: str, default: int, *, most: int) -> int:
    """Return the whole number from 1 to *most* that a setting is. Raises ConfigError for anything else."""
    written = str(settings.get(key, default))  # newsletter.yaml is read as text
    if not re.fullmatch("[0-9]{1,9}", written) or not 1 <= int(written) <= most:
        hint = f"Without this line it is {default}."
        raise ConfigError(f"newsletter.yaml: {key}: this is not a whole number from 1 to {most:,}", hint)
    return int(written)


def text(settings: Mapping[str, Any], key: str, example: str, *, pattern: str = r"[!-~]{1,200}") -> str:
    """Return a setting that must be there. Raises ConfigError, with an *example* of it, when it is not or is odd."""
    written = settings.get(key)
    if not isinstance(written, str) or not re.fullmatch(pattern, written):
        what = "this cannot stand here" if written else "this setting is missing"
        raise ConfigError(f"newsletter.yaml: {key}: {what}", f"Write it as in {key}: {example}")
    return written


def _part_key(key: str, part: Sequence[Addressee], people: Sequence[Addressee]) -> str:
    """Return the idempotency key of *part*: that of the batch if it is the whole of it."""
    if len(part) == len(people):
        return key
    return sha256(" ".join((key, *(one.key for one in part))).encode()).hexdigest()[: len(key)]


def _halves(people: tuple[Addressee, ...]) -> tuple[tuple[Addressee, ...], ...]:
    middle = len(people) // 2
    return people[:middle], people[middle:]


def _refuse_all_blame(alone: int, verdict: Verdict) -> None:
    """Stop when one after another stands alone and is refused: what is wrong is then in all that we send."""
    if alone >= _ALONE:
        hint = "Mend what the provider names, then: newsletter send --retry-rejected"
        raise RefusedError(f"Paused: {alone} people in a row were refused: {verdict.reason}", hint)
