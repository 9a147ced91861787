"""``newsletter subject-access``: everything that is held about one person."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from newsletter.commands.arguments import as_json, examples, here
from newsletter.terminal import flowing, near, printable, show_result, write_result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from newsletter.commands.personal_data import Found
    from newsletter.holdings import Held

    There: TypeAlias = "Mapping[str, Mapping[str, str]]"

_TO_DO = "ask there for its queue, its logs and its own lists"


@examples(
    "newsletter subject-access sam@example.org",
    "newsletter subject-access sam@example.org --json --output answer.json",
)
@click.command("subject-access")
@click.argument("address")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a new FILE.")
@as_json
def subject_access(address: str, output: Path | None, *, as_json: bool) -> None:
    """Show everything that is held about one person: lists, opt-outs, sends, copies.

    The address may be written in any way. It is shown in full, on a terminal or not, and nobody else's is. Receipts in
    sent/ and approvals hold no reader's address. It ends with where nobody looked.
    """
    from newsletter.commands.hostedlists import held_there  # noqa: PLC0415
    from newsletter.commands.personal_data import beyond, typed_person  # noqa: PLC0415
    from newsletter.holdings import look, open_subject  # noqa: PLC0415

    workspace = here()
    with open_subject(workspace, typed_person(address)) as subject:
        found, there = look(subject), held_there(workspace, subject.address)
    not_looked_at = beyond(workspace, found, to_do=_TO_DO)
    if as_json:
        text = _as_json(subject.address, found, there, not_looked_at)
    else:
        text = "\n".join(_readable(subject.address, found, there, not_looked_at, workspace.config.zone))
    if output is None:
        show_result(text)
    else:
        write_result(output, f"{text}\n".encode())
        click.echo(f"Written to {near(output)}.", err=True)


def _readable(address: str, found: Found, there: There, not_looked_at: list[str], zone: ZoneInfo) -> Iterator[str]:
    from newsletter.commands.personal_data import bullets  # noqa: PLC0415
    from newsletter.holdings import Held  # noqa: PLC0415

    is_known = any(found.values()) or bool(there)
    yield f"What is held about {address}" if is_known else f"Nothing is held about {address}."
    for place, holdings in found.items() if is_known else ():
        yield f"\n{place.title}: {len(holdings) or 'nothing'}"
        for held in holdings:
            yield from _held(held, zone)
    if there:
        yield f"\nLists that a provider keeps: {len(there)}"
        for where, facts in there.items():
            yield from _held(Held(where, facts), zone)
    yield "\nNot looked at, and not known here:"
    yield from bullets(not_looked_at)


def _held(held: Held, zone: ZoneInfo) -> Iterator[str]:
    yield f"  {held.where}"
    shown = {name.replace("_", " "): _words(fact, zone) for name, fact in held.facts.items() if fact != ""}
    width = max(map(len, shown), default=0)
    for name, words in shown.items():
        yield flowing(f"    {printable(name):<{width}}  {printable(words)}", indent=" " * (width + 6))


def _words(fact: object, zone: ZoneInfo) -> str:
    from newsletter.datewords import format_date  # noqa: PLC0415
    from newsletter.summary import moment  # noqa: PLC0415

    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, datetime):
        return moment(fact, zone)
    return format_date(fact) if isinstance(fact, date) else str(fact)


def _as_json(address: str, found: Found, there: There, not_looked_at: list[str]) -> str:
    places = {
        place.name: [{"where": held.where, "facts": dict(held.facts)} for held in holdings]
        for place, holdings in found.items()
    }
    hosted = [{"where": where, "facts": dict(facts)} for where, facts in there.items()]
    import json  # noqa: PLC0415

    told = {"address": address, **places, "provider_lists": hosted, "not_looked_at": not_looked_at}
    return json.dumps(told, indent=2, default=lambda when: when.isoformat())
