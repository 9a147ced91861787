"""``newsletter erase`` in list files: one row goes, and not another byte changes."""

from __future__ import annotations

import codecs
import os
import shutil
import stat
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import erasures
import pytest
from components import missing
from erasures import ERASE, files, posix
from hypothesis import given
from hypothesis import strategies as st
from sends import run
from subjects import AFTER, FILE, SAM

from newsletter import holdings
from newsletter.addresses import canonical
from newsletter.config import Config, Workspace
from newsletter.errors import NewsletterError
from newsletter.holdings import PLACES, look, open_subject
from newsletter.listfile import read_list

held = erasures.held

# --- list files ---


@posix
def test_a_hard_link_is_refused(held: Path) -> None:
    """Under a second name the row would stay: nothing is begun before that is mended."""
    os.link(held / FILE, held / "copy.csv")
    before = files(held)
    code, _, err = run(held, *ERASE)
    refused = (
        f"Not erased: {FILE} has a second name (a hard link), under which the row would stay.\n"
        "  Remove the other name, or put a copy of the file in its place. Then give the same command again.\n"
    )
    assert (6, refused) == (code, err)
    assert before == files(held)


@posix
def test_a_link_stays_a_link(held: Path) -> None:
    """What a symbolic link leads to is changed, the link is not."""
    (held / FILE).rename(held / "people.csv")
    (held / FILE).symlink_to("../people.csv")
    assert 0 == run(held, *ERASE)[0]
    assert AFTER.encode() == (held / "people.csv").read_bytes()
    assert "../people.csv" == str((held / FILE).readlink())


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_list_file_keeps_its_mode(mode: int, held: Path) -> None:
    """Who may read the file is as before."""
    (held / FILE).chmod(mode)
    run(held, *ERASE)
    assert mode == stat.S_IMODE((held / FILE).stat().st_mode)


def test_two_lists_in_one_file(held: Path) -> None:
    """A file that two lists name is one file."""
    path = held / "newsletter.yaml"
    text = path.read_text("utf-8").replace("  schools:", f"  again: {{file: {FILE}}}\n  schools:")
    path.write_text(text, "utf-8")
    assert 1 == run(held, *ERASE)[1].count(f"{FILE}:3")
    assert AFTER.encode() == (held / FILE).read_bytes()


def test_git_is_asked(held: Path) -> None:
    """Where git tracks the list file, it is said that its history holds the row."""
    if shutil.which("git") is None:
        missing("git (Debian package git)")
    for words in (("init", "-q"), ("add", "-f", FILE)):
        subprocess.run(["git", *words], cwd=held, check=True)
    told = f"  - git: what was committed stays in its history, and {FILE} is\n    tracked\n"
    assert told in run(held, *ERASE)[1]


CONFIG = Config.model_validate(
    {"title": "News", "organisation": "Us", "from": "us@example.org", "lists": {"list": {"file": "list.csv"}}}
)
ADDRESSES = st.sampled_from(
    ["amina@example.org", "Ben@example.org", "samx@example.org", "xsam@example.org", "sam@example.org.uk"]
)
SAMS = st.sampled_from([SAM, "SAM@Example.ORG", "Sam@example.org"])
CELLS = st.sampled_from(["", "Amina Khan", "O'Brien", 'a "word"', "Smith, Sam; Jo Lee", "B\u00fccher", " x "])


@st.composite
def list_files(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """Draw the lines of a list file: all of them, and those that are to stay."""
    delimiter = draw(st.sampled_from(",;\t"))
    columns = draw(st.permutations(["Email", "name", "role"]))

    def line(cells: list[str], *, quoted: bool) -> bytes:
        written = [
            '"' + cell.replace('"', '""') + '"' if quoted or set(cell) & set(',;\t"') else cell for cell in cells
        ]
        return (delimiter.join(written) + draw(st.sampled_from(["\n", "\r\n", "\r"]))).encode()

    begin = codecs.BOM_UTF8 if draw(st.booleans()) else b""
    lines = [(begin + b"\n" * draw(st.integers(0, 2)) + line(list(columns), quoted=False), True)]
    for is_sam in draw(st.lists(st.booleans(), max_size=6)):
        address = draw(SAMS if is_sam else ADDRESSES)
        cells = [address if column == "Email" else draw(CELLS) for column in columns]
        lines.append((line(cells, quoted=draw(st.booleans())), not is_sam))
        lines.append((draw(st.sampled_from([b"", b"\r\n", delimiter.encode() * 2 + b"\r\n"])), True))
    if draw(st.booleans()):  # the last line without its end
        *lines, (last, stays) = [one for one in lines if one[0]]
        lines.append((last.rstrip(b"\r\n"), stays))
    return [written for written, _ in lines], [written for written, stays in lines if stays]


@given(list_files())
def test_the_rest_of_a_list_file_stays_byte_for_byte(drawn: tuple[list[bytes], list[bytes]]) -> None:
    """Whatever its separators, quotes and line ends are, no other byte changes, and all others are read as before."""
    lines, stays = drawn
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(b"".join(lines))
        before = readable(path)
        with open_subject(Workspace(Path(folder), CONFIG, Path(folder) / "state"), SAM) as subject:
            holdings._take_out_rows(subject)
            assert (b"".join(stays), ()) == (path.read_bytes(), look(subject)[PLACES[4]])
        assert [one for one in before if canonical(one[0]) != SAM] == readable(path)


def readable(path: Path) -> list[tuple[str, str]]:
    """Who is read from a list file; nobody where nobody is left."""
    try:
        return [(one.address, one.name) for one in read_list(path, "list.csv", name="list").people]
    except NewsletterError as error:
        if "no recipients" not in [finding.message for finding in error.findings]:
            raise
        return []
