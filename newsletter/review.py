"""From what the checks found to what a person is told: without what the author excused, and without personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from newsletter.checks import all_checks
from newsletter.config import FILE, without_secrets
from newsletter.document import read_document
from newsletter.errors import NewsletterError, did_you_mean
from newsletter.findings import CODES, IDLE_IGNORE, Finding, Place, Severity
from newsletter.load import texts_in
from newsletter.model import Ignore, holds
from newsletter.personal import Mask, private_words
from newsletter.rawtext import LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from newsletter.config import Workspace
    from newsletter.model import Issue

_STRAY = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, but most likely of an older Windows program
_ISSUE = re.compile(r"\bissues/[\w-]+\.yaml")  # a finding may quote another issue

_ALL = "To see them all: newsletter checks"
_WIDE = "this text holds more than one thing that stops a send", "Excuse each one on a line of its own."


@dataclass(frozen=True, slots=True)
class Excused:
    """The findings that stand, and the codes of those that newsletter.yaml switched off."""

    findings: tuple[Finding, ...]
    switched_off: frozenset[str]


def excuse(found: Iterable[Finding], issue: Issue, switched_off: Sequence[str]) -> Excused:
    """Drop what the author has excused, and tell of excuses that are none.

    A code alone switches off what does not stop a send; an error is excused for one text only, with its reason.
    *switched_off* are the codes that newsletter.yaml ignores.
    """
    found = list(found)
    covered = {ignore: [one for one in found if _covers(ignore, one, issue)] for ignore in issue.ignores}
    wide = {ignore for ignore, theirs in covered.items() if _is_wide(theirs)}
    excused = [one for ignore, theirs in covered.items() if ignore not in wide for one in theirs]
    off = [one for one in found if one.code in switched_off and one.severity is not Severity.ERROR]
    stops = {one.code for one in found if one.severity is Severity.ERROR}
    kept = [one for one in found if one not in excused and one not in off]
    for ignore, theirs in covered.items():
        always = stops if theirs else stops | _stopping()
        if fault := _WIDE if ignore in wide else _fault(ignore, always, is_idle=not theirs):
            kept.append(Finding(issue.places.place(ignore.trail), Severity.WARNING, IDLE_IGNORE, *fault))
    return Excused(tuple(kept), frozenset(one.code for one in off))


def switched_off_faults(workspace: Workspace, idle: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield a finding for every code in newsletter.yaml that can switch nothing off, or is *idle*."""
    idle = set(idle)
    for index, code in enumerate(workspace.config.checks.ignore):
        fault = _fault(Ignore(code), _stopping(), is_idle=code in idle)
        if fault:
            place = workspace.places.place(("checks", "ignore", index)) if workspace.places else Place(FILE)
            yield Finding(place, Severity.WARNING, IDLE_IGNORE, *fault)


def _covers(ignore: Ignore, finding: Finding, issue: Issue) -> bool:
    if ignore.code != finding.code or finding.code == IDLE_IGNORE:
        return False
    if not ignore.text:
        return finding.severity is not Severity.ERROR
    if not ignore.means(finding.words) or finding.severity is not Severity.ERROR:
        return ignore.means(finding.words)
    # A text that stands nowhere in the issue would be a net to catch whatever comes.
    return holds(finding.words, ignore.text) or any(holds(one.text, ignore.text) for one in issue.texts)


def _is_wide(findings: Sequence[Finding]) -> bool:
    """Tell whether one excuse would let more than one thing pass that stops a send."""
    return len({one.words.casefold() for one in findings if one.severity is Severity.ERROR}) > 1


