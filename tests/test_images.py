"""Pictures: PNG, JPEG and GIF of the workspace, at most 1 MB; everything else is refused by name."""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from newsletter.images import LIMIT, read_picture
from newsletter.model import Picture
from newsletter.written import Fault

if TYPE_CHECKING:
    from pathlib import Path


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG, with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """Return a grey PNG."""
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    """Return the head of a JPEG, which is all that its size takes."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return (
        b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0" + frame + b"\xff\xd9"
    )


def gif(width: int, height: int) -> bytes:
    """Return an empty GIF."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


@pytest.mark.parametrize(("kind", "data"), [("png", png(30, 20)), ("jpeg", jpeg(30, 20)), ("gif", gif(30, 20))])
def test_picture_is_read(tmp_path: Path, kind: str, data: bytes) -> None:
    """A PNG, JPEG or GIF is read with its size, by its bytes and not by its name."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a b.png").write_bytes(data)
    assert Picture("a b.png", kind, data, 30, 20) == read_picture(tmp_path, "images/a b.png")


@pytest.mark.parametrize("data", [png(10_000, 1), *(make(3, 3) + b"tail\0\0" for make in (png, jpeg, gif))])
def test_picture_may_be_wide_and_have_a_tail(tmp_path: Path, data: bytes) -> None:
    """The longest side, and what some programs write behind a picture, are let pass."""
    (tmp_path / "a.png").write_bytes(data)
    assert data == read_picture(tmp_path, "a.png").data


def test_picture_may_weigh_a_megabyte(tmp_path: Path) -> None:
    """A picture of exactly the limit is read; one byte more is refused."""
    (tmp_path / "a.png").write_bytes(data := png(1, 1).ljust(LIMIT, b"\0"))
    assert data == read_picture(tmp_path, "a.png").data
    (tmp_path / "a.png").write_bytes(data + b"\0")
    with pytest.raises(Fault, match=r'^"a\.png" is larger than 1 MB$'):
        read_picture(tmp_path, "a.png")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", '"a.png" is not a PNG, JPEG or GIF'),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", '"a.png" is not a PNG, JPEG or GIF'),
        (b"RIFF\0\0\0\0WEBPVP8 ", '"a.png" is not a PNG, JPEG or GIF'),
        (png(1, 1)[:8], '"a.png" is damaged'),
        (png(1, 1)[:20], '"a.png" is damaged'),
        (png(0, 5), '"a.png" is damaged'),
        (jpeg(1, 1)[:4], '"a.png" is damaged'),
        (jpeg(1, 1)[:22], '"a.png" is damaged'),
        (gif(1, 1)[:7], '"a.png" is damaged'),
        (gif(0, 0), '"a.png" is damaged'),
        (png(3, 3)[:-12], '"a.png" is damaged'),
        (png(3, 3)[:40], '"a.png" is damaged'),
        (jpeg(3, 3)[:-2], '"a.png" is damaged'),
        (gif(3, 3)[:-1], '"a.png" is damaged'),
        (png(10_001, 1), '"a.png" is 10,001 by 1 pixels'),
        (png(1, 10_001), '"a.png" is 1 by 10,001 pixels'),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    """Another format, and a file that is cut short or has no size, are refused."""
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(Fault) as caught:
        read_picture(tmp_path, "a.png")
    assert ("N010", expected) == (caught.value.code, caught.value.message)


@pytest.mark.parametrize(
    ("src", "expected"),
    [
        ("none.png", 'there is no picture "none.png"'),
        ("images", 'there is no picture "images"'),
        ("file.txt/a.png", 'there is no picture "file.txt/a.png"'),
        ("loop.png", '"loop.png" cannot be opened: '),
        ("a" * 300, f'"{"a" * 300}" cannot be opened: '),
        ("fifo", 'there is no picture "fifo"'),
        ("out.png", '"out.png" is not a picture in this workspace'),
        ("../out/secret.png", '"../out/secret.png" is not a picture in this workspace'),
        ("/etc/passwd", '"/etc/passwd" is not a picture in this workspace'),
        ("file:///etc/passwd", '"file:///etc/passwd" is not a picture in this workspace'),
        ("c:a.png", '"c:a.png" is not a picture in this workspace'),
        (r"images\a.png", r'"images\a.png" is not a picture in this workspace'),
        ("data:image/png;base64,eA==", '"data:image/png;base64,eA==" is not a picture in this workspace'),
    ],
)
def test_what_is_not_in_the_workspace_is_refused(tmp_path: Path, src: str, expected: str) -> None:
    """A path that leads nowhere, out of the workspace or to the web is refused, and nothing hangs."""
    root = tmp_path / "root"
    (root / "images").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/secret.png").write_bytes(png(1, 1))
    (root / "out.png").symlink_to(tmp_path / "out/secret.png")
    (root / "loop.png").symlink_to(root / "loop.png")
    (root / "file.txt").write_text("x", "utf-8")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "fifo")
    with pytest.raises(Fault) as caught:
        read_picture(root, src)
    assert "N010" == caught.value.code
    assert caught.value.message.startswith(expected)
    assert caught.value.hint
