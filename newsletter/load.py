"""From ``issues/2026-01.yaml`` to an Issue, or to every problem in the file at once."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import Field

from newsletter import prose
from newsletter.document import read_document
from newsletter.errors import ContentError, UsageError, did_you_mean
from newsletter.findings import BAD_IMAGE, MISSING_KEY, UNKNOWN_KEY, WRONG_KIND, Finding, Severity
from newsletter.images import read_picture
from newsletter.model import Fault, Ignore, Issue, Line, Markdown, Picture, Section, Trail, Written, YesNo, safe_link
from newsletter.problems import validate
from newsletter.sections import section_type, section_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsletter.document import Document

ISSUE_ID = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[a-z0-9-]{1,32})?")
PREHEADER_LENGTH = 100  # characters; inbox lists show 35 to 140


class IgnoredText(Written):
    """A personal-data finding that the author has looked at: for one text alone, with the reason."""

    code: Line
    text: Line
    why: Line


class IssueFile(Written):
    """The keys of an issue's file. Sections are read one by one, each by its own type."""

    subject: Line | None = None
    preheader: Line | None = None
    draft: YesNo = False
    welcome: Markdown | None = None
    sections: tuple[Any, ...]
    ignores: tuple[Line | IgnoredText, ...] = Field(default=(), alias="check-ignore")


