"""Checks of personal data: what they mind, where they point, and what they leave in peace."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks.bench import Example, article, found, training

from newsletter.personal import find

CODES = ("N151", "N152", "N153", "N154", "N155", "N156", "N157")
NUMBER = "999 000 0018"


def corpus() -> list[tuple[str, str]]:
    """Return the lines of the corpus, each with the kind it holds, or the empty string."""
    lines, kind = [], ""
    for line in Path(__file__).with_name("corpus_personal.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and not line.startswith("[Call"):
            kind = line.strip("[]")
        elif not line.startswith("# "):
            lines.append((kind, line))
    return lines


CORPUS = corpus()


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, line in CORPUS if kind])
def test_personal_data_is_found(kind: str, line: str) -> None:
    """Each line of the corpus that holds personal data is found to, by its kind and no other."""
    assert {kind} == {one.kind for one in find(line)} - ({"date of birth"} if kind == "NHS number" else set())


@pytest.mark.parametrize("line", [line for kind, line in CORPUS if not kind])
def test_ordinary_lines_are_left_in_peace(line: str) -> None:
    """No line of the corpus that is ordinary raises an alarm."""
    assert [] == [(one.kind, line[one.start : one.end]) for one in find(line)]


def test_corpus_is_large_enough_to_measure_on() -> None:
    """There are at least 150 ordinary lines, 100 with personal data, and some of every kind."""
    kinds = [kind for kind, _ in CORPUS]
    assert (True, True, 8) == (kinds.count("") >= 150, len(kinds) - kinds.count("") >= 100, len(set(kinds)))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ([("N151", 7, 16)], article(f"See here {NUMBER} now.")),
        ([("N151", 7, 7)], article("999 000\n0018 is hers.")),
        ([("N154", 5, 20)], article("Call.", title="Call Jo 07700 900123")),
        ([("N155", 7, 19)], article("[Jo](mailto:jo%2Ebloggs%40gmail.com) knows.")),
        ([("N154", 1, 10), ("N155", 2, 12)], "subject: 07700 900123\npreheader: jo@gmail.com\nsections: []\n"),
    ],
)
def test_a_remark_points_at_the_data(expected: list[tuple[str, int, int]], text: str) -> None:
    """The place of a remark is where the data begins, or where the text does that holds it in other signs."""
    told = [(one.code, one.place.line, one.place.column) for one in found(Example(text), *CODES)]
    assert expected == told


def test_excused_text_passes_and_no_other() -> None:
    """An excuse lets one text pass, with its reason; the same fault elsewhere still stops the send."""
    excuse = "check-ignore:\n  - {code: N154, text: 07700 900123, why: The school nurses' text line}\n"
    text = article("Text the nurses on 07700 900123, or Jo on 07700 900456.") + excuse
    assert ["N154"] == [one.code for one in found(Example(text), *CODES, "N016")]


def test_a_code_alone_excuses_no_personal_data() -> None:
    """A code without a text lets nothing personal pass, and is told to be useless."""
    text = article(f"See {NUMBER}.") + "check-ignore: [N151]\n"
    assert ["N151", "N016"] == [one.code for one in found(Example(text), *CODES, "N016")]


def test_the_hint_shows_the_line_to_paste_and_that_line_works() -> None:
    """The hint ends with the excuse as a line of its own, in quotes, since most addresses have a comma."""
    address = "Mr Smith, 12 High Street, LS1 1AA"
    [finding] = found(Example(article(f"Flowers go to {address}.")), "N156")
    *_, line = finding.hint.splitlines()
    assert '- {code: N156, text: "...", why: "..."}' == line
    pasted = line.replace('"..."', f'"{address}"', 1).replace('"..."', '"It is made up"')
    text = article(f"Flowers go to {address}.") + f"check-ignore:\n  {pasted}\n"
    assert [] == found(Example(text), *CODES, "N016")


def test_where_a_session_is_is_a_venue() -> None:
    """A venue may be called as a person is; in the key of a session's location it is none."""
    text = training("Tuesday 3 February 2026, 9am").replace(
        "        sessions:", "        location: Jane Tomlinson, 4 Oak Road, Leeds, LS8 4AA\n        sessions:"
    )
    assert [] == found(Example(text), *CODES)


def test_data_that_overlaps_is_told_once() -> None:
    """A person's age that is found in two ways is one remark, of the longer words."""
    [finding] = found(Example(article("7 y/o girl from Leeds")), *CODES)
    text = article("7 y/o girl from Leeds") + (
        'check-ignore:\n  - {code: N157, text: "7 y/o girl from", why: "shorter than what is meant"}\n'
    )
    assert "N157" == finding.code
    assert ["N157", "N016"] == [one.code for one in found(Example(text), *CODES, "N016")]
