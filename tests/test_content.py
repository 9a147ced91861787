"""The issues of this repository say what the partnership said: its courses, its dates and its figures.

The samples keep the oddities of real issues on purpose (dates in five styles, a diary out of order, a course without
dates, two months that disagree), because reading, checking and sorting them is what the product is for.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ISSUES = sorted((ROOT / "issues").glob("*.yaml"))

COURSES = {
    "2025-12": {
        "Making sense of information sharing guidance": [
            "Wednesday 21 January 2026, 1pm to 2pm",
            "Thursday 19 February 2026, 1pm to 2pm",
        ],
        "CSE hasn't gone away": ["12 March 2026, 9:30am to 10:30am"],
        "Introduction to family help": ["24 February 2026, 10am to 11:30am"],
        "Learning Access Service - supporting children into education": [
            "12 February 2026, 10am to 11am",
            "26 March 2026, 10am to 11am",
        ],
    },
    "2026-01": {
        "Working Together to safeguard children and young people": [
            "Tuesday 3 February 2026, 9am to 3.30pm",
            "Tuesday 10 February 2026, 9am to 3.30pm",
        ],
        "Safeguarding children and young people refresher training": [],
        "Making sense of information sharing guidance": [
            "Wednesday 21 January 2026, 1pm to 2pm",
            "Thursday 19 February 2026, 1pm to 2pm",
        ],
        "CSE hasn't gone away": ["Thursday 12 March 2026, 9.30am - 10.30am"],
        "Introduction to family help": ["Tuesday 24 February 2026, 10.00am to 11.30am"],
        "Learning Access Service - Supporting children into education": [
            "Thursday 12 February 2026 at 10:00 to 11:00am",
            "Thursday 26 March 2026 at 10:00 to 11:00am",
        ],
    },
}

DIARY = {
    "2025-12": [
        "11 January 2026 - National Human Trafficking Awareness Day",
        "3 to 9 February 2026 - Sexual Abuse & Sexual Violence Week",
        "9 to 15 February 2026 - Children’s Mental Health Week",
        "6 February 2026 - International Day of Zero Tolerance of FGM",
        "10 February 2026 - Safer Internet Day",
    ],
    "2026-01": [
        "3 to 8 February 2026 - Sexual Abuse & Sexual Violence Week",
        "9 to 15 February 2026 - Children’s Mental Health Week",
        "6 February 2026 - International Day of Zero Tolerance of FGM",
        "10 February 2026 - Safer Internet Day",
    ],
}

FAVOURITES = {
    "2025-12": ["Safeguarding topics", "Safeguarding your organisation"],
    "2026-01": ["Managing allegations", "Writing a safeguarding policy"],
}

FACTS = {
    "2024-01-about-us": [
        "Children Act 2004",
        "Child and Family Court Advisory and Support Service (CAFCASS)",
        "September 2019",
        "Rapid Reviews",
        "two core safeguarding courses",
        "SUDIC",
    ],
    "2025-04-priorities": [
        "Safeguarding teenagers: serious youth violence and exploitation",
        "golden thread",
        "Stable Homes, Built on Love",
        "Multi-Agency Child Protection Teams (MACPT)",
        "Kinship care",
    ],
    "2025-09-annual-report": [
        "1 April 2024 to 31 March 2025",
        "fourth safeguarding partner",
        "published in May 2024",
        "Director of Nursing & Quality, Leeds Office",
        "Director, Children & Families",
        "Chief Superintendent, Leeds District Commander",
    ],
    "2025-12": ["nearly 11,000 13- to 17-year-olds", "half had seen", "70% had", "82% had"],
    "2026-01": ["10 February 2026", "Smart tech, safe choices", "UK Safer Internet Centre", "changed in December 2025"],
}


def read(issue: str) -> dict[str, Any]:
    """Read an issue as plain text, lists and mappings."""
    text = (ROOT / "issues" / f"{issue}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - BaseLoader builds nothing but text
    return loaded


def sections(issue: str, kind: str) -> list[dict[str, Any]]:
    """Pick the issue's sections of one type, in their order."""
    return [section for section in read(issue)["sections"] if section["type"] == kind]


def one_line(text: str) -> str:
    """Join wrapped lines, as a reader sees them."""
    return " ".join(text.split())


@pytest.mark.parametrize("issue", COURSES)
def test_every_course_has_its_dates_as_people_wrote_them(issue: str) -> None:
    """An issue lists the partnership's courses, each with the session lines its trainer sent."""
    (training,) = sections(issue, "training")
    assert COURSES[issue] == {course["title"]: course.get("sessions", []) for course in training["courses"]}


@pytest.mark.parametrize("issue", DIARY)
def test_the_diary_keeps_its_dates_and_its_order(issue: str) -> None:
    """The diary holds each event as it was sent in, out of order and at odds with the other month."""
    (diary,) = sections(issue, "diary")
    dates = [date if isinstance(date, str) else f"{date['when']} - {date['what']}" for date in diary["dates"]]
    assert DIARY[issue] == dates


@pytest.mark.parametrize("issue", FAVOURITES)
def test_favourites_are_all_there(issue: str) -> None:
    """Each monthly issue names its two pages to keep."""
    (favourites,) = sections(issue, "links")
    assert FAVOURITES[issue] == [link["text"] for link in favourites["links"]]


@pytest.mark.parametrize("issue", FACTS)
def test_facts_and_figures_are_all_there(issue: str) -> None:
    """Names, figures and dates of the partnership's own texts stand in the issue that tells of them."""
    loaded = read(issue)
    bodies = [section.get("body", "") for section in loaded["sections"]]
    text = one_line(" ".join([loaded.get("welcome", ""), *bodies]))
    assert FACTS[issue] == [fact for fact in FACTS[issue] if fact in text]


@pytest.mark.parametrize("file", [ROOT / "newsletter.yaml", *ISSUES], ids=lambda file: str(file.name))
def test_addresses_lead_nowhere_real(file: Path) -> None:
    """Links and mail addresses are at example.org; only Quick leave, which must work, goes to a real page."""
    text = file.read_text(encoding="utf-8").replace("https://www.bbc.co.uk/weather", "")
    hosts = re.findall(r"(?:https?://|\w@)([\w.-]+)", text)
    assert hosts
    assert {"example.org"} == set(hosts)


@pytest.mark.parametrize("file", ISSUES, ids=lambda file: str(file.name))
def test_editors_find_the_schema(file: Path) -> None:
    """The first line of each issue tells an editor which schema to complete and check against."""
    first, *_ = file.read_text(encoding="utf-8").splitlines()
    expected = "# yaml-language-server: $schema=schema.json"
    assert expected == first


@pytest.mark.parametrize(("name", "size"), [("logo.png", (104, 104)), ("safer-internet-day.png", (1200, 460))])
def test_pictures_are_sharp_and_light(name: str, size: tuple[int, int]) -> None:
    """A picture is a PNG of twice the width it is shown at, or a little more, and weighs less than 40 kB."""
    data = (ROOT / "images" / name).read_bytes()
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert data.startswith(b"\x89PNG")
    assert size == (width, height)
    assert len(data) < 40_000
