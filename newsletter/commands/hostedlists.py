"""Lists that a provider keeps, when one person is unsubscribed, asked about or erased: the provider is asked to."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from newsletter.errors import NewsletterError
from newsletter.providers import CampaignProvider
from newsletter.transport import list_provider, open_provider, provider_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from newsletter.config import Workspace
    from newsletter.providers import HostedAudience


def hosted_lists(workspace: Workspace) -> tuple[str, ...]:
    """Return the lists that a provider keeps. Raises ConfigError for a provider that does not exist."""
    return tuple(name for name in workspace.config.lists if is_hosted(workspace, name))


def is_hosted(workspace: Workspace, name: str) -> bool:
    """Say whether a provider keeps the list *name*."""
    return issubclass(list_provider(workspace, name), CampaignProvider)


def counted_there(workspace: Workspace, name: str) -> HostedAudience:
    """Return what the provider says of a list that it keeps. Raises NewsletterError when it cannot be asked."""
    with closing(_opened(workspace, name)) as provider:
        return provider.audience()


def unsubscribe_there(workspace: Workspace, address: str, list_name: str) -> Iterator[str]:
    """Unsubscribe *address* from each list that a provider keeps, or from one; yield what became of it, a line each.

    Where the provider cannot be asked the line says where to do it by hand: the next send does it, too.
    """

    def ask(provider: CampaignProvider) -> str:
        provider.unsubscribe(address)
        return "unsubscribed there"

    for name in hosted_lists(workspace):
        if list_name in {"", name}:
            yield _asked(workspace, name, ask)[0]


def erase_there(workspace: Workspace, address: str) -> Iterator[tuple[str, bool]]:
    """Delete *address* from each list that a provider keeps; yield what became of it, a line each, and if it is so."""

    def ask(provider: CampaignProvider) -> str:
        return "erased there" if provider.erase(address) else "not there"

    for name in hosted_lists(workspace):
        yield _asked(workspace, name, ask)


def held_there(workspace: Workspace, address: str) -> dict[str, Mapping[str, str]]:
    """Return what each provider holds about *address*, by what its list is called; what cannot be asked says so."""
    found: dict[str, Mapping[str, str]] = {}
    for name in hosted_lists(workspace):
        try:
            with closing(_opened(workspace, name)) as provider:
                if about := provider.about(address):
                    found[f"{name}, kept by {provider.account}"] = about
        except NewsletterError as error:
            found[f"{name}, kept by {provider_name(workspace, name)}"] = {"not asked": _by_hand(workspace, name, error)}
    return found


def _asked(workspace: Workspace, name: str, ask: Callable[[CampaignProvider], str]) -> tuple[str, bool]:
    kept = f"{name}, kept by {provider_name(workspace, name)}"
    try:
        with closing(_opened(workspace, name)) as provider:
            return f"{kept}: {ask(provider)}", True
    except NewsletterError as error:
        return f"{kept}: NOT done, {_by_hand(workspace, name, error)}", False


def _by_hand(workspace: Workspace, name: str, error: NewsletterError) -> str:
    return f"{error.message.rstrip('.')}. By hand: {list_provider(workspace, name).console}"


def _opened(workspace: Workspace, name: str) -> CampaignProvider:
    provider = open_provider(workspace, name)
    assert isinstance(provider, CampaignProvider)  # noqa: S101  as hosted_lists has looked
    return provider
