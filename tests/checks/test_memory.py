"""What one issue says of another, of dates and sessions: the finer cases."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from checks.bench import DAY, Example, article, diary, found, training
from conftest import ROOT

from newsletter.build import build
from newsletter.config import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.findings import Finding

WORK = "Working Together to safeguard children and young people"


def told(example: Example, *codes: str) -> list[tuple[str, str]]:
    """Return the code and the message of all that is found."""
    return [(finding.code, finding.message) for finding in found(example, *codes)]


def against(text: str, other: str, *, id: str = "2026-01", other_id: str = "2025-12") -> list[str]:  # noqa: A002
    """Return the codes of what is found about dates and sessions in *text*, with *other* beside it."""
    findings = found(Example(text, others={other_id: other}, id=id), "N111", "N113")
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("3 to 8 February 2026 - Week", "3 to 9 February 2026 - Week"),
        ("3 to 8 February 2026 - Week", "3 February 2026 - Week"),
        ("10 February 2026 - Day", "11 February 2026 - Day"),
        ("10 February 2026 - Conference", "2 March 2026 - Conference"),
        ("10 February 2026, 9am to 10am - Talk", "10 February 2026, 9am to 11am - Talk"),
        ("10 February 2026, 9am - Talk", "10 February 2026, 1pm - Talk"),
        ("10 February 2026 - Children’s Rights & Play", "11 February 2026 - childrens “rights” and  play"),
        ("10 February 2026 - Zoë - a film", "11 February 2026 - ZOË – a film"),
    ],
)
def test_a_diary_event_with_another_date(here: str, there: str) -> None:
    """One event with two dates is told in either issue, whichever has which."""
    assert ["N111", "N111"] == against(diary(here), diary(there)) + against(diary(there), diary(here))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (["10 February 2026 - Safer Internet Day"], ["9 February 2027 - Safer Internet Day"]),  # next year's
        (["10 February 2026 - Memorial Day"], ["27 January 2027 - Memorial Day"]),
        (["10 February 2026 - Forum"], ["13 January 2026 - Forum"]),  # the second Tuesday of each month
        (["16 September 2026 - Forum"], ["7 October 2026 - Forum"]),  # the first after a gap
        (["10 February 2026 - Conference"], ["21 May 2026 - Conference"]),  # too far to say
        (["13 January 2026 - Forum"], ["9 December 2025 - Forum"]),  # over by then
        (["13 January 2026 - Forum"], ["11 December 2025 - Forum"]),
        (
            ["13 January 2026 - Forum", "10 February 2026 - Forum"],
            ["12 February 2026 - Forum", "12 March 2026 - Forum"],
        ),
        (["10 February 2026 - Forum"], ["10 February 2026 - Forum", "12 March 2026 - Forum"]),
        (["10 February 2026, 9am - Talk"], ["10 February 2026 - Talk"]),  # one says more
        (["10 February 2026, 9am to 10am - Talk"], ["10 February 2026, 9am - Talk"]),
        (["10 February 2026, 9am to 3.30pm - Talk"], ["Tues 10th Feb 2026, 09:00-15:30 - Talk"]),
        (
            ["10 February 2026, 9am to 10am - Talk", "10 February 2026, 1pm to 2pm - Talk"],
            ["10 February 2026, 9am to 10am - Talk"],
        ),
        (["10 February 2026 - Zoë"], ["11 February 2026 - Zoe"]),  # accents count
        (["10 February 2026 - Day of Play"], ["11 February 2026 - Day of Work"]),
    ],
)
def test_a_diary_event_that_is_another(here: list[str], there: list[str]) -> None:
    """What comes again, says less or has another title is no difference, from either side."""
    assert [] == against(diary(*here), diary(*there)) + against(diary(*there), diary(*here))


@pytest.mark.parametrize(
    ("expected", "here", "there"),
    [
        (["N111"], ["3 February 2026, 9am to 3pm"], ["3 February 2026, 9am to 4pm"]),
        (["N111"], ["10 February 2026"], ["3 February 2026"]),  # moved
        (["N111"], ["10 February 2026", "19 May 2026"], ["3 February 2026", "19 May 2026"]),
        (["N111"], ["10 February 2026"], ["3 January 2026", "3 February 2026"]),
        (["N111"], ["23 February 2026"], ["3 February 2026"]),  # less than three weeks
        (["N113"], ["24 February 2026"], ["3 February 2026"]),
        (["N113"], ["5 May 2026", "7 July 2026"], ["3 March 2026", "5 May 2026"]),  # the list goes on
        (["N113"], ["10 February 2026", "17 February 2026"], ["3 February 2026", "10 February 2026"]),
        (["N113"], ["19 May 2026"], ["3 February 2026", "19 May 2026"]),
        (["N113"], ["19 May 2026", "20 May 2026"], ["3 February 2026", "4 February 2026"]),
        (["N113"], ["{date: 10 February 2026, cancelled: true}", "19 May 2026"], ["3 February 2026", "19 May 2026"]),
        ([], ["19 May 2026", "20 May 2026"], ["19 May 2026"]),  # a new one
        ([], ["19 May 2026"], ["3 January 2026", "19 May 2026"]),  # over on the day of sending
        ([], ["19 May 2026"], ["6 January 2026", "19 May 2026"]),  # tomorrow
        ([], ["6 January 2026", "19 May 2026"], ["5 January 2026", "6 January 2026", "19 May 2026"]),  # it has begun
        ([], ["19 May 2026"], ["11 January 2026", "19 May 2026"]),
        (["N113"], ["19 May 2026"], ["12 January 2026", "19 May 2026"]),  # a week from the day of sending
        (["N111"], ["8 January 2026", "19 May 2026"], ["6 January 2026", "19 May 2026"]),
        ([], ["19 May 2026"], ["{date: 3 February 2026, cancelled: true}", "19 May 2026"]),
        ([], ["{date: 3 February 2026, cancelled: true}", "10 February 2026"], ["3 February 2026"]),
        ([], ["3 February 2026, 1pm"], ["{date: 3 February 2026, start: 9am, cancelled: true}"]),
        ([], ["3 February 2026, 9.30am - 10.30am"], ["Tuesday 3 February 2026 at 09:30 to 10:30"]),
        ([], ["3 February 2026, 9am to 10am", "3 February 2026, 1pm to 2pm"], ["3 February 2026, 1pm to 2pm"]),
        (["N111"], ["3 February 2026, 9am", "3 February 2026, 2pm"], ["3 February 2026, 9am", "3 February 2026, 1pm"]),
    ],
)
def test_a_session_of_an_earlier_issue(expected: list[str], here: list[str], there: list[str]) -> None:
    """A session that changed or moved is a date that differs; one that is gone has vanished; others are fine."""
    assert expected == against(training(*here), training(*there))


@pytest.mark.parametrize("id", ["2026-04", "2026-05"])
@pytest.mark.parametrize("on", [date(2026, 4, 1), date(2026, 5, 1)])
def test_a_list_that_goes_on(id: str, on: date) -> None:  # noqa: A002
    """Of a list that drops its first sessions and adds one at its end nothing was moved, from either side."""
    issues = {
        "2026-04": training("28 April 2026", "5 May 2026", "16 June 2026"),
        "2026-05": training("16 June 2026", "7 July 2026"),
    }
    assert [] == found(Example(issues.pop(id), on=on, others=issues, id=id), "N111")


@pytest.mark.parametrize("there", [["27 January 2026", "10 March 2026"], ["27 January 2026"]])
def test_sessions_to_come_are_those_of_the_month_and_of_the_day(there: list[str]) -> None:
    """What is over when the month of the issue begins has neither vanished nor moved, though it is checked before."""
    others = {"2026-01": training(*there)}
    example = Example(training("10 March 2026"), on=date(2026, 1, 20), others=others, id="2026-02")
    assert [] == found(example, "N111", "N113")


def test_a_date_is_told_once() -> None:
    """A date that differs from the issue before and from the one after is one finding, about the one before."""
    others = {"2025-12": diary("3 to 9 February 2026 - Week"), "2026-02": diary("3 to 10 February 2026 - Week")}
    example = Example(diary("3 to 8 February 2026 - Week"), others=others)
    assert [("N111", "a date differs from last month's issue")] == told(example, "N111")


def test_a_moved_session_is_told_on_both_sides() -> None:
    """The earlier issue is told of a moved session too."""
    other = training("10 February 2026")
    assert ["N111"] == against(training("3 February 2026"), other, other_id="2026-02")


@pytest.mark.parametrize(
    ("id", "other_id"),
    [("2026-01", "2025-12-conference"), ("2026-01-conference", "2025-12"), ("2026-01", "2026-01-conference")],
)
def test_special_editions_lose_no_sessions(id: str, other_id: str) -> None:  # noqa: A002
    """Sessions neither vanish from a special edition, nor in one; a session that it tells otherwise is told."""
    for there in (training("10 February 2026"), training("10 February 2026", "11 February 2026")):
        assert [] == against(training("3 February 2026"), there, id=id, other_id=other_id)
    again = training("3 February 2026, 9am"), training("3 February 2026, 1pm")
    assert ["N111"] == against(*again, id=id, other_id=other_id)


def test_a_later_draft_has_no_say() -> None:
    """A draft of a later month is not finished; one of an earlier month is meant to leave before."""
    here, there = diary("10 February 2026 - Day"), "draft: true\n" + diary("11 February 2026 - Day")
    assert ([], ["N111"]) == (against(here, there, other_id="2026-02"), against(here, there))


def test_the_newest_earlier_issue_speaks() -> None:
    """A change that last month's issue made already is not told again."""
    others = {
        "2025-11": training("3 February 2026", "4 February 2026")
        + diary("9 February 2026 - Day").split("sections:\n")[1],
        "2025-12": training("3 February 2026") + diary("10 February 2026 - Day").split("sections:\n")[1],
    }
    text = training("3 February 2026") + diary("10 February 2026 - Day").split("sections:\n")[1]
    assert [] == found(Example(text, others=others), "N111", "N113")
    early = {"2025-10": others["2025-11"], "2025-11": others["2025-11"], "2025-12": article("No dates")}
    expected = [
        ("N113", "a session of the November 2025 issue is missing here"),
        ("N111", "a date differs from the November 2025 issue"),
    ]
    assert expected == told(Example(text, others=early), "N111", "N113")


