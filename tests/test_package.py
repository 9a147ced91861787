"""The package as strangers get it: version floors, and the wheel in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from components import missing

import newsletter

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# The first release of each without a known fault that reaches us. pyproject.toml says which fault.
FLOORS = {
    "jinja2": "3.1.6",
    "requests": "2.33.0",
    "urllib3": "2.7.0",
    "lxml": "6.1.0",
    "pyyaml": "6.0.1",
    "idna": "3.15",
    "dnspython": "2.6.1",
}


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers to compare."""
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_dependency_may_be_older_than_its_last_known_fault(name: str) -> None:
    """pyproject.toml asks for at least the release that mended what could reach us."""
    (wanted,) = [line for line in PROJECT["dependencies"] if line.partition(">=")[0] == name]
    assert numbers(wanted.partition(">=")[2]) >= numbers(FLOORS[name])


def test_the_version_is_said_once() -> None:
    """The package says the version that pyproject.toml gives it."""
    assert PROJECT["version"] == newsletter.__version__


def test_windows_is_meant() -> None:
    """There the time zones come from a package, and text files keep their line ends."""
    assert [line for line in PROJECT["dependencies"] if line.startswith("tzdata") and "win32" in line]
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert "* text=auto eol=lf" in attributes
    assert "*.eml -text" in attributes


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"a package index: {done.stderr[-200:]}")
    return next(folder.glob("*.whl"))


@pytest.mark.package
def test_the_wheel_carries_templates_and_scaffold(wheel: Path) -> None:
    """Every template and every file that ``init`` lays down is in the wheel, and nothing of tests or issues."""
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*.*")}
    scaffold = {path.relative_to(ROOT).as_posix() for path in (ROOT / "newsletter/scaffold").glob("*.*")}
    assert {f"newsletter/{name}" for name in templates} | {name for name in scaffold if "pycache" not in name} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"newsletter"}


@pytest.mark.package
def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed into an empty environment, ``init``, ``build`` and ``send`` work in a folder far from this tree."""
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    install = [str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        missing("a package index")
    home = tmp_path / "somewhere"
    for arguments, folder in ((["init", str(home)], tmp_path), (["build"], home), (["send", *SEND], home)):
        program = [str(scripts / "newsletter"), *arguments]
        done = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
        assert (0, "") == (done.returncode, done.stderr.partition("Next: ")[0]), done.stderr
    assert len(list(home.glob(".newsletter/outbox/*/*.eml"))) == 3


SEND = ["--list", "practitioners", "--yes"]
