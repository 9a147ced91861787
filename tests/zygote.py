"""A process that has imported all of newsletter and forks a command whenever it is asked to.

So none of the many commands that the tests run pays for the start of Python and for imports, and is a process of its
own all the same. Started and spoken to by `program`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import threading
import traceback
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from compiled import compile_once

import newsletter

_LAZY = ("cssutils", "email.parser", "idna", "jinja2", "lxml.html", "markdown_it", "premailer", "sqlite3", "ssl")


def main() -> None:
    """Obey each message on stdin, a socket: what is to be run, with four open files.

    They are the command's stdin, stdout and stderr, and a socket. There a go-ahead is waited for once the pid has been
    told, and then the exit code is told. The process ends when nobody can ask any more.
    """
    asked = socket.socket(fileno=os.dup(0))
    _import_all()
    gc.freeze()
    with DefaultSelector() as waiting:
        waiting.register(asked, EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is not asked:
                    waiting.unregister(key.fileobj)
                    _end(key.fd, *key.data)
                    continue
                message, files, *_ = socket.recv_fds(asked, 1_000_000, 4)
                if not message:
                    return
                *streams, told = files
                if pid := _begin(json.loads(message), streams, told):
                    waiting.register(os.pidfd_open(pid), EVENT_READ, (pid, told))
                for stream in streams:
                    os.close(stream)


def _import_all() -> None:
    """Import what commands import only when they need it, and do what this process was started for."""
    for module in pkgutil.walk_packages(newsletter.__path__, "newsletter."):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):  # whoever needs it will say so
                importlib.import_module(module.name)
    for name in _LAZY:
        importlib.import_module(name)
    compile_once()
    for setup in sys.argv[1:]:
        module_name, _, function = setup.partition(":")
        getattr(importlib.import_module(module_name), function)()


def _begin(command: dict[str, Any], streams: list[int], told: int) -> int:
    """Fork the command and return its pid; if it is to run here, run it and return 0."""
    if command.pop("is_here"):
        os.write(told, str(_obey(**command)).encode())
        os.close(told)
        gc.freeze()
        return 0
    if pid := os.fork():
        os.write(told, str(pid).encode())
        return pid
    code = 1
    try:
        os.read(told, 1)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 64)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  as Python opens them
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        code = _obey(**command)
    finally:
        os._exit(code)


def _end(pidfd: int, pid: int, told: int) -> None:
    """Tell how a command that has ended did."""
    os.close(pidfd)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):  # nobody may want to know any more
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(told)


def _obey(arguments: list[str], folder: str, environment: dict[str, str]) -> int:
    """Run ``newsletter`` in *folder* and return its exit code."""
    from newsletter.cli import main as command  # noqa: PLC0415

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["newsletter", *arguments]
    code: Any = 0
    try:
        command()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  Python would print it and exit with 1
        traceback.print_exc()
        code = 1
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    assert threading.active_count() == 1, "a thread would not be forked"
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    main()
