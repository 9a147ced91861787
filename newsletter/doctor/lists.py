"""Each list: who is on it and how they agreed, and the provider that it goes out through."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from newsletter import people
from newsletter.credentials import read_secret
from newsletter.doctor import Diagnosis, Level, error, ok, told, warning
from newsletter.doctor.files import list_rights, shared_by_git
from newsletter.errors import ConfigError, ContentError, NewsletterError, RefusedError, did_you_mean
from newsletter.listfile import read_list
from newsletter.preflight import is_example
from newsletter.providers import CampaignProvider, provider_names
from newsletter.terminal import count
from newsletter.tokens import workspace_key
from newsletter.transport import list_provider, open_provider, provider_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from newsletter.audience import Person
    from newsletter.config import Workspace


def configuration(workspace: Workspace) -> Iterator[Diagnosis]:
    """Say whether newsletter.yaml names lists, and under "providers" only those that there are."""
    config = workspace.config
    for name in sorted(set(config.providers) - set(provider_names())):
        hint = did_you_mean(name, provider_names()) or "To see what there is:\n  newsletter providers"
        yield error(f'newsletter.yaml: providers: there is no "{name}"', hint)
    if config.lists:
        yield ok(f"newsletter.yaml can be used, and names {count(len(config.lists), 'list')}")
    else:
        yield warning("newsletter.yaml names no list", "Add one:\n  lists: {practitioners: {title: Practitioners}}")


def is_for_real(workspace: Workspace) -> bool:
    """Say whether mail leaves this computer for any list."""
    with suppress(NewsletterError):  # a provider that there is not is told of with its list
        return not all(list_provider(workspace, name).is_rehearsal for name in workspace.config.lists)
    return True


def examine_list(workspace: Workspace, name: str) -> Iterator[Diagnosis]:
    """Say how the list *name* is: its people, and the provider that it goes out through."""
    try:
        kind = list_provider(workspace, name)
    except NewsletterError as fault:
        yield told(fault)
        return
    if file := workspace.list_config(name).file:
        yield from _in_file(workspace, name, file)
    elif not issubclass(kind, CampaignProvider):
        yield from _kept_here(workspace, name)
    secrets = [_secret(workspace, name, secret) for secret in kind.secrets]
    yield from secrets
    if all(found.level is Level.OK for found in secrets):
        yield from _provider(workspace, name)


def _in_file(workspace: Workspace, name: str, file: str) -> Iterator[Diagnosis]:
    """Say whether *file* can be used as the list *name*, whether all agreed, and who else can read it."""
    try:
        path = workspace.inside(file)
        audience = read_list(path, file, name=name, source=workspace.list_config(name).source or "")
    except ContentError as fault:
        yield error(fault.message, f"See what is wrong with it:\n  newsletter lists show {name}")
        return
    except ConfigError as fault:
        yield told(fault)
        return
    yield _consent(file, audience.people)
    if all(is_example(person.address.rpartition("@")[2]) for person in audience.people):
        yield ok(f"{file} holds examples alone: anybody may see them")
        return
    yield from list_rights(file, path)
    yield from shared_by_git(path, file)


def _kept_here(workspace: Workspace, name: str) -> Iterator[Diagnosis]:
    """Say whether anybody is on the list *name*, which is kept in the state, and whether all agreed."""
    members: Collection[Person] = ()
    try:
        if os.path.lexists(workspace.state / people.FILE):  # the key of a new workspace is made by who needs it
            with people.open_people(workspace.state, workspace_key(workspace.state)) as opened:
                members = opened.audience(name).people
    except NewsletterError as fault:
        yield told(fault)
        return
    if members:
        yield _consent("people.db", members)
    else:
        hint = f"Put people on it:\n  newsletter lists import {name} FILE.csv --source TEXT"
        yield warning("Nobody is on it, or all have opted out", hint)


def _consent(kept: str, members: Collection[Person]) -> Diagnosis:
    """Say whether it is written down of all *members* how they agreed: PECR wants consent, and proof of it."""
    silent = sum(not person.source for person in members)
    if not silent:
        return ok(f"{kept}: {count(len(members), 'person')}, each with a consent source")
    hint = 'Write down how they agreed: in the column "source", or in newsletter.yaml as the source: of the list.'
    return warning(f"{kept}: {silent:,} of {count(len(members), 'person')} without a consent source", hint)


def _secret(workspace: Workspace, list_name: str, secret: str) -> Diagnosis:
    try:
        read_secret(secret, state=workspace.state, list_name=list_name)
    except ConfigError as fault:
        return told(fault)
    return ok(f"{secret} is there")


def _provider(workspace: Workspace, list_name: str) -> Iterator[Diagnosis]:
    """Say whether the provider takes its settings and its key, and can be reached; nothing is sent."""
    chosen = provider_name(workspace, list_name)
    try:
        with closing(open_provider(workspace, list_name)) as provider:
            if provider.is_rehearsal:
                yield ok(f"{chosen}: a rehearsal, nothing leaves this computer")
                return
            lines = provider.verify() or (f"mail leaves by {provider.account}",)
            yield from (ok(f"{chosen}: {line}") for line in lines)
            if isinstance(provider, CampaignProvider):
                found = provider.audience()
                yield ok(f'{chosen}: the audience "{found.name}" has {count(found.people, "person")}')
    except RefusedError as fault:  # not reached, or asked to come back later
        yield told(fault, level=Level.WARNING)
    except NewsletterError as fault:
        yield told(fault)
