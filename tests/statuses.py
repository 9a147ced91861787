"""A workspace that sends by smtp, three people of its lists, and how ages are taken out of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sends import (
    ACCEPTED,
    REJECTED,
    SKIPPED,
    UNKNOWN,
    Made,
    find,
    make,
)

from newsletter.receipts import Receipt, write_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AMINA = ("amina@example.org", "Amina Khan")
BEN = ("ben@example.org", "")
CARA = ("cara@example.org", "Cara Dunne")


@pytest.fixture
def ready(workspace: Path, write_issue: Callable[..., Path]) -> Path:
    """A workspace that sends by smtp, with an issue and two lists."""
    path = workspace / "newsletter.yaml"
    path.write_text(f"{path.read_text('utf-8')}  schools: {{title: Schools}}\nprovider: smtp\n", "utf-8")
    write_issue("sections: []\n")
    return workspace


FATES = [
    (*AMINA, REJECTED, "550 5.1.1 There is no such mailbox here, and there never was one, as far as anybody knows"),
    (*BEN, UNKNOWN, "the server hung up after it had the message, so it may have taken it"),
    (*CARA, UNKNOWN, "no answer"),
    ("dee@example.org", "Dee Moss", ACCEPTED, ""),
    ("eve@example.org", "", SKIPPED, "unsubscribed"),
]
MASKED_NOTE = "The addresses are masked: --show-addresses shows them.\n"


@pytest.fixture
def sent(ready: Path) -> Path:
    """A workspace with a real send that left one rejected and two unknown, and its receipt."""
    make(ready, Made(FATES, left_out={"unsubscribed": 11, "bounced": 1}))
    one = find(ready)
    receipt = Receipt(one.uid, "2026-01", "practitioners", 1, "smtp", "x", "s", 5, "v", one.planned, "here")
    write_receipt(ready, receipt)
    return ready
