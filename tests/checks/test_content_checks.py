"""The checks of content: what each tells, where, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from checks.bench import DAY, ISSUE, Example, article, diary, found
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.checks import Context, Remark, all_checks
from newsletter.findings import Place
from newsletter.load import load_issue
from newsletter.model import Issue, Prose

CODES = (*(f"N{number}" for number in range(120, 134)), "N136", "N137")
ORDINARY = (Path(__file__).parent / "ordinary.txt").read_text("utf-8").splitlines()


def remarks(text: str, code: str) -> list[Remark]:
    """Return what one check says of the issue *text*; of that check alone, so that no mail has to be made."""
    (check,) = (check for check in all_checks() if check.code == code)
    with TemporaryDirectory() as folder:
        (Path(folder) / "issues").mkdir()
        (Path(folder) / f"issues/{ISSUE}.yaml").write_text(text, "utf-8")
        issue = load_issue(Path(folder), ISSUE)
    return list(check.run(Context(issue, DAY, ZoneInfo("Europe/London"))))


def told(text: str, code: str) -> list[str]:
    """Return where in the issue *text* the check speaks, with its message."""
    return [f"{remark.place.line}:{remark.place.column} {remark.message}" for remark in remarks(text, code)]


def minded(body: str, code: str) -> list[str]:
    """Return the messages of a check about an article's body."""
    return [remark.message for remark in remarks(article(body), code)]


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
    "words", ["click here", "Here", "read more...", "More", "LINK", "this page", "Book your place", "**Find out more**",
              "download", "website", "Read more \u00bb", "here"],
)  # fmt: skip
def test_vague_link(words: str) -> None:
    """Words that would fit any link are told of, whatever their case and what stands around them."""
    (message,) = minded(f"[{words}](https://example.org/a)", "N123")
    assert f'the link "{words.strip("*")}" does not say where it leads' == message


@pytest.mark.parametrize(("code", "words"), [("N123", "Read more"), ("N125", "https://example.org/a")])
def test_words_with_a_key_of_their_own_have_their_place(code: str, words: str) -> None:
    """Words that stand in a key are pointed at there, and not at the address below them."""
    text = article("Hello") + f"    links:\n      - text: {words}\n        url: https://example.org/a\n"
    assert [(9, 15)] == [(one.place.line, one.place.column) for one in remarks(text, code)]


def test_link_without_words() -> None:
    """A link without words, or with marks alone, is told of."""
    assert ["a link without words"] * 2 == minded("[](https://example.org/a) [...](https://example.org/b)", "N123")


@pytest.mark.parametrize(
    "words",
    [
        "Visit Reading",
        "Read about us",
        "Find a nursery",
        "Read more about neglect",
        "Book your place on Family help",
        "Heron",
        "Contact us",
    ],
)
def test_link_that_says_where_it_leads(words: str) -> None:
    """A link with words of its own passes."""
    assert [] == minded(f"[{words}](https://example.org/a)", "N123")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (1, "[The report](https://example.org/a) and [the  report:](https://example.org/b)"),
        (2, "[Notes](https://example.org/a) [notes](https://example.org/b) [notes](https://example.org/c)"),
        (0, "[It](https://example.org/a) [it](https://example.org/b)"),
        (0, "[The report](https://example.org/a) and [the report](https://example.org/a/)"),
        (0, "[One report](https://example.org/a) and [another report](https://example.org/a)"),
        (0, "[Here](https://example.org/a) and [here](https://example.org/b)"),
    ],
)
def test_repeated_link(expected: int, body: str) -> None:
    """The same words for another place are told of at the later link; what says nothing is another check's."""
    assert expected == len(minded(body, "N124"))


def test_repeated_link_on_one_line() -> None:
    """Of two links on one line the line is not named as another."""
    body = "[The report](https://example.org/a) and [the report](https://example.org/b)"
    assert ['the link "the report" leads elsewhere than another on this line'] == minded(body, "N124")


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


