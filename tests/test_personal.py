"""Personal data: found however it is written, and never repeated by anything that is told of a file."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from checks.bench import DAY, Example, found
from conftest import NEWSLETTER_YAML
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.build import build
from newsletter.cli import cli
from newsletter.config import open_workspace
from newsletter.errors import ContentError
from newsletter.personal import Mask, Private, find, mask, private_words
from newsletter.reports import as_dict
from newsletter.review import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE = {
    "NHS number": "999 000 0018",
    "National Insurance number": "AB 12 34 56 C",
    "date of birth": "born on 3 April 2015",
    "mobile number": "07700 900123",
    "personal mail address": "jo.bloggs83@gmail.com",
    "home address": "Jane Smith, 4 Elm Road, LS7 4AB",
    "detail of a case": "Child K, aged 7",
}
VEILS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "in a link": lambda text: quote(text, safe=""),
    "twice in a link": lambda text: quote(quote(text, safe=""), safe=""),
    "entities": lambda text: "".join(sign if sign.isalnum() else f"&#{ord(sign)};" for sign in text),
    "entities without an end": lambda text: "".join(f"&#{ord(sign)}" for sign in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(sign):x};" for sign in text),
    "no-break spaces": lambda text: text.replace(" ", "\N{NO-BREAK SPACE}"),
    "zero width": "\N{ZERO WIDTH SPACE}".join,
    "soft hyphens": "\N{SOFT HYPHEN}".join,
    "full width": lambda text: "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else sign for sign in text),
    "Arabic figures": lambda text: "".join(chr(0x660 + int(sign)) if sign.isdigit() else sign for sign in text),
    "YAML escapes": lambda text: "".join(f"\\x{ord(sign):02x}" for sign in text),
    "Markdown escapes": lambda text: "".join(f"\\{sign}" if sign in "@.,+" else sign for sign in text),
    "bold": lambda text: " ".join(f"**{word}**" for word in text.split(" ")),
    "broken lines": lambda text: text.replace(" ", "\n      "),
    "a comment": lambda text: text.replace(" ", "\n      # "),
}
# Where it may stand, with a fault of another kind in many of these lines; {} is where.
BODY = "subject: January 2026\nsections:\n  - type: article\n    title: What changed\n    body: |\n      "
SPOTS = [
    "subject: {}\nsections: []\n",
    "subject: 'It is {}'\npreheader: It is it is {}\nsections: []\n",
    "subject: {}: again\nsections: []\n",
    "# {}\nsections: []\nsubjekt: x\n",
    "subject: January # {}\nsections: []\n",
    "subject: January #{}\nsections: []\n",
    "subject: January\n{}: x\nsections: []\n",
    "subject: January\ntilte: {}\nsections: []\n",
    "subject: January\n\tpreheader: {}\nsections: []\n",
    "subject: January\nsubject: {}\n",
    "subject: &a {}\nsections: *a\n",
    "subject: [{}]\nsections: {{a: {}}}\n",
    'subject: "{}"\nsections: [}\n',
    "subject: x\ndraft: {}\nsections: {}\n",
    "sections:\n  - {}\n  - type: {}\n    title: {}\n",
    "sections:\n - type: article\n   title: {}\n   body: the the {} ![{}](x.png)\n   image: {{src: {}, alt: {}}}\n",
    BODY + "The the {} is TODO. [here](https://{}/) and [{}](http://example.org/{})\n",
    BODY + "[{}](javascript:{}) [x](mailto:{}) [y](tel:{}) <b>{}</b>\n",
    BODY + "# {}\n      ### {}\n      10th February, {}\n{} \n",
    BODY + "x\n    links:\n      - {{text: {}, url: 'mailto:{}'}}\n      - {{text: here, url: 'ftp:{}'}}\n",
    BODY + "x\n    linsk: {}\n    {}: y\n",
    BODY + "x\ncheck-ignore:\n  - {{code: N101, text: '{}', why: '{}'}}\n  - N999 {}\n",
    BODY + "x\ncheck-ignore:\n  - {{code: N151, text: '{}', why: x}}\n  - {{code: N154, text: '{}', why: x}}\n",
    "sections:\n - type: diary\n   title: x\n   dates:\n    - Wednesday 10 February 2026 - {}\n    - {} - {}\n",
    "sections:\n - type: diary\n   title: x\n   dates:\n    - 31 February 2026, {}\n    - {{when: {}, what: {}}}\n",
    "sections:\n - type: training\n   title: x\n   courses:\n   - title: {}\n     sessions:\n     - 3/2/2026, {}\n",
    "sections:\n - type: training\n   title: x\n   courses:\n   - title: {}\n     book: {}\n     sessions: [{}]\n",
    "sections:\n - type: links\n   title: >\n      {}\n   links:\n    - text: {}\n      url: https://u:{}@h/\n",
    "subject: >-\n  xx {}\n - {}\nsections: []\n",
    "{}",
    "\ufeff{}\r\nsubject: \x07{}\r\n",
]


@pytest.mark.parametrize("kind", PRIVATE)
@pytest.mark.parametrize("veil", VEILS)
def test_data_is_found_behind_every_veil(kind: str, veil: str) -> None:
    """However a text is written that a reader reads as personal data, it is found, and starred out whole."""
    text = f"See {VEILS[veil](PRIVATE[kind])} (new)"
    assert kind in {one.kind for one in find(text)}
    assert [] == [words for words in private_words(PRIVATE[kind]) if letters(words) in letters(mask(text))]


def letters(text: str) -> str:
    """Return the letters and figures of *text*, undone from links, entities, escapes, full width and capitals."""
    plain = unescape(unescape(unquote(unquote(text))))
    return "".join(sign for sign in normalize("NFKC", plain).casefold() if sign.isalnum())


def test_find_yields_kinds_in_the_order_of_the_text() -> None:
    """What is found is told by where it begins, with its kind, over many lines at once."""
    text = "note: jo@gmail.com\n  # 07700\n  # 900123\nids: 999 000 0018,AB123456C\n"
    places = [("personal mail address", "jo@gmail.com"), ("mobile number", "07700\n  # 900123")]
    places += [("NHS number", "999 000 0018"), ("National Insurance number", "AB123456C")]
    expected = [Private(kind, text.index(words), text.index(words) + len(words)) for kind, words in places]
    assert expected == [*find(text)]


def test_a_masked_text_keeps_its_blanks_and_its_length() -> None:
    """Stars stand for signs one for one, so that a caret below still points at the right column."""
    assert "Call ***** ******, or 0113 496 0000" == mask("Call 07700 900123, or 0113 496 0000")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("on *** *** ****", "on 999 000 0018"),
        ("on *** ***", "on 999 000"),
        ("on ****", "on 0018"),
        ("****... on", "9990... on"),
        ("line 999", "line 999"),
        ('"* *** ****..."', '"4 ELM Road..."'),
        ("**** ***** of Leeds", "Jane Smith of Leeds"),
        ("by Jane of Leeds", "by Jane of Leeds"),
        ("Friday * ***** ****", "Friday 3 April 2015"),
        ("**** ** **", "2015 04 03"),
        ("******** or ****** or ********", "3/4/2015 or 3.4.15 or 20150403"),
        ("***** *** ****, the *** ** ***** ****", "April 3rd 2015, the 3rd of April 2015"),
        ("Friday 3 April", "Friday 3 April"),
        ("3 April 2026, April 2015", "3 April 2026, April 2015"),
        ("in 2015", "in 2015"),
        ("aged 7", "aged 7"),
        ("from *** *** again", "from LS7 4AB again"),
    ],
)
def test_pieces_of_known_data_are_starred_out_too(expected: str, text: str) -> None:
    """What is known to be private is recognised in pieces and other marks, when the piece tells enough."""
    known = ["999 000 0018", "Jane Smith, 4 Elm Road, LS7 4AB", "3 April 2015"]
    assert expected == Mask(known)(text)


def told_of(source: bytes) -> str:
    """Return all that is told of an issue that reads *source*: as text, and as JSON."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "issues").mkdir()
        (root / "newsletter.yaml").write_text(dedent(NEWSLETTER_YAML), "utf-8")
        (root / "issues/2026-01.yaml").write_bytes(source)
        try:
            findings, words = build(open_workspace(root), "2026-01", on=DAY).findings, ""
        except ContentError as error:
            findings, words = error.findings, f"{error} {error.hint}"
    as_json = json.dumps([as_dict(finding) for finding in findings], ensure_ascii=False)
    return "\n".join([words, as_json, *map(str, findings)])


