"""The commands that show what there is: ``sections``, ``templates``, ``providers``, ``schema``."""

from __future__ import annotations

from inspect import getdoc

import click

from newsletter.commands.arguments import examples, here
from newsletter.errors import ConfigError
from newsletter.terminal import flowing, show_json, show_result


@examples("newsletter sections")
@click.command
def sections() -> None:
    """List the section types an issue can have."""
    from newsletter.sections import section_type, section_types  # noqa: PLC0415

    for name in section_types():
        click.echo(f"{name:<12}{_summary(section_type(name))}")


@examples("newsletter checks")
@click.command
def checks() -> None:
    """List the checks with their codes; one of them is explained by: newsletter check --explain CODE."""
    from newsletter.reports import rules  # noqa: PLC0415

    lead = len("N101  warning  ")
    show_result("\n".join(flowing(f"{r.code}  {r.severity:<7}  {r.summary}", indent=" " * lead) for r in rules()))


@examples("newsletter providers")
@click.command
def providers() -> None:
    """List the ways mail can leave."""
    from newsletter.providers import provider_names, provider_type  # noqa: PLC0415

    for name in provider_names():
        try:
            told = _summary(provider_type(name))
        except ConfigError as error:  # another package's, and broken
            told = error.message
        click.echo(f"{name:<12}{told}")


@examples("newsletter schema > issues/schema.json")
@click.command
def schema() -> None:
    """Print the JSON Schema of an issue, for editors."""
    from newsletter.schema import issue_schema  # noqa: PLC0415

    show_json(issue_schema())


@examples("newsletter templates", "newsletter templates copy footer.html")
@click.group(invoke_without_command=True)
@click.pass_context
def templates(ctx: click.Context) -> None:
    """List the templates; copy one to change it."""
    if ctx.invoked_subcommand:
        return
    from newsletter.templates import own_template, template_names  # noqa: PLC0415

    root = here().root
    for name in template_names():
        click.echo(f"{name:<32}{'yours, in templates/' if own_template(root, name) else 'packaged'}")


@examples("newsletter templates copy footer.html")
@templates.command
@click.argument("name")
def copy(name: str) -> None:
    """Copy the packaged template NAME into templates/, to change it there."""
    from newsletter.templates import copy_template  # noqa: PLC0415

    root = here().root
    made = copy_template(root, name).relative_to(root)
    click.echo(f"Copied to {made.as_posix()}. It now wins over the packaged one.")


def _summary(described: type) -> str:
    return (getdoc(described) or "").split("\n", 1)[0]
