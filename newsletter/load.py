"""From ``issues/2026-01.yaml`` to an Issue, or to every problem in the file at once."""

from __future__ import annotations

import os
import re
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, model_validator

from newsletter.datewords import format_month
from newsletter.document import read_document
from newsletter.errors import ContentError, UsageError, did_you_mean
from newsletter.files import inside
from newsletter.findings import (
    MISSING_KEY,
    NOT_YAML,
    UNKNOWN_KEY,
    WRONG_KIND,
    Finding,
    Place,
    Severity,
    Trail,
)
from newsletter.images import read_picture
from newsletter.model import Ignore, Issue, Picture, Prose, Section
from newsletter.past import month_of
from newsletter.personal import mask
from newsletter.problems import told, validate
from newsletter.sections import section_type, section_types
from newsletter.written import Fault, Line, Markdown, Title, Written, YesNo, line_or_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from pydantic_core import CoreSchema

    from newsletter.document import Document

# No two hyphens in a row: "--" parts the issue from the list in the names of receipts.
ISSUE_ID = re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])(?!.{34})(-[a-z0-9]+)*")
PREHEADER_LENGTH = 100  # characters; inbox lists show 35 to 140

_IGNORES = "check-ignore"


class Ignored(Written):
    """A check that the author has looked at: its code, or for one text alone with the reason why."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"text": ["why"], "why": ["text"]}})

    code: Line = Field(description="The code of the check, as in N121.")
    text: Line | None = Field(None, description="The very text that is meant; everything else is still checked.")
    why: Line | None = Field(None, description="The reason, for whoever reads this later.")

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        return {"code": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _with_reason(self) -> Ignored:
        if (self.text is None) != (self.why is None):
            raise Fault(MISSING_KEY, '"text" and "why" belong together', "Write both, or only the code.")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return line_or_keys(handler(schema), "N121")


class IssueFile(Written):
    """The keys of an issue's file. Sections are read one by one, each by its own type."""

    subject: Title | None = Field(
        None, description='The subject and the headline. Left out: "January 2026 newsletter", from the file\'s name.'
    )
    preheader: Line | None = Field(
        None, description="What inboxes show after the subject. Left out: the titles of the first sections."
    )
    draft: YesNo = Field(default=False, description="true: it is not ready, and cannot be sent.")
    welcome: Markdown | None = Field(None, description="The opening text, in Markdown. Left out: newsletter.yaml's.")
    sections: tuple[Any, ...] = Field(description="The sections, in the order in which they appear.")
    ignores: tuple[Ignored, ...] = Field(
        default=(), alias=_IGNORES, description="Checks to leave out for this issue, by their codes."
    )


