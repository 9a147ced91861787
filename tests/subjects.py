"""A workspace in which one person, Sam, is held in every place there is, and others beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import patch

from sends import ACCEPTED, PLANNED, Made, make

from newsletter.audience import Person
from newsletter.people import open_people
from newsletter.tokens import person_key, workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAM = "sam@example.org"
FORM = datetime(2025, 11, 3, 10, 30, tzinfo=UTC)
LEFT = datetime(2026, 1, 7, 16, 0, tzinfo=UTC)
# As Excel writes it, with a second address column, and no end of line at the end.
BEFORE = "\ufeffemail,name,manager\r\namina@example.org,Amina Khan,SAM@example.org\r\n"
BEFORE += '"Sam@Example.org", Sam  Sample ,\r\n'
BEFORE += "samx@example.org,Samx,\r\nben@example.org,Ben Okoro,"
AFTER = "".join(line for line in BEFORE.splitlines(keepends=True) if "Sample" not in line)
ALIKE = "https://example.org/notsam@example.org sam@example.org.uk"
FILE = "lists/practitioners.csv"


def key(workspace: Path, address: str = SAM) -> str:
    """What stands for an address in the names of copies."""
    return person_key(workspace_key(workspace / ".newsletter"), address).hex()


def hold_sam(workspace: Path) -> None:
    """Put Sam into every place of *workspace*, each time written in another way."""
    state = workspace / ".newsletter"
    path = workspace / "newsletter.yaml"
    path.write_text(f"{path.read_text('utf-8')}  schools: {{title: Schools}}\nprovider: smtp\n", "utf-8")
    (workspace / FILE).write_bytes(BEFORE.encode())
    with open_people(state, workspace_key(state)) as people:
        with patch("newsletter.people._now", return_value=FORM.isoformat()):
            sam, bo = (Person(f"{name}@example.org", f"{name} Reed", name, "Web form", 1) for name in ("SAM", "Bo"))
            people.add("schools", [sam, bo])
        with patch("newsletter.people._now", return_value=LEFT.isoformat()):
            people.unsubscribe(SAM, "partners", source="newsletter unsubscribe")
    others = [("bo@example.org", "Bo Reed", ACCEPTED, "")]
    make(
        workspace,
        Made([(SAM, "Sam Sample", ACCEPTED, ""), *others]),
        Made([(SAM, "Sam Sample", PLANNED, ""), *others], issue="2026-03"),
        Made([(SAM, "", ACCEPTED, ""), *others], rehearsal=True, provider="outbox", account="outbox"),
    )
    _fill_outbox(workspace)
    (state / "cache").mkdir()
    (state / "cache/pages").write_text("mailto:Sam@example.org", "utf-8")
    (state / "cache/others").write_text(ALIKE, "utf-8")


def _fill_outbox(workspace: Path) -> None:
    sam, bo = key(workspace), key(workspace, "bo@example.org")
    for folder, name, to in (
        ("", sam, "Sam Sample <sam@example.org>"),
        ("", bo, "Bo Reed <bo@example.org>"),
        ("--test", "0" * 32, '"Sample, Sam" <SAM@Example.org>'),
        ("--test", "1" * 32, "bo@example.org"),
    ):
        path = workspace / f".newsletter/outbox/2026-01--practitioners{folder}/{name}.eml"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(f"From: newsletter@example.org\r\nTo: {to}\r\nSubject: January\r\n\r\nHello".encode())
    # What a run that was killed while it wrote the copy has left.
    (path.parents[1] / f"2026-01--practitioners/.{sam}.eml.ab3_d5fg").write_bytes(b"From: newsletter@exa")


def names_sam(folder: Path) -> Iterator[str]:
    """Yield each file below *folder* in which Sam's address stands, in whatever case."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SAM.encode() in path.read_bytes().lower().replace(ALIKE.encode(), b""):
            yield path.relative_to(folder).as_posix()