def test_a_number_that_holds_a_date_is_a_number_too() -> None:
    """What reads as a day in the middle is starred out as the whole that it is, in any marks."""
    assert '"************"' == Mask(["AB 12 03 56 C"])('"A?B?12 0356C"').replace(" ", "*")
    told = told_of("subject: January\n{}: x\nsections: []\n".format("\N{SOFT HYPHEN}".join("AB 12 03 56 C")).encode())
    assert "ab120356c" not in letters(told)


@settings(max_examples=80)
@given(
    kind=st.sampled_from(sorted(PRIVATE)),
    veil=st.sampled_from(sorted(VEILS)),
    spot=st.sampled_from(SPOTS),
    lead=st.sampled_from(["", "See ", "a: ", "- ", "the the ", "x" * 60 + " ", "Wednesday 10 February 2026 "]),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]),
)
def test_nothing_told_of_a_file_repeats_its_personal_data(
    kind: str, veil: str, spot: str, lead: str, encoding: str
) -> None:
    """Wherever personal data stands in a file, and whatever else is wrong there, nothing that is told has it."""
    source = spot.replace("{{", "\0").replace("}}", "\1").replace("{}", lead + VEILS[veil](PRIVATE[kind]))
    told = told_of(source.replace("\0", "{").replace("\1", "}").encode(encoding, "ignore"))
    for words in {*private_words(f"{PRIVATE[kind]} ")}:
        assert letters(words) not in letters(told)


