"""The checks: one file each. ``N1xx`` reads the issue as written, ``N2xx`` the finished mail.

A check is a module with CODE, SEVERITY, a docstring that explains it to an editor (its first line names the fault, and
``newsletter check --explain`` prints all of it), and one generator of remarks, ``check``: of a `Context` for N1xx, of a
`Mail` for N2xx. A check reads nothing but what it is given: no clock, no file, no network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from inspect import getdoc
from json import dumps
from typing import TYPE_CHECKING, Any

from newsletter import registry
from newsletter.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from newsletter.message import Edition
    from newsletter.model import Event, Issue, Linked
    from newsletter.page import Page
    from newsletter.past import Past
    from newsletter.weblinks import Verdict

PACKAGE = __name__


@dataclass(frozen=True, slots=True)
class Context:
    """All that a check of the issue may know.

    *on* is the day of sending. *others* are the issues of the months around it, the oldest first, and *unread* the
    files of those that could not be read. *bank_holidays* are those of every year that the issue has a session in.
    *verdicts* are what fetching the links said, by web address; without ``--links`` there are none.
    """

    issue: Issue
    on: date
    zone: ZoneInfo
    others: tuple[Past, ...] = ()
    unread: tuple[str, ...] = ()
    bank_holidays: Mapping[date, str] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    def events(self) -> Iterator[Event]:
        """Yield every event whose day is known. Of one with a wrong weekday N101 speaks, and no other check."""
        return (event for event in self.issue.events() if event.span.is_sure)


@dataclass(frozen=True)
class Mail:
    """The finished mail of an issue, with the parts that are still to be filled in for each person.

    *archive_url* is the only place on the web that it may show pictures from; *accent* the colour the workspace gives.
    """

    issue: Issue
    edition: Edition
    archive_url: str = ""
    accent: str = ""

    @property
    def place(self) -> Place:
        """Where to point when the fault has no line of its own: the issue's file."""
        return Place(f"issues/{self.issue.id}.yaml")

    @cached_property
    def written(self) -> tuple[Linked, ...]:
        """The links that the author wrote; all others are a template's."""
        return tuple(self.issue.links())

    def place_of(self, url: str) -> Place:
        """Return where the author wrote the link *url*; the issue's file for one of a template."""
        return next((link.place for link in self.written if link.url == url), self.place)

    @cached_property
    def page(self) -> Page:
        """The HTML, read once for all checks."""
        from newsletter.page import Page  # noqa: PLC0415  lxml is slow to import

        return Page(self.edition.html)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check says: where, what, and what to do; *words* are the very words meant, for an author to excuse.

    *severity* stands only where it is another than the check's.
    """

    place: Place
    message: str
    hint: str
    words: str = ""
    severity: Severity | None = None


def excusing(code: str, *words: str) -> str:
    """Return the lines of a hint that say how to excuse each of *words*, by what an author can paste."""
    lines = [f'- {{code: {code}, text: {dumps(one, ensure_ascii=False)}, why: "the reason"}}' for one in words]
    return "\n".join(["If it is meant, write below check-ignore:", *lines])


@dataclass(frozen=True, slots=True)
class Check:
    """A check as the command line lists and explains it."""

    name: str
    code: str
    severity: Severity
    explanation: str
    run: Callable[[Any], Iterator[Remark]]
    is_steady: bool  # it finds the same on any day, and without asking the network


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check there is, by its code."""
    return tuple(sorted(map(_check, registry.names(PACKAGE)), key=lambda check: check.code))


def _check(name: str) -> Check:
    module: Any = registry.plugin(PACKAGE, name, kind="check")
    is_steady = getattr(module, "IS_STEADY", True)
    return Check(name, module.CODE, module.SEVERITY, getdoc(module) or "", module.check, is_steady)


def check_issue(context: Context) -> Iterator[Finding]:
    """Yield what the checks of the issue as written find."""
    yield from _run("N1", context)


def check_mail(mail: Mail) -> Iterator[Finding]:
    """Yield what the checks of the finished mail find."""
    yield from _run("N2", mail)


def _run(family: str, given: Context | Mail) -> Iterator[Finding]:
    for check in all_checks():
        if check.code.startswith(family):
            for told in check.run(given):
                severity = told.severity or check.severity
                yield Finding(told.place, severity, check.code, told.message, told.hint, told.words)