def test_repeated_link_names_the_first() -> None:
    """The line of the first link is named, whether it has a key of its own or stands in the text."""
    text = article("See [The report](https://example.org/a).") + "    links:\n" + "".join(
        f"      - {{text: The report, url: 'https://example.org/{page}'}}\n" for page in "bc"
    )  # fmt: skip
    assert [
        '10:33 the link "The report" leads elsewhere than on line 9',
        '7:24 the link "The report" leads elsewhere than on line 9',
    ] == told(text, "N124")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (1, "It is on https://example.org/a."),
        (1, "[https://example.org](https://example.org)"),
        (1, "<https://example.org/a>"),
        (1, "[example.org/a/b](https://example.org/a/b)"),
        (0, "[example.org](https://example.org)"),
        (0, "[www.example.org](https://www.example.org)"),
        (0, "[office@example.org](mailto:office@example.org)"),
        (0, "[0113 496 0000](tel:+441134960000)"),
        (0, "[Health and/or care](https://example.org)"),
        (0, "`https://example.org/a`"),
    ],
)
def test_bare_link(expected: int, body: str) -> None:
    """A web address as the words of a link is told of; a name of a site, a mail address and a number are words."""
    assert expected == len(minded(body, "N125"))


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
    "field",
    [
        "{{ contact.FIRSTNAME }}", "{{{FIRST_NAME|there}}}", "{{#if x}}", "{{", "{% unsubscribe %}", "*|FNAME|*",
        "*|HTML:LIST_ADDRESS_HTML|*", "%recipient.first%", "%recipient_email%", "%unsubscribe_url%",
        '[[data:firstname:"there"]]', "[[UNSUB_LINK_EN]]", "{$name}", "<<First Name>>", "${name}", "%%First Name%%",
        "%FIRSTNAME%", "-first_name-", "<%asm_group_unsubscribe_raw_url%>", "{first_name}", "[firstname,fallback=you]",
        "<unsubscribe>", "@FIRSTNAME@", "\u00abFirst_Name\u00bb",
        "\u00abFirstName\u00bb", "\u00abSurname\u00bb", "\u00abAddress1\u00bb",
    ],
)  # fmt: skip
def test_merge_syntax(field: str) -> None:
    """The merge fields of all providers are told of, in running text and in code."""
    message = f'"{field}" is a merge field of another program and is not filled in here'
    assert [message] * 2 == minded(f"Dear {field},\n\n`x {field} x`", "N127")


@pytest.mark.parametrize(
    "body",
    [
        "50% of 20%", "a {brace} and {a, b}", "$10 and ${", "x << y", "[[1]](https://example.org/a)", "a *b* | c",
        "well-name-d", "first-name-terms", "* | * |", "50%more%", "https://example.org/caf%C3%A9%20name%20email",
        "\u00abune \u00e9cole\u00bb", "\u00abBonjour\u00bb", "[unsubscribe](https://example.org/u)",
    ],
)  # fmt: skip
def test_no_merge_syntax(body: str) -> None:
    """Signs that no program fills in pass."""
    assert [] == minded(body, "N127")


