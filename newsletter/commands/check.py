"""``newsletter check``: wrong content does not leave."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from newsletter.commands.arguments import complete_issue, examples, here, issues_meant
from newsletter.commands.repairs import mend_issues
from newsletter.errors import ContentError, TemplateError, UsageError, did_you_mean
from newsletter.terminal import (
    count,
    flowing,
    folded,
    hint_lines,
    printable,
    progress,
    show_findings,
    show_next,
    show_result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from newsletter.config import Workspace
    from newsletter.findings import Finding
    from newsletter.reports import Checked, Report, Rule
    from newsletter.weblinks import Verdict


def _day(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the day that *text* says, as people write it or as 2026-01-05."""
    from newsletter.dates import DateError, read_span  # noqa: PLC0415

    if text is None:
        return None
    try:
        span = read_span(text)
    except DateError as error:
        raise click.BadParameter(f"{error.message}. Write it as in 2026-01-05.") from None
    if span.is_range or span.start:
        raise click.BadParameter(f'"{printable(text)}" is not one day. Write it as in 2026-01-05.')
    return span.first


def complete_code(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the codes of checks."""
    from newsletter.reports import rules  # noqa: PLC0415

    return [CompletionItem(r.code, help=r.summary) for r in rules() if r.code.startswith(incomplete.upper())]


@examples(
    "newsletter check",
    "newsletter check 2025-12 --on 2026-01-05",
    "newsletter check --all --strict --format github",
    "newsletter check --explain N101",
)
@click.command
@click.argument("issues", metavar="[ISSUE]...", nargs=-1, shell_complete=complete_issue)
@click.option("--all", "every", is_flag=True, help="Check every issue there is.")
@click.option("--on", callback=_day, metavar="DATE", help="The day of sending, if not today.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.option("--links", is_flag=True, help="Fetch each link once, to see whether it works.")
@click.option("--fix", is_flag=True, help="First mend what is safe to mend: dates to one style, lists into order.")
@click.option("--diff", is_flag=True, help="Show what --fix changes; without --fix, change nothing.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text",
    help="For a person (text), a script, or a code host.",
)  # fmt: skip
@click.option("--explain", metavar="CODE", shell_complete=complete_code, help="Explain a check, and stop.")
def check(
    issues: tuple[str, ...], on: date | None, form: str, explain: str | None, *,
    every: bool, strict: bool, links: bool, fix: bool, diff: bool,
) -> None:  # fmt: skip
    """Check an issue: the newest, or those named.

    Says what is wrong, where, and what to write instead. Ends with 1 when there are errors, and when --diff alone
    shows that there is something to mend.
    """
    if explain is not None:
        _explain(explain)
        return
    if diff and form != "text":
        raise UsageError("--diff is for a person to read: leave out --format")
    workspace = here()
    wanted = issues_meant(workspace, issues, every=every)
    is_left = mend_issues(workspace, wanted, fix=fix, diff=diff) if fix or diff else False
    told = _check(workspace, wanted, on, _fetch(workspace, wanted) if links else None, every=every)
    if form == "text":
        _show(told)
        options = _options(on, strict=strict, links=links)
        _show_next(told, "--all" if every else " ".join(wanted), options, is_left=is_left)
    elif printed := _printed(told, form):
        show_result(printed)
    if is_left or told.errors or (strict and told.warnings):
        raise click.exceptions.Exit(1)


def _fetch(workspace: Workspace, wanted: Sequence[str]) -> dict[str, Verdict]:
    """Fetch the links of the issues *wanted*, under a bar, and return what was said of each."""
    from newsletter.linkcheck import fetch_links, links_of, wire_of  # noqa: PLC0415
    from newsletter.load import load_issue  # noqa: PLC0415

    urls: dict[str, None] = {}
    for issue in wanted:
        with suppress(ContentError):  # told by the checks
            urls |= dict.fromkeys(links_of(load_issue(workspace.root, issue, welcome=workspace.config.welcome or "")))
    fetched: dict[str, Verdict] = {}
    answers = fetch_links(urls, workspace.state / "cache" / "working-links", wire_of(workspace))
    told = lambda: f"{len(fetched):,} of {count(len(urls), 'link')}"  # noqa: E731
    fetched.update(progress(answers, length=len(urls), info=told, label="Checking"))
    return fetched


def _check(
    workspace: Workspace, wanted: Sequence[str], on: date | None, verdicts: Mapping[str, Verdict] | None, *, every: bool
) -> Report:
    """Check the issues *wanted*; if that is *every* one, the rest of the workspace too."""
    from newsletter.load import misnamed  # noqa: PLC0415
    from newsletter.reports import Checked, report  # noqa: PLC0415

    checked = [_check_one(workspace, issue, on, verdicts) for issue in wanted]
    if not every:
        return report(checked)
    idle = _idle(workspace, checked)
    for name in misnamed(workspace.root):
        file = f"issues/{name}"
        error = ContentError(f"{file}: not checked, its name is no issue id", (), "Name it as in 2026-01.yaml.")
        checked.append(Checked("", file, error=error))
    return report(checked, idle)


def _check_one(workspace: Workspace, issue: str, on: date | None, verdicts: Mapping[str, Verdict] | None) -> Checked:
    from newsletter.build import build  # noqa: PLC0415
    from newsletter.reports import Checked  # noqa: PLC0415

    file = f"issues/{issue}.yaml"
    try:
        return Checked(issue, file, build(workspace, issue, on=on, verdicts=verdicts))
    except (ContentError, TemplateError) as error:
        if click.get_current_context().find_root().params["debug"]:
            raise
        return Checked(issue, file, error=error)


def _idle(workspace: Workspace, checked: Sequence[Checked]) -> tuple[Finding, ...]:
    """Return the findings about codes that newsletter.yaml switches off and no issue has, if all could be read."""
    from newsletter.review import discreet, switched_off_faults  # noqa: PLC0415

    ignored = workspace.config.checks.ignore
    idle = set(ignored).difference(*(one.built.switched_off for one in checked if one.built))
    whole = all(one.built for one in checked)
    return discreet(switched_off_faults(workspace, idle if whole else ()), workspace.root)


def _printed(told: Report, form: str) -> str:
    from newsletter.reports import as_annotations, as_json, as_sarif  # noqa: PLC0415

    return {"json": as_json, "github": as_annotations, "sarif": as_sarif}[form](told)


def _show(told: Report) -> None:
    """Print the findings, a line for how each issue stands, and the sum."""
    from newsletter.reports import tallied, verdict  # noqa: PLC0415

    show_findings(told.findings)
    lines = [folded(verdict(one.built)) if one.built else _stopped(one) for one in told.checked]
    if len(lines) > 1:
        number = count(sum(bool(one.issue) for one in told.checked), "issue")
        lines.append(f"{click.style(f'{number}:', bold=True)} {tallied(told.counts)}.")
    show_result("\n".join([*([""] if told.findings else []), *lines]))


def _stopped(one: Checked) -> str:
    """Return what stopped a file, as the program says any error."""
    error = one.error
    message, hint = (error.message, error.hint) if error else ("", "")
    told = folded(f"{click.style('error', fg='red', bold=True)}: {printable(message)}", indent="")
    return "\n".join([told, *hint_lines(hint)])


def _options(on: date | None, *, strict: bool, links: bool) -> str:
    """Return the options with which the same command checks the same again, each with a blank before it."""
    options = ((f" --on {on}", on), (" --strict", strict), (" --links", links))
    return "".join(text for text, is_given in options if is_given)


def _show_next(told: Report, wanted: str, options: str, *, is_left: bool) -> None:
    for number, what in (told.errors, "error"), (told.warnings if "--strict" in options else 0, "warning"):
        if number:
            show_next(f"mend the {what}{'s' if number > 1 else ''}, then", f"newsletter check {wanted}{options}")
            return
    if is_left:
        show_next("mend the dates as shown", f"newsletter check {wanted}{options} --fix")
        return
    warnings = "the warning" if told.warnings == 1 else f"the {told.warnings:,} warnings"
    first = f"look at {warnings} above, then " if told.warnings else ""
    show_next(f"{first}build {'it' if len(told.checked) == 1 else 'them'}", f"newsletter build {wanted}")


def _explain(code: str) -> None:
    """Print what a check is about."""
    from newsletter.reports import rules  # noqa: PLC0415

    known: dict[str, Rule] = {name.casefold(): rule for rule in rules() for name in (rule.code, rule.name)}
    rule = known.get(code.casefold())
    if rule is None:
        hint = did_you_mean(code, known).replace('"n', '"N')
        raise UsageError(f'there is no check "{code}"', hint or "To see them all: newsletter checks")
    show_result(f"{click.style(f'{rule.code} {rule.name}', bold=True)}, {rule.severity}\n{flowing(rule.explanation)}")