def issue_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of all issues in the workspace *root*, oldest first; files of other names are not issues."""
    found = (path.stem for path in (root / "issues").glob("*.yaml"))
    return tuple(sorted(stem for stem in found if ISSUE_ID.fullmatch(stem)))


def misnamed(root: Path) -> tuple[str, ...]:
    """Return the YAML files beside the issues whose names are no issue ids, as those names can be told to a person."""
    files = (root / "issues").glob("*.y*ml")
    names = sorted(p.name for p in files if p.suffix != ".yaml" or not ISSUE_ID.fullmatch(p.stem))
    return tuple(mask("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)) for name in names)


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
    return as_issue(read_document(issue_file(root, issue), f"issues/{issue}.yaml"), root, issue, welcome=welcome)


def issue_file(root: Path, issue: str) -> Path:
    """Return the file of the issue with the id *issue*, all links followed. Raises UsageError and ContentError."""
    return _inside(root, f"issues/{_checked_id(root, issue)}.yaml")


def as_issue(document: Document, root: Path, issue: str, *, welcome: str = "") -> Issue:
    """Return what *document*, the file of *issue*, says. Raises ContentError with every problem in it."""
    file = document.file
    month = month_of(issue)
    head, faults = validate(IssueFile, document.value, document)
    pictures: dict[str, Picture] = {}
    sections, more = _read_sections(document, month, lambda src: pictures.update({src: read_picture(root, src)}))
    faults += [*more, *_subject_faults(issue, document)]
    if faults or head is None:
        whole = sorted(dict.fromkeys((*faults, *document.findings)), key=lambda finding: (finding.place, finding.code))
        raise ContentError(f"{file} cannot be used yet", whole)
    return Issue(
        id=issue,
        subject=head.subject or f"{format_month(month)} newsletter",
        preheader=head.preheader or _default_preheader(sections),
        draft=head.draft,
        welcome=head.welcome or welcome,
        sections=tuple(sections.values()),
        ignores=tuple(
            Ignore(entry.code, entry.text or "", entry.why or "", (_IGNORES, index))
            for index, entry in enumerate(head.ignores)
        ),
        pictures=pictures,
        places=document,
        findings=(*document.findings, *_remarks(sections, document)),
        texts=tuple(_texts_of(document.value, standing="" if head.welcome else welcome)),
        stated=frozenset(document.value),
    )


def _checked_id(root: Path, issue: str) -> str:
    known = issue_ids(root)
    if issue in known:
        return issue
    if not ISSUE_ID.fullmatch(issue):
        named = PureWindowsPath(issue).stem  # the name of a file, behind slashes of either kind
        rule = "An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition."
        hint = f'Did you mean "{named}"?' if named in known else rule
        raise UsageError(f"{issue!r} is not an issue id", hint)
    hint = did_you_mean(issue, known) or f"Write it as issues/{issue}.yaml."
    raise UsageError(f"there is no issue {issue}", hint)


def _inside(root: Path, file: str) -> Path:
    path = inside(root, file)
    if path is None:
        message = "this is a link to a file outside this workspace"
        hint = f"It leads to {Path(os.path.realpath(root / file)).as_posix()}. Copy that file here instead."
        raise ContentError(f"{file} cannot be read", [told(Place(file), NOT_YAML, message, hint)])
    return path


def _read_sections(
    document: Document, month: date, picture: Callable[[str], None]
) -> tuple[dict[int, Section], list[Finding]]:
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
            faults.append(told(document.place((*trail, "type")), code, error.message, error.hint))
            continue
        context = {"near": month, "picture": picture}
        section, found = validate(model, value, document, under=trail, context=context)
        faults += found
        if section:
            sections[index] = section
    return sections, faults


def _type_of(value: Any) -> str:
    kinds = f"The types are: {', '.join(section_types())}."
    if not isinstance(value, dict):
        hint = f"Begin it with its type, as in type: {section_types()[0]}. {kinds}"
        raise Fault(WRONG_KIND, "a section should be a group of keys", hint)
    if not isinstance(kind := value.get("type"), str):
        raise Fault(MISSING_KEY, "a section needs its type", kinds)
    return kind


def _subject_faults(issue: str, document: Document) -> Iterator[Finding]:
    if "subject" not in document.value and len(issue) > len("2026-01"):
        hint = "Add a line subject: with what it is about."
        yield told(document.place(("subject",)), MISSING_KEY, "a special edition needs its own subject", hint)


def _remarks(sections: dict[int, Section], document: Document) -> Iterator[Finding]:
    if not sections:
        place = document.place(("sections",))
        yield told(place, MISSING_KEY, "the issue has no sections", "Write at least one.", Severity.WARNING)


def _texts_of(value: dict[str, Any], standing: str) -> Iterator[Prose]:
    """Yield every text of an issue's file but the names of section types and what the author excuses."""
    for trail, text in texts_in(value):
        if trail[0] != _IGNORES and trail[-1] != "type":
            yield Prose(text, trail)
    if standing:
        yield Prose(standing, ("welcome",))


def texts_in(value: Any, trail: Trail = ()) -> Iterator[tuple[Trail, str]]:
    """Yield every text at or below *value*, which a document says, with its trail."""
    if isinstance(value, str):
        yield trail, value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from texts_in(inner, (*trail, key))


def _default_preheader(sections: dict[int, Section]) -> str:
    """Join the sections' titles, cut at a word before 100 characters."""
    text = " · ".join(section.title for section in sections.values())
    if len(text) <= PREHEADER_LENGTH:
        return text
    return text[: PREHEADER_LENGTH + 1].rsplit(" ", 1)[0].rstrip(" ·,:;-–")[:PREHEADER_LENGTH]
