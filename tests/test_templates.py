"""Templates: those of the package, those of a workspace, which win, and what none of them may do."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import program
import pytest

from newsletter.config import open_workspace
from newsletter.errors import TemplateError, UsageError
from newsletter.templates import copy_template, find_template, own_template, packaged, template_names

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

NAMES = {
    "email.html", "email.txt", "footer.html", "head.css", "parts.html", "styles.css", "wide.css",
    *(f"sections/{kind}.{end}" for kind in ("article", "diary", "links", "training") for end in ("html", "txt")),
}  # fmt: skip
ISSUE = """
    subject: January 2026 newsletter
    preheader: What the partnership has to say this month
    sections:
      - type: article
        title: News
        body: Some words.
"""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, with nobody to answer."""
    return program.run(*arguments, cwd=cwd)


@pytest.fixture
def draw(workspace: Path, write_issue: Callable[..., Path]) -> Callable[..., str]:
    """A function that writes a template into the workspace and returns what is wrong with it in the end."""
    write_issue(ISSUE)

    def fault(text: str, name: str = "footer.html") -> str:
        path = workspace / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        done = run("build", cwd=workspace)
        assert (1, "", []) == (done.returncode, done.stdout, list(workspace.glob("build/*")))
        return done.stderr

    return fault


def test_the_packaged_ones() -> None:
    """The package brings these templates and no others."""
    assert NAMES <= set(template_names())
    assert list(template_names()) == sorted(template_names())


def test_listed(workspace: Path) -> None:
    """``templates`` lists each name with whose it is."""
    copy_template(workspace, "footer.html")
    done = run("templates", cwd=workspace)
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    mine = {"footer.html": "yours, in templates/"}
    assert (0, dict.fromkeys(template_names(), "packaged") | mine) == (done.returncode, lines)


def test_copied(workspace: Path) -> None:
    """``templates copy`` says where it lays a template down: one line that tells its origin, then byte by byte."""
    done = run("templates", "copy", "sections/article.html", cwd=workspace)
    said = "Copied to templates/sections/article.html. It now wins over the packaged one.\n"
    assert (0, said, "") == (done.returncode, done.stdout, done.stderr)
    first, _, copy = (workspace / "templates/sections/article.html").read_bytes().partition(b"\n")
    assert (packaged() / "sections/article.html").read_bytes() == copy
    told = rb"\{# Copied from the packaged sections/article\.html, [0-9a-f]{12}\. Keep this: newsletter doctor.* #\}"
    assert re.fullmatch(told, first)


def test_a_copy_changes_nothing(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """With a copy of every template an issue becomes the same bytes as with none."""
    write_issue(ISSUE)
    built = []
    for names in ((), template_names()):
        for name in names:
            copy_template(workspace, name)
        assert run("build", cwd=workspace).returncode == 0
        built.append([file.read_bytes() for file in sorted(workspace.glob("build/2026-01/*"))])
    assert built[0] == built[1]


def test_copied_once(workspace: Path) -> None:
    """A template that is there already is not overwritten."""
    (workspace / "templates").mkdir()
    (workspace / "templates/footer.html").write_bytes(b"mine")
    done = run("templates", "copy", "footer.html", cwd=workspace)
    told = "error: templates/footer.html is there already\n  Change that file, or remove it first.\n"
    assert (2, "", told) == (done.returncode, done.stdout, done.stderr)
    assert (workspace / "templates/footer.html").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("foter.html", 'Did you mean "footer.html"?'),
        ("section/article.html", 'Did you mean "sections/article.html"?'),
        ("../newsletter.yaml", "To see what there is: newsletter templates"),
        ("/etc/passwd", "To see what there is: newsletter templates"),
    ],
)
def test_unknown_names(name: str, hint: str, workspace: Path) -> None:
    """A name that is no template is refused, with the nearest that is one."""
    with pytest.raises(UsageError) as raised:
        copy_template(workspace, name)
    assert (2, f'there is no template "{name}"', hint) == (
        raised.value.exit_code, raised.value.message, raised.value.hint,
    )  # fmt: skip


