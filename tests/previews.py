"""A preview that runs in a thread of the test, and requests to it as a browser, or somebody else, makes them."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsletter.preview.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Running:
    """A preview that runs, by the address that it gave."""

    url: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0

    @property
    def base(self) -> str:
        """The path of the page, with the secret in it."""
        return urlsplit(self.url).path

    def connect(self) -> socket.socket:
        """Connect to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, path: str, *headers: str, method: str = "GET", host: str | None = "", version: str = "1.1") -> Answer:
        """Ask for *path*, letter by letter, with a Host of our own, another, or none."""
        own = {"": [f"Host: 127.0.0.1:{self.port}"], None: []}.get(host, [f"Host: {host}"])
        lines = [f"{method} {path} HTTP/{version}", *own, *headers, "Connection: close", "", ""]
        with self.connect() as connection:
            connection.sendall("\r\n".join(lines).encode("latin-1"))
            response = HTTPResponse(connection, method=method)
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def state(self, issue: str = "2026-01") -> dict[str, Any]:
        """Ask how *issue* stands."""
        state: dict[str, Any] = json.loads(self.ask(f"{self.base}{issue}/state").body)
        return state

    @contextmanager
    def events(self) -> Iterator[Iterator[int]]:
        """Wait for changes as a page does: yield the numbers of the states of the files."""
        with self.connect() as connection:
            connection.sendall(f"GET {self.base}events HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            response = HTTPResponse(connection)
            response.begin()
            lines = iter(response.readline, b"")
            yield (int(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: "))


@contextmanager
def previewing(root: Path, issue: str = "2026-01") -> Iterator[Running]:
    """Run the preview of the workspace *root* at a free port."""
    told: Queue[Any] = Queue()

    async def run() -> None:
        told.put((asyncio.get_running_loop(), asyncio.current_task()))
        with suppress(asyncio.CancelledError):
            await serve(root, issue, port=0, ready=told.put)

    thread = Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    loop, task = told.get(timeout=30)
    yield Running(told.get(timeout=30))
    loop.call_soon_threadsafe(task.cancel)
    thread.join(30)
