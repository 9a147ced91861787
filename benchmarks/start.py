"""How long `newsletter --help` takes beside a program of click that greets the world.

.venv/bin/python benchmarks/start.py
"""

from __future__ import annotations

import sys
import sysconfig
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import NEWSLETTER, Options, Row, alone, medians, slower, spend

HELLO = """\
import click

@click.command()
@click.option("--name", default="world")
def hello(name: str) -> None:
    click.echo(f"Hello {name}")

hello()
"""


def rows(options: Options) -> list[Row]:
    """Return the row of the help. Both run in this Python, with the same click; the greeting prints its help, too."""
    installed = Path(sysconfig.get_path("scripts")) / "newsletter"
    command = [installed] if installed.exists() else NEWSLETTER
    with TemporaryDirectory() as name:
        hello = Path(name) / "hello.py"
        hello.write_text(HELLO, "utf-8")
        runs = {
            "ours": partial(spend, [*command, "--help"], hello.parent),
            "click": partial(spend, [sys.executable, hello, "--help"], hello.parent),
        }
        took = medians(runs, options.rounds * 5)
    return [slower("`newsletter --help`", 1.5, "a click hello world", took["ours"], took["click"])]


if __name__ == "__main__":
    alone(rows)
