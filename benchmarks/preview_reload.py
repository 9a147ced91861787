"""How long it takes from saving a file of 12 KB to seeing it in the browser, beside React Email and Maizzle.

    .venv/bin/python benchmarks/preview_reload.py

Each tool's own development server shows a mail of the same paragraphs in one Chromium; one word of the file is changed,
and the clock runs until that word stands in the page or a frame of it. The tools take turns.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import TYPE_CHECKING, TextIO

from measuring import NEWSLETTER, Options, Row, Unmeasured, alone
from peers import node_with
from playwright.sync_api import Error, sync_playwright
from samples import workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

WARM = 3  # the first ones are not counted
WORD = "of part 1 in January 2015 says"  # in the second section's first paragraph, and changed at each round
COMPONENT = """\
import {{ Body, Heading, Html, Text }} from "@react-email/components";
export default function Issue() {{
  return <Html lang="en"><Body><Heading>January 2015</Heading>
{paragraphs}
  </Body></Html>;
}}
"""
TEMPLATE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>January 2015</title>
<style>p {{ margin: 0 0 16px; font: 17px/27px Arial, sans-serif; }}</style></head>
<body><h1>January 2015</h1>
{paragraphs}
</body></html>
"""
SERVE = """\
import {{ serve }} from "@maizzle/framework";
await serve({{ build: {{ content: ["emails/**/*.html"] }}, css: {{ inline: true }}, server: {{ port: {port} }} }});
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that runs: the file to change, and the page that shows it."""

    name: str
    file: Path
    page: Page


def words() -> str:
    """Return the text that the peers show: as much as the issue has."""
    text = [f"Paragraph {n} {WORD} what teams in the city do." for n in range(180)]
    return "\n".join(f"<p>{line}</p>" for line in text)


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[TextIO]:
    """Run a server, with all that it starts, until left; yield what it prints."""
    settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **settings)  # type: ignore[call-overload]
    try:
        yield server.stdout
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def open_page(page: Page, url: str) -> Page:
    """Open *url* as soon as its server answers."""
    for _ in range(240):
        try:
            page.goto(url, timeout=60_000)
        except Error:
            sleep(0.5)
        else:
            return page
    sys.exit(f"{url} does not answer")


def ours(stack: ExitStack, folder: Path, page: Page) -> Tool:
    """Start our preview of a 12 KB issue."""
    workspace(folder, 1)
    printed = stack.enter_context(running([*NEWSLETTER, "preview", "--no-open"], folder))
    printed.readline()
    return Tool("newsletter", folder / "issues/2015-01.yaml", open_page(page, printed.readline().strip()))


def react_email(stack: ExitStack, folder: Path, page: Page) -> Tool:
    """Start React Email's development server."""
    file = folder / "emails/issue.tsx"
    file.parent.mkdir(exist_ok=True)
    paragraphs = words().replace("<p>", "<Text>").replace("</p>", "</Text>")
    file.write_text(COMPONENT.format(paragraphs=paragraphs), "utf-8")
    port = free_port()
    stack.enter_context(running(["npx", "email", "dev", "--port", str(port)], folder))
    return Tool("React Email", file, open_page(page, f"http://localhost:{port}/preview/issue"))


def maizzle(stack: ExitStack, folder: Path, page: Page) -> Tool:
    """Start Maizzle's development server."""
    file = folder / "emails/issue.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(TEMPLATE.format(paragraphs=words()), "utf-8")
    port = free_port()
    (folder / "serve.mjs").write_text(SERVE.format(port=port), "utf-8")
    stack.enter_context(running(["node", "serve.mjs"], folder))
    return Tool("Maizzle", file, open_page(page, f"http://localhost:{port}/issue.html"))


def shows(page: Page, text: str) -> bool:
    """Tell whether *text* stands in the page or in a frame of it."""
    for frame in page.frames:
        try:
            if frame.evaluate("text => document.body?.textContent.includes(text)", text):
                return True
        except Error:  # it is being replaced
            continue
    return False


def change(tool: Tool, old: str, new: str) -> float:
    """Save the tool's file with *new* for *old*; return the seconds until it is shown."""
    text = tool.file.read_text("utf-8")
    assert old in text
    start = perf_counter()
    tool.file.write_text(text.replace(old, new, 1), "utf-8")
    while not shows(tool.page, new):
        if perf_counter() - start > 60:
            sys.exit(f"{tool.name} does not show the change")
        sleep(0.01)
    return perf_counter() - start


def measure(tools: list[Tool], rounds: int) -> dict[str, list[float]]:
    """Change each tool's file in turn, and return the seconds each took."""
    for tool in tools:
        while not shows(tool.page, WORD):
            sleep(0.1)
    taken: dict[str, list[float]] = {tool.name: [] for tool in tools}
    old = WORD
    for number in range(WARM + rounds):
        new = f"{WORD} in round {number}"
        for tool in tools:
            tool.page.bring_to_front()
            taken[tool.name].append(change(tool, old, new))
            sleep(0.5)
        old = new
    return {name: seconds[WARM:] for name, seconds in taken.items()}


def rows(options: Options) -> list[Row]:
    """Return the row of the preview."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    away = []
    with ExitStack() as stack:
        own = Path(stack.enter_context(TemporaryDirectory()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        tools = [ours(stack, own, browser.new_page())]
        for package, start in PEERS.items():
            try:
                tools.append(start(stack, node_with(options.peers, package), browser.new_page()))
            except Unmeasured as reason:
                away.append(f"not measured: {reason}")
        took = {name: median(seconds) * 1000 for name, seconds in measure(tools, options.rounds * 3).items()}
    own_time = took.pop("newsletter")
    told = ", ".join([f"{own_time:,.0f} ms", *(f"{name} {time:,.0f} ms" for name, time in took.items()), *away])
    return [Row("preview: from saving 12 KB to shown, median", "<= 500 ms", told, own_time <= 500)]


PEERS = {"react-email": react_email, "@maizzle/framework": maizzle}

if __name__ == "__main__":
    alone(rows)