def test_both_places_are_shown() -> None:
    """The words of a difference: this issue's line, the other's, and what to do."""
    text = diary("10 February 2026 - Safer Internet Day", "3 to 8 February 2026 - Sexual Abuse & Sexual Violence Week")
    (finding,) = found(
        Example(text, others={"2025-12": diary("3 to 9 February 2026 - Sexual abuse and sexual violence week")}), "N111"
    )
    expected = """\
issues/2026-01.yaml:8:9: warning N111: a date differs from last month's issue
    - 3 to 8 February 2026 - Sexual Abuse & Sexual Violence Week
      ^
  Sexual Abuse & Sexual Violence Week is 3 to 8 February 2026 here,
  but 3 to 9 February 2026 in issues/2025-12.yaml:7.
  Ask the organiser which is right, then mend that issue."""
    assert expected == str(finding)


def test_vanished_sessions_of_a_course() -> None:
    """A course is told where it stands, with all of its sessions that are gone, the earliest first."""
    there = training("10 February 2026, 9am to 3pm", "3 February 2026", "17 March 2026", course=WORK)
    (finding,) = found(Example(training("17 March 2026", course=WORK), others={"2025-12": there}), "N113")
    expected = f"""\
issues/2026-01.yaml:10:13: warning N113: 2 sessions of last month's issue are missing here
    - 17 March 2026
      ^
  {WORK} has in issues/2025-12.yaml:11:
  - Tuesday 3 February 2026
  - Tuesday 10 February 2026, 9am to 3pm
  Put back what takes place; what does not, with cancelled: true, so that those who booked know.
  If it is meant, write below check-ignore:
  - {{code: N113, text: "{WORK}", why: "the reason"}}"""
    assert expected == str(finding)


