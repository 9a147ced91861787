"""Real components that tests need: a user's machine may lack one, CI must not."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(component: str) -> NoReturn:
    """Skip a test whose real component is not on this machine; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs {component}")
    pytest.skip(f"{component} is not on this machine")
