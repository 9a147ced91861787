"""A receipt, the file it stands in, and how reading it is refused."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import ConfigError, NewsletterError
from newsletter.receipts import Receipt, receipts

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes, and links only for administrators")
MEND = "Take it back from git, or from a backup. Never delete it: it says who must not be sent to again."
RECEIPT = Receipt(
    uid="5f0c", issue="2026-01", list_name="practitioners", edition=1, provider="smtp", account="smtp.example.org",
    subject="January 2026 newsletter – dates for you", people=1_248, digest="ab" * 32,
    planned=datetime(2026, 1, 5, 9, 4, tzinfo=UTC), computer="office-pc", events=3, opt_outs=5,
)  # fmt: skip
FILE = """\
{
  "account": "smtp.example.org",
  "computer": "office-pc",
  "digest": "abababababababababababababababababababababababababababababababab",
  "edition": 1,
  "events": 3,
  "issue": "2026-01",
  "list_name": "practitioners",
  "opt_outs": 5,
  "people": 1248,
  "planned": "2026-01-05T09:04:00+00:00",
  "provider": "smtp",
  "subject": "January 2026 newsletter – dates for you",
  "uid": "5f0c"
}
"""
NAME = "sent/2026-01--practitioners.json"


def refusal(root: Path, error: type[NewsletterError] = ConfigError) -> tuple[str, str]:
    """Return message and hint of the error that reading the receipts of *root* ends with."""
    with pytest.raises(error) as raised:
        receipts(root)
    return raised.value.message, raised.value.hint


def put(root: Path, data: bytes) -> None:
    """Put *data* where a receipt stands."""
    (root / NAME).parent.mkdir(exist_ok=True)
    (root / NAME).write_bytes(data)
