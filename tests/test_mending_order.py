"""Mending the order of a list: an item moves with what is its own, and every line keeps its end."""

from __future__ import annotations

import pytest
from mendings import DIARY, TRAINING, after, lines, mended

# --- order ---


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            """
            # the later one
            - Friday 6 March 2026 - C  # here
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A

                # below it
            - Wednesday 4 February 2026 - B
            """,
            None,
            id="a comment that stands alone",
        ),
        pytest.param(
            """
            # the later one
            - Friday 6 March 2026 - C  # here
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A
                # below it
            - Wednesday 4 February 2026 - B
            """,
            """
            # the first
            # of all
            - when: Tuesday 3 February 2026   # there
              # inside
              what: A
                # below it
            - Wednesday 4 February 2026 - B
            # the later one
            - Friday 6 March 2026 - C  # here
            """,
            id="comments go along",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C
                # below it
            - Wednesday 4 February 2026 - B
            - Tuesday 3 February 2026 - A
            """,
            """
            - Tuesday 3 February 2026 - A
            - Wednesday 4 February 2026 - B
            - Friday 6 March 2026 - C
                # below it
            """,
            id="a comment further in is that of the item above",
        ),
        pytest.param(
            """
            # in any order
            - Friday 6 March 2026 - C
            - Tuesday 3 February 2026 - A
            """,
            None,
            id="a comment that may be the list's",
        ),
        pytest.param(
            """
            # in any order

            - Friday 6 March 2026 - C
            - Tuesday 3 February 2026 - A
            # more to come
            """,
            """
            # in any order

            - Tuesday 3 February 2026 - A
            - Friday 6 March 2026 - C
            # more to come
            """,
            id="comments around the list stay",
        ),
        pytest.param(
            """
            # the first
            - Tuesday 3 February 2026 - A
            - Friday 6 March 2026 - C
            - Wednesday 4 February 2026 - B
            """,
            """
            # the first
            - Tuesday 3 February 2026 - A
            - Wednesday 4 February 2026 - B
            - Friday 6 March 2026 - C
            """,
            id="what comes first stays first",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C

            - Tuesday 3 February 2026 - A

            # with a comment
            - Wednesday 4 February 2026 -
              B
            """,
            """
            - Tuesday 3 February 2026 - A

            # with a comment
            - Wednesday 4 February 2026 -
              B

            - Friday 6 March 2026 - C
            """,
            id="a blank line between all",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - C
            - Wednesday 4 March 2026 - D

            - Tuesday 3 February 2026 - A
            """,
            None,
            id="groups",
        ),
        pytest.param(
            """
            -
              when: Friday 6 March 2026
              what: C
            - Tuesday 3 February 2026 - A
            """,
            None,
            id="a dash alone",
        ),
        pytest.param(
            """
            - Friday 6 March 2026 - B
            - Friday 6 March 2026 - A
            - Tuesday 3 February 2026 - Z
            - Tuesday 3 February 2026 - Y
            """,
            """
            - Tuesday 3 February 2026 - Z
            - Tuesday 3 February 2026 - Y
            - Friday 6 March 2026 - B
            - Friday 6 March 2026 - A
            """,
            id="what is at once keeps its order",
        ),
    ],
)
def test_order(written: str, expected: str | None) -> None:
    """An item moves with its comments; a list stays where it is not certain whose a line is."""
    found = mended(lines(DIARY, written))
    assert (lines(DIARY, expected or written), int(expected is not None)) == (found.after.data.decode(), found.lists)


def test_flow_lists_stay() -> None:
    """A list in brackets is not put into order; its dates are mended."""
    text = "    sessions: [{}, {}]\n"
    head = TRAINING.replace("    sessions:\n", "")
    expected = head + text.format("Friday 6 March 2026", "Tuesday 3 February 2026")
    assert expected == after(head + text.format("6 Mar 2026", "Tuesday 3 February 2026"))


def test_sessions_are_put_into_order_course_by_course() -> None:
    """Each course's sessions are a list of their own; one with keys moves as a whole."""
    first = "    - 6 Mar 2026, 9am\n    - date: 3 Feb 2026\n      note: Full\n"
    last = "  - title: Another\n    sessions:\n    - 7 March 2026\n    - 1 March 2026\n    book: https://example.org/\n"
    found = mended(TRAINING + first + last)
    assert (
        f"{TRAINING}    - date: Tuesday 3 February 2026\n      note: Full\n    - Friday 6 March 2026, 9am\n"
        "  - title: Another\n    sessions:\n    - Sunday 1 March 2026\n    - Saturday 7 March 2026\n"
        "    book: https://example.org/\n"
    ) == found.after.data.decode()
    assert (4, 2) == (found.dates, found.lists)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(bom: bytes, end: bytes, *, last: bool) -> None:
    """Line ends, the byte order mark and a missing last newline are kept, also where items change places."""

    def file(*items: str) -> bytes:
        text = (DIARY + "".join(f"  {item}\n" for item in items)).encode()
        return bom + (text if last else text[:-1]).replace(b"\n", end)

    written = file("- when: 6 Mar 2026", "  what: >-", "    Later", "    on", "# first", "- 3rd Feb 2026 - A")
    expected = file(
        "# first", "- Tuesday 3 February 2026 - A", "- when: Friday 6 March 2026", "  what: >-", "    Later", "    on"
    )
    assert expected == mended(written).after.data


def test_a_mend_that_changes_more_is_left_out() -> None:
    """A text that has its last newline from the file's would lose it at the end: its list stays, the dates change."""
    written = f"{DIARY}  - when: 6 Mar 2026\n    what: >\n      B\n  - 3 Feb 2026 - A"
    found = mended(written)
    expected = written.replace("6 Mar", "Friday 6 March").replace("3 Feb", "Tuesday 3 February")
    assert (expected, 2, 0) == (found.after.data.decode(), found.dates, found.lists)


def test_mixed_line_ends() -> None:
    """Each line keeps its own end inside an item; between items it stays where it is."""
    written = f"{DIARY}  - when: 6 Mar 2026\r\n    what: B\n  - 3 Feb 2026 - A\r\n"
    assert f"{DIARY}  - Tuesday 3 February 2026 - A\n  - when: Friday 6 March 2026\r\n    what: B\r\n" == after(written)
