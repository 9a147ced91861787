"""What `subject-access` and `erase` have in common: the person who was typed, and where neither of them reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from newsletter.addresses import NEEDS_SMTPUTF8, read_address
from newsletter.errors import NewsletterError, UsageError
from newsletter.git import Standing, standing
from newsletter.records import State
from newsletter.terminal import flowing, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.holdings import Held, Place

Found: TypeAlias = "Mapping[Place, tuple[Held, ...]]"

_WRITTEN_TO = {State.SUBMITTING, State.ACCEPTED, State.REJECTED, State.UNKNOWN}


def typed_person(text: str) -> str:
    """Return the address that was typed; unlike `typed_address` also one that cannot be written to.

    Raises UsageError, without the address, when it is none.
    """
    try:
        return read_address(text)
    except ValueError as error:
        if str(error) == NEEDS_SMTPUTF8:  # a list file may hold it
            return text.strip()
        raise UsageError(f"the address cannot be used: {error}", "Write it alone, as in name@example.org.") from None


def beyond(workspace: Workspace, found: Found, *, to_do: str) -> list[str]:
    """Return where nobody looked, and nothing was erased; *to_do* is said of what only the mailing service can do."""
    tracked = [file for file in _list_files(workspace) if _is_tracked(workspace.root / file)]
    git = "git: what was committed stays in its history"
    services = sorted(set(_services(found)))
    return [
        f"{git}, and {', '.join(tracked)} is tracked" if tracked else git,
        "backups: of this computer, of the list files, of .newsletter",
        "mail programs: messages that were delivered, answers, requests that came by mail",
        *(f"{service}, which mail to this address went through: {to_do}" for service in services),
        *([] if services else ["mailing services: none is known to have had this address"]),
        "newsletter.yaml, the texts of issues, files that lists were imported from or exported to",
    ]


def bullets(lines: Iterable[str]) -> Iterator[str]:
    """Yield *lines* as a list to be printed."""
    for line in lines:
        yield flowing(f"  - {printable(line)}", indent="    ")


def _services(found: Found) -> Iterator[str]:
    """Yield the provider and account of each real send in which the person was written to."""
    for held in (one for place, holdings in found.items() if place.name == "sends" for one in holdings):
        facts = held.facts
        if facts["state"] in _WRITTEN_TO and not facts["rehearsal"]:
            yield f"{facts['provider']}, {facts['account']}{_console(str(facts['provider']))}"


def _console(provider: str) -> str:
    """Return where in its console a provider keeps people, to be shown behind its name."""
    from newsletter.providers import provider_type  # noqa: PLC0415

    try:
        console = provider_type(provider).console
    except NewsletterError:  # one that is not installed any more
        return ""
    return f" ({console})" if console else ""


def _list_files(workspace: Workspace) -> list[str]:
    return sorted({chosen.file for chosen in workspace.config.lists.values() if chosen.file})


def _is_tracked(path: Path) -> bool:
    # A link is followed, or git would be asked about a file that it does not have.
    return standing(path.resolve()) is Standing.TRACKED
