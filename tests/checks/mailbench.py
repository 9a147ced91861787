"""A finished mail that nothing is wrong with, and ways to break it as a changed template would."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from checks.bench import DAY
from conftest import NEWSLETTER_YAML

from newsletter.build import build
from newsletter.checks import Mail, check_mail
from newsletter.config import open_workspace

ARCHIVE = "https://example.org/newsletter/"
ISSUE = """\
subject: January 2026 newsletter
preheader: What changed in the procedures this winter
welcome: Hello to all
sections:
  - type: article
    title: What changed
    body: Please read the [summary of changes](https://example.org/changes) before you begin.
  - type: article
    title: Where to ask
    body: Write to [the office](mailto:office@example.org), or [look it up](https://example.org/changes?a=1&b=2).
  - type: training
    title: Training dates
    courses:
      - {title: Family help, book: "https://example.org/book/1", sessions: ["Tuesday 3 February 2026, 9am to 10am"]}
      - {title: Neglect, book: "https://example.org/book/2", sessions: ["Tuesday 10 February 2026, 9am to 10am"]}
"""
FILE = "issues/2026-01.yaml"


@cache
def finished() -> Mail:
    """Return a mail that nothing is wrong with."""
    with TemporaryDirectory() as folder:
        return made(Path(folder))


def made(root: Path, templates: dict[str, str] | None = None, *, config: str = "") -> Mail:
    """Return the mail that a workspace makes of ISSUE with its own *templates*."""
    (root / "issues").mkdir()
    (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML) + config, "utf-8")
    (root / FILE).write_text(ISSUE, "utf-8")
    for name, content in (templates or {}).items():
        (root / "templates" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "templates" / name).write_text(content, "utf-8")
    workspace = open_workspace(root)
    built = build(workspace, "2026-01", on=DAY)
    return Mail(built.issue, built.edition, workspace.config.archive_url or "", workspace.config.theme.accent)


def with_html(old: str, new: str, *, archive_url: str = "") -> Mail:
    """Return the mail with *new* for the first *old* in its HTML."""
    mail = finished()
    assert old in mail.edition.html
    return replace(
        mail, edition=replace(mail.edition, html=mail.edition.html.replace(old, new, 1)), archive_url=archive_url
    )


def added(html: str, *, archive_url: str = "") -> Mail:
    """Return the mail with *html* at its end."""
    return with_html("</body>", f"{html}</body>", archive_url=archive_url)


def with_text(old: str, new: str) -> Mail:
    """Return the mail with *new* for every *old* in its plain text."""
    mail = finished()
    assert old in mail.edition.text
    return replace(mail, edition=replace(mail.edition, text=mail.edition.text.replace(old, new)))


def messages(mail: Mail, code: str) -> list[str]:
    """Return what the check with that *code* says of a mail."""
    return [finding.message for finding in check_mail(mail) if finding.code == code]
