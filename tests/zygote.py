"""A program that has imported all of newsletter and then forks one command after another, each held at a gate.

So a fault can be tried at every system call of a command, and none of them pays for the start of Python. Started by
`faultloop`; speaks JSON lines on stdin and stdout.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import sys
import traceback
from pathlib import Path
from typing import Any

import newsletter


def main() -> None:
    """Answer each line ``{"arguments": ..., "folder": ..., "gate": ..., "output": ...}`` with a pid, then a status."""
    for module in pkgutil.walk_packages(newsletter.__path__, "newsletter."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in (
        "markdown_it",
        "premailer",
        "cssutils",
        "jinja2",
        "lxml.html",
        "email.parser",
        "idna",
        "sqlite3",
        "ssl",
    ):
        importlib.import_module(name)
    for setup in sys.argv[1:]:
        module_name, _, function = setup.partition(":")
        getattr(importlib.import_module(module_name), function)()
    gc.freeze()
    _say("ready")
    commands = os.fdopen(os.dup(0), encoding="utf-8")  # sys.stdin stays unread, as a command expects it
    for line in commands:
        pid = os.fork()
        if pid == 0:
            _run(**json.loads(line))
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _run(arguments: list[str], folder: str, gate: str, output: str) -> None:
    """Be the command: wait until somebody opens the gate, then run it as ``newsletter`` does."""
    code: Any = 0
    try:
        os.chdir(folder)
        out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for number, target in enumerate((null, out, out)):
            os.dup2(target, number)
        Path(gate).read_bytes()
        sys.argv = ["newsletter", *arguments]
        from newsletter.cli import main as command  # noqa: PLC0415

        command()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  Python would print it and exit with 1
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    main()
