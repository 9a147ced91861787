"""The contract of section types: what each answers, in its templates too, and that nothing else names one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from sectiontexts import load

from newsletter.config import open_workspace
from newsletter.document import Document
from newsletter.errors import ContentError, UsageError
from newsletter.findings import UNKNOWN_KEY
from newsletter.load import load_issue
from newsletter.model import Event, Image, Issue, Prose, Section, Target
from newsletter.render import render
from newsletter.sections import section_type, section_types

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Sample:
    """A section as an author writes it, and what it answers: values by the line on which they are written."""

    written: str
    prose: dict[int, str]
    targets: dict[int, tuple[str, str]]
    events: dict[int, tuple[str, date, str, str, bool]]
    images: dict[int, str]
    outline: str
    over: tuple[str, ...]  # on 11 February 2026


SAMPLES = {
    "article": Sample(
        """\
        type: article
        title: News
        body: |
          Some *text*.
        image:
          src: images/logo.png
          alt: Our logo
        links:
          - text: Read more
            url: https://example.org/more
        """,
        prose={4: "Some *text*.\n"},
        targets={10: ("Read more", "https://example.org/more")},
        events={},
        images={6: "images/logo.png"},
        outline="",
        over=(),
    ),
    "diary": Sample(
        """\
        type: diary
        title: Dates
        dates:
          - 10 February 2026: Safer Internet Day
          - 9 to 15 February 2026 - Mental Health Week
          - when: 9 February 2026
            what: A day
            url: https://example.org/day
        """,
        prose={},
        targets={8: ("A day", "https://example.org/day")},
        events={
            4: ("Safer Internet Day", date(2026, 2, 10), "", "", False),
            5: ("Mental Health Week", date(2026, 2, 9), "", "", False),
            6: ("A day", date(2026, 2, 9), "https://example.org/day", "", False),
        },
        images={},
        outline="3 dates, from Monday 9 February 2026",
        over=("Safer Internet Day", "A day"),
    ),
    "links": Sample(
        """\
        type: links
        title: Favourites
        links:
          - text: Our page
            url: https://example.org/page
            note: All of it
        """,
        prose={},
        targets={5: ("Our page", "https://example.org/page")},
        events={},
        images={},
        outline="",
        over=(),
    ),
    "training": Sample(
        """\
        type: training
        title: Courses
        intro: Come *all*.
        courses:
          - title: First
            description: |
              About it.
            sessions:
              - Tuesday 10 February 2026, 9am to 3.30pm
              - {date: 3 February 2026, start: 9am, end: 3.30pm, location: Online, note: Full, cancelled: true}
            location: Town hall
            book: https://example.org/first
          - title: Second
        """,
        prose={3: "Come *all*.", 7: "About it.\n"},
        targets={12: ("Book your place on First", "https://example.org/first")},
        events={
            9: ("First", date(2026, 2, 10), "https://example.org/first", "Town hall", False),
            10: ("First", date(2026, 2, 3), "https://example.org/first", "Online", True),
        },
        images={},
        outline="2 courses, from Tuesday 10 February 2026",
        over=("First", "First"),
    ),
}

types = pytest.mark.parametrize("name", section_types())
HOSTILE = "<script>alert('1')</script> \"{{ 7*7 }}\" {% raw %} {#x#} *|MERGE|* & co"


def sample(name: str) -> Sample:
    """Return the sample of a type; a type without one fails its tests."""
    assert name in SAMPLES, f"write a sample of {name} in this test"
    return SAMPLES[name]


def line_of(issue: Issue, *trail: str | int) -> int:
    """Return the line, counted within the first section, on which a value stands."""
    assert isinstance(issue.places, Document)
    assert ("sections", 0, *trail) in issue.places.places, f"{trail} leads nowhere"
    return issue.places.place(("sections", 0, *trail)).line - 1


@types
def test_sample_is_read_as_its_type(own_copy: Path, name: str) -> None:
    """A section of each type is read without a fault, as the model that its file defines."""
    (section,) = load(own_copy, sample(name).written).sections
    assert (section_type(name), name) == (type(section), section.model_dump()["type"])


@types
def test_answers_lead_to_their_lines(own_copy: Path, name: str) -> None:
    """What a section answers is whole, in reading order, and each trail leads to the line it is written on."""
    expected = sample(name)
    issue = load(own_copy, expected.written)
    (section,) = issue.sections
    assert list(expected.prose.items()) == [(line_of(issue, *p.trail), p.text) for p in section.prose()]
    assert list(expected.targets.items()) == [(line_of(issue, *t.trail), (t.text, t.url)) for t in section.targets()]
    assert list(expected.events.items()) == [
        (line_of(issue, *e.trail), (e.title, e.span.first, e.url, e.location, e.cancelled)) for e in section.events()
    ]
    assert list(expected.images.items()) == [(line_of(issue, *t, "src"), image.src) for t, image in section.images()]
    assert expected.outline == section.outline
    assert expected.over == tuple(event.title for event in section.over(date(2026, 2, 11)))


@types
def test_issue_answers_for_its_sections(own_copy: Path, name: str) -> None:
    """The issue passes on what a section answers, its place among the sections put before each trail."""
    issue = load(own_copy, SAMPLES["links"].written, sample(name).written)
    for answers, own in (
        (issue.prose(), issue.sections[1].prose()),
        (issue.targets(), issue.sections[1].targets()),
        (issue.events(), issue.sections[1].events()),
    ):
        expected = [("sections", 1, *found.trail) for found in own]
        assert expected == [found.trail for found in answers if found.trail[1] == 1]


def groups(value: Any, trail: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the trail of every group of keys in *value*."""
    if isinstance(value, dict):
        yield trail
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from groups(inner, (*trail, key))


