"""Dates in running text: which are told of, with what to write instead, and which are left in peace."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from checks.bench import DAY, ISSUE, Example, article, diary, found

from newsletter.checks import Context, Remark, all_checks
from newsletter.load import load_issue

ORDINARY = (Path(__file__).parent / "ordinary.txt").read_text("utf-8").splitlines()
PEACEFUL = (
    "Half of them, 1/2 or 3/4, came on both days.",
    "The team won 3-1, then lost 2-10-1 on points.",
    "We are here 24/7 and have been since 9/11.",
    "The plan for 2025/26 follows that of 2024-25.",
    "Ring 0113 496 0000, or 07-12-2020-11 from abroad.",
    "Pupils in years 10/11/12 and groups 10/11/26 may come.",
    "See case 12/11/2025, ref: 03/02/2026 and version 2.10.2025.",
    "The file minutes-2026-02-27.pdf lies beside 2026-02-27.docx and 2026-02-27_notes.",
    "Application 12/11/2025/FUL is with the planners.",
    "Read https://example.org/2026/02/27/news and [the news](https://example.org/12/11/2025).",
    "Type `12/11/2025` and `Wednesday 10 March 2026` as they stand.",
    "Their paper \u2018Care before 12/11/2025\u2019 is short.",
    "We meet on Monday. 10 March 2026 is the deadline.",
    "We met on Tuesday 10 March. 2027 will be another year.",
    "On Friday, 3 may go to court, and on Monday 12 march through the town.",
    "On Tuesday 10 March 30 people came.",
    "Drop in on Tuesday 10 March 1400 to 1600, or on Tuesday 10 March 2000 to 2100.",
    "In 2021 the forum met on Wednesday 10 March for the first time.",
    "In May 20 families came, and in June 2026 more will.",
    "The September 11 attacks changed the law.",
    "On Friday 13 December 2019, the report said so.",
    "It runs from Thursday 18 December to Tuesday 13 January, and again on Thursday 8 January.",
    "We meet on:\n\n- Monday\n- 10 March 2026\n\nWe end on Monday\n\n10 March 2026 is the next date.",
    "Open Monday to Friday, 9am to 5pm; every Monday from 10 February 2026.",
    "The child, born on 12/11/2015, is well.",
)


def told(text: str, *codes: str) -> list[Remark]:
    """Return what the checks with these *codes* say of the issue *text*, by where they say it."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "issues").mkdir()
        (Path(folder) / f"issues/{ISSUE}.yaml").write_text(text, "utf-8")
        issue = load_issue(Path(folder), ISSUE)
    context = Context(issue, DAY, ZoneInfo("Europe/London"))
    remarks = [remark for check in all_checks() if check.code in codes for remark in check.run(context)]
    return sorted(remarks, key=lambda remark: remark.place)


@pytest.mark.parametrize("sentence", [*PEACEFUL, "\n\n".join(ORDINARY)], ids=lambda sentence: sentence[:30])
def test_ordinary_sentences_pass(sentence: str) -> None:
    """Numbers that are no dates, and dates that are right, are left in peace."""
    assert [] == told(article(sentence), "N134", "N135")


@pytest.mark.parametrize(
    ("message", "hint", "body"),
    [
        (
            "Wednesday 10 March 2026 is a Tuesday",
            'Write "Tuesday 10 March 2026", or "Wednesday 11 March 2026".',
            ["On Wednesday 10 March 2026 at 2pm.", "On Wednesday, 10 March 2026.", "On Wed. 10th Mar 2026.",
             "On **Wednesday** 10 March 2026.", "On Weds the 10th of March 2026", "On Wednesday\n10 March 2026",
             "On WEDNESDAY 10 MARCH 2026", "On wednesday 10 march 2026", "On Wednesday 10 March '26",
             "On Wednesday, March 10, 2026", "On Wednesday 10/3/2026", "On Wednesday 2026-03-10",
             "\u2018On Wednesday 10 March 2026\u2019, she said.", "# On Wednesday 10 March 2026"],
        ),
        (
            "Friday 27 February 2025 is a Thursday",
            'Write "Friday 27 February 2026", "Thursday 27 February 2025", or "Friday 28 February 2025".',
            ["By Friday 27 February 2025"],
        ),
        (
            "Sunday 13 December 2019 is a Friday",  # it would fit in 2026, but history is no slip in copying
            'Write "Friday 13 December 2019", or "Sunday 15 December 2019".',
            ["On Sunday 13 December 2019, the report said so."],
        ),
        ("there is no 31 April 2026", "Look it up, and write the day that is meant.", ["On Friday 31 April 2026"]),
        (
            "Friday 18 December 2025 is a Thursday",
            'Write "Thursday 18 December", or "Friday 19 December".',
            ["From Friday 18 December to Tuesday 13 January 2026"],
        ),
        (
            "Friday 4 March 2026 is a Wednesday",  # Friday 6 would be behind the end
            'Write "Wednesday 4", or "Friday 27 February".',
            ["Friday 4 to Thursday 5 March 2026"],
        ),
    ],
)  # fmt: skip
def test_wrong_weekday(message: str, hint: str, body: list[str]) -> None:
    """A weekday that is not its date's is an error, however it is written, and the hint says what may be meant."""
    expected = [(message, hint, None)]
    for text in body:
        assert expected == [(one.message, one.hint, one.severity) for one in told(article(text), "N134", "N135")]