def test_merge_syntax_in_a_link() -> None:
    """A merge field inside an address is told of too."""
    text = article("Hello") + "    links: [{text: Go there, url: 'https://example.org/?e=%recipient.email%'}]\n"
    assert 1 == len(told(text, "N127"))


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["8:8 U+202E, right-to-left override"], "one\nt\u202ewo"),
        (["7:7 U+200B, zero width space", "8:8 U+FEFF, zero width no-break space"], "\u200bone\nt\ufeffwo"),
        (["8:8 U+202E, right-to-left override"], "one\nt&#x202e;wo"),
        (["8:8 U+200B, zero width space"], "one\nt&#8203;wo"),
        (["7:8 U+206A, inhibit symmetric swapping"], "t\u206awo"),
        (["7:8 U+FFF9, interlinear annotation anchor"], "t\ufff9wo"),
        (["7:8 U+2800, braille pattern blank"], "t\u2800wo"),
        (["7:8 U+115F, hangul choseong filler"], "t\u115fwo"),
        (["7:8 U+034F, combining grapheme joiner"], "t\u034fwo"),
        (["7:8 U+00AD, soft hyphen"], "t&shy;wo"),
        (["7:8 U+200D, zero width joiner"], "t\u200dwo"),
        (["7:8 U+200E, left-to-right mark"], "t\u200ewo"),
        (["7:8 U+E0041, tag latin capital letter a"], "t\U000e0041wo"),
        ([], "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 and \u0915\u094d\u200d\u0937"),
        ([], "\u200f\u0645\u0631\u062d\u0628\u0627\u200f"),
        ([], "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308"),
        ([], "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
        ([], "`&#8203;` and &amp; and &eacute;"),
    ],
)
def test_hidden_character(expected: list[str], body: str) -> None:
    """Invisible characters are told of once a line, as entities too; where a script needs them they pass."""
    said = [f"{text.split(' ')[0]} an invisible character stands in this text: {text.split(' ', 1)[1]}"
            for text in expected]  # fmt: skip
    assert said == told(article(body), "N128")


def test_hidden_characters_are_counted() -> None:
    """Of several invisible characters in a line the first has its place, and their number is said."""
    said = "7:8 3 invisible characters stand in this line; the first is U+200B, zero width space"
    assert [said] == told(article("t\u200bw\u200bo &#8203;\nfour"), "N128")


def test_hidden_character_in_a_button() -> None:
    """A text that is no Markdown is read as it is: the character counts, its entity is what readers see."""
    text = article("Hello") + "    links:\n" + "".join(
        f"      - {{text: 'G{sign}o there', url: 'https://example.org/a'}}\n" for sign in ("\u200b", "&#8203;")
    )  # fmt: skip
    assert ["9:18 an invisible character stands in this text: U+200B, zero width space"] == told(text, "N128")


