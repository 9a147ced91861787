"""Finished emails to look at: this repository's own five issues, and a hostile one, each built once and then read."""

from __future__ import annotations

import shutil
import struct
import zlib
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import lxml.html

from newsletter.build import bodies, build, compose_for, sample
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from newsletter.config import Config
    from newsletter.message import Message
    from newsletter.model import Issue

ROOT = Path(__file__).parent.parent
OWN = tuple(sorted(path.stem for path in (ROOT / "issues").glob("*.yaml")))
HOSTILE = "2026-03"
ALL = (*OWN, HOSTILE)

# One word of 58 letters, the real name of a real village: it fits no line of a phone.
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"

HOSTILE_YAML = f"""\
title: Cylchlythyr "ymarferwyr" <b>&amp;</b>
organisation: Partneriaeth <b>Plant</b> & "Teuluoedd" {LONG}
from: Practitioner newsletter <newsletter@example.org>
reply_to: office@example.org
postal_address: <b>Example</b> House, "1" Example Street
language: cy
about: We are <b>not</b> "bold" & not 'shy'.
archive_url: https://example.org/newsletter
unsubscribe_url: https://example.org/unsubscribe?list=a&b=c
greeting: Hello {{first_name}},
theme: {{accent: "#ffd400", logo: images/wide.png, logo_alt: The <b>logo</b> of "us"}}
welcome: Hello <b>"all"</b> & *everybody*
lists:
  practitioners: {{title: <b>A</b> & "B", file: lists/practitioners.csv, source: Test}}
"""

HOSTILE_ISSUE = f"""\
subject: "<b>March</b> \\"2026\\": a newsletter's very long subject & an unreasonably long tale of {LONG}"
preheader: <b>Pre</b> "header" & more
draft: true
sections:
  - type: article
    title: <b>Bold</b> & "quoted" title of {LONG} that goes on for quite a while longer
    image: {{src: images/narrow.png, alt: <b>An</b> "image" & that's all}}
    body: |
      <b>Not bold</b> "quoted" & https://example.org/a/very/long/path/that/does/not/break/anywhere/at/all?x=1&y=2

      # Top heading

      ### Third with [a link](https://example.org/heading)

      > A quote on 3 to 8 February 2026
      > with two lines

      1. one
      2. two
         - nested [deep link](https://example.org/nested)
         - another

      ***

      `code <b>` and **bold _italic_** with\\
      a hard break

          a code block of one line
    links:
      - text: A "button" & <b>more</b> of it, long enough to need three lines on a phone, because editors do that
        url: https://example.org/b?x=1&y=2
      - {{text: Write to the office, url: "mailto:office@example.org?subject=a%20b"}}
      - {{text: Call 020 7450 4000, url: "tel:02074504000"}}
  - type: article
    title: A large picture that is only decoration
    image: {{src: images/broad.png, alt: ""}}
    body: One line, before **Tuesday 3 February 2026, 9am to 3:30pm**.
  - type: training
    title: Training
    intro: An *intro* & more
    courses:
      - title: <b>Course</b> "one" & {LONG}
        description: |
          Description with heading

          ## Deep heading

          - item <b>
        sessions:
          - {{date: 10 March 2026, start: 9am, end: 3.30pm, location: <b>Room</b> "1" & 2, note: Fully booked}}
          - {{date: 3 March 2026, start: 9am, end: 3.30pm, cancelled: true, note: <b>Sorry</b>}}
          - {{date: 24 September 2026, start: 10.30am, end: 12pm, location: A long way from here up {LONG}}}
        location: Online
        book: https://example.org/book/one?x=1&y=2
      - title: No dates, no booking
      - title: No dates but booking
        description: Words.
        book: https://example.org/book/two
      - title: Shared place
        sessions: ["Wednesday 30 September 2026, 10.30am to 12.30pm", 28 September to 2 October 2026]
        location: Online, "link" & more to follow
  - type: links
    title: Favourites
    links:
      - {{text: <b>One</b> & "only", url: "https://example.org/one", note: <b>Note</b> & "more"}}
      - {{text: Two, url: "https://example.org/two"}}
  - type: diary
    title: Diary
    dates:
      - 28 September to 2 October 2026 - <b>Week</b> of "things" & {LONG}
      - {{when: 10 February 2026, what: <b>Safer</b> Internet Day, url: "https://example.org/sid"}}
      - 28 December 2026 to 3 January 2027 - New year
      - Wednesday 16 September 2026, 10.30am to 12.30pm - With times
""" + "".join(
    f"""\
  - type: article
    title: Filler section {number}
    body: Text of section {number} with [its own link {number}](https://example.org/filler/{number}).
"""
    for number in range(1, 26)
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished email: what it was made of, and what the sample person gets of it."""

    issue: Issue
    config: Config
    to_list: Message
    data: bytes
    html: str
    text: str

    @property
    def page(self) -> Any:
        """The HTML, parsed: lxml's root element. To be read, not changed."""
        return parsed(self.html)

    @property
    def message(self) -> EmailMessage:
        """The mail as Python's own parser reads it."""
        return message_from_bytes(self.data, policy=default)


@cache
def parsed(html: str) -> Any:
    """Return *html* as lxml's tree."""
    return lxml.html.document_fromstring(html)


@cache
def mail(issue: str, *changes: tuple[str, str]) -> Mail:
    """Return the email of one of `ALL`, after each of *changes* (old, new) to its newsletter.yaml."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        lay_out(root, hostile=issue == HOSTILE)
        settings = root / "newsletter.yaml"
        for old, new in changes:
            assert old in settings.read_text("utf-8")
            settings.write_text(settings.read_text("utf-8").replace(old, new), "utf-8")
        return read(root, issue)


def read(root: Path, issue: str) -> Mail:
    """Build *issue* in the workspace *root* and return it as the sample person gets it."""
    workspace = open_workspace(root)
    built = build(workspace, issue)
    data = sample(built.edition, workspace)
    text, html = bodies(data)
    to_list = compose_for("practitioners", built.edition, workspace)
    return Mail(built.issue, workspace.config, to_list, data, html, text)


def lay_out(root: Path, *, hostile: bool = False) -> None:
    """Write this repository's own workspace into *root*, or the hostile one."""
    if not hostile:
        for name in ("issues", "images", "lists"):
            shutil.copytree(ROOT / name, root / name)
        shutil.copy(ROOT / "newsletter.yaml", root)
        return
    for name in ("issues", "images"):
        (root / name).mkdir()
    (root / "newsletter.yaml").write_text(HOSTILE_YAML, "utf-8")
    (root / f"issues/{HOSTILE}.yaml").write_text(HOSTILE_ISSUE, "utf-8")
    for name, width, height in (("wide", 900, 200), ("narrow", 300, 180), ("broad", 1200, 400)):
        (root / f"images/{name}.png").write_bytes(png(width, height))


def png(width: int, height: int) -> bytes:
    """Return a grey picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def words(element: Any) -> str:
    """Return the text in *element* as a reader reads it: blanks as one, non-breaking ones as plain."""
    return " ".join(element.text_content().split())


def styles(page: Any) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield every element that has an inline style, with its declarations."""
    for element in page.iter():
        if isinstance(element.tag, str) and element.get("style"):
            yield element, declarations(element.get("style"))


def declarations(style: str) -> dict[str, str]:
    """Return the declarations of a rule or a style attribute."""
    pairs = (part.partition(":") for part in style.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}
