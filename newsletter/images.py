"""Pictures of the workspace: found, read, and refused when they could not be shown in an email."""

from __future__ import annotations

import stat
from io import BytesIO
from typing import TYPE_CHECKING

from newsletter.files import inside
from newsletter.findings import BAD_IMAGE
from newsletter.model import Picture
from newsletter.written import Fault

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1024 * 1024  # bytes; a message with more is refused or clipped by many receivers
LIMIT_SIDE = 10_000  # pixels
_TAIL = 4096  # bytes at the end that may follow a picture: what cameras and programs add
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
_ENDS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9", "gif": b"\0;"}  # how a picture that is whole ends


def read_picture(root: Path, src: str) -> Picture:
    """Read the picture *src*, a path inside the workspace *root* with forward slashes.

    Raises Fault for what is not a PNG, JPEG or GIF of at most 1 MB inside the workspace.
    """
    try:
        data = _read(_inside(root, src))
    except OSError as error:  # a name that is too long, a file that may not be read
        reason = (error.strerror or "it cannot be read").lower()
        raise Fault(BAD_IMAGE, f'"{src}" cannot be opened: {reason}', "Check its name and who may read it.") from None
    if data is None:
        raise Fault(BAD_IMAGE, f'there is no picture "{src}"', "Put the file there, or mend the name.")
    if len(data) > LIMIT:
        raise Fault(BAD_IMAGE, f'"{src}" is larger than 1 MB', "Save it smaller: 1,200 pixels wide is enough.")
    kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)
    if kind is None:
        raise Fault(BAD_IMAGE, f'"{src}" is not a PNG, JPEG or GIF', "Outlook shows no others. Save it as PNG.")
    width, height = _size(data) if _ENDS[kind] in data.rstrip(b"\0")[-_TAIL:] else (0, 0)
    if width < 1 or height < 1:
        raise Fault(BAD_IMAGE, f'"{src}" is damaged', "Open it in a picture program and save it again.")
    if max(width, height) > LIMIT_SIDE:
        message = f'"{src}" is {width:,} by {height:,} pixels'
        raise Fault(BAD_IMAGE, message, "Save it smaller: 1,200 pixels wide is enough.")
    return Picture(src.rpartition("/")[2], kind, data, width, height)


def _inside(root: Path, src: str) -> Path:
    path = inside(root, src)
    if path is None or ":" in src or "\\" in src:
        hint = "Put it in images/ and write its path from there, as in images/picture.png."
        raise Fault(BAD_IMAGE, f'"{src}" is not a picture in this workspace', hint)
    return path


def _read(path: Path) -> bytes | None:
    """Return what is in the file, no more of it than shows that it is too large; None when it is no file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe may never end
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    with path.open("rb") as file:
        return file.read(LIMIT + 1)


def _size(data: bytes) -> tuple[int, int]:
    import imagesize  # noqa: PLC0415

    try:
        width, height = imagesize.get(BytesIO(data))
    except ValueError:  # so imagesize 1.4; 2.0 answers -1
        return 0, 0
    return int(width), int(height)