@pytest.mark.parametrize(
    ("right", "codec"),
    [
        ("children\u2019s", "cp1252"),
        ("caf\u00e9", "latin-1"),
        ("\u201cSafe", "cp1252"),
        ("\u00a310", "latin-1"),
        ("\U0001f600", "cp1252"),
        ("\u0142agodny", "cp1252"),
        ("9am\u201310am", "cp1252"),
        ("50\u20ac", "cp1252"),
    ],
)
def test_mojibake_is_mended_in_the_hint(right: str, codec: str) -> None:
    """A word that was read wrongly, once or twice, is told of with the word as it was."""
    wrong = right.encode().decode(codec)
    for word in (wrong, wrong.encode().decode("cp1252")) if codec == "cp1252" and right != "\U0001f600" else (wrong,):
        (remark,) = remarks(article(f"The {word} here"), "N129")
        assert (f'"{word}" was decoded wrongly', f'Write "{right}".') == (remark.message, remark.hint)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["Type the word again: a letter of it is lost."], "The caf\ufffd"),
        (['Write "said\u201d".'], "said\u00e2\u20ac"),
        (["Delete it: it stands for no letter."], "\u00c2\u00a0"),
        (["Delete it: it stands for no letter."], "\u00ef\u00bb\u00bf"),
        ([], "CAF\u00c9\u2026 \u201cCAF\u00c9\u201d \u00c2ge \u00c3 \u00c5r \u00e2ge na\u00efve \u00c9\u2019s"),
    ],
)
def test_mojibake(expected: list[str], body: str) -> None:
    """What cannot be worked out is to be typed again; letters with accents are letters."""
    assert expected == [remark.hint for remark in remarks(article(body), "N129")]


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


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (['7:7 2 lines begin with "\u2022", which makes no list'], "\u2022 health\n\u2022 justice"),
        (['9:7 a line begins with "\u00b7", which makes no list'], "We are:\n\n\u00b7\thealth"),
        (['9:7 2 lines begin with "o", which makes no list'], "We are:\n\no health\no justice"),
        (['7:7 2 lines begin with "\u2013", which makes no list'], "\u2013 health\n\u2013 justice"),
        (
            [
                '7:7 2 lines begin with "\u2022", which makes no list',
                '14:7 a line begins with "\u2022", which makes no list',
            ],
            "\u2022 one\n  goes on\n\n\u2022 two\n\nWe have:\n\n\u2022 three",
        ),
        (
            [
                '7:7 a line begins with "\u2022", which makes no list',
                '9:7 a line begins with "\u2022", which makes no list',
            ],
            "\u2022 one\n## Two\n\u2022 two",
        ),
        ([], "> What a day\n\n\u2013 Anna, social worker"),
        ([], "The theme is\n\u2013 as last year\n\u2013 safety."),
        ([], "Roedd hi\no Leeds a\no York."),
        ([], "- health\n- justice\n\n1 \u2022 2"),
        ([], "```\n\u2022 code\n```"),
    ],
)
def test_word_bullet(expected: list[str], body: str) -> None:
    """Bullets pasted as text are told of once a list; dashes and words inside a sentence are not."""
    assert expected == told(article(body), "N133")


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (['7:9 "<b>" and 1 more on this line is HTML'], "A <b>bold</b>"),
        (['8:9 "<o:p>" and 1 more on this line is HTML', '9:7 "<br/>" is HTML'], "A\nB <o:p></o:p>\n<br/>"),
        (['7:7 "<span style="mso-bidi">" is HTML'], '<span style="mso-bidi">'),
        (['7:7 "<!--" is HTML'], "<!--[if mso]-->"),
        ([], "`<b>` and a < b > c, <https://example.org/b>, <s.example@example.org>, R&amp;D, <3"),
        ([], "```\n<b>\n```"),
    ],
)
def test_html_in_text(expected: list[str], body: str) -> None:
    """HTML is told of once a line; code, addresses and signs are none, and in Markdown &amp; is a sign."""
    assert [f"{one}, which readers would see as it stands" for one in expected] == told(article(body), "N136")


def test_html_in_a_title() -> None:
    """A title is no Markdown: readers see &amp; as it stands, and are not told to write **bold**."""
    (remark,) = remarks(article("Hello", title="Health &amp; care"), "N136")
    assert (5, 19, "Write the plain words alone.") == (remark.place.line, remark.place.column, remark.hint)


def courses(*links: str) -> str:
    """Return an issue with a course for each of the *links*."""
    lines = "".join(f"      - title: Course {at}\n        book: {link}\n" for at, link in enumerate(links, 1))
    return article("Hello") + f"  - type: training\n    title: Training dates\n    courses:\n{lines}"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ['14:15 the booking link of "Course 2" on line 14 is that of "Course 1" on line 12'],
            courses("https://example.org/a", "https://example.org/a/", "https://example.org/b"),
        ),
        ([], courses("https://example.org/a", "https://example.org/a", "https://example.org/a")),
        ([], courses("https://example.org/a", "https://example.org/b")),
        ([], courses("https://example.org/a", "https://example.org/a").replace("Course 2", "Course 1")),
        (
            ['9:9 "Safer day" on line 9 stands on line 7 already, on the same day'],
            diary("10 February 2026 - Safer day", "11 February 2026 - Safer day", "Tuesday 10 Feb 2026 - Safer day"),
        ),
        ([], diary("10 February 2026, 9am - Safer day", "10 February 2026, 2pm - Safer day")),
    ],
)  # fmt: skip
def test_repeated_entry(expected: list[str], text: str) -> None:
    """Two courses with one link and an entry that stands twice are told of with both lines; a page for all is not."""
    assert expected == told(text, "N137")


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
