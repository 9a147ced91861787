"""The guide to adding a provider, followed to the letter: a package of somebody else's, found by its entry point."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from pytest_socket import enable_socket

from newsletter.scaffold import make_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = Path(__file__).parent.parent / "docs/adding-a-provider.md"


class Postroom(BaseHTTPRequestHandler):
    """The service of the guide."""

    got: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Take what is handed over, and give each an id."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append({"key": self.headers["Authorization"], **content})
        body = json.dumps([f"id-{number}" for number, _ in enumerate(content["to"])]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Say nothing."""


@pytest.fixture
def postroom() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run the service; its web address, and what it got."""
    enable_socket()
    handler = type("Handler", (Postroom,), {"got": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler.got  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def installed(folder: Path) -> Path:
    """Put the guide's package where Python finds it, as an installer would."""
    code, toml = (
        re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[0] for kind in ("python", "toml")
    )
    (folder / "postroom.py").write_text(code, "utf-8")
    metadata = folder / "postroom-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: postroom\nVersion: 1.0\n", "utf-8")
    group, line = re.findall(r'entry-points\."(.*?)"\]\n(.*)', toml)[0]
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n", "utf-8")
    return folder


def run(*arguments: str, package: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line beside the package."""
    known = {**os.environ, "PYTHONPATH": str(package), **environment}
    command = [sys.executable, "-m", "newsletter", *arguments]
    return subprocess.run(command, cwd=cwd, env=known, capture_output=True, text=True, check=False)


def test_a_provider_of_another_package(tmp_path: Path, postroom: tuple[str, list[dict[str, Any]]]) -> None:
    """What the guide shows is listed, takes its settings and its key, and gets each person once, with their words."""
    url, got = postroom
    (tmp_path / "site").mkdir()
    package = installed(tmp_path / "site")
    root = tmp_path / "w"
    make_workspace(root, today=date(2026, 1, 5))
    config = (root / "newsletter.yaml").read_text("utf-8")
    config = config.replace("provider: outbox", "provider: postroom", 1)
    config = re.sub(r"example\.org", "partnership.internal", config)
    config = re.sub(r"(?m)^postal_address:.*", "postal_address: 2 High Street", config)
    (root / "newsletter.yaml").write_text(f"{config}\nproviders: {{postroom: {{url: '{url}'}}}}\n", "utf-8")

    listed = run("providers", package=package, cwd=root)
    assert (0, True) == (listed.returncode, "postroom" in listed.stdout)
    sent = run("send", "--list", "practitioners", "--yes", package=package, cwd=root, POSTROOM_KEY="secret-key")
    assert 0 == sent.returncode, sent.stderr
    (request,) = got
    assert "Bearer secret-key" == request["key"]
    people = [one["address"] for one in request["to"]]
    assert len(set(people)) == len(people) > 1
    assert "[token]" in request["html"]
    again = run("send", "--list", "practitioners", "--yes", package=package, cwd=root, POSTROOM_KEY="secret-key")
    assert (6, 1) == (again.returncode, len(got))


def test_a_package_that_is_broken(tmp_path: Path) -> None:
    """A provider that cannot be loaded, or is none, is said in a line, and breaks nothing else."""
    (tmp_path / "site").mkdir()
    package = installed(tmp_path / "site")
    root = tmp_path / "w"
    make_workspace(root, today=date(2026, 1, 5))
    config = (root / "newsletter.yaml").read_text("utf-8").replace("provider: outbox", "provider: postroom", 1)
    (root / "newsletter.yaml").write_text(config, "utf-8")
    listed = run("providers", package=package, cwd=root)
    assert (0, True) == (listed.returncode, "postroom" in listed.stdout)
    for code, told in (
        ("raise RuntimeError", 'error: the provider "postroom" cannot be loaded: RuntimeError'),
        ("Postroom = 1", 'error: the provider "postroom" is none: postroom:Postroom is not a provider class'),
    ):
        (package / "postroom.py").write_text(code, "utf-8")
        done = run("send", "--list", "practitioners", "--yes", package=package, cwd=root)
        assert (3, told) == (done.returncode, done.stderr.splitlines()[0])
    assert 0 == run("check", package=package, cwd=root).returncode
