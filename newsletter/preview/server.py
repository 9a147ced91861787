"""The page's server: on loopback alone, for the browser that was given the address, and nothing but the page.

Any web site that is open in the browser can send requests to this computer, and did so to development servers (Vite,
CVE-2025-24010). So the address holds a secret, the Host must be our own (or a name that somebody points at 127.0.0.1
would do), and what comes from another site is refused. Answers come from a fixed set: no path ever leads to a file.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from secrets import compare_digest, token_urlsafe
from typing import TYPE_CHECKING

from aiohttp import web

from newsletter.errors import ConfigError
from newsletter.load import issue_ids
from newsletter.preview.bench import Bench
from newsletter.preview.changes import changes
from newsletter.preview.page import tell
from newsletter.preview.views import VIEWS, draw

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

LOOPBACK = "127.0.0.1"
MOST = 100  # connections that have not asked for anything yet; of more, the oldest are cut
PATIENCE = 10  # seconds for a connection to ask for something; aiohttp cuts it then
_ALIVE = 15  # seconds between two signs of life to a page that waits for changes

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# No scripts, no forms, no frames, and pictures alone are fetched. It keeps the page's origin, so that the page can see
# how tall it is and where a finding shows; what must not go with that is allow-scripts. A link opens in a new tab.
SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
_EMAIL_POLICY = (
    "default-src 'none'; img-src 'self' data: https:; style-src 'unsafe-inline'; "
    f"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; {SANDBOX}"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "newsletter",
    "X-Content-Type-Options": "nosniff",
}
_NOT_BUILT = '<!DOCTYPE html><html lang="en"><title>Not built yet</title><p>This issue cannot be built yet.</p></html>'
_STATIC = {
    "": "text/html",
    "page.css": "text/css",
    **dict.fromkeys(("page.js", "parts.js", "email.js", "edge.js"), "text/javascript"),
}


class Preview:
    """The preview of the workspace *root* at one *port*: answers requests, and tells open pages of changes."""

    def __init__(self, root: Path) -> None:
        self._bench = Bench(root)
        self._secret = token_urlsafe(16)
        self._changed = asyncio.Condition()
        self._silent: dict[web.RequestHandler, None] = {}  # the oldest first
        self._port = 0
        self._server = web.Server(
            self._answer, handler_cancellation=True, access_log=None, keepalive_timeout=PATIENCE, lingering_time=0
        )

    def url(self, issue: str) -> str:
        """Return the address of the page that shows *issue*."""
        return f"http://{LOOPBACK}:{self._port}/{self._secret}/#issue={issue}"

    @asynccontextmanager
    async def running(self, port: int) -> AsyncIterator[None]:
        """Serve at *port*, or at a free one for 0, until left. Raises ConfigError when it cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            # No more are accepted at once than may be silent, so none is cut before it is connected.
            listening = await loop.create_server(self.accept, LOOPBACK, port, backlog=MOST)
        except OSError as error:
            reason = "is taken" if port >= 1024 or not isinstance(error, PermissionError) else "may not be used"
            raise ConfigError(f"port {port} {reason}", "Leave out --port, and a free one is found.") from None
        self._port = listening.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            listening.close()
            await self._server.shutdown(timeout=0.1)  # 0 would wait for ever

    async def follow(self) -> None:
        """Tell the open pages of every change in the workspace, for ever."""
        async for _ in changes(self._bench.root):
            self._bench.stale()
            async with self._changed:
                self._changed.notify_all()

    def accept(self) -> web.RequestHandler:
        """Return what speaks with a new connection. Where too many have asked for nothing yet, the oldest is cut."""
        while len(self._silent) >= MOST:
            oldest = next(iter(self._silent))
            del self._silent[oldest]
            if oldest.transport is not None:  # else it has gone by itself
                oldest.transport.abort()
        spoken: web.RequestHandler = self._server()
        self._silent[spoken] = None
        return spoken

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self._silent.pop(request.protocol, None)
        path = self._path(request)
        if isinstance(path, int):
            answer = web.Response(status=path, headers=_HEADERS)
            answer.force_close()
            return answer
        if path == "events":
            return await self._events(request)
        found = await asyncio.to_thread(self._find, path)
        if found is None:
            answer = web.Response(status=404, headers=_HEADERS)
            answer.force_close()
            return answer
        kind, body, policy = found
        own = {"Content-Type": kind, "Content-Security-Policy": policy}
        return web.Response(body=body, headers=_HEADERS | own)

    def _path(self, request: web.BaseRequest) -> str | int:
        """Return what is asked for, behind the secret; or the status that refuses it."""
        hosts, sites = request.headers.getall("Host", []), request.headers.getall("Sec-Fetch-Site", [])
        allowed = {f"{LOOPBACK}:{self._port}", f"localhost:{self._port}"}
        if len(hosts) != 1 or hosts[0] not in allowed:
            return 421
        if request.method not in {"GET", "HEAD"}:
            return 405
        origins = {f"http://{host}" for host in allowed}
        if not set(request.headers.getall("Origin", [])) <= origins or not set(sites) <= {"same-origin", "none"}:
            return 403
        secret, _, path = request.raw_path.removeprefix("/").partition("/")
        return path if compare_digest(secret.encode(), self._secret.encode()) else 404

    def _find(self, path: str) -> tuple[str, bytes, str] | None:
        """Return kind, body and policy of what stands at *path*: one of a fixed set."""
        if path in _STATIC:
            body = files("newsletter.preview").joinpath("static", path or "page.html").read_bytes()
            return f"{_STATIC[path]}; charset=utf-8", body, _PAGE_POLICY
        issue, _, name = path.partition("/")
        if issue not in issue_ids(self._bench.root):
            return None
        look = self._bench.look(issue)
        if name == "state":
            return "application/json", json.dumps(tell(look, self._bench)).encode(), _PAGE_POLICY
        if name in VIEWS:
            html = draw(look.copy.html, VIEWS[name]) if look.copy else _NOT_BUILT
            return "text/html; charset=utf-8", html.encode(), _EMAIL_POLICY
        pictures: Mapping[str, tuple[str, bytes]] = look.copy.pictures if look.copy else {}
        kind, data = pictures.get(name.removeprefix("images/"), ("", b""))
        return (f"image/{kind}", data, _EMAIL_POLICY) if kind else None

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        """Send the page a line whenever something has changed, until it goes away."""
        own = {"Content-Type": "text/event-stream", "Content-Security-Policy": _PAGE_POLICY}
        answer = web.StreamResponse(headers=_HEADERS | own)
        await answer.prepare(request)
        if request.method == "HEAD":
            return answer
        told = -1
        while True:
            if told != self._bench.age:
                told = self._bench.age
                await answer.write(f"data: {told}\n\n".encode())
            else:
                await answer.write(b": still here\n\n")
            with suppress(TimeoutError):
                async with asyncio.timeout(_ALIVE), self._changed:
                    if told == self._bench.age:
                        await self._changed.wait()


async def serve(root: Path, issue: str, *, port: int, ready: Callable[[str], None]) -> None:
    """Show *issue* of the workspace *root* until cancelled; *ready* is given the address once it can be opened.

    Raises ConfigError when *port* cannot be had.
    """
    preview = Preview(root)
    async with preview.running(port):
        ready(preview.url(issue))
        await preview.follow()
