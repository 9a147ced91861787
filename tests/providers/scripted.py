"""A mailing service over HTTP, for the fault loop: one request a batch, told apart by its key if it is *idempotent*.

As small as a provider can be: a request, and how its answer is read.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from newsletter.providers import Addressee, BatchProvider, Machine, Outcome, Result, Send
from newsletter.providers._http import exchange
from newsletter.submission import Answer, Request, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Scripted(BatchProvider):
    """Speaks to a server of the test."""

    settings: ClassVar[frozenset[str]] = frozenset({"port", "idempotent"})
    batch = 2

    def __init__(self, settings: Mapping[str, Any], machine: Machine) -> None:
        super().__init__(settings, machine)
        self.port = int(settings["port"])
        self.way = way_of(machine.ca, machine.proxy, seconds=10)
        if settings.get("idempotent") == "yes":
            self.ignores_repeats = timedelta(hours=24)

    @property
    def account(self) -> str:
        """The server."""
        return f"127.0.0.1:{self.port}"

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:
        """Hand them all over in one request."""
        yield from exchange(self.request(send, people, key), people, self.way, read)

    def request(self, send: Send, people: Sequence[Addressee], key: str) -> Request:
        """Return the request for one batch."""
        body = {"key": key, "subject": send.message.edition.subject, "to": [one.recipient.address for one in people]}
        headers = {"Content-Type": "application/json"}
        return Request("POST", f"http://127.0.0.1:{self.port}/send", headers, json.dumps(body).encode())


def read(answer: Answer, people: Sequence[Addressee]) -> list[Result]:
    """Read the ids, one for each person in their order."""
    return [Result(one.key, Outcome.ACCEPTED, id=name) for one, name in zip(people, answer.json(), strict=True)]
