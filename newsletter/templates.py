"""The template files: those in the package, and those in a workspace, which win over packaged ones of their name."""

from __future__ import annotations

import re
from pathlib import Path

from newsletter.errors import TemplateError, UsageError, did_you_mean
from newsletter.files import inside, write_whole

_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\.(html|txt|css)")


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

    Raises UsageError for an unknown name, and when the workspace has one of that name already.
    """
    if name not in template_names():
        raise UsageError(f'there is no template "{name}"', _nearest(name))
    copy = root / "templates" / name
    if copy.exists():
        raise UsageError(f"templates/{name} is there already", "Change that file, or remove it first.")
    write_whole(copy, (packaged() / name).read_bytes())
    return copy


def _nearest(name: str) -> str:
    return did_you_mean(name, template_names()) or "To see what there is: newsletter templates"
