"""Who has left by way of a provider, brought back to the lists here."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.providers import Provider
from newsletter.transport import list_provider, open_provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.config import Workspace
    from newsletter.people import People
    from newsletter.providers import Departure

# What a service learns late, as a bounce, or a clock that differs: asked for once more, it changes nothing.
_OVERLAP = timedelta(days=7)


def tells(workspace: Workspace, list_name: str) -> bool:
    """Say whether the list's provider can tell who has left."""
    return list_provider(workspace, list_name).departures is not Provider.departures


def sync_list(workspace: Workspace, list_name: str, people: People) -> dict[str, int]:
    """Record who has left a list by way of its provider; return how many were not known before, by reason.

    Raises NewsletterError when the provider cannot be asked; then nothing is recorded.
    """
    begun = datetime.now(UTC)
    with closing(open_provider(workspace, list_name)) as provider:
        known = people.synced(list_name, provider.account)
        left = provider.departures(known - _OVERLAP if known else None)
        return people.sync(list_name, provider.account, _keys(left, people), until=begun)


def _keys(left: Iterable[Departure], people: People) -> Iterator[tuple[bytes, str]]:
    for one in left:
        try:
            yield people.key(one.address), one.reason
        except ValueError:
            continue  # what is no address to us was never written to by us
