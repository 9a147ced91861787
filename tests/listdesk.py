"""A workspace with a list in a file and one kept here, and commands about lists that show no address unasked."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest

from newsletter.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Done"]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and terminals")
PEOPLE = "email,name,source\nash@example.org,Ash Green,\nBo@example.org,Bo Reed,Conference\n"
FORM = ("--source", "Web form")


@pytest.fixture
def two_lists(workspace: Path) -> Path:
    """A workspace with a list in a file, one kept here, and a file to import."""
    config = workspace / "newsletter.yaml"
    config.write_text(config.read_text("utf-8") + "  schools: {title: Schools}\n", "utf-8")
    (workspace / "people.csv").write_text(PEOPLE, "utf-8")
    return workspace


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(two_lists: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that gives a command in the workspace; unless *in_full*, its output may hold no address."""
    monkeypatch.chdir(two_lists)
    for module, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))  # the program sets its own

    def give(*words: str, in_full: bool = False) -> Done:
        try:
            code = cli.main(list(words), prog_name="newsletter", standalone_mode=False) or 0
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        done = Done(code, *capsys.readouterr())
        for output in done[1:]:
            assert in_full or "@example" not in output.replace("...@example", "").replace("name@example", "")
        return done

    return give


def shown(run: Run, name: str = "schools") -> dict[str, Any]:
    """Return what ``lists show NAME`` tells a script."""
    done = run("lists", "show", name, "--json", "--show-addresses", in_full=True)
    return dict(json.loads(done.stdout)) if done.stdout else {"people": []}


def addresses(run: Run, name: str = "schools") -> list[str]:
    """Return who is on a list, and to be written to."""
    return [person["address"] for person in shown(run, name)["people"]]
