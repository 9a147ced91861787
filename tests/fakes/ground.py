"""What the fakes of mailing services share: a server on loopback with state, and faults that a test scripts.

A fake is written from what its service publishes, never from our client. One derives from `Fake` and gives:

- `key`: what lets a client in; `secrets`: the same under the names of the service's own tools. `let_in` checks it.
- methods marked ``@answers("POST /v3/{domain}/messages")``, which get the request and the parts of its path and return
  an `Answer`, or raise `Refused` before they change anything. One at a time: they hold `lock`.
- `missing`: what the service says where nothing is.
- `busy(seconds)`, `down()`: the faults of a client that is too quick, and of the service itself, in its own words.
- every `Copy` in `delivered`, as the service delivers it: its own merge syntax put in, tracking on unless switched off.
- who must not be written to: `refuse(address)` makes the service take an address for none, `leave(address, reason)`
  says that a person has "unsubscribed", "bounced" or "complained". What then becomes of a copy is the service's rule.

So one test speaks to all of them:

    with FakeMailgun() as fake:
        fake.next(reset_after())  # taken, and the answer lost
        ...  # send to fake.url with fake.secrets
        assert {"amina@example.org": 1} == fake.got
        assert [["amina@example.org"]] == [copy.visible for copy in fake.copies]
        assert [frozenset()] == [copy.tracked for copy in fake.copies]
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from fakes.wire import Answer, Fault, Seen, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

REASONS = ("unsubscribed", "bounced", "complained")


class Refused(Exception):
    """The service says no, and has done nothing."""

    def __init__(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = Answer(body, status, headers or {})


@dataclass(frozen=True)
class Copy:
    """One email as one person, *to*, gets it. *tracked* holds "opens" and "clicks" where they are on.

    *id* is the service's, *due* (UTC) the moment it is delivered, *reference* what the sender calls the whole send.
    """

    to: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    tracked: frozenset[str]
    id: str
    due: datetime
    reference: str = ""

    @property
    def visible(self) -> list[str]:
        """The addresses that this person can read in To and Cc."""
        lists = [self.headers[name] for name in ("To", "Cc") if name in self.headers]
        return [address for _, address in getaddresses(lists)]


def answers(*routes: str) -> Callable[[Any], Any]:
    """Mark a method as what answers *routes*, as ``"GET /v3/{domain}/events"``; it gets the parts by name."""

    def mark(method: Any) -> Any:
        method.routes = [re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(route))) for route in routes]
        return method

    return mark


class Fake:
    """A mailing service on loopback. *prefix* is the path below which it lives, as behind a gateway of one's own."""

    key: ClassVar[str] = ""
    secrets: ClassVar[Mapping[str, str]] = {}
    reasons: ClassVar[tuple[str, ...]] = REASONS  # why somebody leaves, as far as the service knows of it
    table: ClassVar[list[tuple[re.Pattern[str], Any]]] = []

    def __init_subclass__(cls) -> None:
        methods = [getattr(cls, name) for name in dir(cls)]
        table = [(route, method) for method in methods for route in getattr(method, "routes", ())]
        cls.table = sorted(table, key=lambda one: one[0].groups)  # what is named goes before what may have any name

    def __init__(self, *, prefix: str = "") -> None:
        self.prefix, self.lock, self.ahead = prefix, RLock(), timedelta()
        self.log: list[Seen] = []  # every request that came whole, whatever became of it
        self.errors: list[str] = []  # what went wrong in the fake itself: fails the test
        self.delivered: list[Copy] = []  # those not due yet among them
        self.refused: set[str] = set()
        self.left: dict[str, dict[str, datetime]] = {reason: {} for reason in REASONS}  # address and when, in order
        self.after_processing: Callable[[Seen, Answer], Answer | Fault | None] | None = None
        self.released, self.over = Event(), Event()
        self._faults: list[tuple[str, Fault]] = []
        self._server = Server(self)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        assert kind or not self.errors, "\n".join(self.errors)

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.prefix}"

    @property
    def now(self) -> datetime:
        """The time here (UTC): the real one and `ahead`, by which a test lets days pass."""
        return datetime.now(UTC) + self.ahead

    @property
    def copies(self) -> list[Copy]:
        """What has been delivered by now."""
        with self.lock:
            return [copy for copy in self.delivered if copy.due <= self.now]

    @property
    def got(self) -> Counter[str]:
        """How many copies each address has got."""
        return Counter(copy.to for copy in self.copies)

    def calls(self, route: str) -> list[Seen]:
        """Return the requests that begin with *route*, as ``"POST /v3/"``."""
        return [seen for seen in list(self.log) if f"{seen.method} {seen.path}".startswith(route)]

    def next(self, *faults: Fault, on: str = "") -> None:
        """Let the next requests end so, one fault each; with *on* those whose "POST /path" holds it."""
        with self.lock:
            self._faults += [(on, fault) for fault in faults]

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Take the first fault that waits for such a request."""
        with self.lock:
            for number, (on, fault) in enumerate(self._faults):
                if on in f"{method} {path}":
                    del self._faults[number]
                    return fault
        return None

    def refuse(self, address: str) -> None:
        """Take *address* for none."""
        self.refused.add(address.lower())

    def leave(self, address: str, reason: str) -> None:
        """Note that somebody has "unsubscribed", "bounced" or "complained": one of `reasons`."""
        assert reason in self.reasons
        with self.lock:
            self.left[reason][address.lower()] = self.now
            for copy in reversed(self.copies):
                if copy.to.lower() == address.lower():
                    self.happened(reason, copy)
                    break

    def happened(self, reason: str, copy: Copy) -> None:
        """Note that *copy*, the last that this person got, is why they left: for figures and events."""

    def is_bad(self, address: str) -> bool:
        """Say whether the service takes *address* for none."""
        return address.lower() in self.refused or not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>.]+(\.[^@\s,<>.]+)+", address)

    def gone(self, address: str) -> str:
        """Return why *address* is not written to, or the empty string."""
        return next((reason for reason, people in self.left.items() if address.lower() in people), "")

    def process(self, seen: Seen) -> Answer:
        """Do what is asked, as the service does."""
        with self.lock:
            try:
                for route, method in self.table:
                    if parts := route.fullmatch(f"{seen.method} {seen.path}"):
                        self.let_in(seen)
                        answer: Answer = method(self, seen, **{k: unquote(v) for k, v in parts.groupdict().items()})
                        return answer
                return self.missing(seen)
            except Refused as refused:
                return refused.answer

    def let_in(self, seen: Seen) -> None:
        """Check who asks. Raises Refused."""
        raise NotImplementedError

    def missing(self, seen: Seen) -> Answer:
        """Return what is said where nothing is."""
        raise NotImplementedError

    def busy(self, seconds: int = 2) -> Fault:
        """Turn a client away that was too quick, for so many seconds where the service tells."""
        raise NotImplementedError

    def down(self) -> Fault:
        """Fail, having done nothing."""
        raise NotImplementedError