def _fault(ignore: Ignore, stops: Collection[str], *, is_idle: bool) -> tuple[str, str] | None:
    """Return what is wrong with an excuse, and what to do; None when nothing is.

    *stops* are the codes that stop a send; *is_idle* says that nothing was excused.
    """
    codes = {*CODES, *(check.code for check in all_checks())}
    if ignore.code not in codes:
        return f'there is no check "{ignore.code}"', did_you_mean(ignore.code, codes) or _ALL
    if ignore.code in stops and not ignore.text:
        if not ignore.code.startswith("N1"):
            return f"{ignore.code} stops a send, so it cannot be left out", "Mend what it finds, and take it out here."
        hint = f'For one text, write in the issue:\n- {{code: {ignore.code}, text: "the words", why: "the reason"}}'
        return f"{ignore.code} stops a send, so it can be left out for one text only", hint
    if is_idle and ignore.code not in _unsteady():
        return f"{ignore.code} is left out, but finds nothing", "Take it out, so that it finds the next fault."
    return None


@cache
def _stopping() -> frozenset[str]:
    """Return the codes of checks that stop a send, as a rule."""
    return frozenset(check.code for check in all_checks() if check.severity is Severity.ERROR)


@cache
def _unsteady() -> frozenset[str]:
    """Return the codes that find something today and nothing tomorrow: an excuse for one is never idle."""
    return frozenset(check.code for check in all_checks() if not check.is_steady)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person or a program may see of an issue's words: as in its file, with personal data starred out."""

    subject: str
    preheader: str
    contents: tuple[str, ...]


class Discretion:
    """Lets nothing through that is personal in the files of a workspace. Each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sources: dict[str, _Source] = {}

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return *findings* as a person may see them, sorted by place, each with its line.

        Nothing that is personal in the file a finding points at, or in an issue that it names, comes through, in
        message, hint or excerpt.
        """
        shown = map(self._finding, findings)
        return tuple(sorted(shown, key=lambda finding: (finding.place, finding.code, finding.message)))

    def words(self, issue: Issue) -> Shown:
        """Return the words of *issue* that are told beside its findings."""
        mask = self._source(f"issues/{issue.id}.yaml").mask
        return Shown(mask(issue.subject), mask(issue.preheader), tuple(mask(one.title) for one in issue.sections))

    def _finding(self, finding: Finding) -> Finding:
        message, hint, file = finding.message, finding.hint, finding.place.file
        for named in dict.fromkeys((file, *_ISSUE.findall(f"{message} {hint}"))):
            message, hint = map(self._source(named).mask, (message, hint))
        lines = self._source(file).lines
        has_line = finding.place != Place(file) and finding.place.line <= len(lines)
        excerpt = lines[finding.place.line - 1] if has_line else ""
        return replace(finding, message=message, hint=hint, words="", excerpt=excerpt)

    def _source(self, file: str) -> _Source:
        if file not in self._sources:
            self._sources[file] = _source(self._root, file)
        return self._sources[file]


def discreet(findings: Iterable[Finding], root: Path) -> tuple[Finding, ...]:
    """Return *findings* of the workspace *root* as a person may see them."""
    return Discretion(root).findings(findings)


@dataclass(frozen=True, slots=True)
class _Source:
    """The lines of a file with personal data starred out, and what stars it out elsewhere."""

    lines: list[str]
    mask: Mask


def _source(root: Path, file: str) -> _Source:
    values: Iterable[str] = ()
    try:
        document = read_document(root / file, file)
        # An escape or a broken line may hide in the file what a text says.
        text, values = document.source, [words for _, words in texts_in(document.value)]
    except NewsletterError:
        text = _rough(root / file)
    mask = Mask({words for one in (text, *values) for words in private_words(one)})
    if file == FILE:
        text = without_secrets(text)
    return _Source(mask(text).split("\n"), mask)


def _rough(path: Path) -> str:
    """Return what can be read of a file that is not YAML, for its excerpts; nothing of what is no text file."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as stream:
            data = stream.read(LIMIT_BYTES)
    except OSError:
        return ""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _STRAY.sub(lambda byte: bytes([ord(byte[0]) - 0xDC00]).decode("cp1252", "replace"), text)
