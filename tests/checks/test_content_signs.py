"""The checks of content: signs that readers should not see, such as merge fields, bullets, HTML and broken letters."""

from __future__ import annotations

import pytest
from checks.bench import article, minded, remarks, told


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
