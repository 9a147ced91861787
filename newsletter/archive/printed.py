"""What the archive shows of one issue: its words drawn for the web, its dates, and what it can be found by.

Building an issue takes tenths of a second, so what came of it is kept in the cache, by a hash of all that it is made
of: the issue's file and pictures, newsletter.yaml, the templates, this program, and the dates that earlier issues said.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from newsletter import __version__
from newsletter.build import build
from newsletter.cache import keep, kept
from newsletter.calendar import Entry, days_file
from newsletter.dates import restored_span
from newsletter.errors import ContentError, TemplateError
from newsletter.images import read_picture
from newsletter.load import issue_file
from newsletter.memory import recall
from newsletter.past import normal
from newsletter.prose import to_html, to_text
from newsletter.render import Adding, Shown, content_id, draw
from newsletter.templates import packaged, template_names
from newsletter.theme import tones
from newsletter.written import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newsletter.build import Built
    from newsletter.config import Workspace
    from newsletter.findings import Finding
    from newsletter.model import Issue, Picture

MEASURE = 700  # px: the text's full width on a page
PICTURES = "images"  # the folder of the archive's pictures
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)\S+")
_FORM = "2"  # rises when the same issue would be shown, or what is shown be kept, in another way


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is listed and found: its title, the soft line below that, and its words."""

    title: str
    outline: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A course without dates, and where it is booked: an address or nothing."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Printed:
    """An issue in the archive. *opening* and *body* are the HTML of its welcome and sections.

    *pictures* has the file of each by its name in the archive; *made_of* is the hash of all else that it came from.
    """

    id: str
    subject: str
    preheader: str
    opening: str = field(repr=False)
    body: str = field(repr=False)
    words: tuple[str, ...]  # of its subject, preheader and own welcome
    parts: tuple[Part, ...]
    entries: tuple[Entry, ...]
    undated: tuple[Course, ...]
    pictures: dict[str, str]
    made_of: str = ""

    @property
    def page(self) -> str:
        """The name of its page; "View in browser" in the email leads there."""
        return f"{self.id}.html"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An issue that the archive does not show, and why: a draft, or one with *errors*."""

    issue: str
    message: str
    errors: tuple[Finding, ...] = ()
    is_draft: bool = False


def seed(workspace: Workspace) -> str:
    """Return the hash of what every issue is made of: this program, newsletter.yaml and the templates."""
    made_of = sha256(f"{__version__} {_FORM} {workspace.config.model_dump_json()}".encode())
    for folder in (packaged(), workspace.root / "templates"):
        for path in sorted(path for path in folder.rglob("*.*") if path.is_file()):
            made_of.update(path.relative_to(folder).as_posix().encode() + sha256(path.read_bytes()).digest())
    return made_of.hexdigest()


def print_issue(workspace: Workspace, issue: str, common: str) -> Printed | LeftOut:
    """Return what the archive shows of *issue*, or why it shows nothing. *common* is their `seed`."""
    try:
        made_of = _made_of(workspace, issue, common)
        file = workspace.state / "cache" / "archive" / f"{made_of}.json"
        if (body := kept(file)) is not None and _is_current(found := _printed(json.loads(body)), workspace.root):
            return found
        built = build(workspace, issue)
        if built.issue.draft:
            return LeftOut(issue, f"{built.shown.subject} is still a draft", is_draft=True)
        if built.errors:
            return LeftOut(issue, f"issues/{issue}.yaml has errors", built.errors)
        # str() of a date, a time or a moment is its ISO form. What is new comes out as what was kept will.
        body = json.dumps(asdict(_print(built, workspace, made_of)), default=str).encode()
    except (ContentError, TemplateError) as error:
        return LeftOut(issue, error.message, error.findings)
    keep(file, body)
    return _printed(json.loads(body))


def adding(entries: Iterable[Entry]) -> dict[str, Adding]:
    """Return, by UID, the links that add *entries* of one page to a calendar; none for what is cancelled.

    The text names the day; where two share it, the event too: WCAG 2.2, 2.4.4.
    """
    shown = [entry for entry in entries if not entry.is_cancelled]
    short = {entry.uid: entry.label.removesuffix(f": {entry.title}") for entry in shown}
    uses = Counter(short.values())
    return {
        entry.uid: Adding(short[entry.uid] if uses[short[entry.uid]] == 1 else entry.label, entry.file)
        for entry in shown
    }


def show(picture: Picture) -> Shown:
    """Return *picture* as a page shows it: as wide as it is, or as the text."""
    scale = min(1, MEASURE / picture.width)
    url = f"{PICTURES}/{content_id(picture)}"
    return Shown(
        url, picture.width, picture.height, round(picture.width * scale), max(1, round(picture.height * scale))
    )


def words_of(*texts: str) -> tuple[str, ...]:
    """Return the words in *texts*, each once and folded as static/search.js folds what is typed; addresses are none."""
    folded = normalize("NFKD", _ADDRESS.sub(" ", " ".join(texts))).casefold()
    plain = re.sub("[\u0300-\u036f'\u2019]", "", folded)
    return tuple(sorted(set(re.findall(r"[^\W_]+", plain))))


def _made_of(workspace: Workspace, issue: str, common: str) -> str:
    """Return the hash of what *issue* is made of, but for its pictures."""
    past, _ = recall(workspace, issue)
    said = [
        (one.issue, at.title, at.span, at.is_session, at.cancelled, at.is_sure, at.location)
        for one in past
        if one.issue < issue
        for at in one.events
    ]
    data = issue_file(workspace.root, issue).read_bytes()
    return sha256(f"{common} {issue} {said!r} ".encode() + data).hexdigest()


def _is_current(printed: Printed, root: Path) -> bool:
    """Tell whether the pictures of *printed* are still those in the workspace *root*."""
    try:
        return all(name == content_id(read_picture(root, src)) for name, src in printed.pictures.items())
    except Fault:
        return False


def _print(built: Built, workspace: Workspace, made_of: str) -> Printed:
    issue, sessions = built.issue, [entry for entry in built.entries if entry.is_session]
    links = adding(sessions)
    values = {
        "issue": issue,
        "organisation": workspace.config.organisation,
        "pictures": {src: show(picture) for src, picture in issue.pictures.items()},
        "adding": {(normal(one.title), one.span): links[one.uid] for one in sessions if one.uid in links},
        "days_url": days_file(issue.id) if any(not entry.is_session for entry in built.entries) else "",
        "templates": {one.type: _template(one.type) for one in issue.sections},  # type: ignore[attr-defined]
        "light": tones(workspace.config.theme.accent).light,
    }
    own = issue.welcome if "welcome" in issue.stated else ""
    return Printed(
        issue.id,
        issue.subject,
        issue.preheader,
        to_html(issue.welcome),
        draw("archive/sections.html", values, root=workspace.root),
        words_of(issue.subject, issue.preheader, to_text(own)),
        tuple(_parts(issue)),
        built.entries,
        tuple(_undated(issue)),
        {content_id(picture): src for src, picture in issue.pictures.items()},
        made_of,
    )


def _template(kind: str) -> str:
    """Return the template of a type of section: that for the web, or where there is none that of the email."""
    name = f"sections/{kind}.html"
    return f"archive/{name}" if f"archive/{name}" in template_names() else name


def _parts(issue: Issue) -> Iterator[Part]:
    texts = list(issue.words())
    for index, section in enumerate(issue.sections):
        inside = [to_text(text.text) for text in texts if text.trail[:2] == ("sections", index)]
        yield Part(section.title, section.outline, words_of(*inside))


def _undated(issue: Issue) -> Iterator[Course]:
    targets = list(issue.targets())
    for course in issue.undated():
        urls = (target.url for target in targets if target.trail[: len(course.trail)] == course.trail)
        yield Course(course.title, next(urls, ""))


def _printed(told: dict[str, Any]) -> Printed:
    """Return what was kept as JSON."""
    return Printed(
        **told
        | {
            "words": tuple(told["words"]),
            "parts": tuple(Part(one["title"], one["outline"], tuple(one["words"])) for one in told["parts"]),
            "entries": tuple(_entry(one) for one in told["entries"]),
            "undated": tuple(Course(**one) for one in told["undated"]),
        }
    )


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(**told | {"span": restored_span(told["span"]), "stamp": datetime.fromisoformat(told["stamp"])})