@pytest.mark.parametrize(
    ("message", "hint", "body"),
    [
        (
            "Monday 24 February is a Tuesday, if 2026 is meant",
            'Write "Tuesday 24 February", or "Monday 23 February". If 2025 is meant, write "Monday 24 February 2025".',
            "It moves to Monday 24 February.",
        ),
        (
            "Sunday 31 August is a Monday, if 2026 is meant",
            'Write "Monday 31 August", or "Sunday 30 August". If 2025 is meant, write "Sunday 31 August 2025".',
            "It moves to Sunday 31 August.",
        ),
        (
            "Wednesday 10 March is a Tuesday, if 2026 is meant",
            "Every weekday fits in 2027: write that year if it is meant. If not, look at the weekdays.",
            "Wednesday 10 to Friday 12 March",
        ),
        (
            "there is no 29 February 2026",
            "Look it up, and write the day that is meant.",
            "On Friday 29 February we meet.",
        ),
    ],
)
def test_year_is_assumed(message: str, hint: str, body: str) -> None:
    """Without a year a wrong weekday is a warning that says which year was assumed."""
    assert [(message, hint, "warning")] == [
        (one.message, one.hint, one.severity) for one in told(article(body), "N134")
    ]


@pytest.mark.parametrize(
    ("assumed", "body"),
    [
        (2025, "On Tuesday 1 September"),
        (2025, "On Monday 9 November"),
        (2026, "On Sunday 31 August"),
        (2026, "On Tuesday 1 January"),
    ],
)
def test_assumed_year_is_near_the_issue(assumed: int, body: str) -> None:
    """The year is the one that puts the date from four months before the issue to less than eight after it."""
    assert [f"if {assumed} is meant"] == [one.message.split(", ")[1] for one in told(article(body), "N134")]


@pytest.mark.parametrize(
    ("message", "hint", "body"),
    [
        ('"12/11/2025" can be read two ways', '"12 November 2025", or "11 December 2025"', "By 12/11/2025."),
        ('"3/2/26" can be read two ways', '"3 February 2026", or "2 March 2026"', "(by 3/2/26)"),
        ('"12/11/2025" writes the month in figures', '"Wednesday 12 November 2025"', "On Wed 12/11/2025"),
        ('"03/13/2026" has the month before the day', '"13 March 2026"', "By 03/13/2026, please"),
        ('"13.03.2026" writes the month in figures', '"13 March 2026"', "By 13.03.2026."),
        ('"02/02/2026" writes the month in figures', '"2 February 2026"', "By 02/02/2026"),
        ('"2026-02-27" writes the month in figures', '"27 February 2026"', "By 2026-02-27"),
        ('there is no date "31/02/2026"', 'the month as a word, as in "3 February 2026"', "By 31/02/2026"),
        ('"February 27, 2026" has the month before the day', '"27 February 2026"', "By February 27, 2026."),
        ('"Feb. 27 2026" has the month before the day', '"27 February 2026"', "By Feb. 27 2026"),
        ('"Friday, February 27" has the month before the day', '"Friday 27 February"', "Friday, February 27"),
        ('"July 4th" has the month before the day', '"4 July"', "By July 4th we know."),
        ('"February 27" has the month before the day', '"27 February"', "We meet on February 27."),
    ],
)
def test_figures_and_american_dates(message: str, hint: str, body: str) -> None:
    """A date in figures, or with the month first, is told of once, with all that it may be in the house style."""
    assert [(message, f"Write {hint}.")] == [(one.message, one.hint) for one in told(article(body), "N131", "N135")]


def test_each_date_has_its_place() -> None:
    """Titles, notes and the preheader are read, each at its place; dates of sessions and of the diary are not."""
    text = (
        "subject: News\npreheader: Come on Wednesday 10 March 2026\nsections:\n"
        "  - type: training\n    title: Dates from 12/11/2025\n    courses:\n      - title: Neglect\n"
        "        book: https://example.org/book\n        sessions:\n"
        "          - {date: Wednesday 10 March 2026, note: Doors close on Friday 10 March 2026}\n"
        "  - type: diary\n    title: Diary\n    dates:\n      - Wednesday 10 March 2026 - A day\n"
    )
    expected = [
        ("2:20", "Wednesday 10 March 2026"),
        ("5:23", "12/11/2025"),
        ("10:66", "Friday 10 March 2026"),
    ]
    remarks = told(text, "N134", "N135")
    assert expected == [(f"{one.place.line}:{one.place.column}", one.words) for one in remarks]


@pytest.mark.parametrize("body", ["On Wed 10th March 2026", "On Sept 27, 2026", "On Wed 10th March"])
def test_a_date_is_told_of_once(body: str) -> None:
    """Of a date with a wrong weekday, or an American one, nothing is said of its style as well."""
    assert 1 == len(told(article(body), "N131", "N134", "N135"))


def test_structured_dates_are_told_of_once() -> None:
    """A wrong weekday in the diary is N101's alone."""
    assert ["N101"] == [one.code for one in found(Example(diary("Wednesday 10 March 2026 - Day")), "N101", "N134")]


def test_a_wrong_weekday_can_be_excused() -> None:
    """What a quotation says may stay, for one text and with a reason."""
    text = article("\u201cOn Wednesday 10 March 2026\u201d, said the letter.")
    excused = text + 'check-ignore:\n  - {code: N134, text: Wednesday 10 March 2026, why: "a quotation"}\n'
    assert [] == found(Example(excused), "N134", "N016")
