"""What the tests of the providers share: loopback can be reached, and each service is there in turn."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from providers.batches import BATCHES, Batch, Desk
from providers.campaigns import KEEPERS, Hall, Keeper
from pytest_socket import enable_socket, socket_allow_hosts

from newsletter import submission
from newsletter.dialogue import trust

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_trust = cache(trust)


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback can be reached, and Amazon's own tools know no key. The system's certificates are read once."""
    monkeypatch.setattr(submission, "trust", _trust)
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(params=BATCHES, ids=lambda batch: batch.name)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Each service in turn."""
    batch: Batch = request.param
    with batch.fake(**batch.options) as fake:
        yield Desk(batch, fake, tmp_path)


@pytest.fixture(params=KEEPERS, ids=lambda keeper: keeper.name)
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    """Each service that keeps lists in turn, with a list of three people."""
    keeper: Keeper = request.param
    with keeper.fake() as fake:
        yield Hall(keeper, fake, tmp_path)
