"""The checks of content: what each tells, where, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from checks.bench import DAY, Example, article, found, minded, remarks, told
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.checks import Context, all_checks
from newsletter.findings import Place
from newsletter.model import Issue, Prose

CODES = (*(f"N{number}" for number in range(120, 134)), "N136", "N137")
ORDINARY = (Path(__file__).parent / "ordinary.txt").read_text("utf-8").splitlines()


def test_ordinary_sentences_pass() -> None:
    """No check of content speaks on a hundred sentences such as a newsletter has."""
    assert len(ORDINARY) > 100
    body = "\n\n".join(ORDINARY)
    assert [] == [str(finding) for finding in found(Example(article(body)), *CODES)]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["TBC"], "The room is TBC."),
        (["tba", "T.B.D."], "Speaker tba, and T.B.D. too."),
        (["TODO", "FIXME"], "TODO: ask. FIXME"),
        (["Lorem ipsum", "dolor sit amet"], "Lorem\nipsum dolor sit amet"),
        (["XX"], "Come on XX February."),
        (["XXam", "xx"], "At XXam, see page xx."),
        (["XXXX"], "Room XXXX"),
        (["insert the course title here"], "Read insert the course title here now."),
        (["[name]", "[your organisation]"], "Dear [name] of [your organisation],"),
        (["[insert date]", "[Insert the name of the venue]"], "On [insert date] at [Insert the name of the venue]"),
        (["<date>", "<first name>"], "On <date>, <first name> speaks."),
        (["Click or tap here to enter text"], "Click or tap here to enter text."),
        (["Click to add title"], "Click to add title"),
        (["your text here"], "Write your text here"),
        (["???", "?? March"], "Room ???, on ?? March"),
        (["dd/mm/yyyy", "DD.MM.YY"], "On dd/mm/yyyy or DD.MM.YY"),
        (["_____"], "Room _____ is booked"),
        (["[TO ADD]", "[to be confirmed]"], "Room [TO ADD] at [to be confirmed]"),
        (["Xth March", "XXth"], "On Xth March and the XXth of Sept"),
        (["Date to follow"], "Date to follow"),
        (["TBC"], "The status is TBC until 4 May (to be confirmed)."),
        (["TBC"], "To Be Confirmed (TBC)"),
        (["XX"], "Room XX at 9am"),
        ([], "Really??? What?? March on!"),
        ([], "Write dates as dd/mm/yyyy, in the form (DD/MM/YYYY)."),
        ([], "One\n\n_____\n\ntwo\n\n____"),
        ([], "This is the date to follow, and the link to follow."),
        ([], 'Replace \u201c[insert name of DSL]\u201d in our policy, and "TBC" too.'),
        ([], "The TBC (Teenage Boys' Club) meets. Ask the TBC."),
        ([], "Teenage Boys\u2019 Club (TBC)"),
        ([], "Super Bowl XX, XX and XY chromosomes, XX or XY"),
        ([], "[name]\n\n[name]: https://example.org/a"),
        ([], "`TODO` and [date](https://example.org/TBC), https://example.org/TODO"),
        ([], "You will find what to do, [in short], on the day: TBCs and XXL."),
        ([], "<https://example.org/date> <office@example.org>"),
        ([], "Mastodon, Toba and Todos Santos; Part XX"),
        ([], "The XX Commonwealth Games, an XX chromosome, XX Olympiad and the TODO list"),
        (["XX", "XX"], "On XX February, in XX Street"),
    ],
)
def test_placeholder(expected: list[str], body: str) -> None:
    """What is still to be filled in is named; ordinary words, links and numerals are not."""
    assert [f'"{words}" is still to be filled in' for words in expected] == minded(body, "N120")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (
            '"[email protected]" stands where the website that this was copied from hid a mail address',
            "Write to [email\u00a0protected] today.",
        ),
        (
            '"Error! Hyperlink reference not valid." is what Word writes for a link that it has lost',
            "See Error! Hyperlink reference not valid. Go on.",
        ),
        (
            '"Error! Reference source not found." is what Word writes for a link that it has lost',
            "See Error! Reference source not found.",
        ),
    ],
)
def test_placeholder_of_another_program(expected: str, body: str) -> None:
    """What a website or Word left in the place of something is called by what it is."""
    assert [expected] == minded(body, "N120")


def test_placeholder_has_its_place_and_its_words() -> None:
    """Text to be filled in is pointed at exactly, in a title too, and an author can excuse those words."""
    text = article("One\ntwo TBC and TBC.", title="About [name]")
    assert ['5:18 "[name]" is still to be filled in', '8:11 "TBC" is still to be filled in',
            '8:19 "TBC" is still to be filled in'] == told(text, "N120")  # fmt: skip
    excused = text + "check-ignore:\n  - {code: N120, text: TBC, why: The name of a company}\n"
    assert ['"[name]" is still to be filled in'] == [one.message for one in found(Example(excused), "N120")]


@pytest.mark.parametrize(
    ("expected", "subject"),
    [
        (["the subject is 66 characters long, and inboxes show about 65"], "Read this " + "x" * 56),
        ([], "Read this " + "x" * 55),
        (['the subject "Update" is very short'], "Update"),
        (['"URGENT" is in capitals'], "URGENT: new dates"),
        (['"BOOK NOW" is in capitals'], "BOOK NOW for the spring"),
        ([], "ACT Early campaign: what to look for"),
        (["all of the subject is in capitals"], "ALL OUR COURSES THIS SPRING"),
        (["the subject has more than one exclamation mark"], "Courses! Come and learn!"),
        (["the subject has no words"], "\U0001f389\U0001f389"),
        ([], "\U0001f389 Twenty years of the LSCP!"),
        ([], "LSCP, CAFCASS and MACPT: who is who"),
        ([], "Our annual report: April 2024 to March 2025"),
    ],
)
def test_subject(expected: list[str], subject: str) -> None:
    """Each fault of a subject is told once, at the subject."""
    text = article("Hello").replace("January 2026 newsletter", json.dumps(subject, ensure_ascii=False))
    assert [f"1:10 {message}" for message in expected] == told(text, "N121")


def test_subject_that_the_newsletter_makes_passes() -> None:
    """The subject that is made from the file's name is never minded."""
    assert [] == told(article("Hello").replace("subject: January 2026 newsletter\n", ""), "N121")


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (["1:1 the issue has no preheader"], ""),
        (["2:12 the preheader repeats the subject"], "preheader: January 2026 Newsletter.\n"),
        (["2:12 the preheader repeats the subject"], "preheader: January 2026 newsletter - what is new this month\n"),
        (["2:12 the preheader has only 19 characters"], f"preheader: {'x' * 19}\n"),
        (["2:12 the preheader is 141 characters long, and inboxes show 140 at most"], f"preheader: {'x' * 141}\n"),
        ([], f"preheader: {'x' * 20}\n"),
        ([], f"preheader: {'x' * 140}\n"),
        ([], "preheader: What is new in January 2026\n"),
    ],
)
def test_preheader(expected: list[str], line: str) -> None:
    """A preheader is there, says something of its own, and fits."""
    text = article("Hello").replace("preheader: What changed in the procedures this winter\n", line)
    assert expected == told(text, "N122")


