"""Where issues are built for the preview: when somebody looks, once for each state of the files.

What could be built last is kept, so that an issue that is broken for a moment can still be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

from newsletter.build import Built, bodies, build, sample
from newsletter.config import open_workspace
from newsletter.crashes import in_words
from newsletter.errors import ConfigError
from newsletter.images import read_picture
from newsletter.render import content_id
from newsletter.reports import Checked
from newsletter.review import discreet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.errors import NewsletterError


@dataclass(frozen=True, slots=True)
class Copy:
    """What the sample person gets of an issue: the whole *message*, its *html* and *text*, and the pictures shown.

    *pictures* has kind and bytes of each by its name; in *html* each stands as ``images/`` and that name.
    """

    built: Built
    workspace: Workspace
    message: bytes
    html: str
    text: str
    pictures: Mapping[str, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Look:
    """How an issue stood when somebody looked: the *copy* that could last be built, and what stops the newest one."""

    issue: str
    copy: Copy | None = None
    error: NewsletterError | None = None
    seconds: float = 0.0
    age: int = -1  # which state of the files it is of

    @property
    def checked(self) -> Checked:
        """The issue as reports take it."""
        built = self.copy.built if self.copy and not self.error else None
        return Checked(self.issue, f"issues/{self.issue}.yaml", built, self.error)


class Bench:
    """Builds the issues of the workspace *root*. May be used from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.age = 0
        self._looks: dict[str, Look] = {}
        self._lock = Lock()

    def stale(self) -> None:
        """Say that files have changed."""
        self.age += 1

    def look(self, issue: str) -> Look:
        """Return how *issue* stands, built anew when files have changed. Raises nothing: what is wrong is told."""
        with self._lock:
            known = self._looks.get(issue, Look(issue))
            if known.age != self.age:
                known = self._looks[issue] = self._again(known)
            return known

    def _again(self, known: Look) -> Look:
        age, start = self.age, perf_counter()  # what changes from here on makes it stale at once
        try:
            found = replace(known, copy=_copy(_open(self.root), known.issue), error=None)
        except Exception as error:  # noqa: BLE001  a template may do anything; the page stays and tells of it
            found = replace(known, error=in_words(error))
        return replace(found, seconds=perf_counter() - start, age=age)


def _open(root: Path) -> Workspace:
    """Open the workspace *root*. Raises ConfigError, fit to be shown."""
    try:
        return open_workspace(root)
    except ConfigError as error:
        error.findings = discreet(error.findings, root)
        raise


def _copy(workspace: Workspace, issue: str) -> Copy:
    """Build *issue* and return the sample person's copy."""
    config = workspace.config
    built = build(workspace, issue)
    message = sample(built.edition, workspace)
    text, html = bodies(message)
    pictures = {image.content_id: (image.subtype, image.data) for image in built.edition.images}
    if config.archive_url:  # they are linked there, and not yet there
        shown = [*built.issue.pictures.values()]
        shown += [read_picture(workspace.root, config.theme.logo)] if config.theme.logo else []
        pictures = {content_id(picture): (picture.kind, picture.data) for picture in shown}
    for name in pictures:
        for linked in (f"cid:{name}", f"{config.archive_url}images/{name}"):
            html = html.replace(linked, f"images/{name}")
    return Copy(built, workspace, message, html, text, pictures)
