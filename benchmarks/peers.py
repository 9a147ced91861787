"""The programs that this one is measured against, installed by name with pip and npm.

One virtual environment holds those in Python, one folder each those of Node. What is there already is not installed
again, so a folder that is kept makes the next run quick.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
from importlib.metadata import Distribution, distributions
from typing import TYPE_CHECKING

from measuring import Unmeasured

if TYPE_CHECKING:
    from pathlib import Path

NODE = {
    "mjml": ["mjml"],
    "react-email": ["react-email@6.11.6", "@react-email/ui@6.11.6", "@react-email/components", "react", "react-dom"],
    "@maizzle/framework": ["@maizzle/framework@5"],  # its version 6 asks for Node 22
}
PYTHON = ("premailer", "jinja2", "pyyaml", "mailmerge", "django-anymail")


def python_with(folder: Path, *packages: str) -> Path:
    """Return a Python in *folder* that has *packages*. Raises Unmeasured where they cannot be installed."""
    python = folder / "python/bin/python"
    if not python.exists():
        venv.create(folder / "python", with_pip=True)
    missing = [package for package in packages if not _installed(folder, package.partition("[")[0])]
    if missing and subprocess.run([python, "-m", "pip", "install", "-q", *missing], check=False).returncode:
        raise Unmeasured(f"pip could not install {' and '.join(missing)}")
    return python


def node_with(folder: Path, name: str) -> Path:
    """Return a folder in *folder* whose node_modules has *name*. Raises Unmeasured where npm cannot install it."""
    place = folder / name.strip("@").replace("/", "-")
    if not (place / "node_modules" / name).is_dir():
        if not (npm := shutil.which("npm")):
            raise Unmeasured("npm is not on this machine")
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text(json.dumps({"private": True}), "utf-8")
        command = [npm, "install", "--no-audit", "--no-fund", *NODE[name]]
        if subprocess.run(command, cwd=place, capture_output=True, check=False).returncode:
            shutil.rmtree(place / "node_modules", ignore_errors=True)
            raise Unmeasured(f"npm could not install {name}")
    return place


def versions(folder: Path) -> list[str]:
    """Return the names and versions of the peers installed in *folder*."""
    found = [f"{name} {one.version}" for name in PYTHON if (one := _installed(folder, name))]
    for name in NODE:
        about = folder / name.strip("@").replace("/", "-") / "node_modules" / name / "package.json"
        if about.is_file():
            found.append(f"{name} {json.loads(about.read_text('utf-8'))['version']}")
    return found


def _installed(folder: Path, name: str) -> Distribution | None:
    """Return what is known of the package *name* in the virtual environment, if it is there."""
    places = [str(place) for place in (folder / "python").glob("lib/python*/site-packages")]
    return next(iter(distributions(name=name, path=places)), None)
