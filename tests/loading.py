"""Issues that a test writes and reads at once, and what is said of those that cannot be used."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import ContentError
from newsletter.load import load_issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.model import Issue


@pytest.fixture
def load(workspace: Path) -> Callable[..., Issue]:
    """A function that writes *text* as an issue and reads it: ``load(text, id="2026-01")``."""

    def read(text: str | bytes, id: str = "2026-01", **more: str) -> Issue:  # noqa: A002
        data = dedent(text).encode() if isinstance(text, str) else text
        (workspace / f"issues/{id}.yaml").write_bytes(data)
        return load_issue(workspace, id, **more)

    return read


@pytest.fixture
def faults(load: Callable[..., Issue]) -> Callable[..., list[str]]:
    """A function that reads *text* as an issue that cannot be used, and returns what is said of it."""

    def read(text: str | bytes, id: str = "2026-01") -> list[str]:  # noqa: A002
        with pytest.raises(ContentError) as caught:
            load(text, id)
        assert caught.value.exit_code == 1
        return [str(finding).removeprefix(f"issues/{id}.yaml:") for finding in caught.value.findings]

    return read


def article(*lines: str) -> str:
    """Return an issue of one article with these further lines."""
    head = ["sections:", "  - type: article", "    title: News"]
    return "\n".join([*head, *(f"    {line}" for line in lines)]) + "\n"
