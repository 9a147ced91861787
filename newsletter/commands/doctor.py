"""``newsletter doctor``: what would spoil a send, found before it."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from newsletter.commands.arguments import as_json, examples, here
from newsletter.terminal import columns, count, near, printable, show_json, show_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.config import Workspace
    from newsletter.doctor import Diagnosis

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
_INDENT = " " * len("  warning  ")


@examples("newsletter doctor", "newsletter doctor --json")
@click.command
@as_json
def doctor(*, as_json: bool) -> None:
    """Say whether everything is ready for a send.

    It looks at newsletter.yaml, keys, the rights of files, git, the lists, their providers, and at what the DNS says of
    the sender's domain. It sends nothing, and shows no key. What cannot be asked, as without a network, is a warning.
    It ends with 3 when there is an error.
    """
    from newsletter.doctor import Level  # noqa: PLC0415

    found: list[tuple[str, Diagnosis]] = []
    for about, diagnoses in _examine(here()):
        if not as_json:
            click.echo(nl=bool(found))
            click.secho(printable(about), bold=True)
        for diagnosis in diagnoses:
            found.append((about, diagnosis))
            if not as_json:
                _show(diagnosis)
    levels = [one.level for _, one in found]
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARNING)
    if as_json:
        lines = [{"about": about, "level": one.level, "message": one.message, "hint": one.hint} for about, one in found]
        show_json({"errors": errors, "warnings": warnings, "lines": lines})
    else:
        show_result(f"\n{count(errors, 'error')}, {count(warnings, 'warning')}.")
    raise click.exceptions.Exit(3 if errors else 0)


def _examine(workspace: Workspace) -> Iterator[tuple[str, Iterator[Diagnosis]]]:
    """Yield what is looked at, and how it is: what is here first, then what must be asked for over the network."""
    from newsletter.doctor.domain import examine_domain, sending_of  # noqa: PLC0415
    from newsletter.doctor.lists import examine_list  # noqa: PLC0415
    from newsletter.doctor.names import Names  # noqa: PLC0415
    from newsletter.preflight import is_example  # noqa: PLC0415
    from newsletter.transport import provider_name  # noqa: PLC0415

    yield "This workspace", _workspace(workspace)
    yield "This computer", _computer(workspace)
    for name in workspace.config.lists:
        yield f"The list {name}, through {provider_name(workspace, name)}", examine_list(workspace, name)
    sending = sending_of(workspace)
    if not is_example(sending.domain):
        yield f"The domain {sending.domain}", examine_domain(sending, Names())


def _workspace(workspace: Workspace) -> Iterator[Diagnosis]:
    from newsletter.doctor import computer, files, lists  # noqa: PLC0415

    yield from lists.configuration(workspace)
    yield from computer.readiness(workspace, for_real=lists.is_for_real(workspace))
    if workspace.state.exists():
        yield from files.rights(workspace.state)  # before a database is opened: that mends its own file
        yield from files.keys(workspace.state)
        yield from files.shared_by_git(workspace.state, near(workspace.state))
    yield from files.templates(workspace.root)


def _computer(workspace: Workspace) -> Iterator[Diagnosis]:
    from newsletter.doctor import computer  # noqa: PLC0415

    yield from computer.python()
    yield from computer.clock(workspace, datetime.now(UTC))
    yield from computer.keyring()
    yield from computer.proxy(workspace)


def _show(diagnosis: Diagnosis) -> None:
    """Print one diagnosis, filled to the width of the page; lines of a hint that are indented stay whole, to copy."""
    from newsletter.personal import mask  # noqa: PLC0415

    level, width = diagnosis.level, max(columns() - len(_INDENT), 24)
    lead = f"  {click.style(level, fg=_COLOURS[level])}{' ' * (len(_INDENT) - len(level) - 2)}"
    for written in (diagnosis.message, *diagnosis.hint.splitlines()):
        line = printable(mask(written))
        whole = line.startswith(" ")
        for part in [line] if whole else wrap(line, width, break_long_words=False, break_on_hyphens=False):
            click.echo(f"{lead}{part}")
            lead = _INDENT
