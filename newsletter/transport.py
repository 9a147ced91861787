"""Which provider a list goes out through, opened with its settings, its secrets and this computer's way to the net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.credentials import read_secret
from newsletter.errors import ConfigError, UsageError
from newsletter.providers import CampaignProvider, Machine, provider_type

if TYPE_CHECKING:
    from newsletter.config import Workspace
    from newsletter.providers import AnyProvider


def provider_name(workspace: Workspace, list_name: str) -> str:
    """Return the provider that the list goes out through."""
    return workspace.list_config(list_name).provider or workspace.config.provider


def list_provider(workspace: Workspace, list_name: str) -> type[AnyProvider]:
    """Return the kind of provider that the list goes out through. Raises ConfigError when there is none such."""
    name = provider_name(workspace, list_name)
    try:
        return provider_type(name)
    except UsageError as error:
        raise ConfigError(f"newsletter.yaml: {error.message}", error.hint) from error


def open_provider(workspace: Workspace, list_name: str) -> AnyProvider:
    """Return the provider of a list, with its settings.

    Raises ConfigError for settings that it does not know, and for a file where it keeps its lists itself.
    """
    config, chosen, name = workspace.config, workspace.list_config(list_name), provider_name(workspace, list_name)
    kind = list_provider(workspace, list_name)
    if chosen.file and issubclass(kind, CampaignProvider):
        hint = f"Put the people on a list at {name}, name it with audience: there, and take out file:"
        raise ConfigError(f"newsletter.yaml: lists: {list_name}: {name} keeps its lists itself, not in a file", hint)
    machine = Machine(
        workspace.state,
        lambda secret: read_secret(secret, state=workspace.state, list_name=list_name),
        ca=workspace.ca,
        proxy=config.network.proxy,
    )
    return kind({**config.providers.get(name, {}), **(chosen.model_extra or {})}, machine)
