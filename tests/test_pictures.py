"""Pictures that an email links to: a real send goes out only when each of them is on the web."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from pytest_socket import enable_socket

from newsletter.config import open_workspace
from newsletter.message import Edition, Mailbox, Sender, compose
from newsletter.pictures import unpublished
from newsletter.scaffold import make_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.message import Message

ANSWERS = {
    "/images/there.png": (200, "image/png"),
    "/images/gone.png": (404, "text/html"),
    "/images/sign-in.png": (200, "text/html"),
}


class Website(BaseHTTPRequestHandler):
    """A website with one picture, one that is gone, and one behind a page to sign in."""

    def do_GET(self) -> None:
        """Answer as the table says."""
        status, kind = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"1234")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Say nothing."""


@pytest.fixture
def website() -> Iterator[str]:
    """Run the website on this computer; return its address."""
    enable_socket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def workspace_at(tmp_path: Path, url: str) -> Workspace:
    """Return a workspace whose archive is published at *url*."""
    make_workspace(tmp_path, today=date(2026, 1, 5))
    workspace = open_workspace(tmp_path)
    return replace(workspace, config=workspace.config.model_copy(update={"archive_url": url}))


def linking(*links: str) -> Message:
    """Return a message that shows these pictures."""
    html = "".join(f'<img src="{link}" alt="">' for link in links)
    who = Mailbox("", "news@partnership.internal")
    return compose(Edition("2026-01", "News", "", html, "text"), Sender(who, who, "Us"), list_name="p", list_title="P")


def test_what_is_not_published(tmp_path: Path, website: str) -> None:
    """A picture that is there passes; one that is gone, or hidden behind another page, is told, each once."""
    links = [f"{website}images/{name}.png" for name in ("there", "gone", "sign-in", "gone")]
    assert [(links[1], "it answers 404, text/html"), (links[2], "it answers 200, text/html")] == list(
        unpublished(linking(*links), workspace_at(tmp_path, website))
    )


def test_a_website_that_cannot_be_reached(tmp_path: Path, website: str) -> None:
    """Where nothing answers, the picture counts as missing; other websites' pictures are not asked for."""
    nowhere = "http://127.0.0.1:1/"
    message = linking(f"{nowhere}images/a.png", f"{website}images/gone.png")
    ((link, why),) = unpublished(message, workspace_at(tmp_path, nowhere))
    assert (f"{nowhere}images/a.png", True) == (link, "refused the connection" in why)