def test_the_workspace_wins(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """A template of the workspace stands in for the packaged one of its name, and for no other."""
    write_issue(ISSUE)
    (workspace / "templates").mkdir()
    own = "<p>Our own footer for {{ list_title }}. {{ unsubscribe }}</p>"
    (workspace / "templates/footer.html").write_text(own, "utf-8")
    done = run("build", cwd=workspace)
    html = (workspace / "build/2026-01/email.html").read_text("utf-8")
    assert (0, 1, 1) == (done.returncode, html.count("Our own footer for Practitioners."), html.count("<h1"))
    assert workspace / "templates/footer.html" == find_template(workspace, "footer.html")
    assert packaged() / "email.html" == find_template(workspace, "email.html")
    assert [None, workspace / "templates/footer.html"] == [
        own_template(workspace, name) for name in ("email.html", "footer.html")
    ]


@pytest.mark.parametrize("name", ["../secret.html", "/etc/hostname", "a/../../b.html", "..\\secret.html", "nul\0.html"])
def test_no_way_out(name: str, workspace: Path) -> None:
    """No name leads out of the folders of templates, whether the file is there or not."""
    (workspace / "secret.html").write_text("secret", "utf-8")
    with pytest.raises(TemplateError, match="there is no template"):
        find_template(workspace, name)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_outside_is_refused(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """A template that is a link to a file outside templates/ is refused in one line."""
    write_issue(ISSUE)
    (workspace / "secret.html").write_text("the secret", "utf-8")
    (workspace / "templates").mkdir()
    (workspace / "templates/footer.html").symlink_to("../secret.html")
    done = run("build", cwd=workspace)
    told = "error: templates/footer.html is a link to a file outside templates/\n  Copy the file there.\n"
    assert (1, "", told) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", ["../secret.html", "/etc/hostname"])
def test_includes_stay_inside(name: str, draw: Callable[..., str], workspace: Path) -> None:
    """An include that leads out is told as a template that is not there, and the file's words never appear."""
    (workspace / "secret.html").write_text("the secret", "utf-8")
    assert draw(f'{{% include "{name}" %}}').splitlines()[0].endswith(f'there is no template "{name}"')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<p>\n{{ isue.subject }}", "templates/footer.html:2: 'isue' is undefined"),
        ("{{ issue.subjct }}", "templates/footer.html:1: 'newsletter.model.Issue object' has no attribute 'subjct'"),
        ("<p>\n\n{% if %}", "templates/footer.html:3: Expected an expression, got 'end of statement block'"),
        ("{{ 1 // 0 }}", "templates/footer.html:1: "),
        ('{% include "footer.html" %}', "includes itself"),
    ],
    ids=["undefined", "undefined attribute", "syntax", "arithmetic", "itself"],
)
def test_faults_have_a_place(text: str, told: str, draw: Callable[..., str]) -> None:
    """What is wrong in a template is told in one line, with its name and line where it has one."""
    first, *rest = draw(text).splitlines()
    assert told in first
    assert first.startswith("error: templates/")
    assert ["  "] == [line[:2] for line in rest]


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "issue.model_construct",
        "issue.sections[0].model_construct()",
        "issue.sections[0].parse_file('/etc/passwd')",
        "cycler.__init__.__globals__.os.system('touch canary')",
        "lipsum.__globals__",
        "picture.__code__",
        "issue.__class__.__init__.__globals__",
    ],
)
def test_the_sandbox(expression: str, draw: Callable[..., str], workspace: Path) -> None:
    """A template cannot reach Python, nor the methods of our values: one line, and nothing happened."""
    stderr = draw("{{ " + expression + " }}")
    assert re.match(r"error: templates/footer\.html:1: .*(unsafe|undefined|no attribute|not safely callable)", stderr)
    assert [] == list(workspace.rglob("canary"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<style>@import url(http://example.org/a.css);</style>", "@import"),
        ('<style>\n@IMPORT "file:///etc/passwd";</style>', "@IMPORT"),
        ('<link rel="stylesheet" href="http://example.org/a.css">', "<link"),
        ('<LINK rel=stylesheet href="file:///etc/passwd">', "<LINK"),
    ],
)
def test_nothing_is_fetched(text: str, named: str, draw: Callable[..., str]) -> None:
    """A template that would have something fetched while building is refused."""
    first = draw(text).splitlines()[0]
    assert f'error: a template has "{named}": an email may neither fetch nor run anything' == first


def test_what_authors_write_is_no_template(workspace: Path, write_issue: Callable[..., Path]) -> None:
    """Template code in an article appears as it was written and is never run."""
    code = "{{ 7 + 35 }} {% for word in issue %} {{ cycler.next() }} {# gone #}"
    write_issue(ISSUE.replace("Some words.", f'"{code}"'))
    done = run("build", cwd=workspace)
    text = (workspace / "build/2026-01/email.txt").read_text("utf-8")
    assert (0, True) == (done.returncode, code in text)


@pytest.mark.parametrize("debug", [True, False])
def test_tracebacks_are_for_debug(debug: bool, draw: Callable[..., str], workspace: Path) -> None:  # noqa: FBT001
    """A broken template shows a traceback with --debug and none without."""
    draw("{{ isue }}")
    done = run(*(["--debug"] if debug else []), "build", cwd=workspace)
    assert debug is ("Traceback" in done.stderr)


def test_an_issue_of_the_workspace_is_needed(tmp_path: Path) -> None:
    """Outside a workspace the templates cannot be listed, since some might be the workspace's own."""
    assert run("templates", cwd=tmp_path).returncode == 3
    assert not Path(tmp_path, "templates").exists()


def test_the_workspace_opens_with_templates_only_of_its_own(workspace: Path) -> None:
    """A workspace needs no templates at all."""
    assert [None] == list({own_template(open_workspace(workspace).root, name) for name in template_names()})
