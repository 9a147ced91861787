"""How many calls 100,000 people need at the largest batch of each service, counted at its fake.

.venv/bin/python benchmarks/http_calls.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import ROOT, Options, Row, alone

sys.path.append(str(ROOT / "tests"))

from providers.batches import BATCHES, Batch, Desk, a_send, people, submitted

PEOPLE = 100_000
CALLS = {"mailgun": 100, "sendgrid": 100, "postmark": 200, "ses": 2_000}


def rows(_options: Options) -> list[Row]:
    """Return a row for each service that a goal names."""
    return [row(batch) for batch in BATCHES if batch.name in CALLS]


def row(batch: Batch) -> Row:
    """Return the row of one service."""
    counted, most = calls(batch), CALLS[batch.name]
    what = f"calls for {PEOPLE:,} people, {batch.name}, {batch.most:,} a call"
    return Row(what, f"{most:,}", f"{counted:,}", counted <= most)


def calls(batch: Batch) -> int:
    """Hand everybody over, and return how many calls the fake saw; each person must have one copy."""
    with batch.fake(**batch.options) as fake, TemporaryDirectory() as folder:
        fake.quota = PEOPLE  # type: ignore[attr-defined]  # SES's, for a day
        provider = Desk(batch, fake, Path(folder)).open(batch=str(batch.most))
        for start in range(0, PEOPLE, batch.most):
            told = submitted(provider, a_send(), people(start, start + batch.most))
            assert {"accepted"} == set(told.outcomes.values()), told.error
        got = fake.got
        assert (PEOPLE, {1}) == (len(got), set(got.values()))
        return len(fake.calls(batch.route))


if __name__ == "__main__":
    alone(rows)