@pytest.mark.parametrize(
    ("expected", "title"),
    [
        ('Inboxes would show "What changed".', "What changed"),
        (f'Inboxes would show "{"long " * 19}long...".', "long " * 30),
    ],
)
def test_preheader_that_inboxes_would_show(expected: str, title: str) -> None:
    """The stand-in for a missing preheader is shown, and where it is cut that is seen."""
    text = article("Hello", title=title).replace("preheader: What changed in the procedures this winter\n", "")
    (remark,) = remarks(text, "N122")
    assert expected == remark.hint[-len(expected) :]


@pytest.mark.parametrize(
    ("code", "words"), [("N120", "TBC"), ("N120", "[name]"), ("N127", "{{ name }}"), ("N127", "{name}")]
)
def test_what_the_hint_offers_excuses(code: str, words: str) -> None:
    """The last line of the hint, pasted below check-ignore, takes the finding out."""
    text = article(f"Here is {words}.")
    (finding,) = found(Example(text), code)
    excuse = finding.hint.splitlines()[-1]
    assert f'- {{code: {code}, text: "{words}", why: "the reason"}}' == excuse
    assert [] == found(Example(f"{text}check-ignore:\n{excuse}\n"), code, "N016")


def test_a_thousand_faults_have_their_places() -> None:
    """Each of many like faults in one text has its own line and column."""
    body = "\n".join(["{{ x }} {{ x }}"] * 500)
    places = [(one.place.line, one.place.column) for one in remarks(article(body), "N127")]
    assert [(line, column) for line in range(7, 507) for column in (7, 15)] == places


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (['9:7 the heading "Two" skips a level: #### comes after ##'], "## One\n\n#### Two\n\n##### Three"),
        ([], "### One\n\n#### Two\n\n## Three\n\n### Four"),
        ([], "#### One"),
        ([], "```\n# One\n### Two\n```"),
        ([], "One\n===\n\nTwo\n---\n\n### Three"),
    ],
)
def test_heading_jump(expected: list[str], body: str) -> None:
    """A heading more than one level below the one before it is told of; up, any way is right."""
    assert expected == told(article(body), "N126")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["the the"], "Read the the report."),
        (["The the"], "The the report."),
        (["to to"], "It is\ngood to\nto know."),
        (["a a"], "Such a a day."),
        (["is is"], "This course is is full."),
        (["is is"], "What is new? The course is is full."),
        (["of of", "and and"], "Part of of it and and more"),
        (["in in"], "It is held in in the hall."),
        (["In in"], "In in the hall"),
        (["in in"], "It took place in in Harehills."),
        ([], "What it is is a form; all there is is tea."),
        ([], "Log in in the hall. They came in in pairs. Hand the form in in person. He is in in the morning."),
        (["children children"], "All children children."),
        ([], "The help she had had; that that is; Bora Bora; 10 10; hand it in in person."),
        ([], "- health the\n- the health"),
        ([], "the. the, the (the) the-the the's the"),
        ([], "the\n\nthe"),
        ([], "## training\ntraining is here"),
        ([], "`the the` and **the** the"),
    ],
)
def test_doubled_word(expected: list[str], body: str) -> None:
    """A word that follows itself is told of within one sentence, and where it may do so it is not."""
    assert [f'"{words}" has a word twice' for words in expected] == minded(body, "N130")


