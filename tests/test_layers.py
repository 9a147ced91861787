"""The floors of the house: imports go down only, and each heavy library has one door."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "newsletter"

# Each floor from the ground up; inside a floor, each module may import those that stand before it. A new module has
# to say here where it lives.
FLOORS = {
    "words": [
        "findings", "errors", "weblinks", "datewords", "dategrammar", "datereading", "dates", "registry", "mime",
        "prose", "plain", "datestyle", "written", "model", "linkwords", "past", "occurrences", "lineage", "message",
        "personal", "textdates", "oddfigures", "clockrules",
    ],
    "reading": [
        "files", "cache", "corrections", "rawtext", "document", "reordering", "pruning", "problems", "images",
        "sections", "load", "schema", "config", "http", "linkcheck", "git", "credentials",
    ],
    "drawing": [
        "memory", "bankholidays", "calendar", "theme", "page", "checks", "review", "mending", "templates", "render",
        "inline", "build", "rollover", "approvals",
    ],
    "keeping": [
        "addresses", "audience", "listfile", "tokens", "database", "lock", "people", "records", "elapsed", "ledger",
        "receipts", "preflight", "retention", "holdings",
    ],
    "sending": ["smtpwire", "dialogue", "submission", "pictures", "providers", "transport", "deliver", "doubts"],
    "desk": [
        "scaffold", "terminal", "crashes", "reports", "summary", "doctor", "preview", "archive", "commands", "cli",
        "__main__",
    ],
}  # fmt: skip
ORDER = [module for floor in FLOORS.values() for module in floor]
FAMILIES = {"sections", "checks", "providers"}

# The one module that knows a library, so that it can be replaced there.
DOORS = {
    "yaml": {"document"},
    "aiohttp": {"preview"},
    "watchfiles": {"preview"},
    "jinja2": {"render"},
    "premailer": {"inline"},
    "cssutils": {"inline"},
    "imagesize": {"images"},
    "markdown_it": {"prose"},
    "nh3": {"prose"},
    "email_validator": {"addresses"},
    "click": {"terminal", "crashes", "reports", "summary", "commands", "cli"},
    "pydantic": {"written", "model", "problems", "sections", "load", "schema", "config"},
    "requests": {"http"},
    "urllib3": {"http"},
    "holidays": {"bankholidays"},
    "icalendar": {"calendar"},
    "keyring": {"credentials"},
    "botocore": {"providers"},
    "dns": {"doctor"},
    "lxml": {"page"},
    "sqlite3": {"database", "ledger", "people", "audience"},
}
# The ground floor touches nothing outside the program.
NO_OUTSIDE = {
    "glob", "http", "io", "locale", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "sys",
    "tempfile", "time", "urllib.request",
}  # fmt: skip
NO_CALLS = {"open", "now", "today", "utcnow"}


@cache
def sources() -> list[Path]:
    """Return every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def top(path: Path) -> str:
    """Return the module or family that a file belongs to: "sections" for sections/diary.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> set[str]:
    """Return the dotted names of all that a file imports, inside functions and for type checking too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module or ""}
    return found


def ours(path: Path) -> set[str]:
    """Return the modules and families of this package that a file imports."""
    parts = (name.split(".") for name in imports(path) if name.startswith("newsletter."))
    return {name[1] for name in parts if (PACKAGE / name[1]).is_dir() or (PACKAGE / f"{name[1]}.py").is_file()}


def test_files_and_functions_are_short() -> None:
    """No file of the program, its tests or its benchmarks has over 400 lines, and no function over 60."""
    long = []
    for path in (one for folder in ("newsletter", "tests", "benchmarks") for one in (ROOT / folder).rglob("*.py")):
        source = path.read_text("utf-8")
        long += [path.name] if source.count("\n") > 400 else []
        functions = [
            one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        long += [f"{path.name}: {one.name}" for one in functions if (one.end_lineno or 0) - one.lineno >= 60]
    assert [] == long


def test_every_module_has_a_floor() -> None:
    """Each module stands on exactly one floor, and no floor names a module that is not there."""
    assert sorted({top(path) for path in sources()} - {"__init__"}) == sorted(ORDER)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_down_only(path: Path) -> None:
    """A module imports only what stands below it, so that there is no knot, visible or hidden."""
    me = top(path)
    if me == "__init__":
        assert ours(path) == set()
        return
    above = {name for name in ours(path) if ORDER.index(name) >= ORDER.index(me) and name != me}
    assert above == set()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_plug_ins_of_a_family_never_import_each_other(family: str) -> None:
    """A plug-in knows its family's common ground and no sibling."""
    for path in sorted((PACKAGE / family).glob("*.py")):
        siblings = {name for name in imports(path) if name.startswith(f"newsletter.{family}.")}
        modules = {name.split(".")[2] for name in siblings}
        named = {other.stem for other in (PACKAGE / family).glob("*.py")} & modules
        assert {name for name in named if not name.startswith("_")} == set(), path.name


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_heavy_library_has_its_door(library: str) -> None:
    """A library is imported by the modules that are meant to know it, and by no other."""
    users = {top(path) for path in sources() if any(name.split(".")[0] == library for name in imports(path))}
    assert users <= DOORS[library]


@pytest.mark.parametrize(
    "path", [path for path in sources() if top(path) in FLOORS["words"]], ids=lambda path: path.stem
)
def test_words_touch_nothing_outside(path: Path) -> None:
    """The ground floor has no files, no clock and no network."""
    names = imports(path)
    calls = {
        called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        for called in [node.func]
    }
    assert ({name.split(".")[0] for name in names} | names) & NO_OUTSIDE == set()
    assert calls & NO_CALLS == set()


def test_a_provider_never_sees_an_issue() -> None:
    """Sending knows copies of a message; issues, sections and rendering are above its business."""
    for path in sorted((PACKAGE / "providers").glob("*.py")):
        assert ours(path) & {"model", "load", "sections", "render", "build", "checks"} == set(), path.name