@types
def test_unknown_key_is_refused_at_every_level(own_copy: Path, name: str) -> None:
    """A key that a type does not know is an error, in the section and in all that stands below it."""
    written = yaml.load(sample(name).written, yaml.BaseLoader)  # noqa: S506 - it builds nothing but text
    trails = [trail for trail in groups(written) if not (name == "diary" and trail == ("dates", 0))]
    assert trails
    for trail in trails:
        changed = yaml.load(sample(name).written, yaml.BaseLoader)  # noqa: S506
        group = changed
        for step in trail:
            group = group[step]
        group["surprise"] = "x"
        (own_copy / "issues/2026-01.yaml").write_text(yaml.safe_dump({"sections": [changed]}, sort_keys=False), "utf-8")
        with pytest.raises(ContentError) as caught:
            load_issue(own_copy, "2026-01")
        assert [(UNKNOWN_KEY, 'unknown key "surprise"')] == [(f.code, f.message) for f in caught.value.findings], trail


def draw(root: Path, *sections: str) -> tuple[str, str]:
    """Return the HTML and the text of an issue of these sections."""
    drawn = render(load(root, *sections), open_workspace(root).config, root=root)
    return drawn.html, drawn.text


@types
def test_both_templates_show_all_that_is_written(own_copy: Path, name: str) -> None:
    """HTML and text of a type show its title and every word of its links, dates and Markdown, with every address."""
    expected = sample(name)
    html, text = draw(own_copy, expected.written)
    shown = " ".join(re.sub(r"<[^>]+>", "", html).split())
    words = [re.sub(r"[*\n]", "", prose) for prose in expected.prose.values()]
    words += [label for label, _ in expected.targets.values()] + [title for title, *_ in expected.events.values()]
    assert words == [word for word in words if word in shown and word in " ".join(text.split())]
    urls = [url for _, url in expected.targets.values()]
    assert urls == [url for url in urls if f'href="{url}"' in html and f"\n{url}\n" in text]


@types
def test_hostile_text_stays_text(own_copy: Path, name: str) -> None:
    """Markup, quotes and template code in any text arrive escaped in HTML, literally in plain text, and never run."""
    group = yaml.load(sample(name).written, yaml.BaseLoader)  # noqa: S506
    for key in ("image",):
        group.pop(key, None)
    hostile = poison(group)
    (own_copy / "issues/2026-01.yaml").write_text(yaml.safe_dump({"sections": [hostile]}, sort_keys=False), "utf-8")
    drawn = render(load_issue(own_copy, "2026-01"), open_workspace(own_copy).config, root=own_copy)
    text = " ".join(drawn.text.split())
    assert "<script" not in drawn.html
    assert "&lt;script&gt;" in drawn.html
    assert text.count("<script>") == text.count("{{ 7*7 }}") == text.count("{% raw %}") == text.count("{#x#}") > 0
    assert "49" not in text
    assert text.count("*|MERGE|*") + text.count(" |MERGE| ") == text.count("<script>")


def poison(value: Any, key: str = "") -> Any:
    """Return *value* with hostile words after every text that may hold any."""
    if isinstance(value, dict):
        return {name: poison(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poison(inner, "dates" if isinstance(inner, str) and " - " in inner else "when") for inner in value]
    fixed = {"type", "url", "book", "when", "date", "start", "end", "cancelled"}
    return value if key in fixed else f"{value.strip()} {HOSTILE}"


@types
def test_template_files_are_there(name: str) -> None:
    """Each type has its two templates, and each template its type."""
    files = {path.name for path in (ROOT / "templates/sections").iterdir()}
    assert {f"{name}.html", f"{name}.txt"} <= files
    assert {Path(file).stem for file in files} == set(section_types())


def test_nothing_else_names_a_type() -> None:
    """Outside of sections/ no code and no template says the name of a section type in quotes, or reaches for one."""
    names = "|".join(section_types())
    # ARIA calls a message an article, whatever it holds; the other form is an example in a docstring.
    pattern = re.compile(rf"""(?<!role=)["']({names})["']|\bsections\.({names})\b|(?<!``)sections/({names})\b""")
    files = [*(ROOT / "newsletter").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]
    outside = [path for path in files if path.parent.name != "sections" and path.is_file()]
    assert len(outside) > 20
    assert [] == [f"{path.name}: {found[0]}" for path in outside for found in pattern.finditer(path.read_text("utf-8"))]


def test_base_answers_nothing() -> None:
    """A type that has no prose, links, dates or pictures need not say so."""
    section = Section(title="A")
    answers: list[list[Prose] | list[Target] | list[Event] | list[Any] | str] = [
        list(section.prose()), list(section.targets()), list(section.events()), list(section.images()),
        list(section.over(date.max)), section.outline,
    ]  # fmt: skip
    assert [[], [], [], [], [], ""] == answers
    assert ("a", "") == (Image(src=" a ", alt=" ").src, Image(src="a", alt=" ").alt)


def test_unknown_type_is_told_with_the_nearest() -> None:
    """A type that does not exist is told with the nearest one."""
    with pytest.raises(UsageError) as caught:
        section_type("dairy")
    assert ('"dairy" is not a section type', 'Did you mean "diary"?') == (caught.value.message, caught.value.hint)
