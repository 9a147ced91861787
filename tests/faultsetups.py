"""What a zygote may change in the program it has imported: how large batches are, how long it waits, and sabotage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.ledger import Ledger
    from newsletter.records import Batch


def small_batches() -> None:
    """Let four people be two batches, also in the outbox."""
    from newsletter.providers.outbox import Outbox  # noqa: PLC0415

    Outbox.batch = 2


def no_waiting() -> None:
    """Try again at once what failed."""
    from newsletter import deliver  # noqa: PLC0415

    deliver._FIRST_WAIT = deliver._BETWEEN_ROUNDS = 0.0


def scripted_provider() -> None:
    """Add the provider ``scripted`` to those there are."""
    from newsletter import providers  # noqa: PLC0415

    providers.__path__.append(str(Path(__file__).parent / "providers"))


def built_once() -> None:
    """Build the issue of the workspace in FAULT_WORKSPACE once for all runs: it is not what the faults are about."""
    from newsletter.build import build  # noqa: PLC0415
    from newsletter.commands import desk, plan  # noqa: PLC0415
    from newsletter.config import open_workspace  # noqa: PLC0415

    built = build(open_workspace(Path(os.environ["FAULT_WORKSPACE"])), "2026-01")
    for module in (desk, plan):
        setattr(module, "build", lambda *_arguments: built)  # noqa: B010  it is no public name of those modules


def small_filler() -> None:
    """Try out the disk with few bytes: a million by chance take longer than the rest of a send."""
    from newsletter import preflight  # noqa: PLC0415

    preflight._FILLER = 1_000


def no_authorities() -> None:
    """Trust nobody for TLS: no server here speaks it, and to read whom the system trusts takes longer than to send."""
    import ssl  # noqa: PLC0415

    setattr(ssl.SSLContext, "set_default_verify_paths", lambda _context: None)  # noqa: B010  it is another's method


def without_intent() -> None:
    """Sabotage: record after sending, as most programs do. The fault loop must find it."""
    from newsletter.ledger import Ledger  # noqa: PLC0415

    intent, outcome = Ledger.submitting, Ledger.settle

    def settle(self: Ledger, batch: Batch, *args: object, **named: object) -> None:
        intent(self, batch)
        outcome(self, batch, *args, **named)  # type: ignore[arg-type]

    def nothing(self: Ledger, batch: Batch) -> str:
        """Write no intent."""
        return ""

    Ledger.submitting = nothing  # type: ignore[method-assign]
    Ledger.settle = settle  # type: ignore[method-assign]