BOTH = ["Family help", "Refresher"]
EXCUSE = '{{code: N113, text: "{}", why: "the reason"}}'


def _courses(*titles: str) -> str:
    head, course = training("3 February 2026", course="NAME").split("    courses:\n")
    return head + "    courses:\n" + "".join(course.replace("NAME", title) for title in titles)


@pytest.mark.parametrize(
    ("expected", "here"),
    [
        ((4, BOTH), training("19 May 2026", course="Another")),
        ((4, BOTH), training(course="Family Help").replace("        sessions:\n", "")),
        ((1, BOTH), article("No training")),
        ((4, ["Refresher"]), training("3 February 2026", course="Family Help")),
        (
            (10, ["Family help"]),
            _courses("Family help", "Refresher").replace("- 3 February", "- 19 May", 1),
        ),
        ((1, ["Refresher"]), article("None") + "check-ignore: [{code: N113, text: family help, why: it is full}]\n"),
        (None, article("None") + "check-ignore: [{code: N113, text: family help and refresher, why: full}]\n"),
        (None, article("None") + f"check-ignore: [{EXCUSE.format('Family help')}, {EXCUSE.format('Refresher')}]\n"),
    ],
)
def test_courses_that_are_gone(expected: tuple[int, list[str]] | None, here: str) -> None:
    """What has vanished is one finding, where an editor would look for it, of all courses that are not excused."""
    example = Example(here, others={"2025-12": _courses("Family help", "Refresher")})
    told = [
        (one.place.line, [title for title in BOTH if EXCUSE.format(title) in one.hint])
        for one in found(example, "N113")
    ]
    assert ([expected] if expected else []) == told


def test_what_is_left_out_on_purpose_is_told_once() -> None:
    """The newest monthly issue with sessions speaks, so the month after is quiet."""
    others = {"2025-11": _courses("Family help", "Refresher"), "2025-12": _courses("Family help")}
    assert [] == found(Example(_courses("Family help"), others=others), "N113")


def test_an_author_can_excuse_a_difference() -> None:
    """A finding is known by words that stand in the file."""
    text = diary("10 February 2026 - Day") + "check-ignore: [{code: N111, text: 10 February 2026 - Day, why: asked}]\n"
    assert [] == found(Example(text, others={"2025-12": diary("11 February 2026 - Day")}), "N111", "N016")


def test_this_repository(own_copy: Path) -> None:
    """Of this repository's issues, one event differs, told in both, and nothing else that is not so."""
    workspace = open_workspace(own_copy)
    findings: list[Finding] = []
    for path in sorted((ROOT / "issues").glob("*.yaml")):
        findings += build(workspace, path.stem, on=DAY).findings
    expected = ["2025-12: 3 to 9 February 2026, not 3 to 8", "2026-01: 3 to 8 February 2026, not 3 to 9"]
    seen = [
        f"{one.place.file[7:14]}: {one.hint.split(' is ')[1].split(' here')[0]}, not {one.hint.split('but ')[1][:6]}"
        for one in findings
        if "N111" <= one.code <= "N116"
    ]
    assert expected == seen
