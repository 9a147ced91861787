"""The checks: one file each. ``N1xx`` reads the issue as written, ``N2xx`` the finished mail.

A check is a module with CODE, a docstring that explains it to an editor, and one generator of findings, ``check``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.findings import Finding
    from newsletter.message import Edition
    from newsletter.model import Issue

PACKAGE = __name__


def check_issue(issue: Issue) -> Iterator[Finding]:
    """Yield what the checks of the issue as written find."""
    for module in _modules("N1"):
        yield from module.check(issue)


def check_mail(issue: Issue, edition: Edition) -> Iterator[Finding]:
    """Yield what the checks of the finished mail find."""
    for module in _modules("N2"):
        yield from module.check(issue, edition)


def _modules(family: str) -> Iterator[Any]:
    for name in registry.names(PACKAGE):
        module: Any = registry.plugin(PACKAGE, name, kind="check")
        if module.CODE.startswith(family):
            yield module
