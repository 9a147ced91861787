"""How quickly copies are handed to mailing services over HTTP, beside django-anymail and json + requests.

    .venv/bin/python benchmarks/services.py

Every program hands the same email to the same sink, which counts people; they take turns. Ours plans and records
everybody in a ledger on the disk. Last what the sink takes from a client that only repeats one ready request.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from clients import ANYMAIL, OURS, RAW, REQUESTS
from measuring import Options, Row, Run, Sink, Unmeasured, alone, measured, medians, quicker
from peers import python_with
from send_smtp import bodies

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS = {"ours": OURS, "peer": ANYMAIL, "plain": REQUESTS, "raw": RAW}
SETTINGS = {"mailgun": {"domain": "mg.example.org"}}
ANY = "django-anymail's Mailgun"
FULL = {"postmark": 500, "resend": 100}  # people a call, each with a full message


class HttpSink(Sink):
    """The service, a process of its own."""

    program = "httpsink.py"


def rows(options: Options) -> list[Row]:
    """Return a row for each goal, and one for the sink."""
    people = 2 * options.people
    few = max(people // 500, 1) * 500
    with TemporaryDirectory() as name:
        folder, sink = Path(name), HttpSink()
        for file, program in PROGRAMS.items():
            (folder / f"{file}.py").write_text(program, "utf-8")
        text, html = bodies(folder, Sink())

        def run(program: str, number: int, *arguments: object, python: object = sys.executable) -> Run:
            return measured([python, folder / f"{program}.py", *arguments, text, html], folder, sink, number)

        def ours(service: str, size: int, number: int) -> Run:
            settings = json.dumps({**SETTINGS.get(service, {}), "batch": str(size)})
            return run("ours", number, service, sink.port, number, settings)

        runs: dict[str, Callable[[], Run]] = {"mailgun": partial(ours, "mailgun", 1000, people)}
        why = ""
        try:
            python = python_with(options.peers, "django-anymail[mailgun]")
            runs[ANY] = partial(run, "peer", people, sink.port, people, python=python)
        except Unmeasured as reason:
            why = f"not measured: {reason}"
        for service, size in FULL.items():
            runs[service] = partial(ours, service, size, few)
            runs[f"plain {size}"] = partial(run, "plain", few, sink.port, few, size)
        runs["raw"] = partial(run, "raw", few, sink.port, few)
        took = medians(runs, options.rounds)
    what = f"HTTP, ledger on, Mailgun's recipient variables, {people:,} people"
    first = quicker(what, 3, ANY, took["mailgun"], took[ANY]) if ANY in took else Row(what, f">= 3 x {ANY}", why)
    full = [
        quicker(f"full messages, {service}, {size} a call", 3, "json + requests", took[service], took[f"plain {size}"])
        for service, size in FULL.items()
    ]
    return [
        first,
        *full,
        quicker("what the HTTP sink takes of full messages", 1.5, "ours", took["raw"], took["postmark"]),
    ]


if __name__ == "__main__":
    alone(rows)
