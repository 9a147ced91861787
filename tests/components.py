"""Real components that tests need: a user's machine may lack one, CI must not."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def missing(component: str) -> NoReturn:
    """Skip a test whose real component is not on this machine; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs {component}")
    pytest.skip(f"{component} is not on this machine")


@contextmanager
def small_disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond *size* bytes: the system refuses the rest, as a full disk does.

    Only round the act itself: the test runner's own log may be a file, and longer.
    """
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