def test_date_style_has_the_words_to_write() -> None:
    """A date in the text and in a note is told of with its place and the words to write; a session's is not."""
    text = (
        "subject: January 2026 newsletter\npreheader: Come on 10th February, or later in the year\n"
        "sections:\n  - type: training\n    title: Dates\n    courses:\n      - title: Neglect\n"
        "        description: Bring lunch at 12 noon.\n        sessions:\n          - Tues 3rd Feb 2026, 9.30am\n"
        "          - {date: 3 February 2027, note: Doors open at 9.30am}\n"
        "  - type: diary\n    title: Diary\n    dates:\n      - 3-8 Feb 2026 - A week\n"
    )
    found_there = sorted(remarks(text, "N131"), key=lambda remark: remark.place)
    assert [
        ("2:20", 'Write "10 February".'),
        ("8:37", 'Write "midday".'),
        ("11:57", 'Write "9:30am".'),
    ] == [(f"{remark.place.line}:{remark.place.column}", remark.hint) for remark in found_there]


def test_draft_is_told_at_its_line() -> None:
    """A draft is a note at its own line."""
    assert ["1:8 the issue is still a draft"] == told("draft: true\n" + article("Hello"), "N132")


def test_standing_welcome_is_told_at_its_own_file() -> None:
    """What is wrong in the workspace's welcome is not looked for in the issue."""
    (finding,) = found(Example(article("Hello"), config="welcome: Our rooms are TBC.\n"), "N120")
    assert "newsletter.yaml:9:24" == str(finding.place)


class _Nowhere:
    """Places of an issue that no file holds."""

    def place(self, trail: object, line_in_text: int = 0) -> Place:  # noqa: ARG002
        """Return the top of the file."""
        return Place("issues/2026-01.yaml")

    def spot(self, trail: object, words: str, nth: int = 0) -> Place:  # noqa: ARG002
        """Return the top of the file."""
        return Place("issues/2026-01.yaml")


_MARKS = "[]<>{}%*|&#;`\"'\u2018\u2019\u200b\u202e\u00e2\u20ac\u2122\u00c3\u00a9 \n-XxTBCo\u20220123:.amp/"


@given(st.text(max_size=80) | st.text(st.sampled_from(_MARKS), max_size=80))
@settings(max_examples=200)
def test_any_text_can_be_checked(text: str) -> None:
    """No check of content fails on any text, and each remark has a message of one line and a hint."""
    texts = tuple(Prose(text, (key,)) for key in ("subject", "preheader", "welcome", "note"))
    issue = Issue(
        id="2026-01", subject=text, preheader=text, draft=False, welcome=text, sections=(), ignores=(), pictures={},
        places=_Nowhere(), texts=texts, stated=frozenset({"subject", "preheader", "welcome"}),
    )  # fmt: skip
    for check in all_checks():
        if check.code in CODES:
            for remark in check.run(Context(issue, DAY, ZoneInfo("Europe/London"))):
                assert (True, True) == (bool(remark.message), bool(remark.hint))