def test_another_issue_that_is_quoted_does_not_repeat_its_data_either() -> None:
    """A finding that quotes another issue stars out what only that issue shows to be private."""
    diary = "sections:\n  - type: diary\n    title: Dates\n    dates:\n      - {} February 2026 - Safer Internet Day\n"
    others = {"2025-12": diary.format(9) + "# A parent of the team has DOB 09/02/2026.\n"}
    [finding] = found(Example(diary.format(10), others=others), "N111")
    assert "but Monday * ******** **** in issues/2025-12.yaml:5." == finding.hint.splitlines()[1]


def test_a_date_of_birth_leaves_the_other_days_of_an_issue_readable() -> None:
    """Of a date of birth no piece is starred: a finding about the same day of another year says which day it means."""
    diary = "sections:\n  - type: diary\n    title: Dates\n    dates:\n      - Friday 12 March 2026 - Forum\n"
    [finding] = found(Example(diary + "# Sam, dob 12/03/2017\n"), "N101")
    assert finding.message.startswith("Friday 12 March 2026 is a Thursday")
    assert "Thursday 12 March 2026" in finding.hint
    assert "- Friday 12 March 2026 - Forum" == finding.excerpt.strip()


BIRTHDAY = """
    subject: Party on 3 February 2015
    preheader: From 03/02/2015 to now
    sections:
      - type: article
        title: What February 3, 2015 was like
        body: DOB 3 February 2015
    check-ignore:
      - {code: N153, text: "3 February 2015", why: "It is made up, for this test"}
"""


def test_words_told_beside_the_findings_are_starred_out_as_the_findings_are(
    workspace: Path, write_issue: Callable[..., Path]
) -> None:
    """What the file shows to be private is starred in its subject, preheader and titles too, in whatever spelling."""
    write_issue(BIRTHDAY)
    expected = Shown("Party on * ******** ****", "From ********** to now", ("What ******** ** **** was like",))
    assert expected == build(open_workspace(workspace), "2026-01", on=DAY).shown


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "check --format json",
        "check --format github",
        "check --format sarif",
        "build",
        "build --json",
        "send --list practitioners --dry-run",
        "send --list practitioners --dry-run --json",
    ],
)
@pytest.mark.parametrize("is_excused", [True, False])
def test_no_command_repeats_a_date_of_birth(
    *,
    command: str,
    is_excused: bool,
    workspace: Path,
    write_issue: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whichever command is given, and whether the date is excused or stops it, none of its spellings is printed."""
    write_issue(BIRTHDAY if is_excused else BIRTHDAY.partition("    check-ignore")[0])
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit):
        cli.main(command.split())
    told = "".join(capsys.readouterr())
    tells_subject = not command.endswith(("github", "sarif"))  # those tell findings only
    assert tells_subject == ("Party on * ******** ****" in told)
    spellings = ("3 February 2015", "03/02/2015", "February 3, 2015")
    assert [] == [words for words in spellings if letters(words) in letters(told)]


def test_an_error_in_newsletter_yaml_stars_out_personal_data(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line of a key that nothing reads is shown with stars for the mobile number in it."""
    with (workspace / "newsletter.yaml").open("a", encoding="utf-8") as stream:
        stream.write("phone: Call Sam on 07700 900123\n")
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit):
        cli.main(["check"])
    told = "".join(capsys.readouterr())
    assert "    phone: Call Sam on ***** ******\n    ^\n" in told
    assert "900123" not in told