def issue_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of all issues in the workspace *root*, oldest first; files of other names are not issues."""
    found = (path.stem for path in (root / "issues").glob("*.yaml"))
    return tuple(sorted(stem for stem in found if ISSUE_ID.fullmatch(stem)))


def misnamed(root: Path) -> tuple[str, ...]:
    """Return the YAML files beside the issues whose names are no issue ids."""
    files = (root / "issues").glob("*.y*ml")
    return tuple(sorted(p.name for p in files if p.suffix != ".yaml" or not ISSUE_ID.fullmatch(p.stem)))


def newest(root: Path) -> str:
    """Return the id of the newest monthly issue; a special edition is never chosen, it is named.

    Raises UsageError when there is none.
    """
    monthly = [issue for issue in issue_ids(root) if len(issue) == len("2026-01")]
    if not monthly:
        raise UsageError("there is no issue yet", "Write one as issues/2026-01.yaml, named by year and month.")
    return monthly[-1]


def load_issue(root: Path, issue: str, *, welcome: str = "") -> Issue:
    """Read the issue with the id *issue* in the workspace *root*; *welcome* is the workspace's standing text.

    Raises UsageError for an id that is none or does not exist, and ContentError with every problem in the file.
    """
    file = f"issues/{_checked_id(root, issue)}.yaml"
    document = read_document(_inside(root, file), file)
    month = date(int(issue[:4]), int(issue[5:7]), 1)
    head, faults = validate(IssueFile, document.value, document)
    sections, more = _read_sections(document, month)
    pictures, still_more = _read_pictures(root, sections, document)
    faults += [*more, *still_more, *_prose_faults(head, sections, document), *_subject_faults(issue, head, document)]
    if faults or head is None:
        whole = sorted({*faults, *document.findings}, key=lambda finding: (finding.place, finding.code))
        raise ContentError(f"{file} cannot be used yet", whole)
    return Issue(
        id=issue,
        subject=head.subject or f"{calendar.month_name[month.month]} {month.year} newsletter",
        preheader=head.preheader or _default_preheader(sections),
        draft=head.draft,
        welcome=head.welcome or welcome,
        sections=tuple(sections.values()),
        ignores=tuple(_ignore(entry) for entry in head.ignores),
        pictures=pictures,
        places=document,
        findings=(*document.findings, *_remarks(sections, document)),
    )


def _checked_id(root: Path, issue: str) -> str:
    known = issue_ids(root)
    if issue in known:
        return issue
    if not ISSUE_ID.fullmatch(issue):
        hint = "An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition."
        raise UsageError(f"{issue!r} is not an issue id", hint)
    hint = did_you_mean(issue, known) or f"Write it as issues/{issue}.yaml."
    raise UsageError(f"there is no issue {issue}", hint)


def _inside(root: Path, file: str) -> Path:
    path = root / file
    if not path.resolve().is_relative_to(root.resolve()):
        raise ContentError(f"{file} is a link to a file outside this workspace", ())
    return path


def _read_sections(document: Document, month: date) -> tuple[dict[int, Section], list[Finding]]:
    """Read each section by its own type: those that are right, by position, and the faults of the others."""
    written = document.value.get("sections")
    sections: dict[int, Section] = {}
    faults: list[Finding] = []
    for index, value in enumerate(written if isinstance(written, list) else ()):
        trail: Trail = ("sections", index)
        try:
            model = section_type(_type_of(value))
        except (Fault, UsageError) as error:
            code = error.code if isinstance(error, Fault) else UNKNOWN_KEY
            faults.append(_error(document, (*trail, "type"), code, error.message, error.hint))
            continue
        section, found = validate(model, value, document, under=trail, context={"near": month})
        faults += found
        if section:
            sections[index] = section
    return sections, faults


def _type_of(value: Any) -> str:
    kinds = f"The types are: {', '.join(section_types())}."
    if not isinstance(value, dict):
        raise Fault(WRONG_KIND, "a section should be a group of keys", f"Begin it with a line type: . {kinds}")
    if not isinstance(kind := value.get("type"), str):
        raise Fault(MISSING_KEY, "a section needs its type", kinds)
    return kind


def _read_pictures(
    root: Path, sections: dict[int, Section], document: Document
) -> tuple[dict[str, Picture], list[Finding]]:
    pictures: dict[str, Picture] = {}
    faults: list[Finding] = []
    for index, section in sections.items():
        for trail, image in section.images():
            try:
                pictures[image.src] = read_picture(root, image.src)
            except Fault as fault:
                where = ("sections", index, *trail, "src")
                faults.append(_error(document, where, fault.code, fault.message, fault.hint))
    return pictures, faults


def _prose_faults(head: IssueFile | None, sections: dict[int, Section], document: Document) -> Iterator[Finding]:
    """Yield a finding for every link in Markdown that cannot be sent, and every picture."""
    texts: list[tuple[Trail, str]] = [(("welcome",), head.welcome)] if head and head.welcome else []
    for index, section in sections.items():
        texts += [(("sections", index, *found.trail), found.text) for found in section.prose()]
    for trail, text in texts:
        for link in prose.links(text):
            try:
                _check_prose_link(link)
            except Fault as fault:
                place = document.place(trail, link.line)
                yield Finding(place, Severity.ERROR, fault.code, fault.message, fault.hint)


def _check_prose_link(link: prose.ProseLink) -> None:
    if link.is_image:
        raise Fault(BAD_IMAGE, "a picture inside the text", "Give the section image: {src: images/…, alt: …} instead.")
    safe_link(link.url)


def _subject_faults(issue: str, head: IssueFile | None, document: Document) -> Iterator[Finding]:
    if head and head.subject is None and len(issue) > len("2026-01"):
        hint = "Add a line subject: with what it is about."
        yield _error(document, ("subject",), MISSING_KEY, "a special edition needs its own subject", hint)


def _remarks(sections: dict[int, Section], document: Document) -> Iterator[Finding]:
    if not sections:
        place = document.place(("sections",))
        yield Finding(place, Severity.WARNING, MISSING_KEY, "the issue has no sections", "Write at least one.")


def _error(document: Document, trail: Trail, code: str, message: str, hint: str) -> Finding:
    return Finding(document.place(trail), Severity.ERROR, code, message, hint)


def _ignore(entry: str | IgnoredText) -> Ignore:
    return Ignore(entry) if isinstance(entry, str) else Ignore(entry.code, entry.text, entry.why)


def _default_preheader(sections: dict[int, Section]) -> str:
    """Join the sections' titles, cut at a word before 100 characters."""
    text = " · ".join(section.title for section in sections.values())
    if len(text) <= PREHEADER_LENGTH:
        return text
    return text[: PREHEADER_LENGTH + 1].rsplit(" ", 1)[0].rstrip(" ·,:;-–")
