"""Reading an issue: what is no issue at all, and the names of issues and their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import loading
import pytest
from loading import article

from newsletter.errors import ConfigError, ContentError, UsageError
from newsletter.load import issue_ids, load_issue, misnamed, newest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.model import Issue

load, faults = loading.load, loading.faults

# What is no issue


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "1:1: error N001: the file is empty"),
        (b"- a\n", "1:1: error N001: expected keys with their values, found a list"),
        (b'{"subject": "x"}', "1:1: error N001: this is not YAML but JSON"),
        (b"<!doctype html>", "1:1: error N001: this is not YAML but a web page (HTML)"),
        (b"PK\x03\x04", "1:1: error N001: this is not YAML but a zip archive, such as a Word or Excel file"),
        (b"? [a]\n: b\n", "1:3: error N002: a key must be a word, not a list or a group of keys"),
    ],
)
def test_file_that_is_no_issue_is_refused(faults: Callable[..., list[str]], data: bytes, expected: str) -> None:
    """What is no YAML with keys is refused before anything is read from it."""
    assert expected == faults(data)[0].split("\n")[0]


def test_unquoted_colon_is_told_with_the_line_to_paste(
    faults: Callable[..., list[str]], load: Callable[..., Issue]
) -> None:
    """A title with a colon is refused with the corrected line, and with that line the issue can be read."""
    text = "sections:\n  - type: article\n    title: Bullying: what helps\n    body: x\n"
    (said,) = faults(text)
    head, _, mended = said.split("\n", 2)
    assert "3:12: error N001: a colon inside text needs quotes around the text" == head
    assert '      title: "Bullying: what helps"' == mended
    issue = load(text.replace("    title: Bullying: what helps", mended.removeprefix("  ")))
    assert ["Bullying: what helps"] == [section.title for section in issue.sections]


@pytest.mark.parametrize(
    "text",
    [
        "sections:\n" + "- {type: article, title: A, body: B}\n" * 10_000,
        article("body: |", *("  word " * 100 for _ in range(1500))),
    ],
)
def test_oversize_issue_is_refused(faults: Callable[..., list[str]], text: str) -> None:
    """Ten thousand articles, or a megabyte of text, are no issue."""
    (said,) = faults(text)
    assert re.match(r"\d+:\d+: error N00[12]: (more than 20,000 values|the file is larger than 512 kB)", said)


def test_link_out_of_the_workspace_is_refused(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An issue that is a link to a file elsewhere is refused, and the target named."""
    target = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    target.write_text("sections: []\n", "utf-8")
    (workspace / "issues/2026-01.yaml").symlink_to(target)
    with pytest.raises(ContentError) as caught:
        load_issue(workspace, "2026-01")
    assert [
        (
            "issues/2026-01.yaml:1:1: error N001: this is a link to a file outside this workspace\n"
            f"  It leads to {target.as_posix()}. Copy that file here instead."
        )
    ] == [str(finding) for finding in caught.value.findings]


def test_link_to_itself_is_told(workspace: Path) -> None:
    """An issue that is a link to itself is told in one line, like a folder of that name."""
    (workspace / "issues/2026-01.yaml").symlink_to(workspace / "issues/2026-01.yaml")
    (workspace / "issues/2026-02.yaml").mkdir()
    for issue in ("2026-01", "2026-02"):
        with pytest.raises(ConfigError, match=rf"^issues/{issue}\.yaml "):
            load_issue(workspace, issue)


# Names


@pytest.mark.parametrize(
    "issue",
    [
        "../../etc/passwd",
        "/etc/passwd",
        r"..\x",
        "2026-01\n",
        "2026-01;ls",
        "$(id)",
        "2026-01\0",
        "-rf",
        "2026-13",
        "0000-01",
        "2026-1",
        "january",
        "2026-01-Extra",
        "2026-01--extra",
        "2026-01-",
        "2026-01-" + "a" * 33,
        "",
        "٢٠٢٦-01",
    ],
)
def test_what_is_no_issue_id_is_refused(workspace: Path, issue: str) -> None:
    """An id that is none is refused before any file is looked for, and told in one line."""
    with pytest.raises(UsageError) as caught:
        load_issue(workspace, issue)
    assert f"{issue!r} is not an issue id" == caught.value.message
    assert (
        "An issue is named by year and month, as in 2026-01, or 2026-01-a-name for a special edition."
        == caught.value.hint
    )


@pytest.mark.parametrize(
    "named", ["issues/2026-01.yaml", r"issues\2026-01.yaml", "2026-01.yaml", "./issues/2026-01.yml", "build/2026-01/"]
)
def test_the_file_of_an_issue_is_met_with_its_id(named: str, workspace: Path, write_issue: Callable[..., Path]) -> None:
    """Whoever names an issue by its file or folder, as a shell completes it, is told the id to type."""
    write_issue("sections: []")
    with pytest.raises(UsageError) as caught:
        load_issue(workspace, named)
    assert (f"{named!r} is not an issue id", 'Did you mean "2026-01"?') == (caught.value.message, caught.value.hint)


def test_issue_that_does_not_exist_is_told(load: Callable[..., Issue], workspace: Path) -> None:
    """An id without a file is told with the nearest one there is, or with the name to write it under."""
    load("sections: []\n", "2026-01")
    hints = []
    for issue in ("2026-02", "1999-12-party"):
        with pytest.raises(UsageError, match=rf"^there is no issue {issue}$") as caught:
            load_issue(workspace, issue)
        hints.append(caught.value.hint)
    assert ['Did you mean "2026-01"?', "Write it as issues/1999-12-party.yaml."] == hints


def test_issues_are_listed_by_their_names(workspace: Path) -> None:
    """Files named by an id are issues, oldest first; others are told apart; the newest is never a special edition."""
    for name in [
        "2026-01.yaml",
        "2025-12.yaml",
        "2026-02-extra.yaml",
        "january.yaml",
        "2026-03.yml",
        "aux.yaml",
        "schema.json",
    ]:
        (workspace / "issues" / name).write_text("sections: []\n", "utf-8")
    assert ("2025-12", "2026-01", "2026-02-extra") == issue_ids(workspace)
    assert ("2026-03.yml", "aux.yaml", "january.yaml") == misnamed(workspace)
    assert "2026-01" == newest(workspace)


def test_no_issue_yet(workspace: Path) -> None:
    """Without a monthly issue there is no newest, and the hint says how to write one."""
    (workspace / "issues/2026-01-extra.yaml").write_text("sections: []\n", "utf-8")
    with pytest.raises(UsageError, match=r"^there is no issue yet$") as caught:
        newest(workspace)
    assert "Write one as issues/2026-01.yaml, named by year and month." == caught.value.hint
