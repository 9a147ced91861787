"""The bytes of a text file, refused with a hint where they are no text that can be read as YAML."""

from __future__ import annotations

import re
import stat
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from newsletter.errors import ConfigError, ContentError
from newsletter.findings import BAD_TEXT, NOT_YAML, Finding, Place, Severity

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES = 512 * 1024

BEGIN = "Write a key, a colon and a value on each line."
_SAVE = "Save the file as UTF-8: in Notepad, choose File, Save as, Encoding: UTF-8."
_FOREIGN = {  # what files of other programs begin with
    rb"PK\x03\x04": "a zip archive, such as a Word or Excel file",
    rb"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    rb"%PDF": "a PDF file",
    rb"\{\\rtf": "a rich text file",
    rb"(\xef\xbb\xbf)?\s*\{": "JSON",
    rb"(\xef\xbb\xbf)?\s*<[!?A-Za-z]": "a web page (HTML)",
}
# Control characters but tab and newline, and the separators that only YAML 1.1 takes for line ends (5.1 and 5.4 there).
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def read_data(path: Path, file: str) -> bytes:
    """Return the bytes of the YAML file at *path*, cut behind the limit. Raises ContentError and ConfigError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ConfigError(f"{file} is a folder, not a file", "Rename the folder, or name another file.")
        if not stat.S_ISREG(mode):  # a pipe or a device may never end
            _refuse(file, "this is not an ordinary file", "Name a YAML text file.")
        with path.open("rb") as stream:
            return stream.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "its name cannot be that of a file"
        hint = "Check that the file is there and that you may read it."
        raise ConfigError(f"{file} cannot be opened: {reason.lower()}", hint) from None


def decode(data: bytes, file: str) -> str:
    r"""Return the text of *data* with ``\n`` line ends, or raise ContentError for what is no text or another format."""
    if len(data) > LIMIT_BYTES:
        _refuse(file, "the file is larger than 512 kB", "Shorten it; pictures belong in images/.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0\0" in (data[0:4:2], data[1:4:2]):
        _refuse(file, "the file is UTF-16, not UTF-8", _SAVE)
    if what := next((what for magic, what in _FOREIGN.items() if re.match(magic, data)), None):
        _refuse(file, f"this is not YAML but {what}", f"Make it a plain text file. {BEGIN}")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n?|\n", data[: error.start])) + 1
        _refuse(file, f"the text is not UTF-8 at line {line}", _SAVE, line)
    hidden = [
        unseen(Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)), text[at])
        for at in (found.start() for found in islice(UNSEEN.finditer(text), 20))
    ]
    if hidden:
        raise unreadable(file, hidden)
    return text


def _refuse(file: str, message: str, hint: str, line: int = 1) -> NoReturn:
    raise unreadable(file, [fault(Place(file, line), NOT_YAML, message, hint)])


def unreadable(file: str, findings: list[Finding]) -> ContentError:
    """Return the error that tells all that is wrong in *file*, in the order of its lines."""
    return ContentError(f"{file} cannot be read", sorted(findings, key=lambda finding: finding.place))


def fault(place: Place, code: str, message: str, hint: str) -> Finding:
    """Return what stops *place* from being read."""
    return Finding(place, Severity.ERROR, code, message, hint)


def unseen(place: Place, character: str) -> Finding:
    """Return the fault of a *character* that is in UNSEEN."""
    message = f"the character U+{ord(character):04X} cannot stand in text"
    return fault(place, BAD_TEXT, message, "Delete it: it is invisible, and often comes in by pasting.")
