"""The template files: those in the package, and those in a workspace, which win over packaged ones of their name."""

from __future__ import annotations

import re
from enum import Enum, auto
from hashlib import sha256
from pathlib import Path

from newsletter.errors import TemplateError, UsageError, did_you_mean
from newsletter.files import inside, write_whole

# The first line of a copy. It is no part of the email, goes wherever the file goes, and may stand anywhere in it.
_ORIGIN = "{{# Copied from the packaged {name}, {mark}. Keep this: newsletter doctor says when that one changes. #}}\n"
_MARKED = re.compile(r"\{#[^#]*?\b([0-9a-f]{12})\b[^#]*newsletter doctor")
_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\.(html|txt|css)")


class Copied(Enum):
    """Whether the packaged template is still the one that a copy was made from."""

    CURRENT = auto()
    CHANGED = auto()
    UNKNOWN = auto()  # the copy does not say


def packaged() -> Path:
    """Return the folder of the packaged templates: in an installed package beside it, in a checkout at its root."""
    here = Path(__file__).parent
    return here / "templates" if (here / "templates").is_dir() else here.parent / "templates"


def template_names() -> tuple[str, ...]:
    """Return the names of all packaged templates, sorted, with forward slashes: ``sections/article.html``."""
    folder = packaged()
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()))


def own_template(root: Path, name: str) -> Path | None:
    """Return the file of the workspace *root* that stands in for the packaged template *name*, if there is one."""
    path = root / "templates" / name
    return path if path.is_file() and not path.samefile(packaged() / name) else None


def find_template(root: Path, name: str) -> Path:
    """Return the file of the template *name*, the workspace's own before the packaged one.

    Raises TemplateError when there is none, and for a link that leads out of its folder.
    """
    own = root / "templates"
    for folder in (own, packaged()):
        path = folder / name
        if _NAME.fullmatch(name) and path.is_file():
            if inside(folder, name) is None or (folder == own and inside(root, "templates") is None):
                raise TemplateError(f"templates/{name} is a link to a file outside templates/", "Copy the file there.")
            return path
    raise TemplateError(f'there is no template "{name}"', _nearest(name))


def copy_template(root: Path, name: str) -> Path:
    """Copy the packaged template *name* into the workspace *root*, to be changed there; return the copy.

    Its first line, a comment, says which one it was made from.

    Raises UsageError for an unknown name, and when the workspace has one of that name already.
    """
    if name not in template_names():
        raise UsageError(f'there is no template "{name}"', _nearest(name))
    copy = root / "templates" / name
    if copy.exists():
        raise UsageError(f"templates/{name} is there already", "Change that file, or remove it first.")
    origin = _ORIGIN.format(name=name, mark=_mark(name))
    write_whole(copy, origin.encode() + (packaged() / name).read_bytes())
    return copy


def copied_from(own: Path, name: str) -> Copied:
    """Say whether the packaged template *name* is still the one that the file *own* says it was made from."""
    text = own.read_text("utf-8", "replace").replace("\r\n", "\n")
    marked = _MARKED.search(text)
    if marked is None:  # as a copy that an earlier release made: byte by byte, or changed
        return Copied.CURRENT if _digest(text) == _mark(name) else Copied.UNKNOWN
    return Copied.CURRENT if marked[1] == _mark(name) else Copied.CHANGED


def _mark(name: str) -> str:
    """Return what tells this packaged template from any other; line ends, which git may change, tell nothing."""
    return _digest((packaged() / name).read_text("utf-8").replace("\r\n", "\n"))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _nearest(name: str) -> str:
    return did_you_mean(name, template_names()) or "To see what there is: newsletter templates"
